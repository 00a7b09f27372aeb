//! The reduced strategic form of a game in extensive form, and back to behaviour strategies.
//!
//! A reduced strategy says what to do at those information sets of a player that its own earlier actions do not rule
//! out. Strategies that agree there lead to the same ends whatever the others do, so nothing is lost (Kuhn 1953). That holds
//! without perfect recall as well; but only with it do behaviour strategies do all that mixed ones can.

use std::collections::BTreeMap;

use counterplay_game::id::{ActionId, InfoSetId, NodeId};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::{Game, Kind};
use num_traits::{One, Zero};

use crate::nash::bimatrix::MixedProfile;
use crate::nash::exact::ExactNumbers;
use crate::nash::sequences::{histories, sets_by_player};

/// What a reduced strategy does at each information set of its player: an action, or `None` where its own earlier
/// actions rule the set out.
pub type ReducedStrategy = Vec<Option<usize>>;

/// The reduced strategies of all players of a game.
///
/// A player stops or goes on, up to two times. Stopping at once rules the second decision out, so that there are three
/// reduced strategies and not four:
///
/// ```
/// use counterplay_equilibrium::nash::reduced::ReducedForm;
/// use counterplay_game::gambit::read_efg;
/// use counterplay_game::rational::Rational;
/// let text = r#"EFG 2 R "" { "A" } p "" 1 1 "" { "stop" "on" } 0 t "" 0
/// p "" 1 2 "" { "stop" "on" } 0 t "" 0 t "" 0"#;
/// let game = read_efg(text).expect("a game file").game().expect("perfect recall");
/// let reduced = ReducedForm::of(&game, 100).expect("few strategies");
/// assert_eq!(reduced.strategies(0), [vec![Some(0), None], vec![Some(1), Some(0)], vec![Some(1), Some(1)]]);
/// // Having gone on, it stops with probability (1/8) / (1/8 + 3/8).
/// let mixed = [4, 1, 3].map(|eighths: i32| Rational::new(eighths.into(), 8.into())).to_vec();
/// let play: Vec<_> = reduced.behaviour(&game, &vec![mixed]).iter().map(ToString::to_string).collect();
/// assert_eq!(play, ["1/2", "1/2", "1/4", "3/4"]);
/// ```
#[derive(Clone, Debug)]
pub struct ReducedForm {
    sets: Vec<Vec<InfoSetId>>,
    strategies: Vec<Vec<ReducedStrategy>>,
}

/// Why a game has no reduced form here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReduced {
    /// There are more profiles of strategies than allowed.
    TooManyProfiles {
        /// How many were allowed.
        allowed: usize,
    },
}

impl ReducedForm {
    /// The reduced strategies, in lexicographic order of what they do at the information sets, in the order in which a
    /// depth-first walk of the tree meets those.
    ///
    /// # Errors
    /// If there are more than `max_profiles` profiles.
    pub fn of(game: &Game, max_profiles: usize) -> Result<Self, NotReduced> {
        let sets = sets_by_player(game);
        let mut profiles = 1;
        let mut strategies = Vec::new();
        for own in &sets {
            let found = strategies_over(game, own, max_profiles / profiles);
            let found = found.ok_or(NotReduced::TooManyProfiles { allowed: max_profiles })?;
            profiles *= found.len();
            strategies.push(found);
        }
        Ok(Self { sets, strategies })
    }

    /// The reduced strategies of a player, in order.
    pub fn strategies(&self, player: usize) -> &[ReducedStrategy] {
        &self.strategies[player]
    }

    /// The information sets of a player, in the order in which its strategies name actions: as a depth-first walk of
    /// the tree meets them.
    pub fn info_sets(&self, player: usize) -> &[InfoSetId] {
        &self.sets[player]
    }

    /// The game in normal form: strategies as in `1*2`, with the number of the action at each information set, and
    /// expected payoffs over chance.
    pub fn normal_form(&self, game: &Game, numbers: &ExactNumbers) -> NormalForm {
        let players = game.players().len();
        let counts: Vec<usize> = self.strategies.iter().map(Vec::len).collect();
        let mut payoffs = vec![Rational::zero(); counts.iter().product::<usize>() * players];
        let mut following: Vec<BTreeMap<Way, Vec<usize>>> = vec![BTreeMap::new(); players];
        for (node, odds, end) in histories(game, &numbers.chance) {
            let mut profiles = vec![0];
            let mut stride = 1;
            for (player, count) in counts.iter().enumerate() {
                let way = own_way(game, node, &self.sets[player]);
                let strategies = following[player].entry(way).or_insert_with_key(|way| {
                    (0..*count).filter(|&s| follows(&self.strategies[player][s], way)).collect()
                });
                profiles =
                    strategies.iter().flat_map(|&s| profiles.iter().map(move |k| k + s * stride)).collect();
                stride *= count;
            }
            for player in 0..players {
                let share = &odds * numbers.payoff(end, player, players);
                for k in &profiles {
                    payoffs[k * players + player] += &share;
                }
            }
        }
        let labels = self.strategies.iter().map(|own| own.iter().map(label).collect()).collect();
        NormalForm::new(game.players().to_vec(), labels, payoffs)
    }

    /// The behaviour strategies with the same distribution over ends as `mixed`: a probability for each action of the
    /// game. With $\sigma(s)$ for the probability of a strategy, an action $a$ at $h$ is taken with probability
    ///
    /// $$\sum_{s : s(h) = a} \sigma(s) \Big/ \sum_{s : h \text{ not ruled out by } s} \sigma(s),$$
    ///
    /// and where that is nought over nought, all actions equally often (Kuhn 1953). Of a player without perfect recall only
    /// a pure strategy is sure to have such a behaviour strategy.
    ///
    /// # Panics
    /// If `mixed` does not fit the strategies.
    pub fn behaviour(&self, game: &Game, mixed: &MixedProfile) -> Vec<Rational> {
        let mut play = vec![Rational::zero(); game.action_count()];
        for (player, own) in self.strategies.iter().enumerate() {
            assert!(own.len() == mixed[player].len(), "every strategy needs a probability");
            for (strategy, odds) in own.iter().zip(&mixed[player]) {
                for (action, _) in self.actions_of(game, player, strategy) {
                    play[action.index()] += odds;
                }
            }
        }
        for set in game.info_set_ids() {
            let actions = game.actions(set);
            let total: Rational = play[actions.clone()].iter().sum();
            let even = Rational::new(1.into(), actions.len().into());
            let shared = |p: &Rational| if total.is_zero() { even.clone() } else { p / &total };
            play[actions].iter_mut().for_each(|p| *p = shared(p));
        }
        play
    }

    /// The mixed strategies that draw each action independently with the probabilities of `play`, at the information
    /// sets that are not ruled out.
    pub fn mixed(&self, game: &Game, play: &[Rational]) -> MixedProfile {
        let product = |player: usize, strategy: &ReducedStrategy| {
            let actions = self.actions_of(game, player, strategy);
            actions.fold(Rational::one(), |odds, (action, _)| odds * &play[action.index()])
        };
        let of_player = |(player, own): (usize, &Vec<ReducedStrategy>)| {
            own.iter().map(|strategy| product(player, strategy)).collect()
        };
        self.strategies.iter().enumerate().map(of_player).collect()
    }

    /// The actions that a strategy takes, each with its information set.
    fn actions_of<'a>(
        &'a self,
        game: &'a Game,
        player: usize,
        strategy: &'a ReducedStrategy,
    ) -> impl Iterator<Item = (ActionId, InfoSetId)> + 'a {
        let named = self.sets[player].iter().zip(strategy);
        named.filter_map(|(&set, choice)| choice.map(|a| (ActionId::new(game.actions(set).start + a), set)))
    }
}

/// How readers write a reduced strategy: `12*1`, with dots where a number has more than one digit.
fn label(strategy: &ReducedStrategy) -> String {
    let wide = strategy.iter().flatten().any(|&action| action >= 9);
    let number =
        |choice: &Option<usize>| choice.map_or_else(|| "*".to_owned(), |action| (action + 1).to_string());
    strategy.iter().map(number).collect::<Vec<_>>().join(if wide { "." } else { "" })
}

/// What a player has done on the way to a node: by the place of the information set among its own, and by the action.
type Way = Vec<(usize, usize)>;

fn own_way(game: &Game, node: NodeId, sets: &[InfoSetId]) -> Way {
    let own = |(before, branch): (NodeId, usize)| match game.kind(before) {
        Kind::Decision(set) => sets.iter().position(|own| *own == set).map(|k| (k, branch)),
        Kind::Chance(_) | Kind::End(_) => None,
    };
    game.path(node).into_iter().filter_map(own).collect()
}

/// Whether a strategy takes every action of a way.
fn follows(strategy: &ReducedStrategy, way: &[(usize, usize)]) -> bool {
    way.iter().all(|&(k, action)| strategy[k] == Some(action))
}

/// The reduced strategies over these information sets; `None` if there are more than `most`.
fn strategies_over(game: &Game, sets: &[InfoSetId], most: usize) -> Option<Vec<ReducedStrategy>> {
    // With perfect recall there is one way to each information set.
    let ways: Vec<Vec<Way>> = sets
        .iter()
        .map(|set| {
            let mut ways: Vec<Way> =
                game.members(*set).iter().map(|node| own_way(game, *node, sets)).collect();
            ways.sort_unstable();
            ways.dedup();
            ways
        })
        .collect();
    let mut done = Vec::new();
    let mut open: Vec<ReducedStrategy> = vec![vec![None; sets.len()]];
    while let Some(partial) = open.pop() {
        let next = (0..sets.len())
            .find(|&k| partial[k].is_none() && ways[k].iter().any(|way| follows(&partial, way)));
        match next {
            None => done.push(partial),
            Some(k) => open.extend((0..game.actions(sets[k]).len()).map(|action| {
                let mut longer = partial.clone();
                longer[k] = Some(action);
                longer
            })),
        }
        // Every open strategy leads to at least one.
        if done.len() + open.len() > most {
            return None;
        }
    }
    done.sort_unstable();
    Some(done)
}
