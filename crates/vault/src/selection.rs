//! Which recordings a policy, a hold or a bulk deletion means.

use std::collections::BTreeMap;
use std::time::Duration;

use store::{
    AccountId, AuthId, Direction, Kind, Reader, RecordingFilter, Scope, Selection, Time, UserId,
};

use crate::accounts::has_control;
use crate::span;

/// Conditions, of which all that are given must hold. Ages are counted from the moment at which it
/// is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Where {
    /// What age, `from` and `until` go by.
    pub by: By,
    pub older_than: Option<Duration>,
    /// At or after.
    pub from: Option<Time>,
    /// Before.
    pub until: Option<Time>,
    pub shorter_than: Option<Duration>,
    pub longer_than: Option<Duration>,
    pub kind: Option<Kind>,
    pub direction: Option<Direction>,
    pub extension: Option<String>,
    /// At either end of the call, with or without its `+`.
    pub number: Option<String>,
    pub user_id: Option<UserId>,
    /// The conference's name.
    pub conference: Option<String>,
    /// One that is not the account's own finds nothing.
    pub subaccount: Option<AuthId>,
}

/// What a recording's age goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    #[default]
    Start,
    AddTime,
}

const LONGEST_TEXT: usize = 128;
/// No recording has this account.
const NOBODY: AccountId = AccountId(0);
/// Durations are kept to the microsecond.
const TICK: Duration = Duration::from_micros(1);

impl Where {
    /// Its keys, in callvault's own API.
    pub const KEYS: [&'static str; 13] = [
        "older_than",
        "by",
        "from",
        "until",
        "shorter_than",
        "longer_than",
        "kind",
        "direction",
        "extension",
        "number",
        "user_id",
        "conference",
        "subaccount",
    ];

    /// Sets one of [`Where::KEYS`] from its text: spans with a unit (`90d`, `30s`), times in RFC
    /// 3339. The error says what is wrong with it.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        match key {
            "older_than" => self.older_than = Some(span(text)?),
            "by" => {
                self.by = match text {
                    "start" => By::Start,
                    "add_time" => By::AddTime,
                    _ => return Err("must be one of start, add_time".to_owned()),
                }
            }
            "from" => self.from = Some(time(text)?),
            "until" => self.until = Some(time(text)?),
            "shorter_than" => self.shorter_than = Some(span(text)?),
            "longer_than" => self.longer_than = Some(span(text)?),
            "kind" => self.kind = Some(word(text, "company, on_demand")?),
            "direction" => self.direction = Some(word(text, "inbound, outbound, internal")?),
            "extension" => self.extension = Some(plain(text)?),
            "number" => self.number = Some(plain(text)?),
            "user_id" => {
                let id = text.parse().map_err(|_| "must be a whole number".to_owned())?;
                self.user_id = Some(UserId(id));
            }
            "conference" => self.conference = Some(plain(text)?),
            "subaccount" => {
                let id = text.parse::<AuthId>().ok().filter(AuthId::is_subaccount);
                self.subaccount = Some(id.ok_or("must be the Auth ID of a subaccount")?);
            }
            _ => return Err("no such key".to_owned()),
        }
        Ok(())
    }

    /// What is set, in the form that [`Where::set`] takes.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let by = match self.by {
            By::Start => None,
            By::AddTime => Some("add_time".to_owned()),
        };
        let pairs = [
            ("older_than", self.older_than.map(span::write)),
            ("by", by),
            ("from", self.from.map(|time| time.to_string())),
            ("until", self.until.map(|time| time.to_string())),
            ("shorter_than", self.shorter_than.map(span::write)),
            ("longer_than", self.longer_than.map(span::write)),
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
            ("direction", self.direction.map(|direction| direction.as_str().to_owned())),
            ("extension", self.extension.clone()),
            ("number", self.number.clone()),
            ("user_id", self.user_id.map(|user| user.to_string())),
            ("conference", self.conference.clone()),
            ("subaccount", self.subaccount.as_ref().map(AuthId::to_string)),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// Whether it would find everything.
    pub fn is_empty(&self) -> bool {
        *self == Self { by: self.by, ..Self::default() }
    }

    /// As it is kept: a JSON object of texts.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.pairs().into_iter().map(|(key, value)| (key, serde_json::Value::from(value))).collect()
    }

    /// As it was kept.
    pub(crate) fn from_json(text: &str) -> store::Result<Self> {
        let bad = |why: String| {
            store::Error::Database(anyhow::anyhow!("a kept selection cannot be read: {why}"))
        };
        let pairs: BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        let mut all = Self::default();
        for (key, value) in pairs {
            all.set(&key, &value).map_err(bad)?;
        }
        Ok(all)
    }

    /// What it means within that scope at that moment.
    pub(crate) async fn selection(
        &self,
        reader: &mut Reader,
        scope: Scope,
        now: Time,
    ) -> store::Result<Selection> {
        let scope = match (&self.subaccount, scope) {
            (None, scope) => scope,
            (Some(auth_id), scope) => {
                let account = reader.account(auth_id).await?;
                let id = account.filter(|account| match scope {
                    Scope::Root(root) => account.parent == Some(root),
                    Scope::Subaccount(own) => account.account_id == own,
                    Scope::User(_) => false,
                });
                Scope::Subaccount(id.map_or(NOBODY, |account| account.account_id))
            }
        };
        let oldest = self.older_than.map(|age| now.minus(age));
        let until = match (self.until, oldest) {
            (Some(until), Some(oldest)) => Some(until.min(oldest)),
            (until, oldest) => until.or(oldest),
        };
        let mut filter = RecordingFilter {
            duration_from: self.longer_than.map(|longer| longer.saturating_add(TICK)),
            duration_until: self.shorter_than,
            kind: self.kind,
            direction: self.direction,
            extension: self.extension.clone(),
            number: self.number.clone(),
            user_id: self.user_id,
            conference_name: self.conference.clone(),
            ..RecordingFilter::default()
        };
        match self.by {
            By::Start => (filter.started_from, filter.started_until) = (self.from, until),
            By::AddTime => (filter.added_from, filter.added_until) = (self.from, until),
        }
        Ok(Selection { scope, filter })
    }
}

fn span(text: &str) -> Result<Duration, String> {
    let span = span::parse(text)?;
    if span.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(span) }
}

fn time(text: &str) -> Result<Time, String> {
    text.parse().map_err(|_| "must be a time in RFC 3339".to_owned())
}

fn word<T: std::str::FromStr>(text: &str, words: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("must be one of {words}"))
}

fn plain(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().count() > LONGEST_TEXT || has_control(text) {
        return Err(format!("must be 1 to {LONGEST_TEXT} printable characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let values = [
            "365d",
            "add_time",
            "2025-01-01T00:00:00Z",
            "2025-02-01T00:00:00.5Z",
            "30s",
            "2h",
            "on_demand",
            "internal",
            "101",
            "+14155550100",
            "745249",
            "weekly",
            "SA00000000000000000A",
        ];
        let mut all = Where::default();
        assert!(all.is_empty());
        for (key, value) in Where::KEYS.into_iter().zip(values) {
            all.set(key, value).unwrap();
        }
        let pairs: Vec<_> = Where::KEYS.into_iter().zip(values.map(str::to_owned)).collect();
        assert_eq!(all.pairs(), pairs);
        assert_eq!(Where::from_json(&all.to_json().to_string()).unwrap(), all);
        assert!(!all.is_empty());
        let only_by = Where { by: By::AddTime, ..Where::default() };
        assert!(only_by.is_empty());
    }

    #[test]
    fn a_bare_number_is_no_span() {
        let mut all = Where::default();
        for key in ["older_than", "shorter_than", "longer_than"] {
            for text in ["90", "0d", "-1d", "90 d", "1.5h", ""] {
                assert!(all.set(key, text).is_err(), "{key} {text}");
            }
        }
        assert_eq!(all, Where::default());
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_it(key in 0..Where::KEYS.len(), text in ".*") {
            let mut all = Where::default();
            if all.set(Where::KEYS[key], &text).is_ok() {
                prop_assert_eq!(Where::from_json(&all.to_json().to_string()).unwrap(), all);
            }
        }
    }
}
