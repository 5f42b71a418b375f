//! The parameters of a request with a body.

use axum::body::{Body, to_bytes};
use serde_json::Value;

use crate::error::{Error, Result};

/// More than any parameters need.
const LIMIT: u64 = 64 << 10;

/// The parameters of a query and of a JSON object, if there is a body. Null is absent; what is no
/// text is taken as its JSON.
pub(crate) async fn parameters(query: &str, body: Body) -> Result<Vec<(String, String)>> {
    let mut pairs: Vec<_> = web::pairs(query).collect();
    let body = bytes(body).await?;
    if body.trim_ascii().is_empty() {
        return Ok(pairs);
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(&body) else {
        return Err(Error::parameter("the body", "must be a JSON object"));
    };
    for (name, value) in object {
        match value {
            Value::String(text) => pairs.push((name, text)),
            Value::Null => {}

            other => pairs.push((name, other.to_string())),
        }
    }
    Ok(pairs)
}

/// A whole body, which is small.
pub(crate) async fn bytes(body: Body) -> Result<axum::body::Bytes> {
    let too_large = |_| Error::Vault(vault::Error::TooLarge { limit: LIMIT });
    to_bytes(body, usize::try_from(LIMIT).unwrap_or(usize::MAX)).await.map_err(too_large)
}

/// The one value that a parameter has; an empty one is absent.
pub(crate) fn one(parameters: &[(String, String)], wanted: &str) -> Result<Option<String>> {
    let mut found: Option<&String> = None;
    for (_, value) in parameters.iter().filter(|(name, value)| name == wanted && !value.is_empty())
    {
        if found.is_some_and(|found| found != value) {
            return Err(Error::parameter(wanted, "is given twice"));
        }
        found = Some(value);
    }
    Ok(found.cloned())
}
