//! Parsers of text parts. Each refuses with what it wants instead, fit to follow `part: `.

use std::str::FromStr;

use vault::Time;

/// The most entries that a list may have.
const ENTRIES: usize = 100;

/// Free text: 1 to `longest` characters, none of them a control character; kept as it is.
pub(super) fn free(text: &str, longest: usize) -> Result<String, String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("must be at most {longest} characters"));
    }
    Ok(text.to_owned())
}

/// A telephone number: E.164 (up to 15 digits, with or without `+`; an extension passes too), or a
/// SIP address (`sip:`, `sips:` or nothing, then `user@host` or `host`), up to 128 characters.
pub(super) fn number(text: &str) -> Result<String, String> {
    let text = free(text, 128)?;
    if is_e164(&text) || is_sip(&text) {
        Ok(text)
    } else {
        Err("must be an E.164 number, as in \"+14155550100\", or a SIP address".to_owned())
    }
}

fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_sip(text: &str) -> bool {
    let scheme = ["sips:", "sip:"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    let (user, host) = match scheme.unwrap_or(text).rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, scheme.unwrap_or_default()),
    };
    let printable = |part: &str| {
        let odd = |c: char| c.is_whitespace() || "<>\",@".contains(c);
        !part.is_empty() && !part.contains(odd)
    };
    printable(host) && user.is_none_or(printable)
}

/// An RFC 3339 time between 1970 and 9999, in UTC or with an offset.
pub(super) fn time(text: &str) -> Result<Time, String> {
    let time = if is_rfc3339(text) { text.parse().ok() } else { None };
    time.ok_or_else(|| {
        "must be an RFC 3339 time from 1970 to 9999, as in \"2026-01-31T12:00:00Z\"".to_owned()
    })
}

/// The shape of RFC 3339's `date-time`; the calendar library would take more.
fn is_rfc3339(text: &str) -> bool {
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(b, s)| match s {
                b'0' => b.is_ascii_digit(),
                other => b == other,
            })
    };
    let Some((moment, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(rest) => {
            let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            if !(1..=9).contains(&(rest.len() - zone.len())) {
                return false;
            }
            zone
        }
    };
    shaped(moment, "0000-00-00T00:00:00")
        && (zone == "Z" || shaped(zone, "+00:00") || shaped(zone, "-00:00"))
}

/// One of a few words; `words` is what the refusal lists.
pub(super) fn word<T: FromStr>(text: &str, words: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("must be one of {words}"))
}

/// A whole number from 1 to 2^63 - 1, in digits.
pub(super) fn whole_number(text: &str) -> Result<i64, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| "must be a whole number from 1 to 9223372036854775807".to_owned())
}

/// Comma-separated free texts of up to `longest` characters each, without the space around them;
/// 1 to 100.
pub(super) fn list(text: &str, longest: usize) -> Result<Vec<String>, String> {
    let entries = text.split(',').map(|entry| free(entry.trim_matches(' '), longest));
    let entries = entries.take(ENTRIES + 1).collect::<Result<Vec<_>, _>>();
    match entries {
        Ok(entries) if entries.len() > ENTRIES => {
            Err(format!("must have at most {ENTRIES} entries"))
        }
        Ok(entries) => Ok(entries),
        Err(why) => Err(format!("every entry {why}")),
    }
}

#[cfg(test)]
mod tests;
