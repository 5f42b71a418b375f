//! Who speaks when, on one channel: an estimate, from voices alone.
//!
//! A segmentation tells where somebody speaks and where the speaker changes ([`cut`]); each piece
//! of one voice, two seconds or less, becomes a vector that is alike for the same voice
//! ([`model`]); alike vectors are one speaker's ([`cluster`]). Memory for the sound is flat; a
//! piece leaves 1 kB. For each second of speech this takes about 0.05 s of one core.

mod cluster;
mod cut;
mod fbank;
mod model;

use std::collections::VecDeque;

use crate::{Error, SAMPLE_RATE, SpeakerModels, Word};
use cluster::{Clusters, Voice, dot, unit};
use cut::{Cutter, OFFSET, Piece, STEP};
use fbank::{BANDS, Fbank};
use model::{DIMENSIONS, Embedding, Segmentation, WINDOW};

/// From so much sound on, in frames of [`Fbank`], a piece has a voice: 0.3 s.
const HEARD: usize = 30;
/// From so much on it may found a speaker: 1 s.
const HEARD_WELL: usize = 100;
/// A silence of one speaker within a turn, in frames of the segmentation: 0.5 s.
const BREATH: usize = 30;
const SAMPLES_A_MS: usize = SAMPLE_RATE as usize / 1000;
/// How much nearer one speaker must be than the next to be believed: the confidence is the
/// logistic function of the difference of the cosines by this.
const SURE: f32 = 0.05;
/// How near the next speaker is taken to be, as a share, where there is only one.
const NEXT: f32 = 0.85;

/// Listens to a call of one channel.
pub struct Diarizer {
    segmentation: Segmentation,
    embedding: Embedding,
    fbank: Fbank,
    /// The sound that is still needed, from the sample `first` on.
    sound: Vec<f32>,
    first: usize,
    /// The frames of `fbank` that are still needed, from the frame `first_frame` on.
    frames: VecDeque<[f32; BANDS]>,
    first_frame: usize,
    /// Where the next window starts, in frames of the segmentation.
    window: usize,
    cutter: Cutter,
    clusters: Clusters,
    heard: Vec<Heard>,
}

/// Who speaks when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diarization {
    /// In the order of their starts. They overlap where two speak at once.
    pub turns: Vec<Spoken>,
    /// How many speakers there are, from 0 (nobody spoke) to 8.
    pub speakers: u16,
}

/// That somebody speaks, without a pause of half a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// From 0, in the order of first words.
    pub speaker: u16,
    /// From the start of the call, in ms.
    pub start_ms: u64,
    pub end_ms: u64,
    /// From 0.5, as likely this speaker as the next, to 1: by how much more this sounds like this
    /// speaker than like any other. Where there is only one, than like a stranger might.
    pub confidence: f32,
}

/// A piece, and whose voice it is.
struct Heard {
    piece: Piece,
    voice: Option<Box<Voice>>,
    /// How much of it is of one speaker alone, in frames of [`Fbank`].
    frames: usize,
}

impl Diarizer {
    /// One for a call.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] where a model cannot be used.
    pub fn new(models: &SpeakerModels) -> Result<Self, Error> {
        let (segmentation, embedding) = model::load(models)?;
        Ok(Self {
            segmentation,
            embedding,
            fbank: Fbank::new(),
            sound: Vec::new(),
            first: 0,
            frames: VecDeque::new(),
            first_frame: 0,
            window: 0,
            cutter: Cutter::default(),
            clusters: Clusters::default(),
            heard: Vec::new(),
        })
    }

    /// Takes the next samples, from -1 to 1, at [`SAMPLE_RATE`].
    ///
    /// # Errors
    ///
    /// [`Error::Model`] where a model cannot be used.
    pub fn take(&mut self, samples: &[f32]) -> Result<(), Error> {
        for samples in samples.chunks(cut::HOP * STEP) {
            self.sound.extend_from_slice(samples);
            self.hear_frames();
            while self.first + self.sound.len() >= self.window * STEP + WINDOW {
                let from = self.window * STEP - self.first;
                self.hear_window(self.sound[from..from + WINDOW].to_vec())?;
                self.forget();
            }
        }
        Ok(())
    }

    /// Tells who spoke.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] where a model cannot be used.
    pub fn finish(mut self) -> Result<Diarization, Error> {
        let end = self.first + self.sound.len();
        let looked_at = self.window.checked_sub(cut::HOP).map_or(0, |at| at * STEP + WINDOW);
        if end > looked_at {
            let mut window = self.sound.split_off(self.window * STEP - self.first);
            window.resize(WINDOW, 0.0);
            self.hear_window(window)?;
        }
        for piece in std::mem::take(&mut self.cutter).finish() {
            self.hear(piece)?;
        }
        Ok(diarization(self.clusters, &self.heard, end))
    }

    fn hear_frames(&mut self) {
        let mut frame = self.first_frame + self.frames.len();
        while let Some(samples) = self
            .sound
            .get(frame * fbank::HOP - self.first..)
            .and_then(|samples| samples.get(..fbank::FRAME))
        {
            self.frames.push_back(self.fbank.frame(samples));
            frame += 1;
        }
    }

    fn hear_window(&mut self, samples: Vec<f32>) -> Result<(), Error> {
        let window = self.segmentation.run(samples)?;
        let pieces = self.cutter.take(self.window, &window);
        self.window += cut::HOP;
        pieces.into_iter().try_for_each(|piece| self.hear(piece))
    }

    fn hear(&mut self, piece: Piece) -> Result<(), Error> {
        let frames: Vec<_> = (frame_at(piece.start)..frame_at(piece.end))
            .filter(|&frame| {
                let at = (frame * fbank::HOP + fbank::FRAME / 2).saturating_sub(OFFSET) / STEP;
                piece.overlap.get(at.saturating_sub(piece.start)) == Some(&false)
            })
            .filter_map(|frame| self.frames.get(frame - self.first_frame).copied())
            .collect();
        let voice =
            if frames.len() < HEARD { None } else { Some(Box::new(self.embedding.run(&frames)?)) };
        if let Some(voice) = &voice
            && frames.len() >= HEARD_WELL
        {
            self.clusters.add(voice, seconds(frames.len()));
            if let Some(Heard { voice: Some(before), frames: HEARD_WELL.., .. }) = self.heard.last()
                && piece.goes_on
            {
                self.clusters.known(dot(before, voice));
            }
        }
        self.heard.push(Heard { piece, voice, frames: frames.len() });
        Ok(())
    }

    /// Lets go of the sound that nothing will look at any more.
    fn forget(&mut self) {
        let frame = frame_at(self.cutter.needed()).max(self.first_frame);
        self.frames.drain(..frame - self.first_frame);
        self.first_frame = frame;
        let next_frame = (self.first_frame + self.frames.len()) * fbank::HOP;
        let first = (self.window * STEP).min(next_frame);
        self.sound.drain(..first - self.first);
        self.first = first;
    }
}

impl Diarization {
    /// Gives each word the speaker who speaks for most of it, or next to it, and tells for each
    /// word how sure that is, from 0 to 1: the turn's confidence, less in the share in which others
    /// speak, and half of it where nobody seems to speak. All are speaker 0's, with 0, where
    /// nobody spoke.
    pub fn assign(&self, words: &mut [Word]) -> Vec<f32> {
        let confidence = |word: &mut Word| {
            let shared = |turn: &Spoken| {
                turn.end_ms.min(word.end_ms).saturating_sub(turn.start_ms.max(word.start_ms))
            };
            let away = |turn: &Spoken| {
                turn.start_ms.saturating_sub(word.end_ms)
                    + word.start_ms.saturating_sub(turn.end_ms)
            };
            let Some(turn) = self.turns.iter().min_by(|a, b| {
                (away(a), shared(b))
                    .cmp(&(away(b), shared(a)))
                    .then(b.confidence.total_cmp(&a.confidence))
            }) else {
                word.speaker = 0;
                return 0.0;
            };
            word.speaker = turn.speaker;
            let all: u64 = self.turns.iter().map(shared).sum();
            if all == 0 {
                return turn.confidence / 2.0;
            }
            #[expect(clippy::cast_precision_loss, reason = "a word's length")]
            let share = shared(turn) as f32 / all as f32;
            turn.confidence * share
        };
        words.iter_mut().map(confidence).collect()
    }
}

/// Finds the speakers, and gives each piece to one.
fn diarization(mut clusters: Clusters, heard: &[Heard], end: usize) -> Diarization {
    if heard.iter().all(|heard| heard.frames < HEARD_WELL) {
        for heard in heard {
            if let Some(voice) = &heard.voice {
                clusters.add(voice, seconds(heard.frames));
            }
        }
    }
    let mut speakers = clusters.finish();
    if speakers.is_empty() && !heard.is_empty() {
        // Too short a sound for any voice.
        speakers.push([0.0; DIMENSIONS]);
    }
    for _ in 0..2 {
        refine(&mut speakers, heard);
    }
    let guesses = neighbours(heard.iter().map(|heard| guess(&speakers, heard)).collect());
    number(spoken(&stretches(heard, &guesses), end / SAMPLES_A_MS))
}

/// Makes each speaker's voice the mean of what is nearest to it.
fn refine(speakers: &mut [Voice], heard: &[Heard]) {
    let mut sums = vec![[0.0; DIMENSIONS]; speakers.len()];
    for heard in heard.iter().filter(|heard| heard.frames >= HEARD_WELL) {
        if let Some((voice, (speaker, _))) = heard.voice.as_ref().zip(guess(speakers, heard)) {
            let sum = &mut sums[speaker];
            sum.iter_mut().zip(voice.iter()).for_each(|(a, b)| *a += b * seconds(heard.frames));
        }
    }
    for (speaker, sum) in speakers.iter_mut().zip(&sums) {
        if sum.iter().any(|x| *x != 0.0) {
            *speaker = unit(sum);
        }
    }
}

/// Whose voice it is, and how sure that is.
fn guess(speakers: &[Voice], heard: &Heard) -> Option<(usize, f32)> {
    let voice = heard.voice.as_ref()?;
    let mut near: Vec<_> = speakers.iter().map(|speaker| dot(speaker, voice)).enumerate().collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (speaker, nearest) = *near.first()?;
    let next = near.get(1).map_or(NEXT * nearest, |next| next.1);
    Some((speaker, 1.0 / (1.0 + ((next - nearest) / SURE).exp())))
}

/// Gives what has no voice to who speaks before it, or after.
fn neighbours(guesses: Vec<Option<(usize, f32)>>) -> Vec<(usize, f32)> {
    let mut last = guesses.iter().flatten().next().map_or(0, |guess| guess.0);
    let settle = |guess: Option<(usize, f32)>| {
        let guess = guess.unwrap_or((last, 0.5));
        last = guess.0;
        guess
    };
    guesses.into_iter().map(settle).collect()
}

/// What one speaker says in one go, in frames.
struct Stretch {
    speaker: usize,
    start: usize,
    end: usize,
    /// How much of it another speaks too, at its start and at its end.
    shared: (usize, usize),
    /// The sum of the pieces' confidences by their frames.
    sure: f32,
    /// The frames that are pieces'.
    frames: usize,
}

/// Puts pieces together.
fn stretches(heard: &[Heard], guesses: &[(usize, f32)]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (Heard { piece, .. }, &(speaker, confidence)) in heard.iter().zip(guesses) {
        let frames = piece.end - piece.start;
        let sure = confidence * count(frames);
        match stretches.last_mut() {
            Some(last) if last.speaker == speaker && piece.start - last.end <= BREATH => {
                last.end = piece.end;
                last.shared.1 = piece.shared().1;
                last.sure += sure;
                last.frames += frames;
            }
            _ => {
                let shared = piece.shared();
                let (start, end) = (piece.start, piece.end);
                stretches.push(Stretch { speaker, start, end, shared, sure, frames });
            }
        }
    }
    stretches
}

/// Where one speaker follows the other at once, both speak in what they share.
fn spoken(stretches: &[Stretch], end_ms: usize) -> Vec<(usize, Spoken)> {
    let ms = |frame: usize| ((frame * STEP + OFFSET) / SAMPLES_A_MS).min(end_ms) as u64;
    let spoken = |(i, stretch): (usize, &Stretch)| {
        let before = i.checked_sub(1).map(|i| &stretches[i]);
        let before = before.filter(|before| before.end == stretch.start);
        let after = stretches.get(i + 1).filter(|after| after.start == stretch.end);
        let start = stretch.start - before.map_or(0, |before| before.shared.1);
        let end = stretch.end + after.map_or(0, |after| after.shared.0);
        let confidence = stretch.sure / count(stretch.frames);
        (stretch.speaker, Spoken { speaker: 0, start_ms: ms(start), end_ms: ms(end), confidence })
    };
    stretches.iter().enumerate().map(spoken).collect()
}

/// Numbers speakers in the order of their first words.
fn number(spoken: Vec<(usize, Spoken)>) -> Diarization {
    let mut numbers = Vec::new();
    let turn = |(speaker, spoken): (usize, Spoken)| {
        let number = numbers.iter().position(|known| *known == speaker).unwrap_or_else(|| {
            numbers.push(speaker);
            numbers.len() - 1
        });
        Spoken { speaker: narrow(number), ..spoken }
    };
    let turns = spoken.into_iter().map(turn).collect();
    Diarization { turns, speakers: narrow(numbers.len()) }
}

/// The first frame of [`Fbank`] whose middle is within a frame of the segmentation.
fn frame_at(frame: usize) -> usize {
    (frame * STEP + OFFSET - fbank::FRAME / 2).div_ceil(fbank::HOP)
}

fn seconds(frames: usize) -> f32 {
    count(frames * fbank::HOP) / count(SAMPLE_RATE as usize)
}

fn narrow(speakers: usize) -> u16 {
    u16::try_from(speakers).unwrap_or(u16::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "frames and samples of a few seconds")]
fn count(n: usize) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests;
