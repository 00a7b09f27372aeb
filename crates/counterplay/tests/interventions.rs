//! Laws of interventions, over random stories: what structural causal games promise of them (Hammond et al. 2023;
//! Pearl 2009, section 7.3).
//!
//! Worlds are compared history by history: with the same luck both must lead to the same events.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::random_story::{random_point, random_scenario};
use common::{Dice, histories, model};
use counterplay::scenario::plan::Plan;
use counterplay::scenario::{Act, Foresight, Intervention, Luck, Scenario};
use counterplay::story::change::{Arithmetic, Beside, Change, ChangeCondition};
use counterplay::story::limits::Limits;
use counterplay::story::terms::EventName;
use counterplay::story::terms::Share;
use counterplay::watch::Unwatched;
use counterplay::world::inquiry::{Inquiry, WorldId};
use counterplay::world::scene::LuckKey;
use counterplay_game::expression::ParameterId;

const SEEDS: std::ops::Range<u64> = 0..50;
const REPLAYS: u64 = 30;

/// The events of one replay, in the order in which they were decided.
type Replay = Vec<(String, String)>;

/// A random story at a random point.
struct Case {
    scenario: Scenario,
    point: Vec<f64>,
    dice: Dice,
}

impl Case {
    fn new(seed: u64) -> Self {
        Self { scenario: random_scenario(seed), point: random_point(seed), dice: Dice::new(seed + 31) }
    }

    /// Where each luck leads in the world of these changes.
    fn told(&self, acts: &[Act], foresight: &Foresight) -> Result<Vec<Replay>, String> {
        let one = |act: &Act| Intervention { act: act.clone(), text: String::new() };
        let interventions: Vec<Intervention> = acts.iter().map(one).collect();
        let plan = Plan::new(&interventions, foresight, Luck::Held).map_err(|p| p.to_string())?;
        let mut inquiry = Inquiry::new(&self.scenario, model(&self.scenario), Limits::default(), &Unwatched);
        let world = inquiry.world(&plan).map_err(|p| p.to_string())?;
        Ok(replays(&inquiry, world, &self.point))
    }

    fn factual(&self) -> Vec<Replay> {
        self.told(&[], &Foresight::ByKind).unwrap()
    }

    /// The events of the story, in the order in which they can come, each with the labels that it can have.
    fn possible(&self) -> Vec<(String, Vec<String>)> {
        let inquiry = Inquiry::new(&self.scenario, model(&self.scenario), Limits::default(), &Unwatched);
        let world = inquiry.at(WorldId::FACTUAL, &self.point).unwrap();
        let all = histories(world.scene().model().game(), world.odds());
        let longest = all.iter().max_by_key(|h| h.events.len()).unwrap();
        let labels = |event: &String| {
            let mut labels: Vec<String> =
                all.iter().filter_map(|h| h.label(event).map(str::to_owned)).collect();
            labels.sort();
            labels.dedup();
            labels
        };
        longest.events.iter().map(|(event, _)| (event.clone(), labels(event))).collect()
    }

    /// Whether these events come in a row wherever one of them comes.
    fn in_a_row(&self, events: &[String]) -> bool {
        let inquiry = Inquiry::new(&self.scenario, model(&self.scenario), Limits::default(), &Unwatched);
        let world = inquiry.at(WorldId::FACTUAL, &self.point).unwrap();
        let all = histories(world.scene().model().game(), world.odds());
        all.iter().all(|history| {
            let names: Vec<&String> = history.events.iter().map(|e| &e.0).collect();
            let found = names.windows(events.len()).any(|row| row.iter().zip(events).all(|(a, b)| *a == b));
            found || !names.iter().any(|name| events.contains(name))
        })
    }

    /// A random event other than the first, with a random label of it.
    fn later(&mut self) -> (String, String) {
        let possible = self.possible();
        let (event, labels) = &possible[1 + self.dice.below(possible.len() - 1)];
        (event.clone(), labels[self.dice.below(labels.len())].clone())
    }

    /// A random change of a later event, or of a parameter.
    fn change(&mut self) -> Act {
        let (event, action) = self.later();
        match self.dice.below(5) {
            0 => forbid(&event, &action),
            1 => self.set(0, 0.7),
            2 => self.set(1, -0.4),
            3 => Act::Change(Change::Show {
                event: EventName::parse(&event),
                to: vec!["A".into(), "C".into()],
            }),
            _ => force(&event, &action),
        }
    }

    fn set(&mut self, parameter: usize, to: f64) -> Act {
        Act::Set(ParameterId::new(parameter), self.scenario.expressions.constant(to))
    }
}

fn replays(inquiry: &Inquiry<'_>, world: WorldId, point: &[f64]) -> Vec<Replay> {
    let world = inquiry.at(world, point).unwrap();
    (0..REPLAYS).map(|luck| world.events(&world.replay(&LuckKey::new(luck).luck()))).collect()
}

fn force(event: &str, action: &str) -> Act {
    Act::Change(Change::Force { event: EventName::parse(event), action: action.to_owned() })
}

fn forbid(event: &str, action: &str) -> Act {
    Act::Change(Change::Forbid { event: EventName::parse(event), action: action.to_owned() })
}

fn under(condition: ChangeCondition, act: &Act) -> Act {
    Act::Change(Change::If { condition, change: Box::new(act.clone().into_change()) })
}

fn once(event: &str, action: &str) -> ChangeCondition {
    ChangeCondition::Turned(vec![(EventName::parse(event), action.to_owned())])
}

fn swap(first: &str, second: &str) -> Act {
    Act::Change(Change::Swap { first: EventName::parse(first), second: EventName::parse(second) })
}

fn insert(scenario: &mut Scenario, name: &str, probability: f64, beside: Beside, seen_by: &[&str]) -> Act {
    let probability = Share::Of(scenario.expressions.constant(probability));
    Act::Change(Change::Insert {
        event: EventName::parse(name),
        branches: vec![("yes".into(), probability), ("no".into(), Share::Rest)],
        beside,
        seen_by: Some(seen_by.iter().map(|&s| s.to_owned()).collect()),
    })
}

fn everybody() -> Vec<String> {
    ["A", "B", "C"].map(str::to_owned).to_vec()
}

#[test]
fn a_change_that_no_player_foresees_is_a_surprise_even_if_the_story_is_told_again_for_it() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let (event, action) = case.later();
        let parameter = case.set(0, 0.7);
        for acts in
            [vec![force(&event, &action)], vec![parameter.clone()], vec![force(&event, &action), parameter]]
        {
            let apart = case.told(&acts, &Foresight::Only(Vec::new())).unwrap();
            assert_eq!(apart, case.told(&acts, &Foresight::Nobody).unwrap(), "{seed}: {acts:?}");
        }
    }
}

#[test]
fn a_change_that_each_player_foresees_is_foreseen_by_all() {
    let mut compared = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let change = case.change();
        // What is foreseen must be possible wherever its event comes.
        let Ok(all) = case.told(std::slice::from_ref(&change), &Foresight::All) else { continue };
        let each = case.told(std::slice::from_ref(&change), &Foresight::Only(everybody())).unwrap();
        assert_eq!(each, all, "{seed}: {change:?}");
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn a_condition_that_always_holds_changes_nothing_about_a_change() {
    let mut compared = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let (first, labels) = case.possible().swap_remove(0);
        let change = case.change();
        let certain = force(&first, &labels[0]);
        let conditional = under(once(&first, &labels[0]), &change);
        let from = under(ChangeCondition::From(EventName::parse(&first)), &change);
        for foresight in [Foresight::All, Foresight::Nobody, Foresight::Only(vec!["A".into()])] {
            let Ok(bare) = case.told(&[certain.clone(), change.clone()], &foresight) else { continue };
            let under = case.told(&[certain.clone(), conditional.clone()], &foresight).unwrap();
            assert_eq!(under, bare, "{seed} {foresight:?}: {change:?}");
            let from = case.told(&[certain.clone(), from.clone()], &foresight).unwrap();
            assert_eq!(from, bare, "{seed} {foresight:?}: {change:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn from_the_first_event_on_is_from_the_beginning() {
    let mut compared = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let first = case.possible().swap_remove(0);
        let own = force(&first.0, &first.1[0]);
        for change in [case.change(), own, case.set(0, -0.9)] {
            let from = under(ChangeCondition::From(EventName::parse(&first.0)), &change);
            for foresight in [Foresight::All, Foresight::Nobody, Foresight::Only(vec!["B".into()])] {
                let Ok(bare) = case.told(std::slice::from_ref(&change), &foresight) else { continue };
                let from = case.told(std::slice::from_ref(&from), &foresight).unwrap();
                assert_eq!(from, bare, "{seed} {foresight:?}: {change:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_change_under_a_condition_leaves_the_other_histories_as_they_were() {
    let mut changed = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let (first, labels) = case.possible().swap_remove(0);
        let (event, action) = case.later();
        let change = under(once(&first, &labels[0]), &force(&event, &action));
        let value = case.set(0, 0.9);
        let value = under(once(&first, &labels[0]), &value);
        for (index, change) in [change, value].into_iter().enumerate() {
            let told = case.told(&[change], &Foresight::Nobody).unwrap();
            for (before, after) in case.factual().iter().zip(&told) {
                if before[0].1 == labels[0] {
                    let forced = after.iter().find(|e| e.0 == event);
                    // Where the action cannot be taken, the event goes its way.
                    let can = forced.is_none_or(|e| e.1 == action) || after == before;
                    assert!(can || index == 1, "{seed}: {before:?} {after:?}");
                    changed += usize::from(before != after);
                } else {
                    assert_eq!(before, after);
                }
            }
        }
    }
    assert!(changed > 100, "{changed}");
}

/// Composition: changes that do not touch each other can be made one after the other, in either order.
#[test]
fn changes_of_different_events_and_parameters_can_be_made_in_either_order() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let possible = case.possible();
        let (a, b) = (possible[0].clone(), possible[1].clone());
        let (one, other) = (force(&a.0, &a.1[0]), forbid(&b.0, &b.1[0]));
        let value = under(ChangeCondition::From(EventName::parse(&b.0)), &case.set(1, 0.3));
        for foresight in [Foresight::All, Foresight::Nobody, Foresight::Only(vec!["C".into()])] {
            let first = case.told(&[one.clone(), other.clone(), value.clone()], &foresight);
            let then = case.told(&[value.clone(), other.clone(), one.clone()], &foresight);
            assert_eq!(first, then, "{seed} {foresight:?}");
        }
    }
}

/// Consistency and effectiveness, for changes that are foreseen in part.
#[test]
fn what_is_forced_happens_whoever_foresees_it() {
    let mut forced = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let (event, action) = case.later();
        for foresight in
            [Foresight::All, Foresight::Only(vec!["A".into()]), Foresight::Only(vec!["B".into(), "C".into()])]
        {
            let Ok(told) = case.told(&[force(&event, &action)], &foresight) else { continue };
            for replay in told {
                let now = replay.iter().find(|e| e.0 == event);
                assert!(now.is_none_or(|e| e.1 == action), "{seed}: {replay:?}");
                forced += usize::from(now.is_some());
            }
        }
    }
    assert!(forced > 1_000, "{forced}");
}

/// A change that is none leaves those who foresee it as they were: they respond to the rules of the others, to which
/// they responded before.
#[test]
fn a_change_that_changes_nothing_can_be_foreseen_by_anybody() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let same = case.set(0, case.point[0]);
        let told = case.told(&[same], &Foresight::Only(vec!["A".into()])).unwrap();
        assert_eq!(told, case.factual(), "{seed}");
    }
}

#[test]
fn parameters_under_a_condition_are_set_shifted_and_scaled_in_the_order_given() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let first = case.possible().swap_remove(0).0;
        let from = ChangeCondition::From(EventName::parse(&first));
        let p = ParameterId::new(1);
        let (half, two) = (case.scenario.expressions.constant(0.5), case.scenario.expressions.constant(2.0));
        let itself = case.scenario.expressions.parameter(p);
        let (shift, scale, own) = (Act::Shift(p, half), Act::Scale(p, two), Act::Shift(p, itself));
        let bare = |acts: &[&Act]| {
            let acts: Vec<Act> = acts.iter().map(|a| (*a).clone()).collect();
            case.told(&acts, &Foresight::ByKind).unwrap()
        };
        let late = |act: &Act| under(from.clone(), act);
        let pairs = [[&shift, &scale], [&scale, &shift], [&own, &shift], [&shift, &own]];
        for [a, b] in pairs {
            assert_eq!(bare(&[&late(a), &late(b)]), bare(&[a, b]), "{seed}: {a:?} {b:?}");
            assert_eq!(bare(&[a, &late(b)]), bare(&[a, b]), "{seed}: {a:?} {b:?}");
            assert_eq!(bare(&[&late(a), b]), bare(&[a, b]), "{seed}: {a:?} {b:?}");
        }
    }
}

#[test]
fn swapping_once_changes_the_order_and_swapping_twice_nothing() {
    let (mut swapped, mut refused, mut taken_back) = (0, 0, 0);
    for seed in 0..150 {
        let case = Case::new(seed);
        let names: Vec<String> = case.possible().into_iter().map(|p| p.0).collect();
        for pair in names.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let Ok(once) = case.told(&[swap(a, b)], &Foresight::All) else {
                refused += 1;
                continue;
            };
            // Where the second comes without the first as well, nothing can take the swap back.
            if case.in_a_row(pair) {
                let back = case.told(&[swap(a, b), swap(b, a)], &Foresight::All).unwrap();
                assert_eq!(back, case.factual(), "{seed}");
                taken_back += 1;
            }
            for replay in &once {
                let at = |event: &String| replay.iter().position(|e| e.0 == *event);
                assert!(at(b) < at(a) || at(a).is_none(), "{seed}: {replay:?}");
            }
            swapped += 1;
        }
    }
    assert!(swapped > 40 && refused > 40 && taken_back > 40, "{swapped} {refused} {taken_back}");
}

#[test]
fn three_swaps_turn_three_events_round() {
    let mut turned = 0;
    for seed in 0..150 {
        let case = Case::new(seed);
        let names: Vec<String> = case.possible().into_iter().map(|p| p.0).collect();
        for three in names.windows(3) {
            let (a, b, c) = (&three[0], &three[1], &three[2]);
            let three_swaps = [swap(a, b), swap(a, c), swap(b, c)];
            let Ok(told) = case.told(&three_swaps, &Foresight::All) else { continue };
            if !case.in_a_row(three) {
                continue;
            }
            for replay in &told {
                let at = |event: &String| replay.iter().position(|e| e.0 == *event);
                assert!(at(c) < at(b) && at(b) < at(a) || at(a).is_none(), "{seed}: {replay:?}");
            }
            let back = [swap(a, b), swap(a, c), swap(b, c), swap(c, b), swap(c, a), swap(b, a)];
            assert_eq!(case.told(&back, &Foresight::All).unwrap(), case.factual(), "{seed}");
            turned += 1;
        }
    }
    assert!(turned > 5, "{turned}");
}

#[test]
fn an_inserted_event_that_nobody_sees_changes_nothing_else() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let names: Vec<String> = case.possible().into_iter().map(|p| p.0).collect();
        let at = EventName::parse(&names[case.dice.below(names.len())]);
        for beside in [Beside::Before(at.clone()), Beside::After(at.clone())] {
            let storm = insert(&mut case.scenario, "storm", 0.3, beside.clone(), &[]);
            for foresight in [Foresight::All, Foresight::Nobody, Foresight::Only(vec!["A".into()])] {
                let told = case.told(std::slice::from_ref(&storm), &foresight).unwrap();
                for (before, after) in case.factual().iter().zip(&told) {
                    let others: Replay = after.iter().filter(|e| e.0 != "storm").cloned().collect();
                    assert_eq!(*before, others);
                    let came = after.iter().position(|e| e.0 == "storm");
                    let beside_at = after.iter().position(|e| e.0 == at.to_string());
                    assert_eq!(came.is_some(), beside_at.is_some());
                    if let (Some(came), Some(other)) = (came, beside_at) {
                        let expected =
                            if matches!(beside, Beside::Before(_)) { other - 1 } else { other + 1 };
                        assert_eq!(came, expected);
                    }
                }
            }
        }
    }
}

#[test]
fn players_who_do_not_foresee_an_inserted_event_act_as_if_they_had_not_seen_it() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let first = EventName::parse(&case.possible()[0].0);
        let storm = insert(&mut case.scenario, "storm", 0.4, Beside::Before(first), &["A", "B", "C"]);
        let told = case.told(&[storm], &Foresight::Nobody).unwrap();
        for (before, after) in case.factual().iter().zip(&told) {
            assert_eq!(before[..], after[1..]);
        }
    }
}

#[test]
fn what_an_inserted_event_brings_about_happens_where_it_turns_out_so_and_nowhere_else() {
    let mut came = 0;
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let first = EventName::parse(&case.possible()[0].0);
        let (event, action) = case.later();
        let storm = insert(&mut case.scenario, "storm", 0.4, Beside::Before(first), &[]);
        let then = under(once("storm", "yes"), &force(&event, &action));
        let told = case.told(&[storm, then], &Foresight::Nobody).unwrap();
        for (before, after) in case.factual().iter().zip(&told) {
            if after[0].1 == "no" {
                assert_eq!(before[..], after[1..]);
            } else if let Some(now) = after.iter().find(|e| e.0 == event) {
                assert!(now.1 == action || before[..] == after[1..], "{seed}: {after:?}");
                came += usize::from(now.1 == action);
            }
        }
    }
    assert!(came > 200, "{came}");
}

#[test]
fn a_parameter_amount_under_a_condition_is_taken_of_the_parameters_as_they_were() {
    for seed in SEEDS {
        let mut case = Case::new(seed);
        let first = case.possible().swap_remove(0).0;
        let (p, q) = (ParameterId::new(1), ParameterId::new(2));
        let other = case.scenario.expressions.parameter(q);
        let nine = case.scenario.expressions.constant(0.9);
        let bare = [Act::Set(q, nine), Act::Shift(p, other)];
        let change = Change::Parameter { parameter: p, how: Arithmetic::Shift, amount: other };
        let late = under(ChangeCondition::From(EventName::parse(&first)), &Act::Change(change));
        let told = case.told(&[bare[0].clone(), late], &Foresight::All).unwrap();
        assert_eq!(told, case.told(&bare, &Foresight::All).unwrap());
    }
}
