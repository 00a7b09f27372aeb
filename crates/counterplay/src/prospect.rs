//! What was to be expected before anything of the record was known.

use counterplay_equilibrium::logit::{Equilibrium, LANES, Status};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::agreement::LogOdds;
use crate::analysis::World;
use crate::evidence::Weighed;
use crate::hash::Key;
use crate::inquiry::Inquiry;
use crate::luck::Luck;
use crate::model::{Evaluator, NoValue, ROUGH_SETTINGS};
use crate::tally::{self, WorldDraw};
use crate::timeline::reach;
use crate::world::{LuckOf, Scene, Surprises, replay};

/// Histories told at each draw.
const HISTORIES: u64 = 50;

/// The outcomes of the story at draws from the prior.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Prospect {
    /// With luck of which nothing is known.
    pub(crate) world: World,
    /// At each draw, the exact probability of the outcome that the case is about; not a number where play could not
    /// be solved.
    pub(crate) about: Vec<f64>,
    /// At how many draws play was not on the principal branch.
    pub(crate) off_branch: usize,
}

/// The outcomes of the story at draws from the prior.
pub(crate) fn prior_prediction(
    inquiry: &Inquiry<'_>,
    prior: &Weighed,
    about: (usize, usize),
    seed: u64,
) -> Prospect {
    let evaluator = inquiry.factual().model().evaluator(ROUGH_SETTINGS);
    let some = |evaluator: &mut Evaluator, (group, draws): (usize, &[&[f64]])| -> Vec<Option<Told>> {
        let found = evaluator.solve_all(draws);
        let one = |(place, (found, draw)): (usize, (Result<Equilibrium, NoValue>, &&[f64]))| {
            let key = Key::new(seed).with(Key::of_text("prospect")).with((group * LANES + place) as u64);
            let found = found.ok()?;
            evaluator.load(draw).ok()?;
            Some(tell(inquiry, evaluator, about, &found, key))
        };
        found.into_iter().zip(draws).enumerate().map(one).collect()
    };
    let draws: Vec<&[f64]> = prior.prior().collect();
    let told = draws.par_chunks(LANES).enumerate().map_init(|| evaluator.clone(), some);
    let told: Vec<Option<Told>> = told.flatten_iter().collect();
    let about = told.iter().map(|t| t.as_ref().map_or(f64::NAN, |t| t.about)).collect();
    let off_branch = told.iter().flatten().filter(|t| t.off_branch).count();
    let told: Vec<&WorldDraw> = told.iter().flatten().map(|t| &t.world).collect();
    Prospect { world: tally::summarise(&inquiry.catalogue, &told), about, off_branch }
}

/// What one draw tells.
struct Told {
    world: WorldDraw,
    about: f64,
    off_branch: bool,
}

fn tell(
    inquiry: &Inquiry<'_>,
    evaluator: &Evaluator,
    about: (usize, usize),
    found: &Equilibrium,
    key: Key,
) -> Told {
    let scene = inquiry.factual();
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
    Told {
        world: WorldDraw::count(&inquiry.catalogue, scene, &ends, &measures),
        about: probability(scene, &odds, about),
        off_branch: found.status != Status::Converged,
    }
}

/// The exact probability that an outcome has a value, over all histories.
pub(crate) fn probability(scene: &Scene, odds: &LogOdds, of: (usize, usize)) -> f64 {
    let game = scene.model().game();
    let reach = reach(game, odds);
    let ends = game.nodes().filter(|&n| game.child_count(n) == 0 && scene.outcomes(n).contains(&of));
    ends.map(|n| reach[n.index()]).sum()
}
