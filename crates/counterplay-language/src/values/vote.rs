//! What `g.vote` gives: how a vote went.

#![allow(clippy::unnecessary_wraps, reason = "the evaluator wants results")]

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::dict::AllocDict;
use starlark::values::{Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};
use starlark::{starlark_module, starlark_simple_value};

use crate::values::failure::fail;
use counterplay::problem::Problem;
use counterplay::story::vote::{FAILED, PASSED, Tally};

/// How a vote went, as a value of the language.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct VoteResult {
    pub(crate) event: String,
    pub(crate) passed: Option<bool>,
    /// For each bloc, the option that it took.
    pub(crate) votes: Vec<(String, String)>,
    #[allocative(skip)]
    pub(crate) tally: Option<Tally>,
}

impl fmt::Display for VoteResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<how a vote went>")
    }
}

starlark_simple_value!(VoteResult);

starlark::methods_static!(METHODS = methods);

#[starlark_value(type = "vote")]
impl<'v> StarlarkValue<'v> for VoteResult {
    fn get_methods() -> Option<&'static Methods> {
        Some(METHODS.methods())
    }

    fn to_bool(&self) -> bool {
        self.passed == Some(true)
    }

    fn equals(&self, _other: Value<'v>) -> starlark::Result<bool> {
        Err(fail(self.is_no_text()))
    }
}

impl VoteResult {
    fn is_no_text(&self) -> Problem {
        Problem::new(format!(
            "what `{}` gives is more than its result, and cannot be compared as a whole",
            self.event
        ))
        .hint("compare its `.result`, which is \"passed\" or \"failed\", or ask `if` of its `.passed`")
    }
}

/// Refuses to compare a vote with another value.
pub(crate) fn check_compared(a: Value<'_>, b: Value<'_>) -> Result<(), Problem> {
    match VoteResult::from_value(a).or_else(|| VoteResult::from_value(b)) {
        Some(vote) => Err(vote.is_no_text()),
        None => Ok(()),
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn passed<'v>(this: &VoteResult) -> starlark::Result<Value<'v>> {
        Ok(this.passed.map_or(Value::new_none(), Value::new_bool))
    }

    #[starlark(attribute)]
    fn result<'v>(this: &VoteResult, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let result = this.passed.map(|passed| if passed { PASSED } else { FAILED });
        Ok(result.map_or(Value::new_none(), |result| heap.alloc(result)))
    }

    #[starlark(attribute)]
    fn votes<'v>(this: &VoteResult, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let votes = this.votes.iter().map(|(bloc, vote)| (bloc.as_str(), vote.as_str()));
        Ok(heap.alloc(AllocDict(votes.collect::<Vec<_>>())))
    }

    #[starlark(attribute)]
    fn tally<'v>(this: &VoteResult, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let Some(tally) = this.tally else {
            return Err(fail(
                Problem::new(format!("the tally of `{}` is not drawn: only its result is", this.event)).hint(
                    "ask for it: `g.vote(..., draw_tally = True)`; each tally is a branch of the story",
                ),
            ));
        };
        let Tally { ayes, noes, abstaining, absent } = tally;
        Ok(heap.alloc(AllocDict([
            ("for", ayes),
            ("against", noes),
            ("abstain", abstaining),
            ("absent", absent),
        ])))
    }
}
