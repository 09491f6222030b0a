//! Membranes in NeuroML 2 (`*.cell.nml`, Cannon et al. 2014, Front. Neuroinform. 8:79), as bmtk reads them: the morphology is
//! the node's, the axon becomes a stub, and everything belongs to a group of sections.

use msr_config::simulation::BmtkCells;
use roxmltree::{Document, Node};

use super::allen::SECTIONS;
use super::{AxonStub, DescriptionError, Findings, Writer};
use crate::hoc::HocTemplate;

/// Units by what they measure, and how many of those that mechanisms have they are.
type Units = &'static [(&'static str, f64)];
const CONDUCTANCE_DENSITY: Units = &[("S_per_cm2", 1.0), ("mS_per_cm2", 1e-3), ("S_per_m2", 1e-4)];
const POTENTIAL: Units = &[("mV", 1.0), ("V", 1e3)];
const CAPACITANCE: Units = &[("uF_per_cm2", 1.0), ("F_per_m2", 1e2)];
const RESISTIVITY: Units = &[("ohm_cm", 1.0), ("kohm_cm", 1e3), ("ohm_m", 1e2)];
const TIME: Units = &[("ms", 1.0), ("s", 1e3)];
const CONCENTRATION: Units = &[("mM", 1.0), ("M", 1e3), ("mol_per_m3", 1.0), ("mol_per_cm3", 1e6)];
const LENGTH: Units = &[("um", 1.0), ("cm", 1e4), ("m", 1e6)];
const NUMBER: Units = &[("", 1.0)];

/// Elements that hold properties, where everything must be understood.
const HOLDERS: [&str; 4] =
    ["membraneProperties", "intracellularProperties", "membraneProperties2CaPools", "intracellularProperties2CaPools"];
/// Elements in them that say what the simulation and the mechanisms say.
const NEEDLESS: [&str; 5] = ["spikeThresh", "initMembPotential", "species", "notes", "annotation"];
/// Elements that are understood.
const KNOWN: &str = "channelDensity, channelDensityNernst, specificCapacitance, resistivity, concentrationModel (and without effect: \
     spikeThresh, initMembPotential, species)";
/// Other names of lists, besides `all` and those of [`SECTIONS`].
const SYNONYMS: [(&str, &str); 2] = [("dendritic", "basal"), ("all", "all")];

impl HocTemplate {
    /// A template of a NeuroML file.
    ///
    /// # Errors
    /// [`DescriptionError`] with everything that is wrong.
    pub fn from_neuroml(text: &str, file: &str, cells: &BmtkCells) -> Result<Self, DescriptionError> {
        let document =
            Document::parse(text).map_err(|source| DescriptionError::Xml { file: file.to_owned(), source })?;
        let mut findings = Findings::new(file);
        let mut out = Writer::new();
        AxonStub::Perisomatic.write(&mut out, cells);
        // What an element inserts it gives its parameters at once, so that all of it is in one procedure.
        out.line("proc insert_all() {}");
        out.open("set_all");
        let before = out.length();
        for node in document.descendants().filter(Node::is_element) {
            let element = Element { node, name: node.tag_name().name() };
            if element.name == "concentrationModel" || element.is_held() {
                element.write(&mut out, &mut findings);
            }
        }
        if out.length() == before {
            findings.add("membraneProperties", "is absent or empty");
        }
        out.close();
        findings.end()?;
        Ok(out.template(file)?.of_bmtk(cells))
    }
}

/// An element of the file.
struct Element<'a> {
    node: Node<'a, 'a>,
    name: &'a str,
}

impl Element<'_> {
    /// Whether it is a property of the cell.
    fn is_held(&self) -> bool {
        self.node.parent_element().is_some_and(|parent| HOLDERS.contains(&parent.tag_name().name()))
    }

    /// How messages call it.
    fn key(&self) -> String {
        let named = self.node.attribute("id").map(str::to_owned);
        let of_group = || self.node.attribute("segmentGroup").map(|group| format!("of {group}"));
        named.or_else(of_group).map_or_else(|| self.name.to_owned(), |which| format!("{} {which}", self.name))
    }

    fn write(&self, out: &mut Writer, findings: &mut Findings) {
        match self.name {
            "channelDensity" | "channelDensityNernst" => self.channel(out, findings),
            "specificCapacitance" => self.property("cm", CAPACITANCE, out, findings),
            "resistivity" => self.property("Ra", RESISTIVITY, out, findings),
            "concentrationModel" => self.concentration(out, findings),
            needless if NEEDLESS.contains(&needless) => {}
            _ => findings.add(&self.key(), &format!("is not supported; supported: {KNOWN}")),
        }
    }

    fn channel(&self, out: &mut Writer, findings: &mut Findings) {
        let list = self.list(findings);
        let (mechanism, ion) = (self.name_in("ionChannel", findings), self.text("ion", findings));
        let density = self.value("condDensity", CONDUCTANCE_DENSITY, findings);
        if self.node.children().any(|child| child.is_element()) {
            findings.add(
                &self.key(),
                "contains further elements, which are not supported: it must be uniform in its segmentGroup",
            );
        }
        let reversal = match (mechanism, ion) {
            ("pas", _) => Some("e_pas"),
            (_, "na") => Some("ena"),
            (_, "k") => Some("ek"),
            // Nernst's potential, or what the mechanism says.
            _ => None,
        };
        if self.name == "channelDensityNernst" && reversal.is_some() {
            findings.add(&self.key(), "is not supported for na and k; supported: channelDensity with erev");
            return;
        }
        let parameter = if mechanism == "pas" { "g_pas" } else { self.name_in("id", findings) };
        if !parameter.ends_with(&format!("_{mechanism}")) {
            let message = format!("the id must be the name of a parameter of the mechanism, such as gbar_{mechanism}");
            findings.add(&self.key(), &message);
        }
        out.line(&format!("forsec {list} {{"));
        out.line(&format!("insert {mechanism}"));
        out.line(&format!("{parameter} = {density}"));
        if let Some(reversal) = reversal {
            out.line(&format!("{reversal} = {}", self.value("erev", POTENTIAL, findings)));
        }
        out.line("}");
    }

    fn property(&self, name: &str, units: Units, out: &mut Writer, findings: &mut Findings) {
        let (list, value) = (self.list(findings), self.value("value", units, findings));
        out.line(&format!("forsec {list} {{ {name} = {value} }}"));
    }

    fn concentration(&self, out: &mut Writer, findings: &mut Findings) {
        const OPTIONAL: [(&str, Units); 2] = [("minCai", CONCENTRATION), ("depth", LENGTH)];
        let (list, mechanism) = (self.list(findings), self.name_in("type", findings));
        out.line(&format!("forsec {list} {{"));
        out.line(&format!("insert {mechanism}"));
        let given = OPTIONAL.into_iter().filter(|(name, _)| self.node.has_attribute(*name));
        for (name, units) in [("gamma", NUMBER), ("decay", TIME)].into_iter().chain(given) {
            out.line(&format!("{name}_{mechanism} = {}", self.value(name, units, findings)));
        }
        out.line("}");
    }

    /// The list of its sections.
    fn list(&self, findings: &mut Findings) -> &'static str {
        let group = self.text("segmentGroup", findings).to_lowercase();
        let known = SECTIONS.iter().find(|(name, list)| group == *name || group == *list).map(|(_, list)| *list);
        let known = known.or_else(|| SYNONYMS.iter().find(|(name, _)| group == *name).map(|(_, list)| *list));
        if known.is_none() && !group.is_empty() {
            let message = format!("segmentGroup '{group}' must be one of: all, soma, axon, dend, apic");
            findings.add(&self.key(), &message);
        }
        known.unwrap_or("all")
    }

    /// An attribute that must be there.
    fn text(&self, attribute: &str, findings: &mut Findings) -> &str {
        let text = self.node.attribute(attribute).unwrap_or_default();
        if text.is_empty() {
            findings.add(&self.key(), &format!("needs the attribute {attribute}"));
        }
        text
    }

    /// The name of a mechanism or parameter.
    fn name_in(&self, attribute: &str, findings: &mut Findings) -> &str {
        let text = self.text(attribute, findings);
        if !text.is_empty() {
            findings.name(&self.key(), text);
        }
        text
    }

    /// A number with its unit, in the unit that mechanisms have.
    fn value(&self, attribute: &str, units: Units, findings: &mut Findings) -> String {
        let text = self.text(attribute, findings);
        let ends = (1..=text.len()).rev();
        let number = |end: usize| Some((text.get(..end)?.trim().parse::<f64>().ok()?, end));
        let Some((number, end)) = ends.filter_map(number).find(|(number, _)| number.is_finite()) else {
            if !text.is_empty() {
                findings.add(&self.key(), &format!("{attribute} '{text}' is no number"));
            }
            return "0".to_owned();
        };
        let unit = text[end..].trim();
        match units.iter().find(|(known, _)| *known == unit) {
            Some((_, factor)) => format!("{:?}", number * factor),
            None => {
                let known = units.iter().map(|(known, _)| if known.is_empty() { "none" } else { known });
                let known = known.collect::<Vec<_>>().join(", ");
                findings.add(&self.key(), &format!("{attribute} '{text}' must be in one of: {known}"));
                "0".to_owned()
            }
        }
    }
}
