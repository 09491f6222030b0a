//! The neuron's ATP is one pool: what neurons use and what metabolism makes both count, once.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Call, Connection, WindowOperator};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Times;
use msr_coupling::space::NEURONS;
use msr_coupling::{
    Access, Bounds, Composition, Moment, Observer, Orchestrator, Plan, Port, Quantity, Query, QueryError, Simulator,
    SimulatorError, Snapshot, Space, Unit, Variable, VariableTable,
};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const BASE_DT_MS: f64 = 0.025;
/// Windows of 10 ms.
const NDTS: u64 = 400;
const CELLS: usize = 3;
const ATP_AT_REST_MM: f64 = 1.3846374147608125;

/// Neurons that use ATP by a script and know nothing of its supply.
struct Spenders {
    idts: u64,
    atp_mm: [f64; CELLS],
    /// ATP that each uses in each window, mM.
    script: Vec<[f64; CELLS]>,
    variables: VariableTable,
}

impl Spenders {
    fn new(script: Vec<[f64; CELLS]>) -> Self {
        let variables = VariableTable::new(vec![Variable {
            name: "atpi".to_owned(),
            description: "ATP".to_owned(),
            unit: Unit::of("mM"),
            space: NEURONS.to_owned(),
            quantity: Quantity::Intensive,
            bounds: Bounds::NOT_NEGATIVE,
            get: Some(Query::new("get_atp")),
            set: Some(Query::new("set_atp")),
        }]);
        Self { idts: 0, atp_mm: [ATP_AT_REST_MM; CELLS], script, variables }
    }
}

impl Simulator for Spenders {
    fn name(&self) -> &str {
        "spenders"
    }

    fn base_dt_ms(&self) -> f64 {
        BASE_DT_MS
    }

    fn ndts(&self) -> u64 {
        NDTS
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        while self.idts < until {
            let used = self.script[(self.idts / NDTS) as usize];
            self.atp_mm.iter_mut().zip(used).for_each(|(atp, used)| *atp -= used);
            self.idts += NDTS;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![Space::of_nodes(NEURONS, None, (0..CELLS as u64).collect())]
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, _query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        values.clear();
        values.extend(self.atp_mm);
        Ok(())
    }

    fn set_var(&mut self, _query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.atp_mm.copy_from_slice(values);
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode("spenders", &(self.idts, self.atp_mm))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        (self.idts, self.atp_mm) = snapshot.decode("spenders")?;
        Ok(())
    }
}

/// ATP on both sides, before and after each exchange.
#[derive(Default)]
struct Record {
    advanced: Vec<[Vec<f64>; 2]>,
    exchanged: Vec<[Vec<f64>; 2]>,
}

impl Observer for Record {
    fn look(
        &mut self,
        moment: Moment,
        _idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut both = [Vec::new(), Vec::new()];
        simulators[0].get_var(&Query::new("get_atp"), &mut both[0])?;
        simulators[1].get_var(&Query::new("get_vm_idx").with("idx", "ATP_n"), &mut both[1])?;
        if moment == Moment::Advanced {
            self.advanced.push(both)
        } else {
            self.exchanged.push(both)
        }
        Ok(())
    }
}

fn call(function: &str, kwargs: Value) -> Call {
    let kwargs: Map<String, Value> = kwargs.as_object().cloned().unwrap_or_default();
    Call { function: function.to_owned(), kwargs }
}

/// The merge of the published configurations.
fn merge() -> Connection {
    Connection {
        src_simulator: "spenders".to_owned(),
        src_get: call("get_atp", json!({})),
        src_set: Some(call("set_atp", json!({}))),
        dest_simulator: "metabolism".to_owned(),
        dest_get: Some(call("get_vm_idx", json!({"idx": "ATP_n"}))),
        dest_set: call("set_vm_idxs", json!({"idxs": "ATP_n"})),
        transform_expression: None,
        transform_unit: None,
        window: WindowOperator::Last,
        action: Action::Merge,
        ndts: None,
        event: None,
        key: "multiscale_run.connections[0]".to_owned(),
        line: 1,
        column: 1,
    }
}

fn run(script: &[[f64; CELLS]]) -> Record {
    let neurons: Vec<NeuronSite> = (0..CELLS as u64).map(|id| NeuronSite { id, layer: None }).collect();
    let settings = Settings { neurons_use_atp: true, ..Settings::default() };
    let metabolism = MetabolismSimulator::new(&neurons, &settings, NDTS, BASE_DT_MS).unwrap();
    let simulators: Vec<Box<dyn Simulator>> = vec![Box::new(Spenders::new(script.to_vec())), Box::new(metabolism)];
    let connections = [merge()];
    let plan = Plan::new(simulators, &[], &Composition::of(&connections)).unwrap_or_else(|errors| panic!("{errors}"));
    let grid = TimeGrid { dt_ms: BASE_DT_MS, steps: NDTS * script.len() as u64 };
    let mut record = Record::default();
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut record).unwrap_or_else(|error| panic!("{error}"));
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// With any sequence of use and production by the neuron, the pool changes by exactly that and what metabolism did.
    #[test]
    fn the_pool_changes_by_the_sum(script in prop::collection::vec(prop::array::uniform3(-4e-4f64..2e-3), 1..20)) {
        let record = run(&script);
        prop_assert_eq!(record.advanced.len(), script.len());
        for cell in 0..CELLS {
            let mut expected = ATP_AT_REST_MM;
            for (window, used) in script.iter().enumerate() {
                let before = record.exchanged[window][1][cell];
                let made = record.advanced[window][1][cell] - before;
                prop_assert!(made != 0.0, "metabolism stands still");
                expected += made - used[cell];
                for side in 0..2 {
                    let found = record.exchanged[window + 1][side][cell];
                    prop_assert!((found - expected).abs() < 1e-13 * (window + 2) as f64, "{} {}", found, expected);
                }
            }
        }
    }
}

/// Neurons that use 0.1 mM/s would be out of ATP after 14 s; what metabolism makes reaches them.
#[test]
fn what_metabolism_makes_reaches_the_neuron() {
    let seconds = 20;
    let script = vec![[0.0, 5e-4, 1e-3]; 100 * seconds];
    let record = run(&script);
    let last = record.exchanged.last().unwrap();
    assert_eq!(last[0], last[1]);
    // At rest and without use, ATP is kept up; more use leaves less.
    assert!(last[0][0] > ATP_AT_REST_MM && last[0][0] > last[0][1] && last[0][1] > last[0][2], "{:?}", last[0]);
    let used = 1e-3 * script.len() as f64;
    let made = last[0][2] - (ATP_AT_REST_MM - used);
    assert!(last[0][2] > 1.1 && made > 1.7, "{} mM are left of {ATP_AT_REST_MM}, {used} were used", last[0][2]);
}
