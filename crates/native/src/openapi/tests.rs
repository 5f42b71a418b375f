use std::collections::BTreeSet;

use super::*;

#[test]
fn every_route_is_described_and_nothing_else() {
    let mounted: BTreeSet<String> = crate::routes::routes()
        .table
        .iter()
        .map(|(method, path)| format!("{} {path}", method.as_str().to_lowercase()))
        .collect();
    let json: serde_json::Value = serde_json::from_str(&JSON).unwrap();
    let described: BTreeSet<String> = json["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(mounted, described);
}

#[test]
fn every_reference_leads_somewhere() {
    let json: serde_json::Value = serde_json::from_str(&JSON).unwrap();
    for piece in JSON.split("\"#/").skip(1) {
        let pointer = format!("/{}", piece.split('"').next().unwrap());
        assert!(json.pointer(&pointer).is_some(), "{pointer}");
    }
}

/// The console's types are made of the file. `UPDATE_OPENAPI=1 cargo test -p native openapi`
/// brings it up to date.
#[test]
fn the_file_says_what_is_served() {
    let json: serde_json::Value = serde_json::from_str(&JSON).unwrap();
    let served = format!("{}\n", serde_json::to_string_pretty(&json).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    #[expect(clippy::disallowed_methods, reason = "how somebody asks for the file to be written")]
    if std::env::var("UPDATE_OPENAPI").is_ok() {
        std::fs::write(path, &served).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap();
    assert!(file == served, "openapi.json is stale: UPDATE_OPENAPI=1 cargo test -p native openapi");
}
