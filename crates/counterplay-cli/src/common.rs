//! The arguments that commands which read a scenario share.

use std::path::PathBuf;

use clap::Args;

use crate::bounds::Bounds;

/// What every command that reads a scenario takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The scenario: a folder with a `scenario.star`, or a `.star` file
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,

    /// Tell the story with another setting, where it asks for one by `setting(name, default)`; may be repeated
    #[arg(long = "setting", value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) settings: Vec<(String, String)>,

    /// Show no progress and no remarks
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) bounds: Bounds,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as `name=value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
