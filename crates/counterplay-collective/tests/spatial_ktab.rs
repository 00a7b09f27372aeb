//! Two whole runs of KTAB's spatial model of politics in which nothing is left to luck, as KTAB prints them (its repository of May
//! 2017, `examples/smp/doc`, under the MIT licence): positions to one digit, probabilities of winning to four.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterplay_collective::spatial::election::{Election, Voting};
use counterplay_collective::spatial::politics::{Politics, Settings, Transitions};
use counterplay_collective::spatial::rounds::BargainingPath;
use counterplay_collective::spatial::uncertainty::luck;
use counterplay_collective::spatial::{Actor, Actors};

/// Capability; positions and saliences on scales of 100.
type Stated<const D: usize> = (f64, [f64; D], [f64; D]);

fn played<const D: usize>(table: &[Stated<D>]) -> BargainingPath {
    let actor = |&(capability, position, salience): &Stated<D>| Actor {
        capability,
        position: position.to_vec(),
        salience: salience.iter().map(|s| s / 100.0).collect(),
    };
    let settings = Settings {
        voting: Voting::Proportional,
        election: Election::Conditional,
        transitions: Transitions::Deterministic,
        ..Settings::default()
    };
    let actors = Actors::new(table.iter().map(actor).collect()).unwrap();
    Politics::new(actors, settings).unwrap().play(&mut luck(0, 0))
}

/// As printed, to the last digit: within half a unit of it, and the rounding of the half.
fn prints_as(own: f64, printed: f64, digits: i32) -> bool {
    (own - printed).abs() <= 0.5001 * 10f64.powi(-digits)
}

/// `dummyData_3Dim`: seven actors in three dimensions.
const SEVEN: [Stated<3>; 7] = [
    (102.543, [75.79, 6.37, 70.45], [49.53, 5.91, 28.15]),
    (53.393, [82.72, 73.5, 64.0], [30.33, 21.22, 24.79]),
    (129.643, [82.45, 90.89, 0.07], [48.47, 13.55, 34.62]),
    (75.92, [62.52, 50.82, 62.33], [20.76, 39.24, 22.21]),
    (63.224, [82.34, 45.77, 73.31], [40.96, 25.43, 22.59]),
    (120.048, [84.48, 33.7, 88.11], [22.92, 39.35, 15.42]),
    (54.178, [70.96, 33.46, 90.36], [31.75, 27.93, 26.03]),
];

/// By actor and dimension, then by round.
const SEVEN_POSITIONS: [[f64; 11]; 21] = [
    [75.8, 79.5, 80.6, 80.6, 78.5, 78.5, 78.5, 78.5, 78.6, 78.6, 78.6],
    [6.4, 44.7, 34.2, 35.0, 30.5, 30.5, 31.2, 31.2, 31.5, 31.8, 31.8],
    [70.5, 72.0, 75.9, 76.1, 74.0, 74.0, 74.0, 74.0, 74.0, 74.1, 74.1],
    [82.7, 78.9, 76.0, 78.3, 79.0, 79.0, 79.1, 78.5, 79.9, 78.6, 78.6],
    [73.5, 56.3, 27.5, 30.5, 30.6, 30.6, 30.9, 31.2, 34.4, 31.8, 31.8],
    [64.0, 72.5, 72.0, 73.8, 74.2, 74.2, 74.3, 74.0, 75.2, 74.1, 74.1],
    [82.5, 82.5, 82.5, 82.5, 82.5, 82.5, 82.5, 82.5, 82.5, 82.5, 82.5],
    [90.9, 90.9, 90.9, 90.9, 90.9, 90.9, 90.9, 90.9, 90.9, 90.9, 90.9],
    [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
    [62.5, 65.8, 66.7, 66.7, 66.7, 66.7, 67.1, 67.1, 67.1, 67.1, 67.1],
    [50.8, 50.8, 50.2, 50.2, 50.2, 50.2, 50.1, 50.1, 50.1, 50.1, 50.1],
    [62.3, 63.0, 63.5, 63.5, 63.5, 63.5, 63.7, 63.7, 63.7, 63.7, 63.7],
    [82.3, 79.5, 81.5, 78.3, 78.5, 78.5, 78.6, 80.5, 78.6, 78.6, 78.6],
    [45.8, 44.7, 35.8, 30.5, 30.5, 30.5, 30.6, 34.6, 31.6, 31.6, 31.6],
    [73.3, 72.0, 79.1, 73.8, 74.0, 74.0, 74.1, 75.9, 74.0, 74.1, 74.1],
    [84.5, 84.4, 80.6, 80.7, 80.6, 80.5, 80.5, 80.5, 79.9, 79.9, 79.9],
    [33.7, 34.1, 34.2, 34.3, 34.7, 34.6, 34.6, 34.6, 34.4, 34.4, 34.4],
    [88.1, 86.3, 75.9, 76.3, 76.1, 75.9, 75.9, 75.9, 75.2, 75.2, 75.2],
    [71.0, 75.6, 76.0, 77.4, 77.4, 80.5, 78.5, 78.5, 78.7, 78.7, 78.6],
    [33.5, 24.8, 27.5, 28.7, 28.7, 34.6, 31.2, 31.2, 31.3, 31.3, 31.6],
    [90.4, 72.0, 72.0, 73.0, 73.0, 75.9, 74.0, 74.0, 74.1, 74.1, 74.1],
];

/// By actor, then by round.
const SEVEN_WIN: [[f64; 11]; 7] = [
    [0.0047, 0.6059, 0.3618, 0.2234, 0.2420, 0.4040, 0.4031, 0.3546, 0.4593, 0.3962, 0.3340],
    [0.0302, 0.0509, 0.3087, 0.3684, 0.2457, 0.1811, 0.1290, 0.3546, 0.2960, 0.3962, 0.3340],
    [0.0054, 0.0096, 0.0256, 0.0158, 0.0096, 0.0339, 0.0072, 0.0571, 0.0194, 0.0074, 0.0183],
    [0.1492, 0.1406, 0.1887, 0.1674, 0.0823, 0.2564, 0.0533, 0.2768, 0.1131, 0.0507, 0.0957],
    [0.6001, 0.6059, 0.1152, 0.3684, 0.2420, 0.4040, 0.0446, 0.3115, 0.4593, 0.1730, 0.1512],
    [0.1447, 0.1217, 0.3618, 0.0649, 0.3687, 0.1246, 0.3628, 0.3115, 0.2960, 0.3530, 0.4009],
    [0.0656, 0.0713, 0.3087, 0.1602, 0.0517, 0.1246, 0.4031, 0.3546, 0.1123, 0.0198, 0.1512],
];

#[test]
fn ktabs_run_of_seven_actors_is_met_in_every_figure() {
    let course = played(&SEVEN);
    assert_eq!(course.rounds.len(), 11);
    assert!(course.settled());
    for (at, round) in course.rounds.iter().enumerate() {
        for (own, printed) in round.positions.iter().flatten().zip(&SEVEN_POSITIONS) {
            assert!(prints_as(*own, printed[at], 1), "round {at}: {own} against {}", printed[at]);
        }
        for (own, printed) in round.win_probability.as_ref().unwrap().iter().zip(&SEVEN_WIN) {
            assert!(prints_as(*own, printed[at], 4), "round {at}: {own} against {}", printed[at]);
        }
    }
}

/// `SOE-Pol-Comp`: thirteen actors in two dimensions.
const THIRTEEN: [Stated<2>; 13] = [
    (100.0, [30.0, 20.0], [24.0, 48.0]),
    (60.2, [45.0, 65.0], [44.7, 41.3]),
    (35.0, [30.0, 15.0], [28.9, 65.1]),
    (35.0, [45.0, 45.0], [20.6, 49.4]),
    (40.0, [50.0, 65.0], [44.7, 47.8]),
    (20.0, [15.0, 10.0], [32.0, 32.0]),
    (15.0, [20.0, 15.0], [32.0, 32.0]),
    (25.0, [60.0, 50.0], [43.9, 50.1]),
    (20.0, [30.0, 15.0], [26.4, 17.6]),
    (35.0, [45.0, 40.0], [35.9, 46.6]),
    (20.0, [50.0, 50.0], [44.7, 47.8]),
    (20.0, [20.0, 30.0], [47.4, 40.6]),
    (40.0, [15.0, 60.0], [49.0, 46.0]),
];

/// By actor, after the last round: the two positions, and the probability of winning.
const THIRTEEN_LAST: [([f64; 2], f64); 13] = [
    ([43.2, 43.3], 0.2299),
    ([43.2, 43.3], 0.2299),
    ([38.7, 28.8], 0.1104),
    ([38.6, 28.8], 0.1104),
    ([38.7, 28.8], 0.1104),
    ([38.6, 29.5], 0.2202),
    ([38.7, 29.0], 0.2063),
    ([38.7, 29.0], 0.2063),
    ([38.7, 28.9], 0.2063),
    ([38.8, 30.7], 0.2330),
    ([38.8, 30.8], 0.2330),
    ([38.8, 30.8], 0.2330),
    ([15.0, 60.0], 0.0002),
];

#[test]
fn ktabs_run_of_thirteen_actors_ends_as_printed_after_as_many_rounds() {
    let course = played(&THIRTEEN);
    assert_eq!(course.rounds.len(), 28);
    assert!(course.settled());
    let last = course.last();
    let wins = last.win_probability.as_ref().unwrap();
    for (at, (printed, win)) in THIRTEEN_LAST.iter().enumerate() {
        let near = last.positions[at].iter().zip(printed).all(|(own, printed)| prints_as(*own, *printed, 1));
        assert!(near, "actor {at}: {:?} against {printed:?}", last.positions[at]);
        assert!(prints_as(wins[at], *win, 4), "actor {at}: {} against {win}", wins[at]);
    }
}
