//! Spatial models of collective decisions: actors with capability, positions and salience, and where bargaining takes them.
//!
//! Three answers to the same table, from the simplest up: the weighted [mean and median](centre) of the positions as stated; the
//! [expected-utility model](expected_utility) of Bueno de Mesquita, as Scholz, Calbert and Smith (2011) give it; and KTAB's
//! [spatial model of politics](politics) (Wise, Lester and Efird 2015). Both models go round by round to a
//! [`BargainingPath`](rounds::BargainingPath), and [`uncertainty`] repeats them with the inputs drawn around what is stated.
//!
//! ```
//! use counterplay_collective::spatial::{Actor, Actors};
//!
//! let actor = |capability, position, salience| Actor { capability, position: vec![position], salience: vec![salience] };
//! let actors = Actors::new(vec![actor(16.0, 4.0, 0.7), actor(8.0, 7.0, 0.4), actor(16.0, 10.0, 0.6)])?;
//! assert_eq!(actors.median()[0].middle(), 7.0);
//! # Ok::<(), counterplay_collective::spatial::NotActors>(())
//! ```

pub mod centre;
pub mod election;
pub mod expected_utility;
pub mod politics;
pub mod rounds;
pub mod uncertainty;

use std::fmt;

/// Where everybody stands: by actor, then by dimension, in the units in which they were stated.
pub type Positions = Vec<Vec<f64>>;

/// An actor in a collective decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// What it could bring to bear, on any scale that all actors share; not negative, and at most [`Actors::LARGEST`].
    pub capability: f64,
    /// Where it stands, by dimension, in the units of the dimension; from zero at most [`Actors::LARGEST`].
    pub position: Vec<f64>,
    /// How much of its capability it would use, by dimension: a share in \[0, 1\].
    pub salience: Vec<f64>,
}

/// Why a list is no list of actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotActors {
    /// There are fewer than two.
    TooFew,
    /// There are more than [`Actors::MOST`].
    TooMany(usize),
    /// The actor at this place has positions or saliences in another number of dimensions than the first, or in none.
    Uneven(usize),
    /// The actor at this place has a capability that is negative, too large or no number.
    Capability(usize),
    /// The actor at this place has a position that is too large or no number.
    Position(usize),
    /// The actor at this place has a salience outside \[0, 1\].
    Salience(usize),
    /// Nobody puts any weight on this dimension.
    Weightless(usize),
}

impl fmt::Display for NotActors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew => {
                f.write_str("there are fewer than two actors, so there is nobody to bargain with")
            }
            Self::TooMany(count) => {
                write!(f, "{count} actors are more than the {} that are allowed", Actors::MOST)
            }
            Self::Uneven(at) => {
                write!(f, "actor {} has another number of positions or saliences than the first", at + 1)
            }
            Self::Capability(at) => {
                write!(f, "the capability of actor {} is negative, too large or no number", at + 1)
            }
            Self::Position(at) => write!(f, "a position of actor {} is too large or no number", at + 1),
            Self::Salience(at) => write!(f, "a salience of actor {} is not between 0 and 1", at + 1),
            Self::Weightless(dimension) => {
                write!(f, "in dimension {} capability times salience is zero for everybody", dimension + 1)
            }
        }
    }
}

impl std::error::Error for NotActors {}

/// Actors who decide together: at least two, with finite numbers, in the same dimensions, each of which has some weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Actors(Vec<Actor>);

impl Actors {
    /// The most actors: the models take time as the cube of their number.
    pub const MOST: usize = 500;

    /// The largest capability, and the furthest position from zero: with larger ones sums could be no numbers.
    pub const LARGEST: f64 = 1e12;

    /// These actors.
    ///
    /// # Errors
    /// If a number is out of its range, the dimensions differ, or there are too few or too many.
    pub fn new(list: Vec<Actor>) -> Result<Self, NotActors> {
        match list.len() {
            0 | 1 => return Err(NotActors::TooFew),
            count if count > Self::MOST => return Err(NotActors::TooMany(count)),
            _ => {}
        }
        let dimensions = list[0].position.len();
        for (at, actor) in list.iter().enumerate() {
            let even = actor.position.len() == dimensions && actor.salience.len() == dimensions;
            if dimensions == 0 || !even {
                return Err(NotActors::Uneven(at));
            }
            if !(0.0..=Self::LARGEST).contains(&actor.capability) {
                return Err(NotActors::Capability(at));
            }
            if !actor.position.iter().all(|x| x.abs() <= Self::LARGEST) {
                return Err(NotActors::Position(at));
            }
            if !actor.salience.iter().all(|s| (0.0..=1.0).contains(s)) {
                return Err(NotActors::Salience(at));
            }
        }
        let actors = Self(list);
        match (0..dimensions).find(|&d| actors.weights(d).iter().all(|&w| w == 0.0)) {
            Some(dimension) => Err(NotActors::Weightless(dimension)),
            None => Ok(actors),
        }
    }

    /// The actors.
    pub fn list(&self) -> &[Actor] {
        &self.0
    }

    /// How many there are.
    #[allow(clippy::len_without_is_empty, reason = "there are always two at least")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In how many dimensions they stand.
    pub fn dimensions(&self) -> usize {
        self.0[0].position.len()
    }

    /// Where they stand.
    pub fn positions(&self) -> Positions {
        self.0.iter().map(|actor| actor.position.clone()).collect()
    }

    /// The weight of each actor in a dimension: capability times salience.
    pub fn weights(&self, dimension: usize) -> Vec<f64> {
        self.0.iter().map(|actor| actor.capability * actor.salience[dimension]).collect()
    }
}
