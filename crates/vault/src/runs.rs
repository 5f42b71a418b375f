//! Runs: deleting many recordings, by a policy or by hand, counted beforehand and told of one by
//! one.
//!
//! A run is a row and a job. The job first counts; a run that would delete too large a share of the
//! account stops there. Then it goes through the recordings batch by batch. A batch is one
//! transaction, which takes rows away, writes them into the receipt and moves the run's place: so a
//! kill at any moment leaves nothing to be done twice or skipped.

use serde_json::{Value, json};
use store::{
    AccountId, AuditAction, KeptBy, NewAuditEntry, NewRunRow, Outcome, PolicyId, PolicyRow,
    Progress, Reader, ReceiptLine, Recording, RecordingId, RecordingNumber, RunId, RunRow,
    RunStatus, Scope, Stretch, Time, Tx, UserId, Was,
};

use crate::archives::{Copied, Copies};
use crate::guard::Gate;
use crate::jobs::Work;
use crate::policies::{self, Action};
use crate::preview::{Bulk, Preview, Target, policy_of, without_callers};
use crate::schedule::Schedule;
use crate::scrub::Pace;
use crate::{Caller, Error, Result, Vault, audit};

/// Recordings in one transaction.
const BATCH: u32 = 100;
/// Batches in one life of a job.
const BATCHES: u32 = 50;

impl Vault {
    /// Starts to delete many of the caller's recordings. Where it is said how many that would be,
    /// as [`Vault::preview_bulk`] has it, and they are more or fewer by now: [`Error::Conflict`].
    pub async fn delete_many(
        &self,
        caller: &Caller,
        what: Bulk,
        would_delete: Option<u64>,
    ) -> Result<RunId> {
        what.check()?;
        let (caller, now) = (caller.clone(), self.now());
        let mut counted_until = None;
        if let Some(expected) = would_delete {
            let (preview, last) = self.count_bulk(&caller, &what, Action::Delete, now).await?;
            if preview.would_delete != expected {
                return Err(not_as_many(preview.would_delete));
            }
            counted_until = Some(last);
        }
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let user = caller.user.as_ref().filter(|user| !user.administrator);
                let started = Start {
                    root_id: caller.account.root(),
                    account_id: caller.account.account_id,
                    user_id: user.map(|user| user.user_id),
                    policy: None,
                    document: what.document(),
                    counted_until,
                };
                tx.lock_account(started.root_id).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let tells = |subject, detail: &Value| {
                    caller.tells(now, AuditAction::RunStart, Some(subject), detail)
                };
                start(tx, started, caller.who(), tells, now).await.map(Ok)
            })
        });
        let id = write.await??;
        self.inner.work.notify_one();
        Ok(id)
    }

    /// Starts a run of a policy that is not pending, now. For administrators.
    pub async fn run_now(&self, caller: &Caller, id: PolicyId) -> Result<RunId> {
        self.only_administrators(caller, "policies").await?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let root = caller.account.root();
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let Some(row) = tx.policy(root, id).await? else {
                    return Ok(Err(Error::NotFound));
                };
                if now < row.policy.active_from {
                    let why = format!("the policy is pending until {}", row.policy.active_from);
                    return Ok(Err(Error::Conflict(why)));
                }
                let started = Start::of_policy(&row, None)?;
                let tells = |subject, detail: &Value| {
                    caller.tells(now, AuditAction::RunStart, Some(subject), detail)
                };
                start(tx, started, caller.who(), tells, now).await.map(Ok)
            })
        });
        let id = write.await?;
        self.inner.work.notify_one();
        id
    }

    /// Starts the run of this slot of the schedule, if it is still to be, and goes on to the next
    /// one. Slots that were missed are made up for by one run.
    pub(crate) async fn run_policy(&self, id: PolicyId, slot: Time) -> Result<()> {
        let now = self.now();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let Some(row) = tx.any_policy(id).await? else { return Ok(()) };
                tx.lock_account(row.policy.root_id).await?;
                let Some(mut row) = tx.any_policy(id).await? else { return Ok(()) };
                let schedule = Schedule::parse(&row.policy.schedule, &row.policy.time_zone);
                let next = schedule.ok().and_then(|schedule| schedule.next_after(now.max(slot)));
                if !tx.pass_slot(id, slot, next).await? {
                    return Ok(()); // Another node was faster, or the policy was changed.
                }
                row.policy.next_run = next;
                policies::schedule(tx, &row).await?;
                let who = format!("policy {id}");
                let tells = |subject, detail: &Value| {
                    let action = AuditAction::RunStart;
                    audit::entry(now, who.clone(), None, action, Some(subject), detail)
                };
                start(tx, Start::of_policy(&row, Some(slot))?, who.clone(), tells, now)
                    .await
                    .map(drop)
            })
        });
        write.await?;
        self.inner.work.notify_one();
        Ok(())
    }

    /// The runs before that one, the newest first: an administrator sees the account's, others
    /// those that they have started.
    pub async fn runs(&self, caller: &Caller, before: RunId, limit: u32) -> Result<Vec<RunRow>> {
        let root = caller.account.root();
        let only = (!caller.is_administrator()).then(|| caller.who());
        let read = self.inner.store.read(move |reader| {
            Box::pin(async move { reader.runs(root, before, limit, only.as_deref()).await })
        });
        Ok(read.await?)
    }

    pub async fn run(&self, caller: &Caller, id: RunId) -> Result<RunRow> {
        let run = self.inner.store.read(move |reader| Box::pin(reader.any_run(id))).await?;
        let run = run.filter(|run| run.new.root_id == caller.account.root());
        let is_visible =
            |run: &RunRow| caller.is_administrator() || run.new.started_by == caller.who();
        run.filter(is_visible).ok_or(Error::NotFound)
    }

    /// The next lines of a run's receipt, after that many.
    pub async fn receipt(
        &self,
        caller: &Caller,
        id: RunId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ReceiptLine>> {
        self.run(caller, id).await?;
        let read =
            self.inner.store.read(move |reader| Box::pin(reader.receipt_lines(id, after, limit)));
        Ok(read.await?)
    }

    /// Has a run go on that stopped because it would delete so many. [`Error::Conflict`] where that
    /// is not the number any more.
    pub async fn confirm_run(&self, caller: &Caller, id: RunId, would_delete: u64) -> Result<()> {
        let run = self.run(caller, id).await?;
        if run.status != RunStatus::Stopped {
            return Err(not_stopped());
        }
        let (Preview { would_delete: count, held, .. }, _) = self.count_run(&run).await?;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(run.new.root_id).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let run = tx.any_run(id).await?;
                let Some(run) = run.filter(|run| run.status == RunStatus::Stopped) else {
                    return Ok(Err(not_stopped()));
                };
                if let Some(policy) = run.new.policy_id
                    && tx.policy(run.new.root_id, policy).await?.is_none()
                {
                    return Ok(Err(Error::Conflict("its policy was removed".to_owned())));
                }
                let progress = Progress { would_delete: Some(count), held, ..run.progress };
                if count != would_delete {
                    tx.set_run(id, RunStatus::Stopped, &progress, None).await?;
                    return Ok(Err(not_as_many(count)));
                }
                // From here on they are counted one by one.
                let progress = Progress { held: 0, ..progress };
                tx.set_run(id, RunStatus::Running, &progress, None).await?;
                // The job that stopped it may not have ended yet, and would not go on.
                let job = Work::Retain { run_id: id.0 }.job(now);
                tx.enqueue_anew(&job.of(run.new.root_id, None)).await?;
                let detail = json!({ "would_delete": count });
                let subject = Some(format!("run {id}"));
                let told = caller.tells(now, AuditAction::RunConfirm, subject, &detail);
                tx.tell(run.new.root_id, &[told]).await?;
                Ok(Ok(()))
            })
        });
        let confirmed = write.await?;
        self.inner.work.notify_one();
        confirmed
    }

    /// Ends a run that stopped because it would delete so many; it deletes nothing.
    /// [`Error::Conflict`] where it is not stopped.
    pub async fn cancel_run(&self, caller: &Caller, id: RunId) -> Result<()> {
        let root = self.run(caller, id).await?.new.root_id;
        let (caller, now) = (caller.clone(), self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(root).await?;
                if !caller.is_let_in_still(tx, now).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                let run = tx.any_run(id).await?;
                let Some(run) = run.filter(|run| run.status == RunStatus::Stopped) else {
                    return Ok(Err(not_stopped()));
                };
                tx.cancel_run(id, &caller.who(), now).await?;
                forget_callers(tx, &run).await?;
                let detail = json!({ "would_delete": run.progress.would_delete });
                let subject = Some(format!("run {id}"));
                let told = caller.tells(now, AuditAction::RunCancel, subject, &detail);
                tx.tell(root, &[told]).await?;
                Ok(Ok(()))
            })
        });
        let cancelled = write.await?;
        self.note_deleted();
        cancelled
    }

    /// What a run would delete, and of how many.
    async fn count_run(&self, run: &RunRow) -> Result<(Preview, u64)> {
        let (new, prices, now) = (run.new.clone(), self.inner.prices, self.now());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let gate = Gate::of_run(reader, &new, now).await?;
                let target = Target::of(&new)?;
                let count =
                    target.count(reader, &gate, &prices, new.last_number, new.as_of).await?;
                let whole = match target.scope {
                    Scope::User(_) => Scope::Root(new.root_id),
                    scope => scope,
                };
                Ok((count, reader.recordings_in(whole).await?))
            })
        });
        Ok(read.await?)
    }

    /// Goes on with a run; whether there is more to do.
    pub(crate) async fn go_on(&self, id: RunId) -> Result<bool> {
        let run = self.inner.store.read(move |reader| Box::pin(reader.any_run(id))).await?;
        let Some(run) = run.filter(|run| run.status == RunStatus::Running) else {
            return Ok(false);
        };
        if run.progress.would_delete.is_none() {
            return self.begin(&run).await;
        }
        let archives = policy_of(&run.new)?.archive_to.is_some();
        let mut pace = Pace::half();
        for _ in 0..BATCHES {
            let copies = if archives {
                let run = self.inner.store.read(move |reader| Box::pin(reader.any_run(id))).await?;
                let Some(run) = run else { return Ok(false) };
                self.copy_next(run).await?
            } else {
                None
            };
            let now = self.now();
            let write = self.inner.store.write(move |tx| {
                Box::pin(async move { batch(tx, id, copies.as_ref(), now).await })
            });
            let more = write.await?;
            self.inner.work.notify_one();
            if !more {
                self.note_deleted();
                return Ok(false);
            }
            pace.keep().await;
        }
        Ok(true)
    }

    /// Counts what a run is to delete, and stops it where that is too much; whether it goes on.
    async fn begin(&self, run: &RunRow) -> Result<bool> {
        let (Preview { would_delete: count, held, .. }, of) = self.count_run(run).await?;
        let (id, now) = (run.run_id, self.now());
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                let Some(run) = locked(tx, id).await? else { return Ok(false) };
                if run.progress.would_delete.is_some() {
                    // Another worker counted, and perhaps somebody has confirmed what it found.
                    return Ok(true);
                }
                let root = run.new.root_id;
                let account = tx.account_of_id(root).await?;
                let share = account.map_or(0, |it| it.settings.retention_max_share_ppm);
                let share = u128::try_from(share).unwrap_or(0);
                let progress = Progress { would_delete: Some(count), ..run.progress };
                if u128::from(count) * 1_000_000 <= u128::from(of) * share {
                    tx.set_run(id, RunStatus::Running, &progress, None).await?;
                    return Ok(true);
                }
                let progress = Progress { held, ..progress };
                tx.set_run(id, RunStatus::Stopped, &progress, None).await?;
                let detail = json!({ "would_delete": count, "of": of });
                let told = about(&run, AuditAction::RunStop, &detail, now);
                tx.tell(root, &[told]).await?;
                Ok(false)
            })
        });
        Ok(write.await?)
    }

    /// Queues again what jobs that were given up have left.
    pub(crate) async fn queue_runs(&self) -> Result<()> {
        let now = self.now();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                for run in tx.running_runs().await? {
                    let job = Work::Retain { run_id: run.run_id.0 }.job(now);
                    tx.enqueue(&job.of(run.new.root_id, None)).await?;
                }
                Ok(())
            })
        });
        Ok(write.await?)
    }
}

/// A run that is about to start.
struct Start {
    root_id: AccountId,
    account_id: AccountId,
    user_id: Option<UserId>,
    /// Which one, and for what slot of its schedule.
    policy: Option<(PolicyId, Option<Time>)>,
    document: Value,
    /// What came later was not counted, and is not concerned.
    counted_until: Option<RecordingNumber>,
}

impl Start {
    fn of_policy(row: &PolicyRow, slot: Option<Time>) -> store::Result<Self> {
        let root_id = row.policy.root_id;
        Ok(Self {
            root_id,
            account_id: root_id,
            user_id: None,
            policy: Some((row.policy_id, slot)),
            document: policies::document(&row.policy)?,
            counted_until: None,
        })
    }
}

async fn start(
    tx: &mut Tx,
    start: Start,
    started_by: String,
    tells: impl Fn(String, &Value) -> NewAuditEntry + Send,
    now: Time,
) -> store::Result<RunId> {
    let new = NewRunRow {
        root_id: start.root_id,
        account_id: start.account_id,
        user_id: start.user_id,
        policy_id: start.policy.map(|(id, _)| id),
        slot: start.policy.and_then(|(_, slot)| slot),
        started_by,
        policy: start.document.to_string(),
        as_of: now,
        last_number: match start.counted_until {
            Some(last) => last,
            None => tx.last_number().await?,
        },
        started: now,
    };
    let id = tx.add_run(&new).await?;
    tx.enqueue(&Work::Retain { run_id: id.0 }.job(now).of(new.root_id, None)).await?;
    let policy = new.policy_id.map(|id| id.0);
    let slot = new.slot.map(|slot| slot.to_string());
    let by_hand = policy.is_none();
    let what = if by_hand { without_callers(start.document) } else { start.document };
    let detail = json!({ "policy": policy, "slot": slot, "as": what });
    let told = tells(format!("run {id}"), &detail);
    tx.tell(start.root_id, &[told]).await?;
    Ok(id)
}

fn not_as_many(count: u64) -> Error {
    Error::Conflict(format!("it would delete {count} recordings now"))
}

fn not_stopped() -> Error {
    Error::Conflict("the run is not stopped".to_owned())
}

/// The run, where it is to go on, and nobody else goes on with it until the transaction ends.
async fn locked(tx: &mut Tx, id: RunId) -> store::Result<Option<RunRow>> {
    let Some(run) = tx.any_run(id).await? else { return Ok(None) };
    tx.lock_account(run.new.root_id).await?;
    let run = tx.any_run(id).await?;
    Ok(run.filter(|run| run.status == RunStatus::Running))
}

/// A run by hand that has ended has no more use for the callers that it was about; they outlive no
/// deletion. What a policy says stays.
async fn forget_callers(tx: &mut Tx, run: &RunRow) -> store::Result<()> {
    if run.new.policy_id.is_some() {
        return Ok(());
    }
    let document = without_callers(serde_json::from_str(&run.new.policy).unwrap_or_default());
    tx.set_run_policy(run.run_id, &document.to_string()).await
}

/// An entry of the log about a run, told by whoever started it.
fn about(run: &RunRow, action: AuditAction, detail: &Value, now: Time) -> NewAuditEntry {
    let subject = Some(format!("run {}", run.run_id));
    audit::entry(now, run.new.started_by.clone(), None, action, subject, detail)
}

/// Does the next batch; whether there is more to do. Where recordings are to be copied first, it
/// ends before the first that was not.
async fn batch(tx: &mut Tx, id: RunId, copies: Option<&Copies>, now: Time) -> store::Result<bool> {
    let Some(run) = locked(tx, id).await? else { return Ok(false) };
    let mut progress = run.progress;
    let gate = Gate::of_run(tx, &run.new, now).await?;
    let only_audio = policy_of(&run.new)?.action == Action::DeleteAudio;
    let (all, mut more) = next(tx, &run, &gate).await?;
    let (mut erased, mut told) = (Vec::new(), Vec::new());
    for Found { place, recording_id, recording: found } in all {
        let mut archived_to = None;
        let (outcome, reason) = match &found {
            None => (Outcome::Failed, Some("not found".to_owned())),
            Some((recording, Some(kept))) => {
                let outcome =
                    if *kept == KeptBy::NoWords { Outcome::Failed } else { Outcome::Held };
                (outcome, Some(gate.reason(tx, recording, *kept).await?))
            }
            Some((recording, None)) => {
                let copy = match copies {
                    None => Ok(None),
                    Some(copies) => match copies.of(&Copied::of(tx, recording.clone()).await?) {
                        Some(Ok(place)) => Ok(Some(place.clone())),
                        Some(Err(why)) => Err(why.clone()),
                        None => {
                            more = true;
                            break;
                        }
                    },
                };
                match copy {
                    Err(why) => (Outcome::Failed, Some(why)),
                    Ok(place) if only_audio && tx.take_audio(recording, now).await? => {
                        archived_to = place;
                        (Outcome::AudioDeleted, None)
                    }
                    Ok(place) if !only_audio && tx.take_recording(recording, now).await? => {
                        archived_to = place;
                        (Outcome::Deleted, None)
                    }
                    Ok(_) => (Outcome::Failed, Some("not found".to_owned())),
                }
            }
        };
        progress.place = place;
        let was = found.as_ref().map(|(recording, _)| Was::from(recording));
        match (outcome, found) {
            (Outcome::Deleted | Outcome::AudioDeleted, Some((recording, _))) => {
                progress.deleted += 1;
                progress.bytes += recording.size_bytes;
                progress.duration += recording.sound.duration();
                let mut detail = json!({ "number": recording.number.0, "run": id.0 });
                if only_audio {
                    detail["what"] = "audio".into();
                }
                let subject = Some(recording_id.to_string());
                let who = run.new.started_by.clone();
                let action = AuditAction::Delete;
                told.push(audit::entry(now, who, None, action, subject, &detail));
                erased.push(recording);
            }
            (Outcome::Held, _) => progress.held += 1,
            _ => progress.failed += 1,
        }
        let line = ReceiptLine { recording_id, was, outcome, reason, archived_to, at: now };
        let position = progress.deleted + progress.held + progress.failed;
        tx.add_receipt_line(id, position, &line).await?;
    }
    if !erased.is_empty() {
        let job = Work::erase_all(&erased).job(now);
        tx.enqueue(&job.of(run.new.root_id, None)).await?;
    }
    if more {
        tx.set_run(id, RunStatus::Running, &progress, None).await?;
    } else {
        tx.set_run(id, RunStatus::Done, &progress, Some(now)).await?;
        forget_callers(tx, &run).await?;
        let Progress { deleted, held, failed, .. } = progress;
        let detail = json!({ "deleted": deleted, "held": held, "failed": failed });
        told.push(about(&run, AuditAction::RunEnd, &detail, now));
    }
    tx.tell(run.new.root_id, &told).await?;
    Ok(more)
}

/// What a run comes to.
pub(crate) struct Found {
    /// Where the run is behind it.
    place: i64,
    recording_id: RecordingId,
    /// What keeps it, if anything; `None` where there is no such recording.
    pub(crate) recording: Option<(Recording, Option<KeptBy>)>,
}

/// What comes next in a run, and whether anything may come after that.
pub(crate) async fn next(
    reader: &mut Reader,
    run: &RunRow,
    gate: &Gate,
) -> store::Result<(Vec<Found>, bool)> {
    let target = Target::of(&run.new)?;
    match &target.what {
        Bulk::Where(what, only) => {
            let selection = target.selection(reader, what, run.new.as_of).await?;
            let stretch = Stretch {
                after: RecordingNumber(run.progress.place),
                last: run.new.last_number,
                limit: BATCH,
            };
            let found = reader.guarded_stretch(&selection, &gate.guard, only, stretch).await?;
            let more = u32::try_from(found.len()).is_ok_and(|found| found == BATCH);
            let named = found.into_iter().map(|found| Found {
                place: found.0.number.0,
                recording_id: found.0.recording_id,
                recording: Some(found),
            });
            Ok((named.collect(), more))
        }
        Bulk::Ids(ids) => {
            let begin = usize::try_from(run.progress.place).unwrap_or(usize::MAX);
            let mut all = Vec::new();
            for (place, id) in (run.progress.place + 1..).zip(ids.iter().skip(begin)) {
                if all.len() == BATCH as usize {
                    return Ok((all, true));
                }
                let recording = reader.guarded_recording(target.scope, *id, &gate.guard).await?;
                all.push(Found { place, recording_id: *id, recording });
            }
            Ok((all, false))
        }
    }
}
