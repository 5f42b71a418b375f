//! One connection to either database, and the statements that run on it.

use crate::value::{Row, Value};
use crate::{Result, postgres, sqlite};

/// A connection. On SQLite every future here is ready at once; on PostgreSQL it waits for the
/// server. So one text of code serves both.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(deadpool_postgres::Object),
}

impl Connection {
    pub(crate) async fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(connection) => sqlite::rows(connection, sql, values),
            Self::Postgres(client) => postgres::rows(client, sql, values).await,
        }
    }

    /// The first row, if any.
    pub(crate) async fn row(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql, values),
            Self::Postgres(client) => postgres::execute(client, sql, values).await,
        }
    }

    /// Runs a script that takes no values.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(client) => Ok(client.batch_execute(sql).await?),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Fails where a statement does not fit the database's tables.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.prepare(sql).map(drop)?,
            Self::Postgres(client) => client.prepare(sql).await.map(drop)?,
        }
        Ok(())
    }
}
