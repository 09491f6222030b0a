#!/usr/bin/env python3
"""Runs published circuits with their original hoc and mod files in msr-cli, and compares the results with what is recorded beside them.

Called by circuits.sh, which says where the originals are from:
    circuits.py SCRATCH NEURODAMUS SONATA MSR_CLI [CASE ...]
NEURODAMUS and SONATA are clones (or bare repositories) of neurodamus and of AllenInstitute/sonata. Needs h5py and numpy; where bluepysnap
is installed, it opens every result, too. Exit code 1 if any comparison fails.
"""
import json, os, pathlib, re, shutil, subprocess, sys, xml.etree.ElementTree as ElementTree
import h5py, numpy as np

FAILED = []


def verdict(what, figure, bound, unit=""):
    good = bool(figure <= bound)
    print(f"  {'ok    ' if good else 'FAILED'} {what}: {figure:.3g}{unit} (at most {bound:g}{unit})", flush=True)
    if not good:
        FAILED.append(what)


def agree(what, ours, reference):
    good = ours == reference
    print(f"  {'ok    ' if good else 'FAILED'} {what}: {ours if len(str(ours)) < 150 else '...'}", flush=True)
    if not good:
        print(f"         instead of {reference}")
        FAILED.append(what)


# --- originals and runs


def take(repository, scratch, *paths):
    """Files of the newest commit of a repository, or of a plain folder, copied into the scratch folder."""
    for path in paths:
        if (scratch / path).exists():
            continue
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        if (repository / path).is_dir():
            shutil.copytree(repository / path, scratch / path)
        elif (repository / path).exists():
            shutil.copy(repository / path, scratch / path)
        else:
            archive = subprocess.run(["git", f"--git-dir={git_directory(repository)}", "archive", "HEAD", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            subprocess.run(["tar", "x", "-C", str(scratch)], input=archive.stdout, check=True)


def git_directory(repository):
    return repository / ".git" if (repository / ".git").exists() else repository


class Run:
    """One simulation: a folder with its configuration and the original mechanism files."""

    def __init__(self, folder, configuration, mods, msr):
        self.folder, self.configuration = folder, configuration
        if folder.exists():
            shutil.rmtree(folder)
        (folder / "mod").mkdir(parents=True)
        for pattern in mods:
            for file in sorted(pattern.parent.glob(pattern.name)):
                shutil.copy(file, folder / "mod")
        (folder / "simulation_config.json").write_text(json.dumps(configuration, indent=2))
        told = subprocess.run([msr, "compute", "--force", str(folder)], capture_output=True, text=True)
        (folder / "log.txt").write_text(told.stdout + told.stderr)
        if told.returncode != 0:
            print(told.stdout[-3000:] + told.stderr[-6000:])
            raise RuntimeError(f"msr-cli failed in {folder}")
        self.output = folder / configuration.get("output", {}).get("output_dir", "output")
        open_with_bluepysnap(folder / "simulation_config.json")

    def spikes(self, population):
        with h5py.File(self.output / "out.h5") as file:
            group = file["spikes"][population]
            return np.asarray(group["timestamps"]), np.asarray(group["node_ids"]).astype(int)

    def report(self, name):
        return read_report(self.output / f"{name}.h5")


def read_report(path):
    """For each population the elements, sorted by node and element, and their values."""
    populations = {}
    with h5py.File(path) as file:
        for name, group in file["report"].items():
            pointers = np.asarray(group["mapping/index_pointers"]).astype(int)
            nodes = np.repeat(np.asarray(group["mapping/node_ids"]).astype(int), np.diff(pointers))
            elements = np.asarray(group["mapping/element_ids"]).astype(int)
            order = np.lexsort((np.arange(len(nodes)), elements, nodes))
            populations[name] = (list(zip(nodes[order].tolist(), elements[order].tolist())), np.asarray(group["data"])[:, order].astype(float))
    return populations


def open_with_bluepysnap(configuration):
    try:
        import bluepysnap
    except ImportError:
        return
    simulation = bluepysnap.Simulation(str(configuration))
    opened = 0
    for population in simulation.spikes.population_names:
        simulation.spikes[population].get()
        opened += 1
    entries = json.loads(configuration.read_text()).get("reports", {}).values()
    # 3.0.8 refuses all reports where one is of these.
    unknown = [entry for entry in entries if entry["type"] == "compartment_set" or entry.get("sections") in ("axon", "dend", "apic")]
    for report in [] if unknown else simulation.reports.values():
        for population in report.population_names:
            if report[population].get().shape[0] == 0:
                FAILED.append(f"{configuration}: bluepysnap finds nothing in {report.name}")
            opened += 1
        report.filter().report
    print(f"  ok     bluepysnap opens {opened} populations of spikes and reports")


def compare_reports(name, ours, reference, bound):
    """Largest difference of each report in units of its largest value, but for the first row, which neurodamus' tests leave out, too."""
    agree(f"{name}: populations and elements", {p: v[0] for p, v in ours.items()}, {p: v[0] for p, v in reference.items()})
    for population, (elements, values) in reference.items():
        if population not in ours or ours[population][1].shape != values.shape:
            agree(f"{name}: shape in {population}", ours.get(population, ([], np.zeros(0)))[1].shape, values.shape)
            continue
        scale = max(np.abs(values[1:]).max(), 1e-8)
        verdict(f"{name}, {population}: largest difference by largest value ({scale:.3g})", np.abs(ours[population][1] - values)[1:].max() / scale, bound)


def tabulated_hh():
    """The bundled hh with the table that NEURON's has: steady states and time constants at every mV from -100 to 100."""
    text = (pathlib.Path(__file__).parents[2] / "msr-neuro/mechanisms/hh.mod").read_text()
    names = [f"{gate}_{what}" for gate in "mhn" for what in ("steady", "tau")]
    text = text.replace("ASSIGNED {", "ASSIGNED {\n" + "".join(f"    {name}\n" for name in names))
    text = text.replace("rates()", "rates(v)").replace("PROCEDURE rates(v) {", "PROCEDURE rates(v) {\n    TABLE " + ", ".join(names) + " DEPEND speed FROM -100 TO 100 WITH 200")
    for gate in "mhn":
        rates = f"{gate}_opening + {gate}_closing"
        text = text.replace(f"{gate} = {gate}_opening/({rates})", f"{gate} = {gate}_steady")
        text = text.replace(f"{gate}' = {gate}_opening*(1 - {gate}) - {gate}_closing*{gate}", f"{gate}' = ({gate}_steady - {gate})/{gate}_tau")
        last = "    n_closing = speed*0.125*exp(-(v + 65)/80)\n"
        text = text.replace(last, last + f"    {gate}_steady = {gate}_opening/({rates})\n    {gate}_tau = 1/({rates})\n")
    return text


# --- neurodamus' circuits; figures are those of its own tests (tests/scientific, tests/unit-ngv-mpi, tests/integration-e2e)


def pulse(node_set):
    return {"module": "pulse", "input_type": "current_clamp", "represents_physical_electrode": True, "amp_start": 3, "width": 10,
            "frequency": 50, "delay": 0, "duration": 50, "node_set": node_set}


def reports_of_the_tests(cells="Mosaic"):
    def report(kind, variable, **more):
        return {"type": kind, "cells": cells, "variable_name": variable, "dt": 1, "start_time": 0.0, "end_time": 40.0, **more}

    return {
        "compartment_v": report("compartment", "v", sections="all", scaling="none"),
        "summation_v": report("summation", "v", sections="soma", scaling="none"),
        "compartment_i_membrane": report("compartment", "i_membrane", sections="all"),
        "summation_i_membrane": report("summation", "i_membrane", sections="soma", scaling="none"),
        "compartment_pas": report("compartment", "pas", sections="all"),
        "summation_pas": report("summation", "pas", sections="soma", scaling="none"),
        "summation_i_membrane_IClamp": report("summation", "i_membrane,IClamp", sections="all", compartments="all", scaling="none"),
        "summation_ProbAMPANMDA_EMS": report("summation", "ProbAMPANMDA_EMS", sections="all", compartments="all", scaling="none"),
    }


def compare_all(run, reference, bound):
    for file in sorted(reference.glob("*.h5")):
        if file.stem in run.configuration["reports"]:
            compare_reports(file.stem, run.report(file.stem), read_report(file), bound)


def v5_mini5(at):
    folder = at.simulations / "v5_sonata"
    base = json.loads((folder / "simulation_config_mini.json").read_text())
    base["network"] = str(folder / "sub_mini5/circuit_config.json")
    run = at.run("v5_mini5", base, "common", "neocortex")
    times, nodes = run.spikes("default")
    agree("nodes that spike", nodes.tolist(), [4, 2, 0])
    verdict("their times beside 33.425, 37.35, 39.725 ms", np.abs(times - [33.425, 37.35, 39.725]).max() if len(times) == 3 else np.inf, 1e-6, " ms")
    base["inputs"] = {"Stimulus": pulse("Mini5")}
    base["reports"] |= reports_of_the_tests()
    base["run"]["tstop"] = 40.0
    compare_all(at.run("v5_mini5_reports", base, "common", "neocortex"), folder / "reference/reports", 1e-6)


def ringtest(at):
    folder = at.simulations / "ringtest"
    base = {"network": str(folder / "circuit_config.json"), "node_sets_file": str(folder / "nodesets.json"), "node_set": "Mosaic",
            "run": {"random_seed": 1122, "dt": 0.1, "tstop": 50}, "conditions": {"celsius": 35, "v_init": -65, "mechanisms": {"hh": {"usetable": 1}}},
            "inputs": {"Stimulus": pulse("RingA")}, "compartment_sets_file": str(folder / "compartment_sets.json"),
            "reports": reports_of_the_tests()}
    base["reports"]["compartment_set_A_v"] = {"type": "compartment_set", "compartment_set": "csA", "variable_name": "v", "dt": 1,
                                               "start_time": 0.0, "end_time": 40.0, "scaling": "none"}
    compare_all(at.run("ringtest", base, "common", "neocortex"), folder / "reference/reports", 1e-6)


def ngv(at):
    folder = at.simulations / "ngv"
    base = json.loads((folder / "simulation_config.json").read_text())
    base.update(network=str(folder / "circuit_config.json"), node_sets_file=str(folder / "nodesets.json"))
    record = {"src_get_func": "get_endfoot_radii", "unit": "um"}
    base["multiscale_run"] = {"neurodamus": {"reports": {"radii": record}}}
    every = {"dt": 0.5, "start_time": 0.0, "end_time": 10.0}
    base["reports"] = {
        "soma_v": {"type": "compartment", "cells": "AstrocyteA", "variable_name": "v", "sections": "soma", **every},
        "total": {"type": "summation", "cells": "AstrocyteA", "variable_name": "i_membrane", "sections": "soma", "scaling": "none", **every},
        "all_v": {"type": "compartment", "cells": "Mosaic", "variable_name": "v", "sections": "all", **every},
        "opened": {"type": "compartment", "cells": "Mosaic", "variable_name": "cadifus.ikState", "sections": "dend", **every},
    }
    run = at.run("ngv", base, "common", "ngv")
    times, nodes = run.spikes("RingA")
    agree("nodes that spike", nodes.tolist(), list(range(7)))
    verdict("their times beside 2.075 ms", np.abs(times - 2.075).max() if len(times) == 7 else np.inf, 1e-6, " ms")
    times, nodes = run.spikes("AstrocyteA")
    agree("spikes of astrocytes", list(zip(np.round(times, 6).tolist(), nodes.tolist())), [(5.475, 0), (6.725, 1), (7.675, 2), (8.775, 3)])
    for name, recorded, bound, unit in (("soma_v", SOMA_V, ASTROCYTE_MV, " mV"), ("total", SUM_I, 1e-7, " nA")):
        elements, values = run.report(name)["AstrocyteA"]
        agree(f"{name}: elements", elements, [(node, 0) for node in range(5)])
        verdict(f"{name} of astrocytes at 5, 6, 7.5 and 9.5 ms", np.abs(values[[10, 12, 15, 19]] - recorded).max(), bound, unit)
    of_both = run.report("all_v")
    agree("all_v: elements of astrocytes", of_both["AstrocyteA"][0], [(node, section) for node in range(5) for section in range(63)])
    agree("all_v: columns of neurons", len(of_both["RingA"][0]), 35)
    sums = of_both["AstrocyteA"][1][[12, 15, 19]].sum(axis=1)
    verdict("all_v: sum over all segments of astrocytes at 6, 7.5 and 9.5 ms", np.abs(sums - SUMS_V).max() / 315, ASTROCYTE_MV, " mV")
    agree("opened: populations and columns, those of astrocytes alone", {name: len(part[0]) for name, part in run.report("opened").items()}, {"AstrocyteA": 185})
    # Before each step; float32 has seven digits.
    _, radii = next(iter(run.report("radii").values()))
    verdict("radius of the vessel under the endfoot of astrocyte 0", np.abs(radii[::20, 0] - RADII[:20]).max(), 1e-6, " um")


#: Of neurodamus 4.2.9 in NEURON 9.0.2 with libsonatareport: voltages (mV) of the somata of the five astrocytes and what leaves through all
#: their membranes (nA) at 5, 6, 7.5 and 9.5 ms, and sums of the voltages of all segments of their morphologies at the last three.
SOMA_V = np.array([[-65.0] * 5, [125.35357, -65.0, -65.0, -65.0, -65.0], [418.18082, 109.627914, -14.473177, -65.0, -65.0],
                   [727.3469, 323.0616, 253.91956, 97.259056, -65.0]])
SUM_I = np.array([[0.0] * 5, [-0.33573332, 0, 0, 0, 0], [-0.2810188, -0.18648364, -0.23563817, 0, 0],
                  [-0.20807089, -0.14276725, -0.1822948, -0.17585568, 0]])
SUMS_V = np.array([-8533.88949585, 24108.6833744, 84223.03292847])
#: float32 of hundreds of mV.
ASTROCYTE_MV = 1e-4

#: Radius (um) of the vessel under the endfoot of astrocyte 0 every 0.5 ms.
RADII = [14.7, 14.7000011, 14.70000471, 14.70001065, 14.70001896, 14.70002959, 14.70004255, 14.70005779, 14.7000753, 14.70009505, 14.70011703,
         14.70014121, 14.70016757, 14.70019609, 14.70022675, 14.70025952, 14.70029439, 14.70033134, 14.70037035, 14.70041139, 14.70045445]


def usecase3(at):
    folder = at.simulations / "usecase3"
    base = json.loads((folder / "simulation_sonata.json").read_text())
    base.update(network=str(folder / "circuit_config.json"), node_sets_file=str(folder / "nodesets.json"), reports={}, output={})
    run = at.run("usecase3", base, "common", "neocortex")
    times, nodes = run.spikes("NodeA")
    agree("21 spikes of NodeA", list(zip(np.round(times, 6).tolist(), nodes.tolist())), [
        (0.2, 0), (0.3, 1), (0.3, 2), (2.5, 0), (3.4, 1), (4.2, 2), (5.5, 0), (7.0, 0), (7.4, 1), (8.6, 2), (13.8, 2), (19.6, 2), (25.7, 2),
        (32.0, 2), (36.4, 0), (38.5, 2), (40.8, 1), (42.6, 0), (45.2, 2), (48.3, 0), (49.9, 1)])


def v5_gapjunctions(at):
    folder = at.simulations / "v5_gapjunctions"
    base = json.loads((folder / "simulation_config.json").read_text())
    # node_sets.json is a link to the circuit's.
    base.update(network=str(folder / "sub_mini2/circuit_config.json"), node_sets_file=str(at.simulations / "v5_sonata/node_sets.json"))
    base["inputs"]["spikeReplayIntoUniverse"]["spike_file"] = str(folder / "input.h5")
    run = at.run("v5_gapjunctions", base, "common", "neocortex")
    times, nodes = run.spikes("default")
    agree("spikes, the first of them of node", [len(nodes), int(nodes[0])], [2, 0])
    verdict("its time beside 21.025 ms", abs(times[0] - 21.025), 1e-6, " ms")


def neuromodulation(at):
    folder = at.simulations / "neuromodulation"
    base = json.loads((folder / "simulation_config.json").read_text())
    base["network"] = str(folder / "circuit_config.json")
    base["inputs"]["proj_spikes_inject"]["spike_file"] = str(folder / "minimal_circuit/proj_spikes.h5")
    base["reports"] = {}
    run = at.run("neuromodulation", base, "common", "neocortex")
    times, nodes = run.spikes("All")
    agree("nodes that spike", nodes.tolist(), [0, 1, 1])
    verdict("their times beside 1.55, 2.025, 13.525 ms", np.abs(times - [1.55, 2.025, 13.525]).max() if len(times) == 3 else np.inf, 1e-6, " ms")


def lfp(at):
    """Extracellular potentials of ringtest; references of CoreNEURON."""
    folder = at.simulations / "ringtest"
    kick = {"module": "pulse", "input_type": "current_clamp", "delay": 1, "duration": 50, "node_set": "RingA",
            "represents_physical_electrode": True, "amp_start": 10, "width": 1, "frequency": 50}

    def report(cells, electrodes):
        return {"type": "lfp", "cells": cells, "electrodes_file": str(folder / electrodes), "dt": 0.1, "start_time": 0.0, "end_time": 2.0}

    base = {"network": str(folder / "circuit_config.json"), "node_sets_file": str(folder / "nodesets.json"), "node_set": "Mosaic",
            "run": {"random_seed": 1122, "dt": 0.1, "tstop": 50}, "inputs": {"stimulus_pulse": kick},
            "conditions": {"celsius": 35, "v_init": -65, "mechanisms": {"hh": {"usetable": 1}}},
            "reports": {"lfp_single_A": report("RingA", "lfp_3elec_ringA.h5"), "lfp_single_B": report("RingA_Cell0", "lfp_2elec_ringA_cell0.h5")}}
    run = at.run("lfp", base, "common", "neocortex")
    for name in ("lfp_single_A", "lfp_single_B"):
        compare_reports(name, run.report(name), read_report(folder / f"reference/lfp_reports/{name}.h5"), 1e-5)


def tetrodotoxin(at):
    folder = at.simulations / "v5_sonata"
    base = json.loads((folder / "simulation_config_mini.json").read_text())
    base["network"] = str(folder / "sub_mini5/circuit_config.json")
    base["conditions"]["modifications"] = [{"name": "applyTTX", "node_set": "Mini5", "type": "ttx"}]
    base["reports"] = {}
    times, _ = at.run("ttx", base, "common", "neocortex").spikes("default")
    agree("spikes of v5_mini5 in tetrodotoxin", len(times), 0)
    counts = []
    base["run"]["tstop"] = 150
    for statements in ("%s.gSK_E2bar_SK_E2 *= 1", "%s.gSK_E2bar_SK_E2 = 0"):
        base["conditions"]["modifications"] = [{"name": "SK_E2", "node_set": "Mini5", "type": "configure_all_sections", "section_configure": statements}]
        counts.append(len(at.run("no_SK", base, "common", "neocortex").spikes("default")[0]))
    agree(f"more spikes in 150 ms without SK_E2 than with it ({counts[1]} and {counts[0]})", counts[1] > counts[0], True)


def ringtest_allen_v1(at):
    """Templates in hoc of integrate-and-fire cells, Exp2Syn. neurodamus' tests look at connections, not at results: the spikes are those of
    NEURON 9.0.2 with the same templates, NetCons and events."""
    folder = at.simulations / "ringtest_allen_v1"
    base = json.loads((folder / "simulation_config.json").read_text())
    base.update(network=str(folder / "circuit_config.json"), node_sets_file=str(folder / "nodesets.json"))
    for name in ("RingA_spikes", "RingB_spikes"):
        base["inputs"][name]["spike_file"] = str(folder / base["inputs"][name]["spike_file"])
    run = at.run("ringtest_allen_v1", base)
    times, nodes = run.spikes("RingB")
    agree("12 spikes of RingB", list(zip(np.round(times, 6).tolist(), nodes.tolist())), [
        (3.0, 0), (8.0, 1), (13.0, 2), (18.0, 0), (23.0, 1), (28.0, 2), (32.0, 2), (33.0, 0), (38.0, 0), (38.0, 1), (43.0, 2), (47.0, 2)])


# --- the Allen Institute's five cells, beside what bmtk recorded (examples/5_cells_iclamp/output)

#: Mechanisms with currents.
ALLEN_CHANNELS = ["Ca_HVA", "Ca_LVA", "Ih", "Im", "Im_v2", "K_P", "K_T", "Kd", "Kv2like", "Kv3_1", "NaTa", "NaTs", "NaV", "Nap", "SK", "pas"]
#: NEURON's constants when the traces were recorded (before its version 8); those of today are of 2019 (CODATA).
OLD_FARADAY, OLD_NERNST_FARADAY, OLD_GAS_CONSTANT = 96485.3, 96485.309, 8.3134


def old_constants(folder):
    """Mechanism files with the constants of NEURON before 2019 in the place of its own: Faraday's, and those of Nernst's potential."""
    dynamics = folder / "CaDynamics.mod"
    dynamics.write_text(re.sub(r"FARADAY\s*=\s*\(faraday\) \(coulombs\)", f"FARADAY = {OLD_FARADAY} (coulombs)", dynamics.read_text()))
    for name in ("Ca_HVA", "Ca_LVA"):
        file = folder / f"{name}.mod"
        text = re.sub(r"USEION ca READ eca", "USEION ca READ cai, cao", file.read_text())
        text = re.sub(r"ASSIGNED\s*\{", "ASSIGNED { celsius (degC) cai (mM) cao (mM)\n", text, count=1)
        nernst = f"eca = 500*{OLD_GAS_CONSTANT}/{OLD_NERNST_FARADAY}*(celsius + 273.15)*log(cao/cai)"
        file.write_text(re.sub(r"(BREAKPOINT\s*\{\s*SOLVE states METHOD cnexp)", rf"\1\n\t{nernst}", text))


def in_order(times, nodes):
    """Times of spikes, sorted by node and time."""
    return times[np.lexsort((times, nodes))]


def allen_network(folder, example, shared, with_fits):
    """The example's own nodes, in a configuration with a population; with the fits that its NeuroML files were made of, if asked."""
    folder.mkdir(parents=True, exist_ok=True)
    types = (example / "network/biophysical_node_types.csv").read_text()
    if with_fits:
        types = re.sub(r"nml:Cell_(\d+)\.cell\.nml(.*)", r"ctdb:Biophys1.hoc\2 \1_fit.json", types.replace("\n", " dynamics_params\n", 1))
    (folder / "types.csv").write_text(types)
    population = {"type": "biophysical", "morphologies_dir": str(shared / "morphologies"),
                  "biophysical_neuron_models_dir": str(shared / "biophysical_neuron_templates" / ("json" if with_fits else "nml"))}
    nodes = {"nodes_file": str(example / "network/biophysical_nodes.h5"), "node_types_file": str(folder / "types.csv"),
             "populations": {"biophysical": population}}
    (folder / "circuit_config.json").write_text(json.dumps({"networks": {"nodes": [nodes], "edges": []}}))
    (folder / "node_sets.json").write_text('{"cells": {"population": "biophysical"}}')


def allen_5_cells(at):
    example, shared = "examples/5_cells_iclamp", "examples/shared_components"
    take(at.sonata, at.scratch, *(f"{example}/{name}" for name in ("network", "output/spikes.h5", "output/membrane_potential.h5")),
         *(f"{shared}/{name}" for name in ("biophysical_neuron_templates", "mechanisms", "morphologies")))
    example, shared = at.scratch / example, at.scratch / shared
    # bmtk writes what holds after each step, neurodamus what holds before: one step more. Its import of morphologies was the old one,
    # and NEURON takes slopes of currents as differences.
    end, steps = 4000.1, [(500, 0.15), (1500, 0.175), (2500, 0.2)]
    base = {"node_set": "cells",
            "run": {"tstop": end, "dt": 0.1, "dL": 20.0, "use_old_import3d": True, "spike_threshold": -15, "random_seed": 0},
            "conditions": {"celsius": 34.0, "v_init": -80, "mechanisms": {name: {"numeric_conductance": 1} for name in ALLEN_CHANNELS}},
            "inputs": {f"current_clamp_{number + 1}": {"module": "linear", "input_type": "current_clamp", "amp_start": amplitude, "delay": delay,
                       "duration": 500, "node_set": "cells", "represents_physical_electrode": True} for number, (delay, amplitude) in enumerate(steps)},
            "reports": {"membrane_potential": {"type": "compartment", "cells": "cells", "variable_name": "v", "sections": "soma", "dt": 0.1,
                                                "start_time": 0.0, "end_time": end}}}
    with h5py.File(example / "output/membrane_potential.h5") as file:
        recorded = np.asarray(file["report/biophysical/data"])
    with h5py.File(example / "output/spikes.h5") as file:
        group = file["spikes/biophysical"]
        recorded_spikes = np.asarray(group["timestamps"]), np.asarray(group["node_ids"]).astype(int)
    for name, with_fits, is_old in (("constants of today", False, False), ("constants of then", False, True), ("constants of then, fits", True, True)):
        mods = at.scratch / f"runs/allen_mods_{'old' if is_old else 'new'}"
        shutil.copytree(shared / "mechanisms/modfiles", mods, dirs_exist_ok=True)
        if is_old:
            old_constants(mods)
        network = at.scratch / f"runs/allen_5_cells_{'fits' if with_fits else 'nml'}"
        allen_network(network, example, shared, with_fits)
        base.update(network=str(network / "circuit_config.json"), node_sets_file=str(network / "node_sets.json"))
        run = Run(at.scratch / "runs" / f"allen_5_cells_{name.replace(', ', '_').replace(' ', '_')}", base, [mods / "*.mod"], at.msr)
        times, nodes = run.spikes("biophysical")
        apart = np.abs(run.report("membrane_potential")["biophysical"][1][1:] - recorded)
        print(f"  {name}: each cell's voltage at most " + ", ".join(f"{value:.2g}" for value in apart.max(axis=0)) +
              f" mV from the recorded one; half of all values at most {np.median(apart):.2g} mV, 99 % {np.quantile(apart, 0.99):.2g} mV")
        agree(f"{name}: number of spikes of each node", np.bincount(nodes, minlength=5).tolist(), np.bincount(recorded_spikes[1], minlength=5).tolist())
        if is_old and len(times) == len(recorded_spikes[0]):
            verdict(f"{name}: times of {len(times)} spikes", np.abs(in_order(times, nodes) - in_order(*recorded_spikes)).max(), 1e-6, " ms")
            verdict(f"{name}: voltage, all values", apart.max(), 0.1, " mV")


CASES = [v5_mini5, tetrodotoxin, v5_gapjunctions, neuromodulation, usecase3, ringtest, lfp, ringtest_allen_v1, ngv, allen_5_cells]


class Place:
    def __init__(self, scratch, neurodamus, sonata, msr):
        self.scratch, self.neurodamus, self.sonata, self.msr = scratch, neurodamus, sonata, msr
        take(neurodamus, scratch, "tests/simulations", "tests/mechanisms")
        self.simulations, self.mechanisms = scratch / "tests/simulations", scratch / "tests/mechanisms"

        (scratch / "hh").mkdir(exist_ok=True)
        (scratch / "hh/hh.mod").write_text(tabulated_hh())

    def run(self, name, configuration, *mechanisms):
        mods = [self.mechanisms / folder / "*.mod" for folder in mechanisms] + [self.scratch / "hh/hh.mod"]
        return Run(self.scratch / "runs" / name, configuration, mods, self.msr)


def main():
    scratch, neurodamus, sonata = (pathlib.Path(argument).absolute() for argument in sys.argv[1:4])
    at = Place(scratch, neurodamus, sonata, sys.argv[4])
    for case in CASES:
        if sys.argv[5:] and case.__name__ not in sys.argv[5:]:
            continue
        print(case.__name__, flush=True)
        try:
            case(at)
        except RuntimeError as error:
            print(f"  FAILED {error}")
            FAILED.append(case.__name__)
    print(f"{len(FAILED)} comparisons failed" if FAILED else "all comparisons hold")
    return bool(FAILED)


if __name__ == "__main__":
    sys.exit(main())
