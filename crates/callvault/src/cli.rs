//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

/// A self-hosted vault for telephone call recordings.
#[derive(Debug, Parser)]
#[command(name = "callvault", disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory [default: ./callvault-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server: all HTTP doors and the jobs.
    Serve {
        /// Where to listen [default: 127.0.0.1:8080].
        #[arg(long, value_name = "HOST:PORT")]
        listen: Option<String>,
    },
    /// Adds accounts, and replaces their secrets.
    #[command(subcommand)]
    Account(Account),
    /// Adds users of an account's Vonage side.
    #[command(subcommand)]
    User(User),
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(Config),
    /// Checks that every recording has its bytes, and every byte its hash.
    Verify,
    /// Writes the database anew, so that nothing that was deleted is left in its files. Requests
    /// wait meanwhile.
    Purge,
    /// Decodes strangers' audio, in a process of its own; started by the server.
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Adds an account, or a subaccount, and prints its secrets this once.
    Add {
        name: String,
        /// Makes it a subaccount of this account.
        #[arg(long, value_name = "AUTH_ID")]
        parent: Option<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Replaces one secret and prints the new one this once. The old auth token works on for 24
    /// hours.
    Rotate {
        auth_id: String,
        #[command(flatten)]
        which: Which,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Which secret to replace.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The auth token.
    #[arg(long)]
    pub(crate) token: bool,
    /// The client secret of the Vonage side.
    #[arg(long)]
    pub(crate) client_secret: bool,
    /// The password of the account's administrator on the Vonage side.
    #[arg(long)]
    pub(crate) password: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Adds a user and prints the password this once.
    Add {
        name: String,
        /// The account that the user belongs to.
        #[arg(long, value_name = "AUTH_ID")]
        account: String,
        /// An extension of the user; may be given several times.
        #[arg(long = "extension", value_name = "EXT")]
        extensions: Vec<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Prints the effective configuration, secrets hidden; fails where it is wrong.
    Check,
    /// Prints docs/configuration.md.
    #[command(hide = true)]
    Docs,
}

impl Cli {
    pub(crate) fn flags(&self) -> Flags {
        let listen = match &self.command {
            Command::Serve { listen } => listen.clone(),
            _ => None,
        };
        Flags { config: self.config.clone(), data: self.data.clone(), listen }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
