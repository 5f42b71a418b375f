//! The `Range` header, RFC 9110, section 14.

use std::ops::Range;

/// What a `Range` header comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Malformed, of another unit, or several: as if it were not there.
    Ignored,
    /// Never empty, and within the length.
    Bytes(Range<u64>),
    /// Well-formed, but none of these bytes exist: 416.
    Beyond,
}

/// Reads a `Range` header over `length` bytes: `bytes=first-last`, `bytes=first-` or
/// `bytes=-suffix`.
///
/// Of nothing there is no part, and some clients send a range with every request, so a `length` of
/// 0 is served whole.
pub(super) fn read(header: &[u8], length: u64) -> Asked {
    match one(header) {
        None => Asked::Ignored,
        Some(_) if length == 0 => Asked::Ignored,
        Some(Spec::From(first)) => within(first, u64::MAX, length),
        Some(Spec::Between(first, last)) => within(first, last, length),
        Some(Spec::Last(0)) => Asked::Beyond,
        Some(Spec::Last(suffix)) => Asked::Bytes(length.saturating_sub(suffix)..length),
    }
}

enum Spec {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

fn within(first: u64, last: u64, length: u64) -> Asked {
    if first >= length {
        return Asked::Beyond;
    }
    Asked::Bytes(first..last.saturating_add(1).min(length))
}

/// The one range of a header. A list may have empty elements.
fn one(header: &[u8]) -> Option<Spec> {
    let header = str::from_utf8(header).ok()?.trim_matches([' ', '\t']);
    let (unit, set) = header.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let trimmed = set.split(',').map(|range| range.trim_matches([' ', '\t']));
    let mut ranges = trimmed.filter(|range| !range.is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return None;
    };
    match range.split_once('-')? {
        ("", suffix) => Some(Spec::Last(number(suffix)?)),
        (first, "") => Some(Spec::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Spec::Between(first, last))
        }
    }
}

/// Digits, as many as there are: a number too big for us is only very far away.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(header: &str, length: u64, expected: &Asked) {
        assert_eq!(read(header.as_bytes(), length), *expected, "{header} of {length}");
    }

    #[test]
    fn one_range_is_read() {
        let check = |header, expected| check(header, 1000, &Asked::Bytes(expected));
        check("bytes=0-0", 0..1);
        check("bytes=0-499", 0..500);
        check("bytes=500-999", 500..1000);
        check("bytes=999-999", 999..1000);
        check("bytes=0-", 0..1000);
        check("bytes=999-", 999..1000);
        check("bytes=500-5000", 500..1000);
        check("bytes=500-99999999999999999999999", 500..1000);
        check("bytes=500-18446744073709551615", 500..1000);
        check("bytes=-1", 999..1000);
        check("bytes=-1000", 0..1000);
        check("bytes=-5000", 0..1000);
        check("bytes=-99999999999999999999999", 0..1000);
        check("Bytes=0-1", 0..2);
        check("bytes= 0-1 ,", 0..2);
        check("bytes=,0-1", 0..2);
        check("bytes=000-001", 0..2);
    }

    #[test]
    fn a_range_beyond_the_end_is_told_from_a_malformed_one() {
        check("bytes=1000-", 1000, &Asked::Beyond);
        check("bytes=1000-1001", 1000, &Asked::Beyond);
        check("bytes=99999999999999999999999-", 1000, &Asked::Beyond);
        check("bytes=-0", 1000, &Asked::Beyond);
        let malformed = [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=1",
            "bytes=2-1",
            "bytes=1-2-3",
            "bytes=--1",
            "bytes=+1-2",
            "bytes=1 - 2",
            "bytes=0x1-2",
            "bytes=1.0-2",
            "bytes:0-1",
            "bytes =0-1",
            "items=0-1",
            "=0-1",
            "bytes=٣-٤",
        ];
        for header in malformed {
            check(header, 1000, &Asked::Ignored);
        }
    }

    #[test]
    fn several_ranges_are_answered_with_the_whole() {
        check("bytes=0-0,2-2", 1000, &Asked::Ignored);
        check("bytes=0-0, -1", 1000, &Asked::Ignored);
        check("bytes=5000-,0-1", 1000, &Asked::Ignored);
    }

    #[test]
    fn of_nothing_there_is_no_part() {
        check("bytes=0-", 0, &Asked::Ignored);
        check("bytes=-1", 0, &Asked::Ignored);
        check("bytes=5-9", 0, &Asked::Ignored);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic_or_leave_the_audio(
            header in "bytes=[0-9,\\- ]{0,45}|\\PC{0,30}",
            length: u64,
        ) {
            if let Asked::Bytes(bytes) = read(header.as_bytes(), length) {
                prop_assert!(bytes.start < bytes.end && bytes.end <= length);
            }
        }

        #[test]
        fn a_range_within_is_given_as_asked(length in 1..u64::MAX, a: u64, b: u64) {
            let (first, last) = ((a % length).min(b % length), (a % length).max(b % length));
            let asked = read(format!("bytes={first}-{last}").as_bytes(), length);
            prop_assert_eq!(asked, Asked::Bytes(first..last + 1));
        }
    }
}
