use proptest::prelude::*;

use super::*;

fn token(lines: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
    }
    Cookie::from_headers(&headers, &Config::default()).map(|Cookie(token)| token)
}

#[test]
fn the_cookie_is_found_among_others_and_two_are_none() {
    let abc = Some("abc".to_owned());
    assert_eq!(token(&["callvault=abc"]), abc);
    assert_eq!(token(&["a=b; callvault=abc; c=d"]), abc);
    assert_eq!(token(&["a=b", "callvault=abc"]), abc);
    for lines in [
        &["callvault=abc; callvault=abc"][..],
        &["callvault=abc", "callvault=d"],
        &["callvault="],
        &["callvault"],
        &["callvault=a b"],
        &["__Host-callvault=abc"],
        &["xcallvault=abc"],
    ] {
        assert_eq!(token(lines), None, "{lines:?}");
    }
}

proptest! {
    #[test]
    fn no_cookie_breaks_it(bytes in proptest::collection::vec(32_u8..=255, 0..200)) {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("x")));
        if let Some(Cookie(token)) = Cookie::from_headers(&headers, &Config::default()) {
            prop_assert!(is_token(&token));
        }
    }
}
