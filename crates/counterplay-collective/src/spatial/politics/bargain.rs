//! Bargains: what is proposed, and between which of them an actor chooses.

use counterplay_math::powi;
use rayon::prelude::*;

use super::{Bargaining, Interpolation, State};

/// Where the two of a bargain would move, on the unit scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The initiator.
    pub initiator: Vec<f64>,
    /// The receiver.
    pub receiver: Vec<f64>,
}

/// The bargain that an actor proposes to the one whose challenge promises it most.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Who proposes.
    pub initiator: usize,
    /// To whom.
    pub receiver: usize,
    /// The probability that the initiator would win a challenge, as it sees it.
    pub probability: f64,
    /// What it would gain by it, as it sees it.
    pub gain: f64,
    /// The bargain with the chances as the initiator sees them.
    pub by_initiator: Offer,
    /// The same as the receiver sees them.
    pub by_receiver: Offer,
    /// Their mean, weighted by capability times salience.
    pub compromise: Offer,
    bargaining: Bargaining,
}

impl Proposal {
    /// The bargains that are voted on.
    pub fn offers(&self) -> Vec<&Offer> {
        match self.bargaining {
            Bargaining::Initiator => vec![&self.by_initiator],
            Bargaining::Both => vec![&self.by_initiator, &self.by_receiver],
            Bargaining::Compromise => vec![&self.compromise],
        }
    }
}

impl State<'_> {
    /// The bargains that are proposed, in the order of their initiators; none from whom no challenge promises anything.
    pub fn proposals(&self) -> Vec<Proposal> {
        let all: Vec<Option<Proposal>> =
            (0..self.positions().len()).into_par_iter().map(|i| self.proposal(i)).collect();
        all.into_iter().flatten().collect()
    }

    fn proposal(&self, i: usize) -> Option<Proposal> {
        let (j, prospect) = self.best_challenge(i)?;
        let theirs = self.prospect(j, i, i, j).probability;
        let by_initiator = self.between(i, j, prospect.probability);
        let by_receiver = self.between(i, j, theirs);
        let compromise = by_initiator.mean(&by_receiver, self.influence(i), self.influence(j));
        Some(Proposal {
            initiator: i,
            receiver: j,
            probability: prospect.probability,
            gain: prospect.gain,
            by_initiator,
            by_receiver,
            compromise,
            bargaining: self.politics.settings.bargaining,
        })
    }

    /// The bargain between two actors of whom the first would win with this probability.
    pub fn between(&self, i: usize, j: usize, probability: f64) -> Offer {
        let actors = self.politics.actors.list();
        let dimension = |d: usize| {
            let one = Side { at: self.positions()[i][d], salience: actors[i].salience[d], wins: probability };
            let other =
                Side { at: self.positions()[j][d], salience: actors[j].salience[d], wins: 1.0 - probability };
            self.politics.settings.interpolation.between(&one, &other)
        };
        let (initiator, receiver) = (0..actors[i].salience.len()).map(dimension).unzip();
        Offer { initiator, receiver }
    }
}

impl Offer {
    fn mean(&self, other: &Self, own_weight: f64, other_weight: f64) -> Self {
        let total = own_weight + other_weight;
        // Two without any weight count the same.
        let share = if total > 0.0 { own_weight / total } else { 0.5 };
        let mean = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).map(|(a, b)| share * a + (1.0 - share) * b).collect::<Vec<f64>>()
        };
        Self {
            initiator: mean(&self.initiator, &other.initiator),
            receiver: mean(&self.receiver, &other.receiver),
        }
    }
}

/// One side of a bargain in one dimension.
struct Side {
    at: f64,
    salience: f64,
    wins: f64,
}

/// What keeps two sides without any weight where they are.
const LEAST_WEIGHT: f64 = 1e-6;

impl Interpolation {
    /// Where the two move to.
    fn between(self, one: &Side, other: &Side) -> (f64, f64) {
        let power = match self {
            Self::S1P1 => 1,
            Self::S2P2 => 2,
            Self::S2PMax => return (one.moved_towards(other), other.moved_towards(one)),
        };
        let weight = |side: &Side| powi(side.salience, power) * powi(side.wins, power);
        let (w, v) = (weight(one), weight(other));
        let total = w + LEAST_WEIGHT + v;
        // To a hundredth of a point on a scale of 100: two that agree then stand at the same place.
        let rounded = |x: f64| (x * 1e4).round() / 1e4;
        (
            rounded(((w + LEAST_WEIGHT) * one.at + v * other.at) / total),
            rounded((w * one.at + (LEAST_WEIGHT + v) * other.at) / total),
        )
    }
}

impl Side {
    fn moved_towards(&self, other: &Side) -> f64 {
        let behind = (other.wins - self.wins).max(0.0);
        let pull = behind * other.salience.powi(2);
        let hold = LEAST_WEIGHT + (1.0 - behind) * self.salience.powi(2);
        self.at + pull / (pull + hold) * (other.at - self.at)
    }
}

/// What an actor chooses between.
pub(super) enum Alternative<'a> {
    /// No bargain.
    Stay,
    /// A bargain that involves it.
    Bargain {
        /// As part of this proposal.
        proposal: &'a Proposal,
        /// These positions.
        offer: &'a Offer,
    },
}

/// The options of an actor, staying first.
pub(super) fn options_of(actor: usize, proposals: &[Proposal]) -> Vec<Alternative<'_>> {
    let involved = proposals.iter().filter(|p| p.initiator == actor || p.receiver == actor);
    let bargains = involved.flat_map(|proposal| {
        proposal.offers().into_iter().map(move |offer| Alternative::Bargain { proposal, offer })
    });
    std::iter::once(Alternative::Stay).chain(bargains).collect()
}

impl Alternative<'_> {
    /// Where it takes an actor that now stands here.
    pub(super) fn place(&self, actor: usize, now: &[f64]) -> Vec<f64> {
        match self {
            Self::Stay => now.to_vec(),
            Self::Bargain { proposal, offer } if proposal.initiator == actor => offer.initiator.clone(),
            Self::Bargain { offer, .. } => offer.receiver.clone(),
        }
    }

    /// With whom; nobody if it stays.
    pub(super) fn partner(&self, actor: usize) -> Option<usize> {
        match self {
            Self::Stay => None,
            Self::Bargain { proposal, .. } if proposal.initiator == actor => Some(proposal.receiver),
            Self::Bargain { proposal, .. } => Some(proposal.initiator),
        }
    }
}
