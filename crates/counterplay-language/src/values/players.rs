//! Lists of players in calls: `ALL`, `NOBODY`, or names.

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::starlark_simple_value;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};

use crate::values::unpack::{items, must_be, text};
use counterplay::problem::Problem;

/// `ALL` or `NOBODY`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
pub(crate) enum Everyone {
    All,
    Nobody,
}

impl fmt::Display for Everyone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Everyone::All => "ALL",
            Everyone::Nobody => "NOBODY",
        })
    }
}

starlark_simple_value!(Everyone);

#[starlark_value(type = "players")]
impl<'v> StarlarkValue<'v> for Everyone {}

/// `rest` among the probabilities of a chance event.
#[derive(Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Rest;

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rest")
    }
}

starlark_simple_value!(Rest);

#[starlark_value(type = "rest")]
impl<'v> StarlarkValue<'v> for Rest {}

/// The players that a value names.
pub(crate) enum Whom<'v> {
    All,
    Nobody,
    These(Vec<&'v str>),
}

impl<'v> Whom<'v> {
    /// Reads `ALL`, `NOBODY`, or a list of names. `what` is what they are given for.
    pub(crate) fn read(value: Value<'v>, what: &str) -> Result<Self, Problem> {
        match Everyone::from_value(value) {
            Some(Everyone::All) => return Ok(Whom::All),
            Some(Everyone::Nobody) => return Ok(Whom::Nobody),
            None => {}
        }
        if let Some(name) = value.unpack_str() {
            return Err(Problem::new(format!("{what} must be a list of players, but it is a text"))
                .hint(format!("put it in brackets: `[\"{name}\"]`")));
        }
        let wanted = "`ALL`, `NOBODY` or a list of players";
        let names = items(value, what).map_err(|_| must_be(what, wanted, value))?;
        let names: Result<Vec<&str>, Problem> =
            names.iter().map(|name| text(*name, &format!("a player in {what}"))).collect();
        Ok(Whom::These(names?))
    }

    /// The names that it stands for.
    pub(crate) fn names(&self, players: &[String]) -> Vec<String> {
        match self {
            Whom::All => players.to_vec(),
            Whom::Nobody => Vec::new(),
            Whom::These(names) => names.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}
