: Cell without membrane that integrates and fires, with a leak: m decays to 0 between events, an event adds its weight, and above 1
: the cell fires and hears nothing for a while (Lapicque 1907, J. Physiol. Pathol. Gen. 9:620; Stein 1967, Biophys. J. 7:37).

NEURON {
    THREADSAFE
    ARTIFICIAL_CELL IntFire1
    RANGE tau, refrac, m
}

PARAMETER {
    tau = 10 (ms)       : of the decay
    refrac = 5 (ms)     : without hearing after a spike
}

ASSIGNED {
    m
    last (ms)           : when m was as it is
    deaf
}

INITIAL {
    m = 0
    last = 0
    deaf = 0
}

NET_RECEIVE(weight) {
    if (flag == 1) {
        m = 0
        last = t
        deaf = 0
    } else if (deaf == 0) {
        m = m*exp(-(t - last)/tau) + weight
        last = t
        if (m > 1) {
            : What a report sees of a cell that has fired.
            m = 2
            deaf = 1
            net_event(t)
            net_send(refrac, 1)
        }
    }
}
