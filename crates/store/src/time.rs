//! Moments and spans, to the microsecond, in UTC.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment: microseconds since 1970-01-01 00:00:00 UTC, the same on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(i64);

/// From 1970 to what the calendar library can name in every time zone, the end of 9999-12-30 but
/// for two hours; anything beyond is somebody's mistake.
const EARLIEST: i64 = 0;
const LATEST: i64 = 253_402_207_199_999_999;

impl Time {
    /// Takes microseconds since 1970, held to the years 1970 to 9999.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < EARLIEST {
            Self(EARLIEST)
        } else if micros > LATEST {
            Self(LATEST)
        } else {
            Self(micros)
        }
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(micros(span)))
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self::from_micros(self.0.saturating_sub(micros(span)))
    }

    /// The span from `earlier` to this moment; zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Its date and time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        jiff::tz::Offset::UTC.to_datetime(self.timestamp())
    }

    /// The same moment in the calendar library's terms.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("the range is inside the library's")
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self::from_micros(timestamp.as_microsecond())
    }
}

/// Writes RFC 3339 in UTC with as many fraction digits as needed: `2026-11-22T01:02:03.5Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

/// Text that is not an RFC 3339 time between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct NotATime;

impl FromStr for Time {
    type Err = NotATime;

    /// Reads RFC 3339, with `Z` or an offset.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        let micros = timestamp.as_microsecond();
        if (EARLIEST..=LATEST).contains(&micros) { Ok(Self(micros)) } else { Err(NotATime) }
    }
}

pub(crate) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_there_is_can_be_written_and_read() {
        for micros in [i64::MIN, -1, 0, 1, 1_718_452_800_000_000, LATEST, LATEST + 1, i64::MAX] {
            let time = Time::from_micros(micros);
            assert_eq!(time.to_string().parse(), Ok(time));
        }
        for text in ["9999-12-31T00:00:00Z", "1969-12-31T23:59:59Z", "2024-02-30T00:00:00Z", ""] {
            assert_eq!(text.parse::<Time>(), Err(NotATime), "{text}");
        }
    }
}
