//! What is in an export: `manifest.csv` and `manifest.json`, line by line and with the same columns.

use serde::Serialize;
use store::{Export, ExportFile, Recording, Seen};

use super::words::{Words, WordsForm};
use crate::media::hex;

/// A line of it: a recording. `file`, `crc32` and all that is known of the recording are missing
/// where it is not in the export; `state` says whether, and `reason` why.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: Option<String>,
    state: &'static str,
    reason: Option<&'a str>,
    recording_id: String,
    number: i64,
    call_uuid: Option<&'a str>,
    kind: Option<&'static str>,
    direction: Option<&'static str>,
    from_number: Option<&'a str>,
    to_number: Option<&'a str>,
    cnam: Option<&'a str>,
    user_id: Option<i64>,
    extensions: Option<&'a [String]>,
    rule_ids: Option<&'a [String]>,
    start: Option<String>,
    add_time: Option<String>,
    duration_ms: Option<u64>,
    format: Option<&'static str>,
    channels: Option<u16>,
    sample_rate: Option<u32>,
    size_bytes: Option<u64>,
    sha256: Option<String>,
    crc32: Option<String>,
    /// As JSON; the text is beside it.
    transcript: Option<String>,
    /// Of that JSON.
    transcript_sha256: Option<&'a str>,
}

const COLUMNS: [&str; 25] = [
    "file",
    "state",
    "reason",
    "recording_id",
    "number",
    "call_uuid",
    "kind",
    "direction",
    "from_number",
    "to_number",
    "cnam",
    "user_id",
    "extensions",
    "rule_ids",
    "start",
    "add_time",
    "duration_ms",
    "format",
    "channels",
    "sample_rate",
    "size_bytes",
    "sha256",
    "crc32",
    "transcript",
    "transcript_sha256",
];

/// In which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
}

impl Form {
    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "manifest.csv",
            Self::Json => "manifest.json",
        }
    }

    pub(super) fn head(self, export: &Export) -> String {
        match self {
            Self::Csv => format!("{}\r\n", COLUMNS.join(",")),
            Self::Json => format!(
                "{{\"export_id\":\"{}\",\"kind\":\"{}\",\"created\":\"{}\",\"recordings\":[",
                export.export_id,
                export.kind.as_str(),
                export.created
            ),
        }
    }

    /// The line of a recording, the first or a later one.
    pub(super) fn line(self, file: &ExportFile, words: Option<&Words>, first: bool) -> String {
        let line = Line::of(file, words);
        match self {
            Self::Csv => {
                let line = serde_json::to_value(line).unwrap_or_default();
                let cells = COLUMNS.map(|column| cell(&line[column]));
                format!("{}\r\n", cells.join(","))
            }
            Self::Json => {
                let line = serde_json::to_string(&line).unwrap_or_default();
                format!("{}\n{line}", if first { "" } else { "," })
            }
        }
    }

    pub(super) fn tail(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => "\n]}\n",
        }
    }
}

/// What a recording is called in the zip: nothing in it is a stranger's.
pub(super) fn file_name(recording: &Recording) -> String {
    let day = recording.start.civil().date();
    format!("recordings/{day}/{}.{}", recording.number, recording.sound.format.as_str())
}

impl<'a> Line<'a> {
    fn of(file: &'a ExportFile, words: Option<&'a Words>) -> Self {
        let recording = file.recording.as_ref().filter(|_| file.seen != Seen::Gone);
        let (state, crc32, reason) = match &file.seen {
            Seen::NotYet => ("waiting", None, None),
            Seen::Ready { crc32 } => ("ready", Some(format!("{crc32:08x}")), None),
            Seen::Gone => ("gone", None, None),
            Seen::Failed { reason } => ("failed", None, Some(reason.as_str())),
        };
        let call = recording.map(|recording| &recording.call);
        let sound = recording.map(|recording| &recording.sound);
        Self {
            file: recording.filter(|_| crc32.is_some()).map(file_name),
            state,
            reason,
            recording_id: file.recording_id.to_string(),
            number: file.number.0,
            call_uuid: call.map(|call| call.call_uuid.as_str()),
            kind: call.map(|call| call.kind.as_str()),
            direction: call.and_then(|call| call.direction).map(store::Direction::as_str),
            from_number: call.and_then(|call| call.from_number.as_deref()),
            to_number: call.and_then(|call| call.to_number.as_deref()),
            cnam: call.and_then(|call| call.cnam.as_deref()),
            user_id: call.and_then(|call| call.user_id).map(|user| user.0),
            extensions: call.map(|call| &call.extensions[..]),
            rule_ids: call.map(|call| &call.rule_ids[..]),
            start: recording.map(|recording| recording.start.to_string()),
            add_time: recording.map(|recording| recording.add_time.to_string()),
            duration_ms: sound.map(|sound| {
                u64::try_from((sound.duration().as_micros() + 500) / 1_000).unwrap_or(u64::MAX)
            }),
            format: sound.map(|sound| sound.format.as_str()),
            channels: sound.map(|sound| sound.channels),
            sample_rate: sound.map(|sound| sound.sample_rate),
            size_bytes: recording.map(|recording| recording.size_bytes),
            sha256: recording.map(|recording| hex(&recording.sha256)),
            crc32,
            transcript: recording
                .filter(|_| words.is_some())
                .map(|recording| WordsForm::Json.file_name(recording)),
            transcript_sha256: recording.and(words).map(|words| words.sha256.as_str()),
        }
    }
}

/// A cell as RFC 4180 has it; a list is joined with spaces. A text that a spreadsheet would take
/// for a formula, as a caller may have chosen it, gets an apostrophe before it; in the JSON it
/// stands as it is.
fn cell(value: &serde_json::Value) -> String {
    use serde_json::Value;
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        other => return other.to_string(),
    };
    let digits = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = text.strip_prefix('+').is_some_and(digits);
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number {
        format!("'{text}")
    } else {
        text
    };
    if text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
