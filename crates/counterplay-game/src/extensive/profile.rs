//! What follows from a profile of behaviour strategies, in exact numbers: reach, beliefs, payoffs and regrets.

use num_traits::{One, Zero};

use super::{ExtensiveForm, Turn};
use crate::id::{InfoSetId, NodeId, PlayerId};
use crate::rational::Rational;

/// A game in extensive form as it is played with given behaviour strategies.
///
/// The players need not have perfect recall. Where one is absent-minded, an information set is reached once, whenever
/// its first node on the way is.
///
/// An absent-minded driver who goes on with probability $q$ at either exit expects $4 q (1 - q) + q^2$. That is largest
/// at $q = 2/3$, where it is $4/3$ (Piccione and Rubinstein 1997):
///
/// ```
/// use counterplay_game::gambit::read_efg;
/// use counterplay_game::rational::Rational;
/// let text = r#"EFG 2 R "Driver" { "Driver" } p "" 1 1 "" { "exit" "go on" } 0 t "" 1 "" { 0 }
/// p "" 1 1 "" { "exit" "go on" } 0 t "" 2 "" { 4 } t "" 3 "" { 1 }"#;
/// let driver = read_efg(text)?;
/// let ratio = |above: i32, below: i32| Rational::new(above.into(), below.into());
/// let expected = |q: Rational| driver.played(vec![ratio(1, 1) - &q, q]).payoffs()[0].clone();
/// assert_eq!(expected(ratio(2, 3)), ratio(4, 3));
/// assert!(expected(ratio(3, 5)) < ratio(4, 3) && expected(ratio(3, 4)) < ratio(4, 3));
/// # Ok::<(), counterplay_game::gambit::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profile<'a> {
    form: &'a ExtensiveForm,
    play: Vec<Rational>,
    /// Where the actions of each information set begin.
    first_actions: Vec<usize>,
    children: Vec<Vec<NodeId>>,
    reach: Vec<Rational>,
    /// The expected payoff of every player from every node on, with what was collected before left out.
    values: Vec<Vec<Rational>>,
}

impl ExtensiveForm {
    /// The game as it is played with a probability for each action: information set by information set, in the order of
    /// [`info_sets`](Self::info_sets).
    ///
    /// # Panics
    /// If there is not one number for each action. They are not checked to be probabilities.
    pub fn played(&self, play: Vec<Rational>) -> Profile<'_> {
        let mut first_actions = Vec::with_capacity(self.info_sets.len());
        let mut actions = 0;
        for set in &self.info_sets {
            first_actions.push(actions);
            actions += set.actions.len();
        }
        assert!(play.len() == actions, "every action needs a probability");
        let (children, reach, values) = (self.children(), Vec::new(), Vec::new());
        let mut profile = Profile { form: self, play, first_actions, children, reach, values };
        profile.reach = profile.reach_probabilities();
        profile.values = profile.expected_values();
        profile
    }

    /// The profile in which all actions of an information set are equally likely.
    pub fn centroid(&self) -> Profile<'_> {
        let even = |count: usize| vec![Rational::new(1.into(), count.into()); count];
        self.played(self.info_sets.iter().flat_map(|set| even(set.actions.len())).collect())
    }
}

impl Profile<'_> {
    /// The probability that a node is reached, $\prod_{(h, a)} \sigma(a \mid h)$ over the moves on the way to it.
    pub fn reach(&self, node: NodeId) -> &Rational {
        &self.reach[node.index()]
    }

    /// The probability that an information set is reached.
    pub fn set_reach(&self, set: InfoSetId) -> Rational {
        let nodes = &self.form.nodes;
        let mut visited = vec![false; nodes.len()];
        let mut total = Rational::zero();
        for index in 0..nodes.len() {
            let parent = self.form.parent(NodeId::new(index));
            let before = parent.is_some_and(|(parent, _)| visited[parent.index()]);
            visited[index] = before;
            if nodes[index].turn == Turn::Decision(set) && !before {
                visited[index] = true;
                total += &self.reach[index];
            }
        }
        total
    }

    /// The probability that a node is reached given that its information set is, by Bayes' rule: 1 where nobody decides,
    /// and `None` where the information set is not reached.
    ///
    /// Nine guests in ten are strong and have beer; of the weak, one in two has beer. So of those who have beer
    /// $0.9 / (0.9 + 0.1 \cdot 0.5) = 18/19$ are strong (the game is that of Cho and Kreps 1987):
    ///
    /// ```
    /// use counterplay_game::gambit::read_efg;
    /// use counterplay_game::id::NodeId;
    /// use counterplay_game::rational::Rational;
    /// let text = r#"EFG 2 R "" { "Guest" "Rival" } c "" 1 "" { "strong" 9/10 "weak" 1/10 } 0
    /// p "" 1 1 "" { "beer" "quiche" } 0 p "" 2 1 "" { "duel" "leave" } 0 t "" 0 t "" 0 t "" 0
    /// p "" 1 2 "" { "beer" "quiche" } 0 p "" 2 1 "" { "duel" "leave" } 0 t "" 0 t "" 0 t "" 0"#;
    /// let form = read_efg(text)?;
    /// let ratio = |above: i32, below: i32| Rational::new(above.into(), below.into());
    /// let play = [(1, 1), (0, 1), (1, 2), (1, 2), (1, 2), (1, 2)].map(|(above, below)| ratio(above, below));
    /// assert_eq!(form.played(play.to_vec()).belief(NodeId::new(2)), Some(ratio(18, 19)));
    /// # Ok::<(), counterplay_game::gambit::ParseError>(())
    /// ```
    pub fn belief(&self, node: NodeId) -> Option<Rational> {
        let Turn::Decision(set) = self.form.node(node).turn else { return Some(Rational::one()) };
        let total = self.set_reach(set);
        (!total.is_zero()).then(|| self.reach(node) / total)
    }

    /// What each player expects from a node on; what was collected before it is left out.
    pub fn values(&self, node: NodeId) -> &[Rational] {
        &self.values[node.index()]
    }

    /// What each player expects of the game.
    pub fn payoffs(&self) -> &[Rational] {
        self.values(NodeId::new(0))
    }

    /// What the mover expects of each action at an information set, from the start of the game on and under its beliefs
    /// there; `None` where the set is not reached.
    ///
    /// With an absent-minded mover, each of the nodes that it cannot tell apart weighs by its probability.
    pub fn action_values(&self, set: InfoSetId) -> Option<Vec<Rational>> {
        let InfoSet { player, members, total } = self.members(set);
        if total.is_zero() {
            return None;
        }
        let count = self.form.info_sets[set.index()].actions.len();
        let mut sums = vec![Rational::zero(); count];
        for &node in &members {
            let collected = self.collected(node, player);
            for (sum, child) in sums.iter_mut().zip(&self.children[node.index()]) {
                *sum += self.reach(node) * (&collected + &self.values[child.index()][player.index()]);
            }
        }
        Some(sums.into_iter().map(|sum| sum / &total).collect())
    }

    /// What the mover expects at an information set; `None` where it is not reached.
    pub fn set_value(&self, set: InfoSetId) -> Option<Rational> {
        let values = self.action_values(set)?;
        Some(values.iter().zip(self.odds(set)).map(|(value, p)| value * p).sum())
    }

    /// By how much each action at an information set falls short of the best one; `None` where it is not reached.
    pub fn action_regrets(&self, set: InfoSetId) -> Option<Vec<Rational>> {
        let values = self.action_values(set)?;
        let best = values.iter().max()?.clone();
        Some(values.into_iter().map(|value| &best - value).collect())
    }

    /// The probabilities of the actions at an information set.
    pub fn odds(&self, set: InfoSetId) -> &[Rational] {
        let first = self.first_actions[set.index()];
        &self.play[first..first + self.form.info_sets[set.index()].actions.len()]
    }

    fn odds_of(&self, node: NodeId, branch: usize) -> Rational {
        match self.form.node(node).turn {
            Turn::Chance(chance) => self.form.chance_sets[chance.index()].branches[branch].1.clone(),
            Turn::Decision(set) => self.odds(set)[branch].clone(),
            Turn::End => unreachable!("an end has no branches"),
        }
    }

    fn reach_probabilities(&self) -> Vec<Rational> {
        let mut reach: Vec<Rational> = Vec::with_capacity(self.form.nodes.len());
        for index in 0..self.form.nodes.len() {
            let here = match self.form.parent(NodeId::new(index)) {
                None => Rational::one(),
                Some((parent, branch)) => &reach[parent.index()] * self.odds_of(parent, branch),
            };
            reach.push(here);
        }
        reach
    }

    fn expected_values(&self) -> Vec<Vec<Rational>> {
        let own = |index: usize| match self.form.nodes[index].outcome {
            Some(outcome) => self.form.outcomes[outcome.index()].payoffs.clone(),
            None => vec![Rational::zero(); self.form.players.len()],
        };
        let mut values: Vec<Vec<Rational>> = (0..self.form.nodes.len()).map(own).collect();
        for index in (1..values.len()).rev() {
            let Some((parent, branch)) = self.form.parent(NodeId::new(index)) else { continue };
            let odds = self.odds_of(parent, branch);
            let (above, below) = values.split_at_mut(index);
            for (sum, value) in above[parent.index()].iter_mut().zip(&below[0]) {
                *sum += &odds * value;
            }
        }
        values
    }

    /// What a player has collected on the way to a node, that at the node included.
    fn collected(&self, node: NodeId, player: PlayerId) -> Rational {
        let way = std::iter::successors(Some(node), |&at| self.form.parent(at).map(|(before, _)| before));
        let outcomes = way.filter_map(|at| self.form.node(at).outcome);
        outcomes.map(|outcome| &self.form.outcomes[outcome.index()].payoffs[player.index()]).sum()
    }

    fn members(&self, set: InfoSetId) -> InfoSet {
        let here = |node: &NodeId| self.form.node(*node).turn == Turn::Decision(set);
        let members: Vec<NodeId> = (0..self.form.nodes.len()).map(NodeId::new).filter(here).collect();
        let total = members.iter().map(|&node| self.reach(node)).sum();
        InfoSet { player: self.form.info_sets[set.index()].player, members, total }
    }
}

/// An information set with its nodes, and the sum of their probabilities.
struct InfoSet {
    player: PlayerId,
    members: Vec<NodeId>,
    total: Rational,
}

impl ExtensiveForm {
    /// The nodes that follow each node, by branch.
    fn children(&self) -> Vec<Vec<NodeId>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for index in 1..self.nodes.len() {
            // Prefix order: the branches of a node come one after the other.
            children[self.parents[index].0 as usize].push(NodeId::new(index));
        }
        children
    }
}
