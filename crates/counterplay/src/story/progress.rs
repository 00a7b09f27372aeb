//! How far the telling of a story has come along the present path through the tree.

use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, NodeId, PlayerId, TextId};

use crate::story::terms::Seen;

/// An event on the present path through the tree, with the branch that is being told.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) node: NodeId,
    pub(crate) event: EventId,
    /// For each branch: its label, and its position in the list that the story gave.
    pub(crate) kept: Vec<(TextId, usize)>,
    pub(crate) taken: usize,
}

impl Frame {
    pub(crate) fn branches(&self) -> usize {
        self.kept.len()
    }
}

/// What was found out, at one place of the tree, about the event that is to be decided first.
#[derive(Clone, Debug)]
pub(crate) struct Lookahead {
    pub(crate) layer: usize,
    /// How many events lie before it.
    pub(crate) position: usize,
    /// What other layers were looking for, and in which way.
    pub(crate) under: Vec<(usize, usize)>,
    /// In how many ways the first event was seen to turn out.
    pub(crate) ways: usize,
    pub(crate) second: Option<Call>,
}

/// An event that was decided before the story asked for it.
#[derive(Clone, Debug)]
pub(crate) struct Ahead {
    pub(crate) layer: usize,
    pub(crate) id: EventId,
    pub(crate) name: TextId,
    pub(crate) turned: Option<EventResult>,
}

impl Ahead {
    /// Whether it has happened as an event of that name.
    pub(crate) fn is_counted(&self, name: TextId) -> bool {
        self.name == name && self.turned.is_some()
    }
}

/// A layer that looks for its second event, and how its first was said to turn out.
#[derive(Clone, Debug)]
pub(crate) struct Looking {
    pub(crate) layer: usize,
    pub(crate) first: String,
    pub(crate) second: String,
    pub(crate) way: usize,
    pub(crate) label: String,
}

/// Who decides at an event, and among what: labels, each with its position in the list that the story gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Draft {
    Decision { player: PlayerId, actions: Vec<(TextId, usize)> },
    Chance { branches: Vec<(TextId, usize, ExprId)> },
}

impl Draft {
    /// The labels with their positions.
    pub(crate) fn labels(&self) -> Vec<(TextId, usize)> {
        match self {
            Draft::Decision { actions, .. } => actions.clone(),
            Draft::Chance { branches } => branches.iter().map(|b| (b.0, b.1)).collect(),
        }
    }
}

/// An event that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: TextId,
    pub(crate) id: EventId,
    pub(crate) draft: Draft,
    /// Who sees it, as the story has it.
    pub(crate) seen: Seen,
    /// Whether they see it at once, and not when others have moved as well.
    pub(crate) at_once: bool,
    pub(crate) mover: Option<PlayerId>,
    /// Whether those who keep the rules that they had know of it.
    pub(crate) expected: bool,
    /// Whether a change has decided how it goes.
    pub(crate) decided: bool,
    /// The first of the layers that it passes.
    pub(crate) from: usize,
}

/// How an event turned out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventResult {
    /// The position in the list that the story gave.
    pub(crate) branch: usize,
    /// Its position among what has happened.
    pub(crate) index: usize,
    /// Who sees it.
    pub(crate) view: Seen,
}
