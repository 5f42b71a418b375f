use proptest::prelude::*;

use super::*;

/// The next times after that, by the zone's own clock.
#[track_caller]
fn check(expression: &str, zone: &str, from: &str, expected: &[&str]) {
    let schedule = Schedule::parse(expression, zone).unwrap();
    let mut time: Time = from.parse().unwrap();
    for expected in expected {
        time = schedule.next_after(time).unwrap();
        assert_eq!(time, expected.parse().unwrap(), "{expression} {zone} {expected}: {time}");
    }
}

#[test]
fn sundays_at_three_stay_at_three_when_the_clocks_change() {
    check(
        "0 3 * * 0",
        "Europe/Berlin",
        "2026-03-21T00:00:00Z",
        &[
            "2026-03-22T03:00:00+01:00",
            "2026-03-29T03:00:00+02:00", // two o'clock was skipped
            "2026-04-05T03:00:00+02:00",
        ],
    );
    check(
        "0 3 * * 0",
        "America/New_York",
        "2026-10-30T00:00:00Z",
        &[
            "2026-11-01T03:00:00-05:00", // one o'clock came twice
            "2026-11-08T03:00:00-05:00",
        ],
    );
}

#[test]
fn a_time_that_is_skipped_is_made_up_for_and_one_that_comes_twice_is_run_once() {
    check(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T02:00:00Z",
        &["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    );
    check(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T02:00:00Z",
        &["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    );
}

#[test]
fn month_ends_and_leap_days_come_when_they_come() {
    check(
        "0 0 29 2 *",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
    );
    check(
        "0 0 L * *",
        "UTC",
        "2027-01-31T00:00:00Z",
        &["2027-02-28T00:00:00Z", "2027-03-31T00:00:00Z"],
    );
}

#[test]
fn what_never_comes_or_is_no_schedule_is_refused() {
    let never = Schedule::parse("0 0 30 2 *", "UTC").unwrap();
    assert_eq!(never.next_after("2026-01-01T00:00:00Z".parse().unwrap()), None);
    let five = ("schedule", "must be five fields of cron, as in \"0 3 * * 0\"".to_owned());
    for text in ["", "@weekly", "0 3 * *", "0 0 3 * * 0", "0 3 * * 0 2026"] {
        assert_eq!(Schedule::parse(text, "UTC").unwrap_err(), five, "{text}");
    }
    for text in ["60 3 * * 0", "x 3 * * 0", "0 3 * * 0-", "0 25 * * *", "0 3 0 * *"] {
        let (field, why) = Schedule::parse(text, "UTC").unwrap_err();
        assert!(field == "schedule" && why.starts_with("is no cron expression: "), "{why}");
    }
    for zone in ["", "Mars/Olympus", "../etc/passwd", "+02:00"] {
        assert_eq!(Schedule::parse("0 3 * * 0", zone).unwrap_err().0, "time_zone", "{zone}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_typed_breaks_it(
        fields in prop::collection::vec("[0-9*,/LW#A-Z-]{1,6}", 5),
        zone in "[A-Za-z/_+-]{0,20}",
    ) {
        let now = Time::from_micros(1_800_000_000_000_000);
        let _ = Schedule::parse(&fields.join(" "), &zone);
        if let Ok(schedule) = Schedule::parse(&fields.join(" "), "Europe/London")
            && let Some(next) = schedule.next_after(now)
        {
            prop_assert!(next > now);
        }
    }
}
