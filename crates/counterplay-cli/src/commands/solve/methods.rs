//! Solving a game file by each method.

use std::fmt::Write;

use counterplay_equilibrium::cfr;
use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::trace::{BranchPoint, TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{self, Solver, Status};
use counterplay_equilibrium::nash::agent::agent_form;
use counterplay_equilibrium::nash::all_supports::{self, Proved};
use counterplay_equilibrium::nash::backward_induction::{self, PerfectInformation, Unfit};
use counterplay_equilibrium::nash::bimatrix::{Bimatrix, MixedProfile};
use counterplay_equilibrium::nash::lemke::{self, TwoPlayers};
use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::reduced::{NotReduced, ReducedForm};
use counterplay_equilibrium::nash::support_enumeration::{self, all_equilibria};
use counterplay_equilibrium::nash::zero_sum::{self, NotZeroSum, ZeroSum};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_report::number::decimals;
use num_traits::{One, Zero};
use serde::Serialize;

use crate::failure::Failure;
use crate::game_file::{Form, GameFile};
use crate::guard;
use crate::method::Method;
use crate::number::short;
use crate::progress::spinner;
use crate::status::in_words;

/// A profile that a method found.
pub(crate) struct FoundProfile {
    /// A probability for each action of the game.
    pub(crate) play: Vec<f64>,
    /// The same exactly, where the method is exact.
    pub(crate) exact: Option<Vec<Rational>>,
    /// The precision, of a logit equilibrium.
    pub(crate) lambda: Option<f64>,
}

/// How a method ended, for programs that read what it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// All equilibria that the method is for were found, or there are none.
    All,
    /// One was found, as the method has it.
    Found,
    /// The limit of the principal branch was reached.
    Limit,
    /// The principal branch was followed to the precision asked for.
    OnBranch,
    /// The principal branch was left, and another equilibrium found.
    LeftBranch,
    /// What was to be spent was spent.
    OutOfBudget,
    /// There was no way on.
    Stuck,
    /// Part of the search could not be decided.
    Undecided,
    /// The result is not precise enough.
    Imprecise,
    /// The user stopped it.
    Stopped,
}

/// What a method found.
pub(crate) struct Outcome {
    pub(crate) found: Vec<FoundProfile>,
    pub(crate) end: End,
    /// Which of those found belong together: the numbers of the equilibria of each connected component, from 0, where that is known.
    pub(crate) components: Option<Vec<Vec<usize>>>,
    /// How it ended, in words.
    pub(crate) status: String,
    /// Whether it did what it set out to do.
    pub(crate) complete: bool,
    /// The points of the branch, where one was followed and asked for.
    pub(crate) branch: Vec<BranchPoint>,
}

impl Outcome {
    /// All that there is to find.
    fn all(found: Vec<FoundProfile>, status: String) -> Self {
        Self { found, end: End::All, components: None, status, complete: true, branch: Vec::new() }
    }

    /// What was found, how that ended, and whether it was what the method set out to do.
    fn ended(found: Vec<FoundProfile>, end: End, status: String) -> Self {
        let complete = matches!(end, End::All | End::Found);
        Self { found, end, components: None, status, complete, branch: Vec::new() }
    }
}

/// How much to spend, and what to keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Sweeps, systems, pivots or equilibria.
    pub(crate) steps: u64,
    /// Whether the points of a branch are kept.
    pub(crate) keep_branch: bool,
    /// Whether somebody wants to see how far it is.
    pub(crate) progress: bool,
    /// The regret at which a limit counts as reached, as a share of the range of payoffs, where it was said.
    pub(crate) regret: Option<f64>,
}

/// The growth of the precision between the points of a branch that is to be looked at.
const SMOOTH: f64 = 0.1;

/// The most profiles of reduced strategies.
const MAX_PROFILES: usize = 4_000_000;

/// Solves a game by a method.
pub(super) fn solve(
    method: Method,
    file: &GameFile,
    lambda: f64,
    budget: Budget,
) -> Result<Outcome, Failure> {
    match method {
        Method::Qre if budget.keep_branch => Ok(traced(file, lambda, budget)),
        Method::Qre => Ok(logit(file, lambda, budget)),
        Method::Limit => Ok(traced(file, f64::INFINITY, budget)),
        Method::Pure => pure(file),
        Method::PureAgent => pure_agent(file),
        Method::All => all(file, budget),
        Method::LemkeHowson => one(file, budget),
        Method::Lemke => one_by_sequences(file, budget),
        Method::ZeroSum => zero_sum(file),
        Method::Cfr => by_regret(file, budget),
        Method::Branches => Ok(branches(file, lambda)),
        Method::BackwardInduction => by_backward_induction(file, budget),
    }
}

fn sweeps(budget: Budget) -> logit::Settings {
    let max_sweeps = usize::try_from(budget.steps).unwrap_or(usize::MAX);
    logit::Settings { max_sweeps, ..logit::Settings::default() }
}

fn logit(file: &GameFile, lambda: f64, budget: Budget) -> Outcome {
    let precisions = vec![lambda; file.game.players().len()];
    let found = Solver::new(&file.game, sweeps(budget)).solve(&file.numbers, &precisions);
    let complete = found.status == Status::Converged;
    let status = match found.status {
        Status::Converged => {
            let crossings: Vec<f64> = found.crossings.iter().map(|share| share * lambda).collect();
            format!("on the principal branch, in {} sweeps{}", found.sweeps, crossed(&crossings))
        }
        other => in_words(other),
    };
    let reached = matches!(found.status, Status::Converged | Status::Jumped { .. });
    let profile = FoundProfile { play: found.play, exact: None, lambda: Some(lambda) };
    let end = match found.status {
        Status::Converged => End::OnBranch,
        Status::Jumped { .. } => End::LeftBranch,
        Status::OutOfBudget { .. } => End::OutOfBudget,
        Status::Stuck { .. } => End::Stuck,
    };
    let found = if reached { vec![profile] } else { Vec::new() };
    Outcome { found, end, components: None, status, complete, branch: Vec::new() }
}

/// What there is to say of branches that cross the principal one.
fn crossed(crossings: &[f64]) -> String {
    match crossings {
        [] => String::new(),
        [at, ..] => format!(
            "; the branch bifurcates at lambda {at:.4}: it is followed straight on, as symmetry has it, and other equilibria exist, which `--method all` and `--method branches` look for"
        ),
    }
}

fn traced(file: &GameFile, max_precision: f64, budget: Budget) -> Outcome {
    let precisions = vec![1.0; file.game.players().len()];
    let max_growth = if budget.keep_branch { SMOOTH } else { f64::INFINITY };
    let settings = TraceSettings { max_precision, max_growth, ..TraceSettings::default() };
    let settings = if max_precision.is_finite() {
        TraceSettings { regret: 0.0, ..settings }
    } else {
        TraceSettings { regret: budget.regret.unwrap_or(settings.regret), ..settings }
    };
    let line = budget.progress.then(spinner);
    let mut branch = Vec::new();
    let mut keep = |point: &BranchPoint| {
        if budget.keep_branch {
            branch.push(point.clone());
        }
        if let Some(line) = &line {
            line.set_message(format!("lambda {:.4e}, regret {:.1e}", point.precision, point.regret));
        }
        guard::interrupted()
    };
    let mut solver = Solver::new(&file.game, sweeps(budget));
    let trace = solver.trace(&file.numbers, &precisions, &settings, &mut keep);
    if let Some(line) = line {
        line.finish_and_clear();
    }
    let at = trace.last.precision;
    let complete = matches!(trace.end, TraceEnd::Limit | TraceEnd::MaxPrecision) && trace.leaps.is_empty();
    let status = match trace.end {
        TraceEnd::Limit | TraceEnd::MaxPrecision if !trace.leaps.is_empty() => format!(
            "an equilibrium at lambda {at:.4e}; the principal branch could not be followed beyond lambda {:.4e} and was left there",
            trace.leaps[0]
        ),
        TraceEnd::Limit => {
            format!("the limit of the principal branch, at lambda {at:.4e}{}", crossed(&trace.crossings))
        }
        TraceEnd::MaxPrecision => {
            format!("on the principal branch, at lambda {at}{}", crossed(&trace.crossings))
        }
        TraceEnd::Uniform => "uniform play, from which the principal branch starts".to_owned(),
        TraceEnd::OutOfBudget => format!(
            "the budget was spent at lambda {at:.4e}, where a player still gains {:.1e} at an information set: go on with a larger `--budget`, or end sooner with `--regret`",
            trace.last.regret
        ),
        TraceEnd::Stuck => format!(
            "no way on from lambda {at:.4e}, where a player still gains {:.1e} at an information set: try `--method all`, `--method lemke` or `--method cfr`, or end sooner with `--regret`",
            trace.last.regret
        ),
        TraceEnd::Stopped => format!("stopped at lambda {at:.4e}"),
    };
    branch.push(trace.last.clone());
    branch.dedup_by(|a, b| a.precision == b.precision);
    let found = vec![FoundProfile { play: trace.last.play, exact: None, lambda: Some(at) }];
    let end = end_of_trace(trace.end, !trace.leaps.is_empty());
    Outcome { found, end, components: None, status, complete, branch }
}

fn end_of_trace(end: TraceEnd, left: bool) -> End {
    match end {
        TraceEnd::Limit | TraceEnd::MaxPrecision if left => End::LeftBranch,
        TraceEnd::Limit => End::Limit,
        TraceEnd::MaxPrecision | TraceEnd::Uniform => End::OnBranch,
        TraceEnd::OutOfBudget => End::OutOfBudget,
        TraceEnd::Stuck => End::Stuck,
        TraceEnd::Stopped => End::Stopped,
    }
}

/// The game by strategies, and how to get back to actions.
enum Strategic<'a> {
    Stated(&'a NormalForm),
    Reduced(Box<ReducedForm>, NormalForm),
}

impl<'a> Strategic<'a> {
    fn of(file: &'a GameFile) -> Result<Self, Failure> {
        if let Form::Normal(normal) = &file.form {
            return Ok(Self::Stated(normal));
        }
        let exact = file.form.exact();
        let reduced =
            ReducedForm::of(&exact.game, MAX_PROFILES).map_err(|NotReduced::TooManyProfiles { allowed }| {
                let many = "the reduced strategic form has more than";
                let failure = Failure::new(format!("{many} {allowed} profiles of strategies"));
                match file.forgotten {
                    None => failure.hint("large trees are for `--method limit` or `--method qre`"),
                    Some(_) => failure.hint(
                        "`--method pure-agent` looks at one information set at a time; `certify` examines one profile",
                    ),
                }
            })?;
        let normal = reduced.normal_form(&exact.game, &exact.numbers);
        Ok(Self::Reduced(Box::new(reduced), normal))
    }

    fn normal(&self) -> &NormalForm {
        match self {
            Self::Stated(normal) => normal,
            Self::Reduced(_, normal) => normal,
        }
    }

    fn bimatrix(&self) -> Result<Bimatrix, Failure> {
        Bimatrix::of(self.normal()).map_err(|_| {
            Failure::new("this method is for games of two players")
                .hint("use `--method limit` or `--method pure`")
        })
    }

    fn found(&self, file: &GameFile, mixed: &MixedProfile) -> FoundProfile {
        let exact = match self {
            Self::Stated(_) => mixed.concat(),
            Self::Reduced(reduced, _) => reduced.behaviour(&file.game, mixed),
        };
        FoundProfile { play: exact.iter().map(to_f64).collect(), exact: Some(exact), lambda: None }
    }
}

impl Strategic<'_> {
    fn found_in_many(&self, file: &GameFile, proved: &Proved) -> FoundProfile {
        if let Some(exact) = &proved.exact {
            return self.found(file, exact);
        }
        match self {
            Self::Stated(_) => FoundProfile { play: proved.play.concat(), exact: None, lambda: None },
            Self::Reduced(..) => {
                let number = |p: &f64| Rational::from_float(*p).unwrap_or_else(Rational::zero);
                let mixed: MixedProfile =
                    proved.play.iter().map(|own| own.iter().map(number).collect()).collect();
                FoundProfile { exact: None, ..self.found(file, &mixed) }
            }
        }
    }
}

fn pure(file: &GameFile) -> Result<Outcome, Failure> {
    let strategic = Strategic::of(file)?;
    let profiles = pure_equilibria(strategic.normal());
    let counts: Vec<usize> = strategic.normal().strategies.iter().map(Vec::len).collect();
    let degenerate = |profile: &Vec<usize>| -> MixedProfile {
        let sure = |(&count, &chosen): (&usize, &usize)| {
            (0..count).map(|s| if s == chosen { Rational::one() } else { Rational::zero() }).collect()
        };
        counts.iter().zip(profile).map(sure).collect()
    };
    let found: Vec<FoundProfile> = profiles.iter().map(|p| strategic.found(file, &degenerate(p))).collect();
    let status = format!("{} in pure strategies{}", all_of(found.len()), forgetting(file));
    Ok(Outcome::all(found, status))
}

fn all_of(count: usize) -> String {
    match count {
        0 => "no equilibrium".to_owned(),
        1 => "the only equilibrium".to_owned(),
        _ => format!("all {count} equilibria"),
    }
}

/// What there is to say of players who forget.
fn forgetting(file: &GameFile) -> String {
    let absent_minded = file.absent_minded();
    match (&file.forgotten, absent_minded.is_empty()) {
        (None, _) => String::new(),
        (Some(why), true) => format!("; `{}` does not have perfect recall", why.player),
        (Some(_), false) => format!(
            ", against pure strategies and their mixtures; {}, absent-minded, may gain by a behaviour strategy",
            absent_minded.join(", ")
        ),
    }
}

/// The equilibria of the agent form in pure strategies.
fn pure_agent(file: &GameFile) -> Result<Outcome, Failure> {
    let exact = file.form.exact();
    let sets = exact.game.info_set_count();
    // A payoff for every information set at every profile.
    let most = MAX_PROFILES / sets.max(1);
    let agents = agent_form(&exact.game, &exact.numbers, most).map_err(|many| {
        Failure::new(format!(
            "there are more than {} profiles of actions at the {sets} information sets",
            many.allowed
        ))
        .hint("large trees are for `--method limit` or `--method qre`")
    })?;
    let sure = |profile: &Vec<usize>| {
        let mut play = vec![Rational::zero(); exact.game.action_count()];
        for (set, &action) in exact.game.info_set_ids().zip(profile) {
            play[exact.game.actions(set).start + action] = Rational::one();
        }
        FoundProfile { play: play.iter().map(to_f64).collect(), exact: Some(play), lambda: None }
    };
    let found: Vec<FoundProfile> = pure_equilibria(&agents).iter().map(sure).collect();
    let status = format!(
        "{} of the agent form in pure strategies: nobody gains by another action at one information set",
        all_of(found.len())
    );
    Ok(Outcome::all(found, status))
}

fn all(file: &GameFile, budget: Budget) -> Result<Outcome, Failure> {
    let strategic = Strategic::of(file)?;
    if strategic.normal().players.len() != 2 {
        return all_of_many(file, &strategic, budget);
    }
    let settings = support_enumeration::Settings { max_systems: budget.steps };
    let equilibria = all_equilibria(&strategic.bimatrix()?, &settings);
    let complete = equilibria.status == support_enumeration::Status::Complete;
    let mut status = if complete && equilibria.extreme.len() == 1 {
        "the only equilibrium".to_owned()
    } else if complete {
        format!("all {} extreme equilibria", equilibria.extreme.len())
    } else {
        format!("{} equilibria; the budget was spent, and there may be more", equilibria.extreme.len())
    };
    if equilibria.has_continuum() {
        let continua = equilibria.components.iter().filter(|c| c.len() > 1).count();
        let _ = write!(status, "; {continua} of {} components is a continuum", equilibria.components.len());
    }
    let found = equilibria.extreme.iter().map(|mixed| strategic.found(file, mixed)).collect();
    let end = if complete { End::All } else { End::OutOfBudget };
    Ok(Outcome { components: Some(equilibria.components), ..Outcome::ended(found, end, status) })
}

/// All isolated equilibria of a game that has not two players.
fn all_of_many(file: &GameFile, strategic: &Strategic<'_>, budget: Budget) -> Result<Outcome, Failure> {
    let settings = all_supports::Settings { max_boxes: budget.steps, ..all_supports::Settings::default() };
    let equilibria = all_supports::all_supports(strategic.normal(), &settings).map_err(|many| {
        Failure::new(format!(
            "there are more than {} choices of strategies that could be mixed",
            many.allowed
        ))
        .hint("`--method pure` finds the equilibria in pure strategies, `--method limit` one equilibrium")
    })?;
    let count = equilibria.found.len();
    let (end, status) = match equilibria.status {
        all_supports::Status::Complete => {
            (End::All, format!("{}, each proved to be isolated", all_of(count)))
        }
        all_supports::Status::Undecided { supports } => {
            let choices = if supports == 1 { "one choice".to_owned() } else { format!("{supports} choices") };
            let many = if count == 1 { "equilibrium, proved" } else { "equilibria, each proved" };
            (
                End::Undecided,
                format!(
                    "{count} {many} to be isolated; with {choices} of strategies to mix there may be more, as there are where \
                     equilibria form a continuum"
                ),
            )
        }
        all_supports::Status::OutOfBudget => {
            (End::OutOfBudget, format!("{count} equilibria; the budget was spent, and there may be more"))
        }
    };
    let found = equilibria.found.iter().map(|proved| strategic.found_in_many(file, proved)).collect();
    Ok(Outcome::ended(found, end, status))
}

fn one(file: &GameFile, budget: Budget) -> Result<Outcome, Failure> {
    let strategic = Strategic::of(file)?;
    let solution = lemke_howson(&strategic.bimatrix()?, 0, budget.steps);
    let status = match &solution.equilibrium {
        Some(_) => format!("one equilibrium, after {} pivots", solution.pivots),
        None => format!("the budget of {} pivots was spent", solution.pivots),
    };
    let found: Vec<FoundProfile> =
        solution.equilibrium.iter().map(|mixed| strategic.found(file, mixed)).collect();
    let end = if found.is_empty() { End::OutOfBudget } else { End::Found };
    Ok(Outcome::ended(found, end, status))
}

fn one_by_sequences(file: &GameFile, budget: Budget) -> Result<Outcome, Failure> {
    let exact = file.form.exact();
    let game = TwoPlayers::of(&exact.game, &exact.numbers).map_err(|unfit| match unfit {
        lemke::Unfit::Players(count) => not_for(count),
        lemke::Unfit::ImperfectRecall(why) => Failure::new(why.to_string()),
    })?;
    let solution = game.lemke(budget.steps);
    let status = match solution.status {
        lemke::Status::Found => format!("one equilibrium, after {} pivots", solution.pivots),
        lemke::Status::OutOfBudget => format!("the budget of {} pivots was spent", solution.pivots),
        lemke::Status::Ray => "the path ended on a ray: a probability of chance is below zero".to_owned(),
    };
    let found = solution.play.map(|exact| FoundProfile {
        play: exact.iter().map(to_f64).collect(),
        exact: Some(exact),
        lambda: None,
    });
    let end = match solution.status {
        lemke::Status::Found => End::Found,
        lemke::Status::OutOfBudget => End::OutOfBudget,
        lemke::Status::Ray => End::Stuck,
    };
    Ok(Outcome::ended(found.into_iter().collect(), end, status))
}

fn not_for(players: usize) -> Failure {
    Failure::new(format!("this method is for games of two players, and the game has {players}"))
        .hint("use `--method limit` or `--method pure`")
}

fn zero_sum(file: &GameFile) -> Result<Outcome, Failure> {
    let game = ZeroSum::of(&file.game, &file.numbers).map_err(|unfit| match unfit {
        NotZeroSum::Players(count) => not_for(count),
        NotZeroSum::ImperfectRecall(why) => Failure::new(why.to_string()),
        NotZeroSum::VaryingSum(_) => {
            Failure::new("the payoffs of the two players do not have the same sum everywhere")
                .hint("for games of any sum: `--method limit`, `--method lemke`, `--method all`")
        }
        NotZeroSum::NotFinite => Failure::new("a number of the game is not finite"),
    })?;
    let solution = game.solve();
    let end = match &solution.status {
        zero_sum::Status::Solved => End::Found,
        zero_sum::Status::Imprecise => End::Imprecise,
        zero_sum::Status::Failed(_) => End::Stuck,
    };
    let status = match &solution.status {
        zero_sum::Status::Solved => format!(
            "value {} to the first player; duality gap {}",
            decimals(solution.value(), 9),
            short(solution.gap.max(0.0))
        ),
        zero_sum::Status::Imprecise => {
            format!("duality gap {}, too large", short(solution.gap))
        }
        zero_sum::Status::Failed(why) => format!("the linear program was not solved: {why}"),
    };
    let found = vec![FoundProfile { play: solution.play, exact: None, lambda: None }];
    Ok(Outcome::ended(found, end, status))
}

/// The NashConv at which regret minimisation ends, as a share of the range of payoffs.
const NASH_CONV: f64 = 1e-5;

fn by_regret(file: &GameFile, budget: Budget) -> Result<Outcome, Failure> {
    let iterations = usize::try_from(budget.steps).unwrap_or(usize::MAX);
    let extremes = |(low, high): (f64, f64), &x: &f64| (f64::min(low, x), f64::max(high, x));
    let (low, high) = file.numbers.payoffs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), extremes);
    let target_nash_conv = Some(NASH_CONV * (high - low).max(0.0));
    let settings = cfr::Settings { iterations, target_nash_conv, ..cfr::Settings::default() };
    let solution =
        cfr::solve(&file.game, &file.numbers, &settings).map_err(|why| Failure::new(why.to_string()))?;
    let complete = solution.status == cfr::Status::TargetReached;
    let reached = format!("NashConv {} after {} iterations", short(solution.nash_conv), solution.iterations);
    let status = if complete { reached } else { format!("{reached}: the budget was spent") };
    let found = vec![FoundProfile { play: solution.play, exact: None, lambda: None }];
    Ok(Outcome::ended(found, if complete { End::Found } else { End::OutOfBudget }, status))
}

fn branches(file: &GameFile, lambda: f64) -> Outcome {
    let precisions = vec![lambda; file.game.players().len()];
    let mut solver = Solver::new(&file.game, logit::Settings::default());
    let findings = solver.search(&file.numbers, &precisions, &SearchSettings::default());
    let principal = if findings.principal_first { "; the first is on the principal branch" } else { "" };
    let count = findings.equilibria.len();
    let equilibria = if count == 1 { "equilibrium" } else { "equilibria" };
    let status = format!(
        "{count} {equilibria}{principal}; {} of {} starts led to one; a search may miss some",
        findings.polished, findings.starts
    );
    let found: Vec<FoundProfile> = findings
        .equilibria
        .into_iter()
        .map(|e| FoundProfile { play: e.play, exact: None, lambda: Some(lambda) })
        .collect();
    let end = if found.is_empty() { End::Stuck } else { End::Found };
    Outcome::ended(found, end, status)
}

fn by_backward_induction(file: &GameFile, budget: Budget) -> Result<Outcome, Failure> {
    let game = PerfectInformation::of(&file.game, &file.numbers).map_err(|unfit| match unfit {
        Unfit::HiddenMoves(set) => {
            let player = &file.game.players()[file.game.info_set(set).player.index()];
            Failure::new(format!("backward induction is for games in which all is seen, and `{player}` has an information set of several histories"))
                .hint("use `--method limit` for a sequential equilibrium")
        }
        Unfit::NotFinite => Failure::new("a number of the game is not finite"),
    })?;
    let limit = usize::try_from(budget.steps).unwrap_or(usize::MAX).min(1_000);
    let equilibria = game.all(limit);
    let complete = equilibria.status == backward_induction::Status::Complete;
    let ties = equilibria.found.first().map_or(0, |e| e.optimal.iter().filter(|o| o.len() > 1).count());
    let status = match (complete, ties) {
        (true, 0) => "the only subgame-perfect equilibrium".to_owned(),
        (true, _) => format!(
            "all {} subgame-perfect equilibria in pure strategies: players are indifferent at {ties} information sets",
            equilibria.found.len()
        ),
        (false, _) => format!(
            "the first {limit} subgame-perfect equilibria; there are more, since players are indifferent at {ties} information sets"
        ),
    };
    let play = |choices: &[usize]| {
        let mut play = vec![0.0; file.game.action_count()];
        for (set, &choice) in file.game.info_set_ids().zip(choices) {
            play[file.game.actions(set).start + choice] = 1.0;
        }
        play
    };
    let found = equilibria
        .found
        .iter()
        .map(|e| FoundProfile { play: play(&e.choices), exact: None, lambda: None })
        .collect();
    Ok(Outcome::ended(found, if complete { End::All } else { End::OutOfBudget }, status))
}
