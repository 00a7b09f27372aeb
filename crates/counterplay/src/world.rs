//! Worlds: what happens when a story is replayed with given luck, under an intervention or as it was.

pub mod inquiry;
pub mod luck;

pub(crate) mod tally;

use crate::model::Model;
use crate::model::agreement::LogOdds;
use crate::scenario::plan::Plan;
use crate::story::change::{Change, Condition};
use crate::story::terms::EventName;
use crate::world::luck::{Luck, LuckKeys, taken};
use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, NodeId, TextId};
use counterplay_game::tree::{Game, Kind};
use counterplay_inference::distribution::{Concrete, Distribution};
use counterplay_inference::key::Key;
use counterplay_math::{exp, ln};

/// The outcomes and measured quantities of all worlds, each by a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Each outcome with its values.
    pub outcomes: Vec<(String, Vec<String>)>,
    /// The measured quantities.
    pub measures: Vec<String>,
}

impl Catalogue {
    /// The number of an outcome.
    pub fn outcome(&self, name: &str) -> Option<usize> {
        self.outcomes.iter().position(|o| o.0 == name)
    }

    /// The numbers of an outcome and one of its values.
    pub fn value(&self, outcome: &str, value: &str) -> Option<(usize, usize)> {
        let index = self.outcome(outcome)?;
        Some((index, self.outcomes[index].1.iter().position(|v| v == value)?))
    }

    /// The number of a measured quantity.
    pub fn measure(&self, name: &str) -> Option<usize> {
        self.measures.iter().position(|m| m == name)
    }

    pub(crate) fn intern(&mut self, outcome: &str, value: &str) -> (usize, usize) {
        let index = self.outcome(outcome).unwrap_or_else(|| {
            self.outcomes.push((outcome.to_owned(), Vec::new()));
            self.outcomes.len() - 1
        });
        let values = &mut self.outcomes[index].1;
        let position = values.iter().position(|v| v == value).unwrap_or_else(|| {
            values.push(value.to_owned());
            values.len() - 1
        });
        (index, position)
    }

    pub(crate) fn intern_measure(&mut self, name: &str) -> usize {
        self.measure(name).unwrap_or_else(|| {
            self.measures.push(name.to_owned());
            self.measures.len() - 1
        })
    }
}

/// What holds at an ending, by numbers of the [`Catalogue`].
#[derive(Clone, Debug)]
struct NumberedEnding {
    outcomes: Vec<(usize, usize)>,
    /// Number, key of its luck, distribution.
    measures: Vec<(usize, u64, Distribution)>,
}

/// A model made ready for replaying.
#[derive(Clone, Debug)]
pub struct Scene {
    model: Model,
    keys: LuckKeys,
    endings: Vec<NumberedEnding>,
}

impl Scene {
    /// Makes a model ready; its outcomes and measures are entered in the catalogue.
    pub fn new(model: Model, catalogue: &mut Catalogue) -> Self {
        let texts = model.game().texts();
        let endings = model
            .endings()
            .iter()
            .map(|ending| NumberedEnding {
                outcomes: ending
                    .outcomes
                    .iter()
                    .map(|o| catalogue.intern(texts.get(o.0), texts.get(o.1)))
                    .collect(),
                measures: ending
                    .measures
                    .iter()
                    .map(|m| {
                        let name = texts.get(m.0);
                        (catalogue.intern_measure(name), Key::of_text(name), m.1)
                    })
                    .collect(),
            })
            .collect();
        Self { keys: LuckKeys::new(model.game()), model, endings }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The keys by which it finds luck.
    pub fn keys(&self) -> &LuckKeys {
        &self.keys
    }

    /// The events and labels of surprises, found in this scene's game.
    pub fn surprises(&self, plan: &Plan) -> Surprises {
        let game = self.model.game();
        let event = |name: &EventName| game.find_event(&name.to_string());
        let label = |text: &str| game.texts().find(text);
        let list = plan.surprises.iter().filter_map(|change| {
            let at = event(change.event()?)?;
            let what = match change.bare() {
                Change::Force { action, .. } => Surprise::Force(label(action)?),
                Change::Forbid { action, .. } => Surprise::Forbid(label(action)?),
                Change::Rule { odds, .. } => {
                    let odds = odds.iter().filter_map(|o| Some((label(&o.0)?, o.1))).collect();
                    Surprise::Rule(odds)
                }
                _ => return None,
            };
            Some((When { at, tests: tests(game, &change.conditions())? }, what))
        });
        let moments = plan
            .moments()
            .into_iter()
            .filter_map(|(at, conditions)| Some(When { at: event(at)?, tests: tests(game, &conditions)? }));
        Surprises::new(list.collect(), moments.collect())
    }

    /// The ending at an end node, as outcome and value numbers.
    pub fn outcomes(&self, end: NodeId) -> &[(usize, usize)] {
        &self.ending(end).outcomes
    }

    fn ending(&self, end: NodeId) -> &NumberedEnding {
        match self.model.game().kind(end) {
            Kind::End(e) => &self.endings[self.model.game().end(e).tag as usize],
            Kind::Chance(_) | Kind::Decision(_) => unreachable!("the node is an end"),
        }
    }

    /// The measured quantities at an end, where `values` are those of the expressions: number and value.
    pub fn measures<'a>(
        &'a self,
        end: NodeId,
        values: &'a [f64],
        luck: &'a Luck,
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        let measures = &self.ending(end).measures;
        measures.iter().map(|(number, key, law)| (*number, law.at(values).value_at(luck.rank(*key))))
    }

    /// The laws of what is measured at an end, where `values` are those of the expressions: number and law.
    pub(crate) fn laws<'a>(
        &'a self,
        end: NodeId,
        values: &'a [f64],
    ) -> impl Iterator<Item = (usize, Concrete)> + 'a {
        self.ending(end).measures.iter().map(|(number, _, law)| (*number, law.at(values)))
    }

    /// Luck that explains the history that ended at `end`, and the recorded values of measured quantities.
    pub fn abduct(
        &self,
        key: LuckKey,
        odds: &LogOdds,
        values: &[f64],
        end: NodeId,
        recorded: &std::collections::BTreeMap<String, f64>,
        catalogue: &Catalogue,
    ) -> Luck {
        let mut luck = Luck::behind(key.0, self.model.game(), &self.keys, odds, end);
        for (number, name, law) in &self.ending(end).measures {
            if let Some(&value) = recorded.get(&catalogue.measures[*number]) {
                let rank = law.at(values).rank_of(value, luck.within_jump(*name));
                luck.know_rank(*name, rank);
            }
        }
        luck
    }
}

/// A key of luck, to be passed on without looking into it.
#[derive(Clone, Copy, Debug)]
pub struct LuckKey(pub(crate) Key);

impl LuckKey {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Key::new(seed))
    }

    /// Luck of which nothing is known.
    pub fn luck(self) -> Luck {
        Luck::fresh(self.0)
    }
}

/// One thing that happens otherwise than the players foresaw.
#[derive(Clone, Debug)]
enum Surprise {
    Force(TextId),
    Forbid(TextId),
    Rule(Vec<(TextId, ExprId)>),
}

/// What is asked of a history before something holds.
#[derive(Clone, Copy, Debug)]
enum Test {
    /// The event turned out so.
    Is(EventId, TextId),
    /// The event came up.
    Came(EventId),
}

/// An event, and what is asked of the history that leads to it.
#[derive(Clone, Debug)]
struct When {
    at: EventId,
    tests: Vec<Test>,
}

impl When {
    /// Whether it is now that `event` is decided, after what has happened.
    fn is_now(&self, event: EventId, happened: &[(EventId, TextId)]) -> bool {
        let holds = |test: &Test| match test {
            Test::Is(event, label) => happened.contains(&(*event, *label)),
            Test::Came(e) => *e == event || happened.iter().any(|h| h.0 == *e),
        };
        self.at == event && self.tests.iter().all(holds)
    }
}

/// Conditions by the numbers of a game; `None` if they can never hold in it.
fn tests(game: &Game, conditions: &[&Condition]) -> Option<Vec<Test>> {
    let event = |name: &EventName| game.find_event(&name.to_string());
    let mut tests = Vec::new();
    for condition in conditions {
        match condition {
            Condition::From(name) => tests.push(Test::Came(event(name)?)),
            Condition::Turned(events) => {
                for (name, action) in events {
                    tests.push(Test::Is(event(name)?, game.texts().find(action)?));
                }
            }
        }
    }
    Some(tests)
}

/// What happens otherwise than the players foresaw, and from where on luck may be thrown anew.
#[derive(Clone, Debug, Default)]
pub struct Surprises {
    list: Vec<(When, Surprise)>,
    moments: Vec<When>,
    /// Whether any of it hangs on what has happened before.
    look_back: bool,
}

impl Surprises {
    fn new(list: Vec<(When, Surprise)>, moments: Vec<When>) -> Self {
        let look_back = list.iter().map(|s| &s.0).chain(&moments).any(|when| !when.tests.is_empty());
        Self { list, moments, look_back }
    }
}

/// Where a replay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The end.
    pub end: NodeId,
    /// A number that tells histories apart: equal for histories of the same events and labels, in any scene.
    pub signature: u64,
    /// Whether it ended with the luck that takes its place after the moment of an intervention.
    pub thrown_anew: bool,
}

/// The luck of a replay: what is known of it, and what takes its place after the moment of an intervention.
#[derive(Clone, Copy, Debug)]
pub struct LuckOf<'a> {
    /// The luck up to the moment of the intervention.
    pub before: &'a Luck,
    /// The luck after it; `None` if the same.
    pub after: Option<&'a Luck>,
}

/// Replays the story of a scene.
pub fn replay(
    scene: &Scene,
    odds: &LogOdds,
    values: &[f64],
    surprises: &Surprises,
    luck: LuckOf<'_>,
) -> Replayed {
    let game = scene.model.game();
    let mut node = NodeId::new(Game::ROOT);
    let mut happened: Vec<(EventId, TextId)> = Vec::new();
    let mut signature = 0u64;
    let mut thrown_anew = luck.after.is_some() && surprises.moments.is_empty();
    while game.child_count(node) > 0 {
        let event = game.event_id(node);
        let luck_now = luck.after.filter(|_| thrown_anew).unwrap_or(luck.before);
        let branch = if surprises.list.iter().any(|s| s.0.is_now(event, &happened)) {
            surprised(scene, odds, values, (surprises, &happened), node, luck_now)
        } else {
            taken(game, &scene.keys, odds, node, luck_now)
        };
        let label = game.branch_label(node, branch);
        // Histories of the same events are the same in whichever order these are decided.
        signature = signature.wrapping_add(Key::of_pair(scene.keys.event(event), scene.keys.text(label)));
        if surprises.look_back {
            happened.push((event, label));
        }
        thrown_anew |= luck.after.is_some() && surprises.moments.iter().any(|m| m.is_now(event, &happened));
        node = game.child(node, branch);
    }
    Replayed { end: node, signature, thrown_anew }
}

/// The branch at a node whose event goes otherwise than foreseen.
fn surprised(
    scene: &Scene,
    odds: &LogOdds,
    values: &[f64],
    (surprises, happened): (&Surprises, &[(EventId, TextId)]),
    node: NodeId,
    luck: &Luck,
) -> usize {
    let game = scene.model.game();
    let Some(scores) = surprised_scores(scene, odds, values, (surprises, happened), node) else {
        return taken(game, &scene.keys, odds, node, luck);
    };
    let key = scene.keys.event(game.event_id(node));
    let sum = |b: &usize| scores[*b] + luck.noise(key, scene.keys.text(game.branch_label(node, *b)));
    (0..scores.len())
        .filter(|&b| scores[b] > f64::NEG_INFINITY)
        .max_by(|a, b| sum(a).total_cmp(&sum(b)))
        .unwrap_or(0)
}

/// The scores of the branches at a node whose event goes otherwise than foreseen: log probabilities up to a
/// constant. `None` if what is forced cannot be done here: the event goes its way.
fn surprised_scores(
    scene: &Scene,
    odds: &LogOdds,
    values: &[f64],
    (surprises, happened): (&Surprises, &[(EventId, TextId)]),
    node: NodeId,
) -> Option<Vec<f64>> {
    let game = scene.model.game();
    let event = game.event_id(node);
    let mut scores = odds.at(game, node).to_vec();
    for (_, surprise) in surprises.list.iter().filter(|s| s.0.is_now(event, happened)) {
        for (branch, score) in scores.iter_mut().enumerate() {
            let label = game.branch_label(node, branch);
            match surprise {
                Surprise::Force(only) if *only == label => *score = 0.0,
                Surprise::Force(_) => *score = f64::NEG_INFINITY,
                Surprise::Forbid(not) if *not == label => *score = f64::NEG_INFINITY,
                Surprise::Forbid(_) => {}
                Surprise::Rule(rule) => {
                    let odd = rule.iter().find(|r| r.0 == label).map_or(0.0, |r| values[r.1.index()]);
                    *score = ln(odd);
                }
            }
        }
    }
    scores.iter().any(|s| *s > f64::NEG_INFINITY).then_some(scores)
}

/// The probabilities of the branches at a node whose event goes otherwise than foreseen, over all luck.
pub(crate) fn surprised_odds(
    scene: &Scene,
    odds: &LogOdds,
    values: &[f64],
    surprises: &Surprises,
    node: NodeId,
) -> Vec<f64> {
    let happened = surprises.looking_back(scene.model.game(), node);
    let scores = surprised_scores(scene, odds, values, (surprises, &happened), node);
    let scores = scores.unwrap_or_else(|| odds.at(scene.model.game(), node).to_vec());
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|s| exp(s - top)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

impl Surprises {
    /// What has happened before a node, if any of them asks for it.
    fn looking_back(&self, game: &Game, node: NodeId) -> Vec<(EventId, TextId)> {
        if !self.look_back {
            return Vec::new();
        }
        let step = |(at, branch)| (game.event_id(at), game.branch_label(at, branch));
        game.path(node).into_iter().map(step).collect()
    }

    /// Whether they are about what is decided at a node.
    pub(crate) fn touches(&self, game: &Game, node: NodeId) -> bool {
        let happened = self.looking_back(game, node);
        self.list.iter().any(|s| s.0.is_now(game.event_id(node), &happened))
    }

    /// Whether a branch is what they force at a node, so that nothing is changed there. Only what is forced can
    /// be known to happen anyway: other odds could turn the same luck to another branch.
    pub(crate) fn happens_anyway(&self, game: &Game, node: NodeId, branch: usize) -> bool {
        let event = game.event_id(node);
        let label = game.branch_label(node, branch);
        let happened = self.looking_back(game, node);
        self.list.iter().filter(|s| s.0.is_now(event, &happened)).all(|(_, surprise)| match surprise {
            Surprise::Force(only) => *only == label || game.labels(node).all(|l| l != *only),
            Surprise::Forbid(_) | Surprise::Rule(_) => false,
        })
    }
}
