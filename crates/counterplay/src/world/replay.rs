//! Replaying the story of a scene with given luck, stage by stage, from the beginning to the horizon.
//!
//! Luck is keyed by the event and its occurrence, counted over all stages from the beginning: the third `policy` has the same luck
//! in every world, whatever state it comes up in.

use crate::model::odds::LogOdds;
use crate::world::history::Replayed;
use crate::world::history::ReplayedStage;
use crate::world::luck::{Luck, taken};
use crate::world::scene::Scene;
use crate::world::surprises::{PastEvent, Surprises};
use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_inference::key::Key;

/// The luck of a replay: what is known of it, and what takes its place after the moment of an intervention.
#[derive(Clone, Copy, Debug)]
pub struct LuckOf<'a> {
    /// The luck up to the moment of the intervention.
    pub before: &'a Luck,
    /// The luck after it; `None` if the same.
    pub after: Option<&'a Luck>,
}

/// Replays the story of a scene up to `horizon` stages after the beginning. `odds` are those of each state; `values` are those of the
/// expressions that the scenario declares.
pub fn replay(
    scene: &Scene,
    odds: &[LogOdds],
    values: &[f64],
    surprises: &Surprises,
    luck: LuckOf<'_>,
    horizon: usize,
) -> Replayed {
    let mut run = Run {
        scene,
        odds,
        values,
        surprises,
        luck,
        happened: Vec::new(),
        redrawn: luck.after.is_some() && surprises.redraw_from_the_beginning(),
        signature: 0,
    };
    let (mut steps, mut state, mut before) = (Vec::with_capacity(1), 0, scene.keys().nothing_before());
    loop {
        let own = &scene.model().unfolded().states[state];
        let mut node = NodeId::new(Game::ROOT);
        while own.game.child_count(node) > 0 {
            let branch = run.decide(&own.game, state, node, &before);
            node = own.game.child(node, branch);
        }
        steps.push(ReplayedStage { state, end: node, redrawn: run.redrawn });
        match own.onward(node) {
            Some(next) if steps.len() <= horizon => {
                scene.keys().count(&own.game, state, node, &mut before);
                state = next;
            }
            _ => return Replayed { steps, signature: run.signature },
        }
    }
}

/// A replay under way.
struct Run<'a> {
    scene: &'a Scene,
    odds: &'a [LogOdds],
    values: &'a [f64],
    surprises: &'a Surprises,
    luck: LuckOf<'a>,
    happened: Vec<PastEvent>,
    redrawn: bool,
    signature: u64,
}

impl Run<'_> {
    /// The branch that luck takes at a node.
    fn decide(
        &mut self,
        game: &Game,
        state: usize,
        node: NodeId,
        before: &crate::world::keys::Before,
    ) -> usize {
        let keys = self.scene.keys();
        self.redrawn |= self.luck.after.is_some() && state == 0 && self.surprises.redrawn_at(node);
        let event = keys.occurrence(state, game.event_id(node), before);
        let key = keys.event(event);
        let label = |branch: usize| keys.label(game, state, node, branch);
        let luck = self.luck.after.filter(|_| self.redrawn).unwrap_or(self.luck.before);
        let own = self.odds[state].at(game, node);
        let surprised = self
            .surprises
            .concern(event, &self.happened)
            .then(|| self.surprises.scores(event, &self.happened, own, self.values, label));
        let branch = match surprised.flatten() {
            Some(scores) => most(&scores, |branch| luck.noise(key, label(branch))),
            None => taken(own, key, label, luck),
        };
        // Histories of the same events are the same in whichever order these are decided.
        self.signature = self.signature.wrapping_add(Key::of_pair(key, label(branch)));
        if self.surprises.looks_back() {
            self.happened.push((event, label(branch)));
        }
        self.redrawn |= self.luck.after.is_some() && self.surprises.moment(event, &self.happened);
        branch
    }
}

/// The branch for which score plus noise is largest, of those that can be taken at all; the last of several.
fn most(scores: &[f64], noise: impl Fn(usize) -> f64) -> usize {
    let sum = |b: &usize| scores[*b] + noise(*b);
    (0..scores.len())
        .filter(|&b| scores[b] > f64::NEG_INFINITY)
        .max_by(|a, b| sum(a).total_cmp(&sum(b)))
        .unwrap_or(0)
}
