//! The gate before every deletion: legal holds, and the account's minimum retention.

use std::time::Duration;

use serde_json::json;
use store::{
    AccountId, AuditAction, Guard, HeldBy, Hold, KeptBy, NewRunRow, Reader, Recording, RecordingId,
    Scope, Time, Tx,
};

use crate::jobs::Work;
use crate::policies::Action;
use crate::preview::policy_of;
use crate::selection::Where;
use crate::{Caller, Error, span};

/// What keeps an account's recordings at one moment.
pub(crate) struct Gate {
    pub(crate) guard: Guard,
    /// The holds of [`Guard::queries`], in the same order.
    queries: Vec<Hold>,
    pub(crate) minimum: Duration,
}

/// What became of an attempt to take a recording away.
pub(crate) enum Taken {
    Yes,
    NoSuch,
    /// It stays, and why.
    Kept(String),
}

impl From<Taken> for crate::Result<()> {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Yes => Ok(()),
            Taken::NoSuch => Err(Error::NotFound),
            Taken::Kept(why) => Err(Error::Kept(why)),
        }
    }
}

impl Gate {
    /// What keeps recordings of this main account now. Who deletes by it must hold the account's
    /// lock: see [`Tx::lock_account`].
    pub(crate) async fn of(reader: &mut Reader, root: AccountId, now: Time) -> store::Result<Self> {
        let queries = reader.holds_by_query(root).await?;
        let mut selections = Vec::new();
        for hold in &queries {
            if let HeldBy::Query(selection) = &hold.new.on {
                let held = Where::from_json(selection)?;
                selections.push(held.selection(reader, Scope::Root(root), now).await?);
            }
        }
        let account = reader.account_of_id(root).await?;
        let minimum = account.map_or(Duration::ZERO, |account| account.settings.minimum_retention);
        let received_until = now.minus(minimum);
        let guard = Guard { queries: selections, received_until, keeps_words: false };
        Ok(Self { guard, queries, minimum })
    }

    /// The same for a run: holds as they are now, and no recording grown old enough since it began.
    pub(crate) async fn of_run(
        reader: &mut Reader,
        run: &NewRunRow,
        now: Time,
    ) -> store::Result<Self> {
        let mut gate = Self::of(reader, run.root_id, now).await?;
        gate.guard.received_until = run.as_of.minus(gate.minimum);
        gate.guard.keeps_words = policy_of(run)?.action == Action::DeleteAudio;
        Ok(gate)
    }

    /// The hold by query that [`KeptBy::Query`] means.
    pub(crate) fn query(&self, at: usize) -> Option<&Hold> {
        self.queries.get(at)
    }

    /// In words, for whoever was refused.
    pub(crate) async fn reason(
        &self,
        reader: &mut Reader,
        recording: &Recording,
        kept: KeptBy,
    ) -> store::Result<String> {
        let held = |hold: Option<&Hold>| {
            let reason = hold.map_or("", |hold| hold.new.reason.as_str());
            format!("the recording is under legal hold: {reason}")
        };
        Ok(match kept {
            KeptBy::Hold => held(reader.holds_of_recording(recording.recording_id).await?.first()),
            KeptBy::Query(at) => held(self.query(at)),
            KeptBy::NoWords => "there is no transcript to keep".to_owned(),
            KeptBy::Youth => format!(
                "the account keeps recordings for {}: this one until {}",
                span::write(self.minimum),
                recording.received.plus(self.minimum)
            ),
        })
    }
}

/// Takes a recording's row away and queues the erasing of its bytes, unless something keeps it; and
/// tells of it, whatever comes of it.
pub(crate) async fn take(
    tx: &mut Tx,
    caller: &Caller,
    id: RecordingId,
    now: Time,
) -> store::Result<Taken> {
    let root = caller.account.root();
    tx.lock_account(root).await?;
    let gate = Gate::of(tx, root, now).await?;
    let found = tx.guarded_recording(caller.scope(), id, &gate.guard).await?;
    let Some((recording, kept)) = found else { return Ok(Taken::NoSuch) };
    if let Some(kept) = kept {
        let why = gate.reason(tx, &recording, kept).await?;
        let detail = json!({ "what": "delete", "why": why });
        let told = caller.tells(now, AuditAction::Refused, Some(id.to_string()), &detail);
        tx.tell(root, &[told]).await?;
        return Ok(Taken::Kept(why));
    }
    if !tx.take_recording(&recording, now).await? {
        return Ok(Taken::NoSuch);
    }
    tx.enqueue(&Work::erase(&recording).job(now).of(root, Some(id))).await?;
    let detail = json!({ "number": recording.number.0 });
    let told = caller.tells(now, AuditAction::Delete, Some(id.to_string()), &detail);
    tx.tell(root, &[told]).await?;
    Ok(Taken::Yes)
}
