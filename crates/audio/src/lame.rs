//! MP3, by LAME (<https://lame.sourceforge.io>), loaded when it is needed: it is under the LGPL,
//! and whoever runs callvault may have another version of it, or none.
//!
//! Declared here is the small part of `lame.h` (3.100; unchanged since 3.98) that is called.

#![expect(unsafe_code, reason = "LAME is a C library, found at run time")]

use std::ffi::c_int;
use std::path::Path;
use std::ptr::NonNull;

use libloading::Library;

use crate::Error;

/// What the library is called on Linux, wherever it is.
pub const LAME: &str = "libmp3lame.so.0";

/// The sample rates of MPEG-2.5, MPEG-2 and MPEG-1.
const SAMPLE_RATES: [u32; 9] =
    [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// As many channels as samples are given to the encoder at once, at the most.
const PIECE: usize = 4_096;

/// LAME's own figure for the worst case, `1.25 * samples + 7200`, and more for the last flush.
const BUFFER: usize = PIECE * 5 / 4 + 7_200;

/// The longest frame there is, which the tag fills.
const TAG: usize = 2_881;

/// The quality of the search, 0 to 9: 5 is LAME's own choice for a constant bit rate.
const QUALITY: c_int = 5;

/// `MPEG_mode`: plain stereo, so that what one party says never leaks to the other's channel.
const STEREO: c_int = 0;
const MONO: c_int = 3;

/// `lame_global_flags`, which is LAME's own.
#[repr(C)]
struct Flags {
    _opaque: [u8; 0],
}

type Handle = *mut Flags;
type Set = unsafe extern "C" fn(Handle, c_int) -> c_int;

/// The library.
pub(crate) struct Lame {
    init: unsafe extern "C" fn() -> Handle,
    set_num_channels: Set,
    set_in_samplerate: Set,
    set_out_samplerate: Set,
    set_mode: Set,
    set_brate: Set,
    set_quality: Set,
    set_tag: Set,
    set_id3_automatic: unsafe extern "C" fn(Handle, c_int),
    init_params: unsafe extern "C" fn(Handle) -> c_int,
    encode_mono:
        unsafe extern "C" fn(Handle, *const i16, *const i16, c_int, *mut u8, c_int) -> c_int,
    encode_interleaved: unsafe extern "C" fn(Handle, *mut i16, c_int, *mut u8, c_int) -> c_int,
    flush: unsafe extern "C" fn(Handle, *mut u8, c_int) -> c_int,
    tag_frame: unsafe extern "C" fn(Handle, *mut u8, usize) -> usize,
    close: unsafe extern "C" fn(Handle) -> c_int,
    /// Holds what the pointers above point to.
    _library: Library,
}

/// One encoding.
pub(crate) struct Encoding<'l> {
    lame: &'l Lame,
    handle: NonNull<Flags>,
    channels: u16,
    buffer: Vec<u8>,
    /// LAME's interleaved input is not `const`.
    input: Vec<i16>,
    encoded: Vec<u8>,
}

/// The most bytes of an MP3 as it is made here.
pub(crate) fn most_bytes(channels: u16, sample_rate: u32, frames: u64) -> Result<u64, Error> {
    let bits = u64::from(kilobits(channels, sample_rate)?) * 1_000;
    // The tag's frame, delay and padding, and the last frame, whole.
    let frames = frames.saturating_add(8 * 1_152);
    Ok(frames.saturating_mul(bits) / 8 / u64::from(sample_rate) + (64 << 10))
}

/// In kbit/s. Enough for a voice in each channel, and for the tag (some 190 bytes) in a frame;
/// MPEG-2.5 ends at 64.
fn kilobits(channels: u16, sample_rate: u32) -> Result<u32, Error> {
    if !SAMPLE_RATES.contains(&sample_rate) {
        return Err(Error::Unsupported(format!("MP3 of {sample_rate} Hz")));
    }
    let each = match sample_rate {
        0..=12_000 => 32,
        12_001..=16_000 => 40,
        _ => 64,
    };
    match channels {
        1 | 2 => Ok(each * u32::from(channels)),
        _ => Err(Error::Unsupported(format!("MP3 of {channels} channels"))),
    }
}

impl Lame {
    /// Loads the library.
    pub(crate) fn load(library: &Path) -> Result<Self, Error> {
        // What exactly the loader says is nothing for those who ask for audio.
        let missing = |_: libloading::Error| {
            let why = "MP3 needs the library LAME, which is not installed; Debian has it as \
                       libmp3lame0";
            Error::NoEncoder(why.to_owned())
        };
        // SAFETY: LAME does nothing when it is loaded or unloaded, and the operator who names
        // another library has chosen it.
        let library = unsafe { Library::new(library) }.map_err(missing)?;
        // SAFETY: each symbol has the type that `lame.h` declares it with, and the pointers are
        // kept beside the library, which no more than they goes away.
        unsafe {
            Ok(Self {
                init: *library.get(b"lame_init\0").map_err(missing)?,
                set_num_channels: *library.get(b"lame_set_num_channels\0").map_err(missing)?,
                set_in_samplerate: *library.get(b"lame_set_in_samplerate\0").map_err(missing)?,
                set_out_samplerate: *library.get(b"lame_set_out_samplerate\0").map_err(missing)?,
                set_mode: *library.get(b"lame_set_mode\0").map_err(missing)?,
                set_brate: *library.get(b"lame_set_brate\0").map_err(missing)?,
                set_quality: *library.get(b"lame_set_quality\0").map_err(missing)?,
                set_tag: *library.get(b"lame_set_bWriteVbrTag\0").map_err(missing)?,
                set_id3_automatic: *library
                    .get(b"lame_set_write_id3tag_automatic\0")
                    .map_err(missing)?,
                init_params: *library.get(b"lame_init_params\0").map_err(missing)?,
                encode_mono: *library.get(b"lame_encode_buffer\0").map_err(missing)?,
                encode_interleaved: *library
                    .get(b"lame_encode_buffer_interleaved\0")
                    .map_err(missing)?,
                flush: *library.get(b"lame_encode_flush\0").map_err(missing)?,
                tag_frame: *library.get(b"lame_get_lametag_frame\0").map_err(missing)?,
                close: *library.get(b"lame_close\0").map_err(missing)?,
                _library: library,
            })
        }
    }

    /// Begins an MP3 of one or two channels at one of MP3's rates, with a constant bit rate.
    pub(crate) fn start(&self, channels: u16, sample_rate: u32) -> Result<Encoding<'_>, Error> {
        let kilobits = number(kilobits(channels, sample_rate)?);
        let rate = number(sample_rate);
        // SAFETY: takes nothing; gives null or what `close` frees.
        let handle = NonNull::new(unsafe { (self.init)() }).ok_or_else(|| failed("begin"))?;
        // From here on the handle is closed by `Drop`.
        let encoding = Encoding {
            lame: self,
            handle,
            channels,
            buffer: vec![0; BUFFER],
            input: Vec::new(),
            encoded: Vec::new(),
        };
        let handle = encoding.handle.as_ptr();
        // SAFETY: the handle is LAME's own and not yet closed; the setters and `init_params` look
        // at nothing but it and their number.
        let refused = unsafe {
            (self.set_id3_automatic)(handle, 0);
            (self.set_num_channels)(handle, c_int::from(channels.cast_signed())) < 0
                || (self.set_in_samplerate)(handle, rate) < 0
                || (self.set_out_samplerate)(handle, rate) < 0
                || (self.set_mode)(handle, if channels == 1 { MONO } else { STEREO }) < 0
                || (self.set_brate)(handle, kilobits) < 0
                || (self.set_quality)(handle, QUALITY) < 0
                || (self.set_tag)(handle, 1) < 0
                || (self.init_params)(handle) < 0
        };
        if refused { Err(failed("take these settings")) } else { Ok(encoding) }
    }
}

impl Encoding<'_> {
    /// Takes the next samples, interleaved; what they make, with what came before.
    pub(crate) fn encode(&mut self, samples: &[i16]) -> Result<&[u8], Error> {
        self.encoded.clear();
        let channels = usize::from(self.channels);
        for piece in samples.chunks(PIECE / channels * channels) {
            let (frames, room) = (length(piece.len() / channels), length(self.buffer.len()));
            let (handle, buffer) = (self.handle.as_ptr(), self.buffer.as_mut_ptr());
            self.input.clear();
            self.input.extend_from_slice(piece);
            let made = if self.channels == 1 {
                let input = self.input.as_ptr();
                // SAFETY: the handle is open; `input` has `frames` samples, which with one channel
                // is all that is read of either pointer; at most `room` bytes are written to the
                // buffer, which has them.
                unsafe { (self.lame.encode_mono)(handle, input, input, frames, buffer, room) }
            } else {
                let input = self.input.as_mut_ptr();
                // SAFETY: as above, and `input` has twice `frames` samples.
                unsafe { (self.lame.encode_interleaved)(handle, input, frames, buffer, room) }
            };
            self.take(made, "encode")?;
        }
        Ok(&self.encoded)
    }

    /// Ends it: the last frames, padded.
    pub(crate) fn finish(&mut self) -> Result<&[u8], Error> {
        self.encoded.clear();
        let room = length(self.buffer.len());
        // SAFETY: the handle is open, and the buffer has `room` bytes.
        let made =
            unsafe { (self.lame.flush)(self.handle.as_ptr(), self.buffer.as_mut_ptr(), room) };
        self.take(made, "finish")?;
        Ok(&self.encoded)
    }

    /// After the end: the frame that belongs at the very beginning, with how much sound there is,
    /// and how much before and after it is not.
    pub(crate) fn tag(&mut self) -> Result<&[u8], Error> {
        let handle = self.handle.as_ptr();
        // SAFETY: the handle is open, and the buffer has at least as many bytes as are offered.
        let size = unsafe { (self.lame.tag_frame)(handle, self.buffer.as_mut_ptr(), TAG) };
        // 0 where there is none, and the size that it would have where there is no room.
        match self.buffer.get(..size) {
            Some(tag) if size > 0 && size <= TAG => Ok(tag),
            _ => Err(failed("write its tag")),
        }
    }

    fn take(&mut self, made: c_int, what: &'static str) -> Result<(), Error> {
        let made = usize::try_from(made).ok().and_then(|made| self.buffer.get(..made));
        self.encoded.extend_from_slice(made.ok_or_else(|| failed(what))?);
        Ok(())
    }
}

impl Drop for Encoding<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nothing uses it after this.
        unsafe { (self.lame.close)(self.handle.as_ptr()) };
    }
}

fn failed(what: &str) -> Error {
    Error::Io(std::io::Error::other(format!("LAME could not {what}")))
}

/// A small number, as C has it.
fn number(number: u32) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

/// The length of a buffer of a fixed size.
fn length(length: usize) -> c_int {
    c_int::try_from(length).unwrap_or(c_int::MAX)
}
