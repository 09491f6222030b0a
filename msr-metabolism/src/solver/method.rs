//! Methods by name; the Rosenbrock methods by their coefficients.
//!
//! With `W = I/(h gamma) - J` the stages solve `W k_i = f(y + sum_j a_ij k_j) + sum_j c_ij/h k_j`; the step is
//! `y + sum m_i k_i`, and the last stage is its error estimate (Hairer and Wanner, Solving Ordinary Differential Equations
//! II, 2nd ed. 1996, section IV.7). Both methods are L-stable and stiffly accurate.

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Method {
    /// RODAS3: order 3, 4 stages, embedded order 2 (Sandu, Verwer, Blom, Spee, Carmichael, Potra: Benchmarking stiff ODE
    /// solvers for atmospheric chemistry problems II: Rosenbrock solvers, Atmospheric Environment 31, 1997).
    Rodas3,
    /// RODAS: order 4, 6 stages, embedded order 3 (Hairer and Wanner 1996, section IV.10).
    Rodas4,
    /// BDF of variable order as the library diffsol has it, with dense linear algebra of its own: slow, to check the others.
    #[cfg(feature = "diffsol")]
    DiffsolBdf,
}

/// Coefficients of one stage.
#[derive(Debug)]
pub(super) struct Stage {
    /// `a_ij`: where the right-hand side is taken; `None` where it is that of the stage before.
    pub(super) at: Option<&'static [f64]>,
    /// `c_ij`.
    pub(super) coupling: &'static [f64],
}

/// Coefficients of a method.
#[derive(Debug)]
pub(super) struct Coefficients {
    pub(super) gamma: f64,
    pub(super) stages: &'static [Stage],
    /// `m_i`.
    pub(super) weights: &'static [f64],
    /// Order of the error estimate, for the choice of the step.
    pub(super) error_order: f64,
}

const RODAS3: Coefficients = Coefficients {
    gamma: 0.5,
    stages: &[
        Stage { at: Some(&[]), coupling: &[] },
        Stage { at: None, coupling: &[4.0] },
        Stage { at: Some(&[2.0, 0.0]), coupling: &[1.0, -1.0] },
        Stage { at: Some(&[2.0, 0.0, 1.0]), coupling: &[1.0, -1.0, -8.0 / 3.0] },
    ],
    weights: &[2.0, 0.0, 1.0, 1.0],
    error_order: 3.0,
};

const RODAS4: Coefficients = Coefficients {
    gamma: 0.25,
    stages: &[
        Stage { at: Some(&[]), coupling: &[] },
        Stage { at: Some(&[1.544]), coupling: &[-5.6688] },
        Stage {
            at: Some(&[0.946_678_528_081_582_6, 0.255_701_169_898_328_4]),
            coupling: &[-2.430_093_356_833_875, -0.206_359_915_709_191_5],
        },
        Stage {
            at: Some(&[3.314_825_187_068_521, 2.896_124_015_972_201, 0.998_641_913_997_781_7]),
            coupling: &[-0.107_352_905_815_137_5, -9.594_562_251_023_355, -20.470_286_148_096_16],
        },
        Stage {
            at: Some(&[1.221_224_509_226_641, 6.019_134_481_288_629, 12.537_083_329_320_87, -0.687_886_036_105_895]),
            coupling: &[7.496_443_313_967_647, -10.246_804_314_643_52, -33.999_903_528_199_05, 11.708_908_932_061_6],
        },
        Stage {
            at: Some(&[
                1.221_224_509_226_641,
                6.019_134_481_288_629,
                12.537_083_329_320_87,
                -0.687_886_036_105_895,
                1.0,
            ]),
            coupling: &[
                8.083_246_795_921_522,
                -7.981_132_988_064_893,
                -31.521_594_328_743_71,
                16.319_305_431_231_36,
                -6.058_818_238_834_054,
            ],
        },
    ],
    weights: &[1.221_224_509_226_641, 6.019_134_481_288_629, 12.537_083_329_320_87, -0.687_886_036_105_895, 1.0, 1.0],
    error_order: 4.0,
};

impl Method {
    /// All methods of this build.
    pub const ALL: &[Self] = &[
        Self::Rodas3,
        Self::Rodas4,
        #[cfg(feature = "diffsol")]
        Self::DiffsolBdf,
    ];

    /// Name, as written in `solver_kwargs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rodas3 => "Rodas3",
            Self::Rodas4 => "Rodas4",
            #[cfg(feature = "diffsol")]
            Self::DiffsolBdf => "DiffsolBdf",
        }
    }

    /// Coefficients of a Rosenbrock method; `None` for another one.
    pub(super) fn coefficients(self) -> Option<&'static Coefficients> {
        match self {
            Self::Rodas3 => Some(&RODAS3),
            Self::Rodas4 => Some(&RODAS4),
            #[cfg(feature = "diffsol")]
            Self::DiffsolBdf => None,
        }
    }
}
