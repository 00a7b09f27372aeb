//! A scenario while its declarations are being read.

use counterplay_game::expression::{ExprId, Expressions, ParameterId};

use crate::host::analyses::Analyses;
use crate::host::direct_evidence::DirectDraft;
use crate::host::settings::Settings;
use crate::text::source::Sources;
use counterplay::problem::{Place, Problem, Problems, did_you_mean};
use counterplay::scenario::query::{Query, Sweep};
use counterplay::scenario::record_sources::RecordSources;
use counterplay::scenario::{Explanation, Factor, Foresight, Parameter, Question, Record};
use counterplay_analysis::{Evidence, Source};
use counterplay_inference::prior::{JointPrior, Prior};

/// After this many problems reading stops.
const MAX_PROBLEMS: usize = 20;

const NO_HEADER: &str = "`scenario(...)` must come before this";

/// What `scenario(...)` says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) title: String,
    pub(crate) players: Vec<String>,
    pub(crate) question: String,
    pub(crate) period: String,
    pub(crate) about: Option<(String, String)>,
}

/// A claim whose test is kept in the module that declared it.
#[derive(Clone, Debug)]
pub(crate) struct ClaimDraft {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) file: String,
    pub(crate) slot: String,
    pub(crate) place: Option<Place>,
}

/// A stage whose function is kept in the module that declared it.
#[derive(Clone, Debug)]
pub(crate) struct StageDraft {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) slot: String,
    pub(crate) place: Option<Place>,
}

/// A variant before it is read.
#[derive(Clone, Debug)]
pub(crate) struct VariantDraft {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) place: Option<Place>,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) sources: Sources,
    /// The bibliography, if there is one.
    pub(crate) bibliography: Option<Vec<Source>>,
    pub(crate) cited: Vec<Source>,
    pub(crate) header: Option<Header>,
    /// Whether `scenario(...)` is called with something wrong; what follows from that is not told as well.
    pub(crate) header_wrong: bool,
    pub(crate) expressions: Expressions,
    joint: JointPrior,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) priors: Vec<Prior>,
    /// The precision of each player, where it is declared.
    pub(crate) precisions: Vec<Option<ExprId>>,
    pub(crate) record: Option<Record>,
    pub(crate) record_sources: RecordSources,
    pub(crate) questions: Vec<Question>,
    pub(crate) queries: Vec<Query>,
    pub(crate) sweeps: Vec<Sweep>,
    pub(crate) factors: Vec<Factor>,
    /// Who foresees the absence and the presence of factors.
    pub(crate) factor_foresight: Foresight,
    pub(crate) explanations: Vec<Explanation>,
    pub(crate) claims: Vec<ClaimDraft>,
    pub(crate) evidence: Vec<DirectDraft>,
    pub(crate) variants: Vec<VariantDraft>,
    pub(crate) stages: Vec<StageDraft>,
    pub(crate) horizon: Option<usize>,
    /// Other analyses, and what was taken from them.
    pub(crate) analyses: Analyses,
    problems: Vec<Problem>,
}

/// What a parameter is declared with.
pub(crate) struct ParameterDraft {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) prior: Prior,
    pub(crate) prior_text: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) reuse: String,
    pub(crate) place: Option<Place>,
}

impl Draft {
    /// Keeps a problem, or gives it back if there are too many to go on.
    pub(crate) fn keep(&mut self, problem: Problem) -> Result<(), Problem> {
        if self.header_wrong && problem.message == NO_HEADER {
            return Ok(());
        }
        if self.problems.len() + 1 >= MAX_PROBLEMS {
            return Err(problem);
        }
        self.problems.push(problem);
        Ok(())
    }

    /// All problems found.
    pub(crate) fn problems(&mut self) -> Option<Problems> {
        Problems::new(std::mem::take(&mut self.problems))
    }

    /// The players, who are declared before all that names them.
    pub(crate) fn players(&self) -> Result<&[String], Problem> {
        match &self.header {
            Some(header) => Ok(&header.players),
            None => Err(Problem::new(NO_HEADER)
                .hint("begin the file with `scenario(\"title\", players = [\"A\", \"B\"])`")),
        }
    }

    /// Declares a parameter, or as many as its prior has shares; gives them as expressions.
    pub(crate) fn add_parameter(&mut self, draft: ParameterDraft) -> Result<Vec<ExprId>, Problem> {
        let ParameterDraft { name, unit, prior, prior_text, evidence, reuse, place } = draft;
        if name.is_empty() {
            return Err(Problem::new("a parameter needs a name that readers understand"));
        }
        let block = self.priors.len();
        let several = matches!(prior, Prior::Dirichlet(_));
        let ids = self.joint.add(&self.expressions, &prior).map_err(|e| Problem::new(e.to_string()))?;
        for (index, &id) in ids.iter().enumerate() {
            self.parameters.push(Parameter {
                name: if several { format!("{name}[{}]", index + 1) } else { name.clone() },
                unit: unit.clone(),
                id,
                block,
                prior_text: prior_text.clone(),
                evidence: evidence.clone(),
                reuse: reuse.clone(),
                place: place.clone(),
            });
        }
        self.priors.push(prior);
        self.check_new_name(&name, block)?;
        Ok(ids.into_iter().map(|id| self.expressions.parameter(id)).collect())
    }

    /// A parameter in the place of one that is wrong, so that reading can go on.
    pub(crate) fn stand_in(&mut self, place: Option<Place>) -> Vec<ExprId> {
        let (name, prior) = (format!(" {}", self.priors.len()), Prior::Categorical(vec![(0.0, 1.0)]));
        let (unit, prior_text, reuse) = (String::new(), String::new(), String::new());
        let evidence = Vec::new();
        self.add_parameter(ParameterDraft { name, unit, prior, prior_text, evidence, reuse, place })
            .unwrap_or_default()
    }

    /// A name must be new among the blocks before `block`.
    fn check_new_name(&self, name: &str, block: usize) -> Result<(), Problem> {
        let same = |p: &&Parameter| p.name == name || p.name == format!("{name}[1]");
        match self.parameters.iter().filter(|p| p.block < block).find(same) {
            Some(_) => Err(Problem::new(format!("there is already a parameter `{name}`"))
                .hint("readers know a parameter by its name, so each needs its own")),
            None => Ok(()),
        }
    }

    /// The parameter that an expression is, for interventions and explanations.
    pub(crate) fn parameter(&self, id: ExprId) -> Option<ParameterId> {
        self.expressions.as_parameter(id)
    }

    /// Whether the priors are sound when some are replaced.
    pub(crate) fn check_priors(&self, replaced: &[(usize, Prior)]) -> Result<(), Problem> {
        let mut joint = JointPrior::new();
        for (block, prior) in self.priors.iter().enumerate() {
            let new = replaced.iter().rfind(|r| r.0 == block).map(|r| &r.1);
            joint.add(&self.expressions, new.unwrap_or(prior)).map_err(|e| Problem::new(e.to_string()))?;
        }
        Ok(())
    }

    /// The bibliography entry of that key, noted as cited.
    pub(crate) fn cite(&mut self, key: &str) -> Result<(), Problem> {
        let Some(bibliography) = &self.bibliography else {
            return Err(Problem::new(format!("`{key}` is cited, but there is no file `sources.bib`"))
                .hint("put `sources.bib` beside the scenario, with an entry for each source"));
        };
        let Some(source) = bibliography.iter().find(|s| s.key == key) else {
            return Err(Problem::new(format!("`sources.bib` has no entry `{key}`"))
                .hint(did_you_mean(key, bibliography.iter().map(|s| s.key.as_str()))));
        };
        if !self.cited.contains(source) {
            self.cited.push(source.clone());
        }
        Ok(())
    }
}

/// Declares something whose name must be new among `others`.
pub(crate) fn check_name<'a>(
    name: &str,
    what: &str,
    mut others: impl Iterator<Item = &'a str>,
) -> Result<(), Problem> {
    if name.is_empty() {
        return Err(Problem::new(format!("a {what} needs a name")));
    }
    if others.any(|other| other == name) {
        return Err(Problem::new(format!("there is already a {what} `{name}`"))
            .hint(format!("each {what} needs a name of its own")));
    }
    Ok(())
}
