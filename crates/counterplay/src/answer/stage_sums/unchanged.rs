//! How likely a world is to go as the world as it was did, in every event.

use std::collections::BTreeMap;

use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_math::statistics::to_twelve_digits;

use super::stage::Pairing;
use super::{Counts, Followed, StageSums};
use crate::scenario::Luck as LuckRule;
use crate::world::inquiry::WorldId;
use crate::world::joint::{JointWalk, KnownWorld, SharedLuck};

impl StageSums<'_> {
    /// The probability, given the record, that all goes in a world as it did, up to the horizon.
    pub(crate) fn unchanged(&self, walk: &mut JointWalk, world: WorldId) -> Option<f64> {
        let (first, second) = (WorldId::FACTUAL, world);
        let own = &self.inquiry.worlds[world.0];
        let shared = own.plan.luck == LuckRule::Held
            || own.plan.luck == LuckRule::RedrawnAfter && !own.surprises.redraw_from_the_beginning();
        if own.surprises.looks_back() {
            return None;
        }
        let pairing = Pairing::new(self, (first, second), Followed::default());
        let mut now = BTreeMap::from([((self.known(), 0, pairing.nothing(), shared), 1.0)]);
        let mut unchanged = 0.0;
        for stage in 0..=self.inquiry.horizon() {
            let mut next = BTreeMap::new();
            for ((place, state, counts, shared), mass) in now {
                let [here, there] = [first, second].map(|world| self.tree(world, state, &counts.events));
                let (into, moments) = (here.of_each_branch(), pairing.moments(state, &counts));
                let passing = pairing.passing(place, here.game(), &into)?;
                let one = vec![1.0; passing.len()];
                let known = KnownWorld::new(here, &into, &passing, (1, &one));
                let luck = match &moments {
                    _ if !shared => SharedLuck::None,
                    Some(moments) => SharedLuck::Before(moments),
                    None => SharedLuck::All,
                };
                for (end, on) in pairing.leads(place, here.game(), state) {
                    if passing[end.index()] == 0.0 {
                        continue;
                    }
                    let p = mass * passing[end.index()] * walk.unchanged_to(&known, there, luck, end);
                    let goes_on = self.unfolded().states[state].onward(end);
                    let Some(to) = goes_on.filter(|_| stage < self.inquiry.horizon()) else {
                        unchanged += p;
                        continue;
                    };
                    let again = moments.as_ref().is_some_and(|moments| passes(here.game(), end, moments));
                    let events = counts.events.and(&self.events(state, end));
                    let counts = Counts { events, ..counts.clone() };
                    *next.entry((on, to, counts, shared && !again)).or_insert(0.0) += p;
                }
            }
            now = next;
        }
        Some(to_twelve_digits(unchanged))
    }
}

/// Whether one of these nodes lies on the way to an end.
fn passes(game: &Game, end: NodeId, nodes: &[bool]) -> bool {
    std::iter::successors(Some(end), |node| game.parent(*node)).any(|node| nodes[node.index()])
}
