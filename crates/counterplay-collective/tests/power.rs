//! Indices of power: published values, and agreement with the definitions on random games.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use counterplay_collective::body::{Body, NotABody};
use counterplay_collective::power::PowerIndices;
use counterplay_collective::simple::{self, shapley_value};
use counterplay_collective::weighted::{NotAGame, WeightedGame};
use num_rational::BigRational;
use proptest::prelude::*;
use serde_json::Value;

fn game(case: &Value) -> WeightedGame {
    let weights: Vec<u64> = case["weights"].as_array().unwrap().iter().map(|w| w.as_u64().unwrap()).collect();
    WeightedGame::new(case["quota"].as_u64().unwrap(), &weights).unwrap()
}

fn agree(ours: &[BigRational], theirs: &Value) -> bool {
    let theirs = theirs.as_array().unwrap();
    let to_f64 = |f: &BigRational| num_traits::ToPrimitive::to_f64(f).unwrap();
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(own, other)| match other {
            Value::String(text) => own == &text.parse().unwrap(),
            // Printed floats are the fractions that stand beside them, rounded.
            number => (to_f64(own) - number.as_f64().unwrap()).abs() <= f64::EPSILON * to_f64(own),
        })
}

fn index<'a>(power: &'a PowerIndices, name: &str) -> &'a [BigRational] {
    match name {
        "shapley_shubik" | "shapley_shubik_float" => &power.shapley_shubik,
        "banzhaf_absolute" => &power.banzhaf_absolute,
        "banzhaf_normalised" => &power.banzhaf_normalised,
        "deegan_packel" => &power.deegan_packel,
        "public_good_index" => &power.holler,
        other => panic!("no index is called {other}"),
    }
}

fn agrees_with_all(power: &PowerIndices, figures: &Value, id: &str) -> usize {
    let mut met = 0;
    for (name, theirs) in figures.as_object().unwrap() {
        match name.as_str() {
            "banzhaf_swings" => {
                let swings: Vec<String> = power.banzhaf_swings.iter().map(ToString::to_string).collect();
                let theirs: Vec<String> =
                    theirs.as_array().unwrap().iter().map(ToString::to_string).collect();
                assert_eq!(swings, theirs, "{id}: {name}");
            }
            "winning_coalitions" => {
                assert_eq!(power.winning_coalitions.to_string(), theirs.to_string(), "{id}");
            }
            "coleman_power_to_act" => {
                assert!(agree(&[power.power_to_act()], &serde_json::json!([theirs])), "{id}: {name}");
            }
            "id" | "quota" | "weights" | "source" | "winning" | "players" => continue,
            _ => assert!(agree(index(power, name), theirs), "{id}: {name}: {:?}", index(power, name)),
        }
        met += 1;
    }
    met
}

#[test]
fn published_indices_are_met_exactly() {
    let Some(text) = common::reference("power_indices.json") else { return };
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut met = 0;
    for case in all["cases"].as_array().unwrap() {
        let power = game(case).power_indices();
        met += agrees_with_all(&power, &case["exact_computed"], case["id"].as_str().unwrap());
        if case["published"].is_object() {
            met += agrees_with_all(&power, &case["published"], case["id"].as_str().unwrap());
        }
    }
    for other in all["other_indices"].as_array().unwrap() {
        match other["id"].as_str().unwrap() {
            id @ "HollerIlling_deegan_packel" => {
                met += agrees_with_all(&game(other).power_indices(), other, id);
            }
            id @ "apex4_player3" => {
                let wins = |s: u32| (s & 4 != 0 && s != 4) || s == 0b1011 || s == 0b1111;
                met += agrees_with_all(&simple::power_indices(4, wins).unwrap(), other, id);
            }
            "shapley_value_IbnEzra" => met += ibn_ezra(other),
            _ => {}
        }
    }
    assert!(met > 80, "only {met} figures were found");
}

/// The division of an estate of 120 between four heirs, after Ibn Ezra.
fn ibn_ezra(case: &Value) -> usize {
    let order = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15];
    let mut worths = vec![BigRational::from_integer(0.into()); 16];
    for (coalition, worth) in order.into_iter().zip(case["game_vector"].as_array().unwrap()) {
        worths[coalition] = BigRational::from_integer(worth.as_i64().unwrap().into());
    }
    let value = shapley_value(&worths).unwrap();
    for (own, theirs) in value.iter().zip(case["shapley_value"].as_array().unwrap()) {
        // The source prints five decimals.
        assert!((num_traits::ToPrimitive::to_f64(own).unwrap() - theirs.as_f64().unwrap()).abs() < 5e-6);
    }
    value.len()
}

#[test]
fn in_the_chamber_of_2025_eight_seats_weigh_as_much_as_fifty() {
    let chamber = WeightedGame::new(57, &[52, 51, 8, 1, 1]).unwrap();
    let power = chamber.power_indices();
    let third: Vec<BigRational> = ["1/3", "1/3", "1/3", "0", "0"].map(|text| text.parse().unwrap()).to_vec();
    assert_eq!(power.shapley_shubik, third);
    assert_eq!(power.banzhaf_normalised, third);
    assert!(chamber.is_dummy(3) && !chamber.is_dummy(2) && !chamber.has_veto(0));
    let (minimal, complete) = chamber.minimal_winning_coalitions(100);
    assert_eq!((minimal, complete), (vec![vec![0, 1], vec![0, 2], vec![1, 2]], true));
}

#[test]
fn what_is_no_game_is_refused() {
    assert_eq!(WeightedGame::new(1, &[]), Err(NotAGame::NoVoters));
    assert_eq!(WeightedGame::new(0, &[1]), Err(NotAGame::NoQuota));
    assert_eq!(WeightedGame::new(4, &[1, 2]), Err(NotAGame::OutOfReach { quota: 4, total: 3 }));
    assert_eq!(WeightedGame::new(1, &[u64::MAX, 2]), Err(NotAGame::TooHeavy));
    assert_eq!(WeightedGame::new(1, &[1; 1001]), Err(NotAGame::TooManyVoters(1001)));
    assert_eq!(WeightedGame::new(500_000, &[999; 1000]).map(|_| ()), Ok(()), "a common divisor is taken out");
    let uneven: Vec<u64> = (0..1000).map(|w| 900 + w % 97).collect();
    let too_large = WeightedGame::new(450_000, &uneven).unwrap();
    assert_eq!(too_large.countable(), Err(NotAGame::TooLarge(20)));
    let in_twenties: Vec<u64> = uneven.iter().map(|w| (w + 10) / 20).collect();
    assert_eq!(WeightedGame::new(22_500, &in_twenties).unwrap().countable(), Ok(()));
    assert_eq!(Body::new(&[vec![too_large]]), Err(NotABody::Weights(NotAGame::TooLarge(20))));
    let one = || WeightedGame::new(1, &[1; 40]).unwrap();
    assert_eq!(Body::new(&[vec![one()], vec![one()]]), Err(NotABody::TooManyVoters(40)));
    assert_eq!(Body::new(&[]), Err(NotABody::NoRule));
    let other = WeightedGame::new(1, &[1, 1]).unwrap();
    assert_eq!(Body::new(&[vec![one()], vec![other]]), Err(NotABody::Unlike));
}

/// Sums to 1, and the same as by the definitions.
fn agrees_with_the_definitions(quota: u64, weights: &[u64]) {
    let Ok(game) = WeightedGame::new(quota, weights) else { return };
    let wins = |s: u32| {
        let members: Vec<usize> = (0..weights.len()).filter(|i| s >> i & 1 == 1).collect();
        game.wins(&members)
    };
    let power = game.power_indices();
    assert_eq!(power, simple::power_indices(weights.len(), wins).unwrap(), "[{quota}; {weights:?}]");
    let one = BigRational::from_integer(1.into());
    for shares in [&power.shapley_shubik, &power.holler, &power.johnston, &power.deegan_packel] {
        assert_eq!(shares.iter().sum::<BigRational>(), one);
    }
    let (listed, complete) = game.minimal_winning_coalitions(100_000);
    assert!(complete);
    assert_eq!(power.minimal_winning_coalitions, listed.len().into());
    for voter in 0..weights.len() {
        assert_eq!(game.is_dummy(voter), power.is_dummy(voter));
        assert_eq!(game.has_veto(voter), power.has_veto(voter));
    }
}

proptest! {
    #[test]
    fn generating_functions_agree_with_the_definitions(
        weights in prop::collection::vec(0u64..9, 1..9),
        share in 0.01f64..1.0,
    ) {
        let total: u64 = weights.iter().sum();
        agrees_with_the_definitions((share * total as f64).ceil() as u64, &weights);
    }
}

#[test]
fn among_equals_all_have_the_same_share() {
    // The numbers of coalitions of 301 voters need ten moduli.
    let power = WeightedGame::simple_majority(&[1; 301]).unwrap().power_indices();
    let equal = BigRational::new(1.into(), 301.into());
    for shares in [&power.shapley_shubik, &power.banzhaf_normalised, &power.johnston, &power.deegan_packel] {
        assert!(shares.iter().all(|share| *share == equal));
    }
    assert_eq!(power.power_to_act(), BigRational::new(1.into(), 2.into()));
}

/// Swings, memberships in minimal winning coalitions and winning coalitions, by going through all of them as the definitions have it.
fn by_definition(voters: usize, wins: &dyn Fn(u32) -> bool) -> (Vec<u64>, Vec<u64>, u64) {
    let (mut swings, mut minimal, mut winning) = (vec![0; voters], vec![0; voters], 0);
    for coalition in (0..1u32 << voters).filter(|s| wins(*s)) {
        winning += 1;
        let members: Vec<usize> = (0..voters).filter(|v| coalition >> v & 1 == 1).collect();
        let critical: Vec<usize> = members.iter().copied().filter(|v| !wins(coalition & !(1 << v))).collect();
        for &voter in &critical {
            swings[voter] += 1;
            minimal[voter] += u64::from(critical.len() == members.len());
        }
    }
    (swings, minimal, winning)
}

proptest! {
    #[test]
    fn several_rules_are_counted_by_the_definitions(
        voters in 1usize..9,
        weights in proptest::collection::vec((1u64..20, 1u64..9), 9),
        quotas in (0.01f64..1.0, 0.01f64..1.0, 0.01f64..1.0),
    ) {
        let column = |of: &dyn Fn(&(u64, u64)) -> u64, share: f64| {
            let own: Vec<u64> = weights.iter().take(voters).map(of).collect();
            let quota = (share * own.iter().sum::<u64>() as f64).ceil() as u64;
            WeightedGame::new(quota, &own).unwrap()
        };
        let members = column(&|_| 1, quotas.0);
        let (one, other) = (column(&|w| w.0, quotas.1), column(&|w| w.1, quotas.2));
        let reach = |game: &WeightedGame, s: u32| {
            game.wins(&(0..voters).filter(|v| s >> v & 1 == 1).collect::<Vec<_>>())
        };
        let wins = |s: u32| reach(&members, s) && (reach(&one, s) || reach(&other, s));
        let (swings, minimal, winning) = by_definition(voters, &wins);
        let body = Body::new(&[vec![members.clone()], vec![one.clone(), other.clone()]]).unwrap();
        let power = body.power_indices();
        let found: Vec<String> = power.banzhaf_swings.iter().map(ToString::to_string).collect();
        prop_assert_eq!(found, swings.iter().map(ToString::to_string).collect::<Vec<_>>());
        prop_assert_eq!(power.winning_coalitions.to_string(), winning.to_string());
        let (listed, complete) = body.minimal_winning_coalitions(1000);
        prop_assert!(complete);
        let in_listed: Vec<u64> = (0..voters).map(|v| listed.iter().filter(|l| l.contains(&v)).count() as u64).collect();
        prop_assert_eq!(in_listed, minimal);
    }
}

/// States and people: 3 of 5 states with 65% of the people, and the same where four against are needed to block.
#[test]
fn bodies_with_two_rules_have_the_power_that_enumeration_gives() {
    let people = [83, 68, 59, 48, 37];
    let states = |quota| WeightedGame::new(quota, &[1; 5]).unwrap();
    let people = WeightedGame::new(192, &people).unwrap();
    let power = Body::new(&[vec![states(3)], vec![people.clone()]]).unwrap().power_indices();
    let text = |index: &[BigRational]| index.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(text(&power.shapley_shubik), ["4/15", "4/15", "11/60", "11/60", "1/10"]);
    assert_eq!(text(&power.rae()), ["11/16", "11/16", "5/8", "5/8", "9/16"]);
    // Four states win whatever their people.
    let power = Body::new(&[vec![states(3)], vec![people, states(4)]]).unwrap().power_indices();
    let wins = |s: u32| {
        let sum: u64 =
            [83, 68, 59, 48, 37].iter().enumerate().filter(|m| s >> m.0 & 1 == 1).map(|m| m.1).sum();
        s.count_ones() >= 3 && (sum >= 192 || s.count_ones() >= 4)
    };
    let (swings, ..) = by_definition(5, &wins);
    assert_eq!(
        power.banzhaf_swings.iter().map(|s| s.to_string().parse().unwrap()).collect::<Vec<u64>>(),
        swings
    );
}

/// A few voters of any weights have their coalitions gone through: large ones, and as many as there can be.
#[test]
fn heavy_weights_of_a_few_voters_are_counted() {
    let third =
        WeightedGame::new(2_000_000_000_001, &[1_500_000_000_000, 1_400_000_000_001, 1_100_000_000_000])
            .unwrap();
    assert!(third.power_indices().shapley_shubik.iter().all(|share| share.to_string() == "1/3"));
    let many: Vec<u64> = (0..24).map(|v| 1_000_003 + 7919 * v).collect();
    let power = WeightedGame::simple_majority(&many).unwrap().power_indices();
    assert_eq!(power.shapley_shubik.iter().sum::<BigRational>(), BigRational::from_integer(1.into()));
}
