//! The audit log.

use axum::Json;
use axum::extract::State;
use vault::{AuditAction, AuditFilter, Time, Vault};

use crate::auth::Auth;
use crate::query::{Parameters, digits, limit};
use crate::{Error, Result, wire};

/// Shows the account's audit log, the newest entries first. For administrators.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("before" = Option<u64>, Query, description = "the `next` of the page before"),
        ("action" = Option<String>, Query, description = "`listen`, `login`, `refused`, `delete`, …"),
        ("who" = Option<String>, Query, description = "an Auth ID, `user 745249`, `policy 3`, `operator`, `anybody`"),
        ("subject" = Option<String>, Query, description = "a recording_id, `hold 1`, `policy 3`, `run 7`"),
        ("from" = Option<String>, Query, description = "at or after, RFC 3339"),
        ("until" = Option<String>, Query, description = "before, RFC 3339"),
    ),
    responses(
        (status = 200, description = "a page of entries", body = wire::Audit),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not an administrator", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Audit>> {
    let limit = limit(&mut parameters)?;
    let action = parameters.take("action")?.map(|text| text.parse::<AuditAction>());
    let filter = AuditFilter {
        action: action.transpose().map_err(|_| Error::invalid("action", "no such action"))?,
        who: text(&mut parameters, "who")?,
        subject: text(&mut parameters, "subject")?,
        from: time(&mut parameters, "from")?,
        until: time(&mut parameters, "until")?,
        before: parameters.take("before")?.map(|text| before(&text)).transpose()?,
    };
    parameters.finish()?;
    let found = vault.audit(&caller, filter, limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|_| full).map(|last| last.entry);
    Ok(Json(wire::Audit { entries: found.into_iter().map(wire::AuditEntry::from).collect(), next }))
}

fn text(parameters: &mut Parameters, name: &str) -> Result<Option<String>> {
    let text = parameters.take(name)?;
    if text.as_ref().is_some_and(|text| text.chars().any(char::is_control)) {
        return Err(Error::invalid(name, "must be printable"));
    }
    Ok(text)
}

fn time(parameters: &mut Parameters, name: &str) -> Result<Option<Time>> {
    let time = parameters.take(name)?.map(|text| text.parse());
    time.transpose().map_err(|_| Error::invalid(name, "must be a time in RFC 3339"))
}

fn before(text: &str) -> Result<u64> {
    let entry = digits(text).and_then(|entry| u64::try_from(entry).ok());
    entry.ok_or_else(|| Error::invalid("before", "must be the number of an entry"))
}
