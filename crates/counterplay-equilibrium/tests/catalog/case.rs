//! A folder of the catalog, read.

use std::path::{Path, PathBuf};

use counterplay_game::extensive::ExtensiveForm;
use counterplay_game::gambit::{read_efg, read_nfg, write_efg, write_nfg};
use counterplay_game::normal::NormalForm;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::schema::Expected;
use crate::tree::Tree;

/// The game of a file.
pub(crate) enum File {
    Extensive(ExtensiveForm),
    Normal(NormalForm),
}

/// A game with what is expected of it.
pub(crate) struct Case {
    pub(crate) file: File,
    pub(crate) expected: Expected,
    pub(crate) tree: Tree,
    /// The game as solvers see it; none without perfect recall.
    pub(crate) game: Option<(Game, Valuation)>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog")
}

/// The folders of the catalog, in order.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).expect("the catalog can be read");
        for entry in entries.map(|e| e.expect("the catalog can be read").path()).filter(|p| p.is_dir()) {
            let holds_game = ["game.efg", "game.nfg", "expected.toml"].iter().any(|f| entry.join(f).exists());
            if holds_game { found.push(entry) } else { open.push(entry) }
        }
    }
    found.sort();
    found
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let claims = std::fs::read_to_string(folder.join("expected.toml")).map_err(|e| e.to_string())?;
        Self::with(folder, &claims)
    }

    /// The game of the folder with these claims.
    pub(crate) fn with(folder: &Path, claims: &str) -> Result<Self, String> {
        let text =
            |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| format!("{name}: {e}"));
        let expected = toml::from_str(claims).map_err(|e| e.to_string())?;
        match (text("game.efg"), text("game.nfg")) {
            (Ok(efg), Err(_)) => {
                Ok(Self::of(File::Extensive(read_efg(&efg).map_err(|e| e.to_string())?), expected))
            }
            (Err(_), Ok(nfg)) => {
                Ok(Self::of(File::Normal(read_nfg(&nfg).map_err(|e| e.to_string())?), expected))
            }
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => Err("a folder holds one game".to_owned()),
        }
    }

    fn of(file: File, expected: Expected) -> Self {
        let (tree, game) = match &file {
            File::Extensive(form) => (Tree::of_extensive(form), form.game().ok()),
            File::Normal(normal) => (Tree::of_normal(normal), Some(normal.game())),
        };
        let game = game.map(|game| {
            let numbers = game.at(&game.expressions().evaluate(&[]));
            (game, numbers)
        });
        Self { file, expected, tree, game }
    }

    /// Whether the game is the same after it is written and read.
    pub(crate) fn round_trip(&self) -> Result<(), String> {
        let same = match &self.file {
            File::Extensive(form) => read_efg(&write_efg(form)).map_err(|e| e.to_string())? == *form,
            File::Normal(game) => read_nfg(&write_nfg(game)).map_err(|e| e.to_string())? == *game,
        };
        if same { Ok(()) } else { Err("another game is read than was written".to_owned()) }
    }

    pub(crate) fn title(&self) -> &str {
        match &self.file {
            File::Extensive(form) => &form.title,
            File::Normal(game) => &game.title,
        }
    }
}
