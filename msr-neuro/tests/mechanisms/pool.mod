: A buffered pool of calcium whose BREAKPOINT has statements before and after its scheme: NEURON solves first, whatever comes first.
: bound0, the initial value of a state, is declared nowhere, and rate is declared twice; NEURON takes both.

NEURON {
    SUFFIX pool
    USEION ca READ ica WRITE cai
    RANGE bound0, source, shown, steps
}

PARAMETER {
    source = 0 (mM/ms)
    total = 0.2 (mM)
}

ASSIGNED {
    cai (mM)
    ica (mA/cm2)
    diam (um)
    shown (1)
    steps (1)
    rate (mM/ms)
    open (1)
    strength (1)
}

STATE {
    free (mM)
    bound (mM)
    fixed (mM)
}

LOCAL rate

INITIAL {
    bound0 = 0.01
    free = 1e-4
    bound = bound0
    fixed = total - bound0
    steps = 0
    strength = 1
    cai = free
}

BREAKPOINT {
    steps = steps + 1
    if (steps > 40) { strength = 2 } else { strength = 1 }
    SOLVE exchange METHOD sparse
    shown = bound/bound0 + open
}

KINETIC exchange {
    COMPARTMENT diam*diam {free bound fixed}
    LONGITUDINAL_DIFFUSION 0.3*diam*diam {free}
    rate = strength*source
    ~ free << (diam*diam*rate)
    ~ free + fixed <-> bound (30*diam*diam, 0.02*diam*diam)
    open = free*free/(free*free + 1e-6)
    ~ free << (-0.5*open*free*diam*diam)
    cai = free
}
