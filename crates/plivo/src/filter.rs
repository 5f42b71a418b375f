//! The query of a list: which recordings, in which window of time, which page.

pub(crate) mod time;
mod window;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vault::{RecordingQuery, Time};

use self::window::{Bound, Window};
use crate::error::{Error, Result};
use crate::page::{self, Page};
use crate::{State, quirks};

/// What a list is asked for.
///
/// | parameter | meaning |
/// |---|---|
/// | `from_number`, `to_number` | E.164 with or without its `+`, or a SIP address |
/// | `call_uuid`, `conference_name`, `conference_uuid`, `mpc_name`, `mpc_uuid` | exactly this |
/// | `subaccount` | this subaccount's; one that is not the caller's has none |
/// | `add_time`, with `__gt`, `__gte`, `__lt`, `__lte` | a UTC time, see [`time::read`] |
/// | `recording_storage_duration`, with the same | whole days; not together with `add_time` |
/// | `limit`, `offset` | 1 to 20, default 20; from 0 |
///
/// All that are given must hold. Without a window of time it is the last 7 days, or all time if a
/// `call_uuid` is given. An empty parameter is absent, an unknown one is ignored. One that is
/// given twice with different values is refused: none of the two is obviously meant.
/// <https://www.plivo.com/docs/voice/api/recordings#list-all-recordings>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub query: RecordingQuery,
    pub page: Page,
    /// The filters as they were given, names and values, for links to other pages.
    pub filters: Vec<(String, String)>,
}

impl FromRequestParts<State> for List {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        Self::read(parts.uri.query().unwrap_or_default(), state.vault.now())
    }
}

impl List {
    /// Reads a query string; `now` is where the windows end.
    pub(crate) fn read(query: &str, now: Time) -> Result<Self> {
        let mut list =
            Self { query: RecordingQuery::default(), page: Page::default(), filters: Vec::new() };
        let (mut times, mut days, mut possible) = (Vec::new(), Vec::new(), true);
        for Parameter { key, name, value } in parameters(query)? {
            match key {
                Key::FromNumber => list.query.filter.from_number = Some(quirks::number(&value)),
                Key::ToNumber => list.query.filter.to_number = Some(quirks::number(&value)),
                Key::CallUuid => list.query.filter.call_uuid = Some(value.clone()),
                Key::ConferenceName => list.query.filter.conference_name = Some(value.clone()),
                Key::ConferenceUuid => list.query.filter.conference_uuid = Some(value.clone()),
                Key::MpcName => list.query.filter.mpc_name = Some(value.clone()),
                Key::MpcUuid => list.query.filter.mpc_uuid = Some(value.clone()),
                Key::Subaccount => match value.parse() {
                    Ok(auth_id) => list.query.subaccount = Some(auth_id),
                    Err(_) => possible = false,
                },
                Key::AddTime(operator) => times.push(time_bound(&name, operator, &value)?),
                Key::StorageDays(operator) => days.push(day_bound(&name, operator, &value)?),
                Key::Limit => list.page.limit = page::limit(&value)?,
                Key::Offset => list.page.offset = page::offset(&value)?,
            }
            if !matches!(key, Key::Limit | Key::Offset) {
                list.filters.push((name, value));
            }
        }
        let window = match (times.first(), days.first()) {
            (None, None) if list.query.filter.call_uuid.is_some() => Window::ALWAYS,
            (None, None) => Window::last_week(now),
            (Some(_), None) => window::of_times(&times, now)?,
            (None, Some(_)) => window::of_days(&days, now),
            (Some(time), Some(days)) => {
                let why = format!("cannot be combined with {}", time.name);
                return Err(Error::parameter(&days.name, why));
            }
        };
        // What is no Auth ID is no subaccount's, so nothing can be found.
        let window = if possible { window } else { Window::NEVER };
        list.query.filter.added_from = window.from;
        list.query.filter.added_until = window.until;
        Ok(list)
    }
}

fn time_bound(name: &str, operator: Operator, value: &str) -> Result<Bound<time::Written>> {
    let value = time::read(value).ok_or_else(|| {
        Error::parameter(name, "must be a time in UTC, written YYYY-MM-DD HH:MM[:ss[.uuuuuu]]")
    })?;
    Ok(Bound { name: name.to_owned(), operator, value })
}

fn day_bound(name: &str, operator: Operator, value: &str) -> Result<Bound<u32>> {
    let days = page::whole_number(value).and_then(|days| u32::try_from(days).ok());
    let value = days.ok_or_else(|| Error::parameter(name, "must be a whole number of days"))?;
    Ok(Bound { name: name.to_owned(), operator, value })
}

/// A parameter that we know and that says something.
struct Parameter {
    key: Key,
    name: String,
    value: String,
}

/// What parameters are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    FromNumber,
    ToNumber,
    Subaccount,
    CallUuid,
    ConferenceName,
    ConferenceUuid,
    MpcName,
    MpcUuid,
    AddTime(Operator),
    StorageDays(Operator),
    Limit,
    Offset,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Over,
    From,
    Under,
    UpTo,
}

fn parameters(query: &str) -> Result<Vec<Parameter>> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for (name, value) in web::pairs(query) {
        let Some(key) = key(&name).filter(|_| !value.is_empty()) else {
            continue;
        };
        match parameters.iter().find(|earlier| earlier.key == key) {
            Some(earlier) if earlier.value == value => {}
            Some(_) => return Err(Error::parameter(&name, "is given twice")),
            None => parameters.push(Parameter { key, name, value }),
        }
    }
    Ok(parameters)
}

fn key(name: &str) -> Option<Key> {
    Some(match name {
        "from_number" => Key::FromNumber,
        "to_number" => Key::ToNumber,
        "subaccount" => Key::Subaccount,
        "call_uuid" => Key::CallUuid,
        "conference_name" => Key::ConferenceName,
        "conference_uuid" => Key::ConferenceUuid,
        "mpc_name" => Key::MpcName,
        "mpc_uuid" => Key::MpcUuid,
        "limit" => Key::Limit,
        "offset" => Key::Offset,
        _ => {
            let (about, end): (fn(Operator) -> Key, _) =
                if let Some(end) = name.strip_prefix("add_time") {
                    (Key::AddTime, end)
                } else {
                    (Key::StorageDays, name.strip_prefix("recording_storage_duration")?)
                };
            about(operator(end)?)
        }
    })
}

fn operator(end: &str) -> Option<Operator> {
    if end.is_empty() {
        return Some(Operator::Is);
    }
    match quirks::operator(end)? {
        "gt" => Some(Operator::Over),
        "gte" => Some(Operator::From),
        "lt" => Some(Operator::Under),
        "lte" => Some(Operator::UpTo),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
