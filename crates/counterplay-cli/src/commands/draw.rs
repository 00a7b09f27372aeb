//! `counterplay draw`: the game tree.

use std::path::PathBuf;

use clap::Args;
use counterplay::model::Model;

use crate::arguments::Common;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::point;
use crate::solution::{NotSolved, Solved};
use crate::tree::{Extent, dot, grow, outline, svg};

/// Draw the game tree
///
/// Shows what can happen, with the probabilities of play at the centre of the prior. What lies deep, or is unlikely, is
/// collapsed, and it says how many histories are in it. Branches on the record are marked: by a star in the text, by a
/// bold line in a picture.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay draw my-case
  counterplay draw my-case --depth 8 --min-probability 0.01
  counterplay draw my-case --svg my-case.svg
  counterplay draw my-case --dot my-case.dot && dot -Tpdf my-case.dot -o my-case.pdf")]
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
}

impl Draw {
    /// Draws.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let opened = super::open(&self.common, |input| input)?;
        let svg_file = self.svg.clone().map(output::destination).transpose()?;
        let dot_file = self.dot.clone().map(output::destination).transpose()?;
        let scenario = &opened.scenario;
        let mut model = Model::changed(scenario, &[], self.common.bounds.of_story(), &opened.console)
            .map_err(|problem| opened.why(&problem.into()))?;
        if !scenario.record.is_empty() {
            model = model.agreeing(scenario).map_err(|problem| opened.why(&problem.into()))?;
        }
        opened.console.finish();
        let solved = Solved::at(&model, &point::at(scenario, &[])?).map_err(NotSolved::failure)?;
        let extent = Extent { depth: self.depth, min_probability: self.min_probability };
        let root = grow(&solved, scenario.about.as_ref(), extent);
        if let Some(file) = &svg_file {
            output::write(file, &svg(&scenario.title, &scenario.players, &root))?;
        }
        if let Some(file) = &dot_file {
            output::write(file, &dot(&scenario.title, &root))?;
        }
        if svg_file.is_none() && dot_file.is_none() {
            output::print(&output::harmless(&outline(&root)))?;
        }
        Ok(Verdict::Done)
    }
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        Ok(_) | Err(_) => Err("a probability is a number between 0 and 1".to_owned()),
    }
}
