//! One chain, from its start to its last draw.

use rand_chacha::ChaCha8Rng;

use super::trajectory::{End, Mover, Point, draw};
use super::warmup::Warmup;
use super::{Chain, Counter, LogDensity, Missing, SamplerError, SamplerSettings};

/// How many starting points are tried.
const TRIES: usize = 100;

/// Runs the chain with the given number.
pub(super) fn run<D: LogDensity>(
    chain: usize,
    mut density: D,
    initial: &impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64>,
    settings: &SamplerSettings,
    counter: &Counter<'_>,
) -> Result<Chain, SamplerError> {
    if density.dimension() == 0 {
        return empty(settings, counter);
    }
    let mut generator = settings.generator(chain);
    let rng = &mut generator;
    let mut at = starting_point(chain, &mut density, initial, rng, counter)?;
    let mut warmup = Warmup::new(settings, &mut density, &at, rng);
    let mut found = Chain {
        draws: Vec::new(),
        divergences: 0,
        cut_short: Missing::new(),
        depths: Vec::new(),
        step_size: 0.0,
    };
    for index in 0..settings.warmup + settings.draws {
        counter.check()?;
        let start = at.pushed(rng);
        let mover = Mover::new(&mut density, &warmup.scales, warmup.step_size, &start);
        let trajectory = draw(start, mover, settings.max_depth, rng);
        warmup.learn(index as u64, &trajectory, &mut density, rng);
        counter.advance();
        if index >= settings.warmup {
            found.draws.push(trajectory.draw.position.clone());
            found.divergences += usize::from(trajectory.end == End::Diverged);
            if let End::CutShort(why) = &trajectory.end {
                *found.cut_short.entry(why.clone()).or_default() += 1;
            }
            found.depths.push(trajectory.depth);
            found.step_size = warmup.step_size;
        }
        at = (*trajectory.draw).clone();
    }
    Ok(found)
}

/// The draws of a density without coordinates: each is the empty point.
fn empty(settings: &SamplerSettings, counter: &Counter<'_>) -> Result<Chain, SamplerError> {
    counter.check()?;
    (0..settings.warmup + settings.draws).for_each(|_| counter.advance());
    let (draws, depths) = (vec![Vec::new(); settings.draws], vec![0; settings.draws]);
    Ok(Chain { draws, divergences: 0, cut_short: Missing::new(), depths, step_size: 0.0 })
}

/// The first of the points that `initial` gives at which the density is finite.
fn starting_point<D: LogDensity>(
    chain: usize,
    density: &mut D,
    initial: &impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64>,
    generator: &mut ChaCha8Rng,
    counter: &Counter<'_>,
) -> Result<Point, SamplerError> {
    let mut tried = Missing::new();
    for _ in 0..TRIES {
        counter.check()?;
        let point = initial(chain, generator);
        assert_eq!(point.len(), density.dimension(), "a starting point needs every coordinate");
        match Point::at(density, point) {
            Ok(point) => return Ok(point),
            Err(why) => *tried.entry(why).or_default() += 1,
        }
    }
    Err(SamplerError::NoStart { chain, tried })
}
