"""Voltages of NEURON with published mechanism files, for the tests of msr-neuro's own files (`tests/library.rs`).

    python library_reference.py MECHANISMS.so CASE ...

A compartment of 20 um with a leak and the mechanisms of a case, driven by a current of 0.4 nA from 2 ms (`current`) or by a
clamp of 0.1 megohm through four voltages (`voltage`). Prints rows for the test. Published files: EModelRunner 1.2.5
(`sscx_sample_dir`), for cases that are named `allen` bmtk 1.2.0 (`utils/scripts/bionet`); with `clamp.mod` of msr-neuro's
tests beside them. NaTa_t and NaTs2_t, which no package ships, are NaTg with shifts of 0 and 6 mV.
"""

import sys

from neuron import h

h.load_file("stdrun.hoc")
SODIUM = ("NaTg", {"gNaTgbar": 0.15})
POTASSIUM = ("SKv3_1", {"gSKv3_1bar": 0.2})
CALCIUM = [("Ca_HVA2", {"gCa_HVAbar": 5e-4}), ("Ca_LVAst", {"gCa_LVAstbar": 3e-3})]
CASES = {
    "NaTg": [SODIUM, POTASSIUM],
    "NaTa_t": [("NaTg", {"gNaTgbar": 0.15, "vshiftm": 0, "vshifth": 0}), POTASSIUM],
    "NaTs2_t": [("NaTg", {"gNaTgbar": 0.15, "vshiftm": 6, "vshifth": 6}), POTASSIUM],
    "Nap_Et2": [SODIUM, POTASSIUM, ("Nap_Et2", {"gNap_Et2bar": 2e-3})],
    "K_Tst": [SODIUM, POTASSIUM, ("K_Tst", {"gK_Tstbar": 0.05})],
    "K_Pst": [SODIUM, POTASSIUM, ("K_Pst", {"gK_Pstbar": 0.01})],
    "KdShu2007": [SODIUM, POTASSIUM, ("KdShu2007", {"gkbar": 2e-3})],
    "Ih": [SODIUM, POTASSIUM, ("Ih", {"gIhbar": 2e-4})],
    "Ca": [SODIUM, POTASSIUM, *CALCIUM],
    "CaDynamics_DC0": [SODIUM, POTASSIUM, *CALCIUM, ("CaDynamics_DC0", {"gamma": 0.03}), ("SK_E2", {"gSK_E2bar": 0.02})],
    "StochKv3": [SODIUM, POTASSIUM, ("StochKv3", {"gkbar": 2e-3, "deterministic": 1})],
    "allen_Im": [("Kv3_1", {"gbar": 0.2}), ("Im", {"gbar": 1e-3})],
    "allen_Ca": [
        ("Kv3_1", {"gbar": 0.2}),
        ("Ca_HVA", {"gbar": 5e-4}),
        ("CaDynamics", {"gamma": 5e-3, "decay": 100}),
        ("SK", {"gbar": 0.02}),
    ],
}
TIMES_MS = [0.5, 2.5, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 26, 30]


def run(mechanisms, drive):
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.cm, soma.Ra = 1, 100
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-4, -75
    h.celsius = 34
    for name, parameters in mechanisms:
        soma.insert(name)
        for parameter, value in parameters.items():
            setattr(soma, f"{parameter}_{name}", value)
    calcium = hasattr(soma(0.5), "cai")
    if hasattr(soma(0.5), "ena"):
        soma.ena = 50
    if hasattr(soma(0.5), "ek"):
        soma.ek = -85
    if calcium:
        h.cai0_ca_ion, h.cao0_ca_ion = 5e-5, 1.5
        if not any("Dynamics" in name for name, _ in mechanisms):
            soma.eca = 120
    if any(name == "StochKv3" for name, _ in mechanisms):
        h.usetable_StochKv3 = 0
    if drive == "current":
        electrode = h.IClamp(soma(0.5))
        electrode.delay, electrode.dur, electrode.amp = 2, 1e3, 0.4
    else:
        electrode = h.Jumps(soma(0.5))
    h.dt, h.secondorder = 0.025, 0
    h.finitialize(-75)
    rows = []
    for time in TIMES_MS:
        while round(h.t / h.dt) < round(time / h.dt):
            h.fadvance()
        rows.append(repr(soma(0.5).v))
    return rows


def main():
    h.nrn_load_dll(sys.argv[1])
    for case in sys.argv[2:]:
        for drive in ("current", "voltage"):
            print(f'    ("{case}", "{drive}", [{", ".join(run(CASES[case], drive))}]),')


if __name__ == "__main__":
    main()
