use proptest::prelude::*;

use super::*;

const SECOND: usize = SAMPLE_RATE as usize;

#[test]
fn times_are_those_of_the_call() {
    let mut window = Window::default();
    assert!(window.is_empty());
    window.add(5 * 16_000, &vec![0.0; 2 * SECOND]);
    window.add(60 * 16_000, &vec![0.0; 3 * SECOND]);
    assert_eq!(window.place(500..900), 5_500..5_900);
    assert_eq!(window.place(2_000..2_500), 60_000..60_500);
    // Over the joint: to where most of it is.
    assert_eq!(window.place(1_000..2_300), 6_000..7_000);
    assert_eq!(window.place(1_500..2_300), 60_000..60_300);
    // After the end.
    assert_eq!(window.place(4_900..9_000), 62_900..63_000);
}

#[test]
fn it_is_full_at_thirty_seconds() {
    let mut window = Window::default();
    assert!(window.has_room(29 * SECOND));
    window.add(0, &vec![0.0; 29 * SECOND]);
    assert!(!window.has_room(SECOND));
    assert!(window.samples().len() <= 30 * SECOND);
}

proptest! {
    #[test]
    fn a_time_is_within_a_stretch_and_never_before_an_earlier_one(
        pieces in prop::collection::vec((0..50_000_u64, 1..5_000_usize), 1..20),
        mut times in prop::collection::vec(0..40_000_u64, 2..20),
    ) {
        let (mut window, mut places, mut at) = (Window::default(), Vec::new(), 0);
        for (pause, length) in pieces {
            at += pause;
            window.add(at * 16, &vec![0.0; length * 16]);
            places.push(at..at + length as u64);
            at += length as u64;
        }
        times.sort_unstable();
        let mut before = 0;
        for pair in times.windows(2) {
            let place = window.place(pair[0]..pair[1]);
            prop_assert!(place.start <= place.end);
            prop_assert!(places.iter().any(|p| p.start <= place.start && place.end <= p.end));
            prop_assert!(place.end >= before);
            before = place.end;
        }
    }
}
