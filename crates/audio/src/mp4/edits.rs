//! The edit lists of an MP4 (ISO/IEC 14496-12, section 8.6.6): which part of a track is played.
//!
//! Whatever is not as it should be counts as no edit at all; the demuxer is the one to refuse.

use std::io::{self, Read, Seek};

use crate::source::{self, read_at};

/// More boxes side by side than any real file has.
const MAX_BOXES: usize = 1_024;

/// The one part of a track that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    /// In ticks of the track's own clock.
    pub(super) start: u64,
    /// In ticks of the whole file's clock; 0 for all there is.
    pub(super) length: u64,
    /// Ticks a second of that clock.
    pub(super) rate: u64,
}

/// Reads the edit of each track that has a single one, at normal speed, by the track's id.
pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Vec<(u32, Edit)>> {
    let end = source::length(file)?;
    let Some(movie) = find(file, 0..end, *b"moov")? else { return Ok(Vec::new()) };
    let Some(header) = find(file, movie.clone(), *b"mvhd")? else { return Ok(Vec::new()) };
    let rate = match byte(file, header.start)? {
        Some(0) => number(file, header.start + 12)?,
        _ => number(file, header.start + 20)?,
    };
    let mut edits = Vec::new();
    for track in children(file, movie)? {
        if &track.kind != b"trak" {
            continue;
        }
        let Some(header) = find(file, track.content(), *b"tkhd")? else { continue };
        let id = match byte(file, header.start)? {
            Some(0) => number(file, header.start + 12)?,
            _ => number(file, header.start + 20)?,
        };
        let Some(lists) = find(file, track.content(), *b"edts")? else { continue };
        let Some(list) = find(file, lists, *b"elst")? else { continue };
        if let (Some(id), Some(rate), Some(edit)) = (id, rate, only_edit(file, &list)?) {
            edits.push((id, Edit { rate: u64::from(rate), ..edit }));
        }
    }
    Ok(edits)
}

/// How long the file is by the sizes of its boxes, or as it is where it is longer.
pub(super) fn length(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let there = source::length(file)?;
    let boxes = children(file, 0..u64::MAX)?;
    Ok(boxes.last().map_or(there, |last| last.end.max(there)))
}

/// The edit of a list, less those that play nothing before it.
fn only_edit(
    file: &mut (impl Read + Seek),
    list: &std::ops::Range<u64>,
) -> io::Result<Option<Edit>> {
    let Some(version) = byte(file, list.start)? else { return Ok(None) };
    let size: usize = if version == 0 { 12 } else { 20 };
    let count = number(file, list.start + 4)?.unwrap_or(0);
    let mut found = None;
    for entry in 0..u64::from(count.min(4)) {
        let mut bytes = [0; 20];
        let at = list.start + 8 + entry * size as u64;
        if at + size as u64 > list.end || read_at(file, at, &mut bytes)? < size {
            return Ok(None);
        }
        let word = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let wide = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
        let (length, start, speed) = match version {
            0 => (u64::from(word(0)), i64::from(word(4).cast_signed()), word(8)),
            _ => (wide(0), wide(8).cast_signed(), word(16)),
        };
        match u64::try_from(start) {
            Err(_) => {} // Nothing is played for a while.
            Ok(start) if found.is_none() && speed == 0x1_0000 => {
                found = Some(Edit { start, length, rate: 0 });
            }
            Ok(_) => return Ok(None),
        }
    }
    Ok(found.filter(|_| count <= 4))
}

/// A box: its four letters, and where its content is.
struct Boxed {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

impl Boxed {
    fn content(&self) -> std::ops::Range<u64> {
        self.start..self.end
    }
}

fn find(
    file: &mut (impl Read + Seek),
    within: std::ops::Range<u64>,
    kind: [u8; 4],
) -> io::Result<Option<std::ops::Range<u64>>> {
    let found = children(file, within)?.into_iter().find(|child| child.kind == kind);
    Ok(found.map(|found| found.content()))
}

/// The boxes side by side in a range.
fn children(file: &mut (impl Read + Seek), within: std::ops::Range<u64>) -> io::Result<Vec<Boxed>> {
    let mut boxes = Vec::new();
    let mut at = within.start;
    // The end of the file ends it too.
    while boxes.len() < MAX_BOXES && at < within.end {
        let mut bytes = [0; 16];
        let read = read_at(file, at, &mut bytes)?;
        let number =
            |at: usize| bytes[at..at + 4].iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
        let (header, size) = match number(0) {
            0 => (8, within.end - at),
            1 if read == bytes.len() => (16, number(8) << 32 | number(12)),
            size => (8, size),
        };
        if (read as u64) < header || size < header || size > within.end - at {
            break;
        }
        boxes.push(Boxed { kind, start: at + header, end: at + size });
        at += size;
    }
    Ok(boxes)
}

fn byte(file: &mut (impl Read + Seek), at: u64) -> io::Result<Option<u8>> {
    let mut bytes = [0; 1];
    Ok((read_at(file, at, &mut bytes)? == 1).then_some(bytes[0]))
}

fn number(file: &mut (impl Read + Seek), at: u64) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    Ok((read_at(file, at, &mut bytes)? == 4).then_some(u32::from_be_bytes(bytes)))
}
