"""Metabolism of cells whose ATP and blood flow change before each window of 10 ms: msr beside CVODE with KLU and beside the
published Python program, in one run, on the same random sequences; the accuracy of each is told next to its CPU time.

    python3 benches/compare/metabolism.py [--cells 64] [--windows 100] [--python-cells 1] [--scratch DIRECTORY]

Needs cargo, a C compiler, SUNDIALS 6 with KLU (Debian: libsundials-dev libsuitesparse-dev) and PyPI: the published program
(multiscale-run) is installed into an environment in the scratch directory.

Before each window, the neuron's ATP of each cell is multiplied by (1 + x)/(1 + the x before) with x uniform in
[-kick/2, kick/2], so that it jumps by up to the kick but does not drift above the pool of adenine nucleotides; the blood flow
is set to 0.012 /s times 1 + y with y uniform in [-0.2, 0.2]. All start from the initial state of the model. The reference is
CVODE at rtol 1e-11, atol 1e-15. Errors are the largest over the first 8 cells (or those of the published program): that of
ATP_n, relative, over the ends of all windows and at the last; that of any state at the last, relative with a floor of
1e-6 mM. Times are CPU times of the thread, without the reading of the sequence, the least of several runs.

Files of a sequence: cells and window in s; then a line a window, for each cell the factor of ATP and the flow. Results: CPU
time in s and number of steps; a line a window, ATP of each cell; a line a cell, all states.
"""

import argparse
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOW = 0.012
FLOW_NOISE = 0.2
WINDOW_S = 0.01
FLOOR_MM = 1e-6
KICKS = (0.001, 0.01)
REPEATS = 5
# Cells that are compared with the reference, which takes long.
REFERENCE_CELLS = 8


def write_sequence(path, kick, cells, windows):
    numbers = random.Random(round(1e6 * kick))
    lines = [f"{cells} {WINDOW_S}"]
    before = [1.0] * cells
    for _ in range(windows):
        now = [1 + numbers.uniform(-kick / 2, kick / 2) for _ in range(cells)]
        flows = [FLOW * (1 + numbers.uniform(-FLOW_NOISE, FLOW_NOISE)) for _ in range(cells)]
        lines.append(" ".join(f"{a / b!r} {flow!r}" for a, b, flow in zip(now, before, flows)))
        before = now
    path.write_text("\n".join(lines) + "\n")


def first_cells(path, cells, target):
    """The sequence of the first cells only."""
    header, *lines = path.read_text().splitlines()
    window = header.split()[1]
    shorter = [f"{cells} {window}"] + [" ".join(line.split()[: 2 * cells]) for line in lines]
    target.write_text("\n".join(shorter) + "\n")


class Result:
    def __init__(self, text, cells):
        head, *lines = text.splitlines()
        cpu, steps = head.split()
        rows = [[float(value) for value in line.split()] for line in lines]
        self.atp, self.states = rows[:-cells], rows[-cells:]
        self.cpu_us = 1e6 * float(cpu) / (cells * len(self.atp))
        self.steps = int(steps) / (cells * len(self.atp))

    def of_first(self, cells):
        """The results of the first cells."""
        first = copy.copy(self)
        first.atp, first.states = [row[:cells] for row in self.atp], self.states[:cells]
        return first

    def errors(self, reference):
        cells = range(len(reference.states))
        worst = [max(abs(a[c] / b[c] - 1) for c in cells) for a, b in zip(self.atp, reference.atp)]
        states = max(
            abs(x - y) / (abs(y) + FLOOR_MM)
            for c in cells
            for x, y in zip(self.states[c], reference.states[c])
        )
        return max(worst), worst[-1], states


def run(command, sequence, cells):
    with open(sequence) as file:
        return Result(subprocess.run(command, stdin=file, check=True, capture_output=True, text=True).stdout, cells)


def least(commands, sequence, cells):
    """Each command's fastest run; they take turns, so that what else the machine does falls on all."""
    runs = [[run(command, sequence, cells) for command in commands] for _ in range(REPEATS)]
    return [min(results, key=lambda result: result.cpu_us) for results in zip(*runs)]


def build_msr():
    command = ["cargo", "build", "--release", "-p", "msr-metabolism", "--examples", "--message-format=json"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    executables = [json.loads(line).get("executable") for line in output.splitlines()]
    find = lambda name: next(path for path in executables if path and pathlib.Path(path).name == name)
    return find("kicked_windows"), find("model_as_c")


def build_cvode(scratch, model_as_c):
    model = scratch / "model.c"
    model.write_text(subprocess.run([model_as_c], check=True, capture_output=True, text=True).stdout)
    program = scratch / "metabolism_cvode"
    source = ROOT / "benches/compare/metabolism_cvode.c"
    libraries = ["-lsundials_cvode", "-lsundials_nvecserial", "-lsundials_sunmatrixsparse", "-lsundials_sunlinsolklu"]
    flags = ["-O3", "-march=native", f'-DMODEL="{model}"', "-I/usr/include/suitesparse"]
    subprocess.run(["cc", *flags, str(source), "-o", str(program), *libraries, "-lklu", "-lm"], check=True)
    return str(program)


def build_python(scratch):
    python = scratch / "environment/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(scratch / "environment")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "multiscale-run==0.9.0", "numpy", "scipy"], check=True)
    return [str(python), str(ROOT / "benches/compare/metabolism_python.py")]


def report(kick, name, result, reference):
    atp, last, states = result.errors(reference)
    print(
        f"kick {100 * kick:g} %  {name:34} {result.cpu_us:10.1f} us  {result.steps:5.1f} steps  "
        f"ATP_n {atp:.1e} (last {last:.1e})  any state {states:.1e}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=64)
    parser.add_argument("--windows", type=int, default=100)
    parser.add_argument("--python-cells", type=int, default=1, help="cells that the published program runs, up to 8; 0: none")
    parser.add_argument("--scratch", type=pathlib.Path)
    arguments = parser.parse_args()
    scratch = arguments.scratch or pathlib.Path(tempfile.mkdtemp(prefix="msr-metabolism-"))
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

    kicked_windows, model_as_c = build_msr()
    cvode = build_cvode(scratch, model_as_c)
    ours = [kicked_windows, "Rodas3", "1e-3", "1e-8"]
    tight = [kicked_windows, "Rodas4", "1e-9", "1e-13"]
    others = {
        "msr, Rodas4": [kicked_windows, "Rodas4", "1e-3", "1e-8"],
        "CVODE KLU 1e-3, 1e-6": [cvode, "1e-3", "1e-6", "0"],
        "CVODE KLU 1e-6, 1e-9": [cvode, "1e-6", "1e-9", "0"],
    }
    print("CPU time per cell and window; errors against CVODE at rtol 1e-11")
    for kick in KICKS:
        sequence = scratch / f"kicks_{kick}.txt"
        write_sequence(sequence, kick, arguments.cells, arguments.windows)
        few = scratch / f"few_kicks_{kick}.txt"
        first_cells(sequence, REFERENCE_CELLS, few)
        reference = run([cvode, "1e-11", "1e-15", "0"], few, REFERENCE_CELLS)
        report(kick, "msr, Rodas4 1e-9, 1e-13", run(tight, few, REFERENCE_CELLS), reference)
        msr, *results = least([ours, *others.values()], sequence, arguments.cells)
        report(kick, "msr, default settings", msr, reference)
        for name, result in zip(others, results):
            report(kick, name, result, reference)
            print(f"kick {100 * kick:g} %  {name} / msr: {result.cpu_us / msr.cpu_us:.1f}")
        if arguments.python_cells:
            first_cells(sequence, arguments.python_cells, few)
            python = run(build_python(scratch), few, arguments.python_cells)
            reference = reference.of_first(arguments.python_cells)
            report(kick, "published, scipy Radau, its defaults", python, reference)
            report(kick, "msr, the same cells", msr, reference)
            print(f"kick {100 * kick:g} %  published / msr: {python.cpu_us / msr.cpu_us:.0f}")


if __name__ == "__main__":
    main()
