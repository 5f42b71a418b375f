//! What an `Idempotency-Key` has kept. The key itself, in which customers may write what they like,
//! is kept as its SHA-256 only: the row outlives the recording, until the key may be used anew.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::store::{Reader, Tx, statements};
use crate::value::values;
use crate::{AccountId, RecordingId, Result, Time};

/// The upload that a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotent {
    pub account_id: AccountId,
    pub key: String,
    /// Of the bytes that were sent with it.
    pub sha256: [u8; 32],
    pub recording_id: RecordingId,
    pub created: Time,
}

statements! {
    FIND = "select sha256, recording_id, created from idempotency \
            where account_id = $1 and idempotency_key = $2 and created > $3";
    CLAIM = "insert into idempotency (account_id, idempotency_key, sha256, recording_id, created) \
             values ($1, $2, $3, $4, $5) on conflict (account_id, idempotency_key) do nothing";
    FORGET = "delete from idempotency where created <= $1";
    FORGET_ONE = "delete from idempotency \
                  where account_id = $1 and idempotency_key = $2 and created <= $3";
}

impl Reader {
    /// What the key stands for, if it was used after `since`.
    pub async fn idempotent(
        &mut self,
        account_id: AccountId,
        key: &str,
        since: Time,
    ) -> Result<Option<Idempotent>> {
        let row = self.0.row(FIND, values![account_id, digest(key), since]).await?;
        row.map(|mut row| {
            Ok(Idempotent {
                account_id,
                key: key.to_owned(),
                sha256: row.next()?,
                recording_id: row.next()?,
                created: row.next()?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Takes the key; false where it is taken since `since`.
    pub async fn claim_idempotency(&mut self, new: &Idempotent, since: Time) -> Result<bool> {
        let key = digest(&new.key);
        self.0.0.execute(FORGET_ONE, values![new.account_id, key.as_str(), since]).await?;
        let row = values![new.account_id, key, &new.sha256[..], new.recording_id, new.created];
        Ok(self.0.0.execute(CLAIM, row).await? == 1)
    }

    /// Forgets what was used at or before `time`.
    pub async fn forget_idempotency(&mut self, time: Time) -> Result<u64> {
        self.0.0.execute(FORGET, values![time]).await
    }
}

fn digest(key: &str) -> String {
    Sha256::digest(key).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
