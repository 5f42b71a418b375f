//! What a voice model hears: the energies of 80 bands, 100 times a second.
//!
//! Kaldi's `compute-fbank-feats` with `--num-mel-bins=80 --dither=0 --snip-edges=true` and its
//! defaults otherwise (<https://kaldi-asr.org/doc/feat.html>), on samples from -1 to 1: frames of
//! 25 ms every 10 ms, without their mean, emphasised by 0.97, in Povey's window, from 20 Hz to
//! 8 kHz. The logarithm is natural and stops at the smallest step of an `f32`, so that the upper
//! half of what was a telephone line, which holds nothing, stays at that floor.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

use crate::SAMPLE_RATE;

/// How many bands there are.
pub(super) const BANDS: usize = 80;
/// The samples of a frame.
pub(super) const FRAME: usize = 400;
/// The samples from the start of a frame to the start of the next.
pub(super) const HOP: usize = 160;
/// The length of the transform: the power of two above a frame.
const SIZE: usize = 512;
const LOWEST_HZ: f32 = 20.0;

/// Computes frames.
pub(super) struct Fbank {
    fft: Arc<dyn RealToComplex<f32>>,
    window: [f32; FRAME],
    bands: Vec<Band>,
    input: Vec<f32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

/// A triangle over a few bins of the spectrum.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

impl Fbank {
    pub(super) fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(SIZE);
        Self {
            window: povey(),
            bands: bands(),
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// The energies of a frame of [`FRAME`] samples.
    pub(super) fn frame(&mut self, samples: &[f32]) -> [f32; BANDS] {
        let mean = samples.iter().sum::<f32>() / count(samples.len());
        let mut before = samples[0] - mean;
        for ((to, sample), weight) in self.input.iter_mut().zip(samples).zip(&self.window) {
            let sample = sample - mean;
            *to = (sample - 0.97 * before) * weight;
            before = sample;
        }
        self.input[FRAME..].fill(0.0);
        self.fft
            .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch)
            .expect("the buffers are as long as the transform wants them");
        let mut energies = [0.0; BANDS];
        for (energy, band) in energies.iter_mut().zip(&self.bands) {
            let bins = &self.spectrum[band.first..];
            let sum: f32 = bins.iter().zip(&band.weights).map(|(bin, w)| bin.norm_sqr() * w).sum();
            *energy = sum.max(f32::EPSILON).ln();
        }
        energies
    }
}

/// Hann's window to the power of 0.85.
fn povey() -> [f32; FRAME] {
    std::array::from_fn(|i| {
        let angle = std::f64::consts::TAU * f64_of(i) / f64_of(FRAME - 1);
        narrow((0.5 - 0.5 * angle.cos()).powf(0.85))
    })
}

/// Triangles that are equally wide on the mel scale, each from the middle of the one before to the
/// middle of the one after.
fn bands() -> Vec<Band> {
    let mel = |hz: f32| 1127.0 * (1.0 + hz / 700.0).ln();
    let nyquist = count(SAMPLE_RATE as usize) / 2.0;
    let lowest = mel(LOWEST_HZ);
    let step = (mel(nyquist) - lowest) / count(BANDS + 1);
    let bin_hz = count(SAMPLE_RATE as usize) / count(SIZE);
    (0..BANDS)
        .map(|band| {
            let left = lowest + count(band) * step;
            let weight = |bin: usize| {
                let along = (mel(bin_hz * count(bin)) - left) / step;
                along.min(2.0 - along)
            };
            let bins = || (0..SIZE / 2).filter(|&bin| weight(bin) > 0.0);
            Band { first: bins().next().unwrap_or(0), weights: bins().map(weight).collect() }
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "lengths of frames and rates are small")]
fn count(n: usize) -> f32 {
    n as f32
}

#[expect(clippy::cast_precision_loss, reason = "an index within a frame")]
fn f64_of(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a weight, computed with room to spare")]
fn narrow(weight: f64) -> f32 {
    weight as f32
}
