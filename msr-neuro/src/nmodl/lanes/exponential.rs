//! The exponential of many numbers at once.

/// log2(e)
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 in two parts, the first exact in 33 bits, so that its product with a whole number below 2^20 is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Adding 1.5 * 2^52 leaves a number rounded to a whole one in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Above, the result is infinite.
const LARGEST: f64 = 709.782_712_893_384;
/// Below, it is 0.
const SMALLEST: f64 = -745.133_219_101_941_2;

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
/// times `2^n` in two factors, which reaches subnormal numbers. Within 2 units in the last place. `FUSED` uses the fused
/// product and sum of machines that have it.
#[inline(always)]
pub(super) fn exponential<const FUSED: bool>(x: f64) -> f64 {
    let clamped = if x > LARGEST { LARGEST } else { x };
    let clamped = if clamped < SMALLEST { SMALLEST } else { clamped };
    let shifted = fused::<FUSED>(clamped, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = fused::<FUSED>(-n, LN_2_LOW, fused::<FUSED>(-n, LN_2_HIGH, clamped));
    let mut sum = SERIES[0];
    for term in &SERIES[1..] {
        sum = fused::<FUSED>(sum, r, *term);
    }
    // The largest terms last.
    let e_r = 1.0 + fused::<FUSED>(r * r, sum, r);
    let whole = (shifted.to_bits() as i64).wrapping_sub(ROUND.to_bits() as i64);
    let half = whole >> 1;
    let first = f64::from_bits(((half + 1023) << 52) as u64);
    let second = f64::from_bits(((whole - half + 1023) << 52) as u64);
    let result = e_r * first * second;
    let result = if x > LARGEST { f64::INFINITY } else { result };
    let result = if x < SMALLEST { 0.0 } else { result };
    if x.is_nan() { x } else { result }
}

#[inline(always)]
fn fused<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
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
