//! What goes over the pipe.

use std::ffi::OsString;

use audio::{Codec, Container, Probe, WavRepair};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    /// Paths are in the system's own form, which need not be UTF-8.
    Probe { path: OsString },
    /// The first task of a worker, and its last.
    Convert {
        from: OsString,
        to: OsString,
        container: String,
        /// The most that the result can have.
        most_bytes: u64,
        lame: OsString,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Probed(Probed),
    Converted,
    /// What it takes is not installed, and what that is.
    NoEncoder(String),
    NoSpace,
    /// The file's fault, and what it is.
    Refused(String),
    /// Not the file's fault.
    Failed(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Probed {
    container: String,
    codec: String,
    channels: u16,
    sample_rate: u32,
    frames: u64,
    truncated: bool,
    /// `data_offset` and `data_bytes`.
    repair: Option<(u64, u64)>,
}

impl From<Probe> for Probed {
    fn from(probe: Probe) -> Self {
        Self {
            container: probe.container.as_str().to_owned(),
            codec: probe.codec.as_str().to_owned(),
            channels: probe.channels,
            sample_rate: probe.sample_rate,
            frames: probe.frames,
            truncated: probe.truncated,
            repair: probe.repair.map(|repair| (repair.data_offset, repair.data_bytes)),
        }
    }
}

impl Probed {
    /// `None` where the child speaks of what this program does not know.
    pub(super) fn into_probe(self) -> Option<Probe> {
        Some(Probe {
            container: Container::ALL.into_iter().find(|c| c.as_str() == self.container)?,
            codec: Codec::ALL.into_iter().find(|c| c.as_str() == self.codec)?,
            channels: self.channels,
            sample_rate: self.sample_rate,
            frames: self.frames,
            truncated: self.truncated,
            repair: self
                .repair
                .map(|(data_offset, data_bytes)| WavRepair { data_offset, data_bytes }),
        })
    }
}
