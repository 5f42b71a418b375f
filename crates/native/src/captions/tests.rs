use proptest::prelude::*;
use vault::Word;

use super::*;

fn word(speaker: u16, start_ms: u64, word: &str) -> Word {
    let end_ms = start_ms + 300;
    Word { word: word.to_owned(), start_ms, end_ms, confidence: 1.0, channel: speaker, speaker }
}

fn cut(words: &[Word]) -> Vec<(u16, u64, u64, String)> {
    let all = cues_of(words);
    all.into_iter().map(|cue| (cue.speaker, cue.start_ms, cue.end_ms, cue.text)).collect()
}

#[test]
fn a_cue_ends_at_a_pause_and_where_it_gets_long() {
    let mut words = vec![word(0, 0, "One"), word(1, 100, "Yes."), word(0, 400, "two.")];
    words.push(word(0, 1_701, "Three."));
    assert_eq!(
        cut(&words),
        [
            (0, 0, 700, "One two.".to_owned()),
            (1, 100, 400, "Yes.".to_owned()),
            (0, 1_701, 2_001, "Three.".to_owned()),
        ]
    );
    let words: Vec<_> = (0..60).map(|at| word(0, at * 300, "word")).collect();
    let long = cut(&words);
    assert_eq!(long.len(), 4, "{long:?}");
    assert!(long.iter().all(|(_, start, end, text)| end - start <= SHOWN && text.len() <= LONGEST));
}

#[test]
fn what_would_be_markup_is_not() {
    let words = [word(0, 3_723_004, "<b>{\\an8}"), word(0, 3_723_404, "a\n\n-->&")];
    let cues = cues_of(&words);
    assert_eq!(
        srt_of(&cues, false),
        "1\n01:02:03,004 --> 01:02:03,704\n＜b＞｛\\an8｝ a --＞&\n\n"
    );
    assert_eq!(
        vtt_of(&cues, true),
        "WEBVTT\n\n01:02:03.004 --> 01:02:03.704\n\
         <v Speaker 0>&lt;b&gt;{\\an8} a --&gt;&amp;\n"
    );
    assert_eq!((srt_of(&[], true), vtt_of(&[], true)), (String::new(), "WEBVTT\n".to_owned()));
}

proptest! {
    /// Whatever is said, there is one timing line for each cue, and every word's signs are there.
    #[test]
    fn no_word_breaks_a_file(
        words in prop::collection::vec(("\\PC{0,12}|[<>&{}\\-\n\r\u{0}\u{85}\u{2028} ]{0,9}", 0_u16..3, any::<u32>()), 0..40),
    ) {
        let mut words: Vec<_> =
            words.iter().map(|(text, speaker, at)| word(*speaker, u64::from(*at), text)).collect();
        words.sort_by_key(|word| word.start_ms);
        let cues = cues_of(&words);
        let (srt, vtt) = (srt_of(&cues, true), vtt_of(&cues, true));
        for file in [&srt, &vtt] {
            let timings = file.lines().filter(|line| line.contains("-->")).count();
            prop_assert_eq!(timings, cues.len());
        }
        // A cue is its number, its timing, its text and an empty line.
        prop_assert_eq!(srt.lines().count(), cues.len() * 4);
        prop_assert_eq!(vtt.lines().count(), 1 + cues.len() * 3);
        prop_assert_eq!(vtt.matches('<').count(), cues.len());
        prop_assert!(cues.iter().all(|cue| cue.start_ms < cue.end_ms));
        let signs = |text: &str| one_line(text).chars().filter(|sign| *sign != ' ').count();
        let said: usize = words.iter().map(|word| signs(&word.word)).sum();
        prop_assert_eq!(cues.iter().map(|cue| signs(&cue.text)).sum::<usize>(), said);
    }
}
