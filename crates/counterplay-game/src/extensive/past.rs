//! What lies behind a node: the players' own past, what pure strategies can lead to, and where subgames begin.

use super::{ExtensiveForm, Turn};
use crate::id::{InfoSetId, NodeId, PlayerId};

/// An action of a player: the information set where it is taken, and which of the actions there.
pub type OwnAction = (InfoSetId, usize);

impl ExtensiveForm {
    /// The last action of a player on the way to a node, or `None` if it has not moved before.
    pub fn last_action_before(&self, node: NodeId, player: PlayerId) -> Option<OwnAction> {
        self.way_back(node).find(|(set, _)| self.info_sets[set.index()].player == player)
    }

    /// The last own action before each node of an information set, each told once, in the order of the nodes; `None`
    /// stands for nodes before which the player has not moved. With perfect recall there is exactly one.
    pub fn last_actions_before(&self, set: InfoSetId) -> Vec<Option<OwnAction>> {
        let player = self.info_sets[set.index()].player;
        let mut found = Vec::new();
        for index in 0..self.nodes.len() {
            if self.nodes[index].turn == Turn::Decision(set) {
                let last = self.last_action_before(NodeId::new(index), player);
                if !found.contains(&last) {
                    found.push(last);
                }
            }
        }
        found
    }

    /// Whether a player can come to an information set and later to the same one again (Piccione and Rubinstein 1997).
    ///
    /// A driver cannot tell two exits apart, of which the second leads home: no pure strategy takes it.
    ///
    /// ```
    /// use counterplay_game::gambit::read_efg;
    /// use counterplay_game::id::{InfoSetId, NodeId};
    /// let text = r#"EFG 2 R "Driver" { "Driver" } p "" 1 1 "" { "exit" "go on" } 0 t "" 1 "" { 0 }
    /// p "" 1 1 "" { "exit" "go on" } 0 t "" 2 "" { 4 } t "" 3 "" { 1 }"#;
    /// let driver = read_efg(text)?;
    /// assert!(driver.is_absent_minded(InfoSetId::new(0)));
    /// assert_eq!(driver.history(NodeId::new(3)), ["go on", "exit"]);
    /// assert!(!driver.is_reached_by_pure_strategies(NodeId::new(3)));
    /// # Ok::<(), counterplay_game::gambit::ParseError>(())
    /// ```
    pub fn is_absent_minded(&self, set: InfoSetId) -> bool {
        let mut members = (0..self.nodes.len()).filter(|&k| self.nodes[k].turn == Turn::Decision(set));
        members.any(|k| self.way_back(NodeId::new(k)).any(|(before, _)| before == set))
    }

    /// Whether pure strategies can lead to a node. They cannot where an absent-minded player would have to act
    /// differently at one information set.
    pub fn is_reached_by_pure_strategies(&self, node: NodeId) -> bool {
        let mut way: Vec<OwnAction> = self.way_back(node).collect();
        way.sort_unstable();
        way.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1)
    }

    /// The nodes at which subgames begin, in prefix order and with the root first: inner nodes such that no information
    /// set has nodes both below or at it and elsewhere, so that all that follows can be looked at by itself
    /// (Selten 1975).
    ///
    /// ```
    /// use counterplay_game::gambit::read_efg;
    /// use counterplay_game::id::NodeId;
    /// // The second player sees what the first one chose, if the number of its information set differs.
    /// let b = |set: u32| format!(r#"p "" 2 {set} "" {{ "l" "r" }} 0 t "" 0 t "" 0"#);
    /// let a = r#"EFG 2 R "" { "A" "B" } p "" 1 1 "" { "u" "d" } 0"#;
    /// let game = |sets: [u32; 2]| read_efg(&[a.into(), b(sets[0]), b(sets[1])].join(" "));
    /// assert_eq!(game([1, 2])?.subgame_roots(), [0, 1, 4].map(NodeId::new));
    /// assert_eq!(game([1, 1])?.subgame_roots(), [NodeId::new(0)]);
    /// # Ok::<(), counterplay_game::gambit::ParseError>(())
    /// ```
    pub fn subgame_roots(&self) -> Vec<NodeId> {
        let extents = self.extents();
        let mut first = vec![usize::MAX; self.info_sets.len()];
        let mut last = vec![0; self.info_sets.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            if let Turn::Decision(set) = node.turn {
                first[set.index()] = first[set.index()].min(index);
                last[set.index()] = index;
            }
        }
        let closed = |root: usize| {
            let end = root + extents[root];
            self.nodes[root..end].iter().all(|node| match node.turn {
                Turn::Decision(set) => first[set.index()] >= root && last[set.index()] < end,
                Turn::Chance(_) | Turn::End => true,
            })
        };
        let inner = |index: &usize| self.nodes[*index].turn != Turn::End;
        (0..self.nodes.len()).filter(inner).filter(|&k| closed(k)).map(NodeId::new).collect()
    }

    /// The decisions on the way to a node, from the last to the first.
    fn way_back(&self, node: NodeId) -> impl Iterator<Item = OwnAction> + '_ {
        let steps = std::iter::successors(self.parent(node), |&(before, _)| self.parent(before));
        steps.filter_map(|(before, branch)| match self.node(before).turn {
            Turn::Decision(set) => Some((set, branch)),
            Turn::Chance(_) | Turn::End => None,
        })
    }

    /// How many nodes each node and what follows it are.
    fn extents(&self) -> Vec<usize> {
        let mut extents = vec![1; self.nodes.len()];
        for index in (1..self.nodes.len()).rev() {
            extents[self.parents[index].0 as usize] += extents[index];
        }
        extents
    }
}
