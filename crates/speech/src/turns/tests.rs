use proptest::prelude::*;

use super::*;

fn word(text: &str, speaker: u16, start_ms: u64, end_ms: u64) -> Word {
    let word = text.to_owned();
    Word { word, start_ms, end_ms, confidence: 1.0, channel: speaker, speaker }
}

fn told(words: &[Word]) -> Vec<(u16, u64, u64, String)> {
    turns(words, &vec![1.0; words.len()], "en")
        .into_iter()
        .map(|turn| (turn.speaker, turn.start_ms, turn.end_ms, turn.text))
        .collect()
}

#[test]
fn a_turn_ends_with_its_speaker_or_a_pause() {
    let words = [
        word("Good", 0, 0, 300),
        word("day.", 0, 320, 700),
        word("Hello.", 1, 900, 1_200),
        word("Well,", 0, 1_900, 2_000),
        word("bye.", 0, 3_500, 3_900),
    ];
    let turn = |speaker, start, end, text: &str| (speaker, start, end, text.to_owned());
    assert_eq!(
        told(&words),
        [
            turn(0, 0, 700, "Good day."),
            turn(1, 900, 1_200, "Hello."),
            turn(0, 1_900, 2_000, "Well,"),
            turn(0, 3_500, 3_900, "bye."),
        ]
    );
}

#[test]
fn who_talks_on_is_not_interrupted() {
    let words = [
        word("and", 0, 0, 300),
        word("yes", 1, 250, 500),
        word("then", 0, 350, 600),
        word("yes", 1, 550, 800),
    ];
    assert_eq!(
        told(&words),
        [(0, 0, 600, "and then".to_owned()), (1, 250, 800, "yes yes".to_owned())]
    );
}

#[test]
fn what_is_written_without_spaces_stays_so() {
    let words = [word("日", 0, 0, 100), word("本。", 0, 100, 200)];
    assert_eq!(turns(&words, &[0.5, 1.0], "ja")[0].text, "日本。");
    let confidence = turns(&words, &[0.5, 1.0], "ja")[0].confidence;
    assert!((confidence - 0.75).abs() < 1e-6);
}

proptest! {
    #[test]
    fn each_word_is_in_one_turn_of_its_speaker(
        spoken in prop::collection::vec((0..3_u16, 0..2_000_u64, 0..900_u64), 0..60)
    ) {
        let (mut words, mut at) = (Vec::new(), 0);
        for (nth, (speaker, pause, length)) in spoken.into_iter().enumerate() {
            at += pause;
            words.push(word(&format!("w{nth}"), speaker, at, at + length));
        }
        let turns = turns(&words, &vec![1.0; words.len()], "en");
        prop_assert!(turns.is_sorted_by_key(|turn| turn.start_ms));
        for speaker in 0..3 {
            let of = |turn: &&Turn| turn.speaker == speaker;
            let told: Vec<_> = turns.iter().filter(of).flat_map(|turn| turn.text.split(' ')).collect();
            let own = words.iter().filter(|word| word.speaker == speaker);
            prop_assert_eq!(told, own.map(|word| &word.word[..]).collect::<Vec<_>>());
        }
    }
}
