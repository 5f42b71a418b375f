//! A filter as it is kept with an export, until its recordings are gathered.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::{RecordingFilter, Time, UserId};

use crate::{Error, Result};

/// Times and spans are in microseconds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    added_from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_until: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    with_audio: bool,
    #[serde(flatten)]
    texts: std::collections::BTreeMap<String, String>,
}

pub(super) fn write(filter: &RecordingFilter) -> String {
    // Every field by its name: one that is forgotten here would widen the export.
    let RecordingFilter {
        added_from,
        added_until,
        started_from,
        started_until,
        duration_from,
        duration_until,
        call_uuid,
        from_number,
        to_number,
        number,
        direction,
        conference_name,
        conference_uuid,
        mpc_name,
        mpc_uuid,
        kind,
        user_id,
        extension,
        cnam,
        with_audio,
    } = filter;
    let span = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let texts = [
        ("call_uuid", call_uuid),
        ("from_number", from_number),
        ("to_number", to_number),
        ("number", number),
        ("conference_name", conference_name),
        ("conference_uuid", conference_uuid),
        ("mpc_name", mpc_name),
        ("mpc_uuid", mpc_uuid),
        ("extension", extension),
        ("cnam", cnam),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?)));
    let kept = Kept {
        added_from: added_from.map(Time::as_micros),
        added_until: added_until.map(Time::as_micros),
        started_from: started_from.map(Time::as_micros),
        started_until: started_until.map(Time::as_micros),
        duration_from: duration_from.map(span),
        duration_until: duration_until.map(span),
        user_id: user_id.map(|user| user.0),
        kind: kind.map(|kind| kind.as_str().to_owned()),
        direction: direction.map(|direction| direction.as_str().to_owned()),
        with_audio: *with_audio,
        texts: texts.collect(),
    };
    serde_json::to_string(&kept).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Result<RecordingFilter> {
    let mut kept: Kept = serde_json::from_str(text).map_err(anyhow::Error::from)?;
    let word = |_| Error::Internal(anyhow::anyhow!("an export's filter has an unknown word"));
    let mut text = |name: &str| kept.texts.remove(name);
    let filter = RecordingFilter {
        call_uuid: text("call_uuid"),
        from_number: text("from_number"),
        to_number: text("to_number"),
        number: text("number"),
        conference_name: text("conference_name"),
        conference_uuid: text("conference_uuid"),
        mpc_name: text("mpc_name"),
        mpc_uuid: text("mpc_uuid"),
        extension: text("extension"),
        cnam: text("cnam"),
        added_from: kept.added_from.map(Time::from_micros),
        added_until: kept.added_until.map(Time::from_micros),
        started_from: kept.started_from.map(Time::from_micros),
        started_until: kept.started_until.map(Time::from_micros),
        duration_from: kept.duration_from.map(Duration::from_micros),
        duration_until: kept.duration_until.map(Duration::from_micros),
        user_id: kept.user_id.map(UserId),
        kind: kept.kind.as_deref().map(str::parse).transpose().map_err(word)?,
        direction: kept.direction.as_deref().map(str::parse).transpose().map_err(word)?,
        with_audio: kept.with_audio,
    };
    if let Some(name) = kept.texts.keys().next() {
        return Err(anyhow::anyhow!("an export's filter has an unknown condition, {name}").into());
    }
    Ok(filter)
}

#[cfg(test)]
mod tests;
