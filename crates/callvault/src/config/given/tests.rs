use proptest::prelude::*;

use super::*;

#[test]
fn sizes_have_units() {
    let good = [
        ("1", 1),
        ("500 MiB", 500 << 20),
        ("2GiB", 2 << 30),
        ("7 B", 7),
        ("1 KiB", 1024),
        ("1TiB", 1 << 40),
    ];
    for (text, bytes) in good {
        assert_eq!(Size::from_text(text), Ok(Size(bytes)), "{text}");
    }
    for text in ["", "GiB", "-1", "1.5 GiB", "2 GB", "2 gib", "16777216 TiB", "1 GiB x"] {
        assert_eq!(Size::from_text(text), Err(SIZE.to_owned()), "{text}");
    }
}

#[test]
fn lists_are_comma_separated() {
    let list = Vec::<String>::from_text("pbx.internal, 10.0.0.0/8,").unwrap();
    assert_eq!(list, ["pbx.internal", "10.0.0.0/8"]);
    assert!(Vec::<String>::from_text("").unwrap().is_empty());
}

proptest! {
    #[test]
    fn no_text_panics(text in ".*") {
        let _ = (Size::from_text(&text), bool::from_text(&text), u32::from_text(&text));
    }
}
