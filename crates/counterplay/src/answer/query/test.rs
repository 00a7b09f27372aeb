//! Conditions made ready for the histories of one scene.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

use super::bound::Bound;
use super::shape::Shape;
use crate::scenario::query::{Condition, Fact, Is};
use crate::story::terms::EventName;
use crate::world::catalogue::Catalogue;
use crate::world::scene::Scene;

/// A condition whose facts are looked up.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    atoms: Vec<Atom>,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Atom {
    /// Whether it holds at each end, by the number of its node.
    AtEnd(Vec<bool>),
    /// What a measured quantity must be.
    Measured { measure: usize, is: Bound },
}

impl Test {
    /// The condition in a scene. What the scene does not have never holds there: a what-if may have taken it away.
    pub(crate) fn new(condition: &Condition, scene: &Scene, catalogue: &Catalogue) -> Self {
        let mut atoms = Vec::new();
        let shape = Shape::of(condition, &mut |fact| {
            atoms.push(atom(fact, scene, catalogue));
            Ok::<_, std::convert::Infallible>(atoms.len() - 1)
        });
        let Ok(shape) = shape;
        Self { atoms, shape }
    }

    /// The measured quantities that it speaks of, each with a number that it is compared with.
    pub(crate) fn thresholds(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.atoms.iter().filter_map(|atom| match atom {
            Atom::AtEnd(_) => None,
            Atom::Measured { measure, is } => Some((*measure, is.at())),
        })
    }

    /// Whether it holds in the history to `end`, where `measured` gives the measured
    /// quantities. A quantity that the history does not measure is neither above nor below anything.
    pub(crate) fn holds(&self, end: NodeId, measured: &dyn Fn(usize) -> Option<f64>) -> bool {
        self.shape.holds(&|fact| match &self.atoms[fact] {
            Atom::AtEnd(table) => table[end.index()],
            Atom::Measured { measure, is } => measured(*measure).is_some_and(|x| is.holds(x)),
        })
    }
}

fn atom(fact: &Fact, scene: &Scene, catalogue: &Catalogue) -> Atom {
    let game = scene.model().game();
    match (&fact.is, catalogue.outcome(&fact.name), catalogue.measure(&fact.name)) {
        (Is::Value(value), Some(_), _) => {
            let wanted = catalogue.value(&fact.name, value);
            at_ends(game, |end| wanted.is_some_and(|w| scene.outcomes(end).contains(&w)))
        }
        (Is::Value(value), None, Some(measure)) => match value.parse() {
            Ok(x) => Atom::Measured { measure, is: Bound::Equal(x) },
            Err(_) => at_ends(game, |_| false),
        },
        (Is::Value(value), None, None) => {
            let event = game.find_event(&EventName::parse(&fact.name).to_string());
            at_ends(game, |end| event.is_some_and(|event| went(game, end, event, value)))
        }
        (Is::Above(x), _, Some(measure)) => Atom::Measured { measure, is: Bound::Above(*x) },
        (Is::Below(x), _, Some(measure)) => Atom::Measured { measure, is: Bound::Below(*x) },
        (Is::Above(_) | Is::Below(_), _, None) => at_ends(game, |_| false),
    }
}

fn at_ends(game: &Game, holds: impl Fn(NodeId) -> bool) -> Atom {
    let is_end = |node: &NodeId| matches!(game.kind(*node), Kind::End(_));
    Atom::AtEnd(game.nodes().map(|node| is_end(&node) && holds(node)).collect())
}

/// Whether the history to `end` met the event with that label.
fn went(game: &Game, end: NodeId, event: counterplay_game::id::EventId, label: &str) -> bool {
    let here = |&(node, branch): &(NodeId, usize)| {
        game.event_id(node) == event && game.text(game.branch_label(node, branch)) == label
    };
    game.path(end).iter().any(here)
}
