//! What the summary says of answers under rival explanations, and of variants.

use super::layout::{Cell, Line, Paint, Section, wrap};
use super::sections::table;
use crate::html::comparison::short_names;
use crate::number;
use counterplay::analysis::{Analysis, AveragedAnswer, Comparison, VariantSummary, Variants};

/// How far the answers hang on the explanation, and which item of direct evidence tells most.
pub(crate) fn notes(analysis: &Analysis, width: usize) -> Section {
    let Some(found) = &analysis.comparison else { return Section::default() };
    let notes = [hanging(found), telling(found)];
    let lines = notes.into_iter().flatten().map(|note| lines(&note, width));
    Section { title: Vec::new(), rows: lines.collect(), may_shrink: true }
}

fn lines(note: &str, width: usize) -> Vec<Line> {
    let wrapped = wrap(note, width - 2, 2).into_iter();
    wrapped.map(|line| Line::of([Cell::plain(format!("  {line}"))])).collect()
}

/// The answer that differs most from explanation to explanation.
fn hanging(found: &Comparison) -> Option<String> {
    let span = |answer: &AveragedAnswer| {
        let means = || answer.each.iter().map(|e| e.mean);
        means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min)
    };
    let answer = found.answers.iter().max_by(|a, b| span(a).total_cmp(&span(b)))?;
    let short = short_names(found.accounts.iter().map(|a| a.name.as_str()));
    let mut each: Vec<(f64, f64, &String)> =
        answer.each.iter().zip(&short).map(|(e, name)| (e.mean, e.error, name)).collect();
    each.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = (each.first()?, each.last()?);
    let average = &answer.about_probability;
    Some(format!(
        "Hangs most on the explanation: {}, {} ({}) to {} ({}), averaged {}",
        answer.name,
        number::percent(low.0, low.1),
        low.2,
        number::percent(high.0, high.1),
        high.2,
        number::percent(average.mean, average.error),
    ))
}

/// The direct evidence that tells most.
fn telling(found: &Comparison) -> Option<String> {
    let direct = found.evidence.iter().filter(|item| !item.computed);
    let most = direct.max_by(|a, b| a.largest_change.total_cmp(&b.largest_change))?;
    let change = 100.0 * most.largest_change;
    Some(format!("Direct evidence that tells most: {}, {change:.0} points if left out", most.name))
}

/// The variants: how each ends as it was, and the answer that moves most.
pub(crate) fn variants(analysis: &Analysis, width: usize) -> Section {
    let Some(found) = &analysis.variants else { return Section::default() };
    if found.run.is_empty() {
        return left_out(found, width);
    }
    let rows = found.run.iter().map(|variant| row(variant, analysis)).collect();
    table("Variants", &["as it was", "Bayes factor", "moves most", "to"], rows, &[2], width)
}

fn left_out(found: &Variants, width: usize) -> Section {
    let count = found.left_out.len();
    let (noun, verb) = if count == 1 { ("variant", "was") } else { ("variants", "were") };
    let note = format!("{count} {noun} of the story {verb} not run: `--variants` runs them");
    Section { title: Vec::new(), rows: vec![lines(&note, width)], may_shrink: true }
}

fn row(variant: &VariantSummary, analysis: &Analysis) -> Vec<Cell> {
    let moved = variant.answers.iter().filter_map(|answer| {
        let base = analysis.answers.iter().find(|a| a.name == answer.name)?;
        Some((answer, (answer.about_probability.mean - base.about_probability.mean).abs()))
    });
    let most = moved.max_by(|a, b| a.1.total_cmp(&b.1)).map(|m| m.0);
    let name =
        if variant.converged { variant.name.clone() } else { format!("{} (NOT CONVERGED)", variant.name) };
    vec![
        Cell::new(name, if variant.converged { Paint::Plain } else { Paint::Bad }),
        Cell::plain(number::percent(variant.factual.mean, variant.factual.error)),
        Cell::faint(number::estimate(&variant.bayes_factor)),
        Cell::plain(most.map_or("–", |m| m.name.as_str())),
        Cell::plain(most.map_or_else(
            || "–".to_owned(),
            |m| number::percent(m.about_probability.mean, m.about_probability.error),
        )),
    ]
}
