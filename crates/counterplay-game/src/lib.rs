//! Games in extensive form: [expressions](expression) over uncertain parameters, the [tree] with its
//! information sets, how a tree is [built](build), and games in [normal] form.

pub mod build;
pub mod expression;
pub mod id;
pub mod knowledge;
pub mod normal;
pub mod rational;
pub mod text;
pub mod tree;
pub mod valuation;
