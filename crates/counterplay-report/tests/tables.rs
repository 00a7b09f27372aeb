//! An analysis as tables.

mod fixture;

use std::collections::BTreeSet;

use counterplay_analysis::{
    Analysis, Interval, OutcomeSeries, ProcessSummary, SeriesPoint, StateSummary, WorldSeries,
};
use counterplay_report::{Field, Table, tables};

/// A process of one state, two stages long.
fn process() -> Analysis {
    let mut analysis = fixture::hanoi();
    let mean = Interval { mean: 1.5, low: 1.0, high: 2.0, error: 0.1 };
    let point = |stage: usize| SeriesPoint {
        stage,
        stated: 1.0,
        values: vec![("1".to_owned(), 0.5), ("2".to_owned(), 0.5)],
        mean: Some(mean),
        quantiles: None,
    };
    let level = || OutcomeSeries {
        outcome: "level".to_owned(),
        numeric: true,
        measured: false,
        points: (0..2).map(point).collect(),
    };
    let world = |what_if: Option<&str>| WorldSeries {
        what_if: what_if.map(str::to_owned),
        outcomes: vec![level()],
        first_true: Vec::new(),
    };
    let state = StateSummary {
        stage: "year".to_owned(),
        state: "at peace".to_owned(),
        expected_visits: 2.0,
        values: vec![mean],
        play: analysis.play.points.clone(),
        next: Vec::new(),
        ends: 0.0,
    };
    analysis.process = Some(ProcessSummary {
        stages: vec!["year".to_owned()],
        state_count: 1,
        horizon: 2,
        bellman_residual: None,
        states: vec![state],
        series: vec![world(None), world(Some("a deal"))],
    });
    analysis
}

fn analyses() -> Vec<Analysis> {
    vec![fixture::hanoi(), process()]
}

fn table(analysis: &Analysis, name: &str) -> Table {
    tables(analysis).into_iter().find(|table| table.name == name).expect("a table of that name")
}

fn column<'a>(table: &'a Table, name: &str) -> Vec<&'a Field> {
    let at = table.columns.iter().position(|c| c.name == name).expect("a column of that name");
    table.rows.iter().map(|row| &row[at]).collect()
}

#[test]
fn no_two_rows_have_the_same_key() {
    for table in analyses().iter().flat_map(tables) {
        let key = |row: &Vec<Field>| {
            let fields = table.columns.iter().zip(row).filter(|(column, _)| column.key);
            fields.map(|(_, field)| format!("{field:?}")).collect::<Vec<_>>()
        };
        let keys: BTreeSet<Vec<String>> = table.rows.iter().map(key).collect();
        assert_eq!(keys.len(), table.rows.len(), "the keys of `{}`", table.name);
        assert!(table.columns.iter().all(|c| !c.meaning.is_empty()));
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
}

#[test]
fn every_kind_has_its_table_where_there_is_something() {
    let names = |analysis: &Analysis| tables(analysis).iter().map(|t| t.name).collect::<Vec<_>>();
    let story = names(&fixture::hanoi());
    for name in [
        "answers",
        "measures",
        "queries",
        "sweeps",
        "attribution",
        "claims",
        "explanations",
        "parameters",
        "timeline",
        "beliefs",
        "play",
        "tree",
    ] {
        assert!(story.contains(&name), "{name}: {story:?}");
    }
    assert!(!story.contains(&"stages"), "a story that ends has no stages");
    assert!(names(&process()).contains(&"stages"));
}

#[test]
fn numbers_are_those_of_the_analysis_in_full() {
    let analysis = fixture::hanoi();
    let answers = table(&analysis, "answers");
    let about: Vec<bool> =
        column(&answers, "about").iter().map(|f| matches!(f, Field::Truth(true))).collect();
    let of = |name: &str| column(&answers, name).into_iter().zip(&about).filter(|(_, about)| **about);
    let probabilities: Vec<f64> =
        of("probability").map(|(f, _)| if let Field::Number(x) = f { *x } else { f64::NAN }).collect();
    // The world as it was, before the record, and then each what-if.
    assert_eq!(probabilities.len(), analysis.answers.len() + 2);
    let value = |answer: &counterplay_analysis::Answer| {
        let outcome =
            answer.world.outcomes.iter().find(|o| o.outcome == analysis.case.about.outcome).expect("it");
        outcome.values.iter().find(|v| v.0 == analysis.case.about.value).expect("its value").1.mean
    };
    let expected: Vec<f64> = analysis.answers.iter().map(value).collect();
    assert_eq!(probabilities[2..], expected[..]);
    let claims = table(&analysis, "claims");
    assert_eq!(claims.rows.len(), analysis.claims.len());
}

#[test]
fn what_was_not_measured_is_missing() {
    let mut analysis = fixture::hanoi();
    analysis.claims[0].prior_probability = None;
    analysis.questions.queries[0].values[0].here.mean = f64::NAN;
    assert_eq!(*column(&table(&analysis, "claims"), "prior_probability")[0], Field::Missing);
    assert_eq!(*column(&table(&analysis, "queries"), "value")[0], Field::Missing);
}
