//! A story unfolded: a game for each state, and what holds at its ends.

use std::sync::Arc;

use counterplay_equilibrium::markov::{Link, Stage, StochasticGame};
use counterplay_game::expression::ExprId;
use counterplay_game::id::{EndId, NodeId, TextId};
use counterplay_game::tree::{Game, Kind};
use counterplay_inference::distribution::Distribution;

use crate::story::state::{Next, StateValue};

/// What holds at an end of the story besides the payoffs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ending {
    /// Named facts: outcome and value.
    pub outcomes: Vec<(TextId, TextId)>,
    /// Measured quantities with their distributions.
    pub measures: Vec<(TextId, Distribution)>,
    /// How it goes on in another stage.
    pub next: Option<Next>,
}

/// One state of a story: a stage in a state, as a game of its own.
#[derive(Clone, Debug)]
pub struct State {
    /// The stage; `None` for `play`, with which the story begins.
    pub stage: Option<usize>,
    /// The state; an empty tuple for `play`.
    pub value: StateValue,
    /// The game.
    pub game: Arc<Game>,
    /// The endings; the tag of an end of the game is an index into them.
    pub endings: Vec<Ending>,
    /// The labels that chance events are given without any probability: event and label.
    pub impossible: Vec<(String, String)>,
    /// The nodes right before which an intervention has removed an event.
    pub after_removal: Vec<NodeId>,
    /// For each end of the game, the state that follows, by its position among all, and the discount.
    pub onward: Vec<Option<(usize, ExprId)>>,
}

impl State {
    /// What holds at a node at which the game ends; `None` elsewhere.
    pub fn ending(&self, node: NodeId) -> Option<&Ending> {
        match self.game.kind(node) {
            Kind::End(end) => Some(&self.endings[self.game.end(end).tag as usize]),
            Kind::Chance(_) | Kind::Decision(_) => None,
        }
    }

    /// The state that follows a node at which the game ends, if one does.
    pub fn onward(&self, node: NodeId) -> Option<usize> {
        match self.game.kind(node) {
            Kind::End(end) => self.onward[end.index()].map(|o| o.0),
            Kind::Chance(_) | Kind::Decision(_) => None,
        }
    }
}

/// A story unfolded: all states that can be reached, the beginning first. A story that ends has that one alone.
#[derive(Clone, Debug)]
pub struct Unfolded {
    /// The states.
    pub states: Vec<State>,
    /// The names of the stages.
    pub stages: Vec<String>,
}

impl Unfolded {
    /// The game of the beginning: of a story that ends, all of it.
    pub fn game(&self) -> &Game {
        &self.states[0].game
    }

    /// The endings that the ends of [`game`](Self::game) are tagged with.
    pub fn endings(&self) -> &[Ending] {
        &self.states[0].endings
    }

    /// Whether it goes on from stage to stage.
    pub fn has_stages(&self) -> bool {
        !self.stages.is_empty()
    }

    /// How many histories the games of all states have.
    pub fn history_count(&self) -> usize {
        self.states.iter().map(|state| state.game.history_count()).sum()
    }

    /// How many nodes the games of all states have.
    pub fn node_count(&self) -> usize {
        self.states.iter().map(|state| state.game.node_count()).sum()
    }

    /// A state's name for readers: the stage and the state.
    pub fn name(&self, state: usize) -> String {
        let State { stage, value, .. } = &self.states[state];
        stage.map_or_else(|| "play".to_owned(), |s| format!("{} {value}", self.stages[s]))
    }

    /// The stochastic game that the states make.
    ///
    /// # Panics
    /// Never: the states fit together.
    pub fn stochastic_game(&self) -> StochasticGame {
        let stage = |state: &State| {
            let links = state.onward.iter().enumerate();
            let links = links.filter_map(|(end, o)| o.map(|(state, _)| Link { end: EndId::new(end), state }));
            Stage { game: state.game.clone(), links: links.collect() }
        };
        StochasticGame::new(self.states.iter().map(stage).collect())
            .expect("all states have the same players")
    }
}
