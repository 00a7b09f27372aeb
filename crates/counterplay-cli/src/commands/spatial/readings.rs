//! The readings of the expected-utility model: its published accounts leave three things open, and the answer can depend on them.

use counterplay_collective::spatial::centre::Median;
use counterplay_collective::spatial::expected_utility::{Choice, Issue, Settings, Success};

/// How the model ends in one of its readings.
pub(super) struct Reading {
    pub(super) settings: Settings,
    pub(super) median: Median,
    pub(super) settled: bool,
}

/// All readings, with as many rounds as these settings allow.
pub(super) fn of(issue: &Issue, settings: &Settings) -> Vec<Reading> {
    let mut readings = Vec::new();
    for success in [Success::Share, Success::Lead] {
        for choice in [Choice::Strongest, Choice::LeastMove] {
            for stalemate in [1.0, 0.5] {
                let settings = Settings { success, choice, stalemate, ..settings.clone() };
                let course = issue.play(&settings);
                readings.push(Reading {
                    median: course.last().median[0],
                    settled: course.settled(),
                    settings,
                });
            }
        }
    }
    readings
}
