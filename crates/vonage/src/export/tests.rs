use proptest::prelude::*;
use vault::Direction;

use super::*;

#[test]
fn a_body_has_the_conditions_of_a_list() {
    let read = |body: &str| conditions(body.as_bytes()).map_err(|error| error.to_string());
    for none in ["", " \r\n", "{}", "{\"call_id\":null,\"cnam\":\"\",\"order\":[1],\"x\":{}}"] {
        assert_eq!(read(none), Ok(RecordingFilter::default()), "{none}");
    }
    let some = "{\"call_direction\":\"INBOUND\",\"extension\":999,\"duration:gte\":1000,\
                \"duration:lte\":\"2000\",\"caller_id\":17325550100,\"page_size\":7}";
    let some = read(some).unwrap();
    assert_eq!(some.direction, Some(Direction::Inbound));
    assert_eq!(some.extension.as_deref(), Some("999"));
    assert_eq!(some.from_number.as_deref(), Some("17325550100"));
    assert!(some.duration_from.is_some() && some.duration_until.is_some());

    let why = |body: &str| read(body).unwrap_err();
    assert_eq!(why("{\"call_direction\":INBOUND}"), "the body is not JSON");
    assert_eq!(why("[]"), "the body must be a JSON object");
    assert_eq!(why("{\"extension\":[\"7\"]}"), "extension must be text or a number");
    let duration = "duration:gte must be a whole number of milliseconds";
    assert_eq!(why("{\"duration:gte\":1.5}"), duration);
    assert_eq!(why("{\"duration:gte\":true}"), "duration:gte must be text or a number");
}

#[test]
fn jobs_are_asked_for_by_status_and_page() {
    let read = |query| Jobs::read(query).map_err(|error| error.to_string());
    let first = Page::default();
    assert_eq!(read("order=x&status="), Ok(Jobs { state: None, page: first }));
    let all = Jobs {
        state: Some(ExportState::InProgress),
        page: Page { number: 2, size: 50, after: None },
    };
    assert_eq!(read("status=IN_PROGRESS&page=2&page_size=50"), Ok(all));
    let why = "status must be one of pending, in_progress, complete, failed, expired";
    assert_eq!(read("status=done"), Err(why.to_owned()));
}

proptest! {
    #[test]
    fn any_body_is_conditions_or_a_reason(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = conditions(&body);
    }

    #[test]
    fn any_value_is_a_condition_or_a_reason(
        name in "call_direction|call_id|caller_id|cnam|dnis|duration:[gl]te|extension|start:[gl]te|x",
        value in "null|true|-?[0-9]{1,25}|1e9|0\\.5|\"[a-zA-Z0-9:+ -]{0,30}\"|\\[\\]|\\{\\}",
    ) {
        match conditions(format!("{{\"{name}\":{value}}}").as_bytes()) {
            Err(Error::Parameter { name: wrong, .. }) => prop_assert_eq!(wrong, name),
            Err(Error::Malformed(why)) => prop_assert_eq!(why, "the body is not JSON"),
            other => prop_assert!(other.is_ok(), "{other:?}"),
        }
    }
}
