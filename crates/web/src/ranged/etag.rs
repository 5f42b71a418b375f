//! Entity tags, RFC 9110, sections 8.8.3 and 13.1.

use axum::http::HeaderValue;
use axum::http::header::GetAll;

/// Whether a list says `*` or has this tag, compared strongly: `If-Match`.
///
/// What cannot be read matches nothing.
pub(super) fn any_strong(lists: &GetAll<'_, HeaderValue>, etag: &str) -> bool {
    lists.iter().any(|list| any(list, |tag| !tag.weak && tag.text == etag.as_bytes()))
}

/// Whether a list says `*` or has this tag, compared weakly: `If-None-Match`.
pub(super) fn any_weak(lists: &GetAll<'_, HeaderValue>, etag: &str) -> bool {
    lists.iter().any(|list| any(list, |tag| tag.text == etag.as_bytes()))
}

/// Whether a value is this one tag, compared strongly: `If-Range`.
pub(super) fn same_strong(value: &HeaderValue, etag: &str) -> bool {
    value.as_bytes().trim_ascii() == etag.as_bytes()
}

/// A tag in its quotes.
struct Tag<'a> {
    weak: bool,
    text: &'a [u8],
}

fn any(list: &HeaderValue, wanted: impl FnMut(Tag<'_>) -> bool) -> bool {
    let list = list.as_bytes().trim_ascii();
    list == b"*" || Tags { rest: list }.any(wanted)
}

/// The tags of a list, up to where it cannot be read any more.
struct Tags<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
        let start = self.rest.iter().position(|byte| !between(byte))?;
        let rest = &self.rest[start..];
        let (weak, rest) = match rest.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // A tag may contain commas, but no quotes.
        let inside = rest.strip_prefix(b"\"")?;
        let length = inside.iter().position(|byte| *byte == b'"')?;
        let (text, rest) = rest.split_at(length + 2);
        self.rest = rest;
        Some(Tag { weak, text })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::IF_NONE_MATCH;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(lists: &[&str], weakly: bool, strongly: bool) {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(IF_NONE_MATCH, HeaderValue::from_str(list).unwrap());
        }
        assert_eq!(any_weak(&headers.get_all(IF_NONE_MATCH), "\"abc\""), weakly, "{lists:?}");
        assert_eq!(any_strong(&headers.get_all(IF_NONE_MATCH), "\"abc\""), strongly, "{lists:?}");
    }

    #[test]
    fn a_tag_is_found_in_its_list() {
        check(&["\"abc\""], true, true);
        check(&["*"], true, true);
        check(&[" * "], true, true);
        check(&["W/\"abc\""], true, false);
        check(&["\"x\", \"abc\""], true, true);
        check(&["\"x\",W/\"y\" , W/\"abc\",\"abc\""], true, true);
        check(&[",, \"abc\""], true, true);
        check(&["\"a,b\",\"abc\""], true, true);
        check(&["\"x\"", "\"abc\""], true, true);
        check(&[], false, false);
        check(&[""], false, false);
        check(&["\"abcd\""], false, false);
        check(&["abc"], false, false);
        check(&["\"abc"], false, false);
        check(&["w/\"abc\""], false, false);
        check(&["\"ABC\""], false, false);
        check(&["*, \"abc\""], false, false);
    }

    proptest! {
        #[test]
        fn no_list_makes_it_panic(list in "[ -~]{0,60}|[W/\", a]{0,20}") {
            let value = HeaderValue::from_str(&list).unwrap();
            let tags = Tags { rest: value.as_bytes() }.count();
            prop_assert!(tags <= list.len() / 2);
        }
    }
}
