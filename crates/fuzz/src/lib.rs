//! Bytes that are nearly right: seeds, changed a little by a generator whose start is fixed.
//!
//! It runs on stable Rust, and finds by number what nobody would think of; the property tests
//! beside the parsers say what must come out. `tests/it` has the targets.

/// A generator of random numbers (SplitMix64): the same numbers from the same start.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(start: u64) -> Self {
        Self(start)
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % end).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.number().to_le_bytes()[0]
    }
}

/// What numbers and separators tend to go wrong with.
const WORDS: [&[u8]; 24] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f",
    b"\xc3\x28",
    b"-",
    b"-1",
    b"0",
    b"00",
    b".",
    b",",
    b":",
    b";",
    b"\"",
    b"\\",
    b"=",
    b"%",
    b" ",
    b"\r\n",
    b"--B",
    b"9223372036854775807",
    b"18446744073709551616",
    b"1e999",
    b"\xf0\x9f\x98\x80",
];

/// One of the seeds with a few changes: bits, bytes, words, parts left out, doubled or taken from
/// another seed.
pub fn mutated(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = pick(random, seeds);
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let length = 1 + random.below(16);
        let end = (at + length).min(bytes.len());
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.byte(),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let doubled = bytes[at..end].to_vec();
                bytes.splice(at..at, doubled);
            }
            5 => {
                let other = pick(random, seeds);
                let from = random.below(other.len());
                bytes.splice(at..end, other[from..].iter().take(length).copied());
            }
            _ => {
                let word = WORDS[random.below(WORDS.len())];
                let end = if random.below(2) == 0 { at } else { end };
                bytes.splice(at..end, word.iter().copied());
            }
        }
    }
    bytes
}

fn pick(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    seeds.get(random.below(seeds.len())).cloned().unwrap_or_default()
}
