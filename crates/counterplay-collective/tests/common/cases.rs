//! Actors of published cases, restated.

use counterplay_collective::spatial::{Actor, Actors};

fn on_a_line(table: &[(f64, f64, f64)]) -> Actors {
    let actor = |&(capability, position, salience): &(f64, f64, f64)| Actor {
        capability,
        position: vec![position],
        salience: vec![salience],
    };
    Actors::new(table.iter().map(actor).collect()).unwrap()
}

/// Who was to decide when emission standards for cars begin (Bueno de Mesquita 1994, p. 78): the position is a delay in years.
pub(crate) const EMISSIONS: [&str; 10] = [
    "Netherlands",
    "Belgium",
    "Luxembourg",
    "Germany",
    "France",
    "Italy",
    "UK",
    "Ireland",
    "Denmark",
    "Greece",
];

/// Capability, position and salience of [`EMISSIONS`].
pub(crate) fn emissions() -> Actors {
    on_a_line(&[
        (8.0, 4.0, 0.8),
        (8.0, 7.0, 0.4),
        (3.0, 4.0, 0.2),
        (16.0, 4.0, 0.8),
        (16.0, 10.0, 0.6),
        (16.0, 10.0, 0.6),
        (16.0, 10.0, 0.9),
        (5.0, 7.0, 0.1),
        (5.0, 4.0, 1.0),
        (8.0, 7.0, 0.7),
    ])
}

/// Who was to decide on help for Greece in 2015, as a blog post put it in numbers.
pub(crate) fn greece() -> Actors {
    on_a_line(&[
        (100.0, 40.0, 1.0),
        (30.0, 60.0, 1.0),
        (20.0, 70.0, 1.0),
        (10.0, 80.0, 1.0),
        (100.0, 100.0, 0.8),
        (70.0, 100.0, 1.0),
        (70.0, 100.0, 0.4),
        (70.0, 100.0, 0.4),
        (50.0, 100.0, 1.0),
        (20.0, 100.0, 0.7),
        (20.0, 100.0, 1.0),
    ])
}

/// The five actors in three dimensions of KTAB's example `smpExample`.
pub(crate) fn five() -> Actors {
    let table = [
        (117.7, [52.8, 39.8, 39.6], [32.3, 22.4, 13.4]),
        (93.2, [15.9, 61.4, 72.0], [25.2, 34.5, 26.5]),
        (61.4, [61.1, 86.5, 44.5], [28.8, 28.6, 18.2]),
        (135.4, [26.3, 16.5, 15.9], [15.6, 42.0, 14.3]),
        (63.8, [73.3, 61.1, 26.3], [39.7, 19.9, 15.8]),
    ];
    let actor = |&(capability, position, salience): &(f64, [f64; 3], [f64; 3])| Actor {
        capability,
        position: position.to_vec(),
        salience: salience.iter().map(|s| s / 100.0).collect(),
    };
    Actors::new(table.iter().map(actor).collect()).unwrap()
}

/// How the ideals of [`five`] follow positions in that example.
pub(crate) fn accommodation() -> Vec<Vec<f64>> {
    vec![
        vec![0.87, 0.0, 0.0, 0.0, 0.0],
        vec![0.07, 0.75, 0.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.65, 0.13, 0.0],
        vec![0.0, 0.0, 0.0, 0.57, 0.0],
        vec![0.0, 0.0, 0.0, 0.0, 1.0],
    ]
}
