: A number that others change, and a current that follows it.
NEURON { SUFFIX tally NONSPECIFIC_CURRENT i RANGE total }
PARAMETER { total = 0 }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = 1e-6*total }
