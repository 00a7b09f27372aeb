//! One point of the prior: a value for each parameter.

use counterplay::scenario::Scenario;
use counterplay_inference::prior::{JointPrior, Workspace};

use crate::failure::Failure;
use crate::names::did_you_mean;

/// A parameter and the value to give it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    name: String,
    value: f64,
}

impl std::str::FromStr for Assignment {
    type Err = String;

    /// Reads `name=value`; a name may hold any sign.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.rsplit_once('=').ok_or("write `name=value`")?;
        let value: f64 = value.trim().parse().map_err(|_| format!("`{}` is not a number", value.trim()))?;
        if !value.is_finite() {
            return Err("the value must be a finite number".to_owned());
        }
        Ok(Self { name: name.trim().to_owned(), value })
    }
}

/// The centre of the prior, with some parameters put elsewhere.
pub(crate) fn at(scenario: &Scenario, elsewhere: &[Assignment]) -> Result<Vec<f64>, Failure> {
    let mut point = centre(scenario)?;
    for Assignment { name, value } in elsewhere {
        let parameter = scenario.parameters.iter().find(|p| p.name == *name).ok_or_else(|| {
            let known = scenario.parameters.iter().map(|p| p.name.as_str());
            Failure::new(format!("the scenario has no parameter `{name}`")).hint(did_you_mean(name, known))
        })?;
        point[parameter.id.index()] = *value;
    }
    Ok(point)
}

/// The parameter values where the density of the prior's coordinates is highest.
///
/// In these coordinates that is the median of `normal`, `lognormal` and `between`, and the mean of `beta`, `gamma`,
/// `exponential`, `uniform` and `dirichlet`. Of values that are finitely many it is the likeliest.
fn centre(scenario: &Scenario) -> Result<Vec<f64>, Failure> {
    let joint = scenario.joint_prior(&[]).map_err(|e| Failure::new(e.to_string()))?;
    let likeliest = joint.combinations().max_by(|a, b| a.probability.total_cmp(&b.probability));
    let combination = likeliest.ok_or_else(|| Failure::new("the prior has no values"))?;
    let mut workspace = joint.workspace(&combination);
    let mut z = vec![0.0; joint.coordinates()];
    // Coordinates hardly depend on one another, so that a few rounds do.
    for _ in 0..3 {
        for coordinate in 0..z.len() {
            climb(&joint, &mut workspace, &mut z, coordinate);
        }
    }
    let mut point = Vec::new();
    joint.constrain(&mut workspace, &z, &mut point);
    Ok(point)
}

/// Moves one coordinate to where the log density does not change with it, by bisection.
fn climb(joint: &JointPrior, workspace: &mut Workspace, z: &mut [f64], coordinate: usize) {
    let still = vec![0.0; joint.parameters()];
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..60 {
        let mut slope = vec![0.0; z.len()];
        joint.gradient(workspace, z, &still, &mut slope);
        match slope[coordinate] {
            slope if slope > 0.0 => low = z[coordinate],
            slope if slope < 0.0 => high = z[coordinate],
            _ => return,
        }
        z[coordinate] = f64::midpoint(low, high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterplay_language::{Files, ReadLimits, read};

    fn scenario() -> Scenario {
        let text = r#"
scenario("Centres", players = ["A"])
b = param("b, with a comma", beta(1, 9))
g = param("g", gamma(3, 2))
e = param("e", exponential(4))
n = param("n", normal(2, 1))
l = param("l", lognormal(0, 1))
precision("precision", point(1.5))
def play(g):
    g.end(payoffs = {"A": 0})
"#;
        read("centres", &Files::of_scenario(text), &ReadLimits::default()).expect("a sound scenario")
    }

    #[test]
    fn the_centre_is_the_mean_or_the_median() {
        let point = at(&scenario(), &[]).expect("a point");
        for (found, wanted) in point.iter().zip([0.1, 1.5, 0.25, 2.0, 1.0, 1.5]) {
            assert!((found - wanted).abs() < 1e-9, "{point:?}");
        }
    }

    #[test]
    fn parameters_can_be_put_elsewhere_by_their_names() {
        let elsewhere: Assignment = "b, with a comma = 0.7".parse().expect("an assignment");
        assert_eq!(at(&scenario(), &[elsewhere]).expect("a point")[0], 0.7);
        let unknown: Assignment = "b with a comma=0.7".parse().expect("an assignment");
        let failure = at(&scenario(), &[unknown]).expect_err("an unknown name").to_string();
        assert!(failure.contains("did you mean `b, with a comma`?"), "{failure}");
        assert!("b".parse::<Assignment>().is_err() && "b=inf".parse::<Assignment>().is_err());
    }
}
