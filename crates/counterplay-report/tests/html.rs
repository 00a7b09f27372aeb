//! What the page promises: everything is on it, nothing on it can run or clash, and it stays small.

mod fixture;

use counterplay_analysis::{Analysis, ChainInput, Extracted, Rank};
use counterplay_report::{TextStyle, html, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an attacker would write into every text of a scenario.
const HOSTILE: &str =
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7063 }}<!--\u{2028}";

/// The text between two marks, wherever they occur.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split_once(end)).map(|(inside, _)| inside).collect()
}

/// The page without its scripts and styles, where markup is only what a browser shows.
fn markup(page: &str) -> String {
    let mut out = String::new();
    for (i, part) in page.split("<script").enumerate() {
        out.push_str(if i == 0 { part } else { part.split_once("</script>").map_or("", |(_, rest)| rest) });
    }
    out
}

/// As the templates escape it.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#x27;".to_owned(),
        '/' => "&#x2f;".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// The example with something hostile in every text, and addresses that run scripts.
fn hostile() -> Analysis {
    fn poison(value: &mut Value, key: &str) {
        match value {
            Value::String(text) if key == "url" => *text = format!("javascript:alert('{HOSTILE}')"),
            // What is one of a few words is not a text that a scenario could fill.
            Value::String(text) if text == "as_it_was" || text == "foreseen" => {}
            Value::String(text) if !["kind", "scale", "robustness", "finding"].contains(&key) => {
                text.push_str(HOSTILE);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| poison(item, key)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, field)| poison(field, key)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(fixture::ambiguous()).expect("an analysis is plain data");
    poison(&mut value, "");
    serde_json::from_value(value).expect("texts are still texts")
}

/// The example with every list emptied.
fn bare() -> Analysis {
    let mut analysis = fixture::hanoi();
    analysis.case.players.clear();
    analysis.case.sources.clear();
    analysis.game.events.clear();
    analysis.play.points.clear();
    analysis.parameters.clear();
    analysis.timeline.clear();
    analysis.measured.clear();
    for world in [&mut analysis.factual, &mut analysis.prior_prediction] {
        world.outcomes.clear();
        world.measures.clear();
    }
    analysis.answers.clear();
    analysis.questions = counterplay_analysis::Questions::default();
    analysis.attributions.clear();
    analysis.explanations.clear();
    analysis.comparison = None;
    analysis.variants = None;
    analysis.claims.clear();
    analysis.stress = counterplay_analysis::Stress::default();
    analysis.tree.branches.clear();
    analysis.warnings.clear();
    analysis.sampling.log_marginal_likelihood = None;
    analysis.turning_point = None;
    analysis.actual_causes = None;
    analysis
}

#[test]
fn a_claim_that_a_judgement_tips_says_so_first_and_what_is_not_confirmed_says_so() {
    let page = markup(&html(&fixture::hanoi()));
    let sentence = "Fragile: as likely as not with “patience of the president” (judgement alone) up by 0.6 prior sd \
                    (median 0.38 to 0.55 chance to stay another hour; confirmed by a new fit: ≈45%); or with “chance that \
                    Kim is a trader” down by 0.4 prior sd (median 0.55 to 0.46 probability; not confirmed by a new fit).";
    assert!(page.contains(sentence));
    assert!(
        page.contains("Robust: no prior, moved by up to 2 prior sd either way, makes it as likely as not.")
    );
    assert!(page.contains("Robust as far as the draws reach"));
}

#[test]
fn every_part_of_the_analysis_is_on_the_page() {
    let analysis = fixture::hanoi();
    let page = markup(&html(&analysis));
    let mut texts: Vec<&str> = vec![&analysis.case.title, &analysis.case.question, &analysis.case.text];
    texts.extend(analysis.answers.iter().map(|answer| answer.name.as_str()));
    texts.extend(analysis.answers.iter().flat_map(|answer| &answer.interventions).map(String::as_str));
    let asked = &analysis.questions;
    texts.extend(asked.queries.iter().flat_map(|q| [q.name.as_str(), &q.quantity]));
    texts.extend(asked.sweeps.iter().flat_map(|s| [s.name.as_str(), &s.quantity, &s.parameter]));
    texts.extend(asked.predictions.iter().flat_map(|p| [p.name.as_str(), &p.as_of, &p.path[1].event]));
    texts.extend(asked.expectations.iter().flat_map(|o| &o.views).map(|view| view.player.as_str()));
    texts.extend(analysis.parameters.iter().flat_map(|p| [p.name.as_str(), &p.unit, &p.prior]));
    texts.extend(analysis.attributions.iter().flat_map(|a| &a.factors).map(|factor| factor.name.as_str()));
    texts.extend(analysis.explanations.iter().map(|explanation| explanation.name.as_str()));
    texts.extend(analysis.claims.iter().flat_map(|claim| [claim.name.as_str(), &claim.test]));
    texts.extend(analysis.timeline.iter().flat_map(|step| [step.event.as_str(), &step.action]));
    texts.extend(analysis.case.sources.iter().flat_map(|source| [source.title.as_str(), &source.url]));
    texts.extend(analysis.warnings.iter().map(|warning| warning.message.as_str()));
    texts.extend(analysis.factual.measures.iter().map(|measure| measure.name.as_str()));
    for text in texts {
        assert!(page.contains(&escaped(text)), "{text:?} is not on the page");
    }
}

#[test]
fn the_embedded_data_is_the_analysis() {
    let analysis = hostile();
    let page = html(&analysis);
    let data = between(&page, r#"<script type="application/json" id="analysis">"#, "</script>");
    let [data] = data[..] else { panic!("the data stands in the page once, not {} times", data.len()) };
    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    assert!(read(data) == read(&serde_json::to_string(&analysis).unwrap()), "the data is another analysis");
}

#[test]
fn no_text_of_an_analysis_becomes_markup() {
    let (good, bad) = (html(&fixture::ambiguous()), html(&hostile()));
    for tag in ["<script", "</script", "<style", "<a ", "<figure", "<meta"] {
        let (expected, found) = (good.matches(tag).count(), bad.matches(tag).count());
        let links = if tag == "<a " { between(&good, "href=\"http", "\"").len() } else { 0 };
        assert_eq!(found, expected - links, "{tag} occurs {found} times");
    }
    let shown = markup(&bad);
    assert!(!shown.contains("<img") && !shown.contains("<!--") && !shown.contains("49441"), "markup leaked");
    assert!(shown.contains(&escaped(HOSTILE)), "the hostile text is shown as text");
}

#[test]
fn links_lead_to_the_web_or_into_the_page() {
    for analysis in [fixture::hanoi(), hostile(), bare()] {
        let page = markup(&html(&analysis));
        let ids: BTreeSet<&str> = between(&page, " id=\"", "\"").into_iter().collect();
        for link in between(&page, "href=\"", "\"") {
            let inside = link.strip_prefix('#').is_some_and(|id| ids.contains(id));
            assert!(inside || link.starts_with("https:&#x2f;&#x2f;"), "a link leads to {link:?}");
        }
    }
}

#[test]
fn ids_are_unique() {
    let page = html(&fixture::hanoi());
    let shown = markup(&page);
    let ids = between(&shown, " id=\"", "\"");
    let distinct: BTreeSet<&&str> = ids.iter().collect();
    assert!(ids.len() > 60);
    assert_eq!(ids.len(), distinct.len());
}

#[test]
fn the_policy_names_a_hash_for_every_script_and_allows_nothing_from_elsewhere() {
    let page = html(&fixture::hanoi());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"")[0];
    let scripts = page.matches("<script>").count();
    assert_eq!(policy.matches("sha256-").count(), scripts);
    assert!(policy.contains("default-src &#x27;none&#x27;") && !policy.contains("http"));
    assert!(!policy.split("style-src").next().unwrap_or_default().contains("unsafe"));
}

#[test]
fn the_page_stays_below_its_size_bound() {
    let size = html(&fixture::hanoi()).len();
    assert!(size < 1_200_000, "the page has {size} bytes");
}

#[test]
fn the_same_analysis_gives_the_same_bytes() {
    assert_eq!(html(&fixture::hanoi()), html(&fixture::hanoi()));
}

#[test]
fn an_analysis_with_nothing_in_it_still_gives_a_page() {
    let page = html(&bare());
    assert!(page.contains("The scenario cites no sources."));
    assert!(!page.contains("id=\"what-ifs\""));
}

#[test]
fn the_turning_point_bounds_interactions_and_causes_stand_beside_the_shares() {
    let analysis = fixture::hanoi();
    let page = markup(&html(&analysis));
    let section = |id: &str| between(&page, &format!("<section id=\"{id}\""), "</section>")[0].to_owned();
    let why = section("why");
    let factors = analysis.attributions[0].factors.len();
    assert_eq!(why.matches(">bounds ").count(), 3 * factors * analysis.attributions.len());
    assert_eq!(
        why.matches("<span class=\"range\">simulation ").count(),
        factors * analysis.attributions.len()
    );
    // A square without its diagonal: every pair twice.
    assert_eq!(
        why.matches("title=\"90% by simulation").count(),
        factors * (factors - 1) * analysis.attributions.len()
    );
    let turning_point = analysis.turning_point.as_ref().unwrap();
    let rows = section("turning-point").matches("<tr").count();
    assert_eq!(rows, turning_point.steps.len() + 2, "a head, the start, and every recorded event");
    assert_eq!(
        section("turning-point").matches("class=\"about\"").count(),
        1,
        "one event is the turning point"
    );
    let causes = section("causes");
    for event in &analysis.actual_causes.as_ref().unwrap().events {
        assert!(causes.contains(&escaped(&event.action)), "{event:?} is not on the page");
    }
}

#[test]
fn a_page_without_turning_point_and_causes_has_no_section_for_them() {
    let page = html(&bare());
    assert!(!page.contains("id=\"turning-point\"") && !page.contains("id=\"causes\""));
}

#[test]
fn numbers_that_are_not_finite_are_shown_as_missing() {
    let mut analysis = fixture::hanoi();
    analysis.answers[0].about_probability.mean = f64::NAN;
    analysis.answers[0].about_change.low = f64::NEG_INFINITY;
    analysis.sampling.max_r_hat = f64::INFINITY;
    analysis.parameters[0].r_hat = f64::NAN;
    let page = markup(&html(&analysis));
    assert!(page.contains(&escaped("n/a")) && !page.contains("NaN"));
}

#[test]
fn a_deep_and_wide_tree_is_cut_in_the_table_but_whole_in_the_data() {
    let mut analysis = fixture::hanoi();
    let template = analysis.tree.branches[0].clone();
    analysis.tree.branches = (0..12).map(|_| template.clone()).collect();
    let page = html(&analysis);
    let rows = between(&markup(&page), "The tree as a table", "</details>")[0].matches("<tr").count();
    assert!((20..=160).contains(&rows), "{rows} rows");
    assert!(markup(&page).contains("nodes: the record’s and the likeliest"));
}

#[test]
fn what_was_taken_from_other_analyses_says_where_it_comes_from() {
    let p = Extracted { mean: 0.437, low: 0.2, high: 0.6, error: 0.004 };
    let mut analysis = fixture::hanoi();
    assert!(!html(&analysis).contains("id=\"chain\""));
    analysis.chain.inputs = vec![ChainInput {
        file: "budget.json".to_owned(),
        case: "budget-2025".to_owned(),
        title: "A budget <cut>".to_owned(),
        counterplay_version: "0.1.0".to_owned(),
        seed: 7,
        content_hash: "0123456789abcdef".to_owned(),
        converged: false,
        quantity: "freeze".to_owned(),
        world: "under “a split”".to_owned(),
        values: vec![("half".to_owned(), p)],
    }];
    let page = html(&analysis);
    let section = page.split("id=\"chain\"").nth(1).unwrap().split("</section>").next().unwrap();
    for part in [
        "budget.json",
        "budget-2025",
        "A budget &lt;cut&gt;",
        "seed 7",
        "0123456789ab",
        "half 0.437",
        "not converge",
    ] {
        assert!(section.contains(part), "{part} is not in {section}");
    }
    let summary = text(&analysis, TextStyle::default());
    assert!(summary.contains("freeze from budget-2025 (under “a split”)"), "{summary}");
}

#[test]
fn other_equilibria_have_a_section_with_the_answers_on_each() {
    let page = markup(&html(&fixture::ambiguous()));
    for part in [
        "id=\"equilibria\"",
        "href=\"#equilibria\"",
        "Others at 7 of 20 draws and at the posterior mean, at most 2 at a time.",
        "Pyongyang chooses <em>everything</em> at last offer, knowing walk-out: no",
        "In 12 of 400 draws it could not be followed",
        "5 of 800 draws of the prior prediction",
        "<strong>Other equilibria.</strong>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = markup(&html(&fixture::hanoi()));
    assert!(!page.contains("id=\"equilibria\"") && !page.contains("#equilibria"));
}

#[test]
fn what_is_so_by_construction_is_marked_and_is_not_counted_among_findings() {
    let mut analysis = fixture::hanoi();
    analysis.claims[1].by_construction = true;
    let page = markup(&html(&analysis));
    assert!(page.contains("Of the four claims"), "four are left");
    assert!(page.contains("One more is settled by construction"));
    assert!(page.contains("Settled by construction: nothing uncertain bears on it."));
    assert_eq!(page.matches("<br><span class=\"soft\">by construction</span>").count(), 1);
}

#[test]
fn factors_whose_order_is_within_its_error_are_not_ranked() {
    let mut analysis = fixture::hanoi();
    let together = Some(Rank { first: 1, last: 2 });
    analysis.attributions[0].factors[0].rank = together;
    analysis.attributions[0].factors[1].rank = together;
    let page = markup(&html(&analysis));
    let said = "Which carries most is within the error of simulation: “impatience” (+27) and “an all-or-nothing standard” (+17) points.";
    assert!(page.contains(said));
    let first = analysis.attributions[0].factors[0].shapley;
    analysis.attributions[0].factors[1].shapley = first;
    let page = markup(&html(&analysis));
    assert!(page.contains("“impatience” and “an all-or-nothing standard” carry the same, and no other carries more: +27 points each."));
    assert!(!page.contains("adds most"));
}

#[test]
fn explanations_of_which_the_record_says_nothing_are_not_ranked() {
    let mut analysis = fixture::hanoi();
    analysis.comparison.as_mut().unwrap().record_says_nothing = true;
    analysis.explanations.iter_mut().for_each(|e| e.rank = None);
    let page = markup(&html(&analysis));
    assert!(page.contains(
        "The record says nothing of the six rival explanations (Bayes factors of 1), so that none is ranked"
    ));
    assert!(page.contains("The record says nothing of these explanations"));
    assert!(!page.contains("favour"));
}

#[test]
fn what_the_record_taught_of_the_numbers_is_no_step_of_the_story() {
    let mut analysis = fixture::hanoi();
    let first = analysis.timeline[0].about_probability;
    let at = |mean: f64| counterplay_analysis::Interval { mean, ..first };
    // Before any record 58%; with the numbers as the record leaves them 80% before the first step, and 81% after it.
    analysis.timeline_start = Some(at(0.8));
    analysis.timeline[0].about_probability = at(0.81);
    let page = markup(&html(&analysis));
    let steps = between(&page, "<p class=\"after\">", "</p>");
    assert!(steps[0].contains("+1 point") && !steps[0].contains("+23"), "{}", steps[0]);
    assert!(page.contains("always with the numbers as the whole record leaves them"));
    assert!(page.contains("with the numbers as they were before any record it would start at 58%"));
}

#[test]
fn an_item_of_evidence_has_a_row_of_numbers_and_its_sources_stand_below() {
    let analysis = fixture::hanoi();
    let page = markup(&html(&analysis));
    let tables = between(&page, "aria-label=\"Evidence by explanation\"", "</table>");
    assert!(!tables[0].contains("Judgement") && !tables[0].contains("#source-"), "{}", tables[0]);
    assert!(page.contains("What each item rests on"));
}
