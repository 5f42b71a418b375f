//! Whisper: from a window of speech to words.

use std::path::Path;

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperSegment,
    WhisperState, get_lang_id, get_lang_str,
};

use crate::Error;
use crate::words::{Spoken, Token, is_loop, words};

/// What Whisper's encoder makes of a second.
const POSITIONS_PER_SECOND: usize = 50;
const SAMPLES_PER_POSITION: usize = crate::SAMPLE_RATE as usize / POSITIONS_PER_SECOND;

/// What it was trained with is 1,500, 30 s. A matrix whose sides are no multiples of 16 is multiplied
/// the slow way.
const ALL_POSITIONS: usize = 1_488;

/// How much silence it hears after the last of a window, 3 s: with none it makes more mistakes, with
/// more no fewer (docs/performance.md).
const MARGIN: usize = 3 * POSITIONS_PER_SECOND;

/// Text of which it is no surer than this, and thinks it likelier than this that nobody speaks,
/// was invented.
const INVENTED_CONFIDENCE: f32 = 0.5;
const INVENTED_SILENCE: f32 = 0.5;

/// A model, ready to be used.
pub(crate) struct Whisper {
    state: WhisperState,
    multilingual: bool,
    end_of_text: i32,
}

impl Whisper {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        // It would write to the standard streams, which may be somebody's protocol.
        whisper_rs::install_logging_hooks();
        let unusable = |reason: String| Error::Model { path: path.to_owned(), reason };
        let parameters = WhisperContextParameters::default();
        let context = WhisperContext::new_with_params(path, parameters)
            .map_err(|error| unusable(error.to_string()))?;
        let state = context.create_state().map_err(|error| unusable(error.to_string()))?;
        let (multilingual, end_of_text) = (context.is_multilingual(), context.token_eot());
        Ok(Self { state, multilingual, end_of_text })
    }

    /// Whether it knows a language, by its code.
    pub(crate) fn knows(&self, language: &str) -> bool {
        let known = !language.contains('\0') && get_lang_id(language).is_some();
        known && (self.multilingual || language == "en")
    }

    /// The likeliest language.
    pub(crate) fn language(&mut self, samples: &[f32]) -> Result<String, Error> {
        if !self.multilingual {
            return Ok("en".to_owned());
        }
        self.state.pcm_to_mel(samples, 1).map_err(failed)?;
        let (id, _) = self.state.lang_detect(0, 1).map_err(failed)?;
        get_lang_str(id)
            .map(str::to_owned)
            .ok_or_else(|| Error::Engine("whisper: found no language".to_owned()))
    }

    /// What was said, with times in the window. What repeats itself is tried again, and left out
    /// if that did not help; so is what was made up.
    pub(crate) fn hear(&mut self, samples: &[f32], language: &str) -> Result<Vec<Spoken>, Error> {
        let positions = samples.len().div_ceil(SAMPLES_PER_POSITION) + MARGIN;
        let first = self.words(samples, language, Try { temperature: 0.0, positions })?;
        if !is_loop(&first) {
            return Ok(first);
        }
        let second = Try { temperature: 0.4, positions: ALL_POSITIONS };
        let second = self.words(samples, language, second)?;
        Ok(if is_loop(&second) { Vec::new() } else { second })
    }

    fn words(&mut self, samples: &[f32], language: &str, how: Try) -> Result<Vec<Spoken>, Error> {
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(1);
        params.set_language(Some(language));
        params.set_no_context(true);
        params.set_suppress_nst(true);
        params.set_token_timestamps(true);
        params.set_temperature(how.temperature);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        let positions = how.positions.next_multiple_of(16).clamp(LEAST_POSITIONS, ALL_POSITIONS);
        params.set_audio_ctx(i32::try_from(positions).unwrap_or(0));
        self.state.full(params, samples).map_err(failed)?;
        let mut all = Vec::new();
        for segment in self.state.as_iter() {
            let words = words(&self.tokens(&segment)?, language);
            let count = words.iter().map(|_| 1.0_f32).sum::<f32>().max(1.0);
            let confidence = words.iter().map(|word| word.confidence).sum::<f32>() / count;
            if segment.no_speech_probability() < INVENTED_SILENCE
                || confidence > INVENTED_CONFIDENCE
            {
                all.extend(words);
            }
        }
        Ok(all)
    }

    /// The text of a segment.
    fn tokens(&self, segment: &WhisperSegment<'_>) -> Result<Vec<Token>, Error> {
        let mut tokens = Vec::new();
        for token in (0..segment.n_tokens()).filter_map(|nth| segment.get_token(nth)) {
            if token.token_id() >= self.end_of_text {
                continue;
            }
            let data = token.token_data();
            let ms = |hundredths: i64| hundredths.max(0).unsigned_abs() * 10;
            tokens.push(Token {
                bytes: token.to_bytes().map_err(failed)?.to_vec(),
                times: ms(data.t0)..ms(data.t1),
                probability: data.p,
            });
        }
        Ok(tokens)
    }
}

/// With less it loses its way.
const LEAST_POSITIONS: usize = 512;

#[derive(Clone, Copy)]
struct Try {
    temperature: f32,
    /// How much of the encoder is used.
    positions: usize,
}

fn failed(error: whisper_rs::WhisperError) -> Error {
    Error::Engine(format!("whisper: {error}"))
}
