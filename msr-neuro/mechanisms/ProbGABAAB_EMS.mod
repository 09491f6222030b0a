: Synapse on GABA-A and GABA-B receptors with short-term plasticity and stochastic release from several sites. Facilitation and depression:
: Tsodyks & Markram 1997, PNAS 94:719, as a stochastic process: Fuhrmann et al. 2002, J. Neurophysiol. 87:140 (equation 2);
: several release sites: Barros-Zulaica et al. 2019, Front. Synaptic Neurosci. 11:29. Each conductance is a difference of two
: exponentials with peak 1. Weights are in nS.

NEURON {
    THREADSAFE
    POINT_PROCESS ProbGABAAB_EMS
    NONSPECIFIC_CURRENT i
    RANDOM rng
    GLOBAL tau_r_GABAB, tau_d_GABAB
    RANGE tau_r_GABAA, tau_d_GABAA, e_GABAA, e_GABAB
    RANGE Use, Dep, Fac, u0, u, tsyn, Nrrp, occupied, unoccupied
    RANGE GABAB_ratio, i_GABAA, i_GABAB, g_GABAA, g_GABAB, g
    RANGE synapseID, conductance, verboseLevel, selected_for_report
    GLOBAL minis_single_vesicle, init_depleted
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    tau_r_GABAA = 0.2 (ms)
    tau_d_GABAA = 8 (ms)
    tau_r_GABAB = 3.5 (ms)     : Mott et al. 1999, J. Neurosci. 19:9706
    tau_d_GABAB = 260.9 (ms)
    GABAB_ratio = 0            : of the conductance of GABA-B receptors to that of GABA-A receptors
    e_GABAA = -80 (mV)
    e_GABAB = -97 (mV)
    Use = 1                    : release probability of a rested site
    Dep = 100 (ms)             : time constant of recovery of a site
    Fac = 10 (ms)              : time constant in which the release probability returns; 0: no facilitation
    u0 = 0                     : release probability before the first spike
    Nrrp = 1                   : release sites
    nS = 1e-3 (uS)
    minis_single_vesicle = 0   : whether a spontaneous event (nc_type 1) tries one site only
    init_depleted = 0          : whether all sites are empty at the beginning
    synapseID = 0              : for programs that name synapses; no effect, like the following
    conductance = 0
    verboseLevel = 0
    selected_for_report = 0
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    i_GABAA (nA)
    i_GABAB (nA)
    g (uS)
    g_GABAA (uS)
    g_GABAB (uS)
    jump_GABAA
    jump_GABAB
    A_GABAA_step
    B_GABAA_step
    A_GABAB_step
    B_GABAB_step
    u                          : release probability of the moment
    tsyn (ms)                  : the last spike
    occupied                   : sites with a vesicle
    unoccupied                 : sites without
}

: Rising and falling exponential of each conductance.
STATE { A_GABAA B_GABAA A_GABAB B_GABAB }

INITIAL {
    u = u0
    tsyn = 0
    occupied = Nrrp
    if (init_depleted) { occupied = 0 }
    unoccupied = Nrrp - occupied
    A_GABAA = 0
    B_GABAA = 0
    A_GABAB = 0
    B_GABAB = 0
    jump_GABAA = to_peak_one(tau_r_GABAA, tau_d_GABAA)
    jump_GABAB = to_peak_one(tau_r_GABAB, tau_d_GABAB)
    A_GABAA_step = exp(-dt/tau_r_GABAA)
    B_GABAA_step = exp(-dt/tau_d_GABAA)
    A_GABAB_step = exp(-dt/tau_r_GABAB)
    B_GABAB_step = exp(-dt/tau_d_GABAB)
}

BREAKPOINT {
    SOLVE decay
    g_GABAA = nS*(B_GABAA - A_GABAA)
    g_GABAB = nS*(B_GABAB - A_GABAB)
    g = g_GABAA + g_GABAB
    i_GABAA = g_GABAA*(v - e_GABAA)
    i_GABAB = g_GABAB*(v - e_GABAB)
    i = i_GABAA + i_GABAB
}

PROCEDURE decay() {
    A_GABAA = A_GABAA*A_GABAA_step
    B_GABAA = B_GABAA*B_GABAA_step
    A_GABAB = A_GABAB*A_GABAB_step
    B_GABAB = B_GABAB*B_GABAB_step
}

: The factor that gives exp(-t/fall) - exp(-t/rise) a peak of 1.
FUNCTION to_peak_one(rise (ms), fall (ms)) {
    LOCAL peak
    peak = rise*fall/(fall - rise)*log(fall/rise)
    to_peak_one = 1/(exp(-peak/fall) - exp(-peak/rise))
}

: nc_type: 0 for a presynaptic cell, 1 for spontaneous events.
NET_RECEIVE(weight, weight_GABAA, weight_GABAB, Psurv, nc_type) {
    LOCAL sites, released
    if (weight > 0 && t >= 0) {
        if (Fac > 0) {
            u = u*exp(-(t - tsyn)/Fac)
            u = u + Use*(1 - u)
        } else {
            u = Use
        }
        : An empty site has stayed empty since the last spike with probability Psurv.
        Psurv = exp(-(t - tsyn)/Dep)
        tsyn = t
        sites = unoccupied
        FROM site = 1 TO sites {
            if (random_uniform(rng) > Psurv) { occupied = occupied + 1 }
        }
        sites = occupied
        if (sites > 1 && minis_single_vesicle && nc_type == 1) { sites = 1 }
        released = 0
        FROM site = 1 TO sites {
            if (random_uniform(rng) < u) { released = released + 1 }
        }
        occupied = occupied - released
        unoccupied = Nrrp - occupied
        weight_GABAA = weight*released/Nrrp*jump_GABAA
        weight_GABAB = weight*GABAB_ratio*released/Nrrp*jump_GABAB
        A_GABAA = A_GABAA + weight_GABAA
        B_GABAA = B_GABAA + weight_GABAA
        A_GABAB = A_GABAB + weight_GABAB
        B_GABAB = B_GABAB + weight_GABAB
    }
}
