use proptest::prelude::*;

use super::*;

fn check(text: &str, seconds: u64) {
    assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
}

fn refuse(text: &str, why: &str) {
    assert_eq!(parse(text), Err(why.to_owned()), "{text}");
}

#[test]
fn every_unit_is_read() {
    check("7d", 7 * 86_400);
    check("12h", 12 * 3_600);
    check("30m", 1_800);
    check("45s", 45);
    check("0d", 0);
    check("36500d", 36_500 * 86_400);
}

#[test]
fn anything_else_is_refused() {
    for text in ["", "7", "d", "-7d", "+7d", "7 d", " 7d", "7d ", "1.5h", "1d12h", "7D", "7w", "٧d"]
    {
        refuse(text, SHAPE);
    }
    for text in ["36501d", "99999999999999999999s", "18446744073709551615d"] {
        refuse(text, "must be at most 36500d");
    }
}

#[test]
fn a_span_is_written_in_its_largest_unit() {
    let written = [0, 1, 60, 90, 3_600, 5_400, 86_400, 129_600, 604_800]
        .map(|seconds| write(Duration::from_secs(seconds)));
    assert_eq!(written, ["0d", "1s", "1m", "90s", "1h", "90m", "1d", "36h", "7d"]);
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(seconds in 0..=LONGEST) {
        let span = Duration::from_secs(seconds);
        prop_assert_eq!(parse(&write(span)), Ok(span));
    }

    #[test]
    fn no_text_panics(text in ".*") {
        let _ = parse(&text);
    }
}
