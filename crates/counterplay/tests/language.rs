//! Scenarios that are sound, with a summary of what was read, and scenarios that are not, each with its message.
//!
//! Beside each `good/<name>.star` and `bad/<name>.star` stands `<name>.txt`, and where they are needed
//! `<name>.bib` (its `sources.bib`), `<name>.part.star` (its `part.star`) and `<name>.json` (its `analysis.json`). Run with `BLESS=1` to write the
//! `.txt` files again, and read what changed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test may fail, read files and print"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use counterplay::check::asked_outcomes;
use counterplay::check::check;
use counterplay::problem::Problem;
use counterplay::scenario::Scenario;
use counterplay::scenario::unfold::unfold;
use counterplay::story::limits::Limits;
use counterplay::story::telling::Retelling;
use counterplay::watch::Unwatched;
use counterplay_analysis::Evidence;
use counterplay_language::{Files, ReadLimits, SCENARIO_FILE, SOURCES_FILE, read};

fn scenarios(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension().is_some_and(|e| e == "star") && !path.to_string_lossy().contains(".part.")
        })
        .collect();
    paths.sort();
    paths
}

fn files(path: &Path) -> Files {
    let mut files = Files::default();
    let beside = [
        (SCENARIO_FILE, "star"),
        (SOURCES_FILE, "bib"),
        ("part.star", "part.star"),
        ("analysis.json", "json"),
    ];
    for (name, extension) in beside {
        if let Ok(text) = fs::read_to_string(path.with_extension(extension)) {
            files = files.with(name, text);
        }
    }
    files
}

/// Compares with the file beside the scenario, or writes it.
fn matches(path: &Path, found: &str) -> bool {
    let expected = path.with_extension("txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, found).unwrap();
        return true;
    }
    let expected = fs::read_to_string(&expected).unwrap_or_default();
    if expected != found {
        println!("{}:\n--- expected\n{expected}\n--- found\n{found}", path.display());
    }
    expected == found
}

fn problems(path: &Path) -> Vec<Problem> {
    match read("bad", &files(path), &ReadLimits::default()) {
        Ok(scenario) => {
            let checked = check(&scenario, limits(), &Unwatched);
            checked.problems.into_iter().chain(checked.unsound.into_iter().map(|u| u.problem)).collect()
        }
        Err(error) => error.problems().to_vec(),
    }
}

fn limits() -> Limits {
    Limits { histories: 20_000, nodes: 100_000, events: 200, states: 200 }
}

#[test]
fn each_way_to_be_wrong_has_its_message() {
    let mut wrong = Vec::new();
    for path in scenarios("bad") {
        let found = problems(&path);
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        if found.is_empty() {
            println!("{} is accepted", path.display());
        }
        if found.is_empty() || !matches(&path, &(texts.join("\n\n") + "\n")) {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_message_speaks_of_the_insides() {
    for path in scenarios("bad") {
        for problem in problems(&path) {
            let text = format!("{} {}", problem.message, problem.hint.unwrap_or_default()).to_lowercase();
            for word in ["starlark", "exprid", "__", "panick", "unwrap", "option<", "none_type", "nonetype"] {
                assert!(!text.contains(word), "{}: {text}", path.display());
            }
        }
    }
}

#[test]
fn sound_scenarios_are_read_as_they_are_meant() {
    let mut wrong = Vec::new();
    for path in scenarios("good") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let scenario =
            read(&name, &files(&path), &ReadLimits::default()).unwrap_or_else(|p| panic!("{name}:\n{p}"));
        if !matches(&path, &summary(&scenario)) {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn summary(scenario: &Scenario) -> String {
    let mut text = format!("{} | {} | {}\n", scenario.title, scenario.players.join(", "), scenario.question);
    declared(scenario, &mut text);
    let checked = check(scenario, limits(), &Unwatched);
    assert!(checked.problems.is_empty(), "{}: {:#?}", scenario.name, checked.problems);
    for notice in checked.judgement.iter().chain(&checked.notices) {
        writeln!(text, "notice: {}", notice.message).unwrap();
    }
    for (outcome, value) in asked_outcomes(scenario) {
        writeln!(text, "shared among factors: {outcome} = {value}").unwrap();
    }
    if !scenario.stages.is_empty() {
        text += &process(scenario);
    }
    let unfolded = checked.unfolded.unwrap();
    let game = unfolded.game();
    writeln!(text, "{} histories, {} nodes", game.history_count(), game.node_count()).unwrap();
    for set in game.info_set_ids() {
        let info = game.info_set(set);
        let knows: Vec<String> = game.knows(set).iter().map(|(e, v)| format!("{e} = {v}")).collect();
        let actions: Vec<&str> = game
            .actions(set)
            .map(|a| game.text(game.action_label(counterplay_game::id::ActionId::new(a))))
            .collect();
        let (player, event) = (&game.players()[info.player.index()], game.text(info.event));
        writeln!(text, "{player} at {event}, knowing [{}]: {}", knows.join(", "), actions.join(" | "))
            .unwrap();
    }
    text
}

/// The states of a process, each with its moves and what can follow.
fn process(scenario: &Scenario) -> String {
    let process = unfold(scenario, Retelling::default(), limits(), &Unwatched).unwrap();
    let mut text = format!("followed for {} stages\n", scenario.horizon);
    for (index, told) in process.states.iter().enumerate() {
        let game = &told.game;
        let moves: Vec<&str> = game.info_set_ids().map(|s| game.text(game.info_set(s).event)).collect();
        let mut next: Vec<String> = told.onward.iter().flatten().map(|n| process.name(n.0)).collect();
        next.dedup();
        writeln!(text, "{}: {}; then {}", process.name(index), moves.join(", "), next.join(", ")).unwrap();
    }
    text
}

fn asked(asked: &counterplay::scenario::query::ConditionalQuantity) -> String {
    let mut words = asked.quantity.to_string();
    for (on, condition) in [("given", &asked.given), ("within", &asked.within)] {
        if let Some(condition) = condition {
            write!(words, " {on} {condition}").unwrap();
        }
    }
    asked.under.iter().for_each(|under| write!(words, " under {under}").unwrap());
    words
}

fn queries(scenario: &Scenario, text: &mut String) {
    for query in &scenario.queries {
        let on = asked(&query.asked);
        let as_of = query.as_of.as_ref().map_or(String::new(), |e| format!(" as of {e}"));
        writeln!(text, "query {}: {on}{as_of}", query.name).unwrap();
    }
    for sweep in &scenario.sweeps {
        let values: Vec<String> = sweep.values.iter().map(|v| v.0.to_string()).collect();
        let parameter = &scenario.parameters[sweep.parameter.index()].name;
        let on = sweep.asked.as_ref().map_or("what the case is about".to_owned(), asked);
        writeln!(text, "sweep {}: {on} over {parameter} = {}", sweep.name, values.join(", ")).unwrap();
    }
}

fn accounts(scenario: &Scenario, text: &mut String) {
    for explanation in &scenario.explanations {
        writeln!(
            text,
            "explanation {} ({}): {}",
            explanation.name,
            explanation.weight,
            explanation.texts.join("; ")
        )
        .unwrap();
    }
    for item in &scenario.evidence {
        writeln!(text, "evidence {}: {:?}, {} sources", item.name, item.likelihoods, item.sources.len())
            .unwrap();
    }
    for variant in &scenario.variants {
        let checked = check(&variant.scenario, limits(), &Unwatched);
        let histories = checked.unfolded.unwrap().game().history_count();
        writeln!(text, "variant {}: {}; {histories} histories", variant.name, variant.texts.join("; "))
            .unwrap();
    }
}

fn declared(scenario: &Scenario, text: &mut String) {
    for parameter in &scenario.parameters {
        writeln!(text, "{} [{}] ~ {}", parameter.name, parameter.unit, parameter.prior_text).unwrap();
        for evidence in &parameter.evidence {
            match evidence {
                Evidence::Cite { key, at, says, .. } => writeln!(text, "    {key}, {at}: {says}").unwrap(),
                Evidence::Judgement { why } => writeln!(text, "    judgement: {why}").unwrap(),
            }
        }
    }
    for (event, action) in &scenario.record.events {
        writeln!(text, "record: {event} = {action}").unwrap();
    }
    for (name, value) in &scenario.record.measured {
        writeln!(text, "measured: {name} = {value}").unwrap();
    }
    for question in &scenario.questions {
        let changes: Vec<&str> = question.interventions.iter().map(|i| i.text.as_str()).collect();
        writeln!(
            text,
            "what if {}: {} {:?} {}",
            question.name,
            changes.join("; "),
            question.foresight,
            question.luck.word()
        )
        .unwrap();
    }
    queries(scenario, text);
    for factor in &scenario.factors {
        let absent: Vec<&str> = factor.absent.iter().map(|i| i.text.as_str()).collect();
        writeln!(text, "factor {}: {}", factor.name, absent.join("; ")).unwrap();
    }
    accounts(scenario, text);
    for claim in &scenario.claims {
        writeln!(text, "claim {}: {}", claim.name, claim.text).unwrap();
    }
    for input in &scenario.chain.inputs {
        let values: Vec<String> =
            input.values.iter().map(|(label, p)| format!("{label} {:.3} ±{:.3}", p.mean, p.error)).collect();
        let (quantity, world) = (&input.quantity, &input.world);
        writeln!(text, "from {} ({}): {quantity} {world}: {}", input.case, input.file, values.join(", "))
            .unwrap();
    }
    for source in &scenario.sources {
        writeln!(
            text,
            "source {}: {}, {}, {}, {}",
            source.key, source.author, source.title, source.date, source.place
        )
        .unwrap();
    }
}
