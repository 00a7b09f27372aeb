//! A short search for other equilibria beside the one that is shown.

use counterplay::model::Evaluator;
use counterplay::model::play::Play;
use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::{self, Solver};
use serde::Serialize;

use crate::game_file::GameFile;
use crate::method::Method;

/// Starting points, and sweeps times nodes: about a tenth of a second.
const STARTS: usize = 24;
const WORK: usize = 20_000_000;
/// Larger games are not searched.
const MOST_NODES: usize = 20_000;
/// The precision, times the range of payoffs, at which equilibria beside a limit are looked for: there an action that is
/// worse by a quarter of the range is played with less than 1%.
const SHARP: f64 = 20.0;

/// Other logit equilibria that were found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OtherEquilibria {
    /// How many.
    pub(crate) count: usize,
    /// The precision of all players at which they were looked for; `None` where each has the scenario's.
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda: Option<f64>,
    /// The starting points of the search.
    starts: usize,
    /// Whether all equilibria can be listed exactly.
    #[serde(skip)]
    listable: bool,
    /// Whether they are stationary play of a story with stages, which no game file can hold.
    #[serde(skip)]
    has_stages: bool,
}

impl OtherEquilibria {
    /// Those of a game file beside what the default methods find; nothing if the method is another, or none were found.
    pub(crate) fn of_file(file: &GameFile, method: Method, lambda: f64) -> Option<Self> {
        let lambda = match method {
            Method::Qre => lambda,
            Method::Limit => sharp(&file.numbers.payoffs)?,
            Method::Pure
            | Method::PureAgent
            | Method::All
            | Method::LemkeHowson
            | Method::Lemke
            | Method::ZeroSum
            | Method::Cfr
            | Method::Branches
            | Method::BackwardInduction => return None,
        };
        let settings = settings(file.game.node_count())?;
        let players = file.game.players().len();
        let mut solver = Solver::new(&file.game, logit::Settings::default());
        let found = solver.search(&file.numbers, &vec![lambda; players], &settings);
        let count = found.equilibria.len().saturating_sub(1);
        (count > 0).then_some(Self {
            count,
            lambda: Some(lambda),
            starts: found.starts,
            listable: players == 2,
            has_stages: false,
        })
    }

    /// Those of a scenario beside the play that was solved last.
    pub(crate) fn of_scenario(evaluator: &mut Evaluator, known: &Play) -> Option<Self> {
        let states = &evaluator.model().unfolded().states;
        let settings = settings(states.iter().map(|state| state.game.node_count()).sum())?;
        let found = evaluator.others(known, &[], &settings);
        let (count, has_stages) = (found.plays.len(), known.stationary().is_some());
        (count > 0).then_some(Self { count, lambda: None, starts: found.starts, listable: false, has_stages })
    }

    /// A line that says how to see them.
    pub(crate) fn in_words(&self) -> String {
        let equilibria = if self.count == 1 { "equilibrium" } else { "equilibria" };
        let found = format!("Others      {} other logit {equilibria} found", self.count);
        match self.lambda {
            Some(lambda) => {
                let all = if self.listable { "; `--method all` lists all Nash equilibria" } else { "" };
                format!("{found} at lambda {lambda}: `--method branches --lambda {lambda}` shows them{all}\n")
            }
            None if self.has_stages => format!("{found}: `counterplay run` gives the answers on them\n"),
            None => format!(
                "{found}: `counterplay run` gives the answers on them; to see how they are played, convert the scenario to \
                 a game file and solve that with `--method branches`\n"
            ),
        }
    }
}

/// The precision at which equilibria beside a limit are looked for; none where all payoffs are the same.
fn sharp(payoffs: &[f64]) -> Option<f64> {
    let extremes = |(low, high): (f64, f64), &x: &f64| (f64::min(low, x), f64::max(high, x));
    let (low, high) = payoffs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), extremes);
    let lambda = SHARP / (high - low);
    // Two digits, so that it can be typed as it is shown.
    let rounded: f64 = format!("{lambda:.1e}").parse().ok()?;
    (rounded.is_finite() && rounded > 0.0).then_some(rounded)
}

fn settings(nodes: usize) -> Option<SearchSettings> {
    (nodes <= MOST_NODES).then(|| SearchSettings {
        starts: STARTS,
        max_sweeps: WORK / nodes.max(1),
        ..SearchSettings::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_precision_beside_a_limit_goes_by_the_range_of_payoffs() {
        assert_eq!(sharp(&[0.0, 3.0, 1.0]), Some(6.7));
        assert_eq!(sharp(&[-1e6, 1e6]), Some(1e-5));
        assert_eq!(sharp(&[2.0, 2.0]), None);
        assert_eq!(sharp(&[]), None);
    }
}
