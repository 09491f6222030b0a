//! Two pools that drive each other so strongly that using each other's past makes them explode: iterated, they follow the
//! implicit solution. And who may iterate, and what is told of loops that do not.

use msr_config::multiscale::{Action, Call, Iteration, WindowOperator};
use msr_config::{Connection, TimeGrid};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{Composition, Plan, Query, RunError, Simulator, conformance};

use crate::pool::{BASE_DT_MS, Pool, connection};

/// Rate of decay, 1/ms.
const DECAY: f64 = 1.0;
/// How strongly each pool drives the other, 1/ms: together a rotation of 10 rad/ms that decays.
const DRIVE: f64 = 10.0;
/// Window, base steps and ms.
const WINDOW: u64 = 40;
const WINDOW_MS: f64 = WINDOW as f64 * BASE_DT_MS;

/// Notes the levels of both pools at the end of each window, and stops at further steps.
struct Levels {
    further: Vec<u64>,
    at_windows: Vec<[Vec<f64>; 2]>,
}

fn watch(further: &[u64]) -> Levels {
    Levels { further: further.to_vec(), at_windows: Vec::new() }
}

impl Observer for Levels {
    fn periods(&self) -> Vec<u64> {
        self.further.clone()
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if moment == Moment::Exchanged && idts.is_multiple_of(WINDOW) {
            let mut levels = [Vec::new(), Vec::new()];
            for (simulator, levels) in simulators.iter().zip(&mut levels) {
                simulator.get_var(&Query::new("get_level"), levels)?;
            }
            self.at_windows.push(levels);
        }
        Ok(())
    }
}

fn iteration(simulators: &[&str]) -> Iteration {
    Iteration {
        simulators: simulators.iter().map(|&name| name.to_owned()).collect(),
        tolerance: 1e-12,
        max_iterations: 40,
        relaxation: 0.5,
        key: "multiscale_run.iterations[0]".to_owned(),
        line: 3,
        column: 5,
    }
}

/// y and z; y is driven by -z, z by y.
fn pools() -> Vec<Box<dyn Simulator>> {
    vec![Box::new(Pool::new("y", 10, DECAY, vec![1.0, 0.5])), Box::new(Pool::new("z", 20, DECAY, vec![0.0, -0.25]))]
}

fn mutual() -> [Connection; 2] {
    [connection("z", "y", "vals * -10", WINDOW), connection("y", "z", "vals * 10", WINDOW)]
}

fn plan(simulators: Vec<Box<dyn Simulator>>, connections: &[Connection], iterations: &[Iteration]) -> Plan {
    let composition = Composition { iterations, ..Composition::of(connections) };
    Plan::new(simulators, &[], &composition).unwrap_or_else(|errors| panic!("{errors}"))
}

fn set_level() -> Call {
    Call { function: "set_level".to_owned(), kwargs: Default::default() }
}

fn run_of(simulators: Vec<Box<dyn Simulator>>, iterations: &[Iteration], windows: u64) -> Orchestrator {
    let grid = TimeGrid { dt_ms: BASE_DT_MS, steps: windows * WINDOW };
    Orchestrator::new(plan(simulators, &mutual(), iterations), grid, None, Box::new(SerialCommunicator))
}

/// One window with the drive held at what the other has at the end: the 2x2 linear system, solved by hand.
fn implicit_window(y: f64, z: f64, gain: f64) -> (f64, f64) {
    let kept = (-DECAY * WINDOW_MS).exp();
    let driven = gain * DRIVE * (1.0 - kept) / DECAY;
    let next_y = kept * (y - driven * z) / (1.0 + driven * driven);
    (next_y, kept * z + driven * next_y)
}

#[test]
fn the_pools_keep_the_promises() {
    conformance::check(&|| Box::new(Pool::new("y", 10, DECAY, vec![1.0, 0.5]))).unwrap();
}

#[test]
fn explicit_coupling_explodes_and_iteration_follows_the_implicit_solution() {
    let windows = 12;
    let mut explicit = watch(&[]);
    run_of(pools(), &[], windows).run(&mut explicit).unwrap();
    assert!(explicit.at_windows[12][0][0].abs() > 1e6, "{:?}", explicit.at_windows[12]);

    let mut iterated = watch(&[]);
    let mut run = run_of(pools(), &[iteration(&["y", "z"])], windows);
    run.run(&mut iterated).unwrap();
    for cell in 0..2 {
        let (mut y, mut z) = (iterated.at_windows[0][0][cell], iterated.at_windows[0][1][cell]);
        for levels in &iterated.at_windows[1..] {
            let size = y.hypot(z);
            (y, z) = implicit_window(y, z, 1.0);
            let (found_y, found_z) = (levels[0][cell], levels[1][cell]);
            assert!((found_y - y).abs() < 1e-9 * size && (found_z - z).abs() < 1e-9 * size, "{found_y} {y}");
            (y, z) = (found_y, found_z);
        }
        assert!(y.hypot(z) < 1e-8, "it decays, as the two pools do: {y} {z}");
    }
    let (names, record) = run.iterations().next().unwrap();
    assert_eq!((names.join(" "), record.windows), ("y z".to_owned(), windows));
    // One to try, one to learn the slope, one that is right, one to see that it is.
    assert!(record.most <= 4, "{record:?}");
}

#[test]
fn cells_of_different_gains_agree_together() {
    let gains = [0.2, 1.0];
    let simulators = || -> Vec<Box<dyn Simulator>> {
        let y = Pool::new("y", 10, DECAY, vec![1.0, 0.5]).with_gains(gains.to_vec());
        vec![Box::new(y), Box::new(Pool::new("z", 20, DECAY, vec![0.0, -0.25]).with_gains(gains.to_vec()))]
    };
    let mut levels = watch(&[]);
    run_of(simulators(), &[Iteration { max_iterations: 100, ..iteration(&["z", "y"]) }], 3).run(&mut levels).unwrap();
    for (cell, gain) in gains.into_iter().enumerate() {
        let (y, z) = implicit_window(levels.at_windows[0][0][cell], levels.at_windows[0][1][cell], gain);
        let found = &levels.at_windows[1];
        assert!((found[0][cell] - y).abs() < 1e-9 && (found[1][cell] - z).abs() < 1e-9, "{found:?} {y} {z}");
    }
}

#[test]
fn means_of_a_window_can_be_iterated() {
    // y is driven by what z is at the end, z by the mean of y over the same window: its integral, written down.
    let [mut to_y, mut to_z] = mutual();
    (to_y.window, to_z.window) = (WindowOperator::Last, WindowOperator::Mean);
    // Somebody outside takes means, too: the search must leave no trace in them.
    let outside = Connection { window: WindowOperator::Integral, ..connection("y", "w", "vals", 3 * WINDOW) };
    let mut simulators = pools();
    simulators.push(Box::new(Pool::new("w", 1, DECAY, vec![0.0; 2])));
    let grid = TimeGrid { dt_ms: BASE_DT_MS, steps: 3 * WINDOW };
    let plan = plan(simulators, &[to_y, to_z, outside], &[iteration(&["y", "z"])]);
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    let mut levels = watch(&[10]);
    run.run(&mut levels).unwrap();
    let mut drive = Vec::new();
    run.simulators()[2].get_var(&Query::new("get_drive"), &mut drive).unwrap();

    let kept = (-DECAY * WINDOW_MS).exp();
    let driven = DRIVE * (1.0 - kept) / DECAY;
    // A step of y has 10 base steps, and a value counts for the step that it ends: levels at 1/4, 2/4, 3/4 and 1.
    let partial: Vec<f64> = (1..=4).map(|quarter| (-DECAY * WINDOW_MS * f64::from(quarter) / 4.0).exp()).collect();
    let of_start = partial.iter().sum::<f64>() / 4.0;
    let of_drive = partial.iter().map(|kept| 1.0 - kept).sum::<f64>() / 4.0 / DECAY;
    let mut integral = 0.0;
    for (before, after) in levels.at_windows.iter().zip(&levels.at_windows[1..]) {
        let (y, z) = (before[0][0], before[1][0]);
        // z' = kept z + driven m, m = of_start y - of_drive DRIVE z'.
        let next_z = (kept * z + driven * of_start * y) / (1.0 + driven * of_drive * DRIVE);
        let mean = of_start * y - of_drive * DRIVE * next_z;
        assert!((after[1][0] - next_z).abs() < 1e-9 && (after[0][0] - kept * y + driven * next_z).abs() < 1e-9);
        integral += mean * WINDOW_MS;
    }
    assert!((drive[0] - integral).abs() < 1e-9, "{} {integral}", drive[0]);
}

#[test]
fn stops_within_a_window_change_nothing() {
    let iterations = [iteration(&["y", "z"])];
    let (mut plain, mut stopped) = (watch(&[]), watch(&[7, 10]));
    run_of(pools(), &iterations, 5).run(&mut plain).unwrap();
    run_of(pools(), &iterations, 5).run(&mut stopped).unwrap();
    assert_eq!(plain.at_windows, stopped.at_windows);
}

#[test]
fn an_iterated_run_in_two_parts_does_the_same() {
    let iterations = [iteration(&["y", "z"])];
    let mut whole = run_of(pools(), &iterations, 6);
    whole.run(&mut watch(&[10])).unwrap();
    for cut in [0, 2 * WINDOW, 2 * WINDOW + 10] {
        let mut first = run_of(pools(), &iterations, 6);
        first.run_until(cut, &mut watch(&[10])).unwrap();
        let mut second = run_of(pools(), &iterations, 6);
        second.restore(&first.snapshot().unwrap()).unwrap();
        second.run(&mut watch(&[10])).unwrap();
        assert_eq!(second.snapshot().unwrap(), whole.snapshot().unwrap(), "{cut}");
    }
    let looser = Iteration { tolerance: 1e-6, ..iteration(&["y", "z"]) };
    let refused = run_of(pools(), &[looser], 6).restore(&whole.snapshot().unwrap()).unwrap_err().to_string();
    let expected = "iteration 0: y, z to 1e-12 in at most 40 repetitions from relaxation 0.5 when it was saved, now y, z \
                    to 1e-6";
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn a_neuron_that_fails_in_a_repetition_leaves_the_others_right() {
    // Of the levels only the first guess of cell 0 leads so far.
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Pool::new("y", 10, DECAY, vec![1.0, 0.05])),
        Box::new(Pool::new("z", 20, DECAY, vec![0.0, -0.025]).that_fails_above(2.0)),
    ];
    let mut levels = watch(&[]);
    let mut run = run_of(simulators, &[iteration(&["y", "z"])], 2);
    run.run(&mut levels).unwrap();
    assert_eq!(run.excluded().len(), 1);
    assert_eq!((run.excluded()[0].neuron, run.excluded()[0].time_ms), (0, 0.0));
    let (y, z) = implicit_window(0.05, -0.025, 1.0);
    let found = &levels.at_windows[1];
    assert!((found[0][1] - y).abs() < 1e-9 && (found[1][1] - z).abs() < 1e-9, "{found:?} {y} {z}");
    assert_eq!((found[0][0], found[1][0]), (1.0, 0.0), "the excluded one stays where it was");
}

#[test]
fn a_neuron_that_fails_by_a_guess_alone_stays() {
    // z of cell 0 ends at 0.057; by the second guess, half of the way to the first answer, it would end at 2.16.
    let limited = |limit: f64| {
        let simulators: Vec<Box<dyn Simulator>> = vec![
            Box::new(Pool::new("y", 10, DECAY, vec![1.0, 0.05])),
            Box::new(Pool::new("z", 20, DECAY, vec![0.06, 0.003]).that_fails_above(limit)),
        ];
        let mut levels = watch(&[]);
        let mut run = run_of(simulators, &[iteration(&["y", "z"])], 1);
        run.run(&mut levels).unwrap();
        (run, levels)
    };
    let (run, levels) = limited(2.0);
    assert!(run.excluded().is_empty(), "{:?}", run.excluded());
    let found = &levels.at_windows[1];
    for (cell, (y, z)) in [(1.0, 0.06), (0.05, 0.003)].into_iter().enumerate() {
        let (y, z) = implicit_window(y, z, 1.0);
        assert!((found[0][cell] - y).abs() < 1e-9 && (found[1][cell] - z).abs() < 1e-9, "{found:?} {y} {z}");
    }
    let most = |run: &Orchestrator| run.iterations().next().unwrap().1.most;
    let free = limited(3.0).0;
    assert_eq!(most(&run), most(&free) + 1, "one more, to go half of the way back");
}

#[test]
fn too_few_repetitions_end_the_run() {
    let hasty = Iteration { max_iterations: 2, ..iteration(&["y", "z"]) };
    let error = run_of(pools(), &[hasty], 2).run(&mut watch(&[])).unwrap_err();
    assert!(matches!(error, RunError::NoAgreement { repetitions: 2, .. }));
    let message = error.to_string();
    let expected = "at 0 ms: y and z do not agree after 2 repetitions of their window: what c: z -> y hands over still \
                    changes by ";
    assert!(message.starts_with(expected), "{message}");
    assert!(
        message.ends_with(
            " of its size, the tolerance is 1e-12; give their connections a smaller ndts, or the iteration a smaller \
             relaxation or more max_iterations"
        ),
        "{message}"
    );
}

#[test]
fn what_cannot_iterate_is_refused() {
    let refused = |connections: &[Connection], iterations: &[Iteration]| {
        let third: Box<dyn Simulator> = Box::new(Pool::new("w", 10, DECAY, vec![0.0; 2]));
        let simulators = pools().into_iter().chain([third]).collect();
        let composition = Composition { iterations, file: "f.json".as_ref(), ..Composition::of(connections) };
        Plan::new(simulators, &[], &composition).err().expect("it is refused").to_string()
    };
    let both = [iteration(&["y", "z"])];
    let place = "f.json:3:5: multiscale_run.iterations[0]: ";
    let at_simulators = "f.json:3:5: multiscale_run.iterations[0].simulators: ";
    let changed = |change: &dyn Fn(&mut Connection)| {
        let mut connections = mutual();
        change(&mut connections[1]);
        refused(&connections, &both)
    };
    assert_eq!(
        refused(&mutual(), &[iteration(&[])]),
        format!("{at_simulators}'simulators' is empty; name those whose results come back to them")
    );
    assert_eq!(
        refused(&mutual(), &[iteration(&["y", "zz"])]),
        format!("{at_simulators}unknown simulator 'zz' (did you mean 'z'?); available: y, z, w")
    );
    let twice = format!("{at_simulators}y is named twice; a simulator iterates in one group, once");
    assert_eq!(refused(&mutual(), &[iteration(&["y", "y"])]), twice);
    assert_eq!(refused(&mutual(), &[iteration(&["y", "z"]), iteration(&["y", "w"])]), twice);
    assert_eq!(
        refused(&mutual(), &[iteration(&["y", "z", "w"])]),
        format!(
            "{at_simulators}w is in no loop of connections with y, z: there is nothing to iterate; name simulators whose results \
             come back to them"
        )
    );
    assert_eq!(
        refused(&mutual(), &[iteration(&["w"])]),
        format!(
            "{at_simulators}w is in no loop of connections: there is nothing to iterate; name simulators whose results come back to \
             them"
        )
    );
    assert_eq!(
        changed(&|connection| {
            connection.action = Action::Merge;
            connection.transform_expression = None;
            connection.dest_set.function = "set_level".to_owned();
        }),
        format!(
            "{place}c: y -> z is a merge between iterated simulators; only 'set' connections without src_set_func can be \
             repeated: a sum hands over what flowed in the past window and an iteration what is to flow in the coming one, which \
             would count it twice; a merge changes both ends"
        )
    );
    assert_eq!(
        changed(&|connection| connection.ndts = Some(2 * WINDOW)),
        format!(
            "{place}c: z -> y is made every 1 ms and c: y -> z every 2 ms; connections among iterated simulators must be made \
             together: give them the same ndts"
        )
    );
    let [first, second] = mutual();
    assert_eq!(
        refused(&[first.clone(), second.clone(), connection("w", "z", "vals", WINDOW)], &both),
        format!(
            "{place}c: y -> z is overwritten by c: w -> z, which sets the same value; of simulators that iterate, leave out \
             one of the two"
        )
    );
    let second = Connection { dest_set: set_level(), transform_unit: None, ..second };
    assert_eq!(
        refused(&[first, second, connection("w", "z", "vals", 20)], &both),
        format!(
            "{place}c: w -> z changes z every 0.5 ms, within its iterated window of 1 ms; give c: w -> z an ndts that is a \
             multiple of that window, or iterate over a shorter one"
        )
    );
}

#[test]
fn groups_with_a_simulator_that_takes_no_part_are_left_out() {
    let [_, alone] = mutual();
    let connections = [alone];
    let iterations = [iteration(&["y", "steps"])];
    let composition =
        Composition { iterations: &iterations, is_known: &|name| name == "steps", ..Composition::of(&connections) };
    let plan = Plan::new(pools(), &[], &composition).unwrap();
    assert_eq!(plan.notes, ["multiscale_run.iterations[0]: left out, 'steps' does not take part in this run"]);
}

#[test]
fn loops_are_told_with_what_lags() {
    let third = || -> Box<dyn Simulator> { Box::new(Pool::new("w", 10, DECAY, vec![0.0; 2])) };
    let notes = |connections: &[Connection], iterations: &[Iteration]| {
        plan(pools().into_iter().chain([third()]).collect(), connections, iterations).notes
    };
    let [first, second] = mutual();
    let slow = connection("y", "z", "vals", 2 * WINDOW);
    let mutual_note = "feedback loop of y, z: each computes a window with what the others had at its start; what they tell \
                       one another lags: z -> y by 1 ms (c: z -> y), y -> z by 1 ms (c: y -> z)";
    assert_eq!(notes(&mutual(), &[]), [mutual_note]);
    let with_slow = notes(&[first.clone(), second.clone(), slow], &[]);
    assert!(with_slow.contains(&format!("{mutual_note}, y -> z by 2 ms (c: y -> z)")), "{with_slow:?}");
    // Iterated, nothing lags.
    assert!(notes(&mutual(), &[iteration(&["y", "z"])]).is_empty());
    // A chain is no loop, a ring of three is one.
    let chain = [connection("y", "z", "vals", WINDOW), connection("z", "w", "vals", WINDOW)];
    assert!(notes(&chain, &[]).is_empty());
    let [y_to_z, z_to_w] = chain;
    let ring = notes(&[y_to_z, z_to_w, connection("w", "y", "vals", WINDOW)], &[]);
    assert!(ring[0].starts_with("feedback loop of y, z, w: "), "{ring:?}");
    let own = notes(&[connection("y", "y", "vals", WINDOW)], &[]);
    assert!(own[0].starts_with("feedback loop of y: ") && own[0].contains("y -> y by 1 ms"), "{own:?}");
    // A merge goes both ways.
    let merge = Connection { action: Action::Merge, transform_expression: None, dest_set: set_level(), ..second };
    let merged = notes(&[merge], &[]);
    assert!(merged[0].contains("y -> z by 1 ms (c: y -> z), z -> y by 1 ms (c: y -> z)"), "{merged:?}");
}
