//! The tree as indented text.

use std::fmt::Write;

use counterplay_analysis::TreeNode;

use super::{ending, heading};
use crate::number::percent;

/// The tree as lines, one for each branch; those on the record begin with a star.
pub(crate) fn outline(root: &TreeNode) -> String {
    let mut text = format!("{}\n", heading_or_ending(root));
    below(root, "", &mut text);
    text
}

fn heading_or_ending(node: &TreeNode) -> String {
    match (node.branches.is_empty(), node.event.is_empty()) {
        (false, _) => heading(node),
        (true, false) => format!("{}  {}", heading(node), ending(node)),
        (true, true) => ending(node),
    }
}

fn below(node: &TreeNode, margin: &str, text: &mut String) {
    for (index, branch) in node.branches.iter().enumerate() {
        let last = index + 1 == node.branches.len();
        let star = if branch.node.on_record { "*" } else { "" };
        let (elbow, rail) = if last { ("└─", "   ") } else { ("├─", "│  ") };
        let (action, probability) = (&branch.action, percent(branch.probability));
        let ahead = heading_or_ending(&branch.node);
        let _ = writeln!(text, "{margin}{elbow} {star}{action} {probability}  {ahead}");
        below(&branch.node, &format!("{margin}{rail}"), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample::crisis;

    #[test]
    fn each_branch_is_a_line_under_its_event() {
        let expected = "\
threat (Challenger)
├─ *threaten 80%  answer (Defender)
│  ├─ resist & \"fight\" 25%  war: True
│  └─ yield 75%  war: False
└─ stay 20%  war: False
";
        assert_eq!(outline(&crisis()), expected);
    }
}
