//! Counterfactual regret minimisation: approximate equilibria of large games.
//!
//! At each information set $I$ a player keeps, for each action $a$, its cumulated counterfactual regret
//! $$ R_I(a) = \sum_t \Bigl( v_i^t(I, a) - \sum_b \sigma^t_I(b)\\, v_i^t(I, b) \Bigr), $$
//! where $v_i^t(I, a)$ is what it would get from $a$ on, weighted by the probability of chance and the others to lead
//! to $I$; and plays in proportion to the positive regrets (regret matching). In a game of two players with perfect
//! recall whose payoffs sum to zero the *average* play nears an equilibrium (Zinkevich, Johanson, Bowling and Piccione
//! 2007).
//!
//! **Only there.** With other payoffs, or more players, each player's average regret still vanishes, so that play nears
//! the coarse correlated equilibria; but the average profile need not be near a Nash equilibrium, and may stay away
//! from every one. [`Solution::nash_conv`] says for any game how far it is: that number, not the number of iterations,
//! is what to judge a solution by.
//!
//! An iteration goes once for each player over the game's sequence form, without walking over the tree.
//!
//! ```
//! use counterplay_equilibrium::cfr::{Settings, Status, solve};
//! use counterplay_game::normal::NormalForm;
//! use counterplay_game::rational::Rational;
//!
//! // Matching pennies in which one match pays double.
//! let names = |names: [&str; 2]| names.map(String::from).to_vec();
//! let payoffs = [2, -2, -1, 1, -1, 1, 1, -1].map(|k: i64| Rational::from_integer(k.into())).to_vec();
//! let strategies = vec![names(["heads", "tails"]), names(["heads", "tails"])];
//! let game = NormalForm::new(names(["even", "odd"]), strategies, payoffs).game();
//! let numbers = game.at(&game.expressions().evaluate(&[]));
//! let settings = Settings { target_nash_conv: Some(1e-4), ..Settings::default() };
//! let solution = solve(&game, &numbers, &settings)?;
//! assert_eq!(solution.status, Status::TargetReached);
//! assert!((solution.play[0] - 0.4).abs() < 1e-3);
//! # Ok::<(), counterplay_game::recall::ImperfectRecall>(())
//! ```

mod evaluate;
mod external_sampling;
mod flat_form;
mod minimiser;
mod random;
mod terms;

use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;
use counterplay_math::powf;

use evaluate::{Evaluation, evaluate};
use external_sampling::ExternalSampling;
use flat_form::FlatForm;
use minimiser::{Minimiser, Rule};

/// How regrets are cumulated and play is averaged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variant {
    /// The original: all players at once, every iteration counting the same (Zinkevich et al. 2007).
    Vanilla,
    /// CFR+: players in turn, regrets never below zero, iteration $t$ counting $t$ times (Tammelin 2014).
    Plus,
    /// Predictive CFR+: as CFR+, but each player matches the regrets that it will have if the next iteration is as this
    /// one was; iteration $t$ counts $t^2$ times (Farina, Kroer and Sandholm 2021). Often far fewer iterations than any
    /// other, though not in poker.
    Predictive,
    /// Discounted: players in turn; after iteration $t$ positive regrets are multiplied by
    /// $t^\alpha / (t^\alpha + 1)$ and negative ones by $t^\beta / (t^\beta + 1)$; it counts $t^\gamma$ times in the
    /// average (Brown and Sandholm 2019). They recommend [`DISCOUNTED`](Self::DISCOUNTED).
    Discounted {
        /// How soon positive regrets are forgotten; the larger, the later.
        alpha: f64,
        /// How soon negative regrets are.
        beta: f64,
        /// How much later play counts more in the average.
        gamma: f64,
    },
    /// Monte Carlo with external sampling: an iteration walks once for each player over all of its own actions, but
    /// over one drawn action of chance and of each other player (Lanctot, Waugh, Zinkevich and Bowling 2009). Cheap
    /// iterations, many of them needed. With more than two players the average is that of the visits, which is not
    /// weighted by the player's own plan alone.
    ExternalSampling,
}

impl Variant {
    /// Discounted with $\alpha = 3/2$, $\beta = 0$, $\gamma = 2$.
    pub const DISCOUNTED: Self = Self::Discounted { alpha: 1.5, beta: 0.0, gamma: 2.0 };
}

/// What to do, and when to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How regrets are cumulated and play is averaged.
    pub variant: Variant,
    /// The most iterations.
    pub iterations: usize,
    /// The seed of what is drawn; only external sampling draws.
    pub seed: u64,
    /// The NashConv, in payoff units, at which to stop; `None` for all iterations.
    pub target_nash_conv: Option<f64>,
    /// How many iterations there are between two looks at NashConv, which costs about as much as a few of them;
    /// 0 is taken for 1, and without a target nothing is looked at on the way.
    pub check_every: usize,
}

impl Default for Settings {
    /// Predictive CFR+, at most 10,000 iterations, no target, a look every 20.
    fn default() -> Self {
        Self {
            variant: Variant::Predictive,
            iterations: 10_000,
            seed: 0,
            target_nash_conv: None,
            check_every: 20,
        }
    }
}

/// How solving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// NashConv is at most the target.
    TargetReached,
    /// All iterations were made; there was no target, or it was not reached.
    OutOfIterations,
}

/// Average play, and how good it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// For each action, its probability at its information set, averaged over the iterations; uniform at information
    /// sets that the player itself never went to.
    pub play: Vec<f64>,
    /// Each player's expected payoff.
    pub payoffs: Vec<f64>,
    /// The sum over the players of what each could gain by its best response; zero exactly at Nash equilibria.
    pub nash_conv: f64,
    /// The iterations made.
    pub iterations: usize,
    /// How solving ended.
    pub status: Status,
}

/// Average play after the iterations that `settings` asks for.
///
/// # Errors
/// If a player has no perfect recall.
pub fn solve(game: &Game, numbers: &Valuation, settings: &Settings) -> Result<Solution, ImperfectRecall> {
    let mut solver = Solver::new(game, numbers, settings.variant, settings.seed)?;
    let target = settings.target_nash_conv;
    loop {
        let left = settings.iterations - solver.iterations();
        let status = if target.is_some_and(|t| solver.nash_conv() <= t) {
            Status::TargetReached
        } else if left == 0 {
            Status::OutOfIterations
        } else {
            let block = if target.is_some() { settings.check_every.max(1) } else { left };
            solver.iterate(block.min(left));
            continue;
        };
        return Ok(solver.solution(status));
    }
}

/// A run of regret minimisation, which can be continued at any time.
#[derive(Clone, Debug)]
pub struct Solver<'g> {
    game: &'g Game,
    numbers: &'g Valuation,
    form: FlatForm,
    method: Method,
    iterations: usize,
}

#[derive(Clone, Debug)]
enum Method {
    Whole(Minimiser, Variant),
    Sampled(ExternalSampling),
}

impl<'g> Solver<'g> {
    /// A run that is yet to begin.
    ///
    /// # Errors
    /// If a player has no perfect recall.
    pub fn new(
        game: &'g Game,
        numbers: &'g Valuation,
        variant: Variant,
        seed: u64,
    ) -> Result<Self, ImperfectRecall> {
        game.recall()?;
        let form = FlatForm::new(game, numbers);
        let method = match variant {
            Variant::ExternalSampling => Method::Sampled(ExternalSampling::new(game, seed)),
            Variant::Vanilla | Variant::Plus | Variant::Predictive | Variant::Discounted { .. } => {
                Method::Whole(Minimiser::new(&form), variant)
            }
        };
        Ok(Self { game, numbers, form, method, iterations: 0 })
    }

    /// The iterations made so far.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Makes `count` more iterations.
    pub fn iterate(&mut self, count: usize) {
        for _ in 0..count {
            self.iterations += 1;
            match &mut self.method {
                Method::Whole(minimiser, variant) => {
                    minimiser.iterate(&self.form, variant.rule(self.iterations as f64));
                }
                Method::Sampled(sampling) => sampling.iterate(self.game, self.numbers),
            }
        }
    }

    /// The average play so far; uniform before the first iteration.
    pub fn play(&self) -> Vec<f64> {
        match &self.method {
            Method::Whole(minimiser, _) => self.form.behaviour(self.game, minimiser.sums()),
            Method::Sampled(sampling) => sampling.average(self.game),
        }
    }

    /// NashConv of the average play so far: the sum over the players of what each could gain.
    pub fn nash_conv(&self) -> f64 {
        self.evaluation(&self.play()).nash_conv()
    }

    fn evaluation(&self, play: &[f64]) -> Evaluation {
        evaluate(&self.form, &self.form.plans(play))
    }

    fn solution(self, status: Status) -> Solution {
        let play = self.play();
        let evaluation = self.evaluation(&play);
        let nash_conv = evaluation.nash_conv();
        Solution { play, payoffs: evaluation.payoffs, nash_conv, iterations: self.iterations, status }
    }
}

impl Variant {
    /// What becomes of regrets after iteration $t$, from 1.
    fn rule(self, t: f64) -> Rule {
        let discount = |exponent: f64| {
            let power = powf(t, exponent);
            power / (power + 1.0)
        };
        let vanilla = Rule { positive: 1.0, negative: 1.0, foreseen: 0.0, weight: 1.0, alternating: false };
        let plus = Rule { negative: 0.0, weight: t, alternating: true, ..vanilla };
        match self {
            Self::Vanilla | Self::ExternalSampling => vanilla,
            Self::Plus => plus,
            Self::Predictive => Rule { foreseen: 1.0, weight: t * t, ..plus },
            Self::Discounted { alpha, beta, gamma } => {
                Rule { positive: discount(alpha), negative: discount(beta), weight: powf(t, gamma), ..plus }
            }
        }
    }
}
