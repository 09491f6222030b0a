: Synapse whose conductance is a difference of two exponentials with time constants tau1 (rise) < tau2 (decay) and, for an
: event of a weight (uS), has the weight as its peak (Rall 1967, J. Neurophysiol. 30:1138; Destexhe, Mainen & Sejnowski
: 1994, Neural Comput. 6:14).

NEURON {
    POINT_PROCESS Exp2Syn
    NONSPECIFIC_CURRENT i
    RANGE tau1, tau2, e, i, g
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}

PARAMETER {
    tau1 = 0.1 (ms)
    tau2 = 10 (ms)
    e = 0 (mV)
    closest = 0.9999    : ratio of time constants, above which their difference would be lost in rounding
    farthest = 1e-9     : ratio below which the rise is immediate
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    jump
}

STATE {
    rise (uS)
    fall (uS)
}

INITIAL {
    LOCAL peak
    if (tau1 > closest*tau2) { tau1 = closest*tau2 }
    if (tau1 < farthest*tau2) { tau1 = farthest*tau2 }
    : Time of the peak of exp(-t/tau2) - exp(-t/tau1).
    peak = tau1*tau2/(tau2 - tau1)*log(tau2/tau1)
    jump = 1/(exp(-peak/tau2) - exp(-peak/tau1))
    rise = 0
    fall = 0
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    g = fall - rise
    i = g*(v - e)
}

DERIVATIVE decay {
    rise' = -rise/tau1
    fall' = -fall/tau2
}

NET_RECEIVE(weight (uS)) {
    rise = rise + weight*jump
    fall = fall + weight*jump
}
