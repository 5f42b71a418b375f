//! What can go wrong with the rows.

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with this unique value is there already: names the index or column.
    #[error("not unique: {0}")]
    Unique(String),
    /// The database cannot be reached, is locked, or is too busy.
    #[error("database unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// No room left on the database's disk.
    #[error("no space left in the database")]
    NoSpace,
    /// A row that no version of this program can have written.
    #[error("unreadable row: {0}")]
    Row(String),
    #[error("database")]
    Database(#[source] anyhow::Error),
}

impl Error {
    pub(crate) fn row(what: impl Into<String>) -> Self {
        Self::Row(what.into())
    }

    pub(crate) fn unavailable(source: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let rusqlite::Error::SqliteFailure(failure, text) = &error else {
            return Self::Database(error.into());
        };
        match failure.code {
            ErrorCode::ConstraintViolation
                if matches!(
                    failure.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                        | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Self::Unique(text.clone().unwrap_or_default())
            }
            ErrorCode::DiskFull => Self::NoSpace,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::OperationInterrupted
            | ErrorCode::SystemIoFailure => Self::Unavailable(error.into()),
            _ => Self::Database(error.into()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(database) = error.as_db_error() else {
            // No answer of the server's: the connection, its set-up or its end.
            return Self::Unavailable(error.into());
        };
        let code = database.code();
        if *code == SqlState::UNIQUE_VIOLATION {
            return Self::Unique(database.constraint().unwrap_or_default().to_owned());
        }
        if *code == SqlState::DISK_FULL {
            return Self::NoSpace;
        }
        // Classes: 08 connection, 40 rollback (deadlock), 53 resources, 57 operator intervention.
        match code.code().get(..2) {
            Some("08" | "40" | "53" | "57") => Self::Unavailable(error.into()),
            _ => Self::Database(error.into()),
        }
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(error.into())
    }
}
