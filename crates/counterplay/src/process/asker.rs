//! What a process answers to queries.
//!
//! In the world as it was, and as of a moment, probabilities are exact in each draw ([`chain`](super::chain)). In a
//! what-if's world, and where measured quantities bear on the answer, histories are replayed with the luck of what
//! happened.

use super::Process;
use super::asked::Asked;
use super::chain::{Chain, Values};
use super::cuts::{CutDraw, Cuts};
use super::demands::Known;
use super::histories::Histories;
use super::lead_in::LeadIn;
use super::measured::MeasuredHistory;
use super::monitor::{Measured, Memory, Monitor};
use crate::agreement::LogOdds;
use crate::change::EventName;
use crate::problem::{Problem, did_you_mean};
use crate::query::{
    self, AsOfDraw, Condition, Drawn, Fact, Is, MomentDraw, Part, Quantity, Query, QueryDraw, Replayed, Said,
    gated, holding,
};
use crate::scenario::Scenario;
use crate::world::Catalogue;

/// All queries, made ready.
pub(super) struct Asker {
    queries: Vec<Prepared>,
    pub(super) moments: Vec<Moment>,
}

enum Prepared {
    AsOf,
    Exact(Box<Exact>),
    Replayed(Box<Compared>),
}

/// A query of the world as it was, answered exactly.
struct Exact {
    asked: Conditions,
    chain: Chain,
    lead_in: LeadIn,
}

/// A query as of a moment.
pub(super) struct Moment {
    /// Which query of the scenario it is.
    pub(super) query: usize,
    /// How many items of the record are known.
    pub(super) known: usize,
    asked: Conditions,
    chain: Chain,
    /// For each cut of the record that is wanted.
    lead_ins: Vec<(usize, LeadIn)>,
}

/// A query answered from replays.
pub(super) struct Compared {
    asked: Conditions,
    monitor: Monitor,
    /// The position of the what-if whose world it is asked of, from 1; 0 for the world as it was.
    world: usize,
}

/// What a query asks, in terms of its monitor's conditions.
struct Conditions {
    given: Option<usize>,
    within: Option<usize>,
    targets: Vec<Target>,
    quantile: Option<f64>,
    /// The measured quantity whose whole distribution is asked for.
    sampled: Option<Measured>,
}

enum Target {
    /// A condition.
    Holds(usize),
    /// A measured quantity.
    Measured(Measured),
}

/// A query's conditions, and the monitor that follows them.
///
/// # Errors
/// If it speaks of what no stage has.
fn conditions(
    asked: &query::Asked,
    process: &Process,
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
        Measured::named(name, catalogue).ok_or_else(|| {
            Problem::new(format!("no stage measures `{name}`"))
                .hint(did_you_mean(name, catalogue.measures.iter().map(String::as_str)))
        })
    };
    let (mut quantile, mut sampled) = (None, None);
    let targets = match &asked.quantity {
        Quantity::Probability(condition) => vec![Target::Holds(add(condition))],
        Quantity::Mean(name) => vec![Target::Measured(measured(name)?)],
        Quantity::Quantile(name, p) => {
            quantile = Some(*p);
            vec![Target::Measured(measured(name)?)]
        }
        Quantity::Distribution(name) => {
            sampled = if catalogue.outcome(name).is_none() { Measured::named(name, catalogue) } else { None };
            let is = |label| Condition::All(vec![Fact { name: name.clone(), is: Is::Value(label) }]);
            labels_of(name, process, catalogue)?.into_iter().map(|l| Target::Holds(add(&is(l)))).collect()
        }
        _ => Vec::new(),
    };
    let monitor = Monitor::new(process, catalogue, &list.iter().collect::<Vec<_>>())?;
    Ok((Conditions { given, within, targets, quantile, sampled }, monitor))
}

/// The values of an outcome, or the labels of an event or a stage; none of a measured quantity.
///
/// # Errors
/// If no stage has such a thing.
fn labels_of(name: &str, process: &Process, catalogue: &Catalogue) -> Result<Vec<String>, Problem> {
    if let Some(outcome) = catalogue.outcome(name) {
        return Ok(catalogue.outcomes[outcome].1.clone());
    }
    if Measured::named(name, catalogue).is_some() {
        return Ok(Vec::new());
    }
    let (known, event) = (Known::of(process), EventName::parse(name));
    let found = known.events.iter().find(|k| k.0 == event.name);
    found.map(|f| f.1.clone()).ok_or_else(|| {
        Problem::new(format!("no stage has an outcome, event or measured quantity `{name}`"))
            .hint(did_you_mean(&event.name, known.events.iter().map(|k| k.0)))
    })
}

/// A name for each value of a quantity.
pub(super) fn value_labels(quantity: &Quantity, process: &Process, catalogue: &Catalogue) -> Vec<String> {
    match quantity {
        Quantity::Distribution(name) => labels_of(name, process, catalogue).unwrap_or_default(),
        _ => vec![String::new()],
    }
}

/// What is wrong with the queries and sweeps of a process.
pub(super) fn problems(scenario: &Scenario, process: &Process, catalogue: &Catalogue) -> Vec<Problem> {
    let queries = scenario.queries.iter().map(|q| {
        let found =
            sound(&q.asked, scenario, process, catalogue).and_then(|()| moment(q, process, catalogue));
        found.map_err(|p| told("query", &q.name, p).at(q.place.clone()))
    });
    let sweeps = scenario.sweeps.iter().map(|s| {
        let found = s.asked.as_ref().map_or(Ok(()), |asked| sound(asked, scenario, process, catalogue));
        found.map_err(|p| told("sweep", &s.name, p).at(s.place.clone()))
    });
    queries.chain(sweeps).filter_map(Result::err).collect()
}

fn told(what: &str, name: &str, problem: Problem) -> Problem {
    let message = format!("the {what} `{name}`: {}", problem.message);
    Problem { message, ..problem }
}

/// Whether a process can be asked this.
fn sound(
    asked: &query::Asked,
    scenario: &Scenario,
    process: &Process,
    catalogue: &Catalogue,
) -> Result<(), Problem> {
    match &asked.quantity {
        Quantity::Payoff(_) => Err(Problem::new("a process has no end at which payoffs could be added up")
            .hint("the report tells what each player can expect from each state on")),
        Quantity::ValueOfInformation { .. }
        | Quantity::ValueOfCommitment { .. }
        | Quantity::ValueOfControl { .. } => {
            Err(Problem::new("values of information, commitment and control are found of stories that end").hint(
                "a change of a move that all foresee would make play hang on how often the move came up before; put \
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
            conditions(asked, process, catalogue).map(|_| ())
        }
    }
}

/// Whether a query as of a moment can be answered.
fn moment(query: &Query, process: &Process, catalogue: &Catalogue) -> Result<(), Problem> {
    let Some(event) = &query.as_of else { return Ok(()) };
    let known = Known::of(process);
    let names = || known.events.iter().map(|k| k.0);
    if !names().any(|name| name == event.name) {
        return Err(Problem::new(format!("no stage has an event `{}`", event.name))
            .hint(did_you_mean(&event.name, names())));
    }
    let (asked, monitor) = conditions(&query.asked, process, catalogue)?;
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
    fn needs_replays(&self, monitor: &Monitor) -> bool {
        let measured = |t: &Target| matches!(t, Target::Measured(_));
        monitor.measures() || self.sampled.is_some() || self.targets.iter().any(measured)
    }

    /// The probability that the condition holds, and that it does with each target.
    fn values(&self, process: &Process, odds: &[LogOdds], chain: &Chain) -> Values {
        let monitor = &chain.monitor;
        let condition =
            |m: &Memory| self.given.iter().chain(&self.within).all(|&condition| monitor.holds(condition, m));
        let both = self.targets.iter().filter_map(|target| match target {
            Target::Holds(own) => Some(move |m: &Memory| condition(m) && monitor.holds(*own, m)),
            Target::Measured(_) => None,
        });
        let both: Vec<_> = both.collect();
        let mut verdicts: Vec<&dyn Fn(&Memory) -> bool> = vec![&condition];
        verdicts.extend(both.iter().map(|b| b as &dyn Fn(&Memory) -> bool));
        chain.values(&chain.shares(process, odds), &verdicts)
    }
}

impl Asker {
    /// Makes the queries of a scenario ready.
    ///
    /// # Errors
    /// If one asks for what a process does not answer.
    pub(super) fn new(asked: &Asked<'_>, cuts: &Cuts) -> Result<Self, Problem> {
        let mut asker = Self { queries: Vec::new(), moments: Vec::new() };
        for (index, query) in asked.scenario.queries.iter().enumerate() {
            let prepared = asker.prepared(asked, cuts, (index, query));
            asker.queries.push(prepared.map_err(|p| told("query", &query.name, p).at(query.place.clone()))?);
        }
        Ok(asker)
    }

    fn prepared(
        &mut self,
        all: &Asked<'_>,
        cuts: &Cuts,
        (index, query): (usize, &Query),
    ) -> Result<Prepared, Problem> {
        let (process, horizon) = (all.model.process(), all.scenario.horizon);
        sound(&query.asked, all.scenario, process, &all.catalogue)?;
        let (asked, monitor) = conditions(&query.asked, process, &all.catalogue)?;
        if let Some(event) = &query.as_of {
            let known = cuts.items.known_before(process, event)?;
            let mut chain = Chain::new(monitor, horizon)?;
            let has_path = asked.targets.len() == 1;
            let wanted = (0..cuts.trails.len()).filter(|k| has_path || *k == known);
            let lead_in = |k: usize| Ok((k, LeadIn::new(&cuts.trails[k], &mut chain)?));
            let lead_ins = wanted.map(lead_in).collect::<Result<_, Problem>>()?;
            self.moments.push(Moment { query: index, known, asked, chain, lead_ins });
            return Ok(Prepared::AsOf);
        }
        if query.asked.under.is_none() && !asked.needs_replays(&monitor) {
            let mut chain = Chain::new(monitor, horizon)?;
            let whole = cuts.trails.last().expect("a record is cut at its end too");
            let lead_in = LeadIn::new(whole, &mut chain)?;
            return Ok(Prepared::Exact(Box::new(Exact { asked, chain, lead_in })));
        }
        let position = |name: &String| all.scenario.questions.iter().position(|q| q.name == *name);
        let world = query.asked.under.as_ref().and_then(position).map_or(0, |k| k + 1);
        Ok(Prepared::Replayed(Box::new(Compared { asked, monitor, world })))
    }

    /// Whether anything hangs on the cuts of the record.
    pub(super) fn needs_cuts(&self) -> bool {
        !self.moments.is_empty() || self.queries.iter().any(|q| matches!(q, Prepared::Exact(_)))
    }

    /// Whether a query is answered exactly.
    pub(super) fn is_exact(&self, query: usize) -> bool {
        matches!(self.queries[query], Prepared::Exact(_))
    }

    /// What one draw says to each query, where `worlds` are the replays of the world as it was and of each what-if.
    pub(super) fn draw(
        &self,
        process: &Process,
        odds: &[LogOdds],
        cuts: &[CutDraw],
        worlds: &[Histories],
    ) -> QueryDraw {
        let said = |prepared: &Prepared| match prepared {
            Prepared::AsOf => None,
            Prepared::Exact(exact) => cuts.last().map(|whole| exact.draw(process, odds, whole)),
            Prepared::Replayed(compared) => Some(compared.draw(&worlds[compared.world], &worlds[0])),
        };
        QueryDraw { said: self.queries.iter().map(said).collect(), as_of: self.foretell(process, odds, cuts) }
    }

    /// What one draw foretells as of each moment.
    pub(super) fn foretell(&self, process: &Process, odds: &[LogOdds], cuts: &[CutDraw]) -> AsOfDraw {
        if self.moments.is_empty() {
            return AsOfDraw::default();
        }
        let known: Vec<f64> = cuts.iter().map(|cut| cut.log_likelihood.exp()).collect();
        AsOfDraw {
            log_likelihood: cuts.last().map_or(0.0, |cut| cut.log_likelihood),
            known,
            moments: self.moments.iter().map(|m| m.draw(process, odds, cuts)).collect(),
        }
    }
}

impl Exact {
    fn draw(&self, process: &Process, odds: &[LogOdds], whole: &CutDraw) -> Drawn {
        let values = self.asked.values(process, odds, &self.chain);
        let found = self.lead_in.tell(&whole.weights, (&self.chain, &values));
        let given = found[0];
        let said = |of: &f64| Said { value: of / given, weight: given, noise: 0.0 };
        Drawn {
            condition: Said { value: given, weight: 1.0, noise: 0.0 },
            here: found[1..].iter().map(said).collect(),
            ..Drawn::default()
        }
    }
}

impl Moment {
    /// Whether the prediction can be followed item by item.
    pub(super) fn has_path(&self) -> bool {
        self.asked.targets.len() == 1
    }

    fn draw(&self, process: &Process, odds: &[LogOdds], cuts: &[CutDraw]) -> MomentDraw {
        let values = self.asked.values(process, odds, &self.chain);
        let mut drawn = MomentDraw::default();
        for (known, lead_in) in &self.lead_ins {
            let found = lead_in.tell(&cuts[*known].weights, (&self.chain, &values));
            let each: Vec<(f64, f64)> = found[1..].iter().map(|of| (of / found[0], found[0])).collect();
            if self.has_path() {
                drawn.path.push(each[0]);
            }
            if *known == self.known {
                drawn.at = each;
            }
        }
        drawn
    }
}

impl Compared {
    /// A query made ready for a sweep, whose worlds are given at each draw.
    ///
    /// # Errors
    /// If it asks for what a process does not answer.
    pub(super) fn new(
        asked: &query::Asked,
        scenario: &Scenario,
        process: &Process,
        catalogue: &Catalogue,
    ) -> Result<Self, Problem> {
        sound(asked, scenario, process, catalogue)?;
        let (asked, monitor) = conditions(asked, process, catalogue)?;
        Ok(Self { asked, monitor, world: 0 })
    }

    /// The first value in one world.
    pub(super) fn first(&self, here: &Histories, factual: &Histories) -> Said {
        let gates = self.gates(&self.judged(factual));
        let judged = self.judged(here);
        let parts = |target| gated(self.parts(target, here, &judged), &gates);
        self.asked
            .targets
            .first()
            .map_or(Said::default(), |t| Replayed::of(parts(t), self.asked.quantile).said)
    }

    fn draw(&self, here: &Histories, factual: &Histories) -> Drawn {
        let then = self.judged(factual);
        let gates = self.gates(&then);
        let now = if self.world == 0 { then.clone() } else { self.judged(here) };
        let parts = |target: &Target, histories, judged: &[Vec<bool>]| {
            Replayed::of(gated(self.parts(target, histories, judged), &gates), self.asked.quantile)
        };
        let all: Vec<Part> = now.iter().map(|j| Part { given: self.counts(j), of: 0.0 }).collect();
        let mut drawn = Drawn {
            condition: holding(&gated(all, &gates)),
            samples: self.samples(here, &now, &gates),
            ..Drawn::default()
        };
        for target in &self.asked.targets {
            let own = parts(target, here, &now);
            if self.world == 0 {
                drawn.here.push(own.said);
            } else {
                drawn.compare(&own, &parts(target, factual, &then));
            }
        }
        if self.world > 0 {
            drawn.factual_samples = self.samples(factual, &then, &gates);
        }
        drawn
    }

    /// Which conditions hold in each history.
    fn judged(&self, histories: &Histories) -> Vec<Vec<bool>> {
        let both = histories.steps.iter().enumerate();
        let none = MeasuredHistory::new();
        both.map(|(k, steps)| self.monitor.judge(steps, histories.measured.get(k).unwrap_or(&none))).collect()
    }

    /// Which lucks count, by what held in the world as it was.
    fn gates(&self, factual: &[Vec<bool>]) -> Vec<f64> {
        let gate = |judged: &Vec<bool>| f64::from(u8::from(self.asked.given.is_none_or(|g| judged[g])));
        factual.iter().map(gate).collect()
    }

    fn counts(&self, judged: &[bool]) -> f64 {
        f64::from(u8::from(self.asked.within.is_none_or(|w| judged[w])))
    }

    fn parts(&self, target: &Target, histories: &Histories, judged: &[Vec<bool>]) -> Vec<Part> {
        let part = |(k, judged): (usize, &Vec<bool>)| {
            let given = self.counts(judged);
            match target {
                Target::Holds(own) => Part { given, of: given * f64::from(u8::from(judged[*own])) },
                Target::Measured(of) => match of.value(&histories.measured[k]) {
                    Some(value) => Part { given, of: given * value },
                    None => Part::default(),
                },
            }
        };
        judged.iter().enumerate().map(part).collect()
    }

    fn samples(&self, histories: &Histories, judged: &[Vec<bool>], gates: &[f64]) -> Vec<f64> {
        let Some(of) = self.asked.sampled else { return Vec::new() };
        let kept =
            judged.iter().zip(gates).enumerate().filter(|(_, (j, gate))| self.counts(j) * **gate > 0.0);
        kept.filter_map(|(k, _)| of.value(&histories.measured[k])).collect()
    }
}
