//! `counterplay spatial`: where actors with capability, positions and salience come to stand.

mod json;
mod options;
mod plot;
mod readings;
mod text;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use counterplay_collective::spatial::Actors;
use counterplay_collective::spatial::expected_utility::{Issue, Outlook};
use counterplay_collective::spatial::politics::{NotPolitics, Politics, Transitions};
use counterplay_collective::spatial::rounds::{BargainingPath, Stop};
use counterplay_collective::spatial::uncertainty::{Inputs, Luck, Spread, luck, quantiles, runs};
use rayon::ThreadPoolBuilder;

use crate::actors_file::{ActorsFile, Demands};
use crate::bounds::Memory;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::reach::Reach;
use crate::write_file;
use crate::write_file::destination;
use options::{EumOptions, SmpOptions, Spreads};
use readings::Reading;

/// Where actors with capability, positions and salience come to stand: a forecast without and with bargaining
///
/// Reads a table of actors, and plays one of the models that policy analysts use: the weighted mean or median of what is
/// stated; the expected-utility model of Bueno de Mesquita, after Scholz, Calbert and Smith (2011); or KTAB's spatial model
/// of politics. Shows positions round by round, who moved whom, and how it ended: that a bargaining did not settle, or goes
/// round in a circle, is said. With `--runs` the inputs are drawn around what is stated, and the outcome has quantiles.
#[derive(Debug, Args)]
#[command(after_help = "\
The table, as CSV (salience in percent, or all as shares of one):
  Name,Capability,Position,Salience                    in any order, other columns are passed over
  Actor,Description,Power,Pstn1,Sal1,Pstn2,Sal2        KTAB's: position and salience for each dimension;
                                                       its line `scenario,description,actors,dimensions`
                                                       may come before

Examples:
  counterplay spatial emissions.csv
  counterplay spatial emissions.csv --success lead --attend least-move    as other replications read it
  counterplay spatial emissions.csv --runs 1000 --spread position=0.05,salience=0.1
  counterplay spatial reform.csv --model smp --seed 7 --plot reform.svg
  counterplay spatial reform.csv --model smp --transitions deterministic --json | jq .stop

Exit code 2 says that bargaining did not settle.")]
pub(crate) struct Spatial {
    /// The table of actors
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The model
    #[arg(long, value_enum, default_value_t)]
    model: Model,

    /// The most rounds of bargaining [default: 50 for eum, 100 for smp]
    #[arg(long, value_name = "N", value_parser = options::some_rounds)]
    rounds: Option<NonZeroUsize>,

    /// Draw the inputs so often around what is stated, and tell the quantiles of the outcome by round
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    runs: u32,

    /// Seed of all randomness: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// With `--runs`, how far inputs may be from what is stated, from 0 to 1: `position` is a standard deviation as a share
    /// of the scale, `salience` one in shares, `capability` one of the logarithm [default:
    /// position=0.05,salience=0.1,capability=0.1]
    #[arg(long, value_name = "INPUT=SPREAD,...")]
    spread: Option<Spreads>,

    /// Draw the positions by round (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// Write everything as JSON
    #[arg(long)]
    json: bool,

    /// Threads to work with; the result is the same with any number [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    #[command(flatten)]
    eum: EumOptions,

    #[command(flatten)]
    smp: SmpOptions,

    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// The models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The expected-utility model, each dimension as an issue of its own
    #[default]
    Eum,
    /// KTAB's spatial model of politics, all dimensions together
    Smp,
    /// The mean of the positions, weighted by capability times salience; no bargaining
    Mean,
    /// The weighted median, which is the Condorcet winner; no bargaining
    Median,
}

/// What was found.
struct Findings {
    /// The bargaining: one course for all dimensions together, or one for each; none without bargaining.
    courses: Vec<BargainingPath>,
    /// How the expected-utility model ends in its other readings, by dimension.
    readings: Vec<Vec<Reading>>,
    /// What the actors expect of each other at the positions as stated, by dimension; of the expected-utility model.
    outlooks: Vec<Outlook>,
    /// With inputs drawn, if they were.
    runs: Option<Runs>,
}

/// The levels of the quantiles.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// What came of drawn inputs.
struct Runs {
    count: usize,
    spread: Spread,
    /// By dimension, then by round.
    mean: Vec<Vec<Vec<f64>>>,
    median: Vec<Vec<Vec<f64>>>,
    /// How many courses settled, went round in a circle, or were out of rounds.
    stops: [usize; 3],
}

impl Spatial {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        Reach::default().reading(&self.file).writing(self.plot.as_deref())
    }

    /// Reads, plays and tells.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        self.sound()?;
        let smp = self.model == Model::Smp;
        let scale = if smp { Some(self.smp.scale()) } else { self.smp.given_scale() };
        let demands = Demands { scale, attention: smp };
        let file = ActorsFile::read(&self.file, demands)?;
        if let Some(warning) = &file.warning {
            output::complain(warning);
        }
        let plot = self.plot.clone().map(destination).transpose()?;
        let pool = ThreadPoolBuilder::new().num_threads(self.threads.map_or(0, NonZeroUsize::get)).build();
        let pool = pool.map_err(|e| Failure::new(format!("threads could not be started: {e}")))?;
        let findings = pool.install(|| self.findings(&file.actors))?;
        if let Some(path) = plot {
            write_file::write(&path, &plot::svg(self, &file, &findings)?)?;
        }
        if self.json {
            output::print(&json::told(self, &file, &findings)?)?;
        } else {
            output::print(&text::told(self, &file, &findings))?;
        }
        let settled = findings.courses.iter().all(BargainingPath::settled);
        Ok(if settled { Verdict::Done } else { Verdict::NotConverged })
    }

    /// Refuses options that would have no effect.
    fn sound(&self) -> Result<(), Failure> {
        let bargains = matches!(self.model, Model::Eum | Model::Smp);
        let foreign = match self.model {
            Model::Eum => self.smp.given(),
            Model::Smp => self.eum.given(),
            Model::Mean | Model::Median => {
                self.eum.given().or(self.smp.given()).or(self.smp.given_scale().map(|_| "--scale"))
            }
        };
        let foreign = foreign.or((!bargains && self.rounds.is_some()).then_some("--rounds"));
        let foreign = foreign.or((!bargains && self.plot.is_some()).then_some("--plot"));
        if self.spread.is_some() && self.runs == 0 {
            let hint = "say how often to draw the inputs: `--runs 1000`";
            return Err(Failure::new("`--spread` has no effect without `--runs`").hint(hint));
        }
        match foreign {
            Some(option) => {
                Err(Failure::new(format!("`{option}` has no effect on the model `{}`", self.model.word()))
                    .hint("`counterplay spatial --help` tells which options are whose"))
            }
            None => Ok(()),
        }
    }

    fn findings(&self, actors: &Actors) -> Result<Findings, Failure> {
        let courses = self.courses(actors, &mut luck(self.seed, 0))?;
        let runs = (self.runs > 0).then(|| self.drawn(actors)).transpose()?;
        let dimensions = if self.model == Model::Eum { actors.dimensions() } else { 0 };
        let settings = self.eum.settings(self.rounds);
        let readings = (0..dimensions).map(|d| readings::of(&self.issue(actors, d), &settings)).collect();
        let outlook = |d: usize| {
            let positions: Vec<f64> = actors.list().iter().map(|actor| actor.position[d]).collect();
            self.issue(actors, d).outlook(&positions, &settings)
        };
        let outlooks = (0..dimensions).map(outlook).collect();
        Ok(Findings { courses, readings, outlooks, runs })
    }

    fn courses(&self, actors: &Actors, luck: &mut Luck) -> Result<Vec<BargainingPath>, Failure> {
        Ok(match self.model {
            Model::Mean | Model::Median => Vec::new(),
            Model::Eum => {
                let settings = self.eum.settings(self.rounds);
                (0..actors.dimensions()).map(|d| self.issue(actors, d).play(&settings)).collect()
            }
            Model::Smp => {
                let politics = Politics::new(actors.clone(), self.smp.settings(self.rounds));
                let told = |why: NotPolitics| Failure::new(why.to_string());
                vec![politics.map_err(told)?.play(luck)]
            }
        })
    }

    /// A dimension as an issue of the expected-utility model.
    fn issue(&self, actors: &Actors, dimension: usize) -> Issue {
        match self.smp.given_scale() {
            Some((low, high)) => Issue::on_scale(actors, dimension, high - low),
            None => Issue::new(actors, dimension),
        }
    }

    fn drawn(&self, actors: &Actors) -> Result<Runs, Failure> {
        let spread = self.spread.unwrap_or_default().0;
        let scale = if self.model == Model::Smp { Some(self.smp.scale()) } else { self.smp.given_scale() };
        let inputs = Inputs::around(actors, spread, scale);
        let all = runs(self.runs as usize, self.seed, |luck| {
            let actors = inputs.draw(luck);
            let courses = self.courses(&actors, luck)?;
            Ok(Trace::of(&actors, &courses))
        });
        let all: Vec<Trace> = all.into_iter().collect::<Result<_, Failure>>()?;
        let rounds = all.iter().map(Trace::rounds).max().unwrap_or(1);
        let over = |of: fn(&Trace) -> &Vec<Vec<f64>>| -> Vec<Vec<Vec<f64>>> {
            let at = |d: usize, round: usize| {
                let values = all.iter().map(|trace| held(&of(trace)[d], round)).collect();
                quantiles(values, &LEVELS).unwrap_or_default()
            };
            (0..actors.dimensions()).map(|d| (0..rounds).map(|round| at(d, round)).collect()).collect()
        };
        let mut stops = [0; 3];
        for stop in all.iter().flat_map(|trace| &trace.stops) {
            stops[match stop {
                Stop::Settled => 0,
                Stop::Cycle { .. } => 1,
                Stop::OutOfRounds { .. } => 2,
            }] += 1;
        }
        Ok(Runs { count: all.len(), spread, mean: over(|t| &t.mean), median: over(|t| &t.median), stops })
    }
}

/// The number at this round, or the last one where there are no more.
fn held(values: &[f64], round: usize) -> f64 {
    values.get(round).or(values.last()).copied().unwrap_or(f64::NAN)
}

/// What is kept of one run: means and medians by dimension, then by round.
struct Trace {
    mean: Vec<Vec<f64>>,
    median: Vec<Vec<f64>>,
    stops: Vec<Stop>,
}

impl Trace {
    fn of(actors: &Actors, courses: &[BargainingPath]) -> Self {
        if courses.is_empty() {
            let mean = actors.mean().into_iter().map(|x| vec![x]).collect();
            let median = actors.median().into_iter().map(|m| vec![m.middle()]).collect();
            return Self { mean, median, stops: Vec::new() };
        }
        let (mut mean, mut median) = (Vec::new(), Vec::new());
        for course in courses {
            for d in 0..course.last().mean.len() {
                mean.push(course.rounds.iter().map(|round| round.mean[d]).collect());
                median.push(course.rounds.iter().map(|round| round.median[d].middle()).collect());
            }
        }
        Self { mean, median, stops: courses.iter().map(|course| course.stop).collect() }
    }

    fn rounds(&self) -> usize {
        self.mean.iter().map(Vec::len).max().unwrap_or(1)
    }
}

impl Findings {
    /// The course that a dimension is part of, and which of its dimensions it is.
    fn course(&self, dimension: usize) -> Option<(&BargainingPath, usize)> {
        match self.courses.as_slice() {
            [only] => Some((only, dimension)),
            courses => courses.get(dimension).map(|course| (course, 0)),
        }
    }
}

impl Model {
    fn word(self) -> &'static str {
        match self {
            Self::Eum => "eum",
            Self::Smp => "smp",
            Self::Mean => "mean",
            Self::Median => "median",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Eum => "expected utility",
            Self::Smp => "spatial model of politics",
            Self::Mean => "weighted mean",
            Self::Median => "weighted median",
        }
    }

    /// Whether luck plays a part even with inputs as stated.
    fn by_luck(self, options: &SmpOptions) -> bool {
        self == Self::Smp && options.settings(None).transitions == Transitions::Stochastic
    }
}
