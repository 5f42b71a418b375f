//! Less noise: each channel cleaned by itself, to the sample where it was, and as long.
//!
//! What cleans is a [`Denoiser`]: RNNoise, which is in the program, or DTLN, whose models are not.
//! Around it are the way there and back, and a share of what came in, mixed back: cleaning alone
//! harms a voice on a telephone line more than the noise does.

mod dtln;
mod rnnoise;

use std::collections::VecDeque;
use std::io::{Read, Seek, Write};

use crate::convert::{most_bytes, wav_header};
use crate::probe::probe_decoding;
use crate::resample::Resampler;
use crate::samples::samples;
use crate::{Container, Error, Limits, Probe};
use dtln::DtlnLeg;
pub use dtln::{Dtln, fit_dtln};
use rnnoise::RnNoise;

/// What cleans.
#[derive(Debug, Clone, Copy)]
pub enum Engine<'a> {
    RnNoise,
    /// Helps more, and costs about ten times as much.
    Dtln(&'a Dtln),
}

/// Cleans one channel.
trait Denoiser {
    /// In Hz.
    const SAMPLE_RATE: u32;
    /// How many samples it takes at a time.
    const FRAME: usize;
    /// How many samples later what goes in comes out.
    const DELAY: usize;
    /// The share of the sound as it was that is mixed back.
    const DRY: f32;

    /// Cleans the next frame. Samples are those of 16 bits.
    fn frame(&mut self, noisy: &[f32], clean: &mut [f32]) -> Result<(), Error>;
}

/// Decodes a file and writes its sound, cleaned, as WAV of 16 bits: channels, sample rate and
/// length stay what they are. Tells what the source is.
///
/// The file is read twice, and as much memory is used for a day as for a second. `to` must be
/// empty, and is not flushed.
///
/// # Errors
///
/// As [`probe()`](crate::probe()), and [`Error::Unsupported`] for what WAV has no place for.
pub fn denoise<R, W>(from: R, to: W, engine: Engine<'_>, limits: &Limits) -> Result<Probe, Error>
where
    R: Read + Seek + Send + Sync,
    W: Write + Send,
{
    match engine {
        Engine::RnNoise => denoise_with(RnNoise::new, from, to, limits),
        Engine::Dtln(models) => {
            models.alone(|| denoise_with(|| DtlnLeg::new(models), from, to, limits))
        }
    }
}

fn denoise_with<D, R, W>(
    denoiser: impl Fn() -> D,
    mut from: R,
    mut to: W,
    limits: &Limits,
) -> Result<Probe, Error>
where
    D: Denoiser,
    R: Read + Seek + Send + Sync,
    W: Write,
{
    let (probe, delay) = probe_decoding(&mut from, limits, &mut |_| Ok(()))?;
    most_bytes(Container::Wav, probe.channels, probe.sample_rate, probe.frames)?;
    to.write_all(&wav_header(probe.channels, probe.sample_rate, probe.frames))?;
    let channels = usize::from(probe.channels);
    let mut legs = (0..channels)
        .map(|_| Leg::new(denoiser(), probe.sample_rate))
        .collect::<Result<Vec<_>, _>>()?;
    let mut bytes = Vec::new();
    let mut write = |legs: &mut [Leg<D>]| {
        bytes.clear();
        // All have come equally far.
        while let Some(first) = legs.first_mut().and_then(Leg::next) {
            bytes.extend(first.to_le_bytes());
            let others = legs[1..].iter_mut().map(|leg| leg.next().unwrap_or_default());
            bytes.extend(others.flat_map(i16::to_le_bytes));
        }
        to.write_all(&bytes)
    };
    samples(&mut from, &probe, delay, limits, &mut |samples| {
        for (channel, leg) in legs.iter_mut().enumerate() {
            leg.take(samples.iter().skip(channel).step_by(channels).copied())?;
        }
        Ok(write(&mut legs)?)
    })?;
    for leg in &mut legs {
        leg.end()?;
    }
    write(&mut legs)?;
    Ok(probe)
}

/// One channel on its way.
struct Leg<D> {
    denoiser: D,
    up: Resampler,
    down: Resampler,
    /// What has come and whose clean form has not.
    dry: VecDeque<i16>,
    /// At the denoiser's rate.
    noisy: Vec<f32>,
    clean: Vec<f32>,
    /// How much of the denoiser's output is still from before the beginning.
    early: usize,
    wet: VecDeque<f32>,
}

impl<D: Denoiser> Leg<D> {
    fn new(denoiser: D, sample_rate: u32) -> Result<Self, Error> {
        Ok(Self {
            denoiser,
            up: Resampler::new(sample_rate, D::SAMPLE_RATE)?,
            down: Resampler::new(D::SAMPLE_RATE, sample_rate)?,
            dry: VecDeque::new(),
            noisy: Vec::new(),
            clean: Vec::new(),
            early: D::DELAY,
            wet: VecDeque::new(),
        })
    }

    fn take(&mut self, samples: impl Iterator<Item = i16> + Clone) -> Result<(), Error> {
        self.dry.extend(samples.clone());
        self.push(samples.map(f32::from))
    }

    /// Pushes silence after it until all has come out.
    fn end(&mut self) -> Result<(), Error> {
        while self.wet.len() < self.dry.len() {
            self.push(std::iter::repeat_n(0.0, 1_024))?;
        }
        Ok(())
    }

    fn push(&mut self, samples: impl Iterator<Item = f32>) -> Result<(), Error> {
        self.up.push(samples, &mut self.noisy);
        let whole = self.noisy.len() / D::FRAME * D::FRAME;
        self.clean.resize(whole, 0.0);
        let frames = self.noisy.chunks_exact(D::FRAME);
        for (noisy, clean) in frames.zip(self.clean.chunks_exact_mut(D::FRAME)) {
            self.denoiser.frame(noisy, clean)?;
        }
        self.noisy.drain(..whole);
        let early = self.early.min(whole);
        self.early -= early;
        let mut out = Vec::new();
        self.down.push(self.clean[early..].iter().copied(), &mut out);
        self.wet.extend(out);
        Ok(())
    }

    /// The next sample, once its clean form is there.
    fn next(&mut self) -> Option<i16> {
        let (dry, wet) = (*self.dry.front()?, *self.wet.front()?);
        self.dry.pop_front();
        self.wet.pop_front();
        let mixed = D::DRY * f32::from(dry) + (1.0 - D::DRY) * wet;
        #[expect(clippy::cast_possible_truncation, reason = "such a cast clips, as it should")]
        let sample = mixed.round() as i16;
        Some(sample)
    }
}

#[cfg(test)]
mod tests;
