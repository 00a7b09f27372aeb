//! The passing on of a culture as `scenarios/tibet-boarding-schools` tells it, against the closed forms of the base model.
//!
//! With the effort `d` of parents at its optimum the share `q` of families that pass their culture on rests where `q` is its own
//! successor. All numbers here come out of the scenario's own functions; its grid is tested to keep their mean.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail, and reads a file")]

mod common;

use std::path::Path;

use counterplay::scenario::Scenario;
use counterplay::scenario::unfold::unfold;
use counterplay::story::limits::Limits;
use counterplay::story::telling::Retelling;
use counterplay::story::unfolded::Unfolded;
use counterplay::watch::Unwatched;
use counterplay_game::tree::{Game, Kind};
use counterplay_language::{Files, ReadLimits, read};

/// The worths at which the brief's rest points are stated.
const HOME: f64 = 0.6;
const OTHER: f64 = 0.3;

fn shipped(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/tibet-boarding-schools");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn read_with_parts(text: &str) -> Scenario {
    let files = Files::of_scenario(text)
        .with("transmission.star", shipped("transmission.star"))
        .with("sources.bib", shipped("sources.bib"));
    read("test", &files, &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"))
}

/// What an expression in the words of the scenario's functions comes to.
fn computed(definition: &str, expression: &str) -> f64 {
    let text = format!(
        r#"
load("transmission.star", "effort", "effort_at_home", "effort_of_others", "met", "next_share")
scenario("A map", players = ["Nobody"])
precision("precision", point(1))
def play(g):
{definition}
    g.outcome("value", {expression})
    g.choose("Nobody", "nothing", ["this", "that"])
    g.end(payoffs = {{"Nobody": 0}})
"#
    );
    let scenario = read_with_parts(&text);
    let unfolded = counterplay::story::unfold::unfold(
        scenario.story.as_ref(),
        &scenario.players,
        &scenario.expressions,
        &[],
        Limits::default(),
        &Unwatched,
    );
    let unfolded = unfolded.unwrap();
    let (_, value) = unfolded.endings()[0].outcomes[0];
    unfolded.game().text(value).parse().unwrap()
}

/// Where the scenario's map leads from a share, after this many generations, where this part of what homes do arrives.
fn after_with(kept: f64, generations: usize, from: f64, boarded: f64) -> f64 {
    let steps = format!(
        "    q = {from}\n    for _ in range({generations}):\n        q = next_share(q, {boarded}, {HOME}, {OTHER}, {kept})"
    );
    computed(&steps, "q")
}

/// The same where nothing that homes do is lost, which is the model as published.
fn after(generations: usize, from: f64, boarded: f64) -> f64 {
    after_with(1.0, generations, from, boarded)
}

const BOARDED: [f64; 4] = [0.0, 0.1, 0.2, 0.4];

#[test]
fn the_share_rests_where_the_closed_form_says() {
    let published = [0.666_667, 0.536_574, 0.447_229, 0.270_091];
    for (boarded, rest) in BOARDED.into_iter().zip(published) {
        for from in [0.95, 0.1] {
            let found = after(2_000, from, boarded);
            assert!((found - rest).abs() < 1e-5, "boarded {boarded} from {from}: {found}, not {rest}");
        }
    }
}

#[test]
fn without_boarding_the_share_rests_at_the_ratio_of_the_worths() {
    let found = after(2_000, 0.5, 0.0);
    assert!((found - HOME / (HOME + OTHER)).abs() < 1e-9, "{found}");
}

#[test]
fn the_culture_is_extinct_in_the_end_if_and_only_if_boarding_reaches_the_worth_to_parents() {
    for boarded in [0.6, 0.65, 0.8] {
        let (later, latest) = (after(2_000, 0.9, boarded), after(8_000, 0.9, boarded));
        // At the threshold itself it dies out like one over time.
        assert!(latest < 1e-3 && latest <= 0.5 * later, "{boarded}: {later}, then {latest}");
    }
    for boarded in [0.0, 0.3, 0.55, 0.59] {
        let (from_above, from_below) = (after(8_000, 0.9, boarded), after(8_000, 1e-3, boarded));
        assert!(from_below > 5e-3 && (from_above - from_below).abs() < 1e-6, "{boarded}: {from_below}");
    }
}

#[test]
fn parents_do_more_at_home_the_more_are_boarded() {
    let published = [0.200, 0.310, 0.385, 0.503];
    let mut before = 0.0;
    for (boarded, expected) in BOARDED.into_iter().zip(published) {
        let rest = after(2_000, 0.9, boarded);
        let effort = computed("", &format!("effort_at_home({rest}, {boarded}, {HOME})"));
        assert!((effort - expected).abs() < 5e-4, "{boarded}: {effort}");
        assert!(effort > before);
        before = effort;
    }
}

#[test]
fn no_other_effort_is_better_for_parents() {
    for (worth, met) in [(0.6, 0.2), (0.9, 0.0), (0.1, 0.9), (1.4, 0.1)] {
        let chosen = computed("", &format!("effort({worth}, {met})"));
        let gain = |d: f64| worth * (d + (1.0 - d) * met) - d * d / 2.0;
        for other in 0..=1_000 {
            assert!(gain(f64::from(other) / 1_000.0) <= gain(chosen) + 1e-12, "{worth} {met}: {chosen}");
        }
    }
}

#[test]
fn no_other_effort_is_better_for_parents_whose_children_are_away() {
    for (worth, met, kept) in [(0.6, 0.2, 0.7), (0.9, 0.0, 0.4), (0.1, 0.9, 0.5)] {
        let chosen = computed("", &format!("effort({worth}, {met}, {kept})"));
        let gain = |d: f64| worth * (kept * d + (1.0 - kept * d) * met) - d * d / 2.0;
        for other in 0..=1_000 {
            assert!(
                gain(f64::from(other) / 1_000.0) <= gain(chosen) + 1e-12,
                "{worth} {met} {kept}: {chosen}"
            );
        }
    }
}

/// Near extinction a home of worth `w` succeeds with `kept^2 w`, and the surroundings lose the share `s`: fewer follow than went before if
/// and only if the loss is the larger.
#[test]
fn what_is_lost_at_home_lowers_the_share_boarded_at_which_the_culture_ends() {
    for kept in [0.9, 0.7, 0.5_f64] {
        let threshold = kept * kept * HOME;
        let beyond = after_with(kept, 8_000, 0.9, threshold + 0.03);
        assert!(beyond < 1e-3, "{kept}: {beyond}");
        let short_of = after_with(kept, 8_000, 1e-3, threshold - 0.03);
        assert!(short_of > 5e-3, "{kept}: {short_of}");
    }
}

#[test]
fn parents_whose_children_are_away_can_do_less_and_not_more() {
    // Half of what they do arrives: the effort at the rest point is smaller than where no child boards.
    let effort = |kept: f64, boarded: f64| {
        let rest = after_with(kept, 4_000, 0.9, boarded);
        computed("", &format!("effort_at_home({rest:.12}, {boarded}, {HOME}, {kept})"))
    };
    assert!(effort(1.0, 0.4) > effort(1.0, 0.0));
    assert!(effort(0.3, 0.4) < effort(1.0, 0.0));
}

/// The shipped scenario with the worths of the base model and schools that leave nothing of the surroundings.
fn shipped_at_the_base_model() -> (Unfolded, Vec<f64>) {
    // With five shares to choose from, as a variant of the scenario has it.
    let text = shipped("scenario.star");
    let (three, five) =
        (r#"setting("shares", [0, 0.4, 0.8])"#, r#"setting("shares", [0, 0.2, 0.4, 0.6, 0.8])"#);
    assert!(text.contains(three), "the shares to choose from have changed");
    let scenario = read_with_parts(&text.replace(three, five));
    let process = unfold(&scenario, Retelling::default(), Limits::default(), &Unwatched).unwrap();
    let at = |name: &str| match name {
        "worth to Tibetan parents of a child of their own culture" => HOME,
        "worth to assimilated parents of a child like them" => OTHER,
        "cost of teaching at home"
        | "families may not refuse"
        | "share of a boarded childhood that the school takes from the home's surroundings" => 1.0,
        "part of what a home passes on that is lost if all its children board"
        | "part of the home culture that a child meets in religious life" => 0.0,
        _ => 0.5,
    };
    let parameters = scenario.parameters.iter().map(|p| at(&p.name)).collect();
    (process, parameters)
}

/// For a state and each boarded share of it, the odds of the shares that follow.
fn passed_on(game: &Game, parameters: &[f64]) -> Vec<(f64, Vec<(f64, f64)>)> {
    let values = game.expressions().evaluate(parameters);
    let numbers = game.at(&values);
    let mut all = Vec::new();
    for node in game.nodes() {
        let Kind::Chance(chance) = game.kind(node) else { continue };
        if game.event_name(game.event_id(node)) != "passed on" {
            continue;
        }
        let boarded = game
            .path(node)
            .into_iter()
            .find(|(at, _)| {
                ["boarding", "boarded today"].contains(&game.event_name(game.event_id(*at)).as_str())
            })
            .map_or(0.0, |(at, branch)| game.text(game.branch_label(at, branch)).parse().unwrap());
        let odds = game.branches(chance).map(|b| numbers.chance[b]);
        let shares = game.labels(node).map(|l| game.text(l).parse::<f64>().unwrap() / 100.0);
        all.push((boarded, shares.zip(odds).collect()));
    }
    all
}

#[test]
fn a_generation_of_the_shipped_scenario_leads_on_average_where_the_map_does() {
    let (process, parameters) = shipped_at_the_base_model();
    let mut seen = 0;
    for told in process.states.iter().filter(|t| t.stage.is_some()) {
        let from = told.value.to_string();
        let from: f64 = from.trim_end_matches(')').rsplit(", ").next().unwrap().parse().unwrap();
        for (boarded, odds) in passed_on(&told.game, &parameters) {
            let total: f64 = odds.iter().map(|o| o.1).sum();
            let mean: f64 = odds.iter().map(|(share, p)| share * p).sum();
            let exact = after(1, from / 100.0, boarded);
            assert!((total - 1.0).abs() < 1e-12, "{total}");
            assert!((mean - exact).abs() < 1e-12, "from {from}, boarded {boarded}: {mean}, not {exact}");
            assert!(odds.iter().filter(|o| o.1 > 0.0).count() <= 2);
            seen += 1;
        }
    }
    // 13 shares after each of five shares boarded, each with nine ways to choose.
    assert!(seen > 5 * 13 * 9, "{seen}");
}

#[test]
fn chance_on_the_grid_moves_about_the_rest_point_of_the_map() {
    let (process, parameters) = shipped_at_the_base_model();
    let boarded = 0.2;
    // The shares that follow each share of the grid while a fifth is boarded, after a generation of four fifths.
    let mut moves: Vec<(f64, Vec<(f64, f64)>)> = Vec::new();
    for told in process.states.iter().filter(|t| t.value.to_string().starts_with("(0.8")) {
        let state = told.value.to_string();
        let from: f64 = state.trim_end_matches(')').rsplit(", ").next().unwrap().parse().unwrap();
        let odds = passed_on(&told.game, &parameters).into_iter().find(|o| o.0 == boarded).unwrap().1;
        moves.push((from / 100.0, odds));
    }
    let mut here: Vec<(f64, f64)> = vec![(0.9, 1.0)];
    for _ in 0..40 {
        let mut next: Vec<(f64, f64)> = Vec::new();
        for &(share, p) in here.iter().filter(|h| h.1 > 0.0) {
            let odds = &moves.iter().find(|m| (m.0 - share).abs() < 1e-9).unwrap().1;
            for &(to, q) in odds {
                match next.iter_mut().find(|n| n.0 == to) {
                    Some(known) => known.1 += p * q,
                    None => next.push((to, p * q)),
                }
            }
        }
        here = next;
    }
    let mean: f64 = here.iter().map(|(share, p)| share * p).sum();
    let alive: f64 = here.iter().filter(|h| h.0 > 0.0).map(|h| h.1).sum();
    // Half a step of the grid there.
    assert!((mean / alive - 0.447_229).abs() < 0.05 && alive > 0.98, "{mean} {alive}");
}
