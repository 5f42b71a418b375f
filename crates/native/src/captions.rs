//! A transcript as subtitles: `SubRip` (SRT) and `WebVTT`
//! (<https://www.w3.org/TR/webvtt1/>).

use std::fmt::Write as _;

use vault::{Spoken, Word, one_line};

/// The most characters of a cue: two lines of subtitles.
const LONGEST: usize = 84;
/// The longest a cue is shown, and the longest silence within one, in ms.
const SHOWN: u64 = 6_000;
const PAUSE: u64 = 1_000;

/// What is shown at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cue {
    speaker: u16,
    start_ms: u64,
    end_ms: u64,
    text: String,
}

/// `SubRip`, in UTF-8. It has no escapes: signs that players take for markup are replaced by
/// their full-width forms.
pub(crate) fn srt(spoken: &Spoken) -> String {
    srt_of(&cues_of(&spoken.words), spoken.knows_speakers())
}

fn srt_of(cues: &[Cue], is_known: bool) -> String {
    let mut file = String::new();
    for (number, cue) in (1_u32..).zip(cues) {
        let (start, end) = (clock(cue.start_ms, ','), clock(cue.end_ms, ','));
        let _ = write!(file, "{number}\n{start} --> {end}\n");
        if is_known {
            let _ = write!(file, "Speaker {}: ", cue.speaker);
        }
        let plain = |sign| match sign {
            '<' => '＜',
            '>' => '＞',
            '{' => '｛',
            '}' => '｝',
            other => other,
        };
        file.extend(cue.text.chars().map(plain));
        file.push_str("\n\n");
    }
    file
}

/// `WebVTT`, with who spoke as a voice.
pub(crate) fn vtt(spoken: &Spoken) -> String {
    vtt_of(&cues_of(&spoken.words), spoken.knows_speakers())
}

fn vtt_of(cues: &[Cue], is_known: bool) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for cue in cues {
        let (start, end) = (clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        let _ = write!(file, "\n{start} --> {end}\n");
        if is_known {
            let _ = write!(file, "<v Speaker {}>", cue.speaker);
        }
        for sign in cue.text.chars() {
            match sign {
                '&' => file.push_str("&amp;"),
                '<' => file.push_str("&lt;"),
                '>' => file.push_str("&gt;"),
                other => file.push(other),
            }
        }
        file.push('\n');
    }
    file
}

/// Each speaker's words, cut at pauses and to a readable length; in the order of their starts.
fn cues_of(words: &[Word]) -> Vec<Cue> {
    let mut done: Vec<Cue> = Vec::new();
    let mut open: Vec<Cue> = Vec::new();
    for word in words {
        let text = one_line(&word.word);
        if text.is_empty() {
            continue;
        }
        let end_ms = word.end_ms.max(word.start_ms.saturating_add(1));
        let own = open.iter_mut().find(|cue| cue.speaker == word.speaker);
        let fits = |cue: &Cue| {
            cue.text.chars().count() + 1 + text.chars().count() <= LONGEST
                && end_ms.saturating_sub(cue.start_ms) <= SHOWN
                && word.start_ms.saturating_sub(cue.end_ms) <= PAUSE
        };
        let new =
            Cue { speaker: word.speaker, start_ms: word.start_ms, end_ms, text: text.clone() };
        match own {
            Some(cue) if fits(cue) => {
                cue.text.push(' ');
                cue.text.push_str(&text);
                cue.end_ms = cue.end_ms.max(end_ms);
            }
            Some(cue) => done.push(std::mem::replace(cue, new)),
            None => open.push(new),
        }
    }
    done.extend(open);
    done.sort_by_key(|cue| (cue.start_ms, cue.speaker));
    done
}

/// `01:02:03.004`.
fn clock(ms: u64, point: char) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3_600);
    format!("{hours:02}:{minutes:02}:{:02}{point}{ms:03}", seconds % 60)
}

#[cfg(test)]
mod tests;
