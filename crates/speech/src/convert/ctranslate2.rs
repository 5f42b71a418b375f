//! CTranslate2's `model.bin`, version 6: little-endian numbers; the version, the name and revision
//! of the kind of model, then the number of variables and each of them: name, number of dimensions
//! (8 bits), dimensions, type (8 bits), bytes, data. Names have their length (16 bits) before them
//! and a zero at their end. Source: `model.cc` and `model_spec.py` of CTranslate2.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::{Error, half};

/// More variables than any Whisper model has.
const MOST_VARIABLES: u32 = 10_000;
const MOST_DIMENSIONS: u8 = 4;

/// How many numbers are read at a time.
const PIECE: usize = 16_384;

/// A model whose data are still in its file.
pub(super) struct Model<'f, R> {
    parts: &'f mut [R],
    variables: HashMap<String, Variable>,
}

pub(super) struct Variable {
    /// The outermost dimension first.
    pub(super) shape: Vec<u32>,
    kind: u8,
    /// Where its data begin.
    at: u64,
    bytes: u64,
}

const F32: u8 = 0;
const F16: u8 = 4;

impl<'f, R: Read + Seek> Model<'f, R> {
    pub(super) fn read(parts: &'f mut [R]) -> Result<Self, Error> {
        let mut file = Whole::new(parts)?;
        let version = u32::from_le_bytes(file.array()?);
        if version != 6 {
            return Err(Error::Source(format!("it is of version {version}, not 6")));
        }
        let kind = file.name()?;
        if kind != "WhisperSpec" {
            return Err(Error::Source(format!("it is a {kind:?}")));
        }
        let _revision: [u8; 4] = file.array()?;
        let count = u32::from_le_bytes(file.array()?);
        if count > MOST_VARIABLES {
            return Err(Error::Source(format!("it has {count} variables")));
        }
        let mut variables = HashMap::new();
        for _ in 0..count {
            let name = file.name()?;
            let [dimensions] = file.array()?;
            if dimensions > MOST_DIMENSIONS {
                return Err(Error::Source(format!("{name} has {dimensions} dimensions")));
            }
            let shape = (0..dimensions)
                .map(|_| Ok(u32::from_le_bytes(file.array()?)))
                .collect::<io::Result<Vec<_>>>()?;
            let [kind] = file.array()?;
            let bytes = u32::from_le_bytes(file.array()?).into();
            let at = file.at;
            if bytes > file.length - at {
                return Err(Error::Source("it ends in the middle".to_owned()));
            }
            file.at += bytes;
            variables.insert(name, Variable { shape, kind, at, bytes });
        }
        Ok(Self { parts, variables })
    }

    /// Gives on the numbers of one part of a variable, out of so many of the same size.
    pub(super) fn numbers(
        &mut self,
        name: &str,
        part: u32,
        parts: u32,
        sink: &mut dyn FnMut(&[f32]) -> io::Result<()>,
    ) -> Result<(), Error> {
        let Variable { shape, kind, at, bytes } = self.variable(name)?;
        let (size, to_f32): (usize, fn(&[u8]) -> f32) = match *kind {
            F32 => (4, |bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
            F16 => (2, |bytes| half::to_f32(u16::from_le_bytes([bytes[0], bytes[1]]))),
            _ => return Err(Error::Source(format!("{name} is quantised already"))),
        };
        let count = shape.iter().try_fold(size as u64, |all, one| all.checked_mul((*one).into()));
        if count != Some(*bytes) {
            return Err(Error::Source(format!("{name} is as long as another shape would be")));
        }
        let mut left = bytes / u64::from(parts);
        let at = at + left * u64::from(part);
        let mut file = Whole::new(self.parts)?;
        file.at = at;
        let (mut raw, mut numbers) = (vec![0; PIECE * size], Vec::new());
        while left > 0 {
            let wanted = usize::try_from(left).map_or(raw.len(), |left| left.min(raw.len()));
            file.read(&mut raw[..wanted])?;
            left -= wanted as u64;
            numbers.clear();
            numbers.extend(raw[..wanted].chunks_exact(size).map(to_f32));
            sink(&numbers)?;
        }
        Ok(())
    }
}

impl<R> Model<'_, R> {
    pub(super) fn variable(&self, name: &str) -> Result<&Variable, Error> {
        self.variables.get(name).ok_or_else(|| Error::Source(format!("it has no {name}")))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }
}

/// Files that follow each other, as one.
struct Whole<'f, R> {
    /// Each with where it begins.
    parts: Vec<(u64, &'f mut R)>,
    length: u64,
    at: u64,
}

impl<'f, R: Read + Seek> Whole<'f, R> {
    fn new(files: &'f mut [R]) -> io::Result<Self> {
        let (mut parts, mut length) = (Vec::new(), 0);
        for file in files {
            let start = length;
            length += file.seek(SeekFrom::End(0))?;
            parts.push((start, file));
        }
        Ok(Self { parts, length, at: 0 })
    }

    fn read(&mut self, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            let after = self.parts.partition_point(|(start, _)| *start <= self.at);
            let part = after.checked_sub(1).and_then(|n| self.parts.get_mut(n));
            let (start, file) = part.ok_or(io::ErrorKind::UnexpectedEof)?;
            file.seek(SeekFrom::Start(self.at - *start))?;
            let read = file.read(buffer)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.at += read as u64;
            buffer = &mut buffer[read..];
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    fn name(&mut self) -> Result<String, Error> {
        let mut bytes = vec![0; usize::from(u16::from_le_bytes(self.array()?))];
        self.read(&mut bytes)?;
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        String::from_utf8(bytes).map_err(|_| Error::Source("a name is not UTF-8".to_owned()))
    }
}
