//! From words to turns.

use crate::words::is_spaced;
use crate::{Turn, Word};

/// A longer pause ends a turn.
const PAUSE_MS: u64 = 1_500;

/// Who goes on so soon has not stopped, even if somebody else began in between.
const BREATH_MS: u64 = 300;

/// Puts words, which are in their order, together to turns, in the order of their starts. `sure`
/// has for each word how sure its speaker is, of which a turn has the mean.
pub(crate) fn turns(words: &[Word], sure: &[f32], language: &str) -> Vec<Turn> {
    let between = if is_spaced(language) { " " } else { "" };
    let mut turns: Vec<Turn> = Vec::new();
    let mut counts: Vec<f32> = Vec::new();
    for (word, sure) in words.iter().zip(sure) {
        let last = turns.len().saturating_sub(1);
        let own = |(_, turn): &(usize, &mut Turn)| {
            turn.speaker == word.speaker && turn.channel == word.channel
        };
        let before = turns.iter_mut().enumerate().rev().take(8).find(own);
        let goes_on = before.filter(|(nth, turn)| {
            let pause = word.start_ms.saturating_sub(turn.end_ms);
            pause < if *nth == last { PAUSE_MS } else { BREATH_MS }
        });
        if let Some((nth, turn)) = goes_on {
            counts[nth] += 1.0;
            turn.confidence += (sure - turn.confidence) / counts[nth];
            turn.text.push_str(between);
            turn.text.push_str(&word.word);
            turn.end_ms = turn.end_ms.max(word.end_ms);
        } else {
            turns.push(Turn {
                speaker: word.speaker,
                start_ms: word.start_ms,
                end_ms: word.end_ms,
                text: word.word.clone(),
                channel: word.channel,
                confidence: *sure,
            });
            counts.push(1.0);
        }
    }
    turns
}

#[cfg(test)]
mod tests;
