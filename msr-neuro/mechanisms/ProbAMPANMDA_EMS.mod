: Synapse on AMPA and NMDA receptors with short-term plasticity and stochastic release from several sites. Facilitation and depression:
: Tsodyks & Markram 1997, PNAS 94:719, as a stochastic process: Fuhrmann et al. 2002, J. Neurophysiol. 87:140 (equation 2);
: several release sites: Barros-Zulaica et al. 2019, Front. Synaptic Neurosci. 11:29. Each conductance is a difference of two
: exponentials with peak 1. Weights are in nS.

NEURON {
    THREADSAFE
    POINT_PROCESS ProbAMPANMDA_EMS
    NONSPECIFIC_CURRENT i
    RANDOM rng
    GLOBAL tau_r_AMPA, tau_r_NMDA, tau_d_NMDA, slope_mg, scale_mg, e
    RANGE tau_d_AMPA, mg
    RANGE Use, Dep, Fac, u0, u, tsyn, Nrrp, occupied, unoccupied
    RANGE NMDA_ratio, i_AMPA, i_NMDA, g_AMPA, g_NMDA, g
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
    tau_r_AMPA = 0.2 (ms)      : Hausser & Roth 1997, J. Neurosci. 17:7606
    tau_d_AMPA = 1.7 (ms)
    tau_r_NMDA = 0.29 (ms)     : Sarid et al. 2007, PNAS 104:16353
    tau_d_NMDA = 43 (ms)
    NMDA_ratio = 0.71          : of the conductance of NMDA receptors to that of AMPA receptors
    e = 0 (mV)
    mg = 1 (mM)
    slope_mg = 0.062 (/mV)     : Jahr & Stevens 1990, J. Neurosci. 10:3178, equation 4a
    scale_mg = 3.57 (mM)
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
    i_AMPA (nA)
    i_NMDA (nA)
    g (uS)
    g_AMPA (uS)
    g_NMDA (uS)
    unblocked                       : part of the NMDA receptors that magnesium leaves open
    jump_AMPA
    jump_NMDA
    A_AMPA_step
    B_AMPA_step
    A_NMDA_step
    B_NMDA_step
    u                          : release probability of the moment
    tsyn (ms)                  : the last spike
    occupied                   : sites with a vesicle
    unoccupied                 : sites without
}

: Rising and falling exponential of each conductance.
STATE { A_AMPA B_AMPA A_NMDA B_NMDA }

INITIAL {
    u = u0
    tsyn = 0
    occupied = Nrrp
    if (init_depleted) { occupied = 0 }
    unoccupied = Nrrp - occupied
    A_AMPA = 0
    B_AMPA = 0
    A_NMDA = 0
    B_NMDA = 0
    jump_AMPA = to_peak_one(tau_r_AMPA, tau_d_AMPA)
    jump_NMDA = to_peak_one(tau_r_NMDA, tau_d_NMDA)
    A_AMPA_step = exp(-dt/tau_r_AMPA)
    B_AMPA_step = exp(-dt/tau_d_AMPA)
    A_NMDA_step = exp(-dt/tau_r_NMDA)
    B_NMDA_step = exp(-dt/tau_d_NMDA)
}

BREAKPOINT {
    SOLVE decay
    unblocked = 1/(1 + exp(-slope_mg*v)*(mg/scale_mg))
    g_AMPA = nS*(B_AMPA - A_AMPA)
    g_NMDA = nS*(B_NMDA - A_NMDA)*unblocked
    g = g_AMPA + g_NMDA
    i_AMPA = g_AMPA*(v - e)
    i_NMDA = g_NMDA*(v - e)
    i = i_AMPA + i_NMDA
}

PROCEDURE decay() {
    A_AMPA = A_AMPA*A_AMPA_step
    B_AMPA = B_AMPA*B_AMPA_step
    A_NMDA = A_NMDA*A_NMDA_step
    B_NMDA = B_NMDA*B_NMDA_step
}

: The factor that gives exp(-t/fall) - exp(-t/rise) a peak of 1.
FUNCTION to_peak_one(rise (ms), fall (ms)) {
    LOCAL peak
    peak = rise*fall/(fall - rise)*log(fall/rise)
    to_peak_one = 1/(exp(-peak/fall) - exp(-peak/rise))
}

: nc_type: 0 for a presynaptic cell, 1 for spontaneous events.
NET_RECEIVE(weight, weight_AMPA, weight_NMDA, Psurv, nc_type) {
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
        weight_AMPA = weight*released/Nrrp*jump_AMPA
        weight_NMDA = weight*NMDA_ratio*released/Nrrp*jump_NMDA
        A_AMPA = A_AMPA + weight_AMPA
        B_AMPA = B_AMPA + weight_AMPA
        A_NMDA = A_NMDA + weight_NMDA
        B_NMDA = B_NMDA + weight_NMDA
    }
}
