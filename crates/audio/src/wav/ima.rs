//! IMA ADPCM as WAV has it: "Recommended Practices for Enhancing Digital Audio Compatibility in
//! Multimedia Systems", revision 3.00 (IMA, 1992), in the blocks of Microsoft's "New Multimedia
//! Data Types and Data Techniques" (1994).

/// Bytes of a block's header for each channel: the first sample, and where in the table it stands.
const HEADER: usize = 4;

/// Four bits each; eight samples of a channel, then eight of the next.
const RUN_BYTES: usize = 4;
const RUN: usize = 2 * RUN_BYTES;

/// Samples per channel in a block of so many bytes; none where such a block cannot be.
pub(super) fn frames_per_block(block: u16, channels: u16) -> Option<u64> {
    let runs = u64::from(block).checked_sub(HEADER as u64 * u64::from(channels))?;
    let each = RUN_BYTES as u64 * u64::from(channels);
    (runs > 0 && runs.is_multiple_of(each)).then(|| runs / each * RUN as u64 + 1)
}

/// Decodes a block into interleaved samples, which must have room for it.
pub(super) fn decode(block: &[u8], channels: usize, samples: &mut [i16]) {
    let (header, runs) = block.split_at(HEADER * channels);
    for (channel, header) in header.chunks_exact(HEADER).enumerate() {
        let mut state = State {
            sample: i16::from_le_bytes([header[0], header[1]]),
            index: usize::from(header[2]).min(STEPS.len() - 1),
        };
        let mut own = samples.iter_mut().skip(channel).step_by(channels);
        let codes = runs.chunks_exact(RUN_BYTES).skip(channel).step_by(channels).flatten();
        let codes = codes.flat_map(|byte| [byte & 0xf, byte >> 4]);
        if let Some(first) = own.next() {
            *first = state.sample;
        }
        for (sample, code) in own.zip(codes) {
            *sample = state.next(code);
        }
    }
}

struct State {
    sample: i16,
    index: usize,
}

impl State {
    fn next(&mut self, code: u8) -> i16 {
        let step = STEPS[self.index];
        let mut change = step >> 3;
        for (bit, part) in [(4, step), (2, step >> 1), (1, step >> 2)] {
            if code & bit != 0 {
                change += part;
            }
        }
        let next = i32::from(self.sample) + if code & 8 == 0 { change } else { -change };
        let edge = if next < 0 { i16::MIN } else { i16::MAX };
        self.sample = i16::try_from(next).unwrap_or(edge);
        self.index = match code & 7 {
            0..4 => self.index.saturating_sub(1),
            large => (self.index + 2 * (usize::from(large) - 3)).min(STEPS.len() - 1),
        };
        self.sample
    }
}

#[rustfmt::skip]
const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442,
    11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

#[cfg(test)]
mod tests;
