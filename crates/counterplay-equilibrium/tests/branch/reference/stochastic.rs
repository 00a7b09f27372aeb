//! Two players who meet in one of several states, period after period; play depends on the state alone.

use super::{System, softmax};

/// What is played in a state: payoffs and where it leads, by row and column, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub rows: usize,
    pub columns: usize,
    pub row: Vec<f64>,
    pub column: Vec<f64>,
    /// For each profile and next state, the discount times the probability.
    pub weights: Vec<Vec<f64>>,
}

/// A stochastic game. The unknowns are the log-odds of all states, the row player's first, and then the values of the
/// states to the row player and to the column player, in units of `scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stochastic {
    pub states: Vec<State>,
    scale: f64,
}

impl Stochastic {
    pub fn new(states: Vec<State>) -> Self {
        let own = states.iter().flat_map(|s| s.row.iter().chain(&s.column));
        let scale = own.fold(0.0f64, |m, u| m.max(u.abs())).max(f64::MIN_POSITIVE);
        Self { states, scale }
    }

    fn odds(&self) -> usize {
        self.states.iter().map(|s| s.rows + s.columns - 2).sum()
    }

    /// The payoff of a player in a profile of a state, with the values of what follows.
    fn payoff(&self, state: usize, profile: usize, player: usize, x: &[f64]) -> f64 {
        let own = &self.states[state];
        let now = if player == 0 { own.row[profile] } else { own.column[profile] } / self.scale;
        let values = &x[self.value(player, 0)..];
        now + own.weights[profile].iter().zip(values).map(|(w, v)| w * v).sum::<f64>()
    }

    fn value(&self, player: usize, state: usize) -> usize {
        self.odds() + player * self.states.len() + state
    }

    /// For each profile of a state, its probability and the derivative of that by the log-odds of the state.
    fn profiles(&self, state: usize, play: &[f64]) -> Vec<(f64, Vec<f64>)> {
        let own = &self.states[state];
        let (p, q) = play.split_at(own.rows);
        let probability = |k: usize| {
            let (i, j) = (k / own.columns, k % own.columns);
            let mut slope = Vec::with_capacity(own.rows + own.columns - 2);
            let is = |yes: bool| f64::from(u8::from(yes));
            slope.extend((1..own.rows).map(|a| p[i] * q[j] * (is(a == i) - p[a])));
            slope.extend((1..own.columns).map(|b| p[i] * q[j] * (is(b == j) - q[b])));
            (p[i] * q[j], slope)
        };
        (0..own.rows * own.columns).map(probability).collect()
    }
}

impl System for Stochastic {
    fn unknowns(&self) -> usize {
        self.odds() + 2 * self.states.len()
    }

    fn evaluate(&self, x: &[f64], residual: &mut [f64], jacobian: &mut [f64]) {
        let n = self.unknowns();
        let width = n + 1;
        let play = self.play(x);
        jacobian.fill(0.0);
        let (mut first, mut odds) = (0, 0);
        for (state, own) in self.states.iter().enumerate() {
            let (m, c) = (own.rows, own.columns);
            let here = &play[first..first + m + c];
            let profiles = self.profiles(state, here);
            for player in 0..2 {
                let actions = [m, c][player];
                let other = [c, m][player];
                for a in 1..actions {
                    let row = odds + if player == 0 { a - 1 } else { m - 1 + a - 1 };
                    let at = |a: usize, b: usize| if player == 0 { a * c + b } else { b * c + a };
                    let opponent = &here[if player == 0 { m..m + c } else { 0..m }];
                    let gain = |b: usize| {
                        self.payoff(state, at(a, b), player, x) - self.payoff(state, at(0, b), player, x)
                    };
                    let gains: f64 = (0..other).map(|b| opponent[b] * gain(b)).sum();
                    residual[row] = x[row] - x[n] * gains;
                    let line = &mut jacobian[row * width..(row + 1) * width];
                    line[row] += 1.0;
                    line[n] = -gains;
                    let theirs = odds + if player == 0 { m - 1 } else { 0 };
                    for b in 1..other {
                        line[theirs + b - 1] -= x[n] * opponent[b] * (gain(b) - gains);
                    }
                    for to in 0..self.states.len() {
                        let drift: f64 = (0..other)
                            .map(|b| opponent[b] * (own.weights[at(a, b)][to] - own.weights[at(0, b)][to]))
                            .sum();
                        line[self.value(player, to)] -= x[n] * drift;
                    }
                }
                let row = self.value(player, state);
                let line = &mut jacobian[row * width..(row + 1) * width];
                line[row] += 1.0;
                let mut value = 0.0;
                for (k, (probability, slope)) in profiles.iter().enumerate() {
                    let payoff = self.payoff(state, k, player, x);
                    value += probability * payoff;
                    for (d, s) in line[odds..].iter_mut().zip(slope) {
                        *d -= s * payoff;
                    }
                    for (to, w) in own.weights[k].iter().enumerate() {
                        line[self.value(player, to)] -= probability * w;
                    }
                }
                residual[row] = x[row] - value;
            }
            first += m + c;
            odds += m + c - 2;
        }
    }

    fn play(&self, x: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; self.states.iter().map(|s| s.rows + s.columns).sum()];
        let (mut first, mut odds) = (0, 0);
        for own in &self.states {
            for actions in [own.rows, own.columns] {
                softmax(&x[odds..odds + actions - 1], &mut play[first..first + actions]);
                first += actions;
                odds += actions - 1;
            }
        }
        play
    }

    fn unit(&self) -> f64 {
        1.0 / self.scale
    }
}
