//! Exponential and logarithm without branches, so that they run over lanes side by side, and of the same bits on every
//! processor. Tests hold them to 1.5 units in the last place of the standard library's.

use std::f64::consts::{LOG2_E, SQRT_2};

/// `ln 2` in two parts; the first has 21 trailing zeros, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Added to a number below 2^51 in size, leaves its nearest whole number in the last bits.
const TO_WHOLE: f64 = 6_755_399_441_055_744.0;
const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const EXPONENT_BIAS: u64 = 1023;
/// Beyond these the exponential is infinite or 0.
const LARGEST_EXPONENT: f64 = 710.0;
const SMALLEST_EXPONENT: f64 = -746.0;

/// `1/n!` for `n` from 2: the series of the exponential, whose rest is below 1e-17 for arguments up to `ln(2)/2`.
const SERIES: [f64; 12] = {
    let mut terms = [0.0; 12];
    let (mut n, mut factorial) = (2, 1.0);
    while n < 14 {
        factorial *= n as f64;
        terms[n - 2] = 1.0 / factorial;
        n += 1;
    }
    terms
};

/// `2^power` where the last bits of `biased` are `power` plus the bias.
#[inline(always)]
fn power_of_two(biased: u64) -> f64 {
    f64::from_bits(biased << MANTISSA_BITS)
}

/// Exponential: the argument is reduced to `x - n ln 2`, the series summed, the result multiplied with `2^n` (in two
/// factors, as `n` may lie beyond the exponents of normal numbers).
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // A comparison with what is no number fails and lets it pass.
    let x = if x > LARGEST_EXPONENT { LARGEST_EXPONENT } else { x };
    let x = if x < SMALLEST_EXPONENT { SMALLEST_EXPONENT } else { x };
    let shifted = x * LOG2_E + TO_WHOLE;
    let n = shifted - TO_WHOLE;
    let high = x - n * LN_2_HIGH;
    let low = n * LN_2_LOW;
    let r = high - low;
    let rest = (high - r) - low;
    let (r2, c) = (r * r, &SERIES);
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    let pair = |i: usize| c[i] + c[i + 1] * r;
    let four = |i: usize| pair(i) + pair(i + 2) * r2;
    let sum = (four(0) + four(4) * r4) + four(8) * r8;
    let value = 1.0 + (r + (rest + r2 * sum));
    let half_shifted = (n * 0.5) + TO_WHOLE;
    let half = half_shifted - TO_WHOLE;
    let other = (n - half) + TO_WHOLE;
    value
        * power_of_two(half_shifted.to_bits().wrapping_add(EXPONENT_BIAS))
        * power_of_two(other.to_bits().wrapping_add(EXPONENT_BIAS))
}

/// Coefficients of the logarithm in powers of `s^2` (Sun Microsystems' fdlibm, e_log.c; error below 2^-58).
const LOGARITHM: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// Natural logarithm: `x = 2^k (1 + f)` with `1 + f` between `sqrt(1/2)` and `sqrt(2)`, then with `s = f/(2 + f)` the series
/// of `ln((1 + s)/(1 - s))`. NaN below 0, minus infinity at 0.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
    let small = x < f64::MIN_POSITIVE;
    let bits = (if small { x * TWO_TO_54 } else { x }).to_bits();
    let mantissa = f64::from_bits((bits & MANTISSA) | (EXPONENT_BIAS << MANTISSA_BITS));
    // The exponent as the last bits of a number.
    let exponent =
        f64::from_bits((bits >> MANTISSA_BITS) | 4_503_599_627_370_496.0_f64.to_bits()) - 4_503_599_627_370_496.0;
    let above = mantissa > SQRT_2;
    let f = (if above { 0.5 * mantissa } else { mantissa }) - 1.0;
    let k = exponent - EXPONENT_BIAS as f64 + if above { 1.0 } else { 0.0 } - if small { 54.0 } else { 0.0 };
    let s = f / (2.0 + f);
    let (z, c) = (s * s, &LOGARITHM);
    let w = z * z;
    let odd = z * (c[0] + w * (c[2] + w * (c[4] + w * c[6])));
    let even = w * (c[1] + w * (c[3] + w * c[5]));
    let half_square = 0.5 * f * f;
    let value = k * LN_2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN_2_LOW)) - f);
    let value = if x == f64::INFINITY { x } else { value };
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    if x < 0.0 || x.is_nan() { f64::NAN } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::LN_2;

    /// Distance in units of the last place of `expected`.
    fn units(found: f64, expected: f64) -> f64 {
        let unit = f64::from_bits(expected.abs().to_bits() + 1) - expected.abs();
        (found - expected).abs() / unit
    }

    #[test]
    fn exponential_of_everything() {
        let mut worst: f64 = 0.0;
        for i in -744_000..=709_000 {
            let x = f64::from(i) * 1e-3 + 1e-7 * f64::from(i % 7);
            worst = worst.max(units(exp(x), x.exp()));
        }
        for i in -1_000_000..=1_000_000 {
            let x = f64::from(i) * 1e-6;
            worst = worst.max(units(exp(x), x.exp()));
        }
        println!("exp: {worst} units");
        assert!(worst <= 1.5, "{worst}");
        assert_eq!([exp(0.0), exp(-0.0), exp(710.0), exp(f64::INFINITY)], [1.0, 1.0, f64::INFINITY, f64::INFINITY]);
        assert_eq!([exp(-746.0), exp(f64::NEG_INFINITY)], [0.0, 0.0]);
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn logarithm_of_everything() {
        let mut worst: f64 = 0.0;
        for i in -1_000_000..=1_000_000 {
            let x = 10f64.powf(f64::from(i) * 3.07e-4);
            worst = worst.max(units(ln(x), x.ln()));
            let near_one = 1.0 + f64::from(i) * 3e-7;
            worst = worst.max(units(ln(near_one), near_one.ln()));
        }
        println!("ln: {worst} units");
        assert!(worst <= 1.5, "{worst}");
        assert_eq!(
            [ln(1.0), ln(0.0), ln(-0.0), ln(f64::INFINITY)],
            [0.0, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY]
        );
        assert!(units(ln(5e-324), 5e-324f64.ln()) <= 1.0);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && ln(f64::NEG_INFINITY).is_nan());
        assert!((ln(2.0) - LN_2).abs() < 2e-16);
    }
}
