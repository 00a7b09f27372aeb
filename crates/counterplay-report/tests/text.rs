//! What the terminal summary promises: it fits, it is plain unless asked, and it says what it leaves out.

mod fixture;

use counterplay_analysis::{
    Analysis, QueryAnswer, QueryEstimate, QueryValue, Questions, Scale, Warning, WarningKind,
};
use counterplay_report::{TextStyle, text};

fn style(width: usize) -> TextStyle {
    TextStyle { colour: false, width: Some(width), report: Some("hanoi-2019.html".to_owned()) }
}

/// The example with far more than fits.
fn crowded() -> Analysis {
    let mut analysis = fixture::hanoi();
    analysis.answers = analysis.answers.iter().cycle().take(48).cloned().collect();
    analysis.claims = analysis.claims.iter().cycle().take(25).cloned().collect();
    let message = "立法院 rejected the budget; ".repeat(12);
    analysis
        .warnings
        .extend((0..30).map(|_| Warning { kind: WarningKind::Sampling, message: message.clone() }));
    analysis
}

#[test]
fn the_summary_of_the_example() {
    insta::assert_snapshot!(text(&fixture::hanoi(), style(100)));
}

#[test]
fn the_summary_of_the_example_on_a_narrow_terminal() {
    insta::assert_snapshot!(text(&fixture::hanoi(), style(64)));
}

#[test]
fn the_summary_of_a_crowded_analysis() {
    insta::assert_snapshot!(text(&crowded(), style(100)));
}

#[test]
fn a_summary_fits_the_terminal_that_is_there() {
    use unicode_width::UnicodeWidthStr;
    for analysis in [fixture::hanoi(), crowded()] {
        for width in [10, 50, 60, 80, 100, 140, 300] {
            let summary = text(&analysis, style(width));
            assert!(summary.lines().count() <= 60, "{} lines", summary.lines().count());
            let widest = summary.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width.max(40), "{widest} columns at {width}");
            assert!(summary.ends_with("hanoi-2019.html\n"));
        }
        // The room of a wide terminal is used.
        let cut = |width| text(&analysis, style(width)).matches('…').count();
        assert!(cut(160) < cut(80), "{} and {}", cut(160), cut(80));
    }
}

#[test]
fn nothing_is_cut_where_there_is_no_terminal() {
    let mut analysis = fixture::hanoi();
    let long = "a name that goes on ".repeat(8) + "to its end";
    analysis.answers[0].name = long.clone();
    analysis.warnings[0].message = long.clone() + " and " + &long;
    let summary = text(&analysis, TextStyle::default());
    assert!(summary.contains(&long), "{summary}");
    assert_eq!(summary.matches("to its end").count(), 3, "{summary}");
    let cut = summary.lines().filter(|line| line.contains('…') && !line.contains("more in the report"));
    assert_eq!(cut.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn colours_are_codes_around_the_same_text() {
    let plain = text(&fixture::hanoi(), style(100));
    let painted = text(&fixture::hanoi(), TextStyle { colour: true, ..style(100) });
    let mut stripped = String::new();
    for (i, part) in painted.split("\x1b[").enumerate() {
        stripped.push_str(if i == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    let tidy = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert!(!plain.contains('\x1b') && painted.contains('\x1b'));
    assert_eq!(tidy(&stripped), tidy(&plain));
}

#[test]
fn a_sweep_is_shown_by_its_answers_and_no_value_of_a_parameter_stands_among_intervals() {
    let mut analysis = fixture::hanoi();
    analysis.questions.queries.clear();
    analysis.questions.predictions.clear();
    let sweep = &mut analysis.questions.sweeps[0];
    (sweep.name, sweep.parameter, sweep.unit) = ("peace".into(), "cost of war".into(), "points".into());
    let point = |x: f64, mean: f64| {
        let found =
            QueryEstimate { mean, low: mean - 0.1, high: mean + 0.1, error: 0.002, replay_error: 0.0 };
        (x, found)
    };
    sweep.points = vec![point(0.5, 0.2), point(1.0, 0.7), point(2.0, 0.3), point(4.0, 0.4)];
    assert_eq!(
        about_questions(&analysis),
        "peace, by cost of war\n\
         at 0.5 points          20%        10–30%\n\
         at 1 points            70%        60–80%\n\
         at 4 points            40%        30–50%"
    );
}

#[test]
fn no_text_of_an_analysis_can_steer_the_terminal() {
    let mut analysis = fixture::hanoi();
    let hostile = "\x1b[2J\x1b]0;title\x07\r\n\u{202e}";
    analysis.case.title.push_str(hostile);
    analysis.case.question.push_str(hostile);
    analysis.case.about.value.push_str(hostile);
    analysis.answers[0].name.insert_str(0, hostile);
    analysis.warnings[0].message.insert_str(0, hostile);
    let summary = text(&analysis, style(100));
    assert!(!summary.contains(['\x1b', '\x07', '\r', '\u{202e}']));
}

#[test]
fn an_analysis_without_questions_has_a_short_summary() {
    let mut analysis = fixture::hanoi();
    analysis.answers.clear();
    analysis.questions = counterplay_analysis::Questions::default();
    analysis.attributions.clear();
    analysis.explanations.clear();
    analysis.comparison = None;
    analysis.variants = None;
    analysis.claims.clear();
    analysis.stress = counterplay_analysis::Stress::default();
    analysis.warnings.clear();
    analysis.turning_point = None;
    analysis.actual_causes = None;
    let summary = text(&analysis, TextStyle { report: None, ..style(100) });
    assert!(summary.lines().count() < 12);
    assert!(!summary.contains("What if") && !summary.contains("Report"));
}

#[test]
fn play_is_not_simply_ok_where_there_are_other_equilibria() {
    let summary = text(&fixture::ambiguous(), style(100));
    let play = summary.lines().find(|line| line.starts_with("Play")).expect("a line about play");
    assert!(
        play.starts_with("Play       ok, but not on the principal branch in 12 of 400 draws, 2 other"),
        "{play}"
    );
    let plain = text(&fixture::hanoi(), style(100));
    assert!(plain.lines().any(|line| line.starts_with("Play       ok  ")), "{plain}");
}

#[test]
fn what_is_so_by_construction_is_marked_and_is_no_finding() {
    let mut analysis = fixture::hanoi();
    analysis.claims[1].by_construction = true;
    analysis.answers[0].by_construction = true;
    let summary = text(&analysis, style(100));
    let of =
        |start: &str| summary.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
    assert!(of("Without the walk-out").contains("open, by construction"), "{summary}");
    assert!(of("he stays the few").contains("46%  by construction"), "{summary}");
    // Nothing uncertain bears on it, so that nothing can tip it.
    assert!(!summary.contains("fragile"), "{summary}");
}

#[test]
fn explanations_without_places_stand_in_the_order_of_the_scenario() {
    let mut analysis = fixture::hanoi();
    analysis.comparison.as_mut().unwrap().record_says_nothing = true;
    analysis.explanations.iter_mut().for_each(|e| e.rank = None);
    let summary = text(&analysis, style(100));
    let lines: Vec<&str> = summary.lines().collect();
    let title = lines
        .iter()
        .position(|l| l.starts_with("Rival explanations, of which the record says nothing"))
        .unwrap();
    assert!(lines[title + 1].contains(&analysis.explanations[0].name[..20]), "{summary}");
}

/// The lines of the summary about questions, without blanks at their ends.
fn about_questions(analysis: &Analysis) -> String {
    // Nothing else, so that there is room for all of them.
    let mut analysis = analysis.clone();
    analysis.answers.clear();
    analysis.attributions.clear();
    analysis.explanations.clear();
    (analysis.comparison, analysis.variants) = (None, None);
    analysis.claims.clear();
    analysis.warnings.clear();
    analysis.stress = counterplay_analysis::Stress::default();
    let summary = text(&analysis, style(100));
    let lines = summary.lines().skip_while(|line| !line.starts_with("Questions")).skip(1);
    let told: Vec<&str> = lines.take_while(|line| line.starts_with(' ')).map(str::trim).collect();
    told.join("\n")
}

#[test]
fn a_distribution_is_shown_by_its_likeliest_values() {
    let mut analysis = fixture::hanoi();
    let sure = |mean: f64| QueryEstimate { mean, low: mean, high: mean, error: 1e-9, replay_error: 0.0 };
    let value = |label: &str, mean: f64| QueryValue {
        label: label.to_owned(),
        here: sure(mean),
        factual: None,
        change: None,
        ratio: None,
    };
    let ask = |analysis: &mut Analysis, values: Vec<QueryValue>| {
        let template = analysis.questions.queries[0].clone();
        analysis.questions = Questions::default();
        analysis.questions.queries =
            vec![QueryAnswer { name: "offers".to_owned(), scale: Scale::Probability, values, ..template }];
        about_questions(analysis)
    };
    // The first label is next to impossible; two others have one half each.
    let offers = vec![value("0", 1e-136), value("0.22", 0.0001), value("0.24", 0.5), value("0.26", 0.4999)];
    let told = ask(&mut analysis, offers);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("offers: 0.24") && lines[0].contains("50%"), "{told}");
    assert!(lines[1].starts_with("offers: 0.26") && lines[1].contains("50%"), "{told}");
    assert!(lines[2].starts_with("offers: 2 others") && lines[2].contains("<0.1%"), "{told}");
    assert_eq!(lines.len(), 3, "{told}");
    // Many labels: three, and the others together.
    let even = (0..10).map(|k| value(&k.to_string(), 0.1)).collect();
    let told = ask(&mut analysis, even);
    assert_eq!(told.lines().count(), 4, "{told}");
    assert!(told.contains("offers: 0 ") && told.contains("offers: 7 others    70%"), "{told}");
    // Four labels take no more room than three and a rest; one label is a distribution too.
    let told = ask(&mut analysis, (0..4).map(|k| value(&k.to_string(), 0.25)).collect());
    assert!(told.contains("offers: 3 ") && !told.contains("other"), "{told}");
    let told = ask(&mut analysis, vec![value("yes", 1.0)]);
    assert!(told.starts_with("offers: yes  ") && told.lines().count() == 1, "{told}");
    // What is given never happens.
    let told = ask(&mut analysis, vec![value("yes", f64::NAN), value("no", f64::NAN)]);
    assert_eq!(told, "");
}

#[test]
fn a_measured_quantity_is_shown_by_its_mean_and_quantiles() {
    let told = about_questions(&fixture::hanoi());
    let line = |start: &str| told.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("tests of missiles: mean").ends_with("140     80 to 200"), "{told}");
}
