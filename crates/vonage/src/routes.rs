//! The route table.

use std::time::Duration;

use axum::Router;
use axum::routing::any;

use crate::auth::VonageAuth;
use crate::error::Error;
use crate::{DOOR, State};

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What the vendor's paths begin with: its OpenAPI has the first, its tutorials the second.
const PREFIXES: [&str; 2] = ["/t/vbc.prod/call_recording/api", "/t/vbc.prod/call_recording/v1/api"];
/// Company recordings only.
const INDIA: &str = "/t/vbc.prod/call_recording_india/api";

/// Everything of the vendor's, to be mounted at the root.
pub fn router() -> Router<State> {
    let mut routes = Router::new();
    for prefix in PREFIXES.into_iter().chain([INDIA]) {
        routes = routes.route(&format!("{prefix}/{{*rest}}"), any(unknown));
    }
    let routes = routes.method_not_allowed_fallback(wrong_method);
    web::time_limit(routes, DOOR, TIME_LIMIT)
}

/// What we do not have is told to those who have a token only.
async fn unknown(_: VonageAuth) -> Error {
    Error::NoRoute
}

/// The router adds `Allow`.
async fn wrong_method(_: VonageAuth) -> Error {
    Error::MethodNotAllowed
}
