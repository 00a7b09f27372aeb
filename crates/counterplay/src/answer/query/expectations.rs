//! What each player expected and believed when the story had come to each event on its way.
//!
//! A player's view is what it has seen. The belief of a player that moves is Bayes' rule over its information set. One
//! that does not move need not know that the story has come so far: its belief is Bayes' rule over the moments at
//! which its view became what it is. What a player had seen may itself be unknown to the record; then its views are
//! averaged, each as likely as the record makes it.

use std::collections::BTreeMap;

use counterplay_game::id::{EventId, InfoSetId, KnowledgeId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};

use super::enumerate::expected_payoffs;
use crate::answer::replays::Replays;
use crate::answer::timeline::Timeline;
use crate::model::odds::LogOdds;
use crate::model::odds::reach;
use crate::world::inquiry::Inquiry;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{Expectations, PlayerView};

/// A story whose views hold more ends than this, over all events, gets no expectations.
const MOST_ENDS: usize = 2_000_000;

/// A label that a history does not have.
const NONE: u8 = u8::MAX;

/// An event's name and labels, and which label the history to each end has, by node.
type Labelled = (String, Vec<String>, Vec<u8>);

/// The views of all players at all events on the way.
pub(crate) struct ExpectationPlan {
    steps: Vec<ExpectationStep>,
    /// The events on the way.
    events: Vec<Labelled>,
}

struct ExpectationStep {
    event: String,
    players: Vec<Views>,
}

/// The views that one player may have had at an event.
struct Views {
    /// For each node of the event that agrees with the record: its place in the agreement, and which view.
    at: Vec<(usize, usize)>,
    possible: Vec<Possible>,
    /// The events before, by their place on the way, that are hidden from the player.
    hidden: Vec<usize>,
}

/// The nodes among which a player cannot tell, and the ends below them.
struct Possible {
    nodes: Vec<NodeId>,
    ends: Vec<NodeId>,
}

/// What one draw says: step by step and player by player, a payoff, and for each hidden event a belief in each label.
pub(crate) type ExpectationDraw = Vec<Vec<(f64, Vec<Vec<f64>>)>>;

impl ExpectationPlan {
    /// The views along a timeline; none if the story is too large for it, or the record leaves the way open.
    pub(crate) fn new(inquiry: &Inquiry<'_>, timeline: &Timeline) -> Self {
        let model = inquiry.factual().model();
        let game = model.game();
        let way: Vec<EventId> = timeline.way().collect();
        let events: Vec<_> = way.iter().map(|&event| labels_at_ends(game, event)).collect();
        let tree = Tree {
            game,
            starts: onsets(game),
            agreed: model.consistent().map_or(Vec::new(), |c| c.nodes().map(|n| n.1).collect()),
        };
        let mut left = MOST_ENDS;
        let mut steps = Vec::new();
        for (index, &event) in way.iter().enumerate() {
            let player =
                |p: usize| Views::new(&tree, event, PlayerId::new(p), &way[..index], &events, &mut left);
            let Some(players) = (0..game.players().len()).map(player).collect() else { break };
            steps.push(ExpectationStep { event: game.event_name(event), players });
        }
        Self { steps, events }
    }

    /// What the players expected and believed at one draw.
    pub(crate) fn draw(&self, inquiry: &Inquiry<'_>, replays: &Replays) -> ExpectationDraw {
        let scene = inquiry.factual();
        let (odds, values): (&LogOdds, &[f64]) = (&replays.solved[0].odds[0], &replays.solved[0].values[0]);
        let reach = reach(scene.model().game(), odds);
        let payoffs = expected_payoffs(scene, odds, values);
        let players = scene.model().game().players().len();
        let step = |step: &ExpectationStep| {
            let of = |(player, views): (usize, &Views)| {
                let payoff = |node: NodeId| payoffs[node.index() * players + player];
                views.draw(&self.events, replays.weights.all(), &reach, &payoff)
            };
            step.players.iter().enumerate().map(of).collect()
        };
        self.steps.iter().map(step).collect()
    }

    /// The expectations over all draws.
    pub(crate) fn summarise(&self, inquiry: &Inquiry<'_>, draws: &[&ExpectationDraw]) -> Vec<Expectations> {
        let names = &inquiry.scenario().players;
        let over =
            |f: &dyn Fn(&ExpectationDraw) -> f64| interval(&draws.iter().map(|d| f(d)).collect::<Vec<_>>());
        let view = |s: usize, p: usize, views: &Views| {
            let belief = |(h, &event): (usize, &usize)| {
                let (name, labels, _) = &self.events[event];
                let of = |(l, label): (usize, &String)| (label.clone(), over(&|d| d[s][p].1[h][l]));
                (name.clone(), labels.iter().enumerate().map(of).collect())
            };
            PlayerView {
                player: names[p].clone(),
                payoff: over(&|d| d[s][p].0),
                beliefs: views.hidden.iter().enumerate().map(belief).collect(),
            }
        };
        let expectations = |(s, step): (usize, &ExpectationStep)| Expectations {
            event: step.event.clone(),
            views: step.players.iter().enumerate().map(|(p, views)| view(s, p, views)).collect(),
        };
        self.steps.iter().enumerate().map(expectations).collect()
    }
}

/// Where each view of each player begins: player by player, from view to nodes.
fn onsets(game: &Game) -> Vec<BTreeMap<usize, Vec<NodeId>>> {
    let of = |player: usize| {
        let player = PlayerId::new(player);
        let mut starts: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
        for node in game.nodes() {
            let Some(view) = game.view(node, player) else { continue };
            let before = game.parent(node).and_then(|parent| game.view(parent, player));
            if before != Some(view) {
                starts.entry(view.index()).or_default().push(node);
            }
        }
        starts
    };
    (0..game.players().len()).map(of).collect()
}

/// An event's name and labels, and the label that the history to each end has.
fn labels_at_ends(game: &Game, event: EventId) -> Labelled {
    let mut labels: Vec<String> = Vec::new();
    let mut here = vec![NONE; game.node_count()];
    // A node has the label of the node before, unless the event is decided between them.
    for node in game.nodes() {
        for (branch, child) in game.children(node).enumerate() {
            here[child.index()] = here[node.index()];
            if game.event_id(node) == event {
                let label = game.text(game.branch_label(node, branch));
                let index = labels.iter().position(|l| l == label).unwrap_or_else(|| {
                    labels.push(label.to_owned());
                    labels.len() - 1
                });
                here[child.index()] = u8::try_from(index).unwrap_or(NONE);
            }
        }
    }
    (game.event_name(event), labels, here)
}

/// The ends below some nodes.
fn ends_below(game: &Game, nodes: &[NodeId]) -> Vec<NodeId> {
    let (mut open, mut ends) = (nodes.to_vec(), Vec::new());
    while let Some(node) = open.pop() {
        if game.child_count(node) == 0 {
            ends.push(node);
        }
        open.extend(game.children(node));
    }
    ends.sort_unstable();
    ends
}

/// The tree along which views are found.
struct Tree<'a> {
    game: &'a Game,
    /// Where each view of each player begins.
    starts: Vec<BTreeMap<usize, Vec<NodeId>>>,
    /// The nodes that agree with the record.
    agreed: Vec<NodeId>,
}

impl Tree<'_> {
    /// The information set, if the player moves at the node.
    fn own_set(&self, node: NodeId, player: PlayerId) -> Option<InfoSetId> {
        match self.game.kind(node) {
            Kind::Decision(set) => (self.game.info_set(set).player == player).then_some(set),
            Kind::Chance(_) | Kind::End(_) => None,
        }
    }

    /// What a player with this view cannot tell apart.
    fn possible(&self, player: PlayerId, seen: KnowledgeId, set: Option<InfoSetId>) -> Possible {
        let nodes = match set {
            Some(set) => self.game.members(set).to_vec(),
            None => self.starts[player.index()].get(&seen.index()).cloned().unwrap_or_default(),
        };
        Possible { ends: ends_below(self.game, &nodes), nodes }
    }

    /// Whether someone of this knowledge has seen an event.
    fn has_seen(&self, seen: KnowledgeId, event: EventId) -> bool {
        let event = self.game.event(event);
        let name = self.game.text(event.name);
        self.game.seen(seen).iter().filter(|s| s.0 == name).count() >= event.occurrence as usize
    }
}

impl Views {
    /// The views of a player at an event; `None` if they hold more ends than are `left`, or nobody noted them.
    fn new(
        tree: &Tree<'_>,
        event: EventId,
        player: PlayerId,
        before: &[EventId],
        labels: &[Labelled],
        left: &mut usize,
    ) -> Option<Self> {
        let game = tree.game;
        let mut known: Vec<(KnowledgeId, Option<InfoSetId>)> = Vec::new();
        let mut views = Self { at: Vec::new(), possible: Vec::new(), hidden: Vec::new() };
        for (place, &node) in tree.agreed.iter().enumerate() {
            if game.child_count(node) == 0 || game.event_id(node) != event {
                continue;
            }
            let view = (game.view(node, player)?, tree.own_set(node, player));
            let index = known.iter().position(|k| *k == view).unwrap_or(known.len());
            if index == known.len() {
                let possible = tree.possible(player, view.0, view.1);
                *left = left.checked_sub(possible.ends.len())?;
                known.push(view);
                views.possible.push(possible);
            }
            views.at.push((place, index));
        }
        // An event that cannot have happened, as far as the player knows, is not hidden from it.
        let open =
            |e: usize, k: usize| views.possible[k].ends.iter().any(|end| labels[e].2[end.index()] != NONE);
        let hidden =
            |e: &usize| (0..known.len()).any(|k| !tree.has_seen(known[k].0, before[*e]) && open(*e, k));
        views.hidden = (0..before.len()).filter(hidden).collect();
        Some(views)
    }

    fn draw(
        &self,
        events: &[Labelled],
        passing: &[f64],
        reach: &[f64],
        payoff: &dyn Fn(NodeId) -> f64,
    ) -> (f64, Vec<Vec<f64>>) {
        let mut weights = vec![0.0; self.possible.len()];
        for &(place, view) in &self.at {
            weights[view] += passing[place];
        }
        let whole: f64 = weights.iter().sum();
        let mut expected = 0.0;
        let mut beliefs: Vec<Vec<f64>> = self.hidden.iter().map(|&e| vec![0.0; events[e].1.len()]).collect();
        for (view, weight) in self.possible.iter().zip(&weights) {
            let mass: f64 = view.nodes.iter().map(|n| reach[n.index()]).sum();
            if *weight == 0.0 || mass == 0.0 {
                continue;
            }
            let share = weight / whole / mass;
            expected += share * view.nodes.iter().map(|&n| reach[n.index()] * payoff(n)).sum::<f64>();
            for &end in &view.ends {
                for (belief, &event) in beliefs.iter_mut().zip(&self.hidden) {
                    let label = events[event].2[end.index()];
                    if label != NONE {
                        belief[label as usize] += share * reach[end.index()];
                    }
                }
            }
        }
        (if whole > 0.0 { expected } else { f64::NAN }, beliefs)
    }
}
