//! `counterplay run`: the whole analysis.

use std::path::{Path, PathBuf};

use clap::Args;
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Extract, Warning, WarningKind};
use counterplay_report::{TextStyle, html, text};

use crate::common::Common;
use crate::expected::{ExpectationCheck, Expected};
use crate::failure::{Failure, Verdict};
use crate::input::Input;
use crate::output;
use crate::reach::Reach;
use crate::read_file::refuse_outside;
use crate::sampling::Sampling;
use crate::stale::{Stale, stale};
use crate::tables;
use crate::write_file;
use crate::write_file::destination;

/// Analyse a scenario, and write what was found
///
/// Reads the scenario, solves its game, learns the uncertain numbers from the record, answers the what-ifs, shares the
/// outcome out among the factors, weighs the explanations and tests the claims. The summary goes to the terminal, the
/// report to `<name>.html` in the present folder: one file that works offline.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay run scenarios/hanoi-2019
  counterplay run scenarios/hanoi-2019 --quick            rough numbers, soon
  counterplay run my-case --out reports --json=my-case.json
  counterplay run my-case --json | jq .claims
  counterplay run my-case --tables tables                 for R, Python, Stata or a spreadsheet
  counterplay run my-case --extract other/my-case.json    for `outcome_of` in another scenario
  counterplay run my-case --verify                        are the answers as pinned?")]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Folder for the report [default: the present one]
    #[arg(long, value_name = "FOLDER", conflicts_with = "report")]
    out: Option<PathBuf>,

    /// File for the report [default: the scenario's name with `.html`]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write no report
    #[arg(long, conflicts_with_all = ["report", "out"])]
    no_report: bool,

    /// Write all that was found as JSON: to a file, or instead of the summary
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    json: Option<PathBuf>,

    /// Write all that was found as tables: a CSV file for each kind, and a data dictionary
    #[arg(long, value_name = "FOLDER")]
    tables: Option<PathBuf>,

    /// Write what another scenario can take as an input (`outcome_of` in the language)
    #[arg(long, value_name = "FILE")]
    extract: Option<PathBuf>,

    /// Compare with the answers pinned in the scenario's `expected.toml`; exit code 1 if one is off
    #[arg(long)]
    verify: bool,

    /// Compare with the answers pinned in this file
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,

    /// Run the variants of the story that the scenario declares as well, each with a fit of its own
    #[arg(long)]
    variants: bool,

    #[command(flatten)]
    pub(crate) sampling: Sampling,
}

impl Run {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        let read = [self.expected.as_deref()].into_iter().flatten();
        let reach =
            read.fold(Reach::of_scenario(&self.common.scenario).caching(&self.sampling), Reach::reading);
        // Where the report goes if nothing says where: into the present folder.
        let out = self.out.as_ref().map(|folder| folder.join("report"));
        let report = self.report.clone().or(out).unwrap_or_else(|| PathBuf::from("report"));
        let json = self.json.as_deref().filter(|_| !self.json_instead());
        reach
            .writing(Some(&report))
            .writing(json)
            .writing(self.extract.as_deref())
            .writing_in(self.tables.as_deref())
    }

    /// Runs the analysis.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        // Whatever can be wrong is looked for before the long work begins.
        let mut opened = super::open(&self.common, |input| input)?;
        let expected = self.pinned(&opened.input)?;
        let report = self.report_path(&opened.input)?;
        let json = self.json.clone().filter(|_| !self.json_instead()).map(destination).transpose()?;
        let extract = self.extract.clone().map(destination).transpose()?;
        let tables = self.tables.clone().map(tables::folder).transpose()?;
        let settings =
            Settings { variants: self.variants, ..self.sampling.settings(self.common.bounds.of_story()) };
        let left_out = opened.without_unsound(settings.limits)?;
        let mut analysis = opened.analysed_unchecked(&settings, &self.sampling)?;
        warn_first(&mut analysis, &left_out);
        if let Some(path) = &json {
            write_file::write(path, &output::json("the analysis", &analysis)?)?;
        }
        if let Some(folder) = &tables {
            tables::write(folder, &analysis)?;
        }
        if let Some(path) = &extract {
            write_file::write(path, &output::json("the analysis", &Extract::of(&analysis))?)?;
        }
        if let Some(path) = &report {
            write_file::write(path, &html(&analysis))?;
        }
        self.print(&analysis, report.as_deref())?;
        match expected {
            Some(expected) => self.verified(&expected, &analysis, &opened.input),
            None if left_out.is_empty() => Ok(super::verdict_on(&analysis)),
            None => Ok(Verdict::Off),
        }
    }

    /// Whether the JSON takes the place of the summary.
    fn json_instead(&self) -> bool {
        self.json.as_deref() == Some(Path::new("-"))
    }

    fn print(&self, analysis: &Analysis, report: Option<&Path>) -> Result<(), Failure> {
        if self.json_instead() {
            return output::print(&output::json("the analysis", analysis)?);
        }
        let style = TextStyle {
            colour: output::colours(),
            width: output::width(),
            report: report.map(|path| path.display().to_string()),
        };
        output::print_styled(&text(analysis, style))
    }

    fn report_path(&self, input: &Input) -> Result<Option<PathBuf>, Failure> {
        let name = format!("{}.html", input.name);
        match (&self.report, &self.out) {
            _ if self.no_report => Ok(None),
            (Some(file), _) => destination(file.clone()).map(Some),
            (None, Some(folder)) => destination(folder.join(name)).map(Some),
            (None, None) => destination(PathBuf::from(name)).map(Some),
        }
    }

    fn pinned(&self, input: &Input) -> Result<Option<Expected>, Failure> {
        match &self.expected {
            Some(file) => Expected::read(file).map(Some),
            None if self.verify => {
                let path = input.folder().join("expected.toml");
                if path.exists() {
                    refuse_outside(&path, input.folder())?;
                }
                Expected::read(&path).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Says of each pinned answer whether it is as pinned.
    fn verified(&self, expected: &Expected, analysis: &Analysis, input: &Input) -> Result<Verdict, Failure> {
        let checks = expected.compare(analysis)?;
        let off = checks.iter().filter(|check| !check.holds()).count();
        let mut lines: Vec<String> = checks.iter().map(ExpectationCheck::to_string).collect();
        lines.push(format!("pinned answers: {} passed, {off} failed", checks.len() - off));
        let stale = stale(input, &analysis.chain);
        lines.extend(stale.iter().map(Stale::to_string));
        let told = lines.join("\n");
        if self.json_instead() {
            output::say(&told);
        } else {
            output::print(&format!("\n{told}\n"))?;
        }
        Ok(if off > 0 || !stale.is_empty() { Verdict::Off } else { super::verdict_on(analysis) })
    }
}

/// Puts what is left out before all other warnings.
fn warn_first(analysis: &mut Analysis, left_out: &[String]) {
    let warning = |message: &String| Warning { kind: WarningKind::Scenario, message: message.clone() };
    analysis.warnings.splice(0..0, left_out.iter().map(warning));
}
