//! callvault's own HTTP API: `/api/v1/…`, health and metrics.
//!
//! It deliberately does not know: SQL, where the bytes are, any vendor's dialect.
//! Start reading at `routes.rs`, then `recordings.rs` and `upload.rs`.

mod account;
mod audit;
mod auth;
mod body;
mod captions;
mod console;
mod cookie;
mod credentials;
mod deliveries;
mod denoise;
mod error;
mod exports;
mod health;
mod holds;
mod jobs;
mod linger;
mod media;
mod metrics;
mod object;
mod openapi;
mod peaks;
mod query;
mod recordings;
mod retention;
mod routes;
mod rules;
mod runs;
mod search;
mod selection;
mod session;
mod subaccounts;
mod transcript;
mod upload;
mod usage;
mod users;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use vault::Vault;
use web::Metrics;

pub use error::{Error, Result};
pub use routes::router;

/// This door, for [`web::watch`].
pub const DOOR: web::Door = web::Door { name: "native", failed: error::failed };

/// What the API needs to know beside its vault.
#[derive(Debug, Clone)]
pub struct Config {
    /// What every URL that is handed out starts with, without a slash at the end:
    /// `https://calls.example.com`.
    pub public_url: String,
    /// The largest body that an upload may have, in bytes.
    pub max_upload_bytes: u64,
    /// How long a body may stay silent before it is given up. There is no limit on the whole.
    pub body_idle: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            max_upload_bytes: 2 << 30,
            body_idle: Duration::from_secs(30),
        }
    }
}

/// What the handlers need. Cheap to clone.
#[derive(Clone)]
pub struct State {
    vault: Vault,
    config: Arc<Config>,
    metrics: Metrics,
}

impl State {
    pub fn new(vault: Vault, config: Config, metrics: Metrics) -> Self {
        Self { vault, config: Arc::new(config), metrics }
    }
}

impl FromRef<State> for Vault {
    fn from_ref(state: &State) -> Self {
        state.vault.clone()
    }
}

impl FromRef<State> for Arc<Config> {
    fn from_ref(state: &State) -> Self {
        Arc::clone(&state.config)
    }
}

impl FromRef<State> for Metrics {
    fn from_ref(state: &State) -> Self {
        state.metrics.clone()
    }
}
