//! Volume reactions against closed forms and master equations.

use crate::reference::{json, numbers};
use msr_coupling::random::Stream;
use msr_steps::diffusion::{Kinetics, Variates};
use msr_steps::{Constants, Model, Reaction, Species};
use serde_json::Value;

const RUNS: u64 = 4000;

fn reactions(name: &str, case: &Value) -> Vec<Reaction> {
    let rate = |key: &str| case[key].as_f64().unwrap();
    match name {
        "decay" => vec![Reaction::new(&[("A", 1)], &[], rate("kcst_per_s"))],
        "isomer" => vec![
            Reaction::new(&[("A", 1)], &[("B", 1)], rate("kf_per_s")),
            Reaction::new(&[("B", 1)], &[("A", 1)], rate("kb_per_s")),
        ],
        "AB_irrev" => vec![Reaction::new(&[("A", 1), ("B", 1)], &[("C", 1)], rate("kcst_per_M_s"))],
        "AB_rev" => vec![
            Reaction::new(&[("A", 1), ("B", 1)], &[("C", 1)], rate("kf_per_M_s")),
            Reaction::new(&[("C", 1)], &[("A", 1), ("B", 1)], rate("kb_per_s")),
        ],
        "AA_irrev" => vec![Reaction::new(&[("A", 2)], &[], rate("kcst_per_M_s"))],
        "AAB_irrev" => vec![Reaction::new(&[("A", 2), ("B", 1)], &[("C", 1)], rate("kcst_per_M2_s"))],
        "zero_order" => vec![Reaction::new(&[], &[("A", 1)], rate("kcst_M_per_s"))],
        _ => panic!("unknown case {name}"),
    }
}

fn model(names: &[String], reactions: Vec<Reaction>) -> Model {
    let species = names.iter().map(Species::new).collect();
    Model::new("extra", species, reactions).unwrap()
}

#[test]
fn means_and_variances_of_the_master_equation() {
    let Some(golden) = json("reactions.json") else { return };
    for (name, case) in golden["cases"].as_object().unwrap() {
        let start = case["x0"].as_object().unwrap();
        let mut names: Vec<String> = start.keys().cloned().collect();
        if name == "isomer" && !names.contains(&"B".to_owned()) {
            names.push("B".to_owned());
        }
        let kinetics = Kinetics::new(&model(&names, reactions(name, case)), &Constants::CODATA_2006);
        let volume_um3 = case["volume_m3"].as_f64().unwrap() * 1e18;
        let watched = names.iter().position(|one| case["order"][0] == one.as_str()).unwrap();
        for expected in case["result"].as_array().unwrap() {
            let [mean, variance] = [numbers(&expected["mean"])[0], numbers(&expected["var"])[0]];
            let [mut sum, mut squares] = [0.0, 0.0];
            for run in 0..RUNS {
                let mut counts: Vec<u64> =
                    names.iter().map(|one| start.get(one).map_or(0, |n| n.as_u64().unwrap())).collect();
                let mut variates = Variates::new(Stream::new(3, run as u32, 0));
                let mut means = vec![0.0; names.len()];
                let t = expected["t"].as_f64().unwrap();
                kinetics.react(&mut counts, &mut means, &mut Vec::new(), volume_um3, t, &mut variates).unwrap();
                let difference = counts[watched] as f64 - mean;
                sum += difference;
                squares += difference * difference;
            }
            let runs = RUNS as f64;
            let z = sum / runs / (variance / runs).sqrt();
            let ratio = squares / runs / variance;
            println!("{name} t = {}: z {z:.2}, variance ratio {ratio:.3}", expected["t"]);
            assert!(z.abs() < 4.0, "{name}: mean is {z} standard errors off");
            assert!((ratio - 1.0).abs() < 4.0 * (3.0 / runs).sqrt(), "{name}: variance ratio {ratio}");
        }
    }
}

#[test]
fn decay_is_exponential_and_its_mean_occupancy_right() {
    // A -> 0 at 5/s for 0.2 s: mean N/e, time average N (1 - 1/e).
    let kinetics =
        Kinetics::new(&model(&["A".to_owned()], vec![Reaction::new(&[("A", 1)], &[], 5.0)]), &Constants::default());
    let [mut end, mut average] = [0.0, 0.0];
    let runs = 2000;
    for run in 0..runs {
        let mut counts = [100];
        let mut means = [0.0];
        kinetics
            .react(&mut counts, &mut means, &mut Vec::new(), 1.0, 0.2, &mut Variates::new(Stream::new(8, run, 0)))
            .unwrap();
        end += counts[0] as f64 / f64::from(runs);
        average += means[0] / f64::from(runs);
    }
    let survivors = 100.0 * (-1.0f64).exp();
    assert!((end - survivors).abs() < 4.0 * (survivors * (1.0 - survivors / 100.0) / f64::from(runs)).sqrt(), "{end}");
    assert!((average - (100.0 - survivors)).abs() < 0.5, "{average}");
}

#[test]
fn catalysts_count_in_the_rate_alone() {
    let names = ["A".to_owned(), "E".to_owned()];
    let kinetics = Kinetics::new(
        &model(&names, vec![Reaction::new(&[("A", 1), ("E", 1)], &[("E", 1)], 1e9)]),
        &Constants::default(),
    );
    assert!(kinetics.changes(0) && !kinetics.changes(1));
    let mut counts = [50, 0];
    let mut variates = Variates::new(Stream::new(1, 0, 0));
    kinetics.react(&mut counts, &mut [0.0; 2], &mut Vec::new(), 1.0, 1e3, &mut variates).unwrap();
    assert_eq!(counts, [50, 0], "no catalyst, no reaction");
    counts[1] = 2;
    kinetics.react(&mut counts, &mut [0.0; 2], &mut Vec::new(), 1.0, 1e3, &mut variates).unwrap();
    assert_eq!(counts, [0, 2]);
}
