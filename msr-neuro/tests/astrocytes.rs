//! Astrocytes and endfeet against another program, published observations and the balance of forces.

use msr_neuro::astrocytes::calcium::Calcium;
use msr_neuro::astrocytes::endfoot::Endfoot;
use msr_neuro::astrocytes::{Astrocyte, Astrocytes, CoveredSynapse, OWN_STEP_MS, PlacedEndfoot};

const STEP_S: f64 = OWN_STEP_MS / 1000.0;

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1e-3)
}

/// Brian 2.10 with the equations and parameters of Stimberg et al. 2019, figure 2, by classical Runge-Kutta in steps of
/// 0.5 ms: 30 % of the vesicles released every 100 ms, from 0. At each time: glutamate (uM), active receptors, IP3 (uM),
/// calcium (uM), receptors not inactivated.
#[test]
fn calcium_rises_as_in_brian() {
    let golden = [
        (0.05, [20.710385652228474, 0.6033513014361478, 0.16919362850597092, 0.05512115420588456, 0.7900611592163859]),
        (0.5, [2.8551396164826275, 0.800381934755884, 1.9707193227512356, 0.2987088114623002, 0.7918962886176697]),
        (1.0, [2.855139622367508, 0.6763624153851321, 2.7639330025528133, 0.9385680655420502, 0.7591629632255976]),
        (2.0, [2.855139622367508, 0.6557218379691778, 3.004508736182216, 1.1540183416578667, 0.651811263474526]),
        (5.0, [2.855139622367508, 0.6851458112478862, 3.785030768802783, 0.7674692708443959, 0.538789937549945]),
        (10.0, [2.855139622367508, 0.6882789925448963, 5.5275310612823665, 0.7450614461749537, 0.5534541776258365]),
    ];
    let mut astrocyte = Calcium::new(0.0, 0.0, 0.06, 0.054, 0.79);
    let (steps_a_release, mut step) = (200_u64, 0);
    for (time_s, expected) in golden {
        while step < (time_s / STEP_S).round() as u64 {
            // Brian adds a release at the end of the step in which its spike falls.
            astrocyte.advance(STEP_S);
            if step % steps_a_release == 0 {
                astrocyte.release(0.3);
            }
            step += 1;
        }
        let found = [
            astrocyte.glutamate_um(),
            astrocyte.receptors(),
            astrocyte.ip3_um(),
            astrocyte.calcium_um(),
            astrocyte.ready(),
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!(close(*found, expected, 1e-6), "{time_s} s: {found} {expected}");
        }
    }
}

/// Where an implicit solver with a relative tolerance of 1e-10 ends after 3000 s.
#[test]
fn the_rest_is_where_an_astrocyte_without_glutamate_ends() {
    let rest = Calcium::rest();
    for (found, expected) in
        [(rest.ip3_um(), 0.0608965945), (rest.calcium_um(), 0.0544337066), (rest.ready(), 0.785708917)]
    {
        assert!(close(found, expected, 1e-7), "{found} {expected}");
    }
    let mut later = rest;
    (0..20_000).for_each(|_| later.advance(STEP_S));
    assert!(close(later.calcium_um(), rest.calcium_um(), 1e-9));
}

fn settled(calcium_um: f64) -> Endfoot {
    let mut endfoot = Endfoot::rest(0.0);
    (0..400_000).for_each(|_| endfoot.advance(calcium_um, STEP_S));
    endfoot
}

#[test]
fn pressure_and_stress_balance_when_a_vessel_has_settled() {
    for calcium_um in [0.0, 0.2, 0.5, 2.0, 50.0] {
        let endfoot = settled(calcium_um);
        // Laplace: pressure * radius / thickness, with 4 kPa and a wall of a tenth of the radius.
        let tension_pa = 4000.0 / 0.1;
        let attached = endfoot.attached();
        let (modulus_pa, unstressed) = (66e3 * (1.0 - attached) + 233e3 * attached, 1.0 - attached + 0.6 * attached);
        let stress_pa = modulus_pa * (endfoot.radius() - unstressed) / unstressed;
        assert!(close(stress_pa, tension_pa, 1e-6), "{calcium_um} uM: {stress_pa} Pa");
        let expected = Endfoot::rest(calcium_um);
        assert!(close(endfoot.radius(), expected.radius(), 1e-6) && close(attached, expected.attached(), 1e-6));
    }
    // Without muscle a vessel has 1 + 40 / 66 of its radius without pressure, and more than that no calcium gives.
    let passive = 1.0 + 40.0 / 66.0;
    let widest = settled(50.0).radius();
    assert!(widest < passive && widest > 0.98 * passive, "{widest} {passive}");
}

#[test]
fn more_calcium_widens_more_and_a_vessel_returns() {
    let radii = [0.0, 0.1, 0.15, 0.3, 0.6, 1.2].map(|calcium_um| settled(calcium_um).radius());
    assert_eq!(radii[0], radii[1], "no EETs below their threshold");
    assert!(radii[1..].windows(2).all(|pair| pair[0] < pair[1]), "{radii:?}");
    let mut endfoot = settled(0.6);
    (0..80_000).for_each(|_| endfoot.advance(0.05, STEP_S));
    assert!(close(endfoot.radius(), radii[0], 1e-4), "{} {}", endfoot.radius(), radii[0]);
}

/// One synapse releases 30 % of its vesicles 10 times a second for 60 s.
fn activated() -> Vec<(f64, f64)> {
    let synapse = CoveredSynapse { cell: 0, synapse: 7 };
    let astrocyte = Astrocyte { node: 3, synapses: vec![synapse] };
    let endfoot = PlacedEndfoot { astrocyte: 0, vessel: 12, rest_radius_um: 3.0 };
    let mut astrocytes = Astrocytes::new("astrocytes", None, vec![astrocyte], vec![endfoot], 0.025);
    let mut course = Vec::new();
    for tenth in 0..600 {
        astrocytes.receive(tenth * 4000, synapse, 0.3);
        astrocytes.receive(tenth * 4000, CoveredSynapse { cell: 0, synapse: 8 }, 1.0);
        astrocytes.advance((tenth + 1) * 4000);
        let mut radii = Vec::new();
        astrocytes.vessel_radii_um(&mut radii);
        course.push(((tenth + 1) as f64 / 10.0, radii[0] / 3.0));
    }
    course
}

/// Farr & David 2011: about 15 % after 60 s of activity; that it begins within 1 to 2 s and takes several seconds to unfold
/// is not fitted (Takano et al. 2006, Nat. Neurosci. 9:260, saw vessels widen from half a second after calcium rises).
#[test]
fn activity_of_a_minute_widens_a_vessel_by_fifteen_percent() {
    let course = activated();
    let at = |time_s: f64| course.iter().find(|(time, _)| *time >= time_s).unwrap().1;
    assert!((at(60.0) - 1.15).abs() < 0.005, "{}", at(60.0));
    assert!(at(0.2) - 1.0 < 1e-5 && at(1.0) > 1.0002 && at(2.0) > 1.005, "{} {} {}", at(0.2), at(1.0), at(2.0));
    assert!(at(5.0) > 1.04, "{}", at(5.0));
}

#[test]
fn endfeet_on_one_segment_keep_its_volume() {
    let feet = [(0, 5, 2.0), (1, 9, 4.0), (1, 5, 3.0)];
    let endfeet =
        feet.map(|(astrocyte, vessel, rest_radius_um)| PlacedEndfoot { astrocyte, vessel, rest_radius_um }).to_vec();
    let astrocytes = [0, 4].map(|node| Astrocyte { node, synapses: Vec::new() }).to_vec();
    let astrocytes = Astrocytes::new("astrocytes", None, astrocytes, endfeet, 0.025);
    assert_eq!(astrocytes.vessels(), [5, 9]);
    let mut radii = Vec::new();
    astrocytes.vessel_radii_um(&mut radii);
    // Two halves of a segment, with 2 and 3 um: pi (2^2 + 3^2) / 2 on each um of length.
    assert!(close(radii[0].powi(2), 6.5, 1e-12) && close(radii[1], 4.0, 1e-12), "{radii:?}");
}

#[test]
fn releases_of_one_step_count_the_same_in_any_order() {
    // Fractions whose sum depends on the order of the summands.
    let fractions = [1.0, 0.1, 1e-16, 0.2, 1e-16, 0.3];
    let synapse = CoveredSynapse { cell: 0, synapse: 0 };
    let calcium = |order: &mut dyn Iterator<Item = f64>| {
        let astrocyte = Astrocyte { node: 3, synapses: vec![synapse] };
        let mut astrocytes = Astrocytes::new("astrocytes", None, vec![astrocyte], Vec::new(), 0.025);
        order.for_each(|fraction| astrocytes.receive(4, synapse, fraction));
        astrocytes.advance(2_000);
        astrocytes.calcium_um().next().unwrap().to_bits()
    };
    let forward = calcium(&mut fractions.into_iter());
    assert_eq!(forward, calcium(&mut fractions.into_iter().rev()));
    let mut by_size = fractions;
    by_size.sort_by(f64::total_cmp);
    assert_eq!(forward, calcium(&mut by_size.into_iter()));
}
