//! Loops in the connection graph: simulators whose results come back to them through others.

use msr_config::multiscale::Action;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::exchange::Exchange;
use crate::iteration::Group;
use crate::simulator::Simulator;

/// Simulators that lie in common loops, by their positions, ascending; a simulator alone where it is connected with
/// itself.
pub(crate) fn loops<'a>(simulators: usize, exchanges: impl IntoIterator<Item = &'a Exchange>) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..simulators).map(|_| graph.add_node(())).collect();
    for (from, to) in exchanges.into_iter().flat_map(directions) {
        graph.add_edge(nodes[from], nodes[to], ());
    }
    let mut loops: Vec<Vec<usize>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|members| members.len() > 1 || graph.contains_edge(members[0], members[0]))
        .map(|members| members.into_iter().map(NodeIndex::index).collect())
        .collect();
    loops.iter_mut().for_each(|members| members.sort_unstable());
    loops.sort();
    loops
}

/// From which simulator to which values go: both ways in a merge.
fn directions(exchange: &Exchange) -> impl Iterator<Item = (usize, usize)> {
    let back = (exchange.connection.action == Action::Merge).then_some((exchange.destination, exchange.source));
    std::iter::once((exchange.source, exchange.destination)).chain(back)
}

/// For each loop, who feeds back on whom, and by how much which connections lag.
pub(crate) fn notes(simulators: &[Box<dyn Simulator>], exchanges: &[Exchange], groups: &[Group]) -> Vec<String> {
    let name = |position: usize| simulators[position].name();
    let note = |members: Vec<usize>| {
        let mut lags: Vec<(usize, usize, u64, Vec<&str>)> = Vec::new();
        for exchange in exchanges {
            for (from, to) in directions(exchange) {
                let inside = members.contains(&from) && members.contains(&to);
                if !inside || groups.iter().any(|group| group.iterates(from, to)) {
                    continue;
                }
                let key = exchange.connection.key.as_str();
                match lags.iter_mut().find(|lag| (lag.0, lag.1, lag.2) == (from, to, exchange.ndts)) {
                    Some((.., keys)) => keys.push(key),
                    None => lags.push((from, to, exchange.ndts, vec![key])),
                }
            }
        }
        if lags.is_empty() {
            return None;
        }
        let told: Vec<String> = lags
            .iter()
            .map(|&(from, to, ndts, ref keys)| {
                let lag_ms = ndts as f64 * simulators[from].base_dt_ms();
                format!("{} -> {} by {lag_ms} ms ({})", name(from), name(to), joined(keys))
            })
            .collect();
        let names: Vec<&str> = members.iter().map(|&member| name(member)).collect();
        Some(format!(
            "feedback loop of {}: each computes a window with what the others had at its start; what they tell one \
             another lags: {}",
            names.join(", "),
            told.join(", ")
        ))
    };
    loops(simulators.len(), exchanges).into_iter().filter_map(note).collect()
}

/// Keys of one list share its name: `connections[0] [1] [4]`.
fn joined(keys: &[&str]) -> String {
    let list = |key: &str| key.rfind('[').map(|start| key[..start].to_owned());
    let mut text = String::new();
    for (position, key) in keys.iter().enumerate() {
        match list(key).filter(|_| position > 0 && list(keys[position - 1]) == list(key)) {
            Some(list) => text += &format!(" {}", &key[list.len()..]),
            None if position > 0 => text += &format!(", {key}"),
            None => text += key,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_one_list_name_it_once() {
        let keys = ["run.list.event[1]", "run.list[0]", "run.list[3]", "c", "d"];
        assert_eq!(joined(&keys), "run.list.event[1], run.list[0] [3], c, d");
        assert_eq!(joined(&keys[..1]), "run.list.event[1]");
    }
}
