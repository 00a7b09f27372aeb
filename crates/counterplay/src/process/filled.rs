//! Putting together what was found of a process.

use counterplay_equilibrium::referee::stationary::certify;
use counterplay_game::tree::{Game, Kind};

use super::accounts::Accounts;
use super::analysed::{Centre, subject};
use super::asked::Asked;
use super::course::Course;
use super::drawn::{Gathering, ProcessDraw};
use super::prospect::ProcessForecast;
use super::told::{self, AtCentre};
use crate::analyse::{Failure, Settings};
use crate::analysis::{
    Analysis, Answer, Case, ClaimSummary, Comparison, GameSummary, Measured, OffBranch, OutcomeValue,
    PlaySummary, ProcessSummary, RunSettings, SCHEMA_VERSION, SamplingSummary, Stress, SweepAnswer, TreeNode,
    Variants, Warning, WarningKind, WorldName,
};
use crate::averaged::{Answered, Effort};
use crate::comparison::Rivalry;
use crate::equilibria::{OffBranchDraws, off_branch};
use crate::gather::DrawGathered;
use crate::hash::Key;
use crate::interval::estimate;
use crate::memory::{Memory, remembered};
use crate::posterior::Posterior;
use crate::prior::JointPrior;
use crate::problem::Problem;
use crate::prospect::Prospect;
use crate::scenario::Question;
use crate::stress::{Material, Predicting};
use crate::summary::{game_summary, parameter_summaries, sampling_summary};
use crate::tally::{self, WorldDraw};
use crate::warnings::{plain_warnings, unsolved_points};
use crate::watch::Watch;

/// Histories told at the posterior mean.
const CENTRE_HISTORIES: usize = 2_000;

/// Everything that was found.
pub(super) struct Filled<'a> {
    pub(super) settings: &'a Settings,
    pub(super) gathering: Gathering<'a>,
    pub(super) course: &'a Course,
    pub(super) centre: &'a Centre,
    pub(super) posterior: &'a Posterior,
    pub(super) prior: &'a JointPrior,
    pub(super) accounts: &'a Accounts,
    /// The answers under each explanation.
    pub(super) answered: &'a [Answered],
    pub(super) effort: Effort,
    pub(super) variants: Option<Variants>,
    pub(super) sweeps: Vec<SweepAnswer>,
    pub(super) about: (usize, usize),
    pub(super) gathered: &'a [ProcessDraw],
    pub(super) unsolved: usize,
    pub(super) memory: &'a dyn Memory,
    pub(super) watch: &'a dyn Watch,
}

impl Filled<'_> {
    /// The analysis, without new fits.
    ///
    /// # Errors
    /// If a claim's test failed.
    pub(super) fn analysis(&self) -> Result<Analysis, Failure> {
        let (asked, scenario) = (self.asked(), self.asked().scenario);
        let key = Key::new(self.settings.seed).with(Key::of_text("prospect"));
        let (histories, expected) =
            asked.prospect(&self.centre.evaluator, &self.centre.odds, key, CENTRE_HISTORIES);
        let visits = told::visits(asked.model.process(), &histories);
        let centre = AtCentre { found: self.centre.found.clone(), odds: self.centre.odds.clone(), visits };
        let prospect = self.prospect();
        let mut analysis = Analysis {
            schema_version: SCHEMA_VERSION,
            counterplay_version: env!("CARGO_PKG_VERSION").to_owned(),
            case: self.case(),
            settings: self.run_settings(),
            game: self.game(),
            play: self.play(&centre)?,
            sampling: self.sampling(),
            parameters: parameter_summaries(scenario, self.prior, self.posterior, self.settings.seed),
            timeline: self.timeline(),
            measured: self.measured(),
            factual: tally::summarise(&asked.catalogue, &self.world(0)),
            answers: scenario.questions.iter().enumerate().map(|(k, q)| self.answer(k, q)).collect(),
            attributions: self.attributions(),
            explanations: self.accounts.summarise(scenario),
            comparison: self.comparison()?,
            claims: self.claims()?,
            variants: self.variants.clone(),
            stress: self.stress(&prospect.about),
            prior_prediction: prospect.world,
            tree: self.tree(&centre, expected.probabilities[self.about.0][self.about.1]),
            warnings: Vec::new(),
            hinge: self.hinge(),
            questions: self.questions(),
            actual_causes: None,
            chain: scenario.chain.clone(),
            process: Some(self.process(&centre)?),
        };
        analysis.warnings = self.warnings(&analysis);
        Ok(analysis)
    }

    pub(super) fn asked(&self) -> &Asked<'_> {
        self.gathering.asked
    }

    fn case(&self) -> Case {
        let scenario = self.asked().scenario;
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

    pub(super) fn outcome_value(&self, pair: (usize, usize)) -> OutcomeValue {
        subject(self.asked(), pair)
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
            equilibria: 0,
            stress_points: s.stress_points,
        }
    }

    /// The sizes of all games together, and their events by name.
    fn game(&self) -> GameSummary {
        let mut all =
            GameSummary { histories: 0, nodes: 0, information_sets: 0, actions: 0, events: Vec::new() };
        for told in &self.asked().model.process().states {
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

    fn play(&self, centre: &AtCentre) -> Result<PlaySummary, Failure> {
        let referee = self.certified(centre)?;
        Ok(PlaySummary {
            method: "stationary Markov logit equilibrium, on the branch from uniform play".into(),
            converged: self.unsolved == 0 && self.accounts.failed().0 == 0,
            certified: self.gathered.iter().map(|d| d.said.certified.count).sum(),
            residual: self
                .gathered
                .iter()
                .map(|d| d.said.certified.residual)
                .fold(referee.residual, f64::max),
            belief_error: 0.0,
            regret: referee.regret,
            points: Vec::new(),
            off_branch: self.off_branch(),
            others: None,
        })
    }

    /// Draws in which play is not on the principal branch.
    fn off_branch(&self) -> Option<OffBranch> {
        let asked = self.asked();
        let plays = |world: usize| vec![0, asked.worlds[world].play];
        let what_ifs = asked.scenario.questions.iter().zip(&asked.questions);
        let what_ifs = what_ifs.map(|(q, &world)| (WorldName::WhatIf(q.name.clone()), plays(world)));
        off_branch(OffBranchDraws {
            gathered: self.gathered.iter().map(|d| &d.said).collect(),
            asked: std::iter::once((WorldName::AsItWas, vec![0])).chain(what_ifs).collect(),
            about: self.about,
            parts: Vec::new(),
        })
    }

    fn certified(
        &self,
        centre: &AtCentre,
    ) -> Result<counterplay_equilibrium::referee::stationary::Certificate, Failure> {
        let (game, evaluator) = (self.asked().model.game(), &self.centre.evaluator);
        certify(game, evaluator.numbers(), evaluator.precisions(), &centre.found)
            .map_err(|_| Failure::Nothing("a player forgets within a stage what it knew".into()))
    }

    fn sampling(&self) -> SamplingSummary {
        let scenario = self.asked().scenario;
        let log_marginal = (!scenario.record.is_empty()).then(|| self.accounts.base.log_marginal());
        sampling_summary(scenario, self.posterior, self.settings.method, log_marginal)
    }

    /// One world in every draw: the factual one, then the what-ifs.
    fn world(&self, index: usize) -> Vec<&WorldDraw> {
        self.gathered.iter().map(|d| &d.said.worlds[index]).collect()
    }

    /// What was to be expected, unless it was reckoned before.
    fn prospect(&self) -> Prospect {
        let (seed, draws) = (self.settings.seed, self.settings.evidence_draws);
        let name = format!("prospect of {:?} in {:?}, {draws}, {seed}", self.about, self.asked().catalogue);
        let tell = || {
            let prospect = self.forecast().prior_prediction(&self.accounts.base);
            if self.watch.cancelled() { Err(prospect) } else { Ok(prospect) }
        };
        remembered(self.memory, &name, tell).unwrap_or_else(|broken_off| broken_off)
    }

    fn forecast(&self) -> ProcessForecast<'_> {
        ProcessForecast { asked: self.asked(), course: self.course }
    }

    /// How much each answer and claim rests on each assumption, but for new fits.
    fn stress(&self, about_probabilities: &[f64]) -> Stress {
        let said: Vec<&DrawGathered> = self.gathered.iter().map(|d| &d.said).collect();
        let material = Material {
            scenario: self.asked().scenario,
            prior: self.prior,
            gathered: &said,
            about: self.about,
            // Draws are spread evenly over the chains, if none is missing.
            chains: if self.unsolved == 0 { self.settings.chains } else { 1 },
            seed: self.settings.seed,
        };
        let predicting = Predicting {
            scenario: self.asked().scenario,
            forecast: &self.forecast(),
            prior: self.prior,
            drawn: &self.accounts.base,
            probabilities: about_probabilities,
            of: self.outcome_value(self.about),
            points: self.settings.stress_points,
            seed: self.settings.seed,
            watch: self.watch,
        };
        Stress { global: predicting.run(), ..material.stress() }
    }

    /// The rival explanations set against each other.
    fn comparison(&self) -> Result<Option<Comparison>, Problem> {
        let rivals = Rivalry {
            scenario: self.asked().scenario,
            accounts: &self.accounts.explanations.iter().collect::<Vec<_>>(),
            odds: &self.accounts.odds,
            answered: self.answered,
        };
        rivals.summarise(self.about, self.effort)
    }

    fn answer(&self, question: usize, asked: &Question) -> Answer {
        let unchanged: Vec<f64> = self.gathered.iter().map(|d| d.said.unchanged[question + 1]).collect();
        let (world, factual) = (self.world(question + 1), self.world(0));
        tally::answer(&self.asked().catalogue, asked, self.about, &world, &factual, &unchanged)
    }

    /// What the record says was measured.
    fn measured(&self) -> Vec<Measured> {
        let one = |(name, value): (&String, &f64)| Measured { name: name.clone(), value: *value };
        self.asked().scenario.record.measured.iter().map(one).collect()
    }

    fn attributions(&self) -> Vec<crate::analysis::Attribution> {
        let Some(worlds) = &self.asked().factors else { return Vec::new() };
        let one = |(index, &of): (usize, &(usize, usize))| {
            let draws: Vec<_> = self.gathered.iter().map(|d| d.said.factors[index].1.clone()).collect();
            worlds.summarise(self.asked().scenario, self.outcome_value(of), &draws)
        };
        self.asked().weighed.iter().enumerate().map(one).collect()
    }

    fn claims(&self) -> Result<Vec<ClaimSummary>, Failure> {
        let mut summaries = Vec::new();
        for (index, claim) in self.asked().scenario.claims.iter().enumerate() {
            let mut holds = Vec::with_capacity(self.gathered.len());
            for draw in self.gathered {
                let held = draw.said.claims[index].clone().map_err(|p| p.at(claim.place.clone()))?;
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
        let process = self.asked().model.process();
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

    fn process(&self, centre: &AtCentre) -> Result<ProcessSummary, Failure> {
        let process = self.asked().model.process();
        let worlds = 1 + self.asked().questions.len();
        let series = (0..worlds).map(|world| {
            let what_if = world.checked_sub(1).map(|q| self.asked().scenario.questions[q].name.clone());
            let draws: Vec<_> = self.gathered.iter().map(|d| &d.series[world]).collect();
            told::series(what_if, self.asked(), &draws)
        });
        Ok(ProcessSummary {
            stages: process.stages.clone(),
            state_count: process.states.len(),
            horizon: self.asked().scenario.horizon,
            bellman_residual: self.certified(centre)?.bellman,
            series: series.collect(),
            states: told::states(process, centre),
        })
    }

    /// In how many draws others cross the branch of stationary play.
    fn crossed(&self) -> Option<String> {
        let total = self.gathered.len();
        let crossed = self.gathered.iter().filter(|d| d.behind.crossed).count();
        (crossed > 0).then(|| {
            format!(
                "in {crossed} of {total} draws the branch bifurcates below the precision: the symmetric branch is followed \
                 straight on, and other equilibria exist there; to see them, make the players a little unlike"
            )
        })
    }

    fn warnings(&self, analysis: &Analysis) -> Vec<Warning> {
        let mut all = plain_warnings(analysis);
        if self.unsolved > 0 {
            let total = self.unsolved + self.gathered.len();
            let message =
                format!("play could not be solved in {} of {total} draws; they are left out", self.unsolved);
            all.push(Warning { kind: WarningKind::Equilibrium, message });
        }
        all.extend(
            self.crossed().into_iter().map(|message| Warning { kind: WarningKind::Equilibrium, message }),
        );
        let (failed, tried) = self.accounts.failed();
        if failed > 0 {
            let message = unsolved_points(failed, tried);
            all.push(Warning { kind: WarningKind::Equilibrium, message });
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
