//! Dynamic relaxation of fixed-point iterations.

/// Aitken's relaxation for vectors (Irons and Tuck, A version of the Aitken accelerator for computer iteration, Int. J.
/// Numer. Meth. Eng. 1, 1969), in the form of Küttler and Wall, Fixed-point fluid-structure interaction solvers with
/// dynamic relaxation, Comput. Mech. 43, 2008: with residuals r of successive iterates, the next factor is
/// w' = -w r·(r' - r) / |r' - r|². For one number and a linear map the third iterate is the fixed point, whether or not
/// the map contracts.
#[derive(Debug, Clone)]
pub(crate) struct Aitken {
    first_factor: f64,
    factor: f64,
    previous: Vec<f64>,
}

/// With a smaller factor an iterate would not move any more: the residual has changed at a right angle to what it was, which
/// says nothing about how far to go.
const LEAST_FACTOR: f64 = 1e-6;

impl Aitken {
    /// Begins with a factor for the first residual.
    pub(crate) fn new(first_factor: f64) -> Self {
        Self { first_factor, factor: first_factor, previous: Vec::new() }
    }

    /// Only half of what was to be taken over was.
    pub(crate) fn halve(&mut self) {
        self.factor *= 0.5;
    }

    /// The share of this residual that is to be taken over.
    pub(crate) fn factor(&mut self, residual: &[f64]) -> f64 {
        let (mut along, mut square) = (0.0, 0.0);
        for (previous, now) in self.previous.iter().zip(residual) {
            along += previous * (now - previous);
            square += (now - previous) * (now - previous);
        }
        // Equal residuals say nothing about the map: the factor stays.
        if square > 0.0 {
            self.factor *= -along / square;
            if self.factor.abs() < LEAST_FACTOR {
                self.factor = self.first_factor;
            }
        }
        self.previous.clear();
        self.previous.extend_from_slice(residual);
        self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Iterates x' = S(x) and gives the iterates.
    fn iterates(map: impl Fn(&[f64]) -> Vec<f64>, mut x: Vec<f64>, count: usize) -> Vec<Vec<f64>> {
        let mut aitken = Aitken::new(0.5);
        let mut iterates = Vec::new();
        for _ in 0..count {
            let residual: Vec<f64> = map(&x).iter().zip(&x).map(|(s, x)| s - x).collect();
            let factor = aitken.factor(&residual);
            x.iter_mut().zip(&residual).for_each(|(x, r)| *x += factor * r);
            iterates.push(x.clone());
        }
        iterates
    }

    #[test]
    fn a_linear_map_of_one_number_is_solved_at_once_even_if_it_expands() {
        for slope in [0.9, -0.9, -40.0, 7.0] {
            // x = slope x + 3.
            let solution = 3.0 / (1.0 - slope);
            let second = iterates(|x| vec![slope * x[0] + 3.0], vec![0.0], 2)[1][0];
            assert!((second - solution).abs() < 1e-12 * solution.abs().max(1.0), "{slope}: {second} {solution}");
        }
    }

    #[test]
    fn the_cosine_of_a_number_that_is_the_number() {
        // The Dottie number, to 15 digits.
        let last = iterates(|x| vec![x[0].cos()], vec![1.0], 7)[6][0];
        assert!((last - 0.739_085_133_215_161).abs() < 1e-14, "{last}");
    }

    #[test]
    fn elements_of_different_slopes_converge_together() {
        let slopes = [-2.0, -3.0, -4.0];
        let map = |x: &[f64]| x.iter().zip(slopes).map(|(x, slope)| slope * x + 1.0).collect();
        let last = iterates(map, vec![0.0; 3], 25).pop().unwrap();
        for (x, slope) in last.iter().zip(slopes) {
            assert!((x - 1.0 / (1.0 - slope)).abs() < 1e-9, "{last:?}");
        }
    }

    #[test]
    fn a_residual_that_changes_at_a_right_angle_begins_anew() {
        let mut aitken = Aitken::new(0.5);
        assert_eq!(aitken.factor(&[1.0, 0.0]), 0.5);
        assert_eq!(aitken.factor(&[0.5, 0.0]), 1.0);
        // r.(r' - r) = 0: the iterate would stay where it is for ever.
        assert_eq!(aitken.factor(&[0.5, 3.0]), 0.5);
    }

    #[test]
    fn a_residual_that_stays_keeps_the_factor() {
        let mut aitken = Aitken::new(0.5);
        assert_eq!(aitken.factor(&[1.0, 2.0]), 0.5);
        assert_eq!(aitken.factor(&[1.0, 2.0]), 0.5);
        assert_eq!(aitken.factor(&[0.0, 0.0]), 0.5);
    }
}
