//! Every prior moved, and what that does to every claim.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Material;
use super::tipping::{Reach, Tipping};
use counterplay_analysis::{ClaimStress, Estimate, Robustness, ShiftTest, TippingPoint};
use counterplay_inference::importance::{Weighing, pareto_smoothed};
use counterplay_inference::prior::{PriorDraw, PriorPoint};
use counterplay_math::statistics::quantile;

/// Prior draws behind the medians of a moved prior.
const MEDIAN_DRAWS: usize = 1000;
/// A claim that a shift of less than this overturns is fragile.
const NEAR: f64 = 1.0;

/// One coordinate of the prior: whose it is, and its prior standard deviation.
struct Coordinate {
    index: usize,
    parameter: usize,
    sd: f64,
}

impl Material<'_> {
    /// What would overturn each claim, in the order of the scenario.
    pub(super) fn claim_stresses(&self) -> Vec<ClaimStress> {
        let claims = self.scenario.claims.len();
        if claims == 0 {
            return Vec::new();
        }
        let holds: Vec<Vec<f64>> = (0..claims).map(|claim| self.holds(claim)).collect();
        let coordinates = self.coordinates();
        let prior_draws = self.prior_draws();
        let one = |coordinate: &Coordinate| self.shift(coordinate, &holds, &prior_draws);
        let by_coordinate: Vec<Vec<(ShiftTest, bool)>> = coordinates.par_iter().map(one).collect();
        let claim = |index: usize| {
            let tests: Vec<_> = by_coordinate.iter().map(|tests| tests[index].clone()).collect();
            self.claim_stress(index, &holds[index], tests)
        };
        (0..claims).map(claim).collect()
    }

    fn claim_stress(&self, claim: usize, holds: &[f64], tests: Vec<(ShiftTest, bool)>) -> ClaimStress {
        let whole = tests.iter().all(|test| test.1);
        let mut shifts: Vec<ShiftTest> = tests.into_iter().map(|test| test.0).collect();
        shifts.sort_by(|a, b| order(a).0.cmp(&order(b).0).then(order(a).1.total_cmp(&order(b).1)));
        let nearest = shifts
            .iter()
            .filter_map(|test| test.tipping.as_ref())
            .map(|tipping| tipping.shift.value.abs())
            .fold(f64::INFINITY, f64::min);
        let robustness = match nearest {
            near if near < NEAR => Robustness::Fragile,
            near if near.is_finite() => Robustness::Moderate,
            _ if whole => Robustness::Robust,
            _ => Robustness::RobustWithinReach,
        };
        ClaimStress {
            claim: self.scenario.claims[claim].name.clone(),
            probability: self.estimate(holds),
            robustness,
            shifts,
        }
    }

    fn coordinates(&self) -> Vec<Coordinate> {
        let owners = self.prior.owners();
        let sds = self.prior.coordinate_sds();
        let coordinate = |(index, (owner, sd)): (usize, (&(usize, _), f64))| {
            let (_, parameter): &(usize, counterplay_game::expression::ParameterId) = owner;
            Coordinate { index, parameter: parameter.index(), sd }
        };
        owners.iter().zip(sds).enumerate().map(coordinate).collect()
    }

    /// What moving one prior does to each claim, and whether the draws reach the whole range.
    fn shift(
        &self,
        coordinate: &Coordinate,
        holds: &[Vec<f64>],
        prior_draws: &[PriorDraw],
    ) -> Vec<(ShiftTest, bool)> {
        let mut located: Vec<Option<PriorPoint>> =
            self.gathered.iter().map(|g| self.prior.locate(&g.point)).collect();
        let here = self.log_densities_moved(&mut located, coordinate.index, 0.0);
        let located = std::cell::RefCell::new(located);
        let weigh = |shift: f64| -> Weighing {
            let moved =
                self.log_densities_moved(&mut located.borrow_mut(), coordinate.index, shift * coordinate.sd);
            pareto_smoothed(&moved.iter().zip(&here).map(|(m, h)| m - h).collect::<Vec<_>>())
        };
        let reach = Reach::new(weigh);
        let parameter = &self.scenario.parameters[coordinate.parameter];
        let test = |holds: &Vec<f64>| {
            let [low, high] = reach.ends(holds);
            let tipping = reach.tipping(holds);
            let test = ShiftTest {
                parameter: parameter.name.clone(),
                judgement_only: parameter.judgement_only(),
                lowest: low.0,
                highest: high.0,
                probability_at_lowest: low.1,
                probability_at_highest: high.1,
                tipping: tipping.map(|tipping| self.tipping_point(coordinate, &tipping, prior_draws)),
            };
            (test, reach.is_whole())
        };
        holds.iter().map(test).collect()
    }

    /// The log density of one coordinate's prior in every draw, when moved; not a number where a draw has no
    /// coordinates.
    fn log_densities_moved(
        &self,
        located: &mut [Option<PriorPoint>],
        coordinate: usize,
        by: f64,
    ) -> Vec<f64> {
        let of = |at: &mut Option<PriorPoint>| {
            at.as_mut().map_or(f64::NAN, |at| self.prior.log_density_moved(at, coordinate, by))
        };
        located.iter_mut().map(of).collect()
    }

    fn prior_draws(&self) -> Vec<PriorDraw> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(u64::MAX - (1 << 20));
        (0..MEDIAN_DRAWS).map(|_| self.prior.sample(&mut rng)).collect()
    }

    fn tipping_point(
        &self,
        coordinate: &Coordinate,
        tipping: &Tipping,
        prior_draws: &[PriorDraw],
    ) -> TippingPoint {
        let median = |by: f64| {
            let value = |draw: &PriorDraw| {
                self.prior.moved_parameters(draw, coordinate.index, by)[coordinate.parameter]
            };
            let mut values: Vec<f64> = prior_draws.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.5)
        };
        TippingPoint {
            shift: Estimate { value: tipping.shift, error: tipping.error },
            pareto_k: tipping.pareto_k,
            median_before: median(0.0),
            median_after: median(tipping.shift * coordinate.sd),
            confirmation: None,
        }
    }
}

/// Those that tip first, judgement alone before evidence; then the near before the far, and of those that do not tip
/// those that come closest to one half.
fn order(test: &ShiftTest) -> (u8, f64) {
    if let Some(tipping) = &test.tipping {
        return (u8::from(!test.judgement_only), tipping.shift.value.abs());
    }
    let away = |p: f64| (p - 0.5).abs();
    (2, away(test.probability_at_lowest).min(away(test.probability_at_highest)))
}
