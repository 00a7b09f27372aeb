//! The tree as an SVG picture.
//!
//! Time runs to the right, one column for each event. Every end and every collapsed node has a row of its own, and
//! a node stands in the middle of its branches: wider than a tight packing, but labels never meet.

use std::fmt::Write;

use counterplay_analysis::TreeNode;

use super::ending;
use crate::number::percent;

const COLUMN: f64 = 210.0;
const ROW: f64 = 30.0;
const MARGIN: f64 = 24.0;
/// Room for the texts at the ends.
const ENDINGS: f64 = 330.0;
const MOST_LETTERS: usize = 48;
const CHANCE: &str = "#777777";
/// Colours that can be told apart without colour vision (Okabe and Ito 2008), one player each, then again.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// The tree as an SVG picture.
pub(crate) fn svg(title: &str, players: &[String], root: &TreeNode) -> String {
    let top = 2.0 * MARGIN + ROW;
    let mut drawing = Drawing { players, rows: 0, depth: 0, top, body: String::new() };
    drawing.node(root, 0);
    let width = MARGIN * 2.0 + drawing.depth as f64 * COLUMN + ENDINGS;
    let height = top + drawing.rows as f64 * ROW + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"{MARGIN}\" font-size=\"15\" font-weight=\"600\">{0}</text>\n",
        escaped(title)
    );
    text += &legend(players);
    text + &drawing.body + "</svg>\n"
}

fn legend(players: &[String]) -> String {
    let mut text = format!("<text x=\"{MARGIN}\" y=\"{}\">", MARGIN + 20.0);
    for (index, player) in players.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let _ = write!(text, "<tspan fill=\"{colour}\">● </tspan>{}  ", escaped(player));
    }
    text + &format!("<tspan fill=\"{CHANCE}\">● </tspan>chance</text>\n")
}

struct Drawing<'a> {
    players: &'a [String],
    /// Rows taken so far.
    rows: usize,
    /// The deepest column.
    depth: usize,
    top: f64,
    body: String,
}

impl Drawing<'_> {
    /// Draws a node and what is below it; gives its height in the picture.
    fn node(&mut self, node: &TreeNode, depth: usize) -> f64 {
        self.depth = self.depth.max(depth);
        let x = MARGIN + depth as f64 * COLUMN;
        if node.branches.is_empty() {
            let y = self.top + (self.rows as f64 + 0.5) * ROW;
            self.rows += 1;
            let text = escaped(&shortened(&ending(node)));
            let _ = writeln!(self.body, "<text x=\"{:.1}\" y=\"{:.1}\">{text}</text>", x + 6.0, y + 4.0);
            return y;
        }
        let below: Vec<f64> = node.branches.iter().map(|branch| self.node(&branch.node, depth + 1)).collect();
        let y = f64::midpoint(below[0], below[below.len() - 1]);
        for (branch, &to) in node.branches.iter().zip(&below) {
            self.branch(
                x,
                y,
                to,
                &format!("{} {}", branch.action, percent(branch.probability)),
                branch.node.on_record,
            );
        }
        self.event(node, depth, x, y);
        y
    }

    /// A node's point and its event: under the line that leads to it, where no branch is; the root's above it.
    fn event(&mut self, node: &TreeNode, depth: usize, x: f64, y: f64) {
        let colour = self.colour(node);
        let event = escaped(&shortened_to(&node.event, 24));
        let (anchor, across, down) = if depth == 0 { ("start", -5.0, -9.0) } else { ("end", -5.0, 15.0) };
        let _ = write!(
            self.body,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" font-weight=\"600\" text-anchor=\"{anchor}\" {HALO}>\
             {event}</text>\n",
            x + across,
            y + down
        );
    }

    /// A line to the next column, with its text where it has come down to its row.
    fn branch(&mut self, x: f64, from: f64, to: f64, label: &str, on_record: bool) {
        let (elbow, end) = (x + 0.25 * COLUMN, x + COLUMN);
        let (colour, width) = if on_record { ("#222222", 2.5) } else { ("#bbbbbb", 1.2) };
        let _ = write!(
            self.body,
            "<path d=\"M{x:.1} {from:.1}L{elbow:.1} {to:.1}H{end:.1}\" fill=\"none\" stroke=\"{colour}\" \
             stroke-width=\"{width}\"/>\n<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" {HALO}>{}</text>\n",
            elbow + 4.0,
            to - 4.0,
            escaped(&shortened_to(label, 24))
        );
    }

    fn colour(&self, node: &TreeNode) -> &'static str {
        let player = node.player.as_ref().and_then(|p| self.players.iter().position(|q| p == q));
        player.map_or(CHANCE, |index| COLOURS[index % COLOURS.len()])
    }
}

/// Letters on a white rim, so that lines under them do not disturb.
const HALO: &str = "stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\"";

fn shortened(text: &str) -> String {
    shortened_to(text, MOST_LETTERS)
}

fn shortened_to(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample::crisis;

    #[test]
    fn the_picture_has_a_row_for_each_end_and_no_raw_text() {
        let players = ["Challenger".to_owned(), "<Defender>".to_owned()];
        let text = svg("A & B", &players, &crisis());
        assert!(text.contains("&lt;Defender&gt;") && !text.contains("<Defender>"), "{text}");
        assert!(text.contains("resist &amp; &quot;fight&quot;"), "{text}");
        assert_eq!(text.matches("<circle").count(), 2);
        assert_eq!(text.matches("<path").count(), 4);
        // Margins, legend and three rows.
        assert!(text.contains("height=\"192\""), "{text}");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened_to("abcdef", 4), "abc…");
        assert_eq!(shortened_to("abcd", 4), "abcd");
    }
}
