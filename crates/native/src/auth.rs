//! Who is asking: HTTP Basic with `auth_id:auth_token`, a bearer token of a user, or the cookie of
//! a session.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use vault::{Caller, Vault};

use crate::cookie::{self, Cookie};
use crate::{Config, Error, Result};

/// A caller who signed in. What is missing, malformed or wrong is 401.
pub(crate) struct Auth(pub(crate) Caller);

impl<S> FromRequestParts<S> for Auth
where
    S: Send + Sync,
    Vault: FromRef<S>,
    Arc<Config>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let vault = Vault::from_ref(state);
        let Ok(web::Source(source)) = web::Source::from_request_parts(parts, state).await;
        if !parts.headers.contains_key(AUTHORIZATION)
            && let Some(cookie) = Cookie::from_headers(&parts.headers, &Arc::from_ref(state))
        {
            if !parts.method.is_safe() {
                cookie::must_be_own_page(&parts.headers)?;
            }
            let signed_in = vault.sign_in_with_session(source, &cookie.0).await;
            return Ok(Self(signed_in.map_err(cookie::signed_out)?));
        }
        let signed_in = with_authorization(&vault, source, &parts.headers).await;
        // A browser asks for a password where it is challenged: our own page has a form for that.
        Ok(Self(match signed_in {
            Err(error) if cookie::must_be_own_page(&parts.headers).is_ok() => {
                return Err(cookie::signed_out(error));
            }
            signed_in => signed_in?,
        }))
    }
}

async fn with_authorization(
    vault: &Vault,
    source: vault::Source,
    headers: &HeaderMap,
) -> vault::Result<Caller> {
    if let Some(web::Bearer(token)) = web::Bearer::from_headers(headers) {
        return Ok(vault.sign_in_with_token(&token).await?.coming_from(source));
    }
    let given = web::Basic::from_headers(headers).ok_or(vault::Error::BadCredentials)?;
    vault.sign_in(source, &given.user, &given.password).await
}
