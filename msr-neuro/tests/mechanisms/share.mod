: Segments with variables of which there is one: what the last of them makes in INITIAL, and sums that go from one to the next.
NEURON { SUFFIX share NONSPECIFIC_CURRENT i RANGE number, seen GLOBAL highest }
PARAMETER { number = 1 }
ASSIGNED { v (mV) i (mA/cm2) seen highest }
STATE { x }
LOCAL scale, sum
INITIAL { scale = 1 + 0.01*number x = scale seen = 0 }
BREAKPOINT { SOLVE fold highest = 0.9*highest + number*scale i = 1e-6*seen*(v + 60) }
PROCEDURE fold() { x = 0.9*x + 0.1/scale sum = 0.5*sum + number*x seen = sum }
