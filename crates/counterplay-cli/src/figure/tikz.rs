//! A figure as TikZ, a document of its own for LaTeX.

use std::fmt::Write;

use super::{Figure, Mover, on_branch};

const COLUMN: f64 = 3.4;
const ROW: f64 = 0.8;

/// The figure as a LaTeX document of class `standalone`.
pub(crate) fn tikz(figure: &Figure) -> String {
    let mut text = format!(
        "% {}\n\\documentclass[tikz, border=4mm]{{standalone}}\n\\begin{{document}}\n\\begin{{tikzpicture}}[\n\
         \x20 decision/.style = {{circle, fill, inner sep = 1.5pt}},\n\
         \x20 chance/.style = {{circle, draw, inner sep = 1.5pt}},\n\
         \x20 action/.style = {{sloped, above, pos = 0.62, font = \\footnotesize}},\n\
         \x20 set/.style = {{dashed, semithick}}]\n",
        escaped(&figure.title)
    );
    for (index, spot) in figure.nodes.iter().enumerate() {
        let (x, y) = (spot.column * COLUMN, -spot.row * ROW);
        let words = escaped(&spot.text);
        let beside = if spot.from_above { "below left" } else { "above left" };
        let _ = match spot.mover {
            Mover::End => writeln!(
                text,
                "  \\node[right] (n{index}) at ({x:.2}, {y:.2}) {{${}$}};",
                in_mathematics(&words)
            ),
            Mover::Chance => {
                writeln!(
                    text,
                    "  \\node[chance, label = {beside}:{{{words}}}] (n{index}) at ({x:.2}, {y:.2}) {{}};"
                )
            }
            Mover::Player(_) => {
                writeln!(
                    text,
                    "  \\node[decision, label = {beside}:{{{words}}}] (n{index}) at ({x:.2}, {y:.2}) {{}};"
                )
            }
        };
    }
    for branch in &figure.branches {
        let end = if figure.nodes[branch.to].mover == Mover::End { ".west" } else { "" };
        let label = escaped(&on_branch(branch));
        let _ =
            writeln!(text, "  \\draw (n{}) -- node[action] {{{label}}} (n{}{end});", branch.from, branch.to);
    }
    for join in &figure.joins {
        let _ = writeln!(text, "  \\draw[set] (n{}) -- (n{});", join.from, join.to);
    }
    text + "\\end{tikzpicture}\n\\end{document}\n"
}

/// Numbers in LaTeX's mathematics, which has its own minus sign and raised digits.
fn in_mathematics(words: &str) -> String {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    let mut out = String::with_capacity(words.len());
    let mut raised = false;
    for c in words.chars() {
        let digit = RAISED.chars().position(|r| r == c).map(|digit| digit.to_string());
        let above = digit.or_else(|| (c == '⁻').then(|| "-".to_owned()));
        if raised != above.is_some() {
            out.push_str(if raised { "}" } else { "^{" });
            raised = !raised;
        }
        match (c, above) {
            (_, Some(above)) => out.push_str(&above),
            ('−', None) => out.push('-'),
            ('×', None) => out.push_str("\\times "),
            (other, None) => out.push(other),
        }
    }
    if raised { out + "}" } else { out }
}

/// A text in which nothing is a command of LaTeX's.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => safe.push_str("\\textbackslash{}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => {
                safe.push('\\');
                safe.push(c);
            }
            '^' => safe.push_str("\\textasciicircum{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '<' => safe.push_str("\\textless{}"),
            '>' => safe.push_str("\\textgreater{}"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::in_mathematics;

    #[test]
    fn numbers_are_written_as_latex_writes_them() {
        assert_eq!(in_mathematics("−2.5, 1.0×10⁻¹², 3"), "-2.5, 1.0\\times 10^{-12}, 3");
        assert_eq!(in_mathematics("1.0×10⁹"), "1.0\\times 10^{9}");
    }
}
