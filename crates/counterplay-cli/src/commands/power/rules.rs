//! What a coalition needs to win: a quota of weights, or several rules at once.

use counterplay_collective::body::{Body, NotABody, Rule};
use counterplay_collective::power::Fraction;
use counterplay_collective::weighted::{NotAGame, WeightedGame};
use num_traits::{One, ToPrimitive, Zero};

use super::amount::{self, shown};
use super::voters::Voters;
use crate::failure::Failure;
use counterplay_analysis::printable::cut;

/// A rule as it is written: one of these conditions at least.
type Written = Vec<Condition>;

/// A number that a coalition reaches, of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    /// The column; `None` where members are counted.
    column: Option<usize>,
    quota: Quota,
}

/// How much of a column is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Quota {
    AtLeast(Part),
    MoreThan(Part),
    /// Fewer members than this are against.
    FewerAgainst(Fraction),
}

/// A weight, or a share of all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Weight(Fraction),
    Share(Fraction),
}

/// A body, with what it needs in words.
pub(super) struct Ruled {
    pub(super) body: Body,
    /// What wins, such as `57 of 113 votes`.
    pub(super) wins: String,
    /// The quota and the sum of the weights, where these alone decide.
    pub(super) weighted: Option<(Fraction, Fraction)>,
    /// The columns that the rules are about.
    pub(super) used: Vec<usize>,
    /// What the user should know of how it was read.
    pub(super) remarks: Vec<String>,
}

/// How the rules of a body are stated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated<'a> {
    pub(super) quota: Option<&'a str>,
    pub(super) rules: &'a [String],
    /// Weights are counted in units of so much, each rounded.
    pub(super) unit: Option<&'a str>,
}

impl Stated<'_> {
    /// The body of some voters.
    ///
    /// # Errors
    /// What is wrong with the rules, or with the numbers that they speak of.
    pub(super) fn body(self, voters: &Voters) -> Result<Ruled, Failure> {
        let mut written: Vec<Written> = Vec::new();
        if self.quota.is_some() || self.rules.is_empty() {
            written.push(vec![Condition { column: Some(0), quota: quota(self.quota)? }]);
        }
        for rule in self.rules {
            written.push(read(rule, voters)?);
        }
        let unit = self.unit.map(unit_of).transpose()?;
        let counting = Counting { voters, unit };
        let games = |rule: &Written| rule.iter().map(|c| counting.game(c)).collect::<Result<Rule, Failure>>();
        let rules = written.iter().map(games).collect::<Result<Vec<Rule>, Failure>>()?;
        let body = Body::new(&rules).map_err(|why| refused(&why))?;
        let wins = written.iter().map(|rule| counting.told(rule)).collect::<Result<Vec<_>, _>>()?;
        let weighted = match written.as_slice() {
            [rule] if rule.len() == 1 && rule[0].column == Some(0) => Some(counting.reached(&rule[0])?),
            _ => None,
        };
        let mut used: Vec<usize> =
            written.iter().flatten().filter_map(|condition| condition.column).collect();
        used.sort_unstable();
        used.dedup();
        let remarks = counting.remarks(&written, &used);
        Ok(Ruled { body, wins: wins.join(" and "), weighted, used, remarks })
    }
}

/// The unit that weights are counted in.
fn unit_of(unit: &str) -> Result<Fraction, Failure> {
    let read = amount::read(unit).map_err(|why| Failure::new(format!("the unit `{}` {why}", cut(unit))))?;
    if read.value.is_zero() {
        return Err(
            Failure::new("the unit is 0").hint("weights are counted in units of so much: `--unit 100`")
        );
    }
    Ok(read.value)
}

/// Why rules are refused, and what can be done.
fn refused(why: &NotABody) -> Failure {
    let failure = Failure::new(why.to_string());
    match why {
        NotABody::Weights(NotAGame::TooLarge(unit)) => failure.hint(format!(
            "`--unit {unit}` rounds each weight to the nearest {unit}, which changes indices by little"
        )),
        NotABody::Weights(NotAGame::TooHeavy) => {
            failure.hint("`--unit 1000` counts in thousands, each weight rounded")
        }
        NotABody::TooManyVoters(_) => failure.hint("join voters who always vote alike into one"),
        _ => failure,
    }
}

/// The quota of weights.
fn quota(text: Option<&str>) -> Result<Quota, Failure> {
    let Some(text) = text else { return Ok(majority()) };
    needed(text, false).map_err(|why| {
        Failure::new(format!("the quota `{}` {why}", cut(text)))
            .hint("write a weight, a share of all weights such as `2/3` or `55%`, or `majority`")
    })
}

fn majority() -> Quota {
    Quota::MoreThan(Part::Share(Fraction::new(1.into(), 2.into())))
}

/// What a number, a share or `majority` asks for, as more than that much if it says so.
fn needed(text: &str, more: bool) -> Result<Quota, &'static str> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("majority") {
        return Ok(majority());
    }
    if text.eq_ignore_ascii_case("all") {
        return Ok(Quota::AtLeast(Part::Share(Fraction::one())));
    }
    let read = amount::read(text)?;
    let part = match (read.percent, read.is_ratio) {
        (true, _) => Part::Share(read.value / Fraction::from_integer(100.into())),
        (false, true) => Part::Share(read.value),
        (false, false) => Part::Weight(read.value),
    };
    match &part {
        Part::Share(share) if *share > Fraction::one() => Err("is more than all"),
        _ if more => Ok(Quota::MoreThan(part)),
        _ => Ok(Quota::AtLeast(part)),
    }
}

/// Reads a rule: conditions, `population >= 65%`, `members > 1/2`, `against < 4`, joined by `or`.
fn read(text: &str, voters: &Voters) -> Result<Written, Failure> {
    text.split(" or ").map(|part| condition(part.trim(), voters)).collect()
}

fn condition(text: &str, voters: &Voters) -> Result<Condition, Failure> {
    let wrong = |why: String| {
        Failure::new(format!("the rule `{}` {why}", cut(text))).hint(
            "write `members >= 55%`, `population >= 65%`, `weight > 1/2` or `against < 4`; `or` between them makes one enough",
        )
    };
    let signs = [">=", "<=", "≥", "≤", ">", "<"];
    let split = signs.iter().find_map(|sign| text.split_once(sign).map(|parts| (*sign, parts)));
    let (sign, (name, number)) = split.ok_or_else(|| wrong("compares nothing".to_owned()))?;
    let name = name.trim();
    if name.eq_ignore_ascii_case("against") {
        let read = amount::read(number).map_err(|why| wrong(why.to_owned()))?;
        let fewer = match sign {
            "<" => read.value,
            "<=" | "≤" => read.value.floor() + Fraction::one(),
            _ => return Err(wrong("asks for many against".to_owned())),
        };
        return Ok(Condition { column: None, quota: Quota::FewerAgainst(fewer) });
    }
    if sign.starts_with(['<', '≤']) {
        return Err(wrong("asks for few; a coalition wins by having enough".to_owned()));
    }
    let column = voters.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    if column.is_none() && !name.eq_ignore_ascii_case("members") {
        let names: Vec<String> = voters.columns.iter().map(|c| format!("`{}`", c.name)).collect();
        return Err(wrong(format!("is about `{name}`, but there are {} and `members`", names.join(", "))));
    }
    let quota = needed(number, sign == ">").map_err(|why| wrong(why.to_owned()))?;
    Ok(Condition { column, quota })
}

/// Turns rules into games of whole numbers.
struct Counting<'a> {
    voters: &'a Voters,
    unit: Option<Fraction>,
}

impl Counting<'_> {
    /// What each voter has of what a condition is about.
    fn values(&self, condition: &Condition) -> Result<Vec<Fraction>, Failure> {
        let Some(column) = condition.column else {
            return Ok(vec![Fraction::one(); self.voters.names.len()]);
        };
        let values = self.voters.columns[column].values.clone().map_err(Failure::new)?;
        let rounded =
            |value: Fraction| self.unit.as_ref().map_or(value.clone(), |unit| (value / unit).round() * unit);
        Ok(if column == 0 { values.into_iter().map(rounded).collect() } else { values })
    }

    /// The smallest sum that meets a condition, and the sum of all.
    fn reached(&self, condition: &Condition) -> Result<(Fraction, Fraction), Failure> {
        let values = self.values(condition)?;
        let total: Fraction = values.iter().sum();
        let step = step(&values);
        let of = |part: &Part| match part {
            Part::Weight(weight) => weight.clone(),
            Part::Share(share) => share * &total,
        };
        let least = match &condition.quota {
            Quota::AtLeast(part) => (of(part) / &step).ceil() * &step,
            Quota::MoreThan(part) => ((of(part) / &step).floor() + Fraction::one()) * &step,
            Quota::FewerAgainst(many) => (&total - many).floor() + Fraction::one(),
        };
        Ok((least, total))
    }

    fn game(&self, condition: &Condition) -> Result<WeightedGame, Failure> {
        let (values, step) = (self.values(condition)?, step(&self.values(condition)?));
        let (quota, total) = self.reached(condition)?;
        let whole = |value: &Fraction| (value / &step).to_integer().to_u64();
        let what = condition.column.map_or("members", |at| self.voters.columns[at].name.as_str());
        if quota > total {
            return Err(Failure::new(format!(
                "the quota is {}, but {} together {} {}",
                shown(&quota),
                if condition.column == Some(0) {
                    "all weights".to_owned()
                } else {
                    format!("all of `{what}`")
                },
                if condition.column == Some(0) { "are" } else { "is" },
                shown(&total)
            )));
        }
        let weights: Option<Vec<u64>> = values.iter().map(whole).collect();
        let (Some(weights), Some(quota)) = (weights, whole(&quota)) else {
            return Err(Failure::new(format!("the numbers of `{what}` need too many digits together"))
                .hint("`--unit 1` rounds each weight to a whole number"));
        };
        WeightedGame::new(quota, &weights).map_err(|why| {
            let failure = Failure::new(why.to_string());
            if why == NotAGame::TooHeavy {
                failure.hint("`--unit 1000` counts in thousands, each weight rounded")
            } else {
                failure
            }
        })
    }

    /// A rule in words.
    fn told(&self, rule: &Written) -> Result<String, Failure> {
        let one = |condition: &Condition| {
            let (quota, total) = self.reached(condition)?;
            let what = condition.column.map_or("members", |at| match self.voters.columns[at].name.as_str() {
                super::voters::WEIGHT => "votes",
                name => name,
            });
            Ok(format!("{} of {} {what}", shown(&quota), shown(&total)))
        };
        let all = rule.iter().map(one).collect::<Result<Vec<String>, Failure>>()?;
        Ok(if all.len() > 1 { format!("({})", all.join(" or ")) } else { all.concat() })
    }

    fn remarks(&self, written: &[Written], used: &[usize]) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(unit) = &self.unit {
            remarks.push(format!("weights are rounded to the nearest {}", shown(unit)));
        }
        let unused: Vec<String> = (0..self.voters.columns.len())
            .filter(|at| !used.contains(at) && self.voters.columns[*at].values.is_ok())
            .map(|at| format!("`{}`", self.voters.columns[at].name))
            .collect();
        if !unused.is_empty() {
            remarks.push(format!(
                "not used: {}; a rule can speak of it, as in `--rule '{} > 1/2'`",
                unused.join(", "),
                unused[0].trim_matches('`')
            ));
        }
        if let [rule] = written
            && let [Condition { column: Some(0), quota: Quota::AtLeast(Part::Weight(weight)) }] =
                rule.as_slice()
            && *weight < Fraction::one()
            && self.values(&rule[0]).is_ok_and(|all| all.iter().all(Fraction::is_integer))
        {
            remarks.push(format!("a quota of {} is a weight, and anybody wins alone; for a share of all weights write `50%` or `1/2`", shown(weight)));
        }
        remarks
    }
}

/// The largest number of which all of these are whole multiples; 1 if all are zero.
fn step(values: &[Fraction]) -> Fraction {
    let below = values.iter().fold(Fraction::one().denom().clone(), |all, value| {
        let own = value.denom();
        let common = gcd(all.clone(), own.clone());
        all / common * own
    });
    Fraction::new(Fraction::one().numer().clone(), below)
}

/// The greatest common divisor.
fn gcd<T: Clone + Zero + std::ops::Rem<Output = T>>(mut a: T, mut b: T) -> T {
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}
