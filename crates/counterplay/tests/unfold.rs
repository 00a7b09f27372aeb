//! Laws of unfolding, with stories told from closures.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use counterplay::problem::Problem;
use counterplay::story::change::Change;
use counterplay::story::limits::Limits;
use counterplay::story::telling::{Story, Telling};
use counterplay::story::terms::Choice;
use counterplay::story::terms::EventName;
use counterplay::story::terms::{Seen, Share};
use counterplay::story::unfold::unfold;
use counterplay::story::unfolded::Unfolded;
use counterplay::watch::Unwatched;
use counterplay_game::expression::Expressions;
use counterplay_game::id::{ActionId, EventId, InfoSetId};
use counterplay_game::tree::{Game, Kind};

fn told(story: &dyn Story, changes: &[Change]) -> Result<Unfolded, Problem> {
    let players = ["A", "B", "C"].map(str::to_owned);
    unfold(story, &players, &Expressions::new(), changes, Limits::default(), &Unwatched)
}

fn game(story: &dyn Story, changes: &[Change]) -> Game {
    told(story, changes).unwrap_or_else(|p| panic!("{p}")).game().clone()
}

fn actions(words: &[&str]) -> Vec<String> {
    words.iter().map(|&w| w.to_owned()).collect()
}

fn halves(g: &mut Telling<'_>) -> Vec<(String, Share)> {
    let half = g.expressions.constant(0.5);
    vec![("up".to_owned(), Share::Of(half)), ("down".to_owned(), Share::Rest)]
}

fn end(g: &mut Telling<'_>) -> Result<(), Problem> {
    let zero = g.expressions.constant(0.0);
    g.pay("A", zero)?;
    g.end()
}

fn event(name: &str) -> EventName {
    EventName::parse(name)
}

/// What each information set at an event knows.
fn knowledge(game: &Game, at: &str) -> Vec<Vec<(String, String)>> {
    let sets = game.info_set_ids().filter(|&set| game.text(game.info_set(set).event) == at);
    let owned =
        |set: InfoSetId| game.knows(set).iter().map(|(e, v)| ((*e).to_owned(), (*v).to_owned())).collect();
    sets.map(owned).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(e, v)| (e.to_owned(), v.to_owned())).collect()
}

/// A drawing that A sees, then a move of A that B does not see, then a move of B, then one of A.
fn drawing(g: &mut Telling<'_>) -> Result<(), Problem> {
    let branches = halves(g);
    let a = g.seen_by(["A"].into_iter())?;
    g.chance("draw", &branches, a)?;
    g.choose("A", "bid", &actions(&["high", "low"]), Seen::NOBODY)?;
    g.choose("B", "answer", &actions(&["yes", "no"]), Seen::ALL)?;
    g.choose("A", "last", &actions(&["stay", "go"]), Seen::ALL)?;
    end(g)
}

#[test]
fn every_branch_becomes_a_history() {
    let game = game(&drawing, &[]);
    assert_eq!(game.history_count(), 16);
    assert_eq!(game.node_count(), 31);
}

#[test]
fn a_player_knows_what_it_saw_and_did_and_nothing_else() {
    let game = game(&drawing, &[]);
    assert_eq!(knowledge(&game, "answer"), [pairs(&[])]);
    let last = knowledge(&game, "last");
    assert_eq!(last.len(), 8);
    assert!(last.contains(&pairs(&[("draw", "up"), ("bid", "low"), ("answer", "no")])));
}

/// Kuhn (1953): a player with perfect recall knows, at all members of an information set, the same own past.
#[test]
fn recall_is_perfect_by_construction() {
    for changes in [vec![], vec![Change::Show { event: event("bid"), to: vec!["B".into()] }]] {
        let game = game(&drawing, &changes);
        for set in game.info_set_ids() {
            let player = game.info_set(set).player;
            let own_past = |&node: &counterplay_game::id::NodeId| {
                let own = game.path(node).into_iter().filter_map(|(node, branch)| match game.kind(node) {
                    Kind::Decision(s) if game.info_set(s).player == player => Some((s, branch)),
                    Kind::Decision(_) | Kind::Chance(_) | Kind::End(_) => None,
                });
                own.collect::<Vec<_>>()
            };
            let pasts: Vec<_> = game.members(set).iter().map(own_past).collect();
            assert!(pasts.windows(2).all(|w| w[0] == w[1]));
        }
    }
}

#[test]
fn those_who_choose_together_do_not_see_each_other_choose_but_know_it_afterwards() {
    let story = |g: &mut Telling<'_>| {
        let (left, right) = (actions(&["l", "r"]), actions(&["u", "d"]));
        let choices = [
            Choice { player: "A", event: "left", actions: &left },
            Choice { player: "B", event: "right", actions: &right },
        ];
        let seen = g.seen_by(["A", "B"].into_iter())?;
        g.together(&choices, seen)?;
        g.choose("A", "after", &actions(&["x", "y"]), Seen::ALL)?;
        g.choose("C", "outsider", &actions(&["x", "y"]), Seen::ALL)?;
        end(g)
    };
    let game = game(&story, &[]);
    assert_eq!(knowledge(&game, "right"), [pairs(&[])]);
    assert_eq!(knowledge(&game, "after").len(), 4);
    assert_eq!(knowledge(&game, "outsider"), [pairs(&[("after", "x")]), pairs(&[("after", "y")])]);
}

#[test]
fn what_is_revealed_is_known_from_then_on() {
    let story = |g: &mut Telling<'_>| {
        let branches = halves(g);
        g.chance("draw", &branches, Seen::NOBODY)?;
        g.choose("A", "before", &actions(&["x", "y"]), Seen::NOBODY)?;
        let a = g.seen_by(["A"].into_iter())?;
        g.reveal("draw", a)?;
        g.reveal("draw", a)?;
        g.choose("A", "after", &actions(&["x", "y"]), Seen::NOBODY)?;
        g.choose("B", "other", &actions(&["x", "y"]), Seen::NOBODY)?;
        end(g)
    };
    let game = game(&story, &[]);
    assert_eq!(knowledge(&game, "before"), [pairs(&[])]);
    assert!(knowledge(&game, "after").contains(&pairs(&[("before", "x"), ("draw", "up")])));
    assert_eq!(knowledge(&game, "other"), [pairs(&[])]);
}

#[test]
fn a_forced_event_is_a_chance_event_with_one_branch() {
    let game = game(&drawing, &[Change::Force { event: event("bid"), action: "low".into() }]);
    assert_eq!(game.history_count(), 8);
    assert!(knowledge(&game, "bid").is_empty());
    // The player knows what it was made to do.
    assert!(knowledge(&game, "last").iter().all(|k| k.contains(&("bid".into(), "low".into()))));
}

#[test]
fn what_is_forbidden_is_no_action_and_chance_is_scaled_to_what_is_left() {
    let forbidden = game(&drawing, &[Change::Forbid { event: event("answer"), action: "no".into() }]);
    assert_eq!(forbidden.history_count(), 8);
    let forbidden = game(&drawing, &[Change::Forbid { event: event("draw"), action: "up".into() }]);
    let Kind::Chance(chance) = forbidden.kind(counterplay_game::id::NodeId::new(Game::ROOT)) else {
        panic!()
    };
    let branch = counterplay_game::id::BranchId::new(forbidden.branches(chance).start);
    assert_eq!(forbidden.expressions().known(forbidden.branch_probability(branch)), Some(1.0));
}

#[test]
fn a_rule_moves_for_a_player_with_odds_scaled_to_one() {
    let mut expressions = Expressions::new();
    let (one, three) = (expressions.constant(1.0), expressions.constant(3.0));
    let odds = vec![("yes".to_owned(), three), ("no".to_owned(), one)];
    let changes = [Change::Rule { event: event("answer"), player: "B".into(), odds }];
    let players = ["A", "B", "C"].map(str::to_owned);
    let game = unfold(&drawing, &players, &expressions, &changes, Limits::default(), &Unwatched)
        .unwrap()
        .game()
        .clone();
    let id = game.find_event("answer").unwrap();
    let node =
        game.nodes().find(|&n| !matches!(game.kind(n), Kind::End(_)) && game.event_id(n) == id).unwrap();
    let Kind::Chance(chance) = game.kind(node) else { panic!("the player still moves") };
    let probability =
        |b| game.expressions().known(game.branch_probability(counterplay_game::id::BranchId::new(b)));
    assert_eq!(game.branches(chance).map(probability).collect::<Vec<_>>(), [Some(0.75), Some(0.25)]);
}

#[test]
fn show_and_hide_change_who_sees_an_event() {
    let shown = game(&drawing, &[Change::Show { event: event("bid"), to: vec!["B".into()] }]);
    assert_eq!(knowledge(&shown, "answer"), [pairs(&[("bid", "high")]), pairs(&[("bid", "low")])]);
    let hidden = game(&drawing, &[Change::Hide { event: event("draw"), from: vec!["A".into()] }]);
    assert_eq!(knowledge(&hidden, "bid"), [pairs(&[])]);
    let forgetful =
        told(&drawing, &[Change::Hide { event: event("bid"), from: vec!["A".into()] }]).unwrap_err();
    assert_eq!(forgetful.message, "`A` cannot forget its own move at `bid`");
}

#[test]
fn a_removed_event_does_not_happen_and_later_occurrences_keep_their_numbers() {
    let story = |g: &mut Telling<'_>| {
        let first = g.choose("A", "bid", &actions(&["high", "low"]), Seen::ALL)?;
        let second = g.choose("A", "bid", &actions(&["high", "low"]), Seen::ALL)?;
        assert!(first.is_none() && second.is_some());
        end(g)
    };
    let game = game(&story, &[Change::Remove { event: event("bid") }]);
    assert_eq!(game.history_count(), 2);
    assert_eq!(game.find_event("bid #2").map(|id| game.event_name(id)), Some("bid #2".to_owned()));
}

#[test]
fn a_change_of_what_never_happens_is_refused() {
    let problem = told(&drawing, &[Change::Force { event: event("bed"), action: "low".into() }]).unwrap_err();
    assert_eq!(problem.message, "the story has no event `bed`");
    assert_eq!(problem.hint.as_deref(), Some("did you mean `bid`?"));
}

#[test]
fn a_story_that_is_no_function_of_its_answers_is_refused() {
    let turn = std::sync::atomic::AtomicU32::new(0);
    let story = |g: &mut Telling<'_>| {
        let name = format!("bid {}", turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        g.choose("A", &name, &actions(&["high", "low"]), Seen::ALL)?;
        end(g)
    };
    let problem = told(&story, &[]).unwrap_err();
    assert!(problem.message.starts_with("told twice along the same history"), "{problem}");
}

#[test]
fn a_branch_without_probability_is_no_branch() {
    let story = |g: &mut Telling<'_>| {
        let zero = g.expressions.constant(0.0);
        let branches = [("never".to_owned(), Share::Of(zero)), ("always".to_owned(), Share::Rest)];
        assert_eq!(g.chance("draw", &branches, Seen::ALL)?, Some(1));
        end(g)
    };
    assert_eq!(game(&story, &[]).history_count(), 1);
}

#[test]
fn labels_and_actions_keep_their_order() {
    let game = game(&drawing, &[]);
    let set = game.info_set_ids().next().unwrap();
    let labels: Vec<&str> =
        game.actions(set).map(|a| game.text(game.action_label(ActionId::new(a)))).collect();
    assert_eq!(labels, ["high", "low"]);
    assert_eq!(game.event_name(EventId::new(0)), "draw");
}
