#!/usr/bin/env python3
"""Reference numbers of msr-neuro's tests, computed with NEURON.

    pip install neuron==9.0.2
    python neuron_reference.py

Each block prints what the test of the same name holds.
"""
import math

from neuron import h

h.load_file("stdrun.hoc")
h.usetable_hh = 0


def run(tstop, dt, v_init, watch, times):
    """Fixed steps; voltage of the watched segments at the given times."""
    h.cvode_active(0)
    h.secondorder = 0
    h.dt = dt
    h.finitialize(v_init)
    rows = []
    steps = round(tstop / dt)
    wanted = {round(t / dt) for t in times}
    for step in range(steps + 1):
        if step in wanted:
            rows.append((step * dt, [seg.v for seg in watch]))
        if step < steps:
            h.fadvance()
    return rows


def spikes_of(segment, threshold):
    netcon = h.NetCon(segment._ref_v, None, sec=segment.sec)
    netcon.threshold = threshold
    times = h.Vector()
    netcon.record(times)
    return netcon, times


def hh_compartment():
    """A soma of 20 x 20 um with hh, 0.5 nA from 1 ms for 20 ms, 6.3 C, dt 0.025."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("hh")
    soma.cm, soma.Ra = 1, 100
    h.celsius = 6.3
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 1, 20, 0.5
    keep = spikes_of(soma(0.5), 0)
    print("hh_compartment")
    for t, (v,) in run(25, 0.025, -65, [soma(0.5)], [0.025, 1, 2, 2.5, 3, 4, 6, 10, 15, 20, 25]):
        print(f"    ({t:g}, {v!r}),")
    print("    spikes", list(keep[1]))
    print("    gates", soma(0.5).hh.m, soma(0.5).hh.h, soma(0.5).hh.n)


def ball_and_stick():
    """Soma 20 x 20 um with hh; dendrite 300 x 2 um, nseg 15, pas g 1e-4 e -65, at soma(1); 0.3 nA at dend(1/30)."""
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.pt3dclear()
    for x in (0, 20):
        soma.pt3dadd(x, 0, 0, 20)
    dend.pt3dclear()
    for x in (20, 320):
        dend.pt3dadd(x, 0, 0, 2)
    dend.connect(soma(1))
    dend.nseg = 15
    for section in (soma, dend):
        section.Ra, section.cm = 150, 1
    soma.insert("hh")
    dend.insert("pas")
    for segment in dend:
        segment.pas.g, segment.pas.e = 1e-4, -65
    h.celsius = 6.3
    clamp = h.IClamp(dend(0.5))
    clamp.delay, clamp.dur, clamp.amp = 2, 10, 0.6
    keep = spikes_of(soma(0.5), 0)
    print("ball_and_stick: soma(0.5) dend(0.5) dend(29/30)")
    watch = [soma(0.5), dend(0.5), dend(29 / 30)]
    for t, v in run(20, 0.025, -65, watch, [2, 3, 4, 5, 6, 8, 12, 20]):
        print(f"    ({t:g}, {v!r}),")
    print("    spikes", list(keep[1]))


def branched():
    """Passive Y: soma 20 x 20 nseg 1, trunk 100 x 3 nseg 5 at soma(0.5), two branches 150 x 1.5 and 80 x 1 at trunk(1)."""
    parts = {"soma": (20, 20, 1), "trunk": (100, 3, 5), "left": (150, 1.5, 7), "right": (80, 1, 5)}
    s = {}
    for name, (length, diameter, nseg) in parts.items():
        s[name] = h.Section(name=name)
        s[name].L, s[name].diam, s[name].nseg = length, diameter, nseg
        s[name].Ra, s[name].cm = 123, 0.9
        s[name].insert("pas")
        for segment in s[name]:
            segment.pas.g, segment.pas.e = 5e-5, -70
    s["trunk"].connect(s["soma"](0.5))
    s["left"].connect(s["trunk"](1))
    s["right"].connect(s["trunk"](1))
    clamp = h.IClamp(s["left"](0.9999))
    clamp.delay, clamp.dur, clamp.amp = 1, 30, 0.1
    print("branched: soma(.5) trunk(.5) left(.99) right(.99)")
    watch = [s["soma"](0.5), s["trunk"](0.5), s["left"](0.99), s["right"](0.99)]
    for t, v in run(50, 0.025, -70, watch, [2, 5, 10, 31, 50]):
        print(f"    ({t:g}, {v!r}),")


def point_processes():
    """ball_and_stick without hh, with ExpSyn, Exp2Syn and msr-neuro/tests/mechanisms/relay.mod (nrnivmodl it here before)."""
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.L = soma.diam = 20
    dend.L, dend.diam, dend.nseg = 300, 2, 15
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra, section.cm = 150, 1
        section.insert("pas")
        for segment in section:
            segment.pas.g, segment.pas.e = 1e-4, -65
    fast, slow, relay = h.ExpSyn(dend(0.5)), h.Exp2Syn(soma(0.5)), h.Relay(dend(29 / 30))
    fast.tau, fast.e = 2, 0
    slow.tau1, slow.tau2, slow.e = 0.5, 5, -80
    relay.wait = 2.3
    events = [(fast, 0.003, (1.0, 4.51, 4.52)), (slow, 0.01, (3.0,)), (relay, 0.002, (2.0, 7.013, 12.0)), (relay, 0.001, (5.0, 7.013))]
    connections = []
    for target, weight, _ in events:
        connections.append(h.NetCon(None, target))
        connections[-1].weight[0] = weight
    sent, times = h.NetCon(relay, None), h.Vector()
    sent.record(times)
    h.celsius, h.dt = 6.3, 0.025
    h.finitialize(-65)
    for connection, (_, _, arrivals) in zip(connections, events):
        for arrival in arrivals:
            connection.event(arrival)
    print("point_processes: soma(0.5) dend(0.5) dend(29/30), g of each, heard, echoes")
    for stop in (0.025, 1, 1.025, 1.05, 3, 4.5, 4.525, 7, 7.025, 7.05, 8, 9.325, 14.325, 20, 30):
        while h.t < stop - 1e-6:
            h.fadvance()
        v = [soma(0.5).v, dend(0.5).v, dend(29 / 30).v]
        print(f"    ({stop:g}, {v!r}, {[fast.g, slow.g, relay.g, relay.heard, relay.echoes]!r}),")
    print("    net_event", list(times))


def frusta():
    """Integrals along a section with 3-D points, a jump of the diameter included."""
    section = h.Section(name="section")
    section.pt3dclear()
    for point in [(0, 0, 0, 2), (10, 0, 0, 3), (10, 0, 0, 1), (25, 5, 0, 1.5), (50, 5, 0, 0.5), (63, 0, 7, 0.7)]:
        section.pt3dadd(*point)
    section.nseg, section.Ra = 3, 123
    print("frusta: L", section.L)
    for segment in section:
        print("   ", segment.area(), segment.diam, segment.volume(), segment.ri())
    print("    last half", section(1).ri())


if __name__ == "__main__":
    for block in (hh_compartment, ball_and_stick, branched, frusta):
        block()
    if hasattr(h, "Relay"):
        point_processes()
    assert math.isclose(h.celsius, 6.3)
