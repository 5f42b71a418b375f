use super::*;

#[test]
fn amounts_are_read_and_written_exactly() {
    for (text, written) in [
        ("0.0004", "0.0004"),
        ("0", "0"),
        ("0.0", "0"),
        ("12", "12"),
        ("12.50", "12.5"),
        ("0.000000001", "0.000000001"),
        ("9999999999.999999999", "9999999999.999999999"),
    ] {
        assert_eq!(text.parse::<Money>().unwrap().to_string(), written);
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "0.0000000001", "1,5", "NaN", " 1", "１"]
    {
        assert_eq!(text.parse::<Money>(), Err(NotAnAmount), "{text:?}");
    }
    assert_eq!("99999999999".parse::<Money>(), Err(NotAnAmount));
}

#[test]
fn a_json_number_shows_the_amount_itself() {
    let rate: Money = "0.0004".parse().unwrap();
    assert_eq!(serde_json::json!(rate.as_f64()).to_string(), "0.0004");
    assert_eq!(serde_json::json!(rate.times(58).as_f64()).to_string(), "0.0232");
    assert_eq!(serde_json::json!(rate.times(2).as_f64()).to_string(), "0.0008");
}
