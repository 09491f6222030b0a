TITLE Counts what the synapses on a section release

NEURON {
    POINT_PROCESS GlutReceive
    RANGE glut
}

PARAMETER { glut = 0 }

INITIAL { glut = 0 }

NET_RECEIVE (weight) { glut = glut + 1 }
