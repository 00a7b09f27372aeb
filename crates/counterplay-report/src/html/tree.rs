//! The game tree as an indented list, for readers without scripts or without sight.

use super::colour;
use crate::{lookup, number};
use counterplay_analysis::{Analysis, TreeBranch, TreeNode};
use serde::Serialize;
use std::collections::VecDeque;

/// How many rows the list has at most; the rest is in the data and in the figure.
const MOST_ROWS: usize = 150;

/// One branch and what it leads to.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    depth: usize,
    action: String,
    probability: String,
    leads_to: String,
    player: Option<String>,
    colour: String,
    reach: String,
    about: String,
    on_record: bool,
    histories: String,
}

/// The branches in reading order: those on the record first, then by how likely play is to reach them, as far as
/// the rows go.
pub(crate) fn outline(analysis: &Analysis) -> Vec<Row> {
    let kept = kept(&analysis.tree);
    let mut rows = Vec::new();
    // A stack of its own, as a tree may be deeper than the stack of a thread.
    let mut open = vec![Place { depth: 0, branch: None, node: &analysis.tree }];
    while let Some(place) = open.pop() {
        if kept.contains(&std::ptr::from_ref(place.node)) {
            rows.push(row(analysis, &place));
            let below = place.node.branches.iter().rev();
            open.extend(below.map(|b| Place { depth: place.depth + 1, branch: Some(b), node: &b.node }));
        }
    }
    rows
}

/// A node, how deep it stands, and the branch that leads to it.
struct Place<'a> {
    depth: usize,
    branch: Option<&'a TreeBranch>,
    node: &'a TreeNode,
}

/// The nodes to show: whole levels of siblings at a time, the record's first, then the likeliest.
fn kept(root: &TreeNode) -> Vec<*const TreeNode> {
    let mut kept = vec![std::ptr::from_ref(root)];
    let (mut recorded, mut other) = (VecDeque::from([root]), VecDeque::new());
    while let Some(node) = recorded.pop_front().or_else(|| likeliest(&mut other)) {
        if kept.len() + node.branches.len() > MOST_ROWS {
            continue;
        }
        for branch in &node.branches {
            kept.push(std::ptr::from_ref(&branch.node));
            if branch.node.on_record {
                recorded.push_back(&branch.node);
            } else {
                other.push_back(&branch.node);
            }
        }
    }
    kept
}

/// Takes out the node that play reaches most.
fn likeliest<'a>(nodes: &mut VecDeque<&'a TreeNode>) -> Option<&'a TreeNode> {
    let by_reach = |(_, a): &(usize, &&TreeNode), (_, b): &(usize, &&TreeNode)| {
        a.reach_probability.total_cmp(&b.reach_probability)
    };
    let (index, _) = nodes.iter().enumerate().max_by(by_reach)?;
    nodes.remove(index)
}

fn row(analysis: &Analysis, &Place { depth, branch, node }: &Place<'_>) -> Row {
    Row {
        depth,
        action: branch.map_or_else(|| "the beginning".to_owned(), |branch| branch.action.clone()),
        probability: branch.map_or_else(String::new, |branch| number::odds(branch.probability)),
        leads_to: leads_to(node),
        player: node.player.clone(),
        colour: colour(lookup::player_index(analysis, node.player.as_deref())),
        reach: number::odds(node.reach_probability),
        about: number::odds(node.about_probability),
        on_record: node.on_record,
        histories: number::count(node.histories),
    }
}

/// The next event, or how it ended.
fn leads_to(node: &TreeNode) -> String {
    if !node.event.is_empty() {
        return node.event.clone();
    }
    let outcomes: Vec<String> = node.outcomes.iter().map(lookup::phrase).collect();
    if outcomes.is_empty() { "further play, not drawn".to_owned() } else { outcomes.join("; ") }
}

/// How many nodes a drawn tree has.
pub(crate) fn nodes(root: &TreeNode) -> usize {
    let (mut open, mut count) = (vec![root], 0);
    while let Some(node) = open.pop() {
        count += 1;
        open.extend(node.branches.iter().map(|branch| &branch.node));
    }
    count
}
