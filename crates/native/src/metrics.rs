//! What the program counts, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use vault::Vault;
use web::Metrics;

/// Shows the counters in Prometheus' text form.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    security(()),
    responses((status = 200, description = "OpenMetrics text", body = String,
        content_type = "application/openmetrics-text")),
)]
pub(crate) async fn get(
    State(vault): State<Vault>,
    State(metrics): State<Metrics>,
) -> impl IntoResponse {
    // Without the database the other figures are wanted all the more.
    if let Ok(counts) = vault.job_counts().await {
        metrics.set_jobs(counts);
    }
    if let Ok(scrubbed) = vault.scrubbed().await {
        metrics.set_scrubbed(&scrubbed);
    }
    ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], metrics.text())
}
