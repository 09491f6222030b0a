: Tables of routines with values of the instance: that of f depends on p by its own word, that of g does not say so.
: A GLOBAL that is assigned keeps NEURON from filling all tables with the first instance.
NEURON { SUFFIX sheets RANGE p, q, of_f, of_g GLOBAL last }
PARAMETER { p = 1 q = 1 }
ASSIGNED { v (mV) celsius (degC) a of_f of_g last }
INITIAL { look() }
BREAKPOINT { SOLVE look }
PROCEDURE look() { f(v) of_f = a of_g = g(v) }
PROCEDURE f(v (mV)) {
    TABLE a DEPEND p, celsius FROM -100 TO 100 WITH 20
    last = p
    a = p*v*v + celsius
}
FUNCTION g(v (mV)) {
    TABLE FROM -100 TO 100 WITH 20
    g = q*v*v
}
