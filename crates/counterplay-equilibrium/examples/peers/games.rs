//! The games that are generated, as files.

use std::path::Path;

use counterplay_game::extensive::ExtensiveForm;
use counterplay_game::gambit::{write_efg, write_nfg};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use serde_json::{Value, json};

use crate::Outcome;
use crate::common::{Lcg, crisis, normal_form, poker};

/// Rounds, offers and types of the games of the crisis-bargaining family.
const CRISES: [(usize, usize, usize); 2] = [(2, 2, 2), (2, 5, 3)];

/// The numbers of strategies of each player in the games with random payoffs.
const RANDOM: [usize; 2] = [6, 8];

/// Writes the games into a folder and says how many there are.
pub(crate) fn write(folder: &Path) -> Outcome<Value> {
    std::fs::create_dir_all(folder)?;
    for (rounds, offers, types) in CRISES {
        let name = format!("crisis-{rounds}-{offers}-{types}.efg");
        std::fs::write(folder.join(name), efg(&crisis(rounds, offers, types))?)?;
    }
    std::fs::write(folder.join("leduc.efg"), efg(&poker::leduc())?)?;
    for size in RANDOM {
        std::fs::write(folder.join(format!("random-{size}.nfg")), write_nfg(&random(size)))?;
    }
    Ok(json!({ "games": CRISES.len() + 1 + RANDOM.len() }))
}

fn efg(game: &Game) -> Outcome<String> {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    Ok(write_efg(&ExtensiveForm::of_game(game, &numbers)?))
}

/// A two-player game with `size` strategies each, and whole payoffs from 0 to 99.
fn random(size: usize) -> NormalForm {
    let mut random = Lcg(size as u64);
    // The first numbers of the generator are correlated with its seed.
    for _ in 0..10 {
        random.next();
    }
    let payoffs = (0..2 * size * size).map(|_| Rational::from_integer(random.below(100).into())).collect();
    normal_form(&[size, size], payoffs)
}
