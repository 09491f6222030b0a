: Potassium channels that open and close one by one: gate n with the rates of Mainen et al. 1995 (Neuron 15:1427; recordings at
: 23 C, Q10 2.3), and in each step binomial numbers of channels that change (Schneidman, Freedman & Segev 1998, Neural
: Comput. 10:1679; Diba, Koch & Segev 2006, J. Comput. Neurosci. 20:67).

NEURON {
    SUFFIX StochKv
    USEION k READ ek WRITE ik
    RANDOM rng
    RANGE gkbar, gamma, deterministic, eta, N, N1, gk, ik
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
    half = 25 (mV)
    slope = 9 (mV)
    rise = 0.02 (/ms/mV)
    fall = 0.002 (/ms/mV)
    q10 = 2.3
    measured = 23 (degC)     : temperature of the recordings
    per_um2 = 1e4            : pS/um2 for 1 S/cm2
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    gk (S/cm2)
    celsius (degC)
    area (um2)
    dt (ms)
    speed
    eta (/um2)               : density of channels
    N                        : channels
    N1                       : those that are open
    opening (/ms)
    closing (/ms)
}

STATE { n }

INITIAL {
    speed = q10^((celsius - measured)/10)
    eta = gkbar*per_um2/gamma
    N = floor(eta*area + 0.5)
    rates()
    n = opening/(opening + closing)
    N1 = n*N
    if (deterministic == 0) { N1 = floor(N1 + 0.5) }
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gk = N1*gamma/area/per_um2
    ik = gk*(v - ek)
}

DERIVATIVE states {
    rates()
    n' = opening*(1 - n) - closing*n
    change()
}

PROCEDURE change() {
    LOCAL opened, closed
    if (deterministic) {
        N1 = n*N
    } else {
        opened = binomial(N - N1, 1 - exp(-opening*dt))
        closed = binomial(N1, 1 - exp(-closing*dt))
        N1 = N1 + opened - closed
    }
}

PROCEDURE rates() {
    LOCAL x
    x = (v - half)/slope
    opening = speed*rise*slope*linoid(x)
    closing = speed*fall*slope*linoid(-x)
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
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
