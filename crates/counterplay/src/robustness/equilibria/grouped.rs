//! Equilibria of several draws as one, where they are alike.

use counterplay_analysis::interval::interval;
use counterplay_analysis::{EquilibriumAnswer, OtherEquilibrium, PlayDifference, PlayEquilibria, WorldName};

/// Play that leads to other histories with at least this probability is another equilibrium in another draw, too.
const ALIKE: f64 = 0.5;

/// An equilibrium at one point.
pub(super) struct Member {
    /// The probability of each end.
    pub(super) ends: Vec<f64>,
    pub(super) differences: Vec<PlayDifference>,
    /// For each world that has an answer: on the play that is used, and here.
    pub(super) answers: Vec<(WorldName, f64, f64)>,
}

/// The others at one point.
pub(super) struct Members {
    /// Whether the point is the posterior mean.
    pub(super) centre: bool,
    pub(super) found: Vec<Member>,
}

/// Equilibria that are alike, of several points.
pub(super) struct Group {
    first: Member,
    at_centre: bool,
    /// The answers at each draw.
    draws: Vec<Vec<(WorldName, f64, f64)>>,
}

/// Half the sum of the differences of two distributions.
fn total_variation(a: &[f64], b: &[f64]) -> f64 {
    0.5 * a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>()
}

/// Puts the equilibria of one point into the groups that they are nearest to, each into one of its own; those that are
/// near none begin new ones.
pub(super) fn join(groups: &mut Vec<Group>, members: Members) {
    let known = groups.len();
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (m, member) in members.found.iter().enumerate() {
        for (g, group) in groups.iter().enumerate() {
            pairs.push((total_variation(&member.ends, &group.first.ends), m, g));
        }
    }
    pairs.retain(|p| p.0 < ALIKE);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut place: Vec<Option<usize>> = vec![None; members.found.len()];
    let mut taken = vec![false; known];
    for (_, m, g) in pairs {
        if place[m].is_none() && !taken[g] {
            (place[m], taken[g]) = (Some(g), true);
        }
    }
    for (member, place) in members.found.into_iter().zip(place) {
        let answers = member.answers.clone();
        let group = place.unwrap_or_else(|| {
            groups.push(Group { first: member, at_centre: false, draws: Vec::new() });
            groups.len() - 1
        });
        if members.centre {
            groups[group].at_centre = true;
        } else {
            groups[group].draws.push(answers);
        }
    }
}

impl Group {
    fn summary(self) -> OtherEquilibrium {
        let draws = self.draws.len();
        let of = if draws == 0 { vec![self.first.answers.clone()] } else { self.draws };
        let mut worlds: Vec<&WorldName> = Vec::new();
        for (world, _, _) in of.iter().flatten() {
            if !worlds.contains(&world) {
                worlds.push(world);
            }
        }
        let answer = |world: &&WorldName| {
            let of_world = || of.iter().flatten().filter(|a| a.0 == **world);
            EquilibriumAnswer {
                world: (*world).clone(),
                principal: interval(&of_world().map(|a| a.1).collect::<Vec<_>>()),
                here: interval(&of_world().map(|a| a.2).collect::<Vec<_>>()),
            }
        };
        OtherEquilibrium {
            at_centre: self.at_centre,
            draws,
            answers: worlds.iter().map(answer).collect(),
            differences: self.first.differences,
        }
    }
}

/// What was found of one play: in how many draws, how many at the posterior mean, and how many at most.
pub(super) fn summarise(
    groups: Vec<Group>,
    worlds: Vec<WorldName>,
    draws: usize,
    at_centre: usize,
    most: usize,
) -> PlayEquilibria {
    let mut equilibria: Vec<OtherEquilibrium> = groups.into_iter().map(Group::summary).collect();
    let moved = |e: &OtherEquilibrium| e.most_moved().map_or(0.0, |m| m.1);
    // Sorting keeps the order in which they were found among those that move answers alike.
    equilibria.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    PlayEquilibria { worlds, at_centre, draws, most, equilibria }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(centre: bool, ends: &[[f64; 3]]) -> Members {
        let member = |ends: &[f64; 3]| Member {
            ends: ends.to_vec(),
            differences: Vec::new(),
            answers: vec![(WorldName::AsItWas, 0.1, ends[0])],
        };
        Members { centre, found: ends.iter().map(member).collect() }
    }

    #[test]
    fn equilibria_of_different_draws_are_one_where_they_lead_to_the_same_histories() {
        let mut groups = Vec::new();
        join(&mut groups, members(true, &[[1.0, 0.0, 0.0], [0.4, 0.3, 0.3]]));
        // In another order, and moved a little; and one that the mean does not have.
        join(&mut groups, members(false, &[[0.5, 0.3, 0.2], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]]));
        join(&mut groups, members(false, &[[0.8, 0.1, 0.1]]));
        let found = summarise(groups, vec![WorldName::AsItWas], 2, 2, 3);
        let told: Vec<_> = found.equilibria.iter().map(|e| (e.at_centre, e.draws)).collect();
        assert_eq!(told, [(true, 2), (true, 1), (false, 1)]);
        assert!((found.equilibria[0].answers[0].here.mean - 0.85).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn two_equilibria_of_one_draw_are_never_one() {
        let mut groups = Vec::new();
        join(&mut groups, members(true, &[[1.0, 0.0, 0.0]]));
        join(&mut groups, members(false, &[[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]]));
        assert_eq!(groups.len(), 2);
    }
}
