//! From an exact extensive form to the tree that solvers sweep over.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use num_traits::Zero;

use super::structure::MOST_DENOMINATOR_BITS;
use super::{ExtensiveForm, Turn};
use crate::build::TreeBuilder;
use crate::expression::Expressions;
use crate::id::{ChanceId, EndId, EventId, InfoSetId, NodeId, OutcomeId};
use crate::knowledge::Knowledge;
use crate::rational::{Rational, to_f64};
use crate::recall::ImperfectRecall;
use crate::text::distinct_labels;
use crate::tree::{End, Game, Kind};
use crate::valuation::ExactGame;

impl ExtensiveForm {
    /// The game as a tree whose numbers are constants: `game.at(&game.expressions().evaluate(&[]))`.
    ///
    /// An information set has the same index here and there. Labels of actions that are empty or equal get numbers. What outcomes at inner nodes give is added to the
    /// payoffs at the ends below. Sums are exact; only a sum whose denominator has more than 2^12 bits is
    /// rounded on the way.
    ///
    /// # Errors
    /// If a player does not have perfect recall, which a [`Game`] needs.
    ///
    /// # Panics
    /// Never: the tree was checked when it was made.
    pub fn game(&self) -> Result<Game, ImperfectRecall> {
        self.recall()?;
        Ok(self.tree())
    }

    /// As [`game`](Self::game), whatever the players remember: for drawing, for strategies that fix an action at every information
    /// set, and for looking at a profile. Solvers ask [`Game::recall`] first, or need [`game`](Self::game).
    ///
    /// # Panics
    /// Never: the tree was checked when it was made.
    pub fn tree(&self) -> Game {
        self.assembled(None).0
    }

    /// The same tree together with the fractions that its numbers stand for. Ends and chance events are those of the
    /// file, one for each outcome and each set, so that none are taken for one whose numbers differ by less than
    /// floating point can tell; nodes, information sets and actions have the indices that they have in
    /// [`game`](Self::game).
    ///
    /// # Errors
    /// If a player does not have perfect recall.
    ///
    /// # Panics
    /// Never: the tree was checked when it was made.
    pub fn exact_game(&self) -> Result<ExactGame, ImperfectRecall> {
        self.recall()?;
        Ok(self.exact_tree())
    }

    /// As [`exact_game`](Self::exact_game), whatever the players remember.
    ///
    /// # Panics
    /// Never: the tree was checked when it was made.
    pub fn exact_tree(&self) -> ExactGame {
        let (game, fractions) = self.assembled(Some(Fractions::default()));
        let Fractions { chance, payoffs } = fractions.expect("fractions were asked for");
        ExactGame { game, chance, payoffs }
    }

    fn assembled(&self, fractions: Option<Fractions>) -> (Game, Option<Fractions>) {
        let mut assembly = Assembly::new(self, fractions);
        let mut placed: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        let mut totals = Totals::new(self.players.len());
        for index in 0..self.nodes.len() {
            let node = NodeId::new(index);
            let place = self.parent(node).map(|(parent, branch)| (placed[parent.index()], branch));
            totals.enter(self, node);
            placed.push(assembly.add(self, node, place, &totals));
        }
        let game = assembly.builder.finish(assembly.expressions).expect("every branch has a node");
        (game, assembly.fractions)
    }
}

/// What has been collected on the way to the node last entered, in prefix order.
struct Totals<'a> {
    /// The nodes with outcomes on the way, and what had been collected with each.
    collected: Vec<(NodeId, Cow<'a, [Rational]>)>,
    /// The nodes on the way.
    way: Vec<NodeId>,
    nothing: Vec<Rational>,
}

impl<'a> Totals<'a> {
    fn new(players: usize) -> Self {
        Self { collected: Vec::new(), way: Vec::new(), nothing: vec![Rational::zero(); players] }
    }

    fn now(&self) -> &[Rational] {
        self.collected.last().map_or(&self.nothing, |(_, totals)| totals)
    }

    /// Whether no outcome was met before the node last entered.
    fn nothing_before(&self) -> bool {
        let here = self.way.last();
        self.collected.iter().all(|(at, _)| Some(at) == here)
    }

    fn enter(&mut self, form: &'a ExtensiveForm, node: NodeId) {
        let parent = form.parent(node).map(|(parent, _)| parent);
        while self.way.last().copied() != parent {
            let left = self.way.pop();
            if self.collected.last().map(|(at, _)| *at) == left {
                self.collected.pop();
            }
        }
        self.way.push(node);
        if let Some(outcome) = form.node(node).outcome {
            let payoffs = &form.outcomes[outcome.index()].payoffs;
            let totals = match self.collected.last() {
                None => Cow::Borrowed(&payoffs[..]),
                Some((_, before)) => before.iter().zip(payoffs).map(|(a, b)| bounded(a + b)).collect(),
            };
            self.collected.push((node, totals));
        }
    }
}

fn bounded(sum: Rational) -> Rational {
    if sum.denom().bits() <= MOST_DENOMINATOR_BITS {
        return sum;
    }
    Rational::from_float(to_f64(&sum)).unwrap_or(sum)
}

/// The exact numbers of a tree, in the order of its chance events and ends.
#[derive(Default)]
struct Fractions {
    chance: Vec<Rational>,
    payoffs: Vec<Rational>,
}

/// The tree as it grows.
struct Assembly {
    builder: TreeBuilder,
    expressions: Expressions,
    set_events: Vec<EventId>,
    chance_events: Vec<(ChanceId, EventId)>,
    end_event: EventId,
    plain_ends: HashMap<Option<OutcomeId>, EndId>,
    /// What the numbers stand for, where that is asked for.
    fractions: Option<Fractions>,
}

impl Assembly {
    fn new(form: &ExtensiveForm, mut fractions: Option<Fractions>) -> Self {
        let mut builder = TreeBuilder::new(form.players.clone());
        let mut expressions = Expressions::new();
        let mut names = Names::default();
        let mut set_events = Vec::with_capacity(form.info_sets.len());
        for (index, set) in form.info_sets.iter().enumerate() {
            let name = names.distinct(&set.label, || format!("{}:{}", set.player.index() + 1, set.number));
            let name = builder.texts.intern(&name);
            let actions = distinct_labels(set.actions.iter().map(String::as_str));
            let actions: Vec<_> = actions.iter().map(|a| builder.texts.intern(a)).collect();
            let id = builder.info_set(set.player, name, Knowledge::nothing(), &actions);
            debug_assert_eq!(id, Ok(InfoSetId::new(index)), "names of information sets are distinct");
            set_events.push(builder.event(name, 1));
        }
        let mut chance_events = Vec::with_capacity(form.chance_sets.len());
        for set in &form.chance_sets {
            let name = names.distinct(&set.label, || format!("chance:{}", set.number));
            let name = builder.texts.intern(&name);
            let labels = distinct_labels(set.branches.iter().map(|b| b.0.as_str()));
            let branches: Vec<_> = labels
                .iter()
                .zip(&set.branches)
                .map(|(label, (_, p))| (builder.texts.intern(label), expressions.constant(to_f64(p))))
                .collect();
            let id = match &mut fractions {
                None => builder.chance(&branches),
                Some(fractions) => {
                    fractions.chance.extend(set.branches.iter().map(|(_, p)| p.clone()));
                    builder.chance_apart(&branches)
                }
            };
            chance_events.push((id, builder.event(name, 1)));
        }
        let (end_event, plain_ends) = (EventId::new(0), HashMap::new());
        Self { builder, expressions, set_events, chance_events, end_event, plain_ends, fractions }
    }

    fn add(
        &mut self,
        form: &ExtensiveForm,
        node: NodeId,
        place: Option<(NodeId, usize)>,
        totals: &Totals<'_>,
    ) -> NodeId {
        let (kind, event) = match form.node(node).turn {
            Turn::Decision(set) => (Kind::Decision(set), self.set_events[set.index()]),
            Turn::Chance(chance) => {
                let (id, event) = self.chance_events[chance.index()];
                (Kind::Chance(id), event)
            }
            Turn::End => (Kind::End(self.end_at(form, node, totals)), self.end_event),
        };
        self.builder.add(place, kind, event)
    }

    fn end_at(&mut self, form: &ExtensiveForm, node: NodeId, totals: &Totals<'_>) -> EndId {
        if !totals.nothing_before() {
            return self.end(totals.now());
        }
        // Most ends have one outcome to themselves, met at many of them.
        let outcome = form.node(node).outcome;
        if let Some(&end) = self.plain_ends.get(&outcome) {
            return end;
        }
        let end = self.end(totals.now());
        self.plain_ends.insert(outcome, end);
        end
    }

    fn end(&mut self, totals: &[Rational]) -> EndId {
        let payoffs = totals.iter().map(|p| self.expressions.constant(to_f64(p))).collect();
        let tag = match &mut self.fractions {
            None => 0,
            Some(fractions) => {
                // A tag of its own keeps the end apart from others that look the same.
                let ends = fractions.payoffs.len() / totals.len();
                fractions.payoffs.extend_from_slice(totals);
                u32::try_from(ends).expect("fewer than 2^32 ends")
            }
        };
        self.builder.end(End { payoffs, tag })
    }
}

/// Names given so far.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The label itself where it can serve as a name, else the other name, made distinct.
    fn distinct(&mut self, label: &str, otherwise: impl FnOnce() -> String) -> String {
        let mut name = label.to_owned();
        if name.is_empty() || self.0.contains(&name) {
            name = otherwise();
        }
        while !self.0.insert(name.clone()) {
            name.push('\'');
        }
        name
    }
}
