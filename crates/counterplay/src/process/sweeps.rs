//! Sweeps of a process: each value of the parameter is a world of its own.

use rayon::prelude::*;

use super::asked::Asked;
use super::compared::Compared;
use super::conditions::told;
use super::histories::Histories;
use super::model::ProcessEvaluator;
use crate::answer::query::{Said, about_asked, spread, sweep_answer, sweep_plans};
use crate::failure::Failure;
use crate::model::NoValue;
use crate::problem::Problem;
use crate::scenario::query::Sweep;
use crate::settings::Settings;
use crate::watch::Watch;
use counterplay_analysis::SweepAnswer;
use counterplay_inference::key::Key;

/// What all sweeps of a process need.
pub(super) struct Sweeping<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) settings: &'a Settings,
    /// The outcome and value that the case is about.
    pub(super) about: (usize, usize),
    pub(super) watch: &'a dyn Watch,
}

impl Sweeping<'_> {
    /// The answers to all sweeps.
    ///
    /// # Errors
    /// If one asks for what a process does not answer, or it was cancelled.
    pub(super) fn run(&self, draws: &[&[f64]]) -> Result<Vec<SweepAnswer>, Failure> {
        let one = |sweep: &Sweep| self.one(sweep, draws)?.ok_or(Failure::Cancelled);
        self.asked.scenario.sweeps.iter().map(one).collect()
    }

    fn one(&self, sweep: &Sweep, draws: &[&[f64]]) -> Result<Option<SweepAnswer>, Problem> {
        let at = |problem: Problem| told("sweep", &sweep.name, problem).at(sweep.place.clone());
        let (scenario, model) = (self.asked.scenario, self.asked.model);
        let (name, values) = &self.asked.catalogue.outcomes[self.about.0];
        let about = || about_asked(&(name.clone(), values[self.about.1].clone()));
        let asked = sweep.asked.clone().unwrap_or_else(about);
        let mut worlds = Asked::new(scenario, model, self.settings.seed, self.settings.lucks);
        let mut numbers = vec![0];
        for plan in sweep_plans(scenario, sweep, &asked).map_err(at)? {
            numbers.push(worlds.world(plan).map_err(at)?);
        }
        let compared = Compared::new(&asked, scenario, model.process(), &worlds.catalogue).map_err(at)?;
        let evaluator = model.evaluator();
        let said = |evaluator: &mut ProcessEvaluator, (index, draw): &(usize, &[f64])| {
            (!self.watch.cancelled())
                .then(|| said(&worlds, &numbers, &compared, evaluator, (*index, draw)).ok())
        };
        let found: Option<Vec<Option<Vec<Said>>>> =
            spread(draws).par_iter().map_init(|| evaluator.clone(), said).collect();
        Ok(found.map(|found| sweep_answer(scenario, sweep, &asked, &found)))
    }
}

/// What one draw says in each world.
fn said(
    asked: &Asked<'_>,
    numbers: &[usize],
    compared: &Compared,
    evaluator: &mut ProcessEvaluator,
    (index, draw): (usize, &[f64]),
) -> Result<Vec<Said>, NoValue> {
    let key = Key::new(asked.work.seed).with(index as u64);
    let (worlds, _) = asked.solve(evaluator, draw)?;
    evaluator.load(draw)?;
    let (lucks, _) = asked.lucks(key, (&worlds[0], evaluator.all_values()), asked.work.lucks);
    let histories = |&world: &usize| asked.histories(world, &worlds[world], &lucks);
    let all: Vec<Histories> = numbers.iter().map(histories).collect();
    Ok(all.iter().map(|here| compared.first(here, &all[0])).collect())
}
