//! A tracer of its own for stationary play of small stochastic games in normal form: pseudo arc length in tiny steps, with
//! dense matrices by finite differences. It shares nothing with the solver that it is held against, and takes its time.
#![allow(dead_code, missing_docs, unreachable_pub)]

/// A stochastic game whose stages are simultaneous moves.
#[derive(Clone, Debug)]
pub struct Table {
    /// State by state, the number of actions of each player.
    pub actions: Vec<Vec<usize>>,
    /// State by state and profile by profile (the first player's action slowest), what each player gets.
    pub payoffs: Vec<Vec<Vec<f64>>>,
    /// The same, with which weight each state follows.
    pub weights: Vec<Vec<Vec<f64>>>,
}

/// Play where the branch first reaches the given precisions.
#[derive(Clone, Debug)]
pub struct Traced {
    /// State by state, player by player, action by action.
    pub play: Vec<Vec<Vec<f64>>>,
    /// Player by player, state by state.
    pub values: Vec<f64>,
    /// The shares of the precisions at which the determinant changed its sign without a fold.
    pub crossings: Vec<f64>,
    /// Whether the branch turned on the way.
    pub turned: bool,
}

const LONGEST: f64 = 0.02;
const SHORTEST: f64 = 1e-7;
/// Steps at which a determinant of the other sign is taken for a crossing.
const CROSSES: f64 = 1e-5;

/// The gaps between the logits of each action and the last of its player are the unknowns, and the logarithm of one plus
/// the share, for `scale`.
struct Tracer<'a> {
    table: &'a Table,
    precisions: &'a [f64],
    scale: f64,
}

impl Table {
    pub fn trace(&self, precisions: &[f64]) -> Option<Traced> {
        let largest = self.payoffs.iter().flatten().flatten().fold(0.0, |m: f64, u| m.max(u.abs()));
        let top = precisions.iter().copied().fold(0.0, f64::max);
        let scale = f64::max(top * largest, 1e-9);
        Tracer { table: self, precisions, scale }.trace()
    }

    fn players(&self) -> usize {
        self.actions[0].len()
    }
}

impl Tracer<'_> {
    fn play(&self, gaps: &[f64]) -> Vec<Vec<Vec<f64>>> {
        let mut at = 0;
        let mut one = |count: usize| {
            let mut own: Vec<f64> = gaps[at..at + count - 1].to_vec();
            own.push(0.0);
            at += count - 1;
            let top = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let raw: Vec<f64> = own.iter().map(|z| (z - top).exp()).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|x| x / sum).collect::<Vec<f64>>()
        };
        self.table.actions.iter().map(|state| state.iter().map(|&count| one(count)).collect()).collect()
    }

    /// Calls `visit` with each profile's number, actions and probability, but for that of one player.
    fn profiles(
        &self,
        play: &[Vec<Vec<f64>>],
        state: usize,
        but: Option<usize>,
        mut visit: impl FnMut(usize, &[usize], f64),
    ) {
        let counts = &self.table.actions[state];
        for profile in 0..counts.iter().product() {
            let (mut rest, mut own) = (profile, vec![0; counts.len()]);
            for player in (0..counts.len()).rev() {
                own[player] = rest % counts[player];
                rest /= counts[player];
            }
            let others = (0..counts.len()).filter(|p| Some(*p) != but);
            visit(profile, &own, others.map(|p| play[state][p][own[p]]).product());
        }
    }

    fn values(&self, play: &[Vec<Vec<f64>>]) -> Vec<f64> {
        let count = self.table.actions.len();
        let (mut now, mut next) =
            (vec![vec![0.0; count]; self.table.players()], vec![vec![0.0; count]; count]);
        for state in 0..count {
            next[state][state] += 1.0;
            self.profiles(play, state, None, |profile, _, odds| {
                for (sums, u) in now.iter_mut().zip(&self.table.payoffs[state][profile]) {
                    sums[state] += odds * u;
                }
                for (to, w) in self.table.weights[state][profile].iter().enumerate() {
                    next[state][to] -= odds * w;
                }
            });
        }
        now.iter()
            .flat_map(|rhs| solve(next.clone(), rhs.clone()).expect("it ends or is discounted").0)
            .collect()
    }

    fn residuals(&self, x: &[f64]) -> Vec<f64> {
        let (gaps, share) = (&x[..x.len() - 1], self.share(x[x.len() - 1]));
        let play = self.play(gaps);
        let values = self.values(&play);
        let count = self.table.actions.len();
        let (mut out, mut at) = (Vec::with_capacity(gaps.len()), 0);
        for (state, counts) in self.table.actions.iter().enumerate() {
            for (player, &actions) in counts.iter().enumerate() {
                let mut payoffs = vec![0.0; actions];
                self.profiles(&play, state, Some(player), |profile, own, odds| {
                    let onward: f64 = self.table.weights[state][profile]
                        .iter()
                        .enumerate()
                        .map(|(to, w)| w * values[player * count + to])
                        .sum();
                    payoffs[own[player]] += odds * (self.table.payoffs[state][profile][player] + onward);
                });
                for action in 0..actions - 1 {
                    let gap = payoffs[action] - payoffs[actions - 1];
                    out.push(gaps[at] - share * self.precisions[player] * gap);
                    at += 1;
                }
            }
        }
        out
    }

    fn share(&self, tau: f64) -> f64 {
        tau.exp_m1() / self.scale
    }

    /// Row by row, with the column of the share last.
    fn jacobian(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let size = x.len() - 1;
        let mut rows = vec![vec![0.0; size + 1]; size];
        for column in 0..=size {
            let step = 1e-6;
            let (mut up, mut down) = (x.to_vec(), x.to_vec());
            up[column] += step;
            down[column] -= step;
            for ((row, a), b) in rows.iter_mut().zip(self.residuals(&up)).zip(self.residuals(&down)) {
                row[column] = (a - b) / (2.0 * step);
            }
        }
        rows
    }

    /// The unit tangent nearest to `before`, and whether the determinant has the sign of the change of the share.
    fn tangent(&self, x: &[f64], before: &[f64]) -> Option<(Vec<f64>, bool)> {
        let rows = self.jacobian(x);
        let mut bordered = rows.clone();
        bordered.push(before.to_vec());
        let mut rhs = vec![0.0; rows.len()];
        rhs.push(1.0);
        let (mut tangent, positive) = solve(bordered, rhs)?;
        let length = norm(&tangent);
        for t in &mut tangent {
            *t /= length;
        }
        // The determinant of the bordered matrix is that of the square part times a positive number over the share's part.
        Some((tangent, positive))
    }

    fn corrected(&self, predicted: &[f64], tangent: &[f64], length: f64) -> Option<Vec<f64>> {
        let mut x = predicted.to_vec();
        for _ in 0..6 {
            let mut residuals = self.residuals(&x);
            let moved: f64 = x.iter().zip(predicted).zip(tangent).map(|((a, b), t)| (a - b) * t).sum();
            residuals.push(moved);
            let mut bordered = self.jacobian(&x);
            bordered.push(tangent.to_vec());
            let (step, _) = solve(bordered, residuals)?;
            x.iter_mut().zip(&step).for_each(|(x, d)| *x -= d);
            let gone: Vec<f64> = x.iter().zip(predicted).map(|(a, b)| a - b).collect();
            if norm(&gone) > 0.1 * length || x[x.len() - 1] < 0.0 {
                return None;
            }
            if norm(&step) <= 1e-11 * (1.0 + norm(&x)) {
                return Some(x);
            }
        }
        None
    }

    fn trace(&self) -> Option<Traced> {
        let size: usize = self.table.actions.iter().flatten().map(|n| n - 1).sum();
        let mut x = vec![0.0; size + 1];
        let mut ahead = vec![0.0; size + 1];
        ahead[size] = 1.0;
        let (mut tangent, mut even) = self.tangent(&x, &ahead)?;
        let (mut length, until) = (1e-3, (self.scale).ln_1p());
        let (mut crossings, mut turned) = (Vec::new(), false);
        let mut steps = 0;
        while size > 0 {
            steps += 1;
            if length < SHORTEST || steps > 400_000 {
                return None;
            }
            let predicted: Vec<f64> = x.iter().zip(&tangent).map(|(x, t)| x + length * t).collect();
            let next = self.corrected(&predicted, &tangent, length);
            let next = next.and_then(|n| self.tangent(&n, &tangent).map(|(t, e)| (n, t, e)));
            let cosine = |t: &[f64]| t.iter().zip(&tangent).map(|(a, b)| a * b).sum::<f64>();
            let Some((next, onward, now)) = next.filter(|n| cosine(&n.1) > 0.9995) else {
                length *= 0.5;
                continue;
            };
            if now != even {
                if length > CROSSES {
                    length *= 0.5;
                    continue;
                }
                crossings.push(self.share(next[size]));
                even = now;
            }
            if next[size] >= until {
                return self.last(&x, &next, until, (crossings, turned));
            }
            turned |= onward[size] < 0.0;
            (x, tangent) = (next, onward);
            length = f64::min(1.5 * length, LONGEST);
        }
        let play = self.play(&[]);
        let values = self.values(&play);
        Some(Traced { play, values, crossings, turned })
    }

    /// The point at the share of one between two others.
    fn last(
        &self,
        before: &[f64],
        after: &[f64],
        until: f64,
        (crossings, turned): (Vec<f64>, bool),
    ) -> Option<Traced> {
        let size = before.len() - 1;
        let part = (until - before[size]) / (after[size] - before[size]);
        let mut x: Vec<f64> = before.iter().zip(after).map(|(a, b)| a + part * (b - a)).collect();
        x[size] = until;
        for _ in 0..20 {
            let rows = self.jacobian(&x).iter().map(|row| row[..size].to_vec()).collect();
            let (step, _) = solve(rows, self.residuals(&x))?;
            x.iter_mut().zip(&step).for_each(|(x, d)| *x -= d);
        }
        let play = self.play(&x[..size]);
        let values = self.values(&play);
        Some(Traced { play, values, crossings, turned })
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Gauss and Jordan with the largest pivot; the solution, and whether the determinant is positive.
fn solve(mut rows: Vec<Vec<f64>>, mut rhs: Vec<f64>) -> Option<(Vec<f64>, bool)> {
    let mut positive = true;
    for k in 0..rows.len() {
        let pivot = (k..rows.len()).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs()))?;
        if rows[pivot][k] == 0.0 || !rows[pivot][k].is_finite() {
            return None;
        }
        positive ^= (pivot != k) ^ (rows[pivot][k] < 0.0);
        rows.swap(k, pivot);
        rhs.swap(k, pivot);
        let (top, value) = (rows[k].clone(), rhs[k]);
        for row in (0..rows.len()).filter(|r| *r != k) {
            let factor = rows[row][k] / top[k];
            if factor != 0.0 {
                rows[row].iter_mut().zip(&top).for_each(|(x, t)| *x -= factor * t);
                rhs[row] -= factor * value;
            }
        }
    }
    Some(((0..rows.len()).map(|k| rhs[k] / rows[k][k]).collect(), positive))
}
