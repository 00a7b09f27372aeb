//! Which equilibrium the answers are of: that of the principal branch whatever was solved before, and what others there are.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, answer, probability, scenario};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, OtherEquilibria, PlayEquilibria, Warning, WarningKind, WorldName};

/// Few draws, as all that matters is which equilibrium they are of.
fn few() -> Settings {
    Settings {
        draws: 40,
        warmup: 60,
        answer_draws: 40,
        replays: 50,
        evidence_draws: 40,
        stress_points: 0,
        confirmations: Some(0),
        ..Settings::default()
    }
}

fn answered(text: &str) -> Analysis {
    analysed(&scenario(text), &few())
}

/// Two hunt a stag together, which brings each `x`, or each a hare, which brings 3.
fn stag_hunt(x: &str, rest: &str) -> String {
    format!(
        r#"
scenario("Stag hunt", players = ["A", "B"], about = {{"both": True}})
x = param("x", {x}, evidence = [judgement("an example")])
precision("precision", point(8), evidence = [judgement("an example")])

def play(g):
    a, b = g.together([("A", "a", ["stag", "hare"]), ("B", "b", ["stag", "hare"])])
    g.end(payoffs = {{"A": (x if b == "stag" else 0) if a == "stag" else 3,
                      "B": (x if a == "stag" else 0) if b == "stag" else 3}},
          outcomes = {{"both": a == "stag" and b == "stag"}})

{rest}
"#
    )
}

/// Two drive at each other, where a wreck costs 4; standing alone is worth `alone` to A and 2 to B.
fn chicken(alone: &str, precision: &str, rest: &str) -> String {
    format!(
        r#"
scenario("Chicken", players = ["A", "B"], about = {{"end": "A gives way"}})
alone = param("alone", {alone}, evidence = [judgement("an example")])
precision("precision", point({precision}), evidence = [judgement("an example")])

def play(g):
    a, b = g.together([("A", "a", ["stand", "give"]), ("B", "b", ["stand", "give"])])
    pa = {{"stand": {{"stand": -4, "give": alone}}, "give": {{"stand": 0, "give": 1}}}}[a][b]
    pb = {{"stand": {{"stand": -4, "give": 2}}, "give": {{"stand": 0, "give": 1}}}}[b][a]
    end = {{("stand", "stand"): "wreck", ("stand", "give"): "B gives way",
           ("give", "stand"): "A gives way", ("give", "give"): "both give"}}[(a, b)]
    g.end(payoffs = {{"A": pa, "B": pb}}, outcomes = {{"end": end}})

{rest}
"#
    )
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The symmetric point of the branch of the stag hunt that starts at even odds, followed in small steps.
fn stag_probability(x: f64, precision: f64) -> f64 {
    let steps = 200_000;
    let mut s = 0.5;
    for k in 1..=steps {
        let lambda = precision * f64::from(k) / f64::from(steps);
        // Newton's method for s = logistic(lambda (x s - 3)).
        for _ in 0..3 {
            let p = logistic(lambda * (x * s - 3.0));
            s -= (s - p) / (1.0 - lambda * x * p * (1.0 - p));
        }
    }
    s
}

fn others(analysis: &Analysis) -> &OtherEquilibria {
    analysis.play.others.as_ref().expect("they were searched for")
}

fn of_world<'a>(analysis: &'a Analysis, world: &WorldName) -> Option<&'a PlayEquilibria> {
    others(analysis).found.iter().find(|p| p.worlds.contains(world))
}

fn warnings(analysis: &Analysis, kind: WarningKind) -> Vec<&Warning> {
    analysis.warnings.iter().filter(|w| w.kind == kind).collect()
}

#[test]
fn a_what_if_about_a_parameter_is_played_on_the_principal_branch_of_its_own_game() {
    let analysis = answered(&stag_hunt(
        "point(7)",
        r#"
what_if("x = 5", set(x, 5))
what_if("x = 5, and an event that means nothing", set(x, 5), insert("inert", {"yes": 1}, before = "a", seen_by = []))
what_if("x = 5, luck redrawn", set(x, 5), luck = "redrawn")
factor("a large stag", absent = [set(x, 5)])
"#,
    ));
    assert!(stag_probability(7.0, 8.0) > 0.999 && stag_probability(5.0, 8.0) < 1e-9);
    assert!(probability(&analysis.factual, "both", "True") > 0.999);
    for name in ["x = 5", "x = 5, and an event that means nothing", "x = 5, luck redrawn"] {
        let found = answer(&analysis, name).about_probability.mean;
        assert!(found < 1e-6, "{name}: {found}");
    }
    let factor = &analysis.attributions[0].factors[0];
    assert!((factor.shapley.mean - 1.0).abs() < 1e-6, "{factor:?}");
}

#[test]
fn a_sweep_is_played_on_the_principal_branch_of_each_game() {
    let analysis = answered(&stag_hunt("point(7)", r#"sweep("x", x, [4.5, 5, 5.5, 6.5, 7, 8])"#));
    let sweep = &analysis.questions.sweeps[0];
    assert_eq!((sweep.points.len(), sweep.off_branch), (6, 0));
    for (x, found) in &sweep.points {
        let right = stag_probability(*x, 8.0).powi(2);
        assert!((found.mean - right).abs() < 1e-3, "x = {x}: {} for {right}", found.mean);
    }
}

#[test]
fn a_stag_hunt_names_the_others_with_the_answers_on_each() {
    let analysis = answered(&stag_hunt("point(7)", r#"what_if("x = 5", set(x, 5))"#));
    let found = others(&analysis);
    assert_eq!((found.draws, found.plays, found.left_out), (20, 2, 0));
    // At x = 7 both hunt stags on the principal branch; beside it they hunt hares, or are indifferent at 3/7.
    let as_it_was = of_world(&analysis, &WorldName::AsItWas).expect("others");
    assert_eq!((as_it_was.at_centre, as_it_was.draws, as_it_was.most), (2, 20, 2));
    let on: Vec<f64> = as_it_was.equilibria.iter().map(|e| e.answers[0].here.mean).collect();
    assert!(on[0] < 1e-6 && on[1] > 0.1 && on[1] < 0.4, "{on:?}");
    assert!(as_it_was.equilibria.iter().all(|e| e.draws == 20 && e.at_centre));
    let first = &as_it_was.equilibria[0].differences[0];
    assert_eq!((first.player.as_str(), first.action.as_str()), ("A", "hare"));
    assert!(first.here > 0.99 && first.principal < 0.01, "{first:?}");
    // At x = 5 it is the other way round.
    let what_if = of_world(&analysis, &WorldName::WhatIf("x = 5".into())).expect("others");
    let answer = &what_if.equilibria[0].answers[0];
    assert!(answer.principal.mean < 1e-6 && answer.here.mean > 0.99, "{answer:?}");
    let told = warnings(&analysis, WarningKind::OtherEquilibria);
    assert_eq!(told.len(), 1);
    let message = &told[0].message;
    for part in
        ["as it was (at 20 of 20 draws searched)", "under `x = 5`", "`both: True` is", "put into the story"]
    {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn chicken_and_battle_of_the_sexes_name_the_others() {
    let chicken = answered(&chicken("point(1.5)", "5", ""));
    let found = of_world(&chicken, &WorldName::AsItWas).expect("others");
    assert_eq!(found.most, 2, "{found:?}");
    let battle = answered(
        r#"
scenario("Battle of the sexes", players = ["A", "B"], about = {"both at": "the opera"})
precision("precision", point(4), evidence = [judgement("an example")])

def play(g):
    a, b = g.together([("A", "a", ["opera", "boxing"]), ("B", "b", ["opera", "boxing"])])
    if a != b:
        return g.end(payoffs = {"A": 0, "B": 0}, outcomes = {"both at": "no place"})
    g.end(payoffs = {"A": 3 if a == "opera" else 1, "B": 1 if a == "opera" else 2}, outcomes = {"both at": "the " + a})
"#,
    );
    let found = of_world(&battle, &WorldName::AsItWas).expect("others");
    assert_eq!(found.most, 2, "{found:?}");
    // Three is more than two: both go to the opera on the principal branch.
    let answers = &found.equilibria[0].answers[0];
    assert!(answers.principal.mean > 0.9 && answers.here.mean < 0.1, "{answers:?}");
}

/// Year after year both stay, which costs each 1, until somebody quits; who is left alone gets 10.
fn attrition(precision: &str, rest: &str) -> String {
    format!(
        r#"
scenario("A war of attrition", players = ["North", "South"], about = {{"winner": "North"}})
horizon(30)
precision("precision", point({precision}), evidence = [judgement("an example")])

def play(g):
    g.next("war", "under way", discount = 1)

def war(g, state):
    north, south = g.together([("North", "north", ["stay", "quit"]), ("South", "south", ["stay", "quit"])])
    if north == "stay" and south == "stay":
        g.pay("North", -1)
        g.pay("South", -1)
        return g.next("war", state, discount = 0.9)
    winner = "North" if south == "quit" and north == "stay" else ("South" if north == "quit" and south == "stay" else "nobody")
    g.end(payoffs = {{"North": 0}} if winner == "nobody" else {{winner: 10}}, outcomes = {{"winner": winner}})

stage("war", war)
{rest}
"#
    )
}

#[test]
fn a_war_of_attrition_names_the_others_in_which_one_side_gives_in_at_once() {
    let ask = "what_if(\"North cannot quit in the first year\", forbid(\"north\", \"quit\"), foreseen_by = NOBODY)\n";
    let analysis = answered(&attrition("4", ask));
    let factual = of_world(&analysis, &WorldName::AsItWas).unwrap();
    assert_eq!((factual.at_centre, factual.most, factual.equilibria.len()), (2, 2, 2));
    let mut here: Vec<f64> = Vec::new();
    for equilibrium in &factual.equilibria {
        let answer = equilibrium.answers.iter().find(|a| a.world == WorldName::AsItWas).unwrap();
        // Neither side is favoured in the symmetric equilibrium: both quit at once with about 1%.
        assert!((answer.principal.mean - 0.5).abs() < 0.1, "{answer:?}");
        here.push(answer.here.mean);
        let moved = &equilibrium.differences[0];
        assert_eq!(moved.knows, [("war".to_owned(), "under way".to_owned())]);
    }
    here.sort_by(f64::total_cmp);
    assert!(here[0] < 0.01 && here[1] > 0.99, "{here:?}");
    let warned = warnings(&analysis, WarningKind::OtherEquilibria);
    assert!(
        warned.iter().any(|w| w.message.contains("at `north` (war: under way) with 98% instead of 10%")),
        "{warned:#?}"
    );
    // Where play is hardly sharp there is one equilibrium.
    let blunt = answered(&attrition("0.2", ask));
    assert!(others(&blunt).found.is_empty() && others(&blunt).starts > 0);
}

#[test]
fn games_of_one_equilibrium_name_none() {
    let dilemma = answered(
        r#"
scenario("Dilemma", players = ["A", "B"], about = {"both": True})
precision("precision", point(8), evidence = [judgement("an example")])

def play(g):
    a, b = g.together([("A", "a", ["keep", "break"]), ("B", "b", ["keep", "break"])])
    own = {"keep": {"keep": 3, "break": 0}, "break": {"keep": 5, "break": 1}}
    g.end(payoffs = {"A": own[a][b], "B": own[b][a]}, outcomes = {"both": a == "keep" and b == "keep"})
"#,
    );
    let seen = answered(
        r#"
scenario("Entry", players = ["A", "B"], about = {"war": True})
precision("precision", point(3), evidence = [judgement("an example")])

def play(g):
    if g.choose("A", "enter", ["in", "out"]) == "out":
        return g.end(payoffs = {"A": 1, "B": 5}, outcomes = {"war": False})
    war = g.choose("B", "answer", ["fight", "share"]) == "fight"
    g.end(payoffs = {"A": 0 if war else 2, "B": 0 if war else 2}, outcomes = {"war": war})
"#,
    );
    for analysis in [&dilemma, &seen] {
        assert_eq!((others(analysis).found.len(), others(analysis).proved), (0, 1));
        assert_eq!(warnings(analysis, WarningKind::OtherEquilibria).len(), 0);
        assert_eq!(analysis.play.off_branch, None);
    }
    assert_eq!((others(&dilemma).starts, others(&seen).starts), (0, 0));
}

#[test]
fn a_record_that_another_equilibrium_cannot_explain_leaves_its_forecast_alone() {
    let analysis = answered(&stag_hunt("normal(7, 0.2)", r#"record({"a": "stag"})"#));
    let found = of_world(&analysis, &WorldName::AsItWas).expect("others");
    let hares = found
        .equilibria
        .iter()
        .find(|e| e.answers.iter().any(|a| a.world == WorldName::Foreseen && a.here.mean < 1e-3));
    let foreseen = hares.expect("both hunt hares").answers.iter().find(|a| a.world == WorldName::Foreseen);
    assert!(foreseen.unwrap().principal.mean > 0.99, "{found:?}");
}

#[test]
fn nothing_is_searched_where_no_starting_point_is_wanted() {
    let settings = Settings { equilibria: 0, ..few() };
    let analysis = analysed(&scenario(&stag_hunt("point(7)", "")), &settings);
    assert_eq!((analysis.play.others, analysis.settings.equilibria), (None, 0));
}

#[test]
fn the_player_who_gains_more_by_standing_stands_whoever_is_listed_first() {
    // Right at the precisions of the published table: A stands with 0.0%, B with 99%.
    for precision in ["2", "5", "10"] {
        let analysis = answered(&chicken("point(1.5)", precision, ""));
        let gives_way = probability(&analysis.factual, "end", "A gives way");
        assert!(gives_way > 0.8, "precision {precision}: {gives_way}");
    }
}

#[test]
fn a_posterior_near_a_tie_is_that_of_the_principal_branch() {
    let settings = Settings { draws: 300, warmup: 200, answer_draws: 200, ..few() };
    let text = stag_hunt("between(4, 8)", r#"record({"a": "stag"})"#);
    let analysis = analysed(&scenario(&text), &settings);
    // Integrated over a fine grid: mean 6.970, 5% quantile 6.075, and both hunt with probability 1.000.
    assert!(probability(&analysis.factual, "both", "True") > 0.99, "{:?}", analysis.factual);
    let after = &analysis.parameters[0].after;
    assert!((after.mean - 6.970).abs() < 0.1, "{after:?}");
}
