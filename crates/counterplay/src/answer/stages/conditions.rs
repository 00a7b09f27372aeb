//! What queries and sweeps ask of a process, made ready to be followed; and what a process does not answer.

use super::chain::{Chain, Values};
use super::monitor::{MeasuredQuantity, Monitor, MonitorState};
use crate::model::demands::Vocabulary;
use crate::model::odds::LogOdds;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::Scenario;
use crate::scenario::query::{Condition, Fact, Is, Quantity, Query};
use crate::story::terms::EventName;
use crate::story::unfolded::Unfolded;
use crate::world::catalogue::Catalogue;

/// What a query asks, in terms of its monitor's conditions.
pub(crate) struct Conditions {
    pub(crate) given: Option<usize>,
    pub(crate) within: Option<usize>,
    pub(crate) targets: Vec<StageTarget>,
    pub(crate) quantile: Option<f64>,
    /// The measured quantity whose whole distribution is asked for.
    pub(crate) sampled: Option<MeasuredQuantity>,
}

/// What is averaged over histories.
pub(crate) enum StageTarget {
    /// A condition.
    Holds(usize),
    /// A measured quantity.
    Measured(MeasuredQuantity),
}

/// A query's conditions, and the monitor that follows them.
///
/// # Errors
/// If it speaks of what no stage has.
pub(crate) fn conditions(
    asked: &crate::scenario::query::ConditionalQuantity,
    unfolded: &Unfolded,
    catalogue: &Catalogue,
) -> Result<(Conditions, Monitor), Problem> {
    let mut list: Vec<Condition> = Vec::new();
    let mut add = |condition: &Condition| {
        list.push(condition.clone());
        list.len() - 1
    };
    let given = asked.given.as_ref().map(&mut add);
    let within = asked.within.as_ref().map(&mut add);
    let measured = |name: &str| {
        MeasuredQuantity::named(name, catalogue).ok_or_else(|| {
            Problem::new(format!("no stage measures `{name}`"))
                .hint(did_you_mean(name, catalogue.measures.iter().map(String::as_str)))
        })
    };
    let (mut quantile, mut sampled) = (None, None);
    let targets = match &asked.quantity {
        Quantity::Probability(condition) => vec![StageTarget::Holds(add(condition))],
        Quantity::Mean(name) => vec![StageTarget::Measured(measured(name)?)],
        Quantity::Quantile(name, p) => {
            quantile = Some(*p);
            vec![StageTarget::Measured(measured(name)?)]
        }
        Quantity::Distribution(name) => {
            sampled = if catalogue.outcome(name).is_none() {
                MeasuredQuantity::named(name, catalogue)
            } else {
                None
            };
            let is = |label| Condition::All(vec![Fact { name: name.clone(), is: Is::Value(label) }]);
            labels_of(name, unfolded, catalogue)?
                .into_iter()
                .map(|l| StageTarget::Holds(add(&is(l))))
                .collect()
        }
        _ => Vec::new(),
    };
    let mut monitor = Monitor::new(unfolded, catalogue, &list.iter().collect::<Vec<_>>())?;
    let targeted = targets.iter().filter_map(|target| match target {
        StageTarget::Measured(of) => Some(*of),
        StageTarget::Holds(_) => None,
    });
    targeted.chain(sampled).for_each(|of| monitor.watch(of));
    Ok((Conditions { given, within, targets, quantile, sampled }, monitor))
}

/// The values of an outcome, or the labels of an event or a stage; none of a measured quantity.
///
/// # Errors
/// If no stage has such a thing.
fn labels_of(name: &str, unfolded: &Unfolded, catalogue: &Catalogue) -> Result<Vec<String>, Problem> {
    if let Some(outcome) = catalogue.outcome(name) {
        return Ok(catalogue.outcomes[outcome].1.clone());
    }
    if MeasuredQuantity::named(name, catalogue).is_some() {
        return Ok(Vec::new());
    }
    let (known, event) = (Vocabulary::of(unfolded), EventName::parse(name));
    let found = known.events.iter().find(|k| k.0 == event.name);
    found.map(|f| f.1.clone()).ok_or_else(|| {
        Problem::new(format!("no stage has an outcome, event or measured quantity `{name}`"))
            .hint(did_you_mean(&event.name, known.events.iter().map(|k| k.0)))
    })
}

/// A name for each value of a quantity.
pub(crate) fn value_labels(quantity: &Quantity, unfolded: &Unfolded, catalogue: &Catalogue) -> Vec<String> {
    match quantity {
        Quantity::Distribution(name) => labels_of(name, unfolded, catalogue).unwrap_or_default(),
        _ => vec![String::new()],
    }
}

/// What is wrong with the queries and sweeps of a process.
pub(crate) fn problems(scenario: &Scenario, unfolded: &Unfolded, catalogue: &Catalogue) -> Vec<Problem> {
    let queries = scenario.queries.iter().map(|q| {
        let found =
            sound(&q.asked, scenario, unfolded, catalogue).and_then(|()| moment(q, unfolded, catalogue));
        found.map_err(|p| told("query", &q.name, p).at(q.place.clone()))
    });
    let sweeps = scenario.sweeps.iter().map(|s| {
        let found = s.asked.as_ref().map_or(Ok(()), |asked| sound(asked, scenario, unfolded, catalogue));
        found.map_err(|p| told("sweep", &s.name, p).at(s.place.clone()))
    });
    queries.chain(sweeps).filter_map(Result::err).collect()
}

/// A problem of a query or a sweep, with its name.
pub(crate) fn told(what: &str, name: &str, problem: Problem) -> Problem {
    let message = format!("the {what} `{name}`: {}", problem.message);
    Problem { message, ..problem }
}

/// Whether a process can be asked this.
pub(crate) fn sound(
    asked: &crate::scenario::query::ConditionalQuantity,
    scenario: &Scenario,
    unfolded: &Unfolded,
    catalogue: &Catalogue,
) -> Result<(), Problem> {
    match &asked.quantity {
        Quantity::Payoff(_) => Err(Problem::new("a process has no end at which payoffs could be added up")
            .hint("the report tells what each player can expect from each state on")),
        Quantity::ValueOfInformation { .. }
        | Quantity::ValueOfCommitment { .. }
        | Quantity::ValueOfControl { .. } => {
            Err(Problem::new("values of information, commitment and control are found of stories that end").hint(
                "a change of a move that all foresee would make play depend on how often the move came up before; put \
                 what is different into the state, and compare the values of the states in the report",
            ))
        }
        _ => {
            if let Some(name) = &asked.under {
                let names = || scenario.questions.iter().map(|q| q.name.as_str());
                if !names().any(|n| n == name) {
                    return Err(Problem::new(format!("there is no what-if `{name}`"))
                        .hint(did_you_mean(name, names())));
                }
            }
            conditions(asked, unfolded, catalogue).map(|_| ())
        }
    }
}

/// Whether a query as of a moment can be answered.
pub(crate) fn moment(query: &Query, unfolded: &Unfolded, catalogue: &Catalogue) -> Result<(), Problem> {
    let Some(event) = &query.as_of else { return Ok(()) };
    let known = Vocabulary::of(unfolded);
    let names = || known.events.iter().map(|k| k.0);
    if !names().any(|name| name == event.name) {
        return Err(Problem::new(format!("no stage has an event `{}`", event.name))
            .hint(did_you_mean(&event.name, names())));
    }
    let (asked, monitor) = conditions(&query.asked, unfolded, catalogue)?;
    if asked.needs_replays(&monitor) {
        return Err(Problem::new(
            "as of a moment a process foretells events, states and outcomes, and not what is measured",
        )
        .hint("ask about an outcome, or leave `as_of` out"));
    }
    Ok(())
}

impl Conditions {
    /// Whether it must be answered from replays, because what is measured bears on it.
    pub(crate) fn needs_replays(&self, monitor: &Monitor) -> bool {
        let measured = |t: &StageTarget| matches!(t, StageTarget::Measured(_));
        monitor.measures() || self.sampled.is_some() || self.targets.iter().any(measured)
    }

    /// The probability that the condition holds, and that it does with each target.
    pub(crate) fn values(&self, unfolded: &Unfolded, odds: &[LogOdds], chain: &Chain) -> Values {
        let monitor = &chain.monitor;
        let condition = |m: &MonitorState| {
            self.given.iter().chain(&self.within).all(|&condition| monitor.holds(condition, m))
        };
        let both = self.targets.iter().filter_map(|target| match target {
            StageTarget::Holds(own) => Some(move |m: &MonitorState| condition(m) && monitor.holds(*own, m)),
            StageTarget::Measured(_) => None,
        });
        let both: Vec<_> = both.collect();
        let mut verdicts: Vec<&dyn Fn(&MonitorState) -> bool> = vec![&condition];
        verdicts.extend(both.iter().map(|b| b as &dyn Fn(&MonitorState) -> bool));
        chain.values(&chain.shares(unfolded, odds), &verdicts)
    }
}
