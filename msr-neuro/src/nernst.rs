//! Nernst potentials of many nodes at once.

use pulp::{Arch, Simd, WithSimd};

/// ln 2 in two parts, the first exact in 33 bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// `ln((1 + s) / (1 - s)) = 2 s + s R(s^2)`: coefficients of R, within 2^-58 for `|s| <= 0.1716` (Sun Microsystems' fdlibm,
/// `e_log.c`).
const SERIES: [f64; 7] = [
    1.479_819_860_511_658_6e-1,
    1.531_383_769_920_937_3e-1,
    1.818_357_216_161_805e-1,
    2.222_219_843_214_978_4e-1,
    2.857_142_874_366_239e-1,
    3.999_999_999_940_942e-1,
    6.666_666_666_666_735e-1,
];
/// Bits of 1 and of sqrt(1/2), at which a number is cut into a power of 2 and a factor around 1.
const ONE: u64 = 0x3ff0_0000_0000_0000;
const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
const FRACTION: u64 = (1 << 52) - 1;
/// 2^52, in whose last bits a whole number stands as itself, and with the exponent's offset.
const WHOLE: u64 = 0x4330_0000_0000_0000;
const WHOLE_AND_OFFSET: f64 = 4_503_599_627_370_496.0 + 1023.0;

/// Writes `thermal_mv ln(outside / inside)`.
pub(crate) fn nernst(reversal_mv: &mut [f64], inside: &[f64], outside: &[f64], thermal_mv: f64) {
    Arch::new().dispatch(Nernst { reversal_mv, inside, outside, thermal_mv });
}

struct Nernst<'a> {
    reversal_mv: &'a mut [f64],
    inside: &'a [f64],
    outside: &'a [f64],
    thermal_mv: f64,
}

impl WithSimd for Nernst<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, _simd: V) {
        let Self { reversal_mv, inside, outside, thermal_mv } = self;
        let mut are_usual = true;
        for ((reversal_mv, inside), outside) in reversal_mv.iter_mut().zip(inside).zip(outside) {
            let ratio = outside / inside;
            are_usual &= (f64::MIN_POSITIVE..f64::INFINITY).contains(&ratio);
            *reversal_mv = thermal_mv * logarithm(ratio);
        }
        if !are_usual {
            for ((reversal_mv, inside), outside) in reversal_mv.iter_mut().zip(inside).zip(outside) {
                *reversal_mv = thermal_mv * (outside / inside).ln();
            }
        }
    }
}

/// ln x of a positive number that is normal, within 1 unit in the last place.
#[inline(always)]
pub(crate) fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let exponent = f64::from_bits(WHOLE | (bits >> 52)) - WHOLE_AND_OFFSET;
    let f = f64::from_bits((bits & FRACTION).wrapping_add(ROOT_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let mut sum = SERIES[0];
    for term in &SERIES[1..] {
        sum = sum * z + term;
    }
    let half_square = 0.5 * f * f;
    // The largest terms last.
    let small = s * (half_square + z * sum) + exponent * LN_2_LOW;
    exponent * LN_2_HIGH - ((half_square - small) - f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        let ratios: Vec<f64> = (0..40_000).map(|k| (f64::from(k - 20_000) * 0.0341).exp() * 1.000_000_7).collect();
        let mut found = vec![0.0; ratios.len()];
        nernst(&mut found, &vec![1.0; ratios.len()], &ratios, 1.0);
        for (found, ratio) in found.iter().zip(&ratios) {
            assert!((found - ratio.ln()).abs() <= 2.0 * f64::EPSILON * ratio.ln().abs(), "{ratio} {found}");
        }
        // Near 1 the result is small, and still exact in its own measure.
        for ratio in [1.0, 1.0 + f64::EPSILON, 1.0 - f64::EPSILON, 0.999, 1.001, 1.4143, 0.7072] {
            assert!((logarithm(ratio) - ratio.ln()).abs() <= 2.0 * f64::EPSILON * ratio.ln().abs(), "{ratio}");
        }
    }

    #[test]
    fn what_has_no_potential_is_as_in_the_standard_library() {
        let (inside, outside) = ([0.0, 1.0, -1.0, 1.0, 1e-310], [1.0, 0.0, 1.0, f64::NAN, 1.0]);
        let mut found = [0.0; 5];
        nernst(&mut found, &inside, &outside, 25.0);
        assert_eq!(found[0], f64::INFINITY);
        assert_eq!(found[1], f64::NEG_INFINITY);
        assert!(found[2].is_nan() && found[3].is_nan());
        assert_eq!(found[4], 25.0 * (1.0_f64 / 1e-310).ln());
    }
}
