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
fn layers_outside_of_the_membrane_have_numbers() {
    let init = format!(
        "access soma\ninsert extracellular\nxg = 5\nxg[1] = 7\nxraxial[1](0.5) = 3\ne_extracellular = 2\n{}{}{}{}{}{}",
        expect("xg", 5.0),
        expect("xg[0]", 5.0),
        expect("xg[0+1](0.5)", 7.0),
        expect("soma.xraxial[1]", 3.0),
        expect("xc[1]", 0.0),
        expect("e_extracellular", 2.0),
    );
    assert_eq!(outcome("", "", &init), "");
    let told = outcome("", "", "soma { insert extracellular xg[2] = 1 }");
    assert!(told.contains("mechanism 'extracellular' has no RANGE parameter 'xg[2]'"), "{told}");
    let told = outcome("", "", "soma xg[1] = 1");
    assert!(told.contains("mechanism 'extracellular' is inserted nowhere"), "{told}");
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

/// The smallest stack of a thread that this is tried in; threads have 2 MiB.
const STACK: usize = 3 << 19;

#[test]
fn what_is_nested_too_deeply_is_told() {
    let nested = |inner: &str, depth: usize| format!("{}{inner}{}", "abs(1+".repeat(depth), ")".repeat(depth));
    let sum = |terms: usize| vec!["1"; terms].join("+");
    let statements = |depth: usize| format!("{}x = 1{}", "if (1) { ".repeat(depth), " }".repeat(depth));
    let cases = [
        (String::new(), format!("x = {}\nif (x != 60000) execerror(\"sum\")", sum(60_000)), ""),
        (String::new(), format!("x = {}\nif (x != 51) execerror(\"brackets\")", nested("1", 50)), ""),
        (String::new(), statements(50), ""),
        (String::new(), format!("x = {}", nested("1", 1000)), "t.hoc:6: the expression is nested too deeply"),
        (String::new(), statements(1000), "t.hoc:6: blocks are nested too deeply"),
        (String::new(), format!("x = {}1", "-".repeat(60_000)), "nested too deeply"),
        (String::new(), format!("x = {}", vec!["2"; 60_000].join("^")), "nested too deeply"),
        (String::new(), format!("x = {}1", "x = ".repeat(60_000)), "nested too deeply"),
        (format!("func f() {{ return {} }}", nested("f()", 50)), "f()".to_owned(), "too deeply within one another"),
        (format!("proc f() {{ {} f() }}", statements(20)), "f()".to_owned(), "procedures call one another too deeply"),
        (String::new(), format!("execute(\"x = {}\", this)", nested("1", 1000)), "nested too deeply"),
        ("proc f() { execute(\"f()\", this) }".to_owned(), "f()".to_owned(), "procedures call one another too deeply"),
        ("objref other".to_owned(), "other = new t()".to_owned(), "too deeply"),
    ];
    for (declared, init, wanted) in cases {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let told = thread.spawn(move || outcome("", &declared, &init)).unwrap().join().unwrap();
        let short: String = told.chars().take(300).collect();
        assert!(told.contains(wanted) && told.is_empty() == wanted.is_empty(), "{wanted}: {short}");
    }
}

#[test]
fn mistakes_in_numbers_are_told() {
    let good = [
        "print \"a\"; x = 3\nif (x != 3) execerror(\"print\")",
        "x = 1 + \\\r\n 2\nif (x != 3) execerror(\"continuation\")",
        "x = 1 + \\\n 2\nif (x != 3) execerror(\"continuation\")",
        "vector = new Vector(3, 5)\nif (vector.sum() != 15) execerror(\"vector\")",
        "vector = new Vector(3)\nif (vector.sum() != 0) execerror(\"vector\")",
        "x = 7 % 4 - 5 % 3 + -5 % 3\nif (x != 2) execerror(\"remainder\")",
        "x = 7 - 2 - 1 && 0 || 2*6/3/2 == 2\nif (x != 1) execerror(\"order\")",
        "x = 0 && 1/0\ny = 1 || 1/0\nif (x != 0 || y != 1) execerror(\"short\")",
        "soma { diam(0) = 3 diam(1) = 4 x = area(0) + distance(0, 1) }",
    ];
    for init in good {
        assert_eq!(outcome("", "objref vector", init), "", "{init}");
    }
    let place = |at: &str| format!("a place at {at} on a section; places are from 0 to 1");
    let bad = [
        ("x = 5 % 0", "5 % 0: the divisor must be positive".to_owned()),
        ("x = 5 % -3", "5 % -3: the divisor must be positive".to_owned()),
        ("x = sqrt(-1)", "sqrt of -1, which is negative".to_owned()),
        ("x = log(-1)", "log of -1, which is negative".to_owned()),
        ("x = log10(-2)", "log10 of -2, which is negative".to_owned()),
        ("x = (-8)^0.5", "-8^0.5 is no number".to_owned()),
        ("x = 1\nx /= 0", "division by zero".to_owned()),
        ("soma x = diam(1.5)", place("1.5")),
        ("soma diam(-0.1) = 3", place("-0.1")),
        ("soma x = area(2)", place("2")),
        ("soma distance(0, 1.5)", place("1.5")),
        ("create dend\nconnect dend(0), soma(1.5)", place("1.5")),
        ("soma diam(0:1.5) = 3:4", "diam(0:1.5) must be a piece of the section from 0 to 1".to_owned()),
        ("soma diam(-1:1) = 3:4", "diam(-1:1) must be a piece of the section from 0 to 1".to_owned()),
    ];
    for (init, message) in bad {
        let told = outcome("", "", init);
        assert!(told.contains(&message), "{init}\n{told}\nexpected: {message}");
    }
}

#[test]
fn a_section_of_one_point_has_no_shape() {
    let told = "soma[0] has 3-D points, but no length; two apart are needed";
    let one = "soma { pt3dadd(0, 0, 0, 3) nseg = 3 x = area(0.5) + lambda_f(100) }";
    assert!(outcome("", "", one).contains(told), "{}", outcome("", "", one));
    let twice = "soma { pt3dadd(0, 0, 0, 3) pt3dadd(0, 0, 0, 3) nseg = 3 }";
    assert!(outcome("", "", twice).contains(told), "{}", outcome("", "", twice));
    assert_eq!(outcome("", "", &format!("{one}\nsoma pt3dadd(0, 10, 0, 3)")), "");
}

#[test]
fn sections_are_no_more_than_fit() {
    let told = |init: &str| outcome("", "", init);
    assert!(told("create axon[100000]").contains("axon[100000] must have 1 to 50000 sections"));
    let all = "the cell would have had 80001 sections, deleted ones among them; at most 50000 are possible";
    let found = told("create axon[40000]\ncreate axon[40000]");
    assert!(found.contains(all), "{found}");
    assert!(told("while (1) { create axon[7] }").contains("at most 50000 are possible"));
    // Those of before are gone, with what sprang from them.
    let found = told("create axon[2]\ncreate dend\nconnect dend(0), axon(1)\ncreate axon\nconnect axon(0), soma(1)");
    assert!(found.contains("section dend[0] is not connected"), "{found}");
}
