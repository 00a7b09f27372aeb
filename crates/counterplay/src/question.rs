//! What a question changes, and when the players know of it.
//!
//! Some interventions are *foreseen*: the story is unfolded or valued anew, and play is solved anew. Others come
//! as a *surprise*: players keep the rules that they had, and only what happens is changed. In the terms of
//! structural causal games these are pre-policy and post-policy interventions (Hammond et al. 2023).

use counterplay_game::expression::ParameterId;

use crate::change::{Change, EventName};
use crate::problem::Problem;
use crate::scenario::{Act, Intervention, Luck};

/// Interventions sorted by when the players know of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Changes to the story that everybody foresees.
    pub foreseen_changes: Vec<Change>,
    /// Changes of parameters that everybody foresees, in order.
    pub foreseen_parameters: Vec<Act>,
    /// All changes of parameters, foreseen or not, in order.
    pub all_parameters: Vec<Act>,
    /// Changes to what happens that nobody foresees, in order.
    pub surprises: Vec<Change>,
    /// What is done with luck.
    pub luck: Luck,
}

impl Plan {
    /// Sorts interventions; `foreseen` is `None` where each goes by its kind.
    ///
    /// # Errors
    /// If one that must be foreseen is said to be a surprise.
    pub fn new(interventions: &[Intervention], foreseen: Option<bool>, luck: Luck) -> Result<Self, Problem> {
        let mut plan = Self { luck, ..Self::default() };
        for intervention in interventions {
            plan.add(intervention, foreseen)?;
        }
        Ok(plan)
    }

    fn add(&mut self, intervention: &Intervention, foreseen: Option<bool>) -> Result<(), Problem> {
        let act = &intervention.act;
        let foreseen = foreseen.unwrap_or(act.foreseen_by_default());
        if !foreseen && !act.can_surprise() {
            return Err(Problem::new(format!("`{}` cannot come as a surprise", intervention.text)).hint(
                "who knows what, and which moves there are, must be foreseen: say `foreseen_by = ALL`",
            ));
        }
        match act {
            Act::Change(change) if foreseen => self.foreseen_changes.push(change.clone()),
            Act::Change(change) => self.surprises.push(change.clone()),
            Act::Set(..) | Act::Shift(..) | Act::Scale(..) => {
                if foreseen {
                    self.foreseen_parameters.push(act.clone());
                }
                self.all_parameters.push(act.clone());
            }
        }
        Ok(())
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.foreseen_changes.is_empty() && self.all_parameters.is_empty() && self.surprises.is_empty()
    }

    /// Whether play is the factual play: nothing is foreseen.
    pub fn keeps_play(&self) -> bool {
        self.foreseen_changes.is_empty() && self.foreseen_parameters.is_empty()
    }

    /// The events from which on luck is thrown anew under [`Luck::RethrownAfter`]; none if the change holds
    /// from the beginning of the story.
    pub fn moments(&self) -> Vec<&EventName> {
        let holds_throughout =
            |c: &Change| matches!(c, Change::Show { .. } | Change::Hide { .. } | Change::Remove { .. });
        if !self.all_parameters.is_empty() || self.foreseen_changes.iter().any(holds_throughout) {
            return Vec::new();
        }
        self.foreseen_changes.iter().chain(&self.surprises).map(Change::event).collect()
    }
}

/// Applies changes of parameters, in order, where `values` are the expressions' at the factual point.
pub fn apply(acts: &[Act], parameters: &[f64], values: &[f64]) -> Vec<f64> {
    let mut changed = parameters.to_vec();
    for act in acts {
        let at = |p: &ParameterId| p.index();
        match act {
            Act::Set(p, to) => changed[at(p)] = values[to.index()],
            Act::Shift(p, by) => changed[at(p)] += values[by.index()],
            Act::Scale(p, by) => changed[at(p)] *= values[by.index()],
            Act::Change(_) => {}
        }
    }
    changed
}
