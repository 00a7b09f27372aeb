//! The volunteer's dilemma of Goeree, Holt and Smith (2017): games of up to twelve players, pooled.
//!
//! Each member of a group volunteers at a cost of 0.2 or does not. All get 1 if anyone volunteers, and 0.2 if nobody
//! does. No estimate of the precision is published in the sources at hand, so ours is checked against the symmetric
//! equilibrium found by bisection. The record states too small a group for two of the sessions; their sizes of 9 and
//! 12 are those of the paper.

use counterplay_equilibrium::estimate::{Observed, Place, Settings, precision};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;

/// The size of the group, how often its members volunteered, and of how many choices.
const SEEN: [(usize, f64, f64); 5] =
    [(2, 351.0, 680.0), (3, 285.0, 720.0), (6, 262.0, 960.0), (9, 140.0, 720.0), (12, 180.0, 960.0)];

fn dilemma(players: usize) -> Game {
    let fifths = |x: i64| Rational::new(x.into(), 5.into());
    let payoffs = (0..1usize << players).flat_map(|profile| {
        let pays = move |player: usize| if profile >> player & 1 == 0 { 4 } else { 5 };
        let nobody = profile + 1 == 1 << players;
        (0..players).map(move |player| fifths(if nobody { 1 } else { pays(player) }))
    });
    let names = (1..=players).map(|p| p.to_string()).collect();
    let choices = vec!["volunteer".to_string(), "wait".to_string()];
    NormalForm::new(names, vec![choices; players], payoffs.collect()).game()
}

/// The probability of volunteering at the symmetric equilibrium, by bisection.
fn volunteers(players: usize, precision: f64) -> f64 {
    let others = i32::try_from(players - 1).expect("few players");
    let response = |p: f64| 1.0 / (1.0 + (-precision * (0.8 * (1.0 - p).powi(others) - 0.2)).exp());
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if response(middle) > middle { low = middle } else { high = middle }
    }
    low
}

fn log_likelihood(precision: f64) -> f64 {
    let part = |&(players, yes, all): &(usize, f64, f64)| {
        let p = volunteers(players, precision);
        yes * p.ln() + (all - yes) * (1.0 - p).ln()
    };
    SEEN.iter().map(part).sum()
}

#[test]
fn one_precision_for_groups_of_two_to_twelve_is_that_of_the_symmetric_equilibria() {
    let games: Vec<Game> = SEEN.iter().map(|s| dilemma(s.0)).collect();
    let counts: Vec<Vec<f64>> =
        SEEN.iter().map(|&(n, yes, all)| [yes / n as f64, (all - yes) / n as f64].repeat(n)).collect();
    let observed: Vec<Observed> =
        games.iter().zip(&counts).map(|(game, counts)| Observed { game, known: &[], counts }).collect();
    let settings = Settings { smallest: 0.1, largest: 40.0, scan: 16, ..Settings::default() };
    let found = precision(&observed, &settings).expect("there are counts");
    let best = found.best();
    println!("{} {:?} {:?} {:?}", best.precision, best.standard_error, best.log_likelihood, found.unsolved);
    assert_eq!((found.maxima.len(), best.place), (1, Place::Interior));
    // Asymmetric equilibria branch off; the one that goes straight on is symmetric.
    assert!(found.crossed_at.expect("the game is symmetric") < best.precision);
    let (h, at) = (1e-2, best.precision);
    let [below, here, above] = [at - h, at, at + h].map(log_likelihood);
    assert!((best.log_likelihood - here).abs() < 1e-7);
    let information = (2.0 * here - below - above) / (h * h);
    // The distance of the estimate from the summit of the parabola through the three points.
    assert!(((above - below) / (2.0 * h) / information).abs() < 1e-3);
    assert!((best.information.expect("it is interior") / information - 1.0).abs() < 1e-3);
    for (play, (players, _, _)) in best.play.iter().zip(SEEN) {
        assert!(play.iter().step_by(2).all(|p| (p - volunteers(players, at)).abs() < 1e-8));
    }
}
