//! Runs that are stopped and continued: all datasets are those of a run that was never stopped.

mod demo;
mod kills;
mod no_room;

use std::fs;
use std::path::Path;

use demo::{Demo, END_MS, HALF_MS, assert_same_results, msr, succeeds, told};

fn spike_count(demo: &Demo) -> usize {
    let file = hdf5::File::open(demo.results().join("out.h5")).unwrap();
    file.dataset("spikes/neocortex_neurons/timestamps").unwrap().size()
}

/// What the metabolism has for the neurons' sodium, mM, where runs are cut.
fn sodium_mm_at_half(demo: &Demo) -> Vec<f64> {
    let file = hdf5::File::open(demo.results().join("metab_nai.h5")).unwrap();
    let report = file.group("report/neocortex_neurons").unwrap();
    let [start_ms, _, every_ms] = report.dataset("mapping/time").unwrap().read_raw::<f64>().unwrap()[..] else {
        panic!("start, end and step of a report");
    };
    let row = ((HALF_MS as f64 - start_ms) / every_ms).round() as usize;
    report.dataset("data").unwrap().read_2d::<f64>().unwrap().row(row).to_vec()
}

#[test]
fn two_halves_give_the_bytes_of_a_whole_run() {
    let wholes = ["deterministic", "stochastic"].map(|solver| {
        let build = || Demo::with(&[("/multiscale_run/steps/solver", solver.into())]);
        let whole = build().computed();
        assert!(spike_count(&whole) > 10);
        // Another number of threads after the checkpoint than before it.
        let parts = build().computed_with_checkpoint("1");
        assert_same_results(&whole, &parts);
        succeeds(&["--threads", "2", "resume", parts.text()]);
        assert_same_results(&whole, &parts);
        succeeds(&["compare", whole.text(), parts.text()]);
        whole
    });
    let compared = msr(&["compare", wholes[0].text(), &wholes[1].results().display().to_string()]);
    assert_eq!(compared.status.code(), Some(1));
    let differences = String::from_utf8_lossy(&compared.stdout);
    assert!(differences.contains(" values differ; most apart are "), "{differences}");
    assert!(told(&compared).ends_with(" data sets, attributes or files differ\n"), "{}", told(&compared));
}

#[test]
fn neurons_excluded_before_the_checkpoint_stay_out() {
    // Between the second and the third neuron where the checkpoint will be: those two leave there, the third later.
    let mut sodium_mm = sodium_mm_at_half(&Demo::with(&[]).computed());
    sodium_mm.sort_by(|left, right| right.total_cmp(left));
    let bound_mm = f64::midpoint(sodium_mm[1], sodium_mm[2]);
    let check = serde_json::json!({"kwargs": {"lb": 5, "hb": bound_mm}, "response": "exclude_neuron"});
    let build = || Demo::with(&[("/multiscale_run/metabolism/checks/vm/Na_n", check.clone())]);
    let whole = build().computed();
    let parts = build().computed_with_checkpoint("2");
    let output = succeeds(&["--threads", "1", "resume", parts.text()]);
    let summary = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(summary.contains("40 of 40 ms, from 20 ms"), "{summary}");
    let excluded: Vec<&str> = summary.lines().filter(|line| line.contains("excluded at")).collect();
    let (before, after) = excluded.split_at_checked(2).expect("three neurons pass the bound");
    assert!(
        before.iter().all(|line| line.contains("excluded at 20 ms")),
        "before the checkpoint is written: {before:?}"
    );
    assert!(after.iter().any(|line| line.contains("excluded at 30 ms")), "after it: {after:?}");
    assert_same_results(&whole, &parts);
}

#[test]
fn neurons_and_metabolism_iterate_and_are_continued() {
    // Instead of a pool that both change, ATP is that of metabolism: it drives the pump, and the pump's current drives it.
    let set = serde_json::json!({
        "src_simulator": "metabolism", "src_get_func": "get_vm_idx", "src_get_kwargs": {"idx": "ATP_n"},
        "dest_simulator": "neurodamus", "dest_set_func": "set_var", "dest_set_kwargs": {"var": "atpi"}, "action": "set"
    });
    let build = || {
        let demo = Demo::with(&[]);
        let mut connections = demo.document()["multiscale_run"]["connections"].as_array().unwrap().clone();
        connections[2] = set.clone();
        // ADP is written back into the neurons, and extracellular potassium is that of the mesh.
        connections.remove(5);
        connections.remove(3);
        let iteration = serde_json::json!([{"simulators": ["metabolism", "neurodamus"], "tolerance": 1e-9}]);
        demo.edit(&[("/multiscale_run/connections", connections.into()), ("/multiscale_run/iterations", iteration)]);
        demo
    };
    let whole = build();
    let summary = String::from_utf8_lossy(&succeeds(&["compute", whole.text()]).stdout).into_owned();
    let iterated = summary.lines().find(|line| line.contains("iterated")).expect("repetitions are counted");
    assert!(iterated.contains("metabolism, neurodamus: ") && iterated.contains(" repetitions a window"), "{iterated}");
    let parts = build().computed_with_checkpoint("1");
    let summary = String::from_utf8_lossy(&succeeds(&["resume", parts.text()]).stdout).into_owned();
    assert!(summary.contains(iterated), "{summary}");
    assert_same_results(&whole, &parts);
}

#[cfg(unix)]
#[test]
fn signals_leave_a_checkpoint_and_say_what_to_type() {
    let whole = Demo::with(&[]).computed();
    for (signal, name, code) in [("-INT", "Ctrl-C", 130), ("-TERM", "SIGTERM", 143)] {
        let stopped = Demo::with(&[]);
        let mut process = stopped.starts(&["--checkpoint-every", "5"]);
        stopped.wait_for_checkpoint(&mut process);
        let kill = std::process::Command::new("kill").args([signal, &process.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let message = told(&output);
        assert!(message.starts_with(&format!("stopped by {name} at ")), "{message}");
        let command = format!("ms; to continue, type\n  msr-cli resume {}\n", stopped.text());
        assert!(message.ends_with(&command), "{message}");
        succeeds(&["resume", stopped.text()]);
        assert_same_results(&whole, &stopped);
    }
}

#[test]
fn a_run_with_a_time_limit_is_continued_in_parts() {
    let whole = Demo::with(&[]).computed();
    let parts = Demo::with(&[]);
    // Long enough for a window, too short for the run.
    let mut output = msr(&["compute", parts.text(), "--stop-after", "50ms", "--checkpoint-every-wall", "1ms"]);
    let mut stops = 0;
    while output.status.code() == Some(5) {
        stops += 1;
        assert!(told(&output).starts_with("stopped by --stop-after at "), "{}", told(&output));
        assert!(stops < 100, "each part must simulate something");
        output = msr(&["resume", parts.text(), "--stop-after", "50ms"]);
    }
    assert!(output.status.success() && stops > 0, "{stops} stops, {}", told(&output));
    assert_same_results(&whole, &parts);
    let refused = msr(&["resume", parts.text(), "--stop-after", "soon"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("write it as 90s, 55m, 2h"), "{}", told(&refused));
}

/// The script of a batch job, with a queue that starts the next job at once.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_told_where_the_time_is_up_too() {
    let demo = Demo::with(&[]);
    fs::create_dir_all(demo.results()).unwrap();
    fs::write(demo.results().join("vtk"), "in its place").unwrap();
    let output = msr(&["compute", demo.text(), "--force", "--vtk", "--stop-after", "1ms"]);
    assert_eq!(output.status.code(), Some(5), "{}", told(&output));
    assert!(told(&output).contains(&demo.results().join("vtk").display().to_string()), "{}", told(&output));
}

#[test]
fn a_chain_of_batch_jobs_gets_to_the_end() {
    use std::os::unix::fs::PermissionsExt;

    let whole = Demo::with(&[]).computed();
    let parts = Demo::with(&[]);
    let script = parts.path.join("simulation.sbatch");
    let text = fs::read_to_string(&script).unwrap();
    assert!(text.contains("stop_after=\"55m\""));
    fs::write(&script, text.replace("stop_after=\"55m\"", "stop_after=\"50ms\"")).unwrap();
    let commands = parts.path.join("commands");
    fs::create_dir(&commands).unwrap();
    std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin("msr-cli"), commands.join("msr-cli")).unwrap();
    let queue = commands.join("sbatch");
    fs::write(&queue, "#!/bin/sh\necho again >>jobs.txt\nexec bash \"$1\"\n").unwrap();
    fs::set_permissions(&queue, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", commands.display(), std::env::var("PATH").unwrap());
    let output = std::process::Command::new("bash")
        .arg("simulation.sbatch")
        .current_dir(&parts.path)
        .env("PATH", path)
        .env_remove("SLURM_SUBMIT_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(fs::read_to_string(parts.path.join("jobs.txt")).unwrap().lines().count() > 0, "there is more than one job");
    assert_same_results(&whole, &parts);
}

#[test]
fn a_run_that_has_ended_goes_on_to_a_later_end() {
    let whole = Demo::with(&[]).computed();
    let longer = Demo::with(&[("/run/tstop", HALF_MS.into())]);
    succeeds(&["compute", longer.text(), "--checkpoint-every", "10"]);
    let until = format!("run.tstop={END_MS}");
    succeeds(&["resume", longer.text(), "--set", &until]);
    assert_same_results(&whole, &longer);
    // An end before the checkpoint is none.
    let output = msr(&["resume", longer.text(), "--set", "run.tstop=15"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        told(&output),
        "the checkpoint is at 30 ms, and the run ends at 15 ms; give it a later end (run.tstop)\n"
    );
}

#[test]
fn values_of_the_command_line_hold() {
    let given = ["--set", "run.random_seed=7", "--set", "multiscale_run.steps.solver=stochastic"];
    let whole = Demo::with(&[]);
    succeeds(&[&["compute", whole.text()], &given[..]].concat());
    let parts = Demo::with(&[]);
    succeeds(&[&["compute", parts.text(), "--after-advance", "--checkpoint-every", "20"], &given[..]].concat());
    let after_advance = parts.results().join("metab_atpi_after_adv.h5");
    let rows = |file: &Path| {
        let data = hdf5::File::open(file).unwrap().group("report").unwrap().groups().unwrap().remove(0);
        data.dataset("data").unwrap().shape()[0]
    };
    assert_eq!(rows(&after_advance), 4);
    succeeds(&["resume", parts.text()]);
    assert_eq!(rows(&after_advance), 4);
    assert_same_results(&whole, &parts);
    let manifest = fs::read_to_string(parts.results().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"random_seed\": 7"), "{manifest}");
}

#[test]
fn another_configuration_is_refused_with_what_differs() {
    let demo = Demo::with(&[]).computed_with_checkpoint("2");
    let before = fs::read(demo.results().join("ndam_v.h5")).unwrap();
    demo.edit(&[
        ("/run/random_seed", 3.into()),
        ("/multiscale_run/metabolism/ndts", 800.into()),
        ("/reports/ndam_v/dt", 0.2.into()),
        // These may change.
        ("/reports/ndam_nai/end_time", 200.0.into()),
        ("/multiscale_run/logging_level", 2.into()),
        ("/_about", "a comment".into()),
        ("/run/_dt", "another".into()),
    ]);
    let synapses = demo.path.join("circuit/networks/edges/neocortex_neurons__chemical_synapse/edges.h5");
    hdf5::File::open_rw(&synapses).unwrap().new_attr::<u8>().create("touched").unwrap();
    let morphologies = demo.path.join("circuit/morphologies/neurons");
    let morphology = morphologies.read_dir().unwrap().next().unwrap().unwrap().path();
    fs::write(&morphology, fs::read_to_string(&morphology).unwrap() + "# touched\n").unwrap();
    let output = msr(&["resume", demo.text()]);
    assert_eq!(output.status.code(), Some(2));
    let message = told(&output);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "the run cannot be continued, its configuration has changed since the checkpoint:");
    assert!(lines[1].starts_with("  edges of neocortex_neurons__chemical_synapse: "), "{message}");
    assert!(lines[2].starts_with("  morphologies of neocortex_neurons: 10 files, "), "{message}");
    assert_eq!(lines[3], "  multiscale_run.metabolism.ndts: 400 when it was saved, now 800");
    assert_eq!(lines[4], "  reports.ndam_v.dt: 0.1 when it was saved, now 0.2");
    assert_eq!(lines[5], "  run.random_seed: 0 when it was saved, now 3");
    assert!(lines[6].starts_with("undo the changes, or start anew with `msr-cli compute --force`"), "{message}");
    assert_eq!(lines.len(), 7);
    assert_eq!(fs::read(demo.results().join("ndam_v.h5")).unwrap(), before, "nothing is touched");
}

/// Rows of an lfp report after the checkpoint would be of other electrodes than those before it.
#[test]
fn other_electrodes_are_refused() {
    let demo = Demo::with(&[("/run/tstop", 5.0.into())]);
    let mappings = demo.path.join("mappings");
    succeeds(&["plan", demo.text(), "--quiet", "--export-mappings", mappings.to_str().unwrap()]);
    let segments = fs::read_to_string(mappings.join("space_segments.csv")).unwrap();
    let column = segments.lines().next().unwrap().split(',').position(|name| name == "node").unwrap();
    let of_first = segments.lines().skip(1).filter(|line| line.split(',').nth(column) == Some("0")).count();
    let path = demo.path.join("electrodes.h5");
    let write = |factor: f64| {
        let file = hdf5::File::create(&path).unwrap();
        let electrodes = file.create_group("electrodes/neocortex_neurons").unwrap();
        let factors = ndarray::Array2::from_elem((of_first, 1), factor);
        electrodes.new_dataset_builder().with_data(&factors).create("scaling_factors").unwrap();
        let nodes = file.create_group("neocortex_neurons").unwrap();
        nodes.new_dataset_builder().with_data(&[0_u64]).create("node_ids").unwrap();
        nodes.new_dataset_builder().with_data(&[0_u64, of_first as u64]).create("offsets").unwrap();
    };
    write(1.0);
    let report = serde_json::json!({
        "type": "lfp", "cells": "Neurons", "electrodes_file": "electrodes.h5", "dt": 1.0, "start_time": 0.0, "end_time": 100.0
    });
    demo.edit(&[("/reports/potential", report)]);
    succeeds(&["compute", demo.text(), "--checkpoint-every", "2.5"]);
    let (electrodes, before) = (fs::read(&path).unwrap(), fs::read(demo.results().join("potential.h5")).unwrap());
    write(2.0);
    let resume = ["resume", demo.text(), "--set", "run.tstop=10"];
    let output = msr(&resume);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    let differing: Vec<String> =
        told(&output).lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect();
    assert!(
        differing.len() == 1 && differing[0].starts_with("  electrodes of report potential: "),
        "{}",
        told(&output)
    );
    assert_eq!(fs::read(demo.results().join("potential.h5")).unwrap(), before, "nothing is touched");
    fs::write(&path, electrodes).unwrap();
    succeeds(&resume);
}

#[test]
fn a_damaged_checkpoint_is_passed_over() {
    let whole = Demo::with(&[]).computed();
    let demo = Demo::with(&[]);
    succeeds(&["compute", demo.text(), "--checkpoint-every", "10"]);
    let files = demo.checkpoints();
    assert_eq!(files.len(), 2, "the newest and the one before it");
    let mut content = fs::read(&files[1]).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&files[1], content).unwrap();
    let output = succeeds(&["resume", demo.text()]);
    let warning = format!(
        "warning: {} is damaged: its checksum does not fit; the checkpoint before it is used\n",
        files[1].display()
    );
    assert_eq!(told(&output), warning);
    assert!(String::from_utf8_lossy(&output.stdout).contains("from 20 ms"));
    assert_same_results(&whole, &demo);

    for file in demo.checkpoints() {
        fs::write(file, "not a checkpoint").unwrap();
    }
    let output = msr(&["resume", demo.text()]);
    assert_eq!(output.status.code(), Some(3));
    let message = told(&output);
    assert!(
        message.starts_with("no checkpoint in ") && message.contains("it does not begin as such a file does"),
        "{message}"
    );
}

#[test]
fn a_run_that_fails_goes_on_from_its_last_whole_window() {
    let whole = Demo::with(&[]).computed();
    // A bound on sodium that all neurons keep where runs are cut, and one of them passes in the window after that.
    let most_mm = sodium_mm_at_half(&whole).into_iter().fold(0.0, f64::max);
    const ROUNDING_OF_REPORTS: f64 = 1e-6;
    let bound_mm = most_mm * (1.0 + ROUNDING_OF_REPORTS);
    let bound = "multiscale_run.metabolism.checks.vm.Na_n.kwargs.hb";
    // Whether or not checkpoints were asked for, and at other times than those of windows, too.
    for every in [None, Some("10"), Some("15")] {
        let failed = Demo::with(&[("/multiscale_run/metabolism/checks/vm/Na_n/kwargs/hb", bound_mm.into())]);
        let asked = every.map_or_else(Vec::new, |every| vec!["--checkpoint-every", every]);
        let output = msr(&[&["compute", failed.text()], &asked[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).starts_with("at 30 ms: neuron "), "{}", told(&output));
        let summary = String::from_utf8_lossy(&output.stdout).into_owned();
        let how =
            format!("checkpoint   at 20 ms; once the cause is removed, `msr-cli resume {}` goes on", failed.text());
        assert!(summary.contains(&how), "{summary}");
        assert_eq!(spike_count(&failed) > 0, spike_count(&whole) > 0);
        // The cause is still there.
        let again = msr(&["resume", failed.text()]);
        assert_eq!((again.status.code(), told(&again)), (Some(1), told(&output)));
        // Nothing but the cause may change.
        let other = msr(&["resume", failed.text(), "--set", "run.random_seed=3", "--set", &format!("{bound}=35")]);
        assert_eq!(other.status.code(), Some(2));
        assert!(
            told(&other).contains("  run.random_seed: 0 when") && !told(&other).contains(bound),
            "{}",
            told(&other)
        );
        let output = succeeds(&["resume", failed.text(), "--set", &format!("{bound}=35")]);
        let summary = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            summary.contains(&format!("note: from 20 ms on, {bound}: {bound_mm} when it was saved, now 35\n")),
            "{summary}"
        );
        assert_same_results(&whole, &failed);
    }
}

#[test]
fn what_there_is_to_continue_is_told() {
    let demo = Demo::with(&[("/run/tstop", 2.0.into())]);
    let nothing = msr(&["resume", demo.text()]);
    assert_eq!(nothing.status.code(), Some(2));
    let message = told(&nothing);
    assert!(
        message.starts_with("there is no checkpoint in ") && message.contains("--checkpoint-every MS"),
        "{message}"
    );

    let odd = msr(&["compute", demo.text(), "--checkpoint-every", "0.03"]);
    assert_eq!(odd.status.code(), Some(2));
    assert!(told(&odd).contains("0.03 ms is no multiple of dt = 0.025 ms"), "{}", told(&odd));
    assert_eq!(msr(&["compute", demo.text(), "--checkpoint-every", "-1"]).status.code(), Some(2));

    succeeds(&["compute", demo.text(), "--checkpoint-every", "1"]);
    let unasked = msr(&["compute", demo.text()]);
    assert_eq!(unasked.status.code(), Some(2));
    assert!(told(&unasked).contains("continue their run with `msr-cli resume`"), "{}", told(&unasked));
    succeeds(&["compute", demo.text(), "--force"]);
    assert_eq!(demo.checkpoints().len(), 0, "those of the earlier run are gone");

    // A file of results that is gone cannot be continued.
    succeeds(&["compute", demo.text(), "--force", "--checkpoint-every", "1"]);
    fs::remove_file(demo.results().join("steps_KK.h5")).unwrap();
    let output = msr(&["resume", demo.text()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(told(&output).contains("steps_KK.h5 cannot be continued: there is no such file"), "{}", told(&output));
}
