//! `counterplay draw`: the game tree.

use std::path::PathBuf;

use clap::Args;
use counterplay::model::Model;
use counterplay_equilibrium::logit::{Settings, Solver, Status};

use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::figure::{self, Figure, MOST_NODES};
use crate::game_file::{GameFile, is_game_file};
use crate::method::precision;
use crate::output;
use crate::point;
use crate::reach::Reach;
use crate::solution::{NotSolved, Solved};
use crate::status::in_words;
use crate::tree::{Extent, dot, grow, outline, svg};
use crate::write_file;
use crate::write_file::destination;

/// Draw the game tree, of a scenario or of a game file
///
/// Of a scenario: shows what can happen, with the probabilities of play at the centre of the prior. What lies deep, or is unlikely, is
/// collapsed, and it says how many histories are in it. Branches on the record are marked: by a star in the text, by a
/// bold line in a picture. Of a game file (`.efg`, `.nfg`): the whole tree as a figure for print, with information sets
/// joined by dashed lines, and with the probabilities of the logit equilibrium where --lambda is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay draw my-case
  counterplay draw my-case --depth 8 --min-probability 0.01
  counterplay draw my-case --svg my-case.svg
  counterplay draw my-case --tikz my-case.tex
  counterplay draw my-case --dot my-case.dot && dot -Tpdf my-case.dot -o my-case.pdf
  counterplay draw poker.efg --svg poker.svg
  counterplay draw poker.efg --lambda 2.5 --tikz poker.tex && pdflatex poker.tex")]
pub(crate) struct Draw {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Events to show below the first
    #[arg(long, value_name = "N", default_value_t = 5)]
    depth: usize,

    /// Collapse what play reaches with a smaller probability
    #[arg(long, value_name = "P", default_value_t = 0.02, value_parser = probability)]
    min_probability: f64,

    /// Draw an SVG picture to this file, and no text
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write a graph for GraphViz to this file, and no text
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,

    /// Write a figure of the whole tree in TikZ, a document for LaTeX, to this file, and no text
    #[arg(long, value_name = "FILE")]
    tikz: Option<PathBuf>,

    /// Of a game file: show the logit equilibrium at this precision, per unit of payoff
    #[arg(long, value_name = "LAMBDA", value_parser = precision)]
    lambda: Option<f64>,
}

impl Draw {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        let reach = Reach::of_scenario(&self.common.scenario).writing(self.svg.as_deref());
        reach.writing(self.dot.as_deref()).writing(self.tikz.as_deref())
    }

    /// Draws.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        if is_game_file(&self.common.scenario) {
            return self.act_on_file();
        }
        if self.lambda.is_some() {
            return Err(Failure::new("`--lambda` is for game files").hint(
                "a scenario says its players' precision itself, and is drawn at the centre of its prior",
            ));
        }
        let opened = super::open(&self.common, |input| input)?;
        let svg_file = self.svg.clone().map(destination).transpose()?;
        let dot_file = self.dot.clone().map(destination).transpose()?;
        let tikz_file = self.tikz.clone().map(destination).transpose()?;
        let scenario = &opened.scenario;
        let mut model = Model::changed(scenario, &[], self.common.bounds.of_story(), &opened.console)
            .and_then(Model::tree)
            .map_err(|problem| opened.failure(&problem.into()))?;
        if !scenario.record.is_empty() {
            model = model.agreeing(scenario).map_err(|problem| opened.failure(&problem.into()))?;
        }
        opened.all_settings_read()?;
        opened.console.finish();
        let solved = Solved::at(&model, &point::at(scenario, &[])?).map_err(NotSolved::failure)?;
        let extent = Extent { depth: self.depth, min_probability: self.min_probability };
        let root = grow(&solved, scenario.about.as_ref(), extent);
        if let Some(file) = &svg_file {
            write_file::write(file, &svg(&scenario.title, &scenario.players, &root))?;
        }
        if let Some(file) = &dot_file {
            write_file::write(file, &dot(&scenario.title, &root))?;
        }
        if let Some(file) = &tikz_file {
            readable(solved.game().node_count())?;
            let (numbers, play) = (solved.evaluator.numbers(), &solved.equilibrium.play);
            let figure = Figure::of(&scenario.title, solved.game(), numbers, Some(play));
            write_file::write(file, &figure::tikz(&figure))?;
        }
        if svg_file.is_none() && dot_file.is_none() && tikz_file.is_none() {
            output::print(&outline(&root))?;
        }
        Ok(Verdict::Done)
    }

    fn act_on_file(&self) -> Result<Verdict, Failure> {
        let file = match self.lambda {
            None => GameFile::read_any(&self.common.scenario)?,
            Some(_) => GameFile::read(&self.common.scenario)?,
        };
        readable(file.game.node_count())?;
        let play = match self.lambda {
            None => None,
            Some(lambda) => {
                let precisions = vec![lambda; file.game.players().len()];
                let found = Solver::new(&file.game, Settings::default()).solve(&file.numbers, &precisions);
                if !matches!(found.status, Status::Converged | Status::Jumped { .. }) {
                    output::complain(&in_words(found.status));
                    return Ok(Verdict::NotConverged);
                }
                Some(found.play)
            }
        };
        let figure = Figure::of(&file.title, &file.game, &file.numbers, play.as_deref());
        if let Some(path) = self.svg.clone().map(destination).transpose()? {
            write_file::write(&path, &figure::svg(&figure))?;
        }
        if let Some(path) = self.tikz.clone().map(destination).transpose()? {
            write_file::write(&path, &figure::tikz(&figure))?;
        }
        if self.svg.is_none() && self.tikz.is_none() {
            return Err(
                Failure::new("say where the figure goes").hint("add `--svg game.svg` or `--tikz game.tex`")
            );
        }
        Ok(Verdict::Done)
    }
}

/// Refuses to draw a whole tree that nobody could read.
fn readable(nodes: usize) -> Result<(), Failure> {
    if nodes <= MOST_NODES {
        return Ok(());
    }
    Err(Failure::new(format!("a figure of {nodes} nodes could not be read; at most {MOST_NODES} are drawn"))
        .hint("of a scenario `--svg` and `--dot` draw its likelier part"))
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        Ok(_) | Err(_) => Err("a probability is a number between 0 and 1".to_owned()),
    }
}
