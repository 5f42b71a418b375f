//! The recordings of an export.

use super::filter::Scope;
use super::guard::{Guard, Only, Selection, chosen};
use super::{COLUMNS, FROM, Recording, read};
use crate::store::{Reader, Tx};
use crate::value::values;
use crate::{ExportId, RecordingId, RecordingNumber, Result};

fn of_export() -> String {
    format!(
        "select {COLUMNS} {FROM} join export_file f on f.recording_id = r.recording_id \
         where f.export_id = $1 and f.number > $2 and f.number <= $3 order by r.number"
    )
}

impl Reader {
    /// Those that are still there, from after the first number to the last.
    pub(crate) async fn recordings_of_export(
        &mut self,
        id: ExportId,
        after: RecordingNumber,
        last: RecordingNumber,
    ) -> Result<Vec<Recording>> {
        let rows = self.0.rows(&of_export(), values![id, after, last]).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }
}

impl Tx {
    /// Puts the next recordings of a selection into an export, by number; how many: none where it
    /// was started.
    pub async fn gather_export(
        &mut self,
        id: ExportId,
        of: &Selection,
        guard: &Guard,
        only: &Only,
        limit: u32,
    ) -> Result<u64> {
        if !self.is_gathering(id).await? {
            return Ok(0);
        }
        let (sql, mut values) = chosen(of, guard, only, self.0.0.is_postgres()).into_export();
        values.extend([id.into(), limit.into()]);
        self.0.0.execute(&sql, &values).await
    }

    /// Puts those of these that are within the scope into an export, unless it was started.
    pub async fn put_into_export(
        &mut self,
        id: ExportId,
        scope: Scope,
        recordings: &[RecordingId],
    ) -> Result<()> {
        if self.is_gathering(id).await? {
            for recording in recordings {
                let row = values![scope.value(), id, *recording];
                self.0.0.execute(&one_of(scope), row).await?;
            }
        }
        Ok(())
    }
}

fn one_of(scope: Scope) -> String {
    format!(
        "insert into export_file (export_id, number, recording_id, state) \
         select $2, r.number, r.recording_id, 'waiting' from recording r \
         where {} and r.recording_id = $3 on conflict do nothing",
        scope.condition()
    )
}

/// The statements of these that are not of a list: see `guard.rs`.
pub(super) fn statements() -> Vec<(&'static str, String)> {
    vec![
        ("recordings of an export", of_export()),
        ("a recording into an export", one_of(Scope::User(crate::UserId(0)))),
    ]
}
