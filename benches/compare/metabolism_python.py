"""The metabolism's kicked windows by the published program (multiscale-run), as its manager of the metabolism solves them:
scipy's Radau with default tolerances, anew for each window. Reads and writes what metabolism.py tells."""

import importlib.util
import sys
import time
import types

from scipy.integrate import solve_ivp

# The package as a whole needs NEURON, STEPS and MPI; its metabolism does not.
package = types.ModuleType("multiscale_run")
package.__path__ = list(importlib.util.find_spec("multiscale_run").submodule_search_locations)
sys.modules["multiscale_run"] = package

from multiscale_run.metabolism import initial_conditions, model  # noqa: E402
from multiscale_run.metabolism.indexes import PIdx, UIdx  # noqa: E402


def main():
    cells, window_s = (float(value) for value in sys.stdin.readline().split())
    cells = int(cells)
    states = [initial_conditions.make_u0() for _ in range(cells)]
    parameters = [initial_conditions.make_parameters() for _ in range(cells)]
    cpu, steps, output = 0.0, 0, []
    for line in sys.stdin:
        kicks = [float(value) for value in line.split()]
        start = time.process_time()
        for cell in range(cells):
            states[cell][UIdx.ATP_n] *= kicks[2 * cell]
            parameters[cell][PIdx.notBigg_FinDyn_W2017] = kicks[2 * cell + 1]
            parameters[cell][PIdx.notBigg_Fout_W2017] = kicks[2 * cell + 1]
            p = parameters[cell]
            solution = solve_ivp(lambda t, u: model.compute_du(u, p, t), (0.0, window_s), states[cell], method="Radau")
            if not solution.success:
                sys.exit(solution.message)
            states[cell] = solution.y[:, -1]
            steps += len(solution.t) - 1
        cpu += time.process_time() - start
        output.append(" ".join(repr(float(u[UIdx.ATP_n])) for u in states))
    output += [" ".join(repr(float(value)) for value in u) for u in states]
    print(cpu, steps)
    print("\n".join(output))


if __name__ == "__main__":
    main()
