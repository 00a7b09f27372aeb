//! Settings of the story, and its variants: the same file read with other settings.

use starlark::collections::SmallMap;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use crate::host::draft::{VariantDraft, check_name};
use crate::host::settings::Settings;
use crate::host::{declare, settings};
use crate::values::failure::fail;
use crate::values::plain::Plain;
use crate::values::unpack::{kind, name_of};
use counterplay::problem::{Place, Problem};

/// The most variants: each is read, unfolded and fitted as a whole.
const MOST_VARIANTS: usize = 20;

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
pub(crate) fn variants(builder: &mut GlobalsBuilder) {
    fn setting<'v>(
        name: Value<'v>,
        default: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let name = name_of(name, "the name of a setting").map_err(fail)?;
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
            let name = name_of(name, "the name of a variant")?;
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
