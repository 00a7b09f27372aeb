//! What a process answers to queries.
//!
//! All is exact in each draw: in the world as it was, and as of a moment, by the [`chain`](super::chain) of states; in a what-if's
//! world, and where measured quantities bear on the answer, by sums over pairs of states
//! ([`stage_sums`](crate::answer::stage_sums)). Where two worlds come out of step histories are replayed.

use counterplay_math::exp;

use super::chain::Chain;
use super::conditions::{Conditions, conditions, moment, sound, told};
use super::cuts::{CutDraw, Cuts};
use super::lead_in::LeadIn;
use super::summed_query::StageAsk;
use super::world_query::WorldQuery;
use crate::answer::query::{AsOfDraw, Drawn, MomentDraw, QueryDraw, WeightedAnswer};
use crate::answer::replays::Replays;
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::scenario::query::Query;
use crate::story::unfolded::Unfolded;
use crate::world::inquiry::{Inquiry, WorldId};

/// All queries, made ready.
pub(crate) struct StageQueries {
    queries: Vec<PreparedStageQuery>,
    pub(crate) moments: Vec<StageMoment>,
}

enum PreparedStageQuery {
    AsOf,
    Exact(Box<Exact>),
    Summed(Box<WorldQuery>),
}

/// A query of the world as it was, answered exactly.
struct Exact {
    asked: Conditions,
    chain: Chain,
    lead_in: LeadIn,
}

/// A query as of a moment.
pub(crate) struct StageMoment {
    /// Which query of the scenario it is.
    pub(crate) query: usize,
    /// How many items of the record are known.
    pub(crate) known: usize,
    asked: Conditions,
    chain: Chain,
    /// For each cut of the record that is wanted.
    lead_ins: Vec<(usize, LeadIn)>,
}

impl StageQueries {
    /// Makes the queries of a scenario ready.
    ///
    /// # Errors
    /// If one asks for what a process does not answer.
    pub(crate) fn new(inquiry: &Inquiry<'_>, cuts: &Cuts) -> Result<Self, Problem> {
        let mut asker = Self { queries: Vec::new(), moments: Vec::new() };
        for (index, query) in inquiry.scenario().queries.iter().enumerate() {
            let prepared = asker.prepared(inquiry, cuts, index, query);
            asker.queries.push(prepared.map_err(|p| told("query", &query.name, p).at(query.place.clone()))?);
        }
        Ok(asker)
    }

    fn prepared(
        &mut self,
        inquiry: &Inquiry<'_>,
        cuts: &Cuts,
        index: usize,
        query: &Query,
    ) -> Result<PreparedStageQuery, Problem> {
        let (unfolded, horizon) = (inquiry.factual().model().unfolded(), inquiry.horizon());
        let (scenario, catalogue) = (inquiry.scenario(), &inquiry.catalogue);
        sound(&query.asked, scenario, unfolded, catalogue)?;
        moment(query, unfolded, catalogue)?;
        let (asked, monitor) = conditions(&query.asked, unfolded, catalogue)?;
        if let Some(event) = &query.as_of {
            let known = cuts.items.known_before(unfolded, event)?;
            let mut chain = Chain::new(monitor, horizon)?;
            let has_path = asked.targets.len() == 1;
            let wanted = (0..cuts.histories.len()).filter(|k| has_path || *k == known);
            let lead_in = |k: usize| Ok((k, LeadIn::new(&cuts.histories[k], &mut chain)?));
            let lead_ins = wanted.map(lead_in).collect::<Result<_, Problem>>()?;
            self.moments.push(StageMoment { query: index, known, asked, chain, lead_ins });
            return Ok(PreparedStageQuery::AsOf);
        }
        if query.asked.under.is_none() && !asked.needs_replays(&monitor) {
            let mut chain = Chain::new(monitor, horizon)?;
            let whole = cuts.histories.last().expect("a record is cut at its end too");
            let lead_in = LeadIn::new(whole, &mut chain)?;
            return Ok(PreparedStageQuery::Exact(Box::new(Exact { asked, chain, lead_in })));
        }
        let position = |name: &String| scenario.questions.iter().position(|q| q.name == *name);
        let world = query.asked.under.as_ref().and_then(position).map_or(0, |k| k + 1);
        Ok(PreparedStageQuery::Summed(Box::new(WorldQuery { asked, monitor, world })))
    }

    /// Whether anything depends on the cuts of the record.
    pub(crate) fn needs_cuts(&self) -> bool {
        !self.moments.is_empty() || self.queries.iter().any(|q| matches!(q, PreparedStageQuery::Exact(_)))
    }

    /// The queries that are summed over pairs of states, where `worlds` are the world as it was and those of the what-ifs.
    pub(crate) fn asks(&self, worlds: &[WorldId]) -> Vec<StageAsk<'_>> {
        let summed = self.queries.iter().filter_map(|prepared| match prepared {
            PreparedStageQuery::Summed(query) => Some(query),
            PreparedStageQuery::AsOf | PreparedStageQuery::Exact(_) => None,
        });
        summed.map(|query| StageAsk { query, world: worlds[query.world], compared: true }).collect()
    }

    /// Whether a query is answered by the chain of states alone.
    pub(crate) fn is_exact(&self, query: usize) -> bool {
        matches!(self.queries[query], PreparedStageQuery::Exact(_))
    }

    /// What one draw says to each query, where `worlds` are the world as it was and those of the what-ifs.
    pub(crate) fn draw(
        &self,
        unfolded: &Unfolded,
        odds: &[LogOdds],
        cuts: &[CutDraw],
        replays: &Replays,
        worlds: &[WorldId],
    ) -> QueryDraw {
        let mut summed = replays.stage_answers.iter();
        let mut said = |prepared: &PreparedStageQuery| match prepared {
            PreparedStageQuery::AsOf => None,
            PreparedStageQuery::Exact(exact) => cuts.last().map(|whole| exact.draw(unfolded, odds, whole)),
            PreparedStageQuery::Summed(compared) => {
                let of = |world: usize| replays.world(worlds[world]);
                let known = summed.next().cloned().flatten();
                Some(known.unwrap_or_else(|| compared.draw(of(compared.world), of(0))))
            }
        };
        QueryDraw {
            said: self.queries.iter().map(&mut said).collect(),
            as_of: self.foretell(unfolded, odds, cuts),
        }
    }

    /// What one draw foretells as of each moment.
    pub(crate) fn foretell(&self, unfolded: &Unfolded, odds: &[LogOdds], cuts: &[CutDraw]) -> AsOfDraw {
        if self.moments.is_empty() {
            return AsOfDraw::default();
        }
        let known: Vec<f64> = cuts.iter().map(|cut| exp(cut.log_likelihood)).collect();
        AsOfDraw {
            log_likelihood: cuts.last().map_or(0.0, |cut| cut.log_likelihood),
            known,
            moments: self.moments.iter().map(|m| m.draw(unfolded, odds, cuts)).collect(),
        }
    }
}

impl Exact {
    fn draw(&self, unfolded: &Unfolded, odds: &[LogOdds], whole: &CutDraw) -> Drawn {
        let values = self.asked.values(unfolded, odds, &self.chain);
        let found = self.lead_in.tell(&whole.weights, &self.chain, &values);
        let given = found[0];
        let said = |of: &f64| WeightedAnswer { value: of / given, weight: given, noise: 0.0 };
        Drawn {
            condition: WeightedAnswer { value: given, weight: 1.0, noise: 0.0 },
            here: found[1..].iter().map(said).collect(),
            ..Drawn::default()
        }
    }
}

impl StageMoment {
    /// Whether the prediction can be followed item by item.
    pub(crate) fn has_path(&self) -> bool {
        self.asked.targets.len() == 1
    }

    fn draw(&self, unfolded: &Unfolded, odds: &[LogOdds], cuts: &[CutDraw]) -> MomentDraw {
        let values = self.asked.values(unfolded, odds, &self.chain);
        let mut drawn = MomentDraw::default();
        for (known, lead_in) in &self.lead_ins {
            let found = lead_in.tell(&cuts[*known].weights, &self.chain, &values);
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
