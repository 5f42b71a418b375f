//! From when until when: what `add_time…` and `recording_storage_duration…` come to.

use std::time::Duration;

use vault::Time;

use super::{Operator, time};
use crate::error::{Error, Result};

/// Moments at or after `from` and before `until`. Never turned around: `from` ≤ `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Option<Time>,
    pub(super) until: Option<Time>,
}

/// One condition, with the name of its parameter as the client wrote it.
#[derive(Debug, Clone)]
pub(super) struct Bound<T> {
    pub(super) name: String,
    pub(super) operator: Operator,
    pub(super) value: T,
}

const DAY: Duration = Duration::from_hours(24);
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
const DEFAULT: Duration = Duration::from_hours(7 * 24);
const LONGEST_DAYS: u32 = 30;

impl Window {
    pub(super) const ALWAYS: Self = Self { from: None, until: None };

    /// Nothing is in it.
    pub(super) const NEVER: Self =
        Self { from: Some(Time::from_micros(0)), until: Some(Time::from_micros(0)) };

    pub(super) fn last_week(now: Time) -> Self {
        Self { from: Some(now.minus(DEFAULT)), until: None }
    }

    fn between(from: Option<i64>, until: Option<i64>) -> Self {
        let (from, until) = (from.map(Time::from_micros), until.map(Time::from_micros));
        Self { from, until: until.map(|until| from.map_or(until, |from| until.max(from))) }
    }
}

/// One end of a window: the moment in it, and what the client wrote.
#[derive(Clone, Copy)]
struct End<'a> {
    /// Microseconds since 1970: the first inside, or the first outside.
    at: i64,
    written: Time,
    name: &'a str,
}

/// The window of `add_time`. All conditions must hold, and 30 days at most lie between the two
/// times that matter; a lower one alone reaches to `now`, an upper one alone is refused. A time
/// without an operator means the whole minute, second or microsecond that it names.
pub(super) fn of_times(bounds: &[Bound<time::Written>], now: Time) -> Result<Window> {
    let (mut lower, mut upper) = (None::<End<'_>>, None::<End<'_>>);
    for Bound { name, operator, value } in bounds {
        let (first, span) = (value.time.as_micros(), value.precision);
        let end = |at, written| End { at, written, name };
        let (from, until) = match operator {
            Operator::Is => {
                let after = value.time.plus(span);
                let until = first.saturating_add(i64::try_from(span.as_micros()).unwrap_or(0));
                (Some(end(first, value.time)), Some(end(until, after)))
            }
            Operator::Over => (Some(end(first + 1, value.time)), None),
            Operator::From => (Some(end(first, value.time)), None),
            Operator::Under => (None, Some(end(first, value.time))),
            Operator::UpTo => (None, Some(end(first + 1, value.time))),
        };
        lower = [lower, from].into_iter().flatten().max_by_key(|end| end.at);
        upper = [upper, until].into_iter().flatten().min_by_key(|end| end.at);
    }
    let longest = DAY * LONGEST_DAYS;
    match (lower, upper) {
        (None, Some(upper)) => {
            let why = "needs add_time__gt or add_time__gte beside it, at most 30 days earlier";
            Err(Error::parameter(upper.name, why))
        }
        (Some(lower), None) if now.since(lower.written) > longest => {
            let why = "is more than 30 days ago and needs add_time__lt or add_time__lte beside \
                       it, at most 30 days later";
            Err(Error::parameter(lower.name, why))
        }
        (Some(lower), Some(upper)) if upper.written.since(lower.written) > longest => {
            let why = format!("is more than 30 days before {}", upper.name);
            Err(Error::parameter(lower.name, why))
        }
        _ => Ok(Window::between(lower.map(|end| end.at), upper.map(|end| end.at))),
    }
}

/// The window of `recording_storage_duration`, which has no limit. A recording's storage day is
/// 1 when it is added and one more every 24 hours: floor((now − `add_time`) / 24 h) + 1. So day
/// `d` and later are those added up to `d` − 1 days ago.
pub(super) fn of_days(bounds: &[Bound<u32>], now: Time) -> Window {
    // The first microsecond after the last moment that was at least so many days ago.
    let before = |days: i64| {
        let ago = days.saturating_mul(DAY_MICROS);
        now.as_micros().saturating_sub(ago).saturating_add(1)
    };
    let (mut lower, mut upper) = (None, None);
    for Bound { operator, value, .. } in bounds {
        let days = i64::from(*value);
        let (from, until) = match operator {
            Operator::Is => (Some(before(days)), Some(before(days - 1))),
            Operator::Over => (None, Some(before(days))),
            Operator::From => (None, Some(before(days - 1))),
            Operator::Under => (Some(before(days - 1)), None),
            Operator::UpTo => (Some(before(days)), None),
        };
        lower = lower.max(from);
        upper = [upper, until].into_iter().flatten().min();
    }
    Window::between(lower, upper)
}

#[cfg(test)]
mod tests;
