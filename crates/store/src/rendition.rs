//! What was made of recordings. The row is there before the object and gone after it.

use crate::store::{Reader, Tx, statements};
use crate::value::{Row, values};
use crate::{RecordingId, Result, Time};

/// A rendition that is ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    pub recording_id: RecordingId,
    /// What was made: `mp3`, `peaks.256.dat`. One name for one thing.
    pub form: String,
    /// Whether it stays for as long as its recording, and does not expire.
    pub kept: bool,
    pub size_bytes: u64,
    /// Of its own bytes.
    pub sha256: [u8; 32],
    pub made: Time,
}

/// The right to make a rendition, or to erase it. Whoever lost it has an older token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenditionClaim {
    pub recording_id: RecordingId,
    pub form: String,
    pub token: i64,
}

/// How a claim ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    Yours(RenditionClaim),
    /// Somebody else makes or erases it, or it is ready.
    Busy,
    /// There is no such recording.
    NoRecording,
}

statements! {
    FIND = "select recording_id, form, lease_token, kept, size_bytes, sha256, made from rendition \
            where recording_id = $1 and form = $2 and state = 'ready' \
            and (kept = 1 or made > $3)";
    CLAIM = "insert into rendition (recording_id, form, state, lease_until, lease_token) \
             values ($1, $2, 'making', $3, 1) on conflict (recording_id, form) do nothing";
    TAKE_OVER = "update rendition set state = 'making', lease_until = $3, \
                 lease_token = lease_token + 1, size_bytes = null, sha256 = null, made = null \
                 where recording_id = $1 and form = $2 and lease_until <= $4 \
                 and (state <> 'ready' or kept = 0 and made <= $5) returning lease_token";
    RENEW = "update rendition set lease_until = $4 where recording_id = $1 and form = $2 \
             and lease_token = $3 and state <> 'ready'";
    FINISH = "update rendition set state = 'ready', lease_until = $4, size_bytes = $5, \
              sha256 = $6, made = $4, kept = $7 where recording_id = $1 and form = $2 \
              and lease_token = $3 and state = 'making'";
    DISOWN = "update rendition set state = 'erasing' \
              where recording_id = $1 and state = 'making' and lease_until > $2";
    ERASE_ALL = "update rendition set state = 'erasing', lease_until = $3, \
                 lease_token = lease_token + 1 where recording_id = $1 and lease_until <= $2 \
                 returning recording_id, form, lease_token";
    ERASE_ONE = "update rendition set state = 'erasing', lease_until = $5, \
                 lease_token = lease_token + 1 where recording_id = $1 and form = $2 \
                 and lease_token = $3 and lease_until <= $4 \
                 returning recording_id, form, lease_token";
    STALE = "select recording_id, form, lease_token from rendition \
             where (state <> 'ready' and lease_until <= $1) or (state = 'ready' and kept = 0 and made <= $2) \
             limit $3";
    AFTER = "select recording_id, form, lease_token, kept, size_bytes, sha256, made from rendition \
             where state = 'ready' and (recording_id > $1 or recording_id = $1 and form > $2) \
             order by recording_id, form limit $3";
    OF = "select recording_id, form, lease_token, kept, size_bytes, sha256, made from rendition \
          where recording_id = $1 and state = 'ready' order by made, form";
    EXISTS = "select lease_token from rendition where recording_id = $1 and form = $2";
    HOLDS = "select lease_token from rendition \
             where recording_id = $1 and form = $2 and lease_token = $3";
    FORGET = "delete from rendition \
              where recording_id = $1 and form = $2 and lease_token = $3 and state <> 'ready'";
}

impl Reader {
    /// A conversion that is ready and was made after `since`, with what it takes to erase it.
    pub async fn rendition(
        &mut self,
        id: RecordingId,
        form: &str,
        since: Time,
    ) -> Result<Option<(Rendition, RenditionClaim)>> {
        let row = self.0.row(FIND, values![id, form, since]).await?;
        row.map(read).transpose()
    }

    /// The next ones that are ready, by recording and form, each with what it takes to erase
    /// it.
    pub async fn renditions_after(
        &mut self,
        after: Option<(RecordingId, String)>,
        limit: u32,
    ) -> Result<Vec<(Rendition, RenditionClaim)>> {
        let (id, form) = after.unwrap_or((RecordingId::from_bytes([0; 16]), String::new()));
        let rows = self.0.rows(AFTER, values![id, form, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// What nobody makes or erases any more though it is not ready, and what was made at or before
    /// `expired`.
    pub async fn stale_renditions(
        &mut self,
        now: Time,
        expired: Time,
        limit: u32,
    ) -> Result<Vec<RenditionClaim>> {
        let rows = self.0.rows(STALE, values![now, expired, limit]).await?;
        rows.into_iter().map(|mut row| read_claim(&mut row)).collect()
    }

    /// All that is ready of a recording, the oldest first, each with what it takes to erase it.
    pub async fn renditions_of(
        &mut self,
        id: RecordingId,
    ) -> Result<Vec<(Rendition, RenditionClaim)>> {
        let rows = self.0.rows(OF, values![id]).await?;
        rows.into_iter().map(read).collect()
    }

    /// Whether there is a row at all, ready or not.
    pub async fn has_rendition(&mut self, id: RecordingId, form: &str) -> Result<bool> {
        Ok(self.0.row(EXISTS, values![id, form]).await?.is_some())
    }

    /// Whether a claim is still the latest one.
    pub async fn holds_rendition(&mut self, claim: RenditionClaim) -> Result<bool> {
        let row = values![claim.recording_id, claim.form.as_str(), claim.token];
        Ok(self.0.row(HOLDS, row).await?.is_some())
    }
}

impl Tx {
    /// Claims the making of what is not there, or whose maker was not heard of again, or which was
    /// made at or before `expired`.
    pub async fn claim_rendition(
        &mut self,
        id: RecordingId,
        form: &str,
        now: Time,
        lease_until: Time,
        expired: Time,
    ) -> Result<Claimed> {
        if !self.has_audio(id).await? {
            return Ok(Claimed::NoRecording);
        }
        if self.0.0.execute(CLAIM, values![id, form, lease_until]).await? == 1 {
            let form = form.to_owned();
            return Ok(Claimed::Yours(RenditionClaim { recording_id: id, form, token: 1 }));
        }
        let row = self.0.0.row(TAKE_OVER, values![id, form, lease_until, now, expired]).await?;
        let Some(mut row) = row else { return Ok(Claimed::Busy) };
        let (form, token) = (form.to_owned(), row.next()?);
        Ok(Claimed::Yours(RenditionClaim { recording_id: id, form, token }))
    }

    /// Holds on to a claim; false where it was lost.
    pub async fn renew_rendition(
        &mut self,
        claim: RenditionClaim,
        lease_until: Time,
    ) -> Result<bool> {
        let row = values![claim.recording_id, claim.form.as_str(), claim.token, lease_until];
        Ok(self.0.0.execute(RENEW, row).await? == 1)
    }

    /// Makes it ready, once its object is there. False where the claim was lost, or the recording
    /// was deleted meanwhile: then the object must go again.
    pub async fn finish_rendition(
        &mut self,
        claim: RenditionClaim,
        made: &Rendition,
    ) -> Result<bool> {
        let (id, form) = (claim.recording_id, claim.form.as_str());
        if !self.has_audio(id).await? {
            return Ok(false);
        }
        let finish =
            values![id, form, claim.token, made.made, made.size_bytes, &made.sha256[..], made.kept];
        Ok(self.0.0.execute(FINISH, finish).await? == 1)
    }

    /// Claims the erasing of all there is of a recording. What is being made is left to its maker,
    /// who will find that it must not become ready.
    pub async fn erase_renditions(
        &mut self,
        id: RecordingId,
        now: Time,
        lease_until: Time,
    ) -> Result<Vec<RenditionClaim>> {
        self.0.0.execute(DISOWN, values![id, now]).await?;
        let rows = self.0.0.rows(ERASE_ALL, values![id, now, lease_until]).await?;
        rows.into_iter().map(|mut row| read_claim(&mut row)).collect()
    }

    /// Claims the erasing of one; none where somebody was faster.
    pub async fn erase_rendition(
        &mut self,
        stale: RenditionClaim,
        now: Time,
        lease_until: Time,
    ) -> Result<Option<RenditionClaim>> {
        let (id, form) = (stale.recording_id, stale.form.as_str());
        let row = values![id, form, stale.token, now, lease_until];
        let row = self.0.0.row(ERASE_ONE, row).await?;
        row.map(|mut row| read_claim(&mut row)).transpose()
    }

    /// Strikes off what is not ready, once its object is gone; false where the claim was lost.
    pub async fn forget_rendition(&mut self, claim: RenditionClaim) -> Result<bool> {
        let row = values![claim.recording_id, claim.form.as_str(), claim.token];
        Ok(self.0.0.execute(FORGET, row).await? == 1)
    }
}

fn read(mut row: Row) -> Result<(Rendition, RenditionClaim)> {
    let claim = read_claim(&mut row)?;
    let rendition = Rendition {
        recording_id: claim.recording_id,
        form: claim.form.clone(),
        kept: row.next()?,
        size_bytes: row.next()?,
        sha256: row.next()?,
        made: row.next()?,
    };
    Ok((rendition, claim))
}

fn read_claim(row: &mut Row) -> Result<RenditionClaim> {
    Ok(RenditionClaim { recording_id: row.next()?, form: row.next()?, token: row.next()? })
}
