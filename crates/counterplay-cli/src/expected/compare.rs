//! Finding in an analysis what is pinned.

use counterplay_analysis::{Analysis, OutcomeValue, World};

use super::{ExpectationCheck, Expected, InWorld, OfFactor, Value};
use crate::failure::Failure;
use crate::names::did_you_mean;

impl Expected {
    /// Sets each expectation beside what was found.
    ///
    /// Fails if one names something that the analysis does not have.
    pub(crate) fn compare(&self, analysis: &Analysis) -> Result<Vec<ExpectationCheck>, Failure> {
        let mut all = self.sizes(analysis);
        for pin in &self.factual {
            all.push(in_world("as it was", &analysis.factual, pin, analysis)?);
        }
        for pin in &self.prior {
            all.push(in_world("before any record", &analysis.prior_prediction, pin, analysis)?);
        }
        for pin in &self.answer {
            let name = pin.what_if.as_deref().unwrap_or_default();
            let answer = named("what-if", name, &analysis.answers, |a| &a.name)?;
            all.push(in_world(&format!("what if {name}"), &answer.world, pin, analysis)?);
        }
        for pin in &self.factor {
            all.extend(of_factor(pin, analysis)?);
        }
        for pin in &self.explanation {
            let found =
                named("explanation", &pin.name, &analysis.explanations, |e| &e.name)?.posterior_probability;
            all.push(compared(format!("explanation {}", pin.name), found, pin.probability, pin.tolerance));
        }
        for pin in &self.claim {
            let found = named("claim", &pin.name, &analysis.claims, |c| &c.name)?.probability.value;
            all.push(compared(format!("claim {}", pin.name), found, pin.probability, pin.tolerance));
        }
        for pin in &self.parameter {
            let found = named("parameter", &pin.name, &analysis.parameters, |p| &p.name)?.after.mean;
            all.push(compared(format!("mean of {}", pin.name), found, pin.mean, pin.tolerance));
        }
        for pin in &self.query {
            all.push(pin.compare(analysis)?);
        }
        for pin in &self.sweep {
            all.push(pin.compare(analysis)?);
        }
        for pin in &self.stage {
            all.push(pin.compare(analysis)?);
        }
        Ok(all)
    }

    fn sizes(&self, analysis: &Analysis) -> Vec<ExpectationCheck> {
        let Some(size) = &self.game else { return Vec::new() };
        let game = &analysis.game;
        let sizes = [
            ("histories", game.histories, size.histories),
            ("nodes", game.nodes, size.nodes),
            ("information sets", game.information_sets, size.information_sets),
        ];
        let pinned = sizes.into_iter().filter_map(|(what, found, pinned)| Some((what, found, pinned?)));
        pinned
            .map(|(what, found, pinned)| compared(what.to_owned(), found as f64, pinned as f64, 0.0))
            .collect()
    }
}

pub(super) fn compared(what: String, found: f64, expected: f64, tolerance: f64) -> ExpectationCheck {
    ExpectationCheck { what, found, expected, tolerance }
}

/// The one of that name.
pub(super) fn named<'a, T>(
    kind: &str,
    name: &str,
    all: &'a [T],
    name_of: impl Fn(&T) -> &str,
) -> Result<&'a T, Failure> {
    all.iter().find(|one| name_of(one) == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(&name_of).collect();
        Failure::new(format!("the analysis has no {kind} `{name}`"))
            .hint(did_you_mean(name, known.into_iter()))
    })
}

fn in_world(
    which: &str,
    world: &World,
    pin: &InWorld,
    analysis: &Analysis,
) -> Result<ExpectationCheck, Failure> {
    match (pin.probability, &pin.measure, pin.mean) {
        (Some(pinned), None, None) => {
            let about = about(pin.outcome.as_deref(), pin.value.as_ref(), analysis)?;
            let found = probability(world, &about)?;
            Ok(compared(
                format!("{which}: {} = {}", about.outcome, about.value),
                found,
                pinned,
                pin.tolerance,
            ))
        }
        (None, Some(measure), Some(pinned)) => {
            let found = named("measured quantity", measure, &world.measures, |m| &m.name)?.mean.mean;
            Ok(compared(format!("{which}: mean of {measure}"), found, pinned, pin.tolerance))
        }
        _ => Err(Failure::new(format!(
            "a pinned answer ({which}) must give either `probability`, or `measure` and `mean`"
        ))),
    }
}

/// The outcome that is meant: what the case is about, if none is named.
fn about(outcome: Option<&str>, value: Option<&Value>, analysis: &Analysis) -> Result<OutcomeValue, Failure> {
    match (outcome, value) {
        (None, None) => Ok(analysis.case.about.clone()),
        (Some(outcome), Some(value)) => {
            Ok(OutcomeValue { outcome: outcome.to_owned(), value: value.to_string() })
        }
        _ => Err(Failure::new("a pinned answer names an `outcome` together with a `value`, or neither")),
    }
}

fn probability(world: &World, about: &OutcomeValue) -> Result<f64, Failure> {
    let outcome = named("outcome", &about.outcome, &world.outcomes, |o| &o.outcome)?;
    let kind = format!("value of the outcome `{}`,", about.outcome);
    Ok(named(&kind, &about.value, &outcome.values, |v| &v.0)?.1.mean)
}

fn of_factor(pin: &OfFactor, analysis: &Analysis) -> Result<Vec<ExpectationCheck>, Failure> {
    let about = about(pin.outcome.as_deref(), pin.value.as_ref(), analysis)?;
    let attribution = analysis.attributions.iter().find(|a| a.of == about).ok_or_else(|| {
        Failure::new(format!(
            "the outcome `{}` = `{}` is not shared out among the factors",
            about.outcome, about.value
        ))
    })?;
    let factor = named("factor", &pin.name, &attribution.factors, |f| &f.name)?;
    let kinds = [
        ("Shapley value", factor.shapley, pin.shapley),
        ("necessity", factor.necessity, pin.necessity),
        ("sufficiency", factor.sufficiency, pin.sufficiency),
    ];
    let pinned: Vec<ExpectationCheck> = kinds
        .into_iter()
        .filter_map(|(kind, found, pinned)| {
            Some(compared(format!("{kind} of {}", pin.name), found.mean, pinned?, pin.tolerance))
        })
        .collect();
    if pinned.is_empty() {
        return Err(Failure::new(format!(
            "the pinned factor `{}` must give `shapley`, `necessity` or `sufficiency`",
            pin.name
        )));
    }
    Ok(pinned)
}
