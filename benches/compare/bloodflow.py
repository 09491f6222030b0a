"""Blood flow in generated vasculatures: msr beside AstroVascPy and CHOLMOD, in one run.

Every size is solved from tables in memory: first solution, then solutions after all radii changed. What is timed is the
same everywhere: conductances from radii, system, pressures, flows. Reading and building the graph are not. All programs
use one thread, or as many as the variable THREADS says. Times are those of the clock and those of the processor, by which
programs of one thread are compared; those of several threads are compared by the clock, which only says something on a
machine that no one else uses. msr's first solution is the median of several processes.

    python bloodflow.py TIMING_PROGRAM [LATTICE ...]

TIMING_PROGRAM is the example `bloodflow_timing` of msr-bloodflow, built with `--release`; LATTICE is the number of vertices
along an edge of the cubic lattice (6, 13, 29 and 62 give 733, 8582, 97540 and 973980 segments). Needs AstroVascPy (with
petsc4py, which it imports) and, for CHOLMOD, scikit-sparse; what is absent is left out.
"""

import contextlib
import gc
import io
import json
import logging
import os

THREADS = int(os.environ.get("THREADS", 1))
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[threads] = str(THREADS)

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SPACING_UM = 40.0
DENSITY = 0.45
MOST_SEGMENTS = 5
SEED = 1
VISCOSITY = 1.2e-6
SPEED_UM_PER_S = 35_000.0
ENTRIES = 3
# Beyond this AstroVascPy takes minutes and gigabytes.
LARGEST_FOR_ASTROVASCPY = 200_000
PARAMETERS = {
    "max_nb_inputs": ENTRIES,
    "depth_ratio": 0.05,
    "vasc_axis": 1,
    "blood_viscosity": VISCOSITY,
    "base_pressure": 0.0,
}
DILATIONS = (1.1, 1.05)
# Runs of msr, each with a first solution.
PROCESSES = 5


def uniform(tag, index):
    """Random numbers in [0, 1) named by tag and index (splitmix64)."""
    with np.errstate(over="ignore"):
        z = np.uint64(SEED + (tag << 48)) + (np.asarray(index, np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) * 2.0**-53


def lattice(n):
    """A random lattice with trunks along y and subdivided sections: (nodes x, y, z, diameter), (segments start, end)."""
    vertex = np.arange(n**3)
    place = np.stack([vertex // (n * n), vertex // n % n, vertex % n], axis=1)
    jitter = np.stack([uniform(tag, vertex) for tag in (1, 2, 3)], axis=1) - 0.5
    position = SPACING_UM * place + 0.3 * SPACING_UM * jitter
    is_trunk = (place[:, 0] % 4 == 1) & (place[:, 2] % 4 == 1)
    trunk = 2 * (6 + 6 * uniform(4, place[:, 0] * n + place[:, 2])) * (0.6 + 0.4 * place[:, 1] / (n - 1))
    diameter = np.where(is_trunk, trunk, 4 + 3 * uniform(5, vertex))

    starts, ends, keys = [], [], []
    for axis, stride in enumerate((n * n, n, 1)):
        key = 3 * vertex + axis
        keep = (place[:, axis] < n - 1) & ((uniform(6, key) < DENSITY) | ((axis == 1) & is_trunk))
        starts.append(vertex[keep])
        ends.append(vertex[keep] + stride)
        keys.append(key[keep])
    order = np.argsort(np.concatenate(keys), kind="stable")
    start, end = np.concatenate(starts)[order], np.concatenate(ends)[order]
    tops = vertex[is_trunk & (place[:, 1] == n - 1)]
    stubs = n**3 + np.arange(len(tops))
    start, end = np.concatenate([start, tops]), np.concatenate([end, stubs])
    position = np.concatenate([position, position[tops] + [0, SPACING_UM, 0]])
    diameter = np.concatenate([diameter, 1.05 * diameter[tops]])

    used = np.unique(np.concatenate([start, end]))
    number = np.full(len(position), -1)
    number[used] = np.arange(len(used))
    section = np.arange(len(start))
    count = 1 + np.floor(uniform(7, section) * MOST_SEGMENTS).astype(int)
    inner_section = np.repeat(section, count - 1)
    first_inner = np.cumsum(count - 1) - (count - 1)
    step = np.arange(len(inner_section)) - first_inner[inner_section] + 1
    t, key = step / count[inner_section], 16 * inner_section + step
    jitter = np.stack([uniform(tag, key) for tag in (8, 9, 10)], axis=1) - 0.5
    a, b = start[inner_section], end[inner_section]
    inner = position[a] * (1 - t)[:, None] + position[b] * t[:, None] + 0.05 * SPACING_UM * jitter
    width = (diameter[a] * (1 - t) + diameter[b] * t) * (1 + 0.2 * (uniform(11, key) - 0.5))

    segment_section = np.repeat(section, count)
    segment = np.arange(len(segment_section)) - (np.cumsum(count) - count)[segment_section]
    inner_id = len(used) + first_inner[segment_section] + segment
    from_node = np.where(segment == 0, number[start[segment_section]], inner_id - 1)
    to_node = np.where(segment == count[segment_section] - 1, number[end[segment_section]], inner_id)
    nodes = np.column_stack([np.concatenate([position[used], inner]), np.concatenate([diameter[used], width])])
    return nodes.astype(np.float32).astype(float), np.column_stack([from_node, to_node, segment_section, segment])


def write_csv(folder, nodes, segments):
    paths = folder / "nodes.csv", folder / "segments.csv"
    np.savetxt(paths[0], nodes, fmt="%.17g", delimiter=",", header="x,y,z,diameter", comments="")
    rows = np.insert(segments, 2, 0, axis=1)
    header = "start_node,end_node,type,section_id,segment_id"
    np.savetxt(paths[1], rows, fmt="%d", delimiter=",", header=header, comments="")
    return paths


def timed(action):
    """Seconds by the clock and of the processor."""
    gc.collect()
    begin, busy = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - begin, time.process_time() - busy


def median(times):
    return tuple(sorted(column)[len(column) // 2] for column in zip(*times))


def median_time(action, repeats):
    return median([timed(lambda: action(repeat)) for repeat in range(repeats)])


def astrovascpy(nodes, segments, backend, repeats):
    """Times of AstroVascPy (first, again), its flows and its boundary flows."""
    os.environ["BACKEND_SOLVER_BFS"] = backend
    logging.disable(logging.WARNING)
    import pandas as pd
    from astrovascpy import bloodflow
    from astrovascpy.utils import Graph, create_entry_largest_nodes
    from vascpy import PointVasculature

    node_table = pd.DataFrame(nodes, columns=["x", "y", "z", "diameter"])
    edge_table = pd.DataFrame(segments, columns=["start_node", "end_node", "section_id", "segment_id"])
    edge_table["type"] = 0
    graph = Graph.from_point_vasculature(PointVasculature(node_table, edge_table))
    entries = create_entry_largest_nodes(graph, PARAMETERS)
    radii = graph.diameters[entries] / 2
    boundary = bloodflow.boundary_flows_A_based(graph, entries, SPEED_UM_PER_S * np.pi * radii**2)

    def solve():
        with contextlib.redirect_stdout(io.StringIO()):
            bloodflow.update_static_flow_pressure(graph, boundary, PARAMETERS, with_hematocrit=True)

    first = timed(solve)
    flows = graph.edge_properties["flow"].to_numpy().copy()
    rest = graph.edge_properties["radius"].to_numpy().copy()

    def again(repeat):
        graph.edge_properties["radius"] = DILATIONS[repeat % len(DILATIONS)] * rest
        solve()

    return first, median_time(again, repeats), flows, boundary


def cholmod(nodes, segments, boundary, repeats):
    """Times of CHOLMOD on the whole grounded Laplacian (first, again), and its flows."""
    from scipy import sparse
    from sksparse.cholmod import analyze

    start, end = segments[:, 0], segments[:, 1]
    length = np.linalg.norm(nodes[end, :3] - nodes[start, :3], axis=1)
    rest = (nodes[start, 3] + nodes[end, 3]) / 4
    count = len(nodes)
    pattern = sparse.csr_matrix((np.ones(len(start)), (start, end)), shape=(count, count))
    label = sparse.csgraph.connected_components(pattern, directed=False)[1]
    grounded = np.unique(label, return_index=True)[1]
    kept = np.setdiff1d(np.arange(count), grounded)
    symbolic = None

    def solve(dilation):
        nonlocal symbolic
        r = dilation * rest
        viscosity = VISCOSITY * 4 * (1 - 0.863 * np.exp(-r / 14.3) + 27.5 * np.exp(-r / 0.351))
        conductance = np.pi * r**4 / (8 * viscosity * length)
        i, j = np.concatenate([start, end, start, end]), np.concatenate([end, start, start, end])
        values = np.concatenate([-conductance, -conductance, conductance, conductance])
        matrix = sparse.csc_matrix((values, (i, j)), shape=(count, count))[kept][:, kept]
        if symbolic is None:
            symbolic = analyze(matrix)
        pressure = np.zeros(count)
        pressure[kept] = symbolic.cholesky(matrix)(boundary[kept])
        return conductance * (pressure[start] - pressure[end])

    flows = []
    first = timed(lambda: flows.append(solve(1.0)))
    flows = flows[0]
    return first, median_time(lambda repeat: solve(DILATIONS[repeat % len(DILATIONS)]), repeats), flows


def attempt(name, action):
    try:
        return action()
    except ImportError as error:
        print(f"  {name:<22} left out: {error}")
        return None


def seconds(times):
    return f"{times[0]:9.4f} ({times[1]:8.4f})"


def times_as_long(theirs, ours):
    """By the processor; by the clock where that is too short for the system to count, and for several threads."""
    by = 1 if THREADS == 1 and ours[1] > 0.005 else 0
    return f"{theirs[by] / ours[by]:6.1f}"


def compare(program, n):
    nodes, segments = lattice(n)
    repeats = 20 if len(segments) < 200_000 else 3
    print(f"\n{len(segments)} segments, {len(nodes)} nodes, {THREADS} thread{'s' if THREADS > 1 else ''}")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_csv(Path(folder), nodes, segments)
        flow_path = Path(folder) / "flows.txt"
        command = [program, *map(str, paths), str(ENTRIES), str(repeats), str(flow_path)]
        runs = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(PROCESSES)]
        flows = np.loadtxt(flow_path)
    ours_first = median([(run["first_s"], run["first_busy_s"]) for run in runs])
    ours_again = median([(run["again_s"], run["again_busy_s"]) for run in runs])
    ours = runs[-1]
    scale = np.abs(flows).max()
    print(f"  load {os.getloadavg()[0]:.1f}{'first s (processor)':>36} {'again s (processor)':>20}"
          f" {'first':>6} {'again':>6} times as long; largest difference of flow")
    print(f"  {'msr':<22} {seconds(ours_first)} {seconds(ours_again)} {'':>6} {'':>6}  residual {ours['residual']:.1e},"
          f" core {ours['core']}, peak {ours['peak_kib'] / 1024:.0f} MiB")

    def show(name, first, again, theirs):
        difference = np.abs(flows - theirs).max() / scale
        print(f"  {name:<22} {seconds(first)} {seconds(again)} {times_as_long(first, ours_first)}"
              f" {times_as_long(again, ours_again)}  {difference:.1e}", flush=True)

    boundary = None
    if len(segments) <= LARGEST_FOR_ASTROVASCPY:
        for backend in ("petsc", "scipy"):
            name = f"AstroVascPy ({backend})"
            result = attempt(name, lambda: astrovascpy(nodes, segments, backend, min(repeats, 5)))
            if result:
                first, again, theirs, boundary = result
                show(name, first, again, theirs)
    if boundary is None:
        start, end = segments[:, 0], segments[:, 1]
        boundary = np.bincount(start, flows, len(nodes)) - np.bincount(end, flows, len(nodes))
    result = attempt("CHOLMOD", lambda: cholmod(nodes, segments, boundary, min(repeats, 5)))
    if result:
        show("CHOLMOD (scikit-sparse)", *result)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for size in map(int, sys.argv[2:] or (6, 13, 29, 62)):
        compare(sys.argv[1], size)
