//! The chances of tallies and of results, as expressions.

use super::BlocMembers;
use super::{Base, Bloc, Defection, Rule, Stance, Tally, Threshold, Vote};
use crate::problem::Problem;
use crate::story::telling::Telling;
use crate::story::terms::Share;
use counterplay_game::expression::{ExprId, Expressions};
use std::collections::BTreeMap;

/// More members than these in one bloc whose members break ranks would have more subsets than a number can hold.
const MAX_SEATS: u32 = 1_000;

/// The most tallies of some blocs together, and the most pairs of tallies that are computed with.
const MAX_TALLIES: usize = 100_000;

/// Tallies with their probabilities.
type Tallies = BTreeMap<Tally, ExprId>;

fn key_of(rule: Rule) -> (u8, u64, Base) {
    match rule.threshold {
        Threshold::Votes(needed) => (0, u64::from(needed), rule.base),
        Threshold::Majority => (1, 0, rule.base),
        Threshold::AtLeast(share) => (2, share.to_bits(), rule.base),
    }
}

impl Telling<'_> {
    /// How one member of a bloc votes: each way that has a chance, with its probability.
    fn member(
        &mut self,
        vote: &Vote<'_>,
        bloc: &Bloc,
        stance: Stance,
    ) -> Result<Vec<(Stance, ExprId)>, Problem> {
        let breaks: Vec<(Stance, ExprId)> = match &bloc.defection {
            Defection::None => Vec::new(),
            Defection::Opposite(p) => stance.opposite().map(|other| (other, *p)).into_iter().collect(),
            Defection::To(ways) => ways.iter().copied().filter(|way| way.0 != stance).collect(),
        };
        let mut kept = self.expressions.constant(1.0);
        let mut ways = Vec::with_capacity(breaks.len() + 1);
        for (other, p) in breaks {
            self.check_break(vote, bloc, p)?;
            if self.expressions.known(p) != Some(0.0) {
                kept = self.expressions.subtract(kept, p);
                ways.push((other, p));
            }
        }
        self.check_break(vote, bloc, kept)?;
        if self.expressions.known(kept) != Some(0.0) {
            ways.insert(0, (stance, kept));
        }
        if ways.len() > 1 && bloc.seats > MAX_SEATS {
            return Err(Problem::new(format!(
                "members of `{}` break ranks at `{}`, and it has {} of them: more than {MAX_SEATS}",
                bloc.name, vote.event, bloc.seats
            ))
            .hint("split it into blocs, or leave its name out of `defect`"));
        }
        Ok(ways)
    }

    fn check_break(&self, vote: &Vote<'_>, bloc: &Bloc, p: ExprId) -> Result<(), Problem> {
        match self.expressions.known(p) {
            Some(p) if !(-1e-12..=1.0 + 1e-12).contains(&p) => Err(Problem::new(format!(
                "the probability that a member of `{}` breaks ranks at `{}` is not between 0 and 1",
                bloc.name, vote.event
            ))
            .hint("`defect` gives the probability that one member votes otherwise than the bloc, for example 0.02")),
            _ => Ok(()),
        }
    }

    fn members(&mut self, vote: &Vote<'_>, stances: &[Stance]) -> Result<Vec<BlocMembers>, Problem> {
        let blocs = vote.blocs.iter().zip(stances);
        blocs.map(|(bloc, &stance)| Ok((bloc.seats, self.member(vote, bloc, stance)?))).collect()
    }

    /// The tally, if nobody can break ranks.
    pub(super) fn known_tally(
        &mut self,
        vote: &Vote<'_>,
        stances: &[Stance],
    ) -> Result<Option<Tally>, Problem> {
        let members = self.members(vote, stances)?;
        let certain = members.iter().all(|(_, ways)| ways.len() == 1);
        let sum = |sum: Tally, (seats, ways): &BlocMembers| sum.and(Tally::of(ways[0].0, *seats));
        Ok(certain.then(|| members.iter().fold(Tally::default(), sum)))
    }

    /// Draws the tally; `None` if an intervention has removed it.
    pub(super) fn draw_tally(
        &mut self,
        vote: &Vote<'_>,
        stances: &[Stance],
    ) -> Result<Option<Tally>, Problem> {
        let mut all = Tallies::from([(Tally::default(), self.expressions.constant(1.0))]);
        for (seats, ways) in self.members(vote, stances)? {
            let own = tallies_of(&mut self.expressions, vote.event, seats, &ways)?;
            all = together(&mut self.expressions, vote.event, &all, &own)?;
        }
        let event = format!("{}: tally", vote.event);
        let branches: Vec<(String, Share)> = all.iter().map(|(t, p)| (t.words(), Share::Of(*p))).collect();
        let drawn = self.chance(&event, &branches, vote.seen_by)?;
        Ok(drawn.map(|index| *all.keys().nth(index).expect("it is one of the branches")))
    }

    /// The chances that the motion passes and that it fails. Both are sums of what is positive: one as the other's
    /// complement would lose the digits of a small one.
    pub(super) fn chances_of(
        &mut self,
        vote: &Vote<'_>,
        stances: &[Stance],
    ) -> Result<(ExprId, ExprId), Problem> {
        let members = self.members(vote, stances)?;
        let also = if vote.also.is_empty() { String::new() } else { format!("{:?}", vote.also) };
        let key = (key_of(vote.rule), members, also);
        if let Some(&known) = self.vote_chances.get(&key) {
            return Ok(known);
        }
        let chances = chances(&mut self.expressions, vote, &key.1)?;
        self.vote_chances.insert(key, chances);
        Ok(chances)
    }
}

fn chances(
    e: &mut Expressions,
    vote: &Vote<'_>,
    members: &[BlocMembers],
) -> Result<(ExprId, ExprId), Problem> {
    let own: Result<Vec<Tallies>, Problem> =
        members.iter().map(|(seats, ways)| tallies_of(e, vote.event, *seats, ways)).collect();
    let mut own = own?;
    if !vote.also.is_empty() {
        return chances_by_bloc(e, vote, &own);
    }
    // The largest last: it is summed over, and not multiplied out.
    own.sort_by_key(Tallies::len);
    let last = own.pop().unwrap_or_else(|| Tallies::from([(Tally::default(), e.constant(1.0))]));
    let mut others = Tallies::from([(Tally::default(), e.constant(1.0))]);
    for tallies in &own {
        others = together(e, vote.event, &others, tallies)?;
    }
    if others.len() * last.len() > MAX_TALLIES {
        return Err(too_many(vote.event));
    }
    let zero = e.constant(0.0);
    let (mut passes, mut fails) = (zero, zero);
    for (&tally, &p) in &others {
        // Sums over the same tallies are the same expressions, for the ends at which they start are the same.
        let (mut for_it, mut against) = (zero, zero);
        for (&t, &q) in last.iter().rev().filter(|(t, _)| vote.rule.passes(tally.and(**t))) {
            let _ = t;
            for_it = e.add(for_it, q);
        }
        for (_, &q) in last.iter().filter(|(t, _)| !vote.rule.passes(tally.and(**t))) {
            against = e.add(against, q);
        }
        passes = add_product(e, passes, p, for_it);
        fails = add_product(e, fails, p, against);
    }
    Ok((passes, fails))
}

/// The chances where it counts which bloc's members are for the motion: over all tallies of all blocs.
fn chances_by_bloc(
    e: &mut Expressions,
    vote: &Vote<'_>,
    own: &[Tallies],
) -> Result<(ExprId, ExprId), Problem> {
    let mut all: Vec<(Vec<Tally>, ExprId)> = vec![(Vec::new(), e.constant(1.0))];
    for tallies in own {
        if all.len() * tallies.len() > MAX_TALLIES {
            return Err(too_many(vote.event));
        }
        let mut next = Vec::with_capacity(all.len() * tallies.len());
        for (before, p) in &all {
            for (tally, q) in tallies {
                let mut with = before.clone();
                with.push(*tally);
                next.push((with, e.multiply(*p, *q)));
            }
        }
        all = next;
    }
    let (mut passes, mut fails) = (e.constant(0.0), e.constant(0.0));
    for (tallies, p) in all {
        let sum = if vote.passes(&tallies) { &mut passes } else { &mut fails };
        *sum = e.add(*sum, p);
    }
    Ok((passes, fails))
}

fn add_product(e: &mut Expressions, sum: ExprId, a: ExprId, b: ExprId) -> ExprId {
    if e.known(a) == Some(0.0) || e.known(b) == Some(0.0) {
        return sum;
    }
    let product = e.multiply(a, b);
    e.add(sum, product)
}

/// The tallies of two groups together.
fn together(e: &mut Expressions, event: &str, a: &Tallies, b: &Tallies) -> Result<Tallies, Problem> {
    if a.len() * b.len() > MAX_TALLIES {
        return Err(too_many(event));
    }
    let mut both = Tallies::new();
    for (s, &p) in a {
        for (t, &q) in b {
            let product = e.multiply(p, q);
            let sum = both.entry(s.and(*t)).or_insert_with(|| e.constant(0.0));
            *sum = e.add(*sum, product);
        }
    }
    Ok(both)
}

/// The tallies of one bloc: multinomial over the ways in which its members vote.
fn tallies_of(
    e: &mut Expressions,
    event: &str,
    seats: u32,
    ways: &[(Stance, ExprId)],
) -> Result<Tallies, Problem> {
    let mut tallies = BTreeMap::from([((Tally::default(), 0), e.constant(1.0))]);
    let (&(last, p_last), others) = ways.split_last().expect("a member votes in some way");
    for &(stance, p) in others {
        let mut next = BTreeMap::new();
        for (&(tally, given), &q) in &tallies {
            let mut power = e.constant(1.0);
            for count in 0..=seats - given {
                let ways = e.constant(binomial(seats - given, count));
                let term = e.multiply(ways, power);
                let product = e.multiply(q, term);
                next.insert((tally.and(Tally::of(stance, count)), given + count), product);
                power = e.multiply(power, p);
            }
        }
        if next.len() > MAX_TALLIES {
            return Err(too_many(event));
        }
        tallies = next;
    }
    let mut powers = vec![e.constant(1.0)];
    for _ in 0..seats {
        let power = e.multiply(*powers.last().expect("never empty"), p_last);
        powers.push(power);
    }
    let complete = tallies.into_iter().map(|((tally, given), q)| {
        let left = seats - given;
        (tally.and(Tally::of(last, left)), e.multiply(q, powers[left as usize]))
    });
    Ok(complete.collect())
}

/// $\binom{n}{k}$, to the last bits of a number.
fn binomial(n: u32, k: u32) -> f64 {
    let smaller = k.min(n - k);
    (0..smaller).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1))
}

fn too_many(event: &str) -> Problem {
    Problem::new(format!("there are more than {MAX_TALLIES} tallies of `{event}` to compute with"))
        .hint("let the members of fewer blocs break ranks, or in fewer ways")
}
