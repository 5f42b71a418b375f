//! Lists of recordings, page by page, with their exact lengths.

use std::time::Duration;

use super::filter::{Conditions, Place, RecordingFilter, Scope, Sort};
use super::guard::{Guard, Only, Selection, chosen};
use super::{Recording, read};
use crate::Result;
use crate::store::Reader;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// How many there are on all pages, exactly.
    pub total: u64,
}

/// What recordings come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    pub recordings: u64,
    pub duration: Duration,
    pub bytes: u64,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub sort: Sort,
    pub from: StartAt,
    pub limit: u32,
}

/// Where a part of a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// After so many recordings.
    Offset(u64),
    /// After this place, whatever has come or gone before it.
    After(Place),
}

impl Recording {
    /// Where it stands in a list.
    pub fn place(&self, sort: Sort) -> Place {
        use super::SortBy;
        let value = match sort.by {
            SortBy::AddTime => self.add_time.as_micros(),
            SortBy::Start => self.start.as_micros(),
            SortBy::Duration => crate::time::micros(self.sound.duration()),
            SortBy::Number => self.number.0,
            SortBy::SizeBytes => i64::try_from(self.size_bytes).unwrap_or(i64::MAX),
        };
        Place { value, number: self.number }
    }
}

impl Reader {
    /// One part of the list, and how many recordings there are in all. Call it in a snapshot.
    pub async fn recordings(
        &mut self,
        scope: Scope,
        filter: &RecordingFilter,
        part: Part,
    ) -> Result<Page<Recording>> {
        // The hours count by account, and by when a recording was added.
        let counted = scope.counted_under().filter(|_| filter.is_only_a_window());
        let total = match counted {
            Some(account) => self.count_by_hours(account, scope, filter).await?,
            None => self.count(scope, filter).await?,
        };
        let Part { sort, from, limit } = part;
        let offset = match from {
            StartAt::Offset(offset) => offset,
            StartAt::After(place) => {
                let conditions = Conditions::of(scope, filter).after(sort, place);
                let rows = self.page(conditions, sort, limit.into(), 0).await?;
                return Ok(Page { rows, total });
            }
        };
        if offset >= total {
            return Ok(Page { rows: Vec::new(), total });
        }
        // From the nearer end.
        let wanted = u64::from(limit).min(total - offset);
        let backwards = offset > total / 2;
        let (sort, mut skip) =
            if backwards { (sort.reversed(), total - offset - wanted) } else { (sort, offset) };
        let mut filter = filter.clone();
        if let Some(account) = counted.filter(|_| sort.by == super::SortBy::AddTime) {
            skip = self.skip_by_hours(account, scope, &mut filter, sort, skip).await?;
        }
        let conditions = Conditions::of(scope, &filter);
        let mut rows = self.page(conditions, sort, wanted, skip).await?;
        if backwards {
            rows.reverse();
        }
        Ok(Page { rows, total })
    }

    async fn page(
        &mut self,
        conditions: Conditions,
        sort: Sort,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Recording>> {
        let (sql, mut values) = conditions.page(sort);
        values.extend([limit.into(), offset.into()]);
        let rows = self.0.rows(&sql, &values).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }

    /// What a selection comes to.
    pub async fn amount(&mut self, of: &Selection, guard: &Guard, only: &Only) -> Result<Amount> {
        let (sql, values) = chosen(of, guard, only, self.0.is_postgres()).amount();
        let Some(mut row) = self.0.row(&sql, &values).await? else {
            return Ok(Amount::default());
        };
        let (recordings, duration) = (row.next()?, Duration::from_micros(row.next()?));
        Ok(Amount { recordings, duration, bytes: row.next()? })
    }

    /// Counts rows one by one.
    pub(crate) async fn count(&mut self, scope: Scope, filter: &RecordingFilter) -> Result<u64> {
        let (sql, values) = Conditions::of(scope, filter).count();
        let row = self.0.row(&sql, &values).await?;
        row.map_or(Ok(0), |mut row| row.next())
    }
}

/// Every statement that a list can make, with all optional conditions present.
pub(super) fn statements() -> Vec<(&'static str, String)> {
    use super::SortBy;
    use crate::{AccountId, RecordingNumber, UserId};
    let filter = RecordingFilter::full();
    let (root, subaccount) = (Scope::Root(AccountId(0)), Scope::Subaccount(AccountId(0)));
    let page = |scope, sort| Conditions::of(scope, &filter).page(sort).0;
    let newest = Sort::NEWEST_FIRST;
    let place = Place { value: 0, number: RecordingNumber(0) };
    let after = |by, descending| {
        let sort = Sort { by, descending };
        Conditions::of(root, &filter).after(sort, place).page(sort).0
    };
    vec![
        ("recordings of a main account", page(root, newest)),
        ("recordings of a main account, upwards", page(root, newest.reversed())),
        ("recordings of a subaccount", page(subaccount, newest)),
        ("recordings of a subaccount, upwards", page(subaccount, newest.reversed())),
        ("recordings of a user", page(Scope::User(UserId(0)), newest)),
        ("recordings by add_time", after(SortBy::AddTime, true)),
        ("recordings by start", after(SortBy::Start, true)),
        ("recordings by duration", after(SortBy::Duration, false)),
        ("recordings by number", after(SortBy::Number, false)),
        ("recordings by size", after(SortBy::SizeBytes, true)),
        ("count of recordings", Conditions::of(root, &filter).count().0),
    ]
}
