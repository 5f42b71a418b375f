//! Reads that are done where they are asked for.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::executor::block_on;

use super::open_reader;
use crate::connection::Connection;
use crate::store::BoxedRead;
use crate::{Reader, Result};

/// With whoever has locked the whole database, which is no part of this program: others use the
/// thread too.
const PATIENCE: Duration = Duration::from_millis(100);

/// Their connections: as many as were ever in use at once, which is hardly more than the runtime
/// has threads.
pub(super) struct Glances {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

impl Glances {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    pub(super) fn glance<T>(&self, deed: BoxedRead<T>) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut reader = if let Some(reader) = taken {
            reader
        } else {
            let connection = open_reader(&self.path)?;
            connection.busy_timeout(PATIENCE)?;
            Reader(Connection::Sqlite(connection))
        };
        // Nothing in it waits but SQLite itself.
        let result = block_on(deed(&mut reader));
        idle().push(reader);
        result
    }
}
