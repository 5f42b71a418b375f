//! What a deletion of many would come to: counted for those who ask, and by each run before it
//! begins, by the same code.

use serde_json::{Value, json};
use store::{
    KeptBy, NewRunRow, Only, Reader, Recording, RecordingId, RecordingNumber, Scope, Selection,
    Stretch, Time,
};

use crate::guard::Gate;
use crate::holds::EMPTY;
use crate::policies::Action;
use crate::selection::Where;
use crate::{Caller, Error, Money, Prices, Result, Vault};

/// What is deleted by hand, or exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bulk {
    Ids(Vec<RecordingId>),
    /// All that a list of these has.
    Where(Box<Where>, Only),
}

/// What a deletion would come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// All that are selected, as the next two and the last three.
    pub recordings: u64,
    pub duration: std::time::Duration,
    pub bytes: u64,
    /// Those of them that stay, and by what.
    pub held: u64,
    pub held_by: Vec<HeldCount>,
    /// Those that stay because only audio is to go, and they have no transcript to keep.
    pub without_transcript: u64,
    /// Those that go.
    pub would_delete: u64,
    /// What those would cost at the end of this month.
    pub monthly_amount: Money,
    /// The earliest and the latest start.
    pub oldest: Option<Time>,
    pub newest: Option<Time>,
    /// A few of them.
    pub sample: Vec<Recording>,
}

/// How many recordings something keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCount {
    /// `hold` for those on single recordings, `hold 3` for one by query, `minimum_retention`.
    pub by: String,
    /// A query's.
    pub reason: Option<String>,
    pub recordings: u64,
}

/// Which recordings, of whom, and what is to become of them.
pub(crate) struct Target {
    pub(crate) scope: Scope,
    pub(crate) what: Bulk,
    pub(crate) action: Action,
}

const SAMPLE: u32 = 5;
/// The most that are named at once.
const MOST_IDS: usize = 1_000;

impl Bulk {
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            // What is not held is all that can be deleted.
            Self::Where(what, only) if what.is_empty() && only.said.is_none() => {
                Err(Error::invalid("where", EMPTY))
            }
            _ => self.check_ids(),
        }
    }

    /// Whether it names not too many, where it names any.
    pub(crate) fn check_ids(&self) -> Result<()> {
        match self {
            Self::Ids(ids) if ids.is_empty() || ids.len() > MOST_IDS => {
                Err(Error::invalid("ids", format!("must be 1 to {MOST_IDS}")))
            }
            Self::Where(..) | Self::Ids(_) => Ok(()),
        }
    }

    /// As it is kept.
    pub(crate) fn document(&self) -> Value {
        match self {
            Self::Where(what, only) => {
                let mut what = what.to_json();
                if let Some(held) = only.held {
                    what["held"] = held.into();
                }
                if let Some(said) = &only.said {
                    what["text"] = said.as_str().into();
                }
                json!({ "where": what })
            }
            Self::Ids(ids) => {
                json!({ "ids": ids.iter().map(RecordingId::to_string).collect::<Vec<_>>() })
            }
        }
    }

    /// As it was kept.
    pub(crate) fn from_json(text: &str) -> store::Result<Self> {
        let read = serde_json::from_str(text).ok().as_ref().and_then(Self::from_document);
        read.unwrap_or_else(|| Err(unreadable()))
    }

    fn from_document(document: &Value) -> Option<store::Result<Self>> {
        if let Some(what) = document.get("where") {
            let mut what = what.as_object()?.clone();
            let mut only = Only::default();
            if let Some(held) = what.remove("held") {
                only.held = Some(held.as_bool()?);
            }
            if let Some(said) = what.remove("text") {
                only.said = Some(said.as_str()?.to_owned());
            }
            let what = Where::from_json(&Value::from(what).to_string());
            return Some(what.map(|what| Self::Where(Box::new(what), only)));
        }
        let id = |id: &Value| id.as_str().and_then(|id| id.parse().ok());
        let ids = document.get("ids")?.as_array()?.iter().map(id).collect::<Option<_>>()?;
        Some(Ok(Self::Ids(ids)))
    }
}

/// The conditions that may name a caller, or have what was said.
const TELLING: [&str; 4] = ["extension", "number", "conference", "text"];

/// What [`Bulk::document`] made, for what outlives the recordings: of such conditions the keys only.
pub(crate) fn without_callers(mut document: Value) -> Value {
    if let Some(what) = document.get_mut("where").and_then(Value::as_object_mut) {
        for key in TELLING {
            if let Some(value) = what.get_mut(key) {
                *value = Value::Null;
            }
        }
    }
    document
}

fn unreadable() -> store::Error {
    store::Error::Database(anyhow::anyhow!("what is to be done with recordings cannot be read"))
}

/// What of a run's document matters to it.
pub(crate) struct RunPolicy {
    pub(crate) what: Bulk,
    pub(crate) action: Action,
    /// The archive to copy to first.
    pub(crate) archive_to: Option<String>,
}

/// Reads the document that is kept with a run.
pub(crate) fn policy_of(run: &NewRunRow) -> store::Result<RunPolicy> {
    let document: Value = serde_json::from_str(&run.policy).map_err(|_| unreadable())?;
    let what = Bulk::from_document(&document).ok_or_else(unreadable)??;
    let archive_to = document.get("archive_to").and_then(Value::as_str).map(str::to_owned);
    // What is deleted by hand is deleted.
    let action = match document.get("action").and_then(Value::as_str) {
        None => Action::Delete,
        Some(action) => Action::parse(action).map_err(|_| unreadable())?,
    };
    Ok(RunPolicy { what, action, archive_to })
}

impl Target {
    /// What a run that is under way is about.
    pub(crate) fn of(run: &NewRunRow) -> store::Result<Self> {
        let scope = match run.user_id {
            Some(user) => Scope::User(user),
            None if run.account_id == run.root_id => Scope::Root(run.root_id),
            None => Scope::Subaccount(run.account_id),
        };
        let RunPolicy { what, action, .. } = policy_of(run)?;
        Ok(Self { scope, what, action })
    }

    /// What `what` means of it.
    pub(crate) async fn selection(
        &self,
        reader: &mut Reader,
        what: &Where,
        as_of: Time,
    ) -> store::Result<Selection> {
        let mut selection = what.selection(reader, self.scope, as_of).await?;
        selection.filter.with_audio = self.action == Action::DeleteAudio;
        Ok(selection)
    }

    /// Counts it, up to that number: what a preview shows, and what a run goes by.
    pub(crate) async fn count(
        &self,
        reader: &mut Reader,
        gate: &Gate,
        prices: &Prices,
        last: RecordingNumber,
        as_of: Time,
    ) -> store::Result<Preview> {
        let mut preview = Preview::default();
        let billed_until = prices.billed_until(as_of);
        match &self.what {
            Bulk::Where(what, only) => {
                let (selection, guard) = (self.selection(reader, what, as_of).await?, &gate.guard);
                for tally in reader.tally(&selection, guard, only, last, billed_until).await? {
                    preview.recordings += tally.recordings;
                    preview.duration += std::time::Duration::from_micros(tally.duration);
                    preview.bytes += tally.bytes;
                    preview.span(tally.oldest);
                    preview.span(tally.newest);
                    preview.add(gate, tally.kept_by, tally.recordings);
                    if tally.kept_by.is_none() {
                        let amount = prices.storage_per_minute_month.times(tally.billed_minutes);
                        preview.monthly_amount = amount;
                    }
                }
                let stretch = Stretch { after: RecordingNumber(0), last, limit: SAMPLE };
                let sample = reader.guarded_stretch(&selection, guard, only, stretch).await?;
                preview.sample = sample.into_iter().map(|(recording, _)| recording).collect();
            }
            Bulk::Ids(ids) => {
                let mut minutes = 0;
                for id in ids {
                    let found = reader.guarded_recording(self.scope, *id, &gate.guard).await?;
                    let Some((recording, kept)) = found else { continue };
                    preview.recordings += 1;
                    preview.duration += recording.sound.duration();
                    preview.bytes += recording.size_bytes;
                    preview.span(recording.start);
                    preview.add(gate, kept, 1);
                    if kept.is_none() && recording.add_time <= billed_until {
                        minutes += store::rounded_minutes(recording.sound.duration());
                    }
                    if preview.sample.len() < SAMPLE as usize {
                        preview.sample.push(recording);
                    }
                }
                preview.monthly_amount = prices.storage_per_minute_month.times(minutes);
            }
        }
        Ok(preview)
    }
}

impl Preview {
    fn span(&mut self, start: Time) {
        self.oldest = Some(self.oldest.map_or(start, |oldest| oldest.min(start)));
        self.newest = Some(self.newest.map_or(start, |newest| newest.max(start)));
    }

    fn add(&mut self, gate: &Gate, kept: Option<KeptBy>, recordings: u64) {
        let Some(kept) = kept else {
            self.would_delete += recordings;
            return;
        };
        let (by, reason) = match kept {
            KeptBy::NoWords => {
                self.without_transcript += recordings;
                return;
            }
            KeptBy::Hold => ("hold".to_owned(), None),
            KeptBy::Youth => ("minimum_retention".to_owned(), None),
            KeptBy::Query(at) => match gate.query(at) {
                Some(hold) => (format!("hold {}", hold.hold_id), Some(hold.new.reason.clone())),
                None => ("hold".to_owned(), None),
            },
        };
        self.held += recordings;
        match self.held_by.iter_mut().find(|count| count.by == by) {
            Some(count) => count.recordings += recordings,
            None => self.held_by.push(HeldCount { by, reason, recordings }),
        }
    }
}

impl Vault {
    /// What a policy of this selection would delete now. Changes nothing. For administrators.
    pub async fn preview(&self, caller: &Caller, what: Where, action: Action) -> Result<Preview> {
        self.only_administrators(caller, "policies").await?;
        self.preview_of(caller, &Bulk::Where(Box::new(what), Only::default()), action).await
    }

    /// What [`Vault::delete_many`] would delete now. Changes nothing.
    pub async fn preview_bulk(&self, caller: &Caller, what: Bulk) -> Result<Preview> {
        self.preview_of(caller, &what, Action::Delete).await
    }

    async fn preview_of(&self, caller: &Caller, what: &Bulk, action: Action) -> Result<Preview> {
        Ok(self.count_bulk(caller, what, action, self.now()).await?.0)
    }

    /// Tells that somebody looks for what was said, where that is so.
    pub(crate) async fn tell_search(&self, caller: &Caller, what: &Bulk) -> Result<()> {
        match what {
            Bulk::Where(_, Only { said: Some(_), .. }) => self.tell_searched(caller).await,
            _ => Ok(()),
        }
    }

    /// What that would delete at that moment, and the recording that came last until then.
    pub(crate) async fn count_bulk(
        &self,
        caller: &Caller,
        what: &Bulk,
        action: Action,
        now: Time,
    ) -> Result<(Preview, RecordingNumber)> {
        what.check()?;
        self.tell_search(caller, what).await?;
        let (root, prices) = (caller.account.root(), self.inner.prices);
        let target = Target { scope: caller.scope(), what: what.clone(), action };
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let mut gate = Gate::of(reader, root, now).await?;
                gate.guard.keeps_words = action == Action::DeleteAudio;
                let last = reader.last_number().await?;
                Ok((target.count(reader, &gate, &prices, last, now).await?, last))
            })
        });
        Ok(read.await?)
    }
}
