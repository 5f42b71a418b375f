//! Which recordings, in which order: the one place where a filter becomes SQL.

use std::fmt::Write as _;
use std::time::Duration;

use super::{COLUMNS, Direction, FROM, Kind, words};
use crate::value::Value;
use crate::{AccountId, RecordingNumber, Time, UserId};

/// Whose recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Of a main account and of all its subaccounts.
    Root(AccountId),
    /// Of this one subaccount.
    Subaccount(AccountId),
    /// Those that this one user made on demand.
    User(UserId),
}

impl Scope {
    /// The account under which its recordings are counted by the hour.
    pub(crate) fn counted_under(self) -> Option<AccountId> {
        match self {
            Self::Root(account) | Self::Subaccount(account) => Some(account),
            Self::User(_) => None,
        }
    }

    /// As a condition whose value is `$1`. The second form is what the partial index is of.
    pub(crate) fn condition(self) -> String {
        self.condition_on(1)
    }

    fn condition_on(self, at: usize) -> String {
        match self {
            Self::Root(_) => format!("r.root_id = ${at}"),
            Self::Subaccount(_) => {
                format!("r.account_id = ${at} and r.account_id <> r.root_id")
            }
            Self::User(_) => format!("r.user_id = ${at} and r.kind = 'on_demand'"),
        }
    }

    /// The value of [`Scope::condition`].
    pub(super) fn value(self) -> Value {
        match self {
            Self::Root(account) | Self::Subaccount(account) => account.into(),
            Self::User(user) => user.into(),
        }
    }
}

/// Which recordings of a scope. Every condition that is given must hold; texts match whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingFilter {
    /// Added at or after.
    pub added_from: Option<Time>,
    /// Added before.
    pub added_until: Option<Time>,
    /// Started at or after.
    pub started_from: Option<Time>,
    /// Started before.
    pub started_until: Option<Time>,
    /// At least this long.
    pub duration_from: Option<Duration>,
    /// Shorter than this.
    pub duration_until: Option<Duration>,
    pub call_uuid: Option<String>,
    /// Digits match with and without a leading `+`.
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    /// At either end of the call.
    pub number: Option<String>,
    pub direction: Option<Direction>,
    pub conference_name: Option<String>,
    pub conference_uuid: Option<String>,
    pub mpc_name: Option<String>,
    pub mpc_uuid: Option<String>,
    pub kind: Option<Kind>,
    pub user_id: Option<UserId>,
    /// One of its extensions.
    pub extension: Option<String>,
    /// In whatever case.
    pub cnam: Option<String>,
    /// Only those whose audio was not deleted.
    pub with_audio: bool,
}

impl RecordingFilter {
    /// Every text in it, as it was given.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = [
            &self.call_uuid,
            &self.from_number,
            &self.to_number,
            &self.number,
            &self.conference_name,
            &self.conference_uuid,
            &self.mpc_name,
            &self.mpc_uuid,
            &self.extension,
            &self.cnam,
        ];
        texts.into_iter().flatten().map(String::as_str)
    }

    /// Whether nothing but the time of adding is asked for, so that the hours know the answer.
    pub(super) fn is_only_a_window(&self) -> bool {
        let window =
            Self { added_from: self.added_from, added_until: self.added_until, ..Self::default() };
        *self == window
    }

    /// With a value for every condition, so that all of them are tried at the start.
    pub(crate) fn full() -> Self {
        let (time, span) = (Some(Time::from_micros(0)), Some(Duration::ZERO));
        let text = || Some(String::new());
        Self {
            added_from: time,
            added_until: time,
            started_from: time,
            started_until: time,
            duration_from: span,
            duration_until: span,
            call_uuid: text(),
            from_number: text(),
            to_number: text(),
            number: text(),
            direction: Some(Direction::Inbound),
            conference_name: text(),
            conference_uuid: text(),
            mpc_name: text(),
            mpc_uuid: text(),
            kind: Some(Kind::Company),
            user_id: Some(UserId(0)),
            extension: text(),
            cnam: text(),
            with_audio: true,
        }
    }
}

words!(
    /// What a list is sorted by; recordings that are equal in it, by number.
    SortBy {
        AddTime = "add_time",
        Start = "start",
        Duration = "duration",
        Number = "number",
        SizeBytes = "size_bytes",
    }
);

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub by: SortBy,
    /// The latest, longest or largest first.
    pub descending: bool,
}

impl Sort {
    /// The latest added first.
    pub const NEWEST_FIRST: Self = Self { by: SortBy::AddTime, descending: true };

    pub(crate) fn reversed(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    pub(crate) fn order(self) -> String {
        let way = if self.descending { "desc" } else { "asc" };
        match self.by {
            SortBy::Number => format!("r.number {way}"),
            by => format!("r.{} {way}, r.number {way}", by.as_str()),
        }
    }
}

/// Where in a list a recording stands, whatever comes or goes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The value that the list is sorted by: microseconds, bytes, or the number itself.
    pub value: i64,
    pub number: RecordingNumber,
}

/// Conditions on recordings, and their values.
pub(crate) struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    pub(crate) fn of(scope: Scope, filter: &RecordingFilter) -> Self {
        let mut all = Self { text: String::new(), values: Vec::new() };
        all.begin(scope, filter);
        all
    }

    /// The same for others, in brackets: their values join these.
    pub(super) fn also(&mut self, scope: Scope, filter: &RecordingFilter) -> String {
        let outer = std::mem::take(&mut self.text);
        self.begin(scope, filter);
        format!("({})", std::mem::replace(&mut self.text, outer))
    }

    /// Keeps one more value; how a statement calls it.
    pub(crate) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub(crate) fn into_parts(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }

    fn begin(&mut self, scope: Scope, filter: &RecordingFilter) {
        let all = self;
        all.values.push(scope.value());
        all.text = scope.condition_on(all.values.len());
        all.push("r.add_time >=", filter.added_from);
        all.push("r.add_time <", filter.added_until);
        all.push("r.kind =", filter.kind.map(Kind::as_str));
        all.push("r.user_id =", filter.user_id);
        all.push("r.start >=", filter.started_from);
        all.push("r.start <", filter.started_until);
        all.push("r.duration >=", filter.duration_from);
        all.push("r.duration <", filter.duration_until);
        all.push("r.call_uuid =", filter.call_uuid.as_deref());
        all.push_number(&["r.from_number"], filter.from_number.as_deref());
        all.push_number(&["r.to_number"], filter.to_number.as_deref());
        all.push_number(&["r.from_number", "r.to_number"], filter.number.as_deref());
        all.push("r.direction =", filter.direction.map(Direction::as_str));
        all.push("r.conference_name =", filter.conference_name.as_deref());
        all.push("r.conference_uuid =", filter.conference_uuid.as_deref());
        all.push("r.mpc_name =", filter.mpc_name.as_deref());
        all.push("r.mpc_uuid =", filter.mpc_uuid.as_deref());
        all.push("r.cnam_key =", filter.cnam.as_deref().map(cnam_key));
        if filter.with_audio {
            all.and("r.audio_deleted is null");
        }
        if let Some(extension) = &filter.extension {
            // The list is JSON: inside of a text every quote has a backslash, so that a bracket or
            // a comma and then a quote begin an element. Both databases have `replace`.
            let text = serde_json::Value::from(extension.as_str());
            all.values.extend([format!("[{text}").into(), format!(",{text}").into()]);
            let last = all.values.len();
            let has = |at| format!("replace(r.extensions, ${at}, '') <> r.extensions");
            let _ = write!(all.text, " and ({} or {})", has(last - 1), has(last));
        }
    }

    pub(super) fn and(&mut self, condition: &str) {
        let _ = write!(self.text, " and {condition}");
    }

    /// Has SQLite begin with what other conditions find, and not with all that is in the scope: a
    /// plus keeps a column from its indexes.
    pub(super) fn begin_elsewhere(&mut self) {
        self.text.insert(0, '+');
    }

    /// Only what comes after that place.
    pub(crate) fn after(mut self, sort: Sort, place: Place) -> Self {
        let than = if sort.descending { "<" } else { ">" };
        self.values.extend([place.value.into(), place.number.into()]);
        let last = self.values.len();
        let _ = write!(
            self.text,
            " and (r.{}, r.number) {than} (${}, ${last})",
            sort.by.as_str(),
            last - 1
        );
        self
    }

    pub(super) fn push(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            let _ = write!(self.text, " and {condition} ${}", self.values.len());
        }
    }

    /// One of the columns has this number, with or without its `+`.
    fn push_number(&mut self, columns: &[&str], number: Option<&str>) {
        let Some(number) = number else { return };
        let bare = number.strip_prefix('+').unwrap_or(number);
        self.values.push(bare.into());
        self.values.push(format!("+{bare}").into());
        let last = self.values.len();
        let either: Vec<String> =
            columns.iter().map(|column| format!("{column} in (${}, ${last})", last - 1)).collect();
        let _ = write!(self.text, " and ({})", either.join(" or "));
    }

    pub(super) fn count(self) -> (String, Vec<Value>) {
        (format!("select count(*) from recording r where {}", self.text), self.values)
    }

    /// Puts those that are not in an export yet into it. Its id and a limit are two more values,
    /// to be added.
    pub(super) fn into_export(self) -> (String, Vec<Value>) {
        let next = self.values.len() + 1;
        let sql = format!(
            "insert into export_file (export_id, number, recording_id, state) \
             select e.export_id, r.number, r.recording_id, 'waiting' \
             from export e join recording r on r.number > coalesce((select max(f.number) \
             from export_file f where f.export_id = e.export_id), 0) \
             where {} and e.export_id = ${next} order by r.number limit ${}",
            self.text,
            next + 1
        );
        (sql, self.values)
    }

    pub(super) fn amount(self) -> (String, Vec<Value>) {
        let sql = format!(
            "select count(*), cast(coalesce(sum(r.duration), 0) as bigint), \
             cast(coalesce(sum(r.size_bytes), 0) as bigint) from recording r where {}",
            self.text
        );
        (sql, self.values)
    }

    /// Limit and offset are two more values, to be added.
    pub(super) fn page(self, sort: Sort) -> (String, Vec<Value>) {
        let next = self.values.len() + 1;
        let sql = format!(
            "select {COLUMNS} {FROM} where {} order by {} limit ${next} offset ${}",
            self.text,
            sort.order(),
            next + 1
        );
        (sql, self.values)
    }
}

/// How a caller's name is compared.
pub(super) fn cnam_key(cnam: &str) -> String {
    cnam.to_lowercase()
}
