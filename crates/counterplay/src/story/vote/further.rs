//! Rules that a motion has to meet besides the first: by weights of their own, and with blocking minorities.

use super::{Base, Bloc, Tally};

/// What a further rule needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needed {
    /// So much weight for the motion.
    Weight(f64),
    /// More than half of the base.
    Majority,
    /// At least this share of the base.
    Share(f64),
}

/// A rule that a motion has to meet as well.
#[derive(Clone, Debug, PartialEq)]
pub struct FurtherRule {
    /// What all members of each bloc weigh together, in the order of the blocs; `None` where members count alike.
    pub weights: Option<Vec<f64>>,
    /// What it needs.
    pub needed: Needed,
    /// Of whom a majority or a share is computed.
    pub base: Base,
    /// The rule is also met with fewer members than this against the motion, all others counting as for it.
    pub against_below: Option<u32>,
}

/// Weights are equal if they differ by less than this share of all.
const SLACK: f64 = 1e-9;

impl FurtherRule {
    /// Whether a motion meets it, with the tally of each bloc. The members of a bloc share its weight alike.
    ///
    /// ```
    /// use counterplay::story::vote::{Base, Bloc, Defection, FurtherRule, Needed, Stance, Tally};
    /// let bloc = |name: &str| Bloc { name: name.into(), seats: 1, bound: None, defection: Defection::None };
    /// let rule = FurtherRule {
    ///     weights: Some(vec![83.0, 68.0, 59.0]),
    ///     needed: Needed::Share(0.65),
    ///     base: Base::AllMembers,
    ///     against_below: None,
    /// };
    /// let blocs = ["DE", "FR", "IT"].map(bloc);
    /// let votes = |yes: [bool; 3]| yes.map(|y| Tally::of(if y { Stance::For } else { Stance::Against }, 1));
    /// assert!(rule.is_met(&blocs, &votes([true, true, false])));
    /// assert!(!rule.is_met(&blocs, &votes([false, true, true])));
    /// ```
    pub fn is_met(&self, blocs: &[Bloc], tallies: &[Tally]) -> bool {
        let against: u32 = tallies.iter().map(|t| t.noes + t.abstaining + t.absent).sum();
        if self.against_below.is_some_and(|limit| against < limit) {
            return true;
        }
        let (mut ayes, mut base, mut all) = (0.0, 0.0, 0.0);
        for (index, (bloc, tally)) in blocs.iter().zip(tallies).enumerate() {
            let each = match &self.weights {
                Some(weights) if bloc.seats > 0 => weights[index] / f64::from(bloc.seats),
                Some(_) => 0.0,
                None => 1.0,
            };
            let counted = match self.base {
                Base::AllMembers => bloc.seats,
                Base::ThosePresent => tally.ayes + tally.noes + tally.abstaining,
                Base::VotesCast => tally.ayes + tally.noes,
            };
            ayes += each * f64::from(tally.ayes);
            base += each * f64::from(counted);
            all += each * f64::from(bloc.seats);
        }
        let slack = SLACK * all;
        match self.needed {
            Needed::Weight(weight) => ayes >= weight - slack,
            Needed::Majority => 2.0 * ayes > base + slack,
            Needed::Share(share) => base > 0.0 && ayes >= share * base - slack,
        }
    }
}
