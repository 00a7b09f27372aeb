//! A figure as SVG.

use std::fmt::Write;

use counterplay_math::atan2;

use super::{Figure, Mover, on_branch};

const COLUMN: f64 = 170.0;
const ROW: f64 = 34.0;
const MARGIN: f64 = 28.0;
/// Room for the payoffs.
const PAYOFFS: f64 = 160.0;
const MOST_LETTERS: usize = 26;
/// Colours that can be told apart without colour vision (Okabe and Ito 2008), one player each, then again.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// The figure as SVG.
pub(crate) fn svg(figure: &Figure) -> String {
    let (top, left) = (MARGIN + 28.0, MARGIN + 50.0);
    let at = |node: usize| {
        let spot = &figure.nodes[node];
        (left + spot.column * COLUMN, top + (spot.row + 0.5) * ROW)
    };
    let width = left + figure.columns as f64 * COLUMN + PAYOFFS;
    let height = top + figure.rows as f64 * ROW + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"serif\" font-size=\"13\">\n<title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"{MARGIN}\" font-size=\"16\">{0}</text>\n",
        escaped(&figure.title)
    );
    for branch in &figure.branches {
        let ((x1, y1), (x2, y2)) = (at(branch.from), at(branch.to));
        // The label stands near the end of its branch, where branches have parted, above the line.
        let (x, y) = (x1 + 0.62 * (x2 - x1), y1 + 0.62 * (y2 - y1) - 4.0);
        let slope = atan2(y2 - y1, x2 - x1).to_degrees();
        let _ = writeln!(
            text,
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"black\" fill=\"none\"/>\n\
             <text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" transform=\"rotate({slope:.2} {x:.1} {y:.1})\" \
             font-size=\"12\">{}</text>",
            escaped(&shortened(&on_branch(branch)))
        );
    }
    for join in &figure.joins {
        let ((x1, y1), (x2, y2)) = (at(join.from), at(join.to));
        let colour = COLOURS[join.player % COLOURS.len()];
        let _ = writeln!(
            text,
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\" fill=\"none\"/>"
        );
    }
    for (index, spot) in figure.nodes.iter().enumerate() {
        let (x, y) = at(index);
        let words = escaped(&shortened(&spot.text));
        let beside = if spot.from_above { y + 16.0 } else { y - 6.0 };
        let _ = match spot.mover {
            Mover::End => writeln!(text, "<text x=\"{:.1}\" y=\"{:.1}\">{words}</text>", x + 6.0, y + 4.5),
            Mover::Chance => writeln!(
                text,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"white\" stroke=\"black\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{words}</text>",
                x - 8.0,
                beside
            ),
            Mover::Player(player) => {
                let colour = COLOURS[player % COLOURS.len()];
                writeln!(
                    text,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{colour}\"/>\n\
                     <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{colour}\">{words}</text>",
                    x - 8.0,
                    beside
                )
            }
        };
    }
    text + "</svg>\n"
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MOST_LETTERS {
        return text.to_owned();
    }
    text.chars().take(MOST_LETTERS - 1).chain(['…']).collect()
}

pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
