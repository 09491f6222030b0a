//! Cells whose ATP and blood flow coupling changes before each window: reads what changes, writes what comes of it and the
//! CPU time. `benches/compare/metabolism.py` runs this beside other solvers; see there for the format.
//!
//! `kicked_windows METHOD RTOL ATOL < kicks > results`

use std::error::Error;
use std::io::{BufRead, Write};

use msr_metabolism::Model;
use msr_metabolism::solver::{Cell, Integrator, RESTART_STEP_S, SolverOptions};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Cells side by side, as in [`msr_metabolism::MetabolismSimulator`].
const LANES: usize = 8;
/// Blood flow in and out.
const FLOWS: [&str; 2] = ["notBigg_FinDyn_W2017", "notBigg_Fout_W2017"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, rtol, atol] = &arguments[..] else { return Err("usage: kicked_windows METHOD RTOL ATOL".into()) };
    let kwargs = json!({"method": method, "rtol": rtol.parse::<f64>()?, "atol": atol.parse::<f64>()?});
    let (options, _) = SolverOptions::from_kwargs(kwargs.as_object().expect("it is an object"))?;
    let mut lines = std::io::stdin().lock().lines();
    let mut numbers = || -> Result<Option<Vec<f64>>, Box<dyn Error>> {
        let Some(line) = lines.next() else { return Ok(None) };
        Ok(Some(line?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?))
    };
    let header = numbers()?.ok_or("no header")?;
    let (cells, window_s) = (header[0] as usize, header[1]);

    let model = Model::standard();
    let atp = model.state_number("ATP_n").ok_or("no ATP_n")?;
    let flows = FLOWS.map(|name| model.parameter_number(name).expect("a parameter of the model"));
    let mut states = vec![model.initial_states(); cells];
    let mut parameters = vec![model.default_parameters(); cells];
    let mut steps = vec![0.0; cells];
    let mut failures = vec![None; cells];
    let mut integrator = Integrator::<LANES>::new(&model, &options);
    let mut output = String::new();
    let mut cpu_s = 0.0;
    while let Some(kicks) = numbers()? {
        for (cell, kick) in kicks.chunks_exact(2).enumerate() {
            states[cell][atp] *= kick[0];
            flows.iter().for_each(|&flow| parameters[cell][flow] = kick[1]);
            steps[cell] = f64::min(steps[cell], RESTART_STEP_S);
        }
        let start = cpu_time_s();
        let all = states.iter_mut().zip(&parameters).zip(&mut steps).zip(&mut failures);
        let all = all.map(|(((states, parameters), step_s), failure)| Cell { states, parameters, step_s, failure });
        integrator.advance(&model, &options, window_s, all);
        cpu_s += cpu_time_s() - start;
        if let Some(failure) = failures.iter().flatten().next() {
            return Err(format!("{failure:?}").into());
        }
        output += &line(states.iter().map(|states| states[atp]));
    }
    let work = integrator.take_work();
    for states in &states {
        output += &line(states.iter().copied());
    }
    write!(std::io::stdout(), "{cpu_s} {}\n{output}", work.accepted + work.rejected)?;
    Ok(())
}

fn line(values: impl Iterator<Item = f64>) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(" ") + "\n"
}

/// CPU time of this thread.
fn cpu_time_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}
