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
mod zip;

use std::time::Duration;

use serde_json::json;
use store::{
    AuditAction, Export, ExportId, ExportKind, ExportState, Kind, NewExport, Page, RecordingFilter,
    Scope, UserId,
};

use crate::jobs::{EXPORT, Work};
use crate::{Caller, Error, Result, Vault};

pub use self::reading::ExportZip;

/// For how long a zip can be fetched once it is complete.
const VALID: Duration = Duration::from_hours(7 * 24);
/// For how long it is told that there was one.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
const BATCH: u32 = 5_000;

impl Vault {
    /// Asks for an export of the company's recordings, which an administrator may, or of those
    /// that a user made on demand. It is made by a job, for that user to fetch.
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
                caller.must_not_be_plain_user()?;
                filter.kind = Some(Kind::Company);
            }
            ExportKind::OnDemand => filter.kind = Some(Kind::OnDemand),
        }
        let new = NewExport {
            export_id: ExportId::random(),
            root_id: caller.account_id(),
            user_id: user,
            kind,
            filter: filter::write(&filter),
            created: self.now(),
        };
        let id = new.export_id;
        let job = Work::export(id, 0).job(new.created);
        let write = self.inner.store.write(move |tx| {
            Box::pin(async move {
                tx.add_export(&new).await?;
                tx.enqueue(&job).await
            })
        });
        write.await?;
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

    /// An export that the caller may fetch: an administrator all of the account, a user its own.
    pub async fn find_export(&self, caller: &Caller, id: ExportId) -> Result<Export> {
        let export = self.any_export(id).await?.ok_or(Error::NotFound)?;
        let own = match caller.scope() {
            Scope::Root(account) => export.root_id == account,
            Scope::User(user) => export.user_id == user && export.kind == ExportKind::OnDemand,
            Scope::Subaccount(_) => false,
        };
        if own { Ok(export) } else { Err(Error::NotFound) }
    }

    /// Opens a zip. [`Error::NotFound`] before it is complete, and when its time is over;
    /// [`Error::Damaged`] where the bytes of a recording in it are known to be wrong by now.
    pub async fn open_export(&self, caller: &Caller, id: ExportId) -> Result<ExportZip> {
        let export = self.find_export(caller, id).await?;
        let (root, recordings) = (export.root_id, export.files_completed);
        let zip = ExportZip::of(self, export)?.ok_or(Error::NotFound)?;
        let read = self.inner.store.read(move |reader| Box::pin(reader.damage_in_export(id)));
        if let Some(damage) = read.await? {
            return Err(Error::Damaged(damage));
        }
        let (subject, detail) = (format!("export {id}"), json!({ "recordings": recordings }));
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
                let live = tx.live_job_payloads(EXPORT).await?;
                let live = live.iter().map(|payload| serde_json::from_str(payload));
                let live: Vec<Work> = live.filter_map(Result::ok).collect();
                for id in tx.unfinished_exports().await? {
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
