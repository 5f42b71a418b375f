//! What the program counts, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
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
pub(crate) async fn get(State(metrics): State<Metrics>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)],
        metrics.text(),
    )
}
