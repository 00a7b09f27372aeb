//! What was found, as JSON.

use counterplay_collective::spatial::centre::Median;
use counterplay_collective::spatial::rounds::{BargainingPath, Kind, Round, Stop};
use serde_json::{Value, json};

use super::readings::Reading;
use super::{Findings, LEVELS, Model, Runs, Spatial};
use crate::actors_file::{ActorsFile, Layout};
use crate::failure::Failure;
use crate::output;

pub(super) fn told(asked: &Spatial, file: &ActorsFile, found: &Findings) -> Result<String, Failure> {
    let dimensions = file.dimensions.iter().enumerate();
    let actors = file.names.iter().zip(file.actors.list());
    let object = json!({
        "title": file.title,
        "layout": match file.layout { Layout::Ktab => "ktab", Layout::Scholz => "scholz" },
        "salience_unit": if file.percent { "percent" } else { "share" },
        "model": asked.model.word(),
        "settings": settings(asked),
        "seed": asked.seed,
        "dimensions": file.dimensions,
        "actors": actors.map(|(name, actor)| json!({
            "name": name, "capability": actor.capability, "position": actor.position, "salience": actor.salience,
        })).collect::<Vec<_>>(),
        "stated": dimensions.map(|(d, name)| json!({
            "dimension": name, "mean": file.actors.mean()[d], "median": median(file.actors.median()[d]),
        })).collect::<Vec<_>>(),
        "courses": found.courses.iter().enumerate().map(|(at, c)| course(file, found, at, c)).collect::<Vec<_>>(),
        "readings": found.readings.iter().zip(&file.dimensions).map(|(all, name)| json!({
            "dimension": name, "readings": all.iter().map(reading).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "outlook": found.outlooks.iter().zip(&file.dimensions).map(|(at, name)| json!({
            "dimension": name, "risk_exponents": at.risk_exponents, "success": at.success,
            "expected_utility": at.expected_utility,
        })).collect::<Vec<_>>(),
        "settled": found.courses.iter().all(BargainingPath::settled),
        "uncertainty": found.runs.as_ref().map(|runs| uncertainty(file, runs)),
    });
    output::json("it", &object)
}

/// The settings, in the names of the library.
fn settings(asked: &Spatial) -> Value {
    match asked.model {
        Model::Mean | Model::Median => Value::Null,
        Model::Eum => {
            let s = asked.eum.settings(asked.rounds);
            json!({
                "stalemate": s.stalemate, "success": format!("{:?}", s.success), "attend": format!("{:?}", s.choice),
                "most_rounds": s.most_rounds, "tolerance": s.tolerance,
                "scale": asked.smp.given_scale().map(|(low, high)| [low, high]),
            })
        }
        Model::Smp => {
            let s = asked.smp.settings(asked.rounds);
            json!({
                "scale": [s.scale.0, s.scale.1], "victory": format!("{:?}", s.victory), "voting": format!("{:?}", s.voting),
                "election": format!("{:?}", s.election), "transitions": format!("{:?}", s.transitions),
                "risk_range": format!("{:?}", s.risk_range), "risk_adjust": format!("{:?}", s.risk_adjust),
                "commitment": format!("{:?}", s.commitment), "interpolation": format!("{:?}", s.interpolation),
                "bargaining": format!("{:?}", s.bargaining), "least_rounds": s.least_rounds,
                "most_rounds": s.most_rounds, "quiet": s.quiet,
            })
        }
    }
}

fn median(median: Median) -> Value {
    json!({ "low": median.low, "high": median.high })
}

fn reading(reading: &Reading) -> Value {
    json!({
        "success": format!("{:?}", reading.settings.success),
        "attend": format!("{:?}", reading.settings.choice),
        "stalemate": reading.settings.stalemate,
        "median": median(reading.median),
        "settled": reading.settled,
    })
}

fn course(file: &ActorsFile, found: &Findings, at: usize, course: &BargainingPath) -> Value {
    let dimensions =
        if found.courses.len() == 1 { file.dimensions.clone() } else { vec![file.dimensions[at].clone()] };
    json!({
        "dimensions": dimensions,
        "stop": match course.stop {
            Stop::Settled => json!({ "why": "settled" }),
            Stop::Cycle { since, length } => json!({ "why": "cycle", "since_round": since, "length": length }),
            Stop::OutOfRounds { change } => json!({ "why": "out of rounds", "last_change": change }),
        },
        "rounds": course.rounds.iter().map(|r| round(file, r)).collect::<Vec<_>>(),
    })
}

fn round(file: &ActorsFile, round: &Round) -> Value {
    let moves = round.moves.iter().map(|one| {
        json!({
            "actor": file.names[one.actor],
            "because_of": file.names[one.other],
            "kind": match one.kind {
                Kind::Confrontation => "confrontation",
                Kind::Compromise => "compromise",
                Kind::Capitulation => "capitulation",
                Kind::Bargain => "bargain",
            },
        })
    });
    json!({
        "positions": round.positions,
        "moves": moves.collect::<Vec<_>>(),
        "mean": round.mean,
        "median": round.median.iter().map(|m| median(*m)).collect::<Vec<_>>(),
        "win_probability": round.win_probability,
    })
}

fn uncertainty(file: &ActorsFile, runs: &Runs) -> Value {
    let by_dimension = file.dimensions.iter().enumerate().map(|(d, name)| {
        json!({ "dimension": name, "mean_by_round": runs.mean[d], "median_by_round": runs.median[d] })
    });
    let [settled, cycles, out_of_rounds] = runs.stops;
    json!({
        "runs": runs.count,
        "spread": {
            "position": runs.spread.position, "salience": runs.spread.salience, "capability": runs.spread.capability,
        },
        "levels": LEVELS,
        "quantiles": by_dimension.collect::<Vec<_>>(),
        "courses": { "settled": settled, "cycles": cycles, "out_of_rounds": out_of_rounds },
    })
}
