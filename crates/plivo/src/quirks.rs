//! What is odd on purpose: each oddity, why it is kept, and which SDK needs it.
//!
//! In requests:
//!
//! | what | why | who |
//! |---|---|---|
//! | paths with and without a slash at the end, never a redirect | all SDKs send one, people do not; a redirected DELETE becomes a GET | all |
//! | `add_time_gt` with one underscore, `…___gt` with three | the names that two SDKs make of their own arguments: see [`operator`] | Node, .NET |
//! | a space is `+` or `%20` | the SDKs disagree | Python, .NET; Node |
//! | `from_number=+1415…` with a bare plus, which arrives as a space, is a plus: see [`number`] | numbers are pasted into URLs | people |
//! | an empty parameter is absent, a number is its digits | query strings know no null and no types | all |
//! | `cursor`, `recording_id`, `transcription_id` and all unknown parameters are ignored | leaked by the SDKs | Python |
//! | the body and query of a DELETE matter for a callback only | `{}`, the path's id, malformed or none | Python, Node, PHP, .NET |
//! | `add_time` with `T`, with `Z` or `+00:00` at the end | our own answers and ISO 8601 can be pasted | people |
//!
//! In answers:
//!
//! | what | why | who |
//! |---|---|---|
//! | 401 is two lines of text, not JSON | as the live service | PHP, tests of others |
//! | no error has an empty body | an empty 404 is read as a success | Go |
//! | an error is a JSON object, never a bare string or list | Python takes its `__dict__`, PHP wants an array | Python, PHP |
//! | an asynchronous DELETE is answered 200, not 202 | 202 is an error there | Ruby |
//! | a callback always has a field | a signed empty form is read differently | Java |
//! | 204 has no body, no type, no length | a body there breaks the next request | Java |
//! | the four storage figures are numbers, though the vendor's page prints strings | strings cannot be read there | Go |
//! | `…_ms` are strings with five decimals | numbers cannot be read there | Go, Java, .NET |
//! | every key of a recording is always there | 17 are read unasked | PHP |
//! | `from_number`, `to_number` are empty and not null where unknown | read unasked, as strings | PHP |
//! | `limit` over 20 is refused, not cut | goes on by its own limit and would skip rows | Java |
//! | `next` has limit and offset in its query | parsed by the iterator | Python |

/// Whether `text` is an operator as an SDK may write it after the name of a field: one to three
/// underscores and `gt`, `gte`, `lt` or `lte`. Gives it without the underscores.
///
/// Two is right. Node turns `addTime__gt` into `add_time_gt`; .NET has
/// `recording_storage_duration___gt`.
pub(crate) fn operator(text: &str) -> Option<&str> {
    let operator = text.trim_start_matches('_');
    (1..=3).contains(&(text.len() - operator.len())).then_some(operator)
}

/// A number whose plus sign was sent bare, and so became a space, has it again.
pub(crate) fn number(text: &str) -> String {
    match text.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|letter: char| letter.is_ascii_digit()) => {
            format!("+{rest}")
        }
        _ => text.to_owned(),
    }
}

/// The Auth ID in a path, just as it was written: no SDK encodes one, and a second spelling of a
/// path would be a second resource. Read here since the router refuses a whole path for a byte
/// that is not UTF-8 further on, before anybody has signed in.
pub(crate) fn auth_id(path: &str) -> Option<&str> {
    path.strip_prefix("/v1/Account/")?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_has_one_to_three_underscores() {
        let check = |text, expected| assert_eq!(operator(text), expected, "{text}");
        check("_gt", Some("gt"));
        check("__gte", Some("gte"));
        check("___lt", Some("lt"));
        check("____lt", None);
        check("gt", None);
        check("", None);
        check("__", Some(""));
    }

    #[test]
    fn a_bare_plus_is_put_back() {
        assert_eq!(number(" 14155550100"), "+14155550100");
        assert_eq!(number("+14155550100"), "+14155550100");
        assert_eq!(number("14155550100"), "14155550100");
        assert_eq!(number(" sip:a@b"), " sip:a@b");
        assert_eq!(number(" "), " ");
    }

    #[test]
    fn an_auth_id_is_the_third_segment() {
        assert_eq!(auth_id("/v1/Account/MA1/Recording/"), Some("MA1"));
        assert_eq!(auth_id("/v1/Account/MA1"), Some("MA1"));
        assert_eq!(auth_id("/v1/Account/"), Some(""));
        assert_eq!(auth_id("/v1/Account"), None);
        assert_eq!(auth_id("/v1/Account/%4DA1/"), Some("%4DA1"));
    }
}
