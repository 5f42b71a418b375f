//! The beginning of every link.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::error::{Error, Result};
use crate::{State, routes};

/// What this request's links begin with: the public URL, and the prefix that it was asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links(String);

impl Links {
    /// An absolute URL of a path below the prefix.
    pub(crate) fn to(&self, below: &str) -> String {
        format!("{}{below}", self.0)
    }
}

impl FromRequestParts<State> for Links {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let prefix = routes::prefix_of(parts.uri.path()).ok_or(Error::NoRoute)?;
        Ok(Self(format!("{}{prefix}", state.config.public_url)))
    }
}
