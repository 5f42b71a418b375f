use super::{Layer, find};
use crate::fixtures::*;

#[test]
fn the_first_frame_is_found_behind_junk_but_not_far_behind() {
    assert_eq!(find(TAG_STEREO_MP3, 1 << 16), Some((0, Layer::Three)));
    let behind = |junk: usize| [&vec![0xff; junk], TAG_STEREO_MP3].concat();
    assert_eq!(find(&behind(1_000), 1 << 16), Some((1_000, Layer::Three)));
    assert_eq!(find(&behind(1_000), 1_000), None);
}

#[test]
fn fewer_than_three_count_only_at_the_start() {
    let two = &TAG_STEREO_MP3[..2 * 288];
    assert_eq!(find(two, 1 << 16), Some((0, Layer::Three)));
    assert_eq!(find(&two[..400], 1 << 16), Some((0, Layer::Three)));
    assert_eq!(find(&[b"junk", two].concat(), 1 << 16), None);
    assert_eq!(find(&[two, b"junk"].concat(), 1 << 16), None);
    assert_eq!(find(b"", 1 << 16), None);
    assert_eq!(find(&two[..3], 1 << 16), None);
}

#[test]
fn the_other_layers_are_told_apart() {
    // MPEG-1, 48 kHz: layer II at 192 kbit/s, 576 bytes; layer I at 256 kbit/s, 256 bytes.
    let frames =
        |header: [u8; 4], bytes: usize| [header.to_vec(), vec![0; bytes - 4]].concat().repeat(3);
    assert_eq!(find(&frames([0xff, 0xfd, 0xa4, 0], 576), 10), Some((0, Layer::Two)));
    assert_eq!(find(&frames([0xff, 0xff, 0x84, 0], 256), 10), Some((0, Layer::One)));
}
