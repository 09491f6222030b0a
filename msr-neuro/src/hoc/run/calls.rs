//! Procedures of the template and of NEURON.

use super::methods::printed;
use super::values::Value;
use super::{Flow, Frame, Outcome, Run};
use crate::hoc::parser::parse_statements;
use crate::hoc::print::formatted;
use crate::hoc::tree::Expression;

/// What templates call that has no part in the cell; it says what it gives.
const WITHOUT_EFFECT: &[&str] =
    &["xopen", "printf", "fprint", "define_shape", "pt3dconst", "finitialize", "nrn_load_dll", "access"];

/// Strings are no longer.
const LONGEST_TEXT: usize = 1 << 20;

impl Run<'_> {
    pub(super) fn call_by_name(&mut self, name: &str, arguments: &[Expression]) -> Outcome<Value> {
        if let Some((of, procedure)) = self.procedure(self.owner(), name) {
            let arguments = self.values(arguments)?;
            return self.call(of, procedure, arguments);
        }
        let number = |number: f64| Ok(Value::Number(number));
        match (name, arguments) {
            ("numarg", []) => number(self.frame().arguments.len() as f64),
            ("int", [x]) => number(self.number(x)?.trunc()),
            ("exp", [x]) => number(self.number(x)?.exp()),
            ("log", [x]) => number(self.not_negative(name, x)?.ln()),
            ("log10", [x]) => number(self.not_negative(name, x)?.log10()),
            ("sqrt", [x]) => number(self.not_negative(name, x)?.sqrt()),
            ("abs", [x]) => number(self.number(x)?.abs()),
            ("sin", [x]) => number(self.number(x)?.sin()),
            ("cos", [x]) => number(self.number(x)?.cos()),
            ("tanh", [x]) => number(self.number(x)?.tanh()),
            ("distance", arguments) => self.distance(arguments),
            ("area", [x]) => {
                let (section, at) = (self.section()?, self.at(x)?);
                number(self.sections.list[section].area_um2(at))
            }
            ("secname", []) => {
                let section = &self.sections.list[self.section()?];
                let (name, owner) = (section.name(), section.owner);
                let template = self.instances[owner].template;
                let before = self.instances[..owner].iter().filter(|other| other.template == template).count();
                let template = &self.source.program.templates[template].name;
                Ok(Value::Text(format!("{template}[{before}].{name}").into()))
            }
            ("ismembrane", [mechanism]) => {
                let (section, mechanism) = (self.section()?, self.text(mechanism)?);
                let mut carried =
                    self.sections.list[section].carries.iter().map(|&carried| &self.sections.mechanisms[carried]);
                let has = match mechanism.strip_suffix("_ion") {
                    Some(ion) => carried.any(|carried| carried.ions().iter().any(|used| used.name == ion)),
                    None => carried.any(|carried| carried.name() == &*mechanism),
                };
                number(f64::from(u8::from(has)))
            }
            ("delete_section", []) => {
                let section = self.section()?;
                self.sections.delete(&[section]);
                number(1.0)
            }
            ("strcmp", [a, b]) => {
                let (a, b) = (self.text(a)?, self.text(b)?);
                number(f64::from(a.cmp(&b) as i8))
            }
            ("sprint", [place, format, values @ ..]) => {
                let (format, values) = (self.text(format)?, self.values(values)?);
                let text = formatted(&format, &printed(&values)?)?;
                if text.len() > LONGEST_TEXT {
                    return Err(format!("a string of {} bytes; at most {LONGEST_TEXT} are possible", text.len()));
                }
                let Expression::Refer(place) = place else {
                    return Err("sprint needs a string to write to".to_owned());
                };
                self.assign(place, Value::Text(text.into()))?;
                number(1.0)
            }
            ("sscanf", [text, format, place]) => self.scan(text, format, place),
            ("execute" | "execute1", [text, of @ ..]) => {
                let text = self.text(text)?;
                let instance = match of {
                    [] => None,
                    [object, ..] => {
                        let value = self.value(object)?;
                        match self.object(value)?.class {
                            super::Class::Instance(number) => Some(number),
                            ref class => {
                                return Err(format!("execute needs an object of a template, found {}", class.name()));
                            }
                        }
                    }
                };
                let statements = parse_statements(&text, self.place.0, self.place.1, self.depth)
                    .map_err(|message| format!("in \"{}\": {message}", text.trim()))?;
                let frame = Frame { instance, ..Frame::default() };
                self.executing += 1;
                let flow = self.enter(frame, |run| run.all(&statements));
                let flow = flow.map_err(|message| format!("in \"{}\": {message}", text.trim()))?;
                self.executing -= 1;
                debug_assert!(matches!(flow, Flow::On | Flow::Return(_) | Flow::Break | Flow::Continue));
                number(0.0)
            }
            ("load_file", arguments) => {
                let (mut again, mut file) = (false, None);
                for value in self.values(arguments)? {
                    match value {
                        Value::Number(number) => again = number != 0.0,
                        Value::Text(text) => file = Some(text),
                        other => return Err(format!("load_file needs the name of a file, found {}", other.kind())),
                    }
                }
                // Files of NEURON, which are not read, have nothing to say.
                if let Some(file) = file.and_then(|file| self.source.loaded(&file)) {
                    self.load(file, again)?;
                }
                number(1.0)
            }
            ("execerror", messages) => {
                let texts = self.values(messages)?;
                let texts =
                    texts.iter().filter_map(|value| if let Value::Text(text) = value { Some(&**text) } else { None });
                Err(texts.collect::<Vec<_>>().join(" "))
            }
            ("quit", []) => Err("the template gives up (quit)".to_owned()),
            ("pt3dclear", _) => {
                let section = self.section()?;
                self.sections.list[section].points.clear();
                number(0.0)
            }
            ("pt3dadd", [x, y, z, diameter]) => {
                let position = [self.number(x)?, self.number(y)?, self.number(z)?];
                let (section, diameter_um) = (self.section()?, self.number(diameter)?);
                if !(diameter_um > 0.0 && position.iter().all(|x| x.is_finite())) {
                    return Err(format!("a point with a diameter of {diameter_um} um"));
                }
                self.sections.list[section].add_point(position, diameter_um);
                number(0.0)
            }
            ("lambda_f", [frequency]) => {
                let (section, frequency_hz) = (self.section()?, self.number(frequency)?);
                let section = &self.sections.list[section];
                number(section.length_constant_um(frequency_hz))
            }
            _ if WITHOUT_EFFECT.contains(&name) || name.starts_with("setdata_") || name.starts_with("setRNG_") => {
                self.values(arguments)?;
                number(1.0)
            }
            _ => match (self.range(name)?, arguments) {
                (Some(range), [at]) => {
                    let (section, at) = (self.section()?, self.at(at)?);
                    number(self.get_range(section, &range, at)?)
                }
                _ => Err(format!("'{name}' with {} arguments is not supported", arguments.len())),
            },
        }
    }

    /// The argument of a function that has none of negative numbers.
    fn not_negative(&mut self, name: &str, x: &Expression) -> Outcome<f64> {
        let x = self.number(x)?;
        if x < 0.0 { Err(format!("{name} of {x}, which is negative")) } else { Ok(x) }
    }

    /// A procedure named without brackets.
    pub(super) fn call_plain(&mut self, name: &str) -> Option<Outcome<Value>> {
        let (of, procedure) = self.procedure(self.owner(), name)?;
        Some(self.call(of, procedure, Vec::new()))
    }

    fn distance(&mut self, arguments: &[Expression]) -> Outcome<Value> {
        let section = self.section()?;
        match arguments {
            [] => self.sections.measure_from(section, 0.0),
            [first, at] => {
                let (first, at) = (self.number(first)?, self.at(at)?);
                if first != 0.0 {
                    return Err("distance(0, x) and distance(x) are supported".to_owned());
                }
                self.sections.measure_from(section, at);
            }
            [at] => {
                let at = self.at(at)?;
                return self.sections.distance_um(section, at).map(Value::Number).ok_or_else(|| {
                    let name = self.sections.list[section].name();
                    format!("{name} has no distance: it is not connected to the place that distances are measured from")
                });
            }
            _ => return Err("distance(0, x) and distance(x) are supported".to_owned()),
        }
        Ok(Value::Number(0.0))
    }

    /// Reads a word or number from a string.
    fn scan(&mut self, text: &Expression, format: &Expression, place: &Expression) -> Outcome<Value> {
        let (text, format) = (self.text(text)?, self.text(format)?);
        let (Expression::Refer(place) | Expression::Address(place)) = place else {
            return Err("sscanf needs a place to write to".to_owned());
        };
        let word = text.split_whitespace().next().unwrap_or_default();
        let value = match &*format {
            "%s" => Some(Value::Text(word.into())),
            "%c" => text.bytes().next().map(|byte| Value::Number(f64::from(byte))),
            "%d" | "%f" | "%g" | "%lf" => word.parse().ok().map(Value::Number),
            _ => return Err(format!("sscanf with \"{format}\" is not supported; supported: %s %c %d %f %g %lf")),
        };
        let Some(value) = value else { return Ok(Value::Number(0.0)) };
        self.assign(place, value)?;
        Ok(Value::Number(1.0))
    }
}
