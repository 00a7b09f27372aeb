//! The expected-utility model of group decisions (Bueno de Mesquita 1985, 1994, 1997), as Scholz, Calbert and Smith (2011) have put
//! it together from the published pieces.
//!
//! One issue, on a line. In every round each actor $i$ weighs a challenge of each other actor $j$: with the probability $P_{ij}$ that
//! third parties let it win, $E_{ij}$ is what it expects of the challenge over what it expects of leaving $j$ alone. The two
//! expectations $E_{ij}$ and $E_{ji}$ say how they [meet](Meeting): in a confrontation, a compromise, a capitulation, or not at all.
//! Then all move at once.
//!
//! The authors of the published programs do not agree in everything. Where they differ there is a setting: [`Success`], [`Choice`]
//! and the probability [`Settings::stalemate`].

mod meeting;
mod outlook;

pub use meeting::Meeting;
pub use outlook::{Outlook, risk_exponents};

use super::rounds::{BargainingPath, Kind, Move, Round, Stop, longest, seen_before};
use super::{Actor, Actors};

/// How the support of third parties makes the probability $P_{ij}$ that a challenge succeeds. With
/// $v_k = c_k s_k (|x_k - x_j| - |x_k - x_i|)$, the vote of $k$ for $i$ over $j$:
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// $\sum_{v_k > 0} v_k / \sum_k |v_k|$, as Scholz, Calbert and Smith (2011) print it.
    Share,
    /// $\max(0, \sum_k v_k) / \sum_k |v_k|$: the lead of the stronger side, as in Masad's replication (2013), whose printed figures
    /// rest on it.
    Lead,
}

/// Which one of all that it meets with in a round an actor attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one that is worth most to the side that comes out ahead. If that is the actor itself, it stays.
    Strongest,
    /// Of those in which it would have to move, the one that moves it least (Bueno de Mesquita 1997).
    LeastMove,
}

/// How the model is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// $Q$, the probability that nothing changes between two actors of whom neither challenges: 1 in Scholz, Calbert and Smith
    /// (2011), 0.5 in Bueno de Mesquita (1985). In \[0, 1\].
    pub stalemate: f64,
    /// The probability of success.
    pub success: Success,
    /// What an actor attends to.
    pub choice: Choice,
    /// The most rounds.
    pub most_rounds: usize,
    /// Positions that differ by no more than this share of the spread of the positions as stated are the same: those who come as near
    /// to each other stand in their middle from then on, and if nobody went further nobody has moved.
    pub tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stalemate: 1.0,
            success: Success::Share,
            choice: Choice::Strongest,
            most_rounds: 50,
            // As KTAB has it: a tenth of a point on a scale of 100.
            tolerance: 1e-3,
        }
    }
}

/// The issue in one dimension of what actors decide.
///
/// Two actors at the ends of the issue, the first with nine times the weight of the second, whose challenge succeeds with
/// probability 1/10. The first has $r = 2$ and expects $1.6 - 1 = 0.6$ of a challenge, the second has $r = 1/2$ and expects
/// $-1.6 - (2 - 4 \sqrt{1/2}) \approx -0.77$: it gives in.
///
/// ```
/// use counterplay_collective::spatial::expected_utility::{Issue, Settings};
/// use counterplay_collective::spatial::rounds::Kind;
/// use counterplay_collective::spatial::{Actor, Actors};
/// let actor = |capability, x| Actor { capability, position: vec![x], salience: vec![1.0] };
/// let issue = Issue::new(&Actors::new(vec![actor(9.0, 0.0), actor(1.0, 10.0)])?, 0);
/// let outlook = issue.outlook(&[0.0, 10.0], &Settings::default());
/// assert!((outlook.success[1][0] - 0.1).abs() < 1e-15);
/// assert!((outlook.expected_utility[0][1] - 0.6).abs() < 1e-12);
/// assert!((outlook.expected_utility[1][0] - (8.0_f64.sqrt() - 3.6)).abs() < 1e-12);
/// let path = issue.play(&Settings::default());
/// assert!(path.settled() && path.last().positions == [[0.0], [0.0]]);
/// assert_eq!(path.round(1).moves[0].kind, Kind::Capitulation);
/// # Ok::<(), counterplay_collective::spatial::NotActors>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    actors: Actors,
    /// The unit of all distances, in all rounds: the spread of the positions as stated, or the length of the scale.
    spread: f64,
}

impl Issue {
    /// The issue in this dimension of the actors; the others do not matter to it.
    ///
    /// # Panics
    /// If there are fewer dimensions.
    pub fn new(actors: &Actors, dimension: usize) -> Self {
        let stated = actors.list().iter().map(|actor| actor.position[dimension]);
        let (low, high) =
            stated.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        Self::on_scale(actors, dimension, high - low)
    }

    /// The same with distances as shares of a scale of this length, and not of the spread of the positions as stated.
    ///
    /// # Panics
    /// If there are fewer dimensions.
    pub fn on_scale(actors: &Actors, dimension: usize, length: f64) -> Self {
        let alone = |actor: &Actor| Actor {
            capability: actor.capability,
            position: vec![actor.position[dimension]],
            salience: vec![actor.salience[dimension]],
        };
        Self { actors: Actors(actors.list().iter().map(alone).collect()), spread: length }
    }

    /// What everybody expects of everybody at these positions, one for each actor.
    pub fn outlook(&self, positions: &[f64], settings: &Settings) -> Outlook {
        Outlook::at(self, positions, settings)
    }

    /// The rounds of bargaining, from the positions as stated.
    ///
    /// They end where nobody moves, or as soon as positions come back to those of an earlier round, from which all would repeat
    /// itself; or after [`Settings::most_rounds`].
    pub fn play(&self, settings: &Settings) -> BargainingPath {
        let mut rounds = vec![Round::at(&self.actors, self.actors.positions(), Vec::new())];
        let tolerance = settings.tolerance * self.spread;
        let mut change = 0.0;
        while rounds.len() <= settings.most_rounds {
            let before = &rounds[rounds.len() - 1].positions;
            let stand: Vec<f64> = before.iter().map(|p| p[0]).collect();
            let (after, moves) = self.next(&stand, settings);
            let after = after.into_iter().map(|x| vec![x]).collect();
            change = longest(before, &after);
            if change <= tolerance {
                return BargainingPath { rounds, stop: Stop::Settled };
            }
            let since = seen_before(&rounds, &after, tolerance);
            let length = since.map(|since| rounds.len() - since);
            rounds.push(Round::at(&self.actors, after, moves));
            if let (Some(since), Some(length)) = (since, length) {
                return BargainingPath { rounds, stop: Stop::Cycle { since, length } };
            }
        }
        BargainingPath { rounds, stop: Stop::OutOfRounds { change } }
    }

    /// The positions after one round, and the moves to them.
    pub fn next(&self, positions: &[f64], settings: &Settings) -> (Vec<f64>, Vec<Move>) {
        let outlook = self.outlook(positions, settings);
        let mut moves = Vec::new();
        let mut after = positions.to_vec();
        for (actor, place) in after.iter_mut().enumerate() {
            let Some((other, meeting)) = outlook.attended(actor, positions, self.spread, settings.choice)
            else {
                continue;
            };
            let Some((kind, share)) = meeting.yields() else { continue };
            if share > 0.0 {
                // Going the whole way, it stands where the other stands, to the last digit.
                let way = positions[other] - positions[actor];
                *place = if share < 1.0 { positions[actor] + share * way } else { positions[other] };
                moves.push(Move { actor, other, kind });
            }
        }
        (merged(&after, settings.tolerance * self.spread), moves)
    }
}

/// The positions with those in the middle that lie within a tolerance of each other, from one to the next. Bargaining often comes to a
/// rest only in the limit, and actors a hair's breadth apart would turn every rounding into another alliance.
fn merged(positions: &[f64], tolerance: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by(|&a, &b| positions[a].total_cmp(&positions[b]));
    let mut merged = positions.to_vec();
    for group in order.chunk_by(|&a, &b| positions[b] - positions[a] <= tolerance) {
        let ends = (positions[group[0]], positions[group[group.len() - 1]]);
        for &actor in group {
            // Between equal ends the middle is the position itself.
            merged[actor] = ends.0.midpoint(ends.1);
        }
    }
    merged
}

impl Meeting {
    /// How the actor moves in it and what share of the way; nothing if it comes out ahead or nothing happens.
    fn yields(self) -> Option<(Kind, f64)> {
        match self {
            Self::Loses => Some((Kind::Confrontation, 1.0)),
            Self::Compromises { share } => Some((Kind::Compromise, share)),
            Self::Capitulates => Some((Kind::Capitulation, 1.0)),
            Self::Nothing | Self::Prevails => None,
        }
    }
}
