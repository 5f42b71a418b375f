//! Vonage's door, from the front: requests to the router over a real vault.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod audio;
mod delete_audio;
mod described;
mod export;
mod guessing;
mod kit;
mod list;
mod recording;
mod rights;
mod routes;
mod token;
mod transcription;
