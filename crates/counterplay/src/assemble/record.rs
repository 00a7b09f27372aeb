//! Putting together everything that was found.

use crate::answer::causes;
use crate::answer::claims::{claim_by_construction, settled};
use crate::answer::gather::DrawGathered;
use crate::answer::prior_prediction::{Foreseen, Prospect, histories};
use crate::answer::queries;
use crate::answer::replays::Certified;
use crate::answer::stages::StagesDraw;
use crate::answer::stages::items::Item;
use crate::answer::tally;
use crate::answer::tally::WorldDraw;
use crate::answer::timeline::TimelineDraw;
use crate::answer::turning_point::{PathStep, turning_point};
use crate::assemble::parameters::parameter_summaries;
use crate::assemble::results::Results;
use crate::assemble::results::subject;
use crate::assemble::stages;
use crate::assemble::stages::AtCentre;
use crate::assemble::tree_diagram;
use crate::assemble::warnings::warnings;
use crate::memory::remembered;
use crate::model::consistent::ConsistentHistories;
use crate::model::play::{Certificate, Play};
use crate::model::points;
use crate::posterior::Posterior;
use crate::posterior::evidence;
use crate::problem::Problem;
use crate::robustness::comparison;
use crate::robustness::equilibria::{OffBranchDraws, off_branch};
use crate::robustness::explanations::weighed;
use crate::robustness::sensitivity::{Material, Predicting};
use crate::scenario::{Question, Scenario};
use crate::settings::Method;
use crate::story::unfolded::Unfolded;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::WorldId;
use counterplay_analysis::interval::{estimate, interval};
use counterplay_analysis::{
    Analysis, Answer, Case, ClaimSummary, Comparison, Estimate, EventSummary, GameSummary, Interval,
    MeasuredValue, OffBranch, OffBranchPart, OutcomeValue, PlayPoint, PlaySummary, Questions, ReplacedChains,
    RunSettings, SCHEMA_VERSION, SamplingSummary, Stress, TurningPoint, WorldName,
};
use counterplay_analysis::{ClaimedProbability, ProcessSummary, TimelineStep, TreeNode};
use counterplay_game::id::{EventId, InfoSetId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_inference::key::Key;
use counterplay_math::{exp, hypot};

/// Histories of a story with stages that are told at the posterior mean.
const CENTRE_HISTORIES: u64 = 2_000;

/// Nodes of the drawn tree that are opened besides those on the record.
const OPEN_NODES: usize = 120;

impl Results<'_> {
    /// The analysis.
    ///
    /// # Errors
    /// If a claim's test failed.
    pub(crate) fn analysis(&self) -> Result<Analysis, Problem> {
        let catalogue = &self.inquiry.catalogue;
        let scenario = self.inquiry.scenario();
        let factual = self.inquiry.factual();
        let record = &scenario.record;
        let timeline: Vec<_> = self.gathered.iter().filter_map(|g| g.timeline.clone()).collect();
        let prospect = self.prospect();
        let at_centre = self.at_centre();
        let mut analysis = Analysis {
            schema_version: SCHEMA_VERSION,
            counterplay_version: env!("CARGO_PKG_VERSION").to_owned(),
            case: self.case(),
            settings: self.run_settings(),
            game: game_summary(factual.model().unfolded()),
            play: self.play(&prospect),
            sampling: self.sampling(),
            parameters: parameter_summaries(scenario, self.prior, self.posterior, self.settings.seed),
            timeline: match self.timeline {
                Some(steps) => steps.summarise(factual, &timeline),
                None => self.items(),
            },
            timeline_start: self.timeline_start(&timeline),
            measured: record
                .measured
                .iter()
                .map(|(n, v)| MeasuredValue { name: n.clone(), value: *v })
                .collect(),
            factual: tally::summarise(catalogue, &self.world(0)),
            answers: scenario.questions.iter().enumerate().map(|(k, q)| self.answer(k, q)).collect(),
            questions: self.questions(),
            attributions: self.attributions(),
            explanations: self.explained.summarise(scenario),
            comparison: self.comparison()?,
            claims: self.claims()?,
            variants: self.variants.cloned(),
            stress: self.stress(&prospect.about),
            prior_prediction: prospect.world,
            tree: self.tree(at_centre.as_ref()),
            warnings: Vec::new(),
            process: at_centre.as_ref().map(|at_centre| self.stages(at_centre)),
            turning_point: self.turning_point(&timeline),
            actual_causes: self.actual_causes(),
            chain: scenario.chain.clone(),
        };
        analysis.warnings = warnings(&analysis, self);
        Ok(analysis)
    }

    /// The rival explanations set against each other.
    fn comparison(&self) -> Result<Option<Comparison>, Problem> {
        let compared = comparison::ExplanationTable {
            scenario: self.inquiry.scenario(),
            explanations: &weighed(&self.explained.explanations),
            odds: &self.explained.odds,
            answered: self.answered,
        };
        compared.summarise(self.about, self.effort)
    }

    /// What is foreseen of the outcome that the case is about.
    fn foreseen(&self) -> Foreseen<'_> {
        Foreseen { inquiry: self.inquiry, queries: self.gathering.queries, about: self.about }
    }

    /// The upper part of the tree of a story that ends; of one with stages, the beginning alone.
    fn tree(&self, at_centre: Option<&AtCentre>) -> TreeNode {
        let (factual, catalogue) = (self.inquiry.factual(), &self.inquiry.catalogue);
        match at_centre {
            None => {
                let (odds, values) = (&self.centre.odds[0], self.centre.evaluator.node_values());
                tree_diagram::draw(factual, catalogue, odds, &values, self.about, OPEN_NODES)
            }
            Some(at_centre) => {
                let about = at_centre.expected.probability(self.about);
                stages::beginning(factual.model().unfolded(), at_centre, about)
            }
        }
    }

    /// What comes of a story with stages at the posterior mean; `None` of one that ends.
    fn at_centre(&self) -> Option<AtCentre> {
        let found = self.centre.play.stationary()?.clone();
        let key = Key::new(self.settings.seed).with(Key::of_text("prospect"));
        let values = self.centre.evaluator.all_values();
        let (histories, expected) = histories(self.inquiry, &self.centre.odds, values, key, CENTRE_HISTORIES);
        let unfolded = self.inquiry.factual().model().unfolded();
        let visits = stages::visits(unfolded, &histories);
        Some(AtCentre { found, odds: self.centre.odds.clone(), visits, expected })
    }

    /// A story with stages, stage by stage and state by state.
    fn stages(&self, at_centre: &AtCentre) -> ProcessSummary {
        let unfolded = self.inquiry.factual().model().unfolded();
        let questions = &self.inquiry.scenario().questions;
        let truths = self.gathering.queries.stages().map_or(&[][..], |s| &s.truths);
        let values: Vec<&[f64]> = self.gathered.iter().map(|g| g.state_values.as_slice()).collect();
        let series = (0..=questions.len()).map(|world| {
            let what_if = world.checked_sub(1).map(|q| questions[q].name.clone());
            let drawn = self.gathered.iter().filter_map(|g| g.stages.as_ref()?.series.get(world));
            stages::series(what_if, &self.inquiry.catalogue, truths, &drawn.collect::<Vec<_>>())
        });
        ProcessSummary {
            stages: unfolded.stages.clone(),
            state_count: unfolded.states.len(),
            horizon: self.inquiry.horizon(),
            bellman_residual: self.certified_at_centre().and_then(|c| c.bellman),
            series: series.collect(),
            states: stages::states(unfolded, at_centre, &values),
        }
    }

    /// What the record of a story with stages tells, item by item: how foreseen each item was, and the probability of the outcome once
    /// it was known.
    fn items(&self) -> Vec<TimelineStep> {
        let followed: Vec<&StagesDraw> = self.gathered.iter().filter_map(|g| g.stages.as_ref()).collect();
        let step = |(index, item): (usize, &Item)| {
            let foreseen: Vec<f64> =
                followed.iter().map(|d| exp(d.known[index + 1] - d.known[index])).collect();
            let mean = foreseen.iter().sum::<f64>() / foreseen.len().max(1) as f64;
            TimelineStep {
                event: item.name.name.clone(),
                occurrence: item.name.occurrence as usize,
                player: item.player.clone(),
                action: item.action.clone(),
                recorded: true,
                given_record: vec![(item.action.clone(), 1.0)],
                foreseen: if item.measured { Vec::new() } else { vec![(item.action.clone(), mean)] },
                about_probability: interval(&followed.iter().map(|d| d.path[index + 1]).collect::<Vec<_>>()),
            }
        };
        let recorded = self.gathering.queries.stages().filter(|_| !followed.is_empty());
        recorded.map_or_else(Vec::new, |s| s.cuts.items.recorded.iter().enumerate().map(step).collect())
    }

    /// The probability of the outcome before the first step, with the numbers as the record leaves them.
    fn timeline_start(&self, timeline: &[TimelineDraw]) -> Option<Interval> {
        let before: Vec<f64> = match self.timeline {
            Some(_) => timeline.iter().map(|draw| draw.about()[0]).collect(),
            None => self.gathered.iter().filter_map(|g| g.stages.as_ref()?.path.first().copied()).collect(),
        };
        (!before.is_empty()).then(|| interval(&before))
    }

    /// The event at which the probability of the outcome moved most.
    fn turning_point(&self, timeline: &[TimelineDraw]) -> Option<TurningPoint> {
        let of = self.outcome_value(self.about);
        if let Some(steps) = self.timeline {
            let recorded = steps.recorded(self.inquiry.factual().model().game());
            let paths: Vec<&[f64]> = timeline.iter().map(TimelineDraw::about).collect();
            return turning_point(of, &recorded, &paths);
        }
        let step = |item: &Item| PathStep {
            event: item.name.name.clone(),
            occurrence: item.name.occurrence as usize,
            player: item.player.clone(),
            action: item.action.clone(),
        };
        let recorded: Vec<PathStep> =
            self.gathering.queries.stages()?.cuts.items.recorded.iter().map(step).collect();
        let followed = self.gathered.iter().filter_map(|g| g.stages.as_ref());
        turning_point(of, &recorded, &followed.map(|d| d.path.as_slice()).collect::<Vec<_>>())
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
            foreseen: self.foreseen(),
            prior: self.prior,
            drawn: &self.explained.base,
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

    fn outcome_value(&self, pair: OutcomeIndex) -> OutcomeValue {
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
            replays: s.replays,
            evidence_draws: s.evidence_draws,
            stress_points: s.stress_points,
            equilibria: s.equilibria,
        }
    }

    pub(super) fn certified(&self) -> Certified {
        let mut all = Certified::default();
        for gathered in self.gathered {
            all.add(&gathered.certified);
        }
        all
    }

    /// What the referee says of play at the posterior mean.
    fn certified_at_centre(&self) -> Option<Certificate> {
        self.centre.evaluator.certify(&self.centre.play)
    }

    fn play(&self, prospect: &Prospect) -> PlaySummary {
        let certified = self.certified();
        let method = match self.centre.play {
            Play::Tree(_) => "agent logit quantal response equilibrium on the principal branch",
            Play::Stationary(_) => "stationary Markov logit equilibrium, on the branch from uniform play",
        };
        PlaySummary {
            method: method.into(),
            converged: self.unsolved == 0 && self.explained.failed().0 == 0,
            certified: certified.count,
            residual: certified.residual,
            belief_error: certified.belief_error,
            regret: self.certified_at_centre().map(|c| c.regret),
            points: if self.inquiry.has_stages() { Vec::new() } else { self.play_points() },
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
    fn play_points(&self) -> Vec<PlayPoint> {
        let game = self.inquiry.factual().model().game();
        let consistent = self.inquiry.factual().model().consistent();
        let mut sets: Vec<InfoSetId> = Vec::new();
        for (_, node) in consistent.into_iter().flat_map(ConsistentHistories::nodes) {
            if let Kind::Decision(set) = game.kind(node)
                && !sets.contains(&set)
            {
                sets.push(set);
            }
        }
        // A record that leaves much open passes too many sets to be listed.
        sets.truncate(200);
        points::play_at(game, &self.centre.odds[0], sets)
    }

    fn sampling(&self) -> SamplingSummary {
        let scenario = self.inquiry.scenario();
        let log_marginal =
            (!scenario.record.is_empty()).then(|| evidence::written(self.explained.base.log_marginal()));
        sampling_summary(scenario, self.posterior, self.settings.method, log_marginal)
    }

    /// One world in every draw: the factual one, then the what-ifs.
    fn world(&self, index: usize) -> Vec<&WorldDraw> {
        self.gathered.iter().map(|g| &g.worlds[index]).collect()
    }

    fn answer(&self, question: usize, asked: &Question) -> Answer {
        let compared: Vec<_> = self.gathered.iter().map(|g| g.compared[question + 1]).collect();
        let (world, factual) = (self.world(question + 1), self.world(0));
        let answer = tally::answer(&self.inquiry.catalogue, asked, self.about, &world, &factual, &compared);
        let all = self.draws_of_all_beliefs().map(|d| &d.worlds[question + 1]);
        Answer { by_construction: settled(all, self.about), ..answer }
    }

    /// The draws of the posterior and of the prior; none where there is nothing to vary, or the prior was not looked at.
    fn draws_of_all_beliefs(&self) -> impl Iterator<Item = &DrawGathered> {
        let before = self.before_the_record.filter(|_| !self.posterior.known);
        before.into_iter().flat_map(|before| self.gathered.iter().chain(&before.draws))
    }

    /// What was to be expected, unless it was computed before.
    fn prospect(&self) -> Prospect {
        let (seed, draws) = (self.settings.seed, self.settings.evidence_draws);
        let name = format!("prospect of {:?} in {:?}, {draws}, {seed}", self.about, self.inquiry.catalogue);
        let tell = || {
            let prospect = self.foreseen().prior_prediction(&self.explained.base, seed);
            if self.watch.cancelled() { Err(prospect) } else { Ok(prospect) }
        };
        remembered(self.memory, &name, tell).unwrap_or_else(|broken_off| broken_off)
    }

    fn questions(&self) -> Questions {
        let draws: Vec<_> = self.gathered.iter().map(|g| &g.queries).collect();
        let expectations: Vec<_> = self.gathered.iter().map(|g| &g.expectations).collect();
        let prior: Vec<Vec<f64>> = self.explained.base.prior().map(<[f64]>::to_vec).collect();
        let asked = queries::Questions {
            inquiry: self.inquiry,
            queries: self.gathering.queries,
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
            expectations: self
                .gathering
                .expectations
                .as_ref()
                .map_or_else(Default::default, |o| o.summarise(self.inquiry, &expectations)),
        }
    }

    fn attributions(&self) -> Vec<counterplay_analysis::Attribution> {
        let scenario = self.inquiry.scenario();
        if scenario.factors.is_empty() {
            return Vec::new();
        }
        let one = |(index, &of): (usize, &OutcomeIndex)| {
            let draws: Vec<_> = self.gathered.iter().map(|g| g.factors[index].1.clone()).collect();
            self.factors.summarise(scenario, self.outcome_value(of), &draws)
        };
        self.gathering.asked.iter().enumerate().map(one).collect()
    }

    fn actual_causes(&self) -> Option<counterplay_analysis::ActualCauses> {
        let draws: Vec<_> = self.gathered.iter().map(|g| &g.causes).collect();
        let (scene, scenario) = (self.inquiry.factual(), self.inquiry.scenario());
        causes::summarise(scene, scenario, self.outcome_value(self.about), &draws)
    }

    /// The probability that a claim is about, if its test asks for that alone in every draw.
    fn about_probability(&self, claim: usize) -> Option<ClaimedProbability> {
        let asked: Option<Vec<_>> = self.gathered.iter().map(|g| g.claims[claim].about()).collect();
        let asked = asked?;
        let words = &asked.first()?.words;
        let values: Vec<f64> = asked.iter().map(|a| a.value).collect();
        let alike = asked.iter().all(|a| a.words == *words);
        alike.then(|| ClaimedProbability { words: words.clone(), value: interval(&values) })
    }

    fn claims(&self) -> Result<Vec<ClaimSummary>, Problem> {
        let mut summaries = Vec::new();
        let before = self.before_the_record;
        for (index, claim) in self.inquiry.scenario().claims.iter().enumerate() {
            let mut holds = Vec::with_capacity(self.gathered.len());
            for gathered in self.gathered {
                let held = gathered.claims[index].holds.clone().map_err(|p| p.at(claim.place.clone()))?;
                holds.push(f64::from(u8::from(held)));
            }
            let probability = estimate(&holds);
            let prior_probability =
                before.map(|answers| answers.holds(index)).transpose()?.map(|h| estimate(&h));
            let all = self.draws_of_all_beliefs().map(|d| &d.claims[index]);
            summaries.push(ClaimSummary {
                name: claim.name.clone(),
                by_construction: claim_by_construction(claim.test.as_ref(), all),
                test: claim.text.clone(),
                about: self.about_probability(index),
                rests_on_priors: !self.posterior.known
                    && prior_probability.is_some_and(|before| unmoved(before, probability)),
                probability,
                prior_probability,
            });
        }
        Ok(summaries)
    }
}

/// Whether a probability is after the record what it was before, as far as draws can tell.
fn unmoved(before: Estimate, after: Estimate) -> bool {
    (after.value - before.value).abs() <= 2.0 * hypot(before.error, after.error).max(UNMOVED)
}

/// Half a change of a claim's probability that counts as none: what few draws cannot tell apart.
const UNMOVED: f64 = 0.01;

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

/// The sizes of the games of all states together, and their events.
fn game_summary(unfolded: &Unfolded) -> GameSummary {
    let mut all = GameSummary { histories: 0, nodes: 0, information_sets: 0, actions: 0, events: Vec::new() };
    for state in &unfolded.states {
        let own = state_summary(&state.game);
        all.histories += own.histories;
        all.nodes += own.nodes;
        all.information_sets += own.information_sets;
        all.actions += own.actions;
        for event in own.events {
            match all.events.iter_mut().find(|e| e.name == event.name) {
                None => all.events.push(event),
                Some(known) => {
                    known.information_sets += event.information_sets;
                    let new = event.actions.into_iter().filter(|a| !known.actions.contains(a));
                    known.actions.extend(new.collect::<Vec<_>>());
                }
            }
        }
    }
    all
}

fn state_summary(game: &Game) -> GameSummary {
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
