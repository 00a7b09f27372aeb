//! A signalling game from Gambit's format, solved and certified: beer or quiche (Cho and Kreps 1987).
//!
//!     cargo run --release --package counterplay --example signalling_game

use counterplay_equilibrium::logit::{Settings, Solver, Status};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::gambit::read_efg;
use counterplay_game::tree::Game;

/// The sender is surly or a wimp, and breakfasts; the receiver sees the breakfast alone, and would duel a wimp.
const BEER_OR_QUICHE: &str = r#"EFG 2 R "Beer or quiche" { "Sender" "Receiver" }
c "" 1 "Type" { "Surly" 9/10 "Wimp" 1/10 } 0
  p "" 1 1 "Surly" { "Beer" "Quiche" } 0
    p "" 2 1 "After beer" { "Duel" "Not" } 0
      t "" 1 "" { 1, 0 }
      t "" 2 "" { 3, 1 }
    p "" 2 2 "After quiche" { "Duel" "Not" } 0
      t "" 3 "" { 0, 0 }
      t "" 4 "" { 2, 1 }
  p "" 1 2 "Wimp" { "Beer" "Quiche" } 0
    p "" 2 1 "After beer" { "Duel" "Not" } 0
      t "" 5 "" { 0, 1 }
      t "" 6 "" { 2, 0 }
    p "" 2 2 "After quiche" { "Duel" "Not" } 0
      t "" 7 "" { 1, 1 }
      t "" 8 "" { 3, 0 }
"#;

/// The game, and play at one precision of both players: a probability for each action, in the order of the information sets.
pub(crate) fn solved(precision: f64) -> Result<(Game, Vec<f64>), Box<dyn std::error::Error>> {
    let game = read_efg(BEER_OR_QUICHE)?.game()?;
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = [precision, precision];
    let equilibrium = Solver::new(&game, Settings::default()).solve(&numbers, &precisions);
    if !matches!(equilibrium.status, Status::Converged) {
        return Err(format!("not solved: {:?}", equilibrium.status).into());
    }
    // The referee shares no code with the solver.
    let certificate = certify(&game, &numbers, &precisions, &equilibrium.play);
    if certificate.residual > 1e-9 {
        return Err(format!("not an equilibrium: residual {}", certificate.residual).into());
    }
    Ok((game, equilibrium.play))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (game, play) = solved(10.0)?;
    for set in game.info_set_ids() {
        let labels = game.labels(game.members(set)[0]).map(|label| game.text(label));
        let odds = labels.zip(&play[game.actions(set)]).map(|(label, p)| format!("{label} {p:.3}"));
        let event = game.text(game.info_set(set).event);
        println!("{event}: {}", odds.collect::<Vec<_>>().join(", "));
    }
    Ok(())
}
