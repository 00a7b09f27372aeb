//! What the claims ask for, found by testing each against made-up answers.

use std::cell::{Cell, RefCell};

use counterplay_game::id::EventId;
use counterplay_game::tree::Game;

use crate::problem::{Problem, did_you_mean};
use crate::scenario::query::known_query;
use crate::scenario::{Claim, DrawAnswers, Scenario};
use crate::story::unfolded::Unfolded;

/// Each claim is tested so often, with other answers each time, so that both sides of an `and` are reached.
const ROUNDS: u32 = 24;

/// What is wrong with the claims, and with the outcome that the case is about.
pub(super) fn problems(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let known = OutcomeNames::new(unfolded);
    let mut problems = Vec::new();
    if let Some((outcome, value)) = &scenario.about {
        let what = |p: Problem| Problem { message: format!("`about`: {}", p.message), ..p };
        problems.extend(known.outcome(outcome, value).err().map(what));
    }
    for claim in &scenario.claims {
        let told = (0..ROUNDS).find_map(|round| {
            let answers = MadeUp::new(scenario, Some(&known), round);
            claim.test.holds(&answers).err()
        });
        problems.extend(told.map(|p| p.at(claim.place.clone())));
    }
    problems
}

/// The outcomes, each with a value, whose sharing among the factors the claims ask for: those of `a.share`,
/// `a.shapley`, `a.necessity` and `a.sufficiency`, in the order in which they are first asked for.
pub fn asked_outcomes(scenario: &Scenario) -> Vec<(String, String)> {
    let mut asked = Vec::new();
    for claim in &scenario.claims {
        for round in 0..ROUNDS {
            let answers = MadeUp::new(scenario, None, round);
            // A claim that cannot be tested was told by `check`.
            let _ = claim.test.holds(&answers);
            for pair in answers.asked.into_inner() {
                if !asked.contains(&pair) {
                    asked.push(pair);
                }
            }
        }
    }
    asked
}

/// Leaves what-ifs out of a scenario and its variants, with the queries, sweeps and claims that ask about them; gives the names of these.
pub fn leave_out(scenario: &mut Scenario, what_ifs: &[String]) -> Vec<String> {
    let asks = |under: Option<&String>| under.is_some_and(|name| what_ifs.contains(name));
    scenario.questions.retain(|question| !what_ifs.contains(&question.name));
    let mut gone = Vec::new();
    scenario.queries.retain(|query| {
        let asks = asks(query.asked.under.as_ref());
        gone.extend(asks.then(|| query.name.clone()));
        !asks
    });
    scenario.sweeps.retain(|sweep| {
        let asks = asks(sweep.asked.as_ref().and_then(|asked| asked.under.as_ref()));
        gone.extend(asks.then(|| sweep.name.clone()));
        !asks
    });
    let untestable = |claim: &Claim| {
        (0..ROUNDS).any(|round| claim.test.holds(&MadeUp::new(scenario, None, round)).is_err())
    };
    let claims: Vec<bool> = scenario.claims.iter().map(untestable).collect();
    let mut untestable = claims.iter();
    scenario.claims.retain(|claim| {
        let asks = untestable.next() == Some(&true);
        gone.extend(asks.then(|| claim.name.clone()));
        !asks
    });
    for variant in &mut scenario.variants {
        leave_out(&mut variant.scenario, what_ifs);
    }
    gone
}

/// The outcomes and measured quantities of a story.
pub(super) struct OutcomeNames {
    outcomes: Vec<(String, String)>,
    measures: Vec<String>,
}

impl OutcomeNames {
    pub(super) fn new(unfolded: &Unfolded) -> Self {
        let (mut outcomes, mut measures) = (Vec::new(), Vec::new());
        let endings = unfolded.states.iter().flat_map(|s| s.endings.iter().map(move |ending| (s, ending)));
        for (state, ending) in endings {
            let text = |id| state.game.text(id).to_owned();
            for &(name, value) in &ending.outcomes {
                let pair = (text(name), text(value));
                if !outcomes.contains(&pair) {
                    outcomes.push(pair);
                }
            }
            for &(name, _) in &ending.measures {
                if !measures.contains(&text(name)) {
                    measures.push(text(name));
                }
            }
        }
        Self { outcomes, measures }
    }

    pub(super) fn outcome(&self, outcome: &str, value: &str) -> Result<(), Problem> {
        if self.outcomes.iter().any(|(o, v)| o == outcome && v == value) {
            return Ok(());
        }
        let values: Vec<&str> =
            self.outcomes.iter().filter(|o| o.0 == outcome).map(|o| o.1.as_str()).collect();
        if values.is_empty() {
            let mut names: Vec<&str> = self.outcomes.iter().map(|o| o.0.as_str()).collect();
            names.dedup();
            names.sort_unstable();
            names.dedup();
            return Err(Problem::new(format!("the story states no outcome `{outcome}`"))
                .hint(did_you_mean(outcome, names.iter().copied())));
        }
        Err(Problem::new(format!("the outcome `{outcome}` is never `{value}`"))
            .hint(did_you_mean(value, values.iter().copied())))
    }

    pub(super) fn has_outcome(&self, name: &str) -> bool {
        self.outcomes.iter().any(|o| o.0 == name)
    }

    /// The names of everything that can be asked about.
    pub(super) fn names(&self, game: &Game) -> Vec<String> {
        let events = (0..game.events().len()).map(|e| game.event_name(EventId::new(e)));
        let all =
            self.outcomes.iter().map(|o| o.0.clone()).chain(self.measures.iter().cloned()).chain(events);
        let mut names: Vec<String> = Vec::new();
        all.for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
        names
    }

    pub(super) fn measure(&self, measure: &str) -> Result<(), Problem> {
        if self.measures.iter().any(|m| m == measure) {
            return Ok(());
        }
        Err(Problem::new(format!("the story measures no `{measure}`"))
            .hint(did_you_mean(measure, self.measures.iter().map(String::as_str))))
    }
}

/// Answers that are made up. What is asked of them is checked, if it is known what there is, and noted.
struct MadeUp<'a> {
    scenario: &'a Scenario,
    known: Option<&'a OutcomeNames>,
    asked: RefCell<Vec<(String, String)>>,
    /// The state of a small generator; the first rounds give the same answer always.
    state: Cell<u32>,
    fixed: Option<f64>,
}

impl<'a> MadeUp<'a> {
    fn new(scenario: &'a Scenario, known: Option<&'a OutcomeNames>, round: u32) -> Self {
        let fixed = [0.5, 0.0, 1.0].get(round as usize).copied();
        Self { scenario, known, asked: RefCell::default(), state: Cell::new(round + 1), fixed }
    }

    fn answer(&self) -> f64 {
        // Numerical Recipes' linear congruential generator, good enough to make comparisons fall either way.
        self.state.set(self.state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        self.fixed.unwrap_or_else(|| f64::from(self.state.get()) / f64::from(u32::MAX))
    }

    fn world(&self, under: Option<&str>) -> Result<(), Problem> {
        let questions = &self.scenario.questions;
        match under {
            Some(name) if !questions.iter().any(|q| q.name == name) => {
                Err(Problem::new(format!("there is no what-if `{name}`"))
                    .hint(did_you_mean(name, questions.iter().map(|q| q.name.as_str()))))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn factor(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let factors = &self.scenario.factors;
        if !factors.iter().any(|f| f.name == factor) {
            return Err(Problem::new(format!("there is no factor `{factor}`"))
                .hint(did_you_mean(factor, factors.iter().map(|f| f.name.as_str()))));
        }
        self.known.map_or(Ok(()), |known| known.outcome(outcome, value))?;
        self.asked.borrow_mut().push((outcome.to_owned(), value.to_owned()));
        Ok(self.answer())
    }
}

impl DrawAnswers for MadeUp<'_> {
    fn probability(&self, outcome: &str, value: &str, under: Option<&str>) -> Result<f64, Problem> {
        self.world(under)?;
        // An intervention may lead to a value that the story as it is never has.
        if under.is_none() {
            self.known.map_or(Ok(()), |known| known.outcome(outcome, value))?;
        }
        Ok(self.answer())
    }

    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem> {
        self.world(under)?;
        self.known.map_or(Ok(()), |known| known.measure(measure))?;
        Ok(self.answer())
    }

    fn query(&self, name: &str) -> Result<f64, Problem> {
        known_query(self.scenario, name)?;
        Ok(self.answer())
    }

    fn shapley(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        self.factor(factor, outcome, value)
    }

    fn share(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        self.factor(factor, outcome, value)
    }

    fn necessity(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        self.factor(factor, outcome, value)
    }

    fn sufficiency(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        self.factor(factor, outcome, value)
    }

    fn sufficiency_alone(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        self.factor(factor, outcome, value)
    }
}
