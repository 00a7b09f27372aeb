//! Random stories, told by closures: hidden moves, events that happen in some histories only, events that recur,
//! measured quantities, and every kind of parameter.

use counterplay::problem::Problem;
use counterplay::scenario::{Parameter, Record, Scenario};
use counterplay::story::telling::Telling;
use counterplay::story::terms::EventName;
use counterplay::story::terms::{Seen, Share};
use counterplay_game::expression::{Binary, ExprId, Expressions, ParameterId, Unary};
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

use super::{Dice, History};

const PLAYERS: [&str; 3] = ["A", "B", "C"];
const CHANCE: usize = 0;
const STAKES: [usize; 2] = [1, 2];
const LEVEL: usize = 3;
const LOG_SPREAD: usize = 4;
const PRECISIONS: [usize; 2] = [5, 6];

/// How many parameters a random story has.
pub(crate) const PARAMETERS: usize = 7;

#[derive(Clone, Debug)]
struct Event {
    name: String,
    /// `None` if chance decides.
    mover: Option<usize>,
    branches: usize,
    seen_by: Vec<usize>,
    /// Happens only if an earlier event turned out so.
    only_if: Option<(usize, usize)>,
}

fn event(dice: &mut Dice, index: usize) -> Event {
    let mover = Some(dice.below(PLAYERS.len() + 1)).filter(|&m| m < PLAYERS.len());
    let only_if = (index > 0 && dice.uniform() < 0.4).then(|| (dice.below(index), dice.below(2)));
    Event {
        name: format!("event {index}"),
        mover,
        branches: 2 + dice.below(2),
        seen_by: (0..PLAYERS.len()).filter(|_| dice.uniform() < 0.5).collect(),
        only_if,
    }
}

/// A number between -1 and 1 that depends on how the events turned out.
fn number(seed: u64, history: &[Option<usize>], what: u64) -> f64 {
    let mix = |sum: u64, b: &Option<usize>| sum.wrapping_mul(31).wrapping_add(b.map_or(7, |b| b as u64));
    let key = history.iter().fold(seed.wrapping_mul(131).wrapping_add(what), mix);
    let mut dice = Dice::new(key);
    dice.uniform();
    2.0 * dice.uniform() - 1.0
}

/// `a + b * parameter`
fn linear(e: &mut Expressions, a: f64, b: f64, parameter: usize) -> ExprId {
    let (a, b, parameter) = (e.constant(a), e.constant(b), e.parameter(ParameterId::new(parameter)));
    let product = e.binary(Binary::Multiply, b, parameter);
    e.binary(Binary::Add, a, product)
}

fn shares(g: &mut Telling<'_>, branches: usize, offset: f64) -> Vec<(String, Share)> {
    let logit = linear(&mut g.expressions, offset, 1.0, CHANCE);
    let first = g.expressions.unary(Unary::Logistic, logit);
    let (half, third) = (g.expressions.constant(0.5), g.expressions.constant(0.3));
    let first = g.expressions.multiply(half, first);
    let label = |b: usize| format!("branch {b}");
    let mut shares =
        vec![(label(0), Share::Of(first)), (label(1), Share::Of(third)), (label(2), Share::Rest)];
    if branches == 2 {
        shares.truncate(1);
        shares.push((label(1), Share::Rest));
    }
    shares
}

fn tell(events: &[Event], seed: u64, g: &mut Telling<'_>) -> Result<(), Problem> {
    let mut history: Vec<Option<usize>> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if event.only_if.is_some_and(|(earlier, branch)| history[earlier] != Some(branch)) {
            history.push(None);
            continue;
        }
        let seen: Seen = g.seen_by(event.seen_by.iter().map(|&p| PLAYERS[p]))?;
        let turned_out = match event.mover {
            None => {
                let shares = shares(g, event.branches, number(seed, &[], index as u64));
                g.chance(&event.name, &shares, seen)?
            }
            Some(mover) => {
                let actions: Vec<String> = (0..event.branches).map(|b| format!("branch {b}")).collect();
                g.choose(PLAYERS[mover], &event.name, &actions, seen)?
            }
        };
        history.push(turned_out);
    }
    for (index, player) in PLAYERS.iter().enumerate() {
        let of = |what: usize| number(seed, &history, (100 + 10 * index + what) as u64);
        let (a, b) = (of(0), of(1));
        let payoff = linear(&mut g.expressions, a, b, STAKES[index % 2]);
        g.pay(player, payoff)?;
    }
    measure(g, seed, &history)?;
    let taken: usize = history.iter().flatten().sum();
    g.outcome("balance", if taken.is_multiple_of(2) { "up" } else { "down" })?;
    g.end()
}

fn measure(g: &mut Telling<'_>, seed: u64, history: &[Option<usize>]) -> Result<(), Problem> {
    let mean = linear(&mut g.expressions, number(seed, history, 1), 1.0, LEVEL);
    let log_sd = linear(&mut g.expressions, 0.0, 1.0, LOG_SPREAD);
    let sd = g.expressions.unary(Unary::Exp, log_sd);
    g.measure("amount", Distribution::Normal { mean, sd })?;
    if history[0] == Some(0) {
        let rate = g.expressions.unary(Unary::Exp, mean);
        g.measure("count", Distribution::Poisson { rate })?;
    }
    Ok(())
}

/// A scenario with a random story and no record.
pub(crate) fn random_scenario(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed);
    dice.uniform();
    let count = 3 + dice.below(3);
    let mut events: Vec<Event> = (0..count).map(|index| event(&mut dice, index)).collect();
    if dice.uniform() < 0.5 {
        // The last event is the second again.
        let (name, mover, branches) = (events[1].name.clone(), events[1].mover, events[1].branches);
        let last = &mut events[count - 1];
        (last.name, last.mover, last.branches) = (name, mover, branches);
    }
    let story = move |g: &mut Telling<'_>| tell(&events, seed, g);
    let mut expressions = Expressions::new();
    let zero = expressions.constant(0.0);
    let one = expressions.constant(1.0);
    let precisions = [0, 1, 0].map(|p| expressions.parameter(ParameterId::new(PRECISIONS[p])));
    let prior = Prior::Single(Distribution::Normal { mean: zero, sd: one });
    Scenario {
        name: "random".into(),
        title: "a random story".into(),
        question: String::new(),
        period: String::new(),
        players: PLAYERS.map(str::to_owned).to_vec(),
        about: None,
        expressions,
        parameters: (0..PARAMETERS).map(parameter).collect(),
        priors: vec![prior; PARAMETERS],
        precisions: precisions.to_vec(),
        record: Record::default(),
        record_sources: counterplay::scenario::record_sources::RecordSources::default(),
        questions: Vec::new(),
        queries: Vec::new(),
        sweeps: Vec::new(),
        factors: Vec::new(),
        factor_foresight: counterplay::scenario::Foresight::ByKind,
        explanations: Vec::new(),
        evidence: Vec::new(),
        claims: Vec::new(),
        variants: Vec::new(),
        sources: Vec::new(),
        text: String::new(),
        chain: counterplay_analysis::Chain::default(),
        story: Box::new(story),
        stages: Vec::new(),
        horizon: counterplay::scenario::DEFAULT_HORIZON,
    }
}

fn parameter(index: usize) -> Parameter {
    Parameter {
        name: format!("parameter {index}"),
        unit: String::new(),
        id: ParameterId::new(index),
        block: index,
        prior_text: String::new(),
        evidence: Vec::new(),
        reuse: String::new(),
        place: None,
    }
}

/// A random point in the space of parameters.
pub(crate) fn random_point(seed: u64) -> Vec<f64> {
    let mut dice = Dice::new(seed);
    dice.uniform();
    let mut point: Vec<f64> = (0..PARAMETERS).map(|_| 2.0 * dice.uniform() - 1.0).collect();
    for p in PRECISIONS {
        point[p] = 0.2 + 2.0 * dice.uniform();
    }
    point
}

/// A random part of what is true of a history, so that at least that history agrees with it.
pub(crate) fn random_record(seed: u64, history: &History, counted: bool) -> Record {
    let mut dice = Dice::new(seed);
    dice.uniform();
    let mut record = Record::default();
    for (event, label) in &history.events {
        if dice.uniform() < 0.4 {
            record.events.push((EventName::parse(event), label.clone()));
        }
    }
    if dice.uniform() < 0.5 {
        record.measured.insert("amount".into(), 3.0 * dice.uniform() - 1.5);
    }
    if counted && dice.uniform() < 0.5 {
        record.measured.insert("count".into(), dice.below(4) as f64);
    }
    record
}
