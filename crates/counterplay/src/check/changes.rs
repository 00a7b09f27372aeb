//! Whether the what-ifs, factors and explanations change what there is to change.

use counterplay_game::tree::{Game, Kind};

use super::record::{find, labels, unknown};
use crate::problem::{Place, Problem, did_you_mean};
use crate::scenario::plan::Plan;
use crate::scenario::{Act, Foresight, Intervention, Luck, Scenario};
use crate::story::change::{Change, ChangeCondition, ToldChange};
use crate::story::comes_up::{holds, never_comes};
use crate::story::labels::EventLabels;
use crate::story::limits::Limits;
use crate::story::telling::Retelling;
use crate::story::terms::EventName;
use crate::story::unaware::KeptRules;
use crate::story::unfold::unfold_retold;
use crate::story::unfolded::Unfolded;
use crate::watch::Watch;

/// What is wrong with the interventions.
pub(super) fn problems(
    scenario: &Scenario,
    unfolded: &Unfolded,
    limits: Limits,
    watch: &dyn Watch,
) -> Vec<Problem> {
    let mut check =
        Changes { scenario, unfolded, limits, watch, labels: EventLabels::of(unfolded), told: Vec::new() };
    let mut problems = Vec::new();
    for question in &scenario.questions {
        let who = format!("the what-if `{}`", question.name);
        problems.extend(check.interventions(
            &question.interventions,
            &question.foresight,
            &who,
            question.place.as_ref(),
        ));
    }
    for factor in &scenario.factors {
        let who = format!("the factor `{}`", factor.name);
        for interventions in [&factor.absent, &factor.present] {
            problems.extend(check.interventions(
                interventions,
                &scenario.factor_foresight,
                &who,
                factor.place.as_ref(),
            ));
        }
    }
    if problems.is_empty() && scenario.factors.len() > 1 {
        let absent: Vec<Intervention> = scenario.factors.iter().flat_map(|f| f.absent.clone()).collect();
        problems.extend(check.interventions(
            &absent,
            &scenario.factor_foresight,
            "the absence of all factors together",
            None,
        ));
    }
    for explanation in &scenario.explanations {
        let who = format!("the explanation `{}`", explanation.name);
        problems.extend(check.interventions(
            &explanation.interventions,
            &Foresight::All,
            &who,
            explanation.place.as_ref(),
        ));
    }
    problems
}

/// How a story is told: its changes, and who foresees all of them where others do not, with whether these respond where they have no
/// rule.
type CheckedVersion = (Vec<ToldChange>, Option<(Vec<String>, bool)>);

struct Changes<'a> {
    scenario: &'a Scenario,
    unfolded: &'a Unfolded,
    limits: Limits,
    watch: &'a dyn Watch,
    /// The labels that its chance events have anywhere.
    labels: EventLabels,
    /// Stories that were told, with what came of them.
    told: Vec<(CheckedVersion, Result<Game, Problem>)>,
}

impl Changes<'_> {
    fn interventions(
        &mut self,
        interventions: &[Intervention],
        foresight: &Foresight,
        who: &str,
        place: Option<&Place>,
    ) -> Vec<Problem> {
        let plan = match Plan::new(interventions, foresight, Luck::Held) {
            Ok(plan) => plan,
            Err(problem) => {
                let message = format!("{who}: {}", problem.message);
                return vec![Problem { message, ..problem }.at(place.cloned())];
            }
        };
        let mut problems: Vec<Problem> = plan
            .foreseen_changes
            .iter()
            .filter_map(|change| self.unsound(self.unfolded.game(), change, &plan, who))
            .collect();
        problems.extend(self.unforeseen_precision(interventions, foresight, who));
        if problems.is_empty() {
            let known = ToldChange::to_all(&plan.foreseen_changes);
            problems.extend(match self.told((known, None), who) {
                Ok(game) => self.later(&game, &plan, who, who.starts_with("the what-if")),
                Err(problem) => vec![problem],
            });
        }
        problems.into_iter().map(|p| p.at(place.cloned())).collect()
    }

    /// What is wrong with what comes on top of the story that everybody knows; what is `asked_alone`, and not together with other
    /// factors, must come up at all.
    fn later(&mut self, game: &Game, plan: &Plan, who: &str, asked_alone: bool) -> Vec<Problem> {
        let apart = plan.apart.iter().flat_map(|a| a.told.iter().map(|t| &t.change));
        let mut problems: Vec<Problem> = plan
            .surprises
            .iter()
            .chain(apart)
            .filter_map(|change| self.unsound(game, change, plan, who))
            .collect();
        problems.extend(nothing_left(game, &plan.surprises, who));
        if problems.is_empty() && asked_alone {
            problems.extend(never_comes(game, &plan.surprises, who));
        }
        let told_again = self.labels.lacking(game, &plan.surprises).then(|| plan.clone().told_again());
        if let (true, Some(apart)) = (problems.is_empty(), &told_again.as_ref().unwrap_or(plan).apart) {
            problems.extend(
                self.told((apart.told.clone(), Some((apart.foreseeing.clone(), apart.responding))), who)
                    .err(),
            );
        }
        problems
    }

    fn told(&mut self, telling: CheckedVersion, who: &str) -> Result<Game, Problem> {
        if telling.0.is_empty() && telling.1.is_none() {
            return Ok(self.unfolded.game().clone());
        }
        let known = self.told.iter().position(|t| t.0 == telling);
        let index = known.unwrap_or_else(|| {
            let told = self.tell(&telling);
            self.told.push((telling, told));
            self.told.len() - 1
        });
        let ((changes, _), told) = &self.told[index];
        told.clone().map_err(|problem| Problem {
            message: format!("under {who}: {}", problem.message),
            hint: problem.hint.or_else(|| hint(changes)),
            place: problem.place,
        })
    }

    fn tell(&self, (changes, foreseeing): &CheckedVersion) -> Result<Game, Problem> {
        let scenario = self.scenario;
        let parameters = scenario.parameters.len();
        let known: Vec<ToldChange> = changes.iter().filter(|t| t.expected).cloned().collect();
        let rules = |game: &Game, (foreseeing, responding): &(Vec<String>, bool)| {
            KeptRules::new(game, foreseeing, 2 * parameters).responding(*responding)
        };
        let kept = match foreseeing {
            None => None,
            Some(f) if known.is_empty() => Some(rules(self.unfolded.game(), f)),
            Some(f) => Some(rules(&self.tell(&(known, None))?, f)),
        };
        let labels = Some(&self.labels);
        let how = Retelling { changes, kept: kept.as_ref(), as_were: Some(parameters), labels };
        let (story, players) = (scenario.story.as_ref(), &scenario.players);
        unfold_retold(story, players, &scenario.expressions, how, self.limits, self.watch)
            .map(|told| told.game().clone())
    }

    /// A precision is a rule of play, and whoever does not foresee its change keeps its rule.
    fn unforeseen_precision(
        &self,
        interventions: &[Intervention],
        foresight: &Foresight,
        who: &str,
    ) -> Option<Problem> {
        let foreseeing: Vec<&String> = match foresight {
            Foresight::ByKind | Foresight::All => return None,
            Foresight::Nobody => Vec::new(),
            Foresight::Only(names) => names.iter().collect(),
        };
        let expressions = &self.scenario.expressions;
        interventions.iter().find_map(|intervention| {
            let (Act::Set(p, _) | Act::Shift(p, _) | Act::Scale(p, _)) = &intervention.act else { return None };
            let mut players = self.scenario.players.iter().zip(&self.scenario.precisions);
            let (name, _) = players
                .find(|(name, id)| expressions.as_parameter(**id) == Some(*p) && !foreseeing.contains(name))?;
            Some(
                Problem::new(format!(
                    "{who} changes how sharply `{name}` decides, but `{name}` does not foresee it and keeps its rules"
                ))
                .hint(format!("let `{name}` foresee it: `foreseen_by = [\"{name}\"]`")),
            )
        })
    }

    /// What a change says of a game that is not so.
    fn unsound(&self, game: &Game, change: &Change, plan: &Plan, who: &str) -> Option<Problem> {
        if let Some(problem) = self.told_precision(change, who) {
            return Some(problem);
        }
        let inserted = inserted(plan);
        let known = |event: &EventName| inserted.contains(&&event.name);
        for condition in change.conditions() {
            let wrong = match condition {
                ChangeCondition::From(event) if !known(event) => find(game, event, who).err(),
                ChangeCondition::Turned(events) => events
                    .iter()
                    .filter(|(event, _)| !known(event))
                    .find_map(|(event, action)| unknown(game, event, action, who)),
                ChangeCondition::From(_) => None,
            };
            if wrong.is_some() {
                return wrong;
            }
        }
        match change.bare() {
            // The telling itself refuses a name that the story has.
            Change::Insert { beside, .. } => {
                return Some(beside.event()).filter(|e| !known(e)).and_then(|e| find(game, e, who).err());
            }
            Change::Swap { first, second } => {
                return [first, second]
                    .into_iter()
                    .filter(|e| !known(e))
                    .find_map(|e| find(game, e, who).err());
            }
            _ => {}
        }
        change
            .event()
            .filter(|event| !known(event))
            .and_then(|event| unsound(game, change.bare(), event, who, &self.labels))
    }

    /// A precision that is changed under a condition.
    fn told_precision(&self, change: &Change, who: &str) -> Option<Problem> {
        let Change::Parameter { parameter, .. } = change.bare() else { return None };
        let expressions = &self.scenario.expressions;
        let precision =
            self.scenario.precisions.iter().any(|id| expressions.as_parameter(*id) == Some(*parameter));
        precision.then(|| {
            let name = &self.scenario.parameters[parameter.index()].name;
            Problem::new(format!(
                "{who} changes `{name}` under a condition, but a precision holds in every history"
            ))
            .hint("change the precision without a condition, and before changes under conditions")
        })
    }
}

/// The names of events that a plan inserts.
fn inserted(plan: &Plan) -> Vec<&String> {
    let apart = plan.apart.iter().flat_map(|a| a.told.iter().map(|t| &t.change));
    let all = plan.foreseen_changes.iter().chain(&plan.surprises).chain(apart);
    let inserts = all.filter(|c| matches!(c.bare(), Change::Insert { .. }));
    inserts.filter_map(|c| c.event().map(|e| &e.name)).collect()
}

/// A node at which surprises forbid all that an event can be.
fn nothing_left(game: &Game, surprises: &[Change], who: &str) -> Option<Problem> {
    let forbids = |c: &&Change| matches!(c.bare(), Change::Forbid { .. });
    let forbidding: Vec<&Change> = surprises.iter().filter(forbids).collect();
    let events: Vec<_> =
        forbidding.iter().filter_map(|c| Some((game.find_event(&c.event()?.to_string())?, *c))).collect();
    for node in game.nodes().filter(|n| game.child_count(*n) > 0) {
        let here: Vec<&Change> = events
            .iter()
            .filter(|e| e.0 == game.event_id(node) && holds(game, node, e.1))
            .map(|e| e.1)
            .collect();
        let forbidden = |label: &str| {
            here.iter().any(|c| matches!(c.bare(), Change::Forbid { action, .. } if action == label))
        };
        if !here.is_empty() && game.labels(node).all(|label| forbidden(game.text(label))) {
            let event = game.event_name(game.event_id(node));
            return Some(
                Problem::new(format!("{who} forbids all that `{event}` can be"))
                    .hint("an event must turn out somehow: leave an action, or `remove` the event"),
            );
        }
    }
    None
}

/// What may be behind a story that cannot be told once it is changed.
fn hint(changes: &[ToldChange]) -> Option<String> {
    let removal = |t: &&ToldChange| matches!(t.change.bare(), Change::Remove { .. });
    let removed = changes.iter().find(removal)?.change.event()?;
    Some(format!("where `{removed}` is removed, its call gives `None`; the story must go on from that"))
}

/// What a change without conditions says of a game that is not so.
pub(super) fn unsound(
    game: &Game,
    change: &Change,
    event: &EventName,
    who: &str,
    known: &EventLabels,
) -> Option<Problem> {
    let id = match find(game, event, who) {
        Ok(id) => id,
        Err(problem) => return Some(problem),
    };
    match change {
        Change::Force { event, action } | Change::Forbid { event, action } => {
            unknown(game, event, action, who).filter(|_| !known.has(&event.name, action))
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
        _ => None,
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
