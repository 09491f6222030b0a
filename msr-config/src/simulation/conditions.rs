//! The `conditions` section: temperature, initial voltage, global mechanism values, modifications of cells.

/// `conditions`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// `celsius`, degrees Celsius; default 34.
    pub celsius: f64,
    /// `v_init`, mV; default -80.
    pub v_init_mv: f64,
    /// `spike_location`; default `soma`.
    pub spike_location: SpikeLocation,
    /// `extracellular_calcium`, mM; where given, release probabilities are scaled by the Hill factor.
    pub extracellular_calcium_mm: Option<f64>,
    /// `randomize_gaba_rise_time`; default false.
    pub randomize_gaba_rise_time: bool,
    /// `mechanisms`: (mechanism suffix, [(global variable, value)]), in file order.
    pub mechanisms: Vec<(String, Vec<(String, MechanismValue)>)>,
    /// `modifications`, in the order in which they are made.
    pub modifications: Vec<Modification>,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            celsius: 34.0,
            v_init_mv: -80.0,
            spike_location: SpikeLocation::default(),
            extracellular_calcium_mm: None,
            randomize_gaba_rise_time: false,
            mechanisms: Vec::new(),
            modifications: Vec::new(),
        }
    }
}

/// `conditions.spike_location`: where spikes are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpikeLocation {
    /// `soma`: the end of the first soma section.
    #[default]
    Soma,
    /// `AIS`: the middle of the second axon section.
    Ais,
}

/// A value of `conditions.mechanisms`, `metadata` or `beta_features`.
#[derive(Debug, Clone, PartialEq)]
pub enum MechanismValue {
    /// `true` or `false`.
    Bool(bool),
    /// A number written without fraction or exponent.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
}

/// One entry of `conditions.modifications`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modification {
    /// `name`, unique.
    pub name: String,
    /// `type` with its own parameters.
    pub kind: ModificationKind,
}

/// What a modification does, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModificationKind {
    /// `ttx`: blocks sodium channels in the cells of the node set.
    Ttx {
        /// Cells concerned.
        node_set: String,
    },
    /// `configure_all_sections`: assignments to every section that has all the attributes named.
    ConfigureAllSections {
        /// Cells concerned.
        node_set: String,
        /// Assignments on `%s.attribute`.
        section_configure: String,
    },
    /// `section_list`: assignments to one section list, `apical.x = 0`.
    SectionList {
        /// Cells concerned.
        node_set: String,
        /// Assignments.
        section_configure: String,
    },
    /// `section`: assignments to one section, `apic[10].x = 0`.
    Section {
        /// Cells concerned.
        node_set: String,
        /// Assignments.
        section_configure: String,
    },
    /// `compartment_set`: assignments to the segments of a compartment set, `gbar = 1`.
    CompartmentSet {
        /// Segments concerned.
        compartment_set: String,
        /// Assignments.
        section_configure: String,
    },
}
