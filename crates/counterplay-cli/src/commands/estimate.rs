//! `counterplay estimate`: the maximum-likelihood precision.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use counterplay_equilibrium::estimate::{Maximum, Observed, Place, PrecisionEstimate, Settings, precision};
use serde::Serialize;

use super::solve::table::order;
use crate::failure::{Failure, Verdict};
use crate::game_file::GameFile;
use crate::output::{self, said};

/// Estimate the players' precision from how often each action was taken in a game file
///
/// Maximum likelihood along the principal branch of logit equilibria, with its standard error from the observed
/// information. The counts are a file of numbers between commas or blanks, one for each action, in the order of the game
/// file: player by player, information set by information set.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  echo '67.456, 60.544, 46.848, 81.152' > counts.txt     128 choices of each player
  counterplay estimate ochs.nfg counts.txt")]
pub(crate) struct Estimate {
    /// The game: an `.efg` or `.nfg` file
    #[arg(value_name = "GAME")]
    game: PathBuf,

    /// The counts
    #[arg(value_name = "COUNTS")]
    counts: PathBuf,

    /// Write the estimate as JSON
    #[arg(long)]
    json: bool,
}

/// A local maximum of the likelihood.
#[derive(Debug, Serialize)]
struct Shown {
    lambda: f64,
    standard_error: Option<f64>,
    log_likelihood: f64,
    place: &'static str,
    play: Vec<f64>,
}

impl Estimate {
    /// Reads, estimates and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let file = GameFile::read(&self.game)?;
        let shown = self.counts.display();
        let text = fs::read_to_string(&self.counts)
            .map_err(|e| Failure::new(format!("`{shown}` cannot be read: {}", said(&e))))?;
        let wrong = |why: &str| Failure::new(format!("`{shown}`: {why}")).hint(order(&file.game));
        let counts = counts(&text).map_err(|why| wrong(&why))?;
        let observed = [Observed { game: &file.game, known: &[], counts: &counts }];
        let estimate = precision(&observed, &Settings::default()).map_err(|why| wrong(&why.to_string()))?;
        if self.json {
            let all: Vec<Shown> = estimate.maxima.iter().map(listed).collect();
            output::print(&output::json("the estimate", &all)?)?;
        } else {
            output::print(&output::harmless(&told(&file.title, &estimate)))?;
        }
        Ok(Verdict::Done)
    }
}

fn counts(text: &str) -> Result<Vec<f64>, String> {
    let fields = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|f| !f.is_empty());
    fields.map(|f| f.parse().map_err(|_| format!("`{f}` is not a number"))).collect()
}

fn listed(maximum: &Maximum) -> Shown {
    Shown {
        lambda: maximum.precision,
        standard_error: maximum.standard_error,
        log_likelihood: maximum.log_likelihood,
        place: place(maximum.place),
        play: maximum.play.first().cloned().unwrap_or_default(),
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Interior => "interior",
        Place::Zero => "at zero: nothing fits better than play at random",
        Place::Limit => "at the limit: the data cannot tell it from an infinite precision",
        Place::Fold => "where the branch turns: there is no standard error",
        Place::Flat => "nowhere: the likelihood is the same at all precisions",
    }
}

fn told(title: &str, estimate: &PrecisionEstimate) -> String {
    let best = estimate.best();
    let error = best.standard_error.map_or_else(String::new, |e| format!(", standard error {e:.4}"));
    let mut text = format!(
        "{title}\nLambda          {:.6}{error}\nLog likelihood  {:.6}; of play at random {:.6}, of the frequencies {:.6}\n",
        best.precision,
        best.log_likelihood,
        estimate.random_log_likelihood,
        estimate.frequencies_log_likelihood
    );
    if best.place != Place::Interior {
        let _ = writeln!(text, "The maximum is {}", place(best.place));
    }
    if let Some(crossed) = estimate.crossed_at {
        let _ = writeln!(
            text,
            "Another branch crosses at lambda {crossed:.4}: beyond it, which is meant is a convention"
        );
    }
    let play: Vec<String> = best.play.iter().flatten().map(|p| format!("{p:.6}")).collect();
    let _ = writeln!(text, "Play there      {}", play.join(" "));
    for other in &estimate.maxima[1..] {
        let _ = writeln!(
            text,
            "Another maximum at lambda {:.6}, log likelihood {:.6}",
            other.precision, other.log_likelihood
        );
    }
    text
}
