//! What knowing, binding oneself or controlling would be worth.
//!
//! Each is the difference of a player's expected payoff between two games, at the same parameters, with play solved in
//! both, and computed from the beginning of the story:
//!
//! - *value of information* (Howard 1966; Everitt et al. 2021, for several players Hammond et al. 2023): the game in
//!   which the player sees the event. All know that it does, so with several players it can be negative.
//! - *value of commitment* (Schelling 1960): the game in which the events are fixed, and all know it.
//! - *value of control* (Shachter 1986; Everitt et al. 2021): the largest value of fixing the event to one of its labels,
//!   for the labels that it can have; a rule that depends on other events is not considered.

use counterplay_game::id::PlayerId;

use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::query::{Quantity, Query};
use crate::story::change::Change;
use crate::story::terms::EventName;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::scene::Scene;
use crate::world::solution::Solved;

use super::enumerate::expected_payoffs;

/// The worlds that a value is computed from: the best of them counts.
#[derive(Clone, Debug)]
pub(crate) struct Worth {
    pub(crate) player: usize,
    pub(crate) worlds: Vec<WorldId>,
}

impl Worth {
    /// Enters the worlds of a query; `None` if it asks for no such value.
    ///
    /// # Errors
    /// If the changed story is wrong.
    pub(crate) fn enter(inquiry: &mut Inquiry<'_>, query: &Query) -> Result<Option<Self>, Problem> {
        let Some(player) = query.asked.quantity.worth_to() else { return Ok(None) };
        let player = inquiry.factual().model().game().player(player).map_or(0, PlayerId::index);
        let plans = plans(&query.asked.quantity, inquiry.factual());
        let worlds = plans.iter().map(|plan| inquiry.world(plan)).collect::<Result<_, _>>();
        let worlds = worlds.map_err(|p: Problem| p.at(query.place.clone()))?;
        Ok(Some(Self { player, worlds }))
    }

    /// What each player gains at a draw, and each player's payoff as it is.
    pub(crate) fn gains(&self, inquiry: &Inquiry<'_>, solved: &[Solved]) -> (Vec<f64>, Vec<f64>) {
        let at_root = |world: WorldId| {
            let scene = inquiry.scene_of(world);
            let mut all = expected_payoffs(scene, &solved[world.0].odds[0], &solved[world.0].values[0]);
            all.truncate(scene.model().game().players().len());
            all
        };
        let before = at_root(WorldId::FACTUAL);
        let after = self.worlds.iter().map(|&w| at_root(w));
        let best =
            after.max_by(|a, b| a[self.player].total_cmp(&b[self.player])).unwrap_or_else(|| before.clone());
        (best.iter().zip(&before).map(|(a, b)| a - b).collect(), before)
    }
}

/// The changes to be compared with the story as it is.
pub(crate) fn plans(quantity: &Quantity, factual: &Scene) -> Vec<Plan> {
    let foreseen = |changes: Vec<Change>| Plan { foreseen_changes: changes, ..Plan::default() };
    let force = |(event, action): (&EventName, &String)| Change::Force {
        event: event.clone(),
        action: action.clone(),
    };
    match quantity {
        Quantity::ValueOfInformation { player, event } => {
            vec![foreseen(vec![Change::Show { event: event.clone(), to: vec![player.clone()] }])]
        }
        Quantity::ValueOfCommitment { events, .. } => {
            vec![foreseen(events.iter().map(|(e, a)| force((e, a))).collect())]
        }
        Quantity::ValueOfControl { event, .. } => {
            labels(factual, event).iter().map(|label| foreseen(vec![force((event, label))])).collect()
        }
        Quantity::Probability(_)
        | Quantity::Mean(_)
        | Quantity::Quantile(..)
        | Quantity::Distribution(_)
        | Quantity::Payoff(_) => Vec::new(),
    }
}

/// The labels that an event can have at every node where it occurs.
pub(crate) fn labels(scene: &Scene, event: &EventName) -> Vec<String> {
    let game = scene.model().game();
    let Some(id) = game.find_event(&event.to_string()) else { return Vec::new() };
    let mut common: Option<Vec<String>> = None;
    for node in game.nodes().filter(|&n| game.child_count(n) > 0 && game.event_id(n) == id) {
        let own: Vec<String> = game.labels(node).map(|l| game.text(l).to_owned()).collect();
        common = Some(match common {
            None => own,
            Some(known) => known.into_iter().filter(|l| own.contains(l)).collect(),
        });
    }
    common.unwrap_or_default()
}
