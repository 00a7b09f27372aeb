//! Settings of the story, and its variants: the same file read with other settings.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use starlark::collections::SmallMap;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::NoneType;
use starlark::values::tuple::AllocTuple;
use starlark::values::{Heap, Value};

use super::draft::check_name;
use super::host::{declare, fail, settings};
use super::values::{items, kind, must_be, number, text, try_items};
use counterplay::problem::{Place, Problem};

/// A plain value, which can be carried from one reading to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Nothing,
    Truth(bool),
    Whole(i32),
    Number(f64),
    Text(String),
    List(Vec<Plain>),
    Tuple(Vec<Plain>),
}

/// The most variants: each is read, unfolded and fitted as a whole.
const MOST_VARIANTS: usize = 20;
/// The deepest nesting of a setting.
const DEEPEST: usize = 8;

impl Plain {
    fn of(value: Value<'_>, what: &str, depth: usize) -> Result<Self, Problem> {
        let wanted = "a number, a text, a truth value, or a list or tuple of these";
        if depth > DEEPEST {
            return Err(Problem::new(format!("{what} is nested more than {DEEPEST} deep")));
        }
        if value.is_none() {
            return Ok(Self::Nothing);
        }
        if let Some(truth) = value.unpack_bool() {
            return Ok(Self::Truth(truth));
        }
        if let Some(text) = value.unpack_str() {
            return Ok(Self::Text(text.to_owned()));
        }
        if let Some(whole) = value.unpack_i32() {
            return Ok(Self::Whole(whole));
        }
        if let Some(number) = number(value) {
            return Ok(Self::Number(number));
        }
        if try_items(value).is_none() {
            return Err(must_be(what, wanted, value));
        }
        let parts = items(value, what)?.iter().map(|part| Self::of(*part, what, depth + 1));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(if value.get_type() == "list" { Self::List(parts) } else { Self::Tuple(parts) })
    }

    fn place_on<'v>(&self, heap: Heap<'v>) -> Value<'v> {
        match self {
            Self::Nothing => Value::new_none(),
            Self::Truth(truth) => Value::new_bool(*truth),
            Self::Whole(whole) => heap.alloc(*whole),
            Self::Number(number) => heap.alloc(*number),
            Self::Text(text) => heap.alloc(text.as_str()),
            Self::List(parts) => heap.alloc(parts.iter().map(|p| p.place_on(heap)).collect::<Vec<_>>()),
            Self::Tuple(parts) => heap.alloc(AllocTuple(parts.iter().map(|p| p.place_on(heap)))),
        }
    }
}

impl Plain {
    /// A value as a scenario writes it; what is no number and no truth value is a text.
    fn parse(text: &str) -> Self {
        match text {
            "True" => return Self::Truth(true),
            "False" => return Self::Truth(false),
            _ => {}
        }
        if let Ok(whole) = text.parse::<i32>() {
            return Self::Whole(whole);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Plain]| {
            parts
                .iter()
                .enumerate()
                .try_for_each(|(k, part)| write!(f, "{}{part}", if k == 0 { "" } else { ", " }))
        };
        match self {
            Self::Nothing => f.write_str("None"),
            Self::Truth(truth) => f.write_str(if *truth { "True" } else { "False" }),
            Self::Whole(whole) => whole.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::List(parts) => {
                f.write_str("[")?;
                list(f, parts)?;
                f.write_str("]")
            }
            Self::Tuple(parts) => {
                f.write_str("(")?;
                list(f, parts)?;
                f.write_str(")")
            }
        }
    }
}

/// The settings with which a file is read and its story told, and which of them were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    values: Vec<(String, Plain)>,
    asked: Mutex<BTreeSet<String>>,
}

impl Settings {
    fn new(values: Vec<(String, Plain)>) -> Self {
        Self(Arc::new(Inner { values, asked: Mutex::default() }))
    }

    /// Settings by name and value, as a scenario writes it; of two of one name the last holds.
    pub(super) fn given(settings: &[(String, String)]) -> Self {
        let mut values: Vec<(String, Plain)> = Vec::new();
        for (name, value) in settings {
            values.retain(|v| v.0 != *name);
            values.push((name.clone(), Plain::parse(value)));
        }
        Self::new(values)
    }

    /// These settings, and those of the others that are not among them; nobody has asked for any yet.
    pub(super) fn before(&self, others: &Self) -> Self {
        let mut values = self.0.values.clone();
        let own = |name: &str| self.0.values.iter().any(|v| v.0 == name);
        values.extend(others.0.values.iter().filter(|v| !own(&v.0)).cloned());
        Self::new(values)
    }

    /// The value of a setting, if it is not the story's own.
    fn ask(&self, name: &str) -> Option<&Plain> {
        let (_, value) = self.0.values.iter().find(|v| v.0 == name)?;
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
        Some(value)
    }

    /// The settings that nobody has asked for.
    pub(super) fn unread(&self) -> Vec<String> {
        let asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.values.iter().map(|v| v.0.clone()).filter(|name| !asked.contains(name)).collect()
    }

    /// Each as a scenario writes it.
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.values.iter().map(|(name, value)| format!("{name} = {value}")).collect()
    }
}

/// A variant before it is read.
#[derive(Clone, Debug)]
pub(super) struct VariantDraft {
    pub(super) name: String,
    pub(super) settings: Settings,
    pub(super) place: Option<Place>,
}

fn variant_draft(
    name: &str,
    given: SmallMap<&str, Value<'_>>,
    place: Option<Place>,
) -> Result<VariantDraft, Problem> {
    if given.is_empty() {
        return Err(Problem::new(format!("the variant `{name}` changes no setting"))
            .hint("name a setting that the story asks for: `variant(\"three rounds\", rounds = 3)`"));
    }
    let plain = |(setting, value): (&str, Value<'_>)| {
        Ok((setting.to_owned(), Plain::of(value, &format!("the setting `{setting}`"), 0)?))
    };
    let values = given.into_iter().map(plain).collect::<Result<Vec<_>, Problem>>()?;
    Ok(VariantDraft { name: name.to_owned(), settings: Settings::new(values), place })
}

/// Refuses a value of another kind than the default, which the story would not know what to do with.
fn check_kind(name: &str, value: Value<'_>, default: Value<'_>) -> Result<(), Problem> {
    if default.is_none() || kind(value) == kind(default) {
        return Ok(());
    }
    Err(Problem::new(format!(
        "the story's setting `{name}` is given as {}, but is {} in the story as it stands",
        kind(value),
        kind(default)
    )))
}

#[starlark_module]
pub(super) fn variants(builder: &mut GlobalsBuilder) {
    fn setting<'v>(
        name: Value<'v>,
        default: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let name = text(name, "the name of a setting").map_err(fail)?;
        let settings = settings(eval).clone();
        let Some(value) = settings.ask(name) else { return Ok(default) };
        let value = value.place_on(eval.heap());
        check_kind(name, value, default).map_err(fail)?;
        Ok(value)
    }

    fn variant<'v>(
        #[starlark(require = pos)] name: Value<'v>,
        #[starlark(kwargs)] given: SmallMap<&str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "variant", |draft, place| {
            let name = text(name, "the name of a variant")?;
            check_name(name, "variant", draft.variants.iter().map(|v| v.name.as_str()))?;
            if draft.variants.len() == MOST_VARIANTS {
                return Err(Problem::new(format!("there are more than {MOST_VARIANTS} variants")));
            }
            draft.variants.push(variant_draft(name, given, place)?);
            Ok(())
        })?;
        Ok(NoneType)
    }
}
