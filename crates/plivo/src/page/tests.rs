use proptest::prelude::*;

use super::*;

fn auth_id() -> AuthId {
    "MA2025RK4E639VJFZAGV".parse().unwrap()
}

#[test]
fn a_limit_is_1_to_20() {
    assert_eq!(limit("1").unwrap(), 1);
    assert_eq!(limit("20").unwrap(), 20);
    assert_eq!(limit("007").unwrap(), 7);
    for text in ["0", "21", "100", "-1", "+5", " 5", "5 ", "5.0", "1e1", "x", "٣", "4294967297"] {
        let error = limit(text).unwrap_err().to_string();
        assert_eq!(error, "limit must be a whole number from 1 to 20", "{text}");
    }
}

#[test]
fn an_offset_has_63_bits() {
    assert_eq!(offset("0").unwrap(), 0);
    assert_eq!(offset("9223372036854775807").unwrap(), 9_223_372_036_854_775_807);
    for text in ["9223372036854775808", "99999999999999999999999", "-1", "-0", "1.0", "x"] {
        let error = offset(text).unwrap_err().to_string();
        let expected = "offset must be a whole number from 0 to 9223372036854775807";
        assert_eq!(error, expected, "{text}");
    }
}

#[track_caller]
fn check(limit: u32, offset: u64, total: u64, previous: Option<u64>, next: Option<u64>) {
    let meta = Page { limit, offset }.meta(&auth_id(), "Recording", &[], total);
    let path = |offset: Option<u64>| {
        offset.map(|offset| {
            format!("/v1/Account/MA2025RK4E639VJFZAGV/Recording/?limit={limit}&offset={offset}")
        })
    };
    assert_eq!((meta.previous, meta.next), (path(previous), path(next)));
    assert_eq!((meta.limit, meta.offset, meta.total_count), (limit.into(), offset, total));
}

#[test]
fn neighbours_are_where_there_are_rows() {
    check(3, 0, 948, None, Some(3));
    check(3, 3, 948, Some(0), Some(6));
    check(3, 945, 948, Some(942), None);
    check(3, 944, 948, Some(941), Some(947));
    check(20, 0, 0, None, None);
    check(20, 0, 20, None, None);
    check(20, 0, 21, None, Some(20));
    check(20, 5, 21, Some(0), None);
    check(20, 100, 21, Some(80), None);
    check(20, i64::MAX as u64, 21, Some(i64::MAX as u64 - 20), None);
}

#[test]
fn neighbours_repeat_the_filters() {
    let filters =
        [("mpc_name", "My Room&ü"), ("from_number", "+1415"), ("add_time__gt", "2024-01-01 10:00")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let meta = Page { limit: 5, offset: 0 }.meta(&auth_id(), "Recording", &filters, 6);
    assert_eq!(
        meta.next.unwrap(),
        "/v1/Account/MA2025RK4E639VJFZAGV/Recording/?mpc_name=My%20Room%26%C3%BC\
         &from_number=%2B1415&add_time__gt=2024-01-01%2010%3A00&limit=5&offset=5"
    );
}

proptest! {
    #[test]
    fn following_next_sees_each_row_once(limit in 1_u32..=20, total in 0_u64..200) {
        let mut page = Page { limit, offset: 0 };
        let mut seen = 0;
        loop {
            let meta = page.meta(&auth_id(), "Recording", &[], total);
            seen += (total - page.offset).min(limit.into());
            let Some(next) = meta.next else { break };
            let (_, text) = next.rsplit_once('=').unwrap();
            page.offset = offset(text).unwrap();
        }
        prop_assert_eq!(seen, total);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9]{0,30}") {
        let _ = (limit(&text), offset(&text));
    }
}
