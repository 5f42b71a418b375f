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
const BATCH: usize = 32;

/// Nothing that was said is quieter than this, 60 dB below full scale: the noise of an idle line,
/// which is the three smallest steps of µ-law.
const IDLE: f32 = 0.001;

/// How many batches of silence it takes for the memory to come to rest: 8 s.
const SILENCE: usize = 8;

/// The model, as `silero_vad_16k_sequence.onnx`: frames with their context in, and for each the
/// probability of speech out, with the two parts of its memory.
#[derive(Clone)]
pub(crate) struct Silero {
    model: Arc<Model>,
    inputs: [NodeId; 3],
    outputs: [NodeId; 3],
    threads: Arc<ThreadPool>,
    rest: Rest,
}

/// What long silence leads to.
#[derive(Clone)]
struct Rest {
    memory: Memory,
    speech: f32,
}

type Memory = [Tensor<f32>; 2];

impl Silero {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Model { path: path.to_owned(), reason };
        let model = Model::load_file(path).map_err(|error| unusable(error.to_string()))?;
        let node = |name| model.node_id(name).map_err(|error| unusable(error.to_string()));
        let zeros = || Tensor::zeros(&[1, 1, MEMORY]);
        let mut silero = Self {
            inputs: [node("input")?, node("h")?, node("c")?],
            outputs: [node("speech_probs")?, node("hn")?, node("cn")?],
            model: Arc::new(model),
            threads: Arc::new(ThreadPool::with_num_threads(1)),
            rest: Rest { memory: [zeros(), zeros()], speech: 0.0 },
        };
        silero.rest = silero.come_to_rest().map_err(|error| unusable(error.to_string()))?;
        Ok(silero)
    }

    /// Listens to silence.
    fn come_to_rest(&self) -> Result<Rest, Error> {
        let silence = NdTensor::zeros([BATCH, CONTEXT + FRAME]);
        let mut rest = self.rest.clone();
        for _ in 0..SILENCE {
            let (judged, memory) = self.judge(&silence, &rest.memory)?;
            let speech = judged.iter().next_back().copied().unwrap_or_default();
            rest = Rest { memory, speech };
        }
        Ok(rest)
    }

    /// The probability of speech in each row of samples, and what is remembered of them.
    fn judge(
        &self,
        rows: &NdTensor<f32, 2>,
        memory: &Memory,
    ) -> Result<(Tensor<f32>, Memory), Error> {
        let [h, c] = memory;
        let given = vec![
            (self.inputs[0], rows.view().into()),
            (self.inputs[1], h.view().into()),
            (self.inputs[2], c.view().into()),
        ];
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let [judged, h, c] =
            self.model.run_n(given, self.outputs, Some(options)).map_err(failed)?;
        Ok((tensor(judged)?, [tensor(h)?, tensor(c)?]))
    }
}

/// One channel, on its way through the model.
pub(crate) struct Vad {
    silero: Silero,
    memory: Memory,
    /// The context of the next frame, and what came after it.
    samples: Vec<f32>,
    /// Whether the last batch was idle.
    idle: bool,
}

impl Vad {
    /// One that judges as if silence had come before, so that it matters not how much did.
    pub(crate) fn new(silero: &Silero) -> Self {
        let memory = silero.rest.memory.clone();
        Self { silero: silero.clone(), memory, samples: vec![0.0; CONTEXT], idle: true }
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
        let taken = &self.samples[..CONTEXT + frames * FRAME];
        let idle = taken.iter().all(|sample| sample.abs() < IDLE);
        if idle && self.idle {
            // As the model would judge after a second of it. On one leg of a call it is half of all.
            let Rest { memory, speech: judged } = &self.silero.rest;
            self.memory.clone_from(memory);
            speech.extend(std::iter::repeat_n(*judged, frames));
        } else {
            let rows = self.samples.windows(CONTEXT + FRAME).step_by(FRAME).take(frames);
            let rows: Vec<f32> = rows.flatten().copied().collect();
            let rows = NdTensor::from_data([frames, CONTEXT + FRAME], rows);
            let (judged, memory) = self.silero.judge(&rows, &self.memory)?;
            speech.extend(judged.iter());
            self.memory = memory;
        }
        self.idle = idle;
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
