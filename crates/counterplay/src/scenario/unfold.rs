//! A scenario's story unfolded, with the stages that it hands over to.
//!
//! `play` begins; where it, or a stage, ends in `g.next(stage, state)`, the stage is told in that state. A state is public:
//! everybody sees it, and nobody remembers anything else of what went before. So each stage in each state is a game of its own,
//! unfolded once, and the states that can be reached are found by telling them all. Played stationarily they are a stochastic
//! game; see [`counterplay_equilibrium::markov`].

use std::collections::{HashMap, VecDeque};

use counterplay_game::id::EndId;

use crate::problem::Problem;
use crate::scenario::{Scenario, StageDeclaration};
use crate::story::limits::Limits;
use crate::story::state::{Next, StateValue};
use crate::story::telling::{Retelling, StageStory, Story, Telling};
use crate::story::unfold::unfold_state;
use crate::story::unfolded::{State, Unfolded};
use crate::watch::Watch;

/// A stage as a story, in one state.
struct InState<'a> {
    stage: &'a dyn StageStory,
    state: &'a StateValue,
}

impl Story for InState<'_> {
    fn tell(&self, g: &mut Telling<'_>) -> Result<(), Problem> {
        self.stage.tell(g, self.state)
    }
}

/// Unfolds a scenario's story as `how` says: state by state, as far as states can be reached.
///
/// # Errors
/// What is wrong with the story or a stage, or the limit that was met.
pub fn unfold(
    scenario: &Scenario,
    how: Retelling<'_>,
    limits: Limits,
    watch: &dyn Watch,
) -> Result<Unfolded, Problem> {
    let stages: Vec<String> = scenario.stages.iter().map(|s| s.name.clone()).collect();
    let told = |story: &dyn Story, left: Limits| {
        unfold_state(story, &stages, &scenario.players, &scenario.expressions, how, left, watch)
    };
    let mut known: HashMap<(usize, StateValue), usize> = HashMap::new();
    let mut open = VecDeque::from([(None, StateValue::Tuple(Vec::new()))]);
    let mut states: Vec<State> = Vec::new();
    let mut left = limits;
    while let Some((stage, value)) = open.pop_front() {
        let found = match stage {
            None => told(scenario.story.as_ref(), left),
            Some(index) => {
                let declared: &StageDeclaration = &scenario.stages[index];
                let story = InState { stage: declared.story.as_ref(), state: &value };
                told(&story, left).map_err(|problem| in_stage(problem, declared, &value))
            }
        }?;
        left.histories = left.histories.saturating_sub(found.game.history_count()).max(1);
        let mut follow = |next: &Next| {
            let count = known.len() + 1;
            *known.entry((next.stage, next.state.clone())).or_insert_with(|| {
                open.push_back((Some(next.stage), next.state.clone()));
                count
            })
        };
        let ending = |end: usize| &found.endings[found.game.end(EndId::new(end)).tag as usize];
        let onward = (0..found.game.end_count())
            .map(|end| ending(end).next.as_ref().map(|next| (follow(next), next.discount)))
            .collect();
        if known.len() >= limits.states {
            return Err(Problem::new(format!("the process has more than {} states", limits.states)).hint(
                "make the state coarser, for example by rounding its numbers to a grid, or raise the setting `max_states`",
            ));
        }
        states.push(State { stage, value, onward, ..found });
    }
    Ok(Unfolded { states, stages })
}

/// A problem that came up in a stage.
fn in_stage(mut problem: Problem, declared: &StageDeclaration, value: &StateValue) -> Problem {
    let said = std::mem::take(&mut problem.message);
    problem.message = format!("{said} (in the stage `{}`, in state `{value}`)", declared.name);
    // A problem without a place came up before anything of the stage was told.
    if problem.place.is_none() && problem.hint.is_none() {
        problem.hint = Some("a stage is told by a function of two: `def year(g, state):`".to_owned());
    }
    problem.at(declared.place.clone())
}
