//! The tokens, as the bytes that they stand for.

use std::io::Read;

use super::Error;

/// The first token that is not text.
const END_OF_TEXT: &str = "<|endoftext|>";

/// More than any vocabulary of Whisper's.
const MOST_BYTES: u64 = 16 << 20;

/// Reads the texts among the tokens: a JSON array of strings, in the order of their numbers, each
/// character of which is a byte as GPT-2 writes it.
pub(super) fn read(json: &mut dyn Read) -> Result<Vec<Vec<u8>>, Error> {
    let mut bytes = Vec::new();
    json.take(MOST_BYTES).read_to_end(&mut bytes)?;
    let tokens: Vec<String> = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Source(format!("its vocabulary is no list of words: {error}")))?;
    let texts = tokens.iter().take_while(|token| *token != END_OF_TEXT);
    texts
        .map(|token| token.chars().map(byte).collect::<Option<Vec<u8>>>())
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::Source("its vocabulary is not written as GPT-2's".to_owned()))
}

/// The byte that a character stands for. Printable ones of Latin-1 are themselves, all others are
/// in their order from U+0100 on.
fn byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    if let Ok(byte) = u8::try_from(code) {
        return printable(byte).then_some(byte);
    }
    let nth = usize::try_from(code - 256).ok()?;
    (0..=u8::MAX).filter(|byte| !printable(*byte)).nth(nth)
}

fn printable(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..)
}
