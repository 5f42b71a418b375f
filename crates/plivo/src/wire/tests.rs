use super::*;

#[test]
fn milliseconds_have_five_decimals() {
    let check = |micros, expected| assert_eq!(milliseconds(micros), expected);
    check(345_100_000, "345100.00000");
    check(1_407_235_163_907_000, "1407235163907.00000");
    check(0, "0.00000");
    check(1, "0.00100");
    check(10_080_499, "10080.49900");
    check(253_402_300_799_999_999, "253402300799999.99900");
}
