//! Plivo's door, from the front: requests to the router over a real vault.

mod auth;
mod kit;
mod list;
mod media;
mod recording;
mod routes;
