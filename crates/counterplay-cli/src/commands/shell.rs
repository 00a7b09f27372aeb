//! `counterplay completions` and `counterplay man`: for the shell and the manual.

use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::{Failure, Verdict};
use crate::output::{self, said};

/// Write the completions for a shell
///
/// With them the shell completes commands, flags and their values.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay completions bash > ~/.local/share/bash-completion/completions/counterplay
  counterplay completions zsh > ~/.zfunc/_counterplay
  counterplay completions fish > ~/.config/fish/completions/counterplay.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Writes those of the whole program to the standard output.
    pub(crate) fn act(&self, mut program: Command) -> Result<Verdict, Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut program, "counterplay", &mut text);
        output::print(&String::from_utf8_lossy(&text))?;
        Ok(Verdict::Done)
    }
}

/// Write the manual pages
///
/// Without a folder, the first page goes to the standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay man ~/.local/share/man/man1
  counterplay man | man -l -")]
pub(crate) struct Man {
    /// Folder for all pages, one for each command
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Man {
    /// Writes those of the whole program.
    pub(crate) fn act(&self, program: Command) -> Result<Verdict, Failure> {
        if let Some(folder) = &self.folder {
            let failed = |e: io::Error| {
                Failure::new(format!("pages cannot be written to `{}`: {}", folder.display(), said(&e)))
            };
            clap_mangen::generate_to(program, folder).map_err(failed)?;
            return Ok(Verdict::Done);
        }
        let mut text = Vec::new();
        let failed = |e: io::Error| Failure::new(format!("the page cannot be made: {}", said(&e)));
        clap_mangen::Man::new(program).render(&mut text).map_err(failed)?;
        output::print(&String::from_utf8_lossy(&text))?;
        Ok(Verdict::Done)
    }
}
