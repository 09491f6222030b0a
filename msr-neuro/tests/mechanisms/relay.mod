: A synapse with depression, an echo that grows, and a clock of its own: everything that events can do.
NEURON {
    POINT_PROCESS Relay
    NONSPECIFIC_CURRENT i
    RANGE tau, e, i, g, heard, echoes, wait
}
PARAMETER { tau = 3 (ms) e = -10 (mV) tau_rec = 40 (ms) use = 0.4 wait = 2.3 (ms) }
ASSIGNED { v (mV) i (nA) heard echoes tick }
STATE { g (uS) }
INITIAL { g = 0 heard = 0 echoes = 0 tick = 0 net_send(1.02, 3) }
BREAKPOINT { SOLVE decay METHOD cnexp i = g*(v - e) }
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE(weight (uS), left, last (ms), gain) {
    INITIAL { left = 1 last = -1e9 gain = 1 }
    if (flag == 0) {
        heard = heard + 1
        left = 1 - (1 - left)*exp(-(t - last)/tau_rec)
        g = g + weight*use*left*gain
        left = left*(1 - use)
        last = t
        net_send(wait, 1)
    }
    if (flag == 1) {
        echoes = echoes + 1
        g = g + 0.3*weight*left
        gain = gain*1.1
        net_event(t)
    }
    if (flag == 3) { tick = tick + 1 g = g + 1e-4 if (tick < 4) { net_send(5.01, 3) } }
}
