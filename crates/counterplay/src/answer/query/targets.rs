//! What a query averages over histories.

use super::cases::Target;
use super::test::Test;
use crate::scenario::query::{Condition, Fact, Is, Quantity};
use crate::world::inquiry::Inquiry;
use crate::world::scene::Scene;

/// The targets of a quantity in a scene: one, or one for each label of a distribution.
pub(crate) fn targets(quantity: &Quantity, inquiry: &Inquiry<'_>, scene: &Scene) -> Vec<Target> {
    let test = |condition: &Condition| Target::Holds(Test::new(condition, scene, &inquiry.catalogue));
    match quantity {
        Quantity::Probability(condition) => vec![test(condition)],
        Quantity::Mean(measure) | Quantity::Quantile(measure, _) => {
            inquiry.catalogue.measure(measure).map(Target::Measured).into_iter().collect()
        }
        Quantity::Payoff(player) => {
            scene.model().game().player(player).map(|p| Target::Payoff(p.index())).into_iter().collect()
        }
        Quantity::Distribution(name) => labels_of(name, inquiry)
            .into_iter()
            .map(|label| test(&Condition::All(vec![Fact { name: name.clone(), is: Is::Value(label) }])))
            .collect(),
        Quantity::ValueOfInformation { .. }
        | Quantity::ValueOfCommitment { .. }
        | Quantity::ValueOfControl { .. } => Vec::new(),
    }
}

/// The values of an outcome, or the labels of an event; none of a measured quantity.
pub(crate) fn labels_of(name: &str, inquiry: &Inquiry<'_>) -> Vec<String> {
    if let Some(outcome) = inquiry.catalogue.outcome(name) {
        return inquiry.catalogue.outcomes[outcome].1.clone();
    }
    let mut labels = Vec::new();
    if inquiry.catalogue.measure(name).is_some() {
        return labels;
    }
    let event = crate::story::terms::EventName::parse(name).to_string();
    for scene in &inquiry.scenes {
        let game = scene.model().game();
        let Some(id) = game.find_event(&event) else { continue };
        for node in game.nodes().filter(|&n| game.child_count(n) > 0 && game.event_id(n) == id) {
            for label in game.labels(node).map(|l| game.text(l)) {
                if !labels.iter().any(|l| l == label) {
                    labels.push(label.to_owned());
                }
            }
        }
    }
    labels
}
