use crate::Error;
use crate::fixtures::*;

#[test]
fn a_format_that_is_not_taken_is_named() {
    for (start, name) in [
        (b"RF64\xff\xff\xff\xffWAVEds64".as_slice(), "RF64"),
        (b"BW64\xff\xff\xff\xffWAVEds64", "BW64"),
        (b"RIFX\0\0\0\x24WAVEfmt ", "RIFX"),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", "W64"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"FORM\0\0\0\0AIFFCOMM", "AIFF"),
        (b"FORM\0\0\0\0AIFCFVER", "AIFF"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81", "WebM"),
        (b".snd\0\0\0\x18", "AU"),
        (b"#!AMR\n\x04", "AMR"),
        (b"#!AMR-WB\n\x04", "AMR"),
        (b"\x02#!SILK_V3", "SILK"),
        (b"\xff\xf1\x6c\x40\x1a\x7f\xfc", "AAC"),
        (b"ID3\x04\0\0\0\0\0\0\xff\xf9\x6c\x40\x1a\x7f\xfc", "AAC"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "WMA"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"%PDF-1.7\n", "PDF"),
    ] {
        let bytes = [start, &[0; 1_000]].concat();
        assert_eq!(refusal(&bytes), format!("{name} is not supported"));
    }
    let tagged = [b"ID3\x04\0\0\0\0\0\0", MULAW_STEREO].concat();
    assert_eq!(refusal(&tagged), "WAV behind a tag is not supported");
    let layer_two = [&[0xff, 0xfd, 0xa4, 0], [0; 572].as_slice()].concat().repeat(4);
    assert_eq!(refusal(&layer_two), "MPEG layer II is not supported");
}

#[test]
fn anything_else_is_no_known_format() {
    let mut noise = 1_u32;
    let random: Vec<u8> = (0..200_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .collect();
    for bytes in [
        vec![0; 100_000],
        vec![0xff; 100_000],
        b"\xff\xfb\x90\x64".repeat(1_000),
        b"The quick brown fox jumps over the lazy dog.\n".repeat(100),
        b"{}".to_vec(),
        b"R".to_vec(),
        b"RIFF\0\0\0\0WEBPVP8 ".to_vec(),
        random,
    ] {
        let error = check(&bytes).unwrap_err();
        assert!(matches!(error, Error::NotAudio(_)), "{error:?}");
        assert_eq!(error.to_string(), "no known audio format");
    }
    assert_eq!(refusal(b""), "no audio in the file");
}
