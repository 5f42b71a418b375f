//! What an account has set.

use std::time::Duration;

use serde_json::{Value, json};
use store::{Account, AuditAction, Settings};

use crate::{Caller, Error, Result, Vault, span};

/// Settings to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct SettingsChange {
    pub media_auth: Option<bool>,
    pub noise_cancellation: Option<bool>,
    pub retention_pending: Option<Duration>,
    /// In millionths.
    pub retention_max_share_ppm: Option<i64>,
    /// Can only be lengthened, but by the operator.
    pub minimum_retention: Option<Duration>,
}

/// A hundred years: longer is somebody's mistake.
pub(crate) const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

impl Vault {
    /// The caller's settings; a subaccount sees its own, with what it inherits.
    pub async fn settings(&self, caller: &Caller) -> Result<Settings> {
        self.no_plain_users(caller, "settings").await?;
        let account = self.account(caller.auth_id()).await?.ok_or(Error::NotFound)?;
        Ok(account.settings)
    }

    /// Changes settings; what they are now. A subaccount may only tighten `media_auth`.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        change: SettingsChange,
    ) -> Result<Settings> {
        self.no_plain_users(caller, "settings").await?;
        check(&change)?;
        let (caller, now) = (caller.clone(), self.now());
        let outcome = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                let Some(account) = tx.account(caller.auth_id()).await? else {
                    return Ok(Err(Error::NotFound));
                };
                let settings = match changed(&account, &change, caller.is_operator()) {
                    Ok(settings) => settings,
                    Err(error) => return Ok(Err(error)),
                };
                if account.parent.is_some() {
                    tx.set_media_auth(account.account_id, settings.media_auth).await?;
                } else {
                    tx.set_settings(account.account_id, &settings).await?;
                }
                let detail = differences(&account.settings, &settings);
                let subject = Some(account.auth_id.to_string());
                let told = caller.tells(now, AuditAction::Settings, subject, &detail);
                tx.tell(root, &[told]).await?;
                // Read again, so that a subaccount sees what it inherits.
                let account = tx.account(caller.auth_id()).await?;
                Ok(account.map(|account| account.settings).ok_or(Error::NotFound))
            })
        });
        outcome.await?
    }
}

fn check(change: &SettingsChange) -> Result<()> {
    if change.retention_pending.is_some_and(|pending| pending > LONGEST) {
        return Err(Error::invalid("retention_pending", "longer than a hundred years"));
    }
    if change.minimum_retention.is_some_and(|minimum| minimum > LONGEST) {
        return Err(Error::invalid("minimum_retention", "longer than a hundred years"));
    }
    let share = change.retention_max_share_ppm;
    if share.is_some_and(|share| !(0..=1_000_000).contains(&share)) {
        return Err(Error::invalid("retention_max_share", "must be from 0 to 1"));
    }
    Ok(())
}

fn changed(account: &Account, change: &SettingsChange, operator: bool) -> Result<Settings> {
    let now = &account.settings;
    if account.parent.is_some() {
        let others = change.noise_cancellation.is_some()
            || change.retention_pending.is_some()
            || change.retention_max_share_ppm.is_some()
            || change.minimum_retention.is_some();
        if others {
            return Err(Error::Forbidden("a subaccount can change its media_auth only"));
        }
        if now.media_auth && change.media_auth == Some(false) {
            return Err(Error::Forbidden("a subaccount can only tighten media_auth"));
        }
    }
    let minimum = change.minimum_retention.unwrap_or(now.minimum_retention);
    if minimum < now.minimum_retention && !operator {
        return Err(Error::Forbidden("minimum_retention can only be lengthened"));
    }
    Ok(Settings {
        media_auth: change.media_auth.unwrap_or(now.media_auth),
        noise_cancellation: change.noise_cancellation.unwrap_or(now.noise_cancellation),
        retention_pending: change.retention_pending.unwrap_or(now.retention_pending),
        retention_max_share_ppm: change
            .retention_max_share_ppm
            .unwrap_or(now.retention_max_share_ppm),
        minimum_retention: minimum,
    })
}

/// What a change has changed, for the log: of each setting what it was and what it is.
fn differences(before: &Settings, after: &Settings) -> Value {
    let shown = |settings: &Settings| {
        [
            ("media_auth", json!(settings.media_auth)),
            ("noise_cancellation", json!(settings.noise_cancellation)),
            ("retention_pending", json!(span::write(settings.retention_pending))),
            ("retention_max_share_ppm", json!(settings.retention_max_share_ppm)),
            ("minimum_retention", json!(span::write(settings.minimum_retention))),
        ]
    };
    let pairs = shown(before).into_iter().zip(shown(after));
    let changed = pairs.filter(|((_, before), (_, after))| before != after);
    changed.map(|((key, before), (_, after))| (key, json!([before, after]))).collect()
}
