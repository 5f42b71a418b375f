use super::*;

fn read(parts: &[(&str, &str)]) -> Result<RecordingDetails> {
    let mut details = Details::default();
    for (name, text) in parts {
        let part = details.part(name)?.expect("the test knows the parts");
        details.set(part, text)?;
    }
    details.finish()
}

fn refuse(parts: &[(&str, &str)], why: &str) {
    assert_eq!(read(parts).unwrap_err().to_string(), why);
}

#[test]
fn every_part_is_read() {
    let read = read(&[
        ("call_uuid", "c-1"),
        ("from_number", "+14155550100"),
        ("to_number", "sip:bob@example.com"),
        ("direction", "outbound"),
        ("start", "2026-01-31T12:00:00Z"),
        ("add_time", "2026-01-31T12:05:00Z"),
        ("conference_name", "Monday"),
        ("conference_uuid", "u-1"),
        ("mpc_name", "Board"),
        ("mpc_uuid", "u-2"),
        ("kind", "on_demand"),
        ("user_id", "745249"),
        ("extensions", "101,102"),
        ("cnam", "ALICE"),
        ("rule_ids", "r1"),
    ])
    .unwrap();
    assert_eq!(read.call.call_uuid, "c-1");
    assert_eq!(read.call.direction, Some(vault::Direction::Outbound));
    assert_eq!(read.add_time.unwrap().to_string(), "2026-01-31T12:05:00Z");
    assert_eq!(read.call.user_id, Some(UserId(745_249)));
    assert_eq!(read.call.extensions, ["101", "102"]);
    assert_eq!(read.call.rule_ids, ["r1"]);
}

#[test]
fn wrong_parts_are_named() {
    refuse(&[("direction", "up")], "direction: must be one of inbound, outbound, internal");
    refuse(&[("kind", "on_demand")], "user_id: must be given where kind is on_demand");
    refuse(&[("kind", "company"), ("kind", "company")], "kind: given twice");
    refuse(&[("call_uuid", "a\0")], "call_uuid: must not contain control characters");
}

#[test]
fn unknown_parts_are_unknown() {
    assert!(Details::default().part("File").unwrap().is_none());
}
