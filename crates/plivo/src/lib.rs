//! Plivo's Recording API (<https://www.plivo.com/docs/voice/api/recordings>): recordings and their
//! audio, as Plivo's own SDKs ask for them.
//!
//! It deliberately does not know: SQL, where bytes are, any other dialect.
//! Start reading at `routes.rs`; what is odd on purpose is explained in `quirks.rs`.

mod auth;
mod body;
mod callback;
mod error;
mod filter;
mod media;
mod page;
mod quirks;
mod recordings;
mod routes;
mod signature;
mod transcriptions;
mod wire;

use std::sync::Arc;

use axum::extract::FromRef;
use vault::Vault;

pub use callback::{request as callback, transcribed};
pub use error::{Error, Result};
pub use routes::router;

/// This door, for [`web::watch`].
pub const DOOR: web::Door = web::Door { name: "plivo", failed: error::failed };

/// What the operator sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where clients reach us, as `https://calls.example.com`: the beginning of each
    /// `recording_url`. A slash at its end does not matter.
    pub public_url: String,
}

/// What the handlers need. Cheap to clone.
#[derive(Clone)]
pub struct State {
    vault: Vault,
    config: Arc<Config>,
}

impl State {
    pub fn new(vault: Vault, config: Config) -> Self {
        let Config { mut public_url } = config;
        public_url.truncate(public_url.trim_end_matches('/').len());
        Self { vault, config: Arc::new(Config { public_url }) }
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
