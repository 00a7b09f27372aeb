//! What each draw from the posterior answers: worlds replayed, queries, factors, claims, causes, and what was to be expected.

pub mod attribution;
pub(crate) mod bounds;
pub(crate) mod causes;
pub(crate) mod claims;
pub(crate) mod classes;
pub(crate) mod gather;
pub(crate) mod having;
pub(crate) mod prior_prediction;
pub(crate) mod queries;
pub(crate) mod query;
pub(crate) mod replays;
pub(crate) mod stage_answers;
pub(crate) mod stage_sums;
pub(crate) mod stages;
pub(crate) mod summed;
pub(crate) mod tally;
pub(crate) mod timeline;
pub(crate) mod turning_point;
