: Point processes with a sum of which there is one.
NEURON { POINT_PROCESS Baton NONSPECIFIC_CURRENT i RANGE number, seen }
PARAMETER { number = 1 }
ASSIGNED { v (mV) i (nA) seen }
LOCAL sum
INITIAL { sum = number seen = 0 }
BREAKPOINT { SOLVE fold i = 0 }
PROCEDURE fold() { sum = 0.5*sum + number seen = sum }
