//! The account's users.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value;
use vault::{UserId, Vault};

use crate::auth::Auth;
use crate::body::json_object;
use crate::credentials::{Secret, secret};
use crate::object::Object;
use crate::query::{NumberPath, Parameters, digits, limit};
use crate::{Config, Error, Result, wire};

/// Lists the users, the oldest first. The administrator is one of them.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("after" = Option<i64>, Query, description = "the `next` of the page before"),
    ),
    responses(
        (status = 200, description = "a page of users", body = wire::Users),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Users>> {
    let limit = limit(&mut parameters)?;
    let after = parameters.take("after")?.map_or(Some(0), |text| digits(&text));
    let after = after.ok_or_else(|| Error::invalid("after", "must be a user_id"))?;
    parameters.finish()?;
    let found = vault.users(&caller, UserId(after), limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.user_id.0);
    Ok(Json(wire::Users { users: found.into_iter().map(wire::User::from).collect(), next }))
}

/// Makes a user, who is no administrator. The password is shown this once.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "users",
    request_body = wire::NewUser,
    responses(
        (status = 201, description = "the user", body = wire::AddedUser,
            headers(("Location" = String), ("Cache-Control" = String))),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 408, description = "the body stayed silent for too long", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "the login, or an extension, is another's",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key or value that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, String); 1], Secret<wire::AddedUser>)> {
    let mut object = json_object(&headers, body, &config).await?;
    let (name, extensions) = (name(&mut object)?, object.take("extensions", texts)?);
    object.finish()?;
    let added = vault.add_user(&caller, &name, extensions.unwrap_or_default()).await?;
    let location = format!("{}/api/v1/users/{}", config.public_url, added.user_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], secret(added.into())))
}

/// Shows a user.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user_id}",
    tag = "users",
    params(("user_id" = i64, Path)),
    responses(
        (status = 200, description = "the user", body = wire::User),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such user, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Json<wire::User>> {
    Ok(Json(vault.user(&caller, UserId(id)).await?.into()))
}

/// Changes what is given of a user.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{user_id}",
    tag = "users",
    params(("user_id" = i64, Path)),
    request_body = wire::UserChange,
    responses(
        (status = 200, description = "the user after the change", body = wire::User),
        (status = 400, description = "not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such user, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "the body stayed silent for too long", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "an extension is another's", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "the body is too large", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "the body is not JSON", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a key or value that cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn patch(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    State(config): State<Arc<Config>>,
    NumberPath(id): NumberPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<wire::User>> {
    let mut object = json_object(&headers, body, &config).await?;
    let extensions = object.take("extensions", texts)?;
    object.finish()?;
    Ok(Json(vault.change_user(&caller, UserId(id), extensions).await?.into()))
}

/// Removes a user, whose tokens and sessions end at once. Recordings stay, and go on naming the
/// `user_id`; the login can be given again.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{user_id}",
    tag = "users",
    params(("user_id" = i64, Path)),
    responses(
        (status = 204, description = "gone"),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or it is the administrator, or asked \
            with the token of before", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "no such user, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<StatusCode> {
    vault.remove_user(&caller, UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces a user's password: the one before no longer works, bearer tokens neither, and sessions
/// end, but for the one that asks.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user_id}/password",
    tag = "users",
    params(("user_id" = i64, Path)),
    responses(
        (status = 200, description = "the new one", body = wire::NewPassword,
            headers(("Cache-Control" = String))),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller, or asked with the token of before",
            body = wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such user, or not yours", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn password(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    NumberPath(id): NumberPath,
) -> Result<Secret<wire::NewPassword>> {
    Ok(secret(vault.replace_password(&caller, UserId(id)).await?.into()))
}

/// Takes the `name` of somebody new.
pub(crate) fn name(object: &mut Object) -> Result<String> {
    object.take("name", text)?.ok_or_else(|| Error::invalid("name", "must be given"))
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "must be text".to_owned())
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().map(|list| list.iter().map(text).collect::<Result<_, _>>());
    list.and_then(Result::ok).ok_or_else(|| "must be a list of texts".to_owned())
}
