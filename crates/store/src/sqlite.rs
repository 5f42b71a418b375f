//! SQLite: one writer thread that commits in groups, and as many reader threads as cores.

mod glances;
mod purge;
mod reads;

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection as Sqlite, OpenFlags};
use tokio::sync::oneshot;

use crate::connection::Connection;
use crate::reserve::Reserve;
use crate::store::{self, BoxedRead, BoxedWrite, Purge, Slot};
use crate::value::{Row, Value};
use crate::{Error, Reader, Result, Tx};

use self::glances::Glances;
use self::reads::{Reads, Waiting};

/// Older ones can corrupt a database in WAL mode (the WAL-reset bug, fixed in 3.51.3).
const OLDEST: i32 = 3_051_003;
/// How many steps a read takes before it looks whether anybody still waits for it.
const STEPS: i32 = 1_000;
/// How many transactions are made durable by one commit, at most.
const GROUP: usize = 128;

/// The two queues of the database's threads.
pub(crate) struct Threads {
    reads: Reads,
    glances: Glances,
    writes: mpsc::Sender<Box<dyn Write>>,
    reserve: Arc<Reserve>,
    path: PathBuf,
}

/// A transaction waiting for its turn on the writer thread.
trait Write: Send {
    /// Does it; true where it is to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Whether it failed because the disk is full.
    fn lacks_room(&self) -> bool;
    /// Tells the caller, once the group is durable or lost.
    fn answer(self: Box<Self>, outcome: Result<(), Lost>);
}

/// Why a group of transactions did not become durable.
#[derive(Clone)]
struct Lost {
    full: bool,
    why: String,
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Self {
        let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        Self { full, why: error.to_string() }
    }
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        if lost.full { Self::NoSpace } else { Self::unavailable(anyhow::anyhow!(lost.why)) }
    }
}

struct Pending<T> {
    deed: Option<BoxedWrite<T>>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send> Write for Pending<T> {
    fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(deed) = self.deed.take() else {
            return false;
        };
        if self.reply.is_closed() {
            return false; // Nobody waits any more, and nothing has happened yet.
        }
        let result = block_on(deed(tx));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn lacks_room(&self) -> bool {
        matches!(self.result, Some(Err(Error::NoSpace)))
    }

    fn answer(self: Box<Self>, outcome: Result<(), Lost>) {
        let result = match (outcome, self.result) {
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(result)) => result,
            (Err(lost), _) => Err(lost.into()),
            (Ok(()), None) => return,
        };
        let _ = self.reply.send(result);
    }
}

impl Threads {
    /// Opens the file, making it where it is missing, and starts the threads.
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let connection = open_writer(path)?;
        let reserve = Arc::new(Reserve::of(path));
        if let Err(error) = reserve.keep() {
            tracing::warn!(%error, "no room could be set aside for a full disk");
        }
        let (writes, waiting) = mpsc::channel();
        let given_up = Arc::clone(&reserve);
        spawn("sqlite-writer", move || write_in_groups(connection, &waiting, &given_up))?;

        let reads = Reads::new();
        for _ in 0..thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            let reader = Reader(Connection::Sqlite(open_reader(path)?));
            let waiting = reads.waiting();
            spawn("sqlite-reader", move || read_one_by_one(reader, &waiting))?;
        }
        Ok(Self { reads, glances: Glances::new(path), writes, reserve, path: path.to_owned() })
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        deed: BoxedRead<T>,
        snapshot: bool,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let asker = Arc::new(());
        let asked_by = Arc::downgrade(&asker);
        let read = Box::new(move |reader: &mut Reader| {
            if !reply.is_closed() {
                let _ = reply.send(
                    stop_without(reader, asked_by)
                        .and_then(|()| block_on(run_read(reader, deed, snapshot))),
                );
            }
        });
        self.reads.put(read);
        let answer = answer.await;
        drop(asker);
        answer.map_err(|_| gone())?
    }

    pub(crate) fn glance<T>(&self, deed: BoxedRead<T>) -> Result<T> {
        self.glances.glance(deed)
    }

    pub(crate) async fn write<T: Send + 'static>(&self, deed: BoxedWrite<T>) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let pending = Pending { deed: Some(deed), result: None, reply };
        self.writes.send(Box::new(pending)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(crate) async fn keep_room(&self) -> Result<()> {
        let reserve = Arc::clone(&self.reserve);
        let kept = tokio::task::spawn_blocking(move || reserve.keep()).await;
        kept.map_err(Error::unavailable)?.map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::NoSpace,
            _ => Error::unavailable(error),
        })
    }

    /// See [`purge`]. On connections of its own: nothing waits behind it on the writer thread.
    pub(crate) async fn purge(&self, what: Purge) -> Result<bool> {
        let path = self.path.clone();
        let purge = move || match what {
            Purge::Deleted => purge::empty_log(&path),
            Purge::Everything => purge::rewrite(&path),
        };
        tokio::task::spawn_blocking(purge).await.map_err(Error::unavailable)?
    }
}

/// Makes and migrates the file, before the threads that use it.
pub(crate) async fn prepare_file(path: &Path) -> Result<()> {
    if rusqlite::version_number() < OLDEST {
        return Err(Error::Database(anyhow::anyhow!(
            "SQLite {} can corrupt its files: 3.51.3 or later is needed",
            rusqlite::version()
        )));
    }
    let path = path.to_owned();
    let prepare = move || {
        // Nobody else's business; the other files get the mode of this one.
        let mut file = OpenOptions::new();
        file.write(true).create(true).truncate(false).mode(0o600);
        file.open(&path).map_err(Error::unavailable)?;
        let set_up = || block_on(store::set_up(&mut Connection::Sqlite(open_writer(&path)?)));
        // Even opening may need a little room.
        set_up().or_else(|error| if Reserve::of(&path).give_up() { set_up() } else { Err(error) })
    };
    tokio::task::spawn_blocking(prepare).await.map_err(Error::unavailable)?
}

fn gone() -> Error {
    Error::unavailable(anyhow::anyhow!("the database thread has ended"))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(body).map(drop).map_err(Error::unavailable)
}

fn read_one_by_one(mut reader: Reader, waiting: &Waiting) {
    while let Some(read) = waiting.take() {
        read(&mut reader);
    }
}

/// Has what is read from now on end when its asker has gone: there are few threads.
fn stop_without(reader: &mut Reader, asker: Weak<()>) -> Result<()> {
    if let Connection::Sqlite(connection) = &mut reader.0 {
        connection.progress_handler(STEPS, Some(move || asker.strong_count() == 0))?;
    }
    Ok(())
}

async fn run_read<T>(reader: &mut Reader, deed: BoxedRead<T>, snapshot: bool) -> Result<T> {
    if !snapshot {
        return deed(reader).await;
    }
    reader.0.script("begin").await?;
    let result = deed(reader).await;
    reader.0.script("rollback").await?;
    result
}

/// Takes transactions as they come, each in a savepoint of its own, and makes all that wait
/// durable with one commit: what makes full synchronous affordable.
fn write_in_groups(mut writer: Sqlite, queue: &mpsc::Receiver<Box<dyn Write>>, reserve: &Reserve) {
    let mut short_of_room = false;
    while let Ok(first) = queue.recv() {
        if let Err(error) = writer.execute_batch("begin immediate") {
            // Locked by another process for longer than the busy timeout, or the disk is gone.
            tracing::warn!(%error, "the database could not be locked for writing");
            // Nor for those behind it, who have waited meanwhile: each would wait as long again.
            let lost = Lost::from(error);
            for write in std::iter::once(first).chain(queue.try_iter()) {
                write.answer(Err(lost.clone()));
            }
            continue;
        }
        let mut tx = Tx(Reader(Connection::Sqlite(writer)), Slot::default());
        let mut group = Vec::new();
        let mut next = Some(first);
        let mut lost = Ok(());
        while let Some(mut write) = next.take() {
            lost = in_savepoint(&mut tx, &mut *write);
            group.push(write);
            if lost.is_ok() && group.len() < GROUP {
                next = queue.try_recv().ok();
            }
        }
        let Tx(Reader(Connection::Sqlite(connection)), _) = tx else {
            return;
        };
        writer = connection;
        let outcome = lost.and_then(|()| Ok(writer.execute_batch("commit")?));
        if !writer.is_autocommit() {
            let _ = writer.execute_batch("rollback");
        }
        let full = outcome.as_ref().is_err_and(|lost| lost.full);
        if full || group.iter().any(|write| write.lacks_room()) {
            make_room(&writer, reserve);
            short_of_room = true;
        } else if short_of_room {
            // What the log takes now the database could not grow by when the log is emptied.
            empty_log(&writer);
            short_of_room = !reserve.is_there();
        }
        for write in group {
            write.answer(outcome.clone());
        }
    }
}

/// Gives up the reserve, and what the log has taken: its pages are moved into the database.
fn make_room(writer: &Sqlite, reserve: &Reserve) {
    if reserve.give_up() {
        tracing::warn!("the database's disk is full: until there is room, nothing is taken in");
    }
    empty_log(writer);
}

fn empty_log(writer: &Sqlite) {
    if let Err(error) = writer.execute_batch("pragma wal_checkpoint(truncate)") {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}

/// Runs one transaction. An error means that the whole group is lost: SQLite ends the outer
/// transaction by itself when the disk is full or broken.
fn in_savepoint(tx: &mut Tx, write: &mut dyn Write) -> Result<(), Lost> {
    sqlite_of(tx)?.execute_batch("savepoint deed")?;
    let keep = write.run(tx);
    let connection = sqlite_of(tx)?;
    if connection.is_autocommit() {
        return Err(Lost { full: false, why: "the transaction was ended by the database".into() });
    }
    let end = if keep { "release deed" } else { "rollback to deed; release deed" };
    Ok(connection.execute_batch(end)?)
}

fn sqlite_of(tx: &Tx) -> Result<&Sqlite, Lost> {
    match &tx.0.0 {
        Connection::Sqlite(connection) => Ok(connection),
        Connection::Postgres(_) => Err(Lost { full: false, why: "not SQLite".into() }),
    }
}

fn open_writer(path: &Path) -> Result<Sqlite> {
    let connection = Sqlite::open(path)?;
    set_up(&connection)?;
    // Deleted rows are overwritten, and a commit returns only when it is on the disk.
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;
         pragma wal_autocheckpoint = 16000; pragma foreign_keys = on;",
    )?;
    Ok(connection)
}

fn open_reader(path: &Path) -> Result<Sqlite> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Sqlite::open_with_flags(path, flags)?;
    set_up(&connection)?;
    Ok(connection)
}

fn set_up(connection: &Sqlite) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // Without this a statement is prepared anew whenever its values change, in case they would
    // suggest another plan: a fifth of the time of a list.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.execute_batch("pragma cache_size = -8000; pragma temp_store = memory;")?;
    Ok(())
}

pub(crate) fn rows(connection: &Sqlite, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    bind(&mut statement, values)?;
    let mut answer = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        let values = (0..columns).map(|at| row.get_ref(at).map(read)).collect::<Result<_, _>>()?;
        rows.push(Row::new(values));
    }
    Ok(rows)
}

pub(crate) fn execute(connection: &Sqlite, sql: &str, values: &[Value]) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    Ok(statement.raw_execute()? as u64)
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(match str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(text).into_owned(),
        }),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        // No column of ours holds one.
        ValueRef::Real(number) => Value::Text(number.to_string()),
    }
}

/// `$1` is a named parameter to SQLite, whose own number is the order of first mention.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> Result<()> {
    for (at, value) in values.iter().enumerate() {
        // Holds by query can bring more.
        let name =
            NAMES.get(at).map_or_else(|| format!("${}", at + 1).into(), |name| Cow::from(*name));
        if let Some(index) = statement.parameter_index(&name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

const NAMES: [&str; 40] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28",
    "$29", "$30", "$31", "$32", "$33", "$34", "$35", "$36", "$37", "$38", "$39", "$40",
];
