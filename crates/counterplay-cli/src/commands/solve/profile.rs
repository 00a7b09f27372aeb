//! A profile of a game file, as it is shown: play, beliefs and payoffs by information set, in the file's order.

use std::fmt::Write;

use counterplay_analysis::printable::one_line;
use counterplay_equilibrium::referee::best_response::Gains;
use counterplay_equilibrium::referee::certify::{AtSet, certify, examine};
use counterplay_equilibrium::referee::{best_response, forgetful};
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use serde::Serialize;

use super::methods::FoundProfile;
use crate::game_file::GameFile;
use crate::number::{percent, short};

/// This many information sets are shown, unless all are asked for.
const SHOWN: usize = 30;

/// The most pure strategies of a player without perfect recall that are tried, one after the other.
pub(crate) const MOST_STRATEGIES: usize = 100_000;

/// A profile with what the referee says of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Profile {
    /// The precision, of a logit equilibrium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lambda: Option<f64>,
    /// The most that a player gains by another strategy, the others' being given, in payoff units, certified: zero at
    /// a Nash equilibrium.
    pub(crate) gain: f64,
    /// The most that each player gains by another strategy, the others' being given, certified.
    pub(crate) gains: Vec<(String, f64)>,
    /// NashConv: the sum of these gains (Lanctot et al. 2017).
    pub(crate) nash_conv: f64,
    /// The most that a player gains by another action at an information set where beliefs are defined, or that has one
    /// history only: zero at a sequential equilibrium.
    pub(crate) regret: f64,
    /// Of a logit equilibrium: how far the log odds of actions are from the precision times the difference of their
    /// payoffs, certified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) residual: Option<f64>,
    /// What each player expects.
    pub(crate) expected_payoffs: Vec<(String, f64)>,
    /// By information set.
    pub(crate) information_sets: Vec<ShownSet>,
    /// What each player expects at each node, parents before children, the nodes level by level; `None` where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node_values: Option<Vec<Vec<f64>>>,
}

/// An information set with play and beliefs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ShownSet {
    pub(crate) player: String,
    pub(crate) name: String,
    /// The probability that it is reached.
    pub(crate) reach: f64,
    /// The probability of each member, `None` where Bayes' rule says nothing.
    pub(crate) beliefs: Option<Vec<f64>>,
    /// The regret there.
    pub(crate) regret: f64,
    pub(crate) actions: Vec<ShownAction>,
}

/// An action with its probability.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ShownAction {
    pub(crate) label: String,
    pub(crate) probability: f64,
    /// The probability as a fraction, where the method is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exact: Option<String>,
    /// The expected payoff to the mover, under the beliefs there.
    pub(crate) payoff: Option<f64>,
}

impl Profile {
    /// What there is to say of a profile.
    pub(crate) fn of(file: &GameFile, found: &FoundProfile) -> Self {
        let (game, numbers) = (&file.game, &file.numbers);
        let examination = match file.forgotten {
            None => examine(game, numbers, &found.play),
            Some(_) => forgetful::examine(game, numbers, &found.play),
        };
        let regret = examination.sets.iter().map(|s| s.regret).fold(0.0, f64::max);
        let gains = gains(file, &found.play);
        // A maximum that keeps what is not a number.
        let gain = gains.iter().copied().fold(0.0, |a: f64, b: f64| if b.is_nan() || b > a { b } else { a });
        let residual = found
            .lambda
            .map(|lambda| certify(game, numbers, &vec![lambda; game.players().len()], &found.play).residual);
        let exact = found.exact.as_deref();
        let players = || game.players().iter().map(|name| one_line(name).into_owned());
        let root = examination.values.first().cloned().unwrap_or_default();
        Self {
            lambda: found.lambda,
            gain,
            nash_conv: gains.iter().sum(),
            gains: players().zip(gains).collect(),
            regret,
            residual,
            expected_payoffs: players().zip(root).collect(),
            information_sets: examination.sets.iter().map(|at| shown(game, &found.play, exact, at)).collect(),
            node_values: Some(examination.values),
        }
    }

    /// The same without what is expected at each node, which for many nodes and players takes much space.
    pub(crate) fn without_node_values(self) -> Self {
        Self { node_values: None, ..self }
    }

    /// The profile in words: its first information sets, or all of them.
    pub(crate) fn told(&self, all: bool) -> String {
        let expects: Vec<String> =
            self.expected_payoffs.iter().map(|(name, value)| format!("{name} {}", short(*value))).collect();
        let residual = self.residual.map_or_else(String::new, |r| format!(", residual {}", short(r)));
        let mut text = format!(
            "Certified   largest gain from deviating: {} (whole strategy), {} (single action){residual}\n\
             Expects     {}\n",
            short(self.gain),
            short(self.regret),
            expects.join(", ")
        );
        let count = self.information_sets.len();
        let shown = if all { count } else { SHOWN.min(count) };
        for set in &self.information_sets[..shown] {
            let beliefs = match &set.beliefs {
                None => ", beliefs undefined off the path".to_owned(),
                Some(beliefs) if beliefs.len() > 1 => {
                    let all: Vec<String> = beliefs.iter().map(|b| percent(*b)).collect();
                    format!(", believes {}", all.join(" "))
                }
                Some(_) => String::new(),
            };
            let _ = writeln!(
                text,
                "\n{} at `{}`, reached with {}{beliefs}",
                set.player,
                set.name,
                percent(set.reach)
            );
            for action in &set.actions {
                let exact = action
                    .exact
                    .as_ref()
                    .filter(|e| e.contains('/'))
                    .map_or(String::new(), |e| format!("  = {e}"));
                let payoff = action.payoff.map_or(String::new(), |p| format!("  worth {}", short(p)));
                let _ = writeln!(text, "  {:>9.6}  {}{payoff}{exact}", action.probability, action.label);
            }
        }
        if shown < count {
            let _ = writeln!(
                text,
                "\n{} more information sets: show them with `--all`, or `--json`",
                count - shown
            );
        }
        text
    }
}

/// What each player could gain by another strategy; not a number where there are too many to try.
fn gains(file: &GameFile, play: &[f64]) -> Vec<f64> {
    let (game, numbers) = (&file.game, &file.numbers);
    // Sums in another order may leave a gain of -1e-17.
    let of = |g: Gains| {
        g.best_responses.iter().zip(&g.payoffs).map(|(best, own)| (best - own).max(0.0) + 0.0).collect()
    };
    let found = match file.forgotten {
        None => best_response::gains(game, numbers, play).ok(),
        Some(_) => forgetful::pure_gains(game, numbers, play, MOST_STRATEGIES).ok(),
    };
    found.map_or_else(|| vec![f64::NAN; game.players().len()], of)
}

fn shown(game: &Game, play: &[f64], exact: Option<&[Rational]>, at: &AtSet) -> ShownSet {
    let first = game.members(at.set)[0];
    let labels = game.labels(first).map(|label| one_line(game.text(label)).into_owned());
    let action = |(k, label): (usize, String)| {
        let index = game.actions(at.set).start + k;
        ShownAction {
            label,
            probability: play[index],
            exact: exact.map(|e| e[index].to_string()),
            payoff: at.payoffs.as_ref().map(|p| p[k]),
        }
    };
    ShownSet {
        player: one_line(&game.players()[game.info_set(at.set).player.index()]).into_owned(),
        name: one_line(&game.event_name(game.event_id(first))).into_owned(),
        reach: at.reach,
        beliefs: at.beliefs.clone(),
        regret: at.regret,
        actions: labels.enumerate().map(action).collect(),
    }
}
