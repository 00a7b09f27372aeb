//! The tree for GraphViz.

use std::fmt::Write;

use counterplay_analysis::TreeNode;

use super::{ending, heading};
use crate::number::percent;

/// The tree as a GraphViz graph, to be laid out by `dot`.
pub(crate) fn dot(title: &str, root: &TreeNode) -> String {
    let mut text = format!(
        "digraph {} {{\n  rankdir = LR\n  node [shape = plain, fontname = \"sans-serif\"]\n  \
         edge [arrowhead = none, fontname = \"sans-serif\"]\n",
        quoted(title)
    );
    let mut count = 0;
    node(root, &mut count, &mut text);
    text + "}\n"
}

/// Writes a node and what is below it; gives its number.
fn node(at: &TreeNode, count: &mut usize, text: &mut String) -> usize {
    let number = *count;
    *count += 1;
    let label = if at.branches.is_empty() { ending(at) } else { heading(at) };
    let _ = writeln!(text, "  n{number} [label = {}]", quoted(&label));
    for branch in &at.branches {
        let below = node(&branch.node, count, text);
        let label = quoted(&format!("{} {}", branch.action, percent(branch.probability)));
        let weight = if branch.node.on_record { ", penwidth = 3" } else { "" };
        let _ = writeln!(text, "  n{number} -> n{below} [label = {label}{weight}]");
    }
    number
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample::crisis;

    #[test]
    fn names_cannot_break_out_of_their_quotes() {
        let text = dot("a \"b\"", &crisis());
        assert!(text.starts_with("digraph \"a \\\"b\\\"\" {\n"), "{text}");
        assert!(text.contains("n0 -> n1 [label = \"threaten 80%\", penwidth = 3]\n"), "{text}");
        assert!(text.contains("n1 -> n2 [label = \"resist & \\\"fight\\\" 25%\"]\n"), "{text}");
        assert_eq!(text.matches(" -> ").count(), 4);
    }
}
