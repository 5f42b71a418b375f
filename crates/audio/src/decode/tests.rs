use super::guarded;
use crate::Error;

#[test]
fn a_codec_that_panics_has_met_a_damaged_file() {
    let error = guarded::<()>(|| panic!("as Symphonia would")).unwrap_err();
    assert!(matches!(error, Error::Damaged(_)));
    assert_eq!(error.to_string(), "the decoder gave up on it");
}
