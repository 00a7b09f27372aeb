//! Processes without an end: stochastic games, and stationary Markov logit equilibria of them.
//!
//! In each *state* $s$ the players play a *stage*: a game in extensive form, with simultaneous and hidden moves if it
//! has any. Where it ends, at $e$, they get payoffs $u(e)$, and the process continues in state $s'$ with the weight
//! $w(e, s') = \delta_e\\, p(s' \mid e)$, a discount times a probability; with the rest of the probability it ends.
//! Play is stationary: it depends on the state and on what happened since the state was entered, and on nothing before.
//! The value of a state to player $i$ is then
//! $$ V_i(s) = \sum_e \Pr(e \mid s, \pi)\\, \Bigl(u_i(e) + \sum_{s'} w(e, s')\\, V_i(s')\Bigr), $$
//! and each stage is played as a logit equilibrium of the game whose ends pay what stands in the brackets (McKelvey and
//! Palfrey 1998 within the stage; Breitmoser, Tan and Zizzo 2010 for the Markov game). Values and play of all states are
//! solved together, along the branch that starts from uniform play (as Turocy 2010 and Eibelshäuser, Klockmann,
//! Poensgen and von Schenk 2023 do; Allgower and Georg 1990 for the method).
//!
//! ```
//! use std::sync::Arc;
//! use counterplay_equilibrium::markov::{Link, Numbers, Settings, Solver, Stage, StageNumbers, StochasticGame};
//! use counterplay_game::gambit::read_efg;
//! use counterplay_game::id::NodeId;
//! use counterplay_game::tree::Kind;
//!
//! // Keep a fishery, which pays 1 a year for ever, or empty it now for 5; years count 0.9 of the year before.
//! let text = r#"EFG 2 R "Fishery" { "Owner" } p "" 1 1 "" { "keep" "empty" } 0 t "" 1 "" { 1 } t "" 2 "" { 5 }"#;
//! let game = Arc::new(read_efg(text).expect("a game file").game().expect("perfect recall"));
//! let Kind::End(keep) = game.kind(game.child(NodeId::new(0), 0)) else { unreachable!("the first child is an end") };
//! let valuation = game.at(&game.expressions().evaluate(&[]));
//! let process = StochasticGame::new(vec![Stage { game, links: vec![Link { end: keep, state: 0 }] }]).expect("sound");
//! let numbers = Numbers { stages: vec![StageNumbers { valuation, weights: vec![0.9] }] };
//! let found = Solver::new(&process, Settings::default()).limit(&numbers, &[1.0]);
//! assert!((found.values[0] - 10.0).abs() < 1e-9);
//! ```

mod climb;
mod crossing;
mod equations;
mod follow;
mod gradient;
mod jump;
mod linear;
mod local;
mod metric;
mod point;
pub mod search;
mod step;
mod walk;

use std::sync::Arc;

use counterplay_game::id::EndId;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

pub use gradient::{Gradient, Weights};

use linear::Collapsed;
use local::Local;
use metric::Form;
use point::MarkovPoint;

/// An end of a stage after which the process can go on in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The end.
    pub end: EndId,
    /// The state.
    pub state: usize,
}

/// What is played in one state.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The game. States may share one.
    pub game: Arc<Game>,
    /// What can follow its ends, in the order of the ends. After an end without a link everything is over.
    pub links: Vec<Link>,
}

/// A stochastic game: its states, each with its stage.
#[derive(Clone, Debug)]
pub struct StochasticGame {
    pub(crate) players: usize,
    stages: Vec<Stage>,
}

/// What is wrong with the states of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// There is no state.
    Empty,
    /// The stages of two states have different numbers of players.
    Players {
        /// The second of them.
        state: usize,
    },
    /// A link leads from an end, or to a state, that is not there, or is out of order.
    Link {
        /// The state whose stage has it.
        state: usize,
        /// Its position.
        link: usize,
    },
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("a process needs a state"),
            Self::Players { state } => write!(f, "state {state} has another number of players than state 0"),
            Self::Link { state, link } => {
                write!(f, "link {link} of state {state} leads from or to nowhere, or is out of order")
            }
        }
    }
}

impl std::error::Error for Malformed {}

impl StochasticGame {
    /// The process with these stages; the state of each is its position.
    ///
    /// # Errors
    /// If the stages do not fit together.
    pub fn new(stages: Vec<Stage>) -> Result<Self, Malformed> {
        let players = stages.first().ok_or(Malformed::Empty)?.game.players().len();
        for (state, stage) in stages.iter().enumerate() {
            if stage.game.players().len() != players {
                return Err(Malformed::Players { state });
            }
            let mut before = 0;
            for (link, to) in stage.links.iter().enumerate() {
                let end = to.end.index();
                if end < before || end >= stage.game.end_count() || to.state >= stages.len() {
                    return Err(Malformed::Link { state, link });
                }
                before = end;
            }
        }
        Ok(Self { players, stages })
    }

    /// The stages, state by state.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The number of players.
    pub fn players(&self) -> usize {
        self.players
    }
}

/// The numbers of one stage at a point of the parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageNumbers {
    /// Probabilities and payoffs within the stage.
    pub valuation: Valuation,
    /// For each link its weight: the discount times the probability, not negative; at one end they sum to 1 at most.
    pub weights: Vec<f64>,
}

/// The numbers of a process at a point of the parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// State by state.
    pub stages: Vec<StageNumbers>,
}

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The residual to reach: the largest difference between logits, or precision times values, and the response to
    /// them, relative to the largest logit where that is above one.
    pub tolerance: f64,
    /// How many linear systems to solve at most.
    pub max_systems: usize,
    /// The limit is reached where no player can gain more than this share of the range of payoffs by one deviation. Where a
    /// climb past the folds of a large process leads no further, 9.5e-7 is near enough.
    pub regret_share: f64,
    /// The limit is given up where the precision times the range of payoffs is above this.
    pub steepest: f64,
    /// Whether, where the branch folds and cannot be followed, an equilibrium at a higher precision is searched for from there.
    pub may_jump: bool,
    /// The number of values above which the linear system for them is solved with products only. Folds of the branch are then not
    /// followed, since the determinant that shows in which direction it continues is not known.
    pub dense_values: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tolerance: 1e-11,
            max_systems: 2_000,
            regret_share: 1e-7,
            steepest: 1e10,
            may_jump: true,
            dense_values: 400,
        }
    }
}

/// How solving ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// Within the tolerance, on the branch from uniform play.
    Converged,
    /// Within the tolerance, but on another branch, or another part of it: where it folded the search jumped to higher
    /// precisions, for the first time there.
    Jumped {
        /// The share of the precisions after that jump.
        at: f64,
    },
    /// The budget of linear systems was spent.
    OutOfBudget,
    /// The branch could not be followed further: steps became too short.
    Stuck,
}

/// Stationary play, or as near to it as was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// For each state and each action of its stage, $\lambda$ times its expected payoff, centred in its information
    /// set.
    pub logits: Vec<Vec<f64>>,
    /// For each state and each action of its stage, its probability where its information set is reached.
    pub play: Vec<Vec<f64>>,
    /// The value of each state to each player: player by player, state by state.
    pub values: Vec<f64>,
    /// How solving ended.
    pub status: Status,
    /// How far along the precisions it got; 1 where it got to them. In a limit, by which multiple of them.
    pub share: f64,
    /// The shares of the precisions, or in a limit multiples of them, at which another branch crosses, as happens in games
    /// with symmetries: the branch was followed straight on, and beyond there are other equilibria.
    pub crossings: Vec<f64>,
    /// The largest difference between logits, or precision times values, and the response to them.
    pub residual: f64,
    /// The most that a player could gain by one deviation at an information set, in payoff units.
    pub regret: f64,
    /// Linear systems solved.
    pub systems: usize,
}

/// A solver for one process, to be used at many points.
#[derive(Clone, Debug)]
pub struct Solver {
    players: usize,
    states: Vec<Local>,
    collapsed: Collapsed,
    form: Form,
    /// A small change of the responses, to find out how the branch answers to changes of payoffs.
    disturbance: Vec<f64>,
    settings: Settings,
    systems: usize,
    /// Responses of all states.
    sweeps: usize,
    /// The shares at which other branches crossed.
    crossings: Vec<f64>,
    /// The largest difference between two payoffs of a player, or 1 if that is zero.
    range: f64,
}

impl Solver {
    /// A solver for `game`.
    pub fn new(game: &StochasticGame, settings: Settings) -> Self {
        let states = local::all(game);
        let collapsed = Collapsed::new(game, settings.dense_values);
        let form = Form::new(&states, game.players);
        Self {
            players: game.players,
            states,
            collapsed,
            disturbance: form.disturbance(),
            form,
            settings,
            systems: 0,
            sweeps: 0,
            crossings: Vec::new(),
            range: 1.0,
        }
    }

    /// The stationary logit equilibrium at these precisions, one for each player, on the branch from uniform play.
    pub fn solve(&mut self, numbers: &Numbers, precisions: &[f64]) -> Equilibrium {
        self.begin(numbers);
        let mut spot = self.uniform();
        let status = self.follow(precisions, &mut spot, Some(1.0));
        self.equilibrium(precisions, &spot, status)
    }

    /// The end of the branch as all precisions grow in proportion: a stationary Markov equilibrium where the status
    /// says so, with the regret that was reached.
    pub fn limit(&mut self, numbers: &Numbers, precisions: &[f64]) -> Equilibrium {
        self.begin(numbers);
        let mut spot = self.uniform();
        let status = self.follow(precisions, &mut spot, None);
        self.equilibrium(precisions, &spot, status)
    }

    fn begin(&mut self, numbers: &Numbers) {
        (self.systems, self.sweeps) = (0, 0);
        self.crossings.clear();
        self.range = 0.0;
        for (state, numbers) in self.states.iter_mut().zip(&numbers.stages) {
            state.load(numbers);
            self.range = self.range.max(state.range());
        }
        if self.range == 0.0 {
            self.range = 1.0;
        }
    }

    /// Uniform play, without values.
    fn uniform(&self) -> MarkovPoint {
        MarkovPoint {
            logits: vec![0.0; self.states.last().map_or(0, |s| s.first + s.lead.len())],
            values: vec![0.0; self.states.len() * self.players],
            share: 0.0,
        }
    }

    fn equilibrium(&mut self, precisions: &[f64], spot: &MarkovPoint, status: Status) -> Equilibrium {
        let residual = self.respond(precisions, spot).residual;
        let (mut logits, mut play) = (Vec::new(), Vec::new());
        for state in &self.states {
            let (own, odds) = state.logits_and_play(&spot.logits[state.own()]);
            logits.push(own);
            play.push(odds);
        }
        let regret = self.regret();
        let (values, share, systems) = (spot.values.clone(), spot.share, self.systems);
        let crossings = self.crossings.clone();
        Equilibrium { logits, play, values, status, share, crossings, residual, regret, systems }
    }

    /// The most that a player could gain by one deviation at the point of the last response.
    fn regret(&self) -> f64 {
        self.states.iter().map(Local::regret).fold(0.0, f64::max)
    }
}
