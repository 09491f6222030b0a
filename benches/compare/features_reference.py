"""What NEURON makes of the mechanism files of msr-neuro's tests that wait, draw, point and diffuse, for `tests/point_processes.rs`
and `tests/diffusion.rs`.

    python -P features_reference.py MECHANISMS.so watcher|dice|hiss|follow|chain|fold|share|baton|tabled|sheets|shells|pool|ions|calcium|second

MECHANISMS.so is made by nrnivmodl from `msr-neuro/tests/mechanisms/*.mod` and, for `ions`, `calcium` and `second`, the metabolic
files and channels of `msr-neuro/mechanisms`.
"""

import sys

from neuron import h

h.load_file("stdrun.hoc")
SEED = 7


def cell():
    """A passive soma and dendrite: segments 0, and 1 to 15."""
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.L = soma.diam = 20
    dend.L, dend.diam, dend.nseg = 300, 2, 15
    dend.connect(soma(1))
    for section in (soma, dend):
        section.cm, section.Ra = 1, 150
        section.insert("pas")
        section.g_pas, section.e_pas = 1e-4, -65
    h.celsius = 6.3
    h.dt, h.secondorder = 0.025, 0
    return soma, dend


def pulse(place, start, duration, amplitude):
    clamp = h.IClamp(place)
    clamp.delay, clamp.dur, clamp.amp = start, duration, amplitude
    return clamp


def table(times, read, events=()):
    """Prints a row for each time."""
    handler = h.FInitializeHandler(lambda: [connection.event(time) for connection, time in events])
    h.finitialize(-65)
    for time in times:
        while round(h.t / h.dt) < round(time / h.dt):
            h.fadvance()
        print(f"    ({time!r}, [{', '.join(repr(float(value)) for value in read())}]),")
    del handler


def watcher():
    soma, dend = cell()
    clamps = [pulse(soma(0.5), 2, 12, 0.15), pulse(soma(0.5), 22, 10, -0.1), pulse(soma(0.5), 34, 8, 0.2)]
    point = h.Watcher(dend(0.5))
    connection = h.NetCon(None, point)
    connection.weight[0] = 0.001
    sent = h.Vector()
    h.NetCon(point, None).record(sent)
    read = lambda: [soma(0.5).v, dend(0.5).v, point.g, point.rises, point.falls, point.last]
    table([1, 4, 5, 6, 8, 12, 18, 26, 29, 33, 36, 38, 42, 50], read, [(connection, 16.0)])
    print(list(sent))
    return clamps


def dice():
    soma, dend = cell()
    point = h.Dice(dend(0.5))
    h.Random().Random123_globalindex(SEED)
    point.noise.set_ids(5, 6, 7)
    point.throws.set_ids(5, 6, 8)
    # Without it the first words are those of the numbers before.
    point.noise.set_seq(0)
    point.throws.set_seq(0)
    connection = h.NetCon(None, point)
    read = lambda: [soma(0.5).v, dend(0.5).v, point.uniform, point.wide, point.waiting, point.bell, point.word]
    table([0.5, 1.5, 2.5, 3.5, 10], read, [(connection, 1.01), (connection, 2.01), (connection, 3.01)])


def hiss():
    soma, dend = cell()
    dend.insert("hiss")
    h.Random().Random123_globalindex(SEED)
    # dend[0].<middle as loops of hoc reach it>, hashed as e-model templates do.
    middle = 1 / 15 / 2
    for segment in dend:
        name = "dend[0]." + "%.19g" % middle
        number = 0
        for character in name.encode():
            number = (31 * number + character) % (2**31 - 1)
        segment.hiss.stream.set_ids(42, number, 3)
        segment.hiss.stream.set_seq(0)
        middle += 1 / 15
    table([0.025, 1, 5, 20], lambda: [soma(0.5).v, dend(0.5).v, dend(0.99).v])


def follow():
    soma, dend = cell()
    soma.insert("tally")
    clamp = pulse(soma(0.5), 2, 5, 0.3)
    point = h.Follow(dend(0.99))
    h.setpointer(soma(0.5)._ref_v, "there", point)
    h.setpointer(soma(0.5)._ref_total_tally, "count", point)
    table([1, 4, 7, 12, 20], lambda: [soma(0.5).v, dend(0.99).v, soma(0.5).total_tally, point.i])
    return clamp


def branches():
    """A soma with two branches in the middle, the first of which splits, three segments each; a tally in the first two."""
    sections = {}
    for name, parent, at in (("soma", None, 0), ("a", "soma", 0.5), ("b", "soma", 0.5), ("a1", "a", 1), ("a2", "a", 1), ("b1", "b", 1)):
        section = sections[name] = h.Section(name=name)
        section.L, section.diam, section.nseg = 20, 2, 3
        if parent:
            section.connect(sections[parent](at))
    h.dt, h.secondorder = 0.025, 0
    sections["soma"].insert("tally")
    return list(sections.values())


def folded(sections, instances, events=()):
    first, second = list(sections[0])[:2]
    for instance in instances:
        h.setpointer(first._ref_total_tally, "place", instance)
        h.setpointer(second._ref_total_tally, "drain", instance)
    first.total_tally = second.total_tally = 0
    table([0.025, 0.05, 0.25], lambda: [first.total_tally, second.total_tally], events)


def chain():
    sections = branches()
    segments = [segment for section in sections for segment in section]
    for section in sections:
        section.insert("chain")
    for index, segment in enumerate(segments):
        segment.number_chain = 1 + index * index
    folded(sections, [segment.chain for segment in segments])


def fold():
    sections = branches()
    segments = [segment for section in sections for segment in section]
    points = []
    # Several in some segments, in no order.
    for index, place in enumerate((5, 0, 17, 5, 12, 9, 3, 0, 8, 5)):
        points.append(h.Fold(segments[place]))
        points[-1].number = 1 + index * index
    connections = [h.NetCon(None, points[index]) for index in (2, 7)]
    for weight, connection in zip((3, 5), connections):
        connection.weight[0] = weight
    folded(sections, points, [(connections[0], 0.03), (connections[1], 0.105)])


def share():
    sections = branches()
    segments = [segment for section in sections for segment in section]
    for section in sections:
        section.insert("share")
    for index, segment in enumerate(segments):
        segment.number_share = 1 + index * index
    read = lambda: [segments[index].seen_share for index in (0, 7, 17)] + [segments[3].x_share, segments[0].v, h.highest_share]
    table([0.025, 0.05, 0.25, 2], read)


def baton():
    segments = [segment for section in branches() for segment in section]
    points = []
    for index, place in enumerate((5, 0, 17, 5, 12)):
        points.append(h.Baton(segments[place]))
        points[-1].number = 1 + index * index
    table([0.025, 0.05, 0.25], lambda: [point.seen for point in points])


def tabled():
    soma, dend = cell()
    soma.insert("tabled")
    soma.ek = -77
    clamp = pulse(soma(0.5), 2, 10, 0.3)
    rows = lambda: [soma(0.5).v, soma(0.5).tabled.n, dend(0.99).v]
    for h.usetable_tabled in (1, 0):
        table([1, 3, 6, 10, 14, 25], rows)
    return clamp


def sheets():
    soma, dend = cell()
    for section in (soma, dend):
        section.insert("sheets")
    for index, segment in enumerate([*soma, *dend]):
        segment.p_sheets, segment.q_sheets = 1 + index, 2 + index
    clamp = pulse(soma(0.5), 2, 10, 0.3)
    read = lambda: [value for place in (soma(0.5), dend(0.5), dend(0.99)) for value in (place.of_f_sheets, place.of_g_sheets)]
    for h.usetable_sheets in (1, 0):
        table([0.025, 5, 14], read)
    return clamp


def shells():
    soma, dend = cell()
    twig = h.Section(name="twig")
    twig.L, twig.diam, twig.nseg = 90, 1, 5
    twig.connect(dend(1))
    twig.insert("pas")
    for section in (dend, twig):
        section.insert("shells")
    dend(0.5).source_shells = dend(0.99).source_shells = 0.3
    read = lambda: [
        value
        for place in (dend(0.5), dend(8.5 / 15), dend(0.99), twig(0.1), twig(0.9))
        for value in (place.s0_shells, place.s1_shells, place.kept_shells, place.xxi)
    ]
    table([0.025, 1, 5, 20, 100], read)


def pool():
    soma, dend = cell()
    dend.insert("pool")
    dend(0.5).source_pool = 0.05
    read = lambda: [
        value
        for place in (dend(0.5), dend(8.5 / 15))
        for value in (place.cai, place.bound_pool, place.shown_pool, place.steps_pool)
    ]
    table([0.025, 1, 2, 5, 20], read)


def ions():
    soma, dend = cell()
    h.celsius = 34
    for section in (soma, dend):
        for name in ("internal_ions", "external_ions", "nakpump", "kcc2", "nakcc", "leak"):
            section.insert(name)
    for name in ("NaTg", "SKv3_1"):
        soma.insert(name)
    soma.gNaTgbar_NaTg, soma.gSKv3_1bar_SKv3_1 = 0.3, 0.2
    for ion, inside, outside in (("na", 10, 140), ("k", 140, 5), ("cl", 6, 130), ("ca", 5e-5, 1.5)):
        setattr(h, f"{ion}i0_{ion}_ion", inside)
        setattr(h, f"{ion}o0_{ion}_ion", outside)
    h.atpi0_atp_ion, h.adpi0_adp_ion, h.pi0_p_ion = 1.3846374147608125, 0.057741408971236564, 2.18
    clamp = pulse(soma(0.5), 5, 40, 0.6)
    read = lambda: [
        value
        for place in (soma(0.5), dend(0.02), dend(0.5))
        for value in (place.v, place.nai, place.ki, place.cli, place.ko, place.atpi, place.adpi, place.pi)
    ]
    table([0.025, 5, 7, 10, 20, 50], read)
    return clamp


def calcium():
    soma, dend = cell()
    h.celsius = 34
    for section in (soma, dend):
        section.insert("internal_ions")
    soma.insert("Ca_HVA2")
    soma.gCa_HVAbar_Ca_HVA2 = 1e-3
    h.cai0_ca_ion, h.cao0_ca_ion = 5e-5, 1.5
    clamp = pulse(soma(0.5), 5, 40, 0.6)
    table([0.025, 10, 20, 50, 100], lambda: [place.cai for place in (soma(0.5), *(dend(x / 15) for x in (0.5, 1.5, 3.5, 7.5)))])
    return clamp


def second():
    """Euler, Crank-Nicolson, and with currents of ions in the middle of the step; the net current of the membrane."""
    soma, dend = cell()
    h.celsius = 34
    for section in (soma, dend):
        section.insert("internal_ions")
    for name in ("NaTg", "SKv3_1", "Ca_HVA2"):
        soma.insert(name)
    soma.gNaTgbar_NaTg, soma.gSKv3_1bar_SKv3_1, soma.gCa_HVAbar_Ca_HVA2 = 0.3, 0.2, 1e-3
    for ion, inside, outside in (("na", 10, 140), ("k", 140, 5), ("cl", 6, 130), ("ca", 5e-5, 1.5)):
        setattr(h, f"{ion}i0_{ion}_ion", inside)
        setattr(h, f"{ion}o0_{ion}_ion", outside)
    clamp = pulse(soma(0.5), 5, 40, 0.6)
    synapse = h.ExpSyn(dend(0.5))
    synapse.tau, synapse.e = 2, 0
    connection = h.NetCon(None, synapse)
    connection.weight[0] = 0.002
    h.CVode().use_fast_imem(True)
    middle = dend(0.5)
    read = lambda: [soma(0.5).v, middle.v, soma(0.5).ina, soma(0.5).ica, soma(0.5).nai, soma(0.5).cai, middle.i_membrane_]
    for h.secondorder in (0, 1, 2):
        table([0.025, 3, 6, 8, 20, 50], read, [(connection, 2.0)])
    return clamp


h.nrn_load_dll(sys.argv[1])
globals()[sys.argv[2]]()
