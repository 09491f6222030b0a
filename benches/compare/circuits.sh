#!/usr/bin/env bash
# Runs published circuits with their original hoc and mod files in msr-cli, and compares with what neurodamus' tests and the Allen Institute
# recorded of them. Nothing of it becomes part of this repository: all goes into a folder of yours.
#
#   benches/compare/circuits.sh SCRATCH [CASE ...]
#
# Originals (git, curl or what you have; clones or bare repositories), in SCRATCH or wherever these variables say:
#   NEURODAMUS  https://github.com/openbraininstitute/neurodamus   tests/simulations, tests/mechanisms (Apache-2.0); figures of d2d66aaa
#   SONATA      https://github.com/AllenInstitute/sonata           examples/5_cells_iclamp, examples/shared_components; 7454a68f
# MSR_CLI is the program (built, if absent), PYTHON a Python with h5py and numpy (made in SCRATCH/venv, if absent). With bluepysnap in it,
# every result is opened with that, too: WITH_BLUEPYSNAP=1 installs it.
#
# Cases: v5_mini5 tetrodotoxin v5_gapjunctions neuromodulation usecase3 ringtest lfp ringtest_allen_v1 ngv allen_5_cells (all, without any).
# What came out stands in docs/src/circuits.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [ $# -eq 0 ]; then
    sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'
    exit 2
fi
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
shift

fetch() { # REPOSITORY FOLDER
    [ -e "$2" ] || git clone --depth 1 "https://github.com/$1" "$2"
}

neurodamus=${NEURODAMUS:-$scratch/neurodamus}
sonata=${SONATA:-$scratch/sonata}
fetch openbraininstitute/neurodamus "$neurodamus"
fetch AllenInstitute/sonata "$sonata"

if [ -z "${MSR_CLI:-}" ]; then
    (cd "$here/../.." && cargo build --release -p msr-cli)
    MSR_CLI=${CARGO_TARGET_DIR:-$here/../../target}/release/msr-cli
fi
if [ -z "${PYTHON:-}" ]; then
    PYTHON=$scratch/venv/bin/python
    [ -x "$PYTHON" ] || python3 -m venv "$scratch/venv"
    "$PYTHON" -m pip install --quiet numpy h5py ${WITH_BLUEPYSNAP:+bluepysnap==3.0.8}
fi

exec "$PYTHON" "$here/circuits.py" "$scratch" "$neurodamus" "$sonata" "$MSR_CLI" "$@"
