//! Moments as calendars write them.

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use vault::Time;

/// The moment's date and time of day in UTC, over the whole range of [`Time`].
///
/// The calendar library's own timestamps end a day before the year 9999 does, so this counts from
/// 1970 by hand.
pub fn civil(time: Time) -> DateTime {
    date(1970, 1, 1).at(0, 0, 0, 0).saturating_add(SignedDuration::from_micros(time.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_moment_have_a_date() {
        let check = |micros, expected: &str| {
            assert_eq!(civil(Time::from_micros(micros)).to_string(), expected);
        };
        check(0, "1970-01-01T00:00:00");
        check(1_709_164_800_000_001, "2024-02-29T00:00:00.000001");
        check(i64::MAX, "9999-12-31T23:59:59.999999");
    }
}
