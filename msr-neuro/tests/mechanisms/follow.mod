: Looks at one place, acts at its own, and counts in a variable of another mechanism.
NEURON { POINT_PROCESS Follow NONSPECIFIC_CURRENT i POINTER there, count RANGE g, i }
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) there (mV) i (nA) count }
BREAKPOINT { SOLVE look i = g*(v - there) }
PROCEDURE look() { if (there > -60) { count = count + 1 } }
