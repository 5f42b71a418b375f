//! `where`: which recordings are meant.

use serde_json::Value;
use vault::{Bulk, Only, RecordingId, Where};

use crate::account::boolean;
use crate::object::Object;
use crate::{Error, search};

/// Takes which recordings are meant, by `ids` or `where`, as all that is left of a body.
pub(crate) fn bulk(mut object: Object) -> Result<Bulk, Error> {
    let given = object.take("ids", ids)?;
    let what = object.take("where", chosen)?;
    object.finish()?;
    match (given, what) {
        (Some(ids), None) => Ok(Bulk::Ids(ids)),
        (None, Some((what, only))) => Ok(Bulk::Where(Box::new(what), only)),
        _ => Err(Error::invalid("body", "must have either ids or where")),
    }
}

fn ids(value: &Value) -> Result<Vec<RecordingId>, String> {
    let list = value.as_array().ok_or("must be a list")?;
    let mut ids = Vec::new();
    for id in list {
        let id = id.as_str().and_then(|id| id.parse().ok()).ok_or("must be recording_ids")?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Reads `where` of what is done now, with `held` and `text` as a list has them.
fn chosen(value: &Value) -> Result<(Where, Only), String> {
    let mut object = value.as_object().ok_or("must be an object")?.clone();
    let held = object.remove("held").map(|held| boolean(&held)).transpose();
    let said = object.remove("text").map(|said| {
        let said = said.as_str().ok_or("must be text")?;
        search::check(said).map(|()| said.to_owned())
    });
    let only = Only {
        held: held.map_err(|why| format!("held: {why}"))?,
        said: said.transpose().map_err(|why| format!("text: {why}"))?,
    };
    Ok((read(&Value::Object(object))?, only))
}

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
