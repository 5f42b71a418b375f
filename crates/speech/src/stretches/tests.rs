use proptest::prelude::*;

use super::*;

fn stretches(speech: impl IntoIterator<Item = f32>) -> Vec<(u64, u64)> {
    let mut finder = Stretches::default();
    let mut all = Vec::new();
    for speech in speech {
        let before = finder.from();
        let found = finder.take(speech);
        assert!(found.as_ref().is_none_or(|found| found.start >= before));
        all.extend(found);
    }
    all.extend(finder.finish());
    all.into_iter().map(|stretch| (stretch.start, stretch.end)).collect()
}

fn frames(parts: &[(usize, f32)]) -> Vec<f32> {
    parts.iter().flat_map(|(count, speech)| std::iter::repeat_n(*speech, *count)).collect()
}

#[test]
fn speech_is_padded_and_short_pauses_belong_to_it() {
    assert_eq!(stretches(frames(&[(100, 0.0)])), []);
    assert_eq!(stretches(frames(&[(100, 0.1), (30, 0.9), (100, 0.1)])), [(90, 140)]);
    assert_eq!(stretches(frames(&[(30, 0.9), (19, 0.1), (30, 0.9), (5, 0.0)])), [(0, 84)]);
    assert_eq!(
        stretches(frames(&[(30, 0.9), (20, 0.1), (30, 0.9), (50, 0.0)])),
        [(0, 40), (40, 90)]
    );
}

#[test]
fn what_is_likely_goes_on_while_it_is_not_unlikely() {
    assert_eq!(stretches(frames(&[(50, 0.4), (5, 0.6), (50, 0.4), (50, 0.3)])), [(40, 115)]);
    assert_eq!(stretches(frames(&[(200, 0.4)])), []);
    // A click is nothing.
    assert_eq!(stretches(frames(&[(50, 0.0), (2, 0.9), (50, 0.0)])), []);
}

#[test]
fn who_does_not_pause_is_cut_where_it_is_most_quiet() {
    let speech = frames(&[(700, 0.9), (3, 0.4), (1_000, 0.9)]);
    assert_eq!(stretches(speech), [(0, 700), (700, 1_313), (1_313, 1_703)]);
}

proptest! {
    #[test]
    fn they_have_all_speech_in_order_once_and_none_is_too_long(
        parts in prop::collection::vec((1..400_usize, 0.0..1.0_f32), 0..30)
    ) {
        let speech = frames(&parts);
        let found = stretches(speech.iter().copied());
        let mut end = 0;
        for (from, to) in &found {
            prop_assert!(*from >= end && to > from && to - from <= LONGEST);
            end = *to;
        }
        prop_assert!(end <= speech.len() as u64);
        let mut run = 0;
        for (frame, speech) in (0_u64..).zip(speech) {
            run = if speech >= BEGINS { run + 1 } else { 0 };
            if run >= LEAST {
                prop_assert!(found.iter().any(|(from, to)| (*from..*to).contains(&frame)), "{}", frame);
            }
        }
    }
}
