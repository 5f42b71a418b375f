//! Which format a file is in, by its bytes. Names and endings are not asked.

use std::io::{Read, Seek};

use crate::mp3::frame::{self, Layer};
use crate::source::{self, read_at};
use crate::{Error, gsm, ogg, tags};

/// From where to where the sound is, tags left off, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Wav,
    Flac(Part),
    /// From its first frame, which may be an Info frame.
    Mp3(Part),
    Ogg(Part),
    Mp4,
    /// Bare frames of GSM 06.10.
    Gsm,
}

/// How far behind the tags the first MPEG frame is looked for: a recording cut out of a stream
/// begins with a part of one.
const MAX_JUNK: usize = 64 << 10;

/// Room for the frames that must follow the one that is found.
const WINDOW: usize = MAX_JUNK + frame::CHAIN * frame::MAX_BYTES;

/// Names the format, or says why it is not taken.
pub(crate) fn sniff(file: &mut (impl Read + Seek)) -> Result<Kind, Error> {
    let length = source::length(file)?;
    let start = tags::end_of_leading(file)?;
    if start >= length {
        // Not a byte, or nothing but tags.
        return Err(Error::Empty);
    }
    let mut window = vec![0; WINDOW];
    let read = read_at(file, start, &mut window)?;
    window.truncate(read);

    if is_wav(&window) {
        return if start == 0 {
            Ok(Kind::Wav)
        } else {
            Err(Error::unsupported("WAV behind a tag"))
        };
    }
    let part = Part { start, end: tags::start_of_trailing(file, start, length)? };
    if window.starts_with(b"fLaC") {
        return Ok(Kind::Flac(part));
    }
    if window.starts_with(b"OggS") {
        return match ogg::unsupported(&window) {
            Some(name) => Err(Error::unsupported(name)),
            None => Ok(Kind::Ogg(part)),
        };
    }
    if start == 0 && window.get(4..8) == Some(b"ftyp") {
        return Ok(Kind::Mp4);
    }
    if let Some(name) = unsupported(&window) {
        return Err(Error::unsupported(name));
    }
    if start == 0 && gsm::is_gsm(&window) {
        return Ok(Kind::Gsm);
    }
    match frame::find(&window, MAX_JUNK) {
        Some((at, Layer::Three)) if start + (at as u64) < part.end => {
            Ok(Kind::Mp3(Part { start: start + at as u64, ..part }))
        }
        Some((_, Layer::Two)) => Err(Error::unsupported("MPEG layer II")),
        Some((_, Layer::One)) => Err(Error::unsupported("MPEG layer I")),
        _ => Err(Error::NotAudio("no known audio format")),
    }
}

/// Whether it begins as a WAV.
pub(crate) fn is_wav(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")
}

/// Formats that are not taken: where the mark stands, the mark, and the name.
#[rustfmt::skip]
const UNSUPPORTED: &[(usize, &[u8], &str)] = &[
    (0, b"RF64", "RF64"),
    (0, b"BW64", "BW64"),
    (0, b"RIFX", "RIFX"),
    (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", "W64"),
    (8, b"AVI ", "AVI"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFF"),
    (0, b"\x1a\x45\xdf\xa3", "WebM"),
    (0, b".snd", "AU"),
    (0, b"#!AMR", "AMR"),
    (0, b"#!SILK", "SILK"),
    (1, b"#!SILK", "SILK"),
    (0, b"NIST_1A", "NIST SPHERE"),
    (0, b"Creative Voice File", "VOC"),
    (0, b"caff", "CAF"),
    (0, b"ADIF", "AAC"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"TTA1", "True Audio"),
    (0, b"MThd", "MIDI"),
    (0, b"FLV\x01", "FLV"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (0, b"\0\0\x01\xba", "MPEG video"),
    (0, b"\0\0\x01\xb3", "MPEG video"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"%PDF", "PDF"),
];

fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    let marked = UNSUPPORTED
        .iter()
        .find(|(at, mark, _)| bytes.get(*at..).is_some_and(|bytes| bytes.starts_with(mark)));
    match (marked, bytes) {
        (Some((_, _, name)), _) => Some(name),
        // ADTS: twelve bits set, then a layer of 0, which no MPEG audio frame has.
        (None, [0xff, second, ..]) if second & 0xf6 == 0xf0 => Some("AAC"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
