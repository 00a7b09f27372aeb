//! Random stories in the scenario language, whose numbers are all known, and their answers by the reference tracer.

use std::fmt::Write as _;

use crate::random::Random;
use crate::reference::tracer::{Fineness, trace};
use crate::reference::tree::{Node, Set, Tree};

/// A payoff: a number, and what is added to it for each unit of the parameter.
type Payoff = (f64, f64);

/// A move of the story: an event, who moves (none for chance), and its labels.
#[derive(Clone, Debug)]
struct Move {
    event: &'static str,
    player: Option<usize>,
    labels: usize,
    /// The earlier moves that the mover sees, by position.
    sees: Vec<usize>,
}

/// A story in which the same moves are made in every history, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    players: usize,
    moves: Vec<Move>,
    /// Moves made together are told in one call.
    together: bool,
    /// The payoffs of each profile of labels, the last move's changing fastest.
    payoffs: Vec<Vec<Payoff>>,
    pub(crate) parameter: f64,
    pub(crate) precision: f64,
    /// Other values of the parameter, rising, and another precision.
    pub(crate) others: Vec<f64>,
    pub(crate) other_precision: f64,
}

const NAMES: [&str; 3] = ["A", "B", "C"];
const CHANCE: [&[f64]; 2] = [&[0.5, 0.5], &[0.25, 0.75]];

impl Story {
    /// The story of a number: a simultaneous choice, a signal, or one after the other in part unseen.
    pub(crate) fn random(number: usize, seed: u64) -> Self {
        let mut random = Random::new("stories", number, seed);
        let choice = |event, player, labels, sees| Move { event, player: Some(player), labels, sees };
        let (players, moves, together) = match number % 6 {
            0 | 1 => (2, vec![choice("a", 0, 2, vec![]), choice("b", 1, 2, vec![])], true),
            2 => {
                let sizes = (2 + random.below(2), 2 + random.below(2));
                (2, vec![choice("a", 0, sizes.0, vec![]), choice("b", 1, sizes.1, vec![])], true)
            }
            3 => {
                let moves = (0..3).map(|p| choice(["a", "b", "c"][p], p, 2, vec![])).collect();
                (3, moves, true)
            }
            4 => {
                let kind = Move { event: "kind", player: None, labels: 2, sees: vec![] };
                (
                    2,
                    vec![kind, choice("a", 0, 2 + random.below(2), vec![0]), choice("b", 1, 2, vec![1])],
                    false,
                )
            }
            // The third sees the first move and not the second, who saw it.
            _ => (
                3,
                vec![choice("a", 0, 2, vec![]), choice("b", 1, 2, vec![0]), choice("c", 2, 2, vec![0])],
                false,
            ),
        };
        let profiles = moves.iter().map(|m| m.labels).product::<usize>();
        let mut payoffs: Vec<Vec<Payoff>> =
            (0..profiles).map(|_| (0..players).map(|_| (random.whole(0, 4), 0.0)).collect()).collect();
        if number.is_multiple_of(6) {
            payoffs = familiar(&mut random);
        }
        for _ in 0..=random.below(2) {
            let (profile, player) = (random.below(profiles), random.below(players));
            payoffs[profile][player].1 = 1.0;
        }
        let mut value = || -2.0 + 0.25 * random.whole(0, 16);
        let parameter = value();
        let mut others: Vec<f64> = (0..4).map(|_| value()).collect();
        others.sort_by(f64::total_cmp);
        others.dedup();
        if others.len() < 2 {
            others = vec![-1.0, 1.0];
        }
        let precisions = [2.0, 4.0, 8.0];
        let (precision, other_precision) = (precisions[random.below(3)], precisions[random.below(3)]);
        Self { players, moves, together, payoffs, parameter, precision, others, other_precision }
    }

    /// The events that players decide, with the number of labels of each.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        self.moves.iter().filter(|m| m.player.is_some()).map(|m| (m.event, m.labels))
    }

    /// The labels of a profile.
    fn labels(&self, mut profile: usize) -> Vec<usize> {
        let mut labels: Vec<usize> = self
            .moves
            .iter()
            .rev()
            .map(|m| {
                let label = profile % m.labels;
                profile /= m.labels;
                label
            })
            .collect();
        labels.reverse();
        labels
    }

    /// The scenario's text, with its questions.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let players: Vec<String> = NAMES[..self.players].iter().map(|n| format!("\"{n}\"")).collect();
        let put = |text: &mut String, line: String| writeln!(text, "{line}").expect("a string takes it");
        put(
            &mut text,
            format!(
                "scenario(\"A story\", players = [{}], about = {{\"first\": \"0\"}})",
                players.join(", ")
            ),
        );
        put(
            &mut text,
            format!("x = param(\"x\", point({}), evidence = [judgement(\"drawn\")])", self.parameter),
        );
        put(
            &mut text,
            format!("p = precision(\"p\", point({}), evidence = [judgement(\"drawn\")])", self.precision),
        );
        put(&mut text, "U = {".into());
        for (profile, payoffs) in self.payoffs.iter().enumerate() {
            let labels: Vec<String> = self.labels(profile).iter().map(|l| format!("\"{l}\"")).collect();
            let payoffs: Vec<String> = payoffs.iter().map(|(c, d)| format!("({c}, {d})")).collect();
            put(&mut text, format!("    ({}): [{}],", labels.join(", "), payoffs.join(", ")));
        }
        put(&mut text, "}\ndef play(g):".into());
        text += &self.telling();
        let events: Vec<&str> = self.moves.iter().map(|m| m.event).collect();
        put(&mut text, format!("    u = U[({})]", events.join(", ")));
        let payoffs: Vec<String> =
            (0..self.players).map(|p| format!("\"{}\": u[{p}][0] + u[{p}][1] * x", NAMES[p])).collect();
        let first = self.decisions().next().expect("somebody decides").0;
        put(
            &mut text,
            format!("    g.end(payoffs = {{{}}}, outcomes = {{\"first\": {first}}})", payoffs.join(", ")),
        );
        self.ask(&mut text);
        text
    }

    fn telling(&self) -> String {
        let list = |m: &Move| {
            let labels: Vec<String> = (0..m.labels).map(|l| format!("\"{l}\"")).collect();
            format!("[{}]", labels.join(", "))
        };
        if self.together {
            let events: Vec<&str> = self.moves.iter().map(|m| m.event).collect();
            let calls: Vec<String> = self
                .moves
                .iter()
                .map(|m| {
                    format!("(\"{}\", \"{}\", {})", NAMES[m.player.expect("no chance")], m.event, list(m))
                })
                .collect();
            return format!("    {} = g.together([{}])\n", events.join(", "), calls.join(", "));
        }
        let mut text = String::new();
        for (position, own) in self.moves.iter().enumerate() {
            let watchers: Vec<String> = (0..self.players)
                .filter(|&p| self.moves.iter().any(|m| m.player == Some(p) && m.sees.contains(&position)))
                .map(|p| format!("\"{}\"", NAMES[p]))
                .collect();
            let seen = format!("seen_by = [{}]", watchers.join(", "));
            let call = match own.player {
                Some(p) => format!("g.choose(\"{}\", \"{}\", {}, {seen})", NAMES[p], own.event, list(own)),
                None => {
                    format!("g.chance(\"{}\", {{\"0\": {}, \"1\": rest}}, {seen})", own.event, self.odds()[0])
                }
            };
            writeln!(text, "    {} = {call}", own.event).expect("a string takes it");
        }
        text
    }

    fn odds(&self) -> &'static [f64] {
        CHANCE[usize::from(self.payoffs[0][0].0 > 2.0)]
    }

    fn ask(&self, text: &mut String) {
        let first = self.moves[0].event;
        let (low, high) = (self.others[0], self.others[self.others.len() - 1]);
        let mut put = |line: String| writeln!(text, "{line}").expect("a string takes it");
        put(format!("what_if(\"low\", set(x, {low}))"));
        put(format!(
            "what_if(\"high\", set(x, {high}), insert(\"inert\", {{\"y\": 0.3, \"n\": rest}}, before = \"{first}\", seen_by = []))"
        ));
        put(format!("what_if(\"redrawn\", set(x, {low}), luck = \"redrawn\")"));
        put(format!("what_if(\"sharper\", set(p, {}))", self.other_precision));
        put(format!("factor(\"x as it is\", absent = [set(x, {high})])"));
        let values: Vec<String> = self.others.iter().map(f64::to_string).collect();
        for (event, _) in self.decisions() {
            let quantity = format!("probability({{\"{event}\": \"0\"}})");
            put(format!("query(\"{event}\", {quantity})"));
            for world in ["low", "high", "redrawn", "sharper"] {
                put(format!("query(\"{event} {world}\", {quantity}, under = \"{world}\")"));
            }
            put(format!("sweep(\"{event}\", x, [{}], {quantity})", values.join(", ")));
        }
    }

    /// The game at a value of the parameter.
    pub(crate) fn tree(&self, parameter: f64) -> Tree {
        // A set for each combination of what a mover sees, by position of the move.
        let mut sets = Vec::new();
        let mut first_set = Vec::new();
        for own in &self.moves {
            first_set.push(sets.len());
            if let Some(player) = own.player {
                let views = own.sees.iter().map(|&m| self.moves[m].labels).product::<usize>();
                sets.extend(vec![Set { player, actions: own.labels }; views]);
            }
        }
        let mut nodes = Vec::new();
        let mut level: Vec<Vec<usize>> = vec![Vec::new()];
        for position in 0..=self.moves.len() {
            let first = nodes.len();
            let width: usize = self.moves.get(position).map_or(0, |m| m.labels);
            let next = first + level.len();
            for (k, labels) in level.iter().enumerate() {
                let children = (next + k * width..next + (k + 1) * width).collect();
                nodes.push(match self.moves.get(position) {
                    None => {
                        let own = labels.iter().zip(&self.moves).fold(0, |p, (l, m)| p * m.labels + l);
                        let payoffs = self.payoffs[own].iter().map(|(c, d)| c + d * parameter).collect();
                        Node::End { payoffs }
                    }
                    Some(Move { player: None, .. }) => Node::Chance { odds: self.odds().to_vec(), children },
                    Some(own) => {
                        let view = own.sees.iter().fold(0, |v, &m| v * self.moves[m].labels + labels[m]);
                        Node::Decision { set: first_set[position] + view, children }
                    }
                });
            }
            level = level
                .iter()
                .flat_map(|l| (0..width).map(|w| l.iter().copied().chain([w]).collect()))
                .collect();
        }
        Tree::new(self.players, nodes, sets)
    }

    /// For each decision in order the probability that it turns out as label 0, and whether another branch crosses on the way.
    pub(crate) fn right(&self, parameter: f64, precision: f64) -> Option<(Vec<f64>, bool)> {
        let tree = self.tree(parameter);
        let found = trace(&tree, &[precision], &Fineness::default());
        let answer = found.answers.first()?;
        let zero = |event: &str| self.probability_of_zero(&tree, &answer.play, event);
        Some((self.decisions().map(|(event, _)| zero(event)).collect(), answer.crossings > 0))
    }

    fn probability_of_zero(&self, tree: &Tree, play: &[f64], event: &str) -> f64 {
        let position = self.moves.iter().position(|m| m.event == event).expect("the event");
        let mut sum = 0.0;
        let mut open = vec![(0, 0, 1.0)];
        while let Some((node, depth, reach)) = open.pop() {
            let (odds, children) = match &tree.nodes[node] {
                Node::Chance { odds, children } => (odds.as_slice(), children),
                Node::Decision { set, children } => (&play[tree.actions_of(*set)], children),
                Node::End { .. } => continue,
            };
            if depth == position {
                sum += reach * odds[0];
                continue;
            }
            open.extend(children.iter().zip(odds).map(|(&c, p)| (c, depth + 1, reach * p)));
        }
        sum
    }
}

/// Stag hunt, chicken, battle of the sexes: two players, two actions each.
fn familiar(random: &mut Random) -> Vec<Vec<Payoff>> {
    let game = [
        [(3.0, 3.0), (0.0, 2.0), (2.0, 0.0), (2.0, 2.0)],
        [(-4.0, -4.0), (2.0, 0.0), (0.0, 2.0), (1.0, 1.0)],
        [(3.0, 1.0), (0.0, 0.0), (0.0, 0.0), (1.0, 3.0)],
        [(4.0, 4.0), (0.0, 0.0), (0.0, 0.0), (3.0, 3.0)],
    ][random.below(4)];
    game.iter().map(|&(a, b)| vec![(a, 0.0), (b, 0.0)]).collect()
}
