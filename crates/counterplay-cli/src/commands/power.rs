//! `counterplay power`: how much the votes of a body weigh.

mod amount;
mod rules;
mod voters;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use counterplay_collective::power::{Fraction, PowerIndices};
use num_traits::ToPrimitive;
use serde_json::{Value, json};

use self::rules::{Ruled, Stated};
use self::voters::Voters;
use crate::bounds::Memory;
use crate::columns::aligned;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::reach::Reach;

/// The power of voters whose votes have weights: parties with seats, members with shares
///
/// Shapley-Shubik, Banzhaf (raw, absolute, normalised), Rae, Deegan-Packel, Holler and Johnston, all exact; minimal winning
/// coalitions, vetoes and dummies. A coalition wins if its weights reach the quota, or if it meets every rule.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay power KMT=52 DPP=51 TPP=8 'first independent=1' 'second independent=1' --quota 57
  counterplay power A=33.3 B=33.3 C=33.4 --quota 2/3
  counterplay power chamber.csv               voters in the first column, weights in `weight` or the only other one
  counterplay power council.csv --rule 'members >= 55%' --rule 'population >= 65% or against < 4'
  counterplay power A=3 B=2 C=1 --exact       fractions instead of decimals
  counterplay power A=3 B=2 C=1 --json")]
pub(crate) struct Power {
    /// The voters: NAME=WEIGHT each, or one `.csv` file with a line for each
    #[arg(value_name = "VOTER=WEIGHT|FILE", required = true)]
    voters: Vec<String>,

    /// The weight that wins: a weight, a share of all such as `2/3` or `55%`, `majority` or `all`; more than half of all if not given
    #[arg(long, value_name = "WEIGHT", allow_hyphen_values = true)]
    quota: Option<String>,

    /// What else a coalition needs, or instead of a quota: a column of the table, or `members`, and how much of it; may be repeated
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,

    /// The column of weights
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,

    /// Count weights in units of so much, each rounded: for weights with too many digits
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,

    /// Show fractions
    #[arg(long)]
    exact: bool,

    /// Write everything as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// This many minimal winning coalitions are listed.
const MOST_LISTED: usize = 20;

impl Power {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        // Voters are stated, or in a file.
        self.voters.iter().fold(Reach::default(), |reach, voter| reach.reading(Path::new(voter)))
    }

    /// Computes and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let voters = self.voters()?;
        let stated = Stated { quota: self.quota.as_deref(), rules: &self.rule, unit: self.unit.as_deref() };
        let ruled = stated.body(&voters)?;
        for remark in &ruled.remarks {
            output::complain(&format!("note: {remark}"));
        }
        let told = PowerReport { voters: &voters, power: ruled.body.power_indices(), ruled: &ruled };
        if self.json {
            output::print(&output::json("it", &told.json())?)?;
        } else {
            output::print(&told.text(self.exact))?;
        }
        Ok(Verdict::Done)
    }

    fn voters(&self) -> Result<Voters, Failure> {
        match self.voters.as_slice() {
            [file] if is_table(file) => {
                let by_rules = self.quota.is_none() && !self.rule.is_empty();
                Voters::read(&PathBuf::from(file), self.weight.as_deref(), by_rules)
            }
            stated => Voters::stated(stated),
        }
    }
}

fn is_table(text: &str) -> bool {
    Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// What is told of a body.
struct PowerReport<'a> {
    voters: &'a Voters,
    ruled: &'a Ruled,
    power: PowerIndices,
}

impl PowerReport<'_> {
    /// The indices, each with its name for readers and in JSON.
    fn indices(&self) -> [(&'static str, &'static str, Vec<Fraction>); 7] {
        let power = &self.power;
        [
            ("Shapley-Shubik", "shapley_shubik", power.shapley_shubik.clone()),
            ("Banzhaf", "banzhaf_normalised", power.banzhaf_normalised.clone()),
            ("absolute", "banzhaf_absolute", power.banzhaf_absolute.clone()),
            ("Rae", "rae", power.rae()),
            ("Deegan-Packel", "deegan_packel", power.deegan_packel.clone()),
            ("Holler", "holler", power.holler.clone()),
            ("Johnston", "johnston", power.johnston.clone()),
        ]
    }

    /// What a voter has of a column that the rules are about.
    fn value(&self, column: usize, voter: usize) -> Option<&Fraction> {
        self.voters.columns[column].values.as_ref().ok().map(|values| &values[voter])
    }

    /// What the columns are called that the rules are about.
    fn heads(&self) -> Vec<String> {
        let name = |&column: &usize| match self.voters.columns[column].name.as_str() {
            voters::WEIGHT => "Weight".to_owned(),
            name => name.to_owned(),
        };
        self.ruled.used.iter().map(name).collect()
    }

    fn text(&self, exact: bool) -> String {
        let count = self.voters.names.len();
        let mut text = format!("{count} voters, {} win\n\n", self.ruled.wins);
        text += &self.table(exact);
        let acts = self.power.power_to_act();
        let _ = writeln!(
            text,
            "\n{} of all coalitions win; minimal winning coalitions: {}.",
            number(&acts, exact),
            self.power.minimal_winning_coalitions
        );
        for (what, has) in
            [("Veto", PowerIndices::has_veto as fn(&_, _) -> _), ("Dummy", PowerIndices::is_dummy)]
        {
            let names: Vec<&str> = self.named(|voter| has(&self.power, voter)).collect();
            if !names.is_empty() {
                let _ = writeln!(text, "{what}: {}.", names.join(", "));
            }
        }
        text + &self.coalitions()
    }

    fn named(&self, which: impl Fn(usize) -> bool) -> impl Iterator<Item = &str> {
        self.voters.names.iter().enumerate().filter(move |(at, _)| which(*at)).map(|(_, name)| name.as_str())
    }

    fn table(&self, exact: bool) -> String {
        let indices = self.indices();
        let head = std::iter::once("Voter".to_owned())
            .chain(self.heads())
            .chain(indices.iter().map(|i| i.0.to_owned()));
        let mut rows: Vec<Vec<String>> = vec![head.chain(["swings".to_owned()]).collect()];
        for (at, name) in self.voters.names.iter().enumerate() {
            let shares = indices.iter().map(|(_, _, shares)| number(&shares[at], exact));
            let own = self
                .ruled
                .used
                .iter()
                .map(|column| self.value(*column, at).map_or_else(String::new, amount::shown));
            let row = std::iter::once(name.clone()).chain(own).chain(shares);
            rows.push(row.chain([self.power.banzhaf_swings[at].to_string()]).collect());
        }
        aligned(&rows)
    }

    fn coalitions(&self) -> String {
        let (minimal, complete) = self.ruled.body.minimal_winning_coalitions(MOST_LISTED);
        let mut text = if complete {
            "\nMinimal winning coalitions\n".to_owned()
        } else {
            format!("\nThe first {MOST_LISTED} minimal winning coalitions\n")
        };
        for coalition in minimal {
            let names: Vec<&str> = coalition.iter().map(|&voter| self.voters.names[voter].as_str()).collect();
            let _ = writeln!(text, "  {}", names.join(", "));
        }
        text
    }

    fn json(&self) -> Value {
        let indices = self.indices();
        let voter = |at: usize| {
            let mut object = json!({
                "name": self.voters.names[at], "weight": self.value(0, at).map(plain),
                "veto": self.power.has_veto(at), "dummy": self.power.is_dummy(at),
                "banzhaf_swings": self.power.banzhaf_swings[at].to_string(),
            });
            for (_, name, shares) in &indices {
                object[*name] = json!({ "value": shares[at].to_f64(), "exact": shares[at].to_string() });
            }
            object
        };
        let (minimal, complete) = self.ruled.body.minimal_winning_coalitions(MOST_LISTED);
        let named = |coalition: Vec<usize>| -> Vec<&str> {
            coalition.into_iter().map(|voter| self.voters.names[voter].as_str()).collect()
        };
        json!({
            "wins": self.ruled.wins,
            "quota": self.ruled.weighted.as_ref().map(|w| plain(&w.0)),
            "total": self.ruled.weighted.as_ref().map(|w| plain(&w.1)),
            "voters": (0..self.voters.names.len()).map(voter).collect::<Vec<_>>(),
            "winning_coalitions": self.power.winning_coalitions.to_string(),
            "power_to_act": self.power.power_to_act().to_f64(),
            "minimal_winning_coalitions": self.power.minimal_winning_coalitions.to_string(),
            "listed_minimal_winning_coalitions": minimal.into_iter().map(named).collect::<Vec<_>>(),
            "all_listed": complete,
        })
    }
}

fn number(share: &Fraction, exact: bool) -> String {
    if exact { share.to_string() } else { format!("{:.4}", share.to_f64().unwrap_or(f64::NAN)) }
}

/// A whole number as such, and others in floating point.
fn plain(value: &Fraction) -> Value {
    match value.to_integer().to_u64().filter(|_| value.is_integer()) {
        Some(whole) => json!(whole),
        None => json!(value.to_f64()),
    }
}
