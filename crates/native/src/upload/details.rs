//! The text parts of an upload: what the sender says of a recording, beside its audio.

use vault::{DeliveryMethod, DeliveryPolicy, Destination, Dialect, Kind, RecordingDetails, UserId};

use super::text::{free, list, number, time, whole_number, word};
use crate::{Error, Result};

/// A text part that an upload may have.
pub(super) struct Part {
    pub(super) name: &'static str,
    read: fn(&mut RecordingDetails, &str) -> Result<(), String>,
}

const fn part(
    name: &'static str,
    read: fn(&mut RecordingDetails, &str) -> Result<(), String>,
) -> Part {
    Part { name, read }
}

/// How long a name of a conference or caller may be, in characters. Ids: 128.
const NAME: usize = 128;

static PARTS: [Part; 18] = [
    part("call_uuid", |to, text| {
        to.call.call_uuid = free(text, 128)?;
        Ok(())
    }),
    part("from_number", |to, text| {
        to.call.from_number = Some(number(text)?);
        Ok(())
    }),
    part("to_number", |to, text| {
        to.call.to_number = Some(number(text)?);
        Ok(())
    }),
    part("direction", |to, text| {
        to.call.direction = Some(word(text, "inbound, outbound, internal")?);
        Ok(())
    }),
    part("start", |to, text| {
        to.start = Some(time(text)?);
        Ok(())
    }),
    part("add_time", |to, text| {
        to.add_time = Some(time(text)?);
        Ok(())
    }),
    part("conference_name", |to, text| {
        to.call.conference_name = Some(free(text, NAME)?);
        Ok(())
    }),
    part("conference_uuid", |to, text| {
        to.call.conference_uuid = Some(free(text, 128)?);
        Ok(())
    }),
    part("mpc_name", |to, text| {
        to.call.mpc_name = Some(free(text, NAME)?);
        Ok(())
    }),
    part("mpc_uuid", |to, text| {
        to.call.mpc_uuid = Some(free(text, 128)?);
        Ok(())
    }),
    part("kind", |to, text| {
        to.call.kind = word(text, "company, on_demand")?;
        Ok(())
    }),
    part("user_id", |to, text| {
        to.call.user_id = Some(UserId(whole_number(text)?));
        Ok(())
    }),
    part("extensions", |to, text| {
        to.call.extensions = list(text, 32)?;
        Ok(())
    }),
    part("cnam", |to, text| {
        to.call.cnam = Some(free(text, NAME)?);
        Ok(())
    }),
    part("rule_ids", |to, text| {
        to.call.rule_ids = list(text, 128)?;
        Ok(())
    }),
    part("transcription_type", |to, text| {
        if text != "auto" {
            return Err("must be auto".to_owned());
        }
        to.transcript.get_or_insert_default();
        Ok(())
    }),
    part("transcription_url", |to, text| {
        // What is told there, and how, is Plivo's.
        to.transcript.get_or_insert_default().callback = Some(Destination {
            dialect: Dialect::Plivo,
            url: free(text, 4096)?,
            method: DeliveryMethod::Post,
            policy: DeliveryPolicy::default(),
        });
        Ok(())
    }),
    part("transcription_language", |to, text| {
        to.transcript.get_or_insert_default().language = Some(free(text, 3)?);
        Ok(())
    }),
];

/// The details as far as they were read.
#[derive(Debug, Default)]
pub(super) struct Details {
    given: Vec<&'static str>,
    read: RecordingDetails,
}

impl Details {
    /// Finds the part of this name; `None` where there is none. A part may come once.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<&'static Part>> {
        let Some(part) = PARTS.iter().find(|part| part.name == name) else {
            return Ok(None);
        };
        if self.given.contains(&part.name) {
            return Err(Error::invalid(name, "given twice"));
        }
        self.given.push(part.name);
        Ok(Some(part))
    }

    /// Reads a part's text, strictly.
    pub(super) fn set(&mut self, part: &Part, text: &str) -> Result<()> {
        (part.read)(&mut self.read, text).map_err(|why| Error::invalid(part.name, why))
    }

    /// What was read, after the checks that need more than one part.
    pub(super) fn finish(self) -> Result<RecordingDetails> {
        let about_transcripts = ["transcription_url", "transcription_language"];
        if let Some(part) = self.given.iter().find(|part| about_transcripts.contains(part))
            && !self.given.contains(&"transcription_type")
        {
            return Err(Error::invalid(*part, "is only for transcription_type=auto"));
        }
        if self.read.call.kind == Kind::OnDemand && self.read.call.user_id.is_none() {
            return Err(Error::invalid("user_id", "must be given where kind is on_demand"));
        }
        Ok(self.read)
    }
}

#[cfg(test)]
mod tests;
