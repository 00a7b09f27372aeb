//! What is asked, in words.

use std::fmt;

use crate::scenario::query::{Condition, Fact, Is, Quantity};

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.is {
            Is::Value(value) => write!(f, "{}: {value}", self.name),
            Is::Above(x) => write!(f, "{} above {x}", self.name),
            Is::Below(x) => write!(f, "{} below {x}", self.name),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Condition]| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match self {
            Condition::All(facts) => {
                f.write_str(&facts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Condition::AtMost(0, parts) => match parts.as_slice() {
                [one] => write!(f, "not ({one})"),
                several => write!(f, "none of ({})", list(several)),
            },
            Condition::AtLeast(count, parts) => write!(f, "at least {count} of ({})", list(parts)),
            Condition::AtMost(count, parts) => write!(f, "at most {count} of ({})", list(parts)),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Probability(condition) => write!(f, "probability of {condition}"),
            Quantity::Mean(measure) => write!(f, "mean of {measure}"),
            Quantity::Quantile(measure, at) => write!(f, "{at} quantile of {measure}"),
            Quantity::Distribution(name) => write!(f, "distribution of {name}"),
            Quantity::Payoff(player) => write!(f, "expected payoff of {player}"),
            Quantity::ValueOfInformation { player, event } => {
                write!(f, "value to {player} of knowing {event}")
            }
            Quantity::ValueOfCommitment { player, events } => {
                let events: Vec<String> = events.iter().map(|(e, a)| format!("{e}: {a}")).collect();
                write!(f, "value to {player} of a commitment to {}", events.join(", "))
            }
            Quantity::ValueOfControl { player, event } => {
                write!(f, "value to {player} of control over {event}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_in_words() {
        let fact = |name: &str, value: &str| Fact { name: name.into(), is: Is::Value(value.into()) };
        let war = Condition::All(vec![fact("war", "True")]);
        let tests = Condition::All(vec![Fact { name: "tests".into(), is: Is::Above(100.0) }]);
        assert_eq!(Condition::AtMost(0, vec![war.clone()]).to_string(), "not (war: True)");
        let two = Quantity::Probability(Condition::AtLeast(1, vec![war, tests]));
        assert_eq!(two.to_string(), "probability of at least 1 of (war: True; tests above 100)");
    }
}
