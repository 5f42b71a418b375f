//! Bringing a database to the shape this program knows.

use crate::connection::Connection;
use crate::{Error, Result};

/// The migrations, oldest first: SQLite's text and PostgreSQL's.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        include_str!("../migrations/sqlite/0001_vault.sql"),
        include_str!("../migrations/postgres/0001_vault.sql"),
    ),
    (
        include_str!("../migrations/sqlite/0002_rendition.sql"),
        include_str!("../migrations/postgres/0002_rendition.sql"),
    ),
    (
        include_str!("../migrations/sqlite/0003_delivery.sql"),
        include_str!("../migrations/postgres/0003_delivery.sql"),
    ),
    (
        include_str!("../migrations/sqlite/0004_damage.sql"),
        include_str!("../migrations/postgres/0004_damage.sql"),
    ),
    (
        include_str!("../migrations/sqlite/0006_variant.sql"),
        include_str!("../migrations/postgres/0006_variant.sql"),
    ),
];

/// Any number, the same in every program that migrates: PostgreSQL's advisory lock.
const LOCK: i64 = 0x63_61_6c_6c_76;

/// Applies what is missing, each in a transaction, one program at a time.
pub(crate) async fn run(connection: &mut Connection) -> Result<()> {
    connection
        .script("create table if not exists migration (version bigint primary key)")
        .await
        .or_else(|error| if let Error::Unique(_) = error { Ok(()) } else { Err(error) })?;
    for (version, (sqlite, postgres)) in (1_i64..).zip(MIGRATIONS) {
        if connection.is_postgres() {
            connection.script("begin").await?;
            connection.script(&format!("select pg_advisory_xact_lock({LOCK})")).await?;
        } else {
            connection.script("begin immediate").await?;
        }
        let text = if connection.is_postgres() { postgres } else { sqlite };
        let result = apply(connection, version, text).await;
        connection.script(if result.is_ok() { "commit" } else { "rollback" }).await?;
        result?;
    }
    newer_than_us(connection).await
}

async fn apply(connection: &mut Connection, version: i64, text: &str) -> Result<()> {
    let done = connection
        .row("select version from migration where version = $1", crate::value::values![version])
        .await?;
    if done.is_none() {
        connection.script(text).await?;
        connection
            .execute("insert into migration (version) values ($1)", crate::value::values![version])
            .await?;
    }
    Ok(())
}

async fn newer_than_us(connection: &mut Connection) -> Result<()> {
    let latest = connection.row("select max(version) from migration", &[]).await?;
    let latest: i64 = latest.map_or(Ok(0), |mut row| row.next())?;
    if usize::try_from(latest).is_ok_and(|latest| latest > MIGRATIONS.len()) {
        return Err(Error::Database(anyhow::anyhow!(
            "the database was written by a newer callvault (migration {latest})"
        )));
    }
    Ok(())
}
