use std::collections::HashMap;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;

#[test]
fn floats_of_16_bits_are_the_nearest() {
    for half in 0..=u16::MAX {
        let number = half::to_f32(half);
        let back = half::of(number);
        assert!(back == half || number.is_nan() && half::to_f32(back).is_nan(), "{half:#x}");
    }
    for (number, half) in [
        (1.0, 0x3c00),
        (-2.0, 0xc000),
        (65_504.0, 0x7bff),
        (65_519.9, 0x7bff),
        (65_520.0, 0x7c00),
        (1.0 + 1.0 / 2_048.0, 0x3c00), // a tie, to the even one
        (1.0 + 3.0 / 2_048.0, 0x3c02),
        (2.0_f32.powi(-24), 1),
        (2.0_f32.powi(-25), 0),
        (2.0_f32.powi(-25) * 1.01, 1),
        (0.0, 0),
    ] {
        assert_eq!(half::of(number), half, "{number}");
    }
}

#[test]
fn mel_filters_are_librosas() {
    let all: Vec<f32> = mel::filters(80).collect();
    assert_eq!(all.len(), 80 * 201);
    // librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)
    for (band, bin, weight) in MEL_WEIGHTS {
        let made = all[band * 201 + bin];
        assert!((made - weight).abs() < 1e-8, "{band} {bin}: {made}");
    }
}

const MEL_WEIGHTS: [(usize, usize, f32); 7] = [
    (0, 0, 0.0),
    (0, 1, 0.024_862_595),
    (1, 2, 0.022_871_772),
    (40, 42, 0.005_411_105),
    (60, 100, 0.0),
    (79, 190, 0.002_232_055),
    (79, 199, 0.000_448_759),
];

/// A model of one layer each, with all variables of Whisper's, each number another.
fn tiny(kind: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let name = |file: &mut Vec<u8>, name: &str| {
        file.extend(u16::try_from(name.len() + 1).unwrap().to_le_bytes());
        file.extend(name.as_bytes());
        file.push(0);
    };
    let mut variables = vec![
        ("decoder/embeddings/weight".to_owned(), vec![70, 64]),
        ("encoder/conv1/weight".to_owned(), vec![64, 80, 3]),
        ("encoder/conv1/bias".to_owned(), vec![64]),
        ("encoder/conv2/weight".to_owned(), vec![64, 64, 3]),
        ("encoder/conv2/bias".to_owned(), vec![64]),
    ];
    for (half, context, attentions) in [("encoder", 1_500, 1), ("decoder", 448, 2)] {
        let mut add = |name: &str, shape: &[u32]| {
            variables.push((format!("{half}/{name}"), shape.to_vec()));
        };
        add("position_encodings/encodings", &[context, 64]);
        for norm in ["layer_norm", "layer_0/ffn/layer_norm", "layer_0/self_attention/layer_norm"] {
            add(&format!("{norm}/gamma"), &[64]);
            add(&format!("{norm}/beta"), &[64]);
        }
        let mut linear = |name: &str, rows: u32, columns: u32| {
            add(&format!("layer_0/{name}/weight"), &[rows, columns]);
            add(&format!("layer_0/{name}/bias"), &[rows]);
        };
        linear("ffn/linear_0", 256, 64);
        linear("ffn/linear_1", 64, 256);
        linear("self_attention/linear_0", 192, 64);
        linear("self_attention/linear_1", 64, 64);
        if attentions == 2 {
            linear("attention/linear_0", 64, 64);
            linear("attention/linear_1", 128, 64);
            linear("attention/linear_2", 64, 64);
            add("layer_0/attention/layer_norm/gamma", &[64]);
            add("layer_0/attention/layer_norm/beta", &[64]);
        }
    }
    file.extend(6_u32.to_le_bytes());
    name(&mut file, "WhisperSpec");
    file.extend(3_u32.to_le_bytes());
    file.extend(u32::try_from(variables.len()).unwrap().to_le_bytes());
    for (nth, (variable, shape)) in (0_u16..).zip(variables) {
        name(&mut file, &variable);
        file.push(u8::try_from(shape.len()).unwrap());
        file.extend(shape.iter().flat_map(|size| size.to_le_bytes()));
        file.push(kind);
        let numbers = (0..shape.iter().product()).map(|n| number(nth, n));
        let data: Vec<u8> = match kind {
            0 => numbers.flat_map(f32::to_le_bytes).collect(),
            _ => numbers.flat_map(|number| half::of(number).to_le_bytes()).collect(),
        };
        file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        file.extend(data);
    }
    file
}

/// Exact in 16 bits.
fn number(variable: u16, n: u32) -> f32 {
    let n = u16::try_from(n.wrapping_mul(2_654_435_761) >> 22).unwrap();
    f32::from(n) / 64.0 - 8.0 + f32::from(variable) / 64.0
}

const VOCABULARY: &str = r#"["!", "Ġa", "Ń", "<|endoftext|>", "<|startoftranscript|>"]"#;

fn converted(files: &[&[u8]], vocabulary: &str, precision: Precision) -> Result<Vec<u8>, Error> {
    let mut parts: Vec<_> = files.iter().map(Cursor::new).collect();
    let mut made = Vec::new();
    whisper(&mut parts, &mut vocabulary.as_bytes(), precision, &mut made).map(|()| made)
}

/// A tensor of ggml's file: type, dimensions, data.
type Read = (u32, Vec<u32>, Vec<u8>);

fn tensors_of(mut file: &[u8]) -> HashMap<String, Read> {
    let mut all = HashMap::new();
    let word =
        |file: &mut &[u8]| u32::from_le_bytes(*file.split_off(..4).unwrap().as_array().unwrap());
    let bytes = |file: &mut &[u8], count: u32| file.split_off(..count as usize).unwrap().to_vec();
    while !file.is_empty() {
        let (dimensions, length, kind) = (word(&mut file), word(&mut file), word(&mut file));
        let shape: Vec<u32> = (0..dimensions).map(|_| word(&mut file)).collect();
        let name = String::from_utf8(bytes(&mut file, length)).unwrap();
        let count: u32 = shape.iter().product();
        let size = match kind {
            0 => count * 4,
            1 => count * 2,
            _ => count / 32 * 34,
        };
        all.insert(name, (kind, shape, bytes(&mut file, size)));
    }
    all
}

const HEADER: usize = 4 + 11 * 4 + 8 + 80 * 201 * 4 + 4 + (4 + 1) + (4 + 2) + (4 + 1);

#[test]
fn a_model_keeps_its_sizes_words_and_numbers() {
    for (kind, cut) in [(0, 1), (4, 1_000), (4, 200_000)] {
        let file = tiny(kind);
        let (first, second) = file.split_at(cut);
        let made = converted(&[first, second], VOCABULARY, Precision::F16).unwrap();
        let words: Vec<u32> = made[4..48]
            .chunks(4)
            .map(|word| u32::from_le_bytes(*word.as_array().unwrap()))
            .collect();
        assert_eq!(&made[..4], b"lmgg");
        assert_eq!(words, [70, 1_500, 64, 1, 1, 448, 64, 1, 1, 80, 1]);
        assert!(made[..HEADER].ends_with(b"\x03\0\0\0\x01\0\0\0!\x02\0\0\0 a\x01\0\0\0\xad"));
        let tensors = tensors_of(&made[HEADER..]);
        assert_eq!(tensors.len(), 3 + 5 + 15 + 2 + 24 + 2 - 1);
        // The third of query, key and value, which follow each other.
        let (kind, shape, data) = &tensors["encoder.blocks.0.attn.value.weight"];
        assert_eq!((*kind, &shape[..]), (1, &[64, 64][..]));
        let place = tiny_place("encoder/layer_0/self_attention/linear_0/weight");
        let expected = (0..4_096).flat_map(|n| half::of(number(place, 8_192 + n)).to_le_bytes());
        assert!(data.iter().copied().eq(expected));
        let (kind, shape, data) = &tensors["encoder.conv2.bias"];
        assert_eq!((*kind, &shape[..]), (0, &[1, 64][..]));
        assert!(data.iter().copied().eq((0..64).flat_map(|n| number(4, n).to_le_bytes())));
        assert!(!tensors.contains_key("decoder.blocks.0.cross_attn.key.bias"));
    }
}

/// The number of a variable in [`tiny`].
fn tiny_place(variable: &str) -> u16 {
    let (file, mut first) = (tiny(0), Vec::<f32>::new());
    let mut parts = [Cursor::new(&file)];
    let sink = &mut |numbers: &[f32]| {
        first.extend(numbers);
        Ok(())
    };
    Model::read(&mut parts).unwrap().numbers(variable, 0, 1, sink).unwrap();
    (0..200).find(|place| (number(*place, 0) - first[0]).abs() < 1e-6).unwrap()
}

#[test]
fn quantised_numbers_are_near_what_they_were() {
    let made = converted(&[&tiny(4)], VOCABULARY, Precision::Q8).unwrap();
    let tensors = tensors_of(&made[HEADER..]);
    let (kind, shape, data) = &tensors["decoder.token_embedding.weight"];
    assert_eq!((*kind, &shape[..]), (8, &[64, 70][..]));
    for (nth, block) in (0..).zip(data.chunks(34)) {
        let scale = half::to_f32(u16::from_le_bytes([block[0], block[1]]));
        for (n, number_8) in (nth * 32..).zip(&block[2..]) {
            let back = scale * f32::from(number_8.cast_signed());
            assert!((back - number(0, n)).abs() <= scale * 0.6, "{n}: {back}");
        }
    }
    // What is small and what is convolved stays.
    assert_eq!(tensors["encoder.conv1.weight"].0, 1);
    assert_eq!(tensors["decoder.ln.weight"].0, 0);
}

#[test]
fn what_is_no_model_is_refused() {
    let refusal = |file: &[u8], vocabulary: &str| {
        converted(&[file], vocabulary, Precision::Q8).unwrap_err().to_string()
    };
    let file = tiny(4);
    assert_eq!(
        refusal(b"lmgg", "[]"),
        "not a Whisper model of CTranslate2: it is of version 1734831468, not 6"
    );
    assert_eq!(
        refusal(&file[..file.len() - 1], "[]"),
        "not a Whisper model of CTranslate2: it ends in the middle"
    );
    assert_eq!(
        refusal(&file, r#"["ガ"]"#),
        "not a Whisper model of CTranslate2: its vocabulary is not written as GPT-2's"
    );
    assert_eq!(
        refusal(&tiny(1), VOCABULARY),
        "not a Whisper model of CTranslate2: encoder/position_encodings/encodings is quantised already"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is in the file, it ends in an answer.
    #[test]
    fn damaged_models_never_panic(at in 0..2_000_usize, bytes: [u8; 4], cut in 0..400_000_usize) {
        let mut file = tiny(4);
        file[at..at + 4].copy_from_slice(&bytes);
        file.truncate(cut.max(at));
        let _ = converted(&[&file], VOCABULARY, Precision::Q8);
    }
}
