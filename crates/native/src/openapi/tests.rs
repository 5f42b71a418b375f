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
