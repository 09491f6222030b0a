"""Figures of NEURON 9.0.2 for `msr-neuro/tests/astrocytes.rs` and `glia.rs`: an astrocyte built as neurodamus' NGV module builds them.

    python -m venv venv && venv/bin/pip install neuron==9.0.2
    venv/bin/nrnivmodl msr-neuro/tests/mechanisms/glia && cp benches/compare/astrocytes_reference.py . && venv/bin/python astrocytes_reference.py

In its own folder another file is called neuron.py, which Python would import.
"""

from neuron import h

h.load_file("stdrun.hoc")
DT = 0.025
LISTENING_MS = 0.05


def section(name, points, parent=None, at=1.0):
    made = h.Section(name=name)
    for point in points:
        made.pt3dadd(*point)
    made.nseg = 1
    if parent:
        made.connect(parent(at))
    return made


def astrocyte():
    """Soma, two processes at its middle, a branch of the first; endfeet at the ends of the branch and of the second."""
    soma = section("soma", [(0, -4, 0, 8), (0, 0, 0, 8), (0, 4, 0, 8)])
    first = section("first", [(0, 0, 0, 2), (30, 0, 0, 1.5)], soma, 0.5)
    branch = section("branch", [(30, 0, 0, 1.5), (30, 20, 0, 1), (30, 40, 0, 0.8)], first)
    second = section("second", [(0, 0, 0, 1.8), (-50, 0, 0, 1.2)], soma, 0.5)
    feet = []
    for number, (parent, length, diameter) in enumerate([(branch, 10, 5), (second, 12, 3)]):
        foot = h.Section(name=f"foot{number}")
        foot.L, foot.diam = length, diameter
        foot.connect(parent(1))
        feet.append(foot)
    sections = [soma, first, branch, second]
    for one in sections + feet:
        one.insert("cadifus")
    for foot, radius in zip(feet, (2.5, 6.0)):
        foot.insert("vascouplingB")
        foot(0.5).vascouplingB.R0pas = radius
    return sections, feet


def hear(target, times):
    source = h.NetStim()
    source.number = 0
    connection = h.NetCon(source, target, 0, 0, 0)
    return source, connection, times


def listening(releases):
    """The astrocyte with synapses on its branch (two, which share a receiver) and on its second process; `releases` are the steps in which
    each of the three does."""
    sections, feet = astrocyte()
    soma, first, branch, second = sections
    somatic = h.GlutReceiveSoma(soma(0.5))
    points, played = {}, []
    for at, steps in zip((branch, branch, second), releases):
        if at not in points:
            points[at] = h.GlutReceive(at(0.5))
            at(0.5).cadifus._ref_glu2 = points[at]._ref_glut
        for target in (points[at], somatic):
            played.append((h.NetCon(None, target, 0, 0, 0), [(step + 1) * DT + LISTENING_MS for step in steps]))
    return sections, feet, somatic, points, played


def main():
    h.celsius = 34
    states()
    spikes()


def states():
    (soma, first, branch, second), feet, somatic, points, played = listening([(40, 400), (41,), (200, 600)])
    begin(played)
    for until in (200, 800, 2000):
        while h.t < until * DT - DT / 2:
            h.fadvance()
        print(f"step {until}: soma {soma(0.5).v:.15g} mV, {soma(0.5).cadifus.cai * 1000:.15g} uM, heard {somatic.glut:g}, radii",
              ", ".join(f"{foot(0.5).vascouplingB.Rad:.15g}" for foot in feet))


def spikes():
    """neurodamus listens at the end of the soma, with the threshold that a NetCon has by itself."""
    (soma, first, branch, second), feet, somatic, points, played = listening([range(40, 1040, 10), (), range(45, 1045, 25)])
    detector = h.NetCon(soma(1)._ref_v, None, sec=soma)
    times = h.Vector()
    detector.record(times)
    begin(played)
    while h.t < 2000 * DT - DT / 2:
        h.fadvance()
    print(f"spikes above {detector.threshold:g} mV at the ends of steps {[round(time / DT) for time in times]}")
    for what, sections in (("segments", (soma, first, branch, second)), ("endfeet", feet)):
        print(f"  then voltages and calcium (mM) of {what}:", ", ".join(f"({s(0.5).v:.15g}, {s(0.5).cadifus.cai:.15g})" for s in sections))


def begin(played):
    h.dt, h.steps_per_ms = DT, 40
    h.finitialize(-65)
    for connection, times in played:
        for time in times:
            connection.event(time)


main()
