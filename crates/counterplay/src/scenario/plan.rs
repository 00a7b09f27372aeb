//! What a question changes, and when the players know of it.
//!
//! Some interventions are *foreseen*: the story is unfolded or valued again, and play is solved again. Others come
//! as a *surprise*: players keep the rules that they had, and only what happens is changed. In the terms of
//! structural causal games these are pre-policy and post-policy interventions (Hammond et al. 2023). Where only some
//! players foresee a change, the others keep their rules, and those who foresee it respond to them.

use counterplay_game::expression::ParameterId;

use crate::problem::Problem;
use crate::scenario::contradiction::contradiction;
use crate::scenario::{Act, Foresight, Intervention, Luck};
use crate::story::change::{Change, ChangeCondition, ToldChange};
use crate::story::terms::EventName;

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
    /// The story as it is told while some players keep the rules that they had; all changes to it are here, and none
    /// is among the surprises.
    pub apart: Option<Apart>,
    /// What is done with luck.
    pub luck: Luck,
}

/// A story that is told again while some players keep the rules that they had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The players who foresee all of it.
    pub foreseeing: Vec<String>,
    /// All changes, in order.
    pub told: Vec<ToldChange>,
    /// Whether players who keep their rules respond where they have none, because they never knew the situation; else that is an
    /// error.
    pub responding: bool,
}

impl Plan {
    /// Sorts interventions.
    ///
    /// # Errors
    /// If one that must be foreseen is said to be a surprise, or two contradict each other.
    pub fn new(interventions: &[Intervention], foresight: &Foresight, luck: Luck) -> Result<Self, Problem> {
        let mut plan = Self { luck, ..Self::default() };
        let mut told = Vec::new();
        for intervention in interventions {
            let foreseen = foreseen(intervention, foresight)?;
            plan.add(&intervention.act, foreseen, &mut told);
        }
        if let Some(problem) = contradiction(told.iter().map(|t| &t.change)) {
            return Err(problem);
        }
        plan.sort(told, foresight);
        Ok(plan)
    }

    fn add(&mut self, act: &Act, foreseen: bool, told: &mut Vec<ToldChange>) {
        // Once a parameter is changed under a condition, what is done to parameters after it is told as well, since
        // the order matters.
        let by_telling = |t: &ToldChange| matches!(t.change.bare(), Change::Parameter { .. });
        if matches!(act, Act::Change(_)) || told.iter().any(by_telling) {
            told.push(ToldChange { change: act.clone().into_change(), expected: foreseen });
            return;
        }
        if foreseen {
            self.foreseen_parameters.push(act.clone());
        }
        self.all_parameters.push(act.clone());
    }

    fn sort(&mut self, told: Vec<ToldChange>, foresight: &Foresight) {
        let only = matches!(foresight, Foresight::Only(_));
        let (foreseen, surprises): (Vec<&ToldChange>, Vec<&ToldChange>) =
            told.iter().partition(|t| t.expected);
        let changes = |list: &[&ToldChange]| list.iter().map(|t| t.change.clone()).collect::<Vec<Change>>();
        self.foreseen_changes = changes(&foreseen);
        if only || surprises.iter().any(|t| !t.change.decides_an_event()) {
            let foreseeing = if let Foresight::Only(names) = foresight { names.clone() } else { Vec::new() };
            self.apart = Some(Apart { foreseeing, told, responding: false });
        } else {
            self.surprises = changes(&surprises);
        }
    }

    /// The same with the story told again for what would come as a surprise, while all players keep the rules that they had: so that an
    /// event can turn out as it never does in the story as it is. In situations that they never knew they respond to what they find.
    pub(crate) fn told_again(mut self) -> Self {
        let known = ToldChange::to_all(&self.foreseen_changes);
        let surprise = |change: Change| ToldChange { change, expected: false };
        let told = known.into_iter().chain(std::mem::take(&mut self.surprises).into_iter().map(surprise));
        let apart = || Apart { foreseeing: Vec::new(), told: told.collect(), responding: true };
        self.apart.get_or_insert_with(apart);
        self
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none() && self.all_parameters.is_empty()
    }

    /// Whether story and play are the factual ones: nothing is foreseen, and nothing told again.
    pub fn keeps_play(&self) -> bool {
        self.foreseen_changes.is_empty() && self.foreseen_parameters.is_empty() && self.apart.is_none()
    }

    /// All changes to the story.
    fn changes(&self) -> impl Iterator<Item = &Change> {
        let apart = self.apart.iter().flat_map(|a| a.told.iter().map(|t| &t.change));
        let foreseen = self.foreseen_changes.iter().filter(|_| self.apart.is_none());
        foreseen.chain(&self.surprises).chain(apart)
    }

    /// The moments after which luck is drawn again under [`Luck::RedrawnAfter`].
    pub fn moments(&self) -> Moments {
        let mut moments =
            Moments { from_the_beginning: !self.all_parameters.is_empty(), ..Moments::default() };
        for change in self.changes() {
            moments.add(change);
        }
        moments
    }
}

/// The moments after which luck is drawn again: each is when the first event is decided that a change touches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Whether a change holds from the beginning of the story, so that no luck is kept.
    pub from_the_beginning: bool,
    /// Events after which luck is drawn again, each with the conditions under which it is; the event itself keeps its luck.
    pub after: Vec<(EventName, Vec<ChangeCondition>)>,
    /// Whether luck is drawn again from where an event has been removed.
    pub from_removals: bool,
}

impl Moments {
    fn add(&mut self, change: &Change) {
        let conditions: Vec<ChangeCondition> = change.conditions().into_iter().cloned().collect();
        let conditional: Vec<EventName> =
            conditions.iter().flat_map(ChangeCondition::events).cloned().collect();
        match change.bare() {
            Change::Parameter { .. } if conditions.is_empty() => self.from_the_beginning = true,
            // What was changed last by the events that the conditions name.
            Change::Parameter { .. } => {
                self.after.extend(conditional.into_iter().map(|event| (event, conditions.clone())));
            }
            Change::Force { event, .. }
            | Change::Forbid { event, .. }
            | Change::Rule { event, .. }
            | Change::Insert { event, .. } => self.after.push((event.clone(), conditions)),
            // Who sees an event changes when it is decided, or when a condition comes true after that.
            Change::Show { event, .. } | Change::Hide { event, .. } => {
                let mut known = conditions.clone();
                known.push(ChangeCondition::From(event.clone()));
                self.after.extend(conditional.into_iter().map(|later| (later, known.clone())));
                self.after.push((event.clone(), conditions));
            }
            // Both are decided, the second before the first.
            Change::Swap { first, second } => {
                let mut after = conditions;
                after.push(ChangeCondition::From(second.clone()));
                self.after.push((first.clone(), after));
            }
            Change::Remove { .. } => self.from_removals = true,
            Change::If { .. } => unreachable!("a bare change has no condition"),
        }
    }
}

/// Whether an intervention is foreseen by everybody.
fn foreseen(intervention: &Intervention, foresight: &Foresight) -> Result<bool, Problem> {
    let act = &intervention.act;
    let foreseen = match foresight {
        Foresight::ByKind => act.foreseen_by_default(),
        Foresight::All => true,
        Foresight::Nobody => false,
        // Those who foresee it are told apart from the others.
        Foresight::Only(_) => return Ok(false),
    };
    if !foreseen && !act.can_surprise() {
        return Err(Problem::new(format!("`{}` cannot come as a surprise", intervention.text)).hint(
            "who knows what, in which order, and which moves there are, must be foreseen: say `foreseen_by = ALL`",
        ));
    }
    Ok(foreseen)
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
