//! Game files: Gambit's `.efg` and `.nfg`.

use std::path::Path;

use counterplay_analysis::printable::one_line;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::referee::forgetful::is_absent_minded;
use counterplay_game::extensive::ExtensiveForm;
use counterplay_game::gambit::{ParseError, read_efg, read_nfg, text_of};
use counterplay_game::id::PlayerId;
use counterplay_game::normal::NormalForm;
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::Game;
use counterplay_game::valuation::{ExactGame, Valuation};

use crate::failure::Failure;
use crate::read_file::bytes_of;

/// A file larger than this is not read.
const MOST_BYTES: u64 = 256 << 20;

/// The form in which a file states its game.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// As a tree.
    Extensive(Box<ExtensiveForm>),
    /// By strategies.
    Normal(Box<NormalForm>),
}

/// The game of a file.
#[derive(Clone, Debug)]
pub(crate) struct GameFile {
    pub(crate) title: String,
    pub(crate) form: Form,
    pub(crate) game: Game,
    pub(crate) numbers: Valuation,
    /// Where a player has no perfect recall, if one has none.
    pub(crate) forgotten: Option<ImperfectRecall>,
}

/// Whether a path names a game file, by its extension.
pub(crate) fn is_game_file(path: &Path) -> bool {
    extension(path).is_some()
}

/// The formats of game files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// A tree.
    Efg,
    /// Strategies.
    Nfg,
}

/// The format that a path names.
pub(crate) fn extension(path: &Path) -> Option<Extension> {
    let extension = path.extension()?.to_str()?;
    match extension.to_ascii_lowercase().as_str() {
        "efg" => Some(Extension::Efg),
        "nfg" => Some(Extension::Nfg),
        _ => None,
    }
}

impl Form {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = bytes_of(path, MOST_BYTES)?;
        let text = text_of(&bytes).map_err(|error| located(path, "", &error))?;
        let wrong = |error: ParseError| located(path, text, &error);
        match extension(path) {
            Some(Extension::Efg) => Ok(Self::Extensive(Box::new(read_efg(text).map_err(wrong)?))),
            Some(Extension::Nfg) => Ok(Self::Normal(Box::new(read_nfg(text).map_err(wrong)?))),
            None => Err(Failure::new(format!("`{shown}` is no game file"))
                .hint("game files end in `.efg` (a tree) or `.nfg` (strategies)")),
        }
    }
}

/// A tree with the fractions that the file states, for methods that compute exactly. Its nodes, information sets and
/// actions are those of the game that other methods solve.
#[derive(Clone, Debug)]
pub(crate) struct ExactTree {
    pub(crate) game: Game,
    pub(crate) numbers: ExactNumbers,
}

impl Form {
    /// The tree in exact numbers, whatever the players remember.
    pub(crate) fn exact(&self) -> ExactTree {
        let ExactGame { game, chance, payoffs } = match self {
            Self::Extensive(form) => form.exact_tree(),
            Self::Normal(normal) => normal.exact_game(),
        };
        ExactTree { game, numbers: ExactNumbers { chance, payoffs } }
    }
}

impl GameFile {
    /// Reads a file whose players have perfect recall.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let file = Self::read_any(path)?;
        match &file.forgotten {
            None => Ok(file),
            Some(why) => Err(Failure::new(format!("`{}` cannot be solved so: {why}", path.display())).hint(
                "this needs players with perfect recall, who remember what they knew and did; \
                 without it there are `solve --method pure`, `certify` and `draw`",
            )),
        }
    }

    /// Reads a file, whatever its players remember.
    pub(crate) fn read_any(path: &Path) -> Result<Self, Failure> {
        let form = Form::read(path)?;
        let (title, game, forgotten) = match &form {
            Form::Extensive(extensive) => {
                (extensive.title.clone(), extensive.tree(), extensive.recall().err())
            }
            Form::Normal(normal) => (normal.title.clone(), normal.game(), None),
        };
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let finite = numbers.payoffs.iter().all(|x| x.is_finite());
        if !finite {
            return Err(Failure::new(format!("`{}` has a payoff too large to compute with", path.display())));
        }
        let title = one_line(&title).trim().to_owned();
        let title = if title.is_empty() { path.display().to_string() } else { title };
        Ok(Self { title, form, game, numbers, forgotten })
    }

    /// The players who can come to an information set and later to the same one again.
    pub(crate) fn absent_minded(&self) -> Vec<&str> {
        let player = |set| self.game.info_set(set).player;
        let sets: Vec<PlayerId> =
            self.game.info_set_ids().filter(|set| is_absent_minded(&self.game, *set)).map(player).collect();
        let names = self.game.players().iter().enumerate();
        names.filter(|(p, _)| sets.contains(&PlayerId::new(*p))).map(|(_, name)| name.as_str()).collect()
    }
}

/// An error in a file: where, what is wrong, the line itself, and what to do.
fn located(path: &Path, text: &str, error: &ParseError) -> Failure {
    let line: String =
        text.lines().nth(error.line.saturating_sub(1)).unwrap_or("").chars().take(160).collect();
    let gutter = " ".repeat(error.line.to_string().len());
    let caret = " ".repeat(error.column.saturating_sub(1).min(160));
    let excerpt = if line.trim().is_empty() {
        String::new()
    } else {
        format!("\n{gutter} |\n{} | {}\n{gutter} | {caret}^", error.line, one_line(&line))
    };
    let place = format!("{}:{}:{}", path.display(), error.line, error.column);
    let message = format!("{place}: {}", error.message);
    Failure::InFile { message, excerpt, hint: error.hint.clone() }
}
