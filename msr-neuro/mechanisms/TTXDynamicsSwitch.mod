: Tetrodotoxin in the bath: channels that read the ion ttx close where its outer concentration is more than that of clean
: solution. The inner concentration only tells them that a switch is there.

NEURON {
    SUFFIX TTXDynamicsSwitch
    USEION ttx WRITE ttxo, ttxi VALENCE 1
    RANGE ttxo_level
}

UNITS {
    (mM) = (milli/liter)
}

PARAMETER {
    ttxo_level = 1e-12 (mM)
    : 1/64, exact in binary.
    mark = 0.015625 (mM)
}

ASSIGNED {
    ttxo (mM)
    ttxi (mM)
}

INITIAL {
    ttxi = mark
    ttxo = ttxo_level
}

BREAKPOINT {
    ttxo = ttxo_level
}
