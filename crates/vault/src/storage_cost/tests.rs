use super::*;

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// What the last month cost, for a recording of one minute.
fn charge(added: &str, now: &str) -> String {
    Prices::default().storage(seconds(60.0), time(added), time(now)).last_month.to_string()
}

#[test]
fn the_billed_length_is_the_nearest_minute_and_at_least_one() {
    for (length, billed) in [
        (0.001, 60),
        (29.9, 60),
        (59.9, 60),
        (60.0, 60),
        (61.0, 60),
        (89.999_999, 60),
        (90.0, 120),
        (149.999_999, 120),
        (150.0, 180),
        (345.1, 360),
        (86_400.0, 86_400),
    ] {
        let cost = Prices::default().storage(
            seconds(length),
            time("2024-01-01T00:00:00Z"),
            time("2024-01-01T00:00:00Z"),
        );
        assert_eq!(cost.rounded_duration.as_secs(), billed, "{length} s");
    }
}

#[test]
fn the_storage_day_starts_at_one_and_grows_every_24_hours() {
    // The dates are of Plivo's support article: added on March 16.
    let added = "2024-03-16T10:00:00Z";
    for (now, day) in [
        ("2024-03-16T10:00:00Z", 1),
        ("2024-03-17T09:59:59.999999Z", 1),
        ("2024-03-17T10:00:00Z", 2),
        ("2024-03-31T10:00:00Z", 16),
        ("2024-04-30T10:00:00Z", 46),
        ("2024-06-13T10:00:00Z", 90),
        ("2024-06-29T10:00:00Z", 106),
        ("2024-03-16T09:59:59Z", 1), // a clock that went back
    ] {
        assert_eq!(
            Prices::default().storage(seconds(1.0), time(added), time(now)).days,
            day,
            "{now}"
        );
    }
}

#[test]
fn nothing_is_charged_until_a_month_ends_after_the_ninetieth_day() {
    let added = "2024-03-16T10:00:00Z"; // day 91 begins on June 14 at 10:00
    assert_eq!(charge(added, "2024-06-14T09:59:59Z"), "0");
    assert_eq!(charge(added, "2024-06-14T10:00:00Z"), "0"); // paid storage, not billed yet
    assert_eq!(charge(added, "2024-06-30T23:59:59.999999Z"), "0");
    assert_eq!(charge(added, "2024-07-01T00:00:00Z"), "0.0004");
    assert_eq!(charge(added, "2024-07-31T23:59:59Z"), "0.0004");
    assert_eq!(charge(added, "2025-07-31T23:59:59Z"), "0.0004");
}

#[test]
fn the_ninetieth_day_is_free_at_the_month_end_and_the_ninety_first_is_not() {
    // 90 whole days before 2024-04-01T00:00:00Z is 2024-01-02T00:00:00Z.
    assert_eq!(charge("2024-01-02T00:00:00Z", "2024-04-01T00:00:00Z"), "0.0004");
    assert_eq!(charge("2024-01-02T00:00:01Z", "2024-04-01T00:00:00Z"), "0");
    assert_eq!(charge("2024-01-01T23:59:59Z", "2024-04-01T00:00:00Z"), "0.0004");
    assert_eq!(charge("2024-01-02T00:00:00Z", "2024-03-31T23:59:59.999999Z"), "0");
}

#[test]
fn a_leap_day_counts() {
    // February 2024 has 29 days: from December 2 to March 1 is exactly 90 days.
    assert_eq!(charge("2023-12-02T00:00:00Z", "2024-03-01T00:00:00Z"), "0.0004");
    assert_eq!(charge("2023-12-02T00:00:01Z", "2024-03-01T00:00:00Z"), "0");
    // February 2025 has 28, so a day is missing.
    assert_eq!(charge("2024-12-02T00:00:00Z", "2025-03-01T00:00:00Z"), "0");
    assert_eq!(charge("2024-12-01T00:00:00Z", "2025-03-01T00:00:00Z"), "0.0004");
    // Billed on the leap day's eve and after it, not on it.
    assert_eq!(charge("2023-11-30T12:00:00Z", "2024-02-29T23:59:59Z"), "0");
    assert_eq!(charge("2023-11-30T12:00:00Z", "2024-03-01T00:00:00Z"), "0.0004");
}

#[test]
fn the_price_and_the_free_days_are_what_they_are_set_to() {
    let prices = Prices {
        storage_per_minute_month: "0.05".parse().unwrap(),
        free_days: 0,
        ..Prices::default()
    };
    let cost =
        prices.storage(seconds(345.1), time("2024-01-31T23:59:59Z"), time("2024-02-01T00:00:00Z"));
    assert_eq!(cost.rate.to_string(), "0.05");
    assert_eq!(cost.last_month.to_string(), "0.3");
    let same_moment =
        prices.storage(seconds(1.0), time("2024-02-01T00:00:00Z"), time("2024-02-01T00:00:00Z"));
    assert_eq!(same_moment.last_month.to_string(), "0.05");
    let later =
        prices.storage(seconds(1.0), time("2024-02-01T00:00:01Z"), time("2024-02-01T00:00:02Z"));
    assert_eq!(later.last_month, Money::ZERO);
}
