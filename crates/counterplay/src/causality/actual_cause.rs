//! Actual causes in finite deterministic models, by the modified definition of Halpern and Pearl.
//!
//! A [`CausalModel`] has variables with finitely many values, each determined by others and by a context that is
//! given. What happened, happened: the question is whether some of it was a *cause* of an effect. The events
//! $X = x$ are an actual cause of $\varphi$ if (Halpern 2015; 2016, definition 2.2.1)
//!
//! - **AC1** $X = x$ and $\varphi$ both happened;
//! - **AC2** there are other variables $W$, held at the values that they *had*, and other values $x'$ for $X$,
//!   under which $\varphi$ does not happen: $[X \leftarrow x', W \leftarrow w^\star]\\,\neg\varphi$;
//! - **AC3** no smaller part of $X = x$ has both.
//!
//! With nothing held ($W$ empty) this is the but-for test. What is held makes sense of preemption: had Suzy not
//! thrown, Billy's stone would have broken the bottle, yet hers broke it, for *as things went* his never hit.
//!
//! The *degree of responsibility* of an event is $1/k$, where $k = |X| + |W|$ is the least number of variables
//! that must be changed or held to make the effect depend on it, and 0 if it is no part of a cause (Chockler and
//! Halpern 2004, in the form for the modified definition: Halpern 2016, chapter 6).
//!
//! Everything is found by going through all sets, so it is exact, and exponential in the number of variables.
//!
//! ```
//! use counterplay::causality::actual_cause::{CausalModel, Search, VariableId, causes, judge, responsibility};
//! // Suzy throws, Billy throws, Suzy hits, Billy hits, the bottle breaks.
//! let and_not = |a: usize, b: usize| usize::from(a == 1 && b == 0);
//! let model = CausalModel::from_equations(vec![
//!     (2, Box::new(|_: &[usize]| 1)),
//!     (2, Box::new(|_: &[usize]| 1)),
//!     (2, Box::new(|v: &[usize]| v[0])),
//!     (2, Box::new(move |v: &[usize]| and_not(v[1], v[2]))),
//!     (2, Box::new(|v: &[usize]| v[2].max(v[3]))),
//! ]);
//! let broken = |values: &[usize]| values[4] == 1;
//! let [suzy, billy] = [0, 1].map(VariableId::new);
//! assert!(judge(&model, &[(suzy, 1)], &broken).is_cause());
//! assert!(!judge(&model, &[(billy, 1)], &broken).is_cause());
//! // One change (she does not throw) with one thing held (his stone does not hit).
//! let all = causes(&model, &broken, Search::EXACT);
//! assert_eq!(responsibility(&all, suzy), 0.5);
//! ```

mod subsets;

use subsets::{choices, subsets};

/// A variable of a causal model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableId(usize);

impl VariableId {
    /// The variable at this position in its model.
    pub fn new(index: usize) -> Self {
        Self(index)
    }

    /// Its position.
    pub fn index(self) -> usize {
        self.0
    }
}

/// How a variable is determined: its value, given those of all variables before it.
pub type Equation<'a> = Box<dyn Fn(&[usize]) -> usize + 'a>;

/// All values, given those that are set from outside.
type Solution<'a> = Box<dyn Fn(&[Option<usize>]) -> Vec<usize> + 'a>;

/// A deterministic model in a given context. The values of a variable are numbered from 0.
pub struct CausalModel<'a> {
    ranges: Vec<usize>,
    solution: Solution<'a>,
}

impl<'a> CausalModel<'a> {
    /// A model from its equations, in an order in which each needs only the values before it; each comes with
    /// how many values its variable has. The context is part of the equations.
    pub fn from_equations(equations: Vec<(usize, Equation<'a>)>) -> Self {
        let ranges = equations.iter().map(|e| e.0).collect();
        let solution = move |set: &[Option<usize>]| {
            let mut values = Vec::with_capacity(equations.len());
            for ((_, equation), fixed) in equations.iter().zip(set) {
                let value = fixed.unwrap_or_else(|| equation(&values));
                values.push(value);
            }
            values
        };
        Self { ranges, solution: Box::new(solution) }
    }

    /// A model from its solution under interventions: all values, where some variables are set from outside.
    /// Values beyond those of the variables are facts that follow from them, which an effect may read.
    pub fn from_solution(ranges: Vec<usize>, solution: impl Fn(&[Option<usize>]) -> Vec<usize> + 'a) -> Self {
        Self { ranges, solution: Box::new(solution) }
    }

    /// The variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = VariableId> + use<> {
        (0..self.ranges.len()).map(VariableId)
    }

    /// How many values a variable has.
    pub fn range(&self, variable: VariableId) -> usize {
        self.ranges[variable.0]
    }

    /// The values as things went: nothing is set from outside.
    pub fn actual(&self) -> Vec<usize> {
        self.under(&[])
    }

    /// The values where some variables are set.
    pub fn under(&self, set: &[(VariableId, usize)]) -> Vec<usize> {
        let mut fixed = vec![None; self.ranges.len()];
        for &(variable, value) in set {
            fixed[variable.0] = Some(value);
        }
        (self.solution)(&fixed)
    }
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// How many events a cause may have together.
    pub most_events: usize,
    /// How many variables may be held at the values that they had.
    pub most_held: usize,
}

impl Search {
    /// Everything.
    pub const EXACT: Self = Self { most_events: usize::MAX, most_held: usize::MAX };
}

/// What shows that an effect depends on events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What is held at the value that it had; none for a but-for cause.
    pub held: Vec<VariableId>,
    /// What is changed, and to which value.
    pub changed: Vec<(VariableId, usize)>,
}

/// Whether events are an actual cause, condition by condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// AC1: the events and the effect happened.
    pub factual: bool,
    /// AC2: the smallest witness that the effect depends on the events, each of them taking another value; `None`
    /// if there is none.
    pub witness: Option<Witness>,
    /// AC3: no smaller part of the events meets AC1 and AC2.
    pub minimal: bool,
}

impl Judgement {
    /// Whether all three conditions hold.
    pub fn is_cause(&self) -> bool {
        self.factual && self.witness.is_some() && self.minimal
    }
}

/// Judges whether events (variables with values) are an actual cause of an effect on all values.
pub fn judge(
    model: &CausalModel<'_>,
    events: &[(VariableId, usize)],
    effect: &dyn Fn(&[usize]) -> bool,
) -> Judgement {
    let actual = model.actual();
    let happened = |events: &[(VariableId, usize)]| events.iter().all(|&(x, value)| actual[x.0] == value);
    let smaller_suffices = || {
        subsets(events.len(), events.len().saturating_sub(1)).skip(1).any(|part| {
            let part: Vec<_> = part.iter().map(|&index| events[index]).collect();
            happened(&part) && hangs_on(model, &actual, &part, effect, usize::MAX).is_some()
        })
    };
    Judgement {
        factual: happened(events) && effect(&actual),
        witness: hangs_on(model, &actual, events, effect, usize::MAX),
        minimal: !(effect(&actual) && smaller_suffices()),
    }
}

/// AC2: the smallest witness, with at most this many variables held.
fn hangs_on(
    model: &CausalModel<'_>,
    actual: &[usize],
    events: &[(VariableId, usize)],
    effect: &dyn Fn(&[usize]) -> bool,
    most_held: usize,
) -> Option<Witness> {
    let others: Vec<VariableId> =
        model.variables().filter(|v| events.iter().all(|event| event.0 != *v)).collect();
    let others_values: Vec<Vec<(VariableId, usize)>> = events
        .iter()
        .map(|&(x, value)| (0..model.range(x)).filter(|v| *v != value).map(|v| (x, v)).collect())
        .collect();
    let witness = |held: Vec<usize>| {
        let held: Vec<VariableId> = held.into_iter().map(|index| others[index]).collect();
        let changed = choices(&others_values).find(|changed| {
            let mut set = changed.clone();
            set.extend(held.iter().map(|&w| (w, actual[w.0])));
            !effect(&model.under(&set))
        })?;
        Some(Witness { held, changed })
    };
    subsets(others.len(), most_held.min(others.len())).find_map(witness)
}

/// An actual cause with its smallest witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The events: variables with the values that they had.
    pub events: Vec<(VariableId, usize)>,
    /// What shows that the effect depends on them.
    pub witness: Witness,
}

impl Cause {
    /// How many variables must be changed or held.
    pub fn size(&self) -> usize {
        self.events.len() + self.witness.held.len()
    }
}

/// All actual causes of an effect, the smallest first; none if the effect did not happen.
///
/// Within the bounds of the search: a cause whose witness holds more than `most_held` variables is not found, and
/// a larger set can then pass for minimal. With [`Search::EXACT`] there is no such doubt.
pub fn causes(model: &CausalModel<'_>, effect: &dyn Fn(&[usize]) -> bool, search: Search) -> Vec<Cause> {
    let actual = model.actual();
    let mut found: Vec<Cause> = Vec::new();
    if !effect(&actual) {
        return found;
    }
    let count = model.variables().count();
    for set in subsets(count, search.most_events.min(count)).skip(1) {
        let events: Vec<_> = set.iter().map(|&index| (VariableId(index), actual[index])).collect();
        let contains = |cause: &Cause| cause.events.iter().all(|event| events.contains(event));
        if !found.iter().any(contains)
            && let Some(witness) = hangs_on(model, &actual, &events, effect, search.most_held)
        {
            found.push(Cause { events, witness });
        }
    }
    found
}

/// The degree of responsibility of a variable's value among all causes of an effect: $1/k$, or 0.
pub fn responsibility(causes: &[Cause], variable: VariableId) -> f64 {
    let part_of = |cause: &&Cause| cause.events.iter().any(|event| event.0 == variable);
    causes.iter().filter(part_of).map(Cause::size).min().map_or(0.0, |size| 1.0 / size as f64)
}
