//! Analyses from the command line: files, JSON, pinned answers, exit codes.

use crate::folder::{Folder, code, errors, text};
use counterplay_analysis::{Analysis, SCHEMA_VERSION};

#[test]
fn a_new_scenario_runs_and_writes_its_report() {
    let folder = Folder::with_new_case();
    let ran = folder.run(&["run", "my-case"]);
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
    assert!(text(&ran.stdout).contains("A border crisis"), "{}", text(&ran.stdout));
    assert!(folder.read("my-case.html").contains("A border crisis"));
    // Nothing but the report is written, and nothing is said on the side.
    assert_eq!(errors(&ran), "");
    assert_eq!(std::fs::read_dir(folder.path(".")).expect("the folder").count(), 2);
}

#[test]
fn a_first_look_does_less_work() {
    let folder = Folder::with_new_case();
    let ran = folder.run(&["run", "my-case", "--quick", "--json", "--no-report"]);
    // So few draws need not be enough to converge.
    assert!([0, 2].contains(&code(&ran)), "{}", errors(&ran));
    let quick: Analysis = serde_json::from_slice(&ran.stdout).expect("an analysis");
    let whole = counterplay::settings::Settings::default();
    assert!(quick.settings.draws < whole.draws && quick.settings.answer_draws < whole.answer_draws);
}

#[test]
fn reports_go_where_they_are_asked_for_or_nowhere() {
    let folder = Folder::with_new_case();
    folder.write("out/empty", "");
    for arguments in [["--out", "out"], ["--report", "out/a.html"], ["--no-report", "--quiet"]] {
        let ran = folder.run(&[&["run", "my-case"][..], &arguments].concat());
        assert_eq!(code(&ran), 0, "{}", errors(&ran));
    }
    assert!(folder.path("out/my-case.html").is_file() && folder.path("out/a.html").is_file());
    assert!(!folder.path("my-case.html").exists());
    let nowhere = folder.run(&["run", "my-case", "--report", "missing/a.html"]);
    assert_eq!(code(&nowhere), 1);
    assert!(errors(&nowhere).contains("there is no folder `missing`"), "{}", errors(&nowhere));
}

#[test]
fn json_is_the_analysis_in_the_known_form() {
    let folder = Folder::with_new_case();
    let ran = folder.run(&["run", "my-case", "--json", "--no-report"]);
    let analysis: Analysis = serde_json::from_slice(&ran.stdout).expect("an analysis");
    assert_eq!((analysis.schema_version, analysis.case.name.as_str()), (SCHEMA_VERSION, "my-case"));
    let ran = folder.run(&["run", "my-case", "--json=a.json", "--no-report"]);
    assert!(text(&ran.stdout).contains("A border crisis"));
    assert_eq!(serde_json::from_str::<Analysis>(&folder.read("a.json")).expect("an analysis"), analysis);
}

#[test]
fn tables_have_the_numbers_of_the_analysis_and_a_dictionary() {
    let folder = Folder::with_new_case();
    let ran = folder.run(&["run", "my-case", "--json", "--no-report", "--tables", "found/tables"]);
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
    let analysis: Analysis = serde_json::from_slice(&ran.stdout).expect("an analysis");
    let rows = |file: &str| -> Vec<csv::StringRecord> {
        let text = folder.read(&format!("found/tables/{file}.csv"));
        csv::Reader::from_reader(text.as_bytes()).records().collect::<Result<_, _>>().expect("a table")
    };
    let claims = rows("claims");
    assert_eq!(claims.len(), analysis.claims.len());
    for (row, claim) in claims.iter().zip(&analysis.claims) {
        assert_eq!(row[0], claim.name);
        assert_eq!(row[2].parse(), Ok(claim.probability.value));
    }
    // The dictionary has every column of every table.
    let dictionary = rows("dictionary");
    for file in std::fs::read_dir(folder.path("found/tables")).expect("the folder") {
        let name = file.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned();
        if name != "dictionary" {
            let text = folder.read(&format!("found/tables/{name}.csv"));
            let columns = text.lines().next().expect("a header").split(',').map(str::to_owned);
            let known = dictionary.iter().filter(|row| row[0] == name).map(|row| row[2].to_owned());
            assert_eq!(columns.collect::<Vec<_>>(), known.collect::<Vec<_>>(), "{name}");
        }
    }
    let file = folder.run(&["run", "my-case", "--tables", "my-case/scenario.star"]);
    assert_eq!(code(&file), 1);
    assert!(errors(&file).contains("is a file, and tables need a folder"), "{}", errors(&file));
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let folder = Folder::with_new_case();
    let run = |threads: &str, name: &str| {
        let (json, report) = (format!("--json={name}.json"), format!("{name}.html"));
        let ran = folder.run(&["run", "my-case", "--threads", threads, &json, "--report", &report]);
        assert_eq!(code(&ran), 0, "{}", errors(&ran));
        (folder.read(&format!("{name}.json")), folder.read(&report))
    };
    let (one, two) = (run("1", "one"), run("2", "two"));
    assert!(one == two, "the bytes differ");
    let other_seed = folder.run(&["run", "my-case", "--seed", "2", "--json", "--no-report"]);
    assert_ne!(text(&other_seed.stdout), one.0);
}

#[test]
fn what_did_not_converge_is_written_and_told_by_the_exit_code() {
    let folder = Folder::with_new_case();
    let ran = folder.run(&["run", "my-case", "--draws", "30", "--warmup", "30"]);
    assert_eq!(code(&ran), 2, "{}", errors(&ran));
    assert!(folder.path("my-case.html").is_file());
    assert!(text(&ran.stdout).contains("NOT CONVERGED"), "{}", text(&ran.stdout));
}

#[test]
fn pinned_answers_are_compared_and_the_exit_code_tells() {
    let folder = Folder::with_new_case();
    let pins = "[game]\nhistories = 8\nnodes = 15\n\n[[factual]]\nprobability = 1.0\ntolerance = 0.001\n\n\
                [[answer]]\nwhat_if = \"the Defender resists\"\noutcome = \"war\"\nvalue = true\n\
                probability = 0.77\ntolerance = 0.1\n\n[[factor]]\nname = \"dear war\"\nshapley = 0.45\n\
                tolerance = 0.15\n\n[[claim]]\nname = \"war was likely, had the Defender resisted\"\n\
                probability = 0.95\ntolerance = 0.1\n\n[[parameter]]\nname = \"precision\"\nmean = 5\ntolerance = 2\n\n\
                [[explanation]]\nname = \"a bluff that worked\"\nprobability = 0.15\ntolerance = 0.1\n";
    folder.write("my-case/expected.toml", pins);
    let verify = |expected: &str| {
        folder.write("my-case/expected.toml", expected);
        folder.run(&["run", "my-case", "--no-report", "--verify"])
    };
    let good = verify(pins);
    assert!(text(&good.stdout).contains("pinned answers: 8 passed, 0 failed"), "{}", text(&good.stdout));
    assert_eq!(code(&good), 0);
    let off = verify(&pins.replace("histories = 8", "histories = 9"));
    assert!(text(&off.stdout).contains("OFF  histories: 8, pinned 9"), "{}", text(&off.stdout));
    assert_eq!(code(&off), 1);
    let misspelt = verify(&pins.replace("the Defender resists", "the Defender resist"));
    assert!(errors(&misspelt).contains("did you mean `the Defender resists`?"), "{}", errors(&misspelt));
    assert_eq!(code(&misspelt), 1);
}

#[test]
fn a_question_is_answered_beside_the_world_as_it_was() {
    let folder = Folder::with_new_case();
    let asked = folder.run(&["ask", "my-case", "do(answer = \"resist\"), set(cost, 0.2)"]);
    assert_eq!(code(&asked), 0, "{}", errors(&asked));
    let told = text(&asked.stdout);
    assert!(told.contains("what if do(answer = \"resist\"), set(cost, 0.2)"), "{told}");
    assert!(told.contains("prize: Challenger       100%       0%"), "{told}");
    let json = folder.run(&["ask", "my-case", "do(answer = \"resist\")", "--json", "--luck", "redrawn"]);
    let analysis: Analysis = serde_json::from_slice(&json.stdout).expect("an analysis");
    let answers: Vec<_> = analysis.answers.iter().map(|a| (a.name.as_str(), a.luck.as_str())).collect();
    assert_eq!(answers, [("do(answer = \"resist\")", "redrawn")]);
    assert!(analysis.attributions.iter().all(|a| a.factors.is_empty()) && analysis.claims.is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn a_fit_is_kept_and_found_again_with_the_same_answers() {
    let folder = Folder::with_new_case();
    let run = |more: &[&str]| {
        let mut command = folder.command(&[&["run", "my-case", "--quick", "--json"][..], more].concat());
        let ran = command.env("XDG_CACHE_HOME", folder.path("cache")).output().expect("the program runs");
        assert_eq!(ran.stderr, b"", "{}", errors(&ran));
        text(&ran.stdout)
    };
    let fresh = run(&["--no-cache"]);
    assert!(!folder.path("cache").exists(), "nothing is kept that is not to be kept");
    assert_eq!(fresh, run(&[]), "what is kept is what was found");
    let kept = std::fs::read_dir(folder.path("cache/counterplay")).expect("the cache").count();
    assert!(kept > 0);
    assert_eq!(fresh, run(&[]), "what is found again is what was kept");
    assert_eq!(std::fs::read_dir(folder.path("cache/counterplay")).expect("the cache").count(), kept);
}

#[test]
fn play_is_solved_at_the_centre_or_elsewhere() {
    let folder = Folder::with_new_case();
    let solve = |arguments: &[&str]| {
        let ran = folder.run(&[&["solve", "my-case", "--json"][..], arguments].concat());
        assert_eq!(code(&ran), 0, "{}", errors(&ran));
        serde_json::from_slice::<serde_json::Value>(&ran.stdout).expect("JSON")
    };
    let (centre, sharp) = (solve(&[]), solve(&["--at", "precision=20"]));
    let number = |solution: &serde_json::Value, name: &str| solution[name].as_f64().expect("a number");
    assert!(number(&centre, "residual") < 1e-10 && number(&sharp, "residual") < 1e-10);
    assert!(number(&sharp, "regret") < number(&centre, "regret"), "sharper players regret less");
    assert_eq!(centre["play"].as_array().map(Vec::len), Some(5));
}

#[test]
fn trees_are_drawn_to_files() {
    let folder = Folder::with_new_case();
    let drawn = folder.run(&["draw", "my-case", "--svg", "a.svg", "--dot", "a.dot"]);
    assert_eq!((code(&drawn), text(&drawn.stdout).as_str()), (0, ""), "{}", errors(&drawn));
    assert!(folder.read("a.svg").starts_with("<svg ") && folder.read("a.dot").starts_with("digraph "));
}
