//! Whether the queries and sweeps ask for what there is.

use counterplay_game::tree::Game;

use super::asked::OutcomeNames;
use super::changes::unsound;
use super::record;
use crate::problem::{Place, Problem, did_you_mean};
use crate::scenario::Scenario;
use crate::scenario::query::{Condition, ConditionalQuantity, Fact, Is, Quantity, Query};
use crate::story::change::Change;
use crate::story::labels::EventLabels;
use crate::story::terms::EventName;
use crate::story::unfolded::Unfolded;

/// What is wrong with them.
pub(super) fn problems(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let check = QueryCheck { scenario, game: unfolded.game(), known: OutcomeNames::new(unfolded) };
    let mut problems = Vec::new();
    for query in &scenario.queries {
        let who = format!("the query `{}`", query.name);
        let found = check.asked(&query.asked, &who).and_then(|()| check.moment(query, &who));
        problems.extend(at(found, query.place.as_ref()));
    }
    for sweep in &scenario.sweeps {
        let who = format!("the sweep `{}`", sweep.name);
        let found = sweep.asked.as_ref().map_or(Ok(()), |asked| check.asked(asked, &who));
        problems.extend(at(found, sweep.place.as_ref()));
    }
    problems
}

fn at(found: Result<(), Problem>, place: Option<&Place>) -> Option<Problem> {
    found.err().map(|problem| problem.at(place.cloned()))
}

struct QueryCheck<'a> {
    scenario: &'a Scenario,
    game: &'a Game,
    known: OutcomeNames,
}

impl QueryCheck<'_> {
    fn asked(&self, asked: &ConditionalQuantity, who: &str) -> Result<(), Problem> {
        if let Some(name) = &asked.under {
            let names = || self.scenario.questions.iter().map(|q| q.name.as_str());
            if !names().any(|n| n == name) {
                return Err(Problem::new(format!(
                    "{who} is asked under `{name}`, but there is no such what-if"
                ))
                .hint(did_you_mean(name, names())));
            }
        }
        if let Some(given) = &asked.given {
            self.condition(given, false, who)?;
        }
        // A what-if may lead to a value that the story as it is never has.
        let elsewhere = asked.under.is_some();
        if let Some(within) = &asked.within {
            self.condition(within, elsewhere, who)?;
        }
        self.quantity(asked, elsewhere, who)
    }

    fn quantity(&self, asked: &ConditionalQuantity, elsewhere: bool, who: &str) -> Result<(), Problem> {
        match &asked.quantity {
            Quantity::Probability(condition) => self.condition(condition, elsewhere, who),
            Quantity::Mean(measure) => self.known.measure(measure),
            Quantity::Quantile(measure, _) => {
                self.known.measure(measure)?;
                let conditions = asked.given.iter().chain(&asked.within);
                if conditions.flat_map(Condition::facts).any(|fact| fact.name == *measure) {
                    return Err(Problem::new(format!("{who} asks for a quantile of `{measure}` given `{measure}` itself"))
                        .hint("a part of the distribution is asked for by probabilities: `probability({name: above(x)})`"));
                }
                Ok(())
            }
            Quantity::Distribution(name) => self.name(name, who).map(|_| ()),
            Quantity::Payoff(_) => Ok(()),
            Quantity::ValueOfInformation { player, event } => {
                let change = Change::Show { event: event.clone(), to: vec![player.clone()] };
                self.change(&change, event, who)
            }
            Quantity::ValueOfCommitment { events, .. } => events.iter().try_for_each(|(event, action)| {
                self.change(&Change::Force { event: event.clone(), action: action.clone() }, event, who)
            }),
            Quantity::ValueOfControl { event, .. } => record::find(self.game, event, who).map(|_| ()),
        }
    }

    fn change(&self, change: &Change, event: &EventName, who: &str) -> Result<(), Problem> {
        unsound(self.game, change, event, who, &EventLabels::default()).map_or(Ok(()), Err)
    }

    fn condition(&self, condition: &Condition, elsewhere: bool, who: &str) -> Result<(), Problem> {
        condition.facts().into_iter().try_for_each(|fact| self.fact(fact, elsewhere, who))
    }

    fn fact(&self, fact: &Fact, elsewhere: bool, who: &str) -> Result<(), Problem> {
        match (self.name(&fact.name, who), &fact.is) {
            (_, Is::Value(_)) if elsewhere => Ok(()),
            (Err(problem), _) => Err(problem),
            (Ok(Meaning::Measure), Is::Above(_) | Is::Below(_)) => Ok(()),
            (Ok(_), Is::Above(_) | Is::Below(_)) => {
                Err(Problem::new(format!("{who} bounds `{}`, which is not a measured quantity", fact.name))
                    .hint("`above` and `below` are for what `g.measure` measures; else name the value"))
            }
            (Ok(Meaning::Outcome), Is::Value(value)) => self.known.outcome(&fact.name, value),
            (Ok(Meaning::Event(event)), Is::Value(value)) => {
                record::unknown(self.game, &event, value, who).map_or(Ok(()), Err)
            }
            (Ok(Meaning::Measure), Is::Value(value)) if value.parse::<f64>().is_ok() => Ok(()),
            (Ok(Meaning::Measure), Is::Value(value)) => {
                Err(Problem::new(format!("{who} has `{}` be `{value}`, which is not a number", fact.name)))
            }
        }
    }

    /// What a name stands for.
    fn name(&self, name: &str, who: &str) -> Result<Meaning, Problem> {
        if self.known.has_outcome(name) {
            return Ok(Meaning::Outcome);
        }
        if self.known.measure(name).is_ok() {
            return Ok(Meaning::Measure);
        }
        let event = EventName::parse(name);
        if self.game.find_event(&event.to_string()).is_some() {
            return Ok(Meaning::Event(event));
        }
        let names = self.known.names(self.game);
        Err(Problem::new(format!(
            "{who} names `{name}`, but the story has no such outcome, event or measured quantity"
        ))
        .hint(did_you_mean(name, names.iter().map(String::as_str))))
    }

    /// Whether some history that agrees with the record comes to the moment.
    fn moment(&self, query: &Query, who: &str) -> Result<(), Problem> {
        let Some(event) = &query.as_of else { return Ok(()) };
        let id = record::find(self.game, event, who)?;
        let demands: Vec<_> = self
            .scenario
            .record
            .events
            .iter()
            .filter_map(|(e, action)| Some((self.game.find_event(&e.to_string())?, action.as_str())))
            .collect();
        let comes = |end| {
            let met = record::agreed(self.game, end, &demands) == demands.len();
            met && self.game.path(end).iter().any(|step| self.game.event_id(step.0) == id)
        };
        let mut ends = self.game.nodes().filter(|n| self.game.child_count(*n) == 0);
        if ends.any(comes) {
            return Ok(());
        }
        Err(Problem::new(format!(
            "{who} is as of `{event}`, but no history that agrees with the record comes to it"
        ))
        .hint("name an event that happened; what is known is what was recorded before it"))
    }
}

enum Meaning {
    Outcome,
    Event(EventName),
    Measure,
}
