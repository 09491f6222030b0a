//! Integrals along the frusta between the 3-D points of a section.

use std::f64::consts::PI;

use crate::morphology::Point;

/// A section as truncated cones between consecutive points.
pub(crate) struct Frusta<'a> {
    points: &'a [Point],
    /// Path to each point, in um.
    arcs: Vec<f64>,
}

/// What a piece of a section adds up to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Integral {
    pub area_um2: f64,
    pub volume_um3: f64,
    /// Integral of the diameter along the path, in um2.
    pub diameter_integral: f64,
    /// Integral of 4 / (pi d^2) along the path, in 1/um.
    pub resistance: f64,
}

impl Integral {
    /// Of a cylinder.
    pub fn of_cylinder(length_um: f64, diameter_um: f64) -> Self {
        Self {
            area_um2: PI * diameter_um * length_um,
            volume_um3: PI / 4.0 * diameter_um * diameter_um * length_um,
            diameter_integral: diameter_um * length_um,
            resistance: 4.0 * length_um / (PI * diameter_um * diameter_um),
        }
    }
}

impl<'a> Frusta<'a> {
    pub fn new(points: &'a [Point]) -> Self {
        let mut arcs = Vec::with_capacity(points.len());
        let mut path = 0.0;
        for (index, point) in points.iter().enumerate() {
            if index > 0 {
                path += points[index - 1].distance_um(point);
            }
            arcs.push(path);
        }
        Self { points, arcs }
    }

    pub fn length_um(&self) -> f64 {
        self.arcs[self.arcs.len() - 1]
    }

    /// Integrals from `low` to `high` along the path. A jump of the diameter without length is a ring of membrane; as in
    /// NEURON it belongs to the piece that ends with it, at the beginning of a section to the first.
    pub fn between(&self, low: f64, high: f64) -> Integral {
        let mut sum = Integral::default();
        let first = self.arcs.partition_point(|&arc| arc < low).max(1);
        for index in first..self.points.len() {
            let (start, end) = (self.arcs[index - 1], self.arcs[index]);
            let (d0, d1) = (self.points[index - 1].diameter_um, self.points[index].diameter_um);
            if start > high {
                break;
            }
            if start == end {
                if start > low || low == 0.0 {
                    sum.area_um2 += PI / 4.0 * (d1 * d1 - d0 * d0).abs();
                }
                continue;
            }
            let (from, to) = (start.max(low), end.min(high));
            if from >= to {
                continue;
            }
            let diameter = |arc: f64| d0 + (d1 - d0) * (arc - start) / (end - start);
            let (a, b, length) = (diameter(from), diameter(to), to - from);
            sum.area_um2 += PI / 2.0 * (a + b) * length.hypot((b - a) / 2.0);
            sum.volume_um3 += PI / 12.0 * length * (a * a + a * b + b * b);
            sum.diameter_integral += 0.5 * (a + b) * length;
            sum.resistance += 4.0 * length / (PI * a * b);
        }
        sum
    }

    /// The point at a path from the beginning.
    pub fn position(&self, arc: f64) -> [f64; 3] {
        let next = self.arcs.partition_point(|&at| at < arc).clamp(1, self.arcs.len() - 1);
        let (start, end) = (self.arcs[next - 1], self.arcs[next]);
        let fraction = if end > start { ((arc - start) / (end - start)).clamp(0.0, 1.0) } else { 0.0 };
        let (a, b) = (self.points[next - 1].position, self.points[next].position);
        std::array::from_fn(|axis| a[axis] + fraction * (b[axis] - a[axis]))
    }

    /// Mean diameter of the piece from `low` to `high`.
    pub fn mean_diameter_um(&self, low: f64, high: f64) -> f64 {
        self.between(low, high).diameter_integral / (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NEURON 9.0.2: section of these points, nseg 3, Ra 123: `seg.area()`, `seg.diam`, `seg.volume()`, `seg.ri()`.
    #[test]
    fn integrals_agree_with_neuron() {
        let points = [
            ([0.0, 0.0, 0.0], 2.0),
            ([10.0, 0.0, 0.0], 3.0),
            ([10.0, 0.0, 0.0], 1.0),
            ([25.0, 5.0, 0.0], 1.5),
            ([50.0, 5.0, 0.0], 0.5),
            ([63.0, 0.0, 7.0], 0.7),
        ]
        .map(|(position, diameter_um)| Point::single(position, diameter_um));
        let frusta = Frusta::new(&points);
        let length = frusta.length_um();
        assert!((length - 66.3998455689618).abs() < 1e-9, "{length}");
        let area = [130.3573007250064, 82.24370876585817, 42.35871995182949];
        let diameter = [1.7828797288426568, 1.182569721004849, 0.6091361067637636];
        let volume = [63.39531116884185, 25.204628094964885, 6.5236934677836205];
        let ri_megohm = [4.226085012611807, 21.296613737757802, 71.17945554117685, 44.369772265360346];
        let step = length / 3.0;
        // Ohm cm / um to megohm.
        let ra = 123.0 * 1e-2;
        for k in 0..3 {
            let (low, high) = (k as f64 * step, (k + 1) as f64 * step);
            let whole = frusta.between(low, high);
            assert!((whole.area_um2 / area[k] - 1.0).abs() < 1e-9, "{} {}", whole.area_um2, area[k]);
            assert!((whole.volume_um3 / volume[k] - 1.0).abs() < 1e-9);
            assert!((frusta.mean_diameter_um(low, high) / diameter[k] - 1.0).abs() < 1e-9);
            let before = if k == 0 { 0.0 } else { frusta.between(low - step / 2.0, low).resistance };
            let ri = ra * (before + frusta.between(low, low + step / 2.0).resistance);
            assert!((ri / ri_megohm[k] - 1.0).abs() < 1e-9, "{ri} {}", ri_megohm[k]);
        }
        let last = ra * frusta.between(length - step / 2.0, length).resistance;
        assert!((last / ri_megohm[3] - 1.0).abs() < 1e-9);
    }
}
