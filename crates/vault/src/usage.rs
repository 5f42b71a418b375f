//! What an account keeps and kept, month by month, and what that costs.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use store::{AccountId, AuthId, PolicyId, PolicyRow, Reader, Scope, Stock, Sums, Taking, Time};

use crate::guard::Gate;
use crate::policies::{Action, action_of};
use crate::schedule::Schedule;
use crate::selection::Where;
use crate::{Caller, Error, Money, Prices, Result, Vault};

/// A calendar month in UTC: 12 times the year, and the month from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i64);

/// As many as five years.
const MOST_MONTHS: i64 = 60;
/// For so many months to come it is looked up what policies will take: each is a look at every
/// recording of the account.
const MOST_FORECASTS: i64 = 12;

impl Month {
    /// The month that a moment is in.
    pub fn of(time: Time) -> Self {
        let date = time.civil().date();
        Self(i64::from(date.year()) * 12 + i64::from(date.month()) - 1)
    }

    /// The month so many after this one, or before it; held to the years 1970 to 9998.
    #[must_use]
    pub fn plus(self, months: i64) -> Self {
        Self((self.0 + months).clamp(1970 * 12, 9998 * 12 + 11))
    }

    /// When it ends: the first moment of the next one, when it is billed.
    fn end(self) -> Time {
        let next = Self(self.0 + 1).to_string();
        format!("{next}-01T00:00:00Z").parse().unwrap_or(Time::from_micros(i64::MAX))
    }
}

/// Writes `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// Text that is not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month from 1970-01 to 9998-12")]
pub struct NotAMonth;

impl FromStr for Month {
    type Err = NotAMonth;

    /// Reads `2026-11`.
    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let (year, month) = text.split_once('-').ok_or(NotAMonth)?;
        let digits = |part: &str, length: usize| {
            let right = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if right { part.parse::<i64>().ok() } else { None }
        };
        let (year, month) = digits(year, 4).zip(digits(month, 2)).ok_or(NotAMonth)?;
        let there = (1970..=9998).contains(&year) && (1..=12).contains(&month);
        if there { Ok(Self(year * 12 + month - 1)) } else { Err(NotAMonth) }
    }
}

/// One account's use, month by month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub auth_id: AuthId,
    pub name: String,
    pub months: Vec<MonthUsage>,
}

/// One month's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthUsage {
    pub month: Month,
    /// Whether the month has not ended yet: then the figures are what they will be if nothing
    /// more comes or goes.
    pub forecast: bool,
    /// What is kept at the end of the month.
    pub recordings: u64,
    pub bytes: u64,
    pub duration: std::time::Duration,
    /// How many recordings were deleted in it.
    pub deleted: u64,
    /// Of what is billed at its end: the rounded minutes, and the price.
    pub billed_minutes: u64,
    pub amount: Money,
    /// The same of a month that has not ended, if the policies run as they stand. Known for a
    /// year.
    pub with_policies: Option<Remaining>,
}

/// What will be there at the end of a month, and cost something then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    pub recordings: u64,
    pub bytes: u64,
    pub duration: std::time::Duration,
    pub billed_minutes: u64,
    pub amount: Money,
}

/// What policies will have taken by the end of a month, of each account.
type Taken = BTreeMap<Month, HashMap<AccountId, Sums>>;

impl Vault {
    /// The use of the caller's account, with all its subaccounts in it, and then of each of these,
    /// from one month to another. Prices are those of now.
    pub async fn usage(&self, caller: &Caller, from: Month, to: Month) -> Result<Vec<Usage>> {
        self.only_administrators(caller, "usage").await?;
        if from > to {
            return Err(Error::invalid("from", "is after `to`"));
        }
        if to.0 - from.0 >= MOST_MONTHS {
            return Err(Error::invalid("to", format!("is more than {MOST_MONTHS} months on")));
        }
        let months: Vec<Month> = (from.0..=to.0).map(Month).collect();
        let prices = self.prices();
        let midnights: Vec<Time> =
            months.iter().flat_map(|month| [month.end(), billed_until(&prices, *month)]).collect();
        let now = self.now();
        let forecasts: Vec<Month> = (months.iter().copied())
            .filter(|month| month.end() > now && month.0 < Month::of(now).0 + MOST_FORECASTS)
            .collect();
        let account = &caller.account;
        let (root, auth_id, name) =
            (account.account_id, account.auth_id.clone(), account.name.clone());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let mut stocks: Vec<(AccountId, AuthId, String, Stock)> = Vec::new();
                let own = reader.stock(Scope::Root(root), &midnights).await?;
                stocks.push((root, auth_id, name, own));
                let subaccounts: Vec<(AccountId, AuthId, String)> =
                    reader.subaccounts(root).await?;
                for (account_id, auth_id, name) in subaccounts {
                    let scope = Scope::Subaccount(account_id);
                    let stock = reader.stock(scope, &midnights).await?;
                    stocks.push((account_id, auth_id, name, stock));
                }
                let taken = taken(reader, root, &forecasts, &prices, now).await?;
                Ok((stocks, taken))
            })
        });
        let (stocks, taken) = read.await?;
        let usage = |(account_id, auth_id, name, stock): (AccountId, AuthId, String, Stock)| {
            let of_month = |month: &Month| {
                let gone = taken.get(month);
                let gone = gone.map(|gone| gone.get(&account_id).copied().unwrap_or_default());
                month_usage(&stock, *month, gone, &prices, now)
            };
            Usage { auth_id, name, months: months.iter().map(of_month).collect() }
        };
        Ok(stocks.into_iter().map(usage).collect())
    }
}

/// What the account's policies will have taken by the end of each of these months, if they run
/// when they are to, are confirmed where they ask, and holds stay as they are.
///
/// The last run of a policy before a month's end takes whatever those before it took: what has
/// grown old enough stays so.
async fn taken(
    reader: &mut Reader,
    root: AccountId,
    months: &[Month],
    prices: &Prices,
    now: Time,
) -> store::Result<Taken> {
    let gate = Gate::of(reader, root, now).await?;
    let policies = reader.policies(root, PolicyId(0), u32::MAX).await?;
    let mut all = Taken::new();
    for month in months {
        let mut takings = Vec::new();
        for PolicyRow { policy, .. } in &policies {
            let schedule = Schedule::parse(&policy.schedule, &policy.time_zone).ok();
            let last = schedule.and_then(|schedule| schedule.last_before(month.end()));
            let last = last.filter(|last| policy.next_run.is_some_and(|next| next <= *last));
            let Some(last) = last else { continue };
            let what = Where::from_json(&policy.selection)?;
            let mut selection = what.selection(reader, Scope::Root(root), last).await?;
            let only_audio = action_of(policy)? == Action::DeleteAudio;
            selection.filter.with_audio = only_audio;
            let received_until = last.minus(gate.minimum);
            takings.push(Taking { selection, received_until, only_audio });
        }
        let holds = gate.guard.queries.clone();
        let gone = reader.taken(root, &takings, holds, billed_until(prices, *month)).await?;
        let mut by_account: HashMap<AccountId, Sums> = gone.into_iter().collect();
        // The main account's has its subaccounts in it.
        let mut whole = Sums::default();
        for sums in by_account.values() {
            whole += *sums;
        }
        by_account.insert(root, whole);
        all.insert(*month, by_account);
    }
    Ok(all)
}

fn month_usage(
    stock: &Stock,
    month: Month,
    taken: Option<Sums>,
    prices: &Prices,
    now: Time,
) -> MonthUsage {
    let kept = stock.at_end_of(month.0, month.end());
    let billed_minutes = stock.at_end_of(month.0, billed_until(prices, month)).minutes;
    let remaining = |taken: Sums| {
        let left = Sums { minutes: billed_minutes, ..kept }.without(taken);
        Remaining {
            recordings: left.recordings,
            bytes: left.bytes,
            duration: left.duration,
            billed_minutes: left.minutes,
            amount: prices.storage_per_minute_month.times(left.minutes),
        }
    };
    MonthUsage {
        month,
        forecast: month.end() > now,
        recordings: kept.recordings,
        bytes: kept.bytes,
        duration: kept.duration,
        deleted: stock.deleted_in(month.0),
        billed_minutes,
        amount: prices.storage_per_minute_month.times(billed_minutes),
        with_policies: taken.map(remaining),
    }
}

/// Who was added until then has its storage day beyond the free ones when the month is billed.
fn billed_until(prices: &Prices, month: Month) -> Time {
    let free = std::time::Duration::from_hours(24).saturating_mul(prices.free_days);
    month.end().minus(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_as_it_is_written() {
        for text in ["1970-01", "2024-02", "2026-12", "9998-12"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in ["", "2026", "2026-1", "2026-13", "2026-00", "1969-12", "9999-01", "+026-01"] {
            assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text}");
        }
        let december: Month = "2024-12".parse().unwrap();
        assert_eq!(december.end().to_string(), "2025-01-01T00:00:00Z");
        assert_eq!(december.plus(2).to_string(), "2025-02");
        assert_eq!(december.plus(-12).to_string(), "2023-12");
        assert_eq!(Month::of("2024-12-31T23:59:59.999999Z".parse().unwrap()), december);
    }
}
