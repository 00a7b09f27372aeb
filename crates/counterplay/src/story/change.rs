//! Changes to a story: what an intervention does to the telling of it.

use crate::story::terms::EventName;
use crate::story::terms::Share;
use counterplay_game::expression::{ExprId, ParameterId};

/// When a change holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChangeCondition {
    /// Once all of these events have turned out so.
    Turned(Vec<(EventName, String)>),
    /// From the moment at which this event is decided, the event itself included.
    From(EventName),
}

impl ChangeCondition {
    /// The events that it depends on.
    pub fn events(&self) -> Vec<&EventName> {
        match self {
            ChangeCondition::Turned(events) => events.iter().map(|e| &e.0).collect(),
            ChangeCondition::From(event) => vec![event],
        }
    }
}

/// Where an event is added to a story.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Beside {
    /// Right before this event.
    Before(EventName),
    /// Right after this event.
    After(EventName),
}

impl Beside {
    /// The event that it is beside.
    pub fn event(&self) -> &EventName {
        match self {
            Beside::Before(event) | Beside::After(event) => event,
        }
    }
}

/// What is done to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// It becomes this.
    Set,
    /// It grows by this.
    Shift,
    /// It is multiplied by this.
    Scale,
}

/// One change to the telling of a story.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The event turns out so, whoever decides.
    Force {
        /// The event.
        event: EventName,
        /// What it turns out as.
        action: String,
    },
    /// An action or a label is taken away.
    Forbid {
        /// The event.
        event: EventName,
        /// The action.
        action: String,
    },
    /// More players see the event.
    Show {
        /// The event.
        event: EventName,
        /// Who now sees it.
        to: Vec<String>,
    },
    /// Fewer players see the event.
    Hide {
        /// The event.
        event: EventName,
        /// Who no longer sees it.
        from: Vec<String>,
    },
    /// A player's move is made by given odds.
    Rule {
        /// The event.
        event: EventName,
        /// The player whose move it is.
        player: String,
        /// The odds of each action; those not named have none. Odds need not sum to one.
        odds: Vec<(String, ExprId)>,
    },
    /// The event does not happen.
    Remove {
        /// The event.
        event: EventName,
    },
    /// Chance decides something that the story did not have.
    Insert {
        /// The new event, which happens once.
        event: EventName,
        /// Its labels with their probabilities.
        branches: Vec<(String, Share)>,
        /// Where it happens.
        beside: Beside,
        /// Who sees it; `None` stands for everybody.
        seen_by: Option<Vec<String>>,
    },
    /// Two events that follow each other are decided in the other order.
    Swap {
        /// The event that came first.
        first: EventName,
        /// The event that came second.
        second: EventName,
    },
    /// A parameter is changed in what is told while the change holds: probabilities, payoffs, measured quantities.
    Parameter {
        /// The parameter.
        parameter: ParameterId,
        /// What is done to it.
        how: Arithmetic,
        /// By how much, over the parameters as they were.
        amount: ExprId,
    },
    /// A change that holds under a condition.
    If {
        /// The condition.
        condition: ChangeCondition,
        /// The change.
        change: Box<Change>,
    },
}

impl Change {
    /// The event that it is about, which for a change of order is the one that came first; a change of a parameter
    /// is about none.
    pub fn event(&self) -> Option<&EventName> {
        match self.bare() {
            Change::Force { event, .. }
            | Change::Forbid { event, .. }
            | Change::Show { event, .. }
            | Change::Hide { event, .. }
            | Change::Rule { event, .. }
            | Change::Remove { event }
            | Change::Insert { event, .. }
            | Change::Swap { first: event, .. } => Some(event),
            Change::Parameter { .. } | Change::If { .. } => None,
        }
    }

    /// The change without its conditions.
    pub fn bare(&self) -> &Change {
        match self {
            Change::If { change, .. } => change.bare(),
            other => other,
        }
    }

    /// The conditions under which it holds, all of them together.
    pub fn conditions(&self) -> Vec<&ChangeCondition> {
        let (mut conditions, mut change) = (Vec::new(), self);
        while let Change::If { condition, change: within } = change {
            conditions.push(condition);
            change = within;
        }
        conditions
    }

    /// The quantities that it speaks of.
    pub fn quantities(&self) -> Vec<ExprId> {
        match self.bare() {
            Change::Rule { odds, .. } => odds.iter().map(|o| o.1).collect(),
            Change::Parameter { amount, .. } => vec![*amount],
            Change::Insert { branches, .. } => {
                let of = |share: &Share| if let Share::Of(p) = share { Some(*p) } else { None };
                branches.iter().filter_map(|b| of(&b.1)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it only decides how one event goes, so that it can be made while a history is replayed.
    pub fn decides_an_event(&self) -> bool {
        matches!(self.bare(), Change::Force { .. } | Change::Forbid { .. } | Change::Rule { .. })
    }

    /// Whether it can come as a surprise to everybody: the players then keep the rules that they had, which must
    /// still say what to do.
    pub fn can_surprise(&self) -> bool {
        self.decides_an_event() || matches!(self.bare(), Change::Insert { .. } | Change::Parameter { .. })
    }
}

/// A change as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ToldChange {
    /// The change.
    pub change: Change,
    /// Whether those who keep the rules that they had know of it.
    pub expected: bool,
}

impl ToldChange {
    /// Changes that everybody knows of.
    pub fn to_all(changes: &[Change]) -> Vec<Self> {
        changes.iter().map(|change| Self { change: change.clone(), expected: true }).collect()
    }
}
