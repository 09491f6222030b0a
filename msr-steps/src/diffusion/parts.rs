//! Parts of a mesh that no open face joins.

/// The part of each tetrahedron.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    of_tet: Vec<u32>,
    count: usize,
}

impl Parts {
    /// Of tetrahedra with these neighbours; a closed face leads back to its tetrahedron.
    pub(super) fn new(neighbours: &[[u32; 4]]) -> Self {
        const NONE: u32 = u32::MAX;
        let mut of_tet = vec![NONE; neighbours.len()];
        let mut part = 0;
        let mut waiting = Vec::new();
        for start in 0..of_tet.len() {
            if of_tet[start] != NONE {
                continue;
            }
            of_tet[start] = part;
            waiting.push(start);
            while let Some(tet) = waiting.pop() {
                for &other in &neighbours[tet] {
                    if of_tet[other as usize] == NONE {
                        of_tet[other as usize] = part;
                        waiting.push(other as usize);
                    }
                }
            }
            part += 1;
        }
        Self { of_tet, count: part as usize }
    }

    /// The same with the tetrahedra in another order.
    pub(super) fn reordered(&self, order: &[u32]) -> Self {
        Self { of_tet: order.iter().map(|&old| self.of_tet[old as usize]).collect(), count: self.count }
    }

    /// Number of parts.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The part of a tetrahedron.
    pub(super) fn of(&self, tet: usize) -> usize {
        self.of_tet[tet] as usize
    }

    /// Makes negative values zero and lets the others in the same part give what that adds, in proportion, so that the amount
    /// in each part (values times volumes) stays what it was. Values that are `held` neither give nor count. `amounts` is
    /// memory.
    pub(super) fn remove_negative(
        &self,
        values: &mut [f64],
        volumes_um3: &[f64],
        held: &[bool],
        amounts: &mut Vec<[f64; 2]>,
    ) {
        if !values.iter().any(|&value| value < 0.0) {
            return;
        }
        amounts.clear();
        amounts.resize(self.count, [0.0; 2]);
        for tet in (0..values.len()).filter(|&tet| !held[tet]) {
            let [before, after] = &mut amounts[self.of(tet)];
            *before += values[tet] * volumes_um3[tet];
            // Not `max`: what is not a number has to stay so.
            if values[tet] < 0.0 {
                values[tet] = 0.0;
            }
            *after += values[tet] * volumes_um3[tet];
        }
        for tet in (0..values.len()).filter(|&tet| !held[tet]) {
            let [before, after] = amounts[self.of(tet)];
            // Where nothing was negative both are the same to the last bit.
            if before != after {
                values[tet] *= (before / after).max(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tetrahedra 0, 1 and 2 in one part, 3 and 4 in another.
    const NEIGHBOURS: [[u32; 4]; 5] = [[1, 0, 0, 0], [0, 2, 1, 1], [1, 2, 2, 2], [4, 3, 3, 3], [3, 4, 4, 4]];

    #[test]
    fn each_part_keeps_its_amount() {
        let parts = Parts::new(&NEIGHBOURS);
        assert_eq!((parts.count(), parts.of(0), parts.of(2), parts.of(4)), (2, 0, 0, 1));
        let mut values = [4.0, -1.0, 2.0, 0.1, 0.7];
        let volumes = [1.0, 2.0, 0.5, 3.0, 1.0];
        parts.remove_negative(&mut values, &volumes, &[false; 5], &mut Vec::new());
        assert_eq!(values[3..], [0.1, 0.7], "nothing was negative here");
        assert!(values.iter().all(|&value| value >= 0.0));
        let amount: f64 = values.iter().zip(volumes).take(3).map(|(value, volume)| value * volume).sum();
        assert!((amount - 3.0).abs() < 1e-15, "{amount}");
    }

    #[test]
    fn held_values_stay_and_nan_is_not_hidden() {
        let parts = Parts::new(&NEIGHBOURS);
        let mut values = [4.0, -1.0, 2.0, f64::NAN, -1.0];
        parts.remove_negative(&mut values, &[1.0; 5], &[true, false, false, false, false], &mut Vec::new());
        assert_eq!(values[..3], [4.0, 0.0, 1.0]);
        assert!(values[3].is_nan());
    }
}
