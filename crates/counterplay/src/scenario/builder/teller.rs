//! What a story told from Rust calls `g`: labels in, label out.

use crate::problem::Problem;
use crate::scenario::builder::Quantity;
use crate::story::state::StateValue;
use crate::story::telling::Telling;
use crate::story::terms::{Seen, Share};

/// The telling of a story along one history.
pub struct Teller<'g, 'a> {
    telling: &'g mut Telling<'a>,
}

impl<'g, 'a> Teller<'g, 'a> {
    pub(super) fn new(telling: &'g mut Telling<'a>) -> Self {
        Self { telling }
    }

    /// What the story is told to, for what this does not offer.
    pub fn telling(&mut self) -> &mut Telling<'a> {
        self.telling
    }

    /// Chance decides among labels with these probabilities, seen by these players alone; the label that it falls on, or nothing if an
    /// intervention has removed the event.
    ///
    /// # Errors
    /// If the probabilities cannot be probabilities, or a player is unknown.
    pub fn chance<'l, Q: Into<Quantity>, const N: usize>(
        &mut self,
        event: &str,
        labels: [(&'l str, Q); N],
        seen_by: &[&str],
    ) -> Result<&'l str, Problem> {
        let seen = self.telling.seen_by(seen_by.iter().copied())?;
        self.decided_by_chance(event, labels, seen)
    }

    /// The same, seen by all players.
    ///
    /// # Errors
    /// As [`chance`](Self::chance).
    pub fn chance_seen_by_all<'l, Q: Into<Quantity>, const N: usize>(
        &mut self,
        event: &str,
        labels: [(&'l str, Q); N],
    ) -> Result<&'l str, Problem> {
        self.decided_by_chance(event, labels, Seen::ALL)
    }

    fn decided_by_chance<'l, Q: Into<Quantity>, const N: usize>(
        &mut self,
        event: &str,
        labels: [(&'l str, Q); N],
        seen: Seen,
    ) -> Result<&'l str, Problem> {
        let labels = labels.map(|(label, p)| (label, p.into()));
        let mut branches: Vec<(String, Share)> = Vec::with_capacity(N);
        for (label, probability) in &labels {
            branches.push(((*label).to_owned(), probability.share(&mut self.telling.expressions)));
        }
        let taken = self.telling.chance(event, &branches, seen)?;
        match taken.map(|k| labels.get(k)) {
            None => Ok(""),
            Some(Some(label)) => Ok(label.0),
            Some(None) => Err(Problem::new(format!("`{event}` has no such label here"))
                .hint("an intervention can bring about only what the story lists where the event comes up")),
        }
    }

    /// A player decides, seen by all; the action taken, or nothing if an intervention has removed the event.
    ///
    /// # Errors
    /// If the player is unknown, has no actions, or could tell from its actions what it has not seen.
    pub fn choose<'l, const N: usize>(
        &mut self,
        player: &str,
        event: &str,
        actions: [&'l str; N],
    ) -> Result<&'l str, Problem> {
        let names = actions.map(str::to_owned);
        let taken = self.telling.choose(player, event, &names, Seen::ALL)?;
        Ok(taken.map_or("", |k| actions[k]))
    }

    /// The same, seen by these players and who decides.
    ///
    /// # Errors
    /// As [`choose`](Self::choose), and if a player is unknown.
    pub fn choose_seen_by<'l, const N: usize>(
        &mut self,
        player: &str,
        event: &str,
        actions: [&'l str; N],
        seen_by: &[&str],
    ) -> Result<&'l str, Problem> {
        let seen = self.telling.seen_by(seen_by.iter().copied())?;
        let names = actions.map(str::to_owned);
        let taken = self.telling.choose(player, event, &names, seen)?;
        Ok(taken.map_or("", |k| actions[k]))
    }

    /// Adds to a player's payoff.
    ///
    /// # Errors
    /// If the player is unknown or the history has ended.
    pub fn pay(&mut self, player: &str, amount: impl Into<Quantity>) -> Result<(), Problem> {
        let amount = amount.into().expression(&mut self.telling.expressions);
        self.telling.pay(player, amount)
    }

    /// States a named fact of how it went.
    ///
    /// # Errors
    /// If the history has ended or the fact was stated before with another value.
    pub fn outcome(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        self.telling.outcome(name, value)
    }

    /// Shows an event that has happened to further players.
    ///
    /// # Errors
    /// If a player is unknown, or no event of that name has happened.
    pub fn reveal(&mut self, event: &str, to: &[&str]) -> Result<(), Problem> {
        let to = self.telling.seen_by(to.iter().copied())?;
        self.telling.reveal(event, to)
    }

    /// Ends the telling of this stage, and hands over to the stage of that name in a state. What is paid there counts for `discount` of
    /// itself here, a number between 0 and 1.
    ///
    /// # Errors
    /// If the history has ended already, there is no such stage, or the discount is known and cannot be one.
    pub fn next(
        &mut self,
        stage: &str,
        state: impl Into<StateValue>,
        discount: impl Into<Quantity>,
    ) -> Result<(), Problem> {
        let discount = discount.into().expression(&mut self.telling.expressions);
        self.telling.next(stage, state.into(), discount)
    }

    /// Ends the history with these payoffs and outcomes. Players that are not named get nothing more.
    ///
    /// # Errors
    /// If a player is unknown or the history has ended.
    pub fn end<Q: Into<Quantity>, const N: usize, const M: usize>(
        &mut self,
        payoffs: [(&str, Q); N],
        outcomes: [(&str, &str); M],
    ) -> Result<(), Problem> {
        for (player, amount) in payoffs {
            self.pay(player, amount)?;
        }
        for (name, value) in outcomes {
            self.outcome(name, value)?;
        }
        self.telling.end()
    }
}
