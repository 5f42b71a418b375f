//! Who is asking: a bearer token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vault::Caller;

use crate::{Error, Result, State};

/// A user who signed in. What is missing, malformed, unknown or too old is 401.
pub(crate) struct VonageAuth(pub(crate) Caller);

impl FromRequestParts<State> for VonageAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let token = web::Bearer::from_headers(&parts.headers);
        let web::Bearer(token) = token.ok_or(vault::Error::BadCredentials)?;
        let Ok(web::Source(source)) = web::Source::from_request_parts(parts, state).await;
        Ok(Self(state.vault.sign_in_with_token(&token).await?.coming_from(source)))
    }
}
