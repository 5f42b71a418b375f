use std::time::Duration;

use proptest::prelude::*;
use vault::RetryOn;

use super::*;

fn read(query: &str) -> Result<Option<Callback>> {
    Callback::read(web::pairs(query))
}

fn policy(fragment: &str) -> DeliveryPolicy {
    read(&format!("callback_url=https://a.example/%23{fragment}")).unwrap().unwrap().policy
}

#[track_caller]
fn refused(query: &str, why: &str) {
    assert_eq!(read(query).unwrap_err().to_string(), why, "{query}");
}

#[test]
fn a_callback_is_posted_unless_it_says_otherwise() {
    let callback = read("callback_url=https%3A%2F%2FA.example%3A443%3Fx%3D1").unwrap().unwrap();
    assert_eq!(callback.url.as_str(), "https://a.example/?x=1");
    assert_eq!(callback.method, DeliveryMethod::Post);
    let callback = read("callback_method=get&callback_url=http://a").unwrap().unwrap();
    assert_eq!(callback.method, DeliveryMethod::Get);
}

#[test]
fn without_a_url_there_is_no_callback() {
    for query in ["", "callback_url=", "callback_method=PUT", "callback_url&callback_method=GET"] {
        assert_eq!(read(query).unwrap(), None, "{query}");
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    refused("callback_url=http://a&callback_method=PUT", "callback_method must be GET or POST");
    refused("callback_url=http://a&callback_url=http://b", "callback_url is given twice");
    refused("callback_url=nowhere", "callback_url is no URL: relative URL without a base");
    let long = format!("callback_url=http://a/{}", "x".repeat(4096));
    refused(&long, "callback_url must have at most 4096 characters");
    let option = |fragment: &str, why: &str| {
        refused(
            &format!("callback_url=http://a/%23{fragment}"),
            &format!("callback_url has {why}"),
        );
    };
    option("ct%3D99", "an option ct that is no whole number from 100 to 10000");
    option("ct%3D10001", "an option ct that is no whole number from 100 to 10000");
    option("rt%3D40001", "an option rt that is no whole number from 100 to 40000");
    option("tt%3D", "an option tt that is no whole number from 100 to 55000");
    option("rc%3D6", "an option rc that is no whole number from 0 to 5");
    option("rc%3D-1", "an option rc that is no whole number from 0 to 5");
    option("rp%3Dnone", "an option rp that is not made of 4xx, 5xx, ct, rt, all");
    option("rc%3D1%26rc%3D1", "its option rc twice");
    option("top", "an option after its # that is none of ct, rt, tt, rc, rp, er");
}

#[test]
fn options_stand_in_the_fragment_and_have_defaults() {
    let default = policy("");
    assert_eq!(default.connect_timeout, Duration::from_secs(2));
    assert_eq!(default.read_timeout, Duration::from_secs(40));
    assert_eq!(default.total_timeout, Duration::from_secs(55));
    assert_eq!((default.retries, default.retry_on), (1, RetryOn::CONNECT.and(RetryOn::READ)));
    let given = policy("ct%3D100%26rt%3D200%26tt%3D300%26rc%3D5%26rp%3D4xx,5xx%26er%3Deurope");
    assert_eq!(given.connect_timeout, Duration::from_millis(100));
    assert_eq!(given.read_timeout, Duration::from_millis(200));
    assert_eq!(given.total_timeout, Duration::from_millis(300));
    assert_eq!((given.retries, given.retry_on), (5, RetryOn::STATUS_4XX.and(RetryOn::STATUS_5XX)));
    assert_eq!(policy("rp%3Dall").retry_on, RetryOn::ALL);
}

#[test]
fn an_answer_becomes_fields() {
    let fields = fields(Some(200), r#"{"a":"x","b":null,"c":1.5,"d":{"e":[1]},"f":true}"#);
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let whole = r#"{"a":"x","b":null,"c":1.5,"d":{"e":[1]},"f":true}"#;
    let expected = [
        ("a", "x"),
        ("b", ""),
        ("c", "1.5"),
        ("d", r#"{"e":[1]}"#),
        ("f", "true"),
        ("status_code", "200"),
        ("response", whole),
    ];
    assert_eq!(fields, expected);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(url in "\\PC{0,60}", fragment in "[a-z0-9=&,%+]{0,40}") {
        let _ = Callback::read([("callback_url".to_owned(), url)]);
        let url = format!("http://a/#{fragment}");
        let _ = Callback::read([("callback_url".to_owned(), url)]);
    }
}
