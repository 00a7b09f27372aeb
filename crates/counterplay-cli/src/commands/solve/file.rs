//! Solving a game file.

use std::fmt::Write;
use std::io::IsTerminal;

use counterplay_analysis::SCHEMA_VERSION;
use serde::Serialize;

use super::Solve;
use super::branch::svg;
use super::methods::{Budget, End, FoundProfile, solve};
use super::profile::Profile;
use super::table::Table;
use crate::failure::{Failure, Verdict};
use crate::game_file::GameFile;
use crate::guard;
use crate::method::Method;
use crate::other_equilibria::OtherEquilibria;
use crate::output;
use crate::write_file;
use crate::write_file::{destination, write_whole};

/// What was found, as JSON shows it.
#[derive(Debug, Serialize)]
struct FileSolution {
    /// The version of the form, that of an analysis.
    schema_version: u32,
    title: String,
    method: String,
    /// How the method ended, for programs.
    end: End,
    /// The same in words.
    status: String,
    /// Whether it did what it set out to do.
    complete: bool,
    /// The names of the players.
    players: Vec<String>,
    nodes: usize,
    histories: usize,
    /// How many information sets there are.
    information_sets: usize,
    equilibria: Vec<Profile>,
    /// Which equilibria form a connected component, by their numbers from 0; `None` where the method does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<Vec<usize>>>,
    /// Other equilibria that a short search found; `None` if none were, or the method does not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_equilibria: Option<OtherEquilibria>,
}

/// This many equilibria are shown in full on the terminal.
const SHOWN: usize = 12;

impl Solve {
    /// Solves a game file and shows what was found.
    pub(super) fn act_on_file(&self) -> Result<Verdict, Failure> {
        let file = match self.method {
            Some(Method::Pure | Method::PureAgent) => GameFile::read_any(&self.common.scenario)?,
            _ => GameFile::read(&self.common.scenario)?,
        };
        let keep_branch = self.trace.is_some() || self.plot.is_some();
        let needs_lambda = matches!(self.method, Some(Method::Qre | Method::Branches));
        if needs_lambda && self.lambda.is_none() {
            return Err(Failure::new("a logit equilibrium needs a precision").hint("add `--lambda 1`, say"));
        }
        let method = self.method.unwrap_or(if self.lambda.is_some() { Method::Qre } else { Method::Limit });
        if keep_branch && !matches!(method, Method::Qre | Method::Limit) {
            return Err(Failure::new("only `--method qre` and `--method limit` follow a branch")
                .hint("leave out `--trace` and `--plot`, or choose one of these methods"));
        }
        if self.regret.is_some() && method != Method::Limit {
            return Err(Failure::new("`--regret` says where `--method limit` ends")
                .hint("leave it out, or choose that method"));
        }
        let table = self.trace.as_deref().map(Table::named).transpose()?;
        let trace = self.trace.clone().map(destination).transpose()?;
        let plot = self.plot.clone().map(destination).transpose()?;
        let progress = !self.common.quiet && std::io::stderr().is_terminal();
        let budget = Budget { steps: self.budget, keep_branch, progress, regret: self.regret };
        let outcome = solve(method, &file, self.lambda.unwrap_or(1.0), budget)?;
        if let (Some(path), Some(table)) = (&trace, table) {
            write_whole(path, &table.of(&file.game, &outcome.branch)?)?;
        }
        if let Some(path) = &plot {
            write_file::write(path, &svg(&file.game, &file.title, &outcome.branch)?)?;
        }
        let name =
            clap::ValueEnum::to_possible_value(&method).map_or_else(String::new, |v| v.get_name().to_owned());
        let solution = FileSolution {
            schema_version: SCHEMA_VERSION,
            title: file.title.clone(),
            method: name,
            end: outcome.end,
            status: outcome.status,
            complete: outcome.complete,
            players: file.game.players().to_vec(),
            information_sets: file.game.info_set_count(),
            nodes: file.game.node_count(),
            histories: file.game.history_count(),
            other_equilibria: OtherEquilibria::of_file(&file, method, self.lambda.unwrap_or(1.0)),
            equilibria: outcome.found.iter().map(|found| self.profile(&file, found)).collect(),
            components: outcome.components,
        };
        if self.json {
            output::print(&output::json("the solution", &solution)?)?;
        } else {
            output::print(&told(&solution, self.all))?;
        }
        if guard::interrupted() {
            return Ok(Verdict::Interrupted);
        }
        Ok(if solution.complete { Verdict::Done } else { Verdict::NotConverged })
    }
}

impl Solve {
    fn profile(&self, file: &GameFile, found: &FoundProfile) -> Profile {
        let profile = Profile::of(file, found);
        if self.node_values { profile } else { profile.without_node_values() }
    }
}

fn told(solution: &FileSolution, all: bool) -> String {
    let mut text = format!(
        "{}\nGame        {} nodes, {} histories\nFound       {}\n",
        solution.title, solution.nodes, solution.histories, solution.status
    );
    text += &solution.other_equilibria.as_ref().map_or_else(String::new, OtherEquilibria::in_words);
    let shown = if all { solution.equilibria.len() } else { SHOWN.min(solution.equilibria.len()) };
    for (k, profile) in solution.equilibria[..shown].iter().enumerate() {
        if solution.equilibria.len() > 1 {
            let _ = writeln!(text, "\n-- {} of {}", k + 1, solution.equilibria.len());
        }
        text += &profile.told(all);
    }
    if shown < solution.equilibria.len() {
        let _ = writeln!(text, "\n{} more: show them with `--all`", solution.equilibria.len() - shown);
    }
    text
}
