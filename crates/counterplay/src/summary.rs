//! Putting together everything that was found.

use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::id::{EventId, InfoSetId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_math::exp;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::analyse::{Centre, Method, Settings, subject};
use crate::analysis::{
    Analysis, Answer, Case, ClaimSummary, Comparison, Estimate, EventSummary, GameSummary, Hinge, Measured,
    OffBranch, OffBranchPart, OtherEquilibria, OutcomeValue, ParameterSummary, PlayPoint, PlaySummary,
    Questions, ReplacedChains, RunSettings, SCHEMA_VERSION, SamplingSummary, Stress, SweepAnswer, Variants,
    WorldName,
};
use crate::attribution::FactorWorlds;
use crate::averaged::{Answered, Effort};
use crate::causes;
use crate::comparison;
use crate::equilibria::{OffBranchDraws, off_branch};
use crate::gather::{DrawGathered, Gathering};
use crate::hinge::hinge;
use crate::inquiry::{Inquiry, WorldId};
use crate::interval::{distribution, estimate};
use crate::memory::{Memory, remembered};
use crate::picture;
use crate::posterior::Posterior;
use crate::prior::JointPrior;
use crate::problem::Problem;
use crate::prospect::{Prospect, prior_prediction};
use crate::query::{self, Refit};
use crate::replays::Certified;
use crate::rivals::{Rivals, weighed};
use crate::scenario::{Question, Scenario};
use crate::stress::{Material, Predicting, TreeForecast};
use crate::tally::{self, WorldDraw};
use crate::timeline::{Timeline, TimelineDraw, reach};
use crate::warnings::warnings;
use crate::watch::Watch;

/// Everything that was found.
pub(crate) struct Found<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) posterior: &'a Posterior,
    pub(crate) prior: &'a JointPrior,
    pub(crate) rivals: &'a Rivals,
    pub(crate) answered: &'a [Answered],
    pub(crate) effort: Effort,
    pub(crate) variants: Option<&'a Variants>,
    pub(crate) centre: &'a Centre,
    pub(crate) about: (usize, usize),
    pub(crate) gathering: &'a Gathering<'a>,
    pub(crate) sweeps: Vec<SweepAnswer>,
    pub(crate) refit: &'a Refit<'a>,
    pub(crate) factors: &'a FactorWorlds,
    pub(crate) timeline: &'a Timeline,
    pub(crate) gathered: &'a [DrawGathered],
    pub(crate) unsolved: usize,
    /// Other equilibria beside those of the answers; nothing if none were searched for.
    pub(crate) others: Option<OtherEquilibria>,
    pub(crate) memory: &'a dyn Memory,
    pub(crate) watch: &'a dyn Watch,
}

/// Draws from the prior for its curves.
const PRIOR_DRAWS: usize = 4000;
/// Nodes of the drawn tree that are opened besides those on the record.
const OPEN_NODES: usize = 120;

impl Found<'_> {
    /// The analysis.
    ///
    /// # Errors
    /// If a claim's test failed.
    pub(crate) fn analysis(&self) -> Result<Analysis, Problem> {
        let catalogue = &self.inquiry.catalogue;
        let scenario = self.inquiry.scenario();
        let factual = self.inquiry.factual();
        let values = self.centre.evaluator.node_values();
        let record = &scenario.record;
        let timeline: Vec<_> = self.gathered.iter().filter_map(|g| g.timeline.clone()).collect();
        let prospect = self.prospect();
        let mut analysis = Analysis {
            schema_version: SCHEMA_VERSION,
            counterplay_version: env!("CARGO_PKG_VERSION").to_owned(),
            case: self.case(),
            settings: self.run_settings(),
            game: game_summary(factual.model().game()),
            play: self.play(&prospect),
            sampling: self.sampling(),
            parameters: parameter_summaries(scenario, self.prior, self.posterior, self.settings.seed),
            timeline: self.timeline.summarise(factual, &timeline),
            measured: record.measured.iter().map(|(n, v)| Measured { name: n.clone(), value: *v }).collect(),
            factual: tally::summarise(catalogue, &self.world(0)),
            answers: scenario.questions.iter().enumerate().map(|(k, q)| self.answer(k, q)).collect(),
            questions: self.questions(),
            attributions: self.attributions(),
            explanations: self.rivals.summarise(scenario),
            comparison: self.comparison()?,
            claims: self.claims()?,
            variants: self.variants.cloned(),
            stress: self.stress(&prospect.about),
            prior_prediction: prospect.world,
            tree: picture::draw(factual, catalogue, &self.centre.odds, &values, self.about, OPEN_NODES),
            warnings: Vec::new(),
            process: None,
            hinge: self.hinge(&timeline),
            actual_causes: self.actual_causes(),
            chain: scenario.chain.clone(),
        };
        analysis.warnings = warnings(&analysis, self);
        Ok(analysis)
    }

    /// The rival explanations set against each other.
    fn comparison(&self) -> Result<Option<Comparison>, Problem> {
        let rivals = comparison::Rivalry {
            scenario: self.inquiry.scenario(),
            accounts: &weighed(&self.rivals.accounts),
            odds: &self.rivals.odds,
            answered: self.answered,
        };
        rivals.summarise(self.about, self.effort)
    }

    /// The event at which the probability of the outcome moved most.
    fn hinge(&self, timeline: &[TimelineDraw]) -> Option<Hinge> {
        let recorded = self.timeline.recorded(self.inquiry.factual().model().game());
        let paths: Vec<&[f64]> = timeline.iter().map(TimelineDraw::about).collect();
        hinge(self.outcome_value(self.about), &recorded, &paths)
    }

    /// How much each answer and claim rests on each assumption, but for new fits.
    fn stress(&self, about_probabilities: &[f64]) -> Stress {
        let said: Vec<&DrawGathered> = self.gathered.iter().collect();
        let material = Material {
            scenario: self.inquiry.scenario(),
            prior: self.prior,
            gathered: &said,
            about: self.about,
            // Draws are spread evenly over the chains, if none is missing.
            chains: if self.unsolved == 0 { self.settings.chains } else { 1 },
            seed: self.settings.seed,
        };
        let predicting = Predicting {
            scenario: self.inquiry.scenario(),
            forecast: &TreeForecast { inquiry: self.inquiry, about: self.about },
            prior: self.prior,
            drawn: &self.rivals.base,
            probabilities: about_probabilities,
            of: self.outcome_value(self.about),
            points: self.settings.stress_points,
            seed: self.settings.seed,
            watch: self.watch,
        };
        Stress { global: predicting.run(), ..material.stress() }
    }

    fn case(&self) -> Case {
        let scenario = self.inquiry.scenario();
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

    fn outcome_value(&self, pair: (usize, usize)) -> OutcomeValue {
        subject(self.inquiry, pair)
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
            stress_points: s.stress_points,
            equilibria: s.equilibria,
        }
    }

    fn certified(&self) -> Certified {
        let mut all = Certified::default();
        for gathered in self.gathered {
            all.add(&gathered.certified);
        }
        all
    }

    fn play(&self, prospect: &Prospect) -> PlaySummary {
        let certified = self.certified();
        let evaluator = &self.centre.evaluator;
        let game = evaluator.model().game();
        let play: Vec<f64> = self.centre.odds.play.iter().map(|l| exp(*l)).collect();
        let at_centre = certify(game, evaluator.numbers(), evaluator.precisions(), &play);
        PlaySummary {
            method: "agent logit quantal response equilibrium on the principal branch".into(),
            converged: self.unsolved == 0 && self.rivals.failed().0 == 0,
            certified: certified.count,
            residual: certified.residual,
            belief_error: certified.belief_error,
            regret: at_centre.regret,
            points: self.play_points(game),
            off_branch: self.off_branch(prospect),
            others: self.others.clone(),
        }
    }

    /// Draws in which play is not on the principal branch.
    fn off_branch(&self, prospect: &Prospect) -> Option<OffBranch> {
        let inquiry = self.inquiry;
        let of_world = |world: WorldId| {
            let play = inquiry.worlds[world.0].play;
            let mut plays = vec![0];
            plays.extend(std::iter::successors(Some(play), |&p| inquiry.plays[p].kept));
            plays
        };
        let questions = inquiry.scenario().questions.iter().zip(&self.gathering.questions);
        let what_ifs = questions.map(|(q, &world)| (WorldName::WhatIf(q.name.clone()), of_world(world)));
        off_branch(OffBranchDraws {
            gathered: self.gathered.iter().collect(),
            asked: std::iter::once((WorldName::AsItWas, vec![0])).chain(what_ifs).collect(),
            about: self.about,
            parts: self.parts_off_branch(prospect),
        })
    }

    /// Parts of the analysis that have draws of their own, each with those that are not on the principal branch.
    fn parts_off_branch(&self, prospect: &Prospect) -> Vec<OffBranchPart> {
        let part = |part: String, draws: usize, of: usize| OffBranchPart { part, draws, of };
        let mut parts = vec![part("the prior prediction".into(), prospect.off_branch, prospect.about.len())];
        parts.extend(
            self.sweeps.iter().map(|s| part(format!("the sweep `{}`", s.name), s.off_branch, s.draws)),
        );
        let explanations = self.inquiry.scenario().explanations.iter().zip(self.answered);
        parts.extend(explanations.map(|(e, answered)| {
            part(format!("the explanation `{}`", e.name), answered.off_branch(), answered.draws.len())
        }));
        let variants = self.variants.iter().flat_map(|v| v.run.iter().map(|run| (run, v.answer_draws)));
        parts.extend(variants.map(|(v, of)| part(format!("the variant `{}`", v.name), v.off_branch, of)));
        parts
    }

    /// Play at the information sets that the record may pass.
    fn play_points(&self, game: &Game) -> Vec<PlayPoint> {
        let reach = reach(game, &self.centre.odds);
        let agreement = self.inquiry.factual().model().agreement();
        let mut sets: Vec<InfoSetId> = Vec::new();
        for node in agreement.into_iter().flat_map(crate::agreement::Agreement::nodes) {
            if let Kind::Decision(set) = game.kind(node)
                && !sets.contains(&set)
            {
                sets.push(set);
            }
        }
        // A record that leaves much open passes too many sets to be listed.
        sets.truncate(200);
        sets.into_iter().map(|set| self.play_point(game, &reach, set)).collect()
    }

    fn play_point(&self, game: &Game, reach: &[f64], set: InfoSetId) -> PlayPoint {
        let info_set = game.info_set(set);
        let first = game.members(set)[0];
        let actions = game.labels(first).map(|l| game.text(l).to_owned());
        let odds = self.centre.odds.at(game, first).iter().map(|l| exp(*l));
        PlayPoint {
            player: game.players()[info_set.player.index()].clone(),
            event: game.text(info_set.event).to_owned(),
            knows: game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned())).collect(),
            reach_probability: game.members(set).iter().map(|n| reach[n.index()]).sum(),
            actions: actions.zip(odds).collect(),
        }
    }

    fn sampling(&self) -> SamplingSummary {
        let scenario = self.inquiry.scenario();
        let log_marginal = (!scenario.record.is_empty()).then(|| self.rivals.base.log_marginal());
        sampling_summary(scenario, self.posterior, self.settings.method, log_marginal)
    }

    /// One world in every draw: the factual one, then the what-ifs.
    fn world(&self, index: usize) -> Vec<&WorldDraw> {
        self.gathered.iter().map(|g| &g.worlds[index]).collect()
    }

    fn answer(&self, question: usize, asked: &Question) -> Answer {
        let unchanged: Vec<f64> = self.gathered.iter().map(|g| g.unchanged[question + 1]).collect();
        let (world, factual) = (self.world(question + 1), self.world(0));
        tally::answer(&self.inquiry.catalogue, asked, self.about, &world, &factual, &unchanged)
    }

    /// What was to be expected, unless it was reckoned before.
    fn prospect(&self) -> Prospect {
        let (seed, draws) = (self.settings.seed, self.settings.evidence_draws);
        let name = format!("prospect of {:?} in {:?}, {draws}, {seed}", self.about, self.inquiry.catalogue);
        let tell = || {
            let prospect = prior_prediction(self.inquiry, &self.rivals.base, self.about, seed);
            if self.watch.cancelled() { Err(prospect) } else { Ok(prospect) }
        };
        remembered(self.memory, &name, tell).unwrap_or_else(|broken_off| broken_off)
    }

    fn questions(&self) -> Questions {
        let draws: Vec<_> = self.gathered.iter().map(|g| &g.queries).collect();
        let outlooks: Vec<_> = self.gathered.iter().map(|g| &g.outlook).collect();
        let prior: Vec<Vec<f64>> = self.rivals.base.prior().map(<[f64]>::to_vec).collect();
        let asked = query::Questions {
            inquiry: self.inquiry,
            asker: self.gathering.asker,
            draws: &draws,
            effective: self.posterior.effective(draws.len()),
            prior: &prior,
            seed: self.settings.seed,
            refit: self.refit,
        };
        Questions {
            queries: asked.answers(),
            sweeps: self.sweeps.clone(),
            predictions: asked.predictions(),
            outlooks: self
                .gathering
                .outlooks
                .as_ref()
                .map_or_else(Default::default, |o| o.summarise(self.inquiry, &outlooks)),
        }
    }

    fn attributions(&self) -> Vec<crate::analysis::Attribution> {
        let scenario = self.inquiry.scenario();
        if scenario.factors.is_empty() {
            return Vec::new();
        }
        let one = |(index, &of): (usize, &(usize, usize))| {
            let draws: Vec<_> = self.gathered.iter().map(|g| g.factors[index].1.clone()).collect();
            self.factors.summarise(scenario, self.outcome_value(of), &draws)
        };
        self.gathering.asked.iter().enumerate().map(one).collect()
    }

    fn actual_causes(&self) -> Option<crate::analysis::ActualCauses> {
        let draws: Vec<_> = self.gathered.iter().map(|g| &g.causes).collect();
        let (scene, scenario) = (self.inquiry.factual(), self.inquiry.scenario());
        causes::summarise(scene, scenario, self.outcome_value(self.about), &draws)
    }

    fn claims(&self) -> Result<Vec<ClaimSummary>, Problem> {
        let mut summaries = Vec::new();
        for (index, claim) in self.inquiry.scenario().claims.iter().enumerate() {
            let mut holds = Vec::with_capacity(self.gathered.len());
            for gathered in self.gathered {
                let held = gathered.claims[index].clone().map_err(|p| p.at(claim.place.clone()))?;
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
}

/// How well the posterior was sampled.
pub(crate) fn sampling_summary(
    scenario: &Scenario,
    posterior: &Posterior,
    asked: Method,
    log_marginal_likelihood: Option<Estimate>,
) -> SamplingSummary {
    let quality = posterior.quality();
    let replaced = posterior.replaced.map(|chains| ReplacedChains {
        parameter: scenario.parameters[chains.parameter].name.clone(),
        r_hat: chains.r_hat,
    });
    let method = if replaced.is_some() { Method::Tempering } else { asked };
    let words = if posterior.known { "no sampler: every number is known" } else { method.words() };
    SamplingSummary {
        method: words.into(),
        converged: quality.good(),
        max_r_hat: quality.max_r_hat,
        min_bulk_ess: quality.min_bulk_ess,
        min_tail_ess: quality.min_tail_ess,
        divergences: quality.divergences,
        cut_short: posterior.cut_short,
        ruled_out: posterior.ruled_out.clone(),
        known: posterior.known,
        replaced,
        draws: posterior.draws().count(),
        log_marginal_likelihood,
    }
}

/// Every uncertain quantity before and after the record.
pub(crate) fn parameter_summaries(
    scenario: &Scenario,
    prior: &JointPrior,
    posterior: &Posterior,
    seed: u64,
) -> Vec<ParameterSummary> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::MAX);
    let prior: Vec<Vec<f64>> = (0..PRIOR_DRAWS).map(|_| prior.sample(&mut rng).theta).collect();
    let summary = |parameter: &crate::scenario::Parameter| {
        let index = parameter.id.index();
        let before = distribution(&prior.iter().map(|d| d[index]).collect::<Vec<_>>());
        let after = distribution(&posterior.parameter(index).concat());
        let diagnostics = &posterior.diagnostics[index];
        ParameterSummary {
            name: parameter.name.clone(),
            unit: parameter.unit.clone(),
            prior: parameter.prior_text.clone(),
            evidence: parameter.evidence.clone(),
            judgement_only: parameter.judgement_only(),
            shrinkage: (before.sd > 0.0).then(|| after.sd / before.sd),
            before,
            after,
            r_hat: diagnostics.rhat,
            bulk_ess: diagnostics.ess_bulk,
            tail_ess: diagnostics.ess_tail,
        }
    };
    scenario.parameters.iter().map(summary).collect()
}

pub(crate) fn game_summary(game: &Game) -> GameSummary {
    let mut events: Vec<(EventId, EventSummary)> = Vec::new();
    for node in game.nodes().filter(|&n| game.child_count(n) > 0) {
        let id = game.event_id(node);
        let at = events.iter().position(|e| e.0 == id).unwrap_or_else(|| {
            events.push((id, event_summary(game, node)));
            events.len() - 1
        });
        for label in game.labels(node) {
            let text = game.text(label);
            if !events[at].1.actions.iter().any(|a| a == text) {
                events[at].1.actions.push(text.to_owned());
            }
        }
    }
    for (id, event) in &mut events {
        let of_event = |s: &InfoSetId| game.members(*s).iter().any(|n| game.event_id(*n) == *id);
        event.information_sets = game.info_set_ids().filter(of_event).count();
    }
    GameSummary {
        histories: game.history_count(),
        nodes: game.node_count(),
        information_sets: game.info_set_count(),
        actions: game.action_count(),
        events: events.into_iter().map(|e| e.1).collect(),
    }
}

fn event_summary(game: &Game, node: NodeId) -> EventSummary {
    let player = match game.kind(node) {
        Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
        Kind::Chance(_) | Kind::End(_) => None,
    };
    EventSummary {
        name: game.event_name(game.event_id(node)),
        player,
        actions: Vec::new(),
        information_sets: 0,
    }
}
