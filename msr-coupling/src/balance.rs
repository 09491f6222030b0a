//! What becomes of amounts on their way: whether all that was sent arrived, lay outside, or belonged to excluded neurons.

use crate::operator::Operator;

/// Sums over all elements of an amount that is mapped, in the unit that it has there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Balance {
    pub(crate) sent: f64,
    pub(crate) received: f64,
    /// What lay where the destination is not.
    pub(crate) outside: f64,
    /// What belonged to, or would have gone to, excluded neurons.
    pub(crate) excluded: f64,
    /// Sum of absolute values, by which rounding is judged.
    magnitude: f64,
}

impl Balance {
    /// Part of an amount that may get lost by rounding.
    pub(crate) const TOLERANCE: f64 = 1e-12;

    /// Whether everything that was sent is accounted for.
    pub(crate) fn is_even(&self) -> bool {
        (self.sent - self.accounted()).abs() <= Self::TOLERANCE * self.magnitude
    }

    /// What of the amount sent is accounted for.
    pub(crate) fn accounted(&self) -> f64 {
        self.received + self.outside + self.excluded
    }
}

/// Which part of the amount of each source element arrives anywhere.
#[derive(Debug)]
pub(crate) struct Reach {
    now: Vec<f64>,
    /// Before any neuron was excluded.
    at_first: Vec<f64>,
    /// Which part of each lies outside, and which belongs to excluded neurons: found once, as they are needed for every value.
    outside: Vec<f64>,
    excluded: Vec<f64>,
}

/// Terms that are added in a row before they are added to the total: rounding errors stay small for many elements.
const BLOCK: usize = 4096;
/// Terms that are added side by side.
const LANES: usize = 4;

impl Reach {
    pub(crate) fn of(operator: &Operator) -> Self {
        let now = operator.column_sums();
        Self::new(now.clone(), now)
    }

    /// Less than nothing lies nowhere, so that what a mapping makes is not taken for something that lies outside.
    fn new(at_first: Vec<f64>, now: Vec<f64>) -> Self {
        let parts = || at_first.iter().zip(&now);
        Self {
            outside: parts().map(|(at_first, now)| (1.0 - at_first.max(*now)).max(0.0)).collect(),
            excluded: parts().map(|(at_first, now)| (at_first - now).max(0.0)).collect(),
            at_first,
            now,
        }
    }

    /// The part that arrives of what lies evenly in elements of these sizes; 1 where all are empty.
    pub(crate) fn part_of(&self, sizes: &[f64]) -> f64 {
        let whole: f64 = sizes.iter().sum();
        let arriving: f64 = self.now.iter().zip(sizes).map(|(reach, size)| reach * size).sum();
        if whole > 0.0 { arriving / whole } else { 1.0 }
    }

    /// As far as it reached before neurons were excluded.
    pub(crate) fn at_first_as(&mut self, earlier: Self) {
        *self = Self::new(earlier.at_first, std::mem::take(&mut self.now));
    }

    /// The balance of these values of the source and what arrived of them. What is no number and reaches nothing is left
    /// out. What arrives beyond what was sent makes the balance uneven.
    pub(crate) fn balance(&self, values: &[f64], arrived: &[f64]) -> Balance {
        let mut balance = Balance { received: sum(arrived), ..Balance::default() };
        let parts = self.outside.chunks(BLOCK).zip(self.excluded.chunks(BLOCK));
        for ((values, now), (outside, excluded)) in values.chunks(BLOCK).zip(self.now.chunks(BLOCK)).zip(parts) {
            let mut sums = [[0.0; LANES]; 4];
            let mut add = |lane: usize, value: f64, now: f64, outside: f64, excluded: f64| {
                let value = if now != 0.0 || value.is_finite() { value } else { 0.0 };
                sums[0][lane] += value;
                sums[1][lane] += value * outside;
                sums[2][lane] += value * excluded;
                sums[3][lane] += value.abs();
            };
            let parts = outside.chunks_exact(LANES).zip(excluded.chunks_exact(LANES));
            let lanes = values.chunks_exact(LANES).zip(now.chunks_exact(LANES)).zip(parts);
            for ((values, now), (outside, excluded)) in lanes {
                for lane in 0..LANES {
                    add(lane, values[lane], now[lane], outside[lane], excluded[lane]);
                }
            }
            for rest in values.len() / LANES * LANES..values.len() {
                add(0, values[rest], now[rest], outside[rest], excluded[rest]);
            }
            let [sent, outside, excluded, magnitude] = sums.map(|lanes| lanes.iter().sum::<f64>());
            balance.sent += sent;
            balance.outside += outside;
            balance.excluded += excluded;
            balance.magnitude += magnitude;
        }
        balance
    }
}

fn sum(values: &[f64]) -> f64 {
    values.chunks(BLOCK).map(|block| block.iter().sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use sprs::TriMat;

    use super::*;

    fn reach(fractions: [f64; 3]) -> (Reach, Operator) {
        let mut matrix = TriMat::new((1, 3));
        for (column, fraction) in fractions.into_iter().enumerate() {
            matrix.add_triplet(0, column, fraction);
        }
        let operator = Operator::of(matrix.to_csr());
        (Reach::of(&operator), operator)
    }

    #[test]
    fn what_lies_outside_and_what_is_excluded_are_told_apart() {
        let (first, _) = reach([1.0, 0.75, 0.5]);
        let (mut now, operator) = reach([1.0, 0.75, 0.0]);
        now.at_first_as(first);
        let values = [1.0, 4.0, 8.0];
        let mut arrived = [0.0];
        operator.apply(&values, &mut arrived);
        let balance = now.balance(&values, &arrived);
        assert_eq!((balance.sent, balance.received, balance.outside, balance.excluded), (13.0, 4.0, 5.0, 4.0));
        assert!(balance.is_even());
        assert!(!now.balance(&values, &[4.0 + 1e-10]).is_even());
    }

    #[test]
    fn a_mapping_that_makes_amounts_is_found() {
        for excess in [1e-9, 1.0] {
            let (now, operator) = reach([1.0, 0.5, 1.0 + excess]);
            let values = [2.0, -1.0, 3.0];
            let mut arrived = [0.0];
            operator.apply(&values, &mut arrived);
            let balance = now.balance(&values, &arrived);
            assert_eq!((balance.sent, balance.outside, balance.excluded), (4.0, -0.5, 0.0));
            assert!(!balance.is_even(), "{balance:?}");
        }
    }

    #[test]
    fn what_arrives_only_since_neurons_were_excluded_lies_outside_no_more() {
        // What was spread over parts of two neurons, one of them outside, is spread over those of the other one.
        let (first, _) = reach([0.5, 0.5, 0.5]);
        let (mut now, operator) = reach([1.0, 0.25, 2.0]);
        now.at_first_as(first);
        let balance_of = |values: [f64; 3]| {
            let mut arrived = [0.0];
            operator.apply(&values, &mut arrived);
            now.balance(&values, &arrived)
        };
        let balance = balance_of([4.0, 8.0, 0.0]);
        assert_eq!((balance.received, balance.outside, balance.excluded), (6.0, 4.0, 2.0));
        assert!(balance.is_even());
        assert!(!balance_of([0.0, 0.0, 1.0]).is_even());
    }

    #[test]
    fn what_is_no_number_and_goes_nowhere_is_left_out() {
        let (now, _) = reach([1.0, 0.0, 0.0]);
        let balance = now.balance(&[2.0, f64::NAN, 1.0], &[2.0]);
        assert_eq!((balance.sent, balance.outside), (3.0, 1.0));
        assert!(!now.balance(&[f64::NAN, 0.0, 0.0], &[f64::NAN]).is_even());
    }

    #[test]
    fn rounding_of_many_terms_is_no_loss() {
        let count = 300_000;
        let mut matrix = TriMat::new((7, count));
        for column in 0..count {
            matrix.add_triplet(column % 7, column, 0.3);
            matrix.add_triplet((column + 1) % 7, column, 0.7);
        }
        let operator = Operator::of(matrix.to_csr());
        let values: Vec<f64> = (0..count).map(|i| (i as f64 * 0.7).sin() + 0.1 * (i % 10) as f64).collect();
        let mut arrived = vec![0.0; 7];
        operator.apply(&values, &mut arrived);
        let balance = Reach::of(&operator).balance(&values, &arrived);
        assert!(balance.is_even(), "{balance:?}");
    }
}
