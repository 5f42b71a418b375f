//! Values on their way in and out of either database: the few column types we have.

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{
    AccountId, DeliveryId, Error, ExportId, HoldId, JobId, Money, PolicyId, RecordingId,
    RecordingNumber, Result, RuleId, RunId, Time, TranscriptId, UserId,
};

/// One value of a statement or a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// One row of an answer, read from left to right.
#[derive(Debug)]
pub(crate) struct Row {
    values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self { values: values.into_iter() }
    }

    /// The next column.
    pub(crate) fn next<T: Column>(&mut self) -> Result<T> {
        let value = self.values.next().ok_or_else(|| Error::row("a column is missing"))?;
        T::from_value(value)
    }

    /// The next column, a word of one of our closed sets.
    pub(crate) fn word<T: std::str::FromStr>(&mut self) -> Result<T> {
        let text: String = self.next()?;
        parse_word(&text)
    }

    /// The next column, such a word or nothing.
    pub(crate) fn optional_word<T: std::str::FromStr>(&mut self) -> Result<Option<T>> {
        let text: Option<String> = self.next()?;
        text.map(|text| parse_word(&text)).transpose()
    }
}

fn parse_word<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::row(format!("`{text}` is not one of the known words")))
}

/// What a column can be read as.
pub(crate) trait Column: Sized {
    fn from_value(value: Value) -> Result<Self>;
}

macro_rules! column {
    ($type:ty, $pattern:pat => $value:expr) => {
        impl Column for $type {
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    $pattern => Ok($value),
                    other => Err(Error::row(format!(
                        "{other:?} where {} was expected",
                        stringify!($type)
                    ))),
                }
            }
        }
    };
}

column!(i64, Value::Integer(number) => number);
column!(bool, Value::Integer(number) => number != 0);
column!(String, Value::Text(text) => text);
column!(Vec<u8>, Value::Bytes(bytes) => bytes);
column!(Time, Value::Integer(number) => Time::from_micros(number));
column!(AccountId, Value::Integer(number) => AccountId(number));
column!(UserId, Value::Integer(number) => UserId(number));
column!(DeliveryId, Value::Integer(number) => DeliveryId(number));
column!(RuleId, Value::Integer(number) => RuleId(number));
column!(HoldId, Value::Integer(number) => HoldId(number));
column!(PolicyId, Value::Integer(number) => PolicyId(number));
column!(RunId, Value::Integer(number) => RunId(number));
column!(JobId, Value::Integer(number) => JobId(number));
column!(RecordingNumber, Value::Integer(number) => RecordingNumber(number));

impl<T: Column> Column for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn from_value(value: Value) -> Result<Self> {
        let bytes = Vec::<u8>::from_value(value)?;
        bytes.try_into().map_err(|_| Error::row(format!("not {N} bytes")))
    }
}

impl Column for RecordingId {
    fn from_value(value: Value) -> Result<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl Column for ExportId {
    fn from_value(value: Value) -> Result<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl Column for TranscriptId {
    fn from_value(value: Value) -> Result<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl Column for Money {
    fn from_value(value: Value) -> Result<Self> {
        unsigned(i64::from_value(value)?).map(Self::from_billionths)
    }
}

impl Column for std::time::Duration {
    fn from_value(value: Value) -> Result<Self> {
        unsigned(i64::from_value(value)?).map(Self::from_micros)
    }
}

impl Column for u64 {
    fn from_value(value: Value) -> Result<Self> {
        unsigned(i64::from_value(value)?)
    }
}

impl Column for u32 {
    fn from_value(value: Value) -> Result<Self> {
        let number = i64::from_value(value)?;
        number.try_into().map_err(|_| Error::row(format!("{number} is out of range")))
    }
}

impl Column for u16 {
    fn from_value(value: Value) -> Result<Self> {
        let number = i64::from_value(value)?;
        number.try_into().map_err(|_| Error::row(format!("{number} is out of range")))
    }
}

/// A list of texts, kept as JSON.
impl Column for Vec<String> {
    fn from_value(value: Value) -> Result<Self> {
        let text = String::from_value(value)?;
        serde_json::from_str(&text).map_err(|_| Error::row("not a list of texts"))
    }
}

fn unsigned(number: i64) -> Result<u64> {
    number.try_into().map_err(|_| Error::row(format!("{number} is negative")))
}

macro_rules! into_value {
    ($($type:ty: $value:ident => $made:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )+};
}

into_value! {
    i64: number => Self::Integer(number),
    u16: number => Self::Integer(number.into()),
    u32: number => Self::Integer(number.into()),
    u64: number => Self::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
    bool: truth => Self::Integer(truth.into()),
    &str: text => Self::Text(text.to_owned()),
    String: text => Self::Text(text),
    Vec<u8>: bytes => Self::Bytes(bytes),
    &[u8]: bytes => Self::Bytes(bytes.to_owned()),
    Time: time => Self::Integer(time.as_micros()),
    std::time::Duration: span => Self::Integer(crate::time::micros(span)),
    AccountId: id => Self::Integer(id.0),
    UserId: id => Self::Integer(id.0),
    DeliveryId: id => Self::Integer(id.0),
    HoldId: id => Self::Integer(id.0),
    PolicyId: id => Self::Integer(id.0),
    RunId: id => Self::Integer(id.0),
    JobId: id => Self::Integer(id.0),
    RecordingNumber: number => Self::Integer(number.0),
    RecordingId: id => Self::Bytes(id.as_bytes().to_vec()),
    ExportId: id => Self::Bytes(id.as_bytes().to_vec()),
    TranscriptId: id => Self::Bytes(id.as_bytes().to_vec()),
    Money: amount => Self::from(amount.as_billionths()),
    RuleId: id => Self::Integer(id.0),
    &[String]: list => Self::Text(serde_json::Value::from(list).to_string()),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The values of a statement, in the order of their numbers: `values![a, b]` for `$1`, `$2`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$(crate::value::Value::from($value)),*][..] };
}
pub(crate) use values;
