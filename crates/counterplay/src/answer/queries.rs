//! Queries, however the story goes: of one that ends all histories are enumerated, of one with stages a chain of states is followed.

use counterplay_game::id::{EventId, NodeId};
use counterplay_inference::key::Key;
use rayon::prelude::*;

use crate::answer::classes::Distinctions;
use crate::answer::query::{
    AsOfDraw, Drawn, Foretelling, Moment, PosteriorSample, QueryDraw, RecordItem, Refit, TreeQueries, Worth,
    answer, value_labels,
};
use crate::answer::replays::Replays;
use crate::answer::stages::conditions;
use crate::answer::stages::items::Item;
use crate::answer::stages::summed_query::StageAsk;
use crate::answer::stages::{Stages, StagesDraw};
use crate::model::odds::LogOdds;
use crate::model::play::MODEL_SETTINGS;
use crate::model::{Evaluator, Model};
use crate::problem::Problem;
use crate::scenario::query::{Quantity, Query};
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_analysis::{Prediction, QueryAnswer};

/// All queries of a scenario, made ready.
pub(crate) enum Queries {
    /// Of a story that ends.
    Tree(Box<TreeQueries>),
    /// Of one with stages.
    Stages(Box<Stages>),
}

impl Queries {
    /// Enters the worlds that the queries need.
    ///
    /// # Errors
    /// If a changed story is wrong.
    pub(crate) fn enter(inquiry: &mut Inquiry<'_>) -> Result<Vec<Option<Worth>>, Problem> {
        if inquiry.has_stages() { Ok(Vec::new()) } else { TreeQueries::enter(inquiry) }
    }

    /// Makes the queries ready; `worths` are those that were [entered](Self::enter), `questions` the worlds of the what-ifs, and `history`
    /// gives one that is consistent with the record, as far as that goes.
    ///
    /// # Errors
    /// If a query asks for what there is not, or for a moment that never came.
    pub(crate) fn new(
        inquiry: &Inquiry<'_>,
        worths: Vec<Option<Worth>>,
        questions: &[WorldId],
        history: impl FnOnce() -> Vec<(usize, NodeId)>,
    ) -> Result<Self, Problem> {
        if inquiry.has_stages() {
            Ok(Self::Stages(Stages::new(inquiry, &history())?.into()))
        } else {
            Ok(Self::Tree(TreeQueries::new(inquiry, worths, questions)?.into()))
        }
    }

    /// The same, of a story with stages following the probability of what the case is about as well.
    ///
    /// # Errors
    /// If too much would have to be remembered.
    pub(crate) fn following(self, inquiry: &Inquiry<'_>, about: OutcomeIndex) -> Result<Self, Problem> {
        match self {
            Self::Tree(_) => Ok(self),
            Self::Stages(stages) => Ok(Self::Stages(stages.following(inquiry, about)?.into())),
        }
    }

    /// What tells histories as they were apart, where these outcomes are asked about.
    pub(crate) fn distinctions(&self, inquiry: &Inquiry<'_>, outcomes: &[OutcomeIndex]) -> Distinctions {
        let gates = match self {
            Self::Tree(asker) => asker.gates.clone(),
            Self::Stages(_) => Vec::new(),
        };
        Distinctions { outcomes: outcomes.to_vec(), gates, measured: !inquiry.record.measured.is_empty() }
    }

    /// The queries of a story with stages that are summed over pairs of states, where `worlds` are the world as it was and those of the
    /// what-ifs.
    pub(crate) fn asks(&self, worlds: &[WorldId]) -> Vec<StageAsk<'_>> {
        self.stages().map_or_else(Vec::new, |stages| stages.asker.asks(worlds))
    }

    /// What is asked of a story with stages.
    pub(crate) fn stages(&self) -> Option<&Stages> {
        match self {
            Self::Tree(_) => None,
            Self::Stages(stages) => Some(stages),
        }
    }

    /// What one draw says to each query, and if that is to be followed, of each stage in some worlds: the factual one, and then those
    /// of the what-ifs.
    pub(crate) fn draw(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        worlds: &[WorldId],
        key: Key,
        parameters: &[f64],
        follow: bool,
    ) -> (QueryDraw, Option<StagesDraw>) {
        match self {
            Self::Tree(asker) => (asker.draw(inquiry, replays, key), None),
            Self::Stages(stages) => stages.draw(inquiry, replays, worlds, parameters, follow),
        }
    }

    /// What play foretells as of each moment at a point of the parameters.
    fn foretell(
        &self,
        inquiry: &Inquiry<'_>,
        evaluator: &Evaluator,
        odds: &[LogOdds],
        point: &[f64],
        key: Key,
    ) -> AsOfDraw {
        match self {
            Self::Tree(asker) => asker.as_of.draw(inquiry, &odds[0], evaluator.values(), key),
            Self::Stages(stages) => stages.foretell(evaluator.model().unfolded(), odds, point),
        }
    }

    /// The factual model with the record cut after its first items.
    ///
    /// # Errors
    /// If no history is consistent with them.
    pub(crate) fn cut(&self, inquiry: &Inquiry<'_>, known: usize) -> Result<Model, Problem> {
        let model = inquiry.factual().model().clone();
        match self {
            Self::Tree(asker) => {
                let record = asker.as_of.cut(model.game(), &inquiry.scenario().record, known);
                model.agreeing_with(&record)
            }
            Self::Stages(stages) => Ok(model.consistent_with(stages.cuts.histories[known].clone())),
        }
    }

    /// How a query is answered, in words.
    fn method(&self, index: usize, query: &Query, replayed: bool) -> &'static str {
        let under = query.asked.under.is_some();
        match self {
            Self::Stages(_) if replayed => "replayed, luck by luck",
            Self::Stages(stages) if stages.asker.is_exact(index) || !under => "exact, stage by stage",
            Self::Stages(_) => "summed over pairs of states, with the luck of what happened",
            Self::Tree(_) if under => "summed over all histories, with the luck of what happened",
            Self::Tree(_) => "enumerated",
        }
    }

    /// A name for each value of a query.
    fn labels(&self, inquiry: &Inquiry<'_>, quantity: &Quantity) -> Vec<String> {
        match self {
            Self::Tree(_) => value_labels(inquiry, quantity),
            Self::Stages(_) => {
                let unfolded = inquiry.factual().model().unfolded();
                conditions::value_labels(quantity, unfolded, &inquiry.catalogue)
            }
        }
    }

    /// The queries as of a moment.
    fn moments(&self, inquiry: &Inquiry<'_>) -> Vec<Moment> {
        let moment = |query: usize, known: usize, has_path: bool| {
            let labels = self.labels(inquiry, &inquiry.scenario().queries[query].asked.quantity);
            Moment { query, known, has_path, labels }
        };
        match self {
            Self::Tree(asker) => {
                asker.as_of.moments.iter().map(|m| moment(m.query, m.known, m.has_path())).collect()
            }
            Self::Stages(stages) => {
                stages.asker.moments.iter().map(|m| moment(m.query, m.known, m.has_path())).collect()
            }
        }
    }

    /// The items of the record in the order in which they came about.
    fn recorded(&self, inquiry: &Inquiry<'_>) -> Vec<RecordItem> {
        match self {
            Self::Tree(asker) => {
                let game = inquiry.factual().model().game();
                let one = |(event, action): &(EventId, String)| RecordItem {
                    name: game.event_name(*event),
                    action: action.clone(),
                    measured: false,
                };
                asker.as_of.recorded.iter().map(one).collect()
            }
            Self::Stages(stages) => {
                let one = |item: &Item| RecordItem {
                    name: item.name.to_string(),
                    action: item.action.clone(),
                    measured: item.measured,
                };
                stages.cuts.items.recorded.iter().map(one).collect()
            }
        }
    }
}

/// What the answers to queries are put together from.
pub(crate) struct Questions<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) queries: &'a Queries,
    pub(crate) draws: &'a [&'a QueryDraw],
    /// How many independent draws they stand for.
    pub(crate) effective: f64,
    /// Draws from the prior.
    pub(crate) prior: &'a [Vec<f64>],
    pub(crate) seed: u64,
    /// Samples the posterior for a record that is cut after this many items.
    pub(crate) refit: &'a Refit<'a>,
}

impl Questions<'_> {
    /// The answers to the queries that are not as of a moment.
    pub(crate) fn answers(&self) -> Vec<QueryAnswer> {
        let queries = &self.inquiry.scenario().queries;
        let one = |(index, query): (usize, &Query)| {
            let drawn: Vec<&Drawn> = self.draws.iter().filter_map(|d| d.said[index].as_ref()).collect();
            let labels = self.queries.labels(self.inquiry, &query.asked.quantity);
            let method = self.queries.method(index, query, drawn.iter().any(|d| d.replayed));
            query.as_of.is_none().then(|| answer(query, labels, method, &drawn))
        };
        queries.iter().enumerate().filter_map(one).collect()
    }

    /// The predictions as of a moment.
    pub(crate) fn predictions(&self) -> Vec<Prediction> {
        let moments = self.queries.moments(self.inquiry);
        if moments.is_empty() {
            return Vec::new();
        }
        Foretelling {
            scenario: self.inquiry.scenario(),
            recorded: self.queries.recorded(self.inquiry),
            moments,
            prior: self.foretold(self.prior, 0),
            posterior: self.draws.iter().map(|d| &d.as_of).collect(),
            effective: self.effective,
            resampled: &|known| {
                let PosteriorSample { draws, effective, mixed } = (self.refit)(known)?;
                Some(PosteriorSample { draws: self.foretold(&draws, 1 + known as u64), effective, mixed })
            },
        }
        .predictions()
    }

    /// What play foretells at points of the parameters; points at which it cannot be solved are left out.
    fn foretold(&self, points: &[Vec<f64>], stream: u64) -> Vec<AsOfDraw> {
        let evaluator = self.inquiry.factual().model().evaluator(MODEL_SETTINGS);
        let one = |evaluator: &mut Evaluator, (index, point): (usize, &Vec<f64>)| {
            let key = Key::new(self.seed).with(Key::of_text("as of")).with(stream).with(index as u64);
            let found = evaluator.solve(point).ok()?;
            let odds = evaluator.odds(&found);
            Some(self.queries.foretell(self.inquiry, evaluator, &odds, point, key))
        };
        let told: Vec<Option<AsOfDraw>> =
            points.par_iter().enumerate().map_init(|| evaluator.clone(), one).collect();
        told.into_iter().flatten().collect()
    }
}
