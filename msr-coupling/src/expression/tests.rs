//! Values are those that CPython 3.11 with numpy gives for the same expressions; `max(values, number)`, which Python
//! refuses, is taken element by element.

use serde_json::json;
use sprs::TriMat;

use super::{Expression, ExpressionError, Scope};
use crate::space::{Mapping, SEGMENTS, Space, TETRAHEDRA};
use crate::space_graph::SpaceGraph;

fn spaces() -> SpaceGraph {
    let mut graph = SpaceGraph::default();
    graph.add_space(Space::of_nodes(SEGMENTS, None, vec![0, 1, 2])).unwrap();
    graph.add_space(Space::of_nodes(TETRAHEDRA, None, vec![0, 1])).unwrap();
    let mut fractions = TriMat::new((3, 2));
    fractions.add_triplet(0, 0, 1.0);
    fractions.add_triplet(1, 0, 0.25);
    fractions.add_triplet(1, 1, 0.75);
    fractions.add_triplet(2, 1, 0.5);
    graph.add_mapping(Mapping { from: SEGMENTS.into(), to: TETRAHEDRA.into(), fractions: fractions.to_csr() }).unwrap();
    graph
}

fn compile(text: &str) -> Result<Expression, ExpressionError> {
    let config = json!({"multiscale_run": {"steps": {"conc_factor": 1e-9, "compname": "extra"}}});
    Expression::compile(text, Scope { space: SEGMENTS, len: 3, spaces: &spaces(), config: &config })
}

fn evaluate(text: &str) -> Vec<f64> {
    compile(text).unwrap_or_else(|error| panic!("{error}")).evaluate(&[1.0, -2.0, 4.0]).to_vec()
}

#[test]
fn the_expressions_of_shipped_configurations() {
    assert_eq!(evaluate("vals * 1e-8"), [1e-8, -2e-8, 4e-8]);
    let scaled = evaluate("vals * (1.0 / (1.0e-3 * config.multiscale_run.steps.conc_factor))");
    approx::assert_relative_eq!(scaled[2], 4e12, max_relative = 1e-15);
    let mut adp =
        compile("vals / 2 * (-0.92 + np.sqrt(0.92 * 0.92 + 4 * 0.92 * (1.4449961078157665 / vals - 1)))").unwrap();
    // 1.3846374147608125 mM of ATP leave 0.057741408971236564 mM of ADP by the adenylate kinase equilibrium.
    approx::assert_relative_eq!(adp.evaluate(&[1.3846374147608125; 3])[0], 0.057741408971236564, max_relative = 1e-12);
}

#[test]
fn python_operators_and_functions() {
    assert_eq!(evaluate("-vals ** 2"), [-1.0, -4.0, -16.0]);
    assert_eq!(evaluate("vals % 3"), [1.0, 1.0, 1.0]);
    assert_eq!(evaluate("vals // 3"), [0.0, -1.0, 1.0]);
    assert_eq!(evaluate("1 // 0.1 + 0 * vals")[0], 9.0);
    approx::assert_relative_eq!(evaluate("1 % 0.1 + 0 * vals")[0], 0.09999999999999995);
    assert_eq!(evaluate("-5 % np.inf + 0 * vals")[0], f64::INFINITY);
    assert!(evaluate("np.maximum(vals, 0) + np.sqrt(vals)")[1].is_nan());
    assert!(evaluate("np.clip(np.log(vals), 0, 1)")[1].is_nan());
    assert!(evaluate("np.sqrt(vals).max()")[0].is_nan());
    assert_eq!(evaluate("np.where(vals > 0, vals, 0)"), [1.0, 0.0, 4.0]);
    assert_eq!(evaluate("np.clip(vals, -1, 2)"), [1.0, -1.0, 2.0]);
    assert_eq!(evaluate("vals - vals.mean()"), [0.0, -3.0, 3.0]);
    assert_eq!(evaluate("max(abs(vals), 3)"), [3.0, 3.0, 4.0]);
    assert_eq!(evaluate("round(2.5) + sum(vals)"), [5.0]);
    assert_eq!(evaluate("vals if 1 < 2 else -vals"), [1.0, -2.0, 4.0]);
    assert_eq!(evaluate("math.floor(math.pi) * np.sign(vals)"), [3.0, -3.0, 3.0]);
}

#[test]
fn matrices_change_the_space() {
    let mut product = compile("nsegXtetMat.transpose().dot(vals)").unwrap();
    assert_eq!(product.space(), Some(TETRAHEDRA));
    assert_eq!(product.evaluate(&[1.0, -2.0, 4.0]), [0.5, 0.5]);
    assert_eq!(evaluate("nsegXtetMat.dot(nsegXtetMat.T @ vals)"), [0.5, 0.5, 0.25]);
}

#[test]
fn mistakes_are_found_when_loaded_and_pointed_at() {
    let message = |text: &str| compile(text).err().unwrap_or_else(|| panic!("accepted: {text}")).to_string();
    assert_eq!(
        message("valls * 2"),
        "unknown name 'valls' (did you mean 'vals'?); available: vals, config, math, np, nXsecMat, nsecXnsegMat, \
         nXnsegMatBool, nsegXtetMat, nXtetMat, tetXbfVolsMat, tetXbfFlowsMat, tetXtetMat, abs, min, max, pow, round, \
         sum\n  valls * 2\n  ^^^^^"
    );
    assert_eq!(
        message("nsegXtetMat.dot(vals)"),
        "values in 'tetrahedra' (2) and in 'segments' (3) cannot be combined\n  nsegXtetMat.dot(vals)\n  \
         ^^^^^^^^^^^^^^^^^^^^^"
    );
    assert!(message("vals *").ends_with("\n  vals *\n        ^"), "{}", message("vals *"));
    assert!(
        message("tetXbfFlowsMat.dot(vals)")
            .starts_with("the matrix tetXbfFlowsMat joins tetrahedra and vessel_segments")
    );
    assert!(
        message("config.multiscale_run.steps.conc_facto").contains("did you mean")
            || message("config.multiscale_run.steps.conc_facto").contains("conc_factor")
    );
    assert!(message("config.multiscale_run.steps.compname * vals").contains("\"extra\", not a number"));
    assert!(message("__import__('os')").contains("unknown name"));
    assert!(message("vals.__class__").contains("cannot be used"));
    assert!(message("[x for x in vals]").contains("a comprehension cannot be used"));
    assert!(message(&"-".repeat(20_000)).starts_with("the expression is too large"));
    assert!(message(&format!("{}vals{}", "(".repeat(51), ")".repeat(51))).starts_with("the expression is too large"));
    assert_eq!(evaluate(&format!("{}vals", "-".repeat(990))), [1.0, -2.0, 4.0]);
    assert_eq!(evaluate(&format!("{}vals{}", "(".repeat(50), ")".repeat(50))), [1.0, -2.0, 4.0]);
    assert!(message("np.linalg.norm(vals)").contains("unknown name"));
}
