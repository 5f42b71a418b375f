//! Times as the vendor's clients write them: `2019-01-01T00:00:00+0000`.

use jiff::civil::{self, date};

/// Reads `YYYY-MM-DDTHH:MM:SS` with any fraction of up to nine digits and `Z`, `+0000`, `+00:00` or
/// `+00` at the end (any offset below a day, `-` too), in microseconds since 1970, down to the
/// whole one; of the years 0 to 9999. Without an offset it is UTC; a date alone is its midnight in
/// UTC. There is no 24:00 and no second 60.
///
/// The vendor documents the form with `+0000`. Its clients also write JavaScript's
/// `…00.000Z`, and the first in a URL as it is: a `+` that was not encoded is a space by now.
pub(super) fn read(text: &str) -> Option<i64> {
    let (date, rest) = text.as_bytes().split_at_checked(10)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let year = i16::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let date = civil::Date::new(year, small([m1, m2])?, small([d1, d2])?).ok()?;
    if rest.is_empty() {
        return Some(micros(date.at(0, 0, 0, 0)));
    }
    let (clock, rest) = rest.split_at_checked("T00:00:00".len())?;
    let &[b'T', h1, h2, b':', m1, m2, b':', s1, s2] = clock else {
        return None;
    };
    let (fraction, zone) = match rest.split_first() {
        Some((b'.', rest)) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest.split_at(digits)
        }
        _ => (&b"0"[..], rest),
    };
    let (h, m, s) = (small([h1, h2])?, small([m1, m2])?, small([s1, s2])?);
    let clock = civil::Time::new(h, m, s, nanoseconds(fraction)?).ok()?;
    Some(micros(date.to_datetime(clock)) - offset(zone)? * 60_000_000)
}

fn micros(time: civil::DateTime) -> i64 {
    let since = time.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    let nanos = i64::from(since.subsec_nanos());
    since.as_secs() * 1_000_000 + nanos.div_euclid(1_000)
}

/// Minutes east of Greenwich.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, h, m) = match *zone {
        [] | [b'Z'] => return Some(0),
        [sign, h1, h2] => (sign, [h1, h2], *b"00"),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let (h, m) = (number(&h)?, number(&m)?);
    if h > 23 || m > 59 {
        return None;
    }
    let minutes = i64::from(h * 60 + m);
    match sign {
        b'+' | b' ' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}

/// One to nine digits after the point.
fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let scale = 9_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    Some(number(fraction)? * 10_i32.pow(scale))
}

fn small(digits: [u8; 2]) -> Option<i8> {
    i8::try_from(number(&digits)?).ok()
}

/// Reads up to nine digits, at least one.
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
