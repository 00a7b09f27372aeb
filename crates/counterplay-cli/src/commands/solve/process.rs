//! `counterplay solve` of a scenario with stages: stationary play, state by state.

use std::fmt::Write;

use counterplay::assemble::stages::{self, AtCentre};
use counterplay::model::play::Settings;
use counterplay::model::{Model, NoValue};
use counterplay_analysis::{SCHEMA_VERSION, StateSummary};
use counterplay_equilibrium::markov::Status;
use counterplay_equilibrium::referee::stationary::Certificate;
use serde::Serialize;

use super::{Solve, listed};
use crate::commands::Session;
use crate::failure::{Failure, Verdict};
use crate::number::{percent, short};
use crate::other_equilibria::OtherEquilibria;
use crate::{output, point};

/// This many states are shown, unless all are asked for.
const SHOWN: usize = 12;

/// Stationary play at one point, as JSON shows it.
#[derive(Clone, Debug, Serialize)]
struct StationaryPlay {
    schema_version: u32,
    case: String,
    parameters: Vec<(String, f64)>,
    precisions: Vec<(String, f64)>,
    /// States that can be reached from the beginning.
    state_count: usize,
    /// Linear systems that solving took.
    systems: usize,
    /// Whether the branch from uniform play was followed all the way.
    on_branch: bool,
    /// The shares of the precisions at which another branch crosses it; it is followed straight on.
    crossings: Vec<f64>,
    residual: f64,
    bellman_residual: f64,
    regret: f64,
    expected_payoffs: Vec<(String, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_equilibria: Option<OtherEquilibria>,
    states: Vec<StateSummary>,
}

impl Solve {
    /// Solves a process, and shows it.
    pub(super) fn act_on_process(&self, opened: &Session, model: &Model) -> Result<Verdict, Failure> {
        let scenario = &opened.scenario;
        let unfolded = model.unfolded();
        let point = point::at(scenario, &self.at)?;
        let mut evaluator = model.evaluator(Settings::default());
        let play = evaluator.solve(&point).map_err(|why| match why {
            NoValue::BadNumber(_) => Failure::new(why.to_string()).hint("choose other values with `--at`"),
            NoValue::NotSolved { .. } => Failure::not_solved(why.to_string()),
        })?;
        let certificate = evaluator.certify_stages(&play);
        let certificate = certificate.ok_or(Failure::new("a player forgets within a stage what it knew"))?;
        let other_equilibria = OtherEquilibria::of_scenario(&mut evaluator, &play);
        let found = play.stationary().expect("a story with stages").clone();
        let centre = AtCentre::new(unfolded, found, evaluator.odds(&play), scenario.horizon);
        let pairs = |values: &[f64]| scenario.players.iter().cloned().zip(values.iter().copied()).collect();
        let play = StationaryPlay {
            schema_version: SCHEMA_VERSION,
            case: scenario.name.clone(),
            parameters: scenario.parameters.iter().map(|p| (p.name.clone(), point[p.id.index()])).collect(),
            precisions: pairs(evaluator.precisions()),
            state_count: unfolded.states.len(),
            systems: centre.found.systems,
            on_branch: centre.found.status == Status::Converged,
            crossings: centre.found.crossings.clone(),
            residual: certificate.residual,
            bellman_residual: certificate.bellman,
            regret: certificate.regret,
            expected_payoffs: pairs(&stages::values_of(&centre.found, unfolded.states.len(), 0)),
            other_equilibria,
            states: stages::states(unfolded, &centre, &[&centre.found.values]),
        };
        if self.json {
            output::print(&output::json("the solution", &play)?)?;
        } else {
            let text = heading(&scenario.title, self.at.is_empty(), &play, &certificate)
                + &self.told_states(&scenario.players, &play, scenario.horizon);
            output::print(&text)?;
        }
        Ok(Verdict::Done)
    }

    fn told_states(&self, players: &[String], play: &StationaryPlay, horizon: usize) -> String {
        let mut text = String::new();
        let shown = if self.all { play.states.len() } else { SHOWN.min(play.states.len()) };
        for state in &play.states[..shown] {
            text += &told_state(players, state, horizon);
        }
        if shown < play.state_count {
            let (more, how) =
                (play.state_count - shown, if self.all { "" } else { ": show more with `--all`" });
            let _ = writeln!(text, "\n{more} more states, which are met less{how}");
        }
        text
    }
}

fn heading(title: &str, at_centre: bool, play: &StationaryPlay, certificate: &Certificate) -> String {
    let place = if at_centre { "at the centre of the prior" } else { "at the point given" };
    format!(
        "{title}, {place}\n\
         Process     {} states; stationary Markov play\n\
         Solved      in {} linear systems; certified: residual {}, Bellman residual {}\n\
         {}{}\
         Regret      at most {} in one stage, {} over all time\n\
         Precision   {}\n\
         Expects     {}\n",
        play.state_count,
        play.systems,
        short(play.residual),
        short(play.bellman_residual),
        told_branch(play),
        play.other_equilibria.as_ref().map_or_else(String::new, OtherEquilibria::in_words),
        short(play.regret),
        short(certificate.gain_bound),
        listed(&play.precisions),
        listed(&play.expected_payoffs),
    )
}

/// Whose branch it is, where that is not simply the one from uniform play.
fn told_branch(play: &StationaryPlay) -> String {
    let mut text = String::new();
    if !play.on_branch {
        text += "Branch      play is an equilibrium, but not on the branch from uniform play, which could not be followed so \
                 far: compare with a lower precision\n";
    }
    let highest = play.precisions.iter().map(|p| p.1).fold(0.0, f64::max);
    let alike = play.precisions.iter().all(|p| p.1 == highest);
    for share in &play.crossings {
        let at =
            if alike { short(share * highest) } else { format!("{} of the precisions", percent(*share)) };
        let at = if alike { format!("precision {at}") } else { at };
        let _ = writeln!(
            text,
            "Branch      bifurcates at {at}: the symmetric branch is followed straight on, and other equilibria exist there"
        );
    }
    text
}

fn told_state(players: &[String], state: &StateSummary, horizon: usize) -> String {
    let name = format!("{} {}", state.stage, state.state);
    let values: Vec<(String, f64)> =
        players.iter().cloned().zip(state.values.iter().map(|v| v.mean)).collect();
    let mut text = format!(
        "\n{}, to be expected in {} of {horizon} stages; worth {}\n",
        name.trim_end(),
        short(state.expected_visits),
        listed(&values),
    );
    for point in &state.play {
        let knows: Vec<String> =
            point.knows.iter().map(|(event, value)| format!("{event}: {value}")).collect();
        let knows = if knows.is_empty() { String::new() } else { format!(", knowing {}", knows.join("; ")) };
        let actions: Vec<String> =
            point.actions.iter().map(|(a, p)| format!("{} {a}", percent(*p))).collect();
        let _ = writeln!(text, "  {} at `{}`{knows}: {}", point.player, point.event, actions.join(", "));
    }
    let mut next: Vec<String> =
        state.next.iter().take(6).map(|(to, p)| format!("{} {to}", percent(*p))).collect();
    if state.ends > 0.0 {
        next.push(format!("{} the end", percent(state.ends)));
    }
    let _ = writeln!(text, "  then {}", next.join(", "));
    text
}
