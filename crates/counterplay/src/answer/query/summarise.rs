//! The answers of all draws, put together.

use super::as_of::AsOfDraw;
use super::draw::Drawn;
use super::reweigh::Pool;
use super::weighted::{WeightedAnswer, answered, answered_by, ratio};
use crate::answer::query::targets::labels_of;
use crate::posterior::Posterior;
use crate::scenario::Scenario;
use crate::scenario::query::{Condition, ConditionalQuantity, Quantity, Query};
use crate::settings::Settings;
use crate::world::inquiry::Inquiry;
use counterplay_analysis::interval::distribution;
use counterplay_analysis::{
    Distribution, Prediction, PredictionStep, QueryAnswer, QueryEstimate, QueryValue, Scale,
};

impl PosteriorSample<Vec<f64>> {
    /// Some of the draws of a posterior that was sampled for a moment.
    pub(crate) fn of(posterior: &Posterior, settings: &Settings) -> Self {
        let chosen = posterior.spread(settings.answer_draws.min(200));
        Self {
            effective: posterior.effective(chosen.len()),
            mixed: posterior.mixed(),
            draws: chosen.into_iter().map(<[f64]>::to_vec).collect(),
        }
    }
}

impl Quantity {
    /// The unit of its values.
    pub fn scale(&self) -> Scale {
        match self {
            Quantity::Probability(_) | Quantity::Distribution(_) => Scale::Probability,
            Quantity::Mean(_) | Quantity::Quantile(..) => Scale::Measure,
            Quantity::Payoff(_)
            | Quantity::ValueOfInformation { .. }
            | Quantity::ValueOfCommitment { .. }
            | Quantity::ValueOfControl { .. } => Scale::Payoff,
        }
    }
}

/// Draws from the posterior as of a moment, made for it.
pub(crate) type Refit<'a> = dyn Fn(usize) -> Option<PosteriorSample<Vec<f64>>> + Sync + 'a;

/// Draws that a sampler made.
pub(crate) struct PosteriorSample<T> {
    pub(crate) draws: Vec<T>,
    /// How many independent draws they stand for.
    pub(crate) effective: f64,
    /// Whether the chains have mixed.
    pub(crate) mixed: bool,
}

/// A query as of a moment.
pub(crate) struct Moment {
    /// Which query of the scenario it is.
    pub(crate) query: usize,
    /// How many items of the record are known.
    pub(crate) known: usize,
    /// Whether the prediction can be followed item by item.
    pub(crate) has_path: bool,
    /// A name for each value.
    pub(crate) labels: Vec<String>,
}

/// An item of the record.
pub(crate) struct RecordItem {
    /// Its name, with the occurrence.
    pub(crate) name: String,
    /// What it turned out as.
    pub(crate) action: String,
    /// Whether it is a measured quantity, whose likelihood is a density and no probability.
    pub(crate) measured: bool,
}

/// What the predictions as of a moment are put together from.
pub(crate) struct Foretelling<'a> {
    pub(crate) scenario: &'a Scenario,
    /// The recorded items in the order in which they happened.
    pub(crate) recorded: Vec<RecordItem>,
    pub(crate) moments: Vec<Moment>,
    pub(crate) prior: Vec<AsOfDraw>,
    pub(crate) posterior: Vec<&'a AsOfDraw>,
    /// How many independent draws those of the posterior stand for.
    pub(crate) effective: f64,
    /// What draws say that are made for a record that is cut after this many items.
    pub(crate) resampled: &'a (dyn Fn(usize) -> Option<PosteriorSample<AsOfDraw>> + Sync + 'a),
}

impl Foretelling<'_> {
    /// The predictions, in the order of the moments.
    pub(crate) fn predictions(&self) -> Vec<Prediction> {
        let pool = Pool::new(&self.prior, &self.posterior, self.effective);
        (0..self.moments.len()).map(|index| self.prediction(index, &pool)).collect()
    }

    fn prediction(&self, index: usize, pool: &Pool<'_>) -> Prediction {
        let moment = &self.moments[index];
        let query = &self.scenario.queries[moment.query];
        let (weights, reweighting) = pool.weights(moment.known);
        let path = if moment.has_path { self.path(index, pool) } else { Vec::new() };
        let good = reweighting.good();
        let sampled = if good { None } else { (self.resampled)(moment.known) };
        let method = match &sampled {
            Some(_) => "sampled again for the record as it was known then",
            None if moment.known == 0 => "draws from the prior: nothing of the record was known then",
            None => "prior and posterior draws, weighed for the record as it was known then",
        };
        let (values, distribution, rest) = match &sampled {
            None => self.predicted(index, pool, &weights),
            Some(told) => {
                let pool = Pool::sampled(&told.draws, moment.known, told.effective);
                let count = told.draws.len();
                let even = vec![1.0 / count.max(1) as f64; count];
                self.predicted(index, &pool, &even)
            }
        };
        Prediction {
            name: query.name.clone(),
            quantity: query.asked.quantity.to_string(),
            scale: query.asked.quantity.scale(),
            given: both(&query.asked),
            as_of: query.as_of.as_ref().map_or(String::new(), ToString::to_string),
            known: moment.known,
            values,
            distribution,
            happened: happened(self.scenario, &query.asked.quantity),
            rest_probability: rest,
            path,
            method: method.to_owned(),
            reliable: sampled.as_ref().map_or(good, |told| told.mixed),
            reweighting: sampled.is_none().then_some(reweighting),
        }
    }

    /// The values, the distribution, and the probability of what happened after, over weighed draws.
    fn predicted(
        &self,
        index: usize,
        pool: &Pool<'_>,
        weights: &[f64],
    ) -> (Vec<QueryValue>, Option<Distribution>, QueryEstimate) {
        let moment = &self.moments[index];
        let over = |f: &dyn Fn(&AsOfDraw) -> (f64, f64)| {
            let said = |(draw, weight): (&&AsOfDraw, &f64)| {
                let (value, given) = f(draw);
                WeightedAnswer { value, weight: weight * given, noise: 0.0 }
            };
            let all: Vec<WeightedAnswer> = pool.draws.iter().zip(weights).map(said).collect();
            answered_by(&all, |k| pool.independent(k))
        };
        let value = |(k, label): (usize, String)| QueryValue {
            label,
            here: over(&|d| d.moments[index].at[k]),
            factual: None,
            change: None,
            ratio: None,
        };
        let all = over(&|d| (self.rest(d, moment.known), 1.0));
        let samples = samples(index, pool, weights);
        let labels = if samples.is_empty() { moment.labels.clone() } else { Vec::new() };
        let values = labels.into_iter().enumerate().map(value).collect();
        (values, (!samples.is_empty()).then(|| distribution(&samples)), all)
    }

    /// The probability of all events that are recorded after those known, each given what came before it.
    fn rest(&self, draw: &AsOfDraw, known: usize) -> f64 {
        if self.recorded.iter().all(|item| !item.measured) {
            return draw.known[draw.known.len() - 1] / draw.known[known];
        }
        let after = (known..self.recorded.len()).filter(|k| !self.recorded[*k].measured);
        after.map(|k| draw.known[k + 1] / draw.known[k]).product()
    }

    /// The prediction after each recorded event, and how foreseen the event was.
    fn path(&self, index: usize, pool: &Pool<'_>) -> Vec<PredictionStep> {
        let mut before: Option<Vec<f64>> = None;
        let step = |known: usize| {
            let (weights, reweighting) = pool.weights(known);
            let said = |(draw, weight): (&&AsOfDraw, &f64)| {
                let (value, given) = draw.moments[index].path[known];
                WeightedAnswer { value, weight: weight * given, noise: 0.0 }
            };
            let over = |all: Vec<WeightedAnswer>| answered_by(&all, |k| pool.independent(k));
            let value = over(pool.draws.iter().zip(&weights).map(said).collect());
            let next = |(draw, weight): (&&AsOfDraw, &f64)| WeightedAnswer {
                value: draw.known[known] / draw.known[known.max(1) - 1],
                weight: *weight,
                noise: 0.0,
            };
            let foreseen = before.as_ref().unwrap_or(&weights);
            let foreseen = over(pool.draws.iter().zip(foreseen).map(next).collect());
            before = Some(weights);
            let last = known.checked_sub(1).map(|k| &self.recorded[k]);
            PredictionStep {
                event: last.map_or(String::new(), |r| r.name.clone()),
                action: last.map_or(String::new(), |r| r.action.clone()),
                foreseen: match last {
                    None => certain(),
                    Some(item) if item.measured => answered(&[]),
                    Some(_) => foreseen,
                },
                value,
                reweighting,
            }
        };
        (0..=self.recorded.len()).map(step).collect()
    }
}

/// A condition and one within, taken together.
fn both(asked: &ConditionalQuantity) -> Option<String> {
    let words: Vec<String> = asked.given.iter().chain(&asked.within).map(ToString::to_string).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What the record says came about of the outcome, event or quantity that is asked for.
fn happened(scenario: &Scenario, quantity: &Quantity) -> Option<String> {
    let record = &scenario.record;
    let name = match quantity {
        Quantity::Mean(name) | Quantity::Quantile(name, _) | Quantity::Distribution(name) => name,
        Quantity::Probability(Condition::All(facts)) if facts.len() == 1 => &facts[0].name,
        _ => return None,
    };
    let event = crate::story::terms::EventName::parse(name);
    let recorded = record.events.iter().find(|e| e.0 == event).map(|e| e.1.clone());
    record.measured.get(name).map(ToString::to_string).or(recorded)
}

/// A name for each value of a query.
pub(crate) fn value_labels(inquiry: &Inquiry<'_>, quantity: &Quantity) -> Vec<String> {
    let players = &inquiry.scenario().players;
    match (quantity, quantity.worth_to()) {
        (_, Some(player)) => std::iter::once(player.to_owned())
            .chain(players.iter().filter(|p| *p != player).cloned())
            .collect(),
        (Quantity::Distribution(name), None) => labels_of(name, inquiry),
        (_, None) => vec![String::new()],
    }
}

/// The answer to a query from what the draws say, with a name for each value.
pub(crate) fn answer(query: &Query, labels: Vec<String>, method: &str, drawn: &[&Drawn]) -> QueryAnswer {
    let asked = &query.asked;
    let worth = asked.quantity.worth_to().is_some();
    let value = |(k, label): (usize, String)| {
        let column = |of: fn(&Drawn) -> &Vec<WeightedAnswer>| -> Vec<WeightedAnswer> {
            drawn.iter().filter_map(|d| of(d).get(k).copied()).collect()
        };
        let (here, factual, change) = (column(|d| &d.here), column(|d| &d.factual), column(|d| &d.change));
        let some = |all: &[WeightedAnswer]| (!all.is_empty()).then(|| answered(all));
        QueryValue {
            label,
            here: answered(&here),
            factual: some(&factual),
            change: some(&change),
            ratio: (!factual.is_empty() && !worth)
                .then(|| ratio(&here, &factual))
                .filter(|r| r.value.is_finite()),
        }
    };
    let pooled = |of: fn(&Drawn) -> &Vec<f64>| -> Option<Distribution> {
        let all: Vec<f64> = drawn.iter().flat_map(|d| of(d).iter().copied()).collect();
        (!all.is_empty()).then(|| distribution(&all))
    };
    let words = |c: &Option<Condition>| c.as_ref().map(ToString::to_string);
    let targets = drawn.first().map_or(0, |d| d.here.len());
    QueryAnswer {
        name: query.name.clone(),
        quantity: asked.quantity.to_string(),
        scale: asked.quantity.scale(),
        given: words(&asked.given),
        within: words(&asked.within),
        under: asked.under.clone(),
        method: method.to_owned(),
        condition_probability: answered(&drawn.iter().map(|d| d.condition).collect::<Vec<_>>()),
        values: labels.into_iter().take(targets).enumerate().map(value).collect(),
        distribution: pooled(|d| &d.samples),
        factual_distribution: pooled(|d| &d.factual_samples),
    }
}

fn certain() -> QueryEstimate {
    QueryEstimate { mean: 1.0, low: 1.0, high: 1.0, error: 0.0, replay_error: 0.0 }
}

/// How many values stand for a weighed distribution.
const RESAMPLED: usize = 4_000;

/// Values of a measured quantity, as many from each draw as it weighs: systematic resampling.
fn samples(index: usize, pool: &Pool<'_>, weights: &[f64]) -> Vec<f64> {
    let mut samples = Vec::new();
    let weight_of = |(draw, weight): (&&AsOfDraw, &f64)| {
        let given = draw.moments[index].at.first().map_or(0.0, |a| a.1);
        if draw.moments[index].samples.is_empty() { 0.0 } else { weight * given }
    };
    let own: Vec<f64> = pool.draws.iter().zip(weights).map(weight_of).collect();
    let whole: f64 = own.iter().sum();
    if whole <= 0.0 || whole.is_nan() {
        return samples;
    }
    let (mut upto, mut taken) = (0.0, 0usize);
    for (draw, weight) in pool.draws.iter().zip(&own) {
        upto += weight / whole * RESAMPLED as f64;
        let from = &draw.moments[index].samples;
        let mut turn = 0;
        while (taken as f64 + 0.5) < upto {
            samples.push(from[turn % from.len()]);
            (taken, turn) = (taken + 1, turn + 1);
        }
    }
    samples
}
