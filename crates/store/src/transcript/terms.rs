//! What is said, and what is asked for, as both databases take it: words of letters and digits, in
//! lower case. What either's own parser would make of hyphens, apostrophes or addresses differs.

/// The most words and phrases that are looked at in a query.
const MOST: usize = 32;

/// A text's words, spaces between. An apostrophe joins: `don't` is `dont`. Each sign of a script
/// that has no spaces is a word, so that a text is found by any part of it.
pub(crate) fn terms(text: &str) -> String {
    let mut terms = String::with_capacity(text.len());
    let mut joins = false;
    for sign in text.chars() {
        if !sign.is_alphanumeric() {
            joins &= matches!(sign, '\'' | '’');
        } else {
            if (!joins || is_a_word(sign)) && !terms.is_empty() && !terms.ends_with(' ') {
                terms.push(' ');
            }
            // Some have a mark of their own in lower case, as İ.
            terms.extend(sign.to_lowercase().filter(|sign| sign.is_alphanumeric()));
            joins = !is_a_word(sign);
        }
    }
    terms
}

/// Han, kana and Thai: scripts without spaces between words.
fn is_a_word(sign: char) -> bool {
    matches!(sign,
        '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A query in the database's own words: each word, and each phrase in double quotes, must be there.
/// Empty where it asks for nothing.
pub(crate) fn asked(query: &str, is_postgres: bool) -> String {
    let (quote, and) = if is_postgres { ("'", " & ") } else { ("\"", " ") };
    let mut all = Vec::new();
    for (at, part) in query.split(['"', '“', '”', '„']).enumerate() {
        if at % 2 == 1 {
            all.push(terms(part));
        } else {
            all.extend(part.split_whitespace().map(terms));
        }
    }
    all.retain(|phrase| !phrase.is_empty());
    all.truncate(MOST);
    let quoted: Vec<_> = all.iter().map(|phrase| format!("{quote}{phrase}{quote}")).collect();
    quoted.join(and)
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
            assert_eq!(asked(query, false), sqlite, "{query}");
            assert_eq!(asked(query, true), postgres, "{query}");
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

    proptest::proptest! {
        /// Nothing but letters, digits and single spaces, whatever comes: so nothing of it can be
        /// an operator, and a query for a text finds the text.
        #[test]
        fn terms_are_plain(text in "\\PC{0,60}") {
            let found = terms(&text);
            proptest::prop_assert!(found.chars().all(|c| c == ' ' || c.is_alphanumeric()));
            proptest::prop_assert!(!found.contains("  ") && !found.starts_with(' ') && !found.ends_with(' '));
            proptest::prop_assert_eq!(terms(&found), found);
        }
    }
}
