//! From Whisper's tokens to words.

use std::ops::Range;

/// A piece of text, and when it was said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// Not always whole characters.
    pub(crate) bytes: Vec<u8>,
    /// In ms.
    pub(crate) times: Range<u64>,
    pub(crate) probability: f32,
}

/// A word with its punctuation, and when it was said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    /// In ms.
    pub(crate) times: Range<u64>,
    /// The geometric mean of its tokens' probabilities.
    pub(crate) confidence: f32,
}

/// Languages that are written without spaces: there each character, or what is a token, is a word.
const UNSPACED: [&str; 8] = ["bo", "ja", "km", "lo", "my", "th", "yue", "zh"];

pub(crate) fn is_spaced(language: &str) -> bool {
    !UNSPACED.contains(&language)
}

/// Puts tokens together to words. Punctuation that stands alone belongs to the word before it.
pub(crate) fn words(tokens: &[Token], language: &str) -> Vec<Spoken> {
    let mut words: Vec<Spoken> = Vec::new();
    let mut from = 0;
    for to in 1..=tokens.len() {
        if tokens.get(to).is_some_and(|next| !begins(&tokens[from..to], next, language)) {
            continue;
        }
        let word = word(&tokens[from..to]);
        from = to;
        match words.last_mut() {
            _ if word.text.is_empty() => {}
            Some(before) if !word.text.contains(char::is_alphanumeric) => {
                before.text.push_str(&word.text);
            }
            _ if !word.text.contains(char::is_alphanumeric) => {}
            _ => words.push(word),
        }
    }
    words
}

/// Whether a token begins a new word.
fn begins(before: &[Token], next: &Token, language: &str) -> bool {
    if is_spaced(language) {
        return next.bytes.starts_with(b" ");
    }
    let bytes: Vec<u8> = before.iter().flat_map(|token| &token.bytes).copied().collect();
    // In the middle of a character it goes on.
    std::str::from_utf8(&bytes).is_ok()
}

fn word(tokens: &[Token]) -> Spoken {
    let bytes: Vec<u8> = tokens.iter().flat_map(|token| &token.bytes).copied().collect();
    let times = tokens.iter().map(|token| &token.times);
    let start = times.clone().map(|times| times.start).min().unwrap_or_default();
    let end = times.map(|times| times.end).max().unwrap_or_default();
    let logs = tokens.iter().map(|token| f64::from(token.probability).max(1e-9).ln());
    let count = u32::try_from(tokens.len().max(1)).unwrap_or(u32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "a probability")]
    let confidence = (logs.sum::<f64>() / f64::from(count)).exp().clamp(0.0, 1.0) as f32;
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    Spoken { text, times: start..end.max(start), confidence }
}

/// Whether words say the same thing over and over, as Whisper does where it has lost its way: a
/// phrase of one word six times, of two and three words four times, of up to eight three times.
pub(crate) fn is_loop(words: &[Spoken]) -> bool {
    let plain: Vec<String> = words
        .iter()
        .map(|word| word.text.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .map(|word| word.to_lowercase())
        .collect();
    (1..=8).any(|length| {
        let times = match length {
            1 => 6,
            2 | 3 => 4,
            _ => 3,
        };
        plain.windows(length * times).any(|words| {
            let (phrase, rest) = words.split_at(length);
            rest.chunks(length).all(|next| next == phrase)
        })
    })
}

#[cfg(test)]
mod tests;
