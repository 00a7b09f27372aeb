//! Posteriors and marginal likelihoods against integration over a fine grid, and their calibration.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::sync::Arc;

use common::{Dice, analysed, chi_square, chi_square_limit, evaluator, histories, model, scenario};
use counterplay::model::Evaluator;
use counterplay::model::odds::LogOdds;
use counterplay::posterior::{Posterior, fit};
use counterplay::scenario::{Record, Scenario};
use counterplay::settings::Settings;
use counterplay::story::terms::EventName;
use counterplay::watch::Unwatched;
use counterplay_analysis::Analysis;
use counterplay_inference::diagnostics::mcse_mean;
use counterplay_inference::distribution::Concrete;
use counterplay_inference::sampler::SamplerSettings;

/// The border crisis with two uncertain numbers: the Challenger's resolve, which the Defender does not see, and
/// what war costs the Defender.
const CRISIS: &str = r#"
scenario("A border crisis", players = ["Challenger", "Defender"])
resolve = param("resolve", beta(2, 2))
cost = param("cost", normal(0.4, 0.3))
precision("precision", point(4))

def play(g):
    kind = g.chance("resolve", {"resolved": resolve, "bluffing": rest}, seen_by = ["Challenger"])
    if g.choose("Challenger", "threat", ["threaten", "stay"]) == "stay":
        return g.end(payoffs = {"Challenger": 0, "Defender": 1}, outcomes = {"war": False})
    if g.choose("Defender", "answer", ["resist", "yield"]) == "yield":
        return g.end(payoffs = {"Challenger": 1, "Defender": 0}, outcomes = {"war": False})
    if g.choose("Challenger", "last word", ["fight", "back down"]) == "back down":
        return g.end(payoffs = {"Challenger": -0.2, "Defender": 1}, outcomes = {"war": False})
    own = 0.1 if kind == "resolved" else 0.8
    g.end(payoffs = {"Challenger": 0.5 - own, "Defender": 0.5 - cost}, outcomes = {"war": True})
"#;

/// One player who is more likely to strike the more it gains; what it then takes is measured.
const STRIKE: &str = r#"
scenario("Strike", players = ["A"])
gain = param("gain", normal(0, 1))
lam = precision("precision", lognormal(0.5, 0.5))

def play(g):
    if g.choose("A", "strike", ["yes", "no"]) == "no":
        return g.end(payoffs = {"A": 0.3}, outcomes = {"struck": False})
    g.measure("taken", normal(gain, 0.8))
    g.measure("losses", poisson(exp(gain)))
    g.end(payoffs = {"A": gain}, outcomes = {"struck": True})
"#;

/// A prior density over a line, and the parameter at a point of it.
#[derive(Clone, Copy)]
enum Law {
    /// Mean and standard deviation.
    Normal(f64, f64),
    /// Of the logarithm.
    Lognormal(f64, f64),
    /// Beta(2, 2), over log odds.
    BetaTwoTwo,
}

impl Law {
    /// The points of an even grid over the line, each with the parameter and its prior weight.
    fn grid(self) -> Vec<(f64, f64)> {
        const HALF: i32 = 45;
        let points = (-HALF..=HALF).map(|k| f64::from(k) / f64::from(HALF));
        let points: Vec<(f64, f64)> = points
            .map(|t| match self {
                Law::Normal(mean, sd) => (mean + sd * 7.0 * t, (-0.5 * (7.0 * t).powi(2)).exp()),
                Law::Lognormal(mu, sigma) => ((mu + sigma * 7.0 * t).exp(), (-0.5 * (7.0 * t).powi(2)).exp()),
                Law::BetaTwoTwo => {
                    let x = 1.0 / (1.0 + (-16.0 * t).exp());
                    (x, (x * (1.0 - x)).powi(2))
                }
            })
            .collect();
        let total: f64 = points.iter().map(|p| p.1).sum();
        points.into_iter().map(|p| (p.0, p.1 / total)).collect()
    }
}

/// What integration over a grid says.
struct Exact {
    log_marginal: f64,
    /// Of each of the two parameters.
    means: [f64; 2],
    sds: [f64; 2],
}

/// Sums over an even grid; the error falls exponentially in the number of points (Trefethen and Weideman 2014).
fn integrate(scenario: &Scenario, laws: [Law; 2], parameters: impl Fn(f64, f64) -> Vec<f64>) -> Exact {
    let mut evaluator = evaluator(&model(scenario));
    let (mut total, mut first, mut second) = (0.0, [0.0; 2], [0.0; 2]);
    for (x, x_weight) in laws[0].grid() {
        for (y, y_weight) in laws[1].grid() {
            let prior = x_weight * y_weight;
            if prior < 1e-18 {
                continue;
            }
            let weight = prior * evaluator.log_likelihood(&parameters(x, y)).unwrap().exp();
            total += weight;
            for (index, value) in [x, y].into_iter().enumerate() {
                first[index] += weight * value;
                second[index] += weight * value * value;
            }
        }
    }
    let means = first.map(|s| s / total);
    let sds = [0, 1].map(|i| (second[i] / total - means[i] * means[i]).sqrt());
    Exact { log_marginal: total.ln(), means, sds }
}

fn fitted(scenario: &Scenario, settings: &SamplerSettings) -> Posterior {
    let prior = Arc::new(scenario.joint_prior(&[]).unwrap());
    fit(&model(scenario), &prior, settings, &Unwatched).unwrap()
}

fn many_draws() -> SamplerSettings {
    SamplerSettings { seed: 5, warmup: 500, draws: 3000, ..SamplerSettings::default() }
}

/// Mean and standard deviation of a parameter are as they should be within 4 Monte Carlo errors.
fn assert_moments(posterior: &Posterior, index: usize, mean: f64, sd: f64) {
    let chains = posterior.parameter(index);
    let squares: Vec<Vec<f64>> =
        chains.iter().map(|c| c.iter().map(|x| (x - mean).powi(2)).collect()).collect();
    let average = |chains: &[Vec<f64>]| chains.concat().iter().sum::<f64>() / chains.concat().len() as f64;
    let (found, error) = (average(&chains), mcse_mean(&chains));
    assert!(error < 0.05 * sd, "the error {error} proves nothing");
    assert!((found - mean).abs() < 4.0 * error, "mean {found} is not {mean} within 4 x {error}");
    // The error of a root is that of its square over twice the root.
    let (found, error) = (average(&squares).sqrt(), mcse_mean(&squares) / (2.0 * sd));
    assert!((found - sd).abs() < 4.0 * error, "sd {found} is not {sd} within 4 x {error}");
}

fn assert_posterior(text: &str, laws: [Law; 2], parameters: impl Fn(f64, f64) -> Vec<f64>, at: [usize; 2]) {
    let scenario = scenario(text);
    let exact = integrate(&scenario, laws, parameters);
    let posterior = fitted(&scenario, &many_draws());
    for ((index, mean), sd) in at.into_iter().zip(exact.means).zip(exact.sds) {
        assert_moments(&posterior, index, mean, sd);
    }
}

const CRISIS_LAWS: [Law; 2] = [Law::BetaTwoTwo, Law::Normal(0.4, 0.3)];
const STRIKE_LAWS: [Law; 2] = [Law::Normal(0.0, 1.0), Law::Lognormal(0.5, 0.5)];

#[test]
fn the_posterior_of_a_crisis_that_ended_in_yielding_is_that_of_the_grid() {
    let text = format!("{CRISIS}\nrecord(threat = \"threaten\", answer = \"yield\")\n");
    assert_posterior(&text, CRISIS_LAWS, |x, y| vec![x, y, 4.0], [0, 1]);
}

#[test]
fn the_posterior_of_a_crisis_of_which_only_the_end_is_known_is_that_of_the_grid() {
    let text = format!("{CRISIS}\nrecord({{\"last word\": \"back down\"}})\n");
    assert_posterior(&text, CRISIS_LAWS, |x, y| vec![x, y, 4.0], [0, 1]);
}

#[test]
fn the_posterior_of_a_precision_is_that_of_the_grid() {
    let text = format!("{STRIKE}\nrecord(strike = \"no\")\n");
    assert_posterior(&text, STRIKE_LAWS, |x, y| vec![x, y], [0, 1]);
}

#[test]
fn the_posterior_from_measured_quantities_is_that_of_the_grid() {
    let text = format!("{STRIKE}\nrecord(measured = {{\"taken\": 0.4, \"losses\": 3}})\n");
    assert_posterior(&text, STRIKE_LAWS, |x, y| vec![x, y], [0, 1]);
}

/// The crisis where the cost of war takes one of three values.
const REGIME: &str = "cost = param(\"cost\", categorical({0.1: 0.5, 0.4: 0.3, 0.9: 0.2}))";

#[test]
fn the_posterior_of_a_parameter_with_finitely_many_values_is_that_of_the_grid() {
    let text = CRISIS.replace("cost = param(\"cost\", normal(0.4, 0.3))", REGIME);
    let scenario = scenario(&format!("{text}\nrecord(threat = \"threaten\", answer = \"yield\")\n"));
    let mut evaluator = evaluator(&model(&scenario));
    let mut weigh = |cost: f64| {
        let one = |(x, weight): (f64, f64)| {
            let likelihood = evaluator.log_likelihood(&[x, cost, 4.0]).unwrap().exp();
            (weight * likelihood, weight * likelihood * x)
        };
        Law::BetaTwoTwo.grid().into_iter().map(one).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let weighed = [(0.1, 0.5), (0.4, 0.3), (0.9, 0.2)].map(|(cost, prior)| {
        let (total, first) = weigh(cost);
        (cost, prior * total, prior * first)
    });
    let total: f64 = weighed.iter().map(|w| w.1).sum();
    let posterior = fitted(&scenario, &many_draws());
    for (cost, weight, _) in weighed {
        assert_probability(&posterior, 1, cost, weight / total);
    }
    let mean = weighed.iter().map(|w| w.2).sum::<f64>() / total;
    let chains = posterior.parameter(0);
    assert!((posterior.mean()[0] - mean).abs() < 4.0 * mcse_mean(&chains));
}

/// A parameter has a value as often as it should, within 4 Monte Carlo errors.
fn assert_probability(posterior: &Posterior, index: usize, value: f64, expected: f64) {
    let is = |x: &f64| f64::from(u8::from(*x == value));
    let chains: Vec<Vec<f64>> =
        posterior.parameter(index).iter().map(|chain| chain.iter().map(is).collect()).collect();
    let found = chains.concat().iter().sum::<f64>() / chains.concat().len() as f64;
    let error = mcse_mean(&chains);
    assert!((found - expected).abs() < 4.0 * error, "{value}: {found} is not {expected} within 4 x {error}");
}

#[test]
fn without_a_record_the_posterior_is_the_prior() {
    let text = CRISIS.replace(
        "precision(\"precision\", point(4))",
        "precision(\"precision\", lognormal(0.2, 0.3))\n\
         spread = param(\"spread\", exponential(2))\n\
         share = param(\"share\", uniform(-1, 3))\n\
         shape = param(\"shape\", gamma(3, 2))\n\
         kind = param(\"kind\", categorical({1: 0.2, 2: 0.5, 5: 0.3}))\n\
         near = param(\"near\", normal(share, 0.5))\n",
    );
    let posterior = fitted(&scenario(&text), &many_draws());
    let lognormal_mean = (0.2_f64 + 0.045).exp();
    let lognormal_sd = lognormal_mean * (0.09_f64.exp() - 1.0).sqrt();
    let spread_of_uniform = 4.0 / 12.0_f64.sqrt();
    let moments = [
        (0.5, 0.05_f64.sqrt()),
        (0.4, 0.3),
        (lognormal_mean, lognormal_sd),
        (0.5, 0.5),
        (1.0, spread_of_uniform),
        (1.5, 3.0_f64.sqrt() / 2.0),
    ];
    for (index, (mean, sd)) in moments.into_iter().enumerate() {
        assert_moments(&posterior, index, mean, sd);
    }
    for (value, probability) in [(1.0, 0.2), (2.0, 0.5), (5.0, 0.3)] {
        assert_probability(&posterior, 6, value, probability);
    }
    assert_moments(&posterior, 7, 1.0, (spread_of_uniform.powi(2) + 0.25).sqrt());
}

fn analysis(text: &str) -> Analysis {
    let settings = Settings {
        draws: 50,
        warmup: 50,
        answer_draws: 10,
        replays: 4,
        evidence_draws: 3000,
        ..Settings::default()
    };
    analysed(&scenario(text), &settings)
}

fn assert_log_marginal(text: &str, laws: [Law; 2], parameters: impl Fn(f64, f64) -> Vec<f64>) {
    let exact = integrate(&scenario(text), laws, parameters).log_marginal;
    let found = analysis(text).sampling.log_marginal_likelihood.unwrap();
    assert!(found.error < 0.1, "the error {} proves nothing", found.error);
    assert!((found.value - exact).abs() < 4.0 * found.error, "{found:?} is not {exact}");
}

#[test]
fn the_marginal_likelihood_is_that_of_the_grid() {
    let crisis = format!("{CRISIS}\nrecord(threat = \"threaten\", answer = \"yield\")\n");
    assert_log_marginal(&crisis, CRISIS_LAWS, |x, y| vec![x, y, 4.0]);
    let strike = format!("{STRIKE}\nrecord(measured = {{\"taken\": 0.4, \"losses\": 3}})\n");
    assert_log_marginal(&strike, STRIKE_LAWS, |x, y| vec![x, y]);
}

/// Beta and normal priors whose marginal likelihoods are known (Gelman et al. 2013, Bayesian Data Analysis,
/// chapter 2): the mean of p, and the normal density with the variances added.
const CONJUGATE: &str = r#"
scenario("Conjugate", players = ["A"])
p = param("p", beta(2, 2))
m = param("m", normal(0, 1))
precision("precision", point(1))

def play(g):
    came = g.chance("came", {"yes": p, "no": rest})
    g.measure("x", normal(m, 1))
    g.end(payoffs = {"A": 0}, outcomes = {"came": came})

record(came = "yes", measured = {"x": 1.3})
explanation("rare", change = {p: beta(1, 9)}, weight = 3)
explanation("high", change = {m: normal(2, 0.5)}, weight = 1)
explanation("one", change = {m: 1}, weight = 2)
explanation("never", interventions = [forbid("came", "no")], weight = 1)
"#;

#[test]
fn explanations_are_weighed_by_their_closed_marginal_likelihoods() {
    let analysis = analysis(CONJUGATE);
    let normal = |x: f64, variance: f64| {
        (-0.5 * x * x / variance).exp() / (2.0 * std::f64::consts::PI * variance).sqrt()
    };
    let base = 0.5 * normal(1.3, 2.0);
    let marginals =
        [0.1 * normal(1.3, 2.0), 0.5 * normal(0.7, 1.25), 0.5 * normal(0.3, 1.0), normal(1.3, 2.0)];
    let weights = [3.0, 1.0, 2.0, 1.0];
    let total: f64 = marginals.iter().zip(weights).map(|(m, w)| m * w).sum();
    let found = analysis.sampling.log_marginal_likelihood.unwrap();
    assert!((found.value - base.ln()).abs() < 4.0 * found.error);
    // A share changes by at most a quarter of the relative changes of what is shared.
    let relative = analysis.explanations.iter().map(|e| e.log_marginal_likelihood.error);
    let spread = 0.25 * relative.sum::<f64>();
    assert!(spread < 0.02);
    for ((explanation, marginal), weight) in analysis.explanations.iter().zip(marginals).zip(weights) {
        let log = explanation.log_marginal_likelihood;
        assert!((log.value - marginal.ln()).abs() < 4.0 * log.error + 1e-12, "{explanation:?}");
        let factor = explanation.bayes_factor;
        assert!(factor.error < 0.1 * factor.value);
        assert!((factor.value - marginal / base).abs() < 4.0 * factor.error, "{explanation:?}");
        assert_eq!(explanation.prior_probability, weight / 7.0);
        let posterior = weight * marginal / total;
        assert!((explanation.posterior_probability - posterior).abs() < 4.0 * spread, "{explanation:?}");
    }
    let sum: f64 = analysis.explanations.iter().map(|e| e.posterior_probability).sum();
    assert!((sum - 1.0).abs() < 1e-12);
}

const RANKS: usize = 10;

/// A history that chance and play lead to, recorded as a whole.
fn happen(scenario: &mut Scenario, evaluator: &mut Evaluator, truth: &[f64], dice: &mut Dice) {
    let found = evaluator.solve(truth).unwrap();
    let all = histories(evaluator.model().game(), &LogOdds::new(evaluator.numbers(), found.of_state(0)));
    let mut left = dice.uniform();
    let crossed = all.iter().position(|h| {
        left -= h.probability;
        left < 0.0
    });
    let events = all[crossed.unwrap()].events.iter();
    let events = events.map(|(event, label)| (EventName::parse(event), label.clone())).collect();
    scenario.record = Record { events, ..Record::default() };
}

/// The rank of the truth among draws from the posterior of what it gave rise to is even (Talts et al. 2018).
fn assert_calibrated(
    text: &str,
    runs: u64,
    truth: impl Fn(&mut Dice) -> Vec<f64>,
    complete: impl Fn(&mut Record, &[f64], &mut Dice),
) {
    let mut scenario = scenario(text);
    let mut solver = evaluator(&model(&scenario));
    let mut dice = Dice::new(2);
    let mut ranks = [[0usize; RANKS]; 2];
    for seed in 0..runs {
        let truth = truth(&mut dice);
        happen(&mut scenario, &mut solver, &truth, &mut dice);
        complete(&mut scenario.record, &truth, &mut dice);
        let draws = 10 * (RANKS - 1);
        let settings = SamplerSettings { seed, chains: 1, warmup: 200, draws, ..SamplerSettings::default() };
        let posterior = fitted(&scenario, &settings);
        let spread = posterior.spread(RANKS - 1);
        for (index, ranks) in ranks.iter_mut().enumerate() {
            ranks[spread.iter().filter(|draw| draw[index] < truth[index]).count()] += 1;
        }
    }
    for ranks in ranks {
        let (statistic, degrees) = chi_square(&ranks, &[1.0 / RANKS as f64; RANKS]);
        assert!(statistic < chi_square_limit(degrees), "{ranks:?}");
    }
}

#[test]
fn the_truth_ranks_evenly_among_the_draws_from_its_posterior() {
    let truth = |dice: &mut Dice| vec![dice.normal(), (0.5 + 0.5 * dice.normal()).exp()];
    assert_calibrated(STRIKE, 1000, truth, |record, truth, dice| {
        if record.events[0].1 == "yes" {
            record.measured.insert("taken".into(), truth[0] + 0.8 * dice.normal());
        }
    });
}

#[test]
fn the_truth_ranks_evenly_where_the_decisive_event_is_hidden_from_the_analyst() {
    // The middle of three even numbers has the law beta(2, 2).
    let truth = |dice: &mut Dice| {
        let mut three = [dice.uniform(), dice.uniform(), dice.uniform()];
        three.sort_by(f64::total_cmp);
        vec![three[1], 0.4 + 0.3 * dice.normal(), 4.0]
    };
    assert_calibrated(CRISIS, 300, truth, |record, _, _| {
        record.events.retain(|event| event.0.name != "resolve");
    });
}

#[test]
fn the_prior_column_is_exact_for_mixtures_values_and_shares() {
    let text = r#"
scenario("Priors", players = ["A"], about = {"end": "yes"})
precision("p", point(2), evidence = [judgement("an example")])
m = param("m", mixture([(1, normal(0, 1)), (3, normal(3, 0.5))]), evidence = [judgement("an example")])
c = param("c", categorical({1: 0.5, 2: 0.3, 4: 0.2}), evidence = [judgement("an example")])
s = param("s", dirichlet([2, 3, 5]), evidence = [judgement("an example")])

def play(g):
    turn = g.choose("A", "turn", ["yes", "no"])
    g.end(payoffs = {"A": m + c + s[0] if turn == "yes" else s[1] + s[2]}, outcomes = {"end": turn})
"#;
    let analysis = analysed(
        &scenario(text),
        &Settings { draws: 50, warmup: 50, answer_draws: 10, ..Settings::default() },
    );
    let before = |name: &str| &analysis.parameters.iter().find(|p| p.name == name).unwrap().before;
    let near = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-9, "{found} is not {exact}");
    let mixture = before("m");
    near(mixture.mean, 0.75 * 3.0);
    near(mixture.sd.powi(2), 0.25 + 0.75 * 9.25 - mixture.mean.powi(2));
    let [standard, narrow] = [(0.0, 1.0), (3.0, 0.5)].map(|(mean, sd)| Concrete::Normal { mean, sd });
    for (p, x) in [0.05, 0.25, 0.5, 0.75, 0.95].into_iter().zip(mixture.quantiles) {
        near(0.25 * standard.cdf(x) + 0.75 * narrow.cdf(x), p);
    }
    let values = before("c");
    near(values.mean, 1.9);
    assert_eq!(values.quantiles, [1.0, 1.0, 1.0, 2.0, 4.0]);
    let share = before("s[1]");
    near(share.mean, 0.2);
    near(share.sd.powi(2), 0.2 * 0.8 / 11.0);
}
