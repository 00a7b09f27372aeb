//! What the summary says of answers under rival explanations, and of variants.

use super::layout::{Cell, Line, Paint, Room, Section, table};
use crate::html::comparison::short_names;
use crate::number;
use counterplay_analysis::{Analysis, AveragedAnswer, Comparison, Interval, VariantSummary, Variants};

/// The answer that differs most from explanation to explanation, on one line.
pub(crate) fn notes(analysis: &Analysis, room: Room) -> Section {
    let note = analysis.comparison.as_ref().filter(|_| !analysis.explanations.is_empty()).and_then(hanging);
    Section {
        title: note.map(|note| Line::of([Cell::plain(room.shortened(&note))])).into_iter().collect(),
        ..Section::default()
    }
}

fn hanging(found: &Comparison) -> Option<String> {
    let span = |answer: &AveragedAnswer| {
        let means = || answer.each.iter().map(|e| e.mean);
        means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min)
    };
    let answer = found.answers.iter().max_by(|a, b| span(a).total_cmp(&span(b)))?;
    let short = short_names(found.explanations.iter().map(|a| a.name.as_str()));
    let mut each: Vec<(&Interval, &String)> = answer.each.iter().zip(&short).collect();
    each.sort_by(|a, b| a.0.mean.total_cmp(&b.0.mean));
    let percent = |i: &Interval| number::percent(i.mean, i.error);
    let ((low, under_low), (high, under_high)) = (each.first()?, each.last()?);
    Some(format!(
        "Depends most on which is right: {} ({under_low}) to {} ({under_high}), on average {}: {}",
        percent(low),
        percent(high),
        percent(&answer.about_probability),
        answer.name,
    ))
}

/// The variants: how each ends as it was, and by how much it moves an answer at most.
pub(crate) fn variants(analysis: &Analysis, room: Room) -> Section {
    let Some(found) = &analysis.variants else { return Section::default() };
    if found.run.is_empty() {
        return left_out(found);
    }
    let rows = found.run.iter().map(|variant| row(variant, analysis)).collect();
    table("Variants", &["as it was", "Bayes factor", "largest move"], rows, &[2], room)
}

fn left_out(found: &Variants) -> Section {
    let count = found.left_out.len();
    let (noun, verb) = if count == 1 { ("variant", "was") } else { ("variants", "were") };
    let note = format!("{count} {noun} of the story {verb} not run: `--variants` runs them");
    Section { title: vec![Line::of([Cell::plain(note)])], ..Section::default() }
}

fn row(variant: &VariantSummary, analysis: &Analysis) -> Vec<Cell> {
    let moved = variant.answers.iter().filter_map(|answer| {
        let base = analysis.answers.iter().find(|a| a.name == answer.name)?;
        Some((answer.about_probability.mean - base.about_probability.mean, answer.about_probability.error))
    });
    let most = moved.max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let name =
        if variant.converged { variant.name.clone() } else { format!("NOT CONVERGED {}", variant.name) };
    vec![
        Cell::new(name, if variant.converged { Paint::Plain } else { Paint::Bad }),
        Cell::plain(number::percent(variant.factual.mean, variant.factual.error)),
        Cell::faint(number::estimate(&variant.bayes_factor)),
        Cell::plain(most.map_or_else(|| "–".to_owned(), |(change, error)| number::points(change, error))),
    ]
}
