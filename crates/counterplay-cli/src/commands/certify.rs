//! `counterplay certify`: is a profile an equilibrium?

pub(super) mod labels;
mod order;
mod stated;
mod written_number;

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use self::order::Order;
use self::stated::{Reading, Stated};
use super::solve::methods::FoundProfile;
use super::solve::profile::{MOST_STRATEGIES, Profile};
use super::solve::table::order as order_of_actions;
use crate::bounds::Memory;
use crate::failure::{Failure, Verdict};
use crate::game_file::GameFile;
use crate::number::short;
use crate::output::{self, said};
use crate::reach::Reach;
use crate::read_file::text_of;

/// Certify a profile of a game file: what each player could gain, regret and beliefs at every information set, and the residual
/// of a logit equilibrium
///
/// The profile is a file, or standard input (`-`), in one of two forms. Labelled: a line for each action with the
/// names that `solve` shows, as in `Alice: King: Raise = 1/3`, in any order; or the JSON of `solve --json`. Unlabelled: a
/// probability for each action, player by player, information set by information set; as Gambit's programs and pygambit print
/// profiles (`NE,1,0,1/3,...` or `[[[1, 0], ...]]`). Gambit 17 lists information sets as they first appear in the file,
/// others by their numbers there. Where that is not the same, it is read as Gambit 17 prints it, unless the numbers are
/// probabilities in the other order only, or `--order` says which; the output says how it was read, and what comes of the
/// other order. Numbers are decimals or fractions. Solvers and this command share no code.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay certify poker.efg profile.txt
  counterplay certify poker.efg profile.txt --lambda 2.5     how far it is from a logit equilibrium
  echo 'NE,1,0,1/3,2/3,2/3,1/3' > profile.txt                a profile of a game of three information sets
  gambit-lcp poker.efg | counterplay certify poker.efg -     what another program finds
  counterplay solve poker.efg --json | counterplay certify poker.efg -

Exit codes: 0 the largest gain is within the tolerance, 1 it is not, or the input is wrong.")]
pub(crate) struct Certify {
    /// The game: an `.efg` or `.nfg` file
    #[arg(value_name = "GAME")]
    game: PathBuf,

    /// The profile; `-` for standard input
    #[arg(value_name = "PROFILE")]
    profile: PathBuf,

    /// The order of information sets in an unlabelled profile
    #[arg(long, value_enum)]
    order: Option<Order>,

    /// The precision of all players, to certify a logit equilibrium
    #[arg(long, value_name = "LAMBDA")]
    lambda: Option<f64>,

    /// The largest gain (or residual, with --lambda) that an equilibrium may have
    #[arg(long, value_name = "NUMBER", default_value_t = 1e-6)]
    tolerance: f64,

    /// Write the certificate as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// The certificate as JSON shows it.
#[derive(Debug, Serialize)]
struct Certificate<'a> {
    /// How the profile was read: by `labels`, or information sets by `number` or by `appearance`.
    read_by: &'static str,
    /// Whether an equilibrium was found, within the tolerance.
    holds: bool,
    /// The same in words.
    verdict: &'static str,
    /// Where the numbers are another profile in the other order: what is found of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_other_order: Option<OtherOrder>,
    #[serde(flatten)]
    profile: &'a Profile,
}

/// What is found of the other profile that the numbers may be.
#[derive(Debug, Serialize)]
struct OtherOrder {
    read_by: &'static str,
    holds: bool,
    verdict: &'static str,
    gain: f64,
}

impl Certify {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        let reach = Reach::default().reading(&self.game);
        if self.reads_standard_input() { reach } else { reach.reading(&self.profile) }
    }

    /// Whether the profile stands on the standard input.
    pub(crate) fn reads_standard_input(&self) -> bool {
        self.profile == Path::new("-")
    }

    /// Reads, examines and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let file = match self.lambda {
            None => GameFile::read_any(&self.game)?,
            Some(_) => GameFile::read(&self.game)?,
        };
        let shown = if self.profile == Path::new("-") {
            "standard input".to_owned()
        } else {
            format!("`{}`", self.profile.display())
        };
        let text = text(&self.profile)?;
        let stated = Stated::read(&file, &text, self.order)
            .map_err(|why| Failure::new(format!("{shown}: {why}")).hint(order_of_actions(&file.game)))?;
        let profile = self.examined(&file, stated.play)?;
        let absent_minded = !file.absent_minded().is_empty();
        let (holds, verdict) = self.verdict(&profile, absent_minded);
        let in_other_order = match &stated.reading {
            Reading::Ambiguous(order, other) => {
                let profile = self.examined(&file, other.clone())?;
                let (holds, verdict) = self.verdict(&profile, absent_minded);
                Some(OtherOrder { read_by: name(order.other()), holds, verdict, gain: profile.gain })
            }
            Reading::Labels
            | Reading::OneOrder
            | Reading::Asked(_)
            | Reading::Only(..)
            | Reading::Either(_) => None,
        };
        if self.json {
            let read_by = read_by(&stated.reading);
            let certificate = Certificate { read_by, holds, verdict, in_other_order, profile: &profile };
            output::print(&output::json("the certificate", &certificate)?)?;
        } else {
            let read = told(&stated.reading, in_other_order.as_ref());
            output::print(&format!(
                "{}\n{read}Verdict     {verdict}\n{}{}",
                file.title,
                gains(&profile),
                profile.told(true)
            ))?;
        }
        Ok(if holds { Verdict::Done } else { Verdict::Off })
    }

    /// What the referee sees; an error where there are too many strategies to try.
    fn examined(&self, file: &GameFile, play: Vec<f64>) -> Result<Profile, Failure> {
        let profile = Profile::of(file, &FoundProfile { play, exact: None, lambda: self.lambda });
        if profile.gain.is_nan() {
            return Err(Failure::new(format!(
                "a player without perfect recall has more than {MOST_STRATEGIES} pure strategies, and all have to be tried"
            )));
        }
        Ok(profile)
    }

    /// Whether it is an equilibrium, and that in words.
    fn verdict(&self, profile: &Profile, absent_minded: bool) -> (bool, &'static str) {
        let holds = profile.residual.unwrap_or(profile.gain) <= self.tolerance;
        if holds && absent_minded {
            return (
                true,
                "nobody gains by a pure strategy or a mixture of them; behaviour strategies of absent-minded players were not tried",
            );
        }
        let verdict = match (holds, self.lambda.is_some(), profile.regret <= self.tolerance) {
            (true, true, _) => "this is a logit equilibrium",
            (false, true, _) => "this is no logit equilibrium",
            (true, false, true) => "this is a Nash equilibrium, with no regret wherever beliefs are defined",
            (true, false, false) => "this is a Nash equilibrium, but with regret off its path",
            (false, false, _) => "this is no Nash equilibrium",
        };
        (holds, verdict)
    }
}

/// No profile has more bytes than this.
const MOST_BYTES: u64 = 64 << 20;

/// The text of a file, or of standard input.
fn text(path: &Path) -> Result<String, Failure> {
    if path != Path::new("-") {
        return text_of(path, MOST_BYTES);
    }
    let mut bytes = Vec::new();
    let unreadable =
        |why: &str| Failure::new(format!("the profile on the standard input cannot be read: {why}"));
    let read = std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| unreadable(&said(&e)))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unreadable(&format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))
}

fn name(order: Order) -> &'static str {
    match order {
        Order::Number => "number",
        Order::Appearance => "appearance",
    }
}

fn read_by(reading: &Reading) -> &'static str {
    match reading {
        Reading::Labels => "labels",
        Reading::OneOrder => name(Order::Number),
        Reading::Asked(order)
        | Reading::Only(order, _)
        | Reading::Either(order)
        | Reading::Ambiguous(order, _) => name(*order),
    }
}

/// How the profile was read, and what the other order would give.
fn told(reading: &Reading, other: Option<&OtherOrder>) -> String {
    let read = match reading {
        Reading::Labels => "by labels".to_owned(),
        Reading::OneOrder => {
            "information sets by number, which is also the order of first appearance".to_owned()
        }
        Reading::Asked(order) => format!("information sets {}, as asked for", order.in_words()),
        Reading::Only(order, why) => {
            format!("information sets {}; {}, {why}", order.in_words(), order.other().in_words())
        }
        Reading::Either(order) => {
            format!("information sets {}; {} it is the same play", order.in_words(), order.other().in_words())
        }
        Reading::Ambiguous(order, _) => {
            format!("information sets {}, as Gambit 17 prints them", order.in_words())
        }
    };
    let mut text = format!("Read        {read}\n");
    if let (Reading::Ambiguous(order, _), Some(found)) = (reading, other) {
        let _ = writeln!(
            text,
            "            {}, the same numbers are another profile: {}, largest gain {}\n\
             \x20           if that is meant, add `--order {}`, or state the profile with labels",
            order.other().in_words(),
            found.verdict,
            short(found.gain),
            name(order.other())
        );
    }
    text
}

/// What each player could gain, and the sum.
fn gains(profile: &Profile) -> String {
    let gains: Vec<String> =
        profile.gains.iter().map(|(player, gain)| format!("{player} {}", short(*gain))).collect();
    format!("Gains       {} by another strategy; NashConv {}\n", gains.join(", "), short(profile.nash_conv))
}
