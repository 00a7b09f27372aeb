//! Whether the what-ifs, factors and explanations change what there is to change.

use counterplay_game::tree::{Game, Kind};

use super::record::{find, labels, unknown};
use crate::change::Change;
use crate::problem::{Place, Problem, did_you_mean};
use crate::question::Plan;
use crate::scenario::{Intervention, Luck, Scenario};
use crate::story::{Limits, Unfolded, unfold};
use crate::watch::Watch;

/// What is wrong with the interventions.
pub(super) fn problems(
    scenario: &Scenario,
    unfolded: &Unfolded,
    limits: Limits,
    watch: &dyn Watch,
) -> Vec<Problem> {
    let mut check = Changes { scenario, unfolded, limits, watch, told: Vec::new() };
    let mut problems = Vec::new();
    for question in &scenario.questions {
        let who = format!("the what-if `{}`", question.name);
        problems.extend(check.interventions(
            &question.interventions,
            question.foreseen,
            &who,
            question.place.as_ref(),
        ));
    }
    for factor in &scenario.factors {
        let who = format!("the factor `{}`", factor.name);
        for interventions in [&factor.absent, &factor.present] {
            problems.extend(check.interventions(interventions, None, &who, factor.place.as_ref()));
        }
    }
    if problems.is_empty() && scenario.factors.len() > 1 {
        let absent: Vec<Intervention> = scenario.factors.iter().flat_map(|f| f.absent.clone()).collect();
        problems.extend(check.interventions(&absent, None, "the absence of all factors together", None));
    }
    for explanation in &scenario.explanations {
        let who = format!("the explanation `{}`", explanation.name);
        let foreseen = Some(true);
        problems.extend(check.interventions(
            &explanation.interventions,
            foreseen,
            &who,
            explanation.place.as_ref(),
        ));
    }
    problems
}

struct Changes<'a> {
    scenario: &'a Scenario,
    unfolded: &'a Unfolded,
    limits: Limits,
    watch: &'a dyn Watch,
    /// Changes that were told, with what came of them.
    told: Vec<(Vec<Change>, Result<Game, Problem>)>,
}

impl Changes<'_> {
    fn interventions(
        &mut self,
        interventions: &[Intervention],
        foreseen: Option<bool>,
        who: &str,
        place: Option<&Place>,
    ) -> Vec<Problem> {
        let plan = match Plan::new(interventions, foreseen, Luck::Held) {
            Ok(plan) => plan,
            Err(problem) => return vec![problem.at(place.cloned())],
        };
        let game = &self.unfolded.game;
        let mut problems: Vec<Problem> =
            plan.foreseen_changes.iter().filter_map(|change| unsound(game, change, who)).collect();
        if problems.is_empty() {
            let told =
                if plan.foreseen_changes.is_empty() { Ok(game) } else { self.told(&plan.foreseen_changes) };
            match told {
                Ok(game) => {
                    problems.extend(plan.surprises.iter().filter_map(|change| unsound(game, change, who)));
                }
                Err(problem) => problems.push(Problem {
                    message: format!("under {who}: {}", problem.message),
                    hint: problem.hint.or_else(|| hint(&plan.foreseen_changes)),
                    place: problem.place,
                }),
            }
        }
        problems.into_iter().map(|p| p.at(place.cloned())).collect()
    }

    fn told(&mut self, changes: &[Change]) -> Result<&Game, Problem> {
        let known = self.told.iter().position(|t| t.0 == changes);
        let index = known.unwrap_or_else(|| {
            let scenario = self.scenario;
            let told = unfold(
                scenario.story.as_ref(),
                &scenario.players,
                &scenario.expressions,
                changes,
                self.limits,
                self.watch,
            );
            self.told.push((changes.to_vec(), told.map(|t| t.game)));
            self.told.len() - 1
        });
        self.told[index].1.as_ref().map_err(Clone::clone)
    }
}

/// What may be behind a story that cannot be told once it is changed.
fn hint(changes: &[Change]) -> Option<String> {
    let removed = changes.iter().find(|c| matches!(c, Change::Remove { .. }))?.event();
    Some(format!("where `{removed}` is removed, its call gives `None`; the story must go on from that"))
}

/// What a change says of a game that is not so.
pub(super) fn unsound(game: &Game, change: &Change, who: &str) -> Option<Problem> {
    let id = match find(game, change.event(), who) {
        Ok(id) => id,
        Err(problem) => return Some(problem),
    };
    match change {
        Change::Force { event, action } | Change::Forbid { event, action } => {
            unknown(game, event, action, who)
        }
        Change::Rule { event, player, odds } => {
            let movers = movers(game, id);
            if !movers.iter().any(|m| m == player) {
                let mover = movers.first().map_or("chance".to_owned(), |m| format!("`{m}`"));
                return Some(Problem::new(format!(
                    "{who} gives `{player}` a rule at `{event}`, where {mover} decides"
                )));
            }
            let labels = labels(game, id);
            let missing = odds.iter().find(|(action, _)| !labels.contains(&action.as_str()))?;
            Some(
                Problem::new(format!(
                    "{who} gives odds to `{}` at `{event}`, which it never can be",
                    missing.0
                ))
                .hint(did_you_mean(&missing.0, labels.iter().copied())),
            )
        }
        Change::Hide { event, from } => {
            let forgetful = movers(game, id).into_iter().find(|m| from.iter().any(|f| f == m))?;
            Some(
                Problem::new(format!("{who} hides `{event}` from `{forgetful}`, who decides it"))
                    .hint("a player always knows what it did; hide the event from others only"),
            )
        }
        Change::Show { .. } | Change::Remove { .. } => None,
    }
}

/// The players who move at an event.
fn movers(game: &Game, event: counterplay_game::id::EventId) -> Vec<String> {
    let mut movers: Vec<String> = Vec::new();
    for node in game.nodes() {
        if let Kind::Decision(set) = game.kind(node)
            && game.event_id(node) == event
        {
            let mover = &game.players()[game.info_set(set).player.index()];
            if !movers.contains(mover) {
                movers.push(mover.clone());
            }
        }
    }
    movers
}
