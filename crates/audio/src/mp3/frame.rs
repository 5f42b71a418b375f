//! Headers of MPEG audio frames (ISO/IEC 11172-3 section 2.4.1.3, 13818-3, and MPEG-2.5).

/// How many headers in a row make a stream. Chance has three of them once in some 2^50 places.
pub(crate) const CHAIN: usize = 3;

/// No frame of any layer is longer.
pub(crate) const MAX_BYTES: usize = 2_881;

/// Which of the three codings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    One,
    Two,
    Three,
}

/// What a header says of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    layer: Layer,
    sample_rate: u32,
    mono: bool,
    /// With the header.
    bytes: usize,
}

/// In kbit/s, for MPEG-1 layers I, II, III, then for MPEG-2 and 2.5 layer I, and II and III.
const BIT_RATES: [[u32; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// Finds the first frame, by what follows it: [`CHAIN`] alike in a row, or as many as there are
/// where the bytes begin with one and soon end. Not looked for beyond `within` bytes.
///
/// A free bit rate, which leaves the length of a frame untold, is no header here.
pub(crate) fn find(bytes: &[u8], within: usize) -> Option<(usize, Layer)> {
    (0..bytes.len().min(within)).find_map(|at| {
        let first = Header::read(bytes, at)?;
        let mut next = at;
        for _ in 1..CHAIN {
            next += Header::read(bytes, next)?.bytes;
            match Header::read(bytes, next) {
                Some(header) if header.like(first) => {}
                // The end of the file, or a part of a header at it.
                None if at == 0 && next + 4 > bytes.len() => break,
                _ => return None,
            }
        }
        Some((at, first.layer))
    })
}

impl Header {
    /// Reads the header at a position: eleven bits set, 2 of version, 2 of layer, 1 of checksum;
    /// 4 of bit rate, 2 of sample rate, 1 of padding, 1 private; 2 of mode, and 6 of no concern.
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let word = bytes.get(at..)?.first_chunk::<4>()?;
        let [0xff, second, third, fourth] = *word else {
            return None;
        };
        if second & 0xe0 != 0xe0 {
            return None;
        }
        // How many times the sample rate was halved, against MPEG-1.
        let halved = match second >> 3 & 3 {
            0b00 => 2,
            0b10 => 1,
            0b11 => 0,
            _ => return None,
        };
        let layer = match second >> 1 & 3 {
            0b01 => Layer::Three,
            0b10 => Layer::Two,
            0b11 => Layer::One,
            _ => return None,
        };
        let sample_rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))? >> halved;
        let row = match (halved, layer) {
            (0, layer) => layer as usize,
            (_, Layer::One) => 3,
            (_, Layer::Two | Layer::Three) => 4,
        };
        let bit_rate = *BIT_RATES[row].get(usize::from(third >> 4))? * 1_000;
        if bit_rate == 0 {
            return None;
        }
        let padding = u32::from(third >> 1 & 1);
        let bytes = match layer {
            Layer::One => (12 * bit_rate / sample_rate + padding) * 4,
            Layer::Three if halved > 0 => 72 * bit_rate / sample_rate + padding,
            Layer::Two | Layer::Three => 144 * bit_rate / sample_rate + padding,
        };
        Some(Self { layer, sample_rate, mono: fourth >> 6 == 3, bytes: bytes as usize })
    }

    /// Whether two frames can be of one stream.
    fn like(self, other: Self) -> bool {
        (self.layer, self.sample_rate, self.mono) == (other.layer, other.sample_rate, other.mono)
    }
}

#[cfg(test)]
mod tests;
