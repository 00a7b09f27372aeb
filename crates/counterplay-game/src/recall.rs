//! Perfect recall: whether players remember what they knew and did.
//!
//! A player has perfect recall if all nodes of each of its information sets come after the same last move of its own:
//! the same action at the same information set, or none (Kuhn 1953; the form by last moves is that of von Stengel
//! 1996). Only then do behaviour strategies do all that mixed ones can, and only then is the best response at an
//! information set found by looking at it alone.
//!
//! ```
//! use counterplay_game::gambit::read_efg;
//! use counterplay_game::recall::Forgotten;
//! // Having chosen left or right, the player is asked which it was, and does not know.
//! let text = r#"EFG 2 R "" { "A" } p "" 1 1 "" { "l" "r" } 0
//! p "" 1 2 "" { "l" "r" } 0 t "" 0 t "" 0 p "" 1 2 "" { "l" "r" } 0 t "" 0 t "" 0"#;
//! let failure = read_efg(text)?.recall().expect_err("the action is forgotten");
//! assert_eq!((failure.set.index(), failure.forgotten), (1, Forgotten::OwnAction));
//! assert_eq!(failure.histories, [["l"], ["r"]]);
//! # Ok::<(), counterplay_game::gambit::ParseError>(())
//! ```

use std::fmt;

use crate::extensive::{ExtensiveForm, Turn};
use crate::id::{InfoSetId, NodeId, PlayerId};
use crate::tree::{Game, Kind};

/// How recall fails at an information set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// The player can come to the information set and later, without noticing, to the same one again
    /// (absent-mindedness; Piccione and Rubinstein 1997).
    BeingHere,
    /// The player cannot tell which action it took at an information set.
    OwnAction,
    /// The player cannot tell at which of its information sets it was before, or whether it was at any.
    OwnInformation,
}

/// Where a player has no perfect recall, with two histories that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImperfectRecall {
    /// The name of the player.
    pub player: String,
    /// The information set, by its index in the game.
    pub set: InfoSetId,
    /// What people call the information set.
    pub name: String,
    /// What is forgotten.
    pub forgotten: Forgotten,
    /// Two histories, as labels from the root on, that the player cannot tell apart but should. A label that another
    /// branch of its node has too comes with the place of the branch, as in `yes (branch 2)`.
    pub histories: [Vec<String>; 2],
}

impl fmt::Display for ImperfectRecall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        let [first, second] = &self.histories;
        let common = first.iter().zip(second).take_while(|(a, b)| a == b).count();
        let from = common.min(first.len().max(second.len()).saturating_sub(SHOWN));
        write!(f, "`{}` does not have perfect recall at {}: ", self.player, self.name)?;
        match self.forgotten {
            Forgotten::BeingHere => write!(
                f,
                "it is absent-minded there, for it is there {} and again {}",
                after(first, from),
                after(second, from)
            ),
            Forgotten::OwnAction => write!(
                f,
                "it cannot tell {} from {}, though it chose differently before",
                after(first, from),
                after(second, from)
            ),
            Forgotten::OwnInformation => write!(
                f,
                "it cannot tell {} from {}, though it had last moved at different information sets",
                after(first, from),
                after(second, from)
            ),
        }
    }
}

impl std::error::Error for ImperfectRecall {}

/// A history as people read it, without what comes before the given step.
fn after(history: &[String], from: usize) -> String {
    if history.is_empty() {
        return "at the start".to_owned();
    }
    let labels: Vec<_> = history.iter().skip(from).map(|label| format!("`{label}`")).collect();
    let cut = if from > 0 { "..., " } else { "" };
    format!("after {cut}{}", labels.join(", "))
}

/// The label of a branch, with its place if another branch has the same label.
fn told_apart<'a>(labels: impl Iterator<Item = &'a str>, branch: usize) -> String {
    let labels: Vec<_> = labels.collect();
    let label = labels[branch];
    if labels.iter().filter(|&&other| other == label).count() == 1 {
        return label.to_owned();
    }
    format!("{label} (branch {})", branch + 1)
}

impl ExtensiveForm {
    /// Whether every player has perfect recall.
    ///
    /// # Errors
    /// If not: the first information set at which recall fails.
    pub fn recall(&self) -> Result<(), ImperfectRecall> {
        let owners = self.info_sets().iter().map(|s| s.player).collect();
        let mut outline = Outline::new(self.players().len(), owners, self.nodes().len());
        for (index, node) in self.nodes().iter().enumerate() {
            let mover = if let Turn::Decision(set) = node.turn { Some(set) } else { None };
            outline.push(self.parent(NodeId::new(index)), mover);
        }
        let Some(failure) = outline.failure() else { return Ok(()) };
        let set = &self.info_sets()[failure.set.index()];
        let label = if set.label.is_empty() { String::new() } else { format!(" (`{}`)", set.label) };
        Err(ImperfectRecall {
            player: self.players()[set.player.index()].clone(),
            set: failure.set,
            name: format!("its information set {}{label}", set.number),
            forgotten: failure.forgotten,
            histories: failure.nodes.map(|node| self.told_apart_history(node)),
        })
    }

    fn told_apart_history(&self, node: NodeId) -> Vec<String> {
        let label = |(parent, branch)| {
            let labels = (0..self.branch_count(parent)).map(|b| self.branch_label(parent, b));
            told_apart(labels, branch)
        };
        self.path(node).into_iter().map(label).collect()
    }
}

impl Game {
    /// Whether every player has perfect recall.
    ///
    /// # Errors
    /// If not: the first information set at which recall fails.
    pub fn recall(&self) -> Result<(), ImperfectRecall> {
        let owners = self.info_set_ids().map(|s| self.info_set(s).player).collect();
        let mut outline = Outline::new(self.players().len(), owners, self.node_count());
        for node in self.nodes() {
            let mover = if let Kind::Decision(set) = self.kind(node) { Some(set) } else { None };
            outline.push(self.parent(node).zip(self.branch_of(node)), mover);
        }
        let Some(failure) = outline.failure() else { return Ok(()) };
        let set = self.info_set(failure.set);
        let label = |(node, branch)| told_apart(self.labels(node).map(|l| self.text(l)), branch);
        Err(ImperfectRecall {
            player: self.players()[set.player.index()].clone(),
            set: failure.set,
            name: format!("`{}`", self.text(set.event)),
            forgotten: failure.forgotten,
            histories: failure.nodes.map(|node| self.path(node).into_iter().map(label).collect()),
        })
    }
}

/// Who moves where, parents before children.
struct Outline {
    players: usize,
    owners: Vec<PlayerId>,
    parents: Vec<Option<(NodeId, usize)>>,
    movers: Vec<Option<InfoSetId>>,
}

struct Failure {
    set: InfoSetId,
    forgotten: Forgotten,
    nodes: [NodeId; 2],
}

/// The last move of a player before a node: the information set and the action.
type LastMove = Option<(InfoSetId, usize)>;

impl Outline {
    fn new(players: usize, owners: Vec<PlayerId>, nodes: usize) -> Self {
        let (parents, movers) = (Vec::with_capacity(nodes), Vec::with_capacity(nodes));
        Self { players, owners, parents, movers }
    }

    fn push(&mut self, parent: Option<(NodeId, usize)>, mover: Option<InfoSetId>) {
        self.parents.push(parent);
        self.movers.push(mover);
    }

    /// The information set of lowest index at which recall fails.
    fn failure(&self) -> Option<Failure> {
        let moving = |player| self.owners.contains(&player);
        let players = (0..self.players).map(PlayerId::new).filter(|&p| moving(p));
        let (set, nodes, moves) = players.filter_map(|p| self.failure_of(p)).min_by_key(|f| f.0)?;
        if let Some(nodes) = self.twice_on_one_way(set) {
            return Some(Failure { set, forgotten: Forgotten::BeingHere, nodes });
        }
        let same_set = moves[0].map(|m| m.0) == moves[1].map(|m| m.0);
        let forgotten = if same_set { Forgotten::OwnAction } else { Forgotten::OwnInformation };
        Some(Failure { set, forgotten, nodes })
    }

    /// The first information set of a player whose nodes come after different last moves, with two such nodes.
    fn failure_of(&self, player: PlayerId) -> Option<(InfoSetId, [NodeId; 2], [LastMove; 2])> {
        let mut before: Vec<LastMove> = Vec::with_capacity(self.parents.len());
        let mut met: Vec<Option<NodeId>> = vec![None; self.owners.len()];
        let mut found: Option<(InfoSetId, [NodeId; 2], [LastMove; 2])> = None;
        for (index, parent) in self.parents.iter().enumerate() {
            let last = parent.and_then(|(parent, branch)| match self.movers[parent.index()] {
                Some(set) if self.owners[set.index()] == player => Some((set, branch)),
                _ => before[parent.index()],
            });
            before.push(last);
            let Some(set) = self.movers[index].filter(|s| self.owners[s.index()] == player) else { continue };
            let here = NodeId::new(index);
            let first = *met[set.index()].get_or_insert(here);
            let other = before[first.index()];
            if other != last && found.is_none_or(|f| set < f.0) {
                found = Some((set, [first, here], [other, last]));
            }
        }
        found
    }

    /// Two nodes of an information set, one on the way to the other.
    fn twice_on_one_way(&self, set: InfoSetId) -> Option<[NodeId; 2]> {
        let mut seen: Vec<Option<NodeId>> = Vec::with_capacity(self.parents.len());
        for (index, parent) in self.parents.iter().enumerate() {
            let here = (self.movers[index] == Some(set)).then(|| NodeId::new(index));
            let above = parent.and_then(|(parent, _)| seen[parent.index()]);
            if let (Some(above), Some(here)) = (above, here) {
                return Some([above, here]);
            }
            seen.push(above.or(here));
        }
        None
    }
}
