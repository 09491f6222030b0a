: Plastic synapse on AMPA and NMDA receptors: calcium in the spine moves the efficacy of the synapse between two stable states.
: Chindemi et al. 2022, Nat. Commun. 13:3038; efficacy: Graupner & Brunel 2012, PNAS 109:3991; release from several sites: Fuhrmann et al.
: 2002, J. Neurophysiol. 87:140. Conductances in nS; the weight of a connection only says whether it is there.

NEURON {
    THREADSAFE
    POINT_PROCESS GluSynapse
    NONSPECIFIC_CURRENT i
    RANDOM rng
    GLOBAL tau_r_AMPA, E_AMPA, mgo_NMDA, scale_NMDA, slope_NMDA, tau_r_NMDA, tau_d_NMDA, E_NMDA
    GLOBAL gca_bar_VDCC, ljp_VDCC, vhm_VDCC, km_VDCC, vhh_VDCC, kh_VDCC, mtau_VDCC, htau_VDCC
    GLOBAL gamma_ca_CR, tau_ca_CR, min_ca_CR, cao_CR
    GLOBAL rho_star_GB, tau_ind_GB, tau_exp_GB, tau_effca_GB, gamma_d_GB, gamma_p_GB
    RANGE tau_d_AMPA, gmax0_AMPA, gmax_d_AMPA, gmax_p_AMPA, gmax_NMDA, Use, Use_d, Use_p, Dep, Fac, Nrrp
    RANGE volume_CR, theta_d_GB, theta_p_GB, rho0_GB
    RANGE g_AMPA, g_NMDA, ica_NMDA, ica_VDCC, dep_GB, pot_GB, vsyn
    RANGE synapseID, selected_for_report, verbose
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (nS) = (nanosiemens)
    (uS) = (microsiemens)
    (um) = (micrometer)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
    PI = (pi) (1)
}

PARAMETER {
    tau_r_AMPA = 0.2 (ms)          : Hausser & Roth 1997
    tau_d_AMPA = 1.7 (ms)
    E_AMPA = 0 (mV)
    gmax0_AMPA = 1 (nS)            : at the beginning
    gmax_d_AMPA = 1 (nS)           : of a depressed synapse
    gmax_p_AMPA = 2 (nS)           : of a potentiated one
    mgo_NMDA = 1 (mM)
    scale_NMDA = 2.552 (mM)        : this to E_NMDA: Vargas-Caballero & Robinson 2003, J. Neurophysiol. 89:2778
    slope_NMDA = 0.072 (/mV)
    tau_r_NMDA = 0.29 (ms)
    tau_d_NMDA = 70 (ms)
    E_NMDA = -3 (mV)
    gmax_NMDA = 0.55 (nS)
    Use = 0.5                      : release probability at the beginning
    Use_d = 0.2
    Use_p = 0.8
    Dep = 100 (ms)
    Fac = 10 (ms)
    Nrrp = 1
    volume_CR = 0.087 (um3)        : of the head of the spine
    gca_bar_VDCC = 0.0744 (nS/um2) : 20 channels of 3.72 pS in 1 um2: Sabatini & Svoboda 2000, Bartol et al. 2015
    ljp_VDCC = 0 (mV)
    vhm_VDCC = -5.9 (mV)           : this to kh_VDCC: Magee & Johnston 1995, J. Physiol. 487:67
    km_VDCC = 9.5 (mV)
    vhh_VDCC = -39 (mV)
    kh_VDCC = -9.2 (mV)
    mtau_VDCC = 1 (ms)
    htau_VDCC = 27 (ms)
    gamma_ca_CR = 0.04             : free part of calcium; this to min_ca_CR: Sabatini et al. 2002, Neuron 33:439
    tau_ca_CR = 12 (ms)
    min_ca_CR = 70e-6 (mM)
    cao_CR = 2 (mM)
    rho_star_GB = 0.5              : where the efficacy stands between its two states
    tau_ind_GB = 70 (s)            : of the efficacy
    tau_exp_GB = 100 (s)           : in which release and conductance follow it
    tau_effca_GB = 278.3177658387 (ms)
    gamma_d_GB = 101.5
    gamma_p_GB = 216.2
    theta_d_GB = 0.006 (mM ms)     : calcium above which the synapse is depressed
    theta_p_GB = 0.001 (mM ms)     : and potentiated
    rho0_GB = 0
    reversal_ca = 40 (mV)          : of calcium through NMDA receptors, and the part that it carries there: Jahr & Stevens 1993,
    ratio_ca = 1.38                : Proc. Natl Acad. Sci. USA 90:11573; Schneggenburger et al. 1993, Neuron 11:133
    monovalent = 120 (mM)
    share_ca = 0.6
    synapseID = 0                  : for programs that name synapses; no effect, like the following
    selected_for_report = 0
    verbose = 0
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (nA)
    g_AMPA (uS)
    g_NMDA (uS)
    ica_NMDA (nA)
    ica_VDCC (nA)
    dep_GB
    pot_GB
    vsyn (mV)
    jump_AMPA
    jump_NMDA
    carried                        : part of the NMDA current that is calcium
    gmax_VDCC (nS)
}

STATE {
    A_AMPA
    B_AMPA
    A_NMDA
    B_NMDA
    gmax_AMPA (nS)
    Use_GB
    m_VDCC
    h_VDCC
    cai_CR (mM)
    effcai_GB (mM ms)
    rho_GB
}

: The factor that gives exp(-t/fall) - exp(-t/rise) a peak of 1.
FUNCTION to_peak_one(rise (ms), fall (ms)) {
    LOCAL peak
    peak = rise*fall/(fall - rise)*log(fall/rise)
    to_peak_one = 1/(exp(-peak/fall) - exp(-peak/rise))
}

INITIAL {
    A_AMPA = 0
    B_AMPA = 0
    A_NMDA = 0
    B_NMDA = 0
    m_VDCC = 0
    h_VDCC = 0
    gmax_AMPA = gmax0_AMPA
    Use_GB = Use
    cai_CR = min_ca_CR
    effcai_GB = 0
    rho_GB = rho0_GB
    dep_GB = 0
    pot_GB = 0
    jump_AMPA = to_peak_one(tau_r_AMPA, tau_d_AMPA)
    jump_NMDA = to_peak_one(tau_r_NMDA, tau_d_NMDA)
    carried = 4*cao_CR/(4*cao_CR + monovalent/ratio_ca)*share_ca
    : The head is a sphere.
    gmax_VDCC = gca_bar_VDCC*4*PI*(3*volume_CR/(4*PI))^(2/3)
    net_send(0, 1)
}

BREAKPOINT {
    LOCAL nernst_ca
    SOLVE states METHOD derivimplicit
    vsyn = v
    g_AMPA = 1e-3*gmax_AMPA*(B_AMPA - A_AMPA)
    g_NMDA = 1e-3*gmax_NMDA*(B_NMDA - A_NMDA)/(1 + exp(-slope_NMDA*v)*mgo_NMDA/scale_NMDA)
    ica_NMDA = carried*g_NMDA*(v - reversal_ca)
    nernst_ca = 1e3*R*(celsius + 273.15)/(2*FARADAY)*log(cao_CR/cai_CR)
    ica_VDCC = 1e-3*gmax_VDCC*m_VDCC*m_VDCC*h_VDCC*(v - nernst_ca)
    i = g_AMPA*(v - E_AMPA) + g_NMDA*(v - E_NMDA) + ica_VDCC
}

DERIVATIVE states {
    LOCAL m_steady, h_steady, influx
    A_AMPA' = -A_AMPA/tau_r_AMPA
    B_AMPA' = -B_AMPA/tau_d_AMPA
    A_NMDA' = -A_NMDA/tau_r_NMDA
    B_NMDA' = -B_NMDA/tau_d_NMDA
    m_steady = 1/(1 + exp((vhm_VDCC - ljp_VDCC - v)/km_VDCC))
    h_steady = 1/(1 + exp((vhh_VDCC - ljp_VDCC - v)/kh_VDCC))
    m_VDCC' = (m_steady - m_VDCC)/mtau_VDCC
    h_VDCC' = (h_steady - h_VDCC)/htau_VDCC
    : nA into um3 of divalent ions, of which a part stays free: mM/ms.
    influx = -1e6*gamma_ca_CR*(ica_NMDA + ica_VDCC)/(2*FARADAY*volume_CR)
    cai_CR' = influx - (cai_CR - min_ca_CR)/tau_ca_CR
    effcai_GB' = cai_CR - min_ca_CR - effcai_GB/tau_effca_GB
    rho_GB' = (pot_GB*gamma_p_GB*(1 - rho_GB) - dep_GB*gamma_d_GB*rho_GB - rho_GB*(1 - rho_GB)*(rho_star_GB - rho_GB))/(1e3*tau_ind_GB)
    Use_GB' = (Use_d + rho_GB*(Use_p - Use_d) - Use_GB)/(1e3*tau_exp_GB)
    gmax_AMPA' = (gmax_d_AMPA + rho_GB*(gmax_p_AMPA - gmax_d_AMPA) - gmax_AMPA)/(1e3*tau_exp_GB)
}

: Flags: 1 sets the watches, 2 and 3 begin and end depression, 4 and 5 potentiation.
NET_RECEIVE(weight, u, tsyn (ms), ready, missing, nc_type) {
    LOCAL sites, came, released
    INITIAL {
        u = 0
        tsyn = 0
        ready = Nrrp
        missing = 0
    }
    if (flag == 1) {
        WATCH (effcai_GB > theta_d_GB) 2
        WATCH (effcai_GB < theta_d_GB) 3
        WATCH (effcai_GB > theta_p_GB) 4
        WATCH (effcai_GB < theta_p_GB) 5
    } else if (flag == 2 || flag == 3) {
        dep_GB = 3 - flag
    } else if (flag == 4 || flag == 5) {
        pot_GB = 5 - flag
    } else if (weight > 0) {
        u = Use_GB + u*(1 - Use_GB)*exp(-(t - tsyn)/Fac)
        came = 0
        sites = missing
        FROM site = 1 TO sites {
            if (random_uniform(rng) <= 1 - exp(-(t - tsyn)/Dep)) { came = came + 1 }
        }
        ready = ready + came
        released = 0
        sites = ready
        FROM site = 1 TO sites {
            if (random_uniform(rng) <= u) { released = released + 1 }
        }
        ready = ready - released
        missing = Nrrp - ready
        tsyn = t
        A_AMPA = A_AMPA + released/Nrrp*jump_AMPA
        B_AMPA = B_AMPA + released/Nrrp*jump_AMPA
        A_NMDA = A_NMDA + released/Nrrp*jump_NMDA
        B_NMDA = B_NMDA + released/Nrrp*jump_NMDA
    }
}
