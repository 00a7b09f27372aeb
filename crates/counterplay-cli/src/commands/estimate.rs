//! `counterplay estimate`: the maximum-likelihood precision.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use counterplay_equilibrium::estimate::{Maximum, Observed, Place, PrecisionEstimate, Settings, precision};
use serde::Serialize;

use super::certify::labels::of_lines;
use super::solve::table::order;
use crate::bounds::Memory;
use crate::failure::{Failure, Verdict};
use crate::game_file::GameFile;
use crate::output;
use crate::reach::Reach;
use crate::read_file::text_of;

/// Estimate the players' precision from how often each action was taken in a game file
///
/// Maximum likelihood along the principal branch of logit equilibria, with its standard error from the observed
/// information. The counts are a file with a line for each action, as in `Alice: King: Raise = 12`, or numbers between commas or
/// blanks, one for each action, in the order of the game file: player by player, information set by information set. Of
/// several games, each with its counts, one precision is estimated.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  echo '67.456, 60.544, 46.848, 81.152' > counts.txt     128 choices of each player
  counterplay estimate ochs.nfg counts.txt
  counterplay estimate ochs.nfg counts.txt other.nfg other.txt    one precision for two games")]
pub(crate) struct Estimate {
    /// A game, which is an `.efg` or `.nfg` file, and its counts; then further games, each with its counts
    #[arg(value_name = "GAME COUNTS", num_args = 2.., required = true)]
    files: Vec<PathBuf>,

    /// Write the estimate as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// A local maximum of the likelihood.
#[derive(Debug, Serialize)]
struct Shown {
    lambda: f64,
    standard_error: Option<f64>,
    log_likelihood: f64,
    place: &'static str,
    /// A probability for each action, game by game.
    play: Vec<Vec<f64>>,
}

/// A game with how often each of its actions was taken.
struct Counted {
    file: GameFile,
    counts: Vec<f64>,
}

/// No counts have more bytes than this.
const MOST_BYTES: u64 = 64 << 20;

impl Estimate {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        self.files.iter().fold(Reach::default(), |reach, file| reach.reading(file))
    }

    /// Reads, estimates and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let pairs = self.files.chunks_exact(2);
        if let [alone] = pairs.remainder() {
            return Err(Failure::new(format!("`{}` stands alone", alone.display()))
                .hint("give each game its counts: `counterplay estimate GAME COUNTS GAME COUNTS`"));
        }
        let all: Vec<Counted> =
            pairs.map(|pair| Counted::read(&pair[0], &pair[1])).collect::<Result<_, _>>()?;
        let observed: Vec<Observed<'_>> =
            all.iter().map(|c| Observed { game: &c.file.game, known: &[], counts: &c.counts }).collect();
        let estimate = precision(&observed, &Settings::default())
            .map_err(|why| self.unusable(&all, &why.to_string()))?;
        if self.json {
            let all: Vec<Shown> = estimate.maxima.iter().map(listed).collect();
            output::print(&output::json("the estimate", &all)?)?;
        } else {
            let titles: Vec<&str> = all.iter().map(|counted| counted.file.title.as_str()).collect();
            output::print(&told(&titles, &estimate))?;
        }
        Ok(Verdict::Done)
    }

    /// Counts that no precision can be estimated from.
    fn unusable(&self, all: &[Counted], why: &str) -> Failure {
        match (all, self.files.get(1)) {
            ([one], Some(counts)) => wrong(counts, why, &one.file),
            _ => Failure::new(why),
        }
    }
}

impl Counted {
    fn read(game: &Path, counts: &Path) -> Result<Self, Failure> {
        let file = GameFile::read(game)?;
        let text = text_of(counts, MOST_BYTES)?;
        let read = if text.contains(':') { of_lines(&file, &text, "count") } else { plain_counts(&text) };
        let read = read.map_err(|why| wrong(counts, &why, &file))?;
        let (listed, actions) = (read.len(), file.game.action_count());
        if listed != actions {
            let why = format!("{listed} counts are listed, and the game has {actions} actions");
            return Err(wrong(counts, &why, &file));
        }
        Ok(Self { file, counts: read })
    }
}

fn wrong(counts: &Path, why: &str, file: &GameFile) -> Failure {
    Failure::new(format!("`{}`: {why}", counts.display())).hint(order(&file.game))
}

fn plain_counts(text: &str) -> Result<Vec<f64>, String> {
    let fields = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|f| !f.is_empty());
    fields.map(|f| f.parse().map_err(|_| format!("`{f}` is not a number"))).collect()
}

fn listed(maximum: &Maximum) -> Shown {
    Shown {
        lambda: maximum.precision,
        standard_error: maximum.standard_error,
        log_likelihood: maximum.log_likelihood,
        place: place(maximum.place),
        play: maximum.play.clone(),
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

fn six(value: f64) -> String {
    counterplay_report::number::decimals(value, 6)
}

fn told(titles: &[&str], estimate: &PrecisionEstimate) -> String {
    let best = estimate.best();
    let error = best.standard_error.map_or_else(String::new, |e| format!(", standard error {e:.4}"));
    let mut text = format!(
        "{}\nLambda          {}{error}\nLog likelihood  {}; of play at random {}, of the frequencies {}\n",
        titles.join("\n"),
        six(best.precision),
        six(best.log_likelihood),
        six(estimate.random_log_likelihood),
        six(estimate.frequencies_log_likelihood)
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
    for (index, play) in best.play.iter().enumerate() {
        let play: Vec<String> = play.iter().map(|p| format!("{p:.6}")).collect();
        let name = if index == 0 { "Play there" } else { "" };
        let _ = writeln!(text, "{name:<14}  {}", play.join(" "));
    }
    for other in &estimate.maxima[1..] {
        let _ = writeln!(
            text,
            "Another maximum at lambda {}, log likelihood {}",
            six(other.precision),
            six(other.log_likelihood)
        );
    }
    text
}
