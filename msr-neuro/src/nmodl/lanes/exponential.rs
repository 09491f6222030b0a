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
/// Below, the result is no normal number, and taken as 0.
const SMALLEST: f64 = -708.0;

/// Twice the coefficients of `(e^r - 1 - r) / r^2`, the highest power first: interpolation at the ten Chebyshev points of
/// `|r| <= ln 2 / 2`; `e^r` is within 1.6e-17 of its value.
const SERIES: [f64; 10] = [
    5.020_075_166_512_247e-8,
    5.524_015_175_996_673e-7,
    5.511_453_696_062_005e-6,
    4.960_304_264_473_738_4e-5,
    3.968_253_972_608_109e-4,
    2.777_777_783_439_434_3e-3,
    1.666_666_666_666_013e-2,
    8.333_333_333_324_833e-2,
    3.333_333_333_333_333_7e-1,
    1.000_000_000_000_000_2,
];

/// Bits of a number that hold its fraction; its exponent stands above them.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
/// Bits of 2^-1.
const HALF: u64 = 0.5_f64.to_bits();

/// e^x: `x = n ln 2 + r` with `|r| <= ln 2 / 2`, `2 e^r` by a polynomial, times `2^(n - 1)`. Within 2 units in the last
/// place; 0 where it would be below the normal numbers. `FUSED` uses the fused product and sum of machines that have it.
#[inline(always)]
pub(super) fn exponential<const FUSED: bool>(x: f64) -> f64 {
    // What is no number stays none.
    let clamped = if x > LARGEST { LARGEST } else { x };
    let clamped = if clamped < SMALLEST { SMALLEST } else { clamped };
    let shifted = multiply_add::<FUSED>(clamped, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = multiply_add::<FUSED>(-n, LN_2_LOW, multiply_add::<FUSED>(-n, LN_2_HIGH, clamped));
    let mut sum = SERIES[0];
    for term in &SERIES[1..] {
        sum = multiply_add::<FUSED>(sum, r, *term);
    }
    // The largest terms last.
    let double = multiply_add::<FUSED>(multiply_add::<FUSED>(sum, r, 2.0), r, 2.0);
    // The last bits of the shifted number are n.
    let power = f64::from_bits((shifted.to_bits() << FRACTION_BITS).wrapping_add(HALF));
    if x < SMALLEST { 0.0 } else { double * power }
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
            if x >= SMALLEST && expected.is_finite() {
                worst = worst.max(((found - expected) / expected).abs());
            } else if expected.is_finite() {
                assert!((found - expected).abs() <= 2.0 * f64::MIN_POSITIVE, "{x}: {found:e} {expected:e}");
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
