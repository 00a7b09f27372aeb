//! Actual causes along replayed histories.
//!
//! With its luck given, a story is a deterministic causal model: its variables are the events along the history as
//! it was, and to set one is to force the event, with the same luck everywhere else. Whether an event as it turned
//! out was an actual cause of the outcome is then a question with an answer (see [`crate::causality::actual_cause`]), which
//! is averaged over draws and histories.
//!
//! The search goes down the tree with every event of the history either left to luck, held as it was, or changed.
//! To hold an event that would turn out so anyway changes nothing, so only those that would *not* are held; then no
//! witness is missed within the bounds: causes of [`MOST_EVENTS`] events together, and [`MOST_HELD`] events held.
//! What is forced to a value that the event cannot have where it is met goes its way, and so does not count.

use std::collections::{BTreeMap, BTreeSet};

use counterplay_game::id::{EventId, NodeId, TextId};
use counterplay_game::tree::Game;

use crate::answer::timeline::player_at;
use crate::model::odds::LogOdds;
use crate::model::recorded::demands;
use crate::scenario::Scenario;
use crate::world::catalogue::OutcomeIndex;
use crate::world::luck::Luck;
use crate::world::scene::Scene;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{ActualCauses, CausingEvent, OutcomeValue};

/// How many events together are looked at as a cause.
pub(crate) const MOST_EVENTS: usize = 2;
/// How many events are held as they were, at most.
pub(crate) const MOST_HELD: usize = 2;
/// How many histories are examined at each draw.
pub(crate) const CAUSE_HISTORIES: usize = 16;

/// What was found of one event as it turned out: over the histories of one draw, how often.
#[derive(Clone, Debug, Default, PartialEq)]
struct CauseTally {
    happened: f64,
    but_for: f64,
    cause: f64,
    responsibility: f64,
    /// As what else it would have turned out, for the outcome to be lost by this event alone.
    instead: BTreeMap<TextId, f64>,
}

/// What one draw says of actual causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CausesDraw {
    /// Histories with the outcome.
    histories: usize,
    events: BTreeMap<(EventId, TextId), CauseTally>,
}

impl CausesDraw {
    /// Examines the histories that follow from some noise, as they were.
    pub(crate) fn of(scene: &Scene, odds: &LogOdds, noise: &[Luck], about: OutcomeIndex) -> Self {
        let mut draw = Self::default();
        for luck in noise.iter().take(CAUSE_HISTORIES) {
            let mut search = History::new(scene, odds, luck, about);
            if !search.holds() {
                continue;
            }
            draw.histories += 1;
            let causes = search.causes(MOST_EVENTS, MOST_HELD);
            let alternatives = std::mem::take(&mut search.alternatives);
            for (index, event) in search.actual.iter().enumerate().filter(|(_, e)| e.open) {
                let tally = draw.events.entry((event.event, event.label)).or_default();
                let own = causes.iter().filter(|c| c.events.contains(&index));
                let size = own.map(FoundCause::size).min();
                tally.happened += 1.0;
                tally.cause += f64::from(u8::from(size.is_some()));
                tally.but_for += f64::from(u8::from(size == Some(1)));
                tally.responsibility += size.map_or(0.0, |size| 1.0 / size as f64);
                for label in alternatives.get(&index).into_iter().flatten() {
                    *tally.instead.entry(*label).or_default() += 1.0;
                }
            }
        }
        draw
    }
}

/// An event of the history as it was.
#[derive(Clone, Copy, Debug)]
struct HistoryEvent {
    event: EventId,
    label: TextId,
    /// Whether it could have turned out otherwise where it was met.
    open: bool,
}

/// A cause: positions of events along the history, and how many others are held.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FoundCause {
    events: Vec<usize>,
    held: usize,
}

impl FoundCause {
    fn size(&self) -> usize {
        self.events.len() + self.held
    }
}

/// One history with its luck, searched for causes.
struct History<'a> {
    scene: &'a Scene,
    odds: &'a LogOdds,
    luck: &'a Luck,
    about: OutcomeIndex,
    actual: Vec<HistoryEvent>,
    /// For each event of the game, its position along the history.
    position: Vec<Option<usize>>,
    /// For each node, the branch that luck takes there, once it is known.
    natural: Vec<Option<u32>>,
    end: NodeId,
    /// For each event that the outcome depends on alone, its labels without the outcome.
    alternatives: BTreeMap<usize, BTreeSet<TextId>>,
}

/// What a search may do, and what it has done so far.
struct Walk<'b> {
    most_events: usize,
    most_held: usize,
    /// Events that are causes by themselves: sets with them are not minimal.
    barred: &'b [bool],
    changed: Vec<(usize, TextId)>,
    held: usize,
    /// For each set of changed events under which the outcome is lost, the fewest events held.
    found: BTreeMap<Vec<usize>, usize>,
}

impl<'a> History<'a> {
    fn new(scene: &'a Scene, odds: &'a LogOdds, luck: &'a Luck, about: OutcomeIndex) -> Self {
        let game = scene.model().game();
        let mut history = Self {
            scene,
            odds,
            luck,
            about,
            actual: Vec::new(),
            position: vec![None; game.events().len()],
            natural: vec![None; game.node_count()],
            end: NodeId::new(Game::ROOT),
            alternatives: BTreeMap::new(),
        };
        while game.child_count(history.end) > 0 {
            let node = history.end;
            let branch = history.natural(node);
            let event = game.event_id(node);
            history.position[event.index()] = Some(history.actual.len());
            let open = (0..game.child_count(node)).filter(|&b| history.possible(node, b)).count() > 1;
            history.actual.push(HistoryEvent { event, label: game.branch_label(node, branch), open });
            history.end = game.child(node, branch);
        }
        history
    }

    fn has(&self, end: NodeId) -> bool {
        self.scene.outcomes(end).contains(&self.about)
    }

    /// Whether the outcome followed.
    fn holds(&self) -> bool {
        self.has(self.end)
    }

    /// The branch that luck takes at a node.
    fn natural(&mut self, node: NodeId) -> usize {
        if let Some(known) = self.natural[node.index()] {
            return known as usize;
        }
        let branch = self.scene.taken(self.odds, node, self.luck);
        self.natural[node.index()] = u32::try_from(branch).ok();
        branch
    }

    fn possible(&self, node: NodeId, branch: usize) -> bool {
        self.odds.at(self.scene.model().game(), node)[branch] > f64::NEG_INFINITY
    }

    /// All causes within the bounds, by how many events they have.
    fn causes(&mut self, most_events: usize, most_held: usize) -> Vec<FoundCause> {
        let mut causes: Vec<FoundCause> = Vec::new();
        let mut barred = vec![false; self.actual.len()];
        for size in 1..=most_events {
            let found = self.lost_without(size, most_held, &barred);
            let minimal = |events: &[usize]| {
                !causes.iter().any(|c: &FoundCause| c.events.iter().all(|e| events.contains(e)))
            };
            let new: Vec<FoundCause> = found
                .into_iter()
                .filter(|(events, _)| events.len() == size && minimal(events))
                .map(|(events, held)| FoundCause { events, held })
                .collect();
            for cause in new.iter().filter(|c| c.events.len() == 1) {
                barred[cause.events[0]] = true;
            }
            causes.extend(new);
        }
        causes
    }

    /// The sets of at most this many events on which the outcome depends, with the fewest events held for each.
    fn lost_without(
        &mut self,
        most_events: usize,
        most_held: usize,
        barred: &[bool],
    ) -> BTreeMap<Vec<usize>, usize> {
        let mut walk =
            Walk { most_events, most_held, barred, changed: Vec::new(), held: 0, found: BTreeMap::new() };
        self.walk(NodeId::new(Game::ROOT), &mut walk);
        walk.found
    }

    fn walk(&mut self, node: NodeId, walk: &mut Walk<'_>) {
        let scene = self.scene;
        let game = scene.model().game();
        if game.child_count(node) == 0 {
            if !self.has(node) {
                if let ([(index, label)], 0) = (walk.changed.as_slice(), walk.held) {
                    self.alternatives.entry(*index).or_default().insert(*label);
                }
                let mut events: Vec<usize> = walk.changed.iter().map(|c| c.0).collect();
                events.sort_unstable();
                let fewest = walk.found.entry(events).or_insert(walk.held);
                *fewest = walk.held.min(*fewest);
            }
            return;
        }
        let natural = self.natural(node);
        self.walk(game.child(node, natural), walk);
        let Some(index) = self.position[game.event_id(node).index()] else { return };
        let actual = self.actual[index].label;
        for branch in (0..game.child_count(node)).filter(|b| *b != natural) {
            let below = game.child(node, branch);
            if game.branch_label(node, branch) == actual {
                if walk.held < walk.most_held {
                    walk.held += 1;
                    self.walk(below, walk);
                    walk.held -= 1;
                }
            } else if walk.changed.len() < walk.most_events
                && !walk.barred[index]
                && self.possible(node, branch)
            {
                walk.changed.push((index, game.branch_label(node, branch)));
                self.walk(below, walk);
                walk.changed.pop();
            }
        }
    }
}

/// The actual causes over all draws; `None` if no history drawn has the outcome.
pub(crate) fn summarise(
    scene: &Scene,
    scenario: &Scenario,
    of: OutcomeValue,
    draws: &[&CausesDraw],
) -> Option<ActualCauses> {
    let game = scene.model().game();
    let draws: Vec<&CausesDraw> = draws.iter().copied().filter(|d| d.histories > 0).collect();
    let histories = draws.iter().map(|d| d.histories).sum::<usize>();
    if histories == 0 {
        return None;
    }
    let recorded = demands(game, &scenario.record).unwrap_or_default();
    let mut keys: Vec<(EventId, TextId)> = draws.iter().flat_map(|d| d.events.keys().copied()).collect();
    keys.sort_unstable();
    keys.dedup();
    let summary = |key: &(EventId, TextId)| {
        let over = |of: &dyn Fn(&CauseTally) -> f64| {
            let share = |d: &&CausesDraw| d.events.get(key).map_or(0.0, of) / d.histories as f64;
            interval(&draws.iter().map(share).collect::<Vec<_>>())
        };
        let event = game.event(key.0);
        CausingEvent {
            event: game.text(event.name).to_owned(),
            occurrence: event.occurrence as usize,
            player: player_at(game, key.0),
            action: game.text(key.1).to_owned(),
            recorded: recorded.iter().any(|d| d.0 == key.0),
            happened: over(&|t| t.happened),
            but_for: over(&|t| t.but_for),
            cause: over(&|t| t.cause),
            responsibility: over(&|t| t.responsibility),
            instead: instead(game, *key, &draws),
        }
    };
    let mut events: Vec<CausingEvent> = keys.iter().map(summary).collect();
    // A stable sort: events that are equally responsible stay in the order of the story.
    events.sort_by(|a, b| b.responsibility.mean.total_cmp(&a.responsibility.mean));
    Some(ActualCauses { of, histories, most_events: MOST_EVENTS, most_held: MOST_HELD, events })
}

/// As what else an event would have turned out where the outcome depended on it alone, each with the share of the histories in which
/// it did; the most frequent first.
fn instead(game: &Game, key: (EventId, TextId), draws: &[&CausesDraw]) -> Vec<(String, f64)> {
    let mut all: BTreeMap<TextId, f64> = BTreeMap::new();
    for (label, count) in draws.iter().filter_map(|d| d.events.get(&key)).flat_map(|t| &t.instead) {
        *all.entry(*label).or_default() += count;
    }
    let histories = draws.iter().map(|d| d.histories).sum::<usize>().max(1) as f64;
    let mut all: Vec<(String, f64)> =
        all.into_iter().map(|(label, n)| (game.text(label).to_owned(), n / histories)).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causality::actual_cause::{CausalModel, Search, causes};
    use crate::model::Model;
    use crate::model::play::MODEL_SETTINGS;
    use crate::problem::Problem;
    use crate::scenario::Scenario;
    use crate::story::limits::Limits;
    use crate::story::telling::Telling;
    use crate::story::terms::{Seen, Share};
    use crate::watch::Unwatched;
    use crate::world::catalogue::Catalogue;
    use counterplay_game::expression::Expressions;
    use counterplay_inference::key::Key;

    /// A choice among these actions, or a chance event with these labels: the label that it turned out as.
    fn choose<'l>(
        g: &mut Telling<'_>,
        player: &str,
        event: &str,
        labels: &[&'l str],
    ) -> Result<&'l str, Problem> {
        let actions: Vec<String> = labels.iter().map(|&l| l.to_owned()).collect();
        Ok(labels[g.choose(player, event, &actions, Seen::ALL)?.unwrap()])
    }

    fn chance<'l>(
        g: &mut Telling<'_>,
        event: &str,
        labels: &[(&'l str, f64)],
        seen_by: &[&str],
    ) -> Result<&'l str, Problem> {
        let seen_by = g.seen_by(seen_by.iter().copied())?;
        let branches: Vec<(String, Share)> =
            labels.iter().map(|&(l, p)| (l.to_owned(), Share::Of(g.expressions.constant(p)))).collect();
        Ok(labels[g.chance(event, &branches, seen_by)?.unwrap()].0)
    }

    /// Events that happen in some histories only, of which one has other labels elsewhere, and moves that depend on
    /// what was seen.
    fn story(g: &mut Telling<'_>) -> Result<(), Problem> {
        let first = chance(g, "first", &[("x", 0.4), ("y", 0.3), ("z", 0.3)], &["A"])?;
        let second = choose(g, "A", "second", &["on", "off"])?;
        let third = match (first, second) {
            ("z", _) => "",
            (_, "on") => choose(g, "B", "third", &["on", "off", "half"])?,
            _ => choose(g, "B", "third", &["on", "off"])?,
        };
        let likely = if third == "on" { 0.1 } else { 0.8 };
        let fourth = chance(g, "fourth", &[("on", likely), ("off", 1.0 - likely)], &["A", "B"])?;
        let asked = second == "off" || fourth == "on";
        let fifth = if asked { choose(g, "A", "fifth", &["on", "off"])? } else { "on" };
        let last = chance(g, "last", &[("on", 0.5), ("off", 0.5)], &["A", "B"])?;
        let count = [second, third, fourth, fifth, last].iter().filter(|e| **e == "on").count();
        let done = third == "on" || fourth == "on" || (fifth == last && first == "x");
        let paid = g.expressions.constant(0.3 * count as f64);
        g.pay("A", paid)?;
        let paid = g.expressions.constant(if third == "off" { 1.0 } else { 0.2 });
        g.pay("B", paid)?;
        g.outcome("done", if done { "True" } else { "False" })
    }

    /// The story under this luck as a causal model: one variable for each event along the history, with every
    /// label that it has anywhere and one more for "did not happen", which nothing can bring about.
    fn as_model<'a>(history: &'a History<'a>, labels: &'a [Vec<TextId>]) -> CausalModel<'a> {
        let game = history.scene.model().game();
        let ranges = labels.iter().map(|l| l.len() + 1).collect();
        CausalModel::from_solution(ranges, move |set| {
            let mut values: Vec<usize> = labels.iter().map(Vec::len).collect();
            let mut node = NodeId::new(Game::ROOT);
            while game.child_count(node) > 0 {
                let mut branch = history.scene.taken(history.odds, node, history.luck);
                if let Some(index) = history.position[game.event_id(node).index()] {
                    let wanted = set[index].and_then(|value| labels[index].get(value));
                    let found = wanted.and_then(|w| game.labels(node).position(|l| l == *w));
                    branch = found.unwrap_or(branch);
                    let label = game.branch_label(node, branch);
                    values[index] = labels[index].iter().position(|l| *l == label).unwrap();
                }
                node = game.child(node, branch);
            }
            values.push(node.index());
            values
        })
    }

    fn labels(game: &Game, event: EventId) -> Vec<TextId> {
        let nodes = game.nodes().filter(|&n| game.child_count(n) > 0 && game.event_id(n) == event);
        let mut all: Vec<TextId> = nodes.flat_map(|n| game.labels(n).collect::<Vec<_>>()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn the_search_along_the_tree_finds_what_going_through_all_sets_finds() {
        let scenario = Scenario::of_story("Story", &["A", "B"], Expressions::default(), 1.0, story);
        let model = Model::new(&scenario, Limits::default(), &Unwatched).unwrap();
        let mut evaluator = model.evaluator(MODEL_SETTINGS);
        let play = evaluator.solve(&[]).unwrap();
        let odds = evaluator.odds(&play).swap_remove(0);
        let mut catalogue = Catalogue::default();
        let scene = Scene::new(model, &mut catalogue);
        let about = catalogue.value("done", "True").unwrap();
        let (mut holding, mut together, mut with_held) = (0, 0, 0);
        for seed in 0..400 {
            let luck = Luck::fresh(Key::new(seed));
            let mut history = History::new(&scene, &odds, &luck, about);
            let found = if history.holds() { history.causes(MOST_EVENTS, MOST_HELD) } else { Vec::new() };
            let labels: Vec<Vec<TextId>> =
                history.actual.iter().map(|h| labels(scene.model().game(), h.event)).collect();
            let model = as_model(&history, &labels);
            let effect = |values: &[usize]| history.has(NodeId::new(values[labels.len()]));
            let search = Search { most_events: MOST_EVENTS, most_held: MOST_HELD };
            let known: Vec<FoundCause> = causes(&model, &effect, search)
                .into_iter()
                .map(|c| FoundCause {
                    events: c.events.iter().map(|e| e.0.index()).collect(),
                    held: c.witness.held.len(),
                })
                .collect();
            assert_eq!(found, known, "seed {seed}");
            holding += usize::from(history.holds());
            together += found.iter().filter(|c| c.events.len() == 2).count();
            with_held += found.iter().filter(|c| c.held > 0).count();
        }
        assert!(holding > 50 && together > 10 && with_held > 10, "{holding}, {together}, {with_held}");
    }
}
