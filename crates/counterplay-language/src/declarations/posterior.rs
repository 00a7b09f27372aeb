//! The answer of another analysis as a prior here: its mean, and how far it reaches.

use counterplay::problem::Problem;
use counterplay_analysis::{Extracted, Scale};
use counterplay_inference::distribution::Concrete;
use counterplay_math::{exp, ln, normal_quantile};

/// An interval is no wider than that where the answer is known.
const KNOWN: f64 = 1e-9;

/// The concentrations of a beta distribution among which one is looked for.
const CONCENTRATIONS: [f64; 2] = [0.1, 1e9];

/// The distribution with the mean of an answer and a 90% interval as wide as its own: a beta distribution for a probability, a normal
/// one for all else.
pub(super) fn law(file: &str, query: &str, scale: Scale, answer: &Extracted) -> Result<Concrete, Problem> {
    let Extracted { mean, low, high, .. } = *answer;
    if ![mean, low, high].iter().all(|x| x.is_finite()) || low > high {
        return Err(Problem::new(format!("`{file}` has no number for `{query}`"))
            .hint("what it is asked under may never happen there"));
    }
    let width = high - low;
    let share = scale == Scale::Probability;
    if share && !(0.0..=1.0).contains(&mean) {
        return Err(Problem::new(format!("the answer to `{query}` in `{file}` is no probability: {mean}")));
    }
    Ok(if width <= KNOWN || share && (mean <= 0.0 || mean >= 1.0) {
        Concrete::Point(mean)
    } else if share {
        beta(mean, width)
    } else {
        Concrete::Normal { mean, sd: width / (2.0 * normal_quantile(0.95)) }
    })
}

/// A law as a scenario would write it, with three digits of each number.
pub(super) fn words(law: &Concrete) -> String {
    let short = |x: &f64| format!("{x:.2e}").parse().unwrap_or(*x);
    match law {
        Concrete::Beta { alpha, beta } => format!("beta({}, {})", short(alpha), short(beta)),
        Concrete::Normal { mean, sd } => format!("normal({}, {})", short(mean), short(sd)),
        Concrete::Point(x) => format!("point({})", short(x)),
        _ => "a prior".to_owned(),
    }
}

/// The beta distribution with this mean, the central 90% of which are this wide, or as nearly so as there is one.
fn beta(mean: f64, width: f64) -> Concrete {
    let of = |concentration: f64| Concrete::Beta {
        alpha: concentration * mean,
        beta: concentration * (1.0 - mean),
    };
    let wider = |law: Concrete| law.quantile(0.95) - law.quantile(0.05) > width;
    // The higher the concentration, the narrower.
    let [mut low, mut high] = CONCENTRATIONS.map(ln);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        *(if wider(of(exp(middle))) { &mut low } else { &mut high }) = middle;
    }
    of(exp(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(mean: f64, low: f64, high: f64) -> Extracted {
        Extracted { mean, low, high, error: 0.0 }
    }

    #[test]
    fn mean_and_width_are_those_of_the_answer() {
        for (mean, low, high) in
            [(0.5, 0.2, 0.8), (0.03, 0.001, 0.09), (0.97, 0.9, 0.999), (0.4, 0.399, 0.401)]
        {
            let law = law("a.json", "q", Scale::Probability, &told(mean, low, high)).expect("a law");
            let Concrete::Beta { alpha, beta } = law else { panic!("{law:?}") };
            assert!((alpha / (alpha + beta) - mean).abs() < 1e-12);
            let width = law.quantile(0.95) - law.quantile(0.05);
            assert!((width / (high - low) - 1.0).abs() < 1e-6, "{law:?} is {width} wide");
        }
        let law = law("a.json", "q", Scale::Payoff, &told(-3.0, -4.0, -1.0)).expect("a law");
        let Concrete::Normal { mean, .. } = law else { panic!("{law:?}") };
        assert_eq!(mean, -3.0);
        assert!((law.quantile(0.95) - law.quantile(0.05) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_known_answer_is_a_known_number() {
        for (mean, low, high) in [(0.3, 0.3, 0.3), (0.0, 0.0, 0.0), (1.0, 0.9, 1.0)] {
            let law = law("a.json", "q", Scale::Probability, &told(mean, low, high)).expect("a law");
            assert_eq!(law, Concrete::Point(mean));
        }
        let problem =
            law("a.json", "q", Scale::Probability, &told(f64::NAN, 0.0, 1.0)).expect_err("no number");
        assert!(problem.to_string().contains("no number for `q`"), "{problem}");
    }
}
