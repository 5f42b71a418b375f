//! Floats of 16 bits (IEEE 754, binary16).

/// The nearest one; of two as near, the even one. What is too large becomes infinite.
pub(super) fn of(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = bits >> 16 & 0x8000;
    let size = bits & 0x7fff_ffff;
    let half = match size {
        // Not a number; infinite, or nearer to it than to the largest.
        0x7f80_0001.. => 0x7e00,
        0x477f_f000.. => 0x7c00,
        // Normal: the exponent is smaller by 112, the fraction shorter by 13 bits.
        0x3880_0000.. => shifted(size - (112 << 23), 13),
        // Subnormal, in units of 2^-24.
        0x3300_0000.. => shifted(size & 0x007f_ffff | 0x0080_0000, 126 - (size >> 23)),
        _ => 0,
    };
    u16::try_from(sign | half).expect("it has 16 bits")
}

/// Rounds away the last bits.
fn shifted(number: u32, by: u32) -> u32 {
    let (whole, rest, middle) = (number >> by, number & ((1 << by) - 1), 1 << (by - 1));
    let up = rest > middle || (rest == middle && whole & 1 == 1);
    whole + u32::from(up)
}

/// Without loss.
pub(super) fn to_f32(half: u16) -> f32 {
    let (exponent, fraction) = (half >> 10 & 0x1f, half & 0x3ff);
    let size = match exponent {
        0 => f32::from(fraction) * 2.0_f32.powi(-24),
        0x1f => f32::from_bits(0x7f80_0000 | u32::from(fraction) << 13),
        _ => f32::from_bits((u32::from(exponent) + 112) << 23 | u32::from(fraction) << 13),
    };
    if half & 0x8000 == 0 { size } else { -size }
}
