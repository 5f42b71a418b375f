//! How many recordings were added in each hour: exact counts and deep offsets without walking
//! the rows. Kept in the transaction that adds or removes a recording.

use std::time::Duration;

use crate::recording::{RecordingFilter, Scope, Sort};
use crate::store::{Reader, Tx};
use crate::usage::rounded_minutes;
use crate::value::values;
use crate::{AccountId, Recording, Result, Time};

const HOUR: i64 = 3_600_000_000;

pub(crate) const ADD: &str = "insert into recording_hour (account_id, hour, slot, recordings, bytes, duration, minutes) \
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (account_id, hour, slot) do update set \
     recordings = recording_hour.recordings + excluded.recordings, \
     bytes = recording_hour.bytes + excluded.bytes, \
     duration = recording_hour.duration + excluded.duration, \
     minutes = recording_hour.minutes + excluded.minutes";

pub(crate) const COUNT: &str = "select cast(coalesce(sum(recordings), 0) as bigint) \
     from recording_hour where account_id = $1 and hour >= $2 and hour < $3";

pub(crate) const DOWNWARDS: &str = "select hour, cast(sum(recordings) as bigint) \
     from recording_hour where account_id = $1 and hour >= $2 and hour < $3 \
     group by hour order by hour desc";

pub(crate) const UPWARDS: &str = "select hour, cast(sum(recordings) as bigint) \
     from recording_hour where account_id = $1 and hour >= $2 and hour < $3 \
     group by hour order by hour";

/// What a recording adds to its hour.
pub(crate) struct Change {
    pub(crate) recordings: i64,
    pub(crate) bytes: i64,
    /// In microseconds.
    pub(crate) duration: i64,
    pub(crate) minutes: i64,
}

impl Change {
    pub(crate) fn added(bytes: u64, duration: Duration) -> Self {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let minutes = i64::try_from(rounded_minutes(duration)).unwrap_or(i64::MAX);
        Self { recordings: 1, bytes, duration: crate::time::micros(duration), minutes }
    }

    /// What so many recordings and the audio of this one amount to.
    pub(crate) fn of(recordings: i64, recording: &Recording) -> Self {
        if recording.audio_deleted.is_some() {
            return Self { recordings, bytes: 0, duration: 0, minutes: 0 };
        }
        let audio = Self::added(recording.size_bytes, recording.sound.duration());
        Self { recordings, ..audio }
    }

    pub(crate) fn undone(self) -> Self {
        Self {
            recordings: -self.recordings,
            bytes: -self.bytes,
            duration: -self.duration,
            minutes: -self.minutes,
        }
    }
}

/// A window of time, cut into its ragged ends and its whole hours.
struct Cut {
    head: Option<(Time, Time)>,
    hours: std::ops::Range<i64>,
    tail: Option<(Time, Time)>,
}

impl Cut {
    /// `None` where the window is empty.
    fn of(filter: &RecordingFilter) -> Option<Self> {
        let first = Time::from_micros(0);
        let from = filter.added_from.unwrap_or(first);
        let until = filter.added_until.unwrap_or(Time::from_micros(i64::MAX));
        if from >= until {
            return None;
        }
        let start = from.as_micros().div_euclid(HOUR) + i64::from(from.as_micros() % HOUR != 0);
        let end = until.as_micros().div_euclid(HOUR);
        if start > end {
            // Both ends in one hour.
            return Some(Self { head: None, hours: end..end, tail: Some((from, until)) });
        }
        let (first_whole, after_last) = (at(start), at(end));
        Some(Self {
            head: (from < first_whole).then_some((from, first_whole)),
            hours: start..end,
            tail: (after_last < until).then_some((after_last, until)),
        })
    }
}

fn at(hour: i64) -> Time {
    Time::from_micros(hour.saturating_mul(HOUR))
}

impl Reader {
    /// Counts a window exactly: whole hours by their sums, the ragged ends row by row.
    pub(crate) async fn count_by_hours(
        &mut self,
        account: AccountId,
        scope: Scope,
        filter: &RecordingFilter,
    ) -> Result<u64> {
        let Some(cut) = Cut::of(filter) else {
            return Ok(0);
        };
        let mut total = 0;
        for (from, until) in [cut.head, cut.tail].into_iter().flatten() {
            total += self.count_between(scope, filter, from, until).await?;
        }
        if !cut.hours.is_empty() {
            let range = values![account, cut.hours.start, cut.hours.end];
            let row = self.0.row(COUNT, range).await?;
            total += row.map_or(Ok(0), |mut row| row.next::<u64>())?;
        }
        Ok(total)
    }

    /// Narrows a window for an offset that lies inside it, counted from the end that `sort`
    /// starts at: to begin with the hour that the offset falls into. Returns how many rows are to
    /// be skipped from there.
    pub(crate) async fn skip_by_hours(
        &mut self,
        account: AccountId,
        scope: Scope,
        filter: &mut RecordingFilter,
        sort: Sort,
        offset: u64,
    ) -> Result<u64> {
        // A short way is walked faster than it is calculated.
        let Some(cut) = Cut::of(filter).filter(|_| offset >= 1_000) else { return Ok(offset) };
        let mut skip = offset;
        let downwards = sort.descending;
        let (ragged, hours) = if downwards { (cut.tail, DOWNWARDS) } else { (cut.head, UPWARDS) };
        if let Some((from, until)) = ragged {
            let rows = self.count_between(scope, filter, from, until).await?;
            if skip < rows {
                return Ok(skip);
            }
            skip -= rows;
        }
        let range = values![account, cut.hours.start, cut.hours.end];
        let mut begin = at(if downwards { cut.hours.start } else { cut.hours.end });
        for mut row in self.0.rows(hours, range).await? {
            let (hour, rows): (i64, u64) = (row.next()?, row.next()?);
            if skip < rows {
                begin = at(if downwards { hour + 1 } else { hour });
                break;
            }
            skip -= rows;
        }
        let bound = if downwards { &mut filter.added_until } else { &mut filter.added_from };
        *bound = Some(begin);
        Ok(skip)
    }

    async fn count_between(
        &mut self,
        scope: Scope,
        filter: &RecordingFilter,
        from: Time,
        until: Time,
    ) -> Result<u64> {
        let part =
            RecordingFilter { added_from: Some(from), added_until: Some(until), ..filter.clone() };
        self.count(scope, &part).await
    }
}

impl Tx {
    /// Books a change under the main account and, where it has one, the subaccount.
    pub(crate) async fn count_in_hours(
        &mut self,
        account: AccountId,
        root: AccountId,
        added: Time,
        change: &Change,
    ) -> Result<()> {
        let hour = added.as_micros().div_euclid(HOUR);
        let slot = self.1.0;
        let under = [Some(root), (account != root).then_some(account)];
        for account in under.into_iter().flatten() {
            let Change { recordings, bytes, duration, minutes } = *change;
            let row = values![account, hour, slot, recordings, bytes, duration, minutes];
            self.0.0.execute(ADD, row).await?;
        }
        Ok(())
    }
}
