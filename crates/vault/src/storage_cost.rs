//! What keeping a recording costs: pure functions of time.
//!
//! The rule is Plivo's (<https://www.plivo.com/docs/voice/api/recordings>, "Recording Pricing"):
//! storage is free for 90 days and then costs a price per minute and month. A month is billed at
//! 00:00:00 UTC of the next month's first day, if the recording is there and its storage day at
//! that moment is beyond the free ones.

use std::time::Duration;

use store::{Recording, Time, rounded_minutes};

use crate::Money;

const DAY: Duration = Duration::from_hours(24);

/// What storage costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// For each minute and month.
    pub storage_per_minute_month: Money,
    /// Days that cost nothing.
    pub free_days: u32,
    /// For each minute that is begun, of a transcript.
    pub transcription_per_minute: Money,
}

impl Default for Prices {
    /// Plivo's own: $0.0004 a minute and month after 90 days; $0.05 a minute of a transcript.
    fn default() -> Self {
        Self {
            storage_per_minute_month: Money::from_billionths(400_000),
            free_days: 90,
            transcription_per_minute: Money::from_billionths(50_000_000),
        }
    }
}

/// Age and cost of one recording at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageCost {
    /// The length that is billed: the nearest multiple of 60 s, half up, at least 60.
    pub rounded_duration: Duration,
    /// The storage day that it is in: 1 on the first.
    pub days: u64,
    /// The price of a minute for a month.
    pub rate: Money,
    /// The last monthly charge, or nothing if there was none yet.
    pub last_month: Money,
}

impl Prices {
    /// What a recording of this length, added then, has come to by `now`.
    pub fn storage(&self, duration: Duration, added: Time, now: Time) -> StorageCost {
        let minutes = rounded_minutes(duration);
        let rate = self.storage_per_minute_month;
        let billed = month_start(now);
        let charged = billed >= added && storage_day(added, billed) > u64::from(self.free_days);
        StorageCost {
            rounded_duration: Duration::from_secs(minutes.saturating_mul(60)),
            days: storage_day(added, now),
            rate,
            last_month: if charged { rate.times(minutes) } else { Money::ZERO },
        }
    }
}

impl Prices {
    /// What a recording has come to by `now`: nothing more once its audio was deleted.
    pub fn storage_of(&self, recording: &Recording, now: Time) -> StorageCost {
        let cost = self.storage(recording.sound.duration(), recording.add_time, now);
        match recording.audio_deleted {
            None => cost,
            Some(_) => StorageCost { last_month: Money::ZERO, ..cost },
        }
    }

    /// What was added until then costs something at the end of this month.
    pub(crate) fn billed_until(&self, now: Time) -> Time {
        next_month_start(now).minus(DAY * self.free_days)
    }
}

/// 1 from the moment it was added, one more every 24 hours.
fn storage_day(added: Time, now: Time) -> u64 {
    now.since(added).as_secs() / DAY.as_secs() + 1
}

/// 00:00:00 UTC of the first day of the month that `now` is in.
fn month_start(now: Time) -> Time {
    let date = now.civil().date().first_of_month();
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC);
    Time::from(midnight.expect("UTC has every midnight").timestamp())
}

/// 00:00:00 UTC of the first day of the next month.
fn next_month_start(now: Time) -> Time {
    let last = now.civil().date().last_of_month().to_zoned(jiff::tz::TimeZone::UTC);
    Time::from(last.expect("UTC has every midnight").timestamp()).plus(DAY)
}

#[cfg(test)]
mod tests;
