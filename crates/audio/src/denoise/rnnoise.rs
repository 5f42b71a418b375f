//! RNNoise (<https://jmvalin.ca/demo/rnnoise/>), whose weights are in the program.

use nnnoiseless::DenoiseState;

use super::Denoiser;
use crate::Error;

pub(super) struct RnNoise(Box<DenoiseState<'static>>);

impl RnNoise {
    pub(super) fn new() -> Self {
        Self(DenoiseState::new())
    }
}

impl Denoiser for RnNoise {
    const SAMPLE_RATE: u32 = 48_000;
    const FRAME: usize = DenoiseState::FRAME_SIZE;
    /// Its windows overlap by half.
    const DELAY: usize = DenoiseState::FRAME_SIZE;
    const DRY: f32 = 0.18;

    fn frame(&mut self, noisy: &[f32], clean: &mut [f32]) -> Result<(), Error> {
        self.0.process_frame(clean, noisy);
        Ok(())
    }
}
