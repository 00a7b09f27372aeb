//! `counterplay power`: how much the votes of a weighted body weigh.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use counterplay_collective::power::{Fraction, PowerIndices};
use counterplay_collective::weighted::WeightedGame;
use num_traits::ToPrimitive;
use serde_json::{Value, json};

use crate::columns::aligned;
use crate::failure::{Failure, Verdict};
use crate::output::{self, harmless};
use crate::voters::{Voter, read_voters};

/// The power of voters whose votes have weights: parties with seats, members with shares
///
/// Shapley-Shubik, Banzhaf (raw, absolute, normalised), Deegan-Packel, Holler and Johnston, all exact; minimal winning
/// coalitions, vetoes and dummies. A coalition wins if its weights reach the quota.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay power KMT=52 DPP=51 TPP=8 'first independent=1' 'second independent=1' --quota 57
  counterplay power chamber.csv               the columns `voter` and `weight`
  counterplay power A=3 B=2 C=1 --exact       fractions instead of decimals
  counterplay power A=3 B=2 C=1 --json")]
pub(crate) struct Power {
    /// The voters: NAME=WEIGHT each, or one `.csv` file with the columns `voter` and `weight`
    #[arg(value_name = "VOTER=WEIGHT|FILE", required = true)]
    voters: Vec<String>,

    /// The weight that wins; more than half of all if not given
    #[arg(long, value_name = "WEIGHT")]
    quota: Option<u64>,

    /// Show fractions
    #[arg(long)]
    exact: bool,

    /// Write everything as JSON
    #[arg(long)]
    json: bool,
}

/// This many minimal winning coalitions are listed.
const MOST_LISTED: usize = 20;

impl Power {
    /// Computes and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let voters = self.voters()?;
        let weights: Vec<u64> = voters.iter().map(|voter| voter.weight).collect();
        let game = match self.quota {
            Some(quota) => WeightedGame::new(quota, &weights),
            None => WeightedGame::simple_majority(&weights),
        };
        let game = game.map_err(|why| Failure::new(why.to_string()))?;
        let told = PowerReport { voters: &voters, power: game.power_indices(), game: &game };
        if self.json {
            output::print(&output::json("it", &told.json())?)?;
        } else {
            output::print(&harmless(&told.text(self.exact)))?;
        }
        Ok(Verdict::Done)
    }

    fn voters(&self) -> Result<Vec<Voter>, Failure> {
        match self.voters.as_slice() {
            [file] if is_table(file) => read_voters(&PathBuf::from(file)),
            stated => stated.iter().map(|text| Voter::from_str(text)).collect(),
        }
    }
}

fn is_table(text: &str) -> bool {
    Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// What is told of a body.
struct PowerReport<'a> {
    voters: &'a [Voter],
    game: &'a WeightedGame,
    power: PowerIndices,
}

impl PowerReport<'_> {
    fn indices(&self) -> [(&'static str, &[Fraction]); 6] {
        let power = &self.power;
        [
            ("Shapley-Shubik", &power.shapley_shubik),
            ("Banzhaf", &power.banzhaf_normalised),
            ("absolute", &power.banzhaf_absolute),
            ("Deegan-Packel", &power.deegan_packel),
            ("Holler", &power.holler),
            ("Johnston", &power.johnston),
        ]
    }

    fn text(&self, exact: bool) -> String {
        let mut text = format!(
            "{} voters, {} of {} votes win\n\n",
            self.voters.len(),
            self.game.quota(),
            self.game.total()
        );
        text += &self.table(exact);
        let acts = self.power.power_to_act();
        let _ = writeln!(
            text,
            "\n{} of all coalitions win; {} of them are minimal.",
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
        self.voters.iter().enumerate().filter(move |(at, _)| which(*at)).map(|(_, voter)| voter.name.as_str())
    }

    fn table(&self, exact: bool) -> String {
        let indices = self.indices();
        let head = ["Voter", "Weight"].map(str::to_owned).into_iter().chain(indices.map(|i| i.0.to_owned()));
        let mut rows: Vec<Vec<String>> = vec![head.chain(["swings".to_owned()]).collect()];
        for (at, voter) in self.voters.iter().enumerate() {
            let shares = indices.iter().map(|(_, shares)| number(&shares[at], exact));
            let row = [voter.name.clone(), voter.weight.to_string()].into_iter().chain(shares);
            rows.push(row.chain([self.power.banzhaf_swings[at].to_string()]).collect());
        }
        aligned(&rows)
    }

    fn coalitions(&self) -> String {
        let (minimal, complete) = self.game.minimal_winning_coalitions(MOST_LISTED);
        let mut text = if complete {
            "\nMinimal winning coalitions\n".to_owned()
        } else {
            format!("\nThe first {MOST_LISTED} minimal winning coalitions\n")
        };
        for coalition in minimal {
            let names: Vec<&str> = coalition.iter().map(|&voter| self.voters[voter].name.as_str()).collect();
            let _ = writeln!(text, "  {}", names.join(", "));
        }
        text
    }

    fn json(&self) -> Value {
        let voter = |at: usize| {
            let voter = &self.voters[at];
            let mut object = json!({
                "name": voter.name, "weight": voter.weight,
                "veto": self.power.has_veto(at), "dummy": self.power.is_dummy(at),
                "banzhaf_swings": self.power.banzhaf_swings[at].to_string(),
            });
            let names = [
                "shapley_shubik",
                "banzhaf_normalised",
                "banzhaf_absolute",
                "deegan_packel",
                "holler",
                "johnston",
            ];
            for (name, (_, shares)) in names.into_iter().zip(self.indices()) {
                object[name] = json!({ "value": shares[at].to_f64(), "exact": shares[at].to_string() });
            }
            object
        };
        let (minimal, complete) = self.game.minimal_winning_coalitions(MOST_LISTED);
        let named = |coalition: Vec<usize>| -> Vec<&str> {
            coalition.into_iter().map(|voter| self.voters[voter].name.as_str()).collect()
        };
        json!({
            "quota": self.game.quota(),
            "total": self.game.total(),
            "voters": (0..self.voters.len()).map(voter).collect::<Vec<_>>(),
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
