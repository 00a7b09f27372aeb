//! Elementary and special functions that give the same bits on every machine.
//!
//! `f64::exp`, `ln`, `powf` and their like are those of the C library of the machine, which may choose between several by the
//! instructions of its processor; their last digits differ, and where play is at a threshold so do answers. Everything here is
//! made of the operations that IEEE 754 rounds exactly (addition, multiplication, division, square root, moves of bits) in an
//! order that is written down, and the compiler never fuses them. So a result depends on the arguments alone: not on the processor,
//! the C library, the width of vectors or the optimisation.
//!
//! [`exp`] and [`ln`] are where the time goes. They are our own, without tables and branches, so that the compiler inlines them and
//! puts several into one vector register ([`exp_lanes`], [`ln_lanes`]). The others are those of the crate `libm`.
//!
//! ```
//! use counterplay_math::{exp, ln};
//! assert_eq!(exp(1.0).to_bits(), 0x4005_bf0a_8b14_5769);
//! assert_eq!(ln(10.0).to_bits(), 0x4002_6bb1_bbb5_5516);
//! ```

mod elementary;
mod exponential;
mod logarithm;
mod normal;
mod powers;
mod special;
pub mod statistics;

pub use elementary::{atan2, cbrt, exp_m1, hypot, ln_1p, log2, log10, powf, powi};
pub use exponential::{exp, exp_lanes};
pub use logarithm::{ln, ln_lanes};
pub use normal::{normal_quantile, normal_quantile_near_half, normal_tails};
pub use special::{digamma, erf, erfc, gamma_tails, ln_gamma};
