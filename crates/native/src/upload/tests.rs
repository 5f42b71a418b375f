use axum::http::HeaderValue;

use super::*;

fn headers(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

#[test]
fn keys_are_visible_ascii() {
    let longest = "k".repeat(255);
    for good in ["a", "0c1d-é".strip_suffix('é').unwrap(), longest.as_str()] {
        let headers = headers(&[("idempotency-key", good.as_bytes())]);
        assert_eq!(idempotency_key(&headers).unwrap(), Some(good));
    }
    assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
    let too_long = "k".repeat(256);
    for bad in [&b""[..], b"a b", b"a\tb", "é".as_bytes(), b"\xff", too_long.as_bytes()] {
        let headers = headers(&[("idempotency-key", bad)]);
        assert_eq!(
            idempotency_key(&headers).unwrap_err().to_string(),
            "Idempotency-Key: must be 1 to 255 visible ASCII characters"
        );
    }
    let twice = headers(&[("idempotency-key", b"a"), ("idempotency-key", b"a")]);
    let error = idempotency_key(&twice).unwrap_err();
    assert_eq!(error.to_string(), "Idempotency-Key: given twice");
}

#[test]
fn only_forms_are_taken() {
    let of = |value: &str| boundary(&headers(&[("content-type", value.as_bytes())]));
    assert_eq!(of("multipart/form-data; boundary=x").unwrap(), "x");
    assert_eq!(of("Multipart/Form-Data; boundary=\"a b\"").unwrap(), "a b");
    for other in ["", "audio/wav", "multipart/mixed; boundary=x", "multipart/form-datax"] {
        assert!(matches!(of(other), Err(Error::WrongType(_))), "{other}");
    }
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for bad in ["multipart/form-data", "multipart/form-data; boundary=", &long] {
        assert!(matches!(of(bad), Err(Error::Malformed(_))), "{bad}");
    }
}
