//! What of a sound is wanted: a channel, a while.

use std::ops::Range;

/// Which of the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// This one, counted from 0.
    One(u16),
    /// All of them in one: their sum, divided by their number, toward zero.
    Mix,
}

/// A part of a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// One; or all, each for itself.
    pub channel: Option<Channel>,
    /// Samples per channel. What lies beyond the end is not there.
    pub frames: Range<u64>,
}

impl Part {
    /// All of it.
    pub const WHOLE: Self = Self { channel: None, frames: 0..u64::MAX };

    /// How many channels it has, of so many.
    pub fn channels(&self, channels: u16) -> u16 {
        if self.channel.is_some() { 1 } else { channels }
    }

    /// How many samples per channel it has, of so many.
    pub fn length(&self, frames: u64) -> u64 {
        self.frames.end.min(frames).saturating_sub(self.frames.start)
    }
}

/// Takes a part out of a sound that comes piece by piece, interleaved.
pub(crate) struct Cutter<'p> {
    part: &'p Part,
    channels: usize,
    /// Samples per channel that have come.
    at: u64,
    cut: Vec<i16>,
}

impl<'p> Cutter<'p> {
    pub(crate) fn new(part: &'p Part, channels: u16) -> Self {
        Self { part, channels: usize::from(channels.max(1)), at: 0, cut: Vec::new() }
    }

    /// The part's share of the next piece, which may be nothing.
    pub(crate) fn cut<'s>(&'s mut self, samples: &'s [i16]) -> &'s [i16] {
        let frames = (samples.len() / self.channels) as u64;
        let within = |position: u64| {
            let index = position.clamp(self.at, self.at + frames) - self.at;
            usize::try_from(index).unwrap_or_default() * self.channels
        };
        let Range { start, end } = self.part.frames;
        let piece = samples.get(within(start)..within(end)).unwrap_or_default();
        self.at += frames;
        let Some(channel) = self.part.channel.filter(|_| self.channels > 1) else { return piece };
        self.cut.clear();
        let all = piece.chunks_exact(self.channels);
        match channel {
            Channel::One(one) => {
                self.cut.extend(all.filter_map(|frame| frame.get(usize::from(one))));
            }
            Channel::Mix => self.cut.extend(all.map(mix)),
        }
        &self.cut
    }
}

fn mix(frame: &[i16]) -> i16 {
    let sum: i64 = frame.iter().copied().map(i64::from).sum();
    let mean = sum / i64::try_from(frame.len()).unwrap_or(1).max(1);
    i16::try_from(mean).unwrap_or_default()
}

#[cfg(test)]
mod tests;
