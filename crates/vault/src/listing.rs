//! The list of recordings as people look at it: each with what will become of it.

use store::{
    GuardedPart, KeptBy, Listed, Only, Place, PolicyId, PolicyRow, Reader, Recording, RecordingId,
    Sort, Time, TranscriptStatus,
};

use crate::guard::Gate;
use crate::holds::LegalHold;
use crate::policies::{Action, MOST, action_of};
use crate::schedule::Schedule;
use crate::selection::{By, Where};
use crate::transcripts::in_time;
use crate::{Caller, Error, Result, StorageCost, Vault};

/// Which of the caller's recordings to list, and how.
#[derive(Debug, Clone)]
pub struct ListQuery {
    pub what: Where,
    pub only: Only,
    pub sort: Sort,
    /// Only what comes after this place.
    pub after: Option<Place>,
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Listing {
    pub rows: Vec<(Recording, Fate)>,
    /// How many there are in all; not counted again behind the first part.
    pub total: Option<u64>,
}

/// What will become of a recording if nobody does anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// Whether a legal hold keeps it from being deleted.
    pub held: bool,
    /// Nobody can delete it before this: the account's minimum retention.
    pub kept_until: Option<Time>,
    /// The next time that a policy deletes it, were it not held.
    pub deletion: Option<Deletion>,
}

/// When a policy deletes a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub at: Time,
    pub policy_id: PolicyId,
    /// The policy's name.
    pub name: String,
    pub action: Action,
}

/// All that is known of how a recording is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    pub fate: Fate,
    /// Those on this recording, and the first by query that finds it; for administrators.
    pub holds: Vec<LegalHold>,
    pub storage: StorageCost,
    /// Where it has a transcript, how far that is.
    pub transcript: Option<TranscriptStatus>,
}

impl Vault {
    /// A part of the list of the caller's recordings.
    pub async fn list(&self, caller: &Caller, query: ListQuery) -> Result<Listing> {
        let (caller, now) = (caller.clone(), self.now());
        if query.only.said.is_some() {
            self.tell_searched(&caller).await?;
        }
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let prospects = Prospects::of(reader, &caller, now).await?;
                let ListQuery { what, only, sort, after, limit } = query;
                let selection = what.selection(reader, caller.scope(), now).await?;
                let part = GuardedPart { sort, after, limit };
                let guard = &prospects.gate.guard;
                let total = match after {
                    None => Some(reader.guarded_count(&selection, guard, &only).await?),
                    Some(_) => None,
                };
                let rows = reader.guarded_page(&selection, guard, &only, part).await?;
                let rows = rows.into_iter().map(|Listed { recording, kept_by, has_words }| {
                    let fate = prospects.fate(&recording, kept_by, has_words);
                    (recording, fate)
                });
                Ok(Listing { rows: rows.collect(), total })
            })
        });
        in_time(read).await
    }

    /// How one of the caller's recordings is kept, what it costs, and when it will be deleted.
    pub async fn keeping(&self, caller: &Caller, id: RecordingId) -> Result<Keeping> {
        let (caller, now, prices) = (caller.clone(), self.now(), self.prices());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let prospects = Prospects::of(reader, &caller, now).await?;
                let gate = &prospects.gate;
                let found = reader.guarded_recording(caller.scope(), id, &gate.guard).await?;
                let Some((recording, kept)) = found else { return Ok(None) };
                let mut holds = Vec::new();
                if caller.is_administrator() {
                    holds = reader.holds_of_recording(id).await?;
                    // A hold on the recording itself hides those by query.
                    if let Some(KeptBy::Query(at)) = kept {
                        holds.extend(gate.query(at).cloned());
                    }
                }
                let holds = holds.into_iter().map(crate::holds::read).collect::<Result<_, _>>()?;
                let storage = prices.storage_of(&recording, now);
                let transcript = reader.transcript_of(id).await?.map(|made| made.status);
                let has_words = transcript == Some(TranscriptStatus::Success);
                let fate = prospects.fate(&recording, kept, has_words);
                Ok(Some(Keeping { fate, holds, storage, transcript }))
            })
        });
        read.await?.ok_or(Error::NotFound)
    }
}

/// What keeps an account's recordings at a moment, and what will delete them.
struct Prospects {
    gate: Gate,
    policies: Vec<(PolicyRow, Where, Action)>,
    now: Time,
}

impl Prospects {
    async fn of(reader: &mut Reader, caller: &Caller, now: Time) -> store::Result<Self> {
        let root = caller.account.root();
        let gate = Gate::of(reader, root, now).await?;
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        let mut policies = Vec::new();
        for row in reader.policies(root, PolicyId(0), most).await? {
            let what = Where::from_json(&row.policy.selection)?;
            let action = action_of(&row.policy)?;
            policies.push((row, what, action));
        }
        Ok(Self { gate, policies, now })
    }

    fn fate(&self, recording: &Recording, kept: Option<KeptBy>, has_words: bool) -> Fate {
        let held = matches!(kept, Some(KeptBy::Hold | KeptBy::Query(_)));
        let kept_until = recording.received.plus(self.gate.minimum);
        let deletions = self.policies.iter().filter_map(|(row, what, action)| {
            // Such a run takes audio only, and only where a transcript is left in its place.
            if *action == Action::DeleteAudio && (recording.audio_deleted.is_some() || !has_words) {
                return None;
            }
            let due = what.due(recording, self.now)?.max(kept_until);
            let at = next_run(row, due)?;
            let (policy_id, name) = (row.policy_id, row.policy.name.clone());
            Some(Deletion { at, policy_id, name, action: *action })
        });
        Fate {
            held,
            kept_until: (kept_until > self.now).then_some(kept_until),
            deletion: deletions.min_by_key(|deletion| deletion.at),
        }
    }
}

/// When a policy runs next, at that time or later; never while it is paused.
fn next_run(row: &PolicyRow, due: Time) -> Option<Time> {
    let next = row.policy.next_run?;
    if due <= next {
        return Some(next);
    }
    let schedule = Schedule::parse(&row.policy.schedule, &row.policy.time_zone).ok()?;
    schedule.next_after(due)
}

impl Where {
    /// When it means this recording, now or later; `None` where it never will.
    fn due(&self, recording: &Recording, now: Time) -> Option<Time> {
        let call = &recording.call;
        let duration = recording.sound.duration();
        let time = match self.by {
            By::Start => recording.start,
            By::AddTime => recording.add_time,
        };
        let bare = |number: &str| number.strip_prefix('+').unwrap_or(number).to_owned();
        let at_either_end = |wanted: &String| {
            let mut ends = [&call.from_number, &call.to_number].into_iter().flatten();
            ends.any(|number| bare(number) == bare(wanted))
        };
        let means = self.from.is_none_or(|from| time >= from)
            && self.until.is_none_or(|until| time < until)
            && self.longer_than.is_none_or(|longer| duration > longer)
            && self.shorter_than.is_none_or(|shorter| duration < shorter)
            && self.kind.is_none_or(|kind| kind == call.kind)
            && self.direction.is_none_or(|direction| Some(direction) == call.direction)
            && self.extension.as_ref().is_none_or(|extension| call.extensions.contains(extension))
            && self.number.as_ref().is_none_or(at_either_end)
            && self.user_id.is_none_or(|user| Some(user) == call.user_id)
            && self
                .conference
                .as_ref()
                .is_none_or(|name| Some(name) == call.conference_name.as_ref())
            && self.subaccount.as_ref().is_none_or(|id| *id == recording.auth_id);
        let due = self.older_than.map_or(now, |age| time.plus(age).max(now));
        means.then_some(due)
    }
}
