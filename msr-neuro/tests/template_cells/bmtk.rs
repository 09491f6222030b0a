//! Cells of the Allen Institute, as bmtk makes them.

use std::path::Path;

use super::*;

const FIT: &str = r#"{"passive": [{"ra": 138.5, "cm": [{"section": "soma", "cm": 1.0}, {"section": "axon", "cm": 1.0},
        {"section": "dend", "cm": 2.1}, {"section": "apic", "cm": 2.1}], "e_pas": -92.5}],
      "conditions": [{"celsius": 34.0, "v_init": -92.5, "erev": [{"section": "soma", "ena": 53.0, "ek": -107.0}]}],
      "genome": [{"section": "soma", "name": "gNaTgbar_NaTg", "value": 0.3, "mechanism": "NaTg"},
        {"section": "soma", "name": "gSKv3_1bar_SKv3_1", "value": "0.25", "mechanism": "SKv3_1"},
        {"section": "soma", "name": "g_pas", "value": 5e-6, "mechanism": ""},
        {"section": "axon", "name": "g_pas", "value": 4e-4, "mechanism": ""},
        {"section": "dend", "name": "g_pas", "value": 3e-6, "mechanism": ""},
        {"section": "apic", "name": "g_pas", "value": 9e-5, "mechanism": ""}]}"#;

const NML: &str = include_str!("../templates/exported.cell.nml");

fn fit_of(processing: Option<&str>) -> TemplateName {
    TemplateName {
        template: "ctdb:Biophys1.hoc".to_owned(),
        parameters: Some("1_fit.json".to_owned()),
        processing: processing.map(str::to_owned),
    }
}

fn neuroml(processing: Option<&str>) -> TemplateName {
    TemplateName { processing: processing.map(str::to_owned), ..named("nml:1.cell.nml") }
}

fn made(folder: &Path, name: &TemplateName, cells: &BmtkCells) -> Result<Cell, EmodelError> {
    made_of(&registry(), folder, name, cells)
}

fn made_of(registry: &Registry, folder: &Path, name: &TemplateName, cells: &BmtkCells) -> Result<Cell, EmodelError> {
    let template = Template::read(folder, name, cells)?;
    let (builder, _) = template.builder(&shape(), registry, &Conditions::default(), &arguments(&[]))?;
    template.finish(builder)
}

/// Voltages of all segments in 200 steps with a current into the soma.
fn voltages(mut cell: Cell) -> Vec<Vec<f64>> {
    let soma = cell.node(cell.discretisation().soma_segment());
    cell.add_stimulus(Stimulus { node: soma as u32, waveform: Waveform::step(1.0, 1e6, 0.5) });
    let steps = (1..=200).map(|step| {
        cell.advance(step, &mut Vec::new());
        cell.state().membrane.v.clone()
    });
    steps.collect()
}

#[test]
fn fits_of_the_allen_institute_are_applied_as_by_bmtk() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1_fit.json"), FIT).unwrap();
    let registry = registry();
    let built = |processing: Option<&str>| {
        let name = fit_of(processing);
        let template = Template::read(folder.path(), &name, &BmtkCells { dl_um: 10.0, ..BmtkCells::default() })?;
        let (builder, _) = template.builder(&shape(), &registry, &Conditions::default(), &arguments(&[]))?;
        template.finish(builder)
    };
    let cell = built(Some("aibs_perisomatic")).unwrap();
    let mut passive = BTreeMap::<&str, Vec<f64>>::new();
    for (at, segment) in cell.discretisation().segments.iter().enumerate() {
        let section = &cell.discretisation().sections[segment.section];
        assert_eq!(section.segments.len(), 1 + 2 * (section.length_um / 20.0) as usize);
        passive.entry(section.kind.name()).or_default().push(value(&cell, cell.node(at), "g_pas"));
        if section.kind == SectionKind::Axon {
            assert!((section.length_um - 30.0).abs() < 1e-12 && (segment.diameter_um - 1.0).abs() < 1e-12);
        }
    }
    let lengths: Vec<(&str, usize, f64)> = passive.iter().map(|(kind, all)| (*kind, all.len(), all[0])).collect();
    assert_eq!(lengths, [("apic", 26, 9e-5), ("axon", 6, 4e-4), ("dend", 30, 3e-6), ("soma", 1, 5e-6)]);
    let soma = cell.node(cell.discretisation().soma_segment());
    assert_eq!([value(&cell, soma, "ena"), value(&cell, soma, "ek")], [53.0, -107.0]);
    assert_eq!(value(&cell, soma, "gSKv3_1bar_SKv3_1"), 0.25);
    // As thick as the axon's first and last section.
    let cell = built(Some("aibs_allactive_directed")).unwrap();
    let axon = cell.discretisation().sections.iter().filter(|section| section.kind == SectionKind::Axon);
    let diameters: Vec<f64> =
        axon.map(|section| cell.discretisation().segments[section.segments.start].diameter_um).collect();
    assert!((diameters[0] - 1.0).abs() < 0.2 && (diameters[1] - 0.39).abs() < 0.05, "{diameters:?}");
    assert!(built(Some("mine")).err().unwrap().to_string().contains("model_processing 'mine' is not supported"));
    std::fs::write(folder.path().join("1_fit.json"), FIT.replace("\"axon\", \"name\"", "\"axn\", \"name\"")).unwrap();
    let error = built(None).err().unwrap().to_string();
    assert!(error.contains("1_fit.json: genome[3]: section 'axn' must be one of: soma, axon, dend, apic"), "{error}");
    std::fs::write(folder.path().join("1_fit.json"), FIT.replace("\"NaTg\"}", "\"NaVV\"}")).unwrap();
    let error = built(None).err().unwrap().to_string();
    assert!(error.contains("1_fit.json: unknown mechanism 'NaVV'"), "{error}");
    assert!(error.ends_with("`insert NaVV`"), "{error}");
}

/// What a NeuroML file and a fit have in common is the same in their cells.
#[test]
fn neuroml_files_are_applied_as_by_bmtk() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1_fit.json"), FIT).unwrap();
    std::fs::write(folder.path().join("1.cell.nml"), NML).unwrap();
    let cells = BmtkCells::default();
    let made = |name: &TemplateName| made(folder.path(), name, &cells);
    let cell = made(&neuroml(Some("aibs_perisomatic"))).unwrap();
    let soma = cell.node(cell.discretisation().soma_segment());
    assert_eq!([value(&cell, soma, "ena"), value(&cell, soma, "ek")], [53.0, -107.0]);
    assert_eq!(value(&cell, soma, "gSKv3_1bar_SKv3_1"), 0.25);
    assert_eq!(value(&cell, soma, "gCa_HVAbar_Ca_HVA2"), 0.535 * 1e-3);
    assert_eq!(
        [value(&cell, soma, "gamma_CaDynamics_E2"), value(&cell, soma, "decay_CaDynamics_E2")],
        [0.00125, 717.9]
    );
    let common = without(&without(NML, "concentrationModel"), "channelDensityNernst");
    std::fs::write(folder.path().join("1.cell.nml"), common).unwrap();
    let of_file = voltages(made(&neuroml(None)).unwrap());
    let of_fit = voltages(made(&fit_of(Some("aibs_perisomatic"))).unwrap());
    // Mechanisms are inserted in another order, so that currents are summed in another.
    let apart = of_file.iter().flatten().zip(of_fit.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-9, "{apart} mV");
    assert!(of_file[199] != of_file[0]);
}

/// The text without the elements of a name.
fn without(text: &str, element: &str) -> String {
    let beginning = format!("<{element} ");
    let mut parts = text.split(&beginning);
    let first = parts.next().unwrap().to_owned();
    first + &parts.map(|part| part.split_once("/>").unwrap().1).collect::<String>()
}

#[test]
fn what_neuroml_files_cannot_say_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str, name: &TemplateName| {
        std::fs::write(folder.path().join("1.cell.nml"), text).unwrap();
        made(folder.path(), name, &BmtkCells::default()).err().map_or_else(String::new, |error| error.to_string())
    };
    let cases = [
        ("type=\"CaDynamics_E2\"", "type=\"Pool\"", "1.cell.nml: unknown mechanism 'Pool'"),
        (
            "gNaTgbar_NaTg",
            "Na_all",
            "channelDensity Na_all: the id must be the name of a parameter of the mechanism, such as gbar_NaTg",
        ),
        ("-0.107V", "-107 ohm", "channelDensity gSKv3_1bar_SKv3_1: erev '-107 ohm' must be in one of: mV, V"),
        ("erev=\"53.0 mV\"", "", "channelDensity gNaTgbar_NaTg: needs the attribute erev"),
        ("\"axon\" value", "\"tuft\" value", "segmentGroup 'tuft' must be one of: all, soma, axon, dend, apic"),
        (
            "spikeThresh",
            "channelDensityGHK",
            "channelDensityGHK: is not supported; supported: channelDensity, channelDensityNernst,",
        ),
        ("0.3 S_per_cm2", "x S_per_cm2", "channelDensity gNaTgbar_NaTg: condDensity 'x S_per_cm2' is no number"),
        ("</cell>", "", "1.cell.nml: expected 'cell' tag, not 'neuroml' at"),
    ];
    for (text, instead, message) in cases {
        let found = told(&NML.replace(text, instead), &neuroml(None));
        assert!(found.contains(message), "{found}\nexpected: {message}");
    }
    let nernst = NML.replace("channelDensity id=\"gNaTgbar_NaTg\"", "channelDensityNernst id=\"gNaTgbar_NaTg\"");
    assert!(
        told(&nernst, &neuroml(None)).contains("channelDensityNernst gNaTgbar_NaTg: is not supported for na and k")
    );
    let pools = NML.replace("membraneProperties>", "membraneProperties2CaPools>").replace("2500 S_per_m2", "2500 S");
    assert!(told(&pools, &neuroml(None)).contains("condDensity '2500 S' must be in one of"), "{pools}");
    assert!(told("<neuroml/>", &neuroml(None)).contains("1.cell.nml: membraneProperties: is absent or empty"));
    let found = told(NML, &neuroml(Some("aibs_allactive")));
    assert!(
        found.contains("model_processing 'aibs_allactive' is not supported; supported: aibs_perisomatic"),
        "{found}"
    );
    let found = told(NML, &TemplateName { parameters: Some("1_fit.json".to_owned()), ..neuroml(None) });
    assert!(found.contains("dynamics_params ('1_fit.json') must be NULL or absent"), "{found}");
    let found = told(NML, &named("nml:2.cell.nml"));
    assert!(found.contains("2.cell.nml: cannot be read"), "{found}");
}

/// Numbers of files, and what bmtk 0.0.8 in NEURON 8.2.6 makes of them.
#[test]
fn points_have_six_digits_in_the_old_import() {
    let printed = [
        (230.7745, 230.775),
        (-100.1702, -100.17),
        (-101.3045, -101.304),
        (-105.4905, -105.491),
        (101.7375, 101.738),
        (113.5315, 113.532),
        (243.4156, 243.416),
        (0.8136, 0.8136),
    ];
    let point = |x: f64| Point::single([x, 0.0, 0.0], 1.0);
    let section = |points: Vec<Point>| Section { kind: SectionKind::Soma, parent: None, points };
    let of_file = section(printed.iter().map(|(x, _)| point(*x)).collect());
    let morphology = Morphology { sections: vec![of_file] };
    let expected = section(printed.iter().map(|(_, x)| point(*x)).collect());
    assert_eq!(morphology.in_digits(6).sections, [expected]);
    // The whole cell.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1_fit.json"), FIT).unwrap();
    let length_um = |is_import_old| {
        let cells = BmtkCells { is_import_old, ..BmtkCells::default() };
        let cell = made(folder.path(), &fit_of(None), &cells).unwrap();
        cell.discretisation().sections.iter().map(|section| section.length_um).sum::<f64>()
    };
    let (new, old) = (length_um(false), length_um(true));
    assert!(new != old && (new / old - 1.0).abs() < 1e-4, "{new} {old}");
}

#[test]
fn slopes_are_differences_of_currents_where_mechanisms_are_told_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1_fit.json"), FIT).unwrap();
    let wish = [("numeric_conductance".to_owned(), 1.0)];
    let mut told = Registry::default();
    for name in ["NaTg", "SKv3_1", "pas"] {
        told.set_globals(name, &wish).unwrap();
    }
    let of =
        |registry: &Registry| voltages(made_of(registry, folder.path(), &fit_of(None), &BmtkCells::default()).unwrap());
    let numeric = of(&registry());
    assert!(of(&told) == numeric && of(&Registry::default()) != numeric);
    let refused = told.set_globals("CaDynamics_E2", &wish).unwrap_err().to_string();
    assert!(refused.contains("'CaDynamics_E2' has no global parameter 'numeric_conductance'"), "{refused}");
}
