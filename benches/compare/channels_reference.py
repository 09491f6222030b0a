#!/usr/bin/env python3
"""Rows of msr-neuro's tests/channels.rs: gates of the Allen Institute's mechanisms after a voltage jump.

    pip install neuron==9.0.2 bmtk==1.2.0
    nrnivmodl <bmtk>/utils/scripts/bionet/mechanisms/modfiles
    python channels_reference.py
"""
from neuron import h

# Ours, theirs, temperature (NaTs counts from 23 C instead of 21 C), gates.
CHANNELS = [
    ("NaTg", "NaTs", 36, ["m", "h"]),
    ("Nap_Et2", "Nap", 34, ["h"]),
    ("K_Tst", "K_T", 34, ["h"]),
    ("K_Pst", "K_P", 34, ["h"]),
    ("SKv3_1", "Kv3_1", 34, ["m"]),
    ("Im", "Im", 34, ["m"]),
    ("Ih", "Ih", 34, ["m"]),
    ("Ca_HVA", "Ca_HVA", 34, ["m", "h"]),
    ("Ca_LVAst", "Ca_LVA", 34, ["m", "h"]),
]
# The junction potential of Korngreen & Sakmann's recordings.
h.vshift_K_T = h.vshift_K_P = -10

for ours, theirs, celsius, gates in CHANNELS:
    section = h.Section(name="section")
    section.insert(theirs)
    section.cm = 1e12  # the voltage stays
    h.celsius, h.dt = celsius, 0.1
    mechanism = getattr(section(0.5), theirs)
    for before, after in ((-85, -55), (-55, -25), (-25, 15), (15, -85)):
        h.finitialize(before)
        steady = [getattr(mechanism, gate) for gate in gates]
        section.v = after
        h.fadvance()
        for gate, value in zip(gates, steady):
            print(f'("{ours}", "{gate}", {before:.1f}, {after:.1f}, {value!r}, {getattr(mechanism, gate)!r}),')
    section = None
