"""Neurons: msr beside NEURON, CoreNEURON and Arbor, in one run.

Every cell is a table of cylinders, one a compartment, with the values of its mechanisms, which each program builds as it
stands. Two things are compared: voltages of the soma after every step and steps of spikes (msr with NEURON's numeric
slope of currents, NEURON without tables), and times of the solution alone (each program with its own defaults), one
thread each, by the processor: on a machine that others use, times by the clock say little. Each program runs several
times, in turn with the others; the smallest of its times is shown.

    python neuron.py TIMING_PROGRAM EMODELRUNNER BLUEPYOPT [CASE ...]

TIMING_PROGRAM is the example `neuron_timing` of msr-neuro, built with `--release`; EMODELRUNNER and BLUEPYOPT are the
folders into which the wheels EModelRunner 1.2.5 and bluepyopt 1.14.26 were unpacked (mechanism files and densities; the
morphology of a layer-5 pyramidal cell). CASE is the beginning of the names of the cases to run, all where none is given.
Where the variable ORIGINALS of the environment names a folder with the repository BlueBrain/neurodamus-models, the cases
`original-metabolic` and `original-astrocyte` run with the mechanism files that are there.
Needs NEURON 9.0.2 (`pip install neuron==9.0.2 scipy`; with `nrnivmodl`, so a C++ compiler) and, for the last columns,
Arbor 0.12; what is absent is left out.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# This file is called like the package that it imports.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np

DT_MS = 0.025
# Runs of each program for a time; the variable of this name in the environment counts.
REPEATS = int(os.environ.get("REPEATS", 5))
SQUID = {"ena": {"fixed": 50.0}, "ek": {"fixed": -77.0}}
CORTEX = {"ena": {"fixed": 50.0}, "ek": {"fixed": -90.0}}
# NEURON's concentrations, in mM, before mechanisms set them.
CONCENTRATIONS = {"cai": 5e-5, "cao": 2.0}
VOLTAGE_BAR_MV = 1e-6


def section(kind, parent, length, diameters, cm=1.0, ra=100.0):
    """A row of cylinders; `parent` is (section, whether at its end)."""
    return {"kind": kind, "parent": parent, "length_um": length, "diameters_um": diameters,
            "capacitance_uf_per_cm2": cm, "axial_resistivity_ohm_cm": ra}


def mechanism(name, segments, **parameters):
    each = [(key, [value] * len(segments) if np.isscalar(value) else list(value)) for key, value in parameters.items()]
    return {"name": name, "segments": list(segments), "parameters": each}


def case(sections, mechanisms, tstop, **more):
    return {"dt_ms": DT_MS, "steps": round(tstop / DT_MS), "celsius": 6.3, "v_init_mv": -65.0, "threshold_mv": 10.0,
            "reversals": SQUID, "concentrations": CONCENTRATIONS, "numeric_conductance": False, "shared_variables": False,
            "files": [], "sections": sections, "mechanisms": mechanisms, "stimuli": [], "cells": 1, "ring": None, "observed": "v"} | more


def stimulus(segment, delay, duration, amplitude):
    return {"segment": segment, "delay_ms": delay, "duration_ms": duration, "amplitude_na": amplitude}


def compartment():
    soma = section("Soma", None, 20.0, [20.0])
    return case([soma], [mechanism("hh", [0])], 100.0, stimuli=[stimulus(0, 1.0, 90.0, 0.5)])


BALL = {"soma_um": 20.0, "length_um": 500.0, "diameter_um": 2.0, "g": 1e-4, "ra": 150.0, "amplitude_na": 0.1, "nseg": 101}


def ball_and_stick(dt=DT_MS):
    soma = section("Soma", None, BALL["soma_um"], [BALL["soma_um"]], ra=BALL["ra"])
    stick = section("Dend", (0, True), BALL["length_um"], [BALL["diameter_um"]] * BALL["nseg"], ra=BALL["ra"])
    pas = mechanism("pas", range(1 + BALL["nseg"]), g=BALL["g"], e=-65.0)
    electrode = [stimulus(0, 0.0, 1e9, BALL["amplitude_na"])]
    return case([soma, stick], [pas], 50.0, dt_ms=dt, steps=round(50.0 / dt), stimuli=electrode)


def ball_and_stick_series(times_ms):
    """Voltage of the soma above rest (mV) after a step of current: a lumped soma on a finite cable (Rall 1969).

    With T = t g / cm, L = length / lambda, the admittance is G(q) = Gs q^2 + Gc q tanh(q L), q^2 = 1 + s, whose roots are
    s = -1 and s = -1 - a^2 with tan(a L) = -a Gs / Gc.
    """
    from scipy.optimize import brentq

    g, ra = BALL["g"], BALL["ra"]
    d, length = BALL["diameter_um"] * 1e-4, BALL["length_um"] * 1e-4
    electrotonic = length / math.sqrt(d / (4 * g * ra))
    of_cable = math.pi / 2 * d**1.5 * math.sqrt(g / ra)
    # The side of the soma alone is membrane, as in the programs; its axial resistance is not in the series.
    of_soma = g * math.pi * (BALL["soma_um"] * 1e-4) ** 2
    t = np.asarray(times_ms) * g * 1e3
    v = np.full(len(t), 1 / (of_soma + of_cable * math.tanh(electrotonic)))
    v -= np.exp(-t) / (of_soma + of_cable * electrotonic)
    for n in range(1, 3000):
        low, high = (n - 0.5) * math.pi / electrotonic, n * math.pi / electrotonic
        a = brentq(lambda a: of_cable * math.sin(a * electrotonic) + of_soma * a * math.cos(a * electrotonic), low, high,
                   xtol=1e-14)
        slope = of_soma / 2 + of_cable * electrotonic / 2 * (1 + (of_soma * a / of_cable) ** 2)
        rate = 1 + a * a
        v -= np.exp(-rate * t) / (rate * slope)
    # nA / S to mV.
    return BALL["amplitude_na"] * v * 1e-6


def ring(dendrites_are_active, cells, tstop):
    """ "ring8-d4n5": rings of 8 cells with binary trees of four levels; dendrites with pas, or pas and hh."""
    sections = [section("Soma", None, 12.6157, [12.6157])]
    parents = [0, 0]
    for _ in range(4):
        first = len(sections)
        sections += [section("Dend", (parent, True), 100.0, [1.0] * 5) for parent in parents]
        parents = [parent for parent in range(first, len(sections)) for _ in range(2)]
    dendrites = range(1, 1 + 5 * (len(sections) - 1))
    hh = mechanism("hh", [0, *dendrites] if dendrites_are_active else [0])
    link = {"cells": 8, "segment": 3, "tau_ms": 2.0, "reversal_mv": 0.0, "weight_us": 0.01, "delay_ms": 5.0, "start_ms": 1.0}
    return case(sections, [mechanism("pas", dendrites, g=0.001, e=-65.0), hh], tstop, cells=cells, ring=link)


LISTS = {
    "all": ("Soma", "Axon", "Dend", "Apic", "myelin"), "allact": ("Soma", "Axon", "Dend", "Apic"), "somaxon": ("Soma", "Axon"),
    "axonal": ("Axon",), "somatic": ("Soma",), "apical": ("Apic",), "basal": ("Dend",), "somadend": ("Soma", "Dend", "Apic"),
    "myelinated": ("myelin",),
}
# Files of the example that the cell needs; CoreNEURON does not translate all that are there.
MECHANISM_FILES = ("CaDynamics_DC0", "Ca_HVA2", "Ca_LVAst", "Ih", "K_Pst", "K_Tst", "NaTg", "Nap_Et2", "SK_E2", "SKv3_1")


def pyramidal_shape(path):
    """Cylinders of a Neurolucida file as NEURON reads it, nseg = 1 + 2 int(L / 40); the axon is a stub with myelin."""
    from neuron import h

    h.load_file("stdlib.hoc")
    h.load_file("import3d.hoc")
    reader = h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(str(path))
    h.Import3d_GUI(reader, 0).instantiate(None)
    kinds = {"soma": "Soma", "dend": "Dend", "apic": "Apic"}
    kept = [s for kind in kinds for s in h.allsec() if s.name().split("[")[0] == kind]
    position = {s: index for index, s in enumerate(kept)}
    shape, labels = [], []
    for s in kept:
        s.nseg = 1 + 2 * int(s.L / 40)
        parent = s.parentseg()
        at = None if parent is None else (position[parent.sec], position[parent.sec] != 0)
        kind = kinds[s.name().split("[")[0]]
        shape.append(section(kind, at, s.L, [segment.diam for segment in s]))
        labels.append(kind)
    axon = next(s for s in h.allsec() if s.name().startswith("axon"))
    axon.nseg = 11
    thickness = [segment.diam for segment in axon][:10]
    thickness += thickness[-1:] * (10 - len(thickness))
    for start, nseg, length, label in ((0, 5, 30.0, "Axon"), (5, 5, 30.0, "Axon"), (9, 5, 1000.0, "myelin")):
        diameters = thickness[start : start + nseg] if label == "Axon" else [thickness[9]] * nseg
        shape.append(section("Axon", (len(shape) - 1 if start else 0, True), length, diameters))
        labels.append(label)
    return shape, labels


def distances(sections):
    """Path from the middle of the soma to the middle of each segment, section by section."""
    starts, result = [], []
    for index, s in enumerate(sections):
        if s["parent"] is None:
            starts.append(-s["length_um"] / 2)
        else:
            parent, at_end = s["parent"]
            starts.append(starts[parent] + sections[parent]["length_um"] * (1.0 if at_end else 0.5))
        step = s["length_um"] / len(s["diameters_um"])
        result.append([abs(starts[index] + (k + 0.5) * step) for k in range(len(s["diameters_um"]))])
    return result


def pyramidal(shape, folder, cells, tstop):
    """The cell with the mechanism files and densities of EModelRunner's cortical example (that of a layer-4 cell)."""
    sections, labels = shape
    sections = json.loads(json.dumps(sections))
    settings = json.loads((folder / "config/params/pyr.json").read_text())
    fitted = next(iter(json.loads((folder / "config/params/final.json").read_text()).values()))["params"]
    decay = fitted["constant.distribution_decay"]
    shapes = {None: lambda d: 1.0, "exp": lambda d: -0.8696 + 2.087 * math.exp(d * 0.0031), "decay": lambda d: math.exp(d * decay)}
    firsts = np.cumsum([0] + [len(s["diameters_um"]) for s in sections])
    at = distances(sections)
    carried = {}
    for name, entry in settings["mechanisms"].items():
        for mech in entry["mech"]:
            carried.setdefault(mech, {}).update(
                {int(firsts[i]) + k: {} for i, label in enumerate(labels) if label in LISTS[name] for k in range(len(at[i]))}
            )
    for name, entries in settings["parameters"].items():
        for entry in entries if name in LISTS else ():
            key = f"{entry['name']}.{name}"
            value = fitted[key] if key in fitted else entry["val"]
            if entry["name"] in ("ena", "ek"):
                continue
            for i, label in enumerate(labels):
                if label not in LISTS[name]:
                    continue
                if entry["name"] in ("cm", "Ra"):
                    key = "capacitance_uf_per_cm2" if entry["name"] == "cm" else "axial_resistivity_ohm_cm"
                    sections[i][key] = value
                    continue
                mech = next(m for m in carried if entry["name"].endswith("_" + m))
                parameter = entry["name"].removesuffix("_" + mech)
                for k, distance in enumerate(at[i]):
                    carried[mech][int(firsts[i]) + k][parameter] = value * shapes[entry.get("dist")](distance)
    defaults = {"slopem": 6.0, "slopeh": 6.0, "vshiftm": 0.0, "vshifth": 0.0, "decay": 70.0, "gamma": 0.01}
    mechanisms = []
    for mech in sorted(carried, key=lambda m: (m != "pas", m)):
        names = sorted({parameter for values in carried[mech].values() for parameter in values})
        segments = sorted(carried[mech])
        values = {p: [carried[mech][s].get(p, defaults.get(p, 1e-5)) for s in segments] for p in names}
        mechanisms.append(mechanism(mech, segments, **values))
    files = [str(folder / "mechanisms" / f"{m['name']}.mod") for m in mechanisms if m["name"] != "pas"]
    # Enough current for a spike every 10 ms or so.
    return case(sections, mechanisms, tstop, celsius=34.0, v_init_mv=-80.0, threshold_mv=-20.0, reversals=CORTEX, files=files,
                cells=cells, stimuli=[stimulus(0, 5.0, 1e9, 1.5)])


# Mechanism files of msr-neuro that belong together: concentrations of ions, and what moves them.
METABOLIC = ("external_ions", "internal_ions", "kcc2", "leak", "nakcc", "nakpump")
# Published mechanism files in BlueBrain/neurodamus-models, with the channels that go with them.
ORIGINALS = Path(os.environ["ORIGINALS"]).resolve() if "ORIGINALS" in os.environ else None
ORIGINAL_FOLDERS = ("neocortex/mod/metabolism", "common/mod/ngv")
ORIGINAL_METABOLIC = ("internal_ions", "kcc2", "leak", "nakcc", "nakpump")
# Schemes of calcium in astrocytes: file, mechanism, what is observed.
ORIGINAL_ASTROCYTES = (("cadifus", "cadifus", {"mechanism": ["cadifus", "ca[0]"]}), ("mcd13", "mcd", "cai"))
LIBRARY = Path(__file__).resolve().parents[2] / "msr-neuro/mechanisms"
ASTROCYTE = Path(__file__).resolve().parent / "mechanisms/astrocyte.mod"
AT_REST = {"nai": 10.0, "nao": 140.0, "ki": 140.0, "ko": 5.0, "cai": 5e-5, "cao": 2.0, "cli": 6.0, "clo": 130.0,
           "atpi": 1.3846374147608125, "adpi": 0.057741408971236564, "pi": 2.18}


def original(name):
    """The place of a published mechanism file."""
    return next(path for folder in ORIGINAL_FOLDERS if (path := ORIGINALS / folder / f"{name}.mod").exists())


def with_local_as_assigned(text):
    """A mechanism file whose LOCAL variables outside of blocks are ASSIGNED.

    NEURON has one such variable for all segments: what INITIAL makes of the diameter of the last segment is used in all of
    them. msr has one for each segment, unless `shared_variables` are asked for. So that the rest can be compared as it is by
    default, both read the file without them.
    """
    depth, lines = 0, []
    for line in text.splitlines():
        words = line.split(":")[0].split()
        if depth == 0 and words[:1] == ["LOCAL"]:
            line = "ASSIGNED { " + " ".join(words[1:]).replace(",", " ") + " }"
        depth += line.count("{") - line.count("}")
        lines.append(line)
    return "\n".join(lines) + "\n"


def original_metabolic(shape, folder, cells, tstop):
    """`metabolic` with the published files: the metabolic set, and the channels that come with it."""
    cell = metabolic(shape, folder, cells, tstop)
    mechanisms = [m for m in cell["mechanisms"] if m["name"] not in set(METABOLIC) - set(ORIGINAL_METABOLIC)]
    return cell | {"mechanisms": mechanisms, "files": [str(original(m["name"])) for m in mechanisms if m["name"] != "pas"]}


def original_astrocyte(cells, tstop, file, name, observed):
    """`astrocyte` with a published scheme, which begins with more calcium near the soma."""
    cell = astrocyte(cells, tstop)
    # The first makes a current that nothing balances; it depends on nothing.
    initial = {"cai0": [3e-4] * 8 + [1e-4] * 55} if name == "cadifus" else {"alpha": [2.0] * 8 + [1.0] * 55}
    mechanisms = [cell["mechanisms"][0], mechanism(name, range(63), **initial)]
    return cell | {"mechanisms": mechanisms, "files": [str(original(file))], "observed": observed, "celsius": 34.0,
                   "receivers": [name, "glu2"]}


def metabolic(shape, folder, cells, tstop):
    """The layer-5 cell with ions that move: the metabolic set in all segments in place of the pool of calcium."""
    cell = pyramidal(shape, folder, cells, tstop)
    everywhere = range(sum(len(s["diameters_um"]) for s in cell["sections"]))
    mechanisms = [m for m in cell["mechanisms"] if m["name"] != "CaDynamics_DC0"]
    mechanisms += [mechanism(name, everywhere) for name in METABOLIC]
    files = [path for path in cell["files"] if Path(path).stem != "CaDynamics_DC0"]
    return cell | {"mechanisms": sorted(mechanisms, key=lambda m: (m["name"] != "pas", m["name"])), "v_init_mv": -75.0,
                   "files": files + [str(LIBRARY / f"{name}.mod") for name in METABOLIC],
                   "reversals": {"ena": "nernst", "ek": "nernst", "eca": "nernst"}, "concentrations": AT_REST}


def astrocyte(cells, tstop):
    """Sixty-three compartments: a soma and two levels of branches, with IP3 near the soma."""
    sections = [section("Soma", None, 10.0, [10.0])]
    for parent, nseg, thickness in ((0, 11, 2.0), (0, 11, 2.0), (1, 10, 1.0), (1, 10, 1.0), (2, 10, 1.0), (2, 10, 1.0)):
        sections.append(section("Dend", (parent, True), 4.0 * nseg, [thickness] * nseg))
    ip3 = [5e-4] * 8 + [2e-4] * 55
    mechanisms = [mechanism("pas", range(63), g=1e-4, e=-80.0), mechanism("astrocyte", range(63), ip3=ip3)]
    return case(sections, mechanisms, tstop, v_init_mv=-80.0, cells=cells, files=[str(ASTROCYTE)], observed="cai",
                concentrations={"cai": 8e-5, "cao": 2.0})


# --- the programs ----------------------------------------------------------------------------------------------------


def reference_to(segment, observed):
    if isinstance(observed, str):
        return getattr(segment, f"_ref_{observed}")
    mechanism, variable = observed["mechanism"]
    name, _, element = variable.removesuffix("]").partition("[")
    reference = getattr(segment, f"_ref_{name}_{mechanism}")
    return reference[int(element)] if element else reference


def run_neuron(case, traced, coreneuron):
    """What a worker process does: builds the cells in NEURON, solves, tells time, spikes and the soma's voltage."""
    from neuron import h

    h.load_file("stdrun.hoc")
    context = h.ParallelContext()
    cells, receivers = [], []
    for gid in range(case["cells"]):
        sections, segments = [], []
        for index, described in enumerate(case["sections"]):
            s = h.Section(name=f"section{gid}_{index}")
            s.L, s.nseg = described["length_um"], len(described["diameters_um"])
            s.cm, s.Ra = described["capacitance_uf_per_cm2"], described["axial_resistivity_ohm_cm"]
            if described["parent"] is not None:
                parent, at_end = described["parent"]
                s.connect(sections[parent](1 if at_end else 0.5))
            for segment, diameter in zip(s, described["diameters_um"]):
                segment.diam = diameter
            sections.append(s)
            segments += list(s)
        for described in case["mechanisms"]:
            for index in described["segments"]:
                segments[index].sec.insert(described["name"])
            for name, values in described["parameters"]:
                for index, value in zip(described["segments"], values):
                    setattr(segments[index], f"{name}_{described['name']}", value)
        for s in sections:
            for name in ("ena", "ek"):
                rule = case["reversals"][name]
                if rule != "nernst" and h.ismembrane(f"{name[1:]}_ion", sec=s):
                    setattr(s, name, rule["fixed"])
        if "receivers" in case:
            # A pointer of each instance that must point somewhere: here to a count of arrivals, of which there are none.
            name, pointer = case["receivers"]
            for segment in segments:
                receivers.append(h.GlutReceive(segment))
                h.setpointer(receivers[-1]._ref_glut, pointer, getattr(segment, name))
        soma = segments[len(case["sections"][0]["diameters_um"]) // 2]
        detector = h.NetCon(soma._ref_v, None, sec=soma.sec)
        detector.threshold = case["threshold_mv"]
        context.set_gid2node(gid, 0)
        context.cell(gid, detector)
        electrodes = []
        for described in case["stimuli"]:
            clamp = h.IClamp(segments[described["segment"]])
            clamp.delay, clamp.dur, clamp.amp = described["delay_ms"], described["duration_ms"], described["amplitude_na"]
            electrodes.append(clamp)
        cells.append((sections, segments, soma, detector, electrodes))
    links = []
    if case["ring"]:
        link = case["ring"]
        for gid, (_, segments, *_) in enumerate(cells):
            synapse = h.ExpSyn(segments[link["segment"]])
            synapse.tau, synapse.e = link["tau_ms"], link["reversal_mv"]
            first = gid - gid % link["cells"]
            connection = context.gid_connect(first + (gid + link["cells"] - 1) % link["cells"], synapse)
            connection.weight[0], connection.delay = link["weight_us"], link["delay_ms"]
            links.append((synapse, connection))
            if gid == first:
                start = h.NetStim()
                start.number, start.start = 1, link["start_ms"] - 0.5
                kick = h.NetCon(start, synapse)
                kick.weight[0], kick.delay = link["weight_us"], 0.5
                links.append((start, kick))
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    voltage = h.Vector()
    if traced:
        h.usetable_hh = 0
        voltage.record(reference_to(cells[0][2], case["observed"]))
    h.celsius, h.dt, h.steps_per_ms = case["celsius"], case["dt_ms"], 1 / case["dt_ms"]
    for name, value in case["concentrations"].items():
        if hasattr(h, f"{name}0_{name[:-1]}_ion"):
            setattr(h, f"{name}0_{name[:-1]}_ion", value)
    h.cvode.cache_efficient(1)
    if coreneuron:
        from neuron import coreneuron as core

        core.enable, core.verbose = True, 0
    context.set_maxstep(10)
    h.finitialize(case["v_init_mv"])
    begin, busy = time.perf_counter(), time.process_time()
    context.psolve(case["steps"] * case["dt_ms"])
    clock, busy = time.perf_counter() - begin, time.process_time() - busy
    compartments = case["cells"] * sum(len(s["diameters_um"]) for s in case["sections"])
    per = 1e9 / (compartments * case["steps"])
    spikes = sorted((int(gid), round(t / case["dt_ms"])) for gid, t in zip(gids, times))
    return {"compartments": compartments, "busy_ns": busy * per, "clock_ns": clock * per, "spikes": spikes,
            "voltage": list(voltage)[1:]}


def run_arbor(case):
    """The ring in Arbor."""
    import arbor
    from arbor import units as U

    sections = case["sections"]
    tree = arbor.segment_tree()
    ends = []
    for s in sections:
        radius, length = s["diameters_um"][0] / 2, s["length_um"]
        if s["parent"] is None:
            parent, x = arbor.mnpos, 0.0
        else:
            parent, x = ends[s["parent"][0]]
        points = [arbor.mpoint(at, 0, 0, radius) for at in (x, x + length)]
        tree_id = tree.append(parent, *points, tag=1 if s["parent"] is None else 3)
        ends.append((tree_id, x + length))
    link = case["ring"]
    labels = arbor.label_dict({"soma": "(tag 1)", "dend": "(tag 3)", "middle": "(on-components 0.5 (tag 1))",
                               "synapse": "(location 1 0.5)"})
    decor = arbor.decor()
    decor.set_property(Vm=case["v_init_mv"] * U.mV, cm=0.01 * U.F / U.m2, rL=100 * U.Ohm * U.cm,
                       tempK=(case["celsius"] + 273.15) * U.Kelvin)
    decor.paint('"soma"', arbor.density("hh"))
    decor.paint('"dend"', arbor.density("pas/e=-65", {"g": 0.001}))
    if any(m["name"] == "hh" and len(m["segments"]) > 1 for m in case["mechanisms"]):
        decor.paint('"dend"', arbor.density("hh"))
    decor.place('"middle"', arbor.threshold_detector(case["threshold_mv"] * U.mV), "detector")
    decor.place('"synapse"', arbor.synapse("expsyn", {"tau": link["tau_ms"], "e": link["reversal_mv"]}), "synapse")
    policy = arbor.cv_policy("(replace (every-segment (tag 1)) (fixed-per-branch 5 (tag 3)))")

    class Recipe(arbor.recipe):
        def __init__(self):
            arbor.recipe.__init__(self)
            self.properties = arbor.neuron_cable_properties()

        def num_cells(self):
            return case["cells"]

        def cell_kind(self, gid):
            return arbor.cell_kind.cable

        def cell_description(self, gid):
            return arbor.cable_cell(tree, decor, labels, policy)

        def global_properties(self, kind):
            return self.properties

        def connections_on(self, gid):
            first = gid - gid % link["cells"]
            source = first + (gid + link["cells"] - 1) % link["cells"]
            return [arbor.connection((source, "detector"), "synapse", link["weight_us"], link["delay_ms"] * U.ms)]

        def event_generators(self, gid):
            if gid % link["cells"]:
                return []
            schedule = arbor.explicit_schedule([link["start_ms"] * U.ms])
            return [arbor.event_generator("synapse", link["weight_us"], schedule)]

    recipe = Recipe()
    context = arbor.context(threads=1, gpu_id=None)
    simulation = arbor.simulation(recipe, context, arbor.partition_load_balance(recipe, context))
    simulation.record(arbor.spike_recording.all)
    begin, busy = time.perf_counter(), time.process_time()
    simulation.run(case["steps"] * case["dt_ms"] * U.ms, case["dt_ms"] * U.ms)
    clock, busy = time.perf_counter() - begin, time.process_time() - busy
    compartments = case["cells"] * sum(len(s["diameters_um"]) for s in sections)
    per = 1e9 / (compartments * case["steps"])
    spikes = sorted((int(gid), round(t / case["dt_ms"])) for (gid, _), t in simulation.spikes())
    return {"compartments": compartments, "busy_ns": busy * per, "clock_ns": clock * per, "spikes": spikes}


def worker(role, path, library):
    """A process of its own: what NEURON builds stays, and mechanisms are found in the folder where it starts."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", CORENEURONLIB=str(library / "x86_64" / "libcorenrnmech.so"))
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", role, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=library, env=environment, timeout=3600)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return reason
    return json.loads(lines[-1])


def ours(program, path, threads=1, trace=None):
    command = [program, str(path), str(threads)] + ([str(trace)] if trace else [])
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def write(folder, name, case, **changes):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(case | changes))
    return path


def compare_voltages(program, folder, library, case, what="", **changes):
    """Largest difference of the soma's voltage over all steps, and whether the spikes are in the same steps."""
    path = write(folder, "traced", case, numeric_conductance=True, **changes)
    trace = folder / "trace"
    mine = ours(program, path, 1, trace)
    theirs = worker("neuron-traced", write(folder, "reference", case), library)
    if isinstance(theirs, str):
        print(f"  NEURON left out: {theirs}")
        return None
    v, reference = np.fromfile(trace), np.array(theirs["voltage"])
    difference = np.abs(v - reference).max()
    same = sorted(map(tuple, mine["spikes"])) == sorted(map(tuple, theirs["spikes"]))
    verdict = "" if difference < VOLTAGE_BAR_MV and same else "  <- beyond the bar"
    unit = "mV" if case["observed"] == "v" else "mM"
    print(f"  soma{what}: at most {difference:.1e} {unit} from NEURON in {len(v)} steps; {len(mine['spikes'])} spikes,"
          f" {'in the same steps' if same else 'not in the same steps'}{verdict}", flush=True)
    return v, reference


def compare_with_ours(program, folder, library, case):
    """Bundled mechanisms in place of the published ones, one by one and all together."""
    published = set(case["files"])
    for path in case["files"]:
        name = Path(path).stem
        others = [other for other in case["files"] if other != path]
        try:
            compare_voltages(program, folder, library, case, f" with our {name}", files=others)
            published.remove(path)
        except subprocess.CalledProcessError:
            print(f"  our {name} left out: no bundled mechanism has this name and these parameters")
    kept = sorted(published)
    compare_voltages(program, folder, library, case, f" with all of ours that are there ({len(case['files']) - len(kept)})", files=kept)


def times(program, folder, library, case, with_arbor):
    """The smallest of some times of each program, in turns."""
    path = write(folder, "timed", case)
    numeric = write(folder, "numeric", case, numeric_conductance=True)
    programs = {
        "msr": lambda: ours(program, path),
        "msr, numeric slope": lambda: ours(program, numeric),
        "NEURON": lambda: worker("neuron", path, library),
    }
    if (library / "x86_64/libcorenrnmech.so").exists():
        programs["CoreNEURON"] = lambda: worker("coreneuron", path, library)
    if with_arbor:
        programs["Arbor"] = lambda: worker("arbor", path, library)
    best = {}
    for _ in range(REPEATS):
        for name, run in programs.items():
            result = run()
            if isinstance(result, str):
                best[name] = result
            elif name not in best or result["busy_ns"] < best[name]["busy_ns"]:
                best[name] = result
    mine = best["msr"]
    print(f"  load {os.getloadavg()[0]:.1f}; {mine['compartments']} compartments, {case['steps']} steps; ns a compartment-step"
          f" by the processor; {mine['bytes_per_compartment']:.0f} bytes a compartment")
    for name, result in best.items():
        if isinstance(result, str):
            print(f"  {name:<20} left out: {result}")
        else:
            ratio = result["busy_ns"] / mine["busy_ns"]
            print(f"  {name:<20} {result['busy_ns']:8.1f}  {ratio:5.2f} times as long, {len(result['spikes'])} spikes", flush=True)


def two_threads(program, folder, case):
    path = write(folder, "timed", case)
    runs = [(ours(program, path, 1), ours(program, path, 2)) for _ in range(2 * REPEATS)]
    for name, what in (("clock_ns", "by the clock"), ("busy_ns", "by the processor, that of the busier thread")):
        one, two = (min(run[name] for run in column) for column in zip(*runs))
        print(f"  {case['cells']} cells, {what}: one thread {one:.1f} ns, two threads {two:.1f} ns: {one / two:.2f} times as"
              f" fast (load {os.getloadavg()[0]:.1f})", flush=True)


def main(program, emodelrunner, bluepyopt, wanted):
    program = str(Path(program).resolve())
    example = Path(emodelrunner).resolve() / "examples" / "sscx_sample_dir"
    morphology = Path(bluepyopt).resolve() / "bluepyopt/tests/test_ephys/testdata/acc/l5pc/C060114A7.asc"

    def is_wanted(name):
        return not wanted or any(name.startswith(start) for start in wanted)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        library = folder / "library"
        mods = library / "mods"
        mods.mkdir(parents=True)
        for path in (example / "mechanisms").glob("*.mod"):
            if path.stem in MECHANISM_FILES:
                shutil.copy(path, mods)
        # CoreNEURON has no LONGITUDINAL_DIFFUSION: these are for NEURON alone.
        with_diffusion = folder / "with_diffusion"
        shutil.copytree(mods, with_diffusion / "mods")
        for path in [LIBRARY / f"{name}.mod" for name in METABOLIC] + [ASTROCYTE]:
            shutil.copy(path, with_diffusion / "mods")
        libraries = [(library, ["-coreneuron"]), (with_diffusion, [])]
        originals = folder / "originals"
        if ORIGINALS:
            (originals / "mods").mkdir(parents=True)
            names = [path.stem for path in mods.glob("*.mod")] + list(ORIGINAL_METABOLIC) + ["GluReceive"]
            for name in names + [file for file, *_ in ORIGINAL_ASTROCYTES]:
                if name != "CaDynamics_DC0":
                    shutil.copy(original(name), originals / "mods")
            libraries.append((originals, []))
            own_variables = folder / "own_variables"
            (own_variables / "mods").mkdir(parents=True)
            for path in (originals / "mods").glob("*.mod"):
                if path.stem not in [file for file, *_ in ORIGINAL_ASTROCYTES]:
                    (own_variables / "mods" / path.name).write_text(with_local_as_assigned(path.read_text(errors="replace")))
            libraries.append((own_variables, []))
        nrnivmodl = shutil.which("nrnivmodl", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        if nrnivmodl:
            for place, options in libraries:
                done = subprocess.run([nrnivmodl, *options, "mods"], cwd=place, capture_output=True, text=True)
                if done.returncode:
                    print(f"nrnivmodl failed: {(done.stdout + done.stderr)[-400:]}")
        else:
            print("nrnivmodl is not there: NEURON without mechanism files, no CoreNEURON")

        if is_wanted("compartment"):
            print("\ncompartment: a compartment with hh")
            compare_voltages(program, folder, library, compartment())
        if is_wanted("ball"):
            print("\nball: a passive soma and dendrite")
            for dt in (DT_MS, DT_MS / 10):
                found = compare_voltages(program, folder, library, ball_and_stick(dt), f" with steps of {dt:g} ms")
                if found:
                    exact = ball_and_stick_series(dt * np.arange(1, len(found[0]) + 1))
                    errors = [np.abs(v + 65.0 - exact).max() / exact.max() for v in found]
                    print(f"  from the series at most, as a part of the last value: msr {errors[0]:.2e}, NEURON {errors[1]:.2e}")
        for name, active in (("pas", False), ("hh", True)):
            for cells, tstop in ((8, 100.0), (128, 25.0)):
                if is_wanted(f"ring-{name}-{cells}"):
                    print(f"\nring-{name}-{cells}: {cells} cells in rings of 8, dendrites with {'pas and hh' if active else 'pas'}")
                    compare_voltages(program, folder, library, ring(active, cells, tstop))
                    times(program, folder, library, ring(active, cells, tstop), with_arbor=True)
        if is_wanted("astrocyte"):
            print("\nastrocyte: 63 compartments with sixty states of calcium and its buffers each")
            compare_voltages(program, folder, with_diffusion, astrocyte(1, 100.0))
            for cells in (1, 5):
                times(program, folder, with_diffusion, astrocyte(cells, 25.0), with_arbor=False)
        if ORIGINALS and is_wanted("original-astrocyte"):
            for file, *names in ORIGINAL_ASTROCYTES:
                print(f"\noriginal-astrocyte: 63 compartments with {file}.mod")
                compare_voltages(program, folder, originals, original_astrocyte(1, 100.0, file, *names))
                for cells in (1, 5):
                    times(program, folder, originals, original_astrocyte(cells, 10.0, file, *names), with_arbor=False)
        if is_wanted("layer5") or is_wanted("metabolic") or ORIGINALS and is_wanted("original-metabolic"):
            answer = worker(f"shape:{morphology}", folder, library)
            if isinstance(answer, str):
                print(f"layer5 left out: {answer}")
                return
            shape = answer["shape"], answer["labels"]
        if is_wanted("metabolic"):
            print("\nmetabolic: the pyramidal cell with ions that move")
            compare_voltages(program, folder, with_diffusion, metabolic(shape, example, 1, 100.0))
            for cells in (1, 6):
                times(program, folder, with_diffusion, metabolic(shape, example, cells, 25.0), with_arbor=False)
        if ORIGINALS and is_wanted("original-metabolic"):
            print("\noriginal-metabolic: the same with published mechanism files")
            described = original_metabolic(shape, example, 1, 100.0)
            compare_voltages(program, folder, originals, described, " with the files as they are")
            compare_voltages(program, folder, originals, described, ", shared variables", shared_variables=True)
            described["files"] = [str(own_variables / "mods" / Path(path).name) for path in described["files"]]
            for observed in ("v", "nai", "ki", "cai", "atpi"):
                what = f", variables of segments, {observed}"
                compare_voltages(program, folder, own_variables, described | {"observed": observed}, what)
            for cells in (1, 6):
                times(program, folder, originals, original_metabolic(shape, example, cells, 25.0), with_arbor=False)
        if is_wanted("layer5"):
            for cells, tstop in ((1, 100.0), (6, 50.0)):
                print(f"\nlayer5: {cells} pyramidal cell{'s' if cells > 1 else ''}, published mechanism files")
                described = pyramidal(shape, example, cells, tstop)
                compare_voltages(program, folder, library, described)
                if cells == 1:
                    compare_with_ours(program, folder, library, described)
                times(program, folder, library, described, with_arbor=False)
            two_threads(program, folder, pyramidal(shape, example, 6, 200.0))


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--worker":
        role, path = sys.argv[2:]
        if role.startswith("shape:"):
            found = pyramidal_shape(role.removeprefix("shape:"))
            print(json.dumps({"shape": found[0], "labels": found[1]}))
        else:
            described = json.loads(Path(path).read_text())
            if role == "arbor":
                print(json.dumps(run_arbor(described)))
            else:
                print(json.dumps(run_neuron(described, role == "neuron-traced", role == "coreneuron")))
    elif len(sys.argv) < 4:
        sys.exit(__doc__)
    else:
        main(*sys.argv[1:4], sys.argv[4:])
