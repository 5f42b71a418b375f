//! Query strings, read strictly.

use axum::extract::FromRequestParts;
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

/// A name that a stranger made up, fit to be repeated to them: printable, and at most 64
/// characters.
pub(crate) fn shorten(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
