//! Values are those that CPython 3.11 with numpy gives for the same expressions; `max(values, number)`, which Python
//! refuses, is taken element by element.

use serde_json::json;
use sprs::TriMat;

use super::{Expression, ExpressionError, Scope};
use crate::space::{Mapping, SEGMENTS, Space, TETRAHEDRA};
use crate::space_graph::SpaceGraph;
use crate::unit::Unit;

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
    let unit = Unit::of("mV");
    let spaces = spaces();
    let scope = Scope { space: SEGMENTS, len: 3, unit: &unit, counted: None, spaces: &spaces, config: &config };
    Expression::compile(text, scope)
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
fn special_functions_of_math() {
    for (text, expected) in [
        ("math.erf(0.5)", 0.5204998778130465),
        ("math.erfc(0.5)", 0.4795001221869535),
        ("math.gamma(4.5)", 11.631728396567448),
        ("math.lgamma(10)", 12.801827480081469),
        ("math.remainder(5, 3)", -1.0),
        ("np.remainder(5, 3)", 2.0),
    ] {
        approx::assert_relative_eq!(evaluate(text)[0], expected, max_relative = 1e-15);
    }
    assert!(evaluate("np.where(vals > 0, vals, np.nan)")[1].is_nan());
}

#[test]
fn of_several_lines_the_one_with_the_mistake_is_shown() {
    let message = |text: &str| compile(text).err().unwrap_or_else(|| panic!("accepted: {text}")).to_string();
    assert!(
        message("(vals +\n  vls * 2\n)").ends_with("\n    vls * 2\n    ^^^"),
        "{}",
        message("(vals +\n  vls * 2\n)")
    );
    assert!(message("(vals.dot(\n2))").ends_with("\n  2))\n  ^"), "{}", message("(vals.dot(\n2))"));
}

#[test]
fn matrices_change_the_space() {
    let mut product = compile("nsegXtetMat.transpose().dot(vals)").unwrap();
    assert_eq!(product.space(), Some(TETRAHEDRA));
    assert_eq!(product.evaluate(&[1.0, -2.0, 4.0]), [0.5, 0.5]);
    assert_eq!(evaluate("nsegXtetMat.dot(nsegXtetMat.T @ vals)"), [0.5, 0.5, 0.25]);
}

#[test]
fn matrices_are_multiplied_before_the_run() {
    // nsegXtetMat is [[1, 0], [0.25, 0.75], [0, 0.5]]; its product with its transpose is
    // [[1, 0.25, 0], [0.25, 0.625, 0.375], [0, 0.375, 0.25]].
    let expected = [0.5, 0.5, 0.25];
    for text in [
        "nsegXtetMat @ nsegXtetMat.T @ vals",
        "(nsegXtetMat @ nsegXtetMat.T) @ vals",
        "nsegXtetMat.dot(nsegXtetMat.T).dot(vals)",
        "(nsegXtetMat * nsegXtetMat.T) * vals",
        "vals @ (nsegXtetMat @ nsegXtetMat.transpose())",
        "np.dot(nsegXtetMat @ nsegXtetMat.T, vals)",
        "-2 * nsegXtetMat @ nsegXtetMat.T / -2 @ vals",
        "(nsegXtetMat * 4 * 0.25) @ (vals @ nsegXtetMat)",
    ] {
        assert_eq!(evaluate(text), expected, "{text}");
    }
    assert_eq!(evaluate("vals @ vals"), [21.0]);
    assert_eq!(evaluate("vals.dot(vals > 0)"), [5.0]);
}

#[test]
fn nested_products_are_compiled_once_each() {
    let levels = 45;
    // The diagonal of the mean size by each size: all are 1 here.
    let identity = |left: &str| format!("{}nsegXtetMat.T @ vals{}", left.repeat(levels), ")".repeat(levels));
    for left in ["tetXtetMat*(", "tetXtetMat@(", "tetXtetMat.dot(", "2*(.5*", "tetXtetMat.T.T*("] {
        assert_eq!(evaluate(&identity(left)), [0.5, 0.5], "{left}");
    }
    let matrices =
        format!("({}tetXtetMat{}) @ (vals @ nsegXtetMat)", "(tetXtetMat*2/2@".repeat(levels), ")".repeat(levels));
    assert_eq!(evaluate(&matrices), [0.5, 0.5]);
}

#[test]
fn truths_are_joined_as_in_numpy() {
    assert_eq!(evaluate("np.where((vals > 0) & (vals < 2), vals, 0)"), [1.0, 0.0, 0.0]);
    assert_eq!(evaluate("~(vals > 0) | (vals == 4)"), [0.0, 1.0, 1.0]);
    assert_eq!(evaluate("np.logical_xor(vals > 0, vals > 2)"), [1.0, 0.0, 0.0]);
    assert_eq!(evaluate("np.isfinite(np.sqrt(vals)) & np.greater(vals, 1)"), [0.0, 0.0, 1.0]);
    assert_eq!(evaluate("(np.any(vals > 3) + np.all(vals > 3)) * np.count_nonzero(vals)"), [3.0]);
}

#[test]
fn reductions_of_numpy() {
    assert_eq!(evaluate("np.median(vals)"), [1.0]);
    assert_eq!(evaluate("np.ptp(vals) + np.amax(vals) + np.amin(vals)"), [8.0]);
    approx::assert_relative_eq!(evaluate("np.std(vals)")[0], 2.449489742783178);
    approx::assert_relative_eq!(evaluate("vals.var()")[0], 6.0);
    approx::assert_relative_eq!(evaluate("math.log(8, 2) + np.arcsinh(0)")[0], 3.0, max_relative = 1e-15);
    assert!(evaluate("np.median(np.sqrt(vals))")[0].is_nan());
}

/// Elements that nothing reaches hold 0, and 0 is no value of theirs.
#[test]
fn what_does_not_count_is_not_in_sums_and_means() {
    let counted = [true, false, true];
    let graph = spaces();
    let evaluate = |text: &str| {
        let config = serde_json::Value::Null;
        let unit = Unit::of("mV");
        let scope =
            Scope { space: SEGMENTS, len: 3, unit: &unit, counted: Some(&counted), spaces: &graph, config: &config };
        Expression::compile(text, scope).unwrap().evaluate(&[1.0, 0.0, 4.0]).to_vec()
    };
    assert_eq!(evaluate("np.mean(vals)"), [2.5]);
    assert_eq!(evaluate("min(vals) + vals.min()"), [2.0]);
    assert_eq!(evaluate("np.prod(vals + 1)"), [10.0]);
    assert_eq!(evaluate("vals - vals.mean()"), [-1.5, -2.5, 1.5]);
    // Two tetrahedra, both of which count.
    assert_eq!(evaluate("np.mean(nsegXtetMat.T @ vals)"), [1.5]);
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
    assert!(message("vals & 3").starts_with("&, | and ~ join comparisons"));
    assert!(message("nsegXtetMat @ nsegXtetMat").starts_with("values in 'tetrahedra' (2) and in 'segments' (3)"));
    assert!(message("nsegXtetMat @ nsegXtetMat.T").starts_with("a matrix stands where values are needed"));
    assert!(message("nsegXtetMat.T + vals").starts_with("a matrix stands where values are needed"));
    assert!(message("vals.dot(2)").starts_with("values of a space are needed here"));
    assert!(message("np.linalg.norm(vals)").contains("unknown name"));
}
