use proptest::prelude::*;

use super::*;

#[track_caller]
fn read(name: &str, value: &str) -> RecordingFilter {
    let mut filter = RecordingFilter::default();
    assert!(condition(&mut filter, name, value).unwrap(), "{name}={value}");
    filter
}

#[track_caller]
fn refused(name: &str, value: &str, why: &str) {
    let error = condition(&mut RecordingFilter::default(), name, value).unwrap_err();
    assert_eq!(error.to_string(), why, "{name}={value}");
}

#[test]
fn each_condition_goes_to_its_place() {
    let some = |text: &str| Some(text.to_owned());
    let none = RecordingFilter::default;
    for (name, value, expected) in [
        (
            "call_direction",
            "INBOUND",
            RecordingFilter { direction: Some(Direction::Inbound), ..none() },
        ),
        (
            "call_direction",
            "outbound",
            RecordingFilter { direction: Some(Direction::Outbound), ..none() },
        ),
        (
            "call_direction",
            "Intra_PBX",
            RecordingFilter { direction: Some(Direction::Internal), ..none() },
        ),
        ("call_id", "c-1", RecordingFilter { call_uuid: some("c-1"), ..none() }),
        (
            "caller_id",
            "17325550100",
            RecordingFilter { from_number: some("17325550100"), ..none() },
        ),
        (
            "caller_id",
            " 17325550100",
            RecordingFilter { from_number: some("17325550100"), ..none() },
        ),
        ("dnis", "+1732", RecordingFilter { to_number: some("+1732"), ..none() }),
        ("cnam", "JOHN SMITH", RecordingFilter { cnam: some("JOHN SMITH"), ..none() }),
        ("extension", "999", RecordingFilter { extension: some("999"), ..none() }),
    ] {
        assert_eq!(read(name, value), expected, "{name}={value}");
    }
    let mut filter = none();
    for name in ["", "page", "Call_Id", "duration", "start", "start:gt", "rule", "duration:eq"] {
        assert!(!condition(&mut filter, name, "x").unwrap(), "{name}");
    }
    assert_eq!(filter, none());
}

#[test]
fn a_duration_agrees_with_what_is_shown() {
    let micros = |span: Option<Duration>| span.map(|span| span.as_micros());
    assert_eq!(micros(read("duration:gte", "60000").duration_from), Some(59_999_500));
    assert_eq!(micros(read("duration:gte", "0").duration_from), Some(0));
    assert_eq!(micros(read("duration:lte", "60000").duration_until), Some(60_000_500));
    assert_eq!(micros(read("duration:lte", "0").duration_until), Some(500));
    let largest = read("duration:lte", "18446744073709551615").duration_until.unwrap();
    assert_eq!(largest, Duration::from_millis(u64::MAX) + HALF);
    for value in ["-1", "1.5", "1e3", "60s", "+1", " 1", "18446744073709551616"] {
        refused("duration:gte", value, "duration:gte must be a whole number of milliseconds");
    }
}

#[test]
fn a_start_agrees_with_what_is_shown() {
    let time = |text: &str| Some(text.parse::<Time>().unwrap());
    let from = |value| read("start:gte", value).started_from;
    let until = |value| read("start:lte", value).started_until;
    assert_eq!(from("2019-01-01T00:00:00+0000"), time("2019-01-01T00:00:00Z"));
    assert_eq!(from("2019-01-01T00:00:00.123Z"), time("2019-01-01T00:00:00.123Z"));
    assert_eq!(until("2019-01-01T00:00:00+0000"), time("2019-01-01T00:00:01Z"));
    assert_eq!(until("2019-01-01T00:00:00.999Z"), time("2019-01-01T00:00:01Z"));
    assert_eq!(until("1969-12-31T23:59:58Z"), time("1970-01-01T00:00:00Z"), "nothing is before");
    let why = "start:lte must be a time, written YYYY-MM-DDTHH:MM:SS+0000";
    refused("start:lte", "last week", why);
}

#[test]
fn there_are_three_directions() {
    let why = "call_direction must be INBOUND, OUTBOUND or INTRA_PBX";
    for value in ["SIDEWAYS", "inbound ", "INTERNAL", "ınbound"] {
        refused("call_direction", value, why);
    }
}

proptest! {
    #[test]
    fn a_duration_is_within_its_own_bounds_alone(micros in 0_u64..10_000_000_000) {
        let shown = (micros + 500) / 1_000;
        let holds = |name: &str, millis: u64| {
            let filter = read(name, &millis.to_string());
            let span = Duration::from_micros(micros);
            filter.duration_from.is_none_or(|from| span >= from)
                && filter.duration_until.is_none_or(|until| span < until)
        };
        prop_assert!(holds("duration:gte", shown) && holds("duration:lte", shown));
        prop_assert!(!holds("duration:gte", shown + 1));
        prop_assert!(shown == 0 || !holds("duration:lte", shown - 1));
    }

    #[test]
    fn no_value_makes_it_panic(name in "(call_direction|duration:[gl]te|start:[gl]te|cnam)", value in "\\PC{0,40}") {
        let _ = condition(&mut RecordingFilter::default(), &name, &value);
    }
}
