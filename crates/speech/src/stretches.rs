//! From probabilities of speech to the stretches that are worth hearing.
//!
//! Everything here counts in frames of the VAD, 32 ms each.

use std::ops::Range;

/// Speech begins at this probability, and goes on until it is below the other.
const BEGINS: f32 = 0.5;
const ENDS: f32 = 0.35;

/// How much before and after speech belongs to it, so that no word is cut.
pub(crate) const PADDING: u64 = 10;

/// How long a pause must be to be left out.
const PAUSE: u64 = 20;

/// Less speech than this is a click.
const LEAST: usize = 3;

/// The longest stretch, with its padding. Whisper hears 30 s at a time.
pub(crate) const LONGEST: u64 = 920;

/// Finds the stretches of one channel, in their order.
#[derive(Default)]
pub(crate) struct Stretches {
    /// How many frames have come.
    frames: u64,
    /// Where the last stretch ended.
    taken: u64,
    open: Option<Open>,
}

struct Open {
    /// With its padding.
    start: u64,
    /// The frame after the last one with speech.
    end: u64,
    /// Since the start.
    speech: Vec<f32>,
    /// Whether the one before it was cut here.
    cut: bool,
}

impl Stretches {
    /// With as much silence before them as they are padded with.
    pub(crate) fn after_silence() -> Self {
        Self { frames: PADDING, ..Self::default() }
    }

    /// Takes the probability of the next frame. Tells of a stretch that is over.
    pub(crate) fn take(&mut self, speech: f32) -> Option<Range<u64>> {
        let frame = self.frames;
        self.frames += 1;
        let Some(open) = &mut self.open else {
            if speech >= BEGINS {
                let start = frame.saturating_sub(PADDING).max(self.taken);
                let before = usize::try_from(frame - start).expect("no more than the padding");
                let mut all = vec![0.0; before];
                all.push(speech);
                self.open = Some(Open { start, end: frame + 1, speech: all, cut: false });
            }
            return None;
        };
        open.speech.push(speech);
        if speech >= ENDS {
            open.end = frame + 1;
        }
        if self.frames - open.end >= PAUSE {
            return self.close();
        }
        if self.frames - open.start >= LONGEST {
            return Some(self.cut());
        }
        None
    }

    /// The last one.
    pub(crate) fn finish(mut self) -> Option<Range<u64>> {
        self.close()
    }

    /// From where on it may yet tell of a stretch.
    pub(crate) fn from(&self) -> u64 {
        let padded = || self.frames.saturating_sub(PADDING).max(self.taken);
        self.open.as_ref().map_or_else(padded, |open| open.start)
    }

    fn close(&mut self) -> Option<Range<u64>> {
        let open = self.open.take()?;
        let spoken = open.speech.iter().filter(|speech| **speech >= BEGINS).count();
        if spoken < LEAST && !open.cut {
            return None;
        }
        self.taken = (open.end + PADDING).min(self.frames);
        Some(open.start..self.taken)
    }

    /// Ends a stretch that is too long in its last third, where speech is least likely.
    fn cut(&mut self) -> Range<u64> {
        let open = self.open.as_mut().expect("it is called with one");
        let from = open.speech.len() * 2 / 3;
        let candidates = open.speech.iter().enumerate().skip(from);
        let (at, _) = candidates.min_by(|a, b| a.1.total_cmp(b.1)).unwrap_or((from, &0.0));
        let start = open.start;
        open.speech.drain(..at);
        open.start += at as u64;
        open.end = open.end.max(open.start);
        open.cut = true;
        self.taken = open.start;
        start..self.taken
    }
}

#[cfg(test)]
mod tests;
