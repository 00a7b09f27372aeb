//! What must hold of estimated precisions in any game.

mod common;

use common::{Lcg, crisis, normal_form, random_normal_form};
use counterplay_equilibrium::estimate::{Maximum, Observed, Place, PrecisionEstimate, Settings, precision};
use counterplay_equilibrium::logit;
use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Certified play at a precision on the branch, unless it cannot be followed there without doubt.
fn play(game: &Game, precision: f64) -> Option<Vec<f64>> {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = vec![precision; game.players().len()];
    let mut solver = logit::Solver::new(game, logit::Settings::default());
    let settings = TraceSettings { regret: -1.0, max_precision: precision, ..TraceSettings::default() };
    let unit = vec![1.0; precisions.len()];
    let trace = solver.trace(&numbers, &unit, &settings, &mut |_| false);
    if trace.end != TraceEnd::MaxPrecision {
        return None;
    }
    let certified = certify(game, &numbers, &precisions, &trace.last.play);
    (certified.residual < 1e-8).then_some(trace.last.play)
}

fn log_likelihood(play: &[f64], counts: &[f64]) -> f64 {
    play.iter().zip(counts).filter(|(_, c)| **c > 0.0).map(|(p, c)| c * p.ln()).sum()
}

fn estimate(game: &Game, counts: &[f64]) -> PrecisionEstimate {
    precision(&[Observed { game, known: &[], counts }], &Settings::default()).expect("there are counts")
}

/// Whether nothing stood in the way of following the branch.
fn known_to_the_end(found: &PrecisionEstimate) -> bool {
    found.crossed_at.is_none() && found.unsolved.is_empty()
}

/// Whether the estimate is on the part of the branch of which there is no doubt. Where another branch crosses, or comes
/// so near that it seems to, which one is followed may depend on the order of the strategies; and how far towards its
/// limit it can be followed, on rounding.
fn no_doubt(found: &PrecisionEstimate) -> bool {
    let before = found.crossed_at.is_none_or(|crossed| found.best().precision < crossed);
    before && (found.best().place != Place::Limit || found.unsolved.is_empty())
}

/// How much of an estimate is rounding: part of itself, and where the likelihood is flat of its standard error.
fn rounding(maximum: &Maximum) -> f64 {
    1e-7 * maximum.precision + 1e-6 * maximum.standard_error.unwrap_or(0.0)
}

/// Counts of `total` independent choices of each player.
fn draws(game: &Game, play: &[f64], total: usize, random: &mut Lcg) -> Vec<f64> {
    let mut counts = vec![0.0; play.len()];
    for set in game.info_set_ids() {
        let own = game.actions(set);
        for _ in 0..total {
            let mut left = random.next();
            let chosen = own.clone().find(|&a| {
                left -= play[a];
                left < 0.0
            });
            counts[chosen.unwrap_or(own.end - 1)] += 1.0;
        }
    }
    counts
}

#[test]
fn estimates_from_drawn_counts_lie_around_the_truth_as_their_standard_errors_say() {
    let (mut near, mut interior) = (0, 0);
    for seed in 0..150 {
        let game = random_normal_form(seed).game();
        let mut random = Lcg(seed + 1_000);
        let truth = 0.05 + 0.3 * random.next();
        let Some(play) = play(&game, truth) else { continue };
        let counts = draws(&game, &play, 2_000, &mut random);
        let found = estimate(&game, &counts);
        let best = found.best();
        assert!(best.log_likelihood >= log_likelihood(&play, &counts) - 1e-6, "seed {seed}");
        let Some(error) = best.standard_error else { continue };
        let off = (best.precision - truth).abs() / error;
        assert!(off < 4.0, "seed {seed}: {} is {off} standard errors from {truth}", best.precision);
        interior += 1;
        near += usize::from(off < 1.96);
    }
    let share = f64::from(u32::try_from(near).expect("few")) / f64::from(interior);
    println!("{interior} interior estimates, of which {share} within 1.96 standard errors");
    // With 150 draws the share is within 0.95 +- 0.055 but for one time in a thousand.
    assert!(interior > 130 && (0.895..=1.0).contains(&share), "{share} of {interior}");
}

#[test]
fn play_in_crisis_bargaining_gives_back_its_precision() {
    let game = crisis(2, 2, 2);
    let truth = 10.0;
    let play = play(&game, truth).expect("it is solved");
    // How often each information set was reached does not matter, as long as those that matter are.
    let counts: Vec<f64> = game
        .info_set_ids()
        .flat_map(|set| game.actions(set).map(move |a| (a, set.index() % 5)))
        .map(|(a, weight)| weight as f64 * play[a])
        .collect();
    let found = estimate(&game, &counts);
    let best = found.best();
    assert_eq!(best.place, Place::Interior);
    assert!((best.precision - truth).abs() < 1e-6, "{}", best.precision);
    assert!((best.log_likelihood - found.frequencies_log_likelihood).abs() < 1e-8);
}

proptest! {
    // The same games every time: in about one of two thousand a fold of the branch is stepped over in one form of the
    // game and not in the other.
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(1995),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn counts_in_the_proportions_of_play_give_back_its_precision(seed in 0u64..1_000_000, truth in 0.02f64..0.4) {
        let game = random_normal_form(seed).game();
        let Some(play) = play(&game, truth) else { return Ok(()) };
        let counts: Vec<f64> = play.iter().map(|p| 1000.0 * p).collect();
        let found = estimate(&game, &counts);
        let level = found.frequencies_log_likelihood;
        prop_assert!((found.best().log_likelihood - level).abs() < 1e-7 * level.abs(), "{:?}", found);
        let met = found.maxima.iter().any(|m| (m.precision - truth).abs() < 1e-5 * truth);
        prop_assert!(met, "truth {}, found {:?}", truth, found);
    }

    #[test]
    fn the_likelihood_is_level_at_an_interior_maximum(seed in 0u64..1_000_000) {
        let game = random_normal_form(seed).game();
        let mut random = Lcg(seed);
        let counts: Vec<f64> = (0..game.action_count()).map(|_| (100.0 * random.next()).floor()).collect();
        let found = estimate(&game, &counts);
        for maximum in &found.maxima {
            let doubtful = found.crossed_at.is_some_and(|crossed| crossed <= maximum.precision);
            if maximum.place != Place::Interior || doubtful {
                continue;
            }
            let at = |share: f64| play(&game, maximum.precision * share).map(|p| log_likelihood(&p, &counts));
            let step = 1e-4;
            let (Some(below), Some(here), Some(above)) = (at(1.0 - step), at(1.0), at(1.0 + step)) else {
                return Ok(());
            };
            let total: f64 = counts.iter().sum();
            prop_assert!((here - maximum.log_likelihood).abs() < 1e-7 * total);
            prop_assert!(here >= below - 1e-9 * total && here >= above - 1e-9 * total);
            let bend = maximum.information.expect("it is interior") * (maximum.precision * step).powi(2);
            let slope = (above - below).abs() / 2.0;
            prop_assert!(slope <= 0.05 * bend + 1e-9 * total, "slope {}, bend {}", slope, bend);
            prop_assert!((2.0 * here - above - below - bend).abs() <= 0.05 * bend + 1e-9 * total);
        }
    }

    #[test]
    fn other_names_for_strategies_and_players_change_nothing(seed in 0u64..1_000_000) {
        let given = random_normal_form(seed);
        let sizes: Vec<usize> = given.strategies.iter().map(Vec::len).collect();
        // Players in reverse, and each one's strategies in reverse.
        let reversed: Vec<usize> = sizes.iter().rev().copied().collect();
        let mut payoffs = vec![Rational::from_integer(0.into()); given.profile_count() * sizes.len()];
        let shape = normal_form(&reversed, payoffs.clone());
        for index in 0..given.profile_count() {
            let profile = shape.profile(index);
            let back: Vec<usize> = (0..sizes.len()).map(|p| sizes[p] - 1 - profile[sizes.len() - 1 - p]).collect();
            for player in 0..sizes.len() {
                payoffs[index * sizes.len() + player] = given.payoff(&back, sizes.len() - 1 - player).clone();
            }
        }
        let (game, other) = (given.game(), normal_form(&reversed, payoffs).game());
        let mut random = Lcg(seed);
        let counts: Vec<f64> = (0..game.action_count()).map(|_| (50.0 * random.next()).floor() + 1.0).collect();
        let turned: Vec<f64> = counts.iter().rev().copied().collect();
        let (a, b) = (estimate(&game, &counts), estimate(&other, &turned));
        if known_to_the_end(&a) && known_to_the_end(&b) {
            prop_assert_eq!(a.maxima.len(), b.maxima.len());
        }
        prop_assume!(no_doubt(&a) && no_doubt(&b));
        let (a, b) = (a.best(), b.best());
        prop_assert_eq!(a.place, b.place);
        if a.place == Place::Fold {
            // A fold is where the branch steps over it.
            prop_assert!((a.precision - b.precision).abs() <= 1e-3 * a.precision);
            return Ok(());
        }
        prop_assert!((a.precision - b.precision).abs() <= rounding(a));
        prop_assert!((a.log_likelihood - b.log_likelihood).abs() <= 1e-9 * a.log_likelihood.abs());
        for (p, q) in a.play[0].iter().zip(b.play[0].iter().rev()) {
            prop_assert!((p - q).abs() < 1e-7);
        }
    }

    #[test]
    fn payoffs_times_a_factor_divide_the_precision_by_it(seed in 0u64..1_000_000, factor in 1i64..500, level in -50i64..50) {
        let given = random_normal_form(seed);
        let sizes: Vec<usize> = given.strategies.iter().map(Vec::len).collect();
        let change = |x: &Rational| x * Rational::new(factor.into(), 20.into()) + Rational::from_integer(level.into());
        let payoffs = (0..given.profile_count()).map(|k| given.profile(k)).flat_map(|profile| {
            (0..sizes.len()).map(|player| change(given.payoff(&profile, player))).collect::<Vec<_>>()
        });
        let (game, other) = (given.game(), normal_form(&sizes, payoffs.collect()).game());
        let mut random = Lcg(seed);
        let counts: Vec<f64> = (0..game.action_count()).map(|_| (50.0 * random.next()).floor() + 1.0).collect();
        let (a, b) = (estimate(&game, &counts), estimate(&other, &counts));
        prop_assume!(no_doubt(&a) && no_doubt(&b));
        let (a, b) = (a.best(), b.best());
        let factor = factor as f64 / 20.0;
        prop_assert_eq!(a.place, b.place);
        if a.place == Place::Fold {
            prop_assert!((a.precision - factor * b.precision).abs() <= 1e-3 * a.precision);
            return Ok(());
        }
        prop_assert!((a.precision - factor * b.precision).abs() <= rounding(a));
        prop_assert!((a.log_likelihood - b.log_likelihood).abs() <= 1e-9 * a.log_likelihood.abs());
        if let (Some(a), Some(b)) = (a.standard_error, b.standard_error) {
            prop_assert!((a - factor * b).abs() <= 1e-4 * a);
        }
    }
}
