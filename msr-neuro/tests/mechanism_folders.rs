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

/// What is said of the mechanism of this name where it is asked for, after a folder was taken in; the notes about the folder say the same.
fn refused(files: &[(&str, &str)], name: &str) -> String {
    let folder = folder(files);
    let mut registry = Registry::default();
    let notes = registry.register_folder(folder.path(), &Options::default()).unwrap();
    let told = registry.build(name, 34.0).err().expect("it cannot be used").to_string();
    assert_eq!(registry.build_point(name, 34.0).err().expect("it cannot be used").to_string(), told);
    assert_eq!(registry.build_artificial(name, 34.0).err().expect("it cannot be used").to_string(), told);
    let reason = told.strip_prefix(&format!("mechanism '{name}' cannot be used:\n")).unwrap();
    let note = format!("'{name}' is left out, and nothing can use it: {reason}");
    assert!(notes.contains(&note), "{notes:?}\n{note}");
    assert!(notes.iter().all(|note| !note.contains(" adds ") && !note.contains(" replaces ")), "{notes:?}");
    told
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
fn mistakes_are_told_with_their_places_where_a_mechanism_is_used() {
    let message = refused(&[("a.mod", &LEAK.replace("v - e", "v - ee"))], "pas");
    assert!(message.contains("a.mod:4:25: error: 'ee' is not declared"), "{message}");
    let message = refused(&[("b.mod", "NEURON { SUFFIX b }\nSTATE { x\n")], "b");
    assert!(message.contains("b.mod:"), "{message}");
}

/// What a cell does not use does not matter to it.
#[test]
fn files_that_cannot_be_used_leave_others_alone() {
    let folder = folder(&[("a.mod", &LEAK.replace("v - e", "v - ee")), ("b.mod", "NEURON {"), ("clock.mod", CLOCK)]);
    let mut registry = Registry::default();
    let notes = registry.register_folder(folder.path(), &Options::default()).unwrap();
    let path = folder.path().display().to_string();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[1].starts_with(&format!("{path}/b.mod is left out: ")), "{notes:?}");
    assert_eq!(notes[2], format!("{path} adds Clock"));
    assert!(!registry.names().contains(&"pas".to_owned()));
    registry.build("hh", 34.0).unwrap();
    registry.build_artificial("Clock", 34.0).unwrap();
}

#[test]
fn a_name_belongs_to_one_file() {
    let message = refused(&[("a.mod", LEAK), ("b.mod", LEAK)], "pas");
    assert!(message.contains("a.mod and ") && message.contains("b.mod are both called 'pas'"), "{message}");
    let message = refused(&[("pump.mod", &LEAK.replace("SUFFIX pas", "SUFFIX NaKPump"))], "NaKPump");
    assert!(message.contains("pump.mod: 'NaKPump' is written in the program"), "{message}");
    // What would silently leave the bundled one in place is no note.
    let message = refused(&[("syn.mod", &CLOCK.replace("Clock", "ExpSyn"))], "ExpSyn");
    assert!(message.contains("syn.mod: 'ExpSyn' is an artificial cell"), "{message}");
}
