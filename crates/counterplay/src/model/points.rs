//! Play as people read it, information set by information set.

use counterplay_analysis::PlayPoint;
use counterplay_game::id::InfoSetId;
use counterplay_game::tree::Game;
use counterplay_math::exp;

use crate::model::odds::{LogOdds, reach};

/// Play at these information sets of a game.
pub(crate) fn play_at(
    game: &Game,
    odds: &LogOdds,
    sets: impl IntoIterator<Item = InfoSetId>,
) -> Vec<PlayPoint> {
    let reach = reach(game, odds);
    let point = |set| {
        let first = game.members(set)[0];
        let labels = game.labels(first).map(|label| game.text(label).to_owned());
        PlayPoint {
            player: game.players()[game.info_set(set).player.index()].clone(),
            event: game.event_name(game.event_id(first)),
            knows: game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned())).collect(),
            reach_probability: game.members(set).iter().map(|node| reach[node.index()]).sum(),
            actions: labels.zip(odds.at(game, first).iter().map(|l| exp(*l))).collect(),
        }
    };
    sets.into_iter().map(point).collect()
}

/// Play at all information sets of a game; what is reached most comes first, what is reached alike in the order of play.
pub fn play(game: &Game, odds: &LogOdds) -> Vec<PlayPoint> {
    let mut points = play_at(game, odds, game.info_set_ids());
    points.sort_by(|a, b| b.reach_probability.total_cmp(&a.reach_probability));
    points
}
