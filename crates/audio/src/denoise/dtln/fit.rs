//! DTLN's files as they are published, made fit for `rten`.
//!
//! Their LSTM nodes name an eighth input, which is optional and empty; `rten` takes seven at most.
//! In ONNX a trailing input with an empty name is the same as none, so these names are left out;
//! no weight is changed. Source: `onnx.proto` of <https://github.com/onnx/onnx>, of which only
//! three fields are looked at, and <https://protobuf.dev/programming-guides/encoding/>.

use crate::Error;

/// `ModelProto.graph`.
const GRAPH: u64 = 7;
/// `GraphProto.node`.
const NODE: u64 = 1;
/// `NodeProto.input`, a string.
const INPUT: u64 = 1;

/// The same ONNX model, whose nodes have no empty inputs at their end.
///
/// # Errors
///
/// [`Error::Damaged`] where it is no ONNX.
pub fn fit_dtln(onnx: &[u8]) -> Result<Vec<u8>, Error> {
    edited(onnx, GRAPH, |graph| edited(graph, NODE, without_last_empty))
}

/// A message with each field of a number replaced.
fn edited(
    message: &[u8],
    number: u64,
    edit: impl Fn(&[u8]) -> Result<Vec<u8>, Error>,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(message.len());
    for field in fields(message)? {
        match field.text.filter(|_| field.number == number) {
            Some(text) => put(number, &edit(text)?, &mut out),
            None => out.extend(field.whole),
        }
    }
    Ok(out)
}

/// A node without the empty inputs at the end of its list.
fn without_last_empty(node: &[u8]) -> Result<Vec<u8>, Error> {
    let fields = fields(node)?;
    let is_input = |field: &Field<'_>| field.number == INPUT && field.text.is_some();
    let last = fields.iter().rposition(|field| is_input(field) && field.text != Some(b""));
    let stays = |(at, field): &(usize, &Field<'_>)| !is_input(field) || Some(*at) <= last;
    let kept = fields.iter().enumerate().filter(stays);
    Ok(kept.flat_map(|(_, field)| field.whole).copied().collect())
}

/// A field of a message.
struct Field<'a> {
    number: u64,
    /// With its key.
    whole: &'a [u8],
    /// Of a text, bytes or a message.
    text: Option<&'a [u8]>,
}

fn fields(message: &[u8]) -> Result<Vec<Field<'_>>, Error> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let from = rest;
        let field = field(&mut rest).ok_or_else(|| Error::damaged("not an ONNX model"))?;
        let whole = &from[..from.len() - rest.len()];
        fields.push(Field { number: field.0, whole, text: field.1 });
    }
    Ok(fields)
}

/// Takes the next field off: its number, and its text if it has one.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let key = varint(rest)?;
    let text = match key & 7 {
        0 => varint(rest).map(|_| None)?,
        1 => rest.split_off(..8).map(|_| None)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Some(rest.split_off(..length)?)
        }
        5 => rest.split_off(..4).map(|_| None)?,
        _ => return None,
    };
    Some((key >> 3, text))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn put(number: u64, text: &[u8], out: &mut Vec<u8>) {
    for mut value in [number << 3 | 2, text.len() as u64] {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                out.push(low & 0x7f);
                break;
            }
            out.push(low | 0x80);
        }
    }
    out.extend(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A model of one node with these inputs, and its operator's name.
    fn model(inputs: &[&str]) -> Vec<u8> {
        let mut node = Vec::new();
        for input in inputs {
            put(INPUT, input.as_bytes(), &mut node);
        }
        put(4, b"LSTM", &mut node);
        let mut graph = Vec::new();
        put(NODE, &node, &mut graph);
        put(5, &[7; 300], &mut graph); // Weights.
        let mut model = vec![8, 7]; // The version, a number.
        put(GRAPH, &graph, &mut model);
        model
    }

    #[test]
    fn empty_inputs_at_the_end_are_dropped_and_nothing_else_changes() {
        assert_eq!(fit_dtln(&model(&["x", "", "w", "", ""])).unwrap(), model(&["x", "", "w"]));
        assert_eq!(fit_dtln(&model(&["x", "w"])).unwrap(), model(&["x", "w"]));
        assert_eq!(fit_dtln(&model(&[])).unwrap(), model(&[]));
    }

    #[test]
    fn what_is_no_onnx_is_refused() {
        let whole = model(&["x"]);
        assert!(fit_dtln(&whole[..whole.len() - 1]).is_err());
        assert!(fit_dtln(&[0xff; 20]).is_err());
    }

    proptest! {
        #[test]
        fn it_never_panics(bytes: Vec<u8>) {
            let _ = fit_dtln(&bytes);
        }
    }
}
