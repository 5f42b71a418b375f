//! Who is asking: HTTP Basic with `auth_id:auth_token`, or a bearer token of a user.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use vault::{Caller, Vault};

use crate::{Error, Result};

/// A caller who signed in. What is missing, malformed or wrong is 401.
pub(crate) struct Auth(pub(crate) Caller);

impl<S> FromRequestParts<S> for Auth
where
    S: Send + Sync,
    Vault: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let vault = Vault::from_ref(state);
        let Ok(web::Source(source)) = web::Source::from_request_parts(parts, state).await;
        if let Some(web::Bearer(token)) = web::Bearer::from_headers(&parts.headers) {
            return Ok(Self(vault.sign_in_with_token(&token).await?.coming_from(source)));
        }
        let given = web::Basic::from_headers(&parts.headers);
        let given = given.ok_or(vault::Error::BadCredentials)?;
        let caller = vault.sign_in(source, &given.user, &given.password).await?;
        Ok(Self(caller))
    }
}
