: A substance in two shells of which both diffuse along the cable, a buffer that stays, and an ion that follows the outer one.
NEURON { SUFFIX shells USEION xx READ ixx WRITE xxi VALENCE 1 RANGE source, s0, s1, kept }
DEFINE SHELLS 2
PARAMETER { source = 0 D = 5 rate = 0.2 kf = 0.5 kb = 0.1 total = 0.4 PI = 3.14159265358979 }
ASSIGNED { ixx xxi diam part[SHELLS] s0 s1 kept }
STATE { x[SHELLS] b bx }
INITIAL { part[0] = 0.75 part[1] = 0.25 x[0] = 0.1 x[1] = 0.1 b = total bx = 0 xxi = 0.1 s0 = 0 s1 = 0 kept = 0 }
BREAKPOINT { SOLVE states METHOD sparse s0 = x[0] s1 = x[1] kept = bx }
KINETIC states {
    COMPARTMENT i, diam*diam*part[i] {x}
    COMPARTMENT diam*diam*0.75 {b bx}
    LONGITUDINAL_DIFFUSION i, D*diam*diam*part[i] {x}
    ~ x[0] << (source*diam*diam)
    ~ x[0] <-> x[1] (rate*diam*diam, rate*diam*diam)
    ~ x[0] + b <-> bx (kf*diam*diam, kb*diam*diam)
    xxi = x[0]
}
