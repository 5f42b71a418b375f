//! What an account keeps, and what that costs.

use axum::Json;
use axum::extract::State;
use vault::{Month, Vault};

use crate::auth::Auth;
use crate::query::Parameters;
use crate::{Error, Result, wire};

/// Shows the use of the account, with its subaccounts in it, and of each of these, month by month:
/// what was kept at the month's end, what was deleted in it, and what storage cost when it was
/// billed. A month that has not ended yet is a forecast: if nothing more comes or goes.
///
/// Storage is free for `price.free_days` days and then costs `price.storage_per_minute_month` for
/// each rounded minute and month, billed at 00:00:00 UTC of the next month's first day; the prices
/// are those of now for all months.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    tag = "account",
    params(
        ("from" = Option<String>, Query, description = "the first month, `2026-01`; default: \
            eleven months ago"),
        ("to" = Option<String>, Query, description = "the last month; default: this one. \
            Together at most 60"),
    ),
    responses(
        (status = 200, description = "the use", body = wire::Usage),
        (status = 401, description = "bad credentials", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "not for this caller", body = wire::Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "a parameter cannot be used", body = wire::Problem,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    Auth(caller): Auth,
    State(vault): State<Vault>,
    mut parameters: Parameters,
) -> Result<Json<wire::Usage>> {
    let now = Month::of(vault.now());
    let from = month(&mut parameters, "from")?;
    let to = month(&mut parameters, "to")?.unwrap_or_else(|| now.max(from.unwrap_or(now)));
    parameters.finish()?;
    let from = from.unwrap_or_else(|| to.min(now).plus(-11));
    let accounts = vault.usage(&caller, from, to).await?;
    let rate = vault.prices().storage_per_minute_month;
    Ok(Json(wire::Usage {
        storage_rate: rate.as_f64(),
        accounts: accounts.into_iter().map(wire::AccountUsage::from).collect(),
    }))
}

fn month(parameters: &mut Parameters, name: &str) -> Result<Option<Month>> {
    let text = parameters.take(name)?;
    let month = text.map(|text| text.parse()).transpose();
    month.map_err(|_| Error::invalid(name, "must be a month, as in 2026-01"))
}
