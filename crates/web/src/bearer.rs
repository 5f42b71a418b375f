//! `Authorization: Bearer`, RFC 6750.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// A token, as somebody shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer(pub String);

/// Longer than any token that we hand out.
const LONGEST: usize = 1024;

impl Bearer {
    /// The token of a request, or nothing where the header is missing, malformed, of another
    /// scheme, or there twice: two claims are no claim.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut claims = headers.get_all(AUTHORIZATION).iter();
        let claim = claims.next()?;
        if claims.next().is_some() {
            return None;
        }
        Self::parse(claim.as_bytes())
    }

    /// Reads the header's value: the scheme in any case, spaces, then the token, which is of
    /// printable ASCII without spaces (RFC 6750, section 2.1).
    pub fn parse(header: &[u8]) -> Option<Self> {
        let header = header.trim_ascii();
        let (scheme, rest) = header.split_at_checked("Bearer".len())?;
        if !scheme.eq_ignore_ascii_case(b"Bearer") || !rest.starts_with(b" ") {
            return None;
        }
        let token = rest.trim_ascii_start();
        if token.is_empty() || token.len() > LONGEST || !token.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        Some(Self(String::from_utf8(token.to_vec()).ok()?))
    }
}

/// Without the token, so that no log line can have it by mistake.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_header_is_a_scheme_and_a_token() {
        let token = |header: &str| Bearer::parse(header.as_bytes()).map(|bearer| bearer.0);
        for header in ["Bearer abc.-~1", "bearer   abc.-~1", " BEARER abc.-~1 "] {
            assert_eq!(token(header).as_deref(), Some("abc.-~1"), "{header}");
        }
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        for header in ["", "Bearer", "Bearer ", "Bearerabc", "Basic abc", "Bearer a b", &long] {
            assert_eq!(token(header), None, "{header}");
        }
        assert!(Bearer::parse(b"Bearer \xff").is_none());
    }
}
