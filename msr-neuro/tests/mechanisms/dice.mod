: A noisy current and throws of dice: everything that can be drawn.
NEURON {
    POINT_PROCESS Dice
    NONSPECIFIC_CURRENT i
    RANDOM noise, throws
    RANGE uniform, wide, waiting, bell, word, i, seen
}
PARAMETER { deviation = 0.02 (nA) }
ASSIGNED { v (mV) i (nA) x (nA) uniform wide waiting bell word seen }
INITIAL { x = 0 uniform = random_uniform(throws) seen = 0 wide = 0 waiting = 0 bell = 0 word = 0 }
BREAKPOINT { SOLVE draw i = x }
PROCEDURE draw() { x = random_normal(noise, 0.01, deviation) }
NET_RECEIVE(weight) {
    seen = seen + 1
    wide = random_uniform(throws, -2, 5)
    waiting = random_negexp(throws, 3)
    bell = random_normal(throws)
    word = random_ipick(throws)
    if (seen == 2) { random_setseq(throws, 1) }
    uniform = random_uniform(throws)
}
