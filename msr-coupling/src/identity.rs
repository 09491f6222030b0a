//! What a state belongs to: two runs of one identity go through the same states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use msr_config::multiscale::WindowOperator;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::plan::Plan;
use crate::query::Query;
use crate::simulator::Simulator;
use crate::space::Space;

/// Bytes of a file that are read at a time.
const BLOCK_BYTES: usize = 1 << 16;

/// Facts by name. A fact is short enough to be shown to a user: what is long is there as its digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity(BTreeMap<String, String>);

/// A fact that two identities do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What was saved, if anything.
    pub saved: Option<String>,
    /// What is now, if anything.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.saved, &self.now) {
            (Some(saved), Some(now)) => write!(f, "{}: {saved} when it was saved, now {now}", self.name),
            (Some(saved), None) => write!(f, "{}: {saved} when it was saved, not there now", self.name),
            (None, now) => {
                write!(f, "{}: not there when it was saved, now {}", self.name, now.as_deref().unwrap_or_default())
            }
        }
    }
}

impl Identity {
    /// Adds a fact, or replaces the one of this name.
    pub fn insert(&mut self, name: impl Into<String>, fact: impl Into<String>) {
        self.0.insert(name.into(), fact.into());
    }

    /// The facts of both.
    #[must_use]
    pub fn merged_with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds the content of a file as a fact.
    ///
    /// # Errors
    /// Of the system, where it cannot be read.
    pub fn insert_file(&mut self, name: impl Into<String>, path: &Path) -> io::Result<()> {
        let (bytes, digest) = content(path)?;
        self.insert(name, format!("{bytes} bytes ({digest})"));
        Ok(())
    }

    /// Adds the contents of many files as one fact. Files have their place by their names; they are read in parallel.
    ///
    /// # Errors
    /// The first file that cannot be read, and why.
    pub fn insert_files(
        &mut self,
        name: impl Into<String>,
        paths: &BTreeSet<PathBuf>,
    ) -> Result<(), (PathBuf, io::Error)> {
        let read = |path: &PathBuf| content(path).map_err(|source| (path.clone(), source));
        let contents = paths.par_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (mut digest, mut bytes) = (Digest::default(), 0);
        for (path, (of_file, content)) in paths.iter().zip(contents) {
            digest.text(&path.file_name().unwrap_or_default().to_string_lossy());
            digest.integer(content.short());
            bytes += of_file;
        }
        self.insert(name, format!("{} files, {bytes} bytes ({digest})", paths.len()));
        Ok(())
    }

    /// What is not the same `now`, by name.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let names: BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        names
            .into_iter()
            .map(|name| Difference {
                name: name.clone(),
                saved: self.0.get(name).cloned(),
                now: now.0.get(name).cloned(),
            })
            .filter(|difference| difference.saved != difference.now)
            .collect()
    }

    /// Everything in a plan that the states of its run depend on: base step, simulators with their variables, spaces,
    /// mappings, connections.
    pub(crate) fn of_plan(plan: &Plan, dt_ms: f64) -> Self {
        let mut identity = Self::default();
        identity.insert("base step", format!("{dt_ms} ms"));
        let names: Vec<&str> = plan.simulators.iter().map(|simulator| simulator.name()).collect();
        identity.insert("order of the simulators", names.join(", "));
        for simulator in &plan.simulators {
            identity.add_simulator(&**simulator);
        }
        for space in plan.spaces.spaces() {
            identity.insert(format!("space {}", space.name), described(space));
        }
        for mapping in plan.spaces.mappings() {
            let fractions = &mapping.fractions;
            let mut digest = Digest::default();
            for (&fraction, (row, column)) in fractions {
                digest.integer(row as u64);
                digest.integer(column as u64);
                digest.number(fraction);
            }
            let fact = format!("{} entries ({digest})", fractions.nnz());
            identity.insert(format!("mapping {} -> {}", mapping.from, mapping.to), fact);
        }
        for (position, exchange) in plan.exchanges.iter().enumerate() {
            let connection = &exchange.connection;
            let call = |call: &msr_config::multiscale::Call| {
                Query { function: call.function.clone(), args: call.kwargs.clone() }.to_string()
            };
            let mut fact = format!(
                "{} {} {} to {} {} every {} base steps",
                connection.action,
                connection.src_simulator,
                call(&connection.src_get),
                connection.dest_simulator,
                call(&connection.dest_set),
                exchange.ndts
            );
            if connection.window != WindowOperator::Last {
                fact += &format!(", {} since the last exchange", connection.window);
            }
            if let Some(transform) = &connection.transform_expression {
                let unit = connection.transform_unit.as_ref().map(|unit| format!(" in {unit}")).unwrap_or_default();
                fact += &format!(", transformed by {transform}{unit}");
                // What `config` gives is a number by now.
                if transform.contains("config") {
                    let numbers: Vec<String> = exchange.numbers().iter().map(ToString::to_string).collect();
                    fact += &format!(" with the numbers {}", numbers.join(", "));
                }
            }
            for (role, other) in [("read back by", &connection.dest_get), ("written back by", &connection.src_set)] {
                if let Some(other) = other {
                    fact += &format!(", {role} {}", call(other));
                }
            }
            identity.insert(format!("connection {position}"), fact);
        }
        for (position, group) in plan.groups.iter().enumerate() {
            let settings = &group.settings;
            let fact = format!(
                "{} to {:e} in at most {} repetitions from relaxation {}",
                settings.simulators.join(", "),
                settings.tolerance,
                settings.max_iterations,
                settings.relaxation
            );
            identity.insert(format!("iteration {position}"), fact);
        }
        identity.insert("write_back", format!("{:?}", plan.surroundings.write_back).to_lowercase());
        identity
    }

    fn add_simulator(&mut self, simulator: &dyn Simulator) {
        let name = simulator.name();
        self.insert(format!("step of {name}"), format!("{} base steps", simulator.ndts()));
        for variable in simulator.variables() {
            let quantity = format!("{:?}", variable.quantity).to_lowercase();
            let fact = format!("{quantity}, in '{}', on {}", variable.unit, variable.space);
            self.insert(format!("variable {} of {name}", variable.name), fact);
        }
        simulator.identify(self);
    }
}

/// Number of bytes of a file, and their digest.
fn content(path: &Path) -> io::Result<(u64, Digest)> {
    let mut file = File::open(path)?;
    let mut digest = Digest::default();
    let mut block = vec![0; BLOCK_BYTES];
    let mut bytes = 0;
    loop {
        match file.read(&mut block)? {
            0 => return Ok((bytes, digest)),
            count => {
                digest.bytes(&block[..count]);
                bytes += count as u64;
            }
        }
    }
}

fn described(space: &Space) -> String {
    let mut digest = Digest::default();
    digest.space(space);
    format!("{} elements ({digest})", space.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(facts: &[(&str, &str)]) -> Identity {
        let mut identity = Identity::default();
        for (name, fact) in facts {
            identity.insert(*name, *fact);
        }
        identity
    }

    #[test]
    fn many_files_are_one_fact_of_their_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "one").unwrap();
        std::fs::write(path("b"), "three").unwrap();
        let fact = |names: &[&str]| {
            let mut identity = Identity::default();
            identity.insert_files("files", &names.iter().map(|name| path(name)).collect()).map(|()| identity)
        };
        let before = fact(&["b", "a"]).unwrap();
        assert!(before.0["files"].starts_with("2 files, 8 bytes ("), "{before:?}");
        assert_eq!(before, fact(&["a", "b"]).unwrap());
        assert_ne!(before, fact(&["a"]).unwrap());
        // The same contents under other names are other files.
        std::fs::write(path("a"), "three").unwrap();
        std::fs::write(path("b"), "one").unwrap();
        assert_ne!(before, fact(&["a", "b"]).unwrap());
        let (absent, _) = fact(&["a", "c"]).unwrap_err();
        assert_eq!(absent, path("c"));
    }

    #[test]
    fn differences_are_told_both_ways() {
        let saved = identity(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let now = identity(&[("a", "1"), ("b", "4"), ("d", "5")]);
        let told: Vec<String> = saved.differences(&now).iter().map(ToString::to_string).collect();
        let expected = [
            "b: 2 when it was saved, now 4",
            "c: 3 when it was saved, not there now",
            "d: not there when it was saved, now 5",
        ];
        assert_eq!(told, expected);
        assert!(saved.differences(&saved).is_empty());
    }

    #[test]
    fn files_are_told_by_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        let content = vec![7; BLOCK_BYTES + 1];
        std::fs::write(&one, &content).unwrap();
        std::fs::write(&other, &content).unwrap();
        let of = |path: &Path| {
            let mut identity = Identity::default();
            identity.insert_file("nodes", path).unwrap();
            identity
        };
        assert_eq!(of(&one), of(&other));
        std::fs::write(&other, &content[1..]).unwrap();
        let told = of(&one).differences(&of(&other))[0].to_string();
        assert!(told.starts_with("nodes: 65537 bytes (") && told.contains("now 65536 bytes ("), "{told}");
        assert!(Identity::default().insert_file("nodes", &folder.path().join("none")).is_err());
    }
}
