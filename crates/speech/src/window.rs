//! What goes to Whisper at once: stretches of speech, one after another, with nothing in between.

use std::ops::Range;

use crate::SAMPLE_RATE;
use crate::stretches::LONGEST;
use crate::vad::FRAME;

#[expect(clippy::cast_possible_truncation, reason = "it is half a million")]
const LONGEST_SAMPLES: usize = LONGEST as usize * FRAME;

const SAMPLES_PER_MS: u64 = SAMPLE_RATE as u64 / 1_000;

/// Less than the padding of a stretch: 250 ms.
const LEAD: u64 = 250 * SAMPLES_PER_MS;

/// Speech of one channel, 30 s of it at most.
#[derive(Debug, Default)]
pub(crate) struct Window {
    samples: Vec<f32>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// In the window.
    at: u64,
    /// In the call.
    start: u64,
    length: u64,
}

impl Window {
    pub(crate) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    pub(crate) fn samples(&self) -> &[f32] {
        &self.samples
    }

    pub(crate) fn has_room(&self, length: usize) -> bool {
        self.samples.len() + length <= LONGEST_SAMPLES
    }

    /// Adds a stretch, which begins at a sample of the call.
    pub(crate) fn add(&mut self, start: u64, samples: &[f32]) {
        let at = self.samples.len() as u64;
        self.pieces.push(Piece { at, start, length: samples.len() as u64 });
        self.samples.extend(samples);
    }

    /// Where a time in the window is in the call, both in ms. It is the place of what is there,
    /// all of it within the stretch in which its middle is, or shortly before which: a stretch ends
    /// with padding, in which nobody speaks.
    pub(crate) fn place(&self, times: Range<u64>) -> Range<u64> {
        let (from, to) = (times.start * SAMPLES_PER_MS, times.end * SAMPLES_PER_MS);
        let middle = u64::midpoint(from, to.max(from));
        let nth = self.pieces.partition_point(|piece| piece.at <= middle + LEAD);
        let Some(piece) = self.pieces.get(nth.saturating_sub(1)) else { return 0..0 };
        let within = |sample: u64| {
            let into = sample.saturating_sub(piece.at).min(piece.length);
            (piece.start + into) / SAMPLES_PER_MS
        };
        within(from)..within(to.max(from))
    }
}

#[cfg(test)]
mod tests;
