//! Sound as data: what a file of audio is, and how long.
//!
//! It knows nothing of callvault, networks, tasks or file names: readers in, plain values out.
//! Start at [`probe()`]; [`Probe`] is what it answers, [`Error`] why it does not. [`convert()`] puts
//! the sound, or a part of it, into another container, [`peaks()`] draws it, and [`hear()`] gives it
//! to whoever computes on it.
//!
//! Every byte is a stranger's. No count in a header is believed before it was checked against
//! the file or the decoded sound, nothing is allocated by one, and every walk has a limit.
//! What decodes (all but WAV) costs CPU time in proportion to the sound, up to
//! [`Limits::max_duration`] of it, and a few megabytes at most; run it in a process that may die.

mod convert;
mod decode;
mod denoise;
mod error;
mod flac;
mod gsm;
mod hear;
mod lame;
mod limits;
mod mp3;
mod mp4;
mod ogg;
mod part;
mod peaks;
mod probe;
mod repair;
mod resample;
mod samples;
mod sniff;
mod source;
mod tags;
mod wav;

#[cfg(test)]
mod fixtures;

pub use convert::{Encoder, convert, most_bytes};
pub use denoise::{Dtln, Engine, denoise, fit_dtln};
pub use error::Error;
pub use hear::hear;
pub use lame::LAME;
pub use limits::Limits;
pub use part::{Channel, Part};
pub use peaks::{Peaks, PeaksFormat, peaks};
pub use probe::{Codec, Container, Probe, probe, probe_plain_wav};
pub use repair::WavRepair;
