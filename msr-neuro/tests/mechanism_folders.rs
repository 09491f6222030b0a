//! Folders of mechanism files that users keep.

use std::fs;

use crate::cells::{builder, cylinder};
use msr_neuro::cable::CableParameters;
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::SectionKind::*;
use msr_neuro::nmodl::Options;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What is wrong with a folder.
fn refused(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    Registry::default().register_folder(folder.path(), &Options::default()).unwrap_err().to_string()
}

const LEAK: &str = "NEURON { SUFFIX pas NONSPECIFIC_CURRENT i RANGE g, e }\nPARAMETER { g = 1e-3 e = -60 }\n\
                    ASSIGNED { v i }\nBREAKPOINT { i = g*(v - e) }\n";
const CLOCK: &str = "NEURON { ARTIFICIAL_CELL Clock }\nINITIAL { net_send(1, 1) }\nNET_RECEIVE(w) { net_event(t) }\n";

#[test]
fn files_replace_bundled_mechanisms_and_add_others() {
    let other = LEAK.replace("SUFFIX pas", "SUFFIX other").replace("-60", "-50");
    // No Unicode, as in many an old file.
    let folder =
        folder(&[("leak.mod", LEAK), ("other.mod", &other), ("clock.mod", CLOCK), ("notes.txt", "no mechanism")]);
    let mut bytes = b": \xb5m\n".to_vec();
    bytes.extend_from_slice(LEAK.as_bytes());
    fs::write(folder.path().join("leak.mod"), bytes).unwrap();
    let mut registry = Registry::default();
    let before = registry.names().len();
    let notes = registry.register_folder(folder.path(), &Options::default()).unwrap();
    assert_eq!(registry.names().len(), before + 1);
    let path = folder.path().display().to_string();
    assert_eq!(notes, [format!("{path} replaces pas"), format!("{path} adds Clock, other")]);
    assert!(registry.artificial_names().contains(&"Clock".to_owned()));
    for (mechanisms, rest_mv) in [(&["pas"][..], -60.0), (&["pas", "other"], -55.0)] {
        let sections = vec![cylinder(Soma, None, 0.0, 15.0, 15.0)];
        let mut builder = builder(&registry, sections, 40.0, CableParameters::default());
        for mechanism in mechanisms {
            builder.insert(mechanism, [0]).unwrap();
        }
        let mut cell = builder.build().unwrap();
        cell.advance(4000, &mut Vec::new());
        assert!((cell.voltage_mv(0) - rest_mv).abs() < 1e-6, "{mechanisms:?}: {}", cell.voltage_mv(0));
    }
}

#[test]
fn the_bundled_files_replace_themselves() {
    let folder = folder(BUNDLED);
    let notes = Registry::default().register_folder(folder.path(), &Options::default()).unwrap();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("NaTg") && notes[0].contains("Exp2Syn"), "{notes:?}");
}

#[test]
fn mistakes_of_all_files_are_told_with_their_places() {
    let message =
        refused(&[("a.mod", &LEAK.replace("v - e", "v - ee")), ("b.mod", "NEURON { SUFFIX b }\nSTATE { x\n")]);
    assert!(message.contains("a.mod:4:25: error: 'ee' is not declared"), "{message}");
    assert!(message.contains("b.mod:"), "{message}");
}

#[test]
fn a_name_belongs_to_one_file() {
    let message = refused(&[("a.mod", LEAK), ("b.mod", LEAK)]);
    assert!(message.contains("a.mod and ") && message.contains("b.mod are both called 'pas'"), "{message}");
    let message = refused(&[("pump.mod", &LEAK.replace("SUFFIX pas", "SUFFIX NaKPump"))]);
    assert!(message.contains("pump.mod: 'NaKPump' is written in the program"), "{message}");
    // What would silently leave the bundled one in place is no note.
    let message = refused(&[("syn.mod", &CLOCK.replace("Clock", "ExpSyn"))]);
    assert!(message.contains("syn.mod: 'ExpSyn' is an artificial cell"), "{message}");
}
