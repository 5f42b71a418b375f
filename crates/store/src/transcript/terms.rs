//! What is said, and what is asked for, as both databases take it: words of letters and digits, in
//! lower case. What either's own parser would make of hyphens, apostrophes or addresses differs.

use std::ops::Range;

/// The most words and phrases that are looked at in a query.
const MOST: usize = 32;

/// A word, as it is searched for, and where it stands: in characters.
struct Term {
    text: String,
    at: Range<usize>,
}

/// A text's words. An apostrophe joins: `don't` is `dont`. Each sign of a script that has no spaces
/// is a word, so that a text is found by any part of it.
fn split(text: &str) -> Vec<Term> {
    let mut all: Vec<Term> = Vec::new();
    let mut joins = false;
    for (at, sign) in text.chars().enumerate() {
        if !sign.is_alphanumeric() {
            joins &= matches!(sign, '\'' | '’');
            continue;
        }
        // Some have a mark of their own in lower case, as İ.
        let lower = sign.to_lowercase().filter(|sign| sign.is_alphanumeric());
        match all.last_mut().filter(|_| joins && !is_a_word(sign)) {
            Some(last) => {
                last.text.extend(lower);
                last.at.end = at + 1;
            }
            None => all.push(Term { text: lower.collect(), at: at..at + 1 }),
        }
        joins = !is_a_word(sign);
    }
    all
}

/// Han, kana and Thai: scripts without spaces between words.
fn is_a_word(sign: char) -> bool {
    matches!(sign,
        '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A text's words, spaces between.
pub(crate) fn terms(text: &str) -> String {
    split(text).into_iter().map(|term| term.text).collect::<Vec<_>>().join(" ")
}

/// What is asked for: words, and phrases of several, all of which must be there.
pub(crate) struct Asked(Vec<Vec<String>>);

impl Asked {
    /// Reads a query, in which phrases stand in double quotes.
    pub(crate) fn read(query: &str) -> Self {
        let words = |text: &str| split(text).into_iter().map(|term| term.text).collect::<Vec<_>>();
        let mut all = Vec::new();
        for (at, part) in query.split(['"', '“', '”', '„']).enumerate() {
            if at % 2 == 1 {
                all.push(words(part));
            } else {
                all.extend(part.split_whitespace().map(words));
            }
        }
        all.retain(|phrase| !phrase.is_empty());
        all.truncate(MOST);
        Self(all)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the database's own words: of FTS5, or of `to_tsquery`.
    pub(crate) fn write(&self, is_postgres: bool) -> String {
        let (quote, and) = if is_postgres { ("'", " & ") } else { ("\"", " ") };
        let quoted = |phrase: &Vec<String>| format!("{quote}{}{quote}", phrase.join(" "));
        self.0.iter().map(quoted).collect::<Vec<_>>().join(and)
    }

    /// Where it stands in a text, in characters; in order, none within another.
    pub(crate) fn places(&self, text: &str) -> Vec<Range<usize>> {
        let terms = split(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for phrase in &self.0 {
            for window in terms.windows(phrase.len()) {
                if window.iter().zip(phrase).all(|(term, word)| term.text == *word) {
                    let last = &window[window.len() - 1];
                    found.push(window[0].at.start..last.at.end);
                }
            }
        }
        found.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        found.dedup_by(|next, kept| {
            let within = next.start < kept.end;
            if within {
                kept.end = kept.end.max(next.end);
            }
            within
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_words() {
        let check = |text, expected| assert_eq!(terms(text), expected, "{text}");
        check("I don't  KNOW,", "i dont know");
        check("Ça s’est-il passé à 9:30?", "ça sest il passé à 9 30");
        check("他说hello世界", "他 说 hello 世 界");
        check("İZMİR", "izmir");
        check("'tis o'clock'", "tis oclock");
        check("… — !", "");
    }

    #[test]
    fn a_query_is_words_and_phrases() {
        let check = |query, sqlite, postgres| {
            assert_eq!(Asked::read(query).write(false), sqlite, "{query}");
            assert_eq!(Asked::read(query).write(true), postgres, "{query}");
        };
        check("Refund please", r#""refund" "please""#, "'refund' & 'please'");
        check(
            r#"my "Credit card" no"#,
            r#""my" "credit card" "no""#,
            "'my' & 'credit card' & 'no'",
        );
        check(r#""an open end"#, r#""an open end""#, "'an open end'");
        check("e-mail", r#""e mail""#, "'e mail'");
        check(r#" "" - "#, "", "");
        check("' OR 1=1 -- *", r#""or" "1 1""#, "'or' & '1 1'");
    }

    #[test]
    fn it_is_known_what_has_matched() {
        let places = |query, text: &'static str| {
            let cut = |place: Range<usize>| text.chars().skip(place.start).take(place.len());
            let places = Asked::read(query).places(text).into_iter();
            places.map(|place| cut(place).collect::<String>()).collect::<Vec<_>>()
        };
        assert_eq!(places("money", "Money, my money!"), ["Money", "money"]);
        assert_eq!(places(r#"back "my money""#, "My – money back"), ["My – money", "back"]);
        assert_eq!(places(r#""a b" "b c""#, "ä a b c"), ["a b c"]);
        assert_eq!(places("dont", "I don’t know"), ["don’t"]);
        assert_eq!(places("界", "你好世界"), ["界"]);
        assert!(places("no", "not").is_empty() && places("", "x").is_empty());
    }

    proptest::proptest! {
        /// Nothing but letters, digits and single spaces, whatever comes: so nothing of it can be
        /// an operator. And a text is found by itself.
        #[test]
        fn terms_are_plain(text in "\\PC{0,60}") {
            let found = terms(&text);
            proptest::prop_assert!(found.chars().all(|c| c == ' ' || c.is_alphanumeric()));
            proptest::prop_assert!(!found.contains("  ") && found.trim() == found);
            proptest::prop_assert_eq!(terms(&found), found.clone());
            let asked = Asked::read(&format!("\"{found}\""));
            proptest::prop_assert_eq!(asked.places(&text).is_empty(), found.is_empty());
        }
    }
}
