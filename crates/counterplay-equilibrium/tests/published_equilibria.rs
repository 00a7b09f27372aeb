//! Equilibria that Gambit's tests expect, found by the solvers or confirmed in the reduced form.

#[path = "common/referee.rs"]
mod referee;
#[path = "common/reference.rs"]
mod reference;

use counterplay_equilibrium::nash::agent::agent_form;
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::support_enumeration::{Settings, Status, all_equilibria};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use num_traits::Zero;
use referee::{Profile, expected, is_equilibrium, pure_profile, regret};
use serde_json::Value;

/// A published case on a game in extensive form.
struct Case {
    id: String,
    game: Game,
    reduced: ReducedForm,
    normal: NormalForm,
    json: Value,
}

/// The cases of one kind of profile whose solver is one of these.
fn cases(kind: &str, solvers: &[&str]) -> Vec<Case> {
    let Some(folder) = reference::folder() else { return Vec::new() };
    let all = reference::json(&folder.join("gambit/expected.json"));
    let fits = |case: &&Value| {
        let solver = case["solver"].as_str().expect("a solver").trim_start_matches("nash.");
        let file = case["file"].as_str().expect("a file");
        case["profile_kind"] == kind
            && solvers.contains(&solver)
            && file.rsplit_once('.').is_some_and(|(_, kind)| kind == "efg")
    };
    let read = |json: &Value| {
        let path = folder.join("gambit").join(json["file"].as_str().expect("a file"));
        let game = reference::game(&path).expect("perfect recall");
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let reduced = ReducedForm::of(&game, 100_000).expect("a small game");
        let normal = reduced.normal_form(&game, &ExactNumbers::simplest(&numbers).expect("finite"));
        let id = json["id"].as_str().expect("an id").to_owned();
        Case { id, game, reduced, normal, json: json.clone() }
    };
    let found: Vec<_> = all["cases"].as_array().expect("cases").iter().filter(fits).map(read).collect();
    assert!(!found.is_empty(), "there are cases of this kind");
    found
}

fn profiles(case: &Case) -> Vec<Profile> {
    let list = case.json["expected"].as_array().expect("a list of profiles");
    list.iter().map(reference::profile).collect()
}

/// A probability for each action of the game, from a profile by player and information set in the order of the tree.
fn behaviour(case: &Case, json: &Value) -> Vec<Rational> {
    let mut play = vec![Rational::zero(); case.game.action_count()];
    for (player, published) in json.as_array().expect("players").iter().enumerate() {
        let published = reference::profile(published);
        assert_eq!(published.len(), case.reduced.info_sets(player).len());
        for (&set, odds) in case.reduced.info_sets(player).iter().zip(published) {
            play[case.game.actions(set)].clone_from_slice(&odds);
        }
    }
    play
}

fn sorted(mut profiles: Vec<Profile>) -> Vec<Profile> {
    profiles.sort();
    profiles
}

#[test]
fn pure_equilibria_are_those_published() {
    for case in cases("mixed_strategy", &["enumpure_solve"]) {
        let found = pure_equilibria(&case.normal).iter().map(|p| pure_profile(&case.normal, p)).collect();
        assert_eq!(sorted(found), sorted(profiles(&case)), "{}", case.id);
    }
}

#[test]
fn pure_equilibria_of_the_agent_form_are_those_published() {
    for case in cases("agent_behavior", &["enumpure_agent_solve"]) {
        let numbers = case.game.at(&case.game.expressions().evaluate(&[]));
        let numbers = ExactNumbers::simplest(&numbers).expect("finite");
        let agents = agent_form(&case.game, &numbers, 10_000).expect("a small game");
        let play = |pure: &Vec<usize>| pure_profile(&agents, pure).concat();
        let mut found: Vec<_> = pure_equilibria(&agents).iter().map(play).collect();
        let json = case.json["expected"].as_array().expect("profiles");
        let mut published: Vec<_> = json.iter().map(|profile| behaviour(&case, profile)).collect();
        found.sort();
        published.sort();
        assert_eq!(found, published, "{}", case.id);
    }
}

#[test]
fn all_equilibria_are_those_published() {
    for case in cases("mixed_strategy", &["enummixed_solve", "enumpoly_solve"]) {
        let two = Bimatrix::of(&case.normal).expect("two players");
        let found = all_equilibria(&two, &Settings::default());
        assert_eq!(found.status, Status::Complete);
        assert_eq!(sorted(found.extreme), sorted(profiles(&case)), "{}", case.id);
    }
}

#[test]
fn published_answers_of_solvers_that_find_one_are_among_ours() {
    for case in cases("mixed_strategy", &["lp_solve", "lcp_solve", "ipa_solve", "gnm_solve"]) {
        let two = Bimatrix::of(&case.normal).expect("two players");
        let few = two.strategy_count(0) + two.strategy_count(1) < 12;
        let ours = few.then(|| all_equilibria(&two, &Settings::default()).extreme);
        for profile in profiles(&case) {
            assert!(is_equilibrium(&case.normal, &profile), "{}", case.id);
            assert!(ours.as_ref().is_none_or(|ours| ours.contains(&profile)), "{}", case.id);
        }
    }
}

#[test]
fn lemke_howson_reaches_an_equilibrium_of_every_published_game() {
    for case in cases("mixed_strategy", &["lp_solve", "lcp_solve", "enummixed_solve"]) {
        let two = Bimatrix::of(&case.normal).expect("two players");
        let constant = (0..case.normal.profile_count()).all(|k| {
            let profile = case.normal.profile(k);
            (case.normal.payoff(&profile, 0) + case.normal.payoff(&profile, 1)) == referee::whole(0)
        });
        for label in [0, two.strategy_count(0)] {
            let found = lemke_howson(&two, label, 10_000).equilibrium.expect("a short path");
            assert!(is_equilibrium(&case.normal, &found), "{}", case.id);
            if constant {
                let value = |p: &Profile| expected(&case.normal, p, 0).into_iter().max();
                assert_eq!(value(&found), value(&profiles(&case)[0]), "{}", case.id);
            }
        }
    }
}

#[test]
fn published_behaviour_strategies_are_equilibria_of_the_reduced_form() {
    for case in cases("behavior", &["lp_solve", "lcp_solve", "enumpoly_solve"]) {
        for (index, json) in case.json["expected"].as_array().expect("profiles").iter().enumerate() {
            let play = behaviour(&case, json);
            let mixed = case.reduced.mixed(&case.game, &play);
            assert!(is_equilibrium(&case.normal, &mixed), "{}: {}", case.id, regret(&case.normal, &mixed));
            let published = reference::profile(&case.json["payoffs_at_expected"])[index].clone();
            for (player, payoff) in published.into_iter().enumerate() {
                assert_eq!(
                    expected(&case.normal, &mixed, player).into_iter().max(),
                    Some(payoff),
                    "{}",
                    case.id
                );
            }
        }
    }
}

#[test]
fn equilibria_in_behaviour_strategies_are_those_published() {
    // Only a handful of games: where no information set is left out of account, each extreme equilibrium gives one
    // behaviour profile.
    for case in cases("behavior", &["enumpoly_solve"]) {
        let Ok(two) = Bimatrix::of(&case.normal) else { continue };
        let found = all_equilibria(&two, &Settings::default());
        let play = |profile: &Profile| case.reduced.behaviour(&case.game, profile);
        let ours: Vec<_> = found.extreme.iter().map(play).collect();
        for json in case.json["expected"].as_array().expect("profiles") {
            assert!(ours.contains(&behaviour(&case, json)), "{}", case.id);
        }
    }
}
