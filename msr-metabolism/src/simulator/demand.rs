//! Who uses the neuron's ATP: the model's own pump, or neurons that are simulated elsewhere.

use msr_config::multiscale::{Action, Call, Connection, MultiscaleRun};
use serde_json::Value;

use super::NAME;
use crate::model::{ConstantValue, Constants, ModelError};

/// The neuron's ATP, by name and by number; the number is the same in both generations of configurations.
const ATP: &str = "ATP_n";
const ATP_NUMBER: u64 = 22;
/// The rate of the neuron's sodium pump.
const PUMP: (&str, &str) = ("Ephys", "kPumpn");

/// Whether a connection of a run brings what neurons do to ATP: it writes the neuron's ATP.
pub(super) fn neurons_use_atp(run: &MultiscaleRun) -> bool {
    let writes = |call: &Call| call.function == "set_vm_idxs" && call.kwargs.get("idxs").is_some_and(names_atp);
    let written = |connection: &Connection| {
        let here = connection.dest_simulator == NAME && writes(&connection.dest_set);
        let back = connection.src_simulator == NAME
            && connection.action == Action::Merge
            && connection.src_set.as_ref().is_some_and(writes);
        here || back
    };
    run.connections.iter().any(|connection| {
        [&connection.src_simulator, &connection.dest_simulator].iter().all(|name| run.is_active(name))
            && written(connection)
    })
}

fn names_atp(idxs: &Value) -> bool {
    match idxs {
        Value::Array(idxs) => idxs.iter().any(names_atp),
        Value::String(name) => name == ATP,
        idx => idx.as_u64() == Some(ATP_NUMBER),
    }
}

/// Stops the model's own pump, if it has one, and says so.
pub(super) fn stop_pump(constants: &mut Constants) -> Result<Option<String>, ModelError> {
    let (group, name) = PUMP;
    match constants.set(group, name, ConstantValue::Number(0.0)) {
        Ok(()) => Ok(Some(format!(
            "connections bring what the neurons do to {ATP}: the model's own pump stands still ({group}.{name} = 0)"
        ))),
        // Models of one's own may have no such pump.
        Err(ModelError::UnknownGroup { .. } | ModelError::UnknownConstant { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
