//! Voltage, ion concentrations, reversal potentials and current densities of one cell's nodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mechanisms::{FARADAY, GAS_CONSTANT, MechanismFailure, ZERO_CELSIUS};
use crate::nernst::nernst;
use crate::nmodl::{Stop, Tables};

/// Concentrations at the beginning, in mM, one value each for the whole cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InitialConcentrations {
    /// Sodium inside.
    pub nai: f64,
    /// Sodium outside.
    pub nao: f64,
    /// Potassium inside.
    pub ki: f64,
    /// Potassium outside.
    pub ko: f64,
    /// Calcium inside.
    pub cai: f64,
    /// Calcium outside.
    pub cao: f64,
    /// ATP inside.
    pub atpi: f64,
    /// ADP inside.
    pub adpi: f64,
    /// Chloride inside.
    pub cli: f64,
    /// Chloride outside.
    pub clo: f64,
    /// Phosphate inside.
    pub pi: f64,
}

impl InitialConcentrations {
    /// Inside (side 0) or outside (1), of an ion or molecule that every membrane has.
    pub(crate) fn of_membrane(&mut self, ion: &str, side: usize) -> Option<&mut f64> {
        Some(match (ion, side) {
            ("na", 0) => &mut self.nai,
            ("na", _) => &mut self.nao,
            ("k", 0) => &mut self.ki,
            ("k", _) => &mut self.ko,
            ("ca", 0) => &mut self.cai,
            ("ca", _) => &mut self.cao,
            ("cl", 0) => &mut self.cli,
            ("cl", _) => &mut self.clo,
            ("atp", 0) => &mut self.atpi,
            ("adp", 0) => &mut self.adpi,
            ("p", 0) => &mut self.pi,
            _ => return None,
        })
    }

    /// Inside and outside, of an ion or molecule that not every membrane has; 1 mM (NEURON's default) where nothing is known.
    pub fn of(&self, ion: &str) -> [f64; 2] {
        match ion {
            "cl" => [self.cli, self.clo],
            "p" => [self.pi, 1.0],
            _ => [1.0, 1.0],
        }
    }
}

impl Default for InitialConcentrations {
    /// The initial state of metabolism-enabled neocortical e-models; ATP and ADP are those of the metabolism model of
    /// Shichkova et al. at rest.
    fn default() -> Self {
        Self {
            nai: 10.0,
            nao: 140.0,
            ki: 140.0,
            ko: 5.0,
            cai: 5e-5,
            cao: 1.5,
            atpi: 1.384_637_414_760_812_5,
            adpi: 0.057_741_408_971_236_564,
            cli: 6.0,
            clo: 130.0,
            pi: 2.18,
        }
    }
}

/// How the reversal potential of an ion follows its concentrations.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversal {
    /// Nernst potential of the concentrations of the moment.
    #[default]
    Nernst,
    /// Always this value, in mV.
    Fixed(f64),
}

/// Reversal potentials of the three ions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reversals {
    /// Sodium.
    pub ena: Reversal,
    /// Potassium.
    pub ek: Reversal,
    /// Calcium.
    pub eca: Reversal,
}

/// Reversal potentials that follow nothing: of each ion nodes and values, in mV.
#[derive(Debug, Clone, Default)]
pub struct FixedReversals(Vec<(IonPlace, Vec<(u32, f64)>)>);

/// Where a membrane has the reversal potential of an ion.
#[derive(Debug, Clone, Copy)]
enum IonPlace {
    Sodium,
    Potassium,
    Calcium,
    Foreign(usize),
}

impl FixedReversals {
    /// From segments and values by ion; ions that the membrane does not have are left out.
    pub fn new(by_ion: &BTreeMap<String, Vec<(usize, f64)>>, segment_nodes: &[u32], membrane: &Membrane) -> Self {
        let place = |ion: &str| {
            Some(match ion {
                "na" => IonPlace::Sodium,
                "k" => IonPlace::Potassium,
                "ca" => IonPlace::Calcium,
                other => IonPlace::Foreign(membrane.foreign.iter().position(|known| known.name == other)?),
            })
        };
        let at_nodes = |values: &[(usize, f64)]| values.iter().map(|&(at, value)| (segment_nodes[at], value)).collect();
        Self(by_ion.iter().filter_map(|(ion, values)| Some((place(ion)?, at_nodes(values)))).collect())
    }

    /// Writes them.
    pub fn apply(&self, membrane: &mut Membrane) {
        for (place, values) in &self.0 {
            let reversal = match *place {
                IonPlace::Sodium => &mut membrane.ena,
                IonPlace::Potassium => &mut membrane.ek,
                IonPlace::Calcium => &mut membrane.eca,
                IonPlace::Foreign(ion) => &mut membrane.foreign[ion].reversal,
            };
            for &(node, value) in values {
                reversal[node as usize] = value;
            }
        }
    }
}

/// The membrane of one cell: one value a node of its cable. Current densities are in mA/cm2, outward positive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Membrane {
    /// Voltage, in mV.
    pub v: Vec<f64>,
    /// Total current density of the step.
    pub current: Vec<f64>,
    /// Its slope, in S/cm2.
    pub conductance: Vec<f64>,
    /// Sodium current.
    pub ina: Vec<f64>,
    /// Potassium current.
    pub ik: Vec<f64>,
    /// Calcium current.
    pub ica: Vec<f64>,
    /// Chloride current.
    pub icl: Vec<f64>,
    /// Sodium inside, in mM.
    pub nai: Vec<f64>,
    /// Sodium outside, in mM.
    pub nao: Vec<f64>,
    /// Potassium inside, in mM.
    pub ki: Vec<f64>,
    /// Potassium outside, in mM.
    pub ko: Vec<f64>,
    /// Calcium inside, in mM.
    pub cai: Vec<f64>,
    /// Calcium outside, in mM.
    pub cao: Vec<f64>,
    /// ATP inside, in mM.
    pub atpi: Vec<f64>,
    /// ADP inside, in mM.
    pub adpi: Vec<f64>,
    /// Reversal potential of sodium, in mV.
    pub ena: Vec<f64>,
    /// Reversal potential of potassium, in mV.
    pub ek: Vec<f64>,
    /// Reversal potential of calcium, in mV.
    pub eca: Vec<f64>,
    /// Ions that mechanisms use besides those above.
    pub foreign: Vec<IonPool>,
    /// Slopes of the currents of sodium, potassium, calcium, chloride and the ions of [`Membrane::foreign`] by the voltage, in
    /// S/cm2; none where nobody asks for them.
    #[serde(skip)]
    pub(crate) slopes: Vec<Vec<f64>>,
    /// Time of what is computed, in ms.
    pub time_ms: f64,
    /// Step, in ms.
    pub step_ms: f64,
    /// Change of concentration by current: mM/ms inside for 1 mA/cm2 of a monovalent cation,
    /// `1e4 area / (volume F)`, which is `4e4 / (diameter F)` for a cylinder.
    pub accumulation: Vec<f64>,
    /// The first mechanism that could not go on; nothing after it can be trusted.
    #[serde(skip)]
    pub failure: Option<MechanismFailure>,
    /// Tables that routines of mechanisms are looked up in: as they were made, which may have been with other values.
    pub(crate) tables: Tables,
}

/// An ion or molecule that mechanisms name, one value a node each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IonPool {
    /// Its name (`cl`, `ttx`).
    pub name: String,
    /// Charges.
    pub valence: f64,
    /// Inside, in mM.
    pub inside: Vec<f64>,
    /// Outside, in mM.
    pub outside: Vec<f64>,
    /// Reversal potential, in mV.
    pub reversal: Vec<f64>,
    /// Current density, in mA/cm2; that of chloride is [`Membrane::icl`].
    pub current: Vec<f64>,
}

impl IonPool {
    /// Inside, outside, reversal potential and current.
    pub fn parts_mut(&mut self) -> [&mut Vec<f64>; 4] {
        [&mut self.inside, &mut self.outside, &mut self.reversal, &mut self.current]
    }

    /// What its parts are called.
    pub fn part_names(&self) -> [String; 4] {
        let name = &self.name;
        [format!("{name}i"), format!("{name}o"), format!("e{name}"), format!("i{name}")]
    }
}

/// A field of the membrane.
type Field = fn(&mut Membrane) -> &mut Vec<f64>;

impl Membrane {
    /// Sodium, potassium, calcium, chloride.
    pub(crate) const OWN_CURRENTS: usize = 4;

    /// Fields of every membrane by name.
    pub const FIELDS: [(&'static str, Field); 16] = [
        ("v", |membrane| &mut membrane.v),
        ("ina", |membrane| &mut membrane.ina),
        ("ik", |membrane| &mut membrane.ik),
        ("ica", |membrane| &mut membrane.ica),
        ("icl", |membrane| &mut membrane.icl),
        ("nai", |membrane| &mut membrane.nai),
        ("nao", |membrane| &mut membrane.nao),
        ("ki", |membrane| &mut membrane.ki),
        ("ko", |membrane| &mut membrane.ko),
        ("cai", |membrane| &mut membrane.cai),
        ("cao", |membrane| &mut membrane.cao),
        ("atpi", |membrane| &mut membrane.atpi),
        ("adpi", |membrane| &mut membrane.adpi),
        ("ena", |membrane| &mut membrane.ena),
        ("ek", |membrane| &mut membrane.ek),
        ("eca", |membrane| &mut membrane.eca),
    ];

    /// `v_init_mv` everywhere; `accumulation` as in the field of that name.
    pub fn new(v_init_mv: f64, initial: &InitialConcentrations, accumulation: Vec<f64>) -> Self {
        let all = |value: f64| vec![value; accumulation.len()];
        Self {
            v: all(v_init_mv),
            current: all(0.0),
            conductance: all(0.0),
            ina: all(0.0),
            ik: all(0.0),
            ica: all(0.0),
            icl: all(0.0),
            nai: all(initial.nai),
            nao: all(initial.nao),
            ki: all(initial.ki),
            ko: all(initial.ko),
            cai: all(initial.cai),
            cao: all(initial.cao),
            atpi: all(initial.atpi),
            adpi: all(initial.adpi),
            ena: all(0.0),
            ek: all(0.0),
            eca: all(0.0),
            foreign: Vec::new(),
            slopes: Vec::new(),
            time_ms: 0.0,
            step_ms: 0.0,
            accumulation,
            failure: None,
            tables: Tables::default(),
        }
    }

    /// Recomputes the reversal potentials.
    pub fn update_reversals(&mut self, reversals: &Reversals, celsius: f64) {
        update(&mut self.ena, reversals.ena, &self.nai, &self.nao, thermal_mv(celsius));
        update(&mut self.ek, reversals.ek, &self.ki, &self.ko, thermal_mv(celsius));
        update(&mut self.eca, reversals.eca, &self.cai, &self.cao, thermal_mv(celsius) / 2.0);
        for ion in &mut self.foreign {
            let thermal_mv = thermal_mv(celsius) / ion.valence;
            update(&mut ion.reversal, Reversal::Nernst, &ion.inside, &ion.outside, thermal_mv);
        }
    }

    /// Takes over the values of another membrane in the memory at hand.
    pub fn assign(&mut self, other: &Self) {
        let pairs: [(&mut Vec<f64>, &Vec<f64>); 19] = [
            (&mut self.v, &other.v),
            (&mut self.current, &other.current),
            (&mut self.conductance, &other.conductance),
            (&mut self.ina, &other.ina),
            (&mut self.ik, &other.ik),
            (&mut self.ica, &other.ica),
            (&mut self.icl, &other.icl),
            (&mut self.nai, &other.nai),
            (&mut self.nao, &other.nao),
            (&mut self.ki, &other.ki),
            (&mut self.ko, &other.ko),
            (&mut self.cai, &other.cai),
            (&mut self.cao, &other.cao),
            (&mut self.atpi, &other.atpi),
            (&mut self.adpi, &other.adpi),
            (&mut self.ena, &other.ena),
            (&mut self.ek, &other.ek),
            (&mut self.eca, &other.eca),
            (&mut self.accumulation, &other.accumulation),
        ];
        for (mine, theirs) in pairs {
            mine.clone_from(theirs);
        }
        self.foreign.clone_from(&other.foreign);
        if self.tables != other.tables {
            self.tables.clone_from(&other.tables);
        }
        (self.time_ms, self.step_ms) = (other.time_ms, other.step_ms);
        self.failure.clone_from(&other.failure);
    }

    /// A mechanism cannot go on; the first that says so is kept.
    pub fn fail(&mut self, mechanism: &str, node: u32, stop: Stop) {
        self.failure.get_or_insert_with(|| MechanismFailure { mechanism: mechanism.to_owned(), node, stop });
    }

    /// Sets all currents to zero.
    pub fn clear_currents(&mut self) {
        for values in
            [&mut self.current, &mut self.conductance, &mut self.ina, &mut self.ik, &mut self.ica, &mut self.icl]
        {
            values.fill(0.0);
        }
        for ion in &mut self.foreign {
            ion.current.fill(0.0);
        }
        for slope in &mut self.slopes {
            slope.fill(0.0);
        }
    }

    /// Keeps the slopes of the currents of ions from now on, when all ions are there.
    pub(crate) fn keep_slopes(&mut self) {
        self.slopes = vec![vec![0.0; self.v.len()]; Self::OWN_CURRENTS + self.foreign.len()];
    }

    /// Adds to the slopes of sodium, potassium, calcium and chloride in a node, where they are kept.
    pub(crate) fn add_slopes(&mut self, node: usize, slopes: [f64; Self::OWN_CURRENTS]) {
        for (kept, slope) in self.slopes.iter_mut().zip(slopes) {
            kept[node] += slope;
        }
    }

    /// Brings the currents of ions to voltages that differ by `change_mv`.
    pub(crate) fn shift_currents(&mut self, change_mv: &[f64]) {
        let own = [&mut self.ina, &mut self.ik, &mut self.ica, &mut self.icl];
        let currents = own.into_iter().chain(self.foreign.iter_mut().map(|ion| &mut ion.current));
        for (current, slope) in currents.zip(&self.slopes) {
            for ((current, slope), change_mv) in current.iter_mut().zip(slope).zip(change_mv) {
                *current += slope * change_mv;
            }
        }
    }

    /// Adds an ion with these concentrations inside and outside, where it is not there.
    pub fn add_ion(&mut self, name: &str, valence: f64, [inside, outside]: [f64; 2]) {
        if self.foreign.iter().all(|ion| ion.name != name) {
            let count = self.v.len();
            self.foreign.push(IonPool {
                name: name.to_owned(),
                valence,
                inside: vec![inside; count],
                outside: vec![outside; count],
                reversal: vec![0.0; count],
                current: vec![0.0; count],
            });
        }
    }

    /// Position of an ion among [`Membrane::foreign`].
    ///
    /// # Panics
    /// Where it was not added.
    pub fn foreign_ion(&self, name: &str) -> usize {
        self.foreign.iter().position(|ion| ion.name == name).expect("a cell has the ions of its mechanisms")
    }

    /// Lets the sodium and potassium currents change the concentrations inside during `dt_ms`. Calcium belongs to the
    /// mechanisms of calcium dynamics, concentrations outside to who is coupled.
    pub fn accumulate(&mut self, dt_ms: f64) {
        for (inside, current) in [(&mut self.nai, &self.ina), (&mut self.ki, &self.ik)] {
            for ((inside, current), accumulation) in inside.iter_mut().zip(current).zip(&self.accumulation) {
                *inside -= dt_ms * accumulation * current;
            }
        }
    }
}

/// R T / F, in mV.
pub fn thermal_mv(celsius: f64) -> f64 {
    1e3 * GAS_CONSTANT * (celsius + ZERO_CELSIUS) / FARADAY
}

/// Factor of [`Membrane::accumulation`] for an area (um2) around a volume (um3); 0 where there is no volume.
pub fn accumulation(area_um2: f64, volume_um3: f64) -> f64 {
    if volume_um3 > 0.0 { 1e4 * area_um2 / (volume_um3 * FARADAY) } else { 0.0 }
}

fn update(reversal_mv: &mut [f64], rule: Reversal, inside: &[f64], outside: &[f64], thermal_mv: f64) {
    match rule {
        Reversal::Fixed(value) => reversal_mv.fill(value),
        Reversal::Nernst => nernst(reversal_mv, inside, outside, thermal_mv),
    }
}
