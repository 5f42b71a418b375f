//! Query strings, read strictly.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::Error;

/// The parameters of a query, each once and each known.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(web::pairs(parts.uri.query().unwrap_or_default()).collect()))
    }
}

impl Parameters {
    /// Takes the named parameter, if it is given. Twice is refused.
    pub(crate) fn take(&mut self, name: &str) -> Result<Option<String>, Error> {
        let mut values = self.0.extract_if(.., |(key, _)| key == name).map(|(_, value)| value);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Error::invalid(name, "given twice")),
        }
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Error::invalid(shorten(&name), "no such parameter")),
        }
    }
}

/// Takes `limit`: how long a page of a list may be.
pub(crate) fn limit(parameters: &mut Parameters) -> Result<u32, Error> {
    let Some(text) = parameters.take("limit")? else { return Ok(20) };
    let limit = digits(&text).and_then(|limit| u32::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=100).contains(limit));
    limit.ok_or_else(|| Error::invalid("limit", "must be a whole number from 1 to 100"))
}

/// A number of digits only.
pub(crate) fn digits(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The number that a path names. What is no number is answered as one that never was.
pub(crate) struct NumberPath(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for NumberPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| digits(&text));
        Ok(Self(id.ok_or(vault::Error::NotFound)?))
    }
}

/// A name that a stranger made up, fit to be repeated to them: printable, and at most 64
/// characters.
pub(crate) fn shorten(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
