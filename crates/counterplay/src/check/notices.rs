//! What an author should know though nothing is wrong.

use std::collections::BTreeSet;

use counterplay_game::expression::ExprId;
use counterplay_game::id::BranchId;

use crate::causality::shapley::MAX_EXACT_FACTORS;
use crate::problem::Problem;
use crate::scenario::{Act, Factor, Foresight, Parameter, Scenario};
use crate::story::unfolded::{State, Unfolded};
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

use super::misspelt;

/// Parameters that are not used, players who never move, outcomes that may be misspelt, factors that are not of one kind.
pub(super) fn notices(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let mut notices = unused(scenario, unfolded);
    notices.extend(misspelt::outcomes(unfolded));
    notices.extend(idle(unfolded));
    notices.extend(mixed_foresight(scenario));
    notices.extend(ungrouped(scenario));
    notices
}

/// Factors of which the players foresee some and are surprised by others: their shares are not of one kind.
fn mixed_foresight(scenario: &Scenario) -> Option<Problem> {
    if scenario.factor_foresight != Foresight::ByKind {
        return None;
    }
    let acts = |f: &'_ Factor| {
        f.absent.iter().chain(&f.present).map(|i| i.act.foreseen_by_default()).collect::<Vec<_>>()
    };
    let foreseen = scenario.factors.iter().find(|f| acts(f).contains(&true))?;
    let surprise = scenario.factors.iter().find(|f| acts(f).contains(&false))?;
    Some(
        Problem::new(format!(
            "the players foresee the factor `{}`, and `{}` comes as a surprise to them: the shares of the two are not of one kind",
            foreseen.name, surprise.name
        ))
        .hint("`factors(foreseen_by = ALL)` weighs all factors in the same way; without it what is done to a move is a surprise")
        .at(surprise.place.clone()),
    )
}

/// Groups of so many factors that not all sets of them are gone through.
fn ungrouped(scenario: &Scenario) -> Option<Problem> {
    let named = scenario.factors.iter().find(|f| f.group.is_some())?;
    (scenario.factors.len() > MAX_EXACT_FACTORS).then(|| {
        Problem::new(format!("groups of factors are weighed where there are at most {MAX_EXACT_FACTORS} factors, and here are more"))
            .hint("take factors together, or leave `group` out")
            .at(named.place.clone())
    })
}

/// Parameters that rest on judgement alone.
pub(super) fn judgement_alone(scenario: &Scenario) -> Vec<Problem> {
    let is_certain =
        |p: &Parameter| matches!(scenario.priors[p.block], Prior::Single(Distribution::Point(_)));
    let alone = scenario.blocks().filter(|p| p.judgement_only() && !is_certain(p));
    let notice = |p: &Parameter| {
        let name = p.name.trim_end_matches("[1]");
        let what = if p.evidence.is_empty() { "has no evidence" } else { "rests on judgement alone" };
        Problem::new(format!("`{name}` {what}")).at(p.place.clone())
    };
    alone.map(notice).collect()
}

/// The expressions that decide anything.
fn roots(scenario: &Scenario, state: &State) -> Vec<ExprId> {
    let game = &state.game;
    let mut roots: Vec<ExprId> = game.ends().iter().flat_map(|end| end.payoffs.clone()).collect();
    roots.extend((0..game.branch_count()).map(|b| game.branch_probability(BranchId::new(b))));
    roots.extend(state.onward.iter().flatten().map(|onward| onward.1));
    roots.extend(state.endings.iter().flat_map(|e| e.measures.iter().flat_map(|m| m.1.arguments())));
    roots.extend(&scenario.precisions);
    roots.extend(scenario.priors.iter().flat_map(Prior::arguments));
    let factors = scenario.factors.iter().flat_map(|f| f.absent.iter().chain(&f.present));
    let questions = scenario.questions.iter().flat_map(|q| &q.interventions);
    let explanations = scenario.explanations.iter().flat_map(|e| &e.interventions);
    for intervention in factors.chain(questions).chain(explanations) {
        match &intervention.act {
            Act::Set(_, x) | Act::Shift(_, x) | Act::Scale(_, x) => roots.push(*x),
            Act::Change(change) => roots.extend(change.quantities()),
        }
    }
    let distinct: BTreeSet<ExprId> = roots.into_iter().collect();
    distinct.into_iter().collect()
}

fn unused(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for state in &unfolded.states {
        let mut expressions = state.game.expressions().clone();
        // One expression that depends on all of them shows in one pass what they depend on.
        let mut all = expressions.constant(0.0);
        for root in roots(scenario, state) {
            all = expressions.add(all, root);
        }
        used.extend(expressions.parameters_of(all).into_iter().map(|p| scenario.parameters[p.index()].block));
    }
    let unused = scenario.blocks().filter(|p| !used.contains(&p.block));
    let notice = |p: &Parameter| {
        Problem::new(format!("`{}` decides nothing", p.name.trim_end_matches("[1]"))).at(p.place.clone())
    };
    unused.map(notice).collect()
}

fn idle(unfolded: &Unfolded) -> Vec<Problem> {
    let game = unfolded.game();
    let games = unfolded.states.iter().map(|state| &state.game);
    let movers = games.flat_map(|game| game.info_set_ids().map(|set| game.info_set(set).player.index()));
    let movers: BTreeSet<usize> = movers.collect();
    let idle = game.players().iter().enumerate().filter(|(index, _)| !movers.contains(index));
    idle.map(|(_, name)| Problem::new(format!("`{name}` never moves"))).collect()
}
