//! The answers of an analysis against the reference's, world by world.

use counterplay::assemble::analyse::analyse;
use counterplay::settings::Settings;
use counterplay::watch::Unwatched;
use counterplay_analysis::{Analysis, QueryEstimate};
use counterplay_language::{Files, ReadLimits, read};

use crate::stories::Story;

/// The largest difference of a probability that is none, where no luck is drawn.
const TOLERANCE: f64 = 1e-6;

/// Draws and replays: numbers are known, so that draws differ by their luck alone.
const DRAWS: usize = 40;
const REPLAYS: usize = 250;

/// An answer that is compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) question: String,
    pub(crate) found: f64,
    pub(crate) right: f64,
    pub(crate) allowed: f64,
    pub(crate) past_crossing: bool,
}

impl Finding {
    pub(crate) fn differs(&self) -> bool {
        // A number that is none differs.
        !((self.found - self.right).abs() <= self.allowed)
    }
}

/// What came of a story.
pub(crate) enum Outcome {
    Asked(Vec<Finding>),
    Failed(String),
    NoReference,
}

pub(crate) fn judge(story: &Story) -> Outcome {
    let settings = Settings {
        draws: DRAWS,
        warmup: 0,
        answer_draws: DRAWS,
        replays: REPLAYS,
        evidence_draws: 4,
        ..Settings::default()
    };
    let scenario = match read("story", &Files::of_scenario(story.text()), &ReadLimits::default()) {
        Ok(scenario) => scenario,
        Err(problems) => return Outcome::Failed(problems.to_string()),
    };
    match analyse(&scenario, &settings, &Unwatched) {
        Ok(analysis) => compare(story, &analysis).map_or(Outcome::NoReference, Outcome::Asked),
        Err(failure) => Outcome::Failed(failure.to_string()),
    }
}

/// What luck can do to a share among this many replays, six standard errors.
fn allowed(found: &QueryEstimate, right: f64) -> f64 {
    let trials = (DRAWS * REPLAYS) as f64;
    // Histories are enumerated, or all replays came out the same.
    let same = found.replay_error < 1e-12 && found.error < 1e-12;
    if same && found.mean != 0.0 && found.mean != 1.0 {
        return TOLERANCE;
    }
    6.0 * (right * (1.0 - right) / trials).sqrt() + 12.0 / trials
}

fn compare(story: &Story, analysis: &Analysis) -> Option<Vec<Finding>> {
    let (low, high) = (story.others[0], story.others[story.others.len() - 1]);
    let at = |parameter, precision| story.right(parameter, precision);
    let worlds = [
        ("", at(story.parameter, story.precision)?),
        (" low", at(low, story.precision)?),
        (" high", at(high, story.precision)?),
        (" redrawn", at(low, story.precision)?),
        (" sharper", at(story.parameter, story.other_precision)?),
    ];
    let mut findings = Vec::new();
    let mut add = |question: String, found: &QueryEstimate, right: f64, past_crossing: bool| {
        let allowed = allowed(found, right);
        findings.push(Finding { question, found: found.mean, right, allowed, past_crossing });
    };
    for (world, (right, past_crossing)) in &worlds {
        for ((event, _), &right) in story.decisions().zip(right) {
            let name = format!("{event}{world}");
            let query = analysis.questions.queries.iter().find(|q| q.name == name)?;
            add(name, &query.values.first()?.here, right, *past_crossing);
        }
    }
    for sweep in &analysis.questions.sweeps {
        let position = story.decisions().position(|(event, _)| event == sweep.name)?;
        for (parameter, found) in &sweep.points {
            let (right, past_crossing) = at(*parameter, story.precision)?;
            add(format!("sweep of {} at {parameter}", sweep.name), found, right[position], past_crossing);
        }
    }
    for attribution in &analysis.attributions {
        let factor = attribution.factors.first()?;
        let right = worlds[0].1.0[0] - worlds[2].1.0[0];
        let trials = (DRAWS * REPLAYS) as f64;
        findings.push(Finding {
            question: "factor".into(),
            found: factor.shapley.mean,
            right,
            allowed: 6.0 * (0.5 / trials).sqrt(),
            past_crossing: worlds[0].1.1 || worlds[2].1.1,
        });
    }
    Some(findings)
}
