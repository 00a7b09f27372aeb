//! `g.vote`: a vote as the story tells it.

#![allow(clippy::too_many_arguments, reason = "a call has as many as it needs, and most have names")]

use starlark::environment::MethodsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::dict::DictRef;

use crate::host::tell;
use crate::telling::arguments::{quantity, seen, whom};
use crate::values::failure::fail;
use crate::values::players::Whom;
use crate::values::unpack::{entries, items, must_be, name_of, number, text};
use crate::values::vote::VoteResult;
use counterplay::problem::{Problem, did_you_mean};
use counterplay::story::telling::Telling;
use counterplay::story::vote::{
    Base, Bloc, Defection, FurtherRule, Needed, Order, Rule, Stance, Threshold, Vote,
};

/// Whole numbers of members or votes.
fn whole(value: Value<'_>) -> Option<u32> {
    number(value).filter(|n| n.fract() == 0.0 && (0.0..=1e6).contains(n)).map(|n| n as u32)
}

fn seats_of(event: &str, blocs: Value<'_>) -> Result<Vec<Bloc>, Problem> {
    let entries = entries(blocs, &format!("the blocs of `{event}`"))?;
    if entries.is_empty() {
        return Err(Problem::new(format!("nobody votes at `{event}`"))
            .hint("`blocs` gives each bloc's seats: `{\"A\": 52, \"B\": 51}`"));
    }
    let bloc = |(name, seats): (Value<'_>, Value<'_>)| {
        let name = name_of(name, &format!("a bloc of `{event}`"))?.to_owned();
        let seats = whole(seats).ok_or_else(|| {
            Problem::new(format!(
                "the seats of `{name}` at `{event}` must be a whole number, but they are {seats}"
            ))
            .hint("a bloc's seats are known; what is uncertain is how its members vote: see `defect`")
        })?;
        Ok(Bloc { name, seats, bound: None, defection: Defection::None })
    };
    entries.into_iter().map(bloc).collect()
}

/// The options: for, against, and then abstention and absence in any order.
fn options_of(event: &str, options: Option<Value<'_>>) -> Result<Vec<(Stance, String)>, Problem> {
    let Some(options) = options else {
        return Ok(vec![(Stance::For, "yes".to_owned()), (Stance::Against, "no".to_owned())]);
    };
    let names = items(options, &format!("the options of `{event}`"))?;
    let what = format!("an option of `{event}`");
    let names: Vec<&str> = names.iter().map(|n| text(*n, &what)).collect::<Result<_, _>>()?;
    let hint = "they are what votes for and against are called, in this order, and then `\"abstain\"` and `\"absent\"` if \
                members may: `[\"yes\", \"no\", \"abstain\"]`";
    if names.len() < 2 {
        return Err(Problem::new(format!("`{event}` has fewer than two options")).hint(hint));
    }
    let mut found = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let stance = match (index, name) {
            (0 | 1, "abstain" | "absent") => None,
            (0, _) => Some(Stance::For),
            (1, _) => Some(Stance::Against),
            (_, "abstain") => Some(Stance::Abstain),
            (_, "absent") => Some(Stance::Absent),
            _ => None,
        };
        let stance = stance.ok_or_else(|| {
            Problem::new(format!("`{name}` cannot be option {} of `{event}`", index + 1)).hint(hint)
        })?;
        found.push((stance, name.to_owned()));
    }
    Ok(found)
}

fn stance_of(
    event: &str,
    options: &[(Stance, String)],
    name: Value<'_>,
    what: &str,
) -> Result<Stance, Problem> {
    let name = text(name, what)?;
    let known = options.iter().map(|o| (o.0, o.1.as_str()));
    let known: Vec<_> = known.chain([(Stance::Abstain, "abstain"), (Stance::Absent, "absent")]).collect();
    let found = known.iter().find(|k| k.1 == name);
    found.map(|k| k.0).ok_or_else(|| {
        Problem::new(format!("{what} is `{name}`, which is no option of `{event}`"))
            .hint(did_you_mean(name, known.iter().map(|k| k.1)))
    })
}

fn bloc_named<'b>(
    event: &str,
    blocs: &'b mut [Bloc],
    name: &str,
    argument: &str,
) -> Result<&'b mut Bloc, Problem> {
    let names: Vec<String> = blocs.iter().map(|b| b.name.clone()).collect();
    blocs.iter_mut().find(|b| b.name == name).ok_or_else(|| {
        Problem::new(format!("`{argument}` names `{name}`, which is no bloc of `{event}`"))
            .hint(did_you_mean(name, names.iter().map(String::as_str)))
    })
}

fn bind(
    event: &str,
    blocs: &mut [Bloc],
    options: &[(Stance, String)],
    bound: Value<'_>,
) -> Result<(), Problem> {
    for (name, vote) in entries(bound, "`bound`")? {
        let name = text(name, "a bloc in `bound`")?;
        let stance = stance_of(event, options, vote, &format!("what `{name}` is bound to"))?;
        bloc_named(event, blocs, name, "bound")?.bound = Some(stance);
    }
    Ok(())
}

fn let_defect(
    g: &mut Telling<'_>,
    event: &str,
    blocs: &mut [Bloc],
    options: &[(Stance, String)],
    defect: Value<'_>,
) -> Result<(), Problem> {
    for (name, how) in entries(defect, "`defect`")? {
        let name = text(name, "a bloc in `defect`")?;
        let what = || format!("the probability that a member of `{name}` breaks ranks");
        let defection = if DictRef::from_value(how).is_some() {
            let mut ways = Vec::new();
            for (vote, p) in entries(how, "`defect`")? {
                let stance =
                    stance_of(event, options, vote, &format!("what members of `{name}` do instead"))?;
                ways.push((stance, quantity(g, p, what)?));
            }
            Defection::To(ways)
        } else {
            Defection::Opposite(quantity(g, how, what)?)
        };
        bloc_named(event, blocs, name, "defect")?.defection = defection;
    }
    Ok(())
}

fn base_of(event: &str, of: &str) -> Result<Base, Problem> {
    match of {
        "all members" => Ok(Base::AllMembers),
        "those present" => Ok(Base::ThosePresent),
        "votes cast" => Ok(Base::VotesCast),
        other => {
            let known = ["all members", "those present", "votes cast"];
            let known_ones = "it is `\"all members\"`, `\"those present\"` or `\"votes cast\"`";
            Err(Problem::new(format!("`of` at `{event}` is `{other}`: {known_ones}"))
                .hint(did_you_mean(other, known.into_iter())))
        }
    }
}

fn order_of(event: &str, order: &str) -> Result<Order, Problem> {
    match order {
        "together" => Ok(Order::Together),
        "roll call" => Ok(Order::RollCall),
        other => Err(Problem::new(format!("the order of voting at `{event}` is `{other}`"))
            .hint("it is `\"together\"` or `\"roll call\"`")),
    }
}

/// The rule that a threshold and `of` make.
fn rule_of(event: &str, members: u32, threshold: Value<'_>, of: Option<&str>) -> Result<Rule, Problem> {
    let base = of.map_or(Ok(Base::AllMembers), |of| base_of(event, of))?;
    let known = "`\"majority\"` is more than half; 57 is a number of votes; 2/3 is at least this share";
    if let Some(word) = threshold.unpack_str() {
        return if word == "majority" {
            Ok(Rule { threshold: Threshold::Majority, base })
        } else {
            Err(Problem::new(format!("the threshold of `{event}` is `{word}`")).hint(known))
        };
    }
    match number(threshold) {
        Some(0.5) => Err(Problem::new(format!("with half of the votes, a tie would pass at `{event}`"))
            .hint("`\"majority\"` is more than half: a tie fails")),
        Some(share) if share > 0.0 && share < 1.0 => Ok(Rule { threshold: Threshold::AtLeast(share), base }),
        Some(_) => {
            let needed = whole(threshold).filter(|&n| n > 0);
            let needed = needed.ok_or_else(|| {
                Problem::new(format!("the threshold of `{event}` is {threshold}")).hint(known)
            })?;
            if needed > members {
                return Err(Problem::new(format!(
                    "`{event}` needs {needed} votes, but there are {members} members"
                ))
                .hint("a motion that nobody can carry is no vote"));
            }
            match of {
                None | Some("all members") => Ok(Rule { threshold: Threshold::Votes(needed), base }),
                Some(of) => Err(Problem::new(format!("`{event}` needs {needed} votes of {of}"))
                    .hint("a number of votes is the same whoever is there: drop `of`, or give a share or `\"majority\"`")),
            }
        }
        None => Err(must_be(
            &format!("the threshold of `{event}`"),
            "`\"majority\"` or a known number",
            threshold,
        )
        .hint(known)),
    }
}

/// How a further rule is written.
const FURTHER: &str = "a further rule is a dictionary, as in `also = [{\"weights\": POPULATION, \"threshold\": 0.65, \"against_below\": 4}]`";

/// The rules in `also`, each of which has to be met as well.
fn further_rules(event: &str, blocs: &[Bloc], also: Value<'_>) -> Result<Vec<FurtherRule>, Problem> {
    items(also, "`also`")?.iter().map(|rule| further_rule(event, blocs, *rule)).collect()
}

fn further_rule(event: &str, blocs: &[Bloc], rule: Value<'_>) -> Result<FurtherRule, Problem> {
    let parts = entries(rule, "a rule in `also`").map_err(|problem| problem.hint(FURTHER))?;
    let (mut weights, mut threshold, mut base, mut against_below) = (None, None, Base::AllMembers, None);
    for (key, value) in parts {
        match text(key, "a key of a rule in `also`")? {
            "weights" => weights = Some(weights_of(event, blocs, value)?),
            "threshold" => threshold = Some(value),
            "of" => base = base_of(event, text(value, "`of`")?)?,
            "against_below" => {
                let wrong = || must_be("`against_below`", "a whole number above zero", value);
                against_below = Some(whole(value).filter(|n| *n > 0).ok_or_else(wrong)?);
            }
            other => {
                let known = ["weights", "threshold", "of", "against_below"];
                return Err(Problem::new(format!("a rule in `also` has no `{other}`"))
                    .hint(did_you_mean(other, known.into_iter())));
            }
        }
    }
    let threshold = threshold.ok_or_else(|| {
        Problem::new(format!("a rule in `also` of `{event}` has no `threshold`")).hint(FURTHER)
    })?;
    let all = weights.as_ref().map_or_else(|| members_of(blocs), |w: &Vec<f64>| w.iter().sum());
    Ok(FurtherRule { needed: needed_of(event, threshold, all)?, weights, base, against_below })
}

fn members_of(blocs: &[Bloc]) -> f64 {
    blocs.iter().map(|b| f64::from(b.seats)).sum()
}

/// The weight of each bloc.
fn weights_of(event: &str, blocs: &[Bloc], value: Value<'_>) -> Result<Vec<f64>, Problem> {
    let mut weights: Vec<Option<f64>> = vec![None; blocs.len()];
    for (name, weight) in entries(value, "`weights`")? {
        let name = text(name, "a bloc in `weights`")?;
        let index = blocs.iter().position(|b| b.name == name).ok_or_else(|| {
            Problem::new(format!("`weights` names `{name}`, which is no bloc of `{event}`"))
                .hint(did_you_mean(name, blocs.iter().map(|b| b.name.as_str())))
        })?;
        let weight = number(weight).filter(|w| w.is_finite() && *w >= 0.0).ok_or_else(|| {
            must_be(&format!("the weight of `{name}`"), "a known number, zero or above", weight)
        })?;
        weights[index] = Some(weight);
    }
    let weighed = blocs.iter().zip(weights).map(|(bloc, weight)| {
        weight.ok_or_else(|| {
            Problem::new(format!("`weights` gives `{}` no weight at `{event}`", bloc.name))
                .hint("every bloc has one; it may be zero")
        })
    });
    weighed.collect()
}

fn needed_of(event: &str, threshold: Value<'_>, all: f64) -> Result<Needed, Problem> {
    if threshold.unpack_str() == Some("majority") {
        return Ok(Needed::Majority);
    }
    let hint =
        "`\"majority\"` is more than half; a number below 1 is at least this share; a larger one is a weight";
    match number(threshold) {
        Some(share) if share > 0.0 && share < 1.0 => Ok(Needed::Share(share)),
        Some(weight) if weight >= 1.0 && weight <= all => Ok(Needed::Weight(weight)),
        Some(weight) if weight > all => Err(Problem::new(format!(
            "a further rule of `{event}` needs {weight}, but all blocs together have {all}"
        ))
        .hint("a motion that nobody can carry is no vote")),
        _ => Err(must_be(
            &format!("the threshold of a further rule of `{event}`"),
            "`\"majority\"` or a known number",
            threshold,
        )
        .hint(hint)),
    }
}

/// What a call of `g.vote` says besides who votes and who sees it.
struct VoteArguments<'v> {
    threshold: Value<'v>,
    also: Option<Value<'v>>,
    options: Option<Value<'v>>,
    of: Option<Value<'v>>,
    order: Option<Value<'v>>,
    bound: Option<Value<'v>>,
    defect: Option<Value<'v>>,
    draw_tally: Option<Value<'v>>,
    seen_by: Whom<'v>,
    votes_seen_by: Option<Whom<'v>>,
}

fn vote_by(
    g: &mut Telling<'_>,
    event: &str,
    blocs: Value<'_>,
    arguments: &VoteArguments<'_>,
) -> Result<VoteResult, Problem> {
    let mut blocs = seats_of(event, blocs)?;
    let options = options_of(event, arguments.options)?;
    if let Some(bound) = arguments.bound {
        bind(event, &mut blocs, &options, bound)?;
    }
    if let Some(defect) = arguments.defect {
        let_defect(g, event, &mut blocs, &options, defect)?;
    }
    let of = arguments.of.map(|of| text(of, "`of`")).transpose()?;
    let members = blocs.iter().map(|b| b.seats).sum();
    let rule = rule_of(event, members, arguments.threshold, of)?;
    let also = arguments.also.map_or(Ok(Vec::new()), |also| further_rules(event, &blocs, also))?;
    let order = arguments.order.map_or(Ok("together"), |o| text(o, "`order`"))?;
    let draws_tally = arguments.draw_tally.map_or(Ok(false), |d| {
        d.unpack_bool().ok_or_else(|| must_be("`draw_tally`", "`True` or `False`", d))
    })?;
    let seen_by = seen(g, &arguments.seen_by)?;
    let votes_seen_by = arguments.votes_seen_by.as_ref().map_or(Ok(seen_by), |whom| seen(g, whom))?;
    let order = order_of(event, order)?;
    let vote = Vote {
        event,
        blocs: &blocs,
        options: &options,
        order,
        rule,
        also: &also,
        draws_tally,
        votes_seen_by,
        seen_by,
    };
    let voted = g.vote(&vote)?;
    let word =
        |stance: Stance| options.iter().find(|o| o.0 == stance).map_or(stance.word(), |o| &o.1).to_owned();
    let votes = blocs.iter().zip(&voted.stances).map(|(bloc, &stance)| (bloc.name.clone(), word(stance)));
    Ok(VoteResult {
        event: event.to_owned(),
        passed: voted.passed,
        votes: votes.collect(),
        tally: voted.tally,
    })
}

#[starlark_module]
pub(crate) fn voting(builder: &mut MethodsBuilder) {
    fn vote<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        event: Value<'v>,
        blocs: Value<'v>,
        threshold: Value<'v>,
        #[starlark(require = named)] also: Option<Value<'v>>,
        #[starlark(require = named)] options: Option<Value<'v>>,
        #[starlark(require = named)] of: Option<Value<'v>>,
        #[starlark(require = named)] order: Option<Value<'v>>,
        #[starlark(require = named)] bound: Option<Value<'v>>,
        #[starlark(require = named)] defect: Option<Value<'v>>,
        #[starlark(require = named)] draw_tally: Option<Value<'v>>,
        #[starlark(require = named)] seen_by: Option<Value<'v>>,
        #[starlark(require = named)] votes_seen_by: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let event = name_of(event, "the name of a vote").map_err(fail)?;
        let seen_by = whom(seen_by, "`seen_by`")?;
        let votes_seen_by = votes_seen_by.map(|w| whom(Some(w), "`votes_seen_by`")).transpose()?;
        let arguments = VoteArguments {
            threshold,
            also,
            options,
            of,
            order,
            bound,
            defect,
            draw_tally,
            seen_by,
            votes_seen_by,
        };
        let voted = tell(eval, "vote", |g| vote_by(g, event, blocs, &arguments))?;
        Ok(eval.heap().alloc(voted))
    }
}
