//! What may not be deleted: the one expression that every deletion, preview and run goes by.

use std::fmt::Write as _;

use super::filter::{Conditions, Place, RecordingFilter, Scope, Sort};
use super::{COLUMNS, FROM, Recording, read};
use crate::store::Reader;
use crate::transcript;
use crate::usage::{self, KEPT_DURATION, ROUNDED_MINUTES, Sums};
use crate::value::Value;
use crate::{AccountId, RecordingId, RecordingNumber, Result, Time, UserId};

/// Some of a main account's recordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub scope: Scope,
    pub filter: RecordingFilter,
}

/// What keeps recordings of a main account, whoever asks, beside the holds on single ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The legal holds by query.
    pub queries: Vec<Selection>,
    /// Nothing that was received after this is deleted.
    pub received_until: Time,
    /// Whether only the audio goes: not of what has no finished transcript.
    pub keeps_words: bool,
}

/// What keeps a recording. A hold comes before its youth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptBy {
    /// A hold on this one.
    Hold,
    /// That one of [`Guard::queries`].
    Query(usize),
    /// It was received too recently.
    Youth,
    /// It has no transcript that could be kept in place of its audio.
    NoWords,
}

impl KeptBy {
    fn read(code: u64) -> Option<Self> {
        match code {
            FREE => None,
            HELD => Some(Self::Hold),
            YOUNG => Some(Self::Youth),
            WORDLESS => Some(Self::NoWords),
            query => Some(Self::Query(usize::try_from(query - QUERY).unwrap_or(usize::MAX))),
        }
    }
}

const FREE: u64 = 0;
const HELD: u64 = 1;
const YOUNG: u64 = 2;
const WORDLESS: u64 = 3;
const QUERY: u64 = 4;

/// What a selection amounts to: one line for what is free, and one for each thing that keeps some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub kept_by: Option<KeptBy>,
    pub recordings: u64,
    /// In microseconds.
    pub duration: u64,
    pub bytes: u64,
    /// The billed minutes of those that were added before the time that was asked about.
    pub billed_minutes: u64,
    /// The earliest and the latest start.
    pub oldest: Time,
    pub newest: Time,
}

/// What to go through, in the order of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Only what comes after this.
    pub after: RecordingNumber,
    /// And nothing after this.
    pub last: RecordingNumber,
    pub limit: u32,
}

/// What a policy will have taken by a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    pub selection: Selection,
    /// Nothing that was received after this.
    pub received_until: Time,
    /// Only the audio, where there is a transcript.
    pub only_audio: bool,
}

/// Whether a recording `r` has a finished transcript.
const HAS_WORDS: &str = "exists (select 1 from transcript w \
     where w.recording_id = r.recording_id and w.status = 'success')";

const LAST_NUMBER: &str = "select coalesce(max(number), 0) from recording";

impl Guard {
    /// As an expression over a recording: 0 where nothing keeps it.
    fn expression(&self, conditions: &mut Conditions) -> String {
        let mut text = format!(
            "cast(case when exists (select 1 from hold h where h.recording_id = r.recording_id) \
             then {HELD}"
        );
        for (code, query) in (QUERY..).zip(&self.queries) {
            let is_held = conditions.also(query.scope, &query.filter);
            let _ = write!(text, " when {is_held} then {code}");
        }
        let until = conditions.value(self.received_until);
        let _ = write!(text, " when r.received > {until} then {YOUNG}");
        if self.keeps_words {
            let _ = write!(text, " when not {HAS_WORDS} then {WORDLESS}");
        }
        let _ = write!(text, " else {FREE} end as bigint)");
        text
    }
}

fn one(scope: Scope, id: RecordingId, guard: &Guard) -> (String, Vec<Value>) {
    let mut conditions = Conditions::of(scope, &RecordingFilter::default());
    conditions.push("r.recording_id =", Some(id));
    let kept = guard.expression(&mut conditions);
    let (text, values) = conditions.into_parts();
    (format!("select {COLUMNS}, {kept} {FROM} where {text}"), values)
}

/// What is meant of a selection, where not all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Only {
    /// Only what is under legal hold, or only what is not.
    pub held: Option<bool>,
    /// Only recordings with a turn in which all of this was said, as [`Reader::search`] has it.
    pub said: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardedPart {
    pub sort: Sort,
    /// Only what comes after this place.
    pub after: Option<Place>,
    pub limit: u32,
}

/// A line of such a list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub recording: Recording,
    pub kept_by: Option<KeptBy>,
    /// Whether it has a finished transcript.
    pub has_words: bool,
}

/// What a list, and whatever is done with all of it, goes by.
pub(super) fn chosen(of: &Selection, guard: &Guard, only: &Only, is_postgres: bool) -> Conditions {
    let mut conditions = Conditions::of(of.scope, &of.filter);
    if let Some(held) = only.held {
        let kept = guard.expression(&mut conditions);
        let free = format!("{kept} in ({FREE}, {YOUNG})");
        conditions.and(&if held { format!("not {free}") } else { free });
    }
    if let Some(said) = &only.said {
        let was_said = transcript::was_said(&mut conditions, said, is_postgres);
        conditions.and(&was_said);
        if !is_postgres {
            conditions.begin_elsewhere();
        }
    }
    conditions
}

fn page(mut conditions: Conditions, guard: &Guard, part: GuardedPart) -> (String, Vec<Value>) {
    if let Some(place) = part.after {
        conditions = conditions.after(part.sort, place);
    }
    let kept = guard.expression(&mut conditions);
    let limit = conditions.value(part.limit);
    let (text, values) = conditions.into_parts();
    let order = part.sort.order();
    let words = format!("cast(case when {HAS_WORDS} then 1 else 0 end as bigint)");
    let sql = format!(
        "select {COLUMNS}, {kept}, {words} {FROM} where {text} order by {order} limit {limit}"
    );
    (sql, values)
}

fn stretch(mut conditions: Conditions, guard: &Guard, stretch: Stretch) -> (String, Vec<Value>) {
    conditions.push("r.number >", Some(stretch.after));
    conditions.push("r.number <=", Some(stretch.last));
    let kept = guard.expression(&mut conditions);
    let limit = conditions.value(stretch.limit);
    let (text, values) = conditions.into_parts();
    let sql =
        format!("select {COLUMNS}, {kept} {FROM} where {text} order by r.number limit {limit}");
    (sql, values)
}

fn tally(
    mut conditions: Conditions,
    guard: &Guard,
    last: RecordingNumber,
    billed_until: Time,
) -> (String, Vec<Value>) {
    conditions.push("r.number <=", Some(last));
    let kept = guard.expression(&mut conditions);
    let until = conditions.value(billed_until);
    let (text, values) = conditions.into_parts();
    let sql = format!(
        "select kept, count(*), cast(sum(duration) as bigint), cast(sum(size_bytes) as bigint), \
         cast(sum(minutes) as bigint), min(start), max(start) from (select {kept} as kept, \
         r.duration, r.size_bytes, r.start, case when r.add_time > {until} then 0 \
         else {ROUNDED_MINUTES} end as minutes \
         from recording r where {text}) t group by kept order by kept"
    );
    (sql, values)
}

/// What any of these takes of a main account, and no hold keeps, by account.
fn taken(
    root: AccountId,
    all: &[Taking],
    guard: &Guard,
    billed_until: Time,
) -> (String, Vec<Value>) {
    let mut conditions = Conditions::of(Scope::Root(root), &RecordingFilter::default());
    let one = |conditions: &mut Conditions, taking: &Taking| {
        let selected = conditions.also(taking.selection.scope, &taking.selection.filter);
        let until = conditions.value(taking.received_until);
        let with_words = if taking.only_audio { HAS_WORDS } else { "1 = 1" };
        format!("({selected} and r.received <= {until} and {with_words})")
    };
    let (mut any, mut whole) = (Vec::new(), vec!["1 = 0".to_owned()]);
    for taking in all {
        let text = one(&mut conditions, taking);
        whole.extend((!taking.only_audio).then(|| text.clone()));
        any.push(text);
    }
    let kept = guard.expression(&mut conditions);
    let until = conditions.value(billed_until);
    let (text, values) = conditions.into_parts();
    let sql = format!(
        "select r.account_id, cast(sum(case when {} then 1 else 0 end) as bigint), \
         cast(sum(r.size_bytes) as bigint), cast(sum({KEPT_DURATION}) as bigint), \
         cast(sum(case when r.add_time > {until} then 0 else {ROUNDED_MINUTES} end) as bigint) \
         from recording r where {text} and ({}) and {kept} = {FREE} group by r.account_id",
        whole.join(" or "),
        any.join(" or ")
    );
    (sql, values)
}

impl Reader {
    /// What these will have taken of a main account, by account, where nothing else changes and no
    /// hold is put on or lifted. Minutes are counted of what was added until then.
    pub async fn taken(
        &mut self,
        root: AccountId,
        all: &[Taking],
        holds: Vec<Selection>,
        billed_until: Time,
    ) -> Result<Vec<(AccountId, Sums)>> {
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let received_until = Time::from_micros(i64::MAX);
        let guard = Guard { queries: holds, received_until, keeps_words: false };
        let (sql, values) = taken(root, all, &guard, billed_until);
        let rows = self.0.rows(&sql, &values).await?;
        let read = |mut row: crate::value::Row| Ok((row.next()?, usage::sums(&mut row)?));
        rows.into_iter().map(read).collect()
    }

    /// A recording within the scope, and what keeps it.
    pub async fn guarded_recording(
        &mut self,
        scope: Scope,
        id: RecordingId,
        guard: &Guard,
    ) -> Result<Option<(Recording, Option<KeptBy>)>> {
        let (sql, values) = one(scope, id, guard);
        let row = self.0.row(&sql, &values).await?;
        row.map(read_guarded).transpose()
    }

    /// The next recordings of a selection, each with what keeps it.
    pub async fn guarded_stretch(
        &mut self,
        of: &Selection,
        guard: &Guard,
        only: &Only,
        next: Stretch,
    ) -> Result<Vec<(Recording, Option<KeptBy>)>> {
        let conditions = chosen(of, guard, only, self.0.is_postgres());
        let (sql, values) = stretch(conditions, guard, next);
        self.0.rows(&sql, &values).await?.into_iter().map(read_guarded).collect()
    }

    /// A part of a list, each recording with what keeps it.
    pub async fn guarded_page(
        &mut self,
        of: &Selection,
        guard: &Guard,
        only: &Only,
        part: GuardedPart,
    ) -> Result<Vec<Listed>> {
        let (sql, values) = page(chosen(of, guard, only, self.0.is_postgres()), guard, part);
        let read = |mut row: crate::value::Row| {
            let recording = read(&mut row)?;
            let kept_by = KeptBy::read(row.next()?);
            Ok(Listed { recording, kept_by, has_words: row.next()? })
        };
        self.0.rows(&sql, &values).await?.into_iter().map(read).collect()
    }

    /// How long that list is. Call it in the same snapshot.
    pub async fn guarded_count(
        &mut self,
        of: &Selection,
        guard: &Guard,
        only: &Only,
    ) -> Result<u64> {
        // The hours count by account, and by when a recording was added.
        let counted = of.scope.counted_under().filter(|_| of.filter.is_only_a_window());
        if let Some(account) = counted.filter(|_| *only == Only::default()) {
            return self.count_by_hours(account, of.scope, &of.filter).await;
        }
        let (sql, values) = chosen(of, guard, only, self.0.is_postgres()).count();
        let row = self.0.row(&sql, &values).await?;
        row.map_or(Ok(0), |mut row| row.next())
    }

    /// What a selection amounts to, up to that number. Minutes are counted of what was added until
    /// then.
    pub async fn tally(
        &mut self,
        of: &Selection,
        guard: &Guard,
        only: &Only,
        last: RecordingNumber,
        billed_until: Time,
    ) -> Result<Vec<Tally>> {
        let conditions = chosen(of, guard, only, self.0.is_postgres());
        let (sql, values) = tally(conditions, guard, last, billed_until);
        let rows = self.0.rows(&sql, &values).await?;
        let read = |mut row: crate::value::Row| {
            Ok(Tally {
                kept_by: KeptBy::read(row.next()?),
                recordings: row.next()?,
                duration: row.next()?,
                bytes: row.next()?,
                billed_minutes: row.next()?,
                oldest: row.next()?,
                newest: row.next()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The number of the recording that came last, of all accounts.
    pub async fn last_number(&mut self) -> Result<RecordingNumber> {
        let row = self.0.row(LAST_NUMBER, &[]).await?;
        row.map_or(Ok(RecordingNumber(0)), |mut row| row.next())
    }

    /// How many recordings there are in the scope.
    pub async fn recordings_in(&mut self, scope: Scope) -> Result<u64> {
        let all = RecordingFilter::default();
        match scope.counted_under() {
            Some(account) => self.count_by_hours(account, scope, &all).await,
            None => self.count(scope, &all).await,
        }
    }
}

fn read_guarded(mut row: crate::value::Row) -> Result<(Recording, Option<KeptBy>)> {
    let recording = read(&mut row)?;
    Ok((recording, KeptBy::read(row.next()?)))
}

/// Every statement here, with all optional conditions present.
pub(super) fn statements(is_postgres: bool) -> Vec<(&'static str, String)> {
    let filter = RecordingFilter::full();
    let root = Scope::Root(AccountId(0));
    let selection = Selection { scope: root, filter };
    let (queries, received_until) = (vec![selection.clone()], Time::from_micros(0));
    let guard = Guard { queries, received_until, keeps_words: true };
    let newest = Sort::NEWEST_FIRST;
    let place = Some(Place { value: 0, number: RecordingNumber(0) });
    let part = GuardedPart { sort: newest, after: place, limit: 1 };
    let only = Only { held: Some(true), said: Some("word".to_owned()) };
    let list = || chosen(&selection, &guard, &only, is_postgres);
    let of_user = Selection { scope: Scope::User(UserId(0)), filter: RecordingFilter::full() };
    let said = || {
        let selection = Selection { scope: root, filter: RecordingFilter::default() };
        let only = Only { held: None, said: Some("word".to_owned()) };
        chosen(&selection, &guard, &only, is_postgres)
    };
    let time = Time::from_micros(0);
    let taking = Taking { selection: selection.clone(), received_until: time, only_audio: true };
    let next = Stretch { after: RecordingNumber(0), last: RecordingNumber(0), limit: 1 };
    let subaccount = Scope::Subaccount(AccountId(0));
    let all = |scope| {
        let all = Selection { scope, filter: RecordingFilter::default() };
        chosen(&all, &guard, &Only::default(), is_postgres)
    };
    vec![
        ("guarded recording", one(root, RecordingId::from_bytes([0; 16]), &guard).0),
        ("guarded page", page(list(), &guard, part).0),
        ("guarded count", list().count().0),
        ("guarded page of what was said", page(said(), &guard, part).0),
        ("guarded count of what was said", said().count().0),
        ("guarded stretch", stretch(list(), &guard, next).0),
        ("guarded stretch of all of a main account", stretch(all(root), &guard, next).0),
        ("guarded stretch of all of a subaccount", stretch(all(subaccount), &guard, next).0),
        ("tally", tally(list(), &guard, RecordingNumber(0), Time::from_micros(0)).0),
        ("amount of recordings", list().amount().0),
        ("a main account's recordings into an export", list().into_export().0),
        (
            "a user's recordings into an export",
            chosen(&of_user, &guard, &only, is_postgres).into_export().0,
        ),
        ("all of a main account into an export", all(root).into_export().0),
        ("all of a subaccount into an export", all(subaccount).into_export().0),
        ("taken", taken(AccountId(0), &[taking], &guard, time).0),
        ("last number", LAST_NUMBER.to_owned()),
    ]
}
