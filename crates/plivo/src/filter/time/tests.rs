use proptest::prelude::*;

use super::*;

const MINUTE: u64 = 60_000_000;
const SECOND: u64 = 1_000_000;

#[track_caller]
fn check(text: &str, micros: i64, precision: u64) {
    let time = Time::from_micros(micros);
    let precision = Duration::from_micros(precision);
    assert_eq!(read(text), Some(Written { time, precision }), "{text}");
}

#[test]
fn a_time_is_as_precise_as_it_was_written() {
    check("2024-01-01 01:02", 1_704_070_920_000_000, MINUTE);
    check("2024-01-01 01:02:03", 1_704_070_923_000_000, SECOND);
    check("2024-01-01 01:02:03.0", 1_704_070_923_000_000, 1);
    check("2024-01-01 01:02:03.5", 1_704_070_923_500_000, 1);
    check("2024-01-01 01:02:03.000456", 1_704_070_923_000_456, 1);
    check("2024-01-01 00:00", 1_704_067_200_000_000, MINUTE);
}

#[test]
fn iso_8601_and_our_own_times_can_be_pasted() {
    check("2024-01-01T01:02", 1_704_070_920_000_000, MINUTE);
    check("2024-01-01T01:02:03Z", 1_704_070_923_000_000, SECOND);
    check("2024-01-01 01:02:03+00:00", 1_704_070_923_000_000, SECOND);
    check("2024-01-01 01:02:03.000456+00:00", 1_704_070_923_000_456, 1);
    check("2024-01-01 01:02:03.000456 00:00", 1_704_070_923_000_456, 1);
    check("2024-01-01 00:00 00:00", 1_704_067_200_000_000, MINUTE);
    check("2024-01-01 00:00Z", 1_704_067_200_000_000, MINUTE);
}

#[test]
fn the_calendar_is_right_at_its_corners() {
    check("1970-01-01 00:00:00", 0, SECOND);
    check("9999-12-30 21:59:59.999999", 253_402_207_199_999_999, 1);
    check("2024-02-29 00:00", 1_709_164_800_000_000, MINUTE);
    check("2000-02-29 00:00", 951_782_400_000_000, MINUTE);
}

#[test]
fn what_is_not_on_the_calendar_or_not_in_the_form_is_refused() {
    let bad = [
        "",
        "2024",
        "2024-01-01",
        "2024-01-01 ",
        "2024-01-01 01",
        "2024-01-01 1:02",
        "2024-01-01 01:02:",
        "2024-01-01 01:02:3",
        "2024-01-01 01:02:03.",
        "2024-01-01 01:02:03.1234567",
        "2024-01-01 01:02:03.12x",
        "2024-01-01 01:02.5",
        "2024-01-01  01:02",
        " 2024-01-01 01:02",
        "2024-01-01 01:02 ",
        "2024-01-01t01:02",
        "2024-01-01 01:02z",
        "2024-01-01 01:02:03+01:00",
        "2024-01-01 01:02:03+0000",
        "2024-01-01 01:02:03-00:00",
        "2024-01-01 01:02:03 01:00",
        "2024-01-01 24:00",
        "2024-01-01 23:60",
        "2024-01-01 23:59:60",
        "2023-02-29 00:00",
        "1900-02-29 00:00",
        "2100-02-29 00:00",
        "2024-02-30 00:00",
        "2024-04-31 00:00",
        "2024-00-01 00:00",
        "2024-13-01 00:00",
        "2024-01-00 00:00",
        "2024-01-32 00:00",
        "1969-12-31 23:59",
        "0000-01-01 00:00",
        "10000-01-01 00:00",
        "-024-01-01 00:00",
        "2024/01/01 00:00",
        "24-01-01 00:00",
        "1704070923",
        "２０２４-01-01 00:00",
        "2024-01-01\u{a0}00:00",
        "now",
    ];
    for text in bad {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_time_is_written_with_six_digits() {
    let check = |micros, expected| assert_eq!(write(Time::from_micros(micros)), expected);
    check(0, "1970-01-01 00:00:00.000000+00:00");
    check(1_596_644_115_852_059, "2020-08-05 16:15:15.852059+00:00");
    check(i64::MAX, "9999-12-30 21:59:59.999999+00:00");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(micros in 0..=253_402_300_799_999_999_i64) {
        let time = Time::from_micros(micros);
        let expected = Some(Written { time, precision: Duration::from_micros(1) });
        let text = write(time);
        prop_assert_eq!(read(&text), expected);
        prop_assert_eq!(read(&text.replace('+', " ")), expected);
        prop_assert_eq!(read(text.trim_end_matches("+00:00")), expected);
    }

    #[test]
    fn no_text_makes_it_panic(
        text in "\\PC{0,40}|[0-9]{4}(-[0-9]{2}){2}[ T][0-9]{2}(:[0-9]{2}){1,2}(\\.[0-9]{0,8})?Z?",
    ) {
        if let Some(Written { time, .. }) = read(&text) {
            prop_assert_eq!(&write(time)[..10], &text[..10]);
        }
    }
}
