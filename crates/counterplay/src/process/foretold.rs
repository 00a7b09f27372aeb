//! What was foretold of a process: the timeline, the hinge, the queries and the predictions as of a moment.

use counterplay_math::exp;
use rayon::prelude::*;

use super::asker::Moment;
use super::conditions::value_labels;
use super::filled::Filled;
use super::items::Item;
use super::model::ProcessEvaluator;
use crate::answer::query;
use crate::answer::query::{AsOfDraw, Drawn, Foretelling, Recorded, Sampled, answer};
use crate::answer::turning_point::{PathStep, hinge};
use crate::assemble::analyse::shorter;
use crate::posterior::fit_process_mixed;
use crate::scenario::query::Query;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{Hinge, Questions, TimelineStep};

impl Filled<'_> {
    /// What the record tells, item by item: how foreseen each item was, and the probability of the outcome once it was known.
    pub(super) fn timeline(&self) -> Vec<TimelineStep> {
        let followed = self.gathered.iter().filter(|d| !d.path.is_empty());
        let step = |(index, item): (usize, &Item)| {
            let foreseen: Vec<f64> =
                followed.clone().map(|d| exp(d.known[index + 1] - d.known[index])).collect();
            let mean = foreseen.iter().sum::<f64>() / foreseen.len().max(1) as f64;
            TimelineStep {
                event: item.name.name.clone(),
                occurrence: item.name.occurrence as usize,
                player: item.player.clone(),
                action: item.action.clone(),
                recorded: true,
                given_record: vec![(item.action.clone(), 1.0)],
                foreseen: if item.measured { Vec::new() } else { vec![(item.action.clone(), mean)] },
                about_probability: interval(&followed.clone().map(|d| d.path[index + 1]).collect::<Vec<_>>()),
            }
        };
        if followed.clone().next().is_none() {
            return Vec::new();
        }
        self.gathering.cuts.items.recorded.iter().enumerate().map(step).collect()
    }

    /// The item of the record at which the probability of the outcome moved most.
    pub(super) fn hinge(&self) -> Option<Hinge> {
        let step = |item: &Item| PathStep {
            event: item.name.name.clone(),
            occurrence: item.name.occurrence as usize,
            player: item.player.clone(),
            action: item.action.clone(),
        };
        let recorded: Vec<PathStep> = self.gathering.cuts.items.recorded.iter().map(step).collect();
        let followed = self.gathered.iter().filter(|d| !d.path.is_empty());
        let paths: Vec<&[f64]> = followed.map(|d| d.path.as_slice()).collect();
        hinge(self.outcome_value(self.about), &recorded, &paths)
    }

    /// The answers to queries and sweeps, and the predictions.
    pub(super) fn questions(&self) -> Questions {
        let asked = self.asked();
        let one = |(index, query): (usize, &Query)| {
            let drawn: Vec<&Drawn> =
                self.gathered.iter().filter_map(|d| d.said.queries.said[index].as_ref()).collect();
            let exact = self.gathering.asker.is_exact(index);
            let method = if exact { "exact, stage by stage" } else { "replayed, luck by luck" };
            let labels = value_labels(&query.asked.quantity, asked.model.process(), &asked.catalogue);
            query.as_of.is_none().then(|| answer(query, labels, method, &drawn))
        };
        Questions {
            queries: asked.scenario.queries.iter().enumerate().filter_map(one).collect(),
            sweeps: self.sweeps.clone(),
            predictions: self.predictions(),
            ..Questions::default()
        }
    }

    fn predictions(&self) -> Vec<counterplay_analysis::Prediction> {
        let asked = self.asked();
        let moments = &self.gathering.asker.moments;
        if moments.is_empty() {
            return Vec::new();
        }
        let moment = |moment: &Moment| query::Moment {
            query: moment.query,
            known: moment.known,
            has_path: moment.has_path(),
            labels: value_labels(
                &asked.scenario.queries[moment.query].asked.quantity,
                asked.model.process(),
                &asked.catalogue,
            ),
        };
        let recorded = |item: &Item| Recorded {
            name: item.name.to_string(),
            action: item.action.clone(),
            measured: item.measured,
        };
        let prior: Vec<Vec<f64>> = self.accounts.base.prior().map(<[f64]>::to_vec).collect();
        Foretelling {
            scenario: asked.scenario,
            recorded: self.gathering.cuts.items.recorded.iter().map(recorded).collect(),
            moments: moments.iter().map(moment).collect(),
            prior: self.told(&prior),
            posterior: self.gathered.iter().map(|d| &d.said.queries.as_of).collect(),
            effective: self.posterior.effective(self.gathered.len()),
            resampled: &|known| {
                let Sampled { draws, effective, mixed } = self.refit(known)?;
                Some(Sampled { draws: self.told(&draws), effective, mixed })
            },
        }
        .predictions()
    }

    /// What play foretells at points of the parameters; points at which it cannot be solved are left out.
    fn told(&self, points: &[Vec<f64>]) -> Vec<AsOfDraw> {
        let asked = self.asked();
        let (process, evaluator) = (asked.model.process(), asked.model.evaluator());
        let one = |evaluator: &mut ProcessEvaluator, point: &Vec<f64>| {
            let found = evaluator.solve(point).ok()?;
            let odds = evaluator.odds(&found.play);
            let cuts = self.gathering.cuts.weigh(process, &odds, point);
            Some(self.gathering.asker.foretell(process, &odds, &cuts))
        };
        let told: Vec<Option<AsOfDraw>> = points.par_iter().map_init(|| evaluator.clone(), one).collect();
        told.into_iter().flatten().collect()
    }

    /// Draws from the posterior for a record that is cut after so many items, fewer than for the whole record and by either
    /// sampler; `None` if that fails or is stopped.
    fn refit(&self, known: usize) -> Option<Sampled<Vec<f64>>> {
        let model = self.asked().model.following(self.gathering.cuts.trails[known].clone());
        let prior = std::sync::Arc::new(self.prior.clone());
        let posterior = fit_process_mixed(&model, &prior, &shorter(self.settings), self.watch).ok()?;
        Some(Sampled::of(&posterior, self.settings))
    }
}
