//! `where`: which recordings are meant.

use serde_json::Value;
use vault::Where;

/// Reads `where`: a JSON object, each key known, each value of its type: text, and for `user_id` a
/// whole number. A bare number is no span of time.
pub(crate) fn read(value: &Value) -> Result<Where, String> {
    let object = value.as_object().ok_or("must be an object")?;
    let mut all = Where::default();
    for (key, value) in object {
        let wrong = |why: String| format!("{}: {why}", crate::query::shorten(key));
        match (key.as_str(), value) {
            ("user_id", Value::Number(number)) => {
                all.set(key, &number.to_string()).map_err(wrong)?;
            }
            ("user_id", _) => return Err(wrong("must be a whole number".to_owned())),
            ("older_than" | "shorter_than" | "longer_than", Value::Number(_)) => {
                let why = "must be text with a unit (d, h, m or s), as in \"90d\"";
                return Err(wrong(why.to_owned()));
            }
            (_, Value::String(text)) => all.set(key, text).map_err(wrong)?,
            (known, _) if Where::KEYS.contains(&known) => {
                return Err(wrong("must be text".to_owned()));
            }
            _ => return Err(wrong("no such key".to_owned())),
        }
    }
    Ok(all)
}
