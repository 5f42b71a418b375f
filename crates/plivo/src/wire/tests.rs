use super::*;

#[test]
fn milliseconds_have_five_decimals() {
    let check = |micros, expected| assert_eq!(milliseconds(micros), expected);
    check(345_100_000, "345100.00000");
    check(1_407_235_163_907_000, "1407235163907.00000");
    check(0, "0.00000");
    check(1, "0.00100");
    check(10_080_499, "10080.49900");
    check(253_402_207_199_999_999, "253402207199999.99900");
}
