//! The reduced strategic form of a small game in extensive form.
#![allow(dead_code, missing_docs, unreachable_pub)]

use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, InfoSetId, NodeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};

/// A strategy: an action at each information set, or none where the player's own moves keep it from being reached.
type Strategy = Vec<Option<usize>>;

/// The game in which each player chooses a reduced strategy, all at once. Strategies are in lexicographic order.
pub fn strategic(game: &Game) -> Game {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let players = game.players().len();
    let strategies: Vec<Vec<Strategy>> = (0..players).map(|p| strategies(game, PlayerId::new(p))).collect();
    let mut builder = TreeBuilder::new(game.players().to_vec());
    let mut expressions = Expressions::new();
    let mut level = vec![(None, Vec::<&Strategy>::new())];
    for (player, own) in strategies.iter().enumerate() {
        let name = builder.texts.intern(&format!("player {player}"));
        let labels: Vec<_> = own.iter().map(|s| builder.texts.intern(&format!("{s:?}"))).collect();
        let set = builder.info_set(PlayerId::new(player), name, Knowledge::nothing(), &labels);
        let (set, event) = (set.expect("it is met once"), builder.event(name, 1));
        let mut next = Vec::new();
        for (place, chosen) in level {
            let node = builder.add(place, Kind::Decision(set), event);
            next.extend(own.iter().enumerate().map(|(a, s)| (Some((node, a)), [&chosen[..], &[s]].concat())));
        }
        level = next;
    }
    for (place, chosen) in level {
        let chance = |branch: usize| numbers.chance[branch];
        let expected = |p| payoff(game, &chosen, &chance, &numbers.payoffs, NodeId::new(Game::ROOT), p);
        let payoffs = (0..players).map(|p| expressions.constant(expected(p))).collect();
        let end = builder.end(End { payoffs, tag: 0 });
        builder.add(place, Kind::End(end), EventId::new(0));
    }
    builder.finish(expressions).expect("every branch was added")
}

fn payoff(
    game: &Game,
    chosen: &[&Strategy],
    chance: &dyn Fn(usize) -> f64,
    payoffs: &[f64],
    node: NodeId,
    player: usize,
) -> f64 {
    let below = |child| payoff(game, chosen, chance, payoffs, child, player);
    match game.kind(node) {
        Kind::End(end) => payoffs[end.index() * game.players().len() + player],
        Kind::Chance(event) => {
            game.branches(event).zip(game.children(node)).map(|(b, child)| chance(b) * below(child)).sum()
        }
        Kind::Decision(set) => {
            let mover = game.info_set(set).player.index();
            let action = chosen[mover][set.index()].expect("a set that is reached has an action");
            below(game.child(node, action))
        }
    }
}

/// All reduced strategies of a player.
fn strategies(game: &Game, player: PlayerId) -> Vec<Strategy> {
    let own: Vec<InfoSetId> = game.info_set_ids().filter(|&s| game.info_set(s).player == player).collect();
    let mut all = vec![vec![None; game.info_set_count()]];
    for &set in &own {
        let extend = |s: &Strategy| -> Vec<Strategy> {
            if !own_moves_lead_to(game, player, s, set) {
                return vec![s.clone()];
            }
            let with = |a| {
                let mut longer = s.clone();
                longer[set.index()] = Some(a);
                longer
            };
            (0..game.actions(set).len()).map(with).collect()
        };
        all = all.iter().flat_map(extend).collect();
    }
    all
}

/// Whether a strategy allows an information set. A player's sets are numbered in the order in which they can be met.
fn own_moves_lead_to(game: &Game, player: PlayerId, strategy: &Strategy, set: InfoSetId) -> bool {
    let allows = |&(node, branch): &(NodeId, usize)| match game.kind(node) {
        Kind::Decision(s) if game.info_set(s).player == player => strategy[s.index()] == Some(branch),
        Kind::Decision(_) | Kind::Chance(_) | Kind::End(_) => true,
    };
    game.members(set).iter().any(|&h| game.path(h).iter().all(allows))
}
