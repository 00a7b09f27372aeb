//! Building a tree, history by history.

use std::collections::HashMap;

use crate::expression::{ExprId, Expressions};
use crate::id::{ChanceId, EndId, EventId, InfoSetId, KnowledgeId, NodeId, PlayerId, TextId};
use crate::knowledge::Knowledge;
use crate::text::Texts;
use crate::tree::{Chance, End, Event, Game, InfoSet, Kind};

const NONE: u32 = u32::MAX;

/// A node under construction, linked to its children as they come.
#[derive(Clone, Copy, Debug)]
struct Draft {
    parent: u32,
    branch: u32,
    kind: Kind,
    event: EventId,
    first_child_slot: u32,
}

/// A tree that grows. Add the root first, then every branch of every node; [`finish`](Self::finish) numbers
/// the nodes level by level.
///
/// A buyer who values an item at 10 buys it at a price that is a parameter, or leaves it:
///
/// ```
/// use counterplay_game::build::TreeBuilder;
/// use counterplay_game::expression::{Expressions, ParameterId};
/// use counterplay_game::id::PlayerId;
/// use counterplay_game::knowledge::Knowledge;
/// use counterplay_game::tree::{End, Kind};
/// let (mut tree, mut e) = (TreeBuilder::new(vec!["buyer".into()]), Expressions::new());
/// let [reply, buy, leave] = ["reply", "buy", "leave"].map(|text| tree.texts.intern(text));
/// let set = tree.info_set(PlayerId::new(0), reply, Knowledge::nothing(), &[buy, leave]).expect("a new set");
/// let event = tree.event(reply, 1);
/// let root = tree.add(None, Kind::Decision(set), event);
/// let (ten, price, nothing) = (e.constant(10.0), e.parameter(ParameterId::new(0)), e.constant(0.0));
/// for (branch, payoff) in [e.subtract(ten, price), nothing].into_iter().enumerate() {
///     let end = tree.end(End { payoffs: vec![payoff], tag: 0 });
///     tree.add(Some((root, branch)), Kind::End(end), event);
/// }
/// let game = tree.finish(e).expect("both branches lead to an end");
/// assert_eq!(game.at(&game.expressions().evaluate(&[7.0])).payoffs, [3.0, 0.0]);
/// ```
#[derive(Debug)]
pub struct TreeBuilder {
    players: Vec<String>,
    /// The texts of names and labels.
    pub texts: Texts,
    /// What players know.
    pub knowledge: Knowledge,
    events: Vec<Event>,
    event_ids: HashMap<Event, EventId>,
    drafts: Vec<Draft>,
    child_slots: Vec<u32>,
    info_sets: Vec<InfoSet>,
    info_set_ids: HashMap<(PlayerId, TextId, KnowledgeId), InfoSetId>,
    first_members: Vec<u32>,
    action_labels: Vec<TextId>,
    action_sets: Vec<InfoSetId>,
    chances: Vec<Chance>,
    chance_ids: HashMap<Vec<(TextId, ExprId)>, ChanceId>,
    branch_labels: Vec<TextId>,
    branch_probabilities: Vec<ExprId>,
    ends: Vec<End>,
    end_ids: HashMap<End, EndId>,
    views: Vec<KnowledgeId>,
}

/// Where a new node hangs: the node before and the branch taken there; `None` for the root.
pub type Place = Option<(NodeId, usize)>;

/// The branch of a node that was never given a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingBranch {
    /// The node, in the order in which nodes were added.
    pub node: usize,
    /// The branch.
    pub branch: usize,
}

/// The actions that an information set was first met with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferentActions {
    /// The information set.
    pub set: InfoSetId,
}

impl TreeBuilder {
    /// An empty tree for these players.
    pub fn new(players: Vec<String>) -> Self {
        Self {
            players,
            texts: Texts::default(),
            knowledge: Knowledge::default(),
            events: Vec::new(),
            event_ids: HashMap::new(),
            drafts: Vec::new(),
            child_slots: Vec::new(),
            info_sets: Vec::new(),
            info_set_ids: HashMap::new(),
            first_members: Vec::new(),
            action_labels: Vec::new(),
            action_sets: Vec::new(),
            chances: Vec::new(),
            chance_ids: HashMap::new(),
            branch_labels: Vec::new(),
            branch_probabilities: Vec::new(),
            ends: Vec::new(),
            end_ids: HashMap::new(),
            views: Vec::new(),
        }
    }

    /// Notes what each player knows at the node that was added last. Do so after each, or after none.
    pub fn note_views(&mut self, views: &[KnowledgeId]) {
        self.views.extend_from_slice(views);
    }

    /// The number of nodes so far.
    pub fn node_count(&self) -> usize {
        self.drafts.len()
    }

    /// The id of an event.
    pub fn event(&mut self, name: TextId, occurrence: u32) -> EventId {
        let event = Event { name, occurrence };
        let next = EventId::new(self.events.len());
        let id = *self.event_ids.entry(event).or_insert(next);
        if id == next {
            self.events.push(event);
        }
        id
    }

    /// The information set at which `player`, knowing `knowledge`, moves at `event`.
    ///
    /// # Errors
    /// If it was met before with other actions.
    pub fn info_set(
        &mut self,
        player: PlayerId,
        event: TextId,
        knowledge: KnowledgeId,
        actions: &[TextId],
    ) -> Result<InfoSetId, DifferentActions> {
        if let Some(&set) = self.info_set_ids.get(&(player, event, knowledge)) {
            let same = self.actions_of(set) == actions;
            return if same { Ok(set) } else { Err(DifferentActions { set }) };
        }
        let id = InfoSetId::new(self.info_sets.len());
        self.info_sets.push(InfoSet::new(player, event, knowledge, self.action_labels.len(), actions.len()));
        self.first_members.push(NONE);
        self.action_labels.extend_from_slice(actions);
        self.action_sets.extend(actions.iter().map(|_| id));
        self.info_set_ids.insert((player, event, knowledge), id);
        Ok(id)
    }

    /// The labels of the actions of an information set.
    pub fn actions_of(&self, set: InfoSetId) -> &[TextId] {
        let first = self.action_sets.partition_point(|&s| s < set);
        &self.action_labels[first..first + self.info_sets[set.index()].action_count()]
    }

    /// The node at which an information set was first met.
    pub fn first_member(&self, set: InfoSetId) -> Option<NodeId> {
        let first = self.first_members[set.index()];
        (first != NONE).then(|| NodeId::new(first as usize))
    }

    /// The chance event with these labels and probabilities.
    pub fn chance(&mut self, branches: &[(TextId, ExprId)]) -> ChanceId {
        if let Some(&id) = self.chance_ids.get(branches) {
            return id;
        }
        let id = self.chance_apart(branches);
        self.chance_ids.insert(branches.to_vec(), id);
        id
    }

    /// A chance event of its own with these labels and probabilities, whether or not there is such a one already.
    pub fn chance_apart(&mut self, branches: &[(TextId, ExprId)]) -> ChanceId {
        let id = ChanceId::new(self.chances.len());
        self.chances.push(Chance::new(self.branch_labels.len(), branches.len()));
        self.branch_labels.extend(branches.iter().map(|b| b.0));
        self.branch_probabilities.extend(branches.iter().map(|b| b.1));
        id
    }

    /// The end with these payoffs and this tag.
    pub fn end(&mut self, end: End) -> EndId {
        if let Some(&id) = self.end_ids.get(&end) {
            return id;
        }
        let id = EndId::new(self.ends.len());
        self.ends.push(end.clone());
        self.end_ids.insert(end, id);
        id
    }

    fn child_count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Chance(c) => self.chances[c.index()].branch_count(),
            Kind::Decision(s) => self.info_sets[s.index()].action_count(),
            Kind::End(_) => 0,
        }
    }

    /// Adds a node; `event` is ignored for an end.
    ///
    /// # Panics
    /// If the place is taken, or a second root is added.
    pub fn add(&mut self, place: Place, kind: Kind, event: EventId) -> NodeId {
        let id = NodeId::new(self.drafts.len());
        let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 nodes");
        let (parent, branch) = match place {
            None => {
                assert!(self.drafts.is_empty(), "a tree has one root");
                (NONE, 0)
            }
            Some((parent, branch)) => {
                let slot = self.drafts[parent.index()].first_child_slot as usize + branch;
                assert!(self.child_slots[slot] == NONE, "a branch leads to one node");
                self.child_slots[slot] = narrow(id.index());
                (narrow(parent.index()), narrow(branch))
            }
        };
        let first_child_slot = narrow(self.child_slots.len());
        self.child_slots.resize(self.child_slots.len() + self.child_count(kind), NONE);
        if let Kind::Decision(set) = kind
            && self.first_members[set.index()] == NONE
        {
            self.first_members[set.index()] = narrow(id.index());
        }
        self.drafts.push(Draft { parent, branch, kind, event, first_child_slot });
        id
    }

    /// The events on the way to a node, each with the label taken there.
    pub fn way_to(&self, node: NodeId) -> Vec<(EventId, TextId)> {
        let mut way = Vec::new();
        let mut at = self.drafts[node.index()];
        while at.parent != NONE {
            let parent = self.drafts[at.parent as usize];
            let label = match parent.kind {
                Kind::Chance(c) => {
                    self.branch_labels[self.chances[c.index()].first_branch() + at.branch as usize]
                }
                Kind::Decision(s) => self.actions_of(s)[at.branch as usize],
                Kind::End(_) => unreachable!("an end has no children"),
            };
            way.push((parent.event, label));
            at = parent;
        }
        way.reverse();
        way
    }

    /// The events so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event of that id.
    pub fn event_of(&self, id: EventId) -> Event {
        self.events[id.index()]
    }

    /// The finished game, with nodes numbered level by level.
    ///
    /// # Errors
    /// If a branch leads nowhere.
    ///
    /// # Panics
    /// If there are more nodes than 32 bits can number.
    pub fn finish(self, expressions: Expressions) -> Result<Game, MissingBranch> {
        let order = self.level_order()?;
        let mut game = Game {
            players: self.players,
            expressions,
            texts: self.texts,
            knowledge: self.knowledge,
            events: self.events,
            parents: Vec::with_capacity(order.len()),
            kinds: Vec::with_capacity(order.len()),
            first_children: Vec::with_capacity(order.len()),
            node_events: Vec::with_capacity(order.len()),
            info_sets: self.info_sets,
            action_labels: self.action_labels,
            action_sets: self.action_sets,
            members: Vec::new(),
            chances: self.chances,
            branch_labels: self.branch_labels,
            branch_probabilities: self.branch_probabilities,
            ends: self.ends,
            views: Vec::new(),
        };
        let mut new_ids = vec![0; order.len()];
        let mut next_child = 1;
        for (new, &old) in order.iter().enumerate() {
            let draft = self.drafts[old as usize];
            new_ids[old as usize] = u32::try_from(new).expect("fewer than 2^32 nodes");
            game.parents.push(if draft.parent == NONE { 0 } else { new_ids[draft.parent as usize] });
            game.kinds.push(draft.kind);
            game.node_events.push(draft.event);
            game.first_children.push(next_child);
            next_child += u32::try_from(game.child_count(NodeId::new(new))).expect("fewer than 2^32 nodes");
        }
        let players = game.players.len();
        if self.views.len() == players * order.len() {
            let of = |old: &u32| &self.views[*old as usize * players..][..players];
            game.views = order.iter().flat_map(of).copied().collect();
        }
        game.list_members();
        Ok(game)
    }

    /// For each node, in the order in which they were added, its number in the [finished](Self::finish) game.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn numbers(&self) -> Result<Vec<NodeId>, MissingBranch> {
        let order = self.level_order()?;
        let mut numbers = vec![NodeId::new(0); order.len()];
        for (new, &old) in order.iter().enumerate() {
            numbers[old as usize] = NodeId::new(new);
        }
        Ok(numbers)
    }

    fn level_order(&self) -> Result<Vec<u32>, MissingBranch> {
        let mut order = Vec::with_capacity(self.drafts.len());
        if !self.drafts.is_empty() {
            order.push(0);
        }
        let mut at = 0;
        while at < order.len() {
            let node = order[at];
            let draft = self.drafts[node as usize];
            let first = draft.first_child_slot as usize;
            for branch in 0..self.child_count(draft.kind) {
                let child = self.child_slots[first + branch];
                if child == NONE {
                    return Err(MissingBranch { node: node as usize, branch });
                }
                order.push(child);
            }
            at += 1;
        }
        Ok(order)
    }
}

impl Game {
    /// Groups the decision nodes by information set.
    fn list_members(&mut self) {
        let mut counts = vec![0; self.info_sets.len()];
        for kind in &self.kinds {
            if let Kind::Decision(set) = kind {
                counts[set.index()] += 1;
            }
        }
        let mut next = Vec::with_capacity(counts.len());
        let mut first = 0;
        for (set, &count) in self.info_sets.iter_mut().zip(&counts) {
            set.set_members(first, count);
            next.push(first);
            first += count;
        }
        self.members = vec![NodeId::new(0); first];
        for (node, kind) in self.kinds.iter().enumerate() {
            if let Kind::Decision(set) = kind {
                self.members[next[set.index()]] = NodeId::new(node);
                next[set.index()] += 1;
            }
        }
    }
}
