//! The shapes of an account: its settings, who is signed in, what it keeps.

use serde::Serialize;
use utoipa::ToSchema;
use vault::span;

/// An account's settings. Spans are a whole number with a unit: `7d`, `12h`, `30m`, `45s`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    /// Plivo's "HTTP Auth on recordings": whether media need credentials.
    pub media_auth: bool,
    pub noise_cancellation: bool,
    /// How long a new retention policy waits before its first run.
    #[schema(example = "7d")]
    pub retention_pending: String,
    /// The share of the account that a retention run may delete unasked, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub retention_max_share: f64,
    /// Nothing received more recently than this is deleted by anyone.
    #[schema(example = "0d")]
    pub minimum_retention: String,
}

impl From<vault::Settings> for Account {
    fn from(settings: vault::Settings) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most a million")]
        let share = settings.retention_max_share_ppm as f64 / 1e6;
        Self {
            media_auth: settings.media_auth,
            noise_cancellation: settings.noise_cancellation,
            retention_pending: span::write(settings.retention_pending),
            retention_max_share: share,
            minimum_retention: span::write(settings.minimum_retention),
        }
    }
}

/// Settings to change; what is absent stays. Read key by key in `account.rs`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct AccountChange {
    media_auth: Option<bool>,
    noise_cancellation: Option<bool>,
    #[schema(example = "7d")]
    retention_pending: Option<String>,
    #[schema(minimum = 0, maximum = 1)]
    retention_max_share: Option<f64>,
    /// Can only be lengthened here; shortening it is a command of the operator.
    #[schema(example = "30d")]
    minimum_retention: Option<String>,
}

/// What a session begins with.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described to clients, but read by hand so that errors name the key")]
pub(crate) struct Login {
    /// An Auth ID, or a user's login, with or without its realm.
    login: String,
    /// The auth token, or the user's password.
    #[schema(format = Password)]
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub auth_id: String,
    /// The account's name.
    pub name: String,
    pub subaccount: bool,
    /// Whether it is the account itself or its administrator, who may do everything; else it is a
    /// subaccount, or a user who reaches its own on-demand recordings only.
    pub administrator: bool,
    /// The user; null where it is the account itself.
    pub user_id: Option<i64>,
    pub username: Option<String>,
}

impl From<&vault::Caller> for Session {
    fn from(caller: &vault::Caller) -> Self {
        Self {
            auth_id: caller.auth_id().to_string(),
            name: caller.account_name().to_owned(),
            subaccount: caller.is_subaccount(),
            administrator: caller.is_administrator(),
            user_id: caller.user_id().map(|user| user.0),
            username: caller.username().map(str::to_owned),
        }
    }
}

/// What accounts keep, and what that costs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// In US dollars for a minute and month.
    pub storage_rate: f64,
    /// The account, with its subaccounts in it, then each of these.
    pub accounts: Vec<AccountUsage>,
}

/// One account's use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountUsage {
    pub auth_id: String,
    pub name: String,
    pub months: Vec<MonthUsage>,
}

/// One month's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthUsage {
    /// `2026-01`, in UTC.
    pub month: String,
    /// Whether it has not ended yet.
    pub forecast: bool,
    /// Kept at its end.
    pub recordings: u64,
    pub duration_ms: u64,
    pub bytes: u64,
    /// Deleted in it.
    pub deleted: u64,
    /// Billed at its end.
    pub billed_minutes: u64,
    /// In US dollars.
    pub amount: f64,
    /// What will be if the retention policies run as they stand; null for months that have ended,
    /// and after a year.
    pub with_policies: Option<Remaining>,
}

/// What will be there at the end of a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Remaining {
    pub recordings: u64,
    pub duration_ms: u64,
    pub bytes: u64,
    pub billed_minutes: u64,
    /// In US dollars.
    pub amount: f64,
}

impl From<vault::Remaining> for Remaining {
    fn from(left: vault::Remaining) -> Self {
        Self {
            recordings: left.recordings,
            duration_ms: u64::try_from(left.duration.as_millis()).unwrap_or(u64::MAX),
            bytes: left.bytes,
            billed_minutes: left.billed_minutes,
            amount: left.amount.as_f64(),
        }
    }
}

impl From<vault::Usage> for AccountUsage {
    fn from(usage: vault::Usage) -> Self {
        let month = |month: vault::MonthUsage| MonthUsage {
            month: month.month.to_string(),
            forecast: month.forecast,
            recordings: month.recordings,
            duration_ms: u64::try_from(month.duration.as_millis()).unwrap_or(u64::MAX),
            bytes: month.bytes,
            deleted: month.deleted,
            billed_minutes: month.billed_minutes,
            amount: month.amount.as_f64(),
            with_policies: month.with_policies.map(Remaining::from),
        };
        Self {
            auth_id: usage.auth_id.to_string(),
            name: usage.name,
            months: usage.months.into_iter().map(month).collect(),
        }
    }
}
