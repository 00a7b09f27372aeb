//! Laws of several points at once: the result of each is what it is alone.
#![allow(missing_docs)]

mod common;

use common::{Lcg, crisis, random_game};
use counterplay_equilibrium::logit::batch::{Batch, Progress};
use counterplay_equilibrium::logit::{Settings, Solver, Status};
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

const MAX_SWEEPS: usize = 40;

struct Point {
    numbers: Valuation,
    precisions: Vec<f64>,
    start: Vec<f64>,
}

/// Points wide apart: precisions from nothing to where the iteration fails, payoffs of any size, one that is no number.
fn points(game: &Game, seed: u64, count: usize) -> Vec<Point> {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let point = |k: usize| {
        let mut numbers = game.at(&game.expressions().evaluate(&[random.next(), -random.next()]));
        if k == 5 {
            numbers.payoffs[0] = f64::NAN;
        }
        let size = [0.0, 0.3, 1.0, 4.0, 40.0, 1.0, 400.0][k % 7];
        Point {
            numbers,
            precisions: game.players().iter().map(|_| size * (0.5 + random.next())).collect(),
            start: (0..game.action_count()).map(|_| (k % 3) as f64 * random.next()).collect(),
        }
    };
    (0..count).map(point).collect()
}

fn weights(game: &Game) -> Vec<f64> {
    (0..game.action_count()).map(|k| (k % 7) as f64 - 3.0).collect()
}

/// The result of each point: its progress, its logits, and where it was reached its gradient.
type Results = Vec<Option<(Progress, Vec<f64>, Option<[Vec<f64>; 3]>)>>;

/// Solves all points; a lane that is done takes the next one.
fn solve<const L: usize>(game: &Game, points: &[Point]) -> Results {
    let mut batch = Batch::<L>::new(game, Settings::default());
    let weights = weights(game);
    let (mut held, mut next) = ([None; L], 0..points.len());
    let mut results: Results = points.iter().map(|_| None).collect();
    loop {
        for lane in 0..L {
            if matches!(batch.progress(lane), Progress::Iterating { .. }) {
                continue;
            }
            if let Some(done) = held[lane].take() {
                let progress = batch.progress(lane);
                let gradient = matches!(progress, Progress::Reached { .. }).then(|| {
                    // The other lanes are in the middle of their iterations, which this must not disturb.
                    let mut of_lanes = [None; L];
                    of_lanes[lane] = Some(&weights[..]);
                    let gradient = batch.gradients(&of_lanes)[lane].take().expect("it has weights");
                    [gradient.numbers.payoffs, gradient.numbers.chance, gradient.precisions]
                });
                results[done] = Some((progress, batch.logits(lane), gradient));
            }
            if let Some(point) = next.next() {
                batch.forget(lane);
                batch.load(lane, &points[point].numbers);
                batch.start(lane, &points[point].precisions, &points[point].start, 0.0, MAX_SWEEPS);
                held[lane] = Some(point);
            }
        }
        if held == [None; L] {
            return results;
        }
        batch.step();
    }
}

fn games() -> impl Iterator<Item = Game> {
    (0..12).map(|seed| random_game(seed, 5, 2)).chain([crisis(2, 3, 2), crisis(1, 4, 3)])
}

/// In bits, so that numbers that are none are equal.
fn bits(results: &Results) -> Vec<String> {
    results.iter().map(|r| format!("{r:?}")).collect()
}

#[test]
fn a_point_comes_to_the_same_bits_in_one_lane_four_or_eight() {
    for (seed, game) in games().enumerate() {
        let points = points(&game, seed as u64, 21);
        let alone = bits(&solve::<1>(&game, &points));
        assert_eq!(alone, bits(&solve::<4>(&game, &points)));
        assert_eq!(alone, bits(&solve::<8>(&game, &points)));
    }
}

#[test]
fn a_lane_comes_to_what_the_solver_comes_to() {
    let (mut reached, mut failed) = (0, 0);
    for (seed, game) in games().enumerate() {
        let points = points(&game, seed as u64, 14);
        let settings =
            Settings { max_corrections: MAX_SWEEPS, max_sweeps: MAX_SWEEPS, ..Settings::default() };
        for (point, result) in points.iter().zip(solve::<4>(&game, &points)) {
            let (progress, logits, gradient) = result.expect("all points are solved");
            let Progress::Reached { sweeps, .. } = progress else {
                failed += 1;
                continue;
            };
            reached += 1;
            let mut solver = Solver::new(&game, settings);
            let found = solver.solve_from(&point.numbers, &point.precisions, &point.start);
            assert_eq!(found.status, Status::Converged);
            assert_eq!(found.sweeps, sweeps + 1, "one more, for the certificate");
            assert_eq!(found.logits, logits);
            let expected = solver.gradient(&point.precisions, &weights(&game));
            let expected = [expected.numbers.payoffs, expected.numbers.chance, expected.precisions];
            assert_eq!(gradient, Some(expected));
        }
    }
    assert!(reached > 50 && failed > 10, "{reached} reached, {failed} failed");
}

#[test]
fn a_budget_of_nothing_fails_at_once() {
    let game = crisis(1, 2, 1);
    let mut batch = Batch::<4>::new(&game, Settings::default());
    batch.start(2, &[1.0, 1.0], &vec![0.0; game.action_count()], 0.0, 0);
    assert!(matches!(batch.progress(2), Progress::Failed { sweeps: 0, .. }));
    assert_eq!(batch.progress(0), Progress::Idle);
    assert!(!batch.step());
}
