use super::*;

fn read(body: &str) -> Result<SettingsChange> {
    change(Object::parse(body.as_bytes())?)
}

fn refuse(body: &str, status: &str) {
    let error = read(body).unwrap_err();
    assert_eq!(error.to_string(), status, "{body}");
}

#[test]
fn every_key_is_read() {
    let body = r#"{ "media_auth": true, "noise_cancellation": false, "retention_pending": "12h",
        "retention_max_share": 0.25, "minimum_retention": "30d" }"#;
    let change = read(body).unwrap();
    assert_eq!(change.media_auth, Some(true));
    assert_eq!(change.noise_cancellation, Some(false));
    assert_eq!(change.retention_pending, Some(Duration::from_hours(12)));
    assert_eq!(change.retention_max_share_ppm, Some(250_000));
    assert_eq!(change.minimum_retention, Some(Duration::from_hours(30 * 24)));
}

#[test]
fn nothing_given_changes_nothing() {
    let change = read("{}").unwrap();
    assert!(change.media_auth.is_none() && change.retention_max_share_ppm.is_none());
}

#[test]
fn shares_are_exact_to_the_millionth() {
    for (text, ppm) in [("0", 0), ("1", 1_000_000), ("0.3", 300_000), ("0.000001", 1)] {
        let body = format!("{{\"retention_max_share\":{text}}}");
        assert_eq!(read(&body).unwrap().retention_max_share_ppm, Some(ppm));
    }
}

#[test]
fn the_wrong_is_named() {
    refuse(r#"{"media_auth": "yes"}"#, "media_auth: must be true or false");
    refuse(r#"{"media_auth": null}"#, "media_auth: must be true or false");
    refuse(r#"{"media_auth": 1}"#, "media_auth: must be true or false");
    refuse(r#"{"mediaAuth": true}"#, "mediaAuth: no such key");
    refuse(r#"{"media_auth": true, "media_auth": false}"#, "media_auth: given twice");
    refuse(
        r#"{"retention_pending": 7}"#,
        "retention_pending: must be text with a unit (d, h, m or s), as in \"7d\"",
    );
    refuse(
        r#"{"retention_pending": "7"}"#,
        "retention_pending: must be a whole number with a unit (d, h, m or s), as in \"7d\"",
    );
    refuse(r#"{"minimum_retention": "99999999999d"}"#, "minimum_retention: must be at most 36500d");
    let share = "retention_max_share: must be a number from 0 to 1, with at most six decimals";
    for value in ["1.01", "-0.1", "\"0.5\"", "1e300", "0.1234567", "null", "[]"] {
        refuse(&format!("{{\"retention_max_share\":{value}}}"), share);
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["[]", "7", "\"x\"", "null"] {
        refuse(body, "body: must be a JSON object");
    }
    for body in ["", "{", "{\"media_auth\": 1e999}", "{} {}", "\u{feff}{}"] {
        refuse(body, "the body is not JSON");
    }
    let deep = "[".repeat(10_000);
    refuse(&format!("{{\"media_auth\":{deep}"), "the body is not JSON");
}
