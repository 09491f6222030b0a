//! Templates in hoc make the cells that NEURON makes of them (`templates/neuron.tsv`).

mod bmtk;
mod language;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_config::simulation::BmtkCells;
use msr_neuro::cell::Cell;
use msr_neuro::emodel::{Conditions, EmodelError, Template, TemplateName};
use msr_neuro::hoc::{CellArguments, HocTemplate};
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::{Morphology, Point, Section, SectionKind, parse_asc};
use msr_neuro::nmodl::Options;
use msr_neuro::stimuli::{Stimulus, Waveform};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

fn shape() -> Morphology {
    parse_asc(include_str!("../morphology_files/cell.asc"), "cell.asc").unwrap()
}

/// NEURON's difference quotient as slope of currents, so that only rounding differs.
fn registry() -> Registry {
    let mut registry = Registry::default();
    let options = Options { numeric_conductance: true, ..Options::default() };
    for (file, text) in BUNDLED {
        registry.register_file(text, file, &options).unwrap();
    }
    registry
}

fn arguments(attributes: &[f64]) -> CellArguments {
    CellArguments { gid: 1, morphology: "cell".to_owned(), attributes: attributes.to_vec() }
}

fn named(template: &str) -> TemplateName {
    TemplateName { template: template.to_owned(), ..TemplateName::default() }
}

/// A cell of a template, and what it says of itself.
fn cell(name: &str, v_init_mv: f64, attributes: &[f64]) -> (Cell, Vec<String>) {
    let template = Template::read(&folder(), &named(&format!("hoc:{name}")), &BmtkCells::default()).unwrap();
    let conditions = Conditions { v_init_mv, ..Conditions::default() };
    let registry = registry();
    let (builder, lines) = template.builder(&shape(), &registry, &conditions, &arguments(attributes)).unwrap();
    (template.finish(builder).unwrap(), lines)
}

/// `axon[1]` of a cell.
fn segment(cell: &Cell, section: &str, segment: usize) -> Option<usize> {
    let (kind, index) = section.trim_end_matches(']').split_once('[').unwrap();
    let mut of_kind = cell.discretisation().sections.iter().filter(|section| section.kind.name() == kind);
    let section = of_kind.nth(index.parse().unwrap())?;
    section.segments.clone().nth(segment)
}

fn value(cell: &Cell, node: usize, name: &str) -> f64 {
    let membrane = &cell.state().membrane;
    match name {
        "ena" => membrane.ena[node],
        "ek" => membrane.ek[node],
        "eca" => membrane.eca[node],
        "cai" => membrane.cai[node],
        _ => {
            let (mechanism, column) = cell
                .mechanisms()
                .find_map(|(mechanism, _)| {
                    let own = name.strip_suffix(mechanism.name())?.strip_suffix('_')?;
                    Some((mechanism.name().to_owned(), own.to_owned()))
                })
                .unwrap_or_else(|| panic!("{name}"));
            let (nodes, values) = cell.mechanism_values(&mechanism, &column).unwrap();
            values[nodes.binary_search(&(node as u32)).unwrap()]
        }
    }
}

/// Geometry, parameters and voltage of a template against NEURON's.
fn compare(name: &str, v_init_mv: f64, attributes: &[f64], amplitude_na: f64) {
    const DT_MS: f64 = 0.025;
    let (mut cell, _) = cell(name, v_init_mv, attributes);
    let soma = cell.node(cell.discretisation().soma_segment());
    cell.add_stimulus(Stimulus { node: soma as u32, waveform: Waveform::step(5.0, 1e6, amplitude_na) });
    let (mut segments, mut voltages) = (0, 0);
    for line in include_str!("../templates/neuron.tsv").lines().filter(|line| line.starts_with(&format!("{name}\t"))) {
        let fields: Vec<&str> = line.split('\t').skip(1).collect();
        if let ["V", step, expected] = fields[..] {
            cell.advance(step.parse().unwrap(), &mut Vec::new());
            let (v, expected): (f64, f64) = (cell.state().membrane.v[soma], expected.parse().unwrap());
            let time_ms = step.parse::<f64>().unwrap() * DT_MS;
            assert!((v - expected).abs() < 1e-8, "{name}, {time_ms} ms: {v}, NEURON {expected}");
            voltages += 1;
            continue;
        }
        let [section, number, nseg, length, diameter, area, values @ ..] = &fields[..] else { panic!("{line}") };
        let at = segment(&cell, section, number.parse().unwrap()).unwrap_or_else(|| panic!("no {section} {number}"));
        let geometry = &cell.discretisation().segments[at];
        let of = &cell.discretisation().sections[geometry.section];
        assert_eq!(of.segments.len().to_string(), **nseg, "{name}: {section}");
        let values = values.iter().map(|entry| entry.split_once('=').unwrap());
        let values = values.map(|(key, expected)| (key, value(&cell, cell.node(at), key), expected));
        let geometry = [
            ("L", of.length_um, *length),
            ("diam", geometry.diameter_um, *diameter),
            ("area", geometry.area_um2, *area),
        ];
        for (key, found, expected) in geometry.into_iter().chain(values) {
            let expected: f64 = expected.parse().unwrap();
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs(),
                "{name}: {section} {number}: {key} = {found}, NEURON {expected}"
            );
        }
        segments += 1;
    }
    assert!(segments >= 20 && voltages == 16, "{segments} segments, {voltages} voltages");
}

#[test]
fn an_initial_segment_as_thick_as_the_axon_was() {
    compare("sampled", -75.0, &[], 0.5);
}

#[test]
fn an_initial_segment_that_tapers_by_the_nodes_scaler() {
    compare("tapered", -65.0, &[0.87], 0.5);
}

#[test]
fn distances_of_six_digits_and_a_stub_of_two_segments() {
    compare("early", -75.0, &[], 0.5);
}

#[test]
fn sections_drawn_by_statements() {
    compare("drawn", -65.0, &[], 0.3);
}

#[test]
fn a_template_says_what_was_understood() {
    let (cell, lines) = cell("sampled", -75.0, &[]);
    let has = |part: &str| assert!(lines.iter().any(|line| line.contains(part)), "{part}\n{}", lines.join("\n"));
    has("sections: 1 soma (1 segments), 2 axon (10 segments), 6 dend (16 segments), 2 apic (12 segments), 1 myelin");
    has("segments: `nseg = 1 + 2*int(L/40)` (line 92)");
    has("myelin[0] of 1000 um, 5 segments, 0.6864 to 0.6864 um thick");
    has("SK_E2 (axonal somatic)");
    has("by distance: gIhbar_Ih (apical basal somatic), gNaTgbar_NaTg (apical)");
    // SONATA counts sections as if the axon of the file, of three sections, were still there.
    let ids = |kind| {
        let sections = cell.discretisation().sections.iter();
        sections.filter(|section| section.kind == kind).map(|section| section.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(SectionKind::Axon), [1, 2]);
    assert_eq!(ids(SectionKind::Dend)[0], 4);
    assert_eq!(ids(SectionKind::Myelin), [12]);
    let (_, lines) = super::template_cells::cell("early", -75.0, &[]);
    assert!(lines.iter().any(|line| line == "Im.gImbar is negative in 12 segments, as NEURON takes it"), "{lines:?}");
}

/// What is wrong with a template of this `init`.
fn refused(init: &str, more: &str) -> String {
    let text = format!(
        "begintemplate wrong\ncreate soma[1], dend[1], apic[1], axon[1]\nobjref all, somatic, this\n{more}\nproc init() {{ \
         localobj import\nall = new SectionList()\nsomatic = new SectionList()\nforall delete_section()\nimport = new Import3d_GUI(this, 0)\n\
         import.instantiate(this)\n{init}\n}}\nendtemplate wrong\n"
    );
    let registry = Registry::default();
    let built = HocTemplate::parse(&text, "wrong.hoc", "wrong").and_then(|template| {
        let built = template.builder(&shape(), &registry, &Conditions::default(), &arguments(&[]));
        built.map(|_| ())
    });
    built.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn what_is_not_understood_is_told_with_file_line_and_statement() {
    assert_eq!(refused("", ""), "");
    let cases = [
        (
            "iterator_statement",
            "wrong.hoc:11: 'iterator_statement' is not supported in templates: `iterator_statement`",
        ),
        ("forsec all { insert NaTG }", "wrong.hoc:11: unknown mechanism 'NaTG' (did you mean 'NaTg'?)"),
        ("forsec somatic { g_pas = 1 }", "wrong.hoc:11: 'g_pas': mechanism 'pas' is inserted nowhere"),
        (
            "forsec somatic { insert pas }\nforsec all g_pas = 1",
            "mechanism 'pas' is not inserted in axon[0], which has nothing",
        ),
        ("soma { insert pas gg_pas = 1 }", "mechanism 'pas' has no RANGE parameter 'gg' (did you mean 'g'?)"),
        ("soma { insert Ca_HVA2 ena = 50 }", "no mechanism in soma[0] uses the ion 'na'; it has Ca_HVA2"),
        ("soma diam = 3", "diam of soma[0], which has 3-D points, cannot be changed"),
        ("soma nseg = 0", "nseg = 0 must be between 1 and 32767"),
        ("soma { insert pas g_pas(0.5) = 0/0 }", "division by zero"),
        ("soma cm = -1", "cm = -1 must be positive"),
        ("all = new Graph()", "class 'Graph' is not supported; supported: SectionList, Vector"),
        ("axon[7] L = 3", "there is no section axon[7]: axon has 3 sections"),
        ("forall delete_section()\nsoma nseg = 3", "section soma[0] was deleted"),
        ("forall delete_section()", "the template makes no soma"),
        ("create myelin[1]", "section myelin[0] is not connected"),
        ("create spine[1]\nconnect spine[0](0), soma(1)", "section spine[0] is of no kind; supported: soma, axon"),
        ("create myelin\nconnect myelin(0), dend[0](0)", "a section begins at dend[0](0); supported: the middle"),
        ("soma distance()\ncreate myelin\nmyelin L = distance(1)", "it is not connected to the place"),
        ("execute(\"soma oops = \")", "in \"soma oops =\": expected an expression"),
        ("execerror(\"no \", \"axon\")", "wrong.hoc:11: no  axon"),
        ("again()", "procedures call one another too deeply"),
        ("x = 1 +", "wrong.hoc:11: expected an expression, found the end of the line: `x = 1 +`"),
        ("hoc_function(3)", "'hoc_function' with 1 arguments is not supported"),
        ("$s2 = $s9", "argument 9 is not given"),
        ("forsec soma { }", "forsec needs a SectionList, found sections"),
        ("soma { insert pas e_pas = celsius*undefined }", "'undefined' is not defined"),
    ];
    for (statement, message) in cases {
        let found = refused(statement, "proc again() { again() }");
        assert!(found.contains(message), "{statement}\n{found}\nexpected: {message}");
    }
    // All at once.
    let found = refused("forsec all { insert Aa }\nforsec somatic { insert Bb }", "");
    assert_eq!(found.lines().count(), 2, "{found}");
}

#[test]
fn a_loop_without_end_ends() {
    let found = refused("while (1) { }", "");
    assert!(found.contains("does a loop never end?"), "{found}");
}

#[test]
fn templates_are_found_by_name() {
    let read = |name: &str| Template::read(&folder(), &named(name), &BmtkCells::default());
    let told = |name: &str| read(name).err().map_or_else(String::new, |error: EmodelError| error.to_string());
    assert_eq!(read("hoc:tapered").unwrap().needed_attributes(), ["AIS_scaler"]);
    assert!(told("hoc:absent").contains("absent.hoc: cannot be read"));
    assert!(
        told("xml:cell").contains("'hoc:<name>' is <name>.hoc, 'json:<name>' is <name>.json, 'nml:<file>' is <file>, ")
    );
    assert!(told("ctdb:Biophys1.hoc").contains("the attribute dynamics_params must name a file"));
    let error = HocTemplate::parse("begintemplate a\nendtemplate a\n", "b.hoc", "b").unwrap_err().to_string();
    assert_eq!(error, "b.hoc: has no template 'b'; it has: a");
    let error = HocTemplate::parse("begintemplate a\nproc init() {\n", "b.hoc", "a").unwrap_err().to_string();
    assert!(error.contains("b.hoc:2: this block is not closed"), "{error}");
}

#[test]
fn a_template_takes_what_others_define_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let outer = "begintemplate outer\npublic init, CellRef\nobjref CellRef\nproc init() {\nCellRef = new Inner($1)\n\
                 forsec CellRef.all { nseg = 3 }\nsetup()\n}\nproc setup() { CellRef.fill(\"pas\")\n{ forsec CellRef.all \
                 { g_pas = 2e-4 } } }\nendtemplate outer\n";
    let inner = "{load_file(\"more.hoc\")}\nbegintemplate Inner\npublic soma, all, fill\nexternal thickness\ncreate soma\n\
                 objref all\nproc init() { all = new SectionList()  soma { L = 20 diam = thickness() all.append() } }\n\
                 proc fill() { strdef statement\nsprint(statement, \"insert %s\", $s1)\nforsec all execute(statement)\n}\n\
                 endtemplate Inner\n";
    std::fs::write(folder.path().join("outer.hoc"), outer).unwrap();
    std::fs::write(folder.path().join("Inner.hoc"), inner).unwrap();
    std::fs::write(folder.path().join("more.hoc"), "func thickness() { return 7 }\n").unwrap();
    let template = HocTemplate::read(&folder.path().join("outer.hoc"), "outer").unwrap();
    let registry = Registry::default();
    let (builder, _) = template.builder(&shape(), &registry, &Conditions::default(), &arguments(&[])).unwrap();
    let cell = builder.build().unwrap();
    assert_eq!(cell.discretisation().segments.len(), 3);
    assert_eq!(cell.discretisation().segments[0].diameter_um, 7.0);
    assert_eq!(cell.mechanism_values("pas", "g").unwrap().1, [2e-4; 3]);
    std::fs::write(folder.path().join("Inner.hoc"), inner.replace("more.hoc", "less.hoc")).unwrap();
    let error = HocTemplate::read(&folder.path().join("outer.hoc"), "outer").unwrap_err().to_string();
    assert!(error.contains("Inner.hoc:1: ") && error.contains("less.hoc does not exist"), "{error}");
}

/// Templates of BluePyOpt itself take no gid, those of EModelRunner one path.
#[test]
fn templates_are_called_with_what_they_take() {
    let with = |init: &str| {
        let text = format!(
            "begintemplate t\ncreate soma\nproc init() {{ strdef path\n{init}\nif (strcmp(path, \"./cell.asc\") != 0) {{ \
             execerror(path) }}\n}}\nendtemplate t\n"
        );
        let template = HocTemplate::parse(&text, "t.hoc", "t").unwrap();
        let built =
            template.builder(&shape(), &Registry::default(), &Conditions::default(), &arguments(&[3.0])).map(|_| ());
        built.map_err(|error| error.to_string())
    };
    assert_eq!(with("sprint(path, \"%s/%s\", $s2, $s3)\nif ($1 != 1 || $4 != 3) { quit() }"), Ok(()));
    assert_eq!(with("path = $s2\nif ($1 != 1 || $3 != 3) { quit() }"), Ok(()));
    assert_eq!(with("sprint(path, \"%s/%s\", $s1, $s2) // and $s3"), Ok(()));
}

/// The bounds and results of an optimisation give the cell that the template with the same numbers is.
#[test]
fn parameter_files_are_the_templates_that_they_lead_to() {
    let parameters = r#"{
      "mechanisms": {"all": {"mech": ["pas"]}, "somaxon": {"mech": ["NaTg", "SKv3_1"]}, "somadend": {"mech": ["Ih"]}},
      "distributions": {"exp": {"fun": "(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}", "__comment": "Kole"},
                        "decay": {"fun": "math.exp({distance}*{constant})*{value}", "parameters": ["constant"]}},
      "parameters": {"__comment": "bounds", "global": [{"name": "v_init", "val": -80}, {"name": "celsius", "val": 34}],
        "distribution_decay": [{"name": "constant", "val": [-0.1, 0.0]}],
        "all": [{"name": "Ra", "val": 100}, {"name": "g_pas", "val": [1e-05, 6e-05]}, {"name": "e_pas", "val": -80}],
        "somadend": [{"name": "gIhbar_Ih", "val": [0, 0.0002], "dist": "exp"}],
        "apical": [{"name": "g_pas", "val": 4e-5, "dist": "decay"}],
        "axonal": [{"name": "ena", "val": 50}, {"name": "gNaTgbar_NaTg", "val": 0.5}],
        "myelinated": [{"name": "cm", "val": 0.02}]}}"#;
    let results = r#"{"best": {"fitness": {}, "params": {"constant.distribution_decay": -0.005, "g_pas.all": 3e-5,
        "gIhbar_Ih.somadend": 1e-4}}}"#;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("best.json", parameters);
    let read = || Template::read(folder.path(), &named("json:best"), &BmtkCells::default());
    let told = |read: Result<Template, EmodelError>| read.err().map_or_else(String::new, |error| error.to_string());
    assert!(
        told(read()).contains("best.json: parameters.all.g_pas: has bounds, and there is no optimised value for it")
    );
    file("final.json", results);
    let registry = registry();
    let (builder, _) = read().unwrap().builder(&shape(), &registry, &Conditions::default(), &arguments(&[])).unwrap();
    let made = builder.build().unwrap();
    // The axon and the pieces are those of this template.
    let (same, _) = cell("sampled", -80.0, &[]);
    assert_eq!(made.discretisation().segments, same.discretisation().segments);
    let soma = made.discretisation().soma_segment();
    for (at, segment) in made.discretisation().segments.iter().enumerate() {
        let (node, kind) = (made.node(at), made.discretisation().sections[segment.section].kind);
        let distance = if at == soma { 0.0 } else { segment.distance_um };
        let close = |name: &str, expected: f64| {
            let found = value(&made, node, name);
            assert!((found / expected - 1.0).abs() < 1e-9, "{kind:?} {name} at {distance}: {found} {expected}");
        };
        close("g_pas", if kind == SectionKind::Apic { 4e-5 * (-0.005 * distance).exp() } else { 3e-5 });
        match kind {
            SectionKind::Soma | SectionKind::Dend | SectionKind::Apic => {
                close("gIhbar_Ih", 1e-4 * (-0.8696 + 2.087 * (0.0031 * distance).exp()));
            }
            SectionKind::Axon => {
                close("gNaTgbar_NaTg", 0.5);
                // NEURON's default.
                close("ek", -77.0);
            }
            SectionKind::Myelin => {}
        }
    }
    file("best.json", &parameters.replace("\"decay\"}]", "\"rise\"}]").replace("somaxon", "somaxxon"));
    let error = told(read());
    assert!(error.contains("mechanisms.somaxxon: 'somaxxon' is no place; there are: all,"), "{error}");
    assert!(error.contains("parameters.apical.g_pas: no distribution 'rise'; there are: decay, exp"), "{error}");
}
