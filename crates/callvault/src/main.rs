//! The program: see `callvault::run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    callvault::run()
}
