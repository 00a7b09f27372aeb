//! `counterplay ask`: one what-if or query that the scenario does not list.

mod queried;

use std::fmt::Write;

use clap::{Args, ValueEnum};
use counterplay::scenario::Question;
use counterplay::scenario::query::Query;
use counterplay::settings::{Scope, Settings};
use counterplay_analysis::{Analysis, Answer, Interval, MeasureSummary, World};
use counterplay_math::hypot;
use counterplay_report::number;

use crate::columns::aligned;
use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::input::Input;
use crate::number::percent;
use crate::output;
use crate::sampling::Sampling;

/// Ask one what-if or query that the scenario does not list
///
/// The question is written in the scenario language, after the scenario's own text, so that its parameters can be named
/// as they are there. Everything else, luck included, is held as it was. Factors, explanations and claims are left out.
///
/// With --query one quantity is asked for, in the world of the what-if, or, without a what-if, in the world as it was.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay ask scenarios/hanoi-2019 'do(stay = \"stay\")'
  counterplay ask my-case 'do({\"last word\": \"fight\"})'            an event of two words
  counterplay ask my-case 'set(cost, 0.9), do(threat = \"stay\")'   two things at once
  counterplay ask my-case 'show(\"resolve\", to = [\"Defender\"])'
  counterplay ask my-case 'do(answer = \"resist\")' --foreseen-by all --luck redrawn
  counterplay ask my-case --query 'probability({\"war\": True})' --given '{\"resolve\": \"bluffing\"}'
  counterplay ask my-case 'do(threat = \"stay\")' --query 'quantile(\"casualties\", 0.9)'
  counterplay ask my-case --query 'distribution(\"answer\")' --as-of answer
  counterplay ask my-case --query 'value_of_information(\"Defender\", \"resolve\")'

Quantities: probability, mean, quantile, distribution, payoff, value_of_information,
value_of_commitment, value_of_control.

Interventions: do, forbid, set, shift, scale, show, hide, rule, remove, insert, swap;
under conditions with only_if and from_event. Those that force a move come
as a surprise unless --foreseen-by says otherwise; the others are foreseen.")]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) common: Common,

    /// What is made different: one or more interventions
    #[arg(value_name = "QUESTION", required_unless_present = "query")]
    question: Option<String>,

    /// What is asked for
    #[arg(long, value_name = "QUANTITY")]
    query: Option<String>,

    /// What held in the world as it was, besides the record
    #[arg(long, value_name = "CONDITION", requires = "query")]
    given: Option<String>,

    /// What holds in the world that is asked about
    #[arg(long, value_name = "CONDITION", requires = "query")]
    within: Option<String>,

    /// From what was known before this event
    #[arg(long, value_name = "EVENT", requires = "query", conflicts_with = "question")]
    as_of: Option<String>,

    /// Who foresees the change: all, nobody, or a player (may be given several times) [default: by the kind of intervention]
    #[arg(long, value_name = "WHO", requires = "question")]
    foreseen_by: Vec<String>,

    /// What becomes of luck
    #[arg(long, value_name = "LUCK", default_value = "held")]
    luck: Luck,

    /// Write the whole analysis, with this answer only, as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(crate) sampling: Sampling,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Luck {
    /// It is held as it was
    Held,
    /// It is drawn again after the first event that the change touches
    #[value(alias = "rethrown-after")]
    RedrawnAfter,
    /// It is drawn again from the beginning
    #[value(alias = "rethrown")]
    Redrawn,
}

impl Ask {
    /// Asks, and shows the answer.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let what_if = self.question.as_deref().map(on_one_line);
        let query = self.query.as_deref().map(on_one_line);
        let mut opened =
            super::open(&self.common, |input| self.put(input, what_if.as_deref(), query.as_deref()))?;
        let scenario = &mut opened.scenario;
        let asked = what_if.and_then(|name| Some(Question { name, ..scenario.questions.pop()? }));
        let under = asked.as_ref().map(|question| question.name.clone());
        scenario.questions = asked.into_iter().collect();
        let asked = query.and_then(|name| Some(Query { name, ..scenario.queries.pop()? }));
        scenario.queries = asked.into_iter().collect();
        for query in &mut scenario.queries {
            query.asked.under.clone_from(&under);
        }
        scenario.sweeps.clear();
        scenario.factors.clear();
        scenario.explanations.clear();
        scenario.evidence.clear();
        scenario.variants.clear();
        scenario.claims.clear();
        // One question is answered; what the forecast rests on is not asked.
        let settings = Settings {
            stress_points: 0,
            scope: Scope::Answers,
            ..self.sampling.settings(self.common.bounds.of_story())
        };
        let analysis = opened.analysed(&settings, &self.sampling)?;
        let answer = if self.query.is_some() { queried::told(&analysis) } else { told(&analysis) };
        let text = if self.json { output::json("the analysis", &analysis)? } else { answer };
        output::print(&text)?;
        Ok(super::verdict_on(&analysis))
    }

    /// The scenario with what is asked after its own text.
    fn put(&self, input: Input, what_if: Option<&str>, query: Option<&str>) -> Input {
        // No question of the file is likely to begin so. What is asked may be longer than a name.
        const SHOWN: usize = 150;
        let named = |name: &str| format!("asked: {}", name.chars().take(SHOWN).collect::<String>());
        let input = match (&self.question, what_if) {
            (Some(question), Some(name)) => {
                input.with_question("what_if", &named(name), question, &self.settings())
            }
            _ => input,
        };
        let (Some(asked), Some(name)) = (&self.query, query) else { return input };
        let mut settings = String::new();
        for (word, value) in [("given", &self.given), ("within", &self.within)] {
            if let Some(value) = value {
                let _ = write!(settings, ", {word} = {value}");
            }
        }
        if let Some(event) = &self.as_of {
            let _ = write!(settings, ", as_of = \"{}\"", quoted(event));
        }
        if let Some(name) = what_if {
            let _ = write!(settings, ", under = \"{}\"", quoted(&named(name)));
        }
        input.with_question("query", &named(name), asked, &settings)
    }

    fn settings(&self) -> String {
        let foreseers: Vec<&str> = self.foreseen_by.iter().map(String::as_str).collect();
        let foreseen = match foreseers.as_slice() {
            [] => String::new(),
            ["all"] => ", foreseen_by = ALL".to_owned(),
            ["nobody"] => ", foreseen_by = NOBODY".to_owned(),
            players => {
                let names: Vec<String> = players.iter().map(|name| format!("\"{}\"", quoted(name))).collect();
                format!(", foreseen_by = [{}]", names.join(", "))
            }
        };
        let luck = match self.luck {
            Luck::Held => "held",
            Luck::RedrawnAfter => "redrawn_after",
            Luck::Redrawn => "redrawn",
        };
        format!("{foreseen}, luck = \"{luck}\"")
    }
}

/// A text as it stands between the quotes of the scenario language.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A question on one line.
fn on_one_line(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    words.join(" ").trim_end_matches(',').to_owned()
}

/// The answer beside the world as it was.
fn told(analysis: &Analysis) -> String {
    let Some(answer) = analysis.answers.first() else { return String::new() };
    let mut text = format!("{}\n{}\n\n", analysis.case.title, about(answer));
    let mut rows = vec![["", "as it was", "what if", "90% interval", "change"].map(str::to_owned).to_vec()];
    rows.extend(outcome_rows(&analysis.factual, &answer.world));
    rows.extend(measure_rows(&analysis.factual, &answer.world));
    text += &aligned(&rows);
    let (case, change) = (&analysis.case.about, &answer.about_change);
    let _ = writeln!(
        text,
        "\nThe probability of {}: {} changes by {} points (90% interval {}).",
        case.outcome,
        case.value,
        number::points(change.mean, change.error),
        number::points_range(change),
    );
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {}", warning.message);
    }
    text
}

fn about(answer: &Answer) -> String {
    let foreseen = match (answer.foreseen, answer.foreseen_by.as_slice()) {
        (true, _) => "foreseen by the players".to_owned(),
        (false, []) => "a surprise to the players".to_owned(),
        (false, some) => format!("foreseen by {} alone", some.join(", ")),
    };
    let luck = match answer.luck.as_str() {
        "redrawn_after" => "luck drawn again after the first event that the change touches",
        "redrawn" => "luck drawn again",
        _ => "luck held",
    };
    let unchanged = percent(answer.unchanged_share);
    format!("what if {}\n({foreseen}; {luck}; nothing changes in {unchanged} of the histories)", answer.name)
}

type Row = Vec<String>;

/// One row for each value of each outcome that can be seen in either world.
fn outcome_rows(factual: &World, other: &World) -> Vec<Row> {
    const SEEN: f64 = 0.005;
    let none = Interval { mean: 0.0, low: 0.0, high: 0.0, error: 0.0 };
    let mut rows = Vec::new();
    for outcome in &other.outcomes {
        let before = factual.outcomes.iter().find(|o| o.outcome == outcome.outcome);
        for (value, after) in &outcome.values {
            let before = before.and_then(|o| o.values.iter().find(|v| v.0 == *value)).map_or(none, |v| v.1);
            if before.mean >= SEEN || after.mean >= SEEN {
                rows.push(vec![
                    format!("{}: {value}", outcome.outcome),
                    number::percent(before.mean, before.error),
                    number::percent(after.mean, after.error),
                    number::percent_range(after),
                    number::points(after.mean - before.mean, hypot(before.error, after.error)),
                ]);
            }
        }
    }
    rows
}

/// One row for the mean of each measured quantity.
fn measure_rows(factual: &World, other: &World) -> Vec<Row> {
    let row = |after: &MeasureSummary| {
        let before = factual.measures.iter().find(|m| m.name == after.name)?;
        Some(vec![
            format!("{} (mean)", after.name),
            number::quantity(before.mean.mean, before.mean.error),
            number::quantity(after.mean.mean, after.mean.error),
            number::quantity_range(&after.mean),
            number::quantity(after.mean.mean - before.mean.mean, hypot(before.mean.error, after.mean.error)),
        ])
    };
    other.measures.iter().filter_map(row).collect()
}
