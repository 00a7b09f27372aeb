//! Dividing boxes of probabilities until each holds no solution, or is proved to hold exactly one.

use counterplay_game::rational::{Rational, to_f64};
use num_traits::Zero;

use super::Proved;
use super::system::{Exactly, Odds, System, with_last};
use crate::nash::exact::simplest_within;
use crate::numeric::dense::factorise;
use crate::numeric::interval::Interval;

/// A box whose sides are all shorter than this is divided no further.
const LEAST_WIDTH: f64 = 1e-7;

/// Solutions are narrowed down to bounds of about this width.
const NARROW: f64 = 1e-13;

/// Narrowing ends after this many steps, each of which about squares the width.
const MOST_STEPS: usize = 60;

/// What was found with one choice of supports.
pub(super) struct Found {
    pub(super) solutions: Vec<Proved>,
    /// Whether each box was decided.
    pub(super) decided: bool,
    pub(super) boxes: u64,
}

/// The search for one choice of supports.
pub(super) struct Search<'a> {
    system: &'a System<'a>,
    budget: u64,
    /// The unknowns of each solution: in which box it is the only one, and within which bounds it lies.
    solved: Vec<(Vec<Interval>, Vec<Interval>)>,
    found: Found,
}

/// What Krawczyk's operator says of a box.
enum Proof {
    /// There is exactly one solution in the first of these boxes, and it lies in the second.
    One(Vec<Interval>, Vec<Interval>),
    None,
    /// All solutions lie within these bounds.
    Within(Vec<Interval>),
}

impl<'a> Search<'a> {
    pub(super) fn new(system: &'a System<'a>, budget: u64) -> Self {
        let found = Found { solutions: Vec::new(), decided: true, boxes: 0 };
        Self { system, budget, solved: Vec::new(), found }
    }

    pub(super) fn run(mut self) -> Found {
        let mut open = vec![vec![Interval::new(0.0, 1.0); self.system.unknowns()]];
        while let Some(part) = open.pop() {
            if self.found.boxes == self.budget {
                self.found.decided = false;
                break;
            }
            self.found.boxes += 1;
            self.look(&part, &mut open);
        }
        self.found
    }

    /// Decides a box, or leaves its parts open.
    fn look(&mut self, part: &[Interval], open: &mut Vec<Vec<Interval>>) {
        if self.known(part) || !self.possible(part) {
            return;
        }
        let left = match self.prove(part) {
            Proof::None => return,
            Proof::One(alone, within) => {
                self.keep(alone, within);
                // The box that was proved reaches beyond the part.
                return;
            }
            Proof::Within(left) => left,
        };
        let widest = (0..left.len()).max_by(|&a, &b| left[a].width().total_cmp(&left[b].width()));
        let Some(widest) = widest else { return };
        if left[widest].width() < LEAST_WIDTH {
            self.found.decided = false;
            return;
        }
        if left[widest].width() < 0.5 * part.iter().map(|x| x.width()).fold(0.0, f64::max) {
            open.push(left);
            return;
        }
        let middle = left[widest].middle();
        for half in [Interval::new(middle, left[widest].high), Interval::new(left[widest].low, middle)] {
            let mut part = left.clone();
            part[widest] = half;
            open.push(part);
        }
    }

    /// Whether a box lies within one in which the only solution is known.
    fn known(&self, part: &[Interval]) -> bool {
        let within =
            |alone: &Vec<Interval>| part.iter().zip(alone).all(|(x, a)| a.low <= x.low && x.high <= a.high);
        self.solved.iter().any(|(alone, _)| within(alone))
    }

    /// Whether a box can hold an equilibrium, by bounds of the polynomials and of what others pay.
    fn possible(&self, part: &[Interval]) -> bool {
        let Some(x) = self.probabilities(part) else { return false };
        self.system.values(&x).all(Interval::has_zero) && self.system.gains(&x).all(|gain| gain.low <= 0.0)
    }

    /// The probabilities of all strategies of the supports, if they can add up to one.
    fn probabilities(&self, part: &[Interval]) -> Option<Odds> {
        let mut x = self.free(part);
        let unit = Interval::new(0.0, 1.0);
        for own in &mut x {
            for p in own.iter_mut() {
                *p = p.intersection(unit)?;
            }
        }
        Some(x)
    }

    /// The same, wherever they lie.
    fn free(&self, part: &[Interval]) -> Odds {
        let mut next = part.iter().copied();
        let of = |support: &Vec<usize>| {
            let mut own: Vec<Interval> = next.by_ref().take(support.len() - 1).collect();
            own.push(own.iter().fold(Interval::of(1.0), |left, p| left - *p));
            own
        };
        self.system.supports.iter().map(of).collect()
    }

    /// Krawczyk's operator on a box a little larger, so that solutions between two parts are in the midst of one.
    fn prove(&self, part: &[Interval]) -> Proof {
        let around: Vec<Interval> = part.iter().map(|x| x.inflated(0.1, 1e-12)).collect();
        let Some(image) = self.image(&around) else { return Proof::Within(part.to_vec()) };
        if image.iter().zip(&around).all(|(k, x)| k.is_inside(*x)) {
            return Proof::One(around, image);
        }
        let left: Option<Vec<Interval>> = part.iter().zip(&image).map(|(x, k)| x.intersection(*k)).collect();
        left.map_or(Proof::None, Proof::Within)
    }

    /// $K(X)$; `None` if the derivative in the middle has no inverse.
    fn image(&self, part: &[Interval]) -> Option<Vec<Interval>> {
        let size = part.len();
        let middle: Vec<f64> = part.iter().map(|x| x.middle()).collect();
        let at = |points: &[f64]| -> Vec<Interval> { points.iter().map(|x| Interval::of(*x)).collect() };
        let derivatives = self.system.derivatives(&self.free(part));
        let columns =
            (0..size).flat_map(|j| derivatives.iter().map(move |row| row[j].middle())).collect::<Vec<f64>>();
        let factors = factorise(size, columns)?;
        let unit = |k: usize| (0..size).map(|i| f64::from(u8::from(i == k))).collect::<Vec<f64>>();
        // The inverse column by column; that it is not exact makes the bounds no worse than a little wider.
        let inverse: Vec<Vec<f64>> = (0..size).map(|k| factors.solve(&unit(k))).collect();
        if inverse.iter().flatten().any(|x| !x.is_finite()) {
            return None;
        }
        let values: Vec<Interval> = self.system.values(&self.free(&at(&middle))).collect();
        let image = |i: usize| {
            let mut k = Interval::of(middle[i]);
            for (j, value) in values.iter().enumerate() {
                k = k - Interval::of(inverse[j][i]) * *value;
            }
            for j in 0..size {
                let start = Interval::of(f64::from(u8::from(i == j)));
                let rest =
                    (0..size).fold(start, |sum, l| sum - Interval::of(inverse[l][i]) * derivatives[l][j]);
                k = k + rest * (part[j] - Interval::of(middle[j]));
            }
            k
        };
        Some((0..size).map(image).collect())
    }

    /// Keeps a solution that is the only one in a box, unless it is known already.
    fn keep(&mut self, alone: Vec<Interval>, within: Vec<Interval>) {
        let narrow = self.narrowed(within);
        let inside =
            |a: &[Interval], b: &[Interval]| a.iter().zip(b).all(|(a, b)| b.low <= a.low && a.high <= b.high);
        if self.solved.iter().any(|(other, _)| inside(&narrow, other)) {
            return;
        }
        match self.equilibrium(&narrow) {
            Some(true) => self.found.solutions.push(self.proved(&narrow)),
            Some(false) => {}
            None => self.found.decided = false,
        }
        self.solved.push((alone, narrow));
    }

    /// Closer bounds of a solution.
    fn narrowed(&self, mut within: Vec<Interval>) -> Vec<Interval> {
        let width = |part: &[Interval]| part.iter().map(|x| x.width()).fold(0.0, f64::max);
        for _ in 0..MOST_STEPS {
            let Some(image) = self.image(&within) else { break };
            let next: Option<Vec<Interval>> =
                image.iter().zip(&within).map(|(k, x)| x.intersection(*k)).collect();
            let Some(next) = next else { break };
            let done = width(&next) < NARROW || width(&next) > 0.9 * width(&within);
            within = next;
            if done {
                break;
            }
        }
        within
    }

    /// Whether the solution within these bounds is an equilibrium; `None` if that is too close to tell.
    fn equilibrium(&self, within: &[Interval]) -> Option<bool> {
        if let Some(exact) = self.exact(within) {
            return Some(self.system.holds(&exact) == Exactly::Equilibrium);
        }
        let x = self.free(within);
        let gains: Vec<Interval> = self.system.gains(&x).collect();
        if x.iter().flatten().any(|p| p.high <= 0.0) || gains.iter().any(|gain| gain.low > 0.0) {
            return Some(false);
        }
        let sure = x.iter().flatten().all(|p| p.low > 0.0) && gains.iter().all(|gain| gain.high <= 0.0);
        sure.then_some(true)
    }

    /// The solution as simple fractions, if it is one: they solve the equations, and no other solution lies within the bounds.
    fn exact(&self, within: &[Interval]) -> Option<Vec<Vec<Rational>>> {
        let simple: Option<Vec<Rational>> = within.iter().map(|x| simplest_within(x.low, x.high)).collect();
        let mut next = simple?.into_iter();
        let of = |support: &Vec<usize>| with_last(next.by_ref().take(support.len() - 1).collect());
        let exact: Vec<Vec<Rational>> = self.system.supports.iter().map(of).collect();
        (self.system.holds(&exact) != Exactly::NoSolution).then_some(exact)
    }

    fn proved(&self, within: &[Interval]) -> Proved {
        let width = within.iter().map(|x| x.width()).fold(0.0, f64::max);
        if let Some(exact) = self.exact(within) {
            let exact = self.system.whole(&exact, &Rational::zero());
            let play = exact.iter().map(|own| own.iter().map(to_f64).collect()).collect();
            return Proved { play, exact: Some(exact), width: 0.0 };
        }
        let middle: Vec<Vec<f64>> =
            self.free(within).iter().map(|own| own.iter().map(|p| p.middle()).collect()).collect();
        Proved { play: self.system.whole(&middle, &0.0), exact: None, width }
    }
}
