//! What was to be expected before anything of the record was known.

use rayon::prelude::*;

use crate::agreement::LogOdds;
use crate::analysis::World;
use crate::evidence::Weighed;
use crate::hash::Key;
use crate::inquiry::Inquiry;
use crate::luck::Luck;
use crate::model::{Evaluator, MODEL_SETTINGS};
use crate::tally::{self, WorldDraw};
use crate::world::{LuckOf, Surprises, replay};

/// Histories told at each draw.
const HISTORIES: u64 = 50;

/// The outcomes of the story at draws from the prior, with luck of which nothing is known.
pub(crate) fn prior_prediction(inquiry: &Inquiry<'_>, prior: &Weighed, seed: u64) -> World {
    let evaluator = inquiry.factual().model().evaluator(MODEL_SETTINGS);
    let one = |evaluator: &mut Evaluator, (index, draw): (usize, &&[f64])| {
        let key = Key::new(seed).with(Key::of_text("prospect")).with(index as u64);
        tell(inquiry, evaluator, draw, key)
    };
    let draws: Vec<&[f64]> = prior.prior().collect();
    let told: Vec<Option<WorldDraw>> =
        draws.par_iter().enumerate().map_init(|| evaluator.clone(), one).collect();
    let told: Vec<&WorldDraw> = told.iter().flatten().collect();
    tally::summarise(&inquiry.catalogue, &told)
}

fn tell(inquiry: &Inquiry<'_>, evaluator: &mut Evaluator, draw: &[f64], key: Key) -> Option<WorldDraw> {
    let scene = inquiry.factual();
    evaluator.start_afresh();
    let found = evaluator.solve(draw).ok()?;
    let odds = LogOdds::new(evaluator.numbers(), &found.play);
    let values = evaluator.values();
    let lucks: Vec<Luck> = (0..HISTORIES).map(|l| Luck::fresh(key.with(l))).collect();
    let nothing = Surprises::default();
    let ends: Vec<_> = lucks
        .iter()
        .map(|luck| replay(scene, &odds, values, &nothing, LuckOf { before: luck, after: None }))
        .collect();
    let measures: Vec<_> =
        ends.iter().zip(&lucks).map(|(end, luck)| scene.measures(end.end, values, luck).collect()).collect();
    Some(WorldDraw::count(&inquiry.catalogue, scene, &ends, &measures))
}
