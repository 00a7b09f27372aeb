//! Collective decisions: weighted voting and the power of voters; [spatial bargaining](spatial).
//!
//! ```
//! use counterplay_collective::weighted::WeightedGame;
//!
//! let chamber = WeightedGame::new(57, &[52, 51, 8, 1, 1])?;
//! let power = chamber.power_indices();
//! assert_eq!(power.shapley_shubik[2].to_string(), "1/3"); // eight seats weigh as much as fifty-two
//! assert!(chamber.is_dummy(3));
//! # Ok::<(), counterplay_collective::weighted::NotAGame>(())
//! ```

pub mod body;
pub mod power;
pub mod simple;
pub mod spatial;
pub mod weighted;

mod coalitions;
mod residue;
mod table;
