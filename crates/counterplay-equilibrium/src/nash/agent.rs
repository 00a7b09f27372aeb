//! The agent form of a game: every information set is a player of its own.

use counterplay_game::id::{ActionId, InfoSetId, NodeId};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::{Game, Kind};
use num_traits::Zero;

use crate::nash::exact::ExactNumbers;
use crate::nash::sequences::histories;

/// There are more profiles of actions than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyProfiles {
    /// How many were allowed.
    pub allowed: usize,
}

/// The agent form (Selten 1975): one player for each information set, in order, whose strategies are the actions there
/// and whose payoffs are those of the player it acts for. Its equilibria are the profiles in which nobody gains by a
/// change at a single information set; with more sets to a player, they can be more than those of the game.
///
/// # Errors
/// If there are more than `max_profiles` profiles of actions.
pub fn agent_form(
    game: &Game,
    numbers: &ExactNumbers,
    max_profiles: usize,
) -> Result<NormalForm, TooManyProfiles> {
    let counts: Vec<usize> = game.info_set_ids().map(|set| game.actions(set).len()).collect();
    let profiles = counts.iter().try_fold(1usize, |product, &count| product.checked_mul(count));
    let profiles =
        profiles.filter(|&k| k <= max_profiles).ok_or(TooManyProfiles { allowed: max_profiles })?;
    let agents = counts.len();
    let owner = |set: InfoSetId| game.info_set(set).player.index();
    let mut payoffs = vec![Rational::zero(); profiles * agents];
    for (node, odds, end) in histories(game, &numbers.chance) {
        let shares: Vec<Rational> =
            (0..game.players().len()).map(|p| &odds * numbers.payoff(end, p, game.players().len())).collect();
        for profile in leading_to(game, &counts, node) {
            for set in game.info_set_ids() {
                payoffs[profile * agents + set.index()] += &shares[owner(set)];
            }
        }
    }
    let name = |set| format!("{} ({})", game.players()[owner(set)], set.index() + 1);
    let label = |action| game.text(game.action_label(ActionId::new(action))).to_owned();
    let labels = game.info_set_ids().map(|set| game.actions(set).map(label).collect()).collect();
    Ok(NormalForm::new(game.info_set_ids().map(name).collect(), labels, payoffs))
}

/// The profiles of actions that allow play to reach a node, the first set's action varying fastest.
fn leading_to(game: &Game, counts: &[usize], node: NodeId) -> Vec<usize> {
    let mut taken = vec![None; counts.len()];
    for (at, branch) in game.path(node) {
        let Kind::Decision(set) = game.kind(at) else { continue };
        if taken[set.index()].replace(branch).is_some_and(|before| before != branch) {
            return Vec::new();
        }
    }
    let mut profiles = vec![0];
    let mut stride = 1;
    for (&count, taken) in counts.iter().zip(taken) {
        let actions = taken.map_or(0..count, |action| action..action + 1);
        profiles = actions.flat_map(|a| profiles.iter().map(move |k| k + a * stride)).collect();
        stride *= count;
    }
    profiles
}
