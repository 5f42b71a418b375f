//! ZIP, as PKWARE's APPNOTE.TXT 6.3.10 has it: what stands around the files of an archive, none of
//! which is compressed. Zip64 where a number needs it.
//!
//! A writer of our own, of headers only: the archive is made anew for every reader, from any byte
//! on, and the libraries write from the first to the last.

use std::ops::Range;

use jiff::civil::DateTime;

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// ASCII, with `/` between folders.
    pub(super) name: String,
    /// Written without a time zone: UTC here.
    pub(super) modified: DateTime,
    pub(super) size: u64,
    pub(super) crc32: u32,
}

/// In the place of a number that stands in a zip64 field instead.
const ELSEWHERE: u32 = u32::MAX;
const STORED: u16 = 0;
/// The versions that are needed for plain archives and for zip64.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// Made by UNIX, by that version.
const MADE_BY: u16 = 3 << 8 | ZIP64;
/// A file that its owner may write and all may read.
const MODE: u32 = 0o100_644 << 16;

impl Entry {
    /// What stands before the file's bytes.
    pub(super) fn header(&self) -> Vec<u8> {
        let wide = is_wide(self.size);
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend((if wide { ZIP64 } else { PLAIN }).to_le_bytes());
        self.common(&mut bytes);
        bytes.extend((if wide { 20_u16 } else { 0 }).to_le_bytes());
        bytes.extend(self.name.as_bytes());
        if wide {
            extra(&mut bytes, &[self.size, self.size]);
        }
        bytes
    }

    /// What stands in the directory, where the header is at this offset.
    pub(super) fn listed(&self, offset: u64) -> Vec<u8> {
        let mut wide = Vec::new();
        if is_wide(self.size) {
            wide.extend([self.size, self.size]);
        }
        if is_wide(offset) {
            wide.push(offset);
        }
        let extra_length = if wide.is_empty() { 0 } else { 4 + 8 * wide.len() };
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend(MADE_BY.to_le_bytes());
        bytes.extend((if wide.is_empty() { PLAIN } else { ZIP64 }).to_le_bytes());
        self.common(&mut bytes);
        bytes.extend(narrow(extra_length).to_le_bytes());
        bytes.extend([0; 6]); // comment, disk, internal attributes
        bytes.extend(MODE.to_le_bytes());
        bytes.extend(or_elsewhere(offset).to_le_bytes());
        bytes.extend(self.name.as_bytes());
        if !wide.is_empty() {
            extra(&mut bytes, &wide);
        }
        bytes
    }

    /// What both have in the same order: from the flags to the length of the name.
    fn common(&self, bytes: &mut Vec<u8>) {
        bytes.extend([0; 2]);
        bytes.extend(STORED.to_le_bytes());
        bytes.extend(dos_time(self.modified));
        bytes.extend(self.crc32.to_le_bytes());
        bytes.extend(or_elsewhere(self.size).to_le_bytes());
        bytes.extend(or_elsewhere(self.size).to_le_bytes());
        bytes.extend(narrow(self.name.len()).to_le_bytes());
    }
}

/// What stands behind the directory of so many entries, which is there.
pub(super) fn end(entries: u64, directory: &Range<u64>) -> Vec<u8> {
    let size = directory.end - directory.start;
    let mut bytes = Vec::new();
    if entries >= u64::from(u16::MAX) || is_wide(size) || is_wide(directory.start) {
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44_u64.to_le_bytes()); // how much follows
        bytes.extend(MADE_BY.to_le_bytes());
        bytes.extend(ZIP64.to_le_bytes());
        bytes.extend([0; 8]); // disks
        for number in [entries, entries, size, directory.start] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07");
        bytes.extend([0; 4]);
        bytes.extend(directory.end.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes()); // disks
    }
    let entries = u16::try_from(entries).unwrap_or(u16::MAX);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend(entries.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(or_elsewhere(size).to_le_bytes());
    bytes.extend(or_elsewhere(directory.start).to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// The zip64 field.
fn extra(bytes: &mut Vec<u8>, numbers: &[u64]) {
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(narrow(8 * numbers.len()).to_le_bytes());
    for number in numbers {
        bytes.extend(number.to_le_bytes());
    }
}

fn is_wide(number: u64) -> bool {
    number >= u64::from(ELSEWHERE)
}

fn or_elsewhere(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

fn narrow(length: usize) -> u16 {
    u16::try_from(length).expect("names and fields are short")
}

/// Time and date, to two seconds; what is before 1980 or after 2107 is held to that.
fn dos_time(at: DateTime) -> [u8; 4] {
    let part = |part: i8| u16::from(part.unsigned_abs());
    let year = at.year().clamp(1980, 2107).abs_diff(1980);
    let time = part(at.hour()) << 11 | part(at.minute()) << 5 | (part(at.second()) / 2);
    let date = year << 9 | part(at.month()) << 5 | part(at.day());
    let ([a, b], [c, d]) = (time.to_le_bytes(), date.to_le_bytes());
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
