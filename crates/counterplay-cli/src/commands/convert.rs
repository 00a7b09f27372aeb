//! `counterplay convert`: game files in and out.

use std::path::PathBuf;

use clap::Args;
use counterplay::model::{Model, NoValue};
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::reduced::{NotReduced, ReducedForm};
use counterplay_game::extensive::{ExtensiveForm, Malformed};
use counterplay_game::gambit::{write_efg, write_nfg};
use counterplay_game::normal::NormalForm;
use counterplay_game::valuation::ExactGame;

use crate::bounds::Bounds;
use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::game_file::{Extension, Form, extension};
use crate::point::{self, Assignment};
use crate::reach::Reach;
use crate::write_file;
use crate::write_file::destination;

/// Write a scenario or a game file as a game file that other programs read
///
/// Writes Gambit's formats: extensive forms as `.efg`, normal forms as `.nfg`. A scenario is written as its game at the
/// centre of the prior, or elsewhere, with payoffs in numbers and what players know in the labels of information sets.
/// Numbers in game files are kept exactly. A tree becomes a table of its reduced strategies, named after the number of the
/// action at each information set.
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

/// The most profiles of strategies that a table is written for.
const MOST_PROFILES: usize = 1_000_000;

impl Convert {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        Reach::of_scenario(&self.source).writing(Some(&self.file))
    }

    /// Reads and writes.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let file = destination(self.file.clone())?;
        let format = extension(&file).ok_or_else(|| {
            Failure::new(format!("`{}` names no format", file.display())).hint("end it in `.efg` or `.nfg`")
        })?;
        let unwritable = |e: Malformed| Failure::new(format!("the game cannot be written: {e}"));
        let text = match (self.read()?, format) {
            (Form::Extensive(form), Extension::Efg) => write_efg(&form),
            (Form::Extensive(form), Extension::Nfg) => write_nfg(&table(&form)?),
            (Form::Normal(game), Extension::Efg) => {
                write_efg(&ExtensiveForm::of_normal(&game).map_err(unwritable)?)
            }
            (Form::Normal(game), Extension::Nfg) => write_nfg(&game),
        };
        write_file::write(&file, &text)?;
        Ok(Verdict::Done)
    }

    fn read(&self) -> Result<Form, Failure> {
        if extension(&self.source).is_none() || self.source.is_dir() {
            return Ok(Form::Extensive(Box::new(self.scenario()?)));
        }
        if self.at.is_empty() {
            return Form::read(&self.source);
        }
        Err(Failure::new("a game file has no parameters").hint("`--at` is for scenarios: leave it out"))
    }

    /// The game of a scenario at the point asked for.
    fn scenario(&self) -> Result<ExtensiveForm, Failure> {
        let (scenario, bounds) = (self.source.clone(), self.bounds.clone());
        let opened =
            super::open(&Common { scenario, settings: Vec::new(), quiet: self.quiet, bounds }, |input| {
                input
            })?;
        let model = Model::changed(&opened.scenario, &[], self.bounds.of_story(), &opened.console)
            .and_then(Model::tree)
            .map_err(|problem| opened.failure(&problem.into()))?;
        opened.console.finish();
        let point = point::at(&opened.scenario, &self.at)?;
        let mut evaluator = model.evaluator(counterplay_equilibrium::logit::Settings::default());
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

/// The reduced strategic form of a tree.
fn table(form: &ExtensiveForm) -> Result<NormalForm, Failure> {
    let refused = |why: String| Failure::new(format!("the game cannot be written as a table: {why}"));
    let ExactGame { game, chance, payoffs } = form.exact_game().map_err(|why| refused(why.to_string()))?;
    let reduced = ReducedForm::of(&game, MOST_PROFILES).map_err(|why| match why {
        NotReduced::TooManyProfiles { allowed } => {
            refused(format!("it has more than {allowed} profiles of strategies"))
                .hint("write it as a tree: `.efg`")
        }
    })?;
    let mut table = reduced.normal_form(&game, &ExactNumbers { chance, payoffs });
    (table.title, table.comment) = (form.title.clone(), form.comment.clone());
    Ok(table)
}
