//! The positions by round, as a picture.

use counterplay_collective::spatial::rounds::{BargainingPath, Round};
use counterplay_math::log10;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Findings, Model, Spatial};
use crate::actors_file::ActorsFile;
use crate::failure::Failure;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 420;
/// Room for the names of the actors at the right, and how many letters fit into it.
const RIGHT: u32 = 200;
const LETTERS: usize = 32;
/// The height of a name, and about the width of one of its letters.
const APART: i32 = 13;
const LETTER: i32 = 6;
/// Where the first round is, from the left.
const LEFT: i32 = 76;

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// The positions as SVG: one panel for each dimension; with drawn inputs, behind them where nine in ten of the outcomes lie.
pub(super) fn svg(asked: &Spatial, file: &ActorsFile, found: &Findings) -> Result<String, Failure> {
    let mut text = String::new();
    drawn(&mut text, asked, file, found)
        .map_err(|e| Failure::new(format!("the positions cannot be drawn: {e}")))?;
    Ok(text)
}

fn drawn(text: &mut String, asked: &Spatial, file: &ActorsFile, found: &Findings) -> Drawn {
    let panels = file.dimensions.len();
    let root = SVGBackend::with_string(text, (WIDTH, HEIGHT * panels as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    for (d, area) in root.split_evenly((panels, 1)).iter().enumerate() {
        if let Some((course, own)) = found.course(d) {
            panel(area, asked, file, found, &Part { course, own, dimension: d })?;
        }
    }
    root.present()?;
    Ok(())
}

/// What one panel shows.
struct Part<'a> {
    course: &'a BargainingPath,
    /// Which of the dimensions of the course.
    own: usize,
    /// Which of all.
    dimension: usize,
}

impl Part<'_> {
    /// The quantiles that are drawn as a band, by round.
    fn band<'b>(&self, asked: &Spatial, found: &'b Findings) -> Option<&'b Vec<Vec<f64>>> {
        let runs = found.runs.as_ref()?;
        Some(if asked.model == Model::Smp {
            &runs.mean[self.dimension]
        } else {
            &runs.median[self.dimension]
        })
    }

    /// What the model forecasts at a round.
    fn outcome(&self, model: Model, round: &Round) -> f64 {
        if model == Model::Smp { round.mean[self.own] } else { round.median[self.own].middle() }
    }

    fn range(&self, band: Option<&Vec<Vec<f64>>>) -> (f64, f64) {
        let positions = self.course.rounds.iter().flat_map(|r| r.positions.iter().map(|p| p[self.own]));
        let all = positions.chain(band.into_iter().flatten().flatten().copied());
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let margin = if high > low { 0.05 * (high - low) } else { 1.0 };
        (low - margin, high + margin)
    }
}

/// What is drawn.
fn caption(asked: &Spatial, found: &Findings) -> String {
    let centre = if asked.model == Model::Smp { "mean" } else { "median" };
    let band = if found.runs.is_some() { "; grey: nine in ten draws of it" } else { "" };
    format!("{} (black: weighted {centre}{band})", asked.model.name())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    asked: &Spatial,
    file: &ActorsFile,
    found: &Findings,
    part: &Part<'_>,
) -> Drawn {
    let band = part.band(asked, found);
    let (low, high) = part.range(band);
    let rounds = &part.course.rounds;
    let last = (rounds.len() - 1).max(1) as f64;
    let name: String = file.dimensions[part.dimension].chars().take(60).collect();
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{name}: {}", caption(asked, found)), ("sans-serif", 16))
        .margin(16)
        .margin_right(RIGHT)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..last, low..high)?;
    chart
        .configure_mesh()
        .x_desc("round of bargaining (0: as stated)")
        .y_desc(format!("position on {name}, in the units of the table"))
        .y_label_formatter(&|y| mark(*y, high - low))
        .x_labels(rounds.len().min(12))
        .x_label_formatter(&|x| if x.fract() == 0.0 { format!("{x:.0}") } else { String::new() })
        .light_line_style(WHITE)
        .draw()?;
    if let Some(band) = band.filter(|_| rounds.len() > 1) {
        let at = |round: usize, level: usize| (round as f64, band[round.min(band.len() - 1)][level]);
        let lower = (0..rounds.len()).map(|round| at(round, 0));
        let upper = (0..rounds.len()).rev().map(|round| at(round, 4));
        let outline: Vec<(f64, f64)> = lower.chain(upper).collect();
        chart.draw_series([Polygon::new(outline, BLACK.mix(0.12))])?;
    }
    for actor in 0..file.names.len() {
        let style = Palette99::pick(actor).stroke_width(2);
        let points = rounds.iter().enumerate().map(|(at, r)| (at as f64, r.positions[actor][part.own]));
        chart.draw_series(LineSeries::new(points, style))?;
    }
    let outcome = rounds.iter().enumerate().map(|(at, r)| (at as f64, part.outcome(asked.model, r)));
    chart.draw_series(LineSeries::new(outcome, BLACK.stroke_width(4)))?;
    // Those who end at the same place can be told apart by where they began: above their lines, on paper that is nearly white.
    let row_of = |at: f64, x: f64| chart.backend_coord(&(at, x)).1 - area.get_base_pixel().1;
    for (row, label) in labels(file, part, part.course.round(0), |x| row_of(0.0, x)) {
        let wide = label.chars().map(|_| LETTER).sum::<i32>();
        let (top, paper) = (row - APART / 2 - 2, WHITE.mix(0.6).filled());
        area.draw(&Rectangle::new([(LEFT + 3, top), (LEFT + 5 + wide, top + APART)], paper))?;
        area.draw(&Text::new(label, (LEFT + 4, top + 1), ("sans-serif", 12)))?;
    }
    for (row, label) in labels(file, part, part.course.last(), |x| row_of(last, x)) {
        area.draw(&Text::new(label, ((WIDTH - RIGHT).cast_signed() + 4, row), ("sans-serif", 12)))?;
    }
    Ok(())
}

/// A position on an axis of this length, with no more decimals than tell its marks apart.
fn mark(position: f64, length: f64) -> String {
    let decimals = (1.0 - log10(length)).ceil().clamp(0.0, 6.0) as usize;
    format!("{position:.decimals$}")
}

/// The names of the actors beside their lines at a round; those at the same place stand together.
fn labels(
    file: &ActorsFile,
    part: &Part<'_>,
    round: &Round,
    row_of: impl Fn(f64) -> i32,
) -> Vec<(i32, String)> {
    let mut ends: Vec<(i32, &str)> = file
        .names
        .iter()
        .zip(&round.positions)
        .map(|(name, position)| (row_of(position[part.own]), name.as_str()))
        .collect();
    ends.sort_by_key(|(row, _)| *row);
    let together = ends.chunk_by(|a, b| b.0 - a.0 < APART);
    let mut labels: Vec<(i32, String)> = Vec::new();
    for group in together {
        let names: Vec<&str> = group.iter().map(|(_, name)| *name).collect();
        let names = names.join(", ");
        let label = if names.chars().count() > LETTERS {
            names.chars().take(LETTERS - 3).chain("...".chars()).collect()
        } else {
            names
        };
        let middle = i32::midpoint(group[0].0, group[group.len() - 1].0) - APART / 2;
        labels.push((middle, label));
    }
    labels
}
