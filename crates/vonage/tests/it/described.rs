//! `docs/vonage-openapi.json`: every route is in it, and every answer of every test is as it says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::Method;
use serde_json::{Map, Value};
use testkit::Answer;

use crate::kit::{API, INDIA, OLDER};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../docs/vonage-openapi.json")).unwrap()
});

/// A path as the description has it: with the one prefix that it names.
fn described(path: &str) -> String {
    let other = [OLDER, INDIA].into_iter().find_map(|prefix| path.strip_prefix(prefix));
    other.map_or_else(|| path.to_owned(), |rest| format!("{API}{rest}"))
}

fn paths() -> &'static Map<String, Value> {
    DESCRIPTION["paths"].as_object().unwrap()
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let mounted: BTreeSet<_> = vonage::table()
        .into_iter()
        .map(|(method, path)| format!("{} {}", method.as_str().to_lowercase(), described(&path)))
        .collect();
    let described: BTreeSet<_> = paths()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(mounted, described);
}

#[test]
fn what_is_not_as_described_is_found() {
    let schema = "/components/schemas/Recording";
    let schema = DESCRIPTION.pointer(schema).unwrap();
    let fault = |change: fn(&mut Value)| {
        let mut recording = serde_json::json!({
            "id": 1, "call_id": "c", "call_direction": "", "caller_id": "", "cnam": "", "dnis": "",
            "duration": 0, "start": "", "end": "", "extensions": ["1"], "extension": null,
            "file_name": "", "file_size_in_bytes": 1, "download_url": "", "rule_ids": [1],
            "_links": { "self": { "href": "" } },
        });
        change(&mut recording);
        fault(schema, &recording, "")
    };
    assert_eq!(fault(|_| ()), None);
    for change in [
        (|recording| recording["id"] = "1".into()) as fn(&mut Value),
        |recording| recording["id"] = 0.into(),
        |recording| recording["id"] = 1.5.into(),
        |recording| recording["call_direction"] = "UP".into(),
        |recording| recording["extension"] = "1".into(),
        |recording| recording["extensions"] = serde_json::json!([1]),
        |recording| recording["_links"]["self"]["x"] = 1.into(),
        |recording| drop(recording.as_object_mut().unwrap().remove("cnam")),
        |recording| recording["more"] = 1.into(),
    ] {
        assert!(fault(change).is_some());
    }
}

/// Checks an answer of this door; those of other doors are not described here.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = described(path.split('?').next().unwrap());
    let what = format!("{method} {path}: {} {}", answer.status, answer.text());
    let item = paths().iter().filter(|(template, _)| matches(template, &path));
    // Where a name and a fixed word match both, the fixed word is meant.
    let Some((_, item)) = item.min_by_key(|(template, _)| template.matches('{').count()) else {
        if path.starts_with(API) {
            is_as(&Value::from(ERROR), answer, &what);
        }
        return;
    };
    let name =
        if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = item.get(name) else {
        assert!([401, 405].contains(&answer.status), "{what}");
        return;
    };
    let response = operation["responses"].get(answer.status.to_string());
    let response = followed(response.unwrap_or_else(|| panic!("not described: {what}")));
    let Some(content) = response.get("content") else {
        assert!(answer.body.is_empty(), "{what}");
        return;
    };
    let kind = answer.header("content-type");
    let schema = &content.get(kind).unwrap_or_else(|| panic!("{kind}: {what}"))["schema"];
    if kind == "application/json" && method != Method::HEAD {
        is_as(schema, answer, &what);
    }
}

const ERROR: &str = "#/components/schemas/Error";

#[track_caller]
fn is_as(schema: &Value, answer: &Answer, what: &str) {
    let reference;
    let schema = if let Some(pointer) = schema.as_str() {
        reference = serde_json::json!({ "$ref": pointer });
        &reference
    } else {
        schema
    };
    assert_eq!(fault(schema, &answer.json(), ""), None, "{what}");
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(name, part)| name.starts_with('{') || name == part)
}

/// What a reference leads to.
fn followed(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(pointer) => DESCRIPTION.pointer(pointer.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// Where a value is not as its schema says. Of JSON Schema it knows what the description uses.
fn fault(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let wrong = |why: String| Some(format!("{at}: {why}: {value}"));
    for (keyword, said) in schema.as_object().unwrap() {
        let fault = match keyword.as_str() {
            "$ref" => {
                let pointer = said.as_str().unwrap().trim_start_matches('#');
                fault(DESCRIPTION.pointer(pointer).unwrap(), value, at)
            }
            "type" => {
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "null" => value.is_null(),
                    other => panic!("no type {other} is known here"),
                };
                let right = said.as_array().map_or_else(|| is(said), |kinds| kinds.iter().any(is));
                if right { None } else { wrong(format!("is no {said}")) }
            }
            "const" if said != value => wrong(format!("is not {said}")),
            "enum" if !said.as_array().unwrap().contains(value) => wrong(format!("not of {said}")),
            "minimum" if value.as_f64() < said.as_f64() => wrong(format!("is below {said}")),
            "maximum" if value.as_f64() > said.as_f64() => wrong(format!("is above {said}")),
            "required" => {
                let mut names = said.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = names.find(|name| value.get(name).is_none());
                missing.and_then(|name| wrong(format!("has no {name}")))
            }
            "properties" => {
                value.as_object().unwrap().iter().find_map(|(name, value)| {
                    fault(said.get(name)?, value, &format!("{at}/{name}"))
                })
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                let unknown =
                    value.as_object().unwrap().keys().find(|name| !known.contains_key(*name));
                unknown.and_then(|name| wrong(format!("has {name} too")))
            }
            "items" => value.as_array().unwrap().iter().find_map(|item| fault(said, item, at)),
            // What holds, and what is for people; Schemathesis looks at the patterns.
            "const" | "enum" | "minimum" | "maximum" | "description" | "examples" | "format"
            | "pattern" => None,
            other => panic!("no keyword {other} is known here"),
        };
        if fault.is_some() {
            return fault;
        }
    }
    None
}
