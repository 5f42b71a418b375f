//! The tags that stand before and after the sound of an MP3, or now and then a FLAC.

use std::io::{self, Read, Seek};

use crate::source::read_at;

/// More than any real file has in a row.
const MAX_TAGS: usize = 16;

const ID3V1_BYTES: u64 = 128;
const APE_FOOTER_BYTES: u64 = 32;

/// Where the sound begins: after any `ID3v2` tags (`ID3v2.4.0`, section 3.1). The position
/// is past the end of the file where a tag claims more than there is.
pub(crate) fn end_of_leading(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let mut position = 0;
    for _ in 0..MAX_TAGS {
        let mut header = [0; 10];
        let read = read_at(file, position, &mut header)?;
        let [b'I', b'D', b'3', _, _, flags, size @ ..] = header else {
            break;
        };
        // A size of four times seven bits; anything else is no tag.
        if read < header.len() || size.iter().any(|byte| byte & 0x80 != 0) {
            break;
        }
        let size = size.iter().fold(0, |size, &byte| size << 7 | u64::from(byte));
        let footer = if flags & 0x10 != 0 { 10 } else { 0 };
        position += 10 + size + footer;
    }
    Ok(position)
}

/// Where the sound ends: before an `ID3v1` tag and an `APEv2` tag, in a file of that length.
pub(crate) fn start_of_trailing(
    file: &mut (impl Read + Seek),
    start: u64,
    length: u64,
) -> io::Result<u64> {
    let mut end = length;
    if let Some(tag) = end.checked_sub(ID3V1_BYTES).filter(|&tag| tag >= start) {
        let mut marker = [0; 3];
        read_at(file, tag, &mut marker)?;
        if &marker == b"TAG" {
            end = tag;
        }
    }
    if let Some(footer) = end.checked_sub(APE_FOOTER_BYTES).filter(|&footer| footer >= start) {
        let mut bytes = [0; 24];
        read_at(file, footer, &mut bytes)?;
        if bytes.starts_with(b"APETAGEX") {
            // The size counts the footer but not the header, whose presence is the highest flag.
            let size = u64::from(u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]));
            let header = if bytes[23] & 0x80 != 0 { APE_FOOTER_BYTES } else { 0 };
            let tag = end.checked_sub(size.max(APE_FOOTER_BYTES) + header);
            end = tag.filter(|&tag| tag >= start).unwrap_or(footer);
        }
    }
    Ok(end)
}
