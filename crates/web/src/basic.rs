//! `Authorization: Basic`, RFC 7617.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A name and a password, as somebody claims them.
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    pub user: String,
    pub password: String,
}

/// Longer than any pair that we hand out; what is longer is not even decoded.
const LONGEST: usize = 1024;

/// Some clients leave the `=` at the end out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Basic {
    /// What the request signs in with, or nothing where the header is missing, malformed, of
    /// another scheme, or there twice: two claims are no claim.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut claims = headers.get_all(AUTHORIZATION).iter();
        let claim = claims.next()?;
        if claims.next().is_some() {
            return None;
        }
        Self::parse(claim.as_bytes())
    }

    /// Reads the header's value: the scheme in any case, spaces, then base64 of `user:password`
    /// in UTF-8, padded or not. The password may contain colons; neither part may contain control
    /// characters (RFC 7617, section 2).
    pub fn parse(header: &[u8]) -> Option<Self> {
        let header = header.trim_ascii();
        let (scheme, rest) = header.split_at_checked("Basic".len())?;
        if !scheme.eq_ignore_ascii_case(b"Basic") || !rest.starts_with(b" ") {
            return None;
        }
        let token = rest.trim_ascii_start();
        if token.len() > LONGEST {
            return None;
        }
        let pair = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
        if pair.chars().any(char::is_control) {
            return None;
        }
        let (user, password) = pair.split_once(':')?;
        Some(Self { user: user.to_owned(), password: password.to_owned() })
    }
}

/// Without the password, so that no log line can have it by mistake.
impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
