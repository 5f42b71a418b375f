//! The order of a list: `start:DESC`.

use vault::{Sort, SortBy};

use crate::error::{Error, Result};

/// The vendor's default.
pub(crate) const LATEST_FIRST: Sort = Sort { by: SortBy::Start, descending: true };

/// The fields that a list can be in the order of. The vendor shows `start` only.
const FIELDS: [(&str, SortBy); 4] = [
    ("start", SortBy::Start),
    ("duration", SortBy::Duration),
    ("id", SortBy::Number),
    ("file_size_in_bytes", SortBy::SizeBytes),
];

/// Reads `field:ASC` or `field:DESC`. The way may be in any case; alone it is `start`'s, as the
/// vendor's tutorial sends it.
pub(crate) fn read(text: &str) -> Result<Sort> {
    let (field, way) = text.split_once(':').unwrap_or(("start", text));
    let by = FIELDS.iter().find(|(name, _)| *name == field).map(|(_, by)| *by);
    let descending = match way.to_ascii_uppercase().as_str() {
        "ASC" => Some(false),
        "DESC" => Some(true),
        _ => None,
    };
    by.zip(descending).map(|(by, descending)| Sort { by, descending }).ok_or_else(|| {
        let why = "must be start, duration, id or file_size_in_bytes, a colon, and ASC or DESC";
        Error::parameter("order", why)
    })
}

/// Writes it as the vendor does.
pub(crate) fn write(sort: Sort) -> String {
    let name = FIELDS.iter().find(|(_, by)| *by == sort.by).map_or("start", |(name, _)| *name);
    format!("{name}:{}", if sort.descending { "DESC" } else { "ASC" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_order_is_a_field_and_a_way() {
        let check = |text, by, descending| {
            assert_eq!(read(text).unwrap(), Sort { by, descending }, "{text}");
        };
        check("start:DESC", SortBy::Start, true);
        check("start:asc", SortBy::Start, false);
        check("asc", SortBy::Start, false);
        check("Desc", SortBy::Start, true);
        check("duration:ASC", SortBy::Duration, false);
        check("id:DESC", SortBy::Number, true);
        check("file_size_in_bytes:ASC", SortBy::SizeBytes, false);
        for text in ["", "start", "start:", ":ASC", "cnam:ASC", "START:ASC", "start:ASC ", "a:b:c"]
        {
            let error = read(text).unwrap_err().to_string();
            let expected = "order must be start, duration, id or file_size_in_bytes, a colon, and \
                            ASC or DESC";
            assert_eq!(error, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_written_and_read(text in "[a-z_]{0,20}:?(ASC|desc|x)?") {
            if let Ok(sort) = read(&text) {
                prop_assert_eq!(read(&write(sort)).unwrap(), sort);
            }
        }
    }
}
