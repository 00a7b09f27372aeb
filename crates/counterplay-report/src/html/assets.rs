//! The files of the page, as they stand in `assets/`.

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("../../assets/report.css");

/// Scripts by name, in the order in which they run.
pub(crate) const SCRIPTS: [(&str, &str); 17] = [
    ("d3", include_str!("../../assets/vendor/d3.min.js")),
    ("plot", include_str!("../../assets/vendor/plot.umd.min.js")),
    ("core", include_str!("../../assets/js/core.js")),
    ("figure", include_str!("../../assets/js/figure.js")),
    ("intervals", include_str!("../../assets/js/intervals.js")),
    ("timeline", include_str!("../../assets/js/timeline.js")),
    ("attribution", include_str!("../../assets/js/attribution.js")),
    ("why", include_str!("../../assets/js/why.js")),
    ("process", include_str!("../../assets/js/process.js")),
    ("explanations", include_str!("../../assets/js/explanations.js")),
    ("comparison", include_str!("../../assets/js/comparison.js")),
    ("questions", include_str!("../../assets/js/questions.js")),
    ("parameters", include_str!("../../assets/js/parameters.js")),
    ("stress", include_str!("../../assets/js/stress.js")),
    ("tree-layout", include_str!("../../assets/js/tree-layout.js")),
    ("tree", include_str!("../../assets/js/tree.js")),
    ("main", include_str!("../../assets/js/main.js")),
];

/// Templates by name.
pub(crate) const TEMPLATES: [(&str, &str); 21] = [
    ("macros.html", include_str!("../../assets/templates/macros.html")),
    ("page.html", include_str!("../../assets/templates/page.html")),
    ("opening.html", include_str!("../../assets/templates/opening.html")),
    ("story.html", include_str!("../../assets/templates/story.html")),
    ("tree.html", include_str!("../../assets/templates/tree.html")),
    ("process.html", include_str!("../../assets/templates/process.html")),
    ("what-ifs.html", include_str!("../../assets/templates/what-ifs.html")),
    ("questions.html", include_str!("../../assets/templates/questions.html")),
    ("attribution.html", include_str!("../../assets/templates/attribution.html")),
    ("turning_point.html", include_str!("../../assets/templates/turning_point.html")),
    ("causes.html", include_str!("../../assets/templates/causes.html")),
    ("explanations.html", include_str!("../../assets/templates/explanations.html")),
    ("comparison.html", include_str!("../../assets/templates/comparison.html")),
    ("variants.html", include_str!("../../assets/templates/variants.html")),
    ("chain.html", include_str!("../../assets/templates/chain.html")),
    ("claims.html", include_str!("../../assets/templates/claims.html")),
    ("stress.html", include_str!("../../assets/templates/stress.html")),
    ("parameters.html", include_str!("../../assets/templates/parameters.html")),
    ("equilibria.html", include_str!("../../assets/templates/equilibria.html")),
    ("diagnostics.html", include_str!("../../assets/templates/diagnostics.html")),
    ("sources.html", include_str!("../../assets/templates/sources.html")),
];
