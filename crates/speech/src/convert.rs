//! Whisper's weights in the format of CTranslate2, made into those of ggml.
//!
//! ggml's file: the magic, eleven sizes, the mel filters, the vocabulary, then tensor by tensor
//! its number of dimensions, length of name, type, dimensions (the innermost first), name and
//! data; all numbers little-endian, of 32 bits. Source: `whisper_model_load` in whisper.cpp.

mod ctranslate2;
mod half;
mod mel;
mod vocabulary;

use std::io::{self, Read, Seek, Write};

use ctranslate2::{Model, Variable};

/// How a matrix's numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As 16-bit floats.
    F16,
    /// As 8-bit integers, each 32 of which share a scale.
    Q8,
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is wrong with the source.
    #[error("not a Whisper model of CTranslate2: {0}")]
    Source(String),
}

/// Makes a model of its parts, which are `model.bin` when put together, and its
/// `vocabulary.json`. Weights of 16 and 32 bits are known, not those that were quantised already.
///
/// Uses little memory, whatever the model's size. `to` is not flushed.
pub fn whisper<R: Read + Seek>(
    parts: &mut [R],
    vocabulary: &mut dyn Read,
    precision: Precision,
    to: &mut dyn Write,
) -> Result<(), Error> {
    let mut model = Model::read(parts)?;
    let tokens = vocabulary::read(vocabulary)?;
    let sizes = Sizes::of(&model)?;
    let file_type = match precision {
        Precision::F16 => 1,
        Precision::Q8 => 2_007, // the second version of quantisation, Q8_0
    };
    let Sizes { vocabulary, audio, text, mels } = sizes;
    to.write_all(b"lmgg")?;
    for size in [vocabulary].into_iter().chain(audio.all()).chain(text.all()) {
        write(to, size)?;
    }
    write(to, mels)?;
    write(to, file_type)?;
    mel::write(mels, to)?;
    write(to, size_of(tokens.len())?)?;
    for token in tokens {
        write(to, size_of(token.len())?)?;
        to.write_all(&token)?;
    }
    for tensor in tensors(audio.layers, text.layers) {
        tensor.write(&mut model, precision, to)?;
    }
    Ok(())
}

struct Sizes {
    vocabulary: u32,
    audio: Half,
    text: Half,
    mels: u32,
}

/// The encoder, or the decoder.
struct Half {
    context: u32,
    width: u32,
    layers: u32,
}

impl Sizes {
    fn of<R>(model: &Model<'_, R>) -> Result<Self, Error> {
        let half = |name: &str| {
            let positions = model.variable(&format!("{name}/position_encodings/encodings"))?;
            let [context, width] = positions.shape[..] else {
                return Err(Error::Source(format!("{name} has no positions")));
            };
            let layer = |n: &u32| model.has(&format!("{name}/layer_{n}/ffn/linear_0/weight"));
            let layers = (0..MOST_LAYERS).take_while(layer).count();
            Ok(Half { context, width, layers: size_of(layers)? })
        };
        let (Some(vocabulary), Some(mels)) = (
            model.variable("decoder/embeddings/weight")?.shape.first().copied(),
            model.variable("encoder/conv1/weight")?.shape.get(1).copied(),
        ) else {
            return Err(Error::Source("no embeddings or spectrum".to_owned()));
        };
        Ok(Self { vocabulary, audio: half("encoder")?, text: half("decoder")?, mels })
    }
}

impl Half {
    fn all(&self) -> [u32; 4] {
        // Whisper's heads are 64 wide.
        [self.context, self.width, self.width / 64, self.layers]
    }
}

/// More layers than any Whisper model has.
const MOST_LAYERS: u32 = 1_000;

/// A tensor of ggml's, and what it is made of.
struct Tensor {
    name: String,
    from: String,
    /// Which part of how many, where CTranslate2 has several matrices in one.
    part: (u32, u32),
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Matrix,
    Convolution,
    /// Written as 32-bit floats.
    Plain,
    /// Plain, and written as a column.
    Column,
}

/// All of them, in the order of whisper.cpp's own converter.
fn tensors(encoder_layers: u32, decoder_layers: u32) -> Vec<Tensor> {
    let mut all = Vec::new();
    let mut add = |name: String, from: String, part, kind| {
        all.push(Tensor { name, from, part, kind });
    };
    for (half, layers, attentions) in
        [("encoder", encoder_layers, 1), ("decoder", decoder_layers, 2)]
    {
        let own = |name: &str| format!("{half}.{name}");
        let their = |name: &str| format!("{half}/{name}");
        let positions = their("position_encodings/encodings");
        add(own("positional_embedding"), positions, (0, 1), Kind::Plain);
        if half == "encoder" {
            for conv in ["conv1", "conv2"] {
                let (name, from) = (format!("{conv}.weight"), format!("{conv}/weight"));
                add(own(&name), their(&from), (0, 1), Kind::Convolution);
                let (name, from) = (format!("{conv}.bias"), format!("{conv}/bias"));
                add(own(&name), their(&from), (0, 1), Kind::Column);
            }
        } else {
            let embeddings = their("embeddings/weight");
            add(own("token_embedding.weight"), embeddings, (0, 1), Kind::Matrix);
        }
        for layer in 0..layers {
            for (name, from, part, kind) in layer_tensors(attentions) {
                let name = own(&format!("blocks.{layer}.{name}"));
                add(name, their(&format!("layer_{layer}/{from}")), part, kind);
            }
        }
        let norm = if half == "encoder" { "ln_post" } else { "ln" };
        for (name, from) in [("weight", "gamma"), ("bias", "beta")] {
            let (name, from) = (format!("{norm}.{name}"), format!("layer_norm/{from}"));
            add(own(&name), their(&from), (0, 1), Kind::Plain);
        }
    }
    all
}

type LayerTensor = (String, String, (u32, u32), Kind);

/// Those of a layer, which looks at itself and, in the decoder, at the encoder's output.
fn layer_tensors(attentions: usize) -> Vec<LayerTensor> {
    let mut all = Vec::new();
    let mut norm = |name: &str, from: &str| {
        for (end, theirs) in [("weight", "gamma"), ("bias", "beta")] {
            let from = format!("{from}/layer_norm/{theirs}");
            all.push((format!("{name}.{end}"), from, (0, 1), Kind::Plain));
        }
    };
    norm("attn_ln", "self_attention");
    if attentions == 2 {
        norm("cross_attn_ln", "attention");
    }
    norm("mlp_ln", "ffn");
    let mut linear = |name: &str, from: &str, part| {
        all.push((format!("{name}.weight"), format!("{from}/weight"), part, Kind::Matrix));
        // What all keys have in common makes no difference to where attention goes.
        if !name.ends_with("key") {
            all.push((format!("{name}.bias"), format!("{from}/bias"), part, Kind::Plain));
        }
    };
    linear("attn.query", "self_attention/linear_0", (0, 3));
    linear("attn.key", "self_attention/linear_0", (1, 3));
    linear("attn.value", "self_attention/linear_0", (2, 3));
    linear("attn.out", "self_attention/linear_1", (0, 1));
    if attentions == 2 {
        linear("cross_attn.query", "attention/linear_0", (0, 1));
        linear("cross_attn.key", "attention/linear_1", (0, 2));
        linear("cross_attn.value", "attention/linear_1", (1, 2));
        linear("cross_attn.out", "attention/linear_2", (0, 1));
    }
    linear("mlp.0", "ffn/linear_0", (0, 1));
    linear("mlp.2", "ffn/linear_1", (0, 1));
    all
}

/// How many numbers share a scale.
const BLOCK: usize = 32;

impl Tensor {
    fn write<R: Read + Seek>(
        &self,
        model: &mut Model<'_, R>,
        precision: Precision,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let Variable { shape, .. } = model.variable(&self.from)?;
        let mut shape = shape.clone();
        let (part, parts) = self.part;
        let wrong = || Error::Source(format!("{} has another shape than Whisper's", self.from));
        let rows = shape.first_mut().ok_or_else(wrong)?;
        if !rows.is_multiple_of(parts) {
            return Err(wrong());
        }
        *rows /= parts;
        if self.kind == Kind::Column {
            shape.push(1);
        }
        let (kind, write): (u32, Encode) = match (self.kind, precision) {
            (Kind::Plain | Kind::Column, _) => (0, plain),
            (Kind::Convolution, _) | (Kind::Matrix, Precision::F16) => (1, halves),
            (Kind::Matrix, Precision::Q8) => {
                let row = shape.last().copied().unwrap_or_default() as usize;
                if !row.is_multiple_of(BLOCK) {
                    return Err(wrong());
                }
                (8, quantised)
            }
        };
        for size in [size_of(shape.len())?, size_of(self.name.len())?, kind] {
            self::write(to, size)?;
        }
        for size in shape.iter().rev() {
            self::write(to, *size)?;
        }
        to.write_all(self.name.as_bytes())?;
        let mut bytes = Vec::new();
        model.numbers(&self.from, part, parts, &mut |numbers| {
            bytes.clear();
            write(numbers, &mut bytes);
            to.write_all(&bytes)
        })
    }
}

/// Adds numbers, as they are written, to bytes.
type Encode = fn(&[f32], &mut Vec<u8>);

fn plain(numbers: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn halves(numbers: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(numbers.iter().flat_map(|number| half::of(*number).to_le_bytes()));
}

/// Blocks of a scale, of 16 bits, and what the numbers are in it, of 8.
fn quantised(numbers: &[f32], bytes: &mut Vec<u8>) {
    for block in numbers.chunks(BLOCK) {
        let most = block.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        let scale = most / 127.0;
        let by = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        bytes.extend(half::of(scale).to_le_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "none is more than 127")]
        bytes.extend(block.iter().flat_map(|number| ((number * by).round() as i8).to_le_bytes()));
    }
}

fn write(to: &mut dyn Write, number: u32) -> io::Result<()> {
    to.write_all(&number.to_le_bytes())
}

fn size_of(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(|_| Error::Source("it is too large".to_owned()))
}

#[cfg(test)]
mod tests;
