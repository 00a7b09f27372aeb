//! The game tree: nodes, information sets, chance events and ends, checked once and then immutable.
//!
//! Nodes are numbered level by level, so that parents precede their children, the children of a node are
//! neighbours, and a sweep over the tree reads memory in order. Equal chance events and equal ends are stored
//! once. A node takes 24 bytes, and a decision node four more as a member of its information set.

use crate::expression::{ExprId, Expressions};
use crate::id::{
    ActionId, BranchId, ChanceId, EndId, EventId, InfoSetId, KnowledgeId, NodeId, PlayerId, TextId,
};
use crate::knowledge::Knowledge;
use crate::text::Texts;

/// What happens at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chance decides.
    Chance(ChanceId),
    /// A player decides, knowing only that the node is in this information set.
    Decision(InfoSetId),
    /// The history ends.
    End(EndId),
}

/// An event: its name and which occurrence of that name along the history, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// The name.
    pub name: TextId,
    /// Which occurrence, from 1.
    pub occurrence: u32,
}

/// Where a player decides without being able to tell the member nodes apart.
#[derive(Clone, Debug)]
pub struct InfoSet {
    /// Who decides.
    pub player: PlayerId,
    /// The name of the event.
    pub event: TextId,
    /// What the player knows.
    pub knowledge: KnowledgeId,
    /// The first of its actions.
    first_action: u32,
    /// The number of its actions.
    action_count: u32,
    /// The first of its members in the list of members.
    first_member: u32,
    /// The number of its members.
    member_count: u32,
}

/// A chance event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chance {
    first_branch: u32,
    branch_count: u32,
}

/// An end: one payoff per player, and a tag by which the caller knows what else holds there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct End {
    /// The payoffs, in the order of the players.
    pub payoffs: Vec<ExprId>,
    /// The caller's own mark: Counterplay keeps outcomes and measured quantities under it.
    pub tag: u32,
}

/// A game in extensive form whose payoffs and chance probabilities are expressions over parameters.
///
/// From the root by actions, and back by the path:
///
/// ```
/// use counterplay_game::gambit::read_efg;
/// use counterplay_game::id::NodeId;
/// use counterplay_game::tree::Game;
/// // A buyer trusts or leaves; a seller who is trusted honours that or abuses it (Kreps 1990).
/// let text = r#"EFG 2 R "Trust" { "Buyer" "Seller" } p "" 1 1 "" { "Trust" "Leave" } 0
/// p "" 2 1 "" { "Honour" "Abuse" } 0 t "" 1 "" { 1 1 } t "" 2 "" { -1 2 } t "" 3 "" { 0 0 }"#;
/// let game = read_efg(text)?.game().expect("perfect recall");
/// let trusted = game.child(NodeId::new(Game::ROOT), 0);
/// let abused = game.child(trusted, 1);
/// let labels = game.path(abused).into_iter().map(|(node, branch)| game.text(game.branch_label(node, branch)));
/// assert_eq!(labels.collect::<Vec<_>>(), ["Trust", "Abuse"]);
/// assert_eq!((game.node_count(), game.action_count(), game.history_count()), (5, 4, 3));
/// # Ok::<(), counterplay_game::gambit::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Game {
    pub(crate) players: Vec<String>,
    pub(crate) expressions: Expressions,
    pub(crate) texts: Texts,
    pub(crate) knowledge: Knowledge,
    pub(crate) events: Vec<Event>,
    pub(crate) parents: Vec<u32>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) first_children: Vec<u32>,
    pub(crate) node_events: Vec<EventId>,
    pub(crate) info_sets: Vec<InfoSet>,
    pub(crate) action_labels: Vec<TextId>,
    pub(crate) action_sets: Vec<InfoSetId>,
    pub(crate) members: Vec<NodeId>,
    pub(crate) chances: Vec<Chance>,
    pub(crate) branch_labels: Vec<TextId>,
    pub(crate) branch_probabilities: Vec<ExprId>,
    pub(crate) ends: Vec<End>,
    /// What each player knows at each node, node by node; empty if that was not noted.
    pub(crate) views: Vec<KnowledgeId>,
}

impl Game {
    /// The root.
    pub const ROOT: usize = 0;

    /// The names of the players.
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// The player of that name.
    pub fn player(&self, name: &str) -> Option<PlayerId> {
        self.players.iter().position(|p| p == name).map(PlayerId::new)
    }

    /// The expressions that payoffs and probabilities refer to.
    pub fn expressions(&self) -> &Expressions {
        &self.expressions
    }

    /// The texts that names and labels refer to.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The text of `id`.
    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// What a player knows when the story has come to a node: equal ids where it knows the same. `None` if the tree
    /// was built without noting it.
    pub fn view(&self, node: NodeId, player: PlayerId) -> Option<KnowledgeId> {
        self.views.get(node.index() * self.players.len() + player.index()).copied()
    }

    /// The events that someone of that knowledge has seen, in order, with what they turned out as.
    pub fn seen(&self, knowledge: KnowledgeId) -> Vec<(&str, &str)> {
        self.knowledge.sequence(knowledge).into_iter().map(|(e, v)| (self.text(e), self.text(v))).collect()
    }

    /// The number of nodes.
    pub fn node_count(&self) -> usize {
        self.kinds.len()
    }

    /// The number of information sets.
    pub fn info_set_count(&self) -> usize {
        self.info_sets.len()
    }

    /// The number of actions over all information sets.
    pub fn action_count(&self) -> usize {
        self.action_labels.len()
    }

    /// The number of branches over all chance events.
    pub fn branch_count(&self) -> usize {
        self.branch_labels.len()
    }

    /// The number of distinct ends.
    pub fn end_count(&self) -> usize {
        self.ends.len()
    }

    /// The number of histories, that is of nodes where one ends.
    pub fn history_count(&self) -> usize {
        self.kinds.iter().filter(|k| matches!(k, Kind::End(_))).count()
    }

    /// All nodes, parents before children.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.kinds.len()).map(NodeId::new)
    }

    /// All information sets.
    pub fn info_set_ids(&self) -> impl DoubleEndedIterator<Item = InfoSetId> + use<> {
        (0..self.info_sets.len()).map(InfoSetId::new)
    }

    /// What happens at a node.
    #[inline]
    pub fn kind(&self, node: NodeId) -> Kind {
        self.kinds[node.index()]
    }

    /// The node before, or `None` at the root.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node.index() != Self::ROOT).then(|| NodeId::new(self.parents[node.index()] as usize))
    }

    /// The first child of a node that is not an end.
    #[inline]
    pub fn first_child(&self, node: NodeId) -> NodeId {
        NodeId::new(self.first_children[node.index()] as usize)
    }

    /// The number of children.
    #[inline]
    pub fn child_count(&self, node: NodeId) -> usize {
        match self.kind(node) {
            Kind::Chance(c) => self.chances[c.index()].branch_count as usize,
            Kind::Decision(s) => self.info_sets[s.index()].action_count as usize,
            Kind::End(_) => 0,
        }
    }

    /// The child that the `branch`-th action or label leads to.
    #[inline]
    pub fn child(&self, node: NodeId, branch: usize) -> NodeId {
        NodeId::new(self.first_children[node.index()] as usize + branch)
    }

    /// The children, in the order of the actions or labels.
    pub fn children(&self, node: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        let first = self.first_children[node.index()] as usize;
        (first..first + self.child_count(node)).map(NodeId::new)
    }

    /// Which of its parent's children a node is.
    pub fn branch_of(&self, node: NodeId) -> Option<usize> {
        self.parent(node).map(|p| node.index() - self.first_child(p).index())
    }

    /// The event at a node; meaningless at an end.
    pub fn event_id(&self, node: NodeId) -> EventId {
        self.node_events[node.index()]
    }

    /// The event of that id.
    pub fn event(&self, id: EventId) -> Event {
        self.events[id.index()]
    }

    /// The events, each with its occurrence.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event's name as readers write it: `offer`, `offer #2`.
    pub fn event_name(&self, id: EventId) -> String {
        let event = self.event(id);
        event_name(self.text(event.name), event.occurrence)
    }

    /// The event that readers write as `name` (`offer`, `offer #2`).
    pub fn find_event(&self, name: &str) -> Option<EventId> {
        (0..self.events.len()).map(EventId::new).find(|&id| self.event_name(id) == name)
    }

    /// The label of the `branch`-th child.
    pub fn branch_label(&self, node: NodeId, branch: usize) -> TextId {
        match self.kind(node) {
            Kind::Chance(c) => self.branch_labels[self.chances[c.index()].first_branch as usize + branch],
            Kind::Decision(s) => self.action_labels[self.info_sets[s.index()].first_action as usize + branch],
            Kind::End(_) => unreachable!("an end has no branches"),
        }
    }

    /// The labels of all branches of a node, in order.
    pub fn labels(&self, node: NodeId) -> impl Iterator<Item = TextId> + '_ {
        (0..self.child_count(node)).map(move |b| self.branch_label(node, b))
    }

    /// An information set.
    #[inline]
    pub fn info_set(&self, id: InfoSetId) -> &InfoSet {
        &self.info_sets[id.index()]
    }

    /// The actions of an information set.
    #[inline]
    pub fn actions(&self, id: InfoSetId) -> std::ops::Range<usize> {
        let set = &self.info_sets[id.index()];
        set.first_action as usize..(set.first_action + set.action_count) as usize
    }

    /// The member nodes of an information set.
    #[inline]
    pub fn members(&self, id: InfoSetId) -> &[NodeId] {
        let set = &self.info_sets[id.index()];
        &self.members[set.first_member as usize..(set.first_member + set.member_count) as usize]
    }

    /// The label of an action.
    pub fn action_label(&self, action: ActionId) -> TextId {
        self.action_labels[action.index()]
    }

    /// The information set of an action.
    pub fn action_set(&self, action: ActionId) -> InfoSetId {
        self.action_sets[action.index()]
    }

    /// What the player at an information set knows: events and values, in order.
    pub fn knows(&self, id: InfoSetId) -> Vec<(&str, &str)> {
        let sequence = self.knowledge.sequence(self.info_sets[id.index()].knowledge);
        sequence.into_iter().map(|(event, value)| (self.text(event), self.text(value))).collect()
    }

    /// The branches of a chance event.
    #[inline]
    pub fn branches(&self, id: ChanceId) -> std::ops::Range<usize> {
        let chance = &self.chances[id.index()];
        chance.first_branch as usize..(chance.first_branch + chance.branch_count) as usize
    }

    /// The probability of a branch.
    pub fn branch_probability(&self, branch: BranchId) -> ExprId {
        self.branch_probabilities[branch.index()]
    }

    /// An end.
    #[inline]
    pub fn end(&self, id: EndId) -> &End {
        &self.ends[id.index()]
    }

    /// All ends.
    pub fn ends(&self) -> &[End] {
        &self.ends
    }

    /// The path from the root to `node`: each node before it with the branch taken there.
    pub fn path(&self, node: NodeId) -> Vec<(NodeId, usize)> {
        // Room for most histories, as paths are asked for by the thousand.
        let mut path = Vec::with_capacity(32);
        let mut at = node;
        while let (Some(parent), Some(branch)) = (self.parent(at), self.branch_of(at)) {
            path.push((parent, branch));
            at = parent;
        }
        path.reverse();
        path
    }
}

/// An event's name as readers write it: `offer`, and `offer #2` for its second occurrence.
///
/// ```
/// use counterplay_game::tree::event_name;
/// assert_eq!([event_name("offer", 1), event_name("offer", 2)], ["offer", "offer #2"]);
/// ```
pub fn event_name(name: &str, occurrence: u32) -> String {
    if occurrence == 1 { name.to_owned() } else { format!("{name} #{occurrence}") }
}

impl InfoSet {
    pub(crate) fn new(
        player: PlayerId,
        event: TextId,
        knowledge: KnowledgeId,
        first_action: usize,
        count: usize,
    ) -> Self {
        let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 actions");
        Self {
            player,
            event,
            knowledge,
            first_action: narrow(first_action),
            action_count: narrow(count),
            first_member: 0,
            member_count: 0,
        }
    }

    pub(crate) fn set_members(&mut self, first: usize, count: usize) {
        let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 nodes");
        (self.first_member, self.member_count) = (narrow(first), narrow(count));
    }

    /// The number of actions.
    pub fn action_count(&self) -> usize {
        self.action_count as usize
    }
}

impl Chance {
    pub(crate) fn new(first_branch: usize, count: usize) -> Self {
        let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 branches");
        Self { first_branch: narrow(first_branch), branch_count: narrow(count) }
    }

    pub(crate) fn first_branch(&self) -> usize {
        self.first_branch as usize
    }

    pub(crate) fn branch_count(&self) -> usize {
        self.branch_count as usize
    }
}
