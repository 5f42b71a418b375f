//! Retention policies, as rows.

use std::time::Duration;

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, Value, values};
use crate::{AccountId, PolicyId, Result, Time};

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    pub policy_id: PolicyId,
    pub policy: NewPolicyRow,
}

/// A policy that is about to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicyRow {
    pub root_id: AccountId,
    pub name: String,
    /// What it deletes, in the vault's JSON.
    pub selection: String,
    /// Five fields of cron.
    pub schedule: String,
    /// A name of the IANA's.
    pub time_zone: String,
    pub action: String,
    /// The archive that it copies to first.
    pub archive_to: Option<String>,
    /// How long it waits when it is new or was changed.
    pub pending: Duration,
    /// When it has waited.
    pub active_from: Time,
    pub paused: bool,
    /// `None` while it is paused.
    pub next_run: Option<Time>,
    pub created: Time,
    pub changed: Time,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select policy_id, root_id, name, selection, schedule, time_zone, action, archive_to, \
             pending, active_from, paused, next_run, created, changed from retention_policy where ",
            $rest
        )
    };
}

statements! {
    ADD = "insert into retention_policy (root_id, name, selection, schedule, time_zone, action, \
           archive_to, pending, active_from, paused, next_run, created, changed) \
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning policy_id";
    CHANGE = "update retention_policy set root_id = $1, name = $2, selection = $3, schedule = $4, \
              time_zone = $5, action = $6, archive_to = $7, pending = $8, active_from = $9, \
              paused = $10, next_run = $11, created = $12, changed = $13 where policy_id = $14";
    SET_NEXT_RUN = "update retention_policy set next_run = $3 \
                    where policy_id = $1 and next_run = $2";
    REMOVE = "delete from retention_policy where policy_id = $1";
    BY_ID = select!("root_id = $1 and policy_id = $2");
    ANY = select!("policy_id = $1");
    LIST = select!("root_id = $1 and policy_id > $2 order by policy_id limit $3");
    SCHEDULED = select!("next_run is not null order by policy_id");
}

impl Reader {
    /// The account's policies after that one.
    pub async fn policies(
        &mut self,
        root: AccountId,
        after: PolicyId,
        limit: u32,
    ) -> Result<Vec<PolicyRow>> {
        let rows = self.0.rows(LIST, values![root, after, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    pub async fn policy(&mut self, root: AccountId, id: PolicyId) -> Result<Option<PolicyRow>> {
        self.0.row(BY_ID, values![root, id]).await?.map(read).transpose()
    }

    /// A policy, whoever's it is: for jobs.
    pub async fn any_policy(&mut self, id: PolicyId) -> Result<Option<PolicyRow>> {
        self.0.row(ANY, values![id]).await?.map(read).transpose()
    }

    /// All policies that will run, of all accounts.
    pub async fn scheduled_policies(&mut self) -> Result<Vec<PolicyRow>> {
        self.0.rows(SCHEDULED, &[]).await?.into_iter().map(read).collect()
    }
}

impl Tx {
    pub async fn add_policy(&mut self, new: &NewPolicyRow) -> Result<PolicyId> {
        let row = self.0.0.row(ADD, &columns(new)).await?;
        row.map_or(Err(crate::Error::row("no policy_id")), |mut row| row.next())
    }

    pub async fn change_policy(&mut self, id: PolicyId, to: &NewPolicyRow) -> Result<()> {
        let mut row = columns(to);
        row.push(id.into());
        self.0.0.execute(CHANGE, &row).await.map(drop)
    }

    /// Goes on from one slot of the schedule to the next; false where somebody else has, or the
    /// policy was changed or paused since.
    pub async fn pass_slot(
        &mut self,
        id: PolicyId,
        slot: Time,
        next: Option<Time>,
    ) -> Result<bool> {
        Ok(self.0.0.execute(SET_NEXT_RUN, values![id, slot, next]).await? == 1)
    }

    pub async fn remove_policy(&mut self, id: PolicyId) -> Result<()> {
        self.0.0.execute(REMOVE, values![id]).await.map(drop)
    }
}

fn columns(new: &NewPolicyRow) -> Vec<Value> {
    values![
        new.root_id,
        new.name.as_str(),
        new.selection.as_str(),
        new.schedule.as_str(),
        new.time_zone.as_str(),
        new.action.as_str(),
        new.archive_to.as_deref(),
        new.pending,
        new.active_from,
        new.paused,
        new.next_run,
        new.created,
        new.changed,
    ]
    .to_vec()
}

fn read(mut row: Row) -> Result<PolicyRow> {
    Ok(PolicyRow {
        policy_id: row.next()?,
        policy: NewPolicyRow {
            root_id: row.next()?,
            name: row.next()?,
            selection: row.next()?,
            schedule: row.next()?,
            time_zone: row.next()?,
            action: row.next()?,
            archive_to: row.next()?,
            pending: row.next()?,
            active_from: row.next()?,
            paused: row.next()?,
            next_run: row.next()?,
            created: row.next()?,
            changed: row.next()?,
        },
    })
}
