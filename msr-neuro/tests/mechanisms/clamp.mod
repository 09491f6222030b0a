: Clamps the voltage through a small resistance, at one level after the other.
NEURON {
    POINT_PROCESS Jumps
    ELECTRODE_CURRENT i
}
PARAMETER { resistance = 0.1 (megohm) }
ASSIGNED { v (mV) i (nA) }
BREAKPOINT {
    LOCAL level
    level = -75
    if (t > 2) { level = -50 }
    if (t > 8) { level = -10 }
    if (t > 14) { level = 20 }
    if (t > 20) { level = -95 }
    i = (level - v)/resistance
}
