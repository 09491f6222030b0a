//! Parameters of each input module, as tables.

use crate::shape::{Case, Domain, Key, Kind, Shape};

const AMP_START: Key = Key::number("amp_start", Domain::Any).mandatory().unit("nA").about("Amplitude.");
const RISE_TIME: Key = Key::number("rise_time", Domain::Positive).mandatory().unit("ms").about("Rise time of a pulse.");
const DECAY_TIME: Key = Key::number("decay_time", Domain::Positive)
    .mandatory()
    .unit("ms")
    .about("Decay time of a pulse, more than rise_time.");
const RELATIVE_SKEW: Key = Key::number("relative_skew", Domain::Fraction)
    .or_number(0.5)
    .about("Skewness, as a fraction of the possible range.");
const MEAN: Key = Key::number("mean", Domain::Any).mandatory().unit("nA or uS").about("Mean of the signal.");
const SIGMA: Key =
    Key::number("sigma", Domain::Positive).mandatory().unit("nA or uS").about("Standard deviation of the signal.");
const MEAN_PERCENT: Key = Key::number("mean_percent", Domain::Any)
    .mandatory()
    .unit("%")
    .about("Mean, in percent of the threshold current or of the input conductance.");
const SD_PERCENT: Key = Key::number("sd_percent", Domain::Positive)
    .mandatory()
    .unit("%")
    .about("Standard deviation, in percent of the threshold current or of the input conductance.");

/// What all noises by shot or Ornstein-Uhlenbeck process have.
const SAMPLED: &[Key] = &[
    Key::number("reversal", Domain::Any).unit("mV").or_number(0.0).about("Reversal potential of a conductance."),
    Key::number("dt", Domain::Positive).unit("ms").or_number(0.25).about("Step of the samples."),
    Key::seed("random_seed").or("seeds of the run").about("Seed of this input alone."),
];

const FIELD: Shape = Shape::tolerant(
    "field",
    "One component of the electric field.",
    &[&[
        Key::number("Ex", Domain::Any).mandatory().unit("V/m").about("Amplitude along x."),
        Key::number("Ey", Domain::Any).mandatory().unit("V/m").about("Amplitude along y."),
        Key::number("Ez", Domain::Any).mandatory().unit("V/m").about("Amplitude along z."),
        Key::number("frequency", Domain::NotNegative)
            .unit("Hz")
            .or_number(0.0)
            .about("Frequency; 0 is a constant field."),
        Key::number("phase", Domain::Any).unit("rad").or_number(0.0).about("Phase at the beginning."),
    ]],
);

/// Parameters of each module.
pub(super) const MODULES: &[Case] = &[
    Case::new(
        "linear",
        "A current ramp.",
        &[&[
            AMP_START.about("Current at the beginning."),
            Key::number("amp_end", Domain::Any).unit("nA").or("amp_start").about("Current at the end."),
        ]],
    ),
    Case::new(
        "relative_linear",
        "A current ramp in percent of each cell's threshold current.",
        &[&[
            Key::number("percent_start", Domain::Any).mandatory().unit("%").about("Current at the beginning."),
            Key::number("percent_end", Domain::Any).unit("%").or("percent_start").about("Current at the end."),
        ]],
    ),
    Case::new(
        "pulse",
        "A train of rectangular current pulses.",
        &[&[
            AMP_START.about("Current of the pulses."),
            Key::number("width", Domain::NotNegative).mandatory().unit("ms").about("Length of a pulse."),
            Key::number("frequency", Domain::NotNegative).mandatory().unit("Hz").about("Frequency of the pulses."),
            Key::inert("amp_end", "No effect: pulses have one amplitude."),
        ]],
    ),
    Case::new(
        "sinusoidal",
        "A sinusoidal current.",
        &[&[
            AMP_START,
            Key::number("frequency", Domain::NotNegative).mandatory().unit("Hz").about("Frequency."),
            Key::number("dt", Domain::Positive).unit("ms").or_number(0.025).about("Step of the samples."),
        ]],
    ),
    Case::new(
        "subthreshold",
        "A constant current below each cell's threshold current.",
        &[&[Key::number("percent_less", Domain::Any).mandatory().unit("%").about("How far below threshold.")]],
    ),
    Case::new("hyperpolarizing", "The holding current of each cell.", &[]),
    Case::new(
        "noise",
        "A normally distributed current, one value every 0.5 ms.",
        &[&[
            Key::either("mean", &[Kind::Number(Domain::Any), Kind::Null])
                .unit("nA")
                .about("Mean; or give mean_percent."),
            Key::either("mean_percent", &[Kind::Number(Domain::Any), Kind::Null])
                .unit("%")
                .about("Mean in percent of each cell's threshold current; or give mean."),
            Key::number("variance", Domain::NotNegative)
                .or_number(0.0)
                .about("Variance, in the square of the mean's unit."),
        ]],
    ),
    Case::new(
        "shot_noise",
        "Bi-exponential pulses with gamma-distributed amplitudes.",
        &[
            SAMPLED,
            &[
                RISE_TIME,
                DECAY_TIME,
                Key::number("rate", Domain::NotNegative).mandatory().unit("Hz").about("Rate of the pulses."),
                Key::number("amp_mean", Domain::Any).mandatory().unit("nA or uS").about("Mean amplitude, not 0."),
                Key::number("amp_var", Domain::Positive)
                    .mandatory()
                    .unit("nA^2 or uS^2")
                    .about("Variance of the amplitude."),
            ],
        ],
    ),
    Case::new(
        "absolute_shot_noise",
        "Shot noise by the mean and standard deviation of the signal.",
        &[SAMPLED, &[RISE_TIME, DECAY_TIME, MEAN, SIGMA, RELATIVE_SKEW]],
    ),
    Case::new(
        "relative_shot_noise",
        "Shot noise in percent of each cell's threshold current or input conductance.",
        &[SAMPLED, &[RISE_TIME, DECAY_TIME, MEAN_PERCENT, SD_PERCENT, RELATIVE_SKEW]],
    ),
    Case::new("ornstein_uhlenbeck", "An Ornstein-Uhlenbeck process.", &[SAMPLED, &[TAU, MEAN, SIGMA]]),
    Case::new(
        "relative_ornstein_uhlenbeck",
        "An Ornstein-Uhlenbeck process in percent of each cell's threshold current or input conductance.",
        &[SAMPLED, &[TAU, MEAN_PERCENT, SD_PERCENT]],
    ),
    Case::new(
        "seclamp",
        "A voltage clamp.",
        &[&[
            Key::number("voltage", Domain::Any).mandatory().unit("mV").about("The voltage that is held."),
            Key::number("series_resistance", Domain::Positive).unit("MOhm").or_number(0.01).about("Series resistance."),
            Key::list("duration_levels", &Kind::Number(Domain::NotNegative))
                .unit("ms")
                .about("How long each of voltage_levels is held."),
            Key::list("voltage_levels", &Kind::Number(Domain::Any))
                .unit("mV")
                .about("Voltages that follow one another."),
        ]],
    ),
    Case::new(
        "synapse_replay",
        "Spikes of a file arrive at the synapses of the node set.",
        &[&[
            Key::path("spike_file").mandatory().about("SONATA spike file (.h5)."),
            Key::inert("source", "No effect: spikes of every population of the file are used."),
        ]],
    ),
    Case::new(
        "spatially_uniform_e_field",
        "An electric field that is the same everywhere.",
        &[&[
            Key::list("fields", &Kind::Section(&FIELD)).mandatory().about("Components, which are summed."),
            Key::number("ramp_up_time", Domain::NotNegative).unit("ms").or_number(0.0).about("Time of rising."),
            Key::number("ramp_down_time", Domain::NotNegative).unit("ms").or_number(0.0).about("Time of falling."),
        ]],
    ),
    Case::new(
        "poisson",
        "Spikes at random times.",
        &[&[
            Key::number("rate", Domain::NotNegative).mandatory().unit("Hz").about("Rate of the spikes."),
            Key::number("weight", Domain::Any).mandatory().about("Weight of each spike."),
        ]],
    ),
    Case::new(
        "replay",
        "A current from a file.",
        &[&[
            Key::path("path").mandatory().about("File with the current."),
            Key::flag("interpolate").mandatory().about("Whether to interpolate between its samples."),
        ]],
    ),
];

const TAU: Key = Key::number("tau", Domain::NotNegative).mandatory().unit("ms").about("Correlation time.");
