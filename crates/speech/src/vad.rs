//! Where somebody speaks: silero VAD.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use crate::Error;

/// How many samples are judged at a time: 32 ms.
pub(crate) const FRAME: usize = 512;

/// How many samples from before a frame it sees.
const CONTEXT: usize = 64;

/// What it remembers from frame to frame.
const MEMORY: usize = 128;

/// How many frames go through the model at once.
const BATCH: usize = 64;

/// The model, as `silero_vad_16k_sequence.onnx`: frames with their context in, and for each the
/// probability of speech out, with the two parts of its memory.
#[derive(Clone)]
pub(crate) struct Silero {
    model: Arc<Model>,
    inputs: [NodeId; 3],
    outputs: [NodeId; 3],
    threads: Arc<ThreadPool>,
}

impl Silero {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Model { path: path.to_owned(), reason };
        let model = Model::load_file(path).map_err(|error| unusable(error.to_string()))?;
        let node = |name| model.node_id(name).map_err(|error| unusable(error.to_string()));
        Ok(Self {
            inputs: [node("input")?, node("h")?, node("c")?],
            outputs: [node("speech_probs")?, node("hn")?, node("cn")?],
            model: Arc::new(model),
            threads: Arc::new(ThreadPool::with_num_threads(1)),
        })
    }
}

/// One channel, on its way through the model.
pub(crate) struct Vad {
    silero: Silero,
    memory: [Tensor<f32>; 2],
    /// The context of the next frame, and what came after it.
    samples: Vec<f32>,
}

impl Vad {
    pub(crate) fn new(silero: &Silero) -> Self {
        let memory = || Tensor::zeros(&[1, 1, MEMORY]);
        let samples = vec![0.0; CONTEXT];
        Self { silero: silero.clone(), memory: [memory(), memory()], samples }
    }

    /// Takes samples, and adds to `speech` the probabilities of the frames that are judged by now.
    pub(crate) fn take(&mut self, samples: &[f32], speech: &mut Vec<f32>) -> Result<(), Error> {
        self.samples.extend(samples);
        while self.samples.len() >= CONTEXT + BATCH * FRAME {
            self.judge(BATCH, speech)?;
        }
        Ok(())
    }

    /// Judges what is left, with silence after it up to the end of the last frame.
    pub(crate) fn finish(&mut self, speech: &mut Vec<f32>) -> Result<(), Error> {
        let frames = (self.samples.len() - CONTEXT).div_ceil(FRAME);
        self.samples.resize(CONTEXT + frames * FRAME, 0.0);
        if frames == 0 { Ok(()) } else { self.judge(frames, speech) }
    }

    fn judge(&mut self, frames: usize, speech: &mut Vec<f32>) -> Result<(), Error> {
        let rows = self.samples.windows(CONTEXT + FRAME).step_by(FRAME).take(frames);
        let input: Vec<f32> = rows.flatten().copied().collect();
        let input = NdTensor::from_data([frames, CONTEXT + FRAME], input);
        let Silero { model, inputs, outputs, threads } = &self.silero;
        let [h, c] = &self.memory;
        let given = vec![
            (inputs[0], input.view().into()),
            (inputs[1], h.view().into()),
            (inputs[2], c.view().into()),
        ];
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(threads)));
        let [judged, h, c] = model.run_n(given, *outputs, Some(options)).map_err(failed)?;
        speech.extend(tensor(judged)?.iter());
        self.memory = [tensor(h)?, tensor(c)?];
        self.samples.drain(..frames * FRAME);
        Ok(())
    }
}

fn tensor(value: Value) -> Result<Tensor<f32>, Error> {
    value.try_into().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Engine(format!("silero: {error}"))
}
