//! Telling the audit log, reading it, and checking it.
//!
//! What changes something is told in its own transaction. Listening, logins and refused attempts
//! change nothing and are many: they wait in memory for the next second, and are written together.
//! A vault that is ended gently writes them first; one that is killed loses that second's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use store::{AccountId, AuditAction, AuditEntry, AuditFilter, NewAuditEntry, Time};

use crate::{Caller, Error, Fault, Finding, Result, Source, Vault};

/// Who listens or signs in again and again is told of once in this time: a player asks for many
/// parts of a recording, and Basic is a login with every request.
const ONCE_IN: Duration = Duration::from_mins(15);
/// From here on whoever adds one more writes them all.
const MANY: usize = 256;
/// With so many that cannot be written, nobody listens or signs in any more.
const TOO_MANY: usize = 4_096;
/// Of whom it is remembered that they were told of.
const REMEMBERED: usize = 16 * 1024;
/// Entries that are checked at once.
const BATCH: u32 = 1_000;

/// Entries that wait to be written.
#[derive(Default)]
pub(crate) struct Waiting {
    all: Mutex<Entries>,
    /// One writer at a time: the order of the log is that of the deeds.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Entries {
    new: Vec<(AccountId, NewAuditEntry)>,
    told: HashMap<(AccountId, NewAuditEntry), Time>,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one; how many wait then.
    fn add(&self, root: AccountId, new: NewAuditEntry, often: bool) -> usize {
        let mut all = self.lock();
        if often {
            let at = new.at;
            let key = (root, NewAuditEntry { at: Time::from_micros(0), ..new.clone() });
            if all.told.get(&key).is_some_and(|told| at.since(*told) < ONCE_IN) {
                return all.new.len();
            }
            if all.told.len() >= REMEMBERED {
                all.told.clear(); // Then some are told of twice.
            }
            all.told.insert(key, at);
        }
        all.new.push((root, new));
        all.new.len()
    }
}

impl Caller {
    /// How the log names the caller.
    pub(crate) fn who(&self) -> String {
        match &self.user {
            _ if self.is_operator() => "operator".to_owned(),
            Some(user) => format!("user {}", user.user_id),
            None => self.account.auth_id.to_string(),
        }
    }

    /// An entry about a deed of the caller's.
    pub(crate) fn tells(
        &self,
        at: Time,
        action: AuditAction,
        subject: Option<String>,
        detail: &Value,
    ) -> NewAuditEntry {
        entry(at, self.who(), self.source, action, subject, detail)
    }
}

pub(crate) fn entry(
    at: Time,
    who: String,
    source: Option<Source>,
    action: AuditAction,
    subject: Option<String>,
    detail: &Value,
) -> NewAuditEntry {
    let source = source.map(|source| source.to_string());
    NewAuditEntry { at, who, source, action, subject, detail: detail.to_string() }
}

impl Vault {
    /// The newest entries of the account's log that match, the newest first. For administrators.
    pub async fn audit(
        &self,
        caller: &Caller,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        self.only_administrators(caller, "audit").await?;
        self.write_log().await?;
        let root = caller.account.root();
        let read = self
            .inner
            .store
            .read(move |reader| Box::pin(async move { reader.audit(root, &filter, limit).await }));
        Ok(read.await?)
    }

    /// [`Error::Forbidden`], and told of, to a subaccount and to a user who is no administrator.
    pub(crate) async fn only_administrators(
        &self,
        caller: &Caller,
        what: &'static str,
    ) -> Result<()> {
        if caller.is_administrator() { Ok(()) } else { self.refuse(caller, what).await }
    }

    /// The same to a user who is no administrator.
    pub(crate) async fn no_plain_users(&self, caller: &Caller, what: &'static str) -> Result<()> {
        if caller.is_plain_user() { self.refuse(caller, what).await } else { Ok(()) }
    }

    async fn refuse(&self, caller: &Caller, what: &'static str) -> Result<()> {
        let why = "only an administrator of the account may do this";
        self.tell_refused(caller, what, why).await?;
        Err(Error::Forbidden(why))
    }

    /// Tells of what a door refuses by itself.
    pub async fn tell_refused(&self, caller: &Caller, what: &str, why: &str) -> Result<()> {
        let detail = json!({ "what": what, "why": why });
        let told = caller.tells(self.now(), AuditAction::Refused, None, &detail);
        self.tell_soon(caller.account.root(), told).await
    }

    /// Tells of something that changes nothing.
    pub(crate) async fn tell_soon(&self, root: AccountId, new: NewAuditEntry) -> Result<()> {
        self.wait_or_write(self.inner.told.add(root, new, false)).await
    }

    /// The same for what happens again and again: the log has it once in [`ONCE_IN`].
    pub(crate) async fn tell_once(&self, root: AccountId, new: NewAuditEntry) -> Result<()> {
        self.wait_or_write(self.inner.told.add(root, new, true)).await
    }

    async fn wait_or_write(&self, waiting: usize) -> Result<()> {
        if waiting < MANY {
            return Ok(());
        }
        match self.write_log().await {
            Err(error) if waiting < TOO_MANY => {
                tracing::warn!(%error, waiting, "the audit log cannot be written now");
                Ok(())
            }
            done => done,
        }
    }

    /// Writes what waits to be told. To be called before a gentle end, when no request runs any
    /// more.
    pub async fn write_log(&self) -> Result<()> {
        let waiting = &self.inner.told;
        let _one_at_a_time = waiting.writing.lock().await;
        let mut batch = waiting.lock().new.clone();
        if batch.is_empty() {
            return Ok(());
        }
        let written = batch.len();
        // In the same order everywhere, so that no two wait for each other's account.
        batch.sort_by_key(|(root, _)| *root);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                for of_one in batch.chunk_by(|(left, _), (right, _)| left == right) {
                    let told: Vec<_> = of_one.iter().map(|(_, told)| told.clone()).collect();
                    tx.tell(of_one[0].0, &told).await?;
                }
                Ok(())
            })
        });
        write.await?;
        // Only now: who gives up halfway must not take them along.
        waiting.lock().new.drain(..written);
        Ok(())
    }

    /// Checks the chain of every account's log; how many entries there are, and what is wrong.
    pub(crate) async fn verify_logs(&self) -> Result<(u64, Vec<Finding>)> {
        let accounts = self.inner.store.read(|reader| Box::pin(reader.audited_accounts())).await?;
        let (mut entries, mut findings) = (0, Vec::new());
        for root in accounts {
            let (checked, fault) = self.verify_log(root).await?;
            entries += checked;
            if let Some((entry, why)) = fault {
                let path = format!("audit log of account {root}, entry {entry}");
                findings.push(Finding { path, fault: Fault::Log(why) });
            }
        }
        Ok((entries, findings))
    }

    /// The first entry that is wrong, and why, if one is.
    async fn verify_log(&self, root: AccountId) -> Result<(u64, Option<(u64, &'static str)>)> {
        let store = &self.inner.store;
        let head = store.read(move |reader| Box::pin(reader.audit_head(root))).await?;
        let (mut last, mut hash) = (0, [0; 32]);
        while last < head.entries {
            let read = store.read(move |reader| Box::pin(reader.audit_after(root, last, BATCH)));
            let batch = read.await?;
            if batch.is_empty() {
                return Ok((last, Some((last + 1, "it is missing, and all after it"))));
            }
            for entry in batch {
                if entry.entry > head.entries {
                    break; // Told since the head was read.
                }
                if entry.entry != last + 1 {
                    return Ok((last, Some((last + 1, "it is missing"))));
                }
                if entry.hash_after(&hash) != entry.hash {
                    return Ok((last, Some((entry.entry, "it is not what was written"))));
                }
                (last, hash) = (entry.entry, entry.hash);
            }
        }
        let ends_well = hash == head.hash;
        Ok((last, (!ends_well).then_some((last, "it is not the one that the log ends with"))))
    }
}
