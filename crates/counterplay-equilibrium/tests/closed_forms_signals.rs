//! Models of those who know and those who ask, whose equilibria are formulas: Spence's market and Crawford and Sobel's talk, on
//! grids that hold what the formulas say. The referee finds no gain at them, and a gain one step beyond. The rows are those of
//! the reference results, and can be checked by hand.
#![allow(missing_docs)]

#[path = "common/signals.rs"]
mod signals;

use std::collections::HashSet;

use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::{Examination, certify, examine};
use signals::Signals;

/// What rounding leaves of a gain of zero.
const NOTHING: f64 = 1e-12;

/// A worker of ability $\theta$, low or high, learns $e$ at the price of $e / \theta$; an employer who sees only $e$ pays a
/// wage and loses the square of its distance from the ability, so that it pays what it expects.
struct Market {
    abilities: [f64; 2],
    high: f64,
    signals: Signals,
    wages: Vec<f64>,
}

/// Education comes in steps of a tenth.
const EDUCATION: f64 = 0.1;

impl Market {
    /// With this many steps of education, and wages in tenths from the low ability to the high.
    fn new(abilities: [f64; 2], high: f64, steps: usize) -> Self {
        let count = tenths(abilities[1] - abilities[0]);
        let wages: Vec<f64> = (0..=count).map(|k| abilities[0] + k as f64 / 10.0).collect();
        let pay = |t: usize, e: usize, w: usize| {
            let (ability, wage) = (abilities[t], wages[w]);
            [wage - EDUCATION * e as f64 / ability, -(wage - ability).powi(2)]
        };
        let signals = Signals::new(&[1.0 - high, high], steps, count + 1, pay);
        Self { abilities, high, signals, wages }
    }

    fn wage(&self, wage: f64) -> usize {
        self.wages.iter().position(|w| (w - wage).abs() < 1e-9).expect("a wage of the grid")
    }

    /// The low learn nothing, the high `e` steps; whoever learns anything else is taken for low.
    fn separating(&self, e: usize) -> Vec<f64> {
        let [low, high] = self.abilities.map(|a| self.wage(a));
        self.signals.pure(|kind| kind * e, |seen| if seen == e { high } else { low })
    }

    /// Both learn `e` steps and get the average; whoever learns anything else is taken for low.
    fn pooling(&self, e: usize) -> Vec<f64> {
        let [low, high] = self.abilities;
        let average = self.wage(low + self.high * (high - low));
        let low = self.wage(low);
        self.signals.pure(|_| e, |seen| if seen == e { average } else { low })
    }

    fn examine(&self, play: &[f64]) -> Examination {
        examine(&self.signals.game, &self.signals.numbers, play)
    }

    /// What the low and the high could gain by learning something else, and the employer at most by another wage for what is
    /// learnt.
    fn gains(&self, play: &[f64]) -> ([f64; 2], f64) {
        let seen = self.examine(play);
        let worker = [0, 1].map(|kind| seen.sets[self.signals.sender(kind).index()].regret);
        let workers = [0, 1].map(|kind| self.signals.sender(kind));
        let employer = seen.sets.iter().filter(|s| !workers.contains(&s.set));
        (worker, employer.map(|s| s.regret).fold(0.0, f64::max))
    }

    /// The largest gain where hands tremble: everybody learns everything with a small chance, the high with one that is smaller
    /// still, so that Bayes' rule says how odd learning is taken.
    fn trembling(&self, play: &[f64], chance: f64) -> f64 {
        let mut play = play.to_vec();
        for (kind, each) in [(0, chance), (1, chance * chance)] {
            let own = &mut play[self.signals.words(kind)];
            let rest = 1.0 - each * own.len() as f64;
            for p in own.iter_mut() {
                *p = rest * *p + each;
            }
        }
        let found = certify(&self.signals.game, &self.signals.numbers, &[1.0; 2], &play);
        assert_eq!(found.unreached, 0);
        found.regret
    }

    /// Whether some learning would pay the high if it showed that they are, and could never pay the low (Cho and Kreps 1987).
    fn fails_the_intuitive_criterion(&self, play: &[f64], steps: usize) -> bool {
        let seen = self.examine(play);
        let best = |kind: usize, e: usize| {
            self.abilities[1]
                - EDUCATION * e as f64 / self.abilities[kind]
                - self.signals.expects(&seen.values, kind)
        };
        (0..steps).any(|e| best(0, e) < -NOTHING && best(1, e) > NOTHING)
    }
}

fn tenths(x: f64) -> usize {
    (10.0 * x).round() as usize
}

/// Abilities, the share of the high; least and most education that separates, average wage, most education that pools.
type SpenceRow = ([f64; 2], f64, f64, f64, f64, f64);
const SPENCE: [SpenceRow; 3] = [
    ([1.0, 2.0], 0.5, 1.0, 2.0, 1.5, 0.5),
    ([1.0, 3.0], 0.5, 2.0, 6.0, 2.0, 1.0),
    ([2.0, 3.0], 0.3, 2.0, 3.0, 2.3, 0.6),
];

#[test]
fn education_separates_from_riley_s_least_to_the_most_that_the_high_bear() {
    for (abilities, high, least, most, ..) in SPENCE {
        let steps = tenths(most) + 2;
        let market = Market::new(abilities, high, steps);
        for e in tenths(least)..=tenths(most) {
            let play = market.separating(e);
            let (worker, employer) = market.gains(&play);
            assert!(worker[0].max(worker[1]).max(employer) < NOTHING, "{e} tenths: {worker:?}, {employer}");
            // What others are taken for is what small mistakes make of them.
            assert!(market.trembling(&play, 1e-7) < 1e-4, "{e} tenths");
            let fails = market.fails_the_intuitive_criterion(&play, steps);
            // A step above the least leaves nothing between that would keep the low away for sure.
            assert_eq!(fails, e > tenths(least) + 1, "{e} tenths");
        }
        // A step less, and the low would gain by it what the step costs them; a step more, and the high by learning nothing.
        let (below, _) = market.gains(&market.separating(tenths(least) - 1));
        assert!((below[0] - EDUCATION / abilities[0]).abs() < NOTHING && below[1] < NOTHING, "{below:?}");
        let (above, _) = market.gains(&market.separating(tenths(most) + 1));
        assert!((above[1] - EDUCATION / abilities[1]).abs() < NOTHING && above[0] < NOTHING, "{above:?}");
    }
}

#[test]
fn education_pools_up_to_what_the_low_bear_for_the_average_wage() {
    for (abilities, high, least, _, wage, most) in SPENCE {
        let steps = tenths(least) + 2;
        let market = Market::new(abilities, high, steps);
        assert!((abilities[0] + high * (abilities[1] - abilities[0]) - wage).abs() < NOTHING);
        let riley = market.examine(&market.separating(tenths(least)));
        for e in 0..=tenths(most) {
            let play = market.pooling(e);
            let (worker, employer) = market.gains(&play);
            assert!(worker[0].max(worker[1]).max(employer) < NOTHING, "{e} tenths: {worker:?}, {employer}");
            assert!(market.trembling(&play, 1e-7) < 1e-4, "{e} tenths");
            assert!(market.fails_the_intuitive_criterion(&play, steps), "{e} tenths");
            // The high do not get more than by showing what they are.
            let seen = market.examine(&play);
            let [pooled, shown] = [&seen, &riley].map(|s| market.signals.expects(&s.values, 1));
            assert!(pooled <= shown + NOTHING, "{pooled} pooled, {shown} apart");
        }
        let (above, _) = market.gains(&market.pooling(tenths(most) + 1));
        assert!((above[0] - EDUCATION / abilities[0]).abs() < NOTHING, "{above:?}");
    }
}

/// Talk about a state that is spread evenly over 0 to 1, in cells whose centres stand for them: the receiver loses the square of
/// the distance of its answer from the state, the sender from the state plus a bias.
struct Talk {
    cells: usize,
    bias: f64,
    signals: Signals,
    answers: Vec<f64>,
}

impl Talk {
    fn new(cells: usize, bias: f64, messages: usize, answers: Vec<f64>) -> Self {
        let odds = vec![1.0 / cells as f64; cells];
        let pay = |t: usize, _: usize, a: usize| {
            let state = centre(t, cells);
            [-(answers[a] - state - bias).powi(2), -(answers[a] - state).powi(2)]
        };
        let signals = Signals::new(&odds, messages, answers.len(), pay);
        Self { cells, bias, signals, answers }
    }

    /// With every centre and every border of a cell as an answer.
    fn with_all_answers(cells: usize, bias: f64, messages: usize) -> Self {
        Self::new(cells, bias, messages, (0..=2 * cells).map(|k| k as f64 / (2 * cells) as f64).collect())
    }

    fn answer(&self, answer: f64) -> usize {
        self.answers.iter().position(|a| (a - answer).abs() < 1e-9).expect("an answer of the grid")
    }

    /// States between two cutoffs, counted in cells, share a message, which is answered with the middle.
    fn partition(&self, cutoffs: &[usize]) -> Vec<f64> {
        let middle = |m: usize| (cutoffs[m] + cutoffs[m + 1]) as f64 / (2 * self.cells) as f64;
        self.signals
            .pure(|cell| cutoffs[1..].iter().filter(|c| **c <= cell).count(), |m| self.answer(middle(m)))
    }

    /// What a cell's width takes from the variance within every interval: that of a cell.
    fn lost(&self) -> f64 {
        1.0 / (12.0 * (self.cells * self.cells) as f64)
    }

    /// Whether these expected payoffs of sender and receiver are those of the formula with this many intervals, whose receiver gets
    /// `receiver`.
    fn assert_payoffs(&self, payoffs: &[f64], receiver: f64, tolerance: f64) {
        let expected = receiver + self.lost();
        assert!(
            (payoffs[1] - expected).abs() < tolerance,
            "the receiver gets {}, not {expected}",
            payoffs[1]
        );
        let expected = expected - self.bias * self.bias;
        assert!((payoffs[0] - expected).abs() < tolerance, "the sender gets {}, not {expected}", payoffs[0]);
    }
}

fn centre(cell: usize, cells: usize) -> f64 {
    (2 * cell + 1) as f64 / (2 * cells) as f64
}

/// The bias, the most intervals, the cutoffs, what the receiver and the sender expect, and a number of cells of which every
/// cutoff is a border.
type TalkRow = (f64, usize, &'static [f64], f64, f64, usize);
const TALK: [TalkRow; 5] = [
    (0.3, 1, &[0.0, 1.0], -0.083_333_333_333, -0.173_333_333_333, 20),
    (0.2, 2, &[0.0, 0.1, 1.0], -0.060_833_333_333, -0.100_833_333_333, 20),
    (1.0 / 12.0, 2, &[0.0, 1.0 / 3.0, 1.0], -0.027_777_777_778, -0.034_722_222_222, 30),
    (0.02, 5, &[0.0, 0.04, 0.16, 0.36, 0.64, 1.0], -0.006_533_333_333, -0.006_933_333_333, 50),
    (
        0.005,
        10,
        &[0.0, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0],
        -0.001_658_333_333,
        -0.001_683_333_333,
        100,
    ),
];

/// The sender is indifferent at a cutoff, and no cell's centre is one; an interval's middle is the mean of its cells' centres, and
/// an answer. So the grid costs the partition nothing, and of the payoffs only the variance within a cell, which is computed.
#[test]
fn talk_in_the_intervals_of_crawford_and_sobel_leaves_nothing_to_gain() {
    for (bias, most, cutoffs, receiver, sender, cells) in TALK {
        assert_eq!(cutoffs.len(), most + 1);
        assert!((receiver - bias * bias - sender).abs() < 1e-11);
        let talk = Talk::with_all_answers(cells, bias, most);
        let borders: Vec<usize> = cutoffs.iter().map(|c| (c * cells as f64).round() as usize).collect();
        let play = talk.partition(&borders);
        let found = certify(&talk.signals.game, &talk.signals.numbers, &[1.0; 2], &play);
        assert!(found.regret < NOTHING && found.unreached == 0, "bias {bias}: {found:?}");
        let seen = examine(&talk.signals.game, &talk.signals.numbers, &play);
        talk.assert_payoffs(&seen.values[0], receiver, 1e-11);
    }
}

/// A search through all partitions of this many cells into this many intervals for one in which nobody gains more than `allowed`.
struct Partitions {
    cells: usize,
    bias: f64,
    intervals: usize,
    allowed: f64,
    /// Pairs of the last two cutoffs, with their number, that lead to no partition.
    dead: HashSet<(usize, usize, usize)>,
}

impl Partitions {
    /// One whose first interval has at least this many cells.
    fn find(&mut self, first: usize) -> Option<Vec<usize>> {
        (first..=self.cells).find_map(|cutoff| self.go_on(&mut vec![0, cutoff]))
    }

    fn go_on(&mut self, cutoffs: &mut Vec<usize>) -> Option<Vec<usize>> {
        let &[.., before, last] = cutoffs.as_slice() else { unreachable!("two cutoffs at least") };
        if cutoffs.len() == self.intervals + 1 {
            return (last == self.cells).then(|| cutoffs.clone());
        }
        let key = (cutoffs.len(), before, last);
        if self.dead.contains(&key) {
            return None;
        }
        for next in last + 1..=self.cells {
            let (up, down) = self.gains(before, last, next);
            if down > self.allowed {
                // And more so with the answers farther up that follow.
                break;
            }
            if up > self.allowed {
                continue;
            }
            cutoffs.push(next);
            let found = self.go_on(cutoffs);
            cutoffs.pop();
            if found.is_some() {
                return found;
            }
        }
        self.dead.insert(key);
        None
    }

    /// What the cells next to a cutoff, that below and that above, would gain by the message of the other side; those farther off
    /// gain less.
    fn gains(&self, before: usize, cutoff: usize, next: usize) -> (f64, f64) {
        let middle = |a: usize, b: usize| (a + b) as f64 / (2 * self.cells) as f64;
        let (low, high) = (middle(before, cutoff), middle(cutoff, next));
        let loss = |answer: f64, cell: usize| (answer - centre(cell, self.cells) - self.bias).powi(2);
        let gain = |from: f64, to: f64, cell: usize| loss(from, cell) - loss(to, cell);
        (gain(low, high, cutoff - 1), gain(high, low, cutoff))
    }
}

/// Where $4b$ more than an interval's width is due to the next, $N + 1$ intervals need more room than there is: $2 N (N + 1) b$
/// is at least 1. On cells of width $h$ it is $4b - 2h$ that is due, so they are taken fine enough for that to be above 1 still,
/// and every partition into $N + 1$ intervals leaves somebody a gain; the referee sees the least. In the third row
/// $2 N (N + 1) b = 1$, where a first interval of no width would do: of three intervals there the first has at most two cells,
/// however fine, and with a first of a tenth somebody gains.
#[test]
fn one_interval_more_than_crawford_and_sobel_s_most_leaves_somebody_a_gain() {
    for (row, cells) in TALK.iter().zip([20, 20, 60, 150, 1200]) {
        let &(bias, most, cutoffs, ..) = row;
        let search =
            |intervals, allowed| Partitions { cells, bias, intervals, allowed, dead: HashSet::new() };
        let exact: Vec<usize> = cutoffs.iter().map(|c| (c * cells as f64).round() as usize).collect();
        assert!(search(most, NOTHING).find(exact[1]).is_some(), "bias {bias}: the row's is not found");
        let room = 2.0 * (most * (most + 1)) as f64 * bias;
        let first = if room > 1.0 + 1e-9 { 1 } else { cells / 10 };
        assert!(room > 1.0 - 1e-9);
        if first > 1 {
            assert!(search(most + 1, NOTHING).find(3).is_none(), "bias {bias}: three cells at least");
        }
        assert!(search(most + 1, NOTHING).find(first).is_none(), "bias {bias}");
        let (mut none, mut some) = (0.0, 1.0);
        while some - none > 1e-2 * some {
            let allowed = if none == 0.0 { some / 10.0 } else { 0.5 * (none + some) };
            let found = search(most + 1, allowed).find(first).is_some();
            *(if found { &mut some } else { &mut none }) = allowed;
        }
        let nearest = search(most + 1, some).find(first).expect("found before");
        let middle = |w: &[usize]| (w[0] + w[1]) as f64 / (2 * cells) as f64;
        let talk = Talk::new(cells, bias, most + 1, nearest.windows(2).map(middle).collect());
        let play = talk.partition(&nearest);
        let seen = certify(&talk.signals.game, &talk.signals.numbers, &[1.0; 2], &play);
        assert!(
            seen.regret > none && seen.regret <= some,
            "bias {bias}: {seen:?}, between {none} and {some}"
        );
    }
}

/// The branch from uniform play, and what a search finds beside it, end where the formulas say: in talk that means nothing, and, where
/// the bias leaves room, in the two intervals. At the limit only the rounding of a high precision is left.
#[test]
fn branches_of_talk_lead_to_the_intervals_that_the_bias_leaves_room_for() {
    for (bias, receivers) in [(0.3, &[-1.0 / 12.0][..]), (0.2, &[-1.0 / 12.0, -0.060_833_333_333])] {
        let talk = Talk::with_all_answers(10, bias, 2);
        let numbers = &talk.signals.numbers;
        let mut solver = Solver::new(&talk.signals.game, Settings::default());
        let start = SearchSettings { seed: 1, starts: 20, ..SearchSettings::default() };
        let search = solver.search(numbers, &[100.0; 2], &start);
        assert!(search.principal_first);
        let mut met = HashSet::new();
        for (index, at) in search.equilibria.iter().enumerate() {
            let settings = TraceSettings::default();
            let found = solver.trace_from(numbers, &[1.0; 2], (100.0, &at.logits), &settings, &mut |_| false);
            assert_eq!(found.end, TraceEnd::Limit);
            let referee = certify(&talk.signals.game, numbers, &[1.0; 2], &found.last.play);
            assert!(referee.regret < 1e-5, "bias {bias}: {referee:?}");
            let payoffs = &examine(&talk.signals.game, numbers, &found.last.play).values[0];
            let nearest = |r: &&f64| (payoffs[1] - **r - talk.lost()).abs();
            let known = receivers.iter().min_by(|a, b| nearest(a).total_cmp(&nearest(b))).expect("one");
            talk.assert_payoffs(payoffs, *known, 1e-5);
            met.insert(known.to_bits());
            assert!(index > 0 || *known == receivers[0], "the principal branch says something");
        }
        assert_eq!(met.len(), receivers.len(), "bias {bias}");
    }
}

/// Of all that separates, the branch from uniform play picks Riley's least education for the high. It holds the low, who are just
/// indifferent there, by a wage that is the high ability to the next tenth: as many of them join in as it allows.
#[test]
fn the_principal_branch_of_spence_s_market_leads_to_riley_s_education() {
    for (abilities, high, least, ..) in SPENCE {
        let market = Market::new(abilities, high, tenths(least) + 3);
        let (game, numbers) = (&market.signals.game, &market.signals.numbers);
        let mut solver = Solver::new(game, Settings::default());
        let found = solver.trace(numbers, &[1.0; 2], &TraceSettings::default(), &mut |_| false);
        assert_eq!(found.end, TraceEnd::Limit);
        let referee = certify(game, numbers, &[1.0; 2], &found.last.play);
        assert!(referee.regret < 1e-5, "{referee:?}");
        let learnt = |kind: usize, e: usize| found.last.play[market.signals.words(kind)][e];
        let riley = tenths(least);
        assert!(learnt(1, riley) > 0.999, "{}", learnt(1, riley));
        assert!(learnt(0, 0) + learnt(0, riley) > 0.999, "{} {}", learnt(0, 0), learnt(0, riley));
        let joined = (1.0 - high) * learnt(0, riley);
        let below = (abilities[1] - abilities[0]) * joined / (joined + high);
        assert!(below < 0.05 + 1e-3, "those with Riley's education fall {below} short of the high ability");
        let paid = |e: usize, wage: f64| found.last.play[market.signals.answers(e)][market.wage(wage)];
        assert!(paid(riley, abilities[1]) > 0.99 && paid(0, abilities[0]) > 0.99);
    }
}
