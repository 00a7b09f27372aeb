//! The examples of the handbook's page on votes: each is read and checked, and those that have a closed form meet it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test may fail, read files and print"
)]

mod common;

use std::path::Path;

use common::reference::{entry, json};
use common::{History, histories, told};
use counterplay::check::check;
use counterplay::model::Model;
use counterplay::model::play::MODEL_SETTINGS;
use counterplay::scenario::Scenario;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_game::tree::Kind;
use counterplay_language::{Files, ReadLimits, SCENARIO_FILE, read};
use serde_json::Value;

/// The programs of the page: `agenda.star`, and the scenarios.
fn programs() -> (String, Vec<String>) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/src/votes.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```python\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let (agenda, scenarios): (Vec<String>, Vec<String>) =
        blocks.partition(|b| b.starts_with("# agenda.star"));
    assert_eq!(agenda.len(), 1);
    (agenda.concat(), scenarios)
}

fn scenario_of(agenda: &str, text: &str) -> Scenario {
    let files = Files::default().with("agenda.star", agenda.to_owned()).with(SCENARIO_FILE, text.to_owned());
    read("test", &files, &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}\n{text}"))
}

/// The example of a title, with lines of it put otherwise.
fn example(title: &str, lines: &[(&str, String)]) -> Scenario {
    let (agenda, scenarios) = programs();
    let mut text = scenarios.into_iter().find(|s| s.contains(&format!("scenario(\"{title}\""))).unwrap();
    for (from, to) in lines {
        assert!(text.contains(from), "{title} has no {from}");
        text = text.replace(from, to);
    }
    scenario_of(&agenda, &text)
}

#[test]
fn every_example_of_the_page_is_sound() {
    let (agenda, scenarios) = programs();
    assert_eq!(scenarios.len(), 5);
    for text in scenarios {
        let scenario = scenario_of(&agenda, &text);
        let problems = check(&scenario, Limits::default(), &Unwatched).problems;
        assert!(problems.is_empty(), "{}: {problems:#?}", scenario.title);
    }
}

/// The policy that comes out most often, and how often.
fn policy(scenario: &Scenario) -> (f64, f64) {
    let model = common::model(scenario);
    let game = model.game();
    let mut shares: Vec<(f64, f64)> = Vec::new();
    for history in told(scenario) {
        let Kind::End(end) = game.kind(history.end) else { panic!("a history ends") };
        let ending = &model.endings()[game.end(end).tag as usize];
        let stated = ending.outcomes.iter().find(|o| game.text(o.0) == "policy").unwrap();
        let value: f64 = game.text(stated.1).parse().unwrap();
        match shares.iter_mut().find(|s| s.0 == value) {
            Some(share) => share.1 += history.probability,
            None => shares.push((value, history.probability)),
        }
    }
    shares.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or_else(|| panic!("{name} is a number"))
}

/// Romer and Rosenthal (1978): with close to best responses, policy is within a step of the grid from the closed form.
#[test]
fn an_agenda_setter_gets_what_the_median_will_just_accept() {
    let Some(file) = json("closed_forms.json") else { return };
    for row in entry(&file["models"], "romer_rosenthal")["rows"].as_array().unwrap() {
        let (setter, median) = (number(row, "setter_ideal"), number(row, "median_ideal"));
        let status_quo = number(row, "status_quo");
        let (step, low) = if median == 0.0 { (0.05, -1.0) } else { (0.25, 0.0) };
        let lines = [
            (
                "SETTER, MEDIAN, STATUS_QUO = 1, 0, -0.3",
                format!("SETTER, MEDIAN, STATUS_QUO = {setter}, {median}, {status_quo}"),
            ),
            ("[i / 20 for i in range(-20, 21)]", format!("[{low} + {step} * i for i in range(41)]")),
        ];
        let (found, share) = policy(&example("An agenda setter", &lines));
        let expected = number(row, "proposal");
        println!(
            "setter {setter}, median {median}, status quo {status_quo}: {found} ({share:.3}) for {expected}"
        );
        assert!((found - expected).abs() <= step + 1e-9, "{found} is not {expected}");
        assert!(share > 0.95, "{found} with {share} only");
    }
}

/// With an amendment the setter's power is gone: the median amends to its own ideal.
#[test]
fn under_an_open_rule_the_median_decides() {
    let (found, share) = policy(&example("An open rule", &[]));
    assert_eq!(found, 0.0);
    assert!(share > 0.9, "with {share} only");
}

/// Krehbiel (1998): the pivot of the override accepts up to its own distance from the status quo, beyond its ideal.
#[test]
fn a_veto_is_worth_what_the_pivot_of_the_override_would_refuse() {
    let (found, share) = policy(&example("A veto", &[]));
    assert!((found - 0.6).abs() <= 0.05 + 1e-9 && found <= 0.6, "{found}");
    assert!(share > 0.9, "with {share} only");
}

/// The histories of one session of a process, with close to best responses.
fn of_a_session(scenario: &Scenario) -> Vec<History> {
    let model = Model::new(scenario, Limits::default(), &Unwatched).unwrap_or_else(|p| panic!("{p}"));
    let mut evaluator = model.evaluator(MODEL_SETTINGS);
    let prior = scenario.joint_prior(&[]).unwrap();
    let combination = prior.combinations().next().unwrap();
    let mut parameters = Vec::new();
    prior.constrain(&mut prior.workspace(&combination), &[], &mut parameters);
    let found = evaluator.solve(&parameters).unwrap_or_else(|e| panic!("{e:?}"));
    let odds = evaluator.odds(&found);
    let mut states = model.unfolded().states.iter().zip(&odds);
    let (state, odds) = states.find(|(s, _)| s.game.find_event("offer").is_some()).unwrap();
    histories(&state.game, odds)
}

/// The offer to each partner that is made most often, with its probability.
fn offer(all: &[History]) -> (f64, f64) {
    let mut shares: Vec<(f64, f64)> = Vec::new();
    for history in all {
        let value: f64 = history.label("offer").unwrap().parse().unwrap();
        match shares.iter_mut().find(|s| s.0 == value) {
            Some(share) => share.1 += history.probability,
            None => shares.push((value, history.probability)),
        }
    }
    shares.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

const LAST_SESSION: &str = "
def last(g):
    return g.chance(\"last recognised\", {i: 1 / MEMBERS for i in range(MEMBERS)})
";

/// Baron and Ferejohn (1989), closed rule: a partner gets the value of going on, to the step of the grid above it, and the
/// proposer keeps the rest.
#[test]
fn a_proposer_pays_each_partner_what_going_on_is_worth() {
    let Some(file) = json("closed_forms.json") else { return };
    for row in entry(&file["models"], "baron_ferejohn_closed")["rows"].as_array().unwrap() {
        let (n, needed) = (number(row, "n"), number(row, "votes_needed"));
        let partner = number(row, "coalition_partner_share");
        let step = 0.01;
        let least = ((partner / step + 1e-6).floor() - 6.0) * step;
        let offers: Vec<String> = (0..12).map(|i| format!("{:.3}", least + f64::from(i) * step)).collect();
        let lines = [
            ("setting(\"members\", 3)", n.to_string()),
            ("setting(\"needed\", 2)", needed.to_string()),
            ("setting(\"discount\", 1)", number(row, "delta").to_string()),
            (
                "[i / 100 for i in range(setting(\"least\", 25), setting(\"most\", 45))]",
                format!("[{}]", offers.join(", ")),
            ),
        ];
        // For nine the recursion is cut after two sessions, of which the second gives all to its proposer.
        let cut = [
            (
                "g.next(\"session\", discount = DISCOUNT)",
                "g.end(payoffs = {NAMES[last(g)]: DISCOUNT})".to_owned(),
            ),
            ("stage(\"session\", session)", LAST_SESSION.to_owned()),
            ("g.next(\"session\")", "session(g, None)".to_owned()),
        ];
        let (found, share) = if n < 9.0 {
            offer(&of_a_session(&example("Bargaining in a legislature", &lines)))
        } else {
            offer(&told(&example("Bargaining in a legislature", &[lines.as_slice(), &cut].concat())))
        };
        println!("{n} members, {needed} votes: {found} ({share:.3}) for {partner}");
        assert!((found - partner).abs() <= step + 1e-9, "{found} is not {partner}");
        let kept = 1.0 - found * (needed - 1.0);
        assert!(
            (kept - number(row, "proposer_share")).abs() <= step * (needed - 1.0) + 1e-9,
            "the proposer keeps {kept}"
        );
    }
}

/// Where the reference rows are not at hand, too: what Romer and Rosenthal's setter gets, on grids that get finer.
#[test]
fn on_finer_grids_the_setter_comes_closer_to_what_the_median_will_just_accept() {
    // Status quo, and the point of [-|q|, |q|] nearest to the setter's 1.
    for (status_quo, expected) in [(-0.3, 0.3), (0.5, 0.5), (-1.0, 1.0), (0.0, 0.0)] {
        for steps in [5, 10, 20, 40] {
            let lines = [
                ("STATUS_QUO = 1, 0, -0.3", format!("STATUS_QUO = 1, 0, {status_quo}")),
                (
                    "[i / 20 for i in range(-20, 21)]",
                    format!("[i / {steps} for i in range(-{steps}, {})]", steps + 1),
                ),
            ];
            let (found, share) = policy(&example("An agenda setter", &lines));
            let step = 1.0 / f64::from(steps);
            assert!((found - expected).abs() <= step + 1e-9, "status quo {status_quo}, step {step}: {found}");
            assert!(share > 0.9, "{found} with {share} only");
        }
    }
}

/// Whoever proposes, and whatever is at first.
#[test]
fn under_an_open_rule_neither_the_setter_nor_the_status_quo_matters() {
    for setter in [-1.0, 0.6] {
        for status_quo in [-0.8, 0.4] {
            let to = format!("SETTER, MEDIAN, STATUS_QUO = {setter}, 0, {status_quo}");
            let lines = [("SETTER, MEDIAN, STATUS_QUO = 1, 0, -0.4", to)];
            let (found, share) = policy(&example("An open rule", &lines));
            assert_eq!(found, 0.0, "setter {setter}, status quo {status_quo}");
            assert!(share > 0.9, "with {share} only");
        }
    }
}

/// Krehbiel (1998): the house at 1 gets as much as the president, or else the pivot of the override, prefers to the status quo at 0:
/// as far beyond its ideal as that is from 0.
#[test]
fn a_bill_passes_that_either_the_president_or_the_pivot_prefers() {
    for (pivot, president) in [(0.1, 0.35), (0.3, 0.2), (-0.2, -0.2), (-0.2, 0.25), (0.7, -0.5)] {
        let to = format!("{{\"House\": 1, \"Pivot\": {pivot}, \"President\": {president}}}");
        let lines = [("{\"House\": 1, \"Pivot\": 0.3, \"President\": -0.2}", to)];
        let (found, share) = policy(&example("A veto", &lines));
        let expected = f64::max(pivot, president).mul_add(2.0, 0.0).clamp(0.0, 1.0);
        assert!((found - expected).abs() <= 0.05 + 1e-9, "{pivot}, {president}: {found} is not {expected}");
        assert!(share > 0.9, "{pivot}, {president}: {found} with {share} only");
    }
}

/// At a finite precision, exactly: the bloc upholds by the logit of what it expects, the executive asks by that of what then follows.
#[test]
fn a_request_to_reconsider_is_made_as_often_as_the_house_may_fail_to_uphold() {
    for (away, needed) in [(0.0, 57), (0.05, 57), (0.05, 60), (0.2, 57)] {
        let lines = [
            (
                "param(\"chance that a member of the majority is away\", beta(2, 40), evidence = [judgement(\"an example\")])",
                away.to_string(),
            ),
            ("what_if(\"a member in twenty away\", set(loose, 0.05))", String::new()),
            ("\"threshold\": 57", format!("\"threshold\": {needed}")),
        ];
        let all = told(&example("Reconsideration", &lines));
        let share = |event: &str, label: &str| -> f64 {
            all.iter().filter(|h| h.label(event) == Some(label)).map(|h| h.probability).sum()
        };
        let logit = |difference: f64| 1.0 / (1.0 + (-4.0 * difference).exp());
        let upheld: f64 = (needed..=60).map(|present| binomial(60, present, 1.0 - away)).sum();
        let votes_for = logit(2.0 * upheld);
        let asks = logit(2.0 * (1.0 - votes_for * upheld));
        assert!((share("request", "ask to reconsider") - asks).abs() < 1e-9, "away {away}, {needed} needed");
        let passed = share("reconsideration", "passed");
        assert!((passed - asks * votes_for * upheld).abs() < 1e-9, "away {away}, {needed} needed: {passed}");
    }
}

/// The probability that this many of all come, each with this chance.
fn binomial(all: u32, come: u32, chance: f64) -> f64 {
    let ways = (1..=come).fold(1.0, |ways, k| ways * f64::from(all - come + k) / f64::from(k));
    ways * chance.powf(f64::from(come)) * (1.0 - chance).powf(f64::from(all - come))
}

/// Baron and Ferejohn (1989): $\delta/n$ to each partner, on grids that get finer with play that gets as much closer to best responses.
#[test]
fn on_finer_grids_a_proposers_offer_comes_closer_to_what_going_on_is_worth() {
    for (members, needed, discount) in [(3, 2, 1.0), (3, 2, 0.8), (5, 3, 0.9)] {
        let partner = discount / f64::from(members);
        for step in [0.04, 0.02, 0.01] {
            let least = (partner / step).floor() - 4.0;
            let offers: Vec<String> =
                (0..9).map(|i| format!("{:.3}", (least + f64::from(i)) * step)).collect();
            let lines = [
                ("point(1000)", format!("point({})", 40.0 / step)),
                ("setting(\"members\", 3)", members.to_string()),
                ("setting(\"needed\", 2)", needed.to_string()),
                ("setting(\"discount\", 1)", discount.to_string()),
                (
                    "[i / 100 for i in range(setting(\"least\", 25), setting(\"most\", 45))]",
                    format!("[{}]", offers.join(", ")),
                ),
            ];
            let (found, _) = offer(&of_a_session(&example("Bargaining in a legislature", &lines)));
            let error = (found - partner).abs();
            assert!(error <= step + 1e-9, "{members} members, step {step}: {found} is not {partner}");
        }
    }
}
