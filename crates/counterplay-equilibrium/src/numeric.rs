//! Linear systems and iterations that know no game.

pub(crate) mod anderson;
pub(crate) mod dense;
pub(crate) mod index;
pub(crate) mod interval;
pub(crate) mod krylov;
pub(crate) mod lanes;
pub(crate) mod vector;
