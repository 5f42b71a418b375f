//! The program from outside: the real binary, a directory of its own, a free port.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by it says so")]

mod account;
mod configuration;
mod full;
mod http;
mod program;
mod serving;
mod shutdown;
mod tidy;
