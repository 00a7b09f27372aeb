//! Models whose answers are formulas, played on a grid: the solvers' answers against the formulas, within what the grid can
//! tell. The rows are those of the reference results, and can be checked by hand.

use std::fmt::Write;
use std::sync::Arc;

use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::markov::{
    Equilibrium, Link, Numbers, Solver as Process, Stage, StageNumbers, StochasticGame,
};
use counterplay_equilibrium::markov::{Settings as ProcessSettings, Status as ProcessStatus};
use counterplay_equilibrium::nash::backward_induction::PerfectInformation;
use counterplay_equilibrium::referee::certify::certify;
use counterplay_equilibrium::referee::stationary::certify as certify_process;
use counterplay_game::gambit::read_efg;
use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

/// Why writing into a string is not seen to fail.
const WRITTEN: &str = "a string takes all";

/// The text of a take-it-or-leave-it offer at one history: the proposer's grid of the other's shares, and what both get where it
/// is refused.
fn offer(text: &mut String, proposer: usize, sets: (usize, usize), shares: &[f64], refused: [f64; 2]) {
    let labels: Vec<String> = (0..shares.len()).map(|k| format!("\"{k}\"")).collect();
    writeln!(text, "p \"\" {proposer} {} \"\" {{ {} }} 0", sets.0, labels.join(" ")).expect(WRITTEN);
    for (k, share) in shares.iter().enumerate() {
        let responder = 3 - proposer;
        writeln!(text, "p \"\" {responder} {} \"\" {{ \"accept\" \"refuse\" }} 0", sets.1 + k)
            .expect(WRITTEN);
        let mut paid = [1.0 - share; 2];
        paid[responder - 1] = *share;
        writeln!(text, "t \"\" 0 \"\" {{ {} {} }}", paid[0], paid[1]).expect(WRITTEN);
        writeln!(text, "t \"\" 0 \"\" {{ {} {} }}", refused[0], refused[1]).expect(WRITTEN);
    }
}

fn game(body: &str) -> Game {
    // Every end is an outcome of its own.
    let mut count = 0;
    let number = |line: &str| {
        if line.starts_with("t ") {
            count += 1;
            line.replacen("\"\" 0 \"\"", &format!("\"\" {count} \"\""), 1)
        } else {
            line.to_owned()
        }
    };
    let body: Vec<String> = body.lines().map(number).collect();
    let text = format!("EFG 2 R \"\" {{ \"1\" \"2\" }}\n{}\n", body.join("\n"));
    read_efg(&text).expect("a game file").game().expect("perfect recall")
}

/// Shares of a pie on a grid that no answer lies on, so that nobody is indifferent.
fn grid(count: usize) -> Vec<f64> {
    (0..count).map(|k| (2 * k + 1) as f64 / (2 * count) as f64).collect()
}

/// A state of a process of offers: who proposes, what refusal leads to with which weight, and the factors on the payoffs.
type State = (usize, Option<(usize, f64)>, [f64; 2]);

/// A process of offers, state by state.
fn bargaining(states: &[State], shares: &[f64]) -> (StochasticGame, Numbers) {
    let (mut stages, mut numbers) = (Vec::new(), Numbers::default());
    let games = [1, 2].map(|proposer| {
        let mut text = String::new();
        offer(&mut text, proposer, (1, 1), shares, [0.0; 2]);
        Arc::new(game(&text))
    });
    for &(proposer, onward, factors) in states {
        let game = &games[proposer - 1];
        let mut valuation = game.at(&game.expressions().evaluate(&[]));
        for pair in valuation.payoffs.chunks_exact_mut(2) {
            pair[0] *= factors[0];
            pair[1] *= factors[1];
        }
        let (mut links, mut weights) = (Vec::new(), Vec::new());
        if let Some((state, weight)) = onward {
            // Ends alternate: accepted, refused.
            let refused = |end: &counterplay_game::id::EndId| {
                valuation.payoffs[2 * end.index()..2 * end.index() + 2] == [0.0, 0.0]
            };
            for end in (0..game.end_count()).map(counterplay_game::id::EndId::new).filter(refused) {
                links.push(Link { end, state });
                weights.push(weight);
            }
        }
        stages.push(Stage { game: Arc::clone(game), links });
        numbers.stages.push(StageNumbers { valuation, weights });
    }
    (StochasticGame::new(stages).expect("sound"), numbers)
}

/// The most that anybody may gain by a deviation where the branch is followed no further: well below a step of any grid here.
const REGRET: f64 = 1e-5;

/// The value of the first state to player 1 at the limit.
fn first_value(process: &StochasticGame, numbers: &Numbers) -> f64 {
    let found = Process::new(process, ProcessSettings::default()).limit(numbers, &[1.0, 1.0]);
    assert!(found.regret < REGRET, "{:?} with a regret of {}", found.status, found.regret);
    found.values[0]
}

#[test]
fn finitely_many_offers_end_at_the_share_of_the_geometric_sum() {
    let count = 30;
    for (d, rounds) in [(0.9, 1), (0.9, 3), (0.5, 2), (0.7, 5_usize)] {
        let state = |t: usize| (1 + t % 2, (t + 1 < rounds).then_some((t + 1, d)), [1.0; 2]);
        let states: Vec<_> = (0..rounds).map(state).collect();
        let (process, numbers) = bargaining(&states, &grid(count));
        let found = first_value(&process, &numbers);
        let exact = (1.0 - f64::powi(-d, i32::try_from(rounds).unwrap())) / (1.0 + d);
        // Each proposer leaves up to a step of the grid to the other.
        let error = (0..rounds).map(|t| f64::powi(d, i32::try_from(t).unwrap())).sum::<f64>() / count as f64;
        assert!((found - exact).abs() <= error, "d {d}, T {rounds}: {found}, exact {exact}, error {error}");
    }
}

/// The value of the first proposer's offer to player 1, where refusal leads to another round and each discounts by its own factor,
/// by backward induction from round to round.
fn by_backward_induction(discounts: [f64; 2], rounds: usize, shares: &[f64]) -> f64 {
    let mut onward = [0.0; 2];
    for round in (0..rounds).rev() {
        let mut text = String::new();
        offer(&mut text, 1 + round % 2, (1, 1), shares, onward);
        let game = game(&text);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let solved = PerfectInformation::of(&game, &numbers).expect("everybody sees everything").solve();
        if round == 0 {
            return solved.payoffs[0];
        }
        onward = [0, 1].map(|player| discounts[player] * solved.payoffs[player]);
    }
    0.0
}

#[test]
fn offers_over_many_rounds_settle_at_rubinstein_s_shares() {
    let (rounds, count) = (30, 400);
    for [d1, d2] in [[0.9, 0.8], [0.9, 0.9], [0.0, 0.5]] {
        let found = by_backward_induction([d1, d2], rounds, &grid(count));
        let exact = (1.0 - d2) / (1.0 - d1 * d2);
        // The horizon, and a step of the grid in every round but in later ones discounted.
        let error = f64::powi(d1 * d2, 15) + (1.0 + d2) / (count as f64 * (1.0 - d1 * d2));
        assert!((found - exact).abs() <= error, "{d1}, {d2}: {found}, exact {exact}, error {error}");
    }
}

/// Whoever proposes offers the responder `offered`, and the responder accepts that and anything above it.
fn stationary_offers(shares: &[f64], offered: f64) -> Equilibrium {
    let accepted = |share: f64| share >= offered - 1e-12;
    let offers: Vec<f64> =
        shares.iter().map(|share| f64::from(u8::from((share - offered).abs() < 1e-12))).collect();
    let answers: Vec<f64> =
        shares.iter().flat_map(|share| if accepted(*share) { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
    // What player 1 decides comes first.
    let play = vec![[offers.as_slice(), &answers].concat(), [answers.as_slice(), &offers].concat()];
    Equilibrium {
        crossings: Vec::new(),
        logits: vec![vec![0.0; play[0].len()]; play.len()],
        play,
        // Player by player, state by state: what the proposer keeps, and what the responder gets.
        values: vec![1.0 - offered, offered, offered, 1.0 - offered],
        status: ProcessStatus::Converged,
        share: 1.0,
        residual: 0.0,
        regret: 0.0,
        systems: 0,
    }
}

#[test]
fn nobody_gains_by_leaving_rubinstein_s_shares_for_ever() {
    for d in [0.9, 0.99] {
        let exact = d / (1.0 + d);
        let step = 0.01;
        let mut shares = grid(50);
        shares.extend([exact, exact - step]);
        shares.sort_by(f64::total_cmp);
        let states = [(1, Some((1, d)), [1.0; 2]), (2, Some((0, d)), [1.0; 2])];
        let (process, numbers) = bargaining(&states, &shares);
        let certificate = |offered: f64| {
            let found = stationary_offers(&shares, offered);
            certify_process(&process, &numbers, &[f64::INFINITY; 2], &found).expect("perfect recall")
        };
        let there = certificate(exact);
        assert!(there.bellman < 1e-12 && there.regret < 1e-12, "d {d}: {there:?}");
        assert!(there.gain_bound < 1e-9, "d {d}: {there:?}");
        // Whoever is offered a step less gains by going on, where it proposes.
        let beside = certificate(exact - step);
        let gain = (1.0 + d) * step;
        assert!(beside.bellman < 1e-12 && (beside.regret - gain).abs() < 1e-12, "d {d}: {beside:?}");
    }
}

/// A demands a share of B, whose cost of war is one of these with these weights, from demands on a grid: demand, probability of
/// war and expected payoff of A at the limit of the principal branch.
fn demand(p: f64, cost: f64, types: &[(f64, String)], demands: &[f64]) -> (f64, f64, f64) {
    let chances: Vec<String> = types.iter().enumerate().map(|(k, t)| format!("\"{k}\" {}", t.1)).collect();
    let mut text = format!("c \"\" 1 \"\" {{ {} }} 0\n", chances.join(" "));
    let labels: Vec<String> = (0..demands.len()).map(|k| format!("\"{k}\"")).collect();
    for (t, (own, _)) in types.iter().enumerate() {
        writeln!(text, "p \"\" 1 1 \"\" {{ {} }} 0", labels.join(" ")).expect(WRITTEN);
        for (k, x) in demands.iter().enumerate() {
            let set = 1 + t * demands.len() + k;
            writeln!(text, "p \"\" 2 {set} \"\" {{ \"yield\" \"fight\" }} 0").expect(WRITTEN);
            writeln!(text, "t \"\" 0 \"\" {{ {x} {} }}", 1.0 - x).expect(WRITTEN);
            writeln!(text, "t \"\" 0 \"\" {{ {} {} }}", p - cost, 1.0 - p - own).expect(WRITTEN);
        }
    }
    let game = game(&text);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let settings = TraceSettings::default();
    let mut solver = Solver::new(&game, Settings::default());
    let found = solver.trace(&numbers, &[1.0; 2], &settings, &mut |_| false);
    assert_eq!(found.end, TraceEnd::Limit);
    let certificate = certify(&game, &numbers, &[1.0; 2], &found.last.play);
    assert!(certificate.regret < 1e-6, "{certificate:?}");
    let play = &found.last.play;
    let chosen = (0..demands.len()).max_by(|a, b| play[*a].total_cmp(&play[*b])).expect("a demand");
    assert!(play[chosen] > 0.99, "no single demand: {}", play[chosen]);
    let x = demands[chosen];
    let weight = |t: &(f64, String)| {
        let mut parts = t.1.split('/').map(|part| part.parse::<f64>().expect("a number"));
        parts.next().expect("a numerator") / parts.next().unwrap_or(1.0)
    };
    let war: f64 = types.iter().filter(|t| t.0 < x - p).map(weight).sum();
    (x, war, x * (1.0 - war) + (p - cost) * war)
}

#[test]
fn demands_of_fearon_s_model_with_uniform_costs_trade_risk_for_return() {
    let rows = [
        (0.5, 0.1, 0.0, 0.4, 0.65, 0.375, 0.55625),
        (0.5, 0.1, 0.1, 0.5, 0.7, 0.25, 0.625),
        (0.3, 0.05, 0.0, 0.6, 0.575, 0.458_333_333_333, 0.426_041_666_667),
        (0.6, 0.2, 0.0, 0.2, 0.6, 0.0, 0.6),
        (0.9, 0.05, 0.0, 0.5, 1.0, 0.2, 0.97),
    ];
    let (kinds, steps) = (20, 24);
    for (p, cost, low, high, x, war, payoff) in rows {
        let spacing = (high - low) / f64::from(kinds);
        let own = |k: i32| low + spacing * (f64::from(k) + 0.5);
        let types: Vec<(f64, String)> = (0..kinds).map(|k| (own(k), format!("1/{kinds}"))).collect();
        // From what the weakest grants to what the strongest does, or all; a little below, so that B is not indifferent.
        let (least, most) = (p + low, f64::min(1.0, p + high));
        let step = (most - least) / f64::from(steps);
        let demands: Vec<f64> = (0..=steps).map(|k| least + step * f64::from(k) - 1e-4).collect();
        let found = demand(p, cost, &types, &demands);
        // Payoffs are flat at the best demand: what the grid can cost is its steps; the demand itself is found less well.
        let grids = spacing + step + 1e-4;
        assert!((found.2 - payoff).abs() <= grids, "payoff {} for {payoff}, p {p}", found.2);
        let width = (grids * (high - low)).sqrt() + grids;
        assert!((found.0 - x).abs() <= width, "demand {} for {x}, within {width}", found.0);
        assert!((found.1 - war).abs() <= (width + spacing) / (high - low), "war {} for {war}", found.1);
    }
}

#[test]
fn demands_of_two_types_are_risky_below_the_threshold() {
    let rows = [
        (0.5, 0.1, 0.1, 0.4, "3/10", 0.9, 0.3, 0.75),
        (0.4, 0.2, 0.05, 0.3, "4/10", 0.7, 0.4, 0.5),
        (0.6, 0.05, 0.0, 0.2, "79/100", 0.8, 0.79, 0.6025),
    ];
    let rest = |q: &str| match q {
        "3/10" => "7/10",
        "4/10" => "6/10",
        _ => "21/100",
    };
    // Sixteenths of a hundredth below the round demands: B is not indifferent.
    let (count, below) = (20, 1e-2 / 16.0);
    let demands: Vec<f64> = (1..=count).map(|k| f64::from(k) / f64::from(count) - below).collect();
    for (p, cost, low, high, q, x, war, payoff) in rows {
        let types = [(low, q.to_owned()), (high, rest(q).to_owned())];
        let found = demand(p, cost, &types, &demands);
        assert!((found.0 - x).abs() <= 1.1 * below, "demand {} for {x}", found.0);
        assert!((found.1 - war).abs() < 1e-12, "war {} for {war}", found.1);
        assert!((found.2 - payoff).abs() <= 1.1 * below, "payoff {} for {payoff}", found.2);
    }
}

/// The rising side offers, period after period; the declining one accepts or fights, now or in any later period. Offers may ask the
/// declining side to pay: the formula takes war, and not zero, for the worst that it can be held to.
#[test]
fn a_shift_of_power_that_is_fast_enough_brings_preventive_war() {
    const STEP: f64 = 0.05;
    let offers: Vec<f64> = (0..40).map(|k| -1.0 + (f64::from(k) + 0.7) * STEP).collect();
    // p1, p2, discount, cost; the last two are peaceful by the formula, one just so.
    let rows = [
        (0.2, 0.8, 0.9, 1.0),
        (0.3, 0.5, 0.99, 10.0),
        (0.1, 0.9, 0.5, 1.0),
        (0.3, 0.35, 0.9, 2.0),
        (0.2, 0.5, 0.5, 0.8),
    ];
    for (p1, p2, d, cost) in rows {
        let (mut stages, mut numbers) = (Vec::new(), Numbers::default());
        for p in [p1, p2] {
            let mut text = String::new();
            let war = [(1.0 - p) / (1.0 - d) - cost, p / (1.0 - d) - cost];
            offer(&mut text, 2, (1, 1), &offers, war);
            let game = Arc::new(game(&text));
            let valuation = game.at(&game.expressions().evaluate(&[]));
            let peace = |end: &counterplay_game::id::EndId| {
                (valuation.payoffs[2 * end.index()..][..2].iter().sum::<f64>() - 1.0).abs() < 1e-9
            };
            let ends = (0..game.end_count()).map(counterplay_game::id::EndId::new);
            let links: Vec<Link> = ends.filter(peace).map(|end| Link { end, state: 1 }).collect();
            let weights = vec![d; links.len()];
            stages.push(Stage { game, links });
            numbers.stages.push(StageNumbers { valuation, weights });
        }
        let process = StochasticGame::new(stages).expect("sound");
        let found = Process::new(&process, ProcessSettings::default()).limit(&numbers, &[1.0, 1.0]);
        assert!(found.regret < REGRET, "{:?} with a regret of {}", found.status, found.regret);
        let first = &process.stages()[0].game;
        let actions = |node| match first.kind(node) {
            Kind::Decision(set) => first.actions(set),
            Kind::Chance(_) | Kind::End(_) => unreachable!("somebody decides"),
        };
        let root = NodeId::new(Game::ROOT);
        // Of the answers the second is to fight.
        let fight = |(k, action): (usize, usize)| {
            found.play[0][action] * found.play[0][actions(first.child(root, k)).start + 1]
        };
        let fights: f64 = actions(root).enumerate().map(fight).sum();
        let expected = d * p2 - p1 > cost * (1.0 - d) * (1.0 - d);
        assert_eq!(fights > 0.5, expected, "war with {fights} for p {p1} to {p2}, d {d}, cost {cost}");
        // Where war follows, it follows for sure. In peace the smallest offer that is accepted for good would leave room for a step
        // less, so that the grid has no equilibrium in pure strategies: the declining side fights the lower offer as often as keeps
        // the other from making it, at most the step over all that war destroys.
        let bound = if expected { 1e-9 } else { STEP / (2.0 * cost) };
        assert!((fights - f64::from(u8::from(expected))).abs() <= bound, "war with {fights}, bound {bound}");
    }
}

#[test]
fn the_ultimatum_game_has_two_subgame_perfect_offers() {
    let shares: Vec<f64> = (0..=10).map(f64::from).collect();
    let mut text = String::new();
    writeln!(
        text,
        "p \"\" 1 1 \"\" {{ {} }} 0",
        (0..=10).map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(" ")
    )
    .expect(WRITTEN);
    for (k, share) in shares.iter().enumerate() {
        writeln!(text, "p \"\" 2 {} \"\" {{ \"accept\" \"refuse\" }} 0", k + 1).expect(WRITTEN);
        writeln!(text, "t \"\" 0 \"\" {{ {} {share} }}\nt \"\" 0 \"\" {{ 0 0 }}", 10.0 - share)
            .expect(WRITTEN);
    }
    let game = game(&text);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let all = PerfectInformation::of(&game, &numbers).expect("everybody sees everything").all(100);
    let mut offers: Vec<usize> = all.found.iter().map(|e| e.choices[0]).collect();
    offers.sort_unstable();
    assert_eq!(offers, [0, 1]);
}
