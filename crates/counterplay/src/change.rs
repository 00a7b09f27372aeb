//! Changes to a story: what an intervention does to the telling of it.

use counterplay_game::expression::ExprId;

/// An event as a scenario names it: `offer`, or `offer #2` for its second occurrence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName {
    /// The name.
    pub name: String,
    /// Which occurrence, from 1.
    pub occurrence: u32,
}

impl EventName {
    /// Reads `offer` or `offer #2`.
    pub fn parse(text: &str) -> Self {
        if let Some((name, number)) = text.rsplit_once(" #")
            && let Ok(occurrence) = number.parse()
            && occurrence > 0
        {
            return Self { name: name.to_owned(), occurrence };
        }
        Self { name: text.to_owned(), occurrence: 1 }
    }
}

impl std::fmt::Display for EventName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&counterplay_game::tree::event_name(&self.name, self.occurrence))
    }
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
}

impl Change {
    /// The event that it is about.
    pub fn event(&self) -> &EventName {
        match self {
            Change::Force { event, .. }
            | Change::Forbid { event, .. }
            | Change::Show { event, .. }
            | Change::Hide { event, .. }
            | Change::Rule { event, .. }
            | Change::Remove { event } => event,
        }
    }
}
