//! Games in extensive form: [expressions](expression) over uncertain parameters, the [tree] with its
//! information sets, and how a tree is [built](build).

pub mod build;
pub mod expression;
pub mod id;
pub mod knowledge;
pub mod text;
pub mod tree;
pub mod valuation;
