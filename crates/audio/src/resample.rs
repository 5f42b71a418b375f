//! From one sample rate to another, without delay.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

use crate::Error;

/// About how many samples go through the transform at once.
const PIECE: usize = 512;

/// One channel, resampled. Where the rates are the same it is left alone.
pub(crate) struct Resampler(Option<Running>);

struct Running {
    resampler: Fft<f32>,
    waiting: Vec<f32>,
    made: Vec<f32>,
    /// How much of what it makes is still from before the beginning.
    early: usize,
}

impl Resampler {
    pub(crate) fn new(from: u32, to: u32) -> Result<Self, Error> {
        if from == to {
            return Ok(Self(None));
        }
        let unsupported = || Error::Unsupported(format!("resampling from {from} Hz to {to} Hz"));
        let hertz = |rate: u32| usize::try_from(rate).map_err(|_| unsupported());
        let resampler = Fft::new(hertz(from)?, hertz(to)?, PIECE, 1, FixedSync::Both)
            .map_err(|_| unsupported())?;
        let made = vec![0.0; resampler.output_frames_max()];
        let early = resampler.output_delay();
        Ok(Self(Some(Running { resampler, waiting: Vec::new(), made, early })))
    }

    /// Takes samples, and adds to `out` those that they make with what came before.
    pub(crate) fn push(&mut self, samples: impl Iterator<Item = f32>, out: &mut Vec<f32>) {
        let Some(Running { resampler, waiting, made, early }) = &mut self.0 else {
            out.extend(samples);
            return;
        };
        waiting.extend(samples);
        let mut taken = 0;
        while waiting.len() - taken >= resampler.input_frames_next() {
            let (frames, room) = (resampler.input_frames_next(), made.len());
            let from = InterleavedSlice::new(&waiting[taken..taken + frames], 1, frames);
            let to = InterleavedSlice::new_mut(&mut made[..], 1, room);
            let (Ok(from), Ok(mut to)) = (from, to) else { return };
            // Buffers of the lengths that it asks for: it has no reason to refuse.
            let Ok((_, written)) = resampler.process_into_buffer(&from, &mut to, None) else {
                return;
            };
            taken += frames;
            let skipped = (*early).min(written);
            *early -= skipped;
            out.extend(&made[skipped..written]);
        }
        waiting.drain(..taken);
    }
}
