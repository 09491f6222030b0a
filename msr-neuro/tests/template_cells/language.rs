//! What the language means; results are those of NEURON 9.0.2.

use super::*;

/// What is wrong with a template `t` of this text outside of templates and in `init`.
fn outcome(outside: &str, declared: &str, init: &str) -> String {
    let text =
        format!("{outside}\nbegintemplate t\n{declared}\ncreate soma\nproc init() {{\n{init}\n}}\nendtemplate t\n");
    built(HocTemplate::parse(&text, "t.hoc", "t"))
}

fn built(template: Result<HocTemplate, msr_neuro::hoc::HocError>) -> String {
    let registry = Registry::default();
    let built = template.and_then(|template| {
        template.builder(&shape(), &registry, &Conditions::default(), &arguments(&[])).map(|_| ())
    });
    built.err().map_or_else(String::new, |error| error.to_string())
}

/// A statement that says where a number is another.
fn expect(expression: &str, number: f64) -> String {
    format!(
        "{{ if (({expression}) != {number}) {{ strdef found\nsprint(found, \"{expression} is %g\", {expression})\nexecerror(found) }} }}\n"
    )
}

#[test]
fn numbers_outside_of_templates_change() {
    let outside = format!(
        "nn = 0\nnn = nn + 1\n{}while (nn < 3) nn += 1\n{}for i = 1, 4 nn = nn*2\n{}{}execute(\"q = 1\")\nexecute(\"q = 2\")\n{}",
        expect("nn", 1.0),
        expect("nn", 3.0),
        expect("nn", 48.0),
        expect("i", 4.0),
        expect("q", 2.0)
    );
    assert_eq!(outcome(&outside, "", ""), "");
    let told =
        outcome("nn = 7\nfunc outer() { return nn }", "", "nn = 5\nif (nn != 5 || outer() != 7) execerror(\"own\")");
    assert_eq!(told, "", "a template's variables are its own");
    let told = outcome(
        "nn = 7\nfunc outer() { return nn }",
        "external nn, outer",
        &format!("nn = 5\n{}", expect("outer()", 5.0)),
    );
    assert_eq!(told, "", "but not those that it calls external");
    // What the conditions set stays.
    assert_eq!(outcome(&format!("celsius = 3\n{}", expect("celsius", Conditions::default().celsius)), "", ""), "");
    assert!(outcome(&expect("2*3", 7.0), "", "").contains("2*3 is 6"));
}

#[test]
fn a_file_is_carried_out_where_it_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let outer = |wanted: f64| {
        format!(
            "RAX = 1\nload_file(\"defaults.hoc\")\nRB = 2*RAX\nRAX = 150\nload_file(\"defaults.hoc\")\n\
             begintemplate t\nexternal RAX, RB\ncreate soma\nobjref inner\nproc init() {{\n{}{}soma Ra = RAX\n\
             inner = new Inner()\n{}load_file(1, \"defaults.hoc\")\n{} }}\nendtemplate t\n",
            expect("RB", wanted),
            expect("RAX", 150.0),
            expect("of_inner", 9.0),
            expect("RAX", 100.0)
        )
    };
    write("defaults.hoc", "RAX = 100\nload_file(\"t.hoc\")\n");
    write("Inner.hoc", "of_inner = 9\nbegintemplate Inner\nproc init() { }\nendtemplate Inner\n");
    let told = |wanted: f64| {
        write("t.hoc", &outer(wanted));
        built(HocTemplate::read(&folder.path().join("t.hoc"), "t"))
    };
    assert_eq!(told(200.0), "");
    assert!(told(2.0).contains("RB is 200"));
    write("defaults.hoc", "\nRAX = RAY\n");
    assert!(told(200.0).contains("defaults.hoc:2: 'RAY' is not defined: `RAX = RAY`"), "{}", told(200.0));
}

#[test]
fn what_ends_in_the_middle_is_told() {
    let told = built(HocTemplate::parse("begintemplate t\nproc init() {\nfor (", "t.hoc", "t"));
    assert!(told.contains("t.hoc:3: expected an expression, found the end of the text"), "{told}");
    let told = outcome("", "", "execute(\"for (\")");
    assert!(told.contains("t.hoc:6: in \"for (\": expected an expression, found the end of the text"), "{told}");
}
