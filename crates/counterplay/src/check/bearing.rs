//! Which uncertain quantities bear on what is recorded, and on the explanations.
//!
//! A quantity bears on an event if it occurs in what decides it: of an event of chance its probabilities; of a move the
//! mover's precision, and in the histories that pass through the move the mover's payoffs and the probabilities of chance
//! after it. On a measured quantity bears what its distribution is made of; on the state of a stage, all that the story is
//! made of. A quantity on which the prior of another depends bears on all that the other bears on. This is read off the
//! story without solving it, so that some of what is found bears on the event but little.

use std::collections::BTreeSet;

use counterplay_game::expression::ExprId;
use counterplay_game::id::{BranchId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};

use crate::scenario::{Act, Scenario};
use crate::story::terms::EventName;
use crate::story::unfolded::{State, Unfolded};

/// What bears on what; quantities are named by their block of priors.
pub(super) struct Bearing<'a> {
    scenario: &'a Scenario,
    unfolded: &'a Unfolded,
}

impl<'a> Bearing<'a> {
    pub(super) fn new(scenario: &'a Scenario, unfolded: &'a Unfolded) -> Self {
        Self { scenario, unfolded }
    }

    /// What bears on an event or a measured quantity of the record.
    pub(super) fn on(&self, name: &str) -> BTreeSet<usize> {
        let event = EventName::parse(name);
        let (mut blocks, mut ahead) = (BTreeSet::new(), Ahead::default());
        for state in &self.unfolded.states {
            let mut roots = self.measured(state, name, &event);
            if self.unfolded.stages.contains(&event.name) {
                roots.extend(self.all(state));
            }
            for node in self.nodes(state, &event) {
                self.decides(state, node, &mut roots, &mut ahead);
            }
            blocks.extend(self.blocks(state, roots));
        }
        while let Some((state, player)) = ahead.open.pop() {
            let (state, mut roots) = (&self.unfolded.states[state], BTreeSet::new());
            follows(state, NodeId::new(Game::ROOT), player, &mut roots, &mut ahead);
            blocks.extend(self.blocks(state, roots));
        }
        self.with_what_they_rest_on(blocks)
    }

    /// What bears on how the explanations differ: the priors that they change, and what bears on the events that they
    /// change.
    pub(super) fn on_explanations(&self) -> BTreeSet<usize> {
        let mut blocks = BTreeSet::new();
        for explanation in &self.scenario.explanations {
            blocks.extend(explanation.priors.iter().map(|p| p.0));
            for intervention in &explanation.interventions {
                let Act::Change(change) = &intervention.act else { continue };
                blocks.extend(self.in_scenario(change.quantities()));
                blocks.extend(change.event().map(|e| self.on(&e.to_string())).unwrap_or_default());
            }
        }
        self.with_what_they_rest_on(blocks)
    }

    /// The nodes at which the event is decided. A process meets an event once in a state, and again in others.
    fn nodes(&self, state: &'a State, event: &EventName) -> Vec<NodeId> {
        let game = &state.game;
        let is_it = |node: &NodeId| {
            let found = game.event(game.event_id(*node));
            game.text(found.name) == event.name
                && (self.unfolded.has_stages() || found.occurrence == event.occurrence)
        };
        game.nodes().filter(|n| !matches!(game.kind(*n), Kind::End(_))).filter(is_it).collect()
    }

    fn measured(&self, state: &State, name: &str, event: &EventName) -> BTreeSet<ExprId> {
        let name = if self.unfolded.has_stages() { &event.name } else { name };
        let measures = state.endings.iter().flat_map(|e| &e.measures);
        measures.filter(|m| state.game.text(m.0) == name).flat_map(|m| m.1.arguments()).collect()
    }

    /// All that a state of the story is made of.
    fn all(&self, state: &State) -> BTreeSet<ExprId> {
        let mut roots: BTreeSet<ExprId> = self.scenario.precisions.iter().copied().collect();
        for player in (0..self.scenario.players.len()).map(PlayerId::new) {
            follows(state, NodeId::new(Game::ROOT), player, &mut roots, &mut Ahead::default());
        }
        roots
    }

    /// Adds what decides the event at a node.
    fn decides(&self, state: &State, node: NodeId, roots: &mut BTreeSet<ExprId>, ahead: &mut Ahead) {
        match state.game.kind(node) {
            Kind::Chance(_) => probabilities(state, node, roots),
            Kind::Decision(set) => {
                let player = state.game.info_set(set).player;
                roots.insert(self.scenario.precisions[player.index()]);
                for child in state.game.children(node) {
                    follows(state, child, player, roots, ahead);
                }
            }
            Kind::End(_) => {}
        }
    }

    fn blocks(&self, state: &State, roots: BTreeSet<ExprId>) -> BTreeSet<usize> {
        if roots.is_empty() {
            return BTreeSet::new();
        }
        let mut expressions = state.game.expressions().clone();
        // One expression that depends on all of them shows in one pass what they depend on.
        let all = roots.into_iter().reduce(|all, root| expressions.add(all, root));
        let parameters = all.map(|all| expressions.parameters_of(all)).unwrap_or_default();
        parameters.into_iter().map(|p| self.scenario.parameters[p.index()].block).collect()
    }

    fn in_scenario(&self, roots: Vec<ExprId>) -> Vec<usize> {
        let of = |root| self.scenario.expressions.parameters_of(root);
        roots.into_iter().flat_map(of).map(|p| self.scenario.parameters[p.index()].block).collect()
    }

    /// These blocks, and all that their priors depend on. A prior depends on earlier ones alone.
    fn with_what_they_rest_on(&self, mut blocks: BTreeSet<usize>) -> BTreeSet<usize> {
        for block in (0..self.scenario.priors.len()).rev() {
            if blocks.contains(&block) {
                blocks.extend(self.in_scenario(self.scenario.priors[block].arguments()));
            }
        }
        blocks
    }
}

/// Adds the probabilities of chance at a node, if chance decides there.
fn probabilities(state: &State, node: NodeId, roots: &mut BTreeSet<ExprId>) {
    if let Kind::Chance(chance) = state.game.kind(node) {
        let branches = state.game.branches(chance);
        roots.extend(branches.map(|b| state.game.branch_probability(BranchId::new(b))));
    }
}

/// States that players look on to, each for a player.
#[derive(Default)]
struct Ahead {
    open: Vec<(usize, PlayerId)>,
    known: BTreeSet<(usize, PlayerId)>,
}

/// Adds what a player weighs from a node on, and the states in which it goes on.
fn follows(state: &State, from: NodeId, player: PlayerId, roots: &mut BTreeSet<ExprId>, ahead: &mut Ahead) {
    let game = &state.game;
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        open.extend(game.children(node));
        probabilities(state, node, roots);
        if let Kind::End(end) = game.kind(node) {
            roots.insert(game.end(end).payoffs[player.index()]);
            if let Some((next, discount)) = state.onward[end.index()] {
                roots.insert(discount);
                if ahead.known.insert((next, player)) {
                    ahead.open.push((next, player));
                }
            }
        }
    }
}
