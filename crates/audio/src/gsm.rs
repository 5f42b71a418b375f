//! GSM 06.10 full rate, as Asterisk and old answering machines keep it: 33 bytes for each 20 ms,
//! or two such frames in 65 bytes of a WAV ("WAV49").
//!
//! The decoder follows ETSI EN 300 961, section 5.3, in its own arithmetic of 16 bits with
//! saturation (section 5.1), so its output is the standard's to the bit. The order of the fields
//! is that of RFC 3551, section 4.5.8.1.

use std::io::{Read, Seek};

use crate::source::{self, read_at};
use crate::{Codec, Container, Error, Limits, Probe};

/// Samples of a frame.
pub(crate) const FRAME: usize = 160;
const SUBFRAME: usize = 40;
/// Bytes of a frame in a file of nothing else. Its upper four bits are [`MARK`].
const BYTES: usize = 33;
const MARK: u8 = 0xd;
/// Two frames in a WAV.
pub(crate) const PAIR_BYTES: usize = 65;
const SAMPLE_RATE: u32 = 8_000;
/// How many frames there must be for the mark to be no accident.
const CHAIN: usize = 4;
/// Frames at a time.
const PIECE: usize = 512;

/// Whether it begins as frames with their marks.
pub(crate) fn is_gsm(bytes: &[u8]) -> bool {
    let frames = bytes.chunks_exact(BYTES);
    frames.len() >= CHAIN && frames.into_iter().all(is_frame)
}

fn is_frame(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first >> 4 == MARK)
}

/// Probes a file of bare frames by their marks.
pub(crate) fn probe(file: &mut (impl Read + Seek), limits: &Limits) -> Result<Probe, Error> {
    let length = source::length(file)?;
    let whole = length / BYTES as u64;
    let frames = whole.saturating_mul(FRAME as u64);
    limits.check_length(frames, SAMPLE_RATE)?;
    let mut bad = 0_u64;
    walk(file, whole, &mut |bytes| {
        bad += u64::from(!is_frame(bytes));
        Ok(())
    })?;
    if bad > whole - bad {
        return Err(Error::Damaged(format!("{bad} of {whole} GSM frames lack their mark")));
    }
    Ok(Probe {
        container: Container::Gsm,
        codec: Codec::Gsm,
        channels: 1,
        sample_rate: SAMPLE_RATE,
        frames,
        truncated: length % BYTES as u64 != 0,
        repair: None,
    })
}

/// Decodes all of a file of bare frames. One without its mark is silence.
pub(crate) fn samples(
    file: &mut (impl Read + Seek),
    frames: u64,
    sink: &mut dyn FnMut(&[i16]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut decoder = Decoder::default();
    walk(file, frames / FRAME as u64, &mut |bytes| {
        if !is_frame(bytes) {
            return sink(&[0; FRAME]);
        }
        let mut bits = MsbFirst { bytes, at: 4 };
        sink(&decoder.frame(&Parameters::read(|width| bits.take(width))))
    })
}

/// Gives out so many frames, one by one.
fn walk(
    file: &mut (impl Read + Seek),
    frames: u64,
    each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut bytes = vec![0; PIECE * BYTES];
    let (mut position, mut left) = (0, frames);
    while left > 0 {
        let piece = left.min(PIECE as u64);
        let wanted = piece * BYTES as u64;
        bytes.resize(usize::try_from(wanted).unwrap_or_default(), 0);
        if read_at(file, position, &mut bytes)? < bytes.len() {
            return Err(Error::damaged("the file became shorter while it was read"));
        }
        bytes.chunks_exact(BYTES).try_for_each(&mut *each)?;
        position += wanted;
        left -= piece;
    }
    Ok(())
}

/// Takes the fields of a frame out of its bytes, each from its highest bit.
struct MsbFirst<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl MsbFirst<'_> {
    fn take(&mut self, width: usize) -> i16 {
        let bits = (self.at..self.at + width).map(|bit| {
            let byte = self.bytes.get(bit / 8).copied().unwrap_or(0);
            i16::from(byte >> (7 - bit % 8) & 1)
        });
        self.at += width;
        bits.fold(0, |value, bit| value << 1 | bit)
    }
}

/// The same from the lowest bit, as the two frames of a WAV block have it.
struct LsbFirst<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl LsbFirst<'_> {
    fn take(&mut self, width: usize) -> i16 {
        let bits = (self.at..self.at + width).rev().map(|bit| {
            let byte = self.bytes.get(bit / 8).copied().unwrap_or(0);
            i16::from(byte >> (bit % 8) & 1)
        });
        self.at += width;
        bits.fold(0, |value, bit| value << 1 | bit)
    }
}

/// What is transmitted of 20 ms (section 1.7, table 1.1), by the standard's names.
#[derive(Debug, Clone, Copy, Default)]
struct Parameters {
    larc: [i16; 8],
    subframes: [Subframe; 4],
}

#[derive(Debug, Clone, Copy, Default)]
struct Subframe {
    nc: i16,
    bc: i16,
    mc: i16,
    xmaxc: i16,
    xmc: [i16; 13],
}

impl Parameters {
    fn read(mut take: impl FnMut(usize) -> i16) -> Self {
        let mut all = Self::default();
        for (larc, width) in all.larc.iter_mut().zip([6, 6, 5, 5, 4, 4, 3, 3]) {
            *larc = take(width);
        }
        for subframe in &mut all.subframes {
            (subframe.nc, subframe.bc) = (take(7), take(2));
            (subframe.mc, subframe.xmaxc) = (take(2), take(6));
            subframe.xmc.fill_with(|| take(3));
        }
        all
    }
}

/// What is carried from frame to frame.
#[derive(Debug, Clone)]
pub(crate) struct Decoder {
    /// The reconstructed residual of the last three subframes.
    history: [i16; 3 * SUBFRAME],
    /// The last lag that was one.
    lag: i16,
    /// The log area ratios of the frame before.
    lars: [i16; 8],
    /// The synthesis filter's.
    v: [i16; 9],
    /// The de-emphasis filter's.
    msr: i16,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { history: [0; 3 * SUBFRAME], lag: 40, lars: [0; 8], v: [0; 9], msr: 0 }
    }
}

impl Decoder {
    /// Decodes the two frames of a WAV block.
    pub(crate) fn pair(&mut self, bytes: &[u8]) -> [[i16; FRAME]; 2] {
        let mut bits = LsbFirst { bytes, at: 0 };
        [(); 2].map(|()| self.frame(&Parameters::read(|width| bits.take(width))))
    }

    fn frame(&mut self, parameters: &Parameters) -> [i16; FRAME] {
        let mut sound = [0; FRAME];
        for (subframe, part) in parameters.subframes.iter().zip(sound.chunks_exact_mut(SUBFRAME)) {
            self.residual(subframe, part);
        }
        self.synthesize(&parameters.larc, &mut sound);
        for sample in &mut sound {
            // 5.3.5 to 5.3.7: de-emphasis, upscaling, and three bits that say nothing.
            self.msr = sample.saturating_add(mult_r(self.msr, 28_180));
            *sample = self.msr.saturating_add(self.msr) & !7;
        }
        sound
    }

    /// 5.3.1 and 5.3.2: the pulses, on the grid, over the residual of a lag before.
    fn residual(&mut self, subframe: &Subframe, part: &mut [i16]) {
        let mut pulses = [0; SUBFRAME];
        let grid = usize::from(subframe.mc.unsigned_abs());
        for (at, pulse) in pulses_of(subframe).into_iter().enumerate() {
            pulses[grid + 3 * at] = pulse;
        }
        if (40..=120).contains(&subframe.nc) {
            self.lag = subframe.nc;
        }
        let gain = QLB[usize::from(subframe.bc.unsigned_abs()) % QLB.len()];
        let from = self.history.len() - usize::from(self.lag.unsigned_abs());
        for (at, (sample, pulse)) in part.iter_mut().zip(pulses).enumerate() {
            // A lag is never shorter than a subframe: what it reaches for is history.
            *sample = pulse.saturating_add(mult_r(gain, self.history[from + at]));
        }
        self.history.copy_within(SUBFRAME.., 0);
        self.history[2 * SUBFRAME..].copy_from_slice(part);
    }

    /// 5.3.3 and 5.3.4: through the filter, whose coefficients slide over from the frame before.
    fn synthesize(&mut self, larc: &[i16; 8], sound: &mut [i16; FRAME]) {
        let (old, new) = (self.lars, lars_of(larc));
        self.lars = new;
        for (from, to, weigh) in SLIDE {
            let reflection: [i16; 8] = std::array::from_fn(|i| reflection(weigh(old[i], new[i])));
            for sample in &mut sound[from..to] {
                for i in (0..8).rev() {
                    *sample = sample.saturating_sub(mult_r(reflection[i], self.v[i]));
                    self.v[i + 1] = self.v[i].saturating_add(mult_r(reflection[i], *sample));
                }
                self.v[0] = *sample;
            }
        }
    }
}

/// Table 5.3b: the gains of the long term filter.
const QLB: [i16; 4] = [3_277, 11_469, 21_299, 32_767];
/// Table 5.6: the mantissas of the pulses.
const FAC: [i16; 8] = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767];
/// Table 5.1 and 5.2: how the log area ratios were quantized.
const B: [i16; 8] = [0, 0, 2_048, -2_560, 94, -1_792, -341, -1_144];
const MIC: [i16; 8] = [-32, -32, -16, -16, -8, -8, -4, -4];
const INVA: [i16; 8] = [13_107, 13_107, 13_107, 13_107, 19_223, 17_476, 31_454, 29_708];

/// 5.2.9.1: which samples go by which mixture of the old ratio and the new.
type Weigh = fn(i16, i16) -> i16;
const SLIDE: [(usize, usize, Weigh); 4] = [
    (0, 13, |old, new| (old >> 2).saturating_add(new >> 2).saturating_add(old >> 1)),
    (13, 27, |old, new| (old >> 1).saturating_add(new >> 1)),
    (27, 40, |old, new| (old >> 2).saturating_add(new >> 2).saturating_add(new >> 1)),
    (40, FRAME, |_, new| new),
];

/// 5.2.15 and 5.2.16: the pulses' block maximum, and the pulses by it.
fn pulses_of(subframe: &Subframe) -> [i16; 13] {
    let mut exponent = if subframe.xmaxc > 15 { (subframe.xmaxc >> 3) - 1 } else { 0 };
    let mut mantissa = subframe.xmaxc - (exponent << 3);
    if mantissa == 0 {
        (exponent, mantissa) = (-4, 7);
    } else {
        while mantissa <= 7 {
            mantissa = mantissa << 1 | 1;
            exponent -= 1;
        }
        mantissa -= 8;
    }
    let factor = FAC[usize::from(mantissa.unsigned_abs()) % FAC.len()];
    let shift = 6 - exponent;
    let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
    subframe.xmc.map(|xmc| mult_r(factor, ((xmc << 1) - 7) << 12).saturating_add(half) >> shift)
}

/// 5.2.8: the log area ratios out of their codes.
fn lars_of(larc: &[i16; 8]) -> [i16; 8] {
    std::array::from_fn(|i| {
        let ratio = ((larc[i] + MIC[i]) << 10).saturating_sub(B[i] << 1);
        let ratio = mult_r(INVA[i], ratio);
        ratio.saturating_add(ratio)
    })
}

/// 5.2.9.2: the reflection coefficient of a log area ratio.
fn reflection(lar: i16) -> i16 {
    let size = lar.saturating_abs();
    let size = match size {
        0..11_059 => size << 1,
        11_059..20_070 => size + 11_059,
        _ => (size >> 2).saturating_add(26_112),
    };
    if lar < 0 { -size } else { size }
}

/// The product of two fractions, rounded.
fn mult_r(a: i16, b: i16) -> i16 {
    let product = (i32::from(a) * i32::from(b) + (1 << 14)) >> 15;
    i16::try_from(product).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests;
