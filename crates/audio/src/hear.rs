//! The sound of a file for whoever computes on it.

use std::io::{Read, Seek};

use crate::probe::probe_decoding;
use crate::resample::Resampler;
use crate::samples::samples;
use crate::{Error, Limits, Probe};

/// About how many frames go to the sink at once.
const BLOCK: usize = 4_096;

/// What 1 is in 16 bits.
const FULL_SCALE: f32 = 32_768.0;

/// Takes a block: of each channel as many samples.
type Sink<'s, E> = dyn FnMut(&[Vec<f32>]) -> Result<(), E> + 's;

/// Decodes a file and gives its sound on at a sample rate, block by block: of each channel as many
/// samples, from -1 to 1. Tells what the source is.
///
/// Sample `n` of what is given is the sound at `n / sample_rate` s of the file, give or take half
/// a sample. There are as many
/// as the sound is long, rounded up. The file is read twice, and as much memory is used for a day
/// as for a second.
///
/// # Errors
///
/// As [`probe()`](crate::probe()); [`Error::Unsupported`] for rates that cannot be made one from the
/// other; and whatever the sink refuses with, which ends the decoding.
pub fn hear<R, E>(
    mut from: R,
    sample_rate: u32,
    limits: &Limits,
    sink: &mut Sink<'_, E>,
) -> Result<Probe, E>
where
    R: Read + Seek + Send + Sync,
    E: From<Error>,
{
    let (probe, delay) = probe_decoding(&mut from, limits, &mut |_| Ok(()))?;
    let mut ears = Ears::new(&probe, sample_rate)?;
    let mut refusal = None;
    let decoded = samples(&mut from, &probe, delay, limits, &mut |samples| {
        ears.take(samples);
        ears.give(BLOCK, sink).map_err(|error| {
            refusal = Some(error);
            Error::damaged("refused")
        })
    });
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    decoded?;
    while ears.left > 0 {
        ears.take_silence();
        ears.give(1, sink)?;
    }
    Ok(probe)
}

/// What was decoded and not yet given on.
struct Ears {
    resamplers: Vec<Resampler>,
    block: Vec<Vec<f32>>,
    /// How many samples of each channel are yet to be given.
    left: u64,
}

impl Ears {
    fn new(probe: &Probe, sample_rate: u32) -> Result<Self, Error> {
        let (from, to) = (u64::from(probe.sample_rate), u64::from(sample_rate));
        let resamplers = (0..probe.channels)
            .map(|_| Resampler::new(probe.sample_rate, sample_rate))
            .collect::<Result<Vec<_>, _>>()?;
        let block = vec![Vec::new(); resamplers.len()];
        Ok(Self { resamplers, block, left: probe.frames.saturating_mul(to).div_ceil(from) })
    }

    fn take(&mut self, samples: &[i16]) {
        let channels = self.resamplers.len();
        for (channel, (resampler, block)) in
            self.resamplers.iter_mut().zip(&mut self.block).enumerate()
        {
            let own = samples.iter().skip(channel).step_by(channels);
            resampler.push(own.map(|sample| f32::from(*sample) / FULL_SCALE), block);
        }
    }

    /// What pushes the last samples out of the resamplers.
    fn take_silence(&mut self) {
        for (resampler, block) in self.resamplers.iter_mut().zip(&mut self.block) {
            resampler.push(std::iter::repeat_n(0.0, BLOCK), block);
        }
    }

    /// Gives on what there is, if it is enough.
    fn give<E>(&mut self, least: usize, sink: &mut Sink<'_, E>) -> Result<(), E> {
        let ready = self.block[0].len();
        let wanted = usize::try_from(self.left).map_or(ready, |left| left.min(ready));
        if wanted == 0 || ready < least {
            return Ok(());
        }
        self.left -= wanted as u64;
        self.block.iter_mut().for_each(|channel| channel.truncate(wanted));
        let given = sink(&self.block);
        self.block.iter_mut().for_each(Vec::clear);
        given
    }
}

#[cfg(test)]
mod tests;
