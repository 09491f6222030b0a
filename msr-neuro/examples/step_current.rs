//! Builds a cell from an SWC text and a table of parameters, injects a current into its soma and prints its voltage.

use msr_neuro::emodel::{Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::parse_swc;
use msr_neuro::stimuli::{Stimulus, Waveform};

const CELL: &str = "
1 1   0   0 0 8.0 -1
2 2   0  -8 0 0.6  1
3 2   0 -80 0 0.5  2
4 3   8   0 0 1.2  1
5 3  90  20 0 0.6  4
6 4   0   8 0 1.8  1
7 4   0 200 0 1.2  6
8 4  60 330 0 0.5  7
9 4 -60 330 0 0.5  7
";

const EMODEL: &str = r#"{
  "name": "example",
  "axon": "initial_segment",
  "rest_mv": -75.0,
  "mechanisms": {
    "all": ["pas", "NaKPump", "IonLeak"],
    "somatic": ["NaTg", "SKv3_1"],
    "axonal": ["NaTg", "SKv3_1"]
  },
  "parameters": [
    { "sections": "all", "name": "pas.g", "value": 5e-5 },
    { "sections": "all", "name": "pas.e", "value": -75.0 },
    { "sections": "somatic", "name": "NaTg.gNaTgbar", "value": 0.3 },
    { "sections": "somatic", "name": "SKv3_1.gSKv3_1bar", "value": 0.3 },
    { "sections": "axonal", "name": "NaTg.gNaTgbar", "value": 2.0 },
    { "sections": "axonal", "name": "SKv3_1.gSKv3_1bar", "value": 1.0 }
  ]
}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let morphology = parse_swc(CELL, "example.swc")?;
    let conditions = Conditions { v_init_mv: -75.0, ..Conditions::default() };
    let mut cell = Emodel::parse(EMODEL, "example.json")?.build(&morphology, &Registry::default(), &conditions)?;
    let soma = cell.discretisation().soma_segment();
    let node = cell.node(soma);
    cell.add_stimulus(Stimulus { node: node as u32, waveform: Waveform::step(10.0, 60.0, 0.3) });
    let mut spikes = Vec::new();
    println!("{:>6} {:>9} {:>11} {:>12}", "t ms", "v mV", "nai mM", "atpi mM");
    for time_ms in (0..=100).step_by(5) {
        cell.advance((f64::from(time_ms) / conditions.dt_ms).round() as u64, &mut spikes);
        let membrane = &cell.state().membrane;
        println!(
            "{time_ms:>6} {:>9.3} {:>11.6} {:>12.8}",
            cell.voltage_mv(soma),
            membrane.nai[node],
            membrane.atpi[node]
        );
    }
    let times: Vec<String> = spikes.iter().map(|&step| format!("{:.3}", step as f64 * conditions.dt_ms)).collect();
    println!("spikes at {} ms", times.join(", "));
    Ok(())
}
