//! The principal branch as a picture.

use counterplay_equilibrium::logit::trace::BranchPoint;
use counterplay_game::tree::Game;
use plotters::prelude::*;

use super::table::action_names;
use crate::failure::Failure;

/// At most this many information sets are drawn; the others would not be told apart.
const DRAWN: usize = 4;

/// The branch as SVG: the probability of each action of the first information sets against the precision.
pub(crate) fn svg(game: &Game, title: &str, branch: &[BranchPoint]) -> Result<String, Failure> {
    let mut text = String::new();
    drawn(&mut text, game, title, branch)
        .map_err(|e| Failure::new(format!("the branch cannot be drawn: {e}")))?;
    Ok(text)
}

fn drawn(
    text: &mut String,
    game: &Game,
    title: &str,
    branch: &[BranchPoint],
) -> Result<(), Box<dyn std::error::Error>> {
    // On a scale of lambda / (1 + lambda) the whole branch fits, from uniform play to the limit.
    let squeeze = |lambda: f64| lambda / (1.0 + lambda);
    let root = SVGBackend::with_string(text, (800, 500)).into_drawing_area();
    root.fill(&WHITE)?;
    let title: String = title.chars().take(80).collect();
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("precision λ (per unit of payoff)")
        .y_desc("probability of the action")
        .x_label_formatter(&|x| {
            if *x > 1.0 - 1e-9 { "∞".to_owned() } else { format!("{:.2}", x / (1.0 - x)) }
        })
        .light_line_style(WHITE)
        .draw()?;
    let names = action_names(game);
    let shown = game.info_set_ids().take(DRAWN).flat_map(|set| game.actions(set));
    for (k, action) in shown.enumerate() {
        let style = Palette99::pick(k).stroke_width(2);
        let points = branch.iter().map(|p| (squeeze(p.precision), p.play[action]));
        let [player, event, label] = &names[action];
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(format!("{player}: {event}: {label}"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart.configure_series_labels().border_style(BLACK.mix(0.2)).background_style(WHITE.mix(0.8)).draw()?;
    root.present()?;
    Ok(())
}
