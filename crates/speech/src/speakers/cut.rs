//! Where one speaks: from what the segmentation says of each window to pieces of one voice.
//!
//! Within a window the model tells up to three speakers apart, but which is which is for each
//! window to choose, and two telephone voices are often one to it. So it is only asked where
//! somebody speaks, where two do, and where the speaker changes; windows overlap, and vote.

use std::collections::VecDeque;

use super::model::{CLASSES, FRAMES};

/// A frame of the segmentation, in samples.
pub(super) const STEP: usize = 270;
/// How many samples after the start of its window a window's first frame starts: a frame tells of
/// the middle of the 991 samples that it sees.
pub(super) const OFFSET: usize = 360;
/// The frames from one window to the next: 2.5 s.
pub(super) const HOP: usize = 148;

/// No piece is longer: 2 s.
const LONGEST: usize = 119;
/// No piece is cut shorter than this, if nobody else speaks: 1 s.
const SHORTEST: usize = 60;
/// Windows do not agree to the frame on where the speaker changes: votes count this far, less and
/// less.
const REACH: usize = 7;
/// The share of the windows that must see a change.
const CHANGE: f32 = 0.35;
/// What each class says of the three speakers.
const SPEAKING: [[bool; 3]; CLASSES] = [
    [false, false, false],
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
];

/// Some sound of one voice, in frames from the start of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub start: usize,
    pub end: usize,
    /// For each of its frames, whether another speaks too.
    pub overlap: Vec<bool>,
    /// Whether it goes on where the piece before it ended, by the same speaker.
    pub goes_on: bool,
}

/// What the windows say of a frame.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    windows: u8,
    speech: u8,
    overlap: u8,
    changes: u8,
}

/// Gathers votes and cuts pieces.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// From the first frame that is still needed.
    votes: VecDeque<Votes>,
    /// The frame of `votes[0]`.
    first: usize,
    /// The next frame to be looked at.
    next: usize,
    /// The last frame at which the speaker changes.
    changed: Option<usize>,
    /// What is not yet long enough to be told.
    open: Option<Piece>,
}

impl Cutter {
    /// Takes a window that starts at a frame (each [`HOP`] after the one before), and tells the
    /// pieces that nothing will change any more.
    pub(super) fn take(&mut self, start: usize, window: &[[f32; CLASSES]]) -> Vec<Piece> {
        self.vote(start, window);
        // The next window may vote on all from its start on, and votes reach back.
        self.pieces((start + HOP).saturating_sub(2 * REACH))
    }

    /// The first frame that pieces still to come may have.
    pub(super) fn needed(&self) -> usize {
        self.open.as_ref().map_or(self.next, |piece| piece.start)
    }

    /// Tells the rest.
    pub(super) fn finish(mut self) -> Vec<Piece> {
        let end = self.first + self.votes.len();
        let mut pieces = self.pieces(end);
        self.close(&mut pieces);
        pieces
    }

    fn vote(&mut self, start: usize, window: &[[f32; CLASSES]]) {
        let offset = start - self.first;
        self.votes.resize(offset + FRAMES, Votes::default());
        let mut alone = None;
        for (i, classes) in window.iter().enumerate() {
            let speaking = SPEAKING[likeliest(classes)];
            let speakers = speaking.iter().filter(|&&one| one).count();
            let votes = &mut self.votes[offset + i];
            votes.windows += 1;
            votes.speech += u8::from(speakers > 0);
            votes.overlap += u8::from(speakers > 1);
            if speakers == 1 {
                if let Some((at, who)) = alone
                    && who != speaking
                {
                    self.votes[offset + usize::midpoint(at, i + 1)].changes += 1;
                }
                alone = Some((i, speaking));
            }
        }
    }

    /// Goes through all frames before `end`.
    fn pieces(&mut self, end: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for frame in self.next..end {
            let votes = self.votes[frame - self.first];
            if 2 * votes.speech < votes.windows {
                self.close(&mut pieces);
                continue;
            }
            let changes = self.changes_at(frame);
            if changes {
                self.close(&mut pieces);
            }
            let piece = self.open.get_or_insert_with(|| Piece {
                start: frame,
                end: frame,
                overlap: Vec::new(),
                goes_on: false,
            });
            piece.end = frame + 1;
            piece.overlap.push(2 * votes.overlap > votes.windows);
            if piece.overlap.len() == LONGEST + SHORTEST {
                let rest = piece.split(LONGEST);
                pieces.extend(self.open.replace(rest));
            }
        }
        self.next = self.next.max(end);
        let needed = self.next.saturating_sub(2 * REACH);
        self.votes.drain(..needed - self.first);
        self.first = needed;
        pieces
    }

    fn close(&mut self, pieces: &mut Vec<Piece>) {
        if let Some(mut piece) = self.open.take() {
            let length = piece.overlap.len();
            if length > LONGEST {
                let rest = piece.split(length / 2);
                pieces.extend([piece, rest]);
            } else {
                pieces.push(piece);
            }
        }
    }

    /// Whether the windows agree on a change nowhere near more than here.
    fn changes_at(&mut self, frame: usize) -> bool {
        let here = self.change(frame);
        let is = here >= CHANGE
            && self.changed.is_none_or(|before| frame >= before + REACH)
            && (1..REACH).all(|i| self.change(frame + i) <= here);
        if is {
            self.changed = Some(frame);
        }
        is
    }

    /// The share of the windows that see a change about here.
    fn change(&self, frame: usize) -> f32 {
        let at = frame - self.first;
        if at >= self.votes.len() {
            return 0.0;
        }
        let lowest = at.saturating_sub(REACH - 1);
        let near = self.votes.range(lowest..(at + REACH).min(self.votes.len()));
        let sum: usize = near
            .enumerate()
            .map(|(i, votes)| usize::from(votes.changes) * (REACH - at.abs_diff(lowest + i)))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a few windows")]
        let share = sum as f32 / (REACH * usize::from(self.votes[at].windows.max(1))) as f32;
        share
    }
}

impl Piece {
    /// Leaves so many frames in it; the rest goes on.
    fn split(&mut self, frames: usize) -> Self {
        let end = std::mem::replace(&mut self.end, self.start + frames);
        Self { start: self.end, end, overlap: self.overlap.split_off(frames), goes_on: true }
    }

    /// How many frames at its start, and at its end, another speaks too.
    pub(super) fn shared(&self) -> (usize, usize) {
        let count = |frames: &mut dyn Iterator<Item = &bool>| frames.take_while(|&&o| o).count();
        (count(&mut self.overlap.iter()), count(&mut self.overlap.iter().rev()))
    }
}

fn likeliest(classes: &[f32; CLASSES]) -> usize {
    (1..CLASSES).fold(0, |best, class| if classes[class] > classes[best] { class } else { best })
}
