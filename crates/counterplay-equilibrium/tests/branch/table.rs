//! All games of a family judged, and what came of it as a row of a table.

use std::fmt::Write as _;

use rayon::prelude::*;

use crate::catalog;
use crate::families;
use crate::judge::{Finding, Verdict, judge};
use crate::processes;
use crate::reference::System;
use crate::reference::tracer::Fineness;
use crate::subject::Subject;

/// A family of games: how many there are, and how each is judged.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) games: usize,
    pub(crate) judge: fn(usize, u64) -> Judged,
}

/// A game with what was found.
pub(crate) struct Judged {
    pub(crate) name: String,
    pub(crate) text: (String, &'static str),
    pub(crate) findings: Vec<Finding>,
}

pub(crate) const FAMILIES: [Family; 5] = [
    Family { name: "bimatrix", games: 5_000, judge: bimatrix },
    Family { name: "signalling", games: 2_000, judge: signalling },
    Family { name: "nearly symmetric", games: 1_000, judge: nearly_symmetric },
    Family { name: "stochastic", games: 200, judge: stochastic },
    Family { name: "catalog", games: 64, judge: of_catalog },
];

fn judged(subject: Subject, precisions: &[f64]) -> Judged {
    let findings = judge(&subject, precisions, &Fineness::default());
    Judged { name: subject.name, text: subject.text, findings }
}

fn bimatrix(number: usize, seed: u64) -> Judged {
    let game = families::bimatrix(number, seed);
    let precisions = families::bimatrix_precisions(1.0 / game.unit());
    judged(Subject::of_bimatrix(format!("bimatrix-{number}"), game), &precisions)
}

fn signalling(number: usize, seed: u64) -> Judged {
    let tree = families::signalling(number, seed);
    judged(Subject::of_tree(format!("signalling-{number}"), tree), &families::SIGNALLING_PRECISIONS)
}

fn nearly_symmetric(number: usize, seed: u64) -> Judged {
    let game = families::nearly_symmetric(number, seed);
    let precisions = families::bimatrix_precisions(1.0 / game.unit());
    judged(Subject::of_bimatrix(format!("nearly-symmetric-{number}"), game), &precisions)
}

fn stochastic(number: usize, seed: u64) -> Judged {
    let game = families::stochastic(number, seed);
    let findings = processes::judge(&game, &[1.0, 3.0, 7.0, 12.0, 20.0], &Fineness::default());
    let text = format!("{game:#?}");
    Judged { name: format!("stochastic-{number}"), text: (text, "txt"), findings }
}

/// The games of the catalog that have perfect recall; larger ones than the reference can follow are left out.
fn of_catalog(number: usize, _: u64) -> Judged {
    let files = catalog::of_catalog();
    let subject = files.get(number).and_then(|file| catalog::read(file).ok());
    let Some(subject) = subject.filter(|s| s.system.unknowns() <= LARGEST) else {
        return Judged { name: String::new(), text: (String::new(), ""), findings: Vec::new() };
    };
    let unit = subject.system.unit();
    let precisions: Vec<f64> = [1.0, 3.0, 7.0, 12.0, 20.0].iter().map(|l| l * unit).collect();
    judged(subject, &precisions)
}

/// The most unknowns of a game of the catalog.
const LARGEST: usize = 80;

/// What came of a family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) games: usize,
    /// Games with a point on which the two differ.
    pub(crate) wrong_games: usize,
    pub(crate) points: usize,
    pub(crate) past_folds: usize,
    pub(crate) past_crossings: usize,
    pub(crate) differ: usize,
    /// Of those that differ, behind an exact crossing.
    pub(crate) differ_past_crossings: usize,
    pub(crate) not_solved: usize,
    pub(crate) no_reference: usize,
}

impl Row {
    fn add(&mut self, findings: &[Finding]) {
        self.games += usize::from(!findings.is_empty());
        let mut wrong = false;
        for finding in findings {
            self.points += 1;
            self.past_folds += usize::from(finding.past_fold);
            self.past_crossings += usize::from(finding.past_crossing);
            match &finding.verdict {
                Verdict::Agrees => {}
                Verdict::Differs(_) if finding.past_crossing => self.differ_past_crossings += 1,
                Verdict::Differs(_) => {
                    self.differ += 1;
                    wrong = true;
                }
                Verdict::NotSolved(_) => self.not_solved += 1,
                Verdict::NoReference(_) => self.no_reference += 1,
            }
        }
        self.wrong_games += usize::from(wrong);
    }
}

/// Judges every `step`th game of a family.
pub(crate) fn run(family: &Family, seed: u64, step: usize, report: &(dyn Fn(&Judged) + Sync)) -> Row {
    let numbers: Vec<usize> = (0..family.games).step_by(step).collect();
    let judged: Vec<Judged> = numbers
        .par_iter()
        .map(|&number| {
            let judged = (family.judge)(number, seed);
            report(&judged);
            judged
        })
        .collect();
    let mut row = Row { name: family.name.into(), ..Row::default() };
    for judged in &judged {
        row.add(&judged.findings);
    }
    row
}

pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| games | number | points | past folds | past crossings | not on the branch | of them past a crossing \
         | said not to be solved | games with a point not on the branch |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            row.games,
            row.points,
            row.past_folds,
            row.past_crossings,
            row.differ + row.differ_past_crossings,
            row.differ_past_crossings,
            row.not_solved,
            row.wrong_games
        )
        .expect("a string takes it");
        if row.no_reference > 0 {
            writeln!(text, "\n{} points of {} have no reference.\n", row.no_reference, row.name)
                .expect("a string takes it");
        }
    }
    text
}
