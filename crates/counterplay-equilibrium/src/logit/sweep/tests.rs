//! Each lane of a sweep against a sweep of that lane alone.

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use super::{Adjoint, Sweep};
use crate::common::{Lcg, crisis, random_game};
use crate::logit::layout::Layout;
use crate::numeric::lanes::lanes;

/// How far apart the lanes are: from play that is nearly uniform to play whose reach is too small for a number.
const LOGITS: [f64; 8] = [1.0, 1e-8, 40.0, 3000.0, 0.0, 300.0, f64::INFINITY, 1e5];
const PRECISIONS: [f64; 8] = [1.0, 1e-6, 30.0, 1e4, 0.0, 200.0, f64::NAN, 1e6];
const PAYOFFS: [f64; 8] = [1.0, 1e6, 1e-6, 1.0, 0.0, 10.0, 1.0, -1.0];

/// What one lane is given.
struct TestPoint {
    numbers: Valuation,
    precisions: Vec<f64>,
    logits: Vec<f64>,
    d_logits: Vec<f64>,
    d_precisions: Vec<f64>,
    d_payoffs: Vec<f64>,
    root: Vec<f64>,
}

fn points(game: &Game, layout: &Layout, seed: u64) -> Vec<TestPoint> {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let mut vector = |count: usize, size: f64| -> Vec<f64> {
        (0..count).map(|_| size * (2.0 * random.next() - 1.0)).collect()
    };
    let base = game.at(&game.expressions().evaluate(&[0.3, -0.2]));
    (0..8)
        .map(|lane| {
            let mut numbers = base.clone();
            for (payoff, by) in numbers.payoffs.iter_mut().zip(vector(base.payoffs.len(), PAYOFFS[lane])) {
                *payoff = *payoff * PAYOFFS[lane] + by;
            }
            if lane == 5 {
                // Chance never leads down its first branches.
                numbers.chance.iter_mut().step_by(2).for_each(|p| *p = 0.0);
            }
            let precisions = vector(layout.players, 1.0).iter().map(|x| x.abs() * PRECISIONS[lane]).collect();
            TestPoint {
                numbers,
                precisions,
                logits: vector(layout.actions, LOGITS[lane]),
                d_logits: vector(layout.actions, 1.0),
                d_precisions: vector(layout.players, 1.0),
                d_payoffs: vector(layout.end_count * layout.players, 1.0),
                root: vector(layout.players, 1.0),
            }
        })
        .collect()
}

/// Lane by lane.
fn side_by_side<const L: usize>(points: &[TestPoint], of: fn(&TestPoint) -> &[f64]) -> Vec<f64> {
    (0..of(&points[0]).len()).flat_map(|k| points[..L].iter().map(move |p| of(p)[k])).collect()
}

/// All that comes out of sweeps and their derivatives.
fn all<const L: usize>(layout: &Layout, points: &[TestPoint]) -> Vec<Vec<f64>> {
    let mut sweep = Sweep::<L>::new(layout);
    for (lane, point) in points[..L].iter().enumerate() {
        sweep.load_lane(layout, lane, &point.numbers);
    }
    let flat = |of: fn(&TestPoint) -> &[f64]| side_by_side::<L>(points, of);
    let (precisions, logits) = (flat(|p| &p.precisions), flat(|p| &p.logits));
    let d_logits = flat(|p| &p.d_logits);
    let mut found = Vec::new();
    let mut out = vec![0.0; layout.actions * L];
    sweep.respond_at_once(layout, &precisions, &logits);
    found.extend([sweep.response.clone(), sweep.action_values.clone(), sweep.values().to_vec()]);
    sweep.carry(layout, &precisions, &d_logits, &mut out);
    found.push(out.clone());
    sweep.respond(layout, &precisions, &logits);
    found.extend([sweep.response.clone(), sweep.action_values.clone(), sweep.values().to_vec()]);
    found.extend([sweep.beliefs.as_flattened().to_vec(), sweep.new_odds.as_flattened().to_vec()]);
    let (d_precisions, d_payoffs) = (flat(|p| &p.d_precisions), flat(|p| &p.d_payoffs));
    sweep.tangent_with(layout, &precisions, &d_logits, &d_precisions, &d_payoffs, &mut out);
    found.push(out);
    let mut adjoint = Adjoint::zero(layout);
    for root in [Vec::new(), flat(|p| &p.root)] {
        sweep.adjoint_with(layout, &precisions, &d_logits, &root, &mut adjoint);
        let Adjoint { logits, precisions, numbers } = adjoint.clone();
        found.extend([logits, precisions, numbers.chance, numbers.payoffs]);
    }
    found
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn check<const L: usize>(layout: &Layout, points: &[TestPoint]) {
    let together = all::<L>(layout, points);
    for lane in 0..L {
        let alone = all::<1>(layout, &points[lane..]);
        for (what, (together, alone)) in together.iter().zip(&alone).enumerate() {
            for (k, (together, alone)) in lanes::<L>(together).iter().zip(alone).enumerate() {
                assert!(
                    same(together[lane], *alone),
                    "lane {lane} of {L}, array {what}, number {k}: {} or {alone}",
                    together[lane]
                );
            }
        }
    }
}

#[test]
fn a_lane_gives_the_bits_that_it_gives_alone_whatever_is_in_the_others() {
    let random = (0..40).map(|seed| random_game(seed, 5, 2));
    for (seed, game) in random.chain([crisis(2, 3, 2), crisis(1, 6, 1)]).enumerate() {
        for layout in [Layout::new(&game), Layout::with_all_logits(&game)] {
            let mut points = points(&game, &layout, seed as u64);
            for _ in 0..4 {
                check::<8>(&layout, &points);
                check::<4>(&layout, &points);
                check::<2>(&layout, &points);
                points.rotate_left(3);
            }
        }
    }
}

#[test]
fn beliefs_far_off_the_path_of_play_are_met_in_some_lanes() {
    let game = crisis(2, 3, 2);
    let layout = Layout::new(&game);
    let points = points(&game, &layout, 1);
    let mut sweep = Sweep::<8>::new(&layout);
    points.iter().enumerate().for_each(|(lane, p)| sweep.load_lane(&layout, lane, &p.numbers));
    let [precisions, logits] =
        [side_by_side::<8>(&points, |p| &p.precisions), side_by_side::<8>(&points, |p| &p.logits)];
    sweep.respond(&layout, &precisions, &logits);
    let by_logs = |lane: usize| sweep.scale.iter().any(|s| s[lane] == 0.0);
    assert!(!by_logs(0) && !by_logs(4) && by_logs(3));
}

#[test]
fn a_lane_taken_out_is_the_sweep_of_its_point() {
    let game = crisis(2, 3, 2);
    let layout = Layout::new(&game);
    let points = points(&game, &layout, 1);
    let mut sweep = Sweep::<8>::new(&layout);
    points.iter().enumerate().for_each(|(lane, p)| sweep.load_lane(&layout, lane, &p.numbers));
    let precisions = side_by_side::<8>(&points, |p| &p.precisions);
    sweep.respond(&layout, &precisions, &side_by_side::<8>(&points, |p| &p.logits));
    for (lane, point) in points.iter().enumerate().filter(|(lane, _)| *lane != 6) {
        let (mut taken, mut alone) = (Sweep::<1>::new(&layout), Sweep::<1>::new(&layout));
        sweep.take_lane(lane, &mut taken);
        alone.load(&layout, &point.numbers);
        alone.respond(&layout, &point.precisions, &point.logits);
        let (mut one, mut other) = (vec![0.0; layout.actions], vec![0.0; layout.actions]);
        for (sweep, out) in [(&mut taken, &mut one), (&mut alone, &mut other)] {
            sweep.tangent(&layout, &point.precisions, &point.d_logits, &point.d_precisions, out);
        }
        assert_eq!(one, other);
        assert_eq!(taken.response, alone.response);
    }
}
