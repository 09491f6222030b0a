//! The exponential of many numbers at once.

/// log2(e)
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 in two parts, the first exact in 33 bits, so that its product with a whole number below 2^20 is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Adding 1.5 * 2^52 leaves a number rounded to a whole one in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// From here on the result is infinite, by itself.
const LARGEST: f64 = 710.0;
/// Below, it is 0, by itself.
const SMALLEST: f64 = -746.0;

/// 1/13!, 1/12!, ..., 1/2!
const SERIES: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// e^x: `x = n ln 2 + r` with `|r| <= ln 2 / 2`, `e^r` by its Taylor series to the 13th power (the rest is below 1e-17),
/// times `2^n` in two factors, which reaches subnormal numbers, 0 and infinity. Within 2 units in the last place. `FUSED`
/// uses the fused product and sum of machines that have it.
#[inline(always)]
pub(super) fn exponential<const FUSED: bool>(x: f64) -> f64 {
    // What is no number stays none.
    let clamped = if x > LARGEST { LARGEST } else { x };
    let clamped = if clamped < SMALLEST { SMALLEST } else { clamped };
    let n = multiply_add::<FUSED>(clamped, LOG2_E, ROUND) - ROUND;
    let r = multiply_add::<FUSED>(-n, LN_2_LOW, multiply_add::<FUSED>(-n, LN_2_HIGH, clamped));
    let mut sum = SERIES[0];
    for term in &SERIES[1..] {
        sum = multiply_add::<FUSED>(sum, r, *term);
    }
    // The largest terms last.
    let e_r = 1.0 + multiply_add::<FUSED>(r * r, sum, r);
    let half = multiply_add::<FUSED>(n, 0.5, ROUND);
    let rest = (n - (half - ROUND)) + ROUND;
    e_r * power_of_two(half) * power_of_two(rest)
}

/// 2^n for a whole n from -1022 to 1023 to which [`ROUND`] was added.
#[inline(always)]
fn power_of_two(shifted: f64) -> f64 {
    f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52))
}

/// `a b + c`, rounded once where `FUSED`.
#[inline(always)]
pub(super) fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        let mut worst = 0.0_f64;
        for step in -74_000..71_000 {
            let x = f64::from(step) * 0.01 + 1.234e-3;
            let (found, expected) = (exponential::<false>(x), x.exp());
            if x.abs() < 700.0 {
                worst = worst.max(((exponential::<true>(x) - expected) / expected).abs());
            }
            if expected > f64::MIN_POSITIVE && expected.is_finite() {
                worst = worst.max(((found - expected) / expected).abs());
            } else if expected.is_finite() {
                assert!((found - expected).abs() <= 2.0 * f64::from_bits(1), "{x}: {found:e} {expected:e}");
            }
        }
        assert!(worst < 2.5 * f64::EPSILON, "{worst:e}");
    }

    #[test]
    fn ends_are_those_of_the_standard_library() {
        assert_eq!(exponential::<false>(0.0), 1.0);
        assert_eq!(exponential::<false>(f64::INFINITY), f64::INFINITY);
        assert_eq!(exponential::<false>(f64::NEG_INFINITY), 0.0);
        assert_eq!(exponential::<false>(800.0), f64::INFINITY);
        assert_eq!(exponential::<false>(-800.0), 0.0);
        assert!(exponential::<false>(f64::NAN).is_nan());
        assert!(exponential::<false>(709.78).is_finite());
    }
}
