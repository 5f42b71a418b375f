//! The two models, run on one thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::{Layout, NdTensor};

use super::fbank::BANDS;
use crate::{Error, SpeakerModels};

/// What the segmentation looks at in one go: 10 s.
pub(super) const WINDOW: usize = 160_000;
/// The frames that it cuts these into.
pub(super) const FRAMES: usize = 589;
/// The classes that it tells apart: nobody, one of three speakers alone, or two of them at once.
pub(super) const CLASSES: usize = 7;
/// The numbers that describe a voice.
pub(super) const DIMENSIONS: usize = 192;

/// pyannote's segmentation 3.0 (<https://huggingface.co/pyannote/segmentation-3.0>).
pub(super) struct Segmentation(Runner);

/// CAM++ (<https://arxiv.org/abs/2303.00332>), as trained by 3D-Speaker.
pub(super) struct Embedding(Runner);

pub(super) fn load(models: &SpeakerModels) -> Result<(Segmentation, Embedding), Error> {
    let threads = Arc::new(ThreadPool::with_num_threads(1));
    let segmentation = Runner::load(&models.segmentation, &threads)?;
    let embedding = Runner::load(&models.embedding, &threads)?;
    Ok((Segmentation(segmentation), Embedding(embedding)))
}

impl Segmentation {
    /// The logarithm of each class's probability, frame by frame, in [`WINDOW`] samples.
    pub(super) fn run(&self, samples: Vec<f32>) -> Result<Vec<[f32; CLASSES]>, Error> {
        let input = NdTensor::from_data([1, 1, WINDOW], samples);
        let classes = self.0.run(input, &[1, FRAMES, CLASSES])?;
        Ok(classes.as_chunks().0.to_vec())
    }
}

impl Embedding {
    /// The voice of frames of [`Fbank`](super::fbank::Fbank), of length 1. Their mean, which is the
    /// line's and not the voice's, is taken away first.
    pub(super) fn run(&self, frames: &[[f32; BANDS]]) -> Result<[f32; DIMENSIONS], Error> {
        #[expect(clippy::cast_precision_loss, reason = "a few seconds' frames")]
        let count = frames.len() as f32;
        let mut mean = [0.0; BANDS];
        for frame in frames {
            mean.iter_mut().zip(frame).for_each(|(mean, band)| *mean += band / count);
        }
        let input = frames.iter().flat_map(|frame| frame.iter().zip(&mean).map(|(x, m)| x - m));
        let input = NdTensor::from_data([1, frames.len(), BANDS], input.collect::<Vec<_>>());
        let voice = self.0.run(input, &[1, DIMENSIONS])?;
        let length = voice.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        Ok(std::array::from_fn(|i| voice[i] / length))
    }
}

/// A model of one input and one output.
struct Runner {
    path: PathBuf,
    model: Model,
    threads: Arc<ThreadPool>,
}

impl Runner {
    fn load(path: &Path, threads: &Arc<ThreadPool>) -> Result<Self, Error> {
        let model = Model::load_file(path)
            .map_err(|e| Error::Model { path: path.to_owned(), reason: e.to_string() })?;
        Ok(Self { path: path.to_owned(), model, threads: threads.clone() })
    }

    fn run<const N: usize>(
        &self,
        input: NdTensor<f32, N>,
        shape: &[usize],
    ) -> Result<Vec<f32>, Error> {
        let unfit = |reason: String| Error::Model { path: self.path.clone(), reason };
        let mut options = RunOptions::default();
        options.thread_pool = Some(self.threads.clone());
        let output = self
            .model
            .run_one(input.into(), Some(options))
            .map_err(|e| unfit(e.to_string()))?
            .into_tensor::<f32>()
            .ok_or_else(|| unfit("it does not answer with numbers".to_owned()))?;
        if output.shape() != shape {
            return Err(unfit(format!("it answers {:?}, not {shape:?}", output.shape())));
        }
        Ok(output.into_data())
    }
}
