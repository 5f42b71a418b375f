use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn any_body_is_a_change_or_a_reason(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = change(&body);
    }

    #[test]
    fn any_value_is_a_change_or_a_reason(
        key in "name|percentage|directions|extensions|enabled|other",
        value in "null|true|-1|1e9|0\\.5|\"inbound\"|\\[\\]|\\[1\\]|\\[\"inbound\"\\]|\\{\\}",
    ) {
        match change(format!("{{\"{key}\":{value}}}").as_bytes()) {
            Ok(_) => prop_assert_ne!(key, "other"),
            Err(Error::Invalid { field, .. }) => prop_assert_eq!(field, key),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
