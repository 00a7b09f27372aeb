//! The HTML report: one self-contained page.
//!
//! All numbers stand in tables that are rendered here; the figures are drawn by scripts inside the page from the
//! analysis embedded in it as JSON. The page loads nothing, and its Content-Security-Policy names the hash of
//! every script, so that nothing else can run even if an escape were forgotten.

mod assets;
mod chain;
pub(crate) mod comparison;
mod embed;
mod filters;
mod policy;
pub(crate) mod process;
mod questions;
mod sources;
mod stress;
mod timeline;
mod tree;
mod what_if;
pub(crate) mod why;

use crate::{equilibria, lookup, number, summary};
use counterplay_analysis::{Analysis, WarningKind};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value, context, value::Serde};

/// The report as one HTML file.
///
/// It works offline and on any screen from 400 pixels up, follows the reader's colour scheme, and prints. The
/// same analysis gives the same bytes.
///
/// # Panics
///
/// Only if a template of this crate is broken, which its tests rule out; no analysis can make it panic.
pub fn html(analysis: &Analysis) -> String {
    let data = embed::json(analysis);
    let environment = environment();
    environment
        .get_template("page.html")
        .and_then(|page| page.render(page_context(analysis, &data)))
        .unwrap_or_else(|error| panic!("a template of the report is broken: {error:#}"))
}

/// The templates with their filters. Names end in `.html`, which turns escaping on.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment
        .set_syntax(syntax.unwrap_or_else(|error| panic!("the default delimiters are sound: {error:#}")));
    for (name, source) in assets::TEMPLATES {
        environment
            .add_template(name, source)
            .unwrap_or_else(|error| panic!("the template {name} is broken: {error:#}"));
    }
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    filters::add(&mut environment);
    environment
}

/// Everything that the templates read.
fn page_context(analysis: &Analysis, data: &str) -> Value {
    let shared = context! {
        policy => policy::policy(assets::SCRIPTS.iter().map(|(_, script)| *script)),
        style => Value::from_safe_string(assets::STYLE.to_owned()),
        scripts => assets::SCRIPTS.iter().map(|(_, s)| Value::from_safe_string((*s).to_owned())).collect::<Vec<_>>(),
        data => Value::from_safe_string(data.to_owned()),
        fingerprint => policy::fingerprint(data),
        about => lookup::phrase(&analysis.case.about),
        summary => summary::sentences(analysis),
        players => players(analysis),
        factual => Serde(lookup::probability(&analysis.factual, &analysis.case.about)),
        foreseen => Serde(lookup::probability(&analysis.prior_prediction, &analysis.case.about)),
        judged => analysis.parameters.iter().filter(|parameter| parameter.judgement_only).count(),
    };
    let asked = questions::questions(analysis);
    let parts = context! {
        has_questions => !asked.is_empty(),
        questions => Serde(asked),
        steps => Serde(timeline::steps(analysis)),
        what_ifs => Serde(what_if::what_ifs(analysis)),
        outcomes => Serde(what_if::factual(analysis)),
        parameters => Serde(sources::parameters(analysis)),
        sources => Serde(sources::sources(&analysis.case.sources)),
        outline => Serde(tree::outline(analysis)),
        outline_total => tree::nodes(&analysis.tree),
        warnings => warnings(analysis),
        shares => filters::attribution_views(analysis),
        process => process::process(analysis),
        stress => stress::view(analysis),
        turning_point => why::turning_point(analysis),
        causes => why::causes(analysis),
        chain => chain::chain(analysis),
        told_with => chain::settings(analysis),
    };
    let record = context! {
        schema_version => analysis.schema_version,
        version => analysis.counterplay_version.as_str(),
        case => Serde(&analysis.case),
        settings => Serde(&analysis.settings),
        game => Serde(&analysis.game),
        play => Serde(&analysis.play),
        equilibria => equilibria::view(analysis),
        sampling => Serde(&analysis.sampling),
        measured => Serde(&analysis.measured),
        explanations => Serde(&analysis.explanations),
        afters => analysis.explanations.iter().map(|e| lookup::probability_of(e, analysis)).collect::<Vec<_>>(),
        places => analysis.explanations.iter().map(|e| number::place(e.rank)).collect::<Vec<_>>(),
        silent => lookup::record_says_nothing(analysis),
        comparison => comparison::comparison(analysis),
        variants => comparison::variants(analysis),
        claims => Serde(&analysis.claims),
    };
    context! { ..shared, ..parts, ..record }
}

/// Players with their colour classes, for the legend.
fn players(analysis: &Analysis) -> Vec<Value> {
    let name = |(i, name): (usize, &String)| context! { name => name.as_str(), colour => colour(Some(i)) };
    analysis.case.players.iter().enumerate().map(name).collect()
}

/// The class that gives a player its colour; chance has its own. Eight colours, then they recur.
fn colour(player: Option<usize>) -> String {
    player.map_or_else(|| "chance".to_owned(), |index| format!("player-{}", index % 8))
}

/// Warnings with their kind in words, in the order of the analysis: most serious first.
fn warnings(analysis: &Analysis) -> Vec<Value> {
    let view = |warning: &counterplay_analysis::Warning| {
        context! {
            kind => kind(warning.kind),
            serious => matches!(warning.kind, WarningKind::Equilibrium | WarningKind::Sampling),
            message => warning.message.as_str(),
        }
    };
    analysis.warnings.iter().map(view).collect()
}

/// A kind of warning in words.
pub(crate) fn kind(kind: WarningKind) -> &'static str {
    match kind {
        WarningKind::Equilibrium => "Play",
        WarningKind::Sampling => "Posterior",
        WarningKind::OtherEquilibria => "Other equilibria",
        WarningKind::Precision => "Too imprecise",
        WarningKind::Judgement => "Judgement alone",
        WarningKind::Scenario => "About the scenario",
    }
}

/// A probability with its central 90%, formatted: text and range.
fn formatted(interval: Option<&counterplay_analysis::Interval>) -> (String, String) {
    interval.map_or_else(
        || ("–".to_owned(), String::new()),
        |interval| (number::percent(interval.mean, interval.error), number::percent_range(interval)),
    )
}
