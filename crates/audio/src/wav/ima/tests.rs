use crate::fixtures::*;
use crate::{Codec, Container};

/// The samples as sox has them, whose steps are the standard's own.
#[test]
fn it_decodes_to_the_bit_what_sox_does_and_is_cut_by_its_fact_chunk() {
    for (file, channels, expected) in
        [(IMA_STEREO, 2, 0x16f2_13ce_d5b1_5edd), (IMA_MONO, 1, 0xda2f_54f4_9db0_e2aa)]
    {
        let (probe, samples) = decoded(file);
        assert_eq!((probe.container, probe.codec), (Container::Wav, Codec::ImaAdpcm));
        assert_eq!((probe.channels, probe.truncated, probe.repair), (channels, false, None));
        let fact = find(file, b"fact") + 8;
        let told = u32::from_le_bytes(file[fact..fact + 4].try_into().unwrap());
        assert_eq!(probe.frames, u64::from(told));
        assert_eq!(samples.len() as u64, probe.frames * u64::from(channels));
        // sox plays the padding of the last block too.
        let (_, all) = decoded(&with(file, fact, &[0; 4]));
        assert_eq!(digest(&all), expected);
        assert_eq!(samples, all[..samples.len()]);
    }
}

#[test]
fn a_block_that_cannot_be_is_refused() {
    let block = |bytes: u16| refusal(&with(IMA_STEREO, 32, &bytes.to_le_bytes()));
    for bytes in [0, 1, 4, 8, 9, 260, u16::MAX] {
        let why = format!("a WAV block of {bytes} bytes cannot hold 2 samples of 4 bits");
        assert_eq!(block(bytes), why);
    }
    let bits = refusal(&with(IMA_STEREO, 34, &[3]));
    assert_eq!(bits, "IMA ADPCM of 3 bits in WAV is not supported");
}

#[test]
fn the_loudest_codes_stay_in_16_bits() {
    let mut block = vec![0xff, 0x7f, 88, 0];
    block.extend([0x77; 20]);
    block.extend([0xff; 28]);
    let format = format(0x11, 1, 8_000, 52, 4);
    let (probe, samples) = decoded(&wav(&[format, chunk(b"data", &block)]));
    assert_eq!(probe.frames, 97);
    assert_eq!((samples[0], samples[40], samples[96]), (i16::MAX, i16::MAX, i16::MIN));
}
