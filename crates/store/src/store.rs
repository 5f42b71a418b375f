//! The store itself: one of two databases behind one face.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::connection::Connection;
use crate::{
    Error, Result, account, audit, delivery, export, hold, idempotency, job, migrate, policy,
    postgres, recording, rendition, rule, run, session, sqlite, token, transcript, usage, user,
};

/// Which database.
#[derive(Debug, Clone)]
pub enum Config {
    /// A file.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
}

/// How far to go in removing from the database's files what was deleted from its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// As far as goes without holding anybody up.
    Deleted,
    /// All the way: the tables are written anew, and others wait for it.
    Everything,
}

/// The rows of a vault. Cheap to clone.
#[derive(Clone)]
pub struct Store(Backend);

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Threads>),
    Postgres(deadpool_postgres::Pool),
}

/// A connection that reads. The reads themselves are methods of it, each on its table's page.
pub struct Reader(pub(crate) Connection);

/// A transaction. The writes are methods of it; it reads as well.
pub struct Tx(pub(crate) Reader, pub(crate) Slot);

/// Which of an hour's rows a transaction counts in: see `hours.rs`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slot(pub(crate) i64);

impl std::ops::Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.0
    }
}

pub(crate) type BoxedRead<T> =
    Box<dyn for<'a> FnOnce(&'a mut Reader) -> BoxFuture<'a, Result<T>> + Send>;
pub(crate) type BoxedWrite<T> =
    Box<dyn for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send>;

impl Store {
    /// Opens the database, makes or migrates its tables, and checks every statement against them.
    pub async fn open(config: &Config) -> Result<Self> {
        match config {
            Config::Sqlite(path) => {
                sqlite::prepare_file(path).await?;
                Ok(Self(Backend::Sqlite(Arc::new(sqlite::Threads::start(path)?))))
            }
            Config::Postgres(url) => {
                let pool = postgres::pool(url)?;
                let mut connection = Connection::Postgres(pool.get().await?);
                connection.script(postgres::UNLIMITED).await?;
                set_up(&mut connection).await?;
                postgres::discard(connection);
                Ok(Self(Backend::Postgres(pool)))
            }
        }
    }

    /// Reads. What `deed` asks is answered at different moments: see [`Store::snapshot`]. Both are
    /// stopped when their future is dropped (PostgreSQL: at the latest when a statement takes too
    /// long): so whoever asks decides how long it may take.
    pub async fn read<T: Send + 'static>(
        &self,
        deed: impl for<'a> FnOnce(&'a mut Reader) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<T> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.read(Box::new(deed), false).await,
            Backend::Postgres(pool) => postgres::read(pool, Box::new(deed), false).await,
        }
    }

    /// Reads a few rows by their keys. On SQLite that is done at once, on the thread that asks:
    /// going to one of the database's costs more than such a read, and where all cores are busy each
    /// going may have to wait for a core. What may take longer is for [`Store::read`].
    pub async fn glance<T: Send + 'static>(
        &self,
        deed: impl for<'a> FnOnce(&'a mut Reader) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<T> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.glance(Box::new(deed)),
            Backend::Postgres(pool) => postgres::read(pool, Box::new(deed), false).await,
        }
    }

    /// Reads several things as they are at one moment.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        deed: impl for<'a> FnOnce(&'a mut Reader) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<T> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.read(Box::new(deed), true).await,
            Backend::Postgres(pool) => postgres::read(pool, Box::new(deed), true).await,
        }
    }

    /// Writes: all that `deed` does becomes durable, or nothing. It runs on the database's own
    /// thread, where others wait behind it: it must await nothing but the transaction's methods.
    pub async fn write<T: Send + 'static>(
        &self,
        deed: impl for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
    ) -> Result<T> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.write(Box::new(deed)).await,
            Backend::Postgres(pool) => postgres::write(pool, Box::new(deed)).await,
        }
    }

    /// Sees to it that deletions can go on when the disk is full. To be asked before anything new
    /// is taken in: [`Error::NoSpace`] where the room for them is used up and not to be had back.
    pub async fn keep_room(&self) -> Result<()> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.keep_room().await,
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Removes what was deleted from the database's files too; false where it is to be tried again,
    /// since somebody reads what was.
    pub async fn purge(&self, what: Purge) -> Result<bool> {
        match &self.0 {
            Backend::Sqlite(threads) => threads.purge(what).await,
            Backend::Postgres(pool) => postgres::purge(pool, what).await.map(|()| true),
        }
    }

    /// How often [`Purge::Deleted`] is worth its work: emptying a log costs what was written since
    /// the last time, vacuuming a pass over every index.
    pub fn purge_every(&self) -> Duration {
        match &self.0 {
            Backend::Sqlite(_) => Duration::from_secs(5),
            Backend::Postgres(_) => Duration::from_hours(1),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|reader| {
            Box::pin(async { reader.0.row("select version from migration", &[]).await.map(drop) })
        })
        .await
    }
}

/// Migrates, and prepares every statement once, so that a typo stops the program, not a request.
pub(crate) async fn set_up(connection: &mut Connection) -> Result<()> {
    migrate::run(connection).await?;
    let tables = [
        account::STATEMENTS,
        audit::STATEMENTS,
        delivery::STATEMENTS,
        export::STATEMENTS,
        hold::STATEMENTS,
        idempotency::STATEMENTS,
        job::STATEMENTS,
        policy::STATEMENTS,
        rendition::STATEMENTS,
        rule::STATEMENTS,
        run::STATEMENTS,
        session::STATEMENTS,
        token::STATEMENTS,
        transcript::STATEMENTS,
        usage::STATEMENTS,
        user::STATEMENTS,
    ];
    for (name, sql) in tables.into_iter().flatten() {
        check(connection, name, sql).await?;
    }
    let is_postgres = connection.is_postgres();
    let built = recording::statements(is_postgres)
        .into_iter()
        .chain(transcript::filtered_statements())
        .chain(transcript::search_statements(is_postgres));
    for (name, sql) in built.chain([audit::statement()]) {
        check(connection, name, &sql).await?;
    }
    Ok(())
}

async fn check(connection: &mut Connection, name: &str, sql: &str) -> Result<()> {
    let prepared = connection.prepare(sql).await;
    prepared.map_err(|error| match error {
        Error::Database(source) => Error::Database(source.context(format!("statement {name}"))),
        other => other,
    })
}

/// The statements of one table: constants, and a list of them all to be checked at the start.
macro_rules! statements {
    ($($name:ident = $sql:expr;)+) => {
        $(const $name: &str = $sql;)+
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use statements;
