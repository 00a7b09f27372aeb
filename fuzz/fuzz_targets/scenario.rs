//! Whatever the text, reading it as a scenario and checking it ends, within its bounds, in problems that can be told or in a
//! game whose numbers are finite at the centre of the prior or told not to be.
//!
//! The interpreter that runs a scenario's code is bounded from inside only; what that cannot hold, such as the stack, the
//! command line puts into a child process. So the bounds here are far below those of the command line, and long or
//! deeply nested texts are left out.

#![no_main]

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterplay::check::check;
use counterplay_language::{Files, ReadLimits, SCENARIO_FILE, read};
use counterplay::problem::Problem;
use counterplay::story::limits::Limits;
use counterplay::watch::{Stage, Watch};
use libfuzzer_sys::fuzz_target;

/// So long a run may take before it is stopped from inside.
const MOST_TIME: Duration = Duration::from_secs(2);

/// Stops the unfolding when the time is over.
struct Until(Instant);

impl Watch for Until {
    fn advance(&self, _: Stage, _: usize, _: Option<usize>) {}

    fn cancelled(&self) -> bool {
        Instant::now() > self.0
    }
}

fuzz_target!(|text: &str| {
    if text.len() > 20_000 {
        return;
    }
    let end = Instant::now() + MOST_TIME;
    let limits = ReadLimits {
        max_steps: 20_000,
        max_memory: 16 << 20,
        max_depth: 30,
        begin: Arc::new(move || Box::new(move || Instant::now() > end)),
    };
    let scenario = match read("fuzz", &Files::of_scenario(text), &limits) {
        Ok(scenario) => scenario,
        Err(error) => return error.problems().iter().for_each(|problem| tell(problem, text)),
    };
    let bounds = Limits { histories: 200, nodes: 5_000, events: 100, states: 50 };
    let checked = check(&scenario, bounds, &Until(end));
    checked.problems.iter().chain(&checked.notices).for_each(|problem| tell(problem, text));
    if let Some(unfolded) = checked.unfolded {
        assert!(unfolded.game.node_count() <= 5_000);
        assert!(unfolded.game.recall().is_ok());
    }
});

/// A problem says something, and its place is in the text.
fn tell(problem: &Problem, text: &str) {
    assert!(!problem.message.is_empty() && problem.to_string().contains(&problem.message));
    if let Some(place) = problem.place.as_ref().filter(|place| place.file == SCENARIO_FILE) {
        let lines = text.split('\n').count();
        assert!((1..=lines).contains(&place.line), "line {} of {lines}: {problem}", place.line);
        assert!(place.column >= 1 && place.width >= 1, "{problem}");
    }
}
