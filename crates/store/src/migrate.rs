//! Bringing a database to the shape this program knows.

use crate::connection::Connection;
use crate::{Error, Result};

/// The two texts of a migration: SQLite's and PostgreSQL's.
macro_rules! migration {
    ($name:literal) => {
        (
            include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        )
    };
}

/// The migrations, oldest first.
const MIGRATIONS: &[(&str, &str)] = &[
    migration!("0001_vault"),
    migration!("0002_rendition"),
    migration!("0003_delivery"),
    migration!("0004_damage"),
    migration!("0005_vonage"),
    migration!("0006_job_kind"),
    migration!("0007_usage"),
    migration!("0008_export"),
    migration!("0009_retention"),
    migration!("0010_variant"),
    migration!("0011_delivery_recording"),
    migration!("0012_transcript"),
    migration!("0013_archive"),
    migration!("0014_session"),
    migration!("0015_audio_deleted"),
    migration!("0016_user_removed"),
    migration!("0017_cancelled"),
    migration!("0018_list_order"),
    migration!("0019_selection"),
    migration!("0020_number_order"),
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
