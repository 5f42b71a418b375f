use proptest::prelude::*;

use super::*;

/// 2019-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_546_300_800_000_000;

#[test]
fn every_form_of_the_vendors_clients_is_read() {
    for text in [
        "2019-01-01T00:00:00+0000",
        "2019-01-01T00:00:00 0000",
        "2019-01-01T00:00:00-0000",
        "2019-01-01T00:00:00+00:00",
        "2019-01-01T00:00:00 00:00",
        "2019-01-01T00:00:00+00",
        "2019-01-01T00:00:00 00",
        "2019-01-01T00:00:00Z",
        "2019-01-01T00:00:00.000Z",
        "2019-01-01T00:00:00.000000000+0000",
        "2019-01-01T00:00:00",
        "2019-01-01",
        "2019-01-01T05:30:00+0530",
        "2018-12-31T19:00:00-05:00",
        "2018-12-31T14:00:00-10",
    ] {
        assert_eq!(read(text), Some(NEW_YEAR), "{text}");
    }
}

#[test]
fn a_fraction_counts_down_to_the_microsecond() {
    let check = |text, micros| assert_eq!(read(text), Some(micros), "{text}");
    check("2019-01-01T00:00:00.5Z", NEW_YEAR + 500_000);
    check("2019-01-01T00:00:00.000001Z", NEW_YEAR + 1);
    check("2019-01-01T00:00:00.000001999Z", NEW_YEAR + 1);
    check("1969-12-31T23:59:59.9999999Z", -1);
    check("1969-12-31T23:59:59.25Z", -750_000);
    check("0000-01-01", -62_167_219_200_000_000);
    check("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999);
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "yesterday",
        "2019",
        "2019-01",
        "2019-1-1",
        "2019-13-01",
        "2019-02-29",
        "2019-01-01T",
        "2019-01-01T00:00",
        "2019-01-01T24:00:00Z",
        "2019-01-01T00:00:60Z",
        "2019-01-01t00:00:00z",
        // The vendor refuses this too.
        "2026-09-25 09:00:41",
        "2019-01-01 0000",
        "2019-01-01T00:00:00.Z",
        "2019-01-01T00:00:00.1234567891Z",
        "2019-01-01T00:00:00,5Z",
        "2019-01-01T00:00:00+0",
        "2019-01-01T00:00:00+2400",
        "2019-01-01T00:00:00+0060",
        "2019-01-01T00:00:00+00:00:00",
        "2019-01-01T00:00:00ZZ",
        "2019-01-01T00:00:00 UTC",
        "+2019-01-01T00:00:00Z",
        "２019-01-01",
        "1546300800",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn nor_does_one_that_is_nearly_right(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:.]{8,20}[Z+ -]?[0-9:]{0,5}") {
        let _ = read(&text);
    }

    #[test]
    fn what_the_calendar_library_writes_is_read(second in -62_135_596_800_i64..253_402_207_200, micro in 0..1_000_000_i64) {
        let micros = second * 1_000_000 + micro;
        let timestamp = jiff::Timestamp::from_microsecond(micros).unwrap();
        prop_assert_eq!(read(&timestamp.to_string()), Some(micros));
        let ours = timestamp.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
        prop_assert_eq!(read(&ours), Some(second * 1_000_000));
    }
}
