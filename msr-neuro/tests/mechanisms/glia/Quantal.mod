TITLE A synapse that recovers 3 ms after each release

NEURON {
    POINT_PROCESS Quantal
    RANGE Ustate, events
}

ASSIGNED {
    Ustate
    events
}

INITIAL {
    Ustate = -1
    events = 0
}

NET_RECEIVE (weight) {
    if (flag == 0) {
        events = events + 1
        Ustate = 1
        net_send(3, 1)
    } else {
        Ustate = -1
    }
}
