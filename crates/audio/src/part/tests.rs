use proptest::prelude::*;

use super::*;

/// Cuts a sound that comes in pieces of such a length.
fn cut(part: &Part, channels: u16, samples: &[i16], piece: usize) -> Vec<i16> {
    let mut cutter = Cutter::new(part, channels);
    let pieces = samples.chunks(piece * usize::from(channels));
    pieces.flat_map(|piece| cutter.cut(piece).to_vec()).collect()
}

const STEREO: [i16; 10] = [1, -1, 2, -4, 3, 30, 4, 40, i16::MAX, i16::MAX];

#[test]
fn a_channel_comes_alone_or_in_a_mix() {
    let of = |channel, frames| cut(&Part { channel: Some(channel), frames }, 2, &STEREO, 2);
    assert_eq!(of(Channel::One(0), 0..u64::MAX), [1, 2, 3, 4, i16::MAX]);
    assert_eq!(of(Channel::One(1), 1..3), [-4, 30]);
    // Toward zero: -1, not -2.
    assert_eq!(of(Channel::Mix, 0..u64::MAX), [0, -1, 16, 22, i16::MAX]);
    assert_eq!(cut(&Part::WHOLE, 2, &STEREO, 3), STEREO);
    let mono = Part { channel: Some(Channel::Mix), frames: 0..4 };
    assert_eq!(cut(&mono, 1, &STEREO, 3), STEREO[..4]);
}

proptest! {
    #[test]
    fn a_while_is_the_same_however_it_comes(
        samples in prop::collection::vec(any::<i16>(), 0..60),
        start in 0..70_u64,
        length in 0..70_u64,
        piece in 1..20_usize,
    ) {
        let part = Part { channel: None, frames: start..start + length };
        let found = cut(&part, 1, &samples, piece);
        let all = samples.iter().copied();
        let wanted: Vec<i16> =
            all.skip(usize::try_from(start).unwrap()).take(usize::try_from(length).unwrap()).collect();
        prop_assert_eq!(&found, &wanted);
        prop_assert_eq!(found.len() as u64, part.length(samples.len() as u64));
    }
}
