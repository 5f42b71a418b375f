//! Plivo's door, from the front: requests to the router over a real vault.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod auth;
mod callback;
mod guessing;
mod kit;
mod list;
mod media;
mod rate_limit;
mod recording;
mod routes;
mod transcription;
