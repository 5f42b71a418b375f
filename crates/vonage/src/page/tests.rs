use proptest::prelude::*;
use vault::SortBy;

use super::*;

#[test]
fn pages_count_from_one() {
    for (text, number) in [("0", 1), ("1", 1), ("2", 2), ("18446744073709551615", u64::MAX)] {
        assert_eq!(Page::read_number(text).unwrap(), number, "{text}");
    }
    for text in ["", "-1", "1.0", "one", "18446744073709551616"] {
        let error = Page::read_number(text).unwrap_err().to_string();
        assert_eq!(error, "page must be a whole number from 0", "{text}");
    }
}

#[test]
fn a_page_has_up_to_a_thousand() {
    for (text, size) in [("1", 1), ("100", 100), ("1000", 1_000)] {
        assert_eq!(Page::read_size(text).unwrap(), size, "{text}");
    }
    for text in ["", "0", "-1", "1001", "4294967296", "ten"] {
        let error = Page::read_size(text).unwrap_err().to_string();
        assert_eq!(error, "page_size must be a whole number from 1 to 1000", "{text}");
    }
}

#[test]
fn a_part_has_one_more_than_the_page() {
    let part = |number, size| Page { number, size, after: None }.part(order::LATEST_FIRST);
    assert_eq!(part(1, 10).from, StartAt::Offset(0));
    assert_eq!(part(3, 10).from, StartAt::Offset(20));
    assert_eq!(part(u64::MAX, 1_000).from, StartAt::Offset(u64::MAX));
    assert_eq!(part(1, 1_000).limit, 1_001);
}

#[test]
fn a_cursor_is_what_was_written_here() {
    let text = "start:DESC.1718452800000000.193228";
    let cursor = Cursor::read(text).unwrap();
    assert_eq!(cursor.place.value, 1_718_452_800_000_000);
    assert_eq!(cursor.place.number, RecordingNumber(193_228));
    for text in [
        "",
        "start:DESC",
        "start:DESC.1",
        "start:DESC.1.2.3",
        "start:desc.1.2",
        "DESC.1.2",
        "start:DESC.01.2",
        "start:DESC.+1.2",
        "start:DESC.1. 2",
        "cnam:DESC.1.2",
        "start:DESC.9223372036854775808.1",
        "c3RhcnQ",
    ] {
        let error = Cursor::read(text).unwrap_err().to_string();
        assert_eq!(error, "after must come from the link to a next page", "{text}");
    }
}

proptest! {
    #[test]
    fn every_cursor_can_be_read(value: i64, number: i64, at in 0..4_usize, descending: bool) {
        let by = [SortBy::Start, SortBy::Duration, SortBy::Number, SortBy::SizeBytes][at];
        let place = Place { value, number: RecordingNumber(number) };
        let cursor = Cursor { sort: Sort { by, descending }, place };
        prop_assert_eq!(Cursor::read(&cursor.to_string()).unwrap(), cursor);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(start:DESC)?[.]?\\PC{0,30}") {
        let _ = (Cursor::read(&text), Page::read_number(&text), Page::read_size(&text));
    }
}
