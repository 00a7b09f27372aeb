//! What a scenario says: its parameters, its story, its record, and what is asked of it.

use crate::story::telling::StageStory;
pub mod builder;
pub mod contradiction;
pub mod plan;
pub mod query;
pub mod record_sources;
pub mod unfold;

use crate::problem::{Place, Problem};
use crate::scenario::query::{Query, Sweep};
use crate::scenario::record_sources::RecordSources;
use crate::story::change::{Arithmetic, Change};
use crate::story::telling::Story;
use crate::story::terms::EventName;
use counterplay_analysis::{Chain, Evidence, Source};
use counterplay_game::expression::{ExprId, Expressions, ParameterId};
use counterplay_inference::prior::{JointPrior, Prior, PriorError};
use std::collections::BTreeMap;

/// A scenario as it was read.
pub struct Scenario {
    /// A short name for files.
    pub name: String,
    /// The title.
    pub title: String,
    /// The question that the case asks; may be empty.
    pub question: String,
    /// The period that it covers; may be empty.
    pub period: String,
    /// The names of the players.
    pub players: Vec<String>,
    /// The outcome and its value that the case is about; `None` leaves the choice to the analysis.
    pub about: Option<(String, String)>,
    /// The quantities of all declarations.
    pub expressions: Expressions,
    /// The uncertain quantities. Precisions are among them.
    pub parameters: Vec<Parameter>,
    /// For each block of parameters, in the order of declaration, its prior. Every block but a Dirichlet's holds
    /// one parameter.
    pub priors: Vec<Prior>,
    /// The precision of each player, in the order of the players.
    pub precisions: Vec<ExprId>,
    /// What is known to have happened.
    pub record: Record,
    /// Where that is known from.
    pub record_sources: RecordSources,
    /// The what-ifs.
    pub questions: Vec<Question>,
    /// The queries.
    pub queries: Vec<Query>,
    /// The sweeps over values of a parameter.
    pub sweeps: Vec<Sweep>,
    /// The factors.
    pub factors: Vec<Factor>,
    /// Who foresees the absence and the presence of factors.
    pub factor_foresight: Foresight,
    /// The rival explanations.
    pub explanations: Vec<Explanation>,
    /// Evidence given for the explanations directly.
    pub evidence: Vec<DirectEvidence>,
    /// The claims.
    pub claims: Vec<Claim>,
    /// The same scenario told with other settings.
    pub variants: Vec<Variant>,
    /// The bibliography entries that are cited.
    pub sources: Vec<Source>,
    /// The text of the scenario.
    pub text: String,
    /// What it was read from: its own files, and other analyses.
    pub chain: Chain,
    /// The story.
    pub story: Box<dyn Story>,
    /// The stages that it can hand over to; none where the story ends.
    pub stages: Vec<StageDeclaration>,
    /// For how many stages the process is followed in what is told of it. Play looks ahead without end.
    pub horizon: usize,
}

/// For how many stages a process is followed where the scenario does not say.
pub const DEFAULT_HORIZON: usize = 20;

impl Scenario {
    /// A scenario of that title, with these players and this story, in which nothing is uncertain, nothing happened, and
    /// nothing is asked. `expressions` are those that the story speaks of; all players have the same known precision.
    pub fn of_story(
        title: &str,
        players: &[&str],
        mut expressions: Expressions,
        precision: f64,
        story: impl Story + 'static,
    ) -> Self {
        let precision = expressions.constant(precision);
        Self {
            name: title.to_lowercase().replace(' ', "-"),
            title: title.to_owned(),
            question: String::new(),
            period: String::new(),
            players: players.iter().map(|&p| p.to_owned()).collect(),
            about: None,
            expressions,
            parameters: Vec::new(),
            priors: Vec::new(),
            precisions: vec![precision; players.len()],
            record: Record::default(),
            record_sources: RecordSources::default(),
            questions: Vec::new(),
            queries: Vec::new(),
            sweeps: Vec::new(),
            factors: Vec::new(),
            factor_foresight: Foresight::ByKind,
            explanations: Vec::new(),
            evidence: Vec::new(),
            claims: Vec::new(),
            variants: Vec::new(),
            sources: Vec::new(),
            text: String::new(),
            chain: Chain::default(),
            story: Box::new(story),
            stages: Vec::new(),
            horizon: DEFAULT_HORIZON,
        }
    }

    /// The joint prior of all parameters, with some blocks of [`priors`](Self::priors) replaced.
    ///
    /// # Errors
    /// If a prior is out of its range.
    pub fn joint_prior(&self, replaced: &[(usize, Prior)]) -> Result<JointPrior, PriorError> {
        self.joint_prior_from(JointPrior::new(), replaced)
    }

    /// The joint prior with the distribution of one coordinate moved up by this much.
    ///
    /// # Errors
    /// If a prior is out of its range.
    pub fn joint_prior_moved(&self, coordinate: usize, by: f64) -> Result<JointPrior, PriorError> {
        self.joint_prior_from(JointPrior::moving(coordinate, by), &[])
    }

    /// The first parameter of each block of [`priors`](Self::priors).
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Parameter> {
        let mut last = None;
        self.parameters.iter().filter(move |p| last.replace(p.block) != Some(p.block))
    }

    fn joint_prior_from(
        &self,
        mut joint: JointPrior,
        replaced: &[(usize, Prior)],
    ) -> Result<JointPrior, PriorError> {
        for (block, prior) in self.priors.iter().enumerate() {
            let other = replaced.iter().find(|r| r.0 == block).map(|r| &r.1);
            joint.add(&self.expressions, other.unwrap_or(prior))?;
        }
        Ok(joint)
    }
}

/// An uncertain quantity.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, as readers see it.
    pub name: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Its position among the parameter values.
    pub id: ParameterId,
    /// The block of [`Scenario::priors`] that it belongs to.
    pub block: usize,
    /// Its prior as the scenario writes it.
    pub prior_text: String,
    /// The evidence for its prior.
    pub evidence: Vec<Evidence>,
    /// Why a source stands behind it that is used elsewhere too; empty where nothing is said.
    pub reuse: String,
    /// Where it is declared.
    pub place: Option<Place>,
}

impl Parameter {
    /// Whether nothing but judgement supports the prior.
    pub fn judgement_only(&self) -> bool {
        self.evidence.iter().all(|e| matches!(e, Evidence::Judgement { .. }))
    }
}

/// What is known to have happened.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Events with the action or label that they turned out as.
    pub events: Vec<(EventName, String)>,
    /// Measured quantities with their values.
    pub measured: BTreeMap<String, f64>,
    /// Where it is declared.
    pub place: Option<Place>,
}

impl Record {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.measured.is_empty()
    }
}

/// One thing made different.
#[derive(Clone, Debug)]
pub struct Intervention {
    /// What it does.
    pub act: Act,
    /// It as the scenario writes it.
    pub text: String,
}

/// Interventions as the scenario writes them: a call that makes several stands there once.
pub(crate) fn as_written(interventions: &[Intervention]) -> Vec<String> {
    let mut texts: Vec<String> = interventions.iter().map(|i| i.text.clone()).collect();
    texts.dedup();
    texts
}

/// What an intervention does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A change to the story.
    Change(Change),
    /// A parameter takes the value of an expression (over the parameters as they were).
    Set(ParameterId, ExprId),
    /// A parameter grows by the value of an expression.
    Shift(ParameterId, ExprId),
    /// A parameter is multiplied by the value of an expression.
    Scale(ParameterId, ExprId),
}

impl Act {
    /// Whether players foresee it unless the scenario says otherwise: they foresee changes of what is so, and
    /// who knows it, but are surprised by a move that is forced.
    pub fn foreseen_by_default(&self) -> bool {
        match self {
            Act::Change(change) => !change.decides_an_event(),
            Act::Set(..) | Act::Shift(..) | Act::Scale(..) => true,
        }
    }

    /// Whether it can come as a surprise: the players then keep the rules that they had, which must still say
    /// what to do.
    pub fn can_surprise(&self) -> bool {
        match self {
            Act::Change(change) => change.can_surprise(),
            Act::Set(..) | Act::Shift(..) | Act::Scale(..) => true,
        }
    }

    /// It as a change that can hold under a condition.
    pub fn into_change(self) -> Change {
        let (parameter, how, amount) = match self {
            Act::Change(change) => return change,
            Act::Set(parameter, amount) => (parameter, Arithmetic::Set, amount),
            Act::Shift(parameter, amount) => (parameter, Arithmetic::Shift, amount),
            Act::Scale(parameter, amount) => (parameter, Arithmetic::Scale, amount),
        };
        Change::Parameter { parameter, how, amount }
    }
}

/// Who foresees what a question changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Foresight {
    /// Each intervention goes by its kind; see [`Act::foreseen_by_default`].
    #[default]
    ByKind,
    /// All players.
    All,
    /// No player.
    Nobody,
    /// These players, some but not all: they respond to the others as these will in fact be, and the others keep the
    /// rules that they had.
    Only(Vec<String>),
}

impl Foresight {
    /// Whether all players foresee all of these interventions.
    pub fn by_all(&self, interventions: &[Intervention]) -> bool {
        match self {
            Foresight::ByKind => interventions.iter().all(|i| i.act.foreseen_by_default()),
            Foresight::All => true,
            Foresight::Nobody | Foresight::Only(_) => false,
        }
    }

    /// The players who foresee the changes, where some do and others do not.
    pub fn only(&self) -> &[String] {
        match self {
            Foresight::Only(names) => names,
            Foresight::ByKind | Foresight::All | Foresight::Nobody => &[],
        }
    }
}

/// What is done with luck in a what-if.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Luck {
    /// The luck of what happened is kept.
    #[default]
    Held,
    /// It is kept up to the first event that the intervention touches, that event included, and drawn again after it.
    RedrawnAfter,
    /// It is drawn again from the beginning.
    Redrawn,
}

impl Luck {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Luck::Held => "held",
            Luck::RedrawnAfter => "redrawn_after",
            Luck::Redrawn => "redrawn",
        }
    }
}

/// A what-if.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// What is made different, in order.
    pub interventions: Vec<Intervention>,
    /// Who foresees it.
    pub foresight: Foresight,
    /// What is done with luck.
    pub luck: Luck,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// Something that may carry a part of the outcome.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// The interventions by which it is absent.
    pub absent: Vec<Intervention>,
    /// The interventions by which it is present; none if the factual world has it.
    pub present: Vec<Intervention>,
    /// The group that it belongs to, if it belongs to one.
    pub group: Option<String>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// A rival account of what happened.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its name.
    pub name: String,
    /// For each block of priors that it changes, the new prior.
    pub priors: Vec<(usize, Prior)>,
    /// Interventions that hold under it.
    pub interventions: Vec<Intervention>,
    /// Its prior weight, relative to the others.
    pub weight: f64,
    /// Its changes as the scenario writes them.
    pub texts: Vec<String>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// An item of evidence whose likelihood under each explanation is stated, not computed.
#[derive(Clone, Debug)]
pub struct DirectEvidence {
    /// What it is, in words.
    pub name: String,
    /// How likely it is under each explanation, in the order of the explanations; only their ratios count.
    pub likelihoods: Vec<f64>,
    /// Where it is from, and why it is so likely.
    pub sources: Vec<Evidence>,
    /// Why a source stands behind it that is used elsewhere too; empty where nothing is said.
    pub reuse: String,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// A scenario told with other settings.
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its settings as the scenario writes them.
    pub texts: Vec<String>,
    /// What the scenario says with these settings; it has no variants of its own.
    pub scenario: Scenario,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// A claim, with the test that one draw of the answers passes or fails.
pub struct Claim {
    /// The claim in words.
    pub name: String,
    /// Its test as the scenario writes it.
    pub text: String,
    /// The test.
    pub test: Box<dyn ClaimTest>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// A test of the answers that one posterior draw gives.
pub trait ClaimTest: Send + Sync {
    /// Whether the claim holds for these answers.
    ///
    /// # Errors
    /// If the test asks for something that is not there, or gives no truth value.
    fn holds(&self, answers: &dyn DrawAnswers) -> Result<bool, Problem>;
}

/// The answers that one posterior draw gives.
pub trait DrawAnswers {
    /// The probability that `outcome` has `value`, under the named what-if or as it was.
    ///
    /// # Errors
    /// If there is no such what-if or outcome.
    fn probability(&self, outcome: &str, value: &str, under: Option<&str>) -> Result<f64, Problem>;

    /// The mean of a measured quantity, under the named what-if or as it was.
    ///
    /// # Errors
    /// If there is no such what-if or quantity.
    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem>;

    /// The value of the query of that name in this draw; the gain of the player that it names, where it asks for the
    /// value of information, commitment or control. Not a number where what is given never happens in the draw.
    ///
    /// # Errors
    /// If there is no such query, it asks for a distribution, or it is as of a moment.
    fn query(&self, name: &str) -> Result<f64, Problem>;

    /// A factor's Shapley value for an outcome having a value, in probability.
    ///
    /// # Errors
    /// If there is no such factor or outcome.
    fn shapley(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem>;

    /// A factor's Shapley value as a share of the sum of all, or 0 where the factors together change nothing.
    ///
    /// # Errors
    /// If there is no such factor or outcome.
    fn share(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem>;

    /// A factor's probability of necessity.
    ///
    /// # Errors
    /// If there is no such factor or outcome.
    fn necessity(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem>;

    /// A factor's probability of sufficiency.
    ///
    /// # Errors
    /// If there is no such factor or outcome.
    fn sufficiency(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem>;

    /// The same with the other factors left as they come, and not made present.
    ///
    /// # Errors
    /// If there is no such factor or outcome.
    fn sufficiency_alone(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem>;
}

/// A stage: a story that is told in a state.
pub struct StageDeclaration {
    /// Its name.
    pub name: String,
    /// Its story.
    pub story: Box<dyn StageStory>,
    /// Where it is declared.
    pub place: Option<Place>,
}
