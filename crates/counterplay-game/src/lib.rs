//! Games in extensive form: [expressions](expression) over uncertain parameters.
pub mod expression;
