//! Legal holds, as rows; which recordings they catch is found in `recording/guard.rs`.

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{AccountId, HoldId, RecordingId, Result, Time};

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub hold_id: HoldId,
    pub new: NewHold,
}

/// A legal hold that is about to be put on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    pub root_id: AccountId,
    pub on: HeldBy,
    pub reason: String,
    pub created: Time,
    pub created_by: String,
}

/// What a hold is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBy {
    Recording(RecordingId),
    /// Whatever this selection finds, in the vault's JSON.
    Query(String),
}

statements! {
    ADD = "insert into hold (root_id, recording_id, selection, reason, created, created_by) \
           values ($1, $2, $3, $4, $5, $6) returning hold_id";
    OF_RECORDING = "select hold_id, root_id, recording_id, selection, reason, created, created_by \
                    from hold where recording_id = $1 order by hold_id";
    BY_ID = "select hold_id, root_id, recording_id, selection, reason, created, created_by \
             from hold where root_id = $1 and hold_id = $2";
    QUERIES = "select hold_id, root_id, recording_id, selection, reason, created, created_by \
               from hold where root_id = $1 and recording_id is null order by hold_id";
    LIST = "select hold_id, root_id, recording_id, selection, reason, created, created_by \
            from hold where root_id = $1 and hold_id > $2 order by hold_id limit $3";
    REMOVE = "delete from hold where hold_id = $1";
}

impl Reader {
    /// The account's holds after that one.
    pub async fn holds(&mut self, root: AccountId, after: HoldId, limit: u32) -> Result<Vec<Hold>> {
        let rows = self.0.rows(LIST, values![root, after, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// The account's holds that are by query.
    pub async fn holds_by_query(&mut self, root: AccountId) -> Result<Vec<Hold>> {
        self.0.rows(QUERIES, values![root]).await?.into_iter().map(read).collect()
    }

    pub async fn hold(&mut self, root: AccountId, id: HoldId) -> Result<Option<Hold>> {
        self.0.row(BY_ID, values![root, id]).await?.map(read).transpose()
    }

    /// The holds on this one recording, the oldest first.
    pub async fn holds_of_recording(&mut self, id: RecordingId) -> Result<Vec<Hold>> {
        self.0.rows(OF_RECORDING, values![id]).await?.into_iter().map(read).collect()
    }
}

impl Tx {
    pub async fn add_hold(&mut self, new: &NewHold) -> Result<HoldId> {
        let (recording, query) = match &new.on {
            HeldBy::Recording(id) => (Some(*id), None),
            HeldBy::Query(selection) => (None, Some(selection.as_str())),
        };
        let row = values![
            new.root_id,
            recording,
            query,
            new.reason.as_str(),
            new.created,
            new.created_by.as_str(),
        ];
        let row = self.0.0.row(ADD, row).await?;
        row.map_or(Err(crate::Error::row("no hold_id")), |mut row| row.next())
    }

    pub async fn remove_hold(&mut self, id: HoldId) -> Result<()> {
        self.0.0.execute(REMOVE, values![id]).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<Hold> {
    let hold_id = row.next()?;
    let root_id = row.next()?;
    let (recording, query): (Option<RecordingId>, Option<String>) = (row.next()?, row.next()?);
    let on = match (recording, query) {
        (Some(id), _) => HeldBy::Recording(id),
        (None, Some(selection)) => HeldBy::Query(selection),
        (None, None) => return Err(crate::Error::row("a hold on nothing")),
    };
    Ok(Hold {
        hold_id,
        new: NewHold {
            root_id,
            on,
            reason: row.next()?,
            created: row.next()?,
            created_by: row.next()?,
        },
    })
}
