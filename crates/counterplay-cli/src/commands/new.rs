//! `counterplay new`: a scenario to begin with.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;

use crate::failure::{Failure, Verdict};
use crate::output::{self, said};
use crate::write_file;

/// Make a small scenario that runs, to change into yours
///
/// Makes a folder with `scenario.star` (the story, with a comment on every part), `sources.bib` (what it cites) and
/// `README.md` (what it says to readers). Nothing that is there already is touched.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay new my-case
  counterplay new scenarios/cod-wars-1976 && counterplay run scenarios/cod-wars-1976")]
pub(crate) struct New {
    /// The folder to make; its last part is the scenario's name
    #[arg(value_name = "NAME")]
    folder: PathBuf,
}

const FILES: [(&str, &str); 3] = [
    ("scenario.star", include_str!("../../templates/scenario.star")),
    ("sources.bib", include_str!("../../templates/sources.bib")),
    ("README.md", include_str!("../../templates/README.md")),
];

impl New {
    /// Makes the folder.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let shown = self.folder.display();
        let name = self.folder.file_name().map(|n| n.to_string_lossy().into_owned());
        let Some(name) = name else { return Err(Failure::new(format!("`{shown}` is no name for a folder"))) };
        fs::create_dir(&self.folder).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::new(format!("there is already something at `{shown}`"))
                .hint("choose another name; nothing is overwritten"),
            ErrorKind::NotFound => {
                Failure::new(format!("the folder that `{shown}` is to be in does not exist"))
                    .hint("make it first, or choose another place")
            }
            _ => Failure::new(format!("the folder `{shown}` cannot be made: {}", said(&error))),
        })?;
        for (file, text) in FILES {
            write_file::write(&self.folder.join(file), &text.replace("{name}", &name))?;
        }
        output::print(&format!(
            "made {shown}: scenario.star, sources.bib, README.md\n\
             now try: counterplay run {shown}\n"
        ))?;
        Ok(Verdict::Done)
    }
}
