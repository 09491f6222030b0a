: The same as point processes, which fold the weights of events in, too.
NEURON { POINT_PROCESS Fold NONSPECIFIC_CURRENT i POINTER place, drain RANGE number }
PARAMETER { number = 1 }
ASSIGNED { v (mV) i (nA) place drain }
INITIAL { place = 0.5*place + number }
BREAKPOINT { SOLVE fold drain = 0.9*drain + number i = 0 }
PROCEDURE fold() { place = 0.5*place + number }
NET_RECEIVE(weight) { place = 0.5*place + weight }
