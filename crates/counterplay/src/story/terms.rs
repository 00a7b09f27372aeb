//! The terms in which a story speaks: names of events, who sees what, probabilities, choices.

use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, PlayerId, TextId};

/// A set of players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(pub(crate) u64);

impl Seen {
    /// Everybody.
    pub const ALL: Self = Self(u64::MAX);
    /// Nobody.
    pub const NOBODY: Self = Self(0);

    pub(crate) fn has(self, player: PlayerId) -> bool {
        self.0 >> player.index() & 1 == 1
    }

    pub(crate) fn with(self, player: PlayerId) -> Self {
        Self(self.0 | 1 << player.index())
    }

    /// Those in either.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those who are not in the other.
    pub(crate) fn where_not(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The probability of a branch of a chance event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Share {
    /// This much.
    Of(ExprId),
    /// Whatever the others leave.
    Rest,
}

/// An event that has turned out along the present history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventSoFar {
    pub(crate) event: EventId,
    pub(crate) name: TextId,
    pub(crate) value: TextId,
    pub(crate) seen: Seen,
}

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

/// A choice among others that are made at the same time.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// Who decides.
    pub player: &'a str,
    /// The event's name.
    pub event: &'a str,
    /// The actions.
    pub actions: &'a [String],
}
