"""Prints what neurodamus and NEURON make of inputs, for msr-neuro/src/stimuli/noise.rs, msr-neuro/tests/circuits.rs and
msr-neuro/tests/against_neuron.rs.

    pip install neuron==9.0.2 && pip download --no-deps neurodamus==4.2.9 && unzip neurodamus-*.whl
    nrnivmodl neurodamus/data/mod      # only ConductanceSource, MembraneCurrentSource, efield_integrator are needed
    python -P inputs_reference.py neurodamus
"""

import re
import sys
import textwrap
from math import exp, log
from pathlib import Path
from types import SimpleNamespace

from neuron import h

ROOT = Path(sys.argv[1])
RANDOM_SEED, STIMULUS_SEED, CELL = 3, 7, 2  # node 1, counted from 1


def module(name, **known):
    """A module of neurodamus without its imports, which need a whole installation."""
    text = re.sub(r"^from (\.|neurodamus).*$", "", (ROOT / name).read_text(), flags=re.M)
    exec(compile(text, name, "exec"), known)
    return SimpleNamespace(**known)


neuron = SimpleNamespace(h=h)
random = module("core/random.py", Neuron=neuron, __name__="random")
stimuli = module("core/stimuli.py", Nd=neuron, RNG=random.RNG, gamma=random.gamma, EField=object, __name__="stimuli")
Random123, SignalSource = random.Random123, stimuli.SignalSource


def first(source, begin=2, end=8):
    return list(source.stim_vec)[begin:end], list(source.stim_vec)[-3:]


def skip(rng, delay, duration, dt=0.025, step=0.5):
    before = 0.0
    while before < delay - dt:
        until = min(before + duration - dt, delay - dt)
        values = h.Vector(len(h.Vector().indgen(before, until, step)))
        values.setrand(rng)
        before = until + dt


def samples():
    noise = lambda: Random123(100, STIMULUS_SEED + 500, CELL + 300)
    print("uniform, lognormal, gamma of shape 2.5 and 0.25")
    for draw in (lambda r: r.uniform(0, 1), lambda r: r.lognormal(0.2, 0.1), lambda r: list(random.gamma(r, 2.5, 0.4, 4)),
                 lambda r: list(random.gamma(r, 0.25, 0.4, 4))):
        print(draw(Random123(5, 6, 7)))
    for delay, duration in ((0.0, 10.2), (1.5, 10.2), (2.0, 10.2), (25.0, 3.0)):
        rng = noise()
        skip(rng, delay, duration)
        for place in ("first place", "second place"):
            source = SignalSource(delay=delay, rng=rng).add_noise(0.5, 0.01, duration)
            print("noise", delay, place, first(source, 1 if delay == 0 else 2))
    for tau, third in ((3.0, CELL + 123), (0.0, 42)):
        source = SignalSource(delay=2.0, rng=Random123(2997, STIMULUS_SEED + 291204, third))
        print("ornstein_uhlenbeck", tau, first(source.add_ornstein_uhlenbeck(tau, 0.2, 0.1, 10.1, 0.25)))
    for height, variance in ((0.04, 0.0004), (-0.02, 0.0016)):
        source = SignalSource(delay=2.0, rng=Random123(2998, STIMULUS_SEED + 19216, CELL + 123))
        source.add_shot_noise(4.0, 0.4, 500.0, height, variance, 40.0, 0.25)
        print("shot_noise", height, first(source, 11, 15), sum(source.stim_vec))
    text = (ROOT / "stimulus_manager.py").read_text()
    start = text.index("    def params_from_mean_sd")
    known = {"exp": exp, "log": log}
    exec(textwrap.dedent(text[start : text.index("@StimulusManager", start)]), known)
    shot = SimpleNamespace(tau_R=0.4, tau_D=4.0, rel_skew=0.5)
    known["params_from_mean_sd"](shot, 0.1, 0.05)
    print("of moments", shot.rate, shot.amp_mean, shot.amp_var)


def stick():
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.L = soma.diam = 20
    dend.L, dend.diam, dend.nseg = 300, 2, 15
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra, section.cm = 150, 1
        section.insert("pas")
        section.g_pas, section.e_pas = 1e-4, -70
    return soma, dend


def run(title, soma, dend, *more):
    print(title)
    h.dt, h.secondorder = 0.025, 0
    h.finitialize(-65)
    step = 0
    for time in (1.0, 2.0, 2.025, 3.5, 6.0, 11.9, 12.075, 14.0):
        while step < round(time / h.dt):
            h.fadvance()
            step += 1
        print((time, [soma(0.5).v, dend(0.5).v, dend(0.99).v, *(value() for value in more)]))


def cells():
    stream = lambda: Random123(2997, STIMULUS_SEED + 291204, CELL + 123)
    soma, dend = stick()
    source = stimuli.CurrentSource(delay=2.0, rng=stream()).add_ornstein_uhlenbeck(3.0, 0.02, 0.05, 10.1, 0.25)
    source.attach_to(dend, 0.5)
    run("current", soma, dend, lambda: next(iter(source._clamps)).clamp.i)
    soma, dend = stick()
    other = stimuli.ConductanceSource(reversal=-10.0, delay=2.0, rng=stream())
    other.add_ornstein_uhlenbeck(3.0, 0.002, 0.001, 10.1, 0.25)
    other.attach_to(dend, 0.5)
    run("conductance", soma, dend, lambda: next(iter(other._clamps)).clamp.i)
    soma, dend = stick()
    clamp = h.SEClamp(soma(0.5))
    clamp.rs, clamp.dur1, clamp.amp1 = 0.5, 13, -60
    times, levels = h.Vector([2.0, 5.0]), h.Vector([-20.0, -80.0])
    levels.play(clamp._ref_amp1, times, 0)
    run("seclamp", soma, dend, lambda: clamp.i)
    soma, dend = stick()
    field = lambda ex, frequency, phase, delay, duration, up, down: SimpleNamespace(
        ex=ex, ey=0.0, ez=0.0, frequency=frequency, phase=phase, delay=delay, duration=duration, ramp_up_time=up, ramp_down_time=down
    )
    fields = stimuli.ElectrodeSource([field(200.0, 0.0, 0.0, 1.0, 5.0, 2.0, 1.0), field(150.0, 100.0, 0.5, 3.0, 8.0, 0.0, 0.0)])
    places = [(segment, [(10 + 20 * number) * 1e-6, 0.0, 0.0]) for number, segment in enumerate(dend)]
    fields.apply_segment_potentials([(soma(0.5), [0.0, 0.0, 0.0]), *places])
    run("electric field", soma, dend)


h.Random().Random123_globalindex(RANDOM_SEED)
samples()
cells()
