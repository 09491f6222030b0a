: Cell without membrane that integrates a current and fires: taum dm/dt = i - m, taus di/dt = ib - i; an event adds its weight to i; at
: m = 1 the cell fires and m begins at 0 again. The time of the next spike is the first root of
:     m(t) = ib + a exp(-t/taus) + b exp(-t/taum),    a = (i - ib) taus/(taus - taum),    b = m - ib - a
: (a leaky integrate-and-fire cell with exponential synaptic current: Brette 2006, Neural Comput. 18:2004).

NEURON {
    THREADSAFE
    ARTIFICIAL_CELL IntFire2
    RANGE taum, taus, ib, i, m
}

PARAMETER {
    taum = 10 (ms)
    taus = 20 (ms)      : not equal to taum
    ib = 0              : what i decays to
    never = 1e9 (ms)
}

ASSIGNED {
    i
    m
    a
    b
    last (ms)           : when i and m were as they are
}

INITIAL {
    i = ib
    m = 0
    last = 0
    net_send(next_spike(), 1)
}

: m at a time after the moment.
FUNCTION later(after (ms)) {
    later = ib + a*exp(-after/taus) + b*exp(-after/taum)
}

: From the moment to the next spike.
FUNCTION next_spike() (ms) {
    LOCAL turn, low, high, middle
    a = (i - ib)*taus/(taus - taum)
    b = m - ib - a
    : Where m stops rising or falling, if it does.
    turn = 0
    if (a != 0 && b != 0) {
        if (b/a < 0) { turn = log(-b*taus/(a*taum))/(1/taum - 1/taus) }
    }
    low = 0
    high = 0
    if (i > m) {
        if (turn > 0) {
            if (later(turn) >= 1) { high = turn }
        } else if (ib > 1) {
            high = taum
        }
    } else if (ib > 1) {
        if (turn > 0) { low = turn }
        high = low + taum
    }
    if (high == 0) {
        next_spike = never
    } else {
        while (later(high) < 1) {
            low = high
            high = 2*high
        }
        FROM halving = 1 TO 60 {
            middle = (low + high)/2
            if (later(middle) < 1) {
                low = middle
            } else {
                high = middle
            }
        }
        next_spike = high
    }
}

PROCEDURE advance() {
    LOCAL after
    after = t - last
    a = (i - ib)*taus/(taus - taum)
    b = m - ib - a
    m = later(after)
    i = ib + (i - ib)*exp(-after/taus)
    last = t
}

NET_RECEIVE(weight) {
    advance()
    if (flag == 1) {
        m = 0
        net_event(t)
        net_send(next_spike(), 1)
    } else {
        i = i + weight
        net_move(t + next_spike())
    }
}
