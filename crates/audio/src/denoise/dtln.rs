//! DTLN (Westhausen and Meyer, "Dual-Signal Transformation LSTM Network", Interspeech 2020;
//! <https://github.com/breizhn/DTLN>), in the two ONNX models that it is published as.
//!
//! Every 128 samples of 16 kHz, the last 512 go through it: the first model makes a mask for their
//! magnitudes, the second filters what comes back of these. Its results, which overlap, are
//! added up.

mod fit;

use std::io;
use std::path::Path;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::Denoiser;
use crate::Error;
pub use fit::fit_dtln;

const BLOCK: usize = 512;
const SHIFT: usize = 128;
const BINS: usize = BLOCK / 2 + 1;
/// Two layers, each with what it puts out and what it keeps, of 128 numbers.
const STATE: [usize; 4] = [1, 2, 128, 2];
/// What the transform there and back multiplies by: the block's length.
const LENGTH: f32 = 512.0;
/// Of the samples of 16 bits.
const SCALE: f32 = 32_768.0;

/// DTLN's models, loaded.
#[derive(Debug)]
pub struct Dtln {
    mask: Net,
    filter: Net,
    /// One thread: more cost more than they gain with models so small.
    threads: Arc<ThreadPool>,
}

/// One of the two models: samples or magnitudes and a state in, the same out.
struct Net {
    model: Model,
    inputs: [NodeId; 2],
    outputs: [NodeId; 2],
}

impl Dtln {
    /// Loads the models from the files that [`fit_dtln()`] makes.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]: a file cannot be read, or is no such model.
    pub fn load(mask: &Path, filter: &Path) -> Result<Self, Error> {
        let threads = Arc::new(ThreadPool::with_num_threads(1));
        Ok(Self { mask: Net::load(mask)?, filter: Net::load(filter)?, threads })
    }

    /// Does something on the thread that the models work on: each block would otherwise go there
    /// and back, which costs a sixth more.
    pub(super) fn alone<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.threads.run(work)
    }
}

impl Net {
    fn load(path: &Path) -> Result<Self, Error> {
        let wrong = |why: &dyn std::fmt::Display| {
            Error::Io(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is no model of DTLN: {why}", path.display()),
            ))
        };
        let bytes = std::fs::read(path)?;
        let model = ModelOptions::with_all_ops().prepack_weights(true).load(bytes);
        let model = model.map_err(|error| wrong(&error))?;
        let two = |ids: &[NodeId]| <[NodeId; 2]>::try_from(ids);
        let inputs = two(model.input_ids()).map_err(|_| wrong(&"it has not two inputs"))?;
        let outputs = two(model.output_ids()).map_err(|_| wrong(&"it has not two outputs"))?;
        Ok(Self { model, inputs, outputs })
    }

    /// Runs it on some numbers; `state` becomes the next one.
    fn run<const N: usize>(
        &self,
        numbers: &[f32; N],
        state: &mut NdTensor<f32, 4>,
        options: RunOptions,
    ) -> Result<Vec<f32>, Error> {
        let numbers = NdTensorView::from_data([1, 1, N], &numbers[..]);
        let [first, second] = self.inputs;
        let inputs: Vec<(NodeId, ValueOrView<'_>)> =
            vec![(first, numbers.into()), (second, state.view().into())];
        let [made, next] = self.model.run_n(inputs, self.outputs, Some(options)).map_err(broken)?;
        *state = next.try_into().map_err(broken)?;
        let made: NdTensor<f32, 3> = Value::try_into(made).map_err(broken)?;
        if made.len() != N || state.shape() != STATE {
            return Err(broken("its results have other shapes"));
        }
        Ok(made.into_data())
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}

/// Not the recording's fault.
fn broken(why: impl std::fmt::Display) -> Error {
    Error::Io(io::Error::other(format!("DTLN's model does not work: {why}")))
}

/// One channel's way through it.
pub(super) struct DtlnLeg<'a> {
    models: &'a Dtln,
    to_spectrum: Arc<dyn RealToComplex<f32>>,
    to_sound: Arc<dyn ComplexToReal<f32>>,
    /// The last that came in.
    block: [f32; BLOCK],
    /// What will come out, as far as it is added up.
    sum: [f32; BLOCK],
    mask_state: NdTensor<f32, 4>,
    filter_state: NdTensor<f32, 4>,
}

impl<'a> DtlnLeg<'a> {
    pub(super) fn new(models: &'a Dtln) -> Self {
        let mut planner = RealFftPlanner::new();
        Self {
            models,
            to_spectrum: planner.plan_fft_forward(BLOCK),
            to_sound: planner.plan_fft_inverse(BLOCK),
            block: [0.0; BLOCK],
            sum: [0.0; BLOCK],
            mask_state: NdTensor::zeros(STATE),
            filter_state: NdTensor::zeros(STATE),
        }
    }

    /// What the models make of the block.
    fn filtered(&mut self) -> Result<Vec<f32>, Error> {
        let models = self.models;
        let options = || RunOptions::default().with_thread_pool(Some(models.threads.clone()));
        let mut sound = self.block;
        let mut spectrum = [Complex::default(); BINS];
        self.to_spectrum.process(&mut sound, &mut spectrum).map_err(broken)?;
        let magnitudes = spectrum.map(Complex::norm);
        let mask = models.mask.run(&magnitudes, &mut self.mask_state, options())?;
        for (bin, share) in spectrum.iter_mut().zip(mask) {
            *bin *= share;
        }
        // A real sound has none there; rounding may have left some.
        spectrum[0].im = 0.0;
        spectrum[BINS - 1].im = 0.0;
        self.to_sound.process(&mut spectrum, &mut sound).map_err(broken)?;
        let estimate = sound.map(|sample| sample / LENGTH);
        models.filter.run(&estimate, &mut self.filter_state, options())
    }
}

impl Denoiser for DtlnLeg<'_> {
    const SAMPLE_RATE: u32 = 16_000;
    const FRAME: usize = SHIFT;
    const DELAY: usize = BLOCK - SHIFT;
    /// It takes more away than RNNoise: with less of it, clean speech loses more than it should.
    const DRY: f32 = 0.26;

    fn frame(&mut self, noisy: &[f32], clean: &mut [f32]) -> Result<(), Error> {
        self.block.copy_within(SHIFT.., 0);
        for (to, from) in self.block[BLOCK - SHIFT..].iter_mut().zip(noisy) {
            *to = from / SCALE;
        }
        let filtered = self.filtered()?;
        self.sum.copy_within(SHIFT.., 0);
        self.sum[BLOCK - SHIFT..].fill(0.0);
        for (sum, filtered) in self.sum.iter_mut().zip(filtered) {
            *sum += filtered;
        }
        for (to, from) in clean.iter_mut().zip(self.sum) {
            *to = from * SCALE;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
