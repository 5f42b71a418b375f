//! When a policy runs: a cron expression in a time zone.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use store::Time;

/// Longer than any that somebody means.
const LONGEST: usize = 100;

/// A schedule that comes round.
///
/// Across daylight saving a time of day that is skipped is run right after the gap, one that comes
/// twice is run once; what repeats within the hour keeps its pace. The zones' rules are part of the
/// program, so that they are the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

/// What is wrong with a schedule: which of the two, and why.
pub(crate) type Wrong = (&'static str, String);

impl Schedule {
    /// Reads five fields (minute, hour, day of the month, month, day of the week; as in cron, where
    /// both days are given one of them is enough) and a name of the IANA's.
    pub(crate) fn parse(expression: &str, zone: &str) -> Result<Self, Wrong> {
        let wrong = |why: String| ("schedule", why);
        if expression.len() > LONGEST || expression.split_whitespace().count() != 5 {
            return Err(wrong("must be five fields of cron, as in \"0 3 * * 0\"".to_owned()));
        }
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(expression);
        let cron = cron.map_err(|error| wrong(format!("is no cron expression: {error}")))?;
        let zone = TimeZone::get(zone)
            .map_err(|_| ("time_zone", "is no time zone, as in \"Europe/Berlin\"".to_owned()))?;
        Ok(Self { cron, zone })
    }

    /// The first time after that; `None` where there is none, as of a 30 February.
    pub(crate) fn next_after(&self, time: Time) -> Option<Time> {
        let from = time.timestamp().to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&from, false).ok()?;
        Some(Time::from(next.timestamp()))
    }

    /// The last time before that.
    pub(crate) fn last_before(&self, time: Time) -> Option<Time> {
        let from = time.timestamp().to_zoned(self.zone.clone());
        let last = self.cron.find_previous_occurrence(&from, false).ok()?;
        Some(Time::from(last.timestamp()))
    }
}

#[cfg(test)]
mod tests;
