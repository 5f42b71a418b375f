use proptest::prelude::*;

use crate::WavRepair;
use crate::fixtures::*;

const REPAIR: WavRepair = WavRepair { data_offset: 58, data_bytes: 8_002 };

#[test]
fn a_patched_header_is_what_it_should_have_been() {
    let broken = with(&with(MULAW_STEREO, 4, &[0xff; 4]), 54, &[0xff; 4]);
    let repair = check(&broken).unwrap().repair.unwrap();
    assert_eq!(repair, REPAIR);
    assert_eq!(repair.length(), 8_060);
    let mut patched = broken;
    repair.patch(0, &mut patched);
    assert!(patched == MULAW_STEREO);
}

#[test]
fn a_window_past_the_header_or_of_no_bytes_is_left_alone() {
    let mut bytes = [7; 100];
    REPAIR.patch(58, &mut bytes);
    REPAIR.patch(u64::MAX, &mut bytes);
    REPAIR.patch(4, &mut []);
    assert_eq!(bytes, [7; 100]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn windows_of_any_split_make_up_the_whole(lengths in prop::collection::vec(0..40_usize, 1..20)) {
        let mut whole = MULAW_STEREO[..200].to_vec();
        REPAIR.patch(0, &mut whole);
        let mut parts = MULAW_STEREO[..200].to_vec();
        let mut rest = parts.as_mut_slice();
        let mut offset = 0;
        for length in lengths {
            let (part, next) = rest.split_at_mut(length.min(rest.len()));
            REPAIR.patch(offset, part);
            offset += part.len() as u64;
            rest = next;
        }
        REPAIR.patch(offset, rest);
        prop_assert_eq!(parts, whole);
    }

    /// Whatever the sizes say, and wherever the file ends.
    #[test]
    fn a_patched_file_needs_no_repair(
        riff in prop_oneof![Just(0), Just(u32::MAX), Just(8_052), any::<u32>()],
        data in prop_oneof![Just(0), Just(u32::MAX), 0..10_000_u32, any::<u32>()],
        end in 60..MULAW_STEREO.len(),
    ) {
        let bytes = with(MULAW_STEREO, 4, &riff.to_le_bytes());
        let bytes = &with(&bytes, 54, &data.to_le_bytes())[..end];
        let Ok(probe) = check(bytes) else { return Ok(()) };
        if let Some(repair) = probe.repair {
            let mut patched = bytes[..usize::try_from(repair.length()).unwrap()].to_vec();
            repair.patch(0, &mut patched);
            let again = check(&patched).unwrap();
            prop_assert_eq!(again.repair, None);
            prop_assert_eq!(again.truncated, false);
            prop_assert_eq!(again.frames, probe.frames);
            prop_assert_eq!(probe.frames * 2, repair.data_bytes);
        }
        prop_assert!(probe.frames * 2 <= (end - 58) as u64);
    }
}
