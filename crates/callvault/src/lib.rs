//! The program: commands, configuration, wiring.
//!
//! It deliberately does not know: how anything is done; it only puts the crates together.
//! Start reading at [`run`], then `serve.rs` and `config.rs`.

mod certificate;
mod cli;
mod command;
pub mod config;
pub mod deliver;
mod log;
mod model;
mod open;
mod secret_key;
mod serve;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use cli::{Cli, Command};
use config::Config;

/// How long work that cannot be interrupted may hold up the end of the program.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// Parses the command line and does what it says. Exit code 0 is success, 1 a failure that is
/// explained on standard error, 2 a command line that cannot be read.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match obey(cli) {
        Ok(code) => code,
        Err(error) => {
            command::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> anyhow::Result<ExitCode> {
    // A worker limits itself before it does anything, and has no configuration.
    if let Command::Worker = cli.command {
        vault::worker_main()?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Config(cli::Config::Docs) = cli.command {
        command::print(&config::docs::page())?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(&cli.flags(), std::env::vars_os())?;
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    if let Command::Config(cli::Config::Check) = cli.command {
        runtime.block_on(command::check(&config))?;
        return Ok(ExitCode::SUCCESS);
    }
    log::start();
    let outcome = runtime.block_on(command::obey(cli.command, &config));
    runtime.shutdown_timeout(LAST_GRACE);
    outcome
}
