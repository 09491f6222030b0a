: Segments that fold their numbers into places which all of them share, in SOLVE and in BREAKPOINT.
NEURON { SUFFIX chain NONSPECIFIC_CURRENT i POINTER place, drain RANGE number }
PARAMETER { number = 1 }
ASSIGNED { v (mV) i (mA/cm2) place drain }
INITIAL { place = 0.5*place + number }
BREAKPOINT { SOLVE fold drain = 0.9*drain + number i = 0 }
PROCEDURE fold() { place = 0.5*place + number }
