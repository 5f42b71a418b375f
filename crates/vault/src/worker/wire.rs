//! What goes over the pipe.

use std::ffi::OsString;

use audio::{Channel, Codec, Container, Part, Peaks, PeaksFormat, Probe, WavRepair};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    /// Paths are in the system's own form, which need not be UTF-8.
    Probe { path: OsString },
    /// The first task of a worker, and its last.
    Make {
        from: OsString,
        to: OsString,
        product: Product,
        /// The most that the result can have.
        most_bytes: u64,
        cpu_seconds: u64,
        lame: OsString,
        /// Its two models.
        dtln: Option<[OsString; 2]>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Probed(Probed),
    Made,
    /// What it takes is not installed, and what that is.
    NoEncoder(String),
    NoSpace,
    /// The file's fault, and what it is.
    Refused(String),
    /// Not the file's fault.
    Failed(String),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Product {
    Audio {
        container: String,
        mix: bool,
        channel: Option<u16>,
        /// The first sample, and the one after the last.
        frames: (u64, u64),
    },
    Denoised,
    Peaks {
        json: bool,
        samples_per_pixel: u32,
        mix: bool,
    },
}

impl From<super::Product> for Product {
    fn from(product: super::Product) -> Self {
        match product {
            super::Product::Audio { container, part } => Self::Audio {
                container: container.as_str().to_owned(),
                mix: part.channel == Some(Channel::Mix),
                channel: match part.channel {
                    Some(Channel::One(one)) => Some(one),
                    _ => None,
                },
                frames: (part.frames.start, part.frames.end),
            },
            super::Product::Denoised => Self::Denoised,
            super::Product::Peaks(Peaks { format, samples_per_pixel, mix }) => {
                Self::Peaks { json: format == PeaksFormat::Json, samples_per_pixel, mix }
            }
        }
    }
}

impl Product {
    /// `None` where the parent speaks of what this program does not know.
    pub(super) fn into_product(self) -> Option<super::Product> {
        Some(match self {
            Self::Audio { container, mix, channel, frames: (start, end) } => {
                super::Product::Audio {
                    container: Container::ALL.into_iter().find(|c| c.as_str() == container)?,
                    part: Part {
                        channel: channel.map(Channel::One).or(mix.then_some(Channel::Mix)),
                        frames: start..end,
                    },
                }
            }
            Self::Denoised => super::Product::Denoised,
            Self::Peaks { json, samples_per_pixel, mix } => {
                let format = if json { PeaksFormat::Json } else { PeaksFormat::Binary };
                super::Product::Peaks(Peaks { format, samples_per_pixel, mix })
            }
        })
    }
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
