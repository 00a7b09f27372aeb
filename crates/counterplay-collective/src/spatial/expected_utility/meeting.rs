//! How two actors meet, and which meeting an actor attends to.

use super::{Choice, Outlook};

/// What a meeting with another actor comes to, for one of the two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meeting {
    /// A stalemate: neither expects to gain, or both expect exactly the same.
    Nothing,
    /// It comes out ahead: the other loses, compromises or gives in.
    Prevails,
    /// Both expect to gain, the other more: it loses the confrontation, and takes the other's position.
    Loses,
    /// The other expects to gain more than it expects to lose: it goes a share of the way, $|E_{ji} / E_{ij}|$.
    Compromises {
        /// The share, in \[0, 1).
        share: f64,
    },
    /// It expects to lose at least as much as the other expects to gain: it takes the other's position.
    Capitulates,
}

impl Meeting {
    /// The meeting, for the actor that expects `own` of a challenge, with one that expects `theirs`.
    pub fn of(own: f64, theirs: f64) -> Self {
        match (own > 0.0, theirs > 0.0) {
            (true, false) => Self::Prevails,
            (true, true) if own > theirs => Self::Prevails,
            (true, true) if own < theirs => Self::Loses,
            (false, false) | (true, true) => Self::Nothing,
            (false, true) if -own < theirs => Self::Compromises { share: -own / theirs },
            (false, true) => Self::Capitulates,
        }
    }
}

/// Expectations, and ways as shares of the spread, that differ by less than this are the same: it covers the rounding of sums that
/// are taken in the order of the actors, which must not matter.
const SAME: f64 = 1e-9;

impl Outlook {
    /// The meeting that an actor attends to, and with whom; nothing if none is worth anything, or if two that are worth the same
    /// pull it to different places.
    pub(super) fn attended(
        &self,
        actor: usize,
        positions: &[f64],
        spread: f64,
        choice: Choice,
    ) -> Option<(usize, Meeting)> {
        let meetings = (0..positions.len()).filter_map(|other| {
            let (own, theirs) = (self.expected_utility[actor][other], self.expected_utility[other][actor]);
            let meeting = Meeting::of(own, theirs);
            let apart = (positions[other] - positions[actor]) / spread;
            let way = apart * meeting.yields().map_or(0.0, |(_, share)| share);
            let stake = own.max(theirs);
            let counts = match choice {
                Choice::Strongest => meeting != Meeting::Nothing,
                Choice::LeastMove => way.abs() > SAME,
            };
            (other != actor && apart != 0.0 && counts).then_some((other, meeting, stake, way))
        });
        let all: Vec<_> = meetings.collect();
        let most = all.iter().map(|m| m.2).fold(f64::NEG_INFINITY, f64::max);
        let worth_most = |stake: f64| choice == Choice::LeastMove || stake >= most - SAME;
        let best: Vec<_> = all.into_iter().filter(|m| worth_most(m.2)).collect();
        let least = best.iter().map(|m| m.3.abs()).fold(f64::INFINITY, f64::min);
        let mut nearest = best.into_iter().filter(|m| m.3.abs() <= least + SAME);
        let first = nearest.next()?;
        nearest.all(|m| (m.3 - first.3).abs() <= 4.0 * SAME).then_some((first.0, first.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_expect_says_how_they_meet() {
        assert_eq!(Meeting::of(-0.1, -0.2), Meeting::Nothing);
        assert_eq!(Meeting::of(0.4, 0.4), Meeting::Nothing);
        assert_eq!((Meeting::of(0.4, 0.3), Meeting::of(0.3, 0.4)), (Meeting::Prevails, Meeting::Loses));
        assert_eq!(Meeting::of(0.4, -0.1), Meeting::Prevails);
        assert_eq!(Meeting::of(-0.1, 0.4), Meeting::Compromises { share: 0.25 });
        assert_eq!(
            (Meeting::of(0.1, -0.4), Meeting::of(-0.4, 0.1)),
            (Meeting::Prevails, Meeting::Capitulates)
        );
    }
}
