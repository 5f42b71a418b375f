//! The real engine: each channel by itself through VAD, windows and Whisper.

use std::ops::Range;

use crate::speakers::Diarizer;
use crate::stretches::{PADDING, Stretches};
use crate::turns::turns;
use crate::vad::{FRAME, Silero, Vad};
use crate::whisper::Whisper;
use crate::window::Window;
use crate::{Error, Hints, Models, SAMPLE_RATE, Speakers, Transcript, Word};

pub(crate) struct Listener {
    whisper: Whisper,
    language: Option<String>,
    channels: Vec<Channel>,
    /// Where one channel may have several speakers.
    diarizer: Option<Diarizer>,
    words: Vec<Word>,
}

impl Listener {
    pub(crate) fn new(models: &Models, channels: u16, hints: &Hints) -> Result<Self, Error> {
        let (whisper, silero) = (Whisper::load(&models.whisper)?, Silero::load(&models.vad)?);
        if let Some(language) = hints.language.as_deref().filter(|hint| !whisper.knows(hint)) {
            return Err(Error::Language(language.to_owned()));
        }
        let diarizer = match &models.speakers {
            Some(speakers) if channels == 1 => Some(Diarizer::new(speakers)?),
            _ => None,
        };
        let channels = (0..channels).map(|number| Channel::new(number, &silero)).collect();
        let language = hints.language.clone();
        Ok(Self { whisper, language, channels, diarizer, words: Vec::new() })
    }

    pub(crate) fn take(&mut self, channels: &[Vec<f32>]) -> Result<(), Error> {
        if let (Some(diarizer), Some(samples)) = (&mut self.diarizer, channels.first()) {
            diarizer.take(samples)?;
        }
        let mut full = Vec::new();
        for (channel, samples) in self.channels.iter_mut().zip(channels) {
            channel.take(samples, &mut full)?;
        }
        self.hear(full)
    }

    pub(crate) fn finish(mut self) -> Result<Transcript, Error> {
        let mut full = Vec::new();
        let channels = std::mem::take(&mut self.channels);
        let count = channels.len();
        for channel in channels {
            channel.finish(&mut full)?;
        }
        self.hear(full)?;
        let Self { language, mut words, diarizer, .. } = self;
        words.sort_by_key(|word| (word.start_ms, word.channel));
        let (speakers, sure) = match diarizer {
            Some(diarizer) => (Speakers::Estimated, diarizer.finish()?.assign(&mut words)),
            None if count == 1 => (Speakers::Unknown, vec![0.0; words.len()]),
            None => (Speakers::Channel, vec![1.0; words.len()]),
        };
        let language = language.filter(|_| !words.is_empty());
        let turns = turns(&words, &sure, language.as_deref().unwrap_or_default());
        Ok(Transcript { language, speakers, words, turns })
    }

    fn hear(&mut self, windows: Vec<(u16, Window)>) -> Result<(), Error> {
        for (channel, window) in windows {
            let samples = window.samples();
            let language = match &self.language {
                Some(language) => language,
                None => self.language.insert(self.whisper.language(samples)?),
            };
            for spoken in self.whisper.hear(samples, language)? {
                let Range { start, end } = window.place(spoken.times);
                self.words.push(Word {
                    word: spoken.text,
                    start_ms: start.saturating_sub(LEAD_MS),
                    end_ms: end.saturating_sub(LEAD_MS),
                    confidence: spoken.confidence,
                    channel,
                    speaker: channel,
                });
            }
        }
        Ok(())
    }
}

/// As if so much silence came before the call, that what is said at once is padded as all else is.
#[expect(clippy::cast_possible_truncation, reason = "it is a few frames")]
const LEAD: usize = PADDING as usize * FRAME;
const LEAD_MS: u64 = PADDING * FRAME_SAMPLES * 1_000 / SAMPLE_RATE as u64;

/// One channel on its way to windows.
struct Channel {
    number: u16,
    vad: Vad,
    stretches: Stretches,
    /// From sample `start` of lead and call on: what may yet belong to a stretch.
    samples: Vec<f32>,
    start: u64,
    window: Window,
    speech: Vec<f32>,
}

const FRAME_SAMPLES: u64 = FRAME as u64;

impl Channel {
    fn new(number: u16, silero: &Silero) -> Self {
        Self {
            number,
            vad: Vad::new(silero),
            stretches: Stretches::after_silence(),
            samples: vec![0.0; LEAD],
            start: 0,
            window: Window::default(),
            speech: Vec::new(),
        }
    }

    /// Takes samples, and adds the windows that are full to `full`.
    fn take(&mut self, samples: &[f32], full: &mut Vec<(u16, Window)>) -> Result<(), Error> {
        self.samples.extend(samples);
        self.vad.take(samples, &mut self.speech)?;
        for speech in std::mem::take(&mut self.speech) {
            if let Some(stretch) = self.stretches.take(speech) {
                self.pack(stretch, full);
            }
        }
        let from = self.stretches.from() * FRAME_SAMPLES;
        let unneeded = self.index(from);
        self.samples.drain(..unneeded);
        self.start += unneeded as u64;
        Ok(())
    }

    /// Adds what is left to `full`.
    fn finish(mut self, full: &mut Vec<(u16, Window)>) -> Result<(), Error> {
        let mut speech = Vec::new();
        self.vad.finish(&mut speech)?;
        for speech in speech {
            if let Some(stretch) = self.stretches.take(speech) {
                self.pack(stretch, full);
            }
        }
        if let Some(stretch) = std::mem::take(&mut self.stretches).finish() {
            self.pack(stretch, full);
        }
        if !self.window.is_empty() {
            full.push((self.number, self.window));
        }
        Ok(())
    }

    fn pack(&mut self, stretch: Range<u64>, full: &mut Vec<(u16, Window)>) {
        let start = stretch.start * FRAME_SAMPLES;
        let samples = self.index(start)..self.index(stretch.end * FRAME_SAMPLES);
        if !self.window.is_empty() && !self.window.has_room(samples.len()) {
            full.push((self.number, std::mem::take(&mut self.window)));
        }
        self.window.add(start, &self.samples[samples]);
    }

    /// Where a sample of the call is in what is kept; its end for one from after it.
    fn index(&self, sample: u64) -> usize {
        let into = usize::try_from(sample.saturating_sub(self.start));
        into.map_or(self.samples.len(), |into| into.min(self.samples.len()))
    }
}
