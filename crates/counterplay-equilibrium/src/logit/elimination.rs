//! The linear systems of Newton's method by elimination along the tree.
//!
//! The Jacobian $I - H_z$ of the response map couples all actions, but not in all ways: what is decided below a node affects
//! what is decided elsewhere only through the values of the nodes above it, and depends on it only through the
//! probabilities of reaching them. So a part of the tree below some nodes, its *frontier*, of which no information set
//! goes beyond it, is to the rest of the game one linear map, from the changes $\ell$ of the logarithms of the reach of
//! the frontier to the changes of its values,
//! $$ dv = M\\,\ell + m. $$
//! Information sets that share such parts below them are eliminated together, from the deepest up: their own unknowns are
//! found by a small dense system as a function of the reach of their members, which gives the map of a larger part. This
//! is Gaussian elimination by blocks in the order of the tree (Duff, Erisman and Reid 1986); its pivots give the sign of
//! the determinant. In games whose players see each other's moves the frontiers are the histories that look alike to
//! an onlooker, and the work is linear in the number of those.

mod factors;
pub(super) mod plan;
mod planner;

pub(crate) use factors::EliminationFactors;

use super::layout::Layout;
use plan::Plan;

/// How to eliminate along the tree of a layout; none where that cannot be done, or would take too long. Found when first
/// needed, and stored with the layout.
pub(crate) fn plan_of(layout: &Layout) -> Option<&Plan> {
    layout.plan.get_or_init(|| planner::plan(layout)).as_ref()
}
