//! Mechanism files that come with the crate.

/// Name and text of each file of `mechanisms/`.
pub const BUNDLED: &[(&str, &str)] = &[
    ("pas.mod", include_str!("../../mechanisms/pas.mod")),
    ("hh.mod", include_str!("../../mechanisms/hh.mod")),
    ("NaTg.mod", include_str!("../../mechanisms/NaTg.mod")),
    ("Nap_Et2.mod", include_str!("../../mechanisms/Nap_Et2.mod")),
    ("K_Tst.mod", include_str!("../../mechanisms/K_Tst.mod")),
    ("K_Pst.mod", include_str!("../../mechanisms/K_Pst.mod")),
    ("SKv3_1.mod", include_str!("../../mechanisms/SKv3_1.mod")),
    ("SK_E2.mod", include_str!("../../mechanisms/SK_E2.mod")),
    ("Im.mod", include_str!("../../mechanisms/Im.mod")),
    ("KdShu2007.mod", include_str!("../../mechanisms/KdShu2007.mod")),
    ("Ih.mod", include_str!("../../mechanisms/Ih.mod")),
    ("Ca_HVA.mod", include_str!("../../mechanisms/Ca_HVA.mod")),
    ("Ca_LVAst.mod", include_str!("../../mechanisms/Ca_LVAst.mod")),
    ("expsyn.mod", include_str!("../../mechanisms/expsyn.mod")),
    ("exp2syn.mod", include_str!("../../mechanisms/exp2syn.mod")),
    ("CaDynamics.mod", include_str!("../../mechanisms/CaDynamics.mod")),
];
