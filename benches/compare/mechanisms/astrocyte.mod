: Calcium in the cytosol of an astrocyte: ten shells, a mobile and a fixed buffer in each, the store that IP3 opens (Li & Rinzel
: 1994, J. Theor. Biol. 166:461), pumps into the store, radial and longitudinal diffusion. Sixty states a segment, for timing.

NEURON {
    SUFFIX astrocyte
    USEION ca READ cai WRITE cai
    RANGE ip3
}

DEFINE SHELLS 10

PARAMETER {
    ip3 = 1e-4 (mM)
    D_ca = 0.22 (um2/ms)
    D_mobile = 0.05 (um2/ms)
    mobile_total = 0.05 (mM)
    fixed_total = 0.15 (mM)
    bind = 100 (/mM-ms)
    unbind_mobile = 0.02 (/ms)
    unbind_fixed = 0.1 (/ms)
    release = 6e-4 (/ms)
    leak = 5e-6 (/ms)
    store = 0.4 (mM)
    kip3 = 1.3e-4 (mM)
    kactivate = 8e-5 (mM)
    kinhibit = 1e-3 (mM)
    inhibit = 0.2 (/mM-ms)
    pump = 5e-6 (mM/ms)
    kpump = 1e-4 (mM)
    rest = 8e-5 (mM)
}

ASSIGNED {
    diam (um)
    cai (mM)
    volume[SHELLS] (1)
    exchange[SHELLS] (1)
}

STATE {
    free[SHELLS] (mM)
    mobile[SHELLS] (mM)
    with_mobile[SHELLS] (mM)
    fixed[SHELLS] (mM)
    with_fixed[SHELLS] (mM)
    h[SHELLS] (1)
}

INITIAL {
    LOCAL outer, inner, width
    width = 0.5/(SHELLS - 0.5)
    outer = 0.5
    FROM i = 0 TO SHELLS - 1 {
        : The first shell is half as thick, the last a cylinder.
        inner = outer - width
        if (i == 0) { inner = outer - width/2 }
        if (i == SHELLS - 1) { inner = 0 }
        volume[i] = 3.14159265358979*(outer*outer - inner*inner)
        exchange[i] = 2*3.14159265358979*inner/width
        outer = inner
    }
    FROM i = 0 TO SHELLS - 1 {
        free[i] = rest
        with_mobile[i] = mobile_total*rest/(rest + unbind_mobile/bind)
        mobile[i] = mobile_total - with_mobile[i]
        with_fixed[i] = fixed_total*rest/(rest + unbind_fixed/bind)
        fixed[i] = fixed_total - with_fixed[i]
        h[i] = kinhibit/(kinhibit + rest)
    }
    cai = free[0]
}

BREAKPOINT {
    SOLVE calcium METHOD sparse
}

KINETIC calcium {
    LOCAL size
    COMPARTMENT i, diam*diam*volume[i] {free mobile with_mobile fixed with_fixed}
    LONGITUDINAL_DIFFUSION i, D_ca*diam*diam*volume[i] {free}
    LONGITUDINAL_DIFFUSION i, D_mobile*diam*diam*volume[i] {mobile with_mobile}
    FROM i = 0 TO SHELLS - 2 {
        ~ free[i] <-> free[i+1] (D_ca*exchange[i], D_ca*exchange[i])
        ~ mobile[i] <-> mobile[i+1] (D_mobile*exchange[i], D_mobile*exchange[i])
        ~ with_mobile[i] <-> with_mobile[i+1] (D_mobile*exchange[i], D_mobile*exchange[i])
    }
    FROM i = 0 TO SHELLS - 1 {
        size = diam*diam*volume[i]
        ~ free[i] + mobile[i] <-> with_mobile[i] (bind*size, unbind_mobile*size)
        ~ free[i] + fixed[i] <-> with_fixed[i] (bind*size, unbind_fixed*size)
        ~ free[i] << (size*(leak + release*(open(free[i])*h[i])^3)*(store - free[i]))
        ~ free[i] << (-size*pump*free[i]*free[i]/(free[i]*free[i] + kpump*kpump))
        ~ h[i] << (inhibit*(kinhibit - (free[i] + kinhibit)*h[i]))
    }
    cai = free[0]
}

FUNCTION open(level (mM)) (1) {
    open = ip3/(ip3 + kip3)*level/(level + kactivate)
}
