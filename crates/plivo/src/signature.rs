//! How Plivo signs what it sends: versions 1, 2 and 3, as its SDKs verify them.
//!
//! A URL is taken as text, without a fragment, just as the receiver sees it. Parameters are pairs
//! of decoded names and values, in any order; a name that stands there twice has a list of values.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use vault::DeliveryMethod;

/// Version 1: base64 of HMAC-SHA1 over the URL and each name and value, sorted.
pub(crate) fn v1(token: &str, url: &str, parameters: &[(String, String)]) -> String {
    sign(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token, &format!("{url}{}", joined(parameters)))
}

/// Version 2: base64 of HMAC-SHA256 over the URL without its query, and the nonce.
pub(crate) fn v2(token: &str, url: &str, nonce: &str) -> String {
    sign(hmac::HMAC_SHA256, token, &format!("{}{nonce}", split(url).0))
}

/// Version 3: base64 of HMAC-SHA256 over URL, parameters and nonce. A GET's parameters count as
/// part of its query, wherever they stand.
pub(crate) fn v3(
    token: &str,
    method: DeliveryMethod,
    url: &str,
    parameters: &[(String, String)],
    nonce: &str,
) -> String {
    let signed = format!("{}.{nonce}", v3_text(method, url, parameters));
    sign(hmac::HMAC_SHA256, token, &signed)
}

/// What version 3 signs, without the nonce.
fn v3_text(method: DeliveryMethod, url: &str, parameters: &[(String, String)]) -> String {
    let (base, query) = split(url);
    let mut pairs: Vec<_> = web::pairs(query).collect();
    let mut text = base.to_owned();
    match method {
        DeliveryMethod::Get => {
            pairs.extend_from_slice(parameters);
            if !pairs.is_empty() {
                let _ = write!(text, "?{}", as_query(pairs));
            }
        }
        DeliveryMethod::Post => {
            let both = !pairs.is_empty() && !parameters.is_empty();
            if !pairs.is_empty() || !parameters.is_empty() {
                let _ = write!(text, "?{}", as_query(pairs));
            }
            if both {
                text.push('.');
            }
            text.push_str(&joined(parameters));
        }
    }
    text
}

fn as_query(mut pairs: Vec<(String, String)>) -> String {
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn joined(parameters: &[(String, String)]) -> String {
    let mut parameters: Vec<_> = parameters.iter().collect();
    parameters.sort();
    parameters.into_iter().flat_map(|(name, value)| [name.as_str(), value]).collect()
}

/// A URL's part before the query, and the query.
fn split(url: &str) -> (&str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    url.split_once('?').unwrap_or((url, ""))
}

fn sign(algorithm: hmac::Algorithm, token: &str, text: &str) -> String {
    let key = hmac::Key::new(algorithm, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

#[cfg(test)]
mod tests;
