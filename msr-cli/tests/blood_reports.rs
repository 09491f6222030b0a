//! Blood flow of a configuration: what the files of its reports say of units, values that follow from the vessels of the circuit
//! file, boundaries, dilation, and what the blood brings to the metabolism.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use hdf5::types::VarLenUnicode;
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{Orchestrator, Query};
use serde_json::{Value, json};

const POPULATION: &str = "vasculature";
/// Values are stored in single precision.
const STORED: f64 = 1e-6;
const SPEED_UM_PER_S: f64 = 10_000.0;
const PLASMA_KPA_S: f64 = 1.2e-6;
const BASE_KPA: f64 = 2.0;

/// A report: its units and its rows.
fn report(results: &Path, name: &str) -> (String, Vec<Vec<f64>>) {
    let file = hdf5::File::open(results.join(name)).unwrap();
    let data = file.dataset(&format!("report/{POPULATION}/data")).unwrap();
    let units = data.attr("units").unwrap().read_scalar::<VarLenUnicode>().unwrap();
    let time = file.dataset(&format!("report/{POPULATION}/mapping/time")).unwrap();
    assert_eq!(time.attr("units").unwrap().read_scalar::<VarLenUnicode>().unwrap().as_str(), "ms");
    let values = data.read_2d::<f32>().unwrap();
    (units.to_string(), values.rows().into_iter().map(|row| row.iter().copied().map(f64::from).collect()).collect())
}

/// The vessels as the circuit file has them, one row a segment.
struct Vessels {
    ends: Vec<[usize; 2]>,
    radii_um: Vec<f64>,
    lengths_um: Vec<f64>,
    node_radii_um: Vec<f64>,
    heights_um: Vec<f64>,
}

impl Vessels {
    fn read(circuit: &Path) -> Self {
        let file = hdf5::File::open(circuit.join("networks/nodes/vasculature/nodes.h5")).unwrap();
        let column = |name: &str| file.dataset(&format!("nodes/{POPULATION}/0/{name}")).unwrap();
        let float =
            |name: &str| -> Vec<f64> { column(name).read_raw::<f32>().unwrap().into_iter().map(f64::from).collect() };
        let [start, end] = ["start_node", "end_node"].map(|name| column(name).read_raw::<u64>().unwrap());
        let ends: Vec<[usize; 2]> = start.iter().zip(&end).map(|(&a, &b)| [a as usize, b as usize]).collect();
        let count = ends.iter().flatten().max().unwrap() + 1;
        let (mut node_radii_um, mut positions_um) = (vec![0.0; count], vec![[0.0; 3]; count]);
        for (side, name) in [(0, "start"), (1, "end")] {
            let [x, y, z] = ["x", "y", "z"].map(|axis| float(&format!("{name}_{axis}")));
            let diameter = float(&format!("{name}_diameter"));
            for (segment, ends) in ends.iter().enumerate() {
                node_radii_um[ends[side]] = diameter[segment] / 2.0;
                positions_um[ends[side]] = [x[segment], y[segment], z[segment]];
            }
        }
        let distance = |&[a, b]: &[usize; 2]| {
            (0..3).map(|axis| (positions_um[a][axis] - positions_um[b][axis]).powi(2)).sum::<f64>().sqrt()
        };
        Self {
            radii_um: ends.iter().map(|&[a, b]| (node_radii_um[a] + node_radii_um[b]) / 2.0).collect(),
            lengths_um: ends.iter().map(distance).collect(),
            heights_um: positions_um.iter().map(|position| position[1]).collect(),
            ends,
            node_radii_um,
        }
    }

    /// Segments at each node.
    fn at_nodes(&self) -> Vec<Vec<usize>> {
        let mut segments = vec![Vec::new(); self.node_radii_um.len()];
        for (segment, ends) in self.ends.iter().enumerate() {
            ends.iter().for_each(|&node| segments[node].push(segment));
        }
        segments
    }

    /// The two entries of the run: the widest ends in the uppermost twentieth.
    fn inflow_um3_per_s(&self) -> f64 {
        let (low, high) =
            self.heights_um.iter().fold((f64::MAX, f64::MIN), |(low, high), &y| (low.min(y), high.max(y)));
        let at_nodes = self.at_nodes();
        let is_entry = |&node: &usize| at_nodes[node].len() == 1 && self.heights_um[node] >= high - 0.05 * (high - low);
        let mut radii: Vec<f64> = (0..at_nodes.len()).filter(is_entry).map(|node| self.node_radii_um[node]).collect();
        radii.sort_by(f64::total_cmp);
        radii.iter().rev().take(2).map(|radius| SPEED_UM_PER_S * PI * radius * radius).sum()
    }
}

/// Asserts that two numbers agree to a part of `scale`.
fn assert_near(found: f64, expected: f64, scale: f64, what: &str) {
    assert!((found - expected).abs() <= 4.0 * STORED * scale, "{what}: {found} for {expected}");
}

/// The bundled circuit for 20 ms with blood flow alone, settings of which `change` makes, and these reports of it: file,
/// getter, unit. Gives the circuit's directory after the run.
fn run(directory: &Path, reports: &[(&str, &str, &str)], change: &dyn Fn(&mut Value)) -> PathBuf {
    let path = directory.join("demo");
    crate::bundled::init(&path);
    crate::bundled::edit(&path, "simulation_config.json", &|simulation| {
        simulation["run"]["tstop"] = 20.into();
        simulation["reports"] = json!({});
        let multiscale = &mut simulation["multiscale_run"];
        for simulator in ["with_steps", "with_metabolism"] {
            multiscale[simulator] = false.into();
        }
        multiscale["connections"] = json!([]);
        let asked = reports.iter().map(|&(file, getter, unit)| {
            let report = json!({"src_get_func": getter, "src_get_kwargs": {}, "unit": unit, "file_name": file});
            (getter.to_owned(), report)
        });
        multiscale["bloodflow"]["reports"] = Value::Object(asked.collect());
        change(&mut multiscale["bloodflow"]);
    });
    Command::cargo_bin("msr-cli").unwrap().arg("compute").arg(&path).assert().success();
    path
}

#[test]
fn flows_pressures_radii_and_volumes_have_their_units_and_values() {
    let directory = tempfile::tempdir().unwrap();
    let reports = [
        ("flows.h5", "get_flows", "um^3/s"),
        ("pressures.h5", "get_pressures", "kPa"),
        ("radii.h5", "get_radii", "um"),
        ("volumes.h5", "get_vols", "um^3"),
    ];
    let path = run(directory.path(), &reports, &|bloodflow| {
        bloodflow["viscosity"] = "plasma".into();
        bloodflow["base_pressure"] = BASE_KPA.into();
    });
    let [flows, pressures, radii, volumes] = reports.map(|(file, _, unit)| {
        let (units, rows) = report(&path.join("RESULTS"), file);
        assert_eq!(units, unit, "{file}");
        // Nothing moves the radii: all rows are the same.
        assert!(rows.len() > 1 && rows.iter().all(|row| *row == rows[0]), "{file}");
        rows.into_iter().next().unwrap()
    });
    let vessels = Vessels::read(&path.join("circuit"));
    assert_eq!(flows.len(), vessels.ends.len());
    for (segment, (&radius, &length)) in vessels.radii_um.iter().zip(&vessels.lengths_um).enumerate() {
        assert_near(radii[segment], radius, radius, "radius");
        let volume = PI * radius * radius * length;
        assert_near(volumes[segment], volume, volume, "volume");
    }
    let largest = flows.iter().fold(0.0, |largest, flow| f64::max(largest, flow.abs()));
    let resistance =
        |segment: usize| 8.0 * PLASMA_KPA_S * vessels.lengths_um[segment] / (PI * vessels.radii_um[segment].powi(4));
    let (mut inflow, mut lowest_kpa, mut bends) = (0.0, f64::INFINITY, 0);
    for (node, segments) in vessels.at_nodes().iter().enumerate() {
        let sign = |segment: usize| if vessels.ends[segment][0] == node { 1.0 } else { -1.0 };
        let net: f64 = segments.iter().map(|&segment| sign(segment) * flows[segment]).sum();
        match *segments.as_slice() {
            [segment] => {
                inflow += f64::max(net, 0.0);
                // From the middle of the last segment to the end of the vessel.
                lowest_kpa = lowest_kpa.min(pressures[segment] + net * resistance(segment) / 2.0);
            }
            [first, second] => {
                assert_near(net, 0.0, largest, "net flow");
                let flow = sign(second) * flows[second];
                let fall = flow * (resistance(first) + resistance(second)) / 2.0;
                assert_near(pressures[first] - pressures[second], fall, pressures[first], "fall of pressure");
                bends += 1;
            }
            _ => assert_near(net, 0.0, largest, "net flow"),
        }
    }
    assert!(bends > 10, "{bends}");
    assert_near(inflow, vessels.inflow_um3_per_s(), inflow, "inflow");
    assert_near(lowest_kpa, BASE_KPA, BASE_KPA, "pressure at the lowest end");
}

#[test]
fn vessels_under_endfeet_dilate_where_the_configuration_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = run(directory.path(), &[("radii.h5", "get_radii", "um")], &|bloodflow| {
        bloodflow["vasodilation"] = json!({"capillaries": {"max_relative_radius": 1.5, "time_to_max": 0.5}});
    });
    let (_, rows) = report(&path.join("RESULTS"), "radii.h5");
    let edges = hdf5::File::open(path.join("circuit/networks/edges/gliovascular/edges.h5")).unwrap();
    let under_endfeet = edges.dataset("edges/gliovascular/source_node_id").unwrap().read_raw::<u64>().unwrap();
    let (first, last) = (&rows[0], rows.last().unwrap());
    for &segment in &under_endfeet {
        assert!(last[segment as usize] > first[segment as usize], "segment {segment} lies under an endfoot");
    }
    let widened = last.iter().zip(first).filter(|(last, first)| last > first).count();
    assert!(widened < first.len() / 4 && last.iter().zip(first).all(|(last, first)| last >= first), "{widened}");

    // A page that is made afterwards draws the vessels as wide as they were in the end.
    Command::cargo_bin("msr-cli").unwrap().arg("post-processing").arg(&path).assert().success();
    let page = std::fs::read_to_string(path.join("RESULTS/report.html")).unwrap();
    let data = page.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>")).unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    let columns = data["scene"]["vessels"]["columns"].as_array().unwrap();
    let drawn = columns.iter().find(|column| column["name"] == "radii").unwrap()["values"].as_array().unwrap();
    assert_eq!(drawn.len(), last.len());
    for (drawn, &radius) in drawn.iter().zip(last) {
        assert_near(drawn.as_f64().unwrap(), radius, radius, "drawn radius");
    }
}

#[test]
fn what_is_odd_about_the_vessels_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let file = hdf5::File::open_rw(path.join("circuit/networks/nodes/vasculature/nodes.h5")).unwrap();
    let column = |name: &str| file.dataset(&format!("nodes/{POPULATION}/0/{name}")).unwrap();
    let [starts, ends] = ["start_node", "end_node"].map(|name| column(name).read_raw::<u64>().unwrap());
    let bend = (1..starts.len()).find(|&segment| starts[segment] == ends[segment - 1]).expect("a vessel has a bend");
    let mut diameters = column("start_diameter").read_raw::<f32>().unwrap();
    diameters[bend] *= 2.0;
    column("start_diameter").write(&diameters).unwrap();
    drop(file);
    let said = Command::cargo_bin("msr-cli").unwrap().arg("check").arg(&path).assert().success();
    let said = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    let note = format!("vasculature {POPULATION}: rows disagree about the diameter of 1 node(s)");
    assert!(said.contains(&note), "{said}");
}

#[test]
fn a_table_gives_flows_and_pressures_at_nodes() {
    const INFLOW_UM3_PER_S: f64 = 2e5;
    const PRESSURE_KPA: f64 = 1.5;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let vessels = Vessels::read(&path.join("circuit"));
    let at_nodes = vessels.at_nodes();
    let ends: Vec<usize> = (0..at_nodes.len()).filter(|&node| at_nodes[node].len() == 1).collect();
    let (entry, exit) = (ends[0], *ends.last().unwrap());
    let table = format!("node,inflow,pressure\n{entry},{INFLOW_UM3_PER_S},\n{exit},,{PRESSURE_KPA}\n");
    std::fs::write(directory.path().join("boundary.csv"), table).unwrap();
    let reports = [("flows.h5", "get_flows", "um^3/s"), ("pressures.h5", "get_pressures", "kPa")];
    std::fs::remove_dir_all(&path).unwrap();
    let path = run(directory.path(), &reports, &|bloodflow| {
        bloodflow["viscosity"] = "plasma".into();
        bloodflow["boundary"] = "../boundary.csv".into();
    });
    let [flows, pressures] = reports.map(|(file, _, _)| report(&path.join("RESULTS"), file).1.swap_remove(0));
    for &node in &ends {
        let segment = at_nodes[node][0];
        let into = if vessels.ends[segment][0] == node { flows[segment] } else { -flows[segment] };
        let expected = [(entry, INFLOW_UM3_PER_S), (exit, -INFLOW_UM3_PER_S)].into_iter().find(|(at, _)| *at == node);
        assert_near(into, expected.map_or(0.0, |(_, flow)| flow), INFLOW_UM3_PER_S, "flow into an end");
    }
    let last = at_nodes[exit][0];
    let resistance = 8.0 * PLASMA_KPA_S * vessels.lengths_um[last] / (PI * vessels.radii_um[last].powi(4));
    let expected = PRESSURE_KPA + INFLOW_UM3_PER_S * resistance / 2.0;
    assert_near(pressures[last], expected, expected, "pressure of the last segment");

    // What the table may not say is an error that names file, row and node.
    let says = |table: &str| {
        std::fs::write(directory.path().join("boundary.csv"), table).unwrap();
        let failed = Command::cargo_bin("msr-cli").unwrap().arg("check").arg(&path).assert().failure();
        String::from_utf8(failed.get_output().stderr.clone()).unwrap()
    };
    for (table, expected) in [
        ("node,inflow\n99999,1\n", "row 0: node 99999 does not exist; ids go from 0 to".to_owned()),
        (
            "node,inflow,pressure\n0,1,2\n",
            "row 0: node 0 needs either an inflow (um3/s) or a pressure (kPa)".to_owned(),
        ),
        ("node,inflow\n0,inf\n", "the inflow of node 0 is inf; it must be finite".to_owned()),
        ("node,pressure\n0,1\n0,2\n", "row 1: node 0 was given before".to_owned()),
        ("node,inflow\n", "gives no inflow but 0 and no pressure: nothing would flow".to_owned()),
        ("id,pressure\n0,1\n", "has no column 'node'; it has: id, pressure".to_owned()),
    ] {
        let said = says(table);
        assert!(said.contains(&expected) && said.contains("boundary.csv"), "'{expected}' in\n{said}");
    }
}

#[test]
fn vessels_can_be_described_and_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let vessels = Vessels::read(&path.join("circuit"));
    let described = Command::cargo_bin("msr-cli").unwrap().arg("stats").arg(&path).assert().success();
    let described = String::from_utf8(described.get_output().stdout.clone()).unwrap();
    let expected = format!("  {} segments, {} nodes", vessels.ends.len(), vessels.node_radii_um.len());
    assert!(described.contains(&expected) && described.contains("  component of node 0"), "{described}");

    let compute = ["compute", "--vtk", "--set", "run.tstop=10"];
    Command::cargo_bin("msr-cli").unwrap().args(compute).arg(&path).assert().success();
    let file =
        |name: &str| String::from_utf8_lossy(&std::fs::read(path.join("RESULTS/vtk").join(name)).unwrap()).into_owned();
    let (lines, mesh) = (file("vessels.vtp"), file("mesh.vtu"));
    assert!(lines.contains(&format!("NumberOfLines=\"{}\"", vessels.ends.len())));
    for column in ["radius_um", "flow_um3_per_s", "pressure_kpa"] {
        assert!(lines.contains(&format!("Name=\"{column}\"")), "{column}");
    }
    assert!(mesh.contains("UnstructuredGrid") && mesh.contains("Name=\"KK (mM)\""));
    // Another run leaves nothing old behind.
    let again = ["compute", "--force", "--set", "run.tstop=10"];
    Command::cargo_bin("msr-cli").unwrap().args(again).arg(&path).assert().success();
    assert!(!path.join("RESULTS/vtk/vessels.vtp").exists());
}

/// Oxygen and glucose in capillaries and tissue of the metabolism after two windows, and the glucose in the tissue around
/// vessels as the blood flow knows it; connected as docs/src/bloodflow.md shows.
fn supplied(directory: &Path, blood: &Value) -> [Vec<f64>; 4] {
    let path = directory.join("demo");
    crate::bundled::init(&path);
    crate::bundled::edit(&path, "simulation_config.json", &|simulation| {
        simulation["run"]["tstop"] = 20.into();
        simulation["inputs"] = json!({});
        let multiscale = &mut simulation["multiscale_run"];
        for (key, value) in blood.as_object().unwrap() {
            multiscale["bloodflow"][key] = value.clone();
        }
        let book = include_str!("../../docs/src/bloodflow.md");
        let begin = book.find("```json").unwrap() + "```json".len();
        let listed: Vec<Value> =
            serde_json::from_str(&book[begin..begin + book[begin..].find("```").unwrap()]).unwrap();
        multiscale["connections"].as_array_mut().unwrap().extend(listed);
    });
    let (plan, grid) = crate::bundled::plan(&path);
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut ()).unwrap_or_else(|error| panic!("{error}"));
    std::fs::remove_dir_all(&path).unwrap();
    let of = |name: &str| run.simulators().iter().find(|simulator| simulator.name() == name).unwrap();
    let read = |name: &str, query: Query| {
        let mut values = Vec::new();
        of(name).get_var(&query, &mut values).unwrap();
        values
    };
    let metabolic = |state: &str| read("metabolism", Query::new("get_vm_idx").with("idx", state));
    [metabolic("O2cap"), metabolic("Glc_b"), metabolic("Glc_t_t"), read("bloodflow", Query::new("get_tissue_glucose"))]
}

#[test]
fn blood_brings_oxygen_and_glucose_to_the_metabolism() {
    let directory = tempfile::tempdir().unwrap();
    let [oxygen, glucose, outside, around_vessels] = supplied(directory.path(), &json!({}));
    // Arterial blood holds 0.45 * 20.3 mM when it is saturated, and 5 mM of glucose; none of it is used up on the way.
    assert!(oxygen.iter().all(|&mm| mm > 5.0 && mm < 0.45 * 20.3 + 0.2), "{oxygen:?}");
    assert!(glucose.iter().all(|&mm| mm > 4.0 && mm < 5.0), "{glucose:?}");
    let least = outside.iter().copied().fold(f64::INFINITY, f64::min);
    let most = outside.iter().copied().fold(0.0, f64::max);
    let told = around_vessels.iter().filter(|&&mm| mm >= 0.999 * least && mm <= 1.001 * most).count();
    assert!(told > 100, "{told} of {} vessel segments know the tissue's glucose", around_vessels.len());

    // Half the cells carry half the oxygen, less what the tissue takes from it all the same; half the sugar is half the sugar.
    let anaemic = json!({"discharge_hematocrit": 0.225, "glucose": {"inflow": 2.5}});
    let [thin, hungry, _, _] = supplied(directory.path(), &anaemic);
    for (thin, oxygen) in thin.iter().zip(&oxygen) {
        assert!((0.40..0.51).contains(&(thin / oxygen)), "{thin} {oxygen}");
    }
    for (hungry, glucose) in hungry.iter().zip(&glucose) {
        assert!((0.48..0.53).contains(&(hungry / glucose)), "{hungry} {glucose}");
    }
}
