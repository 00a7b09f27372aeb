//! Processes without an end: stages that hand over to one another, unfolded state by state.
//!
//! A scenario's `play` begins; where it, or a stage, ends in `g.next(stage, state)`, the stage is told in that state. A
//! state is public: everybody sees it, and nobody remembers anything else of what went before. So each stage in each
//! state is a game of its own, unfolded once, and the states that can be reached are found by telling them all. Played
//! stationarily they are a stochastic game; see [`counterplay_equilibrium::markov`].

use crate::scenario::StageDeclaration;
use crate::story::state::Next;
use crate::story::telling::StageStory;
pub mod model;
pub mod replay;
pub mod trail;

mod accounts;
mod analysed;
mod asked;
mod asker;
mod chain;
mod check;
mod compared;
mod conditions;
mod counted;
mod course;
mod cuts;
mod demands;
mod drawn;
mod filled;
mod first;
mod foretold;
mod histories;
mod items;
mod lead_in;
mod measured;
mod monitor;
mod prospect;
mod solved;
mod sweeps;

pub mod told;

mod variant;

pub use analysed::analyse;
pub use check::check;

use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::limits::Limits;
use crate::story::state::StateValue;
use crate::story::telling::{Retelling, Story, Telling};
use crate::story::unfold::unfold_stage;
use crate::story::unfolded::Unfolded;
use crate::watch::Watch;
use counterplay_equilibrium::markov::{self, StochasticGame};
use counterplay_game::expression::ExprId;
use counterplay_game::id::EndId;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A stage in a state, unfolded.
#[derive(Clone, Debug)]
pub struct StateTold {
    /// The stage; `None` for `play`, with which the process begins.
    pub stage: Option<usize>,
    /// The state; an empty tuple for `play`.
    pub state: StateValue,
    /// The game, and what holds at its ends.
    pub unfolded: Arc<Unfolded>,
    /// For each end of the game, the state that follows, by its position among all, and the discount.
    pub onward: Vec<Option<(usize, ExprId)>>,
}

impl StateTold {
    /// Which of its ends a node of the game is, and what follows it.
    pub fn onward_of(&self, end: EndId) -> Option<usize> {
        self.onward[end.index()].map(|o| o.0)
    }
}

/// A process, unfolded: all states that can be reached, the beginning first.
#[derive(Clone, Debug)]
pub struct Process {
    /// The states.
    pub states: Vec<StateTold>,
    /// The names of the stages.
    pub stages: Vec<String>,
}

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

impl Process {
    /// Unfolds a scenario's process.
    ///
    /// # Errors
    /// What is wrong with a stage, or the limit that was met.
    pub fn unfold(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Result<Self, Problem> {
        let stages: Vec<String> = scenario.stages.iter().map(|s| s.name.clone()).collect();
        let mut known: HashMap<(usize, StateValue), usize> = HashMap::new();
        let mut open = VecDeque::from([(None, StateValue::Tuple(Vec::new()))]);
        let mut states: Vec<StateTold> = Vec::new();
        let mut left = limits;
        while let Some((stage, state)) = open.pop_front() {
            let told = match stage {
                None => Self::told(scenario.story.as_ref(), scenario, &stages, left, watch),
                Some(index) => {
                    let declared: &StageDeclaration = &scenario.stages[index];
                    let story = InState { stage: declared.story.as_ref(), state: &state };
                    let told = Self::told(&story, scenario, &stages, left, watch);
                    told.map_err(|mut problem| {
                        let said = std::mem::take(&mut problem.message);
                        problem.message =
                            format!("{said} (in the stage `{}`, in state `{state}`)", declared.name);
                        // A problem without a place came up before anything of the stage was told.
                        if problem.place.is_none() && problem.hint.is_none() {
                            let hint = "a stage is told by a function of two: `def year(g, state):`";
                            problem.hint = Some(hint.to_owned());
                        }
                        problem.at(declared.place.clone())
                    })
                }
            }?;
            left.histories = left.histories.saturating_sub(told.game.history_count()).max(1);
            let mut follow = |next: &Next| {
                let count = known.len() + 1;
                *known.entry((next.stage, next.state.clone())).or_insert_with(|| {
                    open.push_back((Some(next.stage), next.state.clone()));
                    count
                })
            };
            let ending = |end: usize| &told.endings[told.game.end(EndId::new(end)).tag as usize];
            let onward = (0..told.game.end_count())
                .map(|end| ending(end).next.as_ref().map(|next| (follow(next), next.discount)))
                .collect();
            if known.len() >= limits.states {
                return Err(Problem::new(format!("the process has more than {} states", limits.states)).hint(
                    "make the state coarser, for example by rounding its numbers to a grid, or raise the setting \
                     `max_states`",
                ));
            }
            states.push(StateTold { stage, state, unfolded: told.into(), onward });
        }
        Ok(Self { states, stages })
    }

    fn told(
        story: &dyn Story,
        scenario: &Scenario,
        stages: &[String],
        limits: Limits,
        watch: &dyn Watch,
    ) -> Result<Unfolded, Problem> {
        unfold_stage(
            story,
            stages,
            &scenario.players,
            &scenario.expressions,
            Retelling::default(),
            limits,
            watch,
        )
    }

    /// A state's name for readers: the stage and the state.
    pub fn name(&self, state: usize) -> String {
        let told = &self.states[state];
        told.stage.map_or_else(|| "play".to_owned(), |s| format!("{} {}", self.stages[s], told.state))
    }

    /// The stochastic game that the states make.
    ///
    /// # Panics
    /// Never: the states fit together.
    pub fn game(&self) -> StochasticGame {
        let stage = |told: &StateTold| markov::Stage {
            game: Arc::new(told.unfolded.game.clone()),
            links: told
                .onward
                .iter()
                .enumerate()
                .filter_map(|(end, o)| o.map(|(state, _)| markov::Link { end: EndId::new(end), state }))
                .collect(),
        };
        StochasticGame::new(self.states.iter().map(stage).collect())
            .expect("all states have the same players")
    }
}

/// How many histories the games of all states have.
fn histories_told(process: &Process) -> usize {
    process.states.iter().map(|told| told.unfolded.game.history_count()).sum()
}
