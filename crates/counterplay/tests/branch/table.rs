//! All stories judged, and what came of it as a row of a table.

use crate::judge::{Finding, Outcome, judge};
use crate::stories::Story;

pub(crate) const STORIES: usize = 300;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) stories: usize,
    pub(crate) answers: usize,
    pub(crate) past_crossings: usize,
    pub(crate) differ: usize,
    pub(crate) differ_past_crossings: usize,
    pub(crate) failed: usize,
    pub(crate) wrong_stories: usize,
}

impl Row {
    fn add(&mut self, findings: &[Finding]) {
        self.stories += 1;
        self.answers += findings.len();
        self.past_crossings += findings.iter().filter(|f| f.past_crossing).count();
        let wrong: Vec<&Finding> = findings.iter().filter(|f| f.differs()).collect();
        self.differ += wrong.len();
        self.differ_past_crossings += wrong.iter().filter(|f| f.past_crossing).count();
        self.wrong_stories += usize::from(!wrong.is_empty());
    }

    pub(crate) fn line(&self) -> String {
        format!(
            "| stories: answers | {} | {} | - | {} | {} | {} | {} | {} |",
            self.stories,
            self.answers,
            self.past_crossings,
            self.differ,
            self.differ_past_crossings,
            self.failed,
            self.wrong_stories
        )
    }
}

/// Judges every `step`th story; `report` is told of each that differs.
pub(crate) fn run(seed: u64, step: usize, report: &mut dyn FnMut(usize, &Story, &str)) -> Row {
    let mut row = Row::default();
    for number in (0..STORIES).step_by(step) {
        let story = Story::random(number, seed);
        match judge(&story) {
            Outcome::Asked(findings) => {
                row.add(&findings);
                let wrong: Vec<String> =
                    findings.iter().filter(|f| f.differs()).map(|f| format!("{f:?}")).collect();
                if !wrong.is_empty() {
                    report(number, &story, &wrong.join("\n"));
                }
            }
            Outcome::Failed(why) => {
                row.failed += 1;
                report(number, &story, &why);
            }
            Outcome::NoReference => {
                row.failed += 1;
                report(number, &story, "no reference");
            }
        }
    }
    row
}
