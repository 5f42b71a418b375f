//! Spans of time as text with a unit: `7d`, `12h`, `30m`, `45s`, `0d`.

use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// A hundred years: anything beyond is somebody's mistake.
const LONGEST: u64 = 36_500 * DAY;

/// Reads a whole number and its unit: `d` days, `h` hours, `m` minutes, `s` seconds. No sign, no
/// fraction, no space, no second unit, at most 36500 days. The error says what is wrong with it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let unit = match text.as_bytes().last() {
        Some(b'd') => DAY,
        Some(b'h') => 60 * 60,
        Some(b'm') => 60,
        Some(b's') => 1,
        _ => return Err(SHAPE.to_owned()),
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SHAPE.to_owned());
    }
    digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(unit))
        .filter(|seconds| *seconds <= LONGEST)
        .map(Duration::from_secs)
        .ok_or_else(|| "must be at most 36500d".to_owned())
}

const SHAPE: &str = "must be a whole number with a unit (d, h, m or s), as in \"7d\"";

/// Writes a span in the largest unit that holds it without a rest; nothing is `0d`. What is less
/// than a second is left out.
pub fn write(span: Duration) -> String {
    let seconds = span.as_secs();
    match () {
        () if seconds.is_multiple_of(DAY) => format!("{}d", seconds / DAY),
        () if seconds.is_multiple_of(60 * 60) => format!("{}h", seconds / (60 * 60)),
        () if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        () => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests;
