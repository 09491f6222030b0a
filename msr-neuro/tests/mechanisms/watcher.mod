: Waits for the voltage to rise and to fall, and opens when it does.
NEURON {
    POINT_PROCESS Watcher
    NONSPECIFIC_CURRENT i
    RANGE g, high, low, rises, falls, last
}
PARAMETER { high = -60 (mV) low = -68 (mV) tau = 4 (ms) e = -90 (mV) }
ASSIGNED { v (mV) i (nA) rises falls last (ms) }
STATE { g (uS) }
INITIAL { g = 0 rises = 0 falls = 0 last = -1 net_send(0, 1) }
BREAKPOINT { SOLVE decay METHOD cnexp i = g*(v - e) }
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE(weight (uS)) {
    if (flag == 1) {
        WATCH (v > high) 2
        WATCH (v < low) 3
    }
    if (flag == 2) { rises = rises + 1 g = g + 0.02 last = t }
    if (flag == 3) {
        falls = falls + 1
        last = t
        net_event(t)
        net_send(3.3, 4)
    }
    if (flag == 4) { WATCH (v > high + 2) 2 }
    if (flag == 0) { g = g + weight net_send(0.7, 1) }
}
