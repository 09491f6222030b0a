//! No step is lost, and everything happens in the order that is documented: real runs of simulators that count.

use msr_config::TimeGrid;
use msr_config::grid::lcm;
use msr_config::multiscale::Action;
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{Composition, Plan, Query, Simulator};
use proptest::prelude::*;

use crate::counter::{Counter, Event, Log, SLOTS, connection};

/// Looks at every multiple of its periods.
struct Reader {
    periods: Vec<u64>,
    looked: Vec<u64>,
}

impl Observer for Reader {
    fn periods(&self) -> Vec<u64> {
        self.periods.clone()
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        _simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if moment == Moment::Exchanged {
            self.looked.push(idts);
        }
        Ok(())
    }
}

fn count() -> Query {
    Query::new("get").with("var", "count")
}

fn amount() -> Query {
    Query::new("get_amount")
}

/// Base steps as users write them (in microseconds, so that decimal fractions such as 0.025 ms come up), the own steps of
/// simulators, the period of a report, and the number of base steps of the run, whole or with a part of one more.
fn settings() -> impl Strategy<Value = (u64, Vec<u64>, u64, u64, bool)> {
    let ndts = prop_oneof![Just(1u64), 1u64..40, 1u64..4000, prop::sample::select(vec![100u64, 400, 1000, 4000])];
    let step_us = prop_oneof![Just(25u64), Just(100u64), 1u64..1000];
    (step_us, prop::collection::vec(ndts, 1..5), 1u64..500, 0u64..4000, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, ..ProptestConfig::default() })]

    /// Whatever (dt, ndts, tstop) are: the run reaches its end, every simulator makes every step, and every connection and
    /// report comes at each of its multiples and nowhere else.
    #[test]
    fn no_step_is_lost((step_us, ndts, report, steps, partly) in settings()) {
        let dt_ms = step_us as f64 / 1000.0;
        let tstop_ms = (step_us * steps) as f64 / 1000.0 + if partly { dt_ms / 3.0 } else { 0.0 };
        let steps = steps + u64::from(partly);
        let grid = TimeGrid::new(tstop_ms, dt_ms).unwrap();
        prop_assert_eq!(grid.steps, steps);

        let log = Log::default();
        let simulators = ndts.iter().enumerate();
        let simulators = simulators.map(|(i, &ndts)| Box::new(Counter::new(i, dt_ms, ndts, &log)) as Box<dyn Simulator>);
        let connections: Vec<_> = (1..ndts.len())
            .map(|i| connection(i, (0, count()), (i, 0), Action::Set, None))
            .collect();
        let plan = Plan::new(simulators.collect(), &[], &Composition::of(&connections)).unwrap();
        let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
        let mut reader = Reader { periods: vec![report], looked: Vec::new() };
        run.run(&mut reader).unwrap();

        prop_assert_eq!(run.idts(), steps);
        let events = log.lock().unwrap();
        for (i, simulator) in run.simulators().iter().enumerate() {
            prop_assert_eq!(simulator.idts(), steps);
            // Never beyond an own step, unless at the end.
            let reached = events.iter().filter_map(|event| match event {
                Event::Advanced { simulator, until } if *simulator == format!("s{i}") => Some(*until),
                _ => None,
            });
            for until in reached {
                prop_assert!(until == steps || until.is_multiple_of(ndts[i]), "{} of {}", until, ndts[i]);
            }
            let written: Vec<f64> = events.iter().filter_map(|event| match event {
                Event::Written { simulator, value, .. } if *simulator == format!("s{i}") => Some(*value),
                _ => None,
            }).collect();
            if i > 0 {
                let period = lcm(ndts[0], ndts[i]);
                let due: Vec<f64> = (0..=steps / period).map(|made| (made * period) as f64).collect();
                prop_assert_eq!(&written, &due);
            }
        }
        let read: Vec<u64> = reader.looked.iter().copied().filter(|idts| idts.is_multiple_of(report)).collect();
        prop_assert_eq!(read, (0..=steps / report).map(|row| row * report).collect::<Vec<_>>());
    }
}

/// One connection of a random graph: source and what of it (count or a slot), destination and slot, action, and the
/// period as a multiple of the least one.
type Edge = (usize, Option<usize>, usize, usize, u8, u64);

/// The least period, by rates that are powers of two up to 64, and triples.
fn graph() -> impl Strategy<Value = (Vec<u64>, Vec<Edge>, u64)> {
    let ndts = prop::sample::select(vec![1u64, 2, 3, 4, 6, 8, 12, 16, 24, 64]);
    prop::collection::vec(ndts, 1..6).prop_flat_map(|ndts| {
        let count = ndts.len();
        let read = prop::option::of(0..SLOTS);
        let edge = (0..count, read, 0..count, 0..SLOTS, 0u8..3, 1u64..4);
        (Just(ndts), prop::collection::vec(edge, 0..12), 0u64..200)
    })
}

fn connections(ndts: &[u64], edges: &[Edge]) -> Vec<msr_config::Connection> {
    let made = edges.iter().enumerate().map(|(key, &(from, read, to, slot, action, multiple))| {
        let (action, get) = match (action, read) {
            (0, Some(slot)) => (Action::Set, Query::new("get").with("var", format!("slot{slot}"))),
            (0, None) => (Action::Set, count()),
            (1, _) => (Action::Merge, count()),
            _ => (Action::Sum, amount()),
        };
        let period = (multiple > 1).then(|| multiple * lcm(ndts[from], ndts[to]));
        connection(key, (from, get), (to, slot), action, period)
    });
    made.collect()
}

/// What a run must do, said once more in the plainest way: at every base step, advance whoever has a step there, then make
/// what is due, in the order of the list; sums into one slot at the place of the first of them.
fn told(ndts: &[u64], edges: &[Edge], steps: u64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut stands = vec![0u64; ndts.len()];
    let mut slots = vec![[0.0f64; SLOTS]; ndts.len()];
    let mut previous: Vec<Option<f64>> = vec![None; edges.len()];
    let level = |stands: &[u64], i: usize| stands[i] as f64 * (i + 1) as f64;
    for idts in 0..=steps {
        for (i, stands) in stands.iter_mut().enumerate() {
            let has_step = idts.is_multiple_of(ndts[i]) || idts == steps;
            if has_step && idts > *stands {
                *stands = idts;
            }
        }
        let is_due = |edge: &Edge| idts.is_multiple_of(edge.5 * lcm(ndts[edge.0], ndts[edge.2]));
        let mut summed = vec![false; edges.len()];
        for (k, edge) in edges.iter().enumerate().filter(|(_, edge)| is_due(edge)) {
            let &(from, read, to, slot, action, _) = edge;
            let (function, value) = match action {
                0 => ("set", read.map_or_else(|| level(&stands, from), |slot| slots[from][slot])),
                1 => {
                    let merged = previous[k].map_or(0.0, |previous| slots[to][slot] - previous) + level(&stands, from);
                    previous[k] = Some(merged);
                    ("set", merged)
                }
                _ if idts == 0 || summed[k] => continue,
                _ => {
                    let mut total = 0.0;
                    for (other, edge) in edges.iter().enumerate().skip(k) {
                        if is_due(edge) && edge.4 == 2 && (edge.2, edge.3) == (to, slot) {
                            summed[other] = true;
                            total += level(&stands, edge.0);
                        }
                    }
                    ("add", total)
                }
            };
            slots[to][slot] = if function == "add" { slots[to][slot] + value } else { value };
            let query = Query::new(function).with("var", format!("slot{slot}")).to_string();
            events.push(Event::Written { simulator: format!("s{to}"), query, value });
        }
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Any graph of connections, loops and several writers of one value included, is planned and run in the documented
    /// order, with the values that the laws of `set`, `sum` and `merge` give, the same each time, and as the schedule says.
    #[test]
    fn any_graph_runs_in_the_documented_order((ndts, edges, steps) in graph()) {
        let connections = connections(&ndts, &edges);
        let grid = TimeGrid { dt_ms: 0.025, steps };
        let build = || {
            let log = Log::default();
            let simulators = ndts.iter().enumerate();
            let simulators = simulators.map(|(i, &ndts)| Box::new(Counter::new(i, 0.025, ndts, &log)) as Box<dyn Simulator>);
            let plan = Plan::new(simulators.collect(), &[], &Composition::of(&connections)).unwrap();
            (plan, log)
        };
        let runs: Vec<(Vec<Event>, Vec<String>)> = (0..2).map(|_| {
            let (plan, log) = build();
            let notes = plan.notes.clone();
            let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
            run.run(&mut Reader { periods: Vec::new(), looked: Vec::new() }).unwrap();
            let events = log.lock().unwrap().clone();
            (events, notes)
        }).collect();
        prop_assert_eq!(&runs[0], &runs[1]);

        let (events, notes) = &runs[0];
        let written: Vec<Event> = events.iter().filter(|event| matches!(event, Event::Written { .. })).cloned().collect();
        prop_assert_eq!(written, told(&ndts, &edges, steps));

        let advanced: Vec<(String, u64)> = events.iter().filter_map(|event| match event {
            Event::Advanced { simulator, until } => Some((simulator.clone(), *until)),
            Event::Written { .. } => None,
        }).collect();
        let (plan, _) = build();
        let schedule = plan.schedule(grid);
        let planned: Vec<(String, u64)> =
            schedule.stops().flat_map(|stop| stop.advances).map(|(simulator, until)| (format!("s{simulator}"), until)).collect();
        prop_assert_eq!(advanced, planned);

        // Two that set the same slot are told.
        let sets = |edge: &Edge| (edge.4 < 2).then_some((edge.2, edge.3));
        let several = edges.iter().enumerate().any(|(k, edge)| {
            sets(edge).is_some() && edges[..k].iter().any(|earlier| sets(earlier) == sets(edge))
        });
        prop_assert_eq!(several, notes.iter().any(|note| note.contains("the later one wins")));
    }
}

#[test]
fn rates_that_never_meet_or_rarely_are_said() {
    let notes = |ndts: [u64; 2], period: Option<u64>, action: Action, steps: u64| {
        let log = Log::default();
        let simulators = (0..2).map(|i| Box::new(Counter::new(i, 0.5, ndts[i], &log)) as Box<dyn Simulator>).collect();
        let get = if action == Action::Sum { amount() } else { count() };
        let connections = [connection(0, (0, get), (1, 0), action, period)];
        let plan = Plan::new(simulators, &[], &Composition::of(&connections)).unwrap();
        plan.timing_notes(TimeGrid { dt_ms: 0.5, steps })
    };
    assert!(notes([1, 4], None, Action::Set, 8).is_empty());
    let rates = "(s0 steps every 3.5 ms, s1 every 5.5 ms)";
    assert_eq!(
        notes([7, 11], None, Action::Set, 70)[1..],
        [format!(
            "connections[0]: made once, at the start: it is due every 38.5 ms {rates}, and the run ends at 35 ms"
        )]
    );
    assert_eq!(
        notes([7, 11], None, Action::Sum, 70)[1..],
        [format!("connections[0]: never made: it is due every 38.5 ms {rates}, and the run ends at 35 ms")]
    );
    assert_eq!(
        notes([7, 11], None, Action::Set, 154),
        [format!(
            "connections[0]: made every 38.5 ms, more rarely than both its ends step {rates}; what happens between is not \
             seen (a window of mean or integral would see it)"
        )]
    );
    let rare = notes([1, 4], Some(8), Action::Set, 12);
    assert!(
        rare[0].contains("made every 4 ms, more rarely than both its ends step (s0 steps every 0.5 ms, s1 every 2 ms)")
    );
    assert_eq!(rare[1], "connections[0]: made every 4 ms, and not at the end of the run at 6 ms");
}
