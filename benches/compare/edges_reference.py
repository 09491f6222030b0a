"""Figures of NEURON 9.0.2 for `msr-neuro/tests/edges/mod.rs`: synapses with neurodamus' streams, gap junctions, IntFire cells.

    python -m venv venv && venv/bin/pip install neuron==9.0.2
    venv/bin/pip download --no-deps emodelrunner==1.2.5 neurodamus==4.2.9    # and unpack both
    mkdir mods
    venv/bin/nrnivmodl mods && venv/bin/python edges_reference.py

Before the last line, copy into `mods` ProbAMPANMDA_EMS, ProbGABAAB_EMS and VecStim (EModelRunner, sscx_sample_dir/mechanisms), GluSynapse
(synplas_sample_dir), InhPoissonStim (neurodamus, data/mod) and msr-neuro/mechanisms/gap.mod as Gap.mod; copy this file beside `mods`, and run
it there: in its own folder another one is called neuron.py, which Python would import.
"""

import hashlib

from neuron import h

h.load_file("stdrun.hoc")
DT = 0.025


def run(until, v_init):
    h.dt, h.steps_per_ms, h.tstop = DT, 40, until
    h.finitialize(v_init)
    while h.t < until - DT / 2:
        h.fadvance()


def number(population):
    digest = hashlib.md5(population.encode()).digest()
    return ((digest[1] & 15) << 8) + digest[0]


def synapses():
    """Three synapses on a passive soma: streams, delays, minis, weights that change, configuration, calcium."""
    seed, synapse_seed, minis_seed, target = 1122, 7, 5, 1
    h.Random().Random123_globalindex(seed)
    third = number("neurons") * 65536 + number("neurons")
    h.celsius = 6.3
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-4, -70
    drivers = [5.075, 18.0, 30.5, 43.0]
    played = {0: [0.0, 3.0, 3.4, 12.0, 20.0, 20.0125, 31.0, 40.0], 2: [5.0, 9.0, 9.51, 18.0, 33.0, 41.0]}
    edges = [
        (0, True, 1.03, 2.0, 0.5, 60.0, 17.0, 1.7, 3, 0.4, 2.8),
        (2, False, 0.5, 3.0, 0.25, 40.0, 350.0, 8.3, 2, 0.3, 2.0),
        (0, True, 2.0, 1.0, 0.86, 25.0, 0.0, 1.9, 1, -1.0, 2.8),
    ]
    keep = []
    for synapse, (source, is_excitatory, delay, g, u, d, f, decay, nrrp, ratio, k) in enumerate(edges):
        if is_excitatory:
            point = h.ProbAMPANMDA_EMS(soma(0.5))
            point.tau_d_AMPA, point.mg = decay, 0.8
            if ratio >= 0:
                point.NMDA_ratio = ratio
        else:
            point = h.ProbGABAAB_EMS(soma(0.5))
            stream = h.Random()
            stream.Random123(target + 1 + 250, synapse + 100, third + synapse_seed + 450)
            stream.lognormal(0.2, 0.1)
            point.tau_r_GABAA, point.tau_d_GABAA, point.GABAB_ratio = stream.repick(), decay, ratio
        point.Use = u * (k**4 + 16) / 16 * 1.8**4 / (k**4 + 1.8**4)
        point.Dep, point.Fac, point.Nrrp = d, f, nrrp
        point.setRNG(target + 1 + 250, synapse + 100, third + synapse_seed + 300)
        point.synapseID, point.conductance = synapse, g
        snapped = int(delay / DT + 1e-5) * DT
        for kind, times in ((0, drivers), (2, played[source])):
            vector, stimulus = h.Vector(times), h.VecStim()
            stimulus.play(vector)
            connection = h.NetCon(stimulus, point, 10, snapped, 2 * g)
            connection.weight[4] = kind
            keep += [vector, stimulus, connection]
        late = h.Vector([30.0]), h.Vector([6.0])
        point.setup_delay_vecs(*late)
        minis = h.InhPoissonStim(soma(0.5))
        bins, rate = h.Vector([0.0]), h.Vector([80.0])
        minis.setTbins(bins)
        minis.setRate(rate)
        minis.duration = 50
        connection = h.NetCon(minis, point)
        connection.delay, connection.weight[0], connection.weight[4] = 0.1, 2 * g, 1
        names = synapse + 200, target + 250 + 1
        minis.setRNGs(*names, third + minis_seed + 300, *names, third + minis_seed + 350)
        keep += [point, late, minis, bins, rate, connection]
    v = h.Vector().record(soma(0.5)._ref_v)
    run(50, -70)
    print("synapses")
    for t in (1, 2, 5, 8, 10, 14, 20, 22, 27, 30, 32, 35, 37, 39, 42, 45, 48, 50):
        print(f"    ({t}.0, {v[round(t / DT)]!r}),")


def gap():
    """Two cells with hh in soma and dendrite, joined in their dendrites; one is driven."""
    h.celsius = 6.3
    h.usetable_hh = 0
    context = h.ParallelContext()
    keep, cells = [], []
    for cell in range(2):
        soma, dend = h.Section(name=f"soma{cell}"), h.Section(name=f"dend{cell}")
        soma.L = soma.diam = 15
        dend.L, dend.diam, dend.nseg = 200, 1.5, 11
        dend.connect(soma(0.5))
        for section in (soma, dend):
            section.Ra, section.cm = 100, 1
            section.insert("hh")
            section.ena, section.ek = 50, -77
        cells.append((soma, dend))
    for cell, (place, mine, others) in enumerate(((3.5 / 11, 0, 1), (6.5 / 11, 1, 0))):
        dend = cells[cell][1]
        junction = h.Gap(dend(place))
        junction.g = 30
        context.source_var(dend(place)._ref_v, mine, sec=dend)
        context.target_var(junction, junction._ref_vgap, others)
        keep.append(junction)
    context.setup_transfer()
    electrode = h.IClamp(cells[0][0](0.5))
    electrode.delay, electrode.dur, electrode.amp = 1, 20, 0.6
    v = [h.Vector().record(soma(0.5)._ref_v) for soma, _ in cells]
    run(25, -65)
    print("gap")
    for t in (1, 2, 3, 4, 5, 7, 10, 12, 15, 18, 20, 22, 25):
        print(f"    ({t}.0, [{v[0][round(t / DT)]!r}, {v[1][round(t / DT)]!r}]),")


def intfire():
    """IntFire1, 2 and 4 with a train of events."""
    print("intfire")
    for kind in ("IntFire1", "IntFire2", "IntFire4"):
        cell = getattr(h, kind)()
        if kind == "IntFire1":
            cell.tau, cell.refrac = 12, 3
        elif kind == "IntFire2":
            cell.taum, cell.taus, cell.ib = 10, 20, 0.2
        vector = h.Vector([1.0 + 1.7 * k for k in range(25)])
        stimulus = h.VecStim()
        stimulus.play(vector)
        connection = h.NetCon(stimulus, cell, 10, 1.0, 0.34 if kind == "IntFire1" else 0.3)
        times = h.Vector()
        spikes = h.NetCon(cell, None)
        spikes.record(times)
        run(60, -65)
        print("   ", kind, [float(time) for time in times])


def plastic():
    """GluSynapse of EModelRunner (synplas_sample_dir) with faster efficacy: ten spikes and a pulse."""
    h.Random().Random123_globalindex(11)
    h.celsius = 34
    soma = h.Section(name="plastic")
    soma.L = soma.diam = 20
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-4, -70
    point = h.GluSynapse(soma(0.5))
    shared = dict(tau_effca_GB=278.3177658387, gamma_d_GB=101.5, gamma_p_GB=216.2, tau_ind_GB=0.5, tau_exp_GB=0.3)
    for name, value in shared.items():
        setattr(h, f"{name}_GluSynapse", value)
    own = dict(
        Use0_TM=0.6, Use_d_TM=0.3, Use_p_TM=0.9, Dep_TM=60, Fac_TM=20, Nrrp_TM=4, gmax0_AMPA=1.2, gmax_d_AMPA=1, gmax_p_AMPA=3,
        gmax_NMDA=2.5, tau_d_AMPA=1.9, volume_CR=0.1, theta_d_GB=0.02, theta_p_GB=0.05, rho0_GB=0.2,
    )
    for name, value in own.items():
        setattr(point, name, value)
    point.setRNG(5, 100007, 203)
    times, stimulus = h.Vector([2 + 12.5 * k for k in range(8)] + [110, 112]), h.VecStim()
    stimulus.play(times)
    connection = h.NetCon(stimulus, point, 10, 1.0, 1.0)
    electrode = h.IClamp(soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = 40, 30, 0.06
    states = "cai_CR", "effcai_GB", "rho_GB", "Use_TM", "gmax_AMPA"
    records = [h.Vector().record(soma(0.5)._ref_v)] + [h.Vector().record(getattr(point, f"_ref_{s}")) for s in states]
    run(150, -70)
    print("plastic")
    for t in (5, 10, 20, 30, 45, 55, 65, 80, 95, 112, 130, 150):
        print(f"    ({t}.0, [{', '.join(repr(record[round(t / DT)]) for record in records)}]),")


def streams():
    h.Random().Random123_globalindex(3)
    stream = h.Random()
    stream.Random123(207, 1251, 12345)
    stream.negexp(1)
    print("negexp", [stream.repick() for _ in range(5)])
    for ids in ((251, 107, 450), (252, 101, 451), (253, 101, 451)):
        stream = h.Random()
        stream.Random123(*ids)
        stream.lognormal(0.2, 0.1)
        print("lognormal", ids, stream.repick())


def delays():
    """IntFire1 fires between two steps; what it sends reaches ExpSyn after these delays."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-4, -70
    synapse, fire = h.ExpSyn(soma(0.5)), h.IntFire1()
    driver = h.NetCon(None, fire, 0, 1.0, 1.5)
    for delay in (1.012, 1.0):
        connection = h.NetCon(fire, synapse, 0, delay, 0.01)
        h.dt, h.steps_per_ms = DT, 40
        h.finitialize(-70)
        driver.event(2.01)
        while h.t < 5 - DT / 2:
            h.fadvance()
        print("delay", delay, repr(soma(0.5).v))
        del connection


synapses()
intfire()
plastic()
streams()
delays()
# Last: its transfers stay.
gap()
