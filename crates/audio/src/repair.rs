//! The two sizes in a WAV's header, put right on the way out.

use std::ops::Range;

/// The sizes that a WAV's header should have had. The file itself is never changed: serve its
/// first [`length`](Self::length) bytes, each window of them through [`patch`](Self::patch).
///
/// Both sizes are 32-bit little endian: at byte 4 that of the RIFF chunk, which is the length of
/// the file less 8, and in the four bytes before the samples that of the `data` chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavRepair {
    /// Where the samples begin, in bytes from the start of the file.
    pub data_offset: u64,
    /// How many bytes of samples there are, in whole blocks.
    pub data_bytes: u64,
}

impl WavRepair {
    /// How many bytes of the file are to be served. What comes after the samples is left out.
    pub fn length(&self) -> u64 {
        self.data_offset.saturating_add(self.data_bytes)
    }

    /// Puts right whatever of the two sizes lies in a window of the file that begins at `offset`.
    pub fn patch(&self, offset: u64, bytes: &mut [u8]) {
        for (field, size) in self.sizes() {
            for (at, byte) in field.zip(size.to_le_bytes()) {
                let index = at.checked_sub(offset).and_then(|index| usize::try_from(index).ok());
                if let Some(there) = index.and_then(|index| bytes.get_mut(index)) {
                    *there = byte;
                }
            }
        }
    }

    /// Where each size stands, and what it should be.
    fn sizes(&self) -> [(Range<u64>, u32); 2] {
        let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
        [
            (4..8, size(self.length().saturating_sub(8))),
            (self.data_offset.saturating_sub(4)..self.data_offset, size(self.data_bytes)),
        ]
    }
}

#[cfg(test)]
mod tests;
