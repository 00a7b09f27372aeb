//! Telling a scenario from Rust: declarations first, then a story as a closure.
//!
//! ```
//! use counterplay::builder::{beta, force, lognormal, rest, share};
//! use counterplay::{Scenario, Settings};
//!
//! let mut s = Scenario::builder("A border crisis", ["Challenger", "Defender"]);
//! let resolve = s.parameter("resolve", beta(2.0, 2.0)).judgement("it mobilised once").quantity();
//! let cost = s.parameter("cost of war", share(0.1, 0.7)).quantity();
//! s.precision("precision", lognormal(1.5, 0.3));
//! s.story(move |g| {
//!     let kind = g.chance("resolve", [("resolved", &resolve), ("bluffing", &rest())], &["Challenger"])?;
//!     if g.choose("Challenger", "threat", ["threaten", "stay"])? == "stay" {
//!         return g.end([("Defender", 1.0)], [("prize", "Defender")]);
//!     }
//!     if g.choose("Defender", "answer", ["resist", "yield"])? == "yield" {
//!         return g.end([("Challenger", 1.0)], [("prize", "Challenger")]);
//!     }
//!     let hurt = if kind == "resolved" { 0.5 * &cost } else { cost.clone() };
//!     g.end([("Challenger", 0.5 - hurt), ("Defender", 0.5 - &cost)], [("prize", "fought over")])
//! });
//! s.record([("threat", "threaten"), ("answer", "yield")]);
//! s.what_if("the Defender resists", [force("answer", "resist")]);
//! let scenario = s.build()?;
//! let settings = Settings { warmup: 100, draws: 100, answer_draws: 50, evidence_draws: 50, ..Settings::default() };
//! let analysis = scenario.analyse(&settings)?;
//! assert_eq!(analysis.answers[0].name, "the Defender resists");
//! # Ok::<(), counterplay::Error>(())
//! ```

mod quantity;
mod teller;

use counterplay_game::expression::{Expressions, ParameterId};
use counterplay_inference::distribution::Concrete;
use counterplay_inference::prior::Prior;
use counterplay_math::{ln, normal_quantile};

pub use self::quantity::{Quantity, exp, logistic, rest};
pub use self::teller::Teller;
use crate::error::Error;
use crate::problem::{Problem, Problems};
use crate::scenario::{
    Act, Foresight, Intervention, Luck, Parameter, Question, Record, Scenario, StageDeclaration,
};
use crate::story::change::Change;
use crate::story::state::StateValue;
use crate::story::telling::Telling;
use crate::story::terms::EventName;
use counterplay_analysis::Evidence;

/// What is believed of a parameter, with its words.
#[derive(Clone, Debug)]
pub struct Belief {
    distribution: Concrete,
    words: String,
}

fn belief(distribution: Concrete, name: &str, arguments: &[f64]) -> Belief {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    Belief { distribution, words: format!("{name}({})", arguments.join(", ")) }
}

/// A beta distribution, of a probability or a share.
pub fn beta(alpha: f64, beta: f64) -> Belief {
    belief(Concrete::Beta { alpha, beta }, "beta", &[alpha, beta])
}

/// A normal distribution.
pub fn normal(mean: f64, sd: f64) -> Belief {
    belief(Concrete::Normal { mean, sd }, "normal", &[mean, sd])
}

/// A quantity whose logarithm is normal.
pub fn lognormal(mu: f64, sigma: f64) -> Belief {
    belief(Concrete::Lognormal { mu, sigma }, "lognormal", &[mu, sigma])
}

/// A gamma distribution.
pub fn gamma(shape: f64, rate: f64) -> Belief {
    belief(Concrete::Gamma { shape, rate }, "gamma", &[shape, rate])
}

/// An even distribution.
pub fn uniform(low: f64, high: f64) -> Belief {
    belief(Concrete::Uniform { low, high }, "uniform", &[low, high])
}

/// A number that is known.
pub fn point(value: f64) -> Belief {
    belief(Concrete::Point(value), "point", &[value])
}

/// A share between 0 and 1 whose central 90% lie between two numbers: its log odds are normal.
pub fn share(low: f64, high: f64) -> Belief {
    let odds = |p: f64| ln(p / (1.0 - p));
    let mu = f64::midpoint(odds(low), odds(high));
    let sigma = (odds(high) - odds(low)) / (2.0 * normal_quantile(0.95));
    belief(Concrete::LogitNormal { mu, sigma }, "share", &[low, high])
}

/// An event turns out so, whoever decides: `force("answer", "resist")`, or of the second occurrence `force("offer #2", "high")`.
pub fn force(event: &str, action: &str) -> Intervention {
    let change = Change::Force { event: EventName::parse(event), action: action.to_owned() };
    Intervention { act: Act::Change(change), text: format!("do({{\"{event}\": \"{action}\"}})") }
}

/// An action or a label of chance is taken away.
pub fn forbid(event: &str, action: &str) -> Intervention {
    let change = Change::Forbid { event: EventName::parse(event), action: action.to_owned() };
    Intervention { act: Act::Change(change), text: format!("forbid(\"{event}\", \"{action}\")") }
}

/// A scenario that is being told; see the [module](self).
pub struct Builder {
    scenario: Scenario,
    /// The precision of all players, once it is declared.
    precision: bool,
    story: bool,
    problems: Vec<Problem>,
}

/// A parameter that has been declared, to be given evidence.
pub struct DeclaredParameter<'a> {
    parameter: &'a mut Parameter,
}

impl DeclaredParameter<'_> {
    /// Plain judgement supports the prior, for this reason.
    #[must_use]
    pub fn judgement(self, why: &str) -> Self {
        self.parameter.evidence.push(Evidence::Judgement { why: why.to_owned() });
        self
    }

    /// The unit of the parameter.
    #[must_use]
    pub fn unit(self, unit: &str) -> Self {
        unit.clone_into(&mut self.parameter.unit);
        self
    }

    /// The parameter as a quantity, for the story.
    pub fn quantity(self) -> Quantity {
        Quantity::parameter(self.parameter.id)
    }
}

impl Scenario {
    /// A scenario to be told, of that title and with these players.
    pub fn builder<'a>(title: &str, players: impl IntoIterator<Item = &'a str>) -> Builder {
        let players: Vec<&str> = players.into_iter().collect();
        let nothing = |_: &mut Telling<'_>| Err(Problem::new("no story was told"));
        let scenario = Scenario::of_story(title, &players, Expressions::default(), 0.0, nothing);
        Builder { scenario, precision: false, story: false, problems: Vec::new() }
    }
}

impl Builder {
    /// What the case is about: the outcome and its value. If it is not said, the likeliest value of the first outcome.
    pub fn about(&mut self, outcome: &str, value: &str) {
        self.scenario.about = Some((outcome.to_owned(), value.to_owned()));
    }

    /// An uncertain quantity, with what is believed of it before the record is looked at.
    pub fn parameter(&mut self, name: &str, believed: Belief) -> DeclaredParameter<'_> {
        let Belief { distribution, words } = believed;
        if let Err(error) = distribution.check() {
            self.problems.push(Problem::new(format!("the prior of `{name}`: {error}")));
        }
        if self.scenario.parameters.iter().any(|p| p.name == name) {
            self.problems.push(Problem::new(format!("`{name}` is declared twice")));
        }
        let expressions = &mut self.scenario.expressions;
        let prior = Prior::Single(distribution.map(|x| expressions.constant(x)));
        let id = ParameterId::new(self.scenario.parameters.len());
        let block = self.scenario.priors.len();
        self.scenario.priors.push(prior);
        self.scenario.parameters.push(Parameter {
            name: name.to_owned(),
            unit: String::new(),
            id,
            block,
            prior_text: words,
            evidence: Vec::new(),
            reuse: String::new(),
            place: None,
        });
        DeclaredParameter { parameter: &mut self.scenario.parameters[block] }
    }

    /// The precision of all players: how much larger the log odds of an action become with each unit of its payoff.
    pub fn precision(&mut self, name: &str, believed: Belief) -> DeclaredParameter<'_> {
        let id = ParameterId::new(self.scenario.parameters.len());
        let precision = self.scenario.expressions.parameter(id);
        self.scenario.precisions.fill(precision);
        self.precision = true;
        self.parameter(name, believed)
    }

    /// The story: told once along every history, it must be a function of how its events turn out.
    pub fn story(&mut self, story: impl Fn(&mut Teller<'_, '_>) -> Result<(), Problem> + Sync + 'static) {
        self.scenario.story = Box::new(move |g: &mut Telling<'_>| story(&mut Teller::new(g)));
        self.story = true;
    }

    /// A stage of a process: a story that is told in a state, and may end or hand over to a stage with [`Teller::next`]. The
    /// [story](Self::story) is the beginning.
    pub fn stage(
        &mut self,
        name: &str,
        story: impl Fn(&mut Teller<'_, '_>, &StateValue) -> Result<(), Problem> + Sync + 'static,
    ) {
        if self.scenario.stages.iter().any(|s| s.name == name) {
            self.problems.push(Problem::new(format!("the stage `{name}` is declared twice")));
        }
        let story = move |g: &mut Telling<'_>, state: &StateValue| story(&mut Teller::new(g), state);
        self.scenario.stages.push(StageDeclaration {
            name: name.to_owned(),
            story: Box::new(story),
            place: None,
        });
    }

    /// For how many stages a process is followed in what is reported of it. Play looks ahead without end.
    pub fn horizon(&mut self, stages: usize) {
        self.scenario.horizon = stages;
    }

    /// How events turned out in what happened.
    pub fn record<'a>(&mut self, events: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let events = events.into_iter().map(|(event, action)| (EventName::parse(event), action.to_owned()));
        let measured = std::mem::take(&mut self.scenario.record.measured);
        self.scenario.record = Record { events: events.collect(), measured, place: None };
    }

    /// What a measured quantity was in what happened.
    pub fn measured(&mut self, name: &str, value: f64) {
        self.scenario.record.measured.insert(name.to_owned(), value);
    }

    /// A what-if: what would have followed with these interventions.
    pub fn what_if(&mut self, name: &str, interventions: impl IntoIterator<Item = Intervention>) {
        self.scenario.questions.push(Question {
            name: name.to_owned(),
            interventions: interventions.into_iter().collect(),
            foresight: Foresight::default(),
            luck: Luck::default(),
            place: None,
        });
    }

    /// The scenario.
    ///
    /// # Errors
    /// What is wrong with the declarations. What is wrong with the story shows when it is [checked](crate::check::check) or analysed.
    pub fn build(mut self) -> Result<Scenario, Error> {
        if !self.precision {
            self.problems
                .push(Problem::new("no precision is declared").hint("call `precision(name, prior)`"));
        }
        if !self.story {
            self.problems.push(Problem::new("no story is told").hint("call `story(|g| …)`"));
        }
        match Problems::new(self.problems) {
            Some(problems) => Err(problems.into()),
            None => Ok(self.scenario),
        }
    }
}
