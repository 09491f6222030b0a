: A channel whose rates stand in coarse tables.
NEURON { SUFFIX tabled USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.002 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) celsius (degC) }
STATE { n }
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*n*n*(v - ek)*shape(v) }
DERIVATIVE states { rates(v) n' = (ninf - n)/ntau }
PROCEDURE rates(v (mV)) {
    TABLE ninf, ntau DEPEND celsius FROM -80 TO 20 WITH 37
    v = v + 5
    ninf = 1/(1 + exp(-(v + 40)/7))
    ntau = 1 + 4*exp(-((v + 45)/20)^2)*3^((celsius - 6.3)/10)
    v = v - 5
}
FUNCTION shape(v (mV)) {
    TABLE FROM -90 TO 40 WITH 10
    shape = 1 + 0.3*sin(v/10)
}
