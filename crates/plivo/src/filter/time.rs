//! Times as Plivo writes them: `2026-11-22 01:02:03.000456`, in UTC.

use std::time::Duration;

use jiff::civil::{self, DateTime, date};
use vault::Time;

/// A time, and the span that it stands for: as precise as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub time: Time,
    /// A minute, a second, or a microsecond if there is any fraction.
    pub precision: Duration,
}

/// Reads `YYYY-MM-DD HH:MM[:ss[.uuuuuu]]`, with one to six digits of fraction, of the years 1970
/// to 9999. There is no 24:00 and no second 60.
///
/// Beyond the vendor's form it takes a `T` for the space, and `Z` or `+00:00` at the end, so that
/// an `add_time` of ours and ISO 8601 can be pasted; a `+` that was not encoded is a space by now.
pub(crate) fn read(text: &str) -> Option<Written> {
    let local = ["Z", "+00:00", " 00:00"].into_iter().find_map(|zone| {
        // A time at midnight ends in ` 00:00` too.
        text.strip_suffix(zone).filter(|local| local.len() >= "YYYY-MM-DD HH:MM".len())
    });
    let text = local.unwrap_or(text).as_bytes();
    let (date, rest) = text.split_at_checked(10)?;
    let (b' ' | b'T', clock) = rest.split_first()? else {
        return None;
    };
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let (minute, second, micro) = (60_000_000, 1_000_000, 1);
    let (h, m, s, fraction, precision) = match *clock {
        [h1, h2, b':', m1, m2] => ([h1, h2], [m1, m2], *b"00", &b"0"[..], minute),
        [h1, h2, b':', m1, m2, b':', s1, s2] => ([h1, h2], [m1, m2], [s1, s2], &b"0"[..], second),
        [h1, h2, b':', m1, m2, b':', s1, s2, b'.', ref fraction @ ..] => {
            ([h1, h2], [m1, m2], [s1, s2], fraction, micro)
        }
        _ => return None,
    };
    let year = i16::try_from(number(&[y1, y2, y3, y4])?).ok().filter(|year| *year >= 1970)?;
    let date = civil::Date::new(year, small([m1, m2])?, small([d1, d2])?).ok()?;
    let clock = civil::Time::new(small(h)?, small(m)?, small(s)?, nanoseconds(fraction)?).ok()?;
    let precision = Duration::from_micros(precision);
    Some(Written { time: moment(date.to_datetime(clock))?, precision })
}

/// Writes a time as `add_time` has it: `2026-11-22 01:02:03.000456+00:00`.
pub(crate) fn write(time: Time) -> String {
    let (date, clock) = (time.civil().date(), time.civil().time());
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00:00",
        date.year(),
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.subsec_nanosecond() / 1000,
    )
}

fn moment(time: DateTime) -> Option<Time> {
    let since = time.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    Some(Time::from_micros(i64::try_from(since.as_micros()).ok()?))
}

/// One to six digits after the point, in nanoseconds.
fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let scale =
        9_u32.checked_sub(u32::try_from(fraction.len()).ok()?).filter(|scale| *scale >= 3)?;
    Some(number(fraction)? * 10_i32.pow(scale))
}

fn small(digits: [u8; 2]) -> Option<i8> {
    i8::try_from(number(&digits)?).ok()
}

/// Reads up to six digits, at least one.
fn number(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;
