//! PostgreSQL: a pool of connections.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
    Timeouts,
};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::Connection;
use crate::store::{BoxedRead, BoxedWrite, Purge, Slot};
use crate::value::{Row, Value};
use crate::{Error, Reader, Result, Tx};

/// Sessions kept open at most. Each deed holds one for a few milliseconds.
const SESSIONS: usize = 16;
/// How many statements a session keeps prepared: filters make ever new ones.
const PREPARED: usize = 256;
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one statement may take: longer ones the server ends.
const LONGEST: Duration = Duration::from_secs(15);
/// For a session that does not go back to the pool.
pub(crate) const UNLIMITED: &str = "set statement_timeout = 0";
/// How long its answer may take. Nothing but a server that has stopped takes that long.
const SILENCE: Duration = Duration::from_secs(20);

/// Makes the pool; nothing is connected yet.
pub(crate) fn pool(url: &str) -> Result<Pool> {
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|error| Error::Database(anyhow::Error::new(error).context("url")))?;
    if config.get_application_name().is_none() {
        config.application_name("callvault");
    }
    config.connect_timeout(PATIENCE);
    config.tcp_user_timeout(Duration::from_secs(10));
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    // Without `sslmode=require` the server may have a certificate that nobody signed, and libpq's
    // default asks for no more than it offers: then the connection is plain.
    let manager = if config.get_ssl_mode() == SslMode::Require {
        let tls = MakeRustlsConnect::with_native_certs();
        let (tls, _skipped) = tls.map_err(|errors| {
            Error::Database(anyhow::anyhow!("no certificate of the system's to trust: {errors:?}"))
        })?;
        Manager::from_config(config, tls, recycling)
    } else {
        Manager::from_config(config, NoTls, recycling)
    };
    let limit = format!("set statement_timeout = {}", LONGEST.as_millis());
    let limited = Hook::async_fn(move |client: &mut ClientWrapper, _| {
        let limit = limit.clone();
        Box::pin(async move { client.batch_execute(&limit).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(SESSIONS)
        .post_create(limited)
        .post_recycle(Hook::sync_fn(|client: &mut ClientWrapper, _| {
            if client.statement_cache.size() > PREPARED {
                client.statement_cache.clear();
            }
            Ok(())
        }))
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(PATIENCE),
            create: Some(PATIENCE),
            recycle: Some(PATIENCE),
        })
        .build()
        .map_err(|error| Error::Database(error.into()))
}

/// Runs a read in a task of its own: a caller that goes away must not leave a transaction open in
/// a session that goes back to the pool.
pub(crate) async fn read<T: Send + 'static>(
    pool: &Pool,
    deed: BoxedRead<T>,
    snapshot: bool,
) -> Result<T> {
    let client = pool.get().await?;
    if !snapshot {
        let mut reader = Reader(Connection::Postgres(client));
        let result = deed(&mut reader).await;
        if let Err(Error::Unavailable(_)) = result {
            discard(reader.0);
        }
        return result;
    }
    in_a_task(async move {
        let mut reader = Reader(Connection::Postgres(client));
        answer(reader.0.script("begin isolation level repeatable read read only")).await?;
        let result = deed(&mut reader).await;
        end(reader.0, "rollback", result).await
    })
    .await
}

/// Runs a transaction, in a task of its own like [`read`].
pub(crate) async fn write<T: Send + 'static>(pool: &Pool, deed: BoxedWrite<T>) -> Result<T> {
    let client = pool.get().await?;
    in_a_task(async move {
        let mut tx = Tx(Reader(Connection::Postgres(client)), next_slot());
        answer(tx.0.0.script("begin")).await?;
        let result = deed(&mut tx).await;
        let last = if result.is_ok() { "commit" } else { "rollback" };
        end(tx.0.0, last, result).await
    })
    .await
}

/// The tables that tell of calls, and the columns that do it.
const TELLING: [(&str, &[&str]); 7] = [
    (
        "recording",
        &[
            "call_uuid",
            "from_number",
            "to_number",
            "conference_name",
            "conference_uuid",
            "mpc_name",
            "mpc_uuid",
            "extensions",
            "cnam",
            "cnam_key",
        ],
    ),
    ("delivery", &["url", "answer"]),
    ("export", &["filter"]),
    ("retention_run", &["policy"]),
    ("transcript", &["words"]),
    ("transcript_turn", &["text", "terms"]),
    ("transcript_callback", &["url"]),
];

/// Vacuums them, which takes as long as it takes. The server's statistics of them are made anew,
/// since they have values out of them.
pub(crate) async fn purge(pool: &Pool, what: Purge) -> Result<()> {
    // Where nobody waits for it any more, the session must not go back to the pool.
    let client = Object::take(pool.get().await?);
    client.batch_execute(UNLIMITED).await?;
    match what {
        Purge::Deleted => {
            // As gently as the server does it by itself, which is at a fifth of the table only.
            client.batch_execute("set vacuum_cost_delay = '2ms'").await?;
            for (table, _) in TELLING {
                // Without the option, a few dead among many would stay in the indexes.
                let vacuum = format!("vacuum (index_cleanup on, analyze) {table}");
                client.batch_execute(&vacuum).await?;
            }
        }
        Purge::Everything => {
            for (table, columns) in TELLING {
                // What an empty table was like is not forgotten by analyzing it, but by this,
                // which changes nothing.
                let same = columns.iter().map(|column| format!("alter column {column} type text"));
                let same = same.collect::<Vec<_>>().join(", ");
                client.batch_execute(&format!("alter table {table} {same}")).await?;
                client.batch_execute(&format!("vacuum (full, analyze) {table}")).await?;
            }
            client.batch_execute("vacuum (full) pg_catalog.pg_statistic").await?;
        }
    }
    Ok(())
}

/// An hour's row is locked until the commit: eight of them let eight writers in at once. A
/// transaction keeps to one, or two of them could wait for each other.
fn next_slot() -> Slot {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    Slot(NEXT.fetch_add(1, Ordering::Relaxed) % 8)
}

async fn in_a_task<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::unavailable)?
}

/// Ends a transaction. A session that cannot even do that does not go back to the pool.
async fn end<T>(mut connection: Connection, last: &str, result: Result<T>) -> Result<T> {
    if let Err(Error::Unavailable(_)) = result {
        discard(connection); // It would not hear of its transaction's end, which is this.
        return result;
    }
    let ended = answer(connection.script(last)).await;
    if ended.is_err() {
        discard(connection);
    }
    result.and_then(|value| ended.map(|()| value))
}

/// Closes a session instead of giving it back to the pool.
pub(crate) fn discard(connection: Connection) {
    if let Connection::Postgres(client) = connection {
        drop(Object::take(client));
    }
}

/// Waits for the server's answer, but not for ever.
async fn answer<T, E: Into<Error>>(asked: impl Future<Output = Result<T, E>>) -> Result<T> {
    match tokio::time::timeout(SILENCE, asked).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(late) => Err(Error::unavailable(late)),
    }
}

pub(crate) async fn rows(client: &Object, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
    let statement = answer(client.prepare_cached(sql)).await?;
    let parameters = values.iter().map(|value| value as _).collect::<Vec<_>>();
    let rows = answer(client.query(&statement, &parameters)).await?;
    rows.iter().map(|row| read_row(row).map(Row::new)).collect()
}

pub(crate) async fn execute(client: &Object, sql: &str, values: &[Value]) -> Result<u64> {
    let statement = answer(client.prepare_cached(sql)).await?;
    let parameters = values.iter().map(|value| value as _).collect::<Vec<_>>();
    answer(client.execute(&statement, &parameters)).await
}

fn read_row(row: &tokio_postgres::Row) -> Result<Vec<Value>> {
    use tokio_postgres::types::Type;
    let read = |(at, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::Integer),
            Type::TEXT => row.try_get::<_, Option<String>>(at)?.map_or(Value::Null, Value::Text),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Value::Null, Value::Bytes),
            ref other => return Err(Error::row(format!("a column of type {other}"))),
        })
    };
    row.columns().iter().enumerate().map(read).collect()
}
