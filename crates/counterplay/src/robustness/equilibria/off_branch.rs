//! Draws in which play is not on the principal branch, and what difference they make.

use crate::answer::gather::DrawGathered;
use crate::world::catalogue::OutcomeIndex;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{Interval, OffBranch, OffBranchAnswer, OffBranchPart, WorldName};

/// The draws of an analysis, and what their answers depend on.
pub(crate) struct OffBranchDraws<'a> {
    pub(crate) gathered: Vec<&'a DrawGathered>,
    /// The worlds that are asked for, as it was first and then each what-if in the order of the draws' worlds: the name, and
    /// the plays that each depends on.
    pub(crate) asked: Vec<(WorldName, Vec<usize>)>,
    pub(crate) about: OutcomeIndex,
    /// Parts that have draws of their own.
    pub(crate) parts: Vec<OffBranchPart>,
}

/// What is to be said of draws that are not on the principal branch; nothing if there are none.
pub(crate) fn off_branch(draws: OffBranchDraws<'_>) -> Option<OffBranch> {
    let OffBranchDraws { gathered, asked, about, parts } = draws;
    let off = |plays: &[usize], g: &DrawGathered| plays.iter().any(|p| g.certified.off_branch.contains(p));
    let count = gathered.iter().filter(|g| !g.certified.off_branch.is_empty()).count();
    let parts: Vec<OffBranchPart> = parts.into_iter().filter(|p| p.draws > 0).collect();
    if count == 0 && parts.is_empty() {
        return None;
    }
    let over = |world: usize, plays: Option<&[usize]>| -> Vec<f64> {
        let kept = gathered.iter().filter(|g| plays.is_none_or(|plays| !off(plays, g)));
        kept.map(|g| g.worlds[world].probability(about)).collect()
    };
    let known = |values: Vec<f64>| -> Option<Interval> { (!values.is_empty()).then(|| interval(&values)) };
    let (mut worlds, mut answers) = (Vec::new(), Vec::new());
    for (world, (name, plays)) in asked.iter().enumerate() {
        let draws = gathered.iter().filter(|g| off(plays, g)).count();
        if draws > 0 {
            worlds.push((name.clone(), draws));
            answers.push(OffBranchAnswer {
                world: name.clone(),
                with: interval(&over(world, None)),
                without: known(over(world, Some(plays))),
            });
        }
    }
    let named: Vec<usize> = asked.iter().flat_map(|a| a.1.iter().copied()).collect();
    let elsewhere = |g: &&&DrawGathered| g.certified.off_branch.iter().any(|p| !named.contains(p));
    let others = gathered.iter().filter(elsewhere).count();
    if others > 0 {
        worlds.push((WorldName::OtherFactors, others));
    }
    Some(OffBranch { draws: count, of: gathered.len(), worlds, answers, parts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::replays::Certified;
    use crate::answer::tally::WorldDraw;

    fn draw(factual: f64, what_if: f64, off_branch: &[usize]) -> DrawGathered {
        let world = |p: f64| WorldDraw { probabilities: vec![vec![p]], ..WorldDraw::default() };
        DrawGathered {
            worlds: vec![world(factual), world(what_if)],
            certified: Certified { off_branch: off_branch.to_vec(), ..Certified::default() },
            ..DrawGathered::default()
        }
    }

    fn told(draws: &[DrawGathered]) -> Option<OffBranch> {
        let asked = vec![(WorldName::AsItWas, vec![0]), (WorldName::WhatIf("w".into()), vec![0, 1])];
        off_branch(OffBranchDraws {
            gathered: draws.iter().collect(),
            asked,
            about: OutcomeIndex { outcome: 0, value: 0 },
            parts: Vec::new(),
        })
    }

    #[test]
    fn draws_that_are_all_on_the_branch_say_nothing() {
        assert_eq!(told(&[draw(0.5, 0.5, &[]), draw(0.1, 0.9, &[])]), None);
    }

    #[test]
    fn answers_stand_with_and_without_the_draws_that_left_the_branch() {
        let found = told(&[draw(0.2, 0.4, &[]), draw(0.4, 1.0, &[1]), draw(0.9, 0.7, &[0])]).unwrap();
        assert_eq!((found.draws, found.of), (2, 3));
        let worlds: Vec<usize> = found.worlds.iter().map(|w| w.1).collect();
        assert_eq!(worlds, [1, 2]);
        let means: Vec<_> = found.answers.iter().map(|a| (a.with.mean, a.without.map(|w| w.mean))).collect();
        let expected = [(0.5, Some(0.3)), (0.7, Some(0.4))];
        for ((with, without), (w, wo)) in means.into_iter().zip(expected) {
            assert!((with - w).abs() < 1e-12 && (without.unwrap() - wo.unwrap_or(f64::NAN)).abs() < 1e-12);
        }
    }

    #[test]
    fn an_answer_that_no_draw_on_the_branch_has_is_none_without_them() {
        let found = told(&[draw(0.2, 0.4, &[0])]).unwrap();
        assert!(found.answers.iter().all(|a| a.without.is_none()));
    }
}
