//! The sound of a file, whatever it is in, as samples of 16 bits.

use std::io::{Read, Seek};

use crate::probe::probe_decoding;
use crate::wav::of_i32;
use crate::{Container, Error, Limits, Probe, gsm, wav};

/// Gives on all samples of a file that was probed, interleaved, in 16 bits: `probe.frames` of
/// each channel, without what an encoder put before and after them.
pub(crate) fn samples<R>(
    from: &mut R,
    probe: &Probe,
    delay: u64,
    limits: &Limits,
    sink: &mut dyn FnMut(&[i16]) -> Result<(), Error>,
) -> Result<(), Error>
where
    R: Read + Seek + Send + Sync,
{
    match probe.container {
        Container::Wav => return wav::samples(from, limits, sink),
        Container::Gsm => return gsm::samples(from, probe.frames, sink),
        _ => {}
    }
    let channels = u64::from(probe.channels);
    let samples = |frames: u64| usize::try_from(frames.saturating_mul(channels));
    let too_many = |_| limits.too_long();
    let mut skip = samples(delay).map_err(too_many)?;
    let mut left = samples(probe.frames).map_err(too_many)?;
    let (mut wide, mut narrow) = (Vec::<i32>::new(), Vec::new());
    probe_decoding(from, limits, &mut |sound| {
        sound.copy_to_vec_interleaved(&mut wide);
        let skipped = skip.min(wide.len());
        skip -= skipped;
        let wanted = left.min(wide.len() - skipped);
        left -= wanted;
        narrow.clear();
        narrow.extend(wide[skipped..skipped + wanted].iter().map(|sample| of_i32(*sample)));
        if narrow.is_empty() { Ok(()) } else { sink(&narrow) }
    })?;
    if left > 0 {
        return Err(Error::damaged("the file became shorter while it was read"));
    }
    Ok(())
}
