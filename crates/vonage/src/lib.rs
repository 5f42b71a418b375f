//! Vonage Business Communications' Call Recording API
//! (<https://developer.vonage.com/en/vonage-business-cloud/call-recording/overview>): company and
//! on-demand recordings, as its customers' scripts ask for them.
//!
//! It deliberately does not know: SQL, where bytes are, any other dialect.
//! Start reading at `routes.rs`.

mod audio;
mod auth;
mod error;
mod export;
mod filter;
mod links;
mod order;
mod page;
mod query;
mod recordings;
mod routes;
mod shelf;
mod token;
mod transcriptions;
mod wire;

use std::sync::Arc;

use axum::extract::FromRef;
use vault::Vault;

pub use error::{Error, Result};
pub use routes::{router, table};

/// This door, for [`web::watch`].
pub const DOOR: web::Door = web::Door { name: "vonage", failed: error::failed };

/// What the operator sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where clients reach us, as `https://calls.example.com`: the beginning of each link. A slash
    /// at its end does not matter.
    pub public_url: String,
    pub audio_format: AudioFormat,
}

/// What is downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AudioFormat {
    /// MP3, as from the vendor: what was sent as something else is converted.
    #[default]
    Mp3,
    /// What is kept.
    Stored,
}

/// What the handlers need. Cheap to clone.
#[derive(Clone)]
pub struct State {
    vault: Vault,
    config: Arc<Config>,
}

impl State {
    pub fn new(vault: Vault, config: Config) -> Self {
        let Config { mut public_url, audio_format } = config;
        public_url.truncate(public_url.trim_end_matches('/').len());
        Self { vault, config: Arc::new(Config { public_url, audio_format }) }
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
