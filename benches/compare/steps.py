"""Diffusion, meshing and segments beside scipy and gmsh, in one run on one core.

    pip install scipy gmsh
    python benches/compare/steps.py

gmsh meshes a box of (100 um)^3; scipy diffuses 100 ms of potassium on that mesh by backward Euler with steps of 1 ms, solved
by conjugate gradients with the diagonal as a preconditioner; msr-steps does the same on the same mesh, and its own cases.
Times are of the processor, so that another program on the machine counts little.

STEPS cannot be installed from PyPI: its figures are those that were measured once on another machine with two cores (one
thread, processor time, up to half uncertain), so that ratios to them are rough.
"""

import os
import subprocess
import sys
import tempfile
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[threads] = "1"

import gmsh
import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import cg, expm_multiply

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DIFFUSION_UM2_S = 2000.0
STEP_S = 1e-3
STEPS = 100
# STEPS' Tetexact, 100 ms of ten species and four reversible bindings in 10 245 tetrahedra, s; its exact method for each jump,
# us; its intersection of segments of 1 um with 98 985 tetrahedra, 1/s.
TETEXACT_TEN_SPECIES_S = 26.0
TETEXACT_JUMP_US = 0.26
STEPS_SEGMENTS_PER_S = 7200.0
# Characteristic lengths that give about 1e3, 1e4 and 1e5 tetrahedra.
LENGTHS_UM = (18.0, 7.9, 3.6)


def msr(*arguments):
    """What the `speed` example of msr-steps prints, as a dictionary."""
    command = ["cargo", "run", "--quiet", "--release", "-p", "msr-steps", "--example", "speed", "--", *arguments]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in text.splitlines()]
    return {case: (float(figure), unit) for case, figure, unit in rows}


def mesh_of(length_um, path):
    """Meshes the box with gmsh; returns the seconds that takes without and with writing it."""
    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.option.setNumber("General.NumThreads", 1)
    gmsh.option.setNumber("Mesh.MeshSizeMin", length_um)
    gmsh.option.setNumber("Mesh.MeshSizeMax", length_um)
    gmsh.option.setNumber("Mesh.Binary", 1)
    gmsh.model.occ.addBox(0, 0, 0, 100, 100, 100)
    gmsh.model.occ.synchronize()
    gmsh.model.addPhysicalGroup(3, [1], 1, "extra")
    start = time.process_time()
    gmsh.model.mesh.generate(3)
    meshed = time.process_time() - start
    gmsh.write(path)
    _, coordinates, _ = gmsh.model.mesh.getNodes()
    tags, _, _ = gmsh.model.mesh.getNodes()
    points = np.zeros((int(tags.max()) + 1, 3))
    points[tags.astype(int)] = coordinates.reshape(-1, 3)
    _, nodes = gmsh.model.mesh.getElementsByType(4)
    gmsh.finalize()
    return meshed, points, nodes.reshape(-1, 4).astype(int)


def rates(points, tetrahedra):
    """Volumes and the matrix of jump rates, in 1/s: D A / (V d)."""
    corners = points[tetrahedra]
    edges = corners[:, 1:] - corners[:, :1]
    volumes = np.abs(np.linalg.det(edges)) / 6
    barycentres = corners.mean(axis=1)
    faces = np.sort(np.concatenate([tetrahedra[:, [1, 2, 3]], tetrahedra[:, [0, 2, 3]], tetrahedra[:, [0, 1, 3]], tetrahedra[:, [0, 1, 2]]]), axis=1)
    owner = np.tile(np.arange(len(tetrahedra)), 4)
    order = np.lexsort(faces.T[::-1])
    same = np.all(faces[order[1:]] == faces[order[:-1]], axis=1)
    first, second = order[:-1][same], order[1:][same]
    i, j = owner[first], owner[second]
    a, b, c = (points[faces[first][:, corner]] for corner in range(3))
    areas = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    conductance = DIFFUSION_UM2_S * areas / np.linalg.norm(barycentres[i] - barycentres[j], axis=1)
    off = sparse.coo_matrix((np.r_[conductance, conductance], (np.r_[i, j], np.r_[j, i])), shape=(len(volumes),) * 2).tocsr()
    return volumes, barycentres, off - sparse.diags(np.asarray(off.sum(axis=1)).ravel())


def backward_euler(volumes, barycentres, flow):
    """Seconds for 100 ms of a half-filled box, and the error against the exponential, relative to the largest value."""
    concentration = np.where(barycentres[:, 0] < 50, 3.0, 0.0)
    exact = expm_multiply(sparse.diags(1 / volumes) @ flow * (STEP_S * STEPS), concentration)
    mass = sparse.diags(volumes)
    start = time.process_time()
    matrix = (mass - STEP_S * flow).tocsr()
    preconditioner = sparse.diags(1 / matrix.diagonal())
    for _ in range(STEPS):
        concentration, failed = cg(matrix, volumes * concentration, x0=concentration, rtol=1e-8, M=preconditioner)
        assert failed == 0
    seconds = time.process_time() - start
    return seconds, np.abs(concentration - exact).max() / exact.max()


def main():
    print(f"{'':44}{'peer':>12}{'msr-steps':>12}{'ratio':>9}")

    def row(case, peer, ours):
        print(f"{case:44}{peer:12.4f}{ours:12.4f}{peer / max(ours, 1e-9):9.1f}", flush=True)

    own = msr()
    for length_um in LENGTHS_UM:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "box.msh")
            meshed, points, tetrahedra = mesh_of(length_um, path)
            ours = msr(path)
        count = len(tetrahedra)
        scipy_s, error = backward_euler(*rates(points, tetrahedra))
        nearest = min((case for case in own if case.startswith("box mesh of")), key=lambda case: abs(np.log(int(case.split()[-1]) / count)))
        row(f"mesh a box of {count} (ours {nearest.split()[-1]}), s", meshed, own[nearest][0])
        row(f"100 ms deterministic, {count}, s", scipy_s, ours[f"K+ half deterministic {count}"][0])
        print(f"    backward Euler is {error:.1e} off the exponential")
        for filled in ("half", "uniform"):
            print(f"    100 ms stochastic at true counts, {filled}: {ours[f'K+ {filled} tau_leaping {count}'][0]:.4f} s")
    print("\nbeside figures of STEPS from another machine")
    for solver in ("tau_leaping", "exact_ssa"):
        row(f"100 ms of ten species, {solver}, s", TETEXACT_TEN_SPECIES_S, own[f"ten species {solver} 8748"][0])
    row("a jump of the exact method, us", TETEXACT_JUMP_US, own["exact SSA a jump"][0])
    row("time of a segment of 1 um, us", 1e6 / STEPS_SEGMENTS_PER_S, 1e6 / own["segments of 1 um"][0])
    print("\nmsr-steps alone")
    for case, (figure, unit) in own.items():
        print(f"    {case:52}{figure:16.6g} {unit}")


if __name__ == "__main__":
    sys.exit(main())
