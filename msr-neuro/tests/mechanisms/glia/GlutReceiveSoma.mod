TITLE Counts what all synapses release, and when that was last

NEURON {
    POINT_PROCESS GlutReceiveSoma
    RANGE glut, last
}

PARAMETER { glut = 0 }

ASSIGNED { last (ms) }

INITIAL {
    glut = 0
    last = -1
}

NET_RECEIVE (weight) {
    glut = glut + 1
    last = t
}
