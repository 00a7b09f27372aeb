//! One state: its stage, with what follows its ends put into the payoffs, and its derivatives.

use std::ops::Range;
use std::sync::Arc;

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use super::{StageNumbers, StochasticGame};
use crate::logit::layout::Layout;
use crate::logit::sweep::{Adjoint, Sweep, softmax, softmax_one};
use crate::numeric::dense::{DenseFactors, factorise};
use crate::numeric::vector::{dot, subtract, worse};

/// The stage of one state, and where its unknowns are among all.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) layout: Arc<Layout>,
    sweep: Sweep,
    adjoint: Adjoint,
    /// The actions of the information sets that lead on; the logits of the others are a function of these.
    pub(super) lead: Vec<usize>,
    /// Where the logits of `lead` are among those of all states.
    pub(super) first: usize,
    /// The links in order.
    runs: Vec<Run>,
    links: Vec<(usize, usize)>,
    numbers: StageNumbers,
    /// The logits of the last response.
    logits: Vec<f64>,
    /// The transposed matrix of the stage's own system, where it has one.
    factors: Option<DenseFactors>,
    /// For each player the multipliers by which the logits that lead on change its value.
    stored: Vec<f64>,
}

/// Links of one end to states that follow one another in number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) end: usize,
    /// The first state.
    pub(super) state: usize,
    /// The first link.
    pub(super) link: usize,
    pub(super) count: usize,
}

impl Run {
    fn all(links: &[(usize, usize)]) -> Vec<Self> {
        let together = |a: &(usize, usize), b: &(usize, usize)| a.0 == b.0 && a.1 + 1 == b.1;
        let mut link = 0;
        let run = |chunk: &[(usize, usize)]| {
            link += chunk.len();
            Self { end: chunk[0].0, state: chunk[0].1, link: link - chunk.len(), count: chunk.len() }
        };
        links.chunk_by(together).map(run).collect()
    }

    /// Its links.
    pub(super) fn links(&self) -> Range<usize> {
        self.link..self.link + self.count
    }

    /// Its states.
    pub(super) fn states(&self) -> Range<usize> {
        self.state..self.state + self.count
    }
}

/// For all states in order, with layouts shared by those that share a game.
pub(super) fn all(game: &StochasticGame) -> Vec<Local> {
    let mut layouts: Vec<(Arc<Game>, Arc<Layout>)> = Vec::new();
    let mut states: Vec<Local> = Vec::with_capacity(game.stages.len());
    for stage in &game.stages {
        let known = layouts.last().filter(|l| Arc::ptr_eq(&l.0, &stage.game));
        let layout = known.map_or_else(|| Arc::new(layout_of(&stage.game)), |l| Arc::clone(&l.1));
        layouts = vec![(Arc::clone(&stage.game), Arc::clone(&layout))];
        let links = stage.links.iter().map(|l| (l.end.index(), l.state)).collect();
        let first = states.last().map_or(0, |s: &Local| s.first + s.lead.len());
        states.push(Local::new(layout, links, first));
    }
    states
}

/// The most actions of a stage whose logits are all unknowns. Where players move at the same time the response of one
/// to the other is steep, and Newton's method goes further with both as unknowns than with one put into the other.
const ALL_LOGITS: usize = 40;

fn layout_of(game: &Game) -> Layout {
    if game.action_count() <= ALL_LOGITS { Layout::with_all_logits(game) } else { Layout::new(game) }
}

impl Local {
    fn new(layout: Arc<Layout>, links: Vec<(usize, usize)>, first: usize) -> Self {
        Self {
            sweep: Sweep::new(&layout),
            adjoint: Adjoint::zero(&layout),
            lead: layout
                .sets
                .iter()
                .filter(|s| s.leads_on)
                .flat_map(crate::logit::layout::InfoSet::actions)
                .collect(),
            first,
            runs: Run::all(&links),
            links,
            numbers: StageNumbers::default(),
            logits: vec![0.0; layout.actions],
            factors: None,
            stored: Vec::new(),
            layout,
        }
    }

    /// Where its logits are among those of all states.
    pub(super) fn own(&self) -> Range<usize> {
        self.first..self.first + self.lead.len()
    }

    /// Puts in its numbers.
    pub(super) fn load(&mut self, numbers: &StageNumbers) {
        self.numbers.clone_from(numbers);
    }

    /// The largest difference between two payoffs of a player within the stage.
    pub(super) fn range(&self) -> f64 {
        let players = self.layout.players;
        let span = |player: usize| {
            let payoffs = self.numbers.valuation.payoffs.iter().skip(player).step_by(players);
            let (low, high) =
                payoffs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &u| (u.min(low), u.max(high)));
            high - low
        };
        (0..players).map(span).fold(0.0, f64::max)
    }

    /// Each link with its weight: the end, the state, the weight.
    pub(super) fn links(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        self.links.iter().zip(&self.numbers.weights).map(|(&(end, state), &w)| (end, state, w))
    }

    /// The links in order, by runs.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The weights of the links.
    pub(super) fn weights(&self) -> &[f64] {
        &self.numbers.weights
    }

    /// Adds to `payoffs`, end by end, the weighted `values` of the states that follow, player by player.
    fn add_onward(&self, values: &[f64], payoffs: &mut [f64]) {
        let n = self.layout.players;
        let count = values.len() / n;
        for run in &self.runs {
            let weights = &self.numbers.weights[run.links()];
            for (own, u) in values.chunks_exact(count).zip(&mut payoffs[run.end * n..]) {
                *u += dot(weights, &own[run.states()]);
            }
        }
    }

    /// Adds to derivatives with respect to the values of the states those that come through the payoffs of the ends.
    pub(super) fn add_back(&self, d_payoffs: &[f64], d_values: &mut [f64]) {
        let n = self.layout.players;
        let count = d_values.len() / n;
        for run in &self.runs {
            let weights = &self.numbers.weights[run.links()];
            for (own, u) in d_values.chunks_exact_mut(count).zip(&d_payoffs[run.end * n..]) {
                subtract(&mut own[run.states()], -u, weights);
            }
        }
    }

    /// The numbers of its stage as a game by itself, where the ends pay what follows as well.
    pub(super) fn alone(&self, values: &[f64]) -> Valuation {
        let mut numbers = self.numbers.valuation.clone();
        self.add_onward(values, &mut numbers.payoffs);
        numbers
    }

    /// Responds to these logits and values.
    pub(super) fn respond(&mut self, precisions: &[f64], logits: &[f64], values: &[f64]) {
        let mut payoffs = std::mem::take(&mut self.numbers.valuation.payoffs);
        let own = payoffs.clone();
        self.add_onward(values, &mut payoffs);
        self.numbers.valuation.payoffs = payoffs;
        self.sweep.load(&self.layout, &self.numbers.valuation);
        self.numbers.valuation.payoffs = own;
        for (&at, z) in self.lead.iter().zip(logits) {
            self.logits[at] = *z;
        }
        self.sweep.respond(&self.layout, precisions, &self.logits);
    }

    /// The response's logits of the information sets that lead on.
    pub(super) fn response(&self) -> impl Iterator<Item = f64> + '_ {
        self.lead.iter().map(|&a| self.sweep.response[a])
    }

    /// The largest difference between these logits and the response, weighed with the probability of the action.
    pub(super) fn weighed_distance(&self, lead: &[f64]) -> f64 {
        let of = |((h, z), p): ((f64, &f64), f64)| p * (h - z).abs();
        self.response().zip(lead).zip(self.play_of(lead)).map(of).fold(0.0, worse)
    }

    /// The probabilities of the actions that lead on, at these logits.
    pub(super) fn play_of(&self, lead: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; lead.len()];
        let mut at = 0;
        for set in self.layout.sets.iter().filter(|s| s.leads_on) {
            let own = at..at + set.count;
            softmax_one(&lead[own.clone()], &mut play[own]);
            at += set.count;
        }
        play
    }

    /// The players' payoffs of the stage under the response.
    pub(super) fn stage_values(&self) -> &[f64] {
        &self.sweep.values()[..self.layout.players]
    }

    /// All logits and the play, where those that lead on are these.
    pub(super) fn logits_and_play(&self, lead: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut logits = self.sweep.response.clone();
        for (&at, z) in self.lead.iter().zip(lead) {
            logits[at] = *z;
        }
        let play = softmax(&self.layout, &logits);
        (logits, play)
    }

    /// The most that a player could gain by one deviation, under the play of the last response.
    pub(super) fn regret(&self) -> f64 {
        let play = softmax(&self.layout, &self.sweep.response);
        let of_set = |set: &crate::logit::layout::InfoSet| {
            let values = &self.sweep.action_values[set.actions()];
            let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            best - values.iter().zip(&play[set.actions()]).map(|(u, p)| u * p).sum::<f64>()
        };
        self.layout.sets.iter().map(of_set).fold(0.0, f64::max)
    }

    /// Factorises the matrix of its own system, $I - H_z$ over the logits that lead on, at the last response; whether
    /// its determinant is positive, or `None` if it is singular.
    pub(super) fn factorise(&mut self, precisions: &[f64]) -> Option<bool> {
        let size = self.lead.len();
        let mut rows = vec![0.0; size * size];
        let mut unit = vec![0.0; self.layout.actions];
        for (k, row) in rows.chunks_exact_mut(size.max(1)).enumerate() {
            unit[self.lead[k]] = 1.0;
            self.sweep.adjoint_with(&self.layout, precisions, &unit, &[], &mut self.adjoint);
            unit[self.lead[k]] = 0.0;
            for (x, &at) in row.iter_mut().zip(&self.lead) {
                *x = -self.adjoint.logits[at];
            }
            row[k] += 1.0;
        }
        // The rows of the matrix are the columns of the transposed one.
        self.factors = factorise(size, rows);
        self.stored.clear();
        self.factors.as_ref().map(|f| f.positive)
    }

    /// Stores the multipliers of the next player's value until the next factorisation.
    pub(super) fn store(&mut self, multipliers: &[f64]) {
        self.stored.extend(self.lead.iter().map(|&at| multipliers[at]));
    }

    /// The change of a player's value with a change of what the logits that lead on respond.
    pub(super) fn value_change(&self, player: usize, change: &[f64]) -> f64 {
        let own = &self.stored[player * self.lead.len()..(player + 1) * self.lead.len()];
        own.iter().zip(change).map(|(m, x)| m * x).sum()
    }

    /// Solves its own system for a right-hand side over the logits that lead on.
    pub(super) fn solve(&self, rhs: &[f64]) -> Vec<f64> {
        self.factors.as_ref().map_or_else(|| rhs.to_vec(), |f| f.solve_transposed(rhs))
    }

    /// The multipliers of its own system, by which the weights of a sum over logits and payoffs of the stage reach its
    /// numbers through the equilibrium of the stage.
    pub(super) fn multipliers(&mut self, precisions: &[f64], weights: &[f64], root: &[f64]) -> Vec<f64> {
        if self.lead.is_empty() {
            return weights.to_vec();
        }
        // Weights on what follows pass through the logits that lead on; their own stay as they are.
        let mut following = weights.to_vec();
        for &at in &self.lead {
            following[at] = 0.0;
        }
        self.sweep.adjoint_with(&self.layout, precisions, &following, root, &mut self.adjoint);
        let rhs: Vec<f64> = self.lead.iter().map(|&at| weights[at] + self.adjoint.logits[at]).collect();
        let own = self.factors.as_ref().map_or_else(|| rhs.clone(), |f| f.solve(&rhs));
        for (&at, m) in self.lead.iter().zip(own) {
            following[at] = m;
        }
        following
    }

    /// The derivatives with respect to its numbers, the values that follow held, of the sum with these weights.
    pub(super) fn derivatives(&mut self, precisions: &[f64], multipliers: &[f64], root: &[f64]) -> &Adjoint {
        self.sweep.adjoint_with(&self.layout, precisions, multipliers, root, &mut self.adjoint);
        &self.adjoint
    }

    /// The last derivatives with respect to what the ends pay.
    pub(super) fn d_payoffs(&self) -> &[f64] {
        &self.adjoint.numbers.payoffs
    }

    /// The change of the logits that lead on with a change of the precisions and of the values that follow, where
    /// `rhs` is added to the response.
    pub(super) fn follow(
        &mut self,
        precisions: &[f64],
        d_precisions: &[f64],
        d_values: &[f64],
        rhs: Option<&[f64]>,
    ) -> Vec<f64> {
        if self.lead.is_empty() {
            return Vec::new();
        }
        let mut d_payoffs = vec![0.0; self.layout.end_count * self.layout.players];
        self.add_onward(d_values, &mut d_payoffs);
        let (no_change, mut out) = (vec![0.0; self.layout.actions], vec![0.0; self.layout.actions]);
        self.sweep.tangent_with(&self.layout, precisions, &no_change, d_precisions, &d_payoffs, &mut out);
        let mut own: Vec<f64> = self.lead.iter().map(|&a| out[a]).collect();
        if let Some(rhs) = rhs {
            for (x, r) in own.iter_mut().zip(rhs) {
                *x += r;
            }
        }
        self.solve(&own)
    }
}
