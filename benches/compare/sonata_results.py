#!/usr/bin/env python3
"""Reads everything that a run has written with the programs of its users: h5py, libsonata and bluepysnap.

    python -m venv venv && venv/bin/pip install h5py libsonata==0.2.2 bluepysnap==3.0.8
    venv/bin/python benches/compare/sonata_results.py DIRECTORY

DIRECTORY is that of the simulation; the run may be whole, stopped or killed. Of every report, also those of steps, metabolism and
bloodflow: types and shapes of the data sets, no filter, ascending nodes, as many rows as `time` says, units, finite values, and
that libsonata gives the same numbers for all nodes and for one. Spikes: types, order, nodes that exist. Of a whole run bluepysnap
opens simulation, spikes and reports. Exit code 1 where anything is not so.
"""
import json
import pathlib
import sys

import bluepysnap
import h5py
import libsonata
import numpy as np

SORTING = {"none": 0, "by_id": 1, "by_time": 2}


class Findings:
    def __init__(self):
        self.checked, self.wrong = 0, []

    def need(self, is_so, what):
        self.checked += 1
        if not is_so:
            self.wrong.append(what)


def uncompressed(file, path, findings):
    def look(name, item):
        if isinstance(item, h5py.Dataset):
            findings.need(item.compression is None, f"{path.name}:{name} has the filter {item.compression}")

    file.visititems(look)


def spikes(file, path, sizes, findings):
    reader = libsonata.SpikeReader(str(path))
    for name, group in file["spikes"].items():
        where = f"{path.name}, spikes of {name}"
        times, nodes = group["timestamps"], group["node_ids"]
        findings.need((times.dtype, nodes.dtype) == (np.float64, np.uint64), f"{where}: {times.dtype}, {nodes.dtype}")
        findings.need(times.shape == nodes.shape, f"{where}: {times.shape} times, {nodes.shape} nodes")
        findings.need(times.attrs["units"] == "ms", f"{where}: units")
        order = group.attrs.get_id("sorting").dtype
        findings.need(h5py.check_enum_dtype(order) == SORTING, f"{where}: sorting is {order}")
        steps, jumps = np.diff(times[:]), np.diff(nodes[:].astype(int))
        if group.attrs["sorting"] == SORTING["by_time"]:
            findings.need(np.all((steps > 0) | ((steps == 0) & (jumps >= 0))), f"{where}: not by time")
        if group.attrs["sorting"] == SORTING["by_id"]:
            findings.need(np.all((jumps > 0) | ((jumps == 0) & (steps >= 0))), f"{where}: not by node")
        read = reader[name].get_dict()
        findings.need(np.array_equal(read["timestamps"], times[:]), f"{where}: libsonata reads other times")
        findings.need(np.array_equal(read["node_ids"], nodes[:]), f"{where}: libsonata reads other nodes")
        if len(nodes) and name in sizes:
            findings.need(nodes[:].max() < sizes[name], f"{where}: a node that the population does not have")


def reports(file, path, sizes, is_whole, findings):
    reader = libsonata.ElementReportReader(str(path))
    for name, group in file["report"].items():
        where, mapping, data = f"{path.name}, {name}", group["mapping"], group["data"]
        nodes, pointers, elements, time = (mapping[it] for it in ("node_ids", "index_pointers", "element_ids", "time"))
        types = tuple(str(it.dtype) for it in (data, nodes, pointers, elements, time))
        findings.need(types == ("float32", "uint64", "uint64", "uint32", "float64"), f"{where}: {types}")
        edges = pointers[:].astype(int)
        findings.need(edges[0] == 0 and edges[-1] == len(elements) == data.shape[1], f"{where}: index_pointers")
        findings.need(len(edges) == len(nodes) + 1 and np.all(np.diff(edges) >= 0), f"{where}: index_pointers")
        findings.need(np.all(np.diff(nodes[:].astype(int)) > 0), f"{where}: nodes do not ascend")
        start, end, step = time[:]
        claimed = int(np.ceil((end - start) / step - 1e-9))
        right = claimed == data.shape[0] if is_whole else claimed <= data.shape[0]
        findings.need(right, f"{where}: {data.shape[0]} rows, time says {claimed}")
        findings.need(time.attrs["units"] == "ms" and isinstance(data.attrs["units"], str), f"{where}: units")
        values = data[:claimed]
        findings.need(np.isfinite(values).all(), f"{where}: values that are no numbers")
        if name in sizes and len(nodes):
            findings.need(nodes[:].max() < sizes[name], f"{where}: a node that the population does not have")
        if claimed == 0:
            continue
        read = reader[name].get()
        findings.need(np.array_equal(np.asarray(read.data)[:claimed], values), f"{where}: libsonata reads other values")
        findings.need(np.array_equal(np.asarray(read.ids)[:, 1], elements[:]), f"{where}: libsonata reads other elements")
        one = np.asarray(reader[name].get(node_ids=[int(nodes[-1])]).data)
        findings.need(one.shape[1] == edges[-1] - edges[-2], f"{where}: libsonata reads another last node")


def by_snap(simulation, findings):
    opened = bluepysnap.Simulation(simulation)
    for name in opened.spikes.population_names:
        opened.spikes[name].get()
    for name, report in opened.reports.items():
        for population in report.population_names:
            findings.need(report[population].get().shape[0] > 0, f"bluepysnap reads nothing of {name}, {population}")


def main(directory):
    simulation = directory / "simulation_config.json"
    configuration = libsonata.SimulationConfig.from_file(str(simulation))
    results = pathlib.Path(configuration.output.output_dir)
    circuit = libsonata.CircuitConfig.from_file(configuration.network)
    sizes = {}
    for name in circuit.node_populations:
        try:
            sizes[name] = circuit.node_population(name).size
        except libsonata.SonataError as error:
            print(f"note: libsonata does not open the nodes of {name}: {error}")
    manifest = json.loads((results / "manifest.json").read_text())
    is_whole = manifest.get("outcome", {}).get("state") == "complete"
    findings, files = Findings(), sorted(results.glob("*.h5"))
    for path in files:
        with h5py.File(path, "r") as file:
            uncompressed(file, path, findings)
            if "spikes" in file:
                spikes(file, path, sizes, findings)
            if "report" in file:
                reports(file, path, sizes, is_whole, findings)
    if is_whole:
        by_snap(str(simulation), findings)
    print("\n".join(findings.wrong) or f"nothing is wrong: {findings.checked} facts of {len(files)} files")
    return bool(findings.wrong)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
