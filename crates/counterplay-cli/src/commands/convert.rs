//! `counterplay convert`: game files in and out.

use std::path::{Path, PathBuf};

use clap::Args;
use counterplay::model::{Model, NoValue};
use counterplay_game::extensive::ExtensiveForm;
use counterplay_game::gambit::{ParseError, read_efg, read_nfg, text_of, write_efg, write_nfg};
use counterplay_game::normal::NormalForm;

use crate::arguments::Common;
use crate::bounds::Bounds;
use crate::failure::{Failure, Verdict};
use crate::point::{self, Assignment};
use crate::{input, output};

/// Write a scenario or a game file as a game file that other programs read
///
/// Writes Gambit's formats: extensive forms as `.efg`, normal forms as `.nfg`. A scenario is written as its game at the
/// centre of the prior, or elsewhere, with payoffs in numbers and what players know in the labels of information sets.
/// Numbers in game files are kept exactly.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay convert my-case my-case.efg
  counterplay convert my-case my-case.efg --at 'cost of war to the Defender=0.9'
  counterplay convert matrix.nfg tree.efg")]
pub(crate) struct Convert {
    /// What to convert: a scenario, or a game file (`.efg` or `.nfg`)
    #[arg(value_name = "SOURCE")]
    source: PathBuf,

    /// The game file to write: `.efg` or `.nfg`
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Put a parameter elsewhere, by its full name; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    at: Vec<Assignment>,

    /// Show no progress and no remarks
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    pub(crate) bounds: Bounds,
}

/// The formats of game files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Extensive,
    Normal,
}

/// A game that has been read.
enum Read {
    Extensive(ExtensiveForm),
    Normal(NormalForm),
}

impl Convert {
    /// Reads and writes.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let file = output::destination(self.file.clone())?;
        let format = format_of(&file).ok_or_else(|| {
            Failure::new(format!("`{}` names no format", file.display())).hint("end it in `.efg` or `.nfg`")
        })?;
        let source = self.read()?;
        let text = match (source, format) {
            (Read::Extensive(form), Format::Extensive) => write_efg(&form),
            (Read::Normal(game), Format::Normal) => write_nfg(&game),
            (Read::Normal(game), Format::Extensive) => {
                write_efg(&ExtensiveForm::of_normal(&game).map_err(|e| Failure::new(e.to_string()))?)
            }
            (Read::Extensive(_), Format::Normal) => {
                return Err(Failure::new("a game in extensive form is not written as `.nfg`")
                    .hint("write it as `.efg`: a program that reads it can make the normal form"));
            }
        };
        output::write(&file, &text)?;
        Ok(Verdict::Done)
    }

    fn read(&self) -> Result<Read, Failure> {
        let path = &self.source;
        let Some(format) = format_of(path).filter(|_| !path.is_dir()) else {
            return self.scenario().map(Read::Extensive);
        };
        if !self.at.is_empty() {
            return Err(
                Failure::new("a game file has no parameters").hint("`--at` is for scenarios: leave it out")
            );
        }
        let bytes = input::bytes_of(path, MOST_BYTES)?;
        let wrong = |error: ParseError| told(path, &error);
        let text = text_of(&bytes).map_err(wrong)?;
        match format {
            Format::Extensive => read_efg(text).map(Read::Extensive).map_err(wrong),
            Format::Normal => read_nfg(text).map(Read::Normal).map_err(wrong),
        }
    }

    /// The game of a scenario at the point asked for.
    fn scenario(&self) -> Result<ExtensiveForm, Failure> {
        let (scenario, bounds) = (self.source.clone(), self.bounds.clone());
        let opened = super::open(&Common { scenario, quiet: self.quiet, bounds }, |input| input)?;
        let model = Model::changed(&opened.scenario, &[], self.bounds.of_story(), &opened.console)
            .map_err(|problem| opened.why(&problem.into()))?;
        opened.console.finish();
        let point = point::at(&opened.scenario, &self.at)?;
        let mut evaluator = model.evaluator(counterplay_equilibrium::qre::Settings::default());
        let bad_number = |_: NoValue| Failure::new("a number of the game is not what it should be there");
        evaluator.load(&point).map_err(bad_number)?;
        let game = model.game();
        let text = |id| game.text(id);
        let label = |end| {
            let outcomes = &model.endings()[game.end(end).tag as usize].outcomes;
            let told: Vec<_> = outcomes.iter().map(|&(o, v)| format!("{}: {}", text(o), text(v))).collect();
            told.join(", ")
        };
        let form = ExtensiveForm::of_game_labelled(game, evaluator.numbers(), label);
        let mut form = form.map_err(|e| Failure::new(format!("the game cannot be written: {e}")))?;
        form.title.clone_from(&opened.scenario.title);
        Ok(form)
    }
}

/// A game file larger than this is not read.
const MOST_BYTES: u64 = 256 << 20;

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "efg" => Some(Format::Extensive),
        "nfg" => Some(Format::Normal),
        _ => None,
    }
}

fn told(path: &Path, error: &ParseError) -> Failure {
    let (line, column) = (error.line, error.column);
    let failure = Failure::new(format!("{}\n  --> {}:{line}:{column}", error.message, path.display()));
    error.hint.iter().fold(failure, |failure, hint| failure.hint(hint))
}
