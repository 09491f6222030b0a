: Noise of a membrane, with a stream in each segment.
NEURON { SUFFIX hiss NONSPECIFIC_CURRENT i RANDOM stream RANGE i, size }
PARAMETER { size = 0.002 (mA/cm2) }
ASSIGNED { v (mV) i (mA/cm2) x }
INITIAL { x = 0 }
BREAKPOINT { SOLVE draw i = size*x }
PROCEDURE draw() { x = 0.9*x + random_normal(stream) }
