//! Putting together what was found of a process.

use counterplay_equilibrium::markov::certify::certify;
use counterplay_game::tree::{Game, Kind};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::accounts::Accounts;
use super::draws::{Asked, ProcessDraw};
use super::model::ProcessEvaluator;
use super::told::{self, AtCentre};
use crate::analyse::{Failure, Settings};
use crate::analysis::{
    Analysis, Answer, Case, ClaimSummary, GameSummary, Measured, OutcomeValue, PlaySummary, ProcessSummary,
    RunSettings, SCHEMA_VERSION, SamplingSummary, Stress, TreeNode, Warning, WarningKind,
};
use crate::hash::Key;
use crate::interval::estimate;
use crate::posterior::Posterior;
use crate::prior::JointPrior;
use crate::scenario::Question;
use crate::summary::{game_summary, parameter_summaries};
use crate::tally::{self, WorldDraw};
use crate::warnings::{plain_warnings, rough_fit, unsolved_points};

/// Histories told at each draw from the prior, and at the posterior mean.
const HISTORIES: usize = 50;
const CENTRE_HISTORIES: usize = 2_000;

/// Everything that was found.
pub(super) struct Filled<'a> {
    pub(super) settings: &'a Settings,
    pub(super) asked: &'a Asked<'a>,
    pub(super) posterior: &'a Posterior,
    pub(super) prior: &'a JointPrior,
    pub(super) accounts: &'a Accounts,
    pub(super) about: (usize, usize),
    pub(super) draws: &'a [ProcessDraw],
    pub(super) unsolved: usize,
}

impl Filled<'_> {
    pub(super) fn analysis(&self) -> Result<Analysis, Failure> {
        let scenario = self.asked.scenario;
        let mut evaluator = self.asked.model.evaluator();
        let found = evaluator.solve(&self.posterior.mean());
        let found = found.map_err(|why| Failure::Nothing(format!("play at the posterior mean: {why}")))?;
        let odds = evaluator.odds(&found.play);
        let key = Key::new(self.settings.seed).with(Key::of_text("prospect"));
        let (histories, expected) = self.asked.prospect(&evaluator, &odds, key, CENTRE_HISTORIES);
        let centre = AtCentre { found, odds, visits: told::visits(self.asked.model.process(), &histories) };
        let mut analysis = Analysis {
            schema_version: SCHEMA_VERSION,
            counterplay_version: env!("CARGO_PKG_VERSION").to_owned(),
            case: self.case(),
            settings: self.run_settings(),
            game: self.game(),
            play: self.play(&evaluator, &centre)?,
            sampling: self.sampling(),
            parameters: parameter_summaries(scenario, self.prior, self.posterior, self.settings.seed),
            timeline: Vec::new(),
            measured: self.measured(),
            factual: tally::summarise(&self.asked.catalogue, &self.world(0)),
            prior_prediction: self.prior_prediction(),
            answers: scenario.questions.iter().enumerate().map(|(k, q)| self.answer(k, q)).collect(),
            attributions: self.attributions(),
            explanations: self.accounts.summarise(scenario),
            comparison: None,
            claims: self.claims()?,
            variants: None,
            stress: Stress::default(),
            tree: self.tree(&centre, expected.probabilities[self.about.0][self.about.1]),
            warnings: Vec::new(),
            hinge: None,
            questions: crate::analysis::Questions::default(),
            actual_causes: None,
            chain: scenario.chain.clone(),
            process: Some(self.process(&evaluator, &centre)?),
        };
        analysis.warnings = self.warnings(&analysis);
        Ok(analysis)
    }

    fn case(&self) -> Case {
        let scenario = self.asked.scenario;
        Case {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            period: scenario.period.clone(),
            players: scenario.players.clone(),
            about: self.outcome_value(self.about),
            text: scenario.text.clone(),
            sources: scenario.sources.clone(),
        }
    }

    fn outcome_value(&self, (outcome, value): (usize, usize)) -> OutcomeValue {
        let (name, values) = &self.asked.catalogue.outcomes[outcome];
        OutcomeValue { outcome: name.clone(), value: values[value].clone() }
    }

    fn run_settings(&self) -> RunSettings {
        let s = self.settings;
        RunSettings {
            seed: s.seed,
            chains: s.chains,
            draws: s.draws,
            warmup: s.warmup,
            answer_draws: s.answer_draws,
            lucks: s.lucks,
            evidence_draws: s.evidence_draws,
            stress_points: 0,
        }
    }

    /// The sizes of all games together, and their events by name.
    fn game(&self) -> GameSummary {
        let mut all =
            GameSummary { histories: 0, nodes: 0, information_sets: 0, actions: 0, events: Vec::new() };
        for told in &self.asked.model.process().states {
            let own = game_summary(&told.unfolded.game);
            all.histories += own.histories;
            all.nodes += own.nodes;
            all.information_sets += own.information_sets;
            all.actions += own.actions;
            for event in own.events {
                match all.events.iter_mut().find(|e| e.name == event.name) {
                    None => all.events.push(event),
                    Some(known) => {
                        known.information_sets += event.information_sets;
                        for action in event.actions {
                            if !known.actions.contains(&action) {
                                known.actions.push(action);
                            }
                        }
                    }
                }
            }
        }
        all
    }

    fn play(&self, evaluator: &ProcessEvaluator, centre: &AtCentre) -> Result<PlaySummary, Failure> {
        let referee = self.certified(evaluator, centre)?;
        Ok(PlaySummary {
            method: "stationary Markov logit equilibrium, on the branch from uniform play".into(),
            converged: self.unsolved == 0 && self.accounts.failed().0 == 0,
            certified: self.draws.iter().map(|d| d.solved).sum(),
            residual: self.draws.iter().map(|d| d.residual).fold(referee.residual, f64::max),
            belief_error: 0.0,
            regret: referee.regret,
            points: Vec::new(),
        })
    }

    fn certified(
        &self,
        evaluator: &ProcessEvaluator,
        centre: &AtCentre,
    ) -> Result<counterplay_equilibrium::markov::certify::Certificate, Failure> {
        let (game, numbers) = (self.asked.model.game(), evaluator.numbers());
        certify(game, numbers, evaluator.precisions(), &centre.found)
            .map_err(|_| Failure::Nothing("a player forgets within a stage what it knew".into()))
    }

    fn sampling(&self) -> SamplingSummary {
        let quality = self.posterior.quality();
        let recorded = !self.asked.scenario.record.is_empty();
        SamplingSummary {
            method: self.settings.method.words().into(),
            converged: quality.good(),
            max_r_hat: quality.max_r_hat,
            min_bulk_ess: quality.min_bulk_ess,
            min_tail_ess: quality.min_tail_ess,
            divergences: quality.divergences,
            cut_short: self.posterior.cut_short,
            draws: self.posterior.draws().count(),
            log_marginal_likelihood: recorded.then(|| self.accounts.base.log_marginal()),
        }
    }

    /// One world in every draw: the factual one, then the what-ifs.
    fn world(&self, index: usize) -> Vec<&WorldDraw> {
        self.draws.iter().map(|d| &d.worlds[index]).collect()
    }

    /// What was to be expected at draws from the prior.
    fn prior_prediction(&self) -> crate::analysis::World {
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed);
        rng.set_stream(u64::MAX - 1);
        let mut evaluator = self.asked.model.evaluator();
        let mut all = Vec::new();
        for index in 0..self.settings.evidence_draws.min(100) {
            let draw = self.prior.sample(&mut rng).theta;
            let Ok(found) = evaluator.solve(&draw) else { continue };
            let odds = evaluator.odds(&found.play);
            let key = Key::new(self.settings.seed).with(Key::of_text("prior")).with(index as u64);
            all.push(self.asked.prospect(&evaluator, &odds, key, HISTORIES).1);
        }
        tally::summarise(&self.asked.catalogue, &all.iter().collect::<Vec<_>>())
    }

    fn answer(&self, question: usize, asked: &Question) -> Answer {
        let unchanged: Vec<f64> = self.draws.iter().map(|d| d.unchanged[question + 1]).collect();
        let (world, factual) = (self.world(question + 1), self.world(0));
        tally::answer(&self.asked.catalogue, asked, self.about, &world, &factual, &unchanged)
    }

    /// What the record says was measured.
    fn measured(&self) -> Vec<Measured> {
        let one = |(name, value): (&String, &f64)| Measured { name: name.clone(), value: *value };
        self.asked.scenario.record.measured.iter().map(one).collect()
    }

    fn attributions(&self) -> Vec<crate::analysis::Attribution> {
        let Some(worlds) = &self.asked.factors else { return Vec::new() };
        let one = |(index, &of): (usize, &(usize, usize))| {
            let draws: Vec<_> = self.draws.iter().map(|d| d.factors[index].1.clone()).collect();
            worlds.summarise(self.asked.scenario, self.outcome_value(of), &draws)
        };
        self.asked.weighed.iter().enumerate().map(one).collect()
    }

    fn claims(&self) -> Result<Vec<ClaimSummary>, Failure> {
        let mut summaries = Vec::new();
        for (index, claim) in self.asked.scenario.claims.iter().enumerate() {
            let mut holds = Vec::with_capacity(self.draws.len());
            for draw in self.draws {
                let held = draw.claims[index].clone().map_err(|p| p.at(claim.place.clone()))?;
                holds.push(f64::from(u8::from(held)));
            }
            summaries.push(ClaimSummary {
                name: claim.name.clone(),
                test: claim.text.clone(),
                probability: estimate(&holds),
                prior_probability: None,
            });
        }
        Ok(summaries)
    }

    /// The beginning alone: what follows has no tree.
    fn tree(&self, centre: &AtCentre, about_probability: f64) -> TreeNode {
        let process = self.asked.model.process();
        let game: &Game = &process.states[0].unfolded.game;
        let root = counterplay_game::id::NodeId::new(Game::ROOT);
        let player = match game.kind(root) {
            Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
            Kind::Chance(_) | Kind::End(_) => None,
        };
        let event =
            if game.child_count(root) > 0 { game.event_name(game.event_id(root)) } else { String::new() };
        TreeNode {
            event,
            player,
            reach_probability: 1.0,
            about_probability,
            histories: game.history_count(),
            on_record: true,
            outcomes: Vec::new(),
            payoffs: told::values_of(&centre.found, process.states.len(), 0),
            branches: Vec::new(),
        }
    }

    fn process(&self, evaluator: &ProcessEvaluator, centre: &AtCentre) -> Result<ProcessSummary, Failure> {
        let process = self.asked.model.process();
        let worlds = 1 + self.asked.questions.len();
        let series = (0..worlds).map(|world| {
            let what_if = world.checked_sub(1).map(|q| self.asked.scenario.questions[q].name.clone());
            let draws: Vec<_> = self.draws.iter().map(|d| &d.series[world]).collect();
            told::series(what_if, self.asked, &draws)
        });
        Ok(ProcessSummary {
            stages: process.stages.clone(),
            state_count: process.states.len(),
            horizon: self.asked.scenario.horizon,
            bellman_residual: self.certified(evaluator, centre)?.bellman,
            series: series.collect(),
            states: told::states(process, centre),
        })
    }

    fn warnings(&self, analysis: &Analysis) -> Vec<Warning> {
        let mut all = plain_warnings(analysis);
        if self.unsolved > 0 {
            let total = self.unsolved + self.draws.len();
            let message =
                format!("play could not be solved in {} of {total} draws; they are left out", self.unsolved);
            all.push(Warning { kind: WarningKind::Equilibrium, message });
        }
        let (failed, tried) = self.accounts.failed();
        if failed > 0 {
            let message = unsolved_points(failed, tried);
            all.push(Warning { kind: WarningKind::Equilibrium, message });
        }
        for name in self.accounts.rough(self.asked.scenario) {
            let message = rough_fit("explanation", name);
            all.push(Warning { kind: WarningKind::Sampling, message });
        }
        if analysis.play.residual > 1e-7 {
            let message =
                format!("an equilibrium was certified only to a residual of {:.1e}", analysis.play.residual);
            all.push(Warning { kind: WarningKind::Equilibrium, message });
        }
        all.sort_by_key(|w| w.kind);
        all
    }
}
