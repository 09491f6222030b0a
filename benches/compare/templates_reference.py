"""What NEURON makes of the templates of msr-neuro's tests, for `tests/templates/neuron.tsv`; or of any template, as text.

    python templates_reference.py MECHANISMS TEMPLATE.hoc MORPHOLOGY CELSIUS V_INIT NANOAMPERE [ATTRIBUTE ...]

MECHANISMS is a folder in which nrnivmodl was run. A line for each segment: section, segment, number of segments, length, diameter
and membrane (um, um2), reversal potentials, calcium, parameters; then the soma's voltage in every step, with a current from 5 ms on.
The lines of `neuron.tsv` have the name of the template before, and the parameters that the templates set.

    sampled 34 -75 0.5 | tapered 34 -65 0.5 0.87 | early 34 -75 0.5 | drawn 34 -65 0.3
"""

import os
import sys

STEPS = 800

folder, template, morphology, celsius, v_init, amplitude, *attributes = sys.argv[1:]
template, morphology = os.path.abspath(template), os.path.abspath(morphology)
os.chdir(folder)

from neuron import h  # noqa: E402  (it loads the mechanisms of the folder)

h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")
assert h.load_file(template)
name = os.path.splitext(os.path.basename(template))[0]
directory, file = os.path.split(morphology)
cell = getattr(h, name)(1, directory, file, *map(float, attributes))
h.celsius, h.dt = float(celsius), 0.025
soma = next(section for section in h.allsec() if "soma" in section.name())
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 5, 1e9, float(amplitude)
h.finitialize(float(v_init))
for section in h.allsec():
    of = section.name().split(".")[-1]
    of = of if "[" in of else of + "[0]"
    for number, segment in enumerate(section):
        fields = [of, number, section.nseg, repr(section.L), repr(segment.diam), repr(segment.area())]
        for ion in ("na", "k", "ca"):
            if h.ismembrane(ion + "_ion", sec=section):
                fields.append(f"e{ion}={getattr(segment, 'e' + ion)!r}")
        if h.ismembrane("ca_ion", sec=section):
            fields.append(f"cai={segment.cai!r}")
        for mechanism in segment:
            if mechanism.is_ion():
                continue
            parameters, parameter = h.MechanismStandard(mechanism.name(), 1), h.ref("")
            for index in range(int(parameters.count())):
                parameters.name(parameter, index)
                fields.append(f"{parameter[0]}={getattr(segment, parameter[0])!r}")
        print(*fields, sep="\t")
for step in range(1, STEPS + 1):
    h.fadvance()
    print("V", step, repr(soma(0.5).v), sep="\t")
