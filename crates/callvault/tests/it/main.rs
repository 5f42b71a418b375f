//! The program from outside: the real binary, a directory of its own, a free port.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by it says so")]

mod account;
mod callbacks;
mod configuration;
mod disk_full;
mod gone;
mod http;
mod lost_database;
mod lost_s3;
mod model;
mod postgres;
mod program;
mod retention;
mod serving;
mod shutdown;
mod tidy;
mod tls;
