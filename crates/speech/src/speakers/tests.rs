use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::cut::{Cutter, HOP};
use super::model::{CLASSES, FRAMES};
use super::*;

/// `samples/dialogue.wav`, two readers in turn, each sample doubled from 8 to 16 kHz.
fn dialogue() -> Vec<f32> {
    let bytes = include_bytes!("../../../../samples/dialogue.wav");
    let start = bytes.windows(4).position(|name| name == b"data").unwrap() + 8;
    bytes[start..].iter().flat_map(|law| [mu_law(!law); 2]).collect()
}

/// ITU-T G.711, after its bits were inverted.
fn mu_law(law: u8) -> f32 {
    let size = (((i32::from(law & 15) << 3) + 0x84) << (law >> 4 & 7)) - 0x84;
    let size = f32::from(i16::try_from(size).unwrap()) / 32768.0;
    if law & 0x80 == 0 { size } else { -size }
}

/// Where who speaks in it: from and to in ms.
const TURNS: [(u64, u64, u16); 8] = [
    (0, 5_080, 0),
    (5_414, 17_499, 1),
    (18_008, 32_638, 0),
    (32_940, 38_615, 1),
    (39_126, 52_241, 0),
    (53_065, 63_680, 1),
    (64_492, 71_392, 0),
    (72_101, 77_431, 1),
];

fn numbers(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/speakers").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// The models, where `TEST_SPEAKER_MODELS` names their folder.
#[expect(clippy::print_stderr, reason = "to say what was not tested")]
fn models() -> Option<SpeakerModels> {
    let Some(folder) = std::env::var_os("TEST_SPEAKER_MODELS").map(PathBuf::from) else {
        eprintln!("TEST_SPEAKER_MODELS is not set: the models that tell speakers apart not tested");
        return None;
    };
    let find = |names: [&str; 2]| {
        let found = names.map(|name| folder.join(name)).into_iter().find(|path| path.is_file());
        found.unwrap_or_else(|| panic!("none of {names:?} is in {}", folder.display()))
    };
    Some(SpeakerModels {
        segmentation: find(["segmentation.onnx", "seg3.onnx"]),
        embedding: find(["campplus.onnx", "embedding.onnx"]),
    })
}

fn assert_close(ours: &[f32], theirs: &[f32], by: f32) {
    assert_eq!(ours.len(), theirs.len());
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= by, "off by {worst}");
}

fn frames(sound: &[f32]) -> Vec<[f32; BANDS]> {
    let mut fbank = Fbank::new();
    let starts = (0..=sound.len() - fbank::FRAME).step_by(fbank::HOP);
    starts.map(|start| fbank.frame(&sound[start..start + fbank::FRAME])).collect()
}

#[test]
fn the_bands_are_kaldis() {
    let frames = frames(&dialogue()[..WINDOW]);
    let ours: Vec<_> = frames.iter().step_by(100).flatten().copied().collect();
    assert_close(&ours, &numbers("fbank.txt"), 1e-3);
}

#[test]
fn both_models_answer_as_by_onnxruntime() {
    let Some(models) = models() else { return };
    let (segmentation, embedding) = model::load(&models).unwrap();
    let sound = &dialogue()[..WINDOW];

    let window = segmentation.run(sound.to_vec()).unwrap();
    let ours: Vec<_> = window.iter().step_by(20).flatten().map(|log| log.exp()).collect();
    assert_close(&ours, &numbers("segmentation.txt"), 1e-3);

    let voice = embedding.run(&frames(sound)[..300]).unwrap();
    assert_close(&voice, &numbers("embedding.txt"), 1e-3);
}

#[test]
fn two_readers_are_told_apart_and_one_is_one() {
    let Some(models) = models() else { return };
    let sound = dialogue();
    let mut both = Diarizer::new(&models).unwrap();
    for block in sound.chunks(4_321) {
        both.take(block).unwrap();
    }
    let found = both.finish().unwrap();
    assert_eq!(found.speakers, 2);

    // A word each 500 ms of what was read, but for a quarter of a second at its ends.
    let mut words = Vec::new();
    let mut readers = Vec::new();
    for (start, end, reader) in TURNS {
        for start_ms in (start + 250..end - 750).step_by(500) {
            words.push(word(start_ms, start_ms + 500));
            readers.push(reader);
        }
    }
    let sure = found.assign(&mut words);
    let right = words.iter().zip(&readers).filter(|(word, reader)| word.speaker == **reader);
    let share = 100 * right.count() / words.len();
    assert!(share >= 95, "{share} % are right");
    assert!(sure.iter().all(|sure| (0.0..=1.0).contains(sure)));

    let at = |ms: u64| usize::try_from(ms).unwrap() * SAMPLES_A_MS;
    let mut one = Diarizer::new(&models).unwrap();
    for (start, end, _) in TURNS.into_iter().filter(|turn| turn.2 == 1) {
        one.take(&sound[at(start)..at(end)]).unwrap();
    }
    assert_eq!(one.finish().unwrap().speakers, 1);
}

#[test]
fn nothing_and_silence_have_no_speakers() {
    let Some(models) = models() else { return };
    for length in [0, 1, 8_000, 400_000] {
        let mut diarizer = Diarizer::new(&models).unwrap();
        diarizer.take(&vec![0.0; length]).unwrap();
        assert_eq!(diarizer.finish().unwrap(), Diarization::default());
    }
}

#[test]
fn a_file_that_is_no_model_is_named() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let models = SpeakerModels { segmentation: path.clone(), embedding: path };
    let error = Diarizer::new(&models).err().unwrap().to_string();
    assert!(error.contains("Cargo.toml cannot be used"), "{error}");
}

#[test]
fn words_go_to_who_speaks_most_of_them_or_nearest() {
    let spoken =
        |speaker, start_ms, end_ms, confidence| Spoken { speaker, start_ms, end_ms, confidence };
    let turns = vec![spoken(0, 0, 1_000, 0.8), spoken(1, 900, 2_000, 0.9)];
    let found = Diarization { turns, speakers: 2 };
    let mut words = [word(0, 500), word(800, 1_000), word(950, 1_200), word(2_400, 2_500)];
    let sure = found.assign(&mut words);
    assert_eq!(words.each_ref().map(|word| word.speaker), [0, 0, 1, 1]);
    assert_close(&sure, &[0.8, 0.8 * 2.0 / 3.0, 0.9 * 250.0 / 300.0, 0.45], 1e-6);

    assert_eq!(Diarization::default().assign(&mut words), [0.0; 4]);
    assert_eq!(words[3].speaker, 0);
}

fn word(start_ms: u64, end_ms: u64) -> Word {
    let word = "word".to_owned();
    Word { word, start_ms, end_ms, confidence: 1.0, channel: 0, speaker: 9 }
}

#[test]
fn groups_follow_voices_however_many_pieces_there_are() {
    // Three voices, each piece of them with much else in it; more than groups are kept.
    let mut clusters = Clusters::default();
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(i16::try_from(seed >> 17).unwrap()) / 32768.0 - 0.25
    };
    for piece in 0..700 {
        let mut voice: Voice = std::array::from_fn(|_| noise());
        voice[[3, 70, 150][piece % 3]] += 6.0;
        clusters.add(&unit(&voice), 1.5);
    }
    let speakers = clusters.finish();
    let mut loudest: Vec<_> = speakers
        .iter()
        .map(|voice| voice.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0)
        .collect();
    loudest.sort_unstable();
    assert_eq!(loudest, [3, 70, 150]);
}

proptest! {
    #[test]
    fn pieces_are_in_order_and_of_all_that_is_spoken(
        runs in prop::collection::vec((0..CLASSES, 1..400_usize), 1..12),
    ) {
        // The same class for all windows at each frame of the call.
        let call: Vec<usize> =
            runs.iter().flat_map(|&(class, frames)| vec![class; frames]).collect();
        let mut cutter = Cutter::default();
        let mut pieces = Vec::new();
        for start in (0..call.len()).step_by(HOP) {
            let window: Vec<[f32; CLASSES]> = (start..start + FRAMES)
                .map(|frame| {
                    let class = call.get(frame).copied().unwrap_or(0);
                    std::array::from_fn(|i| if i == class { 0.0 } else { -9.0 })
                })
                .collect();
            pieces.extend(cutter.take(start, &window));
        }
        pieces.extend(cutter.finish());

        let mut spoken = vec![false; call.len()];
        let mut last = 0;
        for piece in &pieces {
            prop_assert!(piece.start >= last && piece.end > piece.start);
            prop_assert_eq!(piece.overlap.len(), piece.end - piece.start);
            prop_assert!(piece.end - piece.start < 180);
            last = piece.end;
            for frame in piece.start..piece.end {
                spoken[frame] = true;
                prop_assert_eq!(piece.overlap[frame - piece.start], call[frame] > 3);
            }
        }
        for (frame, class) in call.iter().enumerate() {
            prop_assert_eq!(spoken[frame], *class > 0, "at {}", frame);
        }
    }

    #[test]
    fn grouping_gives_one_to_eight_speakers(
        pieces in prop::collection::vec((0..DIMENSIONS, 0.3..5.0_f32), 1..60),
    ) {
        let mut clusters = Clusters::default();
        for (at, seconds) in &pieces {
            let mut voice = [0.0; DIMENSIONS];
            voice[*at] = 1.0;
            clusters.add(&voice, *seconds);
        }
        let speakers = clusters.finish();
        prop_assert!((1..=8).contains(&speakers.len()));
        prop_assert!(speakers.iter().all(|voice| (dot(voice, voice) - 1.0).abs() < 1e-3));
    }
}
