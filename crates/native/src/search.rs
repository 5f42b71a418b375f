//! Finding what was said: `GET /api/v1/search`.

use axum::Json;
use axum::extract::State;
use vault::{Vault, Where};

use crate::auth::Auth;
use crate::query::{Parameters, digits, limit};
use crate::{Error, Result, wire};

/// The longest query, in characters.
const LONGEST: usize = 500;
/// How far one may go on.
const FARTHEST: u64 = 10_000;

/// Finds words and phrases in the transcripts of the caller's recordings, the best hits first. All
/// that is asked for must have been said in one turn; case and punctuation do not matter, and words
/// are found as they were said: `call` does not find `called`.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "transcripts",
    params(
        ("q" = String, Query, description = "words, and phrases in double quotes; 1 to 500 characters"),
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("offset" = Option<u64>, Query, description = "the `next` of the page before"),
        ("older_than" = Option<String>, Query, description = "as in `where`, as all that follow"),
        ("by" = Option<String>, Query),
        ("from" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("shorter_than" = Option<String>, Query),
        ("longer_than" = Option<String>, Query),
        ("kind" = Option<String>, Query),
        ("direction" = Option<String>, Query),
        ("extension" = Option<String>, Query),
        ("number" = Option<String>, Query),
        ("user_id" = Option<i64>, Query),
        ("conference" = Option<String>, Query),
        ("subaccount" = Option<String>, Query),
    ),
    responses(
        (status = 200, description = "a page of hits", body = wire::Hits),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Hits>> {
    let limit = limit(&mut parameters)?;
    let asked = parameters.take("q")?.ok_or_else(|| Error::invalid("q", "missing"))?;
    check(&asked).map_err(|why| Error::invalid("q", why))?;
    let offset = parameters.take("offset")?.map(|text| offset(&text)).transpose()?.unwrap_or(0);
    let mut what = Where::default();
    for key in Where::KEYS {
        if let Some(text) = parameters.take(key)? {
            what.set(key, &text).map_err(|why| Error::invalid(key, why))?;
        }
    }
    parameters.finish()?;
    let hits = vault.search(&caller, &what, &asked, offset, limit).await?;
    let full = u32::try_from(hits.len()).is_ok_and(|hits| hits == limit);
    let next = offset + u64::from(limit);
    Ok(Json(wire::Hits {
        hits: hits.into_iter().map(wire::Hit::from).collect(),
        next: (full && next <= FARTHEST).then_some(next),
    }))
}

/// Checks what is searched for; the error says what is wrong with it.
pub(crate) fn check(asked: &str) -> Result<(), String> {
    if asked.trim().is_empty() || asked.chars().count() > LONGEST {
        return Err(format!("must be 1 to {LONGEST} characters"));
    }
    Ok(())
}

fn offset(text: &str) -> Result<u64> {
    let offset = digits(text).and_then(|offset| u64::try_from(offset).ok());
    offset.filter(|offset| *offset <= FARTHEST).ok_or_else(|| {
        Error::invalid("offset", format!("must be a whole number from 0 to {FARTHEST}"))
    })
}
