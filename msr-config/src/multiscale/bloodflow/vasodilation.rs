//! `vasodilation`: vessels under endfeet that dilate on their own. What is not given is the simulator's standard.

use crate::section::Section;
use crate::shape::{Domain, Key, Shape, Word};

/// `vasodilation` (ours): spontaneous dilation of the vessels under endfeet.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Vasodilation {
    /// `capillary_radius`: vessels up to this radius at rest are capillaries, um.
    pub capillary_radius_um: Option<f64>,
    /// `floor`: what happens to a vessel that would get narrower than at rest.
    pub floor: DilationFloor,
    /// `capillaries`.
    pub capillaries: DilationOfClass,
    /// `arteries`: all wider vessels.
    pub arteries: DilationOfClass,
}

/// How far and how fast vessels of one class dilate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DilationOfClass {
    /// `max_relative_radius`: largest radius, relative to rest.
    pub max_relative_radius: Option<f64>,
    /// `time_to_max`: mean time from rest to that radius, s.
    pub time_to_max_s: Option<f64>,
    /// `spread`: largest dilation in standard deviations.
    pub spread: Option<f64>,
}

/// What happens to a vessel that would get narrower than at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DilationFloor {
    /// It is as much wider.
    #[default]
    Reflect,
    /// It stays at rest, as AstroVascPy has it.
    Clamp,
}

impl Word for DilationFloor {
    const WORDS: &'static [(&'static str, Self)] = &[("reflect", Self::Reflect), ("clamp", Self::Clamp)];
}

pub(super) static VASODILATION: Shape = Shape::strict(
    "vasodilation",
    "Spontaneous dilation of the vessels under endfeet; without it they keep the radii that are set.",
    &[&[
        Key::number("capillary_radius", Domain::NotNegative)
            .unit("um")
            .or("3")
            .about("Vessels up to this radius at rest are capillaries."),
        Key::word::<DilationFloor>("floor")
            .or_text("reflect")
            .about("What would get narrower than at rest is as much wider, or (clamp, as AstroVascPy has it) at rest."),
        Key::section("capillaries", &CAPILLARIES),
        Key::section("arteries", &ARTERIES),
    ]],
);

static CAPILLARIES: Shape = Shape::strict(
    "dilation_of_capillaries",
    "How far and how fast capillaries dilate.",
    &[&[
        Key::number("max_relative_radius", Domain::Positive)
            .or("1.38")
            .about("Largest radius relative to rest, above 1."),
        Key::number("time_to_max", Domain::Positive)
            .unit("s")
            .or("2.7")
            .about("Mean time from rest to the largest radius."),
        Key::number("spread", Domain::Positive)
            .or("2.8")
            .about("Largest dilation in standard deviations of the process without floor."),
    ]],
);

static ARTERIES: Shape = Shape::strict(
    "dilation_of_arteries",
    "How far and how fast wider vessels dilate.",
    &[&[
        Key::number("max_relative_radius", Domain::Positive)
            .or("1.23")
            .about("Largest radius relative to rest, above 1."),
        Key::number("time_to_max", Domain::Positive)
            .unit("s")
            .or("3.3")
            .about("Mean time from rest to the largest radius."),
        Key::number("spread", Domain::Positive)
            .or("2.8")
            .about("Largest dilation in standard deviations of the process without floor."),
    ]],
);

impl Vasodilation {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let class = |name| section.object(name).as_ref().map(DilationOfClass::read).unwrap_or_default();
        let vasodilation = Self {
            capillary_radius_um: section.number("capillary_radius"),
            floor: section.word_or_standard("floor"),
            capillaries: class("capillaries"),
            arteries: class("arteries"),
        };
        section.finish();
        vasodilation
    }
}

impl DilationOfClass {
    fn read(section: &Section<'_>) -> Self {
        let class = Self {
            max_relative_radius: section.number("max_relative_radius"),
            time_to_max_s: section.number("time_to_max"),
            spread: section.number("spread"),
        };
        if class.max_relative_radius.is_some_and(|largest| largest <= 1.0) {
            section
                .problem("max_relative_radius", "must be greater than 1: vessels dilate beyond their radius at rest");
        }
        section.finish();
        class
    }
}
