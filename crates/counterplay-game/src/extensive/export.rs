//! From a tree at one point of its parameters to an exact extensive form.

use std::collections::{BTreeMap, HashMap};

use num_traits::{One, Signed, Zero};

use super::{ChanceSet, ExtensiveForm, InformationSet, Malformed, Node, Outcome, Turn};
use crate::id::{ChanceId, EndId, InfoSetId, NodeId, OutcomeId, PlayerId, TextId};
use crate::rational::{Rational, readable};
use crate::tree::{Game, Kind};
use crate::valuation::Valuation;

/// How far from one probabilities may sum before that is an error rather than rounding.
const ROUNDING: f64 = 1e-9;

impl ExtensiveForm {
    /// The game at a point, with every number as people would write it: a small fraction or a short decimal.
    ///
    /// Information sets keep their order within each player and are numbered from 1; labels say the event and what
    /// the player knows. Where rounding keeps probabilities from summing to exactly one, the largest of them takes
    /// up the difference.
    ///
    /// # Errors
    /// If a number is not finite or too large, or probabilities are none.
    pub fn of_game(game: &Game, numbers: &Valuation) -> Result<Self, Malformed> {
        Self::of_game_labelled(game, numbers, |_| String::new())
    }

    /// As [`of_game`](Self::of_game), with a label for the outcome of each end.
    ///
    /// # Errors
    /// As [`of_game`](Self::of_game).
    pub fn of_game_labelled(
        game: &Game,
        numbers: &Valuation,
        label: impl Fn(EndId) -> String,
    ) -> Result<Self, Malformed> {
        let (info_sets, set_places) = information_sets(game);
        let mut export = Export::new(game, numbers, set_places);
        let mut stack = if game.node_count() == 0 { Vec::new() } else { vec![NodeId::new(Game::ROOT)] };
        while let Some(node) = stack.pop() {
            export.add(node)?;
            stack.extend(game.children(node).rev());
        }
        for (&end, &place) in &export.outcome_places {
            export.outcomes[place].label = label(end);
        }
        let players = game.players().to_vec();
        Self::new(players, export.nodes, info_sets, export.chance_sets, export.outcomes)
    }
}

/// The information sets that have nodes, by player, and where each went.
fn information_sets(game: &Game) -> (Vec<InformationSet>, Vec<usize>) {
    let mut order: Vec<InfoSetId> = game.info_set_ids().filter(|&s| !game.members(s).is_empty()).collect();
    order.sort_by_key(|&s| game.info_set(s).player);
    let mut places = vec![0; game.info_set_count()];
    let mut numbers = vec![0; game.players().len()];
    let mut sets = Vec::with_capacity(order.len());
    for (place, &id) in order.iter().enumerate() {
        places[id.index()] = place;
        let player = game.info_set(id).player;
        numbers[player.index()] += 1;
        let actions = game.labels(game.members(id)[0]).map(|l| game.text(l).to_owned()).collect();
        sets.push(InformationSet {
            player,
            number: numbers[player.index()],
            label: label(game, id),
            actions,
        });
    }
    (sets, places)
}

/// An information set in words: `answer (offer = high)`.
fn label(game: &Game, set: InfoSetId) -> String {
    let event = game.text(game.info_set(set).event);
    let knows: Vec<_> = game.knows(set).iter().map(|(event, value)| format!("{event} = {value}")).collect();
    if knows.is_empty() { event.to_owned() } else { format!("{event} ({})", knows.join(", ")) }
}

struct Export<'a> {
    game: &'a Game,
    numbers: &'a Valuation,
    set_places: Vec<usize>,
    nodes: Vec<Node>,
    chance_sets: Vec<ChanceSet>,
    chance_places: HashMap<(ChanceId, TextId), usize>,
    outcomes: Vec<Outcome>,
    outcome_places: BTreeMap<EndId, usize>,
}

impl<'a> Export<'a> {
    fn new(game: &'a Game, numbers: &'a Valuation, set_places: Vec<usize>) -> Self {
        Self {
            game,
            numbers,
            set_places,
            nodes: Vec::with_capacity(game.node_count()),
            chance_sets: Vec::new(),
            chance_places: HashMap::new(),
            outcomes: Vec::new(),
            outcome_places: BTreeMap::new(),
        }
    }

    fn add(&mut self, node: NodeId) -> Result<(), Malformed> {
        let (turn, outcome) = match self.game.kind(node) {
            Kind::Decision(set) => (Turn::Decision(InfoSetId::new(self.set_places[set.index()])), None),
            Kind::Chance(chance) => (Turn::Chance(self.chance_set(node, chance)?), None),
            Kind::End(end) => (Turn::End, Some(self.outcome(end)?)),
        };
        self.nodes.push(Node { label: String::new(), turn, outcome });
        Ok(())
    }

    fn chance_set(&mut self, node: NodeId, chance: ChanceId) -> Result<ChanceId, Malformed> {
        let event = self.game.event(self.game.event_id(node)).name;
        let next = self.chance_sets.len();
        let place = *self.chance_places.entry((chance, event)).or_insert(next);
        if place == next {
            let number = number(next)?;
            let branches = self.game.branches(chance);
            let probabilities =
                distribution(&self.numbers.chance[branches]).ok_or(Malformed::Probabilities { number })?;
            let labels = self.game.labels(node).map(|l| self.game.text(l).to_owned());
            let label = self.game.text(event).to_owned();
            self.chance_sets.push(ChanceSet { number, label, branches: labels.zip(probabilities).collect() });
        }
        Ok(ChanceId::new(place))
    }

    fn outcome(&mut self, end: EndId) -> Result<OutcomeId, Malformed> {
        let next = self.outcomes.len();
        let place = *self.outcome_places.entry(end).or_insert(next);
        if place == next {
            let players = self.game.players().len();
            let payoff = |p| readable(self.numbers.payoff(end, PlayerId::new(p), players));
            let payoffs: Option<_> = (0..players).map(payoff).collect();
            let payoffs = payoffs.ok_or(Malformed::Number)?;
            self.outcomes.push(Outcome { number: number(next)?, label: String::new(), payoffs });
        }
        Ok(OutcomeId::new(place))
    }
}

fn number(index: usize) -> Result<u32, Malformed> {
    u32::try_from(index + 1).map_err(|_| Malformed::Order)
}

/// Exact probabilities that sum to one, where these do but for rounding.
fn distribution(probabilities: &[f64]) -> Option<Vec<Rational>> {
    let sum: f64 = probabilities.iter().sum();
    let mut exact: Vec<_> = probabilities.iter().map(|&p| readable(p)).collect::<Option<_>>()?;
    if (sum - 1.0).abs() > ROUNDING {
        return None;
    }
    let difference = Rational::one() - exact.iter().fold(Rational::zero(), |sum, p| sum + p);
    let largest = (0..exact.len()).max_by(|&a, &b| exact[a].cmp(&exact[b]))?;
    exact[largest] += difference;
    exact.iter().all(|p| !p.is_negative()).then_some(exact)
}
