use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(header: &str, expected: Option<(&str, &str)>) {
    let read = Basic::parse(header.as_bytes());
    let read = read.as_ref().map(|basic| (basic.user.as_str(), basic.password.as_str()));
    assert_eq!(read, expected, "{header}");
}

#[test]
fn a_pair_is_read_in_any_case_and_padding() {
    check("Basic dXNlcjpwYXNz", Some(("user", "pass")));
    check("bAsIc dXNlcjpwYXNz", Some(("user", "pass")));
    check("  Basic    dXNlcjpwYXNz  ", Some(("user", "pass")));
    check("Basic dTpw", Some(("u", "p")));
    check("Basic dTpwYQ==", Some(("u", "pa")));
    check("Basic dTpwYQ=", Some(("u", "pa")));
    check("Basic dTpwYQ", Some(("u", "pa")));
    check("Basic Og==", Some(("", "")));
    check("Basic dTphOmI6Yw==", Some(("u", "a:b:c")));
    check("Basic w7w6w58=", Some(("ü", "ß")));
}

#[test]
fn anything_else_is_no_pair() {
    check("", None);
    check("Basic", None);
    check("Basic ", None);
    check("Basi", None);
    check("BasicdTpw", None);
    check("Basic\tdTpw", None);
    check("Bearer dTpw", None);
    check("Basic dTpw dTpw", None);
    check("Basic dXNlcg==", None); // no colon
    check("Basic dT*w", None);
    check("Basic dTr/", None); // not UTF-8
    check("Basic dToAYQ==", None); // a NUL
    check("Bäsic dTpw", None);
}

#[test]
fn a_very_long_header_is_not_decoded() {
    let long = BASE64.encode(format!("u:{}", "x".repeat(LONGEST)));
    check(&format!("Basic {long}"), None);
}

#[test]
fn two_headers_are_none() {
    let mut headers = HeaderMap::new();
    headers.append(AUTHORIZATION, HeaderValue::from_static("Basic dTpw"));
    assert!(Basic::from_headers(&headers).is_some());
    headers.append(AUTHORIZATION, HeaderValue::from_static("Basic dTpw"));
    assert!(Basic::from_headers(&headers).is_none());
}

#[test]
fn the_password_is_not_in_the_debug_text() {
    let basic = Basic { user: "MA1".to_owned(), password: "hush".to_owned() };
    assert_eq!(format!("{basic:?}"), r#"Basic { user: "MA1", .. }"#);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Basic::parse(&bytes);
        let _ = Basic::parse(&[b"Basic ".as_slice(), &bytes].concat());
    }

    #[test]
    fn what_a_client_writes_is_read(user in "[^:\\p{Cc}]{0,20}", password in "\\P{Cc}{0,20}") {
        let header = format!("Basic {}", BASE64.encode(format!("{user}:{password}")));
        prop_assert_eq!(Basic::parse(header.as_bytes()), Some(Basic { user, password }));
    }
}
