//! Votes cast: blocs choose, members break ranks, and the rule makes a result of the tally.

use super::{Bloc, FAILED, Order, PASSED, Stance, Tally, Vote, Voted};
use crate::problem::{Problem, did_you_mean};
use crate::story::telling::Telling;
use crate::story::terms::{Choice, Share};

impl Telling<'_> {
    /// Holds a vote; see [`Vote`].
    ///
    /// # Errors
    /// If a bloc that has a choice is not a player, a probability cannot be one, there are too many tallies to compute with,
    /// or a bound is met.
    pub fn vote(&mut self, vote: &Vote<'_>) -> Result<Voted, Problem> {
        let stances = self.blocs_vote(vote)?;
        let known = self.known_tally(vote, &stances)?;
        let tally = if vote.draws_tally { self.draw_tally(vote, &stances)? } else { known };
        let result = match (tally, known) {
            (Some(tally), _) if vote.also.is_empty() => Some(vote.rule.passes(tally)),
            (Some(_), Some(_)) => {
                let own =
                    vote.blocs.iter().zip(&stances).map(|(bloc, stance)| Tally::of(*stance, bloc.seats));
                Some(vote.passes(&own.collect::<Vec<_>>()))
            }
            (Some(_), None) => return Err(no_single_tally(vote.event)),
            (None, _) => None,
        };
        let (passes, fails) = match result {
            Some(passes) => {
                let certain = |yes: bool| if yes { 1.0 } else { 0.0 };
                (self.expressions.constant(certain(passes)), self.expressions.constant(certain(!passes)))
            }
            None => self.chances_of(vote, &stances)?,
        };
        let branches = [(PASSED.to_owned(), Share::Of(passes)), (FAILED.to_owned(), Share::Of(fails))];
        let branch = self.chance_with_all(vote.event, &branches, vote.seen_by)?;
        Ok(Voted { passed: branch.map(|b| b == 0), stances, tally })
    }

    fn blocs_vote(&mut self, vote: &Vote<'_>) -> Result<Vec<Stance>, Problem> {
        let labels: Vec<String> = vote.options.iter().map(|o| o.1.clone()).collect();
        let choosing: Vec<&Bloc> = vote.blocs.iter().filter(|b| b.bound.is_none()).collect();
        let mut seen = vote.votes_seen_by;
        for bloc in &choosing {
            let player =
                self.player(&bloc.name).map_err(|_| not_a_player(vote.event, bloc, self.players()))?;
            if vote.order == Order::RollCall {
                seen = seen.with(player);
            }
        }
        let events: Vec<String> = choosing.iter().map(|b| format!("{}: {}", vote.event, b.name)).collect();
        let choices: Vec<Choice<'_>> = choosing
            .iter()
            .zip(&events)
            .map(|(bloc, event)| Choice { player: &bloc.name, event, actions: &labels })
            .collect();
        let taken = match vote.order {
            Order::Together => self.together(&choices, seen)?,
            Order::RollCall => {
                let one = |c: &Choice<'_>| self.choose(c.player, c.event, c.actions, seen);
                choices.iter().map(one).collect::<Result<_, _>>()?
            }
        };
        let mut taken = taken.into_iter();
        Ok(vote
            .blocs
            .iter()
            .map(|bloc| {
                bloc.bound.unwrap_or_else(|| {
                    let choice = taken.next().flatten();
                    choice.map_or(Stance::Absent, |index| vote.options[index].0)
                })
            })
            .collect())
    }
}

fn no_single_tally(event: &str) -> Problem {
    Problem::new(format!(
        "the tally of `{event}` does not say which blocs were for it, as its further rules ask"
    ))
    .hint("leave out `draw_tally`, or the blocs in `defect`")
}

fn not_a_player(event: &str, bloc: &Bloc, players: &[String]) -> Problem {
    Problem::new(format!("`{}` votes at `{event}` but is not a player", bloc.name))
        .hint(did_you_mean(&bloc.name, players.iter().map(String::as_str)))
}
