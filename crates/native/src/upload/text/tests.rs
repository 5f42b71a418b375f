use proptest::prelude::*;
use vault::{Direction, Kind};

use super::*;

#[test]
fn free_text_is_kept_as_it_is() {
    assert_eq!(free(" a b ", 5).unwrap(), " a b ");
    assert_eq!(free("ü".repeat(128).as_str(), 128).unwrap().chars().count(), 128);
}

#[test]
fn free_text_is_bounded_and_printable() {
    assert_eq!(free("", 5).unwrap_err(), "must not be empty");
    assert_eq!(free("abcdef", 5).unwrap_err(), "must be at most 5 characters");
    for text in ["a\0b", "a\nb", "\u{7f}", "\u{85}"] {
        assert_eq!(free(text, 5).unwrap_err(), "must not contain control characters");
    }
}

#[test]
fn numbers_are_e164_or_sip() {
    let good = [
        "+14155550100",
        "14155550100",
        "101",
        "sip:alice@example.com",
        "sips:a@[::1]:5061",
        "alice@example.com",
        "sip:pbx.example.com",
        "sip:+1415@host;user=phone",
    ];
    for text in good {
        assert_eq!(number(text).as_deref(), Ok(text));
    }
    let bad = [
        "+",
        "+1 415 555",
        "1234567890123456",
        "anonymous",
        "sip:",
        "sip:@host",
        "alice@",
        "a@b@c",
        "\"A\" <sip:a@b>",
        "../../etc",
        "٣",
    ];
    for text in bad {
        let why = number(text).unwrap_err();
        assert_eq!(
            why, "must be an E.164 number, as in \"+14155550100\", or a SIP address",
            "{text}"
        );
    }
}

#[test]
fn times_are_rfc_3339() {
    let good = [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.5Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ];
    for (text, utc) in good {
        assert_eq!(time(text).unwrap().to_string(), utc);
    }
    let bad = [
        "",
        "now",
        "1700000000",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-02-30T12:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00Z[UTC]",
        "2026-01-31T12:00:00.Z",
        "99999-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z ",
    ];
    for text in bad {
        let why = time(text).unwrap_err();
        assert!(why.starts_with("must be an RFC 3339 time"), "{text}");
    }
}

#[test]
fn words_are_exact() {
    assert_eq!(word::<Direction>("inbound", "…"), Ok(Direction::Inbound));
    assert_eq!(word::<Kind>("on_demand", "…"), Ok(Kind::OnDemand));
    assert_eq!(
        word::<Kind>("Company", "company, on_demand").unwrap_err(),
        "must be one of company, on_demand"
    );
}

#[test]
fn whole_numbers_fit() {
    assert_eq!(whole_number("9223372036854775807"), Ok(i64::MAX));
    for text in ["", "0", "-1", "+1", "1.0", "1e3", "9223372036854775808", " 1", "٣"] {
        assert!(whole_number(text).is_err(), "{text}");
    }
}

#[test]
fn lists_are_comma_separated() {
    assert_eq!(list("101, 102", 32).unwrap(), ["101", "102"]);
    assert_eq!(list("101,,102", 32).unwrap_err(), "every entry must not be empty");
    assert_eq!(list("", 32).unwrap_err(), "every entry must not be empty");
    let many = vec!["1"; 101].join(",");
    assert_eq!(list(&many, 32).unwrap_err(), "must have at most 100 entries");
    assert_eq!(list("abc", 2).unwrap_err(), "every entry must be at most 2 characters");
}

proptest! {
    #[test]
    fn no_text_panics(text in ".*") {
        let _ = (free(&text, 9), number(&text), time(&text), whole_number(&text), list(&text, 9));
    }

    #[test]
    fn what_is_kept_has_no_control_character(text in "(?s).*") {
        if let Ok(kept) = free(&text, 128) {
            prop_assert!(!kept.chars().any(char::is_control));
        }
    }

    #[test]
    fn every_time_that_is_written_reads_the_same(micros in 0..253_402_300_799_999_999_i64) {
        let moment = Time::from_micros(micros);
        prop_assert_eq!(time(&moment.to_string()), Ok(moment));
    }
}
