//! Which recordings: the conditions of a list, and of an export.

mod time;

use std::time::Duration;

use vault::{Direction, RecordingFilter, Time};

use crate::error::{Error, Result};

/// Adds one condition, by the vendor's name of it; false where that names none.
///
/// | name | value |
/// |---|---|
/// | `call_direction` | `INBOUND`, `OUTBOUND` or `INTRA_PBX`, in any case |
/// | `call_id` | exactly this |
/// | `caller_id`, `dnis` | digits with or without their `+`, or a SIP address |
/// | `cnam` | the whole name, in any case |
/// | `extension` | one of the call's extensions |
/// | `duration:gte`, `duration:lte` | milliseconds, compared with `duration` as we show it |
/// | `start:gte` | started then or later, see [`time::read`] |
/// | `start:lte` | started then or earlier: `start` is shown in whole seconds, and what is shown counts |
pub(crate) fn condition(filter: &mut RecordingFilter, name: &str, value: &str) -> Result<bool> {
    let text = || Some(value.to_owned());
    match name {
        "call_direction" => filter.direction = Some(direction(value)?),
        "call_id" => filter.call_uuid = text(),
        "caller_id" => filter.from_number = Some(number(value)),
        "dnis" => filter.to_number = Some(number(value)),
        "cnam" => filter.cnam = text(),
        "extension" => filter.extension = text(),
        "duration:gte" => {
            let shortest = milliseconds(name, value)?.saturating_sub(HALF);
            filter.duration_from = Some(shortest);
        }
        "duration:lte" => {
            let longest = milliseconds(name, value)?.saturating_add(HALF);
            filter.duration_until = Some(longest);
        }
        "start:gte" => filter.started_from = Some(Time::from_micros(moment(name, value)?)),
        "start:lte" => {
            let second = moment(name, value)?.div_euclid(SECOND) * SECOND;
            filter.started_until = Some(Time::from_micros(second + SECOND));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A duration is shown to the nearest millisecond, half up.
const HALF: Duration = Duration::from_micros(500);
/// In microseconds.
const SECOND: i64 = 1_000_000;

fn direction(value: &str) -> Result<Direction> {
    match value.to_ascii_uppercase().as_str() {
        "INBOUND" => Ok(Direction::Inbound),
        "OUTBOUND" => Ok(Direction::Outbound),
        "INTRA_PBX" => Ok(Direction::Internal),
        _ => {
            let why = "must be INBOUND, OUTBOUND or INTRA_PBX";
            Err(Error::parameter("call_direction", why))
        }
    }
}

/// A `+` that was not encoded is a space by now.
fn number(value: &str) -> String {
    value.trim_start().to_owned()
}

fn milliseconds(name: &str, value: &str) -> Result<Duration> {
    let number = whole_number(value).map(Duration::from_millis);
    number.ok_or_else(|| Error::parameter(name, "must be a whole number of milliseconds"))
}

fn moment(name: &str, value: &str) -> Result<i64> {
    time::read(value)
        .ok_or_else(|| Error::parameter(name, "must be a time, written YYYY-MM-DDTHH:MM:SS+0000"))
}

/// Reads digits and nothing else: no sign, space, fraction or exponent.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
