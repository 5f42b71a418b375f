//! Exports: a zip of recordings, with manifests, for somebody to fetch.
//!
//! A job (`making.rs`) gathers the recordings and reads every one of them once. The zip is kept
//! nowhere: nothing in it is compressed, so that any part of it can be put together of the
//! originals when it is read (`reading.rs`). An export takes no room, and what is deleted is not
//! in a zip any more either.

mod filter;
mod making;
mod manifest;
mod reading;
mod words;
mod zip;

use std::time::Duration;

use serde_json::json;
use store::{
    Amount, AuditAction, Export, ExportId, ExportKind, ExportState, Kind, NewExport, Page,
    RecordingFilter, Scope, UserId,
};

use crate::guard::Gate;
use crate::jobs::{EXPORT, Work};
use crate::{Bulk, Caller, Error, Result, Vault};

pub use self::reading::ExportZip;
use self::words::has_words;

/// For how long a zip can be fetched once it is complete.
const VALID: Duration = Duration::from_hours(7 * 24);
/// For how long it is told that there was one.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
const BATCH: u32 = 5_000;
/// How many of an account can be in the making, for all who ask.
const MOST_UNFINISHED: u64 = 20;

impl Vault {
    /// Asks for an export of the company's recordings, which an administrator may, or of those
    /// that a user made on demand: of any kind but a selection. It is made by a job, for that user
    /// to fetch. [`Error::Conflict`] where too many are being made.
    pub async fn export(
        &self,
        caller: &Caller,
        kind: ExportKind,
        user: UserId,
        mut filter: RecordingFilter,
    ) -> Result<ExportId> {
        self.must_act_for(caller, user).await?;
        match kind {
            ExportKind::Company | ExportKind::RecordingsTranscriptions => {
                self.no_plain_users(caller, "export").await?;
                filter.kind = Some(Kind::Company);
            }
            ExportKind::OnDemand => filter.kind = Some(Kind::OnDemand),
            ExportKind::Selection => {
                return Err(anyhow::anyhow!("a selection is exported by `export_chosen`").into());
            }
        }
        self.add_export(caller, kind, Some(user), filter::write(&filter)).await
    }

    /// What an export of these of the caller's recordings would have in it.
    pub async fn preview_export(&self, caller: &Caller, what: Bulk) -> Result<Amount> {
        what.check_ids()?;
        self.tell_search(caller, &what).await?;
        let (root, scope, now) = (caller.account.root(), caller.scope(), self.now());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(async move {
                let ids = match what {
                    Bulk::Where(what, only) => {
                        let gate = Gate::of(reader, root, now).await?;
                        let all = what.selection(reader, scope, now).await?;
                        return reader.amount(&all, &gate.guard, &only).await;
                    }
                    Bulk::Ids(ids) => ids,
                };
                let mut amount = Amount::default();
                for id in ids {
                    let Some(recording) = reader.recording(scope, id).await? else { continue };
                    amount.recordings += 1;
                    amount.duration += recording.sound.duration();
                    amount.bytes += recording.size_bytes;
                }
                Ok(amount)
            })
        });
        Ok(read.await?)
    }

    /// Asks for an export of these of the caller's recordings, with their transcripts. It is for
    /// the caller to fetch: an account, a subaccount, or a plain user. [`Error::Conflict`] where too
    /// many are being made.
    pub async fn export_chosen(&self, caller: &Caller, what: Bulk) -> Result<ExportId> {
        what.check_ids()?;
        let user = caller.user_id().filter(|_| caller.is_plain_user());
        self.add_export(caller, ExportKind::Selection, user, what.document().to_string()).await
    }

    async fn add_export(
        &self,
        caller: &Caller,
        kind: ExportKind,
        user: Option<UserId>,
        filter: String,
    ) -> Result<ExportId> {
        let new = NewExport {
            export_id: ExportId::random(),
            root_id: caller.account.root(),
            account_id: caller.account_id(),
            user_id: user,
            kind,
            filter,
            created: self.now(),
        };
        let id = new.export_id;
        let subject = Some(format!("export {id}"));
        let detail = json!({ "kind": kind.as_str() });
        let told = caller.tells(new.created, AuditAction::Export, subject, &detail);
        let job = Work::export(id, 0).job(new.created).of(new.root_id, None);
        let caller = caller.clone();
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(new.root_id).await?;
                if !caller.is_let_in_still(tx, new.created).await? {
                    return Ok(Err(Error::BadCredentials));
                }
                if tx.unfinished_exports_of(new.root_id).await? >= MOST_UNFINISHED {
                    let why = format!("{MOST_UNFINISHED} exports are being made already");
                    return Ok(Err(Error::Conflict(why)));
                }
                tx.add_export(&new).await?;
                tx.enqueue(&job).await?;
                tx.tell(new.root_id, &[told]).await.map(Ok)
            })
        });
        write.await??;
        self.inner.work.notify_one();
        Ok(id)
    }

    /// A part of the exports that are for a user, the newest first: all, or those of one state.
    pub async fn exports(
        &self,
        caller: &Caller,
        user: UserId,
        state: Option<ExportState>,
        offset: u64,
        limit: u32,
    ) -> Result<Page<Export>> {
        self.must_act_for(caller, user).await?;
        let (root, now) = (caller.account_id(), self.now());
        let read = self.inner.store.snapshot(move |reader| {
            Box::pin(reader.exports(root, user, state, now, (offset, limit)))
        });
        Ok(read.await?)
    }

    /// An export that the caller may fetch: an administrator all of the account, a subaccount and a
    /// user their own.
    pub async fn find_export(&self, caller: &Caller, id: ExportId) -> Result<Export> {
        let export = self.any_export(id).await?.ok_or(Error::NotFound)?;
        let own = match caller.scope() {
            Scope::Root(account) => export.root_id == account,
            Scope::User(user) => {
                let of_user = matches!(export.kind, ExportKind::OnDemand | ExportKind::Selection);
                export.user_id == Some(user) && of_user
            }
            Scope::Subaccount(account) => export.account_id == account,
        };
        if own { Ok(export) } else { Err(Error::NotFound) }
    }

    /// Opens a zip. [`Error::NotFound`] before it is complete, and when its time is over;
    /// [`Error::Damaged`] where the bytes of a recording in it are known to be wrong by now.
    pub async fn open_export(&self, caller: &Caller, id: ExportId) -> Result<ExportZip> {
        let export = self.find_export(caller, id).await?;
        let (root, recordings) = (export.root_id, export.files_completed);
        let with_words = has_words(export.kind);
        let zip = ExportZip::of(self, export)?.ok_or(Error::NotFound)?;
        let read = self.inner.store.read(move |reader| Box::pin(reader.damage_in_export(id)));
        if let Some(damage) = read.await? {
            return Err(Error::Damaged(damage));
        }
        let (subject, mut detail) = (format!("export {id}"), json!({ "recordings": recordings }));
        if with_words {
            detail["transcripts"] = true.into();
        }
        let told = caller.tells(self.now(), AuditAction::Listen, Some(subject), &detail);
        self.tell_once(root, told).await?;
        Ok(zip)
    }

    async fn any_export(&self, id: ExportId) -> Result<Option<Export>> {
        let now = self.now();
        Ok(self.inner.store.read(move |reader| Box::pin(reader.export(id, now))).await?)
    }

    /// Ends what has expired and what no job works on any more, and forgets what ended.
    pub(crate) async fn forget_old_exports(&self) -> Result<()> {
        let now = self.now();
        let end = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.expire_exports(now).await?;
                // First these: what is accepted after that has its job among those asked for next.
                let unfinished = tx.unfinished_exports().await?;
                let live = tx.live_job_payloads(EXPORT).await?;
                let live = live.iter().map(|payload| serde_json::from_str(payload));
                let live: Vec<Work> = live.filter_map(Result::ok).collect();
                for id in unfinished {
                    let text = id.to_string();
                    let works = |work: &Work| matches!(work, Work::Export { export_id, .. } if *export_id == text);
                    if !live.iter().any(works) {
                        tx.fail_export(id).await?;
                    }
                }
                Ok(())
            })
        });
        end.await?;
        let forget =
            |limit| self.inner.store.write(move |tx| Box::pin(tx.forget_export_files(limit)));
        while forget(BATCH).await? > 0 {}
        let old = now.minus(REMEMBERED);
        Ok(self.inner.store.write(move |tx| Box::pin(tx.forget_exports(old))).await?)
    }
}
