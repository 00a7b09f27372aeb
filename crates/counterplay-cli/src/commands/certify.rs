//! `counterplay certify`: is a profile an equilibrium?

use std::fs;
use std::path::PathBuf;

use clap::Args;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::Game;

use super::solve::methods::FoundProfile;
use super::solve::profile::Profile;
use super::solve::table::order;
use crate::failure::{Failure, Verdict};
use crate::game_file::GameFile;
use crate::output::{self, said};

/// Certify a profile of a game file: regret at every information set, beliefs, and the residual of a logit equilibrium
///
/// The profile is a file with a probability for each action, in the order of the file: player by player, information set
/// by information set. Numbers are decimals or fractions, between commas or blanks; a first field `NE` is passed over, so
/// that Gambit's output can be used as it is. Solvers and this command share no code.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay certify poker.efg profile.txt
  counterplay certify poker.efg profile.txt --lambda 2.5     how far it is from a logit equilibrium
  echo 'NE,1,0,1/3,2/3,2/3,1/3' > profile.txt                a profile of a game of three information sets

Exit codes: 0 the largest regret is within the tolerance, 1 it is not, or the input is wrong.")]
pub(crate) struct Certify {
    /// The game: an `.efg` or `.nfg` file
    #[arg(value_name = "GAME")]
    game: PathBuf,

    /// The profile
    #[arg(value_name = "PROFILE")]
    profile: PathBuf,

    /// The precision of all players, to certify a logit equilibrium
    #[arg(long, value_name = "LAMBDA")]
    lambda: Option<f64>,

    /// The largest gain (or residual, with --lambda) that an equilibrium may have
    #[arg(long, value_name = "NUMBER", default_value_t = 1e-6)]
    tolerance: f64,

    /// Write the certificate as JSON
    #[arg(long)]
    json: bool,
}

impl Certify {
    /// Reads, examines and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let file = GameFile::read(&self.game)?;
        let shown = self.profile.display();
        let text = fs::read_to_string(&self.profile)
            .map_err(|e| Failure::new(format!("`{shown}` cannot be read: {}", said(&e))))?;
        let play = profile(&file.game, &text)
            .map_err(|why| Failure::new(format!("`{shown}`: {why}")).hint(order(&file.game)))?;
        let found = FoundProfile { play, exact: None, lambda: self.lambda };
        let profile = Profile::of(&file, &found);
        let worst = profile.residual.unwrap_or(profile.gain);
        let holds = worst <= self.tolerance;
        if self.json {
            output::print(&output::json("the certificate", &profile)?)?;
        } else {
            let verdict = match (holds, self.lambda.is_some(), profile.regret <= self.tolerance) {
                (true, true, _) => "this is a logit equilibrium",
                (false, true, _) => "this is no logit equilibrium",
                (true, false, true) => {
                    "this is a Nash equilibrium, with no regret wherever beliefs are defined"
                }
                (true, false, false) => "this is a Nash equilibrium, but with regret off its path",
                (false, false, _) => "this is no Nash equilibrium",
            };
            output::print(&output::harmless(&format!(
                "{}\nVerdict     {verdict}\n{}",
                file.title,
                profile.told(true)
            )))?;
        }
        Ok(if holds { Verdict::Done } else { Verdict::Off })
    }
}

/// The probabilities that a text states, checked against the game.
fn profile(game: &Game, text: &str) -> Result<Vec<f64>, String> {
    let fields = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|f| !f.is_empty() && *f != "NE");
    let play: Vec<f64> = fields.map(number).collect::<Result<_, _>>()?;
    let count = game.action_count();
    if play.len() != count {
        return Err(format!("{} probabilities, and the game has {count} actions", play.len()));
    }
    for set in game.info_set_ids() {
        let odds = &play[game.actions(set)];
        let sum: f64 = odds.iter().sum();
        if odds.iter().any(|p| !(0.0..=1.0).contains(p)) || (sum - 1.0).abs() > 1e-6 {
            let player = &game.players()[game.info_set(set).player.index()];
            let name = game.event_name(game.event_id(game.members(set)[0]));
            return Err(format!("the probabilities of `{player}` at `{name}` sum to {sum}, and not to one"));
        }
    }
    Ok(play)
}

fn number(field: &str) -> Result<f64, String> {
    let wrong = || format!("`{field}` is not a number");
    let value = match field.parse::<f64>() {
        Ok(value) => value,
        Err(_) => to_f64(&field.parse::<Rational>().map_err(|_| wrong())?),
    };
    if value.is_finite() { Ok(value) } else { Err(wrong()) }
}
