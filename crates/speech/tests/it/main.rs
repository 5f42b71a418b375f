//! The real engine on real sound. `TEST_MODELS_DIR` names the folder with the installed models;
//! without it these tests find nothing to test, which is a failure where `TEST_NO_SKIP` is set.

#![expect(clippy::unwrap_used, reason = "tests")]

mod noises;

use std::fs::File;
use std::path::{Path, PathBuf};

use audio::Limits;
use speech::{Engine, Error, Hints, Models, SAMPLE_RATE, Speakers, Transcriber, Transcript};

fn models() -> Option<Models> {
    let Some(directory) = std::env::var_os("TEST_MODELS_DIR").map(PathBuf::from) else {
        assert!(std::env::var_os("TEST_NO_SKIP").is_none(), "TEST_MODELS_DIR is not set");
        return None;
    };
    let file = |name| directory.join(name);
    let (whisper, vad) = (file("whisper-base.bin"), file("silero-vad.onnx"));
    Some(Models { whisper, vad, speakers: None })
}

/// A sample call: its channels.
fn sample(name: &str) -> Vec<Vec<f32>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name);
    let mut channels = Vec::new();
    let mut sink = |block: &[Vec<f32>]| {
        channels.resize(block.len(), Vec::new());
        channels.iter_mut().zip(block).for_each(|(all, block): (&mut Vec<_>, _)| all.extend(block));
        Ok::<_, audio::Error>(())
    };
    audio::hear(File::open(path).unwrap(), SAMPLE_RATE, &Limits::default(), &mut sink).unwrap();
    channels
}

fn transcript(models: Models, channels: &[Vec<f32>], language: Option<&str>) -> Transcript {
    let hints = Hints { language: language.map(str::to_owned) };
    let count = u16::try_from(channels.len()).unwrap();
    let mut transcriber = Transcriber::new(&Engine::Whisper(models), count, &hints).unwrap();
    let length = channels[0].len();
    for from in (0..length).step_by(7_001) {
        let to = (from + 7_001).min(length);
        let block: Vec<_> = channels.iter().map(|channel| channel[from..to].to_vec()).collect();
        transcriber.take(&block).unwrap();
    }
    let transcript = transcriber.finish().unwrap();
    assert!(transcript.words.is_sorted_by_key(|word| word.start_ms));
    assert!(transcript.words.iter().all(|word| word.start_ms <= word.end_ms));
    assert!(transcript.words.iter().all(|word| (0.0..=1.0).contains(&word.confidence)));
    transcript
}

fn text(transcript: &Transcript) -> String {
    let words: Vec<&str> = transcript.words.iter().map(|word| &word.word[..]).collect();
    words.join(" ")
}

const SECOND: usize = SAMPLE_RATE as usize;

#[test]
fn words_are_heard_with_their_times_and_language() {
    let Some(models) = models() else { return };
    let call = sample("dialogue.wav");
    let first = transcript(models.clone(), &[call[0][..20 * SECOND].to_vec()], None);
    assert_eq!(first.language.as_deref(), Some("en"));
    assert_eq!(first.speakers, Speakers::Unknown);
    assert!(first.words.len() > 30, "{}", text(&first));
    assert!(first.words.last().unwrap().end_ms <= 20_000);
    assert_eq!(
        first.turns.iter().map(|turn| turn.text.split(' ').count()).sum::<usize>(),
        first.words.len()
    );
    // A minute and a half of silence before it changes the times only. In whole frames of the VAD,
    // whose cuts would fall a few milliseconds elsewhere if they were not.
    let silence = 2_813 * 512;
    let mut later = vec![0.0; silence];
    later.extend(&call[0][..20 * SECOND]);
    let later = transcript(models, &[later], Some("en"));
    assert_eq!(text(&later), text(&first));
    for (word, first) in later.words.iter().zip(&first.words) {
        let moved = word.start_ms - first.start_ms;
        assert!(moved.abs_diff((silence * 1_000 / SECOND) as u64) <= 100, "{word:?} {first:?}");
    }
}

#[test]
fn each_channel_is_a_speaker_of_its_own() {
    let Some(models) = models() else { return };
    let call: Vec<_> =
        sample("repair-call.wav").iter().map(|leg| leg[..25 * SECOND].to_vec()).collect();
    let both = transcript(models.clone(), &call, Some("en"));
    assert_eq!(both.speakers, Speakers::Channel);
    for channel in 0..2 {
        let own = transcript(models.clone(), &[call[usize::from(channel)].clone()], Some("en"));
        let of = |transcript: &Transcript| -> Vec<_> {
            let words = transcript.words.iter().filter(|word| word.speaker == word.channel);
            words.map(|word| (word.word.clone(), word.start_ms)).collect()
        };
        let mut only = both.clone();
        only.words.retain(|word| word.channel == channel);
        assert!(!own.words.is_empty());
        assert_eq!(of(&only), of(&own));
    }
}

#[test]
fn half_a_second_is_enough_and_nothing_is_no_error() {
    let Some(models) = models() else { return };
    let call = sample("dialogue.wav");
    transcript(models.clone(), &[call[0][SECOND..SECOND * 3 / 2].to_vec()], None);
    let nothing = transcript(models, &[Vec::new()], None);
    assert_eq!(nothing, Transcript::default());
}

#[test]
fn what_is_not_speech_has_no_words() {
    let Some(models) = models() else { return };
    for (name, sound) in noises::all(100) {
        let heard = transcript(models.clone(), &[sound], None);
        assert_eq!(
            (heard.words.len(), heard.language.as_deref()),
            (0, None),
            "{name}: {}",
            text(&heard)
        );
    }
}

#[test]
fn what_cannot_be_used_is_said() {
    let Some(models) = models() else { return };
    let refusal = |models: Models, language: &str| {
        let hints = Hints { language: Some(language.to_owned()) };
        match Transcriber::new(&Engine::Whisper(models), 1, &hints) {
            Err(error @ (Error::Model { .. } | Error::Language(_))) => error.to_string(),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it was taken"),
        }
    };
    assert_eq!(
        refusal(models.clone(), "tlh"),
        "the speech model does not know the language \"tlh\""
    );
    let vad = Models { vad: models.whisper.clone(), ..models.clone() };
    assert!(refusal(vad, "en").contains("whisper-base.bin cannot be used: "));
    let whisper = Models { whisper: models.vad.clone(), ..models };
    assert!(refusal(whisper, "en").contains("silero-vad.onnx cannot be used: "));
}
