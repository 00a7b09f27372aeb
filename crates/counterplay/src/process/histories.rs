//! The histories of a world at one draw: replayed with many lucks.

use super::asked::Asked;
use super::measured::MeasuredHistory;
use super::replay::Step;
use super::solved::Solved;
use crate::scenario::Luck as LuckRule;
use crate::world::luck::Luck;
use counterplay_inference::key::Key;

/// The replays of a world, and what is measured in them.
pub(super) struct Histories {
    pub(super) steps: Vec<Vec<Step>>,
    pub(super) measured: Vec<MeasuredHistory>,
}

/// The lucks of a draw: those behind what happened, and those that take their place where luck is thrown anew.
pub(super) struct Lucks {
    pub(super) held: Vec<Luck>,
    pub(super) anew: Vec<Luck>,
}

const ANEW: u64 = 13;

impl Asked<'_> {
    /// So many lucks of a draw, and the log likelihood of the record; `factual` is the factual world solved there, with
    /// the values of the expressions of each state.
    pub(super) fn lucks(&self, key: Key, factual: (&Solved, &[Vec<f64>]), count: usize) -> (Lucks, f64) {
        let (held, log_likelihood) = self.held_lucks(key, factual, count);
        let anew = (0..count).map(|l| Luck::fresh(key.with(ANEW).with(l as u64))).collect();
        (Lucks { held, anew }, log_likelihood)
    }

    /// The replays of a world with all lucks, and what is measured in them.
    pub(super) fn histories(&self, world: usize, solved: &Solved, lucks: &Lucks) -> Histories {
        let both = (&lucks.held[..], &lucks.anew[..]);
        let steps = self.replays(world, solved, both);
        let measured = self.measured(world, &solved.laws, &steps, both);
        Histories { steps, measured }
    }

    /// The replays of a world with each of the lucks that are held.
    pub(super) fn replays(
        &self,
        world: usize,
        solved: &Solved,
        (held, anew): (&[Luck], &[Luck]),
    ) -> Vec<Vec<Step>> {
        let replayed = self.replay_world(world, solved);
        let one = |(held, anew): (&Luck, &Luck)| match self.worlds[world].plan.luck {
            LuckRule::Held => replayed.replay(held, None),
            LuckRule::RethrownAfter => replayed.replay(held, Some(anew)),
            LuckRule::Rethrown => replayed.replay(anew, None),
        };
        held.iter().zip(anew).map(one).collect()
    }
}
