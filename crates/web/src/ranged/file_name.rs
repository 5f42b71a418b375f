//! What a recording is called when somebody saves it.

use jiff::civil::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vault::Recording;

/// A name for people: `2026-11-22 01-02-03 +14155550100 to +14155550111.wav`, the start in UTC.
pub(super) fn of(recording: &Recording, extension: &str) -> String {
    let call = &recording.call;
    named(
        recording.start.civil(),
        call.from_number.as_deref(),
        call.to_number.as_deref(),
        extension,
    )
}

fn named(start: DateTime, from: Option<&str>, to: Option<&str>, extension: &str) -> String {
    let mut name = start.strftime("%Y-%m-%d %H-%M-%S").to_string();
    if let Some(from) = from.map(safe).filter(|from| !from.is_empty()) {
        name.push(' ');
        name.push_str(&from);
    }
    if let Some(to) = to.map(safe).filter(|to| !to.is_empty()) {
        name.push_str(" to ");
        name.push_str(&to);
    }
    name.push('.');
    name.push_str(extension);
    name
}

/// Most file systems take 255 bytes; two of these in UTF-8, the date and the rest stay below.
const LONGEST: usize = 64;

/// A party's number or address without what a file system, a shell or a header could take for
/// something else.
fn safe(party: &str) -> String {
    let mut name = String::new();
    for letter in party.trim().chars().filter(|letter| !unseen(*letter)) {
        let letter = if r#"/\:*?"<>|%;'`$"#.contains(letter) { '_' } else { letter };
        if name.len() + letter.len_utf8() > LONGEST {
            break;
        }
        name.push(letter);
    }
    name
}

/// Control characters, and those of Unicode that turn the direction of text or take no room.
fn unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// `attr-char` of RFC 8187 stays as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A `Content-Disposition` that plays in place and saves under this name: once in ASCII for the
/// oldest clients, once in full (RFC 6266, section 5; RFC 8187).
pub(super) fn inline(name: &str) -> String {
    let visible = |letter: char| letter == ' ' || letter.is_ascii_graphic();
    let unquoted = |letter: char| visible(letter) && !matches!(letter, '"' | '\\' | '%');
    let ascii: String =
        name.chars().map(|letter| if unquoted(letter) { letter } else { '_' }).collect();
    let full = utf8_percent_encode(name, ENCODED);
    format!("inline; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(from: Option<&str>, to: Option<&str>, expected: &str) {
        let start = date(2026, 11, 22).at(1, 2, 3, 999_999_999);
        assert_eq!(named(start, from, to, "wav"), expected);
    }

    #[test]
    fn a_name_says_when_and_who() {
        check(
            Some("+14155550100"),
            Some("+14155550111"),
            "2026-11-22 01-02-03 +14155550100 to +14155550111.wav",
        );
        check(None, None, "2026-11-22 01-02-03.wav");
        check(None, Some("101"), "2026-11-22 01-02-03 to 101.wav");
        check(Some(" "), Some(""), "2026-11-22 01-02-03.wav");
        check(
            Some("sip:alice@phone.plivo.com"),
            None,
            "2026-11-22 01-02-03 sip_alice@phone.plivo.com.wav",
        );
    }

    #[test]
    fn a_name_leads_nowhere_and_hides_nothing() {
        check(Some("../../etc/passwd"), None, "2026-11-22 01-02-03 .._.._etc_passwd.wav");
        check(Some("a\"; filename=\"b"), None, "2026-11-22 01-02-03 a__ filename=_b.wav");
        check(Some("a\r\nX: y\0"), None, "2026-11-22 01-02-03 aX_ y.wav");
        check(Some("\u{202e}vaw.exe"), None, "2026-11-22 01-02-03 vaw.exe.wav");
        check(Some(&"é".repeat(99)), None, &format!("2026-11-22 01-02-03 {}.wav", "é".repeat(32)));
    }

    #[test]
    fn a_disposition_has_the_name_twice() {
        assert_eq!(
            inline("2026 +1 to 2.wav"),
            "inline; filename=\"2026 +1 to 2.wav\"; filename*=UTF-8''2026%20+1%20to%202.wav"
        );
        assert_eq!(
            inline("a\"b\\c%20é.wav"),
            "inline; filename=\"a_b_c_20_.wav\"; filename*=UTF-8''a%22b%5Cc%2520%C3%A9.wav"
        );
    }

    proptest! {
        #[test]
        fn any_party_makes_a_header_and_a_short_name(from: String, to: String) {
            let start = date(2026, 11, 22).at(1, 2, 3, 0);
            let name = named(start, Some(&from), Some(&to), "mp3");
            prop_assert!(name.len() < 200);
            prop_assert!(!name.contains(['/', '\\', '"']) && !name.contains(char::is_control));
            let header = inline(&name);
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
