//! The program: see `callvault::run`.

use std::process::ExitCode;

/// What one thread allocates another frees here, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callvault::run()
}
