//! The cookie of a session, and what keeps other sites from using it.
//!
//! `HttpOnly` and `SameSite=Strict` (RFC 6265bis); where callvault is reached by https also
//! `Secure`, with a name that begins with `__Host-`, which no other host and no plain http can set.
//! Requests that change something must also carry [`OWN_PAGE`], which no page of another origin can
//! send without being asked for leave that it never gets, and must not be said by the browser to
//! come from another origin (<https://www.w3.org/TR/fetch-metadata/>).

use axum::http::{HeaderMap, HeaderValue, header};
use vault::SESSION_LIFE;

use crate::{Config, Error, Result};

/// The header with which our own pages ask, whatever its value.
pub(crate) const OWN_PAGE: &str = "callvault-console";

/// The token in a session's cookie.
pub(crate) struct Cookie(pub(crate) String);

/// Longer than any token that we hand out.
const LONGEST: usize = 64;

impl Cookie {
    /// The cookie of a request; nothing where it is missing, there twice, or no token.
    pub(crate) fn from_headers(headers: &HeaderMap, config: &Config) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let mut tokens = pairs
            .filter(|(key, _)| key.trim() == name(config))
            .map(|(_, token)| token.trim().to_owned());
        let token = tokens.next().filter(|token| is_token(token))?;
        tokens.next().is_none().then_some(Self(token))
    }

    /// As `Set-Cookie` gives it to a browser.
    pub(crate) fn set(&self, config: &Config) -> HeaderValue {
        line(config, &self.0, SESSION_LIFE.as_secs())
    }

    /// `Set-Cookie` that has a browser forget it.
    pub(crate) fn clear(config: &Config) -> HeaderValue {
        line(config, "", 0)
    }
}

fn is_token(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_secure(config: &Config) -> bool {
    config.public_url.starts_with("https://")
}

fn name(config: &Config) -> &'static str {
    if is_secure(config) { "__Host-callvault" } else { "callvault" }
}

fn line(config: &Config, token: &str, max_age: u64) -> HeaderValue {
    let (name, secure) = (name(config), if is_secure(config) { "; Secure" } else { "" });
    let line =
        format!("{name}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(line).expect("tokens are of letters and digits")
}

/// Refuses what does not come from a page of ours.
pub(crate) fn must_be_own_page(headers: &HeaderMap) -> Result<()> {
    let site = headers.get("sec-fetch-site");
    let own = headers.contains_key(OWN_PAGE) && site.is_none_or(|site| site == "same-origin");
    if own { Ok(()) } else { Err(Error::Forged) }
}

/// 401 without a challenge, to which a browser would put up a form of its own.
pub(crate) fn signed_out(error: vault::Error) -> Error {
    match error {
        vault::Error::BadCredentials => Error::SignedOut,
        other => other.into(),
    }
}

#[cfg(test)]
mod tests;
