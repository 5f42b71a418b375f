use proptest::prelude::*;

use super::*;

fn tokens(texts: &[&[u8]]) -> Vec<Token> {
    let token = |(n, bytes): (u64, &&[u8])| Token {
        bytes: bytes.to_vec(),
        times: n * 100..n * 100 + 90,
        probability: 0.5,
    };
    (0..).zip(texts).map(token).collect()
}

fn texts(words: &[Spoken]) -> Vec<&str> {
    words.iter().map(|word| &word.text[..]).collect()
}

#[test]
fn tokens_become_words_with_their_punctuation() {
    let all = tokens(&[b" Good", b" mor", b"ning", b",", b" -", b" Mr", b".", b" O", b"'", b"Br"]);
    let words = words(&all, "en");
    assert_eq!(texts(&words), ["Good", "morning,-", "Mr.", "O'Br"]);
    assert_eq!(words[1].times, 100..390);
    assert!((words[1].confidence - 0.5).abs() < 1e-6);
}

#[test]
fn a_character_in_two_tokens_is_one() {
    assert_eq!(texts(&words(&tokens(&[b" caf\xc3", b"\xa9"]), "fr")), ["café"]);
    let all = tokens(&["日".as_bytes(), b"\xe6\x9c", b"\xac", "。".as_bytes()]);
    assert_eq!(texts(&words(&all, "ja")), ["日", "本。"]);
}

#[test]
fn punctuation_alone_is_no_word() {
    assert_eq!(words(&tokens(&[b" ...", b" ", b" -"]), "en"), []);
}

fn said(text: &str) -> Vec<Spoken> {
    let word = |text: &str| Spoken { text: text.to_owned(), times: 0..0, confidence: 1.0 };
    text.split(' ').map(word).collect()
}

#[test]
fn loops_are_known() {
    assert!(is_loop(&said("so I'm going to go to go to go to go to")));
    assert!(is_loop(&said("thank you very much. Thank you very much! thank you very much")));
    assert!(!is_loop(&said("no no no no I said yes yes please yes please")));
    assert!(!is_loop(&said("five five five zero one zero one two")));
    assert!(!is_loop(&[]));
}

proptest! {
    #[test]
    fn no_letter_is_lost(parts in prop::collection::vec(" ?[a-zß,.]{1,4}", 0..30)) {
        let all = tokens(&parts.iter().map(String::as_bytes).collect::<Vec<_>>());
        let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let made: String = words(&all, "en").iter().map(|word| letters(&word.text)).collect();
        prop_assert_eq!(made, letters(&parts.concat()));
    }
}
