//! Iterations over the whole game: regret matching at every information set.

use super::sequence_form::{SequenceForm, Set};

/// What becomes of regrets after an iteration, and how much the iteration counts in the average.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// The factor of regrets above zero.
    pub(crate) positive: f64,
    /// The factor of regrets below zero.
    pub(crate) negative: f64,
    /// How much of the regret of this iteration is foreseen for the next.
    pub(crate) foreseen: f64,
    /// The weight of this iteration's play in the average.
    pub(crate) weight: f64,
    /// Whether each player already meets the new play of those before it.
    pub(crate) alternating: bool,
}

/// Regrets, play and its average, sequence by sequence.
#[derive(Clone, Debug)]
pub(crate) struct Minimiser {
    regrets: Vec<f64>,
    /// The probability of each action at its information set.
    odds: Vec<f64>,
    /// The realisation plans of `odds`.
    plans: Vec<f64>,
    /// The weighted sum of the plans so far.
    sums: Vec<f64>,
    /// During an iteration, the player's counterfactual payoff of each sequence.
    payoffs: Vec<f64>,
}

impl Minimiser {
    /// Uniform play and no regrets.
    pub(crate) fn new(form: &SequenceForm) -> Self {
        let zeros = vec![0.0; form.sequence_count()];
        let mut minimiser = Self {
            regrets: zeros.clone(),
            odds: zeros.clone(),
            plans: zeros.clone(),
            sums: zeros.clone(),
            payoffs: zeros,
        };
        for player in 0..form.players() {
            minimiser.plans[form.sequences(player).start] = 1.0;
            for set in form.sets(player) {
                minimiser.odds[set.sequences()].fill(1.0 / f64::from(set.count));
            }
            minimiser.realise(form, player, 0.0);
        }
        minimiser
    }

    /// The weighted sum of the realisation plans.
    pub(crate) fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// One iteration. Where players take turns, the play that enters the average is that after the turn; else it is
    /// the play that regrets were measured against.
    pub(crate) fn iterate(&mut self, form: &SequenceForm, rule: Rule) {
        if rule.alternating {
            for player in 0..form.players() {
                self.respond(form, player, rule);
                self.realise(form, player, rule.weight);
            }
            return;
        }
        for (sum, plan) in self.sums.iter_mut().zip(&self.plans) {
            *sum += rule.weight * plan;
        }
        (0..form.players()).for_each(|player| self.respond(form, player, rule));
        (0..form.players()).for_each(|player| self.realise(form, player, 0.0));
    }

    fn respond(&mut self, form: &SequenceForm, player: usize, rule: Rule) {
        match form.terms.width {
            1 => self.respond_to::<1>(form, player, rule),
            _ => self.respond_to::<0>(form, player, rule),
        }
    }

    /// Regrets and new odds at a player's information sets, from the last to the first.
    fn respond_to<const W: usize>(&mut self, form: &SequenceForm, player: usize, rule: Rule) {
        for set in form.sets(player).iter().rev() {
            match set.count {
                2 => self.respond_at::<W, 2>(form, set, rule),
                3 => self.respond_at::<W, 3>(form, set, rule),
                _ => self.respond_at::<W, 0>(form, set, rule),
            }
        }
    }

    /// `N` is the number of actions, or 0 for any number, so that loops over few actions are unrolled.
    #[inline]
    fn respond_at<const W: usize, const N: usize>(&mut self, form: &SequenceForm, set: &Set, rule: Rule) {
        let count = if N == 0 { set.count as usize } else { N };
        let first = set.first as usize;
        let (before, own) = self.payoffs.split_at_mut(first);
        let payoffs = &mut own[..count];
        let odds = &mut self.odds[first..first + count];
        let regrets = &mut self.regrets[first..first + count];
        let mut expected = 0.0;
        for a in 0..count {
            payoffs[a] += form.terms.marginal::<W>(first + a, &self.plans);
            expected += odds[a] * payoffs[a];
        }
        before[set.parent as usize] += expected;
        let mut sum = 0.0;
        for a in 0..count {
            let new = payoffs[a] - expected;
            let regret = regrets[a] + new;
            let kept = regret * if regret > 0.0 { rule.positive } else { rule.negative };
            regrets[a] = kept;
            odds[a] = (kept + rule.foreseen * new).max(0.0);
            sum += odds[a];
            // Ready for the next iteration.
            payoffs[a] = 0.0;
        }
        if sum > 0.0 {
            let scale = 1.0 / sum;
            for p in odds {
                *p *= scale;
            }
        } else {
            odds.fill(1.0 / count as f64);
        }
    }

    /// A player's realisation plan from its odds, and its share in the average.
    fn realise(&mut self, form: &SequenceForm, player: usize, weight: f64) {
        let empty = form.sequences(player).start;
        self.sums[empty] += weight;
        self.payoffs[empty] = 0.0;
        for set in form.sets(player) {
            let before = self.plans[set.parent as usize];
            for s in set.sequences() {
                let plan = before * self.odds[s];
                self.plans[s] = plan;
                self.sums[s] += weight * plan;
            }
        }
    }
}
