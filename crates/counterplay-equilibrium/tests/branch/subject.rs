//! A game as both sides see it: the reference's own, and the one that the library reads from the text of a file.

use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Equilibrium, Settings, Solver, Status};
use counterplay_game::gambit::{read_efg, read_nfg};
use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use crate::reference::System;
use crate::reference::bimatrix::Bimatrix;
use crate::reference::tree::{Node, Tree};

pub(crate) struct Subject {
    pub(crate) name: String,
    /// The game file, and its extension.
    pub(crate) text: (String, &'static str),
    pub(crate) system: Box<dyn System + Sync + Send>,
    pub(crate) game: Game,
    pub(crate) numbers: Valuation,
    /// For each action of the reference the library's.
    pub(crate) actions: Vec<usize>,
}

impl Subject {
    pub(crate) fn of_bimatrix(name: String, bimatrix: Bimatrix) -> Self {
        let text = bimatrix.nfg();
        let game = read_nfg(&text).expect("a game file").game();
        let actions = (0..bimatrix.rows + bimatrix.columns).collect();
        let numbers = game.at(&game.expressions().evaluate(&[]));
        Self { name, text: (text, "nfg"), system: Box::new(bimatrix), game, numbers, actions }
    }

    pub(crate) fn of_tree(name: String, tree: Tree) -> Self {
        let text = tree.efg();
        let game = read_efg(&text).expect("a game file").game().expect("perfect recall");
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let actions = matched(&tree, &game);
        Self { name, text: (text, "efg"), system: Box::new(tree), game, numbers, actions }
    }

    pub(crate) fn precisions(&self, precision: f64) -> Vec<f64> {
        vec![precision; self.game.players().len()]
    }

    /// The largest difference of a probability from the reference's.
    pub(crate) fn difference(&self, reference: &[f64], library: &[f64]) -> f64 {
        let pairs = reference.iter().zip(&self.actions);
        let difference = pairs.map(|(p, &a)| (p - library[a]).abs());
        difference.fold(0.0, |m, d| if d.is_nan() { f64::INFINITY } else { m.max(d) })
    }

    /// Play by `Solver::solve`; none where the status does not claim the principal branch.
    pub(crate) fn solved(&self, settings: Settings, precision: f64) -> Result<Vec<f64>, Equilibrium> {
        let found = Solver::new(&self.game, settings).solve(&self.numbers, &self.precisions(precision));
        if found.status == Status::Converged { Ok(found.play) } else { Err(found) }
    }

    /// Play at the end of a trace and its precision; how it ended where it did not get there on the branch.
    pub(crate) fn traced(&self, settings: &TraceSettings) -> Result<(f64, Vec<f64>), String> {
        let mut solver = Solver::new(&self.game, Settings::default());
        let found = solver.trace(&self.numbers, &self.precisions(1.0), settings, &mut |_| false);
        let there = matches!(found.end, TraceEnd::Limit | TraceEnd::MaxPrecision) && found.leaps.is_empty();
        if there {
            Ok((found.last.precision, found.last.play))
        } else {
            Err(format!("{:?} at {}, leaps {:?}", found.end, found.last.precision, found.leaps))
        }
    }

    /// What a search calls the equilibrium of the principal branch.
    pub(crate) fn searched(&self, precision: f64) -> Option<Vec<f64>> {
        let settings = SearchSettings { seed: 1, starts: 4, ..SearchSettings::default() };
        let mut solver = Solver::new(&self.game, Settings::default());
        let found = solver.search(&self.numbers, &self.precisions(precision), &settings);
        found.principal_first.then(|| found.equilibria[0].play.clone())
    }
}

/// For each action of the reference's tree the library's, by a walk through both.
pub(crate) fn matched(tree: &Tree, game: &Game) -> Vec<usize> {
    let mut actions = vec![usize::MAX; tree.sets.iter().map(|s| s.actions).sum()];
    let mut open = vec![(0, NodeId::new(0))];
    while let Some((own, theirs)) = open.pop() {
        let children = match (&tree.nodes[own], game.kind(theirs)) {
            (Node::Decision { set, children }, Kind::Decision(id)) => {
                for (to, from) in tree.actions_of(*set).zip(game.actions(id)) {
                    actions[to] = from;
                }
                children
            }
            (Node::Chance { children, .. }, Kind::Chance(_)) => children,
            (Node::End { .. }, Kind::End(_)) => continue,
            (own, _) => unreachable!("the trees are the same, but for {own:?}"),
        };
        assert_eq!(children.len(), game.child_count(theirs), "as many branches");
        open.extend(children.iter().copied().zip(game.children(theirs)));
    }
    actions
}
