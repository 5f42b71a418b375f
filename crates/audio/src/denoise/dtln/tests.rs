//! What the models make is what another runtime makes of them.

use super::*;
use crate::denoise::tests::dtln;
use crate::fixtures::decoded;

const CALL: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/peaks/stereo.wav"));

/// Every hundredth sample of what onnxruntime makes of the call's left channel, from -1 to 1:
/// `bench/dtln.py` wrote it.
const REFERENCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dtln.txt"));

#[test]
fn it_is_what_onnxruntime_makes_of_the_same_models() {
    let Some(models) = dtln() else { return };
    let mut leg = DtlnLeg::new(models);
    let left: Vec<f32> = decoded(CALL).1.iter().step_by(2).map(|s| f32::from(*s)).collect();
    let mut made = vec![0.0; left.len() / SHIFT * SHIFT];
    for (noisy, clean) in left.chunks_exact(SHIFT).zip(made.chunks_exact_mut(SHIFT)) {
        leg.frame(noisy, clean).unwrap();
    }
    let wanted: Vec<f32> = REFERENCE.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(wanted.len(), made.len().div_ceil(100));
    assert!(wanted.iter().any(|sample| sample.abs() > 0.05), "there is something to compare");
    for (at, (wanted, made)) in wanted.iter().zip(made.iter().step_by(100)).enumerate() {
        let difference = (wanted - made / SCALE).abs();
        assert!(difference < 1e-4, "{at}: {wanted}, {}", made / SCALE);
    }
}

#[test]
fn what_is_no_model_is_not_loaded() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = here.join("Cargo.toml");
    let why = Dtln::load(&manifest, &manifest).unwrap_err().to_string();
    assert!(why.contains("Cargo.toml is no model of DTLN"), "{why}");
    assert!(Dtln::load(&here.join("nothing"), &manifest).is_err());
}
