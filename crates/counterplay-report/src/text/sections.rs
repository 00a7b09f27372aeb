//! What the summary says, section by section.

use super::comparison;
use super::layout::{Cell, Line, Paint, Room, Section, table, wrap};
use super::questions;
use crate::equilibria;
use crate::html::{kind, process, why};
use crate::{lookup, number, stress, summary};
use counterplay_analysis::{
    Analysis, Answer, CausingEvent, ChainInput, ClaimSummary, ExplanationSummary, FactorShare, Robustness,
    WarningKind,
};
use unicode_width::UnicodeWidthStr;

/// Every section that has something to say.
pub(crate) fn all(analysis: &Analysis, room: Room) -> Vec<Section> {
    let sections = [
        opening(analysis, room),
        computed(analysis, room),
        process(analysis, room),
        what_ifs(analysis, room),
        questions::section(analysis, room),
        shares(analysis, room),
        groups(analysis, room),
        decided(analysis, room),
        explanations(analysis, room),
        comparison::notes(analysis, room),
        comparison::variants(analysis, room),
        claims(analysis, room),
        assumptions(analysis, room),
        warnings(analysis, room),
    ];
    sections.into_iter().filter(|section| !section.rows.is_empty() || !section.title.is_empty()).collect()
}

/// The last line: where the report goes.
pub(crate) fn destination(place: &str) -> Section {
    let line = Line::of([Cell::new("Report  ", Paint::Strong), Cell::new(place, Paint::Accent)]);
    Section { title: vec![line], ..Section::default() }
}

fn heading(text: &str) -> Vec<Line> {
    vec![Line::of([Cell::new(text, Paint::Strong)])]
}

fn opening(analysis: &Analysis, room: Room) -> Section {
    let case = &analysis.case;
    let period = if case.period.is_empty() { String::new() } else { format!("  {}", case.period) };
    let mut title = vec![Line::of([Cell::new(&case.title, Paint::Strong), Cell::faint(period)])];
    title.extend(wrap(&case.question, room, 2).into_iter().map(|line| Line::of([Cell::plain(line)])));
    Section { title, ..Section::default() }
}

/// What was solved and how well, and what the case is about.
fn computed(analysis: &Analysis, room: Room) -> Section {
    let game = &analysis.game;
    let (histories, sets) = (number::count(game.histories), number::count(game.information_sets));
    let facts = [
        fact("Game", Mark::None, &format!("{histories} histories, {sets} information sets"), room),
        fact("Play", Mark::of_play(analysis), &play(analysis), room),
        fact("Posterior", Mark::of(analysis.sampling.converged), &sampling(analysis), room),
        fact("Outcome", Mark::None, &outcome(analysis), room),
        summary::moved(analysis).map_or_else(Vec::new, |moved| fact("Learned", Mark::None, &moved, room)),
    ];
    let told = &analysis.chain.settings;
    let told = (!told.is_empty()).then(|| fact("Settings", Mark::None, &told.join(", "), room));
    let inputs = inputs(analysis).map(|from| fact("Inputs", Mark::None, &from, room));
    let facts = facts.into_iter().chain(told).chain(inputs);
    Section { title: facts.flatten().collect(), ..Section::default() }
}

/// What was taken from other analyses.
fn inputs(analysis: &Analysis) -> Option<String> {
    let from = |input: &ChainInput| format!("{} from {} ({})", input.quantity, input.case, input.world);
    let all: Vec<String> = analysis.chain.inputs.iter().map(from).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn play(analysis: &Analysis) -> String {
    let play = &analysis.play;
    format!(
        "{}{} equilibria certified, residual {}, largest regret {}",
        equilibria::but(analysis),
        number::count(play.certified),
        number::quantity(play.residual, 0.0),
        play.regret.map_or_else(|| "not measured".to_owned(), |regret| number::quantity(regret, 0.0))
    )
}

fn sampling(analysis: &Analysis) -> String {
    let sampling = &analysis.sampling;
    if sampling.known {
        return "every number is known, so that nothing is sampled".to_owned();
    }
    format!(
        "{} draws, R-hat {}, ESS {} (bulk) {} (tail), {} divergences",
        number::count(sampling.draws),
        number::quantity(sampling.max_r_hat, 0.001),
        number::quantity(sampling.min_bulk_ess, 1.0),
        number::quantity(sampling.min_tail_ess, 1.0),
        number::count(sampling.divergences)
    )
}

fn outcome(analysis: &Analysis) -> String {
    let phrase = lookup::phrase(&analysis.case.about);
    let about = |world| lookup::probability(world, &analysis.case.about);
    match (about(&analysis.prior_prediction), about(&analysis.factual)) {
        (Some(before), Some(factual)) => format!(
            "{phrase}; before any record {} ({}), as it was {}",
            number::percent(before.mean, before.error),
            number::percent_range(before),
            number::percent(factual.mean, factual.error)
        ),
        _ => phrase,
    }
}

/// Whether something went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    None,
    Ok,
    /// It did, but something is to be known of it.
    But,
    NotConverged,
}

impl Mark {
    fn of(converged: bool) -> Self {
        if converged { Self::Ok } else { Self::NotConverged }
    }

    fn of_play(analysis: &Analysis) -> Self {
        let but = !equilibria::but(analysis).is_empty();
        if analysis.play.converged && but { Self::But } else { Self::of(analysis.play.converged) }
    }
}

/// A named line or two, with a mark that says whether it went well.
fn fact(name: &str, mark: Mark, text: &str, room: Room) -> Vec<Line> {
    const INDENT: usize = 11;
    let (mark, paint) = match mark {
        Mark::Ok => ("ok  ", Paint::Good),
        Mark::But => ("ok, ", Paint::Caution),
        Mark::NotConverged => ("NOT CONVERGED  ", Paint::Bad),
        Mark::None => ("", Paint::Plain),
    };
    let mut lines = wrap(text, room.beside(INDENT + mark.len()), 2).into_iter();
    let first = lines.next().unwrap_or_default();
    let head = Line::of([
        Cell::new(format!("{name:<INDENT$}"), Paint::Strong),
        Cell::new(mark, paint),
        Cell::plain(first),
    ]);
    let blank = " ".repeat(INDENT + mark.len());
    std::iter::once(head).chain(lines.map(|line| Line::of([Cell::plain(format!("{blank}{line}"))]))).collect()
}

fn what_ifs(analysis: &Analysis, room: Room) -> Section {
    let rows = analysis.answers.iter().map(what_if).collect();
    table("What if", &["probability", "90% interval", "change", "90% interval"], rows, &[2, 4], room)
}

fn what_if(answer: &Answer) -> Vec<Cell> {
    let (about, change) = (&answer.about_probability, &answer.about_change);
    let paint = if summary::changes_surely(answer) { Paint::Accent } else { Paint::Plain };
    let range =
        if answer.by_construction { "by construction".to_owned() } else { number::percent_range(about) };
    vec![
        Cell::plain(&answer.name),
        Cell::new(number::percent(about.mean, about.error), paint),
        Cell::faint(range),
        Cell::new(number::points(change.mean, change.error), paint),
        Cell::faint(number::points_range(change)),
    ]
}

/// The shares of the factors, the heaviest first, with bars, and the places that their error leaves open.
fn shares(analysis: &Analysis, room: Room) -> Section {
    let factors = lookup::heaviest_factors(analysis);
    let largest = factors.iter().map(|factor| factor.shapley.mean.abs()).fold(f64::MIN_POSITIVE, f64::max);
    let rows = factors.into_iter().map(|factor| share(factor, largest)).collect();
    table(
        "What each factor carries",
        &["", "points", "90% interval", "place", "necessary", "sufficient"],
        rows,
        &[6, 5, 1],
        room,
    )
}

/// The shares of the groups of factors.
fn groups(analysis: &Analysis, room: Room) -> Section {
    let attribution = analysis.attributions.iter().find(|a| a.of == analysis.case.about);
    let mut groups: Vec<_> = attribution.into_iter().flat_map(|a| &a.groups).collect();
    groups.sort_by_key(|group| group.rank);
    let row = |group: &counterplay_analysis::GroupShare| {
        vec![
            Cell::plain(&group.name),
            Cell::plain(number::points(group.shapley.mean, group.shapley.error)),
            Cell::faint(number::points_range(&group.shapley)),
            Cell::plain(number::place(group.rank)),
            Cell::faint(group.members.join(", ")),
        ]
    };
    let rows = groups.into_iter().map(row).collect();
    table(
        "What each group of factors carries",
        &["points", "90% interval", "place", "of the factors"],
        rows,
        &[3, 4],
        room,
    )
}

fn share(factor: &FactorShare, largest: f64) -> Vec<Cell> {
    let paint = if factor.shapley.mean < 0.0 { Paint::Caution } else { Paint::Accent };
    vec![
        Cell::plain(&factor.name),
        Cell::new(bar(factor.shapley.mean.abs() / largest), paint),
        Cell::plain(number::points(factor.shapley.mean, factor.shapley.error)),
        Cell::faint(number::points_range(&factor.shapley)),
        Cell::plain(number::place(factor.rank)),
        Cell::plain(number::percent(factor.necessity.mean, factor.necessity.error)),
        Cell::plain(number::percent(factor.sufficiency.mean, factor.sufficiency.error)),
    ]
}

/// A bar of at most twelve columns in steps of an eighth.
fn bar(share: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * 96.0).round() as usize;
    format!("{:<12}", format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8]))
}

/// Where the outcome was decided: the turning point, and the events that caused it most.
fn decided(analysis: &Analysis, room: Room) -> Section {
    let mut title = Vec::new();
    if let Some(turning_point) = &analysis.turning_point {
        title.extend(told("Turning point: ", &why::short(turning_point), room));
    }
    let events = analysis.actual_causes.iter().flat_map(|causes| &causes.events);
    let name = |e: &CausingEvent| {
        let event = why::turned_out(&e.event, e.occurrence, &e.action);
        format!("{event} ({}{})", why::degree(e.responsibility.mean), why::instead(e, "; not with "))
    };
    let most: Vec<String> = events.filter(|e| e.responsibility.mean >= 0.1).take(3).map(name).collect();
    if !most.is_empty() {
        title.extend(told("Most responsible: ", &most.join("; "), room));
    }
    Section { title, ..Section::default() }
}

/// A few words that stand out, and what follows them, in at most two lines.
fn told(name: &str, text: &str, room: Room) -> Vec<Line> {
    let mut lines = wrap(&format!("{name}{text}"), room, 2).into_iter();
    let first = lines.next().unwrap_or_default();
    let rest = first.strip_prefix(name.trim_end()).unwrap_or_default().to_owned();
    let head = Line::of([Cell::new(name.trim_end(), Paint::Strong), Cell::plain(rest)]);
    std::iter::once(head).chain(lines.map(|line| Line::of([Cell::plain(line)]))).collect()
}

/// Where a process is after some stages.
fn process(analysis: &Analysis, room: Room) -> Section {
    let Some(process) = &analysis.process else { return Section::default() };
    let mut title = Vec::new();
    for (outcome, where_to) in process::short(process) {
        title.extend(told(&format!("{outcome}: "), &where_to, room));
    }
    Section { title, ..Section::default() }
}

fn explanations(analysis: &Analysis, room: Room) -> Section {
    let sorted = lookup::likeliest_explanations(analysis);
    let ranked = sorted.iter().any(|e| e.rank.is_some());
    let rows = sorted.into_iter().map(|e| explanation(e, analysis, ranked)).collect();
    let (title, place) = match (ranked, lookup::record_says_nothing(analysis)) {
        (false, true) => ("Rival explanations, of which the record says nothing", ""),
        (false, false) => ("Rival explanations", ""),
        (true, _) => ("Rival explanations", "place"),
    };
    table(title, &["before", "after", "Bayes factor", place], rows, &[], room)
}

fn explanation(explanation: &ExplanationSummary, analysis: &Analysis, ranked: bool) -> Vec<Cell> {
    vec![
        Cell::plain(&explanation.name),
        Cell::faint(number::odds(explanation.prior_probability)),
        Cell::plain(lookup::probability_of(explanation, analysis)),
        Cell::plain(number::estimate(&explanation.bayes_factor)),
        Cell::plain(if ranked { number::place(explanation.rank) } else { String::new() }),
    ]
}

fn claims(analysis: &Analysis, room: Room) -> Section {
    let rows = analysis.claims.iter().map(claim).collect();
    let before = analysis.claims.iter().any(|claim| claim.prior_probability.is_some());
    let holds = if before { "before → holds with" } else { "holds with" };
    let about = if analysis.claims.iter().any(|claim| claim.about.is_some()) { "is about" } else { "" };
    table("Claims", &["", holds, about], rows, &[3], room)
}

fn claim(claim: &ClaimSummary) -> Vec<Cell> {
    let (word, paint) = match summary::verdict(claim.probability.value) {
        summary::Verdict::Holds => ("holds", Paint::Good),
        summary::Verdict::Fails => ("fails", Paint::Bad),
        summary::Verdict::Open => ("open", Paint::Caution),
    };
    let probability = number::percent(claim.probability.value, claim.probability.error);
    let before = claim.prior_probability.map(|p| format!("{} → ", number::percent(p.value, p.error)));
    let about = claim.about.as_ref().map(|about| &about.value).map(|value| {
        format!("{} ({})", number::percent(value.mean, value.error), number::percent_range(value))
    });
    let word = match (claim.by_construction, claim.rests_on_priors) {
        (true, _) => format!("{word}, by construction"),
        (false, true) => format!("{word}, on priors"),
        (false, false) => word.to_owned(),
    };
    vec![
        Cell::plain(&claim.name),
        Cell::new(word, paint),
        Cell::plain(before.unwrap_or_default() + &probability),
        Cell::plain(about.unwrap_or_default()),
    ]
}

/// At most this many claims are told to rest on something.
const TIPPED: usize = 4;

/// What the claims rest on, a line for each that a prior tips, and one for the rest.
fn assumptions(analysis: &Analysis, room: Room) -> Section {
    let found = &analysis.stress;
    let claims = stress::weakest_first(analysis);
    let tipped = || claims.iter().filter(|claim| claim.shifts.iter().any(|test| test.tipping.is_some()));
    let line = |claim: &&&counterplay_analysis::ClaimStress| {
        let test = claim.shifts.iter().find(|test| test.tipping.is_some())?;
        let tipping = test.tipping.as_ref()?;
        let judged = if test.judgement_only { ", judgement alone" } else { "" };
        let way = if tipping.shift.value < 0.0 { "−" } else { "+" };
        let (word, paint) = match claim.robustness {
            Robustness::Fragile => ("fragile", Paint::Bad),
            Robustness::Moderate | Robustness::Robust | Robustness::RobustWithinReach => {
                ("not robust", Paint::Caution)
            }
        };
        let cause = format!("{}{judged} {way}{} sd", test.parameter, stress::size(tipping));
        let beside = Room { columns: room.beside(16 + cause.width()).columns.max(12), ..room };
        Some(vec![Line::of([
            Cell::new(format!("  {word:<12}"), paint),
            Cell::plain(beside.shortened(&claim.claim)),
            Cell::faint(format!(": {cause}")),
        ])])
    };
    let mut rows: Vec<Vec<Line>> = tipped().take(TIPPED).filter_map(|claim| line(&claim)).collect();
    let (all, tipping) = (claims.len(), tipped().count());
    if all > 0 {
        let more = tipping - rows.len();
        let others = if more > 0 { format!("{more} more tip; ") } else { String::new() };
        let rest =
            format!("{others}{} of {all} claims tip at no shift within ±{} sd", all - tipping, found.range);
        rows.push(vec![Line::of([Cell::faint(format!("  {rest}, as far as the draws reach"))])]);
    }
    let title = if rows.is_empty() { Vec::new() } else { heading("As likely as not with a prior moved by") };
    Section { title, rows, may_shrink: false }
}

/// What a reader must know of the equilibrium is told whole, unless it is longer than this.
const MOST_LINES_OF_A_WARNING: usize = 10;

/// Warnings, two lines each at most, but for those that say which equilibrium the answers are of.
fn warnings(analysis: &Analysis, room: Room) -> Section {
    let line = |warning: &counterplay_analysis::Warning| {
        let paint = match warning.kind {
            WarningKind::Equilibrium | WarningKind::Sampling => Paint::Bad,
            WarningKind::OtherEquilibria
            | WarningKind::Precision
            | WarningKind::Judgement
            | WarningKind::Scenario => Paint::Caution,
        };
        let name = format!("  {}. ", kind(warning.kind));
        let whole = matches!(warning.kind, WarningKind::Equilibrium | WarningKind::OtherEquilibria);
        let most = if whole { MOST_LINES_OF_A_WARNING } else { 2 };
        let mut texts = wrap(&format!("{name}{}", warning.message), room.beside(2), most).into_iter();
        let first = texts.next().unwrap_or_default();
        let rest = first.chars().skip(name.chars().count() - 2).collect::<String>();
        let mut lines = vec![Line::of([Cell::new(name, paint), Cell::plain(rest)])];
        lines.extend(texts.map(|text| Line::of([Cell::plain(format!("  {text}"))])));
        lines
    };
    let rows: Vec<Vec<Line>> = analysis.warnings.iter().map(line).collect();
    let title = if rows.is_empty() { Vec::new() } else { heading("Warnings") };
    Section { title, rows, may_shrink: true }
}
