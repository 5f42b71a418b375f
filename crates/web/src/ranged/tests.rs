use axum::http::HeaderName;

use super::*;

const ETAG_OF_IT: &str = "\"abc\"";

fn chosen(method: &Method, headers: &[(HeaderName, &str)]) -> String {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    match choose(method, &map, ETAG_OF_IT, 1000) {
        Ok(Part::Whole) => "200".to_owned(),
        Ok(Part::Some(bytes)) => format!("206 {}..{}", bytes.start, bytes.end),
        Ok(Part::Nothing) => "304".to_owned(),
        Err(Error::NotSatisfiable { length }) => format!("416 of {length}"),
        Err(Error::ConditionFailed) => "412".to_owned(),
        Err(Error::Vault(error)) => panic!("{error}"),
    }
}

#[track_caller]
fn check(headers: &[(HeaderName, &str)], get: &str, head: &str) {
    assert_eq!(chosen(&Method::GET, headers), get, "GET {headers:?}");
    assert_eq!(chosen(&Method::HEAD, headers), head, "HEAD {headers:?}");
}

#[test]
fn ranges_are_for_get_only() {
    check(&[], "200", "200");
    check(&[(RANGE, "bytes=0-9")], "206 0..10", "200");
    check(&[(RANGE, "bytes=5000-")], "416 of 1000", "200");
    check(&[(RANGE, "bytes=0-9,20-29")], "200", "200");
    check(&[(RANGE, "bytes=0-9"), (RANGE, "bytes=0-9")], "200", "200");
    check(&[(RANGE, "nonsense")], "200", "200");
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    check(&[(IF_NONE_MATCH, "\"abc\"")], "304", "304");
    check(&[(IF_NONE_MATCH, "W/\"abc\"")], "304", "304");
    check(&[(IF_NONE_MATCH, "\"x\", \"abc\"")], "304", "304");
    check(&[(IF_NONE_MATCH, "*")], "304", "304");
    check(&[(IF_NONE_MATCH, "\"x\"")], "200", "200");
    check(&[(IF_NONE_MATCH, "\"abc\""), (RANGE, "bytes=0-9")], "304", "304");
    check(&[(IF_NONE_MATCH, "\"x\""), (RANGE, "bytes=0-9")], "206 0..10", "200");
}

#[test]
fn a_condition_that_fails_comes_before_all_else() {
    check(&[(IF_MATCH, "\"abc\"")], "200", "200");
    check(&[(IF_MATCH, "*")], "200", "200");
    check(&[(IF_MATCH, "\"x\"")], "412", "412");
    check(&[(IF_MATCH, "W/\"abc\"")], "412", "412");
    check(&[(IF_MATCH, "garbage")], "412", "412");
    check(&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")], "412", "412");
    check(&[(IF_MATCH, "\"x\""), (RANGE, "bytes=0-9")], "412", "412");
    check(&[(IF_MATCH, "\"abc\""), (RANGE, "bytes=0-9")], "206 0..10", "200");
}

#[test]
fn a_part_is_of_the_audio_that_the_client_knows() {
    let range = (RANGE, "bytes=0-9");
    check(&[(IF_RANGE, "\"abc\""), range.clone()], "206 0..10", "200");
    check(&[(IF_RANGE, "W/\"abc\""), range.clone()], "200", "200");
    check(&[(IF_RANGE, "\"x\""), range.clone()], "200", "200");
    check(&[(IF_RANGE, "*"), range.clone()], "200", "200");
    check(&[(IF_RANGE, "Sun, 22 Nov 2026 01:02:03 GMT"), range], "200", "200");
    check(&[(IF_RANGE, "\"x\""), (RANGE, "bytes=5000-")], "200", "200");
}
