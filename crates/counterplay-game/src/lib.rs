//! Games in extensive form: [expressions](expression) over uncertain parameters, the [tree] with its
//! information sets, how a tree is [built](build), and games in [normal] form; the [exact extensive form](extensive) of
//! game files, which are read and written by [gambit], and whether players [recall] what they did.

pub mod build;
pub mod expression;
pub mod extensive;
pub mod gambit;
pub mod id;
pub mod knowledge;
pub mod normal;
pub mod rational;
pub mod recall;
pub mod text;
pub mod tree;
pub mod valuation;
