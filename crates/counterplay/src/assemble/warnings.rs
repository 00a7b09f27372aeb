//! What a reader must know before trusting the numbers.

use crate::assemble::results::Results;
use crate::robustness::equilibria::which_equilibrium;
use crate::settings::Method;
use counterplay_analysis::{Analysis, ParameterSummary, ReplacedChains, Warning, WarningKind};
use counterplay_inference::sampler::NoDensity;

/// A Monte Carlo error above this, in probability, blurs what is said.
const LARGE_ERROR: f64 = 0.02;
/// Chains are slow if fewer than one draw in this many is effective.
const SLOW: f64 = 5.0;
/// What lets play be solved.
const NARROWER: &str = "give the precision a prior with less weight on high values";
/// A Bayes factor whose error is above this share of it is a rough one.
const ROUGH_FACTOR: f64 = 0.25;

/// The warnings that follow from an analysis alone, most serious first.
fn plain_warnings(analysis: &Analysis) -> Vec<Warning> {
    let mut all = Vec::new();
    all.extend(which_equilibrium(analysis));
    sampling(analysis, &mut all);
    rough_fits(analysis, &mut all);
    precision(analysis, &mut all);
    judgement(analysis, &mut all);
    chain(analysis, &mut all);
    all
}

/// The warnings about an analysis, most serious first.
pub(crate) fn warnings(analysis: &Analysis, found: &Results<'_>) -> Vec<Warning> {
    let mut all = Vec::new();
    equilibrium(analysis, found, &mut all);
    all.extend(plain_warnings(analysis));
    all.sort_by_key(|w| w.kind);
    all
}

fn warn(all: &mut Vec<Warning>, kind: WarningKind, message: String) {
    all.push(Warning { kind, message });
}

fn equilibrium(analysis: &Analysis, found: &Results<'_>, all: &mut Vec<Warning>) {
    let kind = WarningKind::Equilibrium;
    if found.unsolved > 0 {
        let total = found.unsolved + found.gathered.len();
        let message = format!(
            "play could not be solved in {} of {total} draws; they are left out: {NARROWER}",
            found.unsolved
        );
        warn(all, kind, message);
    }
    if found.certified().crossed {
        let crossed = found.gathered.iter().filter(|g| g.certified.crossed).count();
        let message = format!(
            "in {crossed} of {} draws the branch bifurcates below the precision: the symmetric branch is followed straight on, and \
             other equilibria exist there; to see them, make the players a little unlike",
            found.gathered.len()
        );
        warn(all, kind, message);
    }
    let (failed, tried) = found.explained.failed();
    if failed > 0 {
        warn(all, kind, unsolved_points(failed, tried));
    }
    if analysis.play.residual > 1e-8 {
        warn(
            all,
            kind,
            format!(
                "an equilibrium was certified only to a residual of {:.1e}: read no more digits than that, or {NARROWER}",
                analysis.play.residual
            ),
        );
    }
}

/// That play was not solved at some of the points.
fn unsolved_points(failed: usize, tried: usize) -> String {
    format!(
        "play could not be solved at {failed} of {tried} points behind the marginal likelihoods; they count as if the \
         record were impossible there: {NARROWER}"
    )
}

/// That the fit of an explanation or a variant is not to be trusted.
fn rough_fit(what: &str, name: &str) -> String {
    format!(
        "the fit of the {what} `{name}` did not converge: read its numbers as rough, or try more `--evidence-draws`"
    )
}

fn sampling(analysis: &Analysis, all: &mut Vec<Warning>) {
    let sampling = &analysis.sampling;
    let kind = WarningKind::Sampling;
    if let Some(chains) = &sampling.replaced {
        warn(all, kind, replaced(chains));
    }
    if !sampling.known {
        mixing(analysis, all);
    }
    if sampling.divergences > 0 {
        let message = format!(
            "{} of {} transitions diverged: a part of the posterior may be out of reach; `--sampler smc` does not \
             follow slopes, and reaches it",
            sampling.divergences, sampling.draws
        );
        warn(all, kind, message);
    }
    if sampling.cut_short > 0 {
        let message = format!(
            "{} of {} transitions met a point where play could not be solved; the posterior leaves such points out: {NARROWER}",
            sampling.cut_short, sampling.draws
        );
        warn(all, kind, message);
    }
    for (why, count) in sampling.ruled_out.iter().filter(|r| r.0 != NoDensity::Zero.to_string()) {
        let message = format!(
            "at points that {count} of {} transitions met, {why}; the posterior leaves such points out: give the \
             parameters priors that do not lead there",
            sampling.draws
        );
        warn(all, kind, message);
    }
}

/// That another sampler took over.
fn replaced(chains: &ReplacedChains) -> String {
    format!(
        "the chains of the No-U-Turn sampler ended in different places, as they do where there are several modes (R-hat \
         of `{}` is {:.2}): the draws are by sequential Monte Carlo in their place, as with `--sampler smc`",
        chains.parameter, chains.r_hat
    )
}

/// Chains that have not mixed, or too slowly, each with the parameter that shows it and what to do.
fn mixing(analysis: &Analysis, all: &mut Vec<Warning>) {
    let (sampling, kind) = (&analysis.sampling, WarningKind::Sampling);
    let tempered = sampling.method == Method::Tempering.words();
    let draws = analysis.settings.draws;
    let ess = sampling.min_bulk_ess.min(sampling.min_tail_ess);
    let wanted =
        if ess > 0.0 { (draws as f64 * 500.0 / ess).min(10.0 * draws as f64) } else { 10.0 * draws as f64 };
    // Rounded up to a hundred: more than this many draws is no better advice.
    let more = format!("`--draws {}`", 100 * (wanted.max(2.0 * draws as f64) / 100.0).ceil() as usize);
    if sampling.max_r_hat > 1.01 {
        let worst = analysis.parameters.iter().max_by(|a, b| a.r_hat.total_cmp(&b.r_hat));
        let of = worst.map_or(String::new(), |p| format!(" of `{}`", p.name));
        let (who, way) = if tempered {
            ("the runs of sequential Monte Carlo differ", format!("try {more}"))
        } else {
            (
                "the chains have not mixed",
                format!("try `--sampler smc`, which finds several modes, or {more}"),
            )
        };
        warn(all, kind, format!("{who}: R-hat{of} is {:.3}, above 1.01; {way}", sampling.max_r_hat));
    }
    if ess < 400.0 {
        let own = |p: &ParameterSummary| p.bulk_ess.min(p.tail_ess);
        let fewest = analysis.parameters.iter().min_by(|a, b| own(a).total_cmp(&own(b)));
        let which = fewest.map_or("a parameter".to_owned(), |p| format!("`{}`", p.name));
        // Chains that move so slowly seldom do better for being longer.
        let slow = !tempered && ess * SLOW < sampling.draws as f64;
        let way = if slow { format!("`--sampler smc`, or {more}") } else { more };
        warn(all, kind, format!("{which} has only {ess:.0} effective draws; 400 are wanted: try {way}"));
    }
}

/// Explanations and variants whose posterior was not reached, or not in agreement.
fn rough_fits(analysis: &Analysis, all: &mut Vec<Warning>) {
    let explanations = analysis.comparison.iter().flat_map(|c| &c.explanations);
    let explanations = explanations.filter(|a| !a.converged).map(|a| ("explanation", &a.name));
    let variants = analysis.variants.iter().flat_map(|v| &v.run);
    let variants = variants.filter(|v| !v.converged).map(|v| ("variant", &v.name));
    for (what, name) in explanations.chain(variants) {
        warn(all, WarningKind::Sampling, rough_fit(what, name));
    }
}

fn precision(analysis: &Analysis, all: &mut Vec<Warning>) {
    let kind = WarningKind::Precision;
    let rough: Vec<&str> = analysis
        .explanations
        .iter()
        .filter(|e| {
            e.bayes_factor.error.is_nan() || e.bayes_factor.error > ROUGH_FACTOR * e.bayes_factor.value
        })
        .map(|e| e.name.as_str())
        .collect();
    if !rough.is_empty() {
        let message = format!(
            "the Bayes factors of {} of {} explanations are known only to within a quarter or worse: try \
             more `--evidence-draws`",
            rough.len(),
            analysis.explanations.len()
        );
        warn(all, kind, message);
    }
    let worst = analysis.answers.iter().map(|a| a.about_probability.error).fold(0.0, f64::max);
    if worst > LARGE_ERROR {
        warn(all, kind, format!("a what-if's Monte Carlo error is {worst:.3}: try more `--answer-draws`"));
    }
}

/// Inputs whose own analysis did not converge.
fn chain(analysis: &Analysis, all: &mut Vec<Warning>) {
    let mut files: Vec<&str> = Vec::new();
    for input in analysis.chain.inputs.iter().filter(|i| !i.converged) {
        if !files.contains(&input.file.as_str()) {
            files.push(&input.file);
            let message = format!(
                "the analysis in `{}`, from which an input is taken, did not converge: run it again with more `--draws`",
                input.file
            );
            warn(all, WarningKind::Sampling, message);
        }
    }
}

fn judgement(analysis: &Analysis, all: &mut Vec<Warning>) {
    let names: Vec<String> =
        analysis.parameters.iter().filter(|p| p.judgement_only).map(|p| format!("`{}`", p.name)).collect();
    if !names.is_empty() {
        let count = format!("{} of {} parameters rest", names.len(), analysis.parameters.len());
        // What to do comes first: a long list is cut in the summary.
        let advice = "cite what supports those that the answers rest on";
        warn(
            all,
            WarningKind::Judgement,
            format!("{count} on judgement alone: {advice}. {}", names.join(", ")),
        );
    }
}
