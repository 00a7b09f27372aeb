//! Random games, with labels that are awkward to write.

use std::ops::Range;

use counterplay_game::extensive::{ChanceSet, ExtensiveForm, InformationSet, Node, Outcome, Turn};
use counterplay_game::id::{ChanceId, InfoSetId, OutcomeId, PlayerId};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;

/// A generator of pseudo-random numbers (xorshift; Marsaglia 2003).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn roll(&mut self, range: Range<usize>) -> usize {
        for shift in [(13, true), (7, false), (17, true)] {
            self.0 ^= if shift.1 { self.0 << shift.0 } else { self.0 >> shift.0 };
        }
        range.start + ((self.0 >> 16) % (range.end - range.start) as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(0..items.len())]
    }

    fn label(&mut self) -> String {
        const LABELS: [&str; 10] =
            ["", "a", "a", "b \"c\"", "\\", "\\\"", "x\\\\", "{ } 1/2 , t", "line\nbreak", "Đà Nẵng \\alpha"];
        (*self.pick(&LABELS)).to_owned()
    }

    fn labels(&mut self, range: Range<usize>) -> Vec<String> {
        (0..self.roll(range)).map(|_| self.label()).collect()
    }

    fn number(&mut self) -> Rational {
        let above = i64::try_from(self.roll(0..2001)).unwrap() - 1000;
        Rational::new(above.into(), (*self.pick(&[1_i64, 2, 3, 7, 10, 40, 1 << 40])).into())
    }

    fn numbers(&mut self, count: usize) -> Vec<Rational> {
        (0..count).map(|_| self.number()).collect()
    }

    fn branches(&mut self) -> Vec<(String, Rational)> {
        let weights: Vec<_> = (0..self.roll(1..4)).map(|_| self.roll(0..10)).collect();
        let sum = weights.iter().sum::<usize>().max(1);
        let spare = usize::from(weights.iter().all(|&w| w == 0));
        let weight =
            |(k, w): (usize, usize)| Rational::new((w + spare * usize::from(k == 0)).into(), sum.into());
        weights.into_iter().enumerate().map(|w| (self.label(), weight(w))).collect()
    }
}

/// A game in extensive form with at most some hundred nodes, whose players often forget.
pub(crate) fn extensive_form(seed: u64) -> ExtensiveForm {
    let dice = &mut Dice::new(seed);
    let players = dice.labels(1..4);
    let mut sets = Vec::new();
    for player in 0..players.len() {
        let mut number = 0;
        for _ in 0..dice.roll(1..4) {
            number += u32::try_from(dice.roll(1..3)).unwrap();
            let (label, actions) = (dice.label(), dice.labels(1..4));
            sets.push(InformationSet { player: PlayerId::new(player), number, label, actions });
        }
    }
    let chance = |k: u32| ChanceSet { number: k, label: dice.label(), branches: dice.branches() };
    let chance: Vec<_> = (1..3).map(chance).collect();
    let outcome =
        |k: u32| Outcome { number: 2 * k, label: dice.label(), payoffs: dice.numbers(players.len()) };
    let outcomes: Vec<_> = (1..6).map(outcome).collect();
    let nodes = tree(dice, &sets, &chance, outcomes.len());
    let mut form = only_used(players, nodes, sets, chance, outcomes);
    (form.title, form.comment) = (dice.label(), dice.label());
    form
}

fn tree(dice: &mut Dice, sets: &[InformationSet], chance: &[ChanceSet], outcomes: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut missing = 1;
    while missing > 0 {
        let turn = match dice.roll(0..if nodes.len() + missing < 60 { 10 } else { 1 }) {
            0..4 => Turn::End,
            4..6 => Turn::Chance(ChanceId::new(dice.roll(0..chance.len()))),
            _ => Turn::Decision(InfoSetId::new(dice.roll(0..sets.len()))),
        };
        missing -= 1;
        missing += match turn {
            Turn::Chance(c) => chance[c.index()].branches.len(),
            Turn::Decision(s) => sets[s.index()].actions.len(),
            Turn::End => 0,
        };
        let outcome = (dice.roll(0..3) > 0).then(|| OutcomeId::new(dice.roll(0..outcomes)));
        nodes.push(Node { label: dice.label(), turn, outcome });
    }
    nodes
}

/// The game without what no node refers to.
fn only_used(
    players: Vec<String>,
    mut nodes: Vec<Node>,
    sets: Vec<InformationSet>,
    chance: Vec<ChanceSet>,
    outcomes: Vec<Outcome>,
) -> ExtensiveForm {
    let mut used = [vec![false; sets.len()], vec![false; chance.len()], vec![false; outcomes.len()]];
    for node in &nodes {
        match node.turn {
            Turn::Decision(s) => used[0][s.index()] = true,
            Turn::Chance(c) => used[1][c.index()] = true,
            Turn::End => {}
        }
        if let Some(o) = node.outcome {
            used[2][o.index()] = true;
        }
    }
    let place = |which: usize, item: usize| used[which][..item].iter().filter(|&&u| u).count();
    for node in &mut nodes {
        node.turn = match node.turn {
            Turn::Decision(s) => Turn::Decision(InfoSetId::new(place(0, s.index()))),
            Turn::Chance(c) => Turn::Chance(ChanceId::new(place(1, c.index()))),
            Turn::End => Turn::End,
        };
        node.outcome = node.outcome.map(|o| OutcomeId::new(place(2, o.index())));
    }
    let [sets_used, chance_used, outcomes_used] = &used;
    let sets = kept(sets, sets_used);
    let (chance, outcomes) = (kept(chance, chance_used), kept(outcomes, outcomes_used));
    ExtensiveForm::new(players, nodes, sets, chance, outcomes).unwrap()
}

fn kept<T>(items: Vec<T>, used: &[bool]) -> Vec<T> {
    items.into_iter().zip(used).filter(|(_, used)| **used).map(|(item, _)| item).collect()
}

/// A game in normal form.
pub(crate) fn normal_form(seed: u64) -> NormalForm {
    let dice = &mut Dice::new(seed);
    let players = dice.labels(1..4);
    let strategies: Vec<_> = players.iter().map(|_| dice.labels(1..4)).collect();
    let payoffs = dice.numbers(players.len() * strategies.iter().map(Vec::len).product::<usize>());
    let mut game = NormalForm::new(players, strategies, payoffs);
    (game.title, game.comment) = (dice.label(), dice.label());
    game
}
