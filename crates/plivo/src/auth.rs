//! Who is asking: HTTP Basic with Auth ID and Auth Token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vault::Caller;

use crate::error::Error;
use crate::{State, quirks};

/// A caller who has signed in, and whose own Auth ID is the one in the path.
///
/// Anything else is the same 401: no or malformed credentials, an unknown account, a wrong token,
/// another account's path. A subaccount signs in as itself and has its own id in the path; the
/// main account reaches its recordings under the main account's path.
pub(crate) struct PlivoAuth(pub Caller);

impl FromRequestParts<State> for PlivoAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let claim = web::Basic::from_headers(&parts.headers).ok_or(vault::Error::BadCredentials)?;
        if quirks::auth_id(parts.uri.path()) != Some(&claim.user) {
            return Err(vault::Error::BadCredentials.into());
        }
        let Ok(web::Source(source)) = web::Source::from_request_parts(parts, state).await;
        Ok(Self(state.vault.sign_in(source, &claim.user, &claim.password).await?))
    }
}
