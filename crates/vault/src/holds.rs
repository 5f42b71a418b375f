//! Legal holds: put on and lifted with a reason, by an administrator.

use serde_json::json;
use store::{AuditAction, HeldBy, HoldId, NewHold, RecordingId, Scope, Tx};

use crate::accounts::has_control;
use crate::selection::Where;
use crate::{Caller, Error, Result, Vault};

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    pub hold_id: HoldId,
    pub on: HoldOn,
    pub reason: String,
    pub created: store::Time,
    /// An Auth ID, `user 745249` or `operator`.
    pub created_by: String,
}

/// What a hold is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldOn {
    Recording(RecordingId),
    /// All that it finds, and all that it will find.
    Query(Where),
}

/// Each is a condition of every deletion.
const MOST_QUERIES: usize = 100;
const LONGEST_REASON: usize = 1_000;

impl Vault {
    /// Puts a recording under legal hold. For another reason that is another hold; for the same
    /// one it is there already. [`Error::Conflict`] for too many. For administrators.
    pub async fn hold_recording(
        &self,
        caller: &Caller,
        id: RecordingId,
        reason: &str,
    ) -> Result<()> {
        self.only_administrators(caller, "holds").await?;
        let reason = checked_reason(reason)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                if tx.recording(Scope::Root(root), id).await?.is_none() {
                    return Ok(Err(Error::NotFound));
                }
                let holds = tx.holds_of_recording(id).await?;
                if holds.iter().any(|hold| hold.new.reason == reason) {
                    return Ok(Ok(()));
                }
                if holds.len() >= MOST_QUERIES {
                    let why = format!("there are {MOST_QUERIES} holds on it already");
                    return Ok(Err(Error::Conflict(why)));
                }
                let detail = json!({ "reason": reason });
                let (on, created_by) = (HeldBy::Recording(id), caller.who());
                let new = NewHold { root_id: root, on, reason, created: now, created_by };
                tx.add_hold(&new).await?;
                let told = caller.tells(now, AuditAction::HoldOn, Some(id.to_string()), &detail);
                tx.tell(root, &[told]).await?;
                Ok(Ok(()))
            })
        });
        write.await?
    }

    /// Lifts the hold on this one recording; [`Error::NotFound`] where there is none,
    /// [`Error::Conflict`] where there are several, each of which [`Vault::lift_hold`] lifts. Holds
    /// by query go on. For administrators.
    pub async fn lift_hold_of_recording(
        &self,
        caller: &Caller,
        id: RecordingId,
        reason: &str,
    ) -> Result<()> {
        self.only_administrators(caller, "holds").await?;
        let reason = checked_reason(reason)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let mut holds = tx.holds_of_recording(id).await?;
                holds.retain(|hold| hold.new.root_id == root);
                if holds.len() > 1 {
                    let ids: Vec<_> = holds.iter().map(|hold| hold.hold_id.to_string()).collect();
                    let why = format!("there are several holds on it: lift {}", ids.join(", "));
                    return Ok(Err(Error::Conflict(why)));
                }
                let hold = holds.pop();
                lift(tx, &caller, hold, &reason, now).await
            })
        });
        write.await?
    }

    /// Holds all that a query finds, also what comes later. For administrators.
    pub async fn hold_query(
        &self,
        caller: &Caller,
        what: Where,
        reason: &str,
    ) -> Result<LegalHold> {
        self.only_administrators(caller, "holds").await?;
        let reason = checked_reason(reason)?;
        if what.is_empty() {
            return Err(Error::invalid("where", EMPTY));
        }
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                if let Err(why) = finds_something(tx, &what, root).await? {
                    return Ok(Err(Error::invalid("where", why)));
                }
                if tx.holds_by_query(root).await?.len() >= MOST_QUERIES {
                    let why = format!("there are {MOST_QUERIES} holds by query already");
                    return Ok(Err(Error::Conflict(why)));
                }
                let new = NewHold {
                    root_id: root,
                    on: HeldBy::Query(what.to_json().to_string()),
                    reason: reason.clone(),
                    created: now,
                    created_by: caller.who(),
                };
                let hold_id = tx.add_hold(&new).await?;
                let detail = json!({ "reason": reason, "where": what.to_json() });
                let subject = Some(format!("hold {hold_id}"));
                let told = caller.tells(now, AuditAction::HoldOn, subject, &detail);
                tx.tell(root, &[told]).await?;
                read(store::Hold { hold_id, new }).map(Ok)
            })
        });
        write.await?
    }

    /// Lifts a hold, be it on one recording or by query. For administrators.
    pub async fn lift_hold(&self, caller: &Caller, id: HoldId, reason: &str) -> Result<()> {
        self.only_administrators(caller, "holds").await?;
        let reason = checked_reason(reason)?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let hold = tx.hold(root, id).await?;
                lift(tx, &caller, hold, &reason, now).await
            })
        });
        write.await?
    }

    /// The account's holds after that one. For administrators.
    pub async fn holds(
        &self,
        caller: &Caller,
        after: HoldId,
        limit: u32,
    ) -> Result<Vec<LegalHold>> {
        self.only_administrators(caller, "holds").await?;
        let root = caller.account.root();
        let read_all =
            self.inner.store.read(move |reader| Box::pin(reader.holds(root, after, limit)));
        let holds = read_all.await?.into_iter().map(read);
        Ok(holds.collect::<store::Result<_>>()?)
    }
}

/// A hold that can never hold anything looks like one and is none: what is wrong with it.
async fn finds_something(
    tx: &mut Tx,
    what: &Where,
    root: store::AccountId,
) -> store::Result<Result<(), &'static str>> {
    if what.from.zip(what.until).is_some_and(|(from, until)| from >= until) {
        return Ok(Err("until: is not after `from`"));
    }
    if let Some(user) = what.user_id
        && !tx.is_user_of(user, root).await?
    {
        return Ok(Err("user_id: is no user of this account"));
    }
    if let Some(subaccount) = &what.subaccount {
        let account = tx.account(subaccount).await?;
        if account.is_none_or(|account| account.parent != Some(root)) {
            return Ok(Err("subaccount: is none of this account's"));
        }
    }
    Ok(Ok(()))
}

pub(crate) const EMPTY: &str = "must have a condition: an empty one would mean everything";

async fn lift(
    tx: &mut Tx,
    caller: &Caller,
    hold: Option<store::Hold>,
    reason: &str,
    now: store::Time,
) -> store::Result<Result<()>> {
    let Some(hold) = hold else { return Ok(Err(Error::NotFound)) };
    tx.remove_hold(hold.hold_id).await?;
    let subject = match &hold.new.on {
        HeldBy::Recording(id) => id.to_string(),
        HeldBy::Query(_) => format!("hold {}", hold.hold_id),
    };
    let detail = json!({ "reason": reason, "held_for": hold.new.reason });
    let told = caller.tells(now, AuditAction::HoldOff, Some(subject), &detail);
    tx.tell(hold.new.root_id, &[told]).await?;
    Ok(Ok(()))
}

pub(crate) fn read(hold: store::Hold) -> store::Result<LegalHold> {
    let on = match hold.new.on {
        HeldBy::Recording(id) => HoldOn::Recording(id),
        HeldBy::Query(selection) => HoldOn::Query(Where::from_json(&selection)?),
    };
    let (reason, created) = (hold.new.reason, hold.new.created);
    let created_by = hold.new.created_by;
    Ok(LegalHold { hold_id: hold.hold_id, on, reason, created, created_by })
}

fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || has_control(reason) {
        let why = format!("must be 1 to {LONGEST_REASON} printable characters");
        return Err(Error::invalid("reason", why));
    }
    Ok(reason.to_owned())
}
