: Potassium channels that open, close and inactivate one by one: gates l (activation) and n (inactivation) of Mendonca et al.
: 2016, Neuroscience 333:287 (junction potential 10 mV), and in each step binomial numbers of channels that change (Schneidman,
: Freedman & Segev 1998, Neural Comput. 10:1679; Diba, Koch & Segev 2006, J. Comput. Neurosci. 20:67).

NEURON {
    SUFFIX StochKv3
    USEION k READ ek WRITE ik
    RANDOM rng
    RANGE gkbar, gamma, deterministic, eta, N, gk, ik, ninf, ntau, linf, ltau, an, bn, al, bl
}

UNITS {
    (S) = (siemens)
    (pS) = (picosiemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (um) = (micron)
}

PARAMETER {
    gkbar = 0.01 (S/cm2)
    gamma = 50 (pS)          : of a channel
    deterministic = 0        : whether the mean is taken
    junction = 10 (mV)
    per_um2 = 1e4            : pS/um2 for 1 S/cm2
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    gk (S/cm2)
    area (um2)
    dt (ms)
    eta (/um2)               : density of channels
    N                        : channels
    N0L0                     : closed and inactivated
    N0L1                     : activated, but inactivated
    N1L0                     : closed
    N1L1                     : open
    ninf
    ntau (ms)
    linf
    ltau (ms)
    an (/ms)
    bn (/ms)
    al (/ms)
    bl (/ms)
}

STATE { n l }

INITIAL {
    eta = gkbar*per_um2/gamma
    N = floor(eta*area + 0.5)
    rates()
    n = ninf
    l = linf
    mean()
    if (deterministic == 0) {
        N1L1 = floor(N1L1 + 0.5)
        N1L0 = floor(N1L0 + 0.5)
        N0L1 = floor(N0L1 + 0.5)
        N0L0 = N - N1L1 - N1L0 - N0L1
    }
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gk = N1L1*gamma/area/per_um2
    ik = gk*(v - ek)
}

DERIVATIVE states {
    rates()
    l' = al - (al + bl)*l
    n' = an - (an + bn)*n
    if (deterministic) { mean() } else { change() }
}

PROCEDURE mean() {
    N1L1 = n*l*N
    N1L0 = n*(1 - l)*N
    N0L1 = (1 - n)*l*N
    N0L0 = N - N1L1 - N1L0 - N0L1
}

PROCEDURE change() {
    LOCAL recovery, loss, opening, closing, up, down
    recovery = 1 - exp(-an*dt)
    loss = 1 - exp(-bn*dt)
    opening = 1 - exp(-al*dt)
    closing = 1 - exp(-bl*dt)
    : Inactivation and its end,
    up = binomial(N0L0, recovery)
    down = binomial(N1L0, loss)
    N0L0 = N0L0 - up + down
    N1L0 = N1L0 + up - down
    up = binomial(N0L1, recovery)
    down = binomial(N1L1, loss)
    N0L1 = N0L1 - up + down
    N1L1 = N1L1 + up - down
    : then activation and its end.
    up = binomial(N0L0, opening)
    down = binomial(N0L1, closing)
    N0L0 = N0L0 - up + down
    N0L1 = N0L1 + up - down
    up = binomial(N1L0, opening)
    down = binomial(N1L1, closing)
    N1L0 = N1L0 - up + down
    N1L1 = N1L1 + up - down
}

PROCEDURE rates() {
    LOCAL u
    u = v + junction
    linf = 1/(1 + exp((-30 - u)/10))
    ltau = 0.346*exp(-u/18.272) + 2.09
    ninf = 1/(1 + exp(0.0878*(u + 55.1)))
    ntau = 2.1*exp(-u/21.2) + 4.627
    al = linf/ltau
    bl = 1/ltau - al
    an = ninf/ntau
    bn = 1/ntau - an
}

: Number of successes in n trials of probability p, by inversion of the cumulative distribution (Devroye 1986, Non-Uniform
: Random Variate Generation, X.4), in batches that keep the smallest probability above the smallest number.
FUNCTION binomial(n, p) {
    LOCAL less, left, batch, mass, below, drawn, count
    less = p
    if (p > 0.5) { less = 1 - p }
    left = n
    binomial = 0
    while (left > 0 && less > 0) {
        batch = left
        if (batch > 500) { batch = 500 }
        left = left - batch
        drawn = random_uniform(rng)
        mass = (1 - less)^batch
        below = mass
        count = 0
        while (drawn > below && count < batch) {
            mass = mass*(batch - count)/(count + 1)*less/(1 - less)
            count = count + 1
            below = below + mass
        }
        binomial = binomial + count
    }
    if (p > 0.5) { binomial = n - binomial }
}
