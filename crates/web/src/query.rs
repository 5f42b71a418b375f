//! Query strings.

use percent_encoding::percent_decode_str;

/// The pairs of a query string in their order, repeated ones too, decoded: `+` and `%20` are both
/// a space (the vendors' SDKs disagree), a name without `=` has an empty value.
///
/// What is not UTF-8 when decoded becomes U+FFFD, which no number, time or id contains, so that it
/// is refused or finds nothing where it matters and is ignored where it does not.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &[(&str, &str)]) {
        let read: Vec<_> = pairs(query).collect();
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(read, expected, "{query}");
    }

    #[test]
    fn pairs_are_decoded_and_all_kept() {
        check("", &[]);
        check("&&", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("a=1&a=2", &[("a", "1"), ("a", "2")]);
        check("a", &[("a", "")]);
        check("a=b=c", &[("a", "b=c")]);
        check("=x", &[("", "x")]);
        check("name=My+Room&name=My%20Room", &[("name", "My Room"), ("name", "My Room")]);
        check("n=%2B1415", &[("n", "+1415")]);
        check("n=%2b%zz%4", &[("n", "+%zz%4")]);
        check("n=%FF", &[("n", "\u{fffd}")]);
        check("n=%00", &[("n", "\0")]);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "\\PC{0,100}") {
            prop_assert!(pairs(&query).count() <= query.len());
        }
    }
}
