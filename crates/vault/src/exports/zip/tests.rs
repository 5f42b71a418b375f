use jiff::civil::datetime;

use super::*;

fn entry(size: u64) -> Entry {
    let modified = datetime(2026, 1, 15, 12, 34, 57, 0);
    Entry { name: "a/b.wav".to_owned(), modified, size, crc32: 0x0102_0304 }
}

fn hex(bytes: &[u8]) -> String {
    crate::media::hex(bytes)
}

/// 12:34:57 is 0x645c, to two seconds; 2026-01-15 is 0x5c2f.
const TIMES: &str = "5c642f5c";
const CRC: &str = "04030201";
const NAME: &str = "612f622e776176";

#[test]
fn small_numbers_stand_where_they_stood_in_1989() {
    let small = entry(0x1234);
    let common = format!("00000000{TIMES}{CRC}3412000034120000");
    let header = format!("504b0304{}{common}07000000{NAME}", "1400");
    assert_eq!(hex(&small.header()), header);
    let listed = format!(
        "504b01022d03{}{common}07000000000000000000{}{}{NAME}",
        "1400", "0000a481", "78563412"
    );
    assert_eq!(hex(&small.listed(0x1234_5678)), listed);
    assert_eq!(hex(&end(2, &(0x100..0x180))), "504b0506000000000200020080000000000100000000");
}

#[test]
fn large_numbers_stand_in_zip64() {
    let large = entry(0x1_0000_0002);
    let wide = "0200000001000000";
    let common = format!("00000000{TIMES}{CRC}ffffffffffffffff");
    let header = format!("504b0304{}{common}07001400{NAME}01001000{wide}{wide}", "2d00");
    assert_eq!(hex(&large.header()), header);
    let listed = format!(
        "504b01022d03{}{common}07001c000000000000000000a481ffffffff{NAME}01001800{wide}{wide}{}",
        "2d00", "0000000002000000"
    );
    assert_eq!(hex(&large.listed(0x2_0000_0000)), listed);
    // A small file behind 4 GiB: its offset only.
    let behind = hex(&entry(1).listed(u64::from(u32::MAX)));
    assert!(behind.ends_with(&format!("ffffffff{NAME}01000800ffffffff00000000")), "{behind}");
    let ends = end(3, &(0x2_0000_0000..0x2_0000_0100));
    let expected = concat!(
        "504b0606",
        "2c00000000000000",
        "2d03",
        "2d00",
        "0000000000000000",
        "0300000000000000",
        "0300000000000000",
        "0001000000000000",
        "0000000002000000",
        "504b0607",
        "00000000",
        "0001000002000000",
        "01000000",
        "504b0506",
        "00000000",
        "0300",
        "0300",
        "00010000",
        "ffffffff",
        "0000",
    );
    assert_eq!(hex(&ends), expected);
    assert_eq!(end(65_534, &(0..9)).len(), 22);
    assert_eq!(end(65_535, &(0..9)).len(), 56 + 20 + 22);
}

#[test]
fn times_are_held_to_what_there_is() {
    let at = |year| dos_time(datetime(year, 12, 31, 23, 59, 59, 0));
    assert_eq!(at(1970), at(1980));
    assert_eq!(at(9999), at(2107));
    assert_eq!(hex(&at(2107)), "7dbf9fff");
}
