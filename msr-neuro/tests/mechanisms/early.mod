: Something that is set before the currents and followed at the end of a step.
NEURON { SUFFIX early RANGE k, x, y }
ASSIGNED { v (mV) k y }
STATE { x }
INITIAL { x = 1 k = 0 y = 0 }
BEFORE BREAKPOINT { k = 0.1 + (v + 65)/50 }
BREAKPOINT { SOLVE follow METHOD cnexp y = k*x }
DERIVATIVE follow { x' = -k*x }
