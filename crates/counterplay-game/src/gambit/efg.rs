//! Reading `.efg` files.

use std::collections::BTreeMap;

use super::head::{read_head, read_payoffs, read_players};
use super::lexer::{Lexer, Token};
use super::problem::ParseError;
use crate::extensive::{ChanceSet, ExtensiveForm, InformationSet, Node, Outcome, Turn, is_distribution};
use crate::id::{ChanceId, InfoSetId, OutcomeId, PlayerId};
use crate::rational::Rational;

/// The most nodes that a file may hold.
const MOST_NODES: usize = 10_000_000;

/// Reads a game in extensive form.
///
/// What is wrong is said with its place and, where one is known, a remedy:
///
/// ```
/// use counterplay_game::gambit::read_efg;
/// let error = read_efg("EFG 2 R \"\" { \"A\" \"B\" }\nt \"\" 1 \"\" { 3 }").expect_err("a payoff is missing");
/// assert_eq!((error.line, error.message.as_str()), (2, "too few payoffs: 1 for 2 players"));
/// assert_eq!(error.hint.as_deref(), Some("write one payoff for each player"));
/// ```
///
/// # Errors
/// If the text is no `.efg` file of version 2, or what it says is no game.
pub fn read_efg(text: &str) -> Result<ExtensiveForm, ParseError> {
    let mut lexer = Lexer::new(text)?;
    let title = read_head(&mut lexer, "EFG", "2")?;
    let players = read_players(&mut lexer)?;
    let comment = lexer.optional_text()?.unwrap_or_default();
    let mut reader = Reader::new(lexer, players.len());
    reader.tree()?;
    reader.into_form(title, comment, players)
}

/// Something that nodes share, by the position in order of appearance; `stated` says where it was first met.
struct Shared<K, T> {
    positions: BTreeMap<K, usize>,
    items: Vec<(T, usize)>,
}

impl<K: Ord, T> Shared<K, T> {
    fn new() -> Self {
        Self { positions: BTreeMap::new(), items: Vec::new() }
    }

    fn find(&self, key: &K) -> Option<usize> {
        self.positions.get(key).copied()
    }

    fn add(&mut self, key: K, item: T, stated: usize) -> usize {
        self.positions.insert(key, self.items.len());
        self.items.push((item, stated));
        self.items.len() - 1
    }

    /// The items in the order of their keys, and where each went.
    fn sorted(self) -> (Vec<T>, Vec<usize>) {
        let mut places = vec![0; self.items.len()];
        for (place, position) in self.positions.into_values().enumerate() {
            places[position] = place;
        }
        let mut items: Vec<_> = self.items.into_iter().map(|(item, _)| item).zip(&places).collect();
        items.sort_by_key(|&(_, place)| place);
        (items.into_iter().map(|(item, _)| item).collect(), places)
    }
}

/// An outcome whose payoffs may follow later in the file.
struct OpenOutcome {
    number: u32,
    label: String,
    payoffs: Option<Vec<Rational>>,
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    players: usize,
    nodes: Vec<Node>,
    info_sets: Shared<(PlayerId, u32), InformationSet>,
    chance_sets: Shared<u32, ChanceSet>,
    outcomes: Shared<u32, OpenOutcome>,
}

impl<'a> Reader<'a> {
    fn new(lexer: Lexer<'a>, players: usize) -> Self {
        let (info_sets, chance_sets, outcomes) = (Shared::new(), Shared::new(), Shared::new());
        Self { lexer, players, nodes: Vec::new(), info_sets, chance_sets, outcomes }
    }

    /// The nodes, in prefix order.
    fn tree(&mut self) -> Result<(), ParseError> {
        let mut missing = 1;
        while missing > 0 {
            if self.nodes.len() == MOST_NODES {
                return Err(self.lexer.error(format!("there are more than {MOST_NODES} nodes")));
            }
            missing = missing - 1 + self.node(missing)?;
        }
        if *self.lexer.peek() == Token::End {
            return Ok(());
        }
        Err(self
            .lexer
            .expected("the end of the file")
            .hint("every branch of the tree already leads to a node; is an action missing before?"))
    }

    /// A node; the number of its branches.
    fn node(&mut self, missing: usize) -> Result<usize, ParseError> {
        let Token::Word(kind @ ("c" | "p" | "t")) = *self.lexer.peek() else {
            let branches = if missing == 1 { "branch leads" } else { "branches lead" };
            let hint = format!("{missing} {branches} to no node yet");
            return Err(self.lexer.expected("a node (`c`, `p` or `t`)").hint(hint));
        };
        self.lexer.word("a node")?;
        let label = self.lexer.text("the label of the node")?;
        let (turn, branches) = match kind {
            "c" => self.chance_set()?,
            "p" => self.info_set()?,
            _ => (Turn::End, 0),
        };
        let outcome = self.outcome()?;
        self.nodes.push(Node { label, turn, outcome });
        Ok(branches)
    }

    fn chance_set(&mut self) -> Result<(Turn, usize), ParseError> {
        let start = self.lexer.offset();
        let number = self.lexer.count("the number of the chance event")?;
        let label = self.lexer.optional_text()?;
        let branches = if *self.lexer.peek() == Token::Open { Some(self.branches()?) } else { None };
        let name = format!("chance event {number}");
        let position = match (self.chance_sets.find(&number), branches) {
            (None, None) => return Err(self.lexer.expected(&format!("the branches of {name} in braces"))),
            (None, Some(branches)) => {
                let set = ChanceSet { number, label: label.unwrap_or_default(), branches };
                self.chance_sets.add(number, set, start)
            }
            (Some(position), branches) => {
                let (set, stated) = &mut self.chance_sets.items[position];
                let same_label = labels_agree(&mut set.label, label);
                if !same_label || branches.is_some_and(|b| b != set.branches) {
                    let stated = *stated;
                    return Err(self.stated_otherwise(start, &name, stated));
                }
                position
            }
        };
        let count = self.chance_sets.items[position].0.branches.len();
        Ok((Turn::Chance(ChanceId::new(position)), count))
    }

    /// The branches of a chance event with their probabilities, in braces.
    fn branches(&mut self) -> Result<Vec<(String, Rational)>, ParseError> {
        let start = self.lexer.offset();
        self.lexer.open("the branches")?;
        let mut branches = Vec::new();
        while !self.lexer.closes()? {
            let label = self.lexer.text("the label of a branch or `}`")?;
            let here = self.lexer.offset();
            let probability = self.lexer.number("the probability of the branch")?;
            if num_traits::Signed::is_negative(&probability) {
                return Err(self.lexer.error_at(here, "the probability is negative"));
            }
            branches.push((label, probability));
        }
        if branches.is_empty() {
            return Err(self.lexer.error_at(start, "a chance event needs at least one branch"));
        }
        if !is_distribution(branches.iter().map(|b| &b.1)) {
            let message = "the probabilities of the branches do not sum to exactly one";
            return Err(self
                .lexer
                .error_at(start, message)
                .hint("write thirds and the like as fractions: `1/3`"));
        }
        Ok(branches)
    }

    fn info_set(&mut self) -> Result<(Turn, usize), ParseError> {
        let at_player = self.lexer.offset();
        let player = self.lexer.count("the number of the player")? as usize;
        if player == 0 || player > self.players {
            let message = format!("there is no player {player}: players are numbered 1 to {}", self.players);
            return Err(self.lexer.error_at(at_player, message));
        }
        let player = PlayerId::new(player - 1);
        let start = self.lexer.offset();
        let number = self.lexer.count("the number of the information set")?;
        let label = self.lexer.optional_text()?;
        let actions = if *self.lexer.peek() == Token::Open { Some(self.actions()?) } else { None };
        let name = format!("information set {number} of player {}", player.index() + 1);
        let key = (player, number);
        let position = match (self.info_sets.find(&key), actions) {
            (None, None) => return Err(self.lexer.expected(&format!("the actions of {name} in braces"))),
            (None, Some(actions)) => {
                let set = InformationSet { player, number, label: label.unwrap_or_default(), actions };
                self.info_sets.add(key, set, start)
            }
            (Some(position), actions) => {
                let (set, stated) = &mut self.info_sets.items[position];
                let same_label = labels_agree(&mut set.label, label);
                if !same_label || actions.is_some_and(|a| a != set.actions) {
                    let stated = *stated;
                    return Err(self.stated_otherwise(start, &name, stated));
                }
                position
            }
        };
        let count = self.info_sets.items[position].0.actions.len();
        Ok((Turn::Decision(InfoSetId::new(position)), count))
    }

    /// The labels of actions, in braces.
    fn actions(&mut self) -> Result<Vec<String>, ParseError> {
        let start = self.lexer.offset();
        self.lexer.open("the actions")?;
        let mut actions = Vec::new();
        while !self.lexer.closes()? {
            actions.push(self.lexer.text("the label of an action or `}`")?);
        }
        if actions.is_empty() {
            return Err(self.lexer.error_at(start, "an information set needs at least one action"));
        }
        Ok(actions)
    }

    fn outcome(&mut self) -> Result<Option<OutcomeId>, ParseError> {
        let start = self.lexer.offset();
        let number = self.lexer.count("the number of the outcome")?;
        if number == 0 {
            return Ok(None);
        }
        let label = self.lexer.optional_text()?;
        let given = *self.lexer.peek() == Token::Open;
        let payoffs = if given { Some(read_payoffs(&mut self.lexer, self.players)?) } else { None };
        let Some(position) = self.outcomes.find(&number) else {
            let outcome = OpenOutcome { number, label: label.unwrap_or_default(), payoffs };
            return Ok(Some(OutcomeId::new(self.outcomes.add(number, outcome, start))));
        };
        let (known, stated) = &mut self.outcomes.items[position];
        if labels_agree(&mut known.label, label) && payoffs_agree(&mut known.payoffs, payoffs) {
            return Ok(Some(OutcomeId::new(position)));
        }
        let stated = *stated;
        Err(self.stated_otherwise(start, &format!("outcome {number}"), stated))
    }

    fn stated_otherwise(&self, offset: usize, name: &str, stated: usize) -> ParseError {
        let before = self.lexer.error_at(stated, "");
        self.lexer.error_at(offset, format!("{name} is stated differently from before")).hint(format!(
            "it was first met in line {}, column {}; repeat it word for word, leave the repetition out, or use \
             another number",
            before.line, before.column
        ))
    }

    fn into_form(
        self,
        title: String,
        comment: String,
        players: Vec<String>,
    ) -> Result<ExtensiveForm, ParseError> {
        if let Some((open, stated)) = self.outcomes.items.iter().find(|(o, _)| o.payoffs.is_none()) {
            let message = format!("outcome {} is never given payoffs", open.number);
            return Err(self.lexer.error_at(*stated, message).hint("outcome 0 means no payoffs"));
        }
        let (info_sets, set_places) = self.info_sets.sorted();
        let (chance_sets, chance_places) = self.chance_sets.sorted();
        let (outcomes, outcome_places) = self.outcomes.sorted();
        let outcomes = outcomes.into_iter().map(|o| Outcome {
            number: o.number,
            label: o.label,
            payoffs: o.payoffs.unwrap_or_default(),
        });
        let mut nodes = self.nodes;
        for node in &mut nodes {
            node.turn = match node.turn {
                Turn::Chance(c) => Turn::Chance(ChanceId::new(chance_places[c.index()])),
                Turn::Decision(s) => Turn::Decision(InfoSetId::new(set_places[s.index()])),
                Turn::End => Turn::End,
            };
            node.outcome = node.outcome.map(|o| OutcomeId::new(outcome_places[o.index()]));
        }
        let form = ExtensiveForm::new(players, nodes, info_sets, chance_sets, outcomes.collect());
        let mut form = form.map_err(|problem| self.lexer.error(problem.to_string()))?;
        (form.title, form.comment) = (title, comment);
        Ok(form)
    }
}

/// Whether a label that is stated again agrees with the one known. An empty one says nothing: the other holds.
fn labels_agree(known: &mut String, stated: Option<String>) -> bool {
    match stated {
        Some(stated) if known.is_empty() => {
            *known = stated;
            true
        }
        Some(stated) => stated.is_empty() || stated == *known,
        None => true,
    }
}

/// Whether payoffs that are stated again agree with those known, which may follow later.
fn payoffs_agree(known: &mut Option<Vec<Rational>>, stated: Option<Vec<Rational>>) -> bool {
    match (&known, stated) {
        (_, None) => true,
        (None, stated) => {
            *known = stated;
            true
        }
        (Some(known), Some(stated)) => *known == stated,
    }
}
