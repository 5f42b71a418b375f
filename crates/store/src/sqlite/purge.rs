//! Emptying the write-ahead log, which has what was deleted, as it was before, until it is emptied.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection as Sqlite, OpenFlags};

use crate::Result;

/// For how long writers may be held up for it.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a command waits for its turn to write.
const TURN: Duration = Duration::from_mins(1);

/// Moves the log into the database and cuts it to nothing; false where somebody who reads for long
/// was in the way.
pub(super) fn empty_log(path: &Path) -> Result<bool> {
    let connection = open(path, PATIENCE)?;
    // Most of it, and while others read and write. The rest is done with their locks.
    checkpoint(&connection, "passive")?;
    checkpoint(&connection, "truncate")
}

/// Writes the whole database anew, without the room in its pages that nothing uses: when SQLite
/// divides a page, what has moved to another page may stay there, and no deletion finds it.
pub(super) fn rewrite(path: &Path) -> Result<bool> {
    let connection = open(path, TURN)?;
    connection.execute_batch("vacuum")?;
    checkpoint(&connection, "truncate")
}

fn open(path: &Path, patience: Duration) -> Result<Sqlite> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Sqlite::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.execute_batch("pragma synchronous = full; pragma secure_delete = on;")?;
    Ok(connection)
}

/// True where all was done.
fn checkpoint(connection: &Sqlite, how: &str) -> Result<bool> {
    let sql = format!("pragma wal_checkpoint({how})");
    let blocked: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(blocked == 0)
}
