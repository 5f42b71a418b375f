//! Retention policies: what is deleted by itself, and when.

use std::time::Duration;

use serde_json::{Value, json};
use store::{AuditAction, NewPolicyRow, PolicyId, PolicyRow, Time, Tx};

use crate::accounts::has_control;
use crate::holds::EMPTY;
use crate::jobs::Work;
use crate::schedule::Schedule;
use crate::selection::Where;
use crate::settings::LONGEST;
use crate::{Caller, Error, Result, Vault, span};

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub policy_id: PolicyId,
    pub name: String,
    pub what: Where,
    /// Five fields of cron.
    pub schedule: String,
    /// A name of the IANA's.
    pub time_zone: String,
    pub action: Action,
    /// The archive that it copies to first: a name of the operator's.
    pub archive_to: Option<String>,
    /// How long it waits when it is new or was changed.
    pub pending: Duration,
    pub status: PolicyStatus,
    /// `None` while it is paused.
    pub next_run: Option<Time>,
    pub created: Time,
}

/// How a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyStatus {
    /// It is new or was changed, and waits.
    Pending,
    Active,
    Paused,
}

impl PolicyStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

/// What a policy does to a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// Deletes it with all that was made of it.
    #[default]
    Delete,
    /// Deletes its audio, and keeps what was said.
    DeleteAudio,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::DeleteAudio => "delete_audio",
        }
    }

    /// Reads its word; the error says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "delete" => Ok(Self::Delete),
            "delete_audio" => Ok(Self::DeleteAudio),
            _ => Err("must be one of delete, delete_audio".to_owned()),
        }
    }
}

/// What to set of a policy; what is `None` stays, or has its default where the policy is new.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyChange {
    pub name: Option<String>,
    pub what: Option<Where>,
    /// Default: Sundays at 03:00.
    pub schedule: Option<String>,
    /// Default: UTC.
    pub time_zone: Option<String>,
    pub action: Option<Action>,
    /// `Some(None)` copies to none any more.
    pub archive_to: Option<Option<String>>,
    /// Only longer than the account's `retention_pending`, which is the default.
    pub pending: Option<Duration>,
    pub paused: Option<bool>,
}

const SUNDAYS_AT_THREE: &str = "0 3 * * 0";
/// For each account.
pub(crate) const MOST: usize = 100;
const LONGEST_NAME: usize = 100;

impl Vault {
    /// The account's policies after that one. For administrators.
    pub async fn policies(
        &self,
        caller: &Caller,
        after: PolicyId,
        limit: u32,
    ) -> Result<Vec<Policy>> {
        self.only_administrators(caller, "policies").await?;
        let (root, now) = (caller.account.root(), self.now());
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.policies(root, after, limit)));
        let rows = read.await?.into_iter().map(|row| shown(row, now));
        Ok(rows.collect::<store::Result<_>>()?)
    }

    /// One of the account's policies. For administrators.
    pub async fn policy(&self, caller: &Caller, id: PolicyId) -> Result<Policy> {
        self.only_administrators(caller, "policies").await?;
        let root = caller.account.root();
        let read = self.inner.store.read(move |reader| Box::pin(reader.policy(root, id)));
        Ok(shown(read.await?.ok_or(Error::NotFound)?, self.now())?)
    }

    /// Makes a policy, which waits before its first run. For administrators.
    pub async fn add_policy(&self, caller: &Caller, new: PolicyChange) -> Result<Policy> {
        self.only_administrators(caller, "policies").await?;
        self.check_archive(caller, &new)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                let most = u32::try_from(MOST).unwrap_or(u32::MAX);
                if tx.policies(root, PolicyId(0), most).await?.len() >= MOST {
                    let why = format!("there are {MOST} policies already");
                    return Ok(Err(Error::Conflict(why)));
                }
                let blank = NewPolicyRow {
                    root_id: root,
                    name: String::new(),
                    selection: Where::default().to_json().to_string(),
                    schedule: SUNDAYS_AT_THREE.to_owned(),
                    time_zone: "UTC".to_owned(),
                    action: Action::default().as_str().to_owned(),
                    archive_to: None,
                    pending: Duration::ZERO,
                    active_from: now,
                    paused: false,
                    next_run: None,
                    created: now,
                    changed: now,
                };
                let minimum = match tx.account_of_id(root).await? {
                    Some(account) => account.settings.retention_pending,
                    None => return Ok(Err(Error::NotFound)),
                };
                let row = match changed(&blank, new, minimum, now) {
                    Ok(row) => row,
                    Err(error) => return Ok(Err(error)),
                };
                let policy_id = tx.add_policy(&row).await?;
                let row = PolicyRow { policy_id, policy: row };
                schedule(tx, &row).await?;
                tell(tx, &caller, AuditAction::PolicyAdd, &row, now).await?;
                shown(row, now).map(Ok)
            })
        });
        let policy = write.await?;
        self.inner.work.notify_one();
        policy
    }

    /// Changes a policy, pauses it or has it go on. One that deletes otherwise than before waits
    /// again. For administrators.
    pub async fn change_policy(
        &self,
        caller: &Caller,
        id: PolicyId,
        change: PolicyChange,
    ) -> Result<Policy> {
        self.only_administrators(caller, "policies").await?;
        self.check_archive(caller, &change)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                let Some(row) = tx.policy(root, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                let minimum = match tx.account_of_id(root).await? {
                    Some(account) => account.settings.retention_pending,
                    None => return Ok(Err(Error::NotFound)),
                };
                let policy = match changed(&row.policy, change, minimum, now) {
                    Ok(policy) => policy,
                    Err(error) => return Ok(Err(error)),
                };
                let row = PolicyRow { policy_id: id, policy };
                tx.change_policy(id, &row.policy).await?;
                schedule(tx, &row).await?;
                tell(tx, &caller, AuditAction::PolicyChange, &row, now).await?;
                shown(row, now).map(Ok)
            })
        });
        let policy = write.await?;
        self.inner.work.notify_one();
        policy
    }

    /// Removes a policy; its runs and receipts stay. For administrators.
    pub async fn remove_policy(&self, caller: &Caller, id: PolicyId) -> Result<()> {
        self.only_administrators(caller, "policies").await?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                let Some(row) = tx.policy(root, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                tx.remove_policy(id).await?;
                tell(tx, &caller, AuditAction::PolicyRemove, &row, now).await?;
                Ok(Ok(()))
            })
        });
        write.await?
    }

    fn check_archive(&self, caller: &Caller, change: &PolicyChange) -> Result<()> {
        let Some(Some(name)) = &change.archive_to else { return Ok(()) };
        if self.inner.archives.open_to(name, &caller.account.auth_id).is_some() {
            return Ok(());
        }
        let why = "the operator has configured no archive of this name for this account";
        Err(Error::invalid("archive_to", why))
    }

    /// Queues again what a job that was given up would have begun.
    pub(crate) async fn queue_policies(&self) -> Result<()> {
        let write = self.inner.store.write(|tx| {
            Box::pin(async move {
                for row in tx.scheduled_policies().await? {
                    schedule(tx, &row).await?;
                }
                Ok(())
            })
        });
        Ok(write.await?)
    }
}

/// Checks a change and makes it.
fn changed(
    before: &NewPolicyRow,
    change: PolicyChange,
    minimum: Duration,
    now: Time,
) -> Result<NewPolicyRow> {
    let mut after = before.clone();
    let long_enough = after.pending.max(minimum);
    if let Some(name) = change.name {
        after.name = name;
    }
    let length = after.name.chars().count();
    if after.name.trim().is_empty() || length > LONGEST_NAME || has_control(&after.name) {
        let why = format!("must be 1 to {LONGEST_NAME} printable characters");
        return Err(Error::invalid("name", why));
    }
    if let Some(what) = change.what {
        after.selection = what.to_json().to_string();
    }
    if Where::from_json(&after.selection)?.is_empty() {
        return Err(Error::invalid("where", EMPTY));
    }
    after.schedule = change.schedule.unwrap_or(after.schedule);
    after.time_zone = change.time_zone.unwrap_or(after.time_zone);
    if let Some(action) = change.action {
        action.as_str().clone_into(&mut after.action);
    }
    after.archive_to = change.archive_to.unwrap_or(after.archive_to);
    after.pending = change.pending.unwrap_or(long_enough);
    if after.pending < minimum {
        let why = format!("must be at least {}, the account's own", span::write(minimum));
        return Err(Error::invalid("pending", why));
    }
    if after.pending > LONGEST {
        return Err(Error::invalid("pending", "longer than a hundred years"));
    }
    after.paused = change.paused.unwrap_or(after.paused);

    let deletes_otherwise = before.created == now && before.name.is_empty()
        || before.selection != after.selection
        || before.schedule != after.schedule
        || before.time_zone != after.time_zone
        || before.action != after.action
        || before.archive_to != after.archive_to;
    if deletes_otherwise {
        after.active_from = now.plus(after.pending);
    } else if before.pending != after.pending && now < before.active_from {
        after.active_from = before.changed.plus(after.pending);
    }
    after.changed = now;
    let timing = Schedule::parse(&after.schedule, &after.time_zone)
        .map_err(|(what, why)| Error::invalid(what, why))?;
    let next = timing.next_after(now.max(after.active_from));
    if next.is_none() {
        return Err(Error::invalid("schedule", "never comes"));
    }
    after.next_run = next.filter(|_| !after.paused);
    Ok(after)
}

/// Queues the next run.
pub(crate) async fn schedule(tx: &mut Tx, row: &PolicyRow) -> store::Result<()> {
    let Some(slot) = row.policy.next_run else { return Ok(()) };
    let work = Work::RunPolicy { policy_id: row.policy_id.0, slot: slot.as_micros() };
    tx.enqueue(&work.job(slot).of(row.policy.root_id, None)).await
}

async fn tell(
    tx: &mut Tx,
    caller: &Caller,
    action: AuditAction,
    row: &PolicyRow,
    now: Time,
) -> store::Result<()> {
    let subject = Some(format!("policy {}", row.policy_id));
    let told = caller.tells(now, action, subject, &document(&row.policy)?);
    tx.tell(row.policy.root_id, &[told]).await
}

/// A policy as it is kept in the log and in receipts.
pub(crate) fn document(policy: &NewPolicyRow) -> store::Result<Value> {
    Ok(json!({
        "name": policy.name,
        "where": Where::from_json(&policy.selection)?.to_json(),
        "schedule": policy.schedule,
        "time_zone": policy.time_zone,
        "action": policy.action,
        "archive_to": policy.archive_to,
        "pending": span::write(policy.pending),
        "paused": policy.paused,
    }))
}

/// Reads what a policy does.
pub(crate) fn action_of(policy: &NewPolicyRow) -> store::Result<Action> {
    Action::parse(&policy.action)
        .map_err(|why| store::Error::Database(anyhow::anyhow!("a kept policy's action {why}")))
}

fn shown(row: PolicyRow, now: Time) -> store::Result<Policy> {
    let policy = row.policy;
    let status = match () {
        () if policy.paused => PolicyStatus::Paused,
        () if now < policy.active_from => PolicyStatus::Pending,
        () => PolicyStatus::Active,
    };
    Ok(Policy {
        action: action_of(&policy)?,
        policy_id: row.policy_id,
        name: policy.name,
        what: Where::from_json(&policy.selection)?,
        schedule: policy.schedule,
        time_zone: policy.time_zone,
        archive_to: policy.archive_to,
        pending: policy.pending,
        status,
        next_run: policy.next_run,
        created: policy.created,
    })
}
