//! How much an account keeps, and kept: sums of what is there by the day it was added, and of what
//! was deleted by that day and the month of its deletion.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::hours::Change;
use crate::recording::Scope;
use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, AuthId, Recording, Result, Time};

const DAY: i64 = 24 * 3_600_000_000;

statements! {
    PRESENT = "select hour / 24, cast(sum(recordings) as bigint), cast(sum(bytes) as bigint), \
               cast(sum(duration) as bigint), cast(sum(minutes) as bigint) \
               from recording_hour where account_id = $1 group by hour / 24";
    GONE = "select added_day, deleted_month, cast(sum(recordings) as bigint), \
            cast(sum(bytes) as bigint), cast(sum(duration) as bigint), \
            cast(sum(minutes) as bigint) \
            from recording_gone where account_id = $1 group by added_day, deleted_month";
    ADD_GONE = "insert into recording_gone (account_id, added_day, deleted_month, slot, \
                recordings, bytes, duration, minutes) values ($1, $2, $3, $4, $8, $5, $6, $7) \
                on conflict (account_id, added_day, deleted_month, slot) do update set \
                recordings = recording_gone.recordings + excluded.recordings, \
                bytes = recording_gone.bytes + excluded.bytes, \
                duration = recording_gone.duration + excluded.duration, \
                minutes = recording_gone.minutes + excluded.minutes";
    SUBACCOUNTS = "select account_id, auth_id, name from account where parent_id = $1 \
                   order by account_id";
}

pub(crate) fn added_at(scope: Scope) -> String {
    format!(
        "select count(*), cast(coalesce(sum(r.size_bytes), 0) as bigint), \
         cast(coalesce(sum({KEPT_DURATION}), 0) as bigint), \
         cast(coalesce(sum({ROUNDED_MINUTES}), 0) as bigint) from recording r where {} and r.add_time = $2",
        scope.condition()
    )
}

/// How much audio is kept of a recording `r`: none once it was deleted.
pub(crate) const KEPT_DURATION: &str =
    "(case when r.audio_deleted is null then r.duration else 0 end)";

/// [`rounded_minutes`], of a recording `r`, likewise.
pub(crate) const ROUNDED_MINUTES: &str = "(case when r.audio_deleted is not null then 0 when r.duration < 90000000 then 1 else (r.duration + 30000000) / 60000000 end)";

/// The minutes that are billed for a recording: the nearest whole number of them, half up, at
/// least one.
pub fn rounded_minutes(duration: Duration) -> u64 {
    let half_up = duration.saturating_add(Duration::from_secs(30));
    (half_up.as_secs() / 60).max(1)
}

/// A calendar month in UTC: 12 times the year, and the month from 0.
fn month_of(time: Time) -> i64 {
    let date = time.civil().date();
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// Sums over recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub recordings: u64,
    pub bytes: u64,
    pub duration: Duration,
    /// Each recording's own, rounded.
    pub minutes: u64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, more: Self) {
        self.recordings += more.recordings;
        self.bytes += more.bytes;
        self.duration += more.duration;
        self.minutes += more.minutes;
    }
}

impl Sums {
    /// What is left of them without those.
    #[must_use]
    pub fn without(self, less: Self) -> Self {
        Self {
            recordings: self.recordings.saturating_sub(less.recordings),
            bytes: self.bytes.saturating_sub(less.bytes),
            duration: self.duration.saturating_sub(less.duration),
            minutes: self.minutes.saturating_sub(less.minutes),
        }
    }
}

/// All that an account keeps, and kept.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// By the day they were added.
    present: Vec<(i64, Sums)>,
    /// By that day, a microsecond earlier, and the month of their deletion.
    gone: Vec<(i64, i64, Sums)>,
    /// Those added at these midnights sharp.
    at_midnight: BTreeMap<Time, Sums>,
}

impl Stock {
    /// What was or will be there at the end of the month (12 times the year, and the month from 0)
    /// of all that was added up to `added`, a midnight that the stock was asked about. Nothing
    /// that is there now is thought to go.
    pub fn at_end_of(&self, month: i64, added: Time) -> Sums {
        let day = added.as_micros().div_euclid(DAY);
        let mut sums = Sums::default();
        let mut add = |more: &Sums| sums += *more;
        self.present.iter().filter(|(on, _)| *on < day).for_each(|(_, more)| add(more));
        self.at_midnight.get(&added).into_iter().for_each(&mut add);
        let there = |(on, until, _): &&(i64, i64, Sums)| *on < day && *until > month;
        self.gone.iter().filter(there).for_each(|(_, _, more)| add(more));
        sums
    }

    /// How many recordings were deleted in a month.
    pub fn deleted_in(&self, month: i64) -> u64 {
        let in_month = self.gone.iter().filter(|(_, deleted, _)| *deleted == month);
        in_month.map(|(_, _, sums)| sums.recordings).sum()
    }
}

impl Reader {
    /// The stock of an account with its subaccounts, or of a subaccount, to be asked about these
    /// midnights. Call it in a snapshot.
    pub async fn stock(&mut self, scope: Scope, midnights: &[Time]) -> Result<Stock> {
        let Some(account) = scope.counted_under() else { return Ok(Stock::default()) };
        let mut stock = Stock::default();
        for mut row in self.0.rows(PRESENT, values![account]).await? {
            stock.present.push((row.next()?, sums(&mut row)?));
        }
        for mut row in self.0.rows(GONE, values![account]).await? {
            stock.gone.push((row.next()?, row.next()?, sums(&mut row)?));
        }
        let sql = added_at(scope);
        for midnight in midnights {
            if let Some(mut row) = self.0.row(&sql, values![account, *midnight]).await? {
                stock.at_midnight.insert(*midnight, sums(&mut row)?);
            }
        }
        Ok(stock)
    }

    /// The subaccounts of a main account: id, Auth ID, name.
    pub async fn subaccounts(
        &mut self,
        account: AccountId,
    ) -> Result<Vec<(AccountId, AuthId, String)>> {
        let rows = self.0.rows(SUBACCOUNTS, values![account]).await?;
        rows.into_iter().map(|mut row| Ok((row.next()?, row.word()?, row.next()?))).collect()
    }
}

impl Tx {
    /// Remembers how much went, and when: so many recordings, and the audio of this one.
    pub(crate) async fn count_gone(
        &mut self,
        recordings: i64,
        gone: &Recording,
        now: Time,
    ) -> Result<()> {
        let added = gone.add_time.as_micros() - 1;
        let (day, month, slot) = (added.div_euclid(DAY), month_of(now), self.1.0);
        let Change { recordings, bytes, duration, minutes } = Change::of(recordings, gone);
        for account in hours_owners(gone) {
            let row = values![account, day, month, slot, bytes, duration, minutes, recordings];
            self.0.0.execute(ADD_GONE, row).await?;
        }
        Ok(())
    }
}

/// The accounts that a recording is counted under.
fn hours_owners(recording: &Recording) -> impl Iterator<Item = AccountId> {
    let (root, own) = (recording.root_id, recording.account_id);
    [Some(root), (own != root).then_some(own)].into_iter().flatten()
}

pub(crate) fn sums(row: &mut Row) -> Result<Sums> {
    Ok(Sums {
        recordings: row.next()?,
        bytes: row.next()?,
        duration: row.next()?,
        minutes: row.next()?,
    })
}
