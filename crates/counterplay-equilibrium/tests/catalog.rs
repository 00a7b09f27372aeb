//! The classic games in `catalog/`: every claim about each of them is checked, and laws that hold for all games.
#![allow(missing_docs)]

#[path = "catalog/binary.rs"]
mod binary;
#[path = "catalog/case.rs"]
mod case;
#[path = "catalog/claims.rs"]
mod claims;
#[path = "catalog/concepts.rs"]
mod concepts;
#[path = "catalog/limits.rs"]
mod limits;
#[path = "catalog/schema.rs"]
mod schema;
#[path = "catalog/tree.rs"]
mod tree;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;

use case::{Case, folders, root};
use claims::{check_pure, must_be, solve_quantal_response};
use concepts::perfect_outcomes;
use counterplay_equilibrium::logit::trace::TraceEnd;

/// Runs a check over all folders and reports every failure, not only the first.
fn in_every_folder(check: impl Fn(&Case) -> Result<(), String>) {
    let folders = folders();
    assert!(folders.len() >= 30, "the catalog has {} games", folders.len());
    let failure = |folder: &Path| {
        let outcome = Case::read(folder).and_then(|case| check(&case));
        outcome.err().map(|e| format!("{}: {e}", folder.display()))
    };
    let failures: Vec<String> = folders.iter().filter_map(|f| failure(f)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_claim_in_the_catalog_holds() {
    in_every_folder(Case::check);
}

#[test]
fn the_list_of_games_is_that_of_the_folders() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("it can be read");
    let listed: Vec<&str> = readme.lines().filter(|line| line.starts_with("| [`")).collect();
    let line = |folder: &std::path::PathBuf| {
        let name = folder.strip_prefix(root()).expect("folders are in the catalog").display();
        let title = Case::read(folder).expect("it can be read").expected.title;
        format!("| [`{name}`]({name}/expected.toml) | {title} |")
    };
    assert_eq!(listed, folders().iter().map(line).collect::<Vec<_>>());
}

/// A folder, and a change to its claims that makes one of them wrong.
const WRONG: [(&str, &str, &str); 20] = [
    ("basu-1994/travellers-dilemma", r#"["2", "2"]"#, r#"["3", "3"]"#),
    ("basu-1994/travellers-dilemma", "extreme = 1", "extreme = 2"),
    ("schelling-1960/meeting-place", "components = 7", "components = 6"),
    ("mckelvey-mclennan-1997/nine-equilibria", "extreme = 9", "extreme = 8"),
    ("mckelvey-mclennan-1997/nine-equilibria", "1/3 2/3", "2/3 1/3"),
    ("ochs-1995/asymmetric-matching-pennies", "0.58678", "0.58679"),
    ("kuhn-1950/poker", r#"amount = "-1/18""#, r#"amount = "-1/17""#),
    ("kuhn-1950/poker", "constant_sum = true\n", ""),
    ("kuhn-1950/poker", "nodes = 55", "knots = 55"),
    ("kuhn-1950/poker", "ends = 30", "ends = 31"),
    ("selten-1975/horse", r#"kind = "subgame_perfect""#, r#"kind = "sequential""#),
    ("dixit-1982/entry-deterrence", "subgame_perfect = false", "subgame_perfect = true"),
    ("selten-1978/chain-store", r#"payoffs = ["6", "2", "2", "2"]"#, r#"payoffs = ["6", "2", "2", "1"]"#),
    ("cho-kreps-1987/beer-quiche", r#""2 0", # Sender, Surly:"#, r#""1 0", # Sender, Surly:"#),
    ("guth-schmittberger-schwarze-1982/ultimatum", r#"["1", "Accept"]"#, r#"["2", "Accept"]"#),
    ("guth-schmittberger-schwarze-1982/ultimatum", r#"    ["1", "Accept"],"#, ""),
    ("piccione-rubinstein-1997/absent-minded-driver", "perfect_recall = false", "perfect_recall = true"),
    ("feddersen-pesendorfer-1998/unanimous-jury", "2/7 5/7", "3/7 4/7"),
    ("feddersen-pesendorfer-1998/unanimous-jury", "-11/98", "-12/98"),
    ("fearon-1994/audience-costs", "1/3 2/3", "2/3 1/3"),
];

#[test]
fn a_wrong_claim_is_refused() {
    for (name, right, wrong) in WRONG {
        let folder = folders().into_iter().find(|f| f.ends_with(name)).expect("the folder exists");
        let text = std::fs::read_to_string(folder.join("expected.toml")).expect("it can be read");
        assert!(text.contains(right), "{name} does not say `{right}`");
        let outcome = Case::with(&folder, &text.replace(right, wrong)).and_then(|case| case.check());
        assert!(outcome.is_err(), "{name} passes with `{wrong}`");
    }
}

#[test]
fn nothing_can_be_claimed_of_play_without_perfect_recall() {
    let folder =
        folders().into_iter().find(|f| f.ends_with("absent-minded-driver")).expect("the folder exists");
    let text = std::fs::read_to_string(folder.join("expected.toml")).expect("it can be read");
    let more = format!("{text}\n[[equilibrium]]\nkind = \"nash\"\nplay = [\"2/3 1/3\"]\n");
    assert!(Case::with(&folder, &text).and_then(|case| case.check()).is_ok());
    assert!(Case::with(&folder, &more).and_then(|case| case.check()).is_err());
}

#[test]
fn every_game_is_the_same_after_it_is_written_and_read() {
    in_every_folder(Case::round_trip);
}

#[test]
fn every_game_has_a_certified_quantal_response_equilibrium_at_precision_one() {
    in_every_folder(|case| {
        let Some((game, numbers)) = &case.game else { return Ok(()) };
        solve_quantal_response(game, numbers, 1.0).map(|_| ())
    });
}

#[test]
fn every_game_of_two_has_an_exact_equilibrium_at_the_end_of_lemkes_path() {
    in_every_folder(Case::check_lemke);
}

#[test]
fn every_game_of_two_and_constant_sum_has_the_value_that_linear_programming_finds() {
    in_every_folder(Case::check_linear_programming);
}

#[test]
fn equilibria_do_not_depend_on_the_units_of_payoffs() {
    in_every_folder(|case| {
        if case.game.is_none() {
            return Ok(());
        }
        let rescaled = case.tree.rescaled();
        case.check_profiles(&rescaled)?;
        if let Some(pure) = &case.expected.pure {
            check_pure(&rescaled, pure)?;
        }
        if case.expected.backward_induction.is_some() {
            let ways = |tree| perfect_outcomes(tree, 0).into_iter().map(|o| o.0).collect::<BTreeSet<_>>();
            must_be("paths after rescaling", &ways(&rescaled), &ways(&case.tree))?;
        }
        Ok(())
    });
}

/// The games whose principal branch does not lead to a limit by itself, and what becomes of it.
const NO_LIMIT: [(&str, &str); 7] = [
    // Two equilibria that differ only by who is who: play that treats both sides alike is kept until theirs crosses it.
    ("luce-raiffa-1957/battle-of-the-sexes", "crossed at 1.372"),
    ("maynard-smith-1974/war-of-attrition", "crossed at 12.037"),
    ("rapoport-chammah-1966/chicken", "crossed at 1.372"),
    ("kohlberg-mertens-1986/outside-option", "crossed at 1.070"),
    ("mckelvey-mclennan-1997/nine-equilibria", "crossed at 0.506"),
    // Babbling, from which informative play branches off.
    ("crawford-sobel-1982/cheap-talk", "crossed at 0.558"),
    // Play tends to one of a continuum of equilibria, along which the Jacobian becomes singular.
    ("kuhn-1950/poker", "OutOfBudget"),
];

#[test]
fn the_principal_branch_of_every_game_leads_to_a_certified_limit_or_says_why_not() {
    let found = std::cell::RefCell::new(BTreeSet::new());
    in_every_folder(|case| {
        let Some((game, numbers)) = &case.game else { return Ok(()) };
        let trace = limits::limit(game, numbers);
        let regret = limits::regret(game, numbers, &trace);
        if let Some(description) = limits::description(&trace) {
            found.borrow_mut().insert((case.title().to_owned(), description));
        }
        if trace.end == TraceEnd::Limit && regret.partial_cmp(&limits::REGRET) != Some(Ordering::Less) {
            return Err(format!("a limit with a regret of {regret} of the range of payoffs"));
        }
        Ok(())
    });
    let title = |name: &str| Case::read(&root().join(name)).expect("it can be read").title().to_owned();
    let listed =
        NO_LIMIT.iter().map(|(name, description)| (title(name), (*description).to_owned())).collect();
    assert_eq!(found.into_inner(), listed);
}
