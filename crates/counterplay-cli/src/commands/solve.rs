//! `counterplay solve`: how the players play.

mod branch;
mod file;
pub(crate) mod methods;
mod process;
pub(crate) mod profile;
pub(super) mod table;

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use counterplay::model::Model;
use counterplay::model::play::Play;
use counterplay_analysis::PlayPoint;

use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::game_file::is_game_file;
use crate::method::{Method, precision};
use crate::number::{percent, short};
use crate::other_equilibria::OtherEquilibria;
use crate::output;
use crate::point::{self, Assignment};
use crate::reach::Reach;
use crate::solution::{NotSolved, Solution, Solved};

/// Show how the players play: of a scenario at one point, before anything of the record is known, or of a game file
///
/// Solves a scenario's game at the centre of the prior, or elsewhere, and shows play by information set: who moves
/// where, knowing what, and with which probabilities. A game file (Gambit's `.efg` or `.nfg`) is solved by the method
/// asked for, and shown in the order of the file. The solution is certified by code of its own: how far play is from the
/// logit response to itself (residual), and what a player could gain by its best action (regret).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay solve my-case
  counterplay solve my-case --at 'precision=10' --at 'cost of war to the Defender=0.9'
  counterplay solve my-case --all --json | jq '.play[0]'
  counterplay solve poker.efg                          one sequential equilibrium
  counterplay solve poker.efg --lambda 2.5             the logit equilibrium
  counterplay solve game.nfg --method all              all equilibria, exactly
  counterplay solve game.nfg --trace branch.csv --plot branch.svg")]
pub(crate) struct Solve {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Put a parameter elsewhere, by its full name; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    at: Vec<Assignment>,

    /// Show every information set, and of a game file every equilibrium
    ///
    /// Else a scenario's are those that play is likely to reach, and a file's those that come first.
    #[arg(long)]
    all: bool,

    /// Write the solution as JSON
    #[arg(long)]
    json: bool,

    /// Of a game file: write into the JSON what each player expects at each node as well
    #[arg(long, requires = "json")]
    node_values: bool,

    /// Of a game file: how to solve it; `limit` if not said, or `qre` with --lambda
    #[arg(long, value_enum)]
    method: Option<Method>,

    /// Of a game file: the precision of all players, per unit of payoff
    #[arg(long, value_name = "LAMBDA", value_parser = precision, allow_negative_numbers = true)]
    lambda: Option<f64>,

    /// Of a game file: the most sweeps, pivots or systems of equations to spend
    #[arg(long, value_name = "STEPS", default_value_t = 1_000_000)]
    budget: u64,

    /// Of a game file: follow the branch to where no player gains more than this by another action, as a share of the range of
    /// payoffs; a millionth if not said
    #[arg(long, value_name = "SHARE", value_parser = share)]
    regret: Option<f64>,

    /// Of a game file: write the principal branch as a table: `.csv`, or `.parquet` where the program was built with
    /// `--features parquet`
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// Of a game file: draw the principal branch (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("a share is above 0 and below 1".to_owned()) }
}

/// This many information sets are shown, unless all are asked for.
const SHOWN: usize = 30;

impl Solve {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        Reach::of_scenario(&self.common.scenario).writing(self.trace.as_deref()).writing(self.plot.as_deref())
    }

    /// Solves and shows.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        if is_game_file(&self.common.scenario) {
            return self.act_on_file();
        }
        if self.method.is_some()
            || self.lambda.is_some()
            || self.trace.is_some()
            || self.plot.is_some()
            || self.regret.is_some()
            || self.node_values
        {
            return Err(Failure::new(
                "`--method`, `--lambda`, `--regret`, `--trace`, `--plot` and `--node-values` are for game files",
            )
            .hint("a scenario says its players' precision itself; put it elsewhere with `--at`"));
        }
        let opened = super::open(&self.common, |input| input)?;
        let limits = self.common.bounds.of_story();
        let model = Model::changed(&opened.scenario, &[], limits, &opened.console);
        let model = model.map_err(|problem| opened.failure(&problem.into()))?;
        opened.all_settings_read()?;
        opened.console.finish();
        if model.unfolded().has_stages() {
            return self.act_on_process(&opened, &model);
        }
        let point = point::at(&opened.scenario, &self.at)?;
        let solved = match Solved::at(&model, &point) {
            Ok(solved) => solved,
            Err(not_solved @ NotSolved::Stopped(_)) => {
                output::complain(&not_solved.failure().to_string());
                return Ok(Verdict::NotConverged);
            }
            Err(not_solved @ NotSolved::BadNumber) => return Err(not_solved.failure()),
        };
        let mut solution = solved.solution(&opened.scenario);
        // What the search leaves in the evaluator is not read again.
        let mut evaluator = solved.evaluator;
        solution.other_equilibria =
            OtherEquilibria::of_scenario(&mut evaluator, &Play::Tree(solved.equilibrium));
        if self.json {
            output::print(&output::json("the solution", &solution)?)?;
        } else {
            output::print(&self.told(&opened.scenario.title, &solution))?;
        }
        Ok(Verdict::Done)
    }

    fn told(&self, title: &str, solution: &Solution) -> String {
        let mut text = heading(title, self.at.is_empty(), solution);
        text += &solution.other_equilibria.as_ref().map_or_else(String::new, OtherEquilibria::in_words);
        let shown = if self.all { solution.play.len() } else { SHOWN.min(solution.play.len()) };
        for point in &solution.play[..shown] {
            text += &told_point(point);
        }
        if shown < solution.play.len() {
            let more = solution.play.len() - shown;
            let _ = writeln!(
                text,
                "\n{more} more information sets, which play reaches less: show them with `--all`"
            );
        }
        text
    }
}

fn heading(title: &str, at_centre: bool, solution: &Solution) -> String {
    let place = if at_centre { "at the centre of the prior" } else { "at the point given" };
    let regret_at = solution.regret_at.as_ref();
    let regret_at =
        regret_at.map_or_else(String::new, |(player, event)| format!(", {player}'s at `{event}`"));
    format!(
        "{title}, {place}\n\
         Game        {} histories, {} information sets\n\
         Solved      in {} sweeps; certified: residual {}, beliefs within {}\n\
         Regret      at most {}{regret_at}\n\
         Precision   {}\n\
         Expects     {}\n",
        solution.histories,
        solution.information_sets,
        solution.sweeps,
        short(solution.residual),
        short(solution.belief_error),
        short(solution.regret),
        listed(&solution.precisions),
        listed(&solution.expected_payoffs),
    )
}

pub(super) fn listed(pairs: &[(String, f64)]) -> String {
    let all: Vec<String> = pairs.iter().map(|(name, value)| format!("{name} {}", short(*value))).collect();
    all.join(", ")
}

fn told_point(point: &PlayPoint) -> String {
    let knows: Vec<String> = point.knows.iter().map(|(event, value)| format!("{event}: {value}")).collect();
    let knows = if knows.is_empty() { "nothing".to_owned() } else { knows.join("; ") };
    let mut text = format!(
        "\n{} at `{}`, reached with {}\n  knows {knows}\n",
        point.player,
        point.event,
        percent(point.reach_probability),
    );
    for (action, probability) in &point.actions {
        let _ = writeln!(text, "  {:>5}  {action}", percent(*probability));
    }
    text
}
