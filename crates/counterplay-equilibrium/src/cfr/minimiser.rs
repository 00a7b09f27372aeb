//! Iterations over the whole game: regret matching at every information set.
//!
//! Information sets of one level, before which a player has moved equally often, do not depend on each other and are
//! divided among threads. Their values are added up in their order, so that results are the same on any
//! number of threads.

use super::flat_form::{FlatForm, SequenceSet};
use super::terms::Terms;

/// The number of information sets from which on another thread takes half of them.
const GRAIN: usize = 2_000;

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
    /// Whether each player responds to the new play of those before it.
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
    /// The values of the information sets of a level to their player.
    values: Vec<f64>,
}

impl Minimiser {
    /// Uniform play and no regrets.
    pub(crate) fn new(form: &FlatForm) -> Self {
        let zeros = vec![0.0; form.sequence_count()];
        let mut minimiser = Self {
            regrets: zeros.clone(),
            odds: zeros.clone(),
            plans: zeros.clone(),
            sums: zeros.clone(),
            payoffs: zeros,
            values: Vec::new(),
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
    pub(crate) fn iterate(&mut self, form: &FlatForm, rule: Rule) {
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

    fn respond(&mut self, form: &FlatForm, player: usize, rule: Rule) {
        match form.terms.width {
            1 => self.respond_to::<1>(form, player, rule),
            _ => self.respond_to::<0>(form, player, rule),
        }
    }

    /// Regrets and new odds at a player's information sets, from the last level to the first.
    fn respond_to<const W: usize>(&mut self, form: &FlatForm, player: usize, rule: Rule) {
        for sets in form.levels(player).rev() {
            let range = sequences_of(sets);
            self.values.resize(sets.len(), 0.0);
            let stretch = Stretch {
                sets,
                payoffs: &mut self.payoffs[range.clone()],
                odds: &mut self.odds[range.clone()],
                regrets: &mut self.regrets[range],
                values: &mut self.values,
            };
            stretch.respond::<W>(&form.terms, &self.plans, rule);
            for (set, value) in sets.iter().zip(&self.values) {
                self.payoffs[set.parent as usize] += value;
            }
        }
        self.payoffs[form.sequences(player).start] = 0.0;
    }

    /// A player's realisation plan from its odds, and its share in the average.
    fn realise(&mut self, form: &FlatForm, player: usize, weight: f64) {
        self.sums[form.sequences(player).start] += weight;
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

/// The sequences that go on from information sets which follow each other.
fn sequences_of(sets: &[SequenceSet]) -> std::ops::Range<usize> {
    match sets {
        [first, .., last] => first.sequences().start..last.sequences().end,
        [only] => only.sequences(),
        [] => 0..0,
    }
}

/// Information sets that follow each other, with what is stored for each, and for each of their actions.
struct Stretch<'a> {
    sets: &'a [SequenceSet],
    payoffs: &'a mut [f64],
    odds: &'a mut [f64],
    regrets: &'a mut [f64],
    values: &'a mut [f64],
}

impl Stretch<'_> {
    /// Regrets and new odds, and the value of each information set.
    fn respond<const W: usize>(self, terms: &Terms, plans: &[f64], rule: Rule) {
        if self.sets.len() > GRAIN {
            let (left, right) = self.halves();
            rayon::join(|| left.respond::<W>(terms, plans, rule), || right.respond::<W>(terms, plans, rule));
            return;
        }
        let start = sequences_of(self.sets).start;
        for (set, value) in self.sets.iter().zip(self.values) {
            let own = set.sequences().start - start..set.sequences().end - start;
            let payoffs = &mut self.payoffs[own.clone()];
            let (odds, regrets) = (&mut self.odds[own.clone()], &mut self.regrets[own]);
            *value = match set.count {
                2 => respond_at::<W, 2>(terms, plans, set, payoffs, odds, regrets, rule),
                3 => respond_at::<W, 3>(terms, plans, set, payoffs, odds, regrets, rule),
                _ => respond_at::<W, 0>(terms, plans, set, payoffs, odds, regrets, rule),
            };
        }
    }

    fn halves(self) -> (Self, Self) {
        let (left, right) = self.sets.split_at(self.sets.len() / 2);
        let cut = sequences_of(left).len();
        let (payoffs, right_payoffs) = self.payoffs.split_at_mut(cut);
        let (odds, right_odds) = self.odds.split_at_mut(cut);
        let (regrets, right_regrets) = self.regrets.split_at_mut(cut);
        let (values, right_values) = self.values.split_at_mut(left.len());
        let right = Self {
            sets: right,
            payoffs: right_payoffs,
            odds: right_odds,
            regrets: right_regrets,
            values: right_values,
        };
        (Self { sets: left, payoffs, odds, regrets, values }, right)
    }
}

/// Regret matching at one information set, given its payoffs so far, odds and regrets; its value to its player.
/// `N` is the number of actions, or 0 for any number, so that loops over few actions are unrolled.
#[inline]
fn respond_at<const W: usize, const N: usize>(
    terms: &Terms,
    plans: &[f64],
    set: &SequenceSet,
    payoffs: &mut [f64],
    odds: &mut [f64],
    regrets: &mut [f64],
    rule: Rule,
) -> f64 {
    let count = if N == 0 { set.count as usize } else { N };
    let (payoffs, odds, regrets) = (&mut payoffs[..count], &mut odds[..count], &mut regrets[..count]);
    let mut expected = 0.0;
    for a in 0..count {
        payoffs[a] += terms.marginal::<W>(set.first as usize + a, plans);
        expected += odds[a] * payoffs[a];
    }
    let mut sum = 0.0;
    for a in 0..count {
        let new = payoffs[a] - expected;
        let regret = regrets[a] + new;
        let discounted = regret * if regret > 0.0 { rule.positive } else { rule.negative };
        regrets[a] = discounted;
        odds[a] = (discounted + rule.foreseen * new).max(0.0);
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
    expected
}
