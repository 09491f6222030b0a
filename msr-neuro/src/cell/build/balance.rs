//! The balance of sodium and potassium at rest.

use super::BuildError;
use crate::cell::Cell;
use crate::mechanisms::{ATPASE, ION_LEAK};

/// Sets pump and leaks of each segment so that no net sodium and potassium flows at `rest_mv`.
///
/// With the channels' steady currents `ina`, `ik` and the pump's net current `i` (3 sodium out, 2 potassium in):
/// `gna (rest - ena) = -(ina + 3 i)` and `gk (rest - ek) = 2 i - ik`. Where channels alone let in more sodium or let out
/// more potassium than the pump carries, the pump is made as much stronger as makes the smaller leak zero.
pub(super) fn balance(cell: &mut Cell, rest_mv: f64) -> Result<(), BuildError> {
    let position = |name: &str| cell.mechanisms.iter().position(|mechanism| mechanism.name() == name);
    let (Some(pump), Some(leak)) = (position(ATPASE), position(ION_LEAK)) else { return Ok(()) };
    let column = |mechanism: usize, name: &str| {
        let columns = cell.mechanisms[mechanism].columns();
        columns.iter().position(|column| column.name == name).expect("pump and leak have their columns")
    };
    let (imax, current) = (column(pump, "imax"), column(pump, "i"));
    let (gna, gk) = (column(leak, "gna"), column(leak, "gk"));
    let (pumps, leaks) = (cell.nodes[pump].len(), cell.nodes[leak].len());
    for conductance in [gna, gk] {
        cell.state.blocks[leak][conductance * leaks..(conductance + 1) * leaks].fill(0.0);
    }
    cell.initialise(rest_mv);
    if let Some(failure) = cell.failure() {
        return Err(BuildError::Initial(failure));
    }
    for place in 0..pumps {
        let node = cell.nodes[pump][place];
        let Ok(leak_place) = cell.nodes[leak].binary_search(&node) else { continue };
        let membrane = &cell.state.membrane;
        let node = node as usize;
        let (ena_mv, ek_mv) = (membrane.ena[node], membrane.ek[node]);
        if !(ek_mv < rest_mv && rest_mv < ena_mv) {
            return Err(BuildError::RestOutsideReversals { rest_mv, ek_mv, ena_mv });
        }
        let pumped = cell.state.blocks[pump][current * pumps + place];
        let (ina, ik) = (membrane.ina[node] - 3.0 * pumped, membrane.ik[node] + 2.0 * pumped);
        let needed = pumped.max(-ina / 3.0).max(ik / 2.0);
        if pumped > 0.0 {
            cell.state.blocks[pump][imax * pumps + place] *= needed / pumped;
        }
        let needed = if pumped > 0.0 { needed } else { 0.0 };
        cell.state.blocks[leak][gna * leaks + leak_place] = ((ina + 3.0 * needed) / (ena_mv - rest_mv)).max(0.0);
        cell.state.blocks[leak][gk * leaks + leak_place] = ((2.0 * needed - ik) / (rest_mv - ek_mv)).max(0.0);
    }
    Ok(())
}
