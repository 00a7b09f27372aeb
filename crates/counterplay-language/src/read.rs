//! Reading a scenario's files into a [`Scenario`].

use std::collections::HashMap;
use std::sync::Arc;

use starlark::environment::FrozenModule;
use starlark::eval::ReturnFileLoader;
use starlark::syntax::AstModule;
use starlark::values::OwnedFrozenValue;

use crate::bibliography;
use crate::files::{Files, SCENARIO_FILE, SOURCES_FILE};
use crate::host::Purpose;
use crate::host::analyses::Analyses;
use crate::host::draft::{ClaimDraft, Draft, StageDraft, VariantDraft};
use crate::host::settings::Settings;
use crate::limits::ReadLimits;
use crate::run::evaluate::{FunctionStage, PlayStory, Test, run_file};
use crate::text::parse::parse;
use crate::text::source::{SourceText, Sources};
use counterplay::problem::{Problem, Problems, did_you_mean};
use counterplay::scenario::StageDeclaration;
use counterplay::scenario::{Claim, DEFAULT_HORIZON, DirectEvidence, Scenario, Variant};

/// See [`crate::read()`].
pub(crate) fn read(
    name: &str,
    files: &Files,
    limits: &ReadLimits,
    settings: &[(String, String)],
) -> Result<Scenario, Problems> {
    let given = Settings::given(settings);
    let (mut scenario, drafts) = read_with(name, files, limits, given.clone())?;
    scenario.chain.settings = given.texts();
    let mut problems = Vec::new();
    for draft in drafts {
        match read_with(name, files, limits, draft.settings.before(&given)) {
            Ok((told, _)) => scenario.variants.push(Variant {
                texts: draft.settings.texts(),
                name: draft.name,
                scenario: told,
                place: draft.place,
            }),
            Err(found) => problems.extend(found.list().iter().map(|p| p.clone().in_variant(&draft.name))),
        }
    }
    Problems::new(problems).map_or(Ok(scenario), Err)
}

/// Reads the scenario with settings that are not its own, and gives the variants that it declares.
fn read_with(
    name: &str,
    files: &Files,
    limits: &ReadLimits,
    settings: Settings,
) -> Result<(Scenario, Vec<VariantDraft>), Problems> {
    let mut draft = Draft::default();
    draft.analyses = Analyses::of(files);
    let mut reader = Reader { files, limits, settings, draft, modules: HashMap::new(), loading: Vec::new() };
    if let Some(text) = files.get(SOURCES_FILE) {
        reader.draft.bibliography = Some(bibliography::read(SOURCES_FILE, text)?);
    }
    let main = match with_stack(|| reader.file(SCENARIO_FILE)) {
        Ok(main) => main,
        Err(problem) => {
            let mut all = reader.draft.problems().map_or_else(Vec::new, |p| p.list().to_vec());
            all.push(problem);
            return Err(Problems::new(all).expect("there is a problem"));
        }
    };
    reader.finish(name, &main)
}

/// Parsing and compiling recurse into the text, as deep as [`guard`](crate::text::guard) allows: more than fits on the
/// stack of some threads.
const STACK_BYTES: usize = 64 << 20;

/// Runs `act` on a stack that is large enough for it.
fn with_stack<R: Send>(act: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, act);
        let thread = thread.expect("a thread can be started");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

struct Reader<'a> {
    files: &'a Files,
    limits: &'a ReadLimits,
    settings: Settings,
    draft: Draft,
    modules: HashMap<String, FrozenModule>,
    /// The files that wait for the present one to be loaded.
    loading: Vec<String>,
}

impl Reader<'_> {
    /// Runs a file, once it has run the files that it loads.
    fn file(&mut self, name: &str) -> Result<FrozenModule, Problem> {
        let Some(text) = self.files.get(name) else {
            return Err(Problem::new(format!("there is no file `{name}`"))
                .hint(did_you_mean(name, self.files.names().filter(|n| is_program(n)))));
        };
        let (ast, source) = parse(SourceText::new(name, text))?;
        self.draft.sources.add(source);
        self.loading.push(name.to_owned());
        self.loads(&ast)?;
        self.loading.pop();
        let modules: HashMap<&str, &FrozenModule> =
            self.modules.iter().map(|(n, m)| (n.as_str(), m)).collect();
        let loader = ReturnFileLoader { modules: &modules };
        let sources = self.draft.sources.clone();
        let purpose = Purpose::Reading(&mut self.draft);
        let module = run_file(name, ast, purpose, &loader, self.limits, &sources, &self.settings)?;
        self.modules.insert(name.to_owned(), module.clone());
        Ok(module)
    }

    fn loads(&mut self, ast: &AstModule) -> Result<(), Problem> {
        for load in ast.loads() {
            let name = load.module_id;
            let at = |sources: &Sources, problem: Problem| problem.at(sources.place(&load.span));
            self.check_load(name).map_err(|p| at(&self.draft.sources, p))?;
            if !self.modules.contains_key(name) {
                let known = self.files.get(name).is_some();
                let loaded = self.file(name);
                // What is wrong within a file is told there.
                loaded.map_err(|p| if known { p } else { at(&self.draft.sources, p) })?;
            }
        }
        Ok(())
    }

    fn check_load(&self, name: &str) -> Result<(), Problem> {
        if name.contains(['/', '\\', ':']) || name.starts_with('.') || !is_program(name) {
            return Err(Problem::new(format!("`{name}` cannot be loaded")).hint(
                "only a `.star` file of the same folder can, by its plain name: `load(\"part.star\", \"f\")`",
            ));
        }
        if self.loading.iter().any(|l| l == name) {
            return Err(Problem::new(format!("`{name}` is loaded while it waits for this file itself"))
                .hint("move what both need into a third file"));
        }
        Ok(())
    }

    fn finish(mut self, name: &str, main: &FrozenModule) -> Result<(Scenario, Vec<VariantDraft>), Problems> {
        let mut problems: Vec<Problem> = self.draft.problems().map_or_else(Vec::new, |p| p.list().to_vec());
        let play = main.get_option("play").ok().flatten();
        problems.extend(wrong_play(play.as_ref()));
        if self.draft.header.is_none() && !self.draft.header_wrong {
            problems.push(
                Problem::new(format!("`{SCENARIO_FILE}` does not call `scenario(...)`"))
                    .hint("begin the file with `scenario(\"title\", players = [\"A\", \"B\"])`"),
            );
        }
        if problems.is_empty() {
            problems.extend(missing_precisions(&self.draft));
        }
        let evidence = resolved(&self.draft, &mut problems);
        if let Some(problems) = Problems::new(problems) {
            return Err(problems);
        }
        let (Some(header), Some(play)) = (self.draft.header.take(), play) else {
            unreachable!("what is missing was told above");
        };
        let sources = Arc::new(std::mem::take(&mut self.draft.sources));
        let (draft, settings) = (self.draft, self.settings);
        let functions = KeptFunctions {
            modules: self.modules,
            sources: &sources,
            limits: self.limits,
            settings: &settings,
        };
        let claims = draft.claims.iter().map(|c| functions.claim(c)).collect();
        let stages = draft.stages.iter().map(|s| functions.stage(s)).collect();
        let scenario = Scenario {
            name: name.to_owned(),
            title: header.title,
            question: header.question,
            period: header.period,
            players: header.players,
            about: header.about,
            expressions: draft.expressions,
            parameters: draft.parameters,
            priors: draft.priors,
            precisions: draft.precisions.into_iter().flatten().collect(),
            record: draft.record.unwrap_or_default(),
            record_sources: draft.record_sources,
            questions: draft.questions,
            queries: draft.queries,
            sweeps: draft.sweeps,
            factors: draft.factors,
            factor_foresight: draft.factor_foresight,
            explanations: draft.explanations,
            evidence,
            claims,
            variants: Vec::new(),
            sources: draft.cited,
            text: self.files.get(SCENARIO_FILE).unwrap_or_default().to_owned(),
            chain: draft.analyses.chain,
            stages,
            horizon: draft.horizon.unwrap_or(DEFAULT_HORIZON),
            story: Box::new(PlayStory { play, sources, limits: self.limits.clone(), settings }),
        };
        Ok((scenario, draft.variants))
    }
}

/// The items of direct evidence in the order of the explanations.
fn resolved(draft: &Draft, problems: &mut Vec<Problem>) -> Vec<DirectEvidence> {
    let mut evidence = Vec::new();
    for item in &draft.evidence {
        match item.resolve(&draft.explanations) {
            Ok(item) => evidence.push(item),
            Err(problem) => problems.push(problem),
        }
    }
    evidence
}

fn wrong_play(play: Option<&OwnedFrozenValue>) -> Option<Problem> {
    match play {
        None => Some(
            Problem::new(format!("`{SCENARIO_FILE}` does not define `play`"))
                .hint("tell the story in a function: `def play(g):`"),
        ),
        Some(play) if play.value().get_type() != "function" => {
            Some(Problem::new("`play` is not a function").hint("tell the story in `def play(g):`"))
        }
        Some(_) => None,
    }
}

fn is_program(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|e| e == "star")
}

fn missing_precisions(draft: &Draft) -> Option<Problem> {
    let players = &draft.header.as_ref()?.players;
    let missing =
        players.iter().zip(&draft.precisions).filter(|(_, p)| p.is_none()).map(|(n, _)| format!("`{n}`"));
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        return None;
    }
    let verb = if missing.len() == 1 { "has" } else { "have" };
    Some(Problem::new(format!("{} {verb} no precision", missing.join(", "))).hint(
        "say how sharply the players tell better from worse: `precision(\"precision\", lognormal(1.5, 0.5))`",
    ))
}

/// The functions that the modules of a scenario keep, with what is needed to run them.
struct KeptFunctions<'a> {
    modules: HashMap<String, FrozenModule>,
    sources: &'a Arc<Sources>,
    limits: &'a ReadLimits,
    settings: &'a Settings,
}

impl KeptFunctions<'_> {
    fn claim(&self, draft: &ClaimDraft) -> Claim {
        let function =
            self.modules[&draft.file].get(&draft.slot).expect("a module keeps the tests of its claims");
        let test = Test {
            name: draft.name.clone(),
            function,
            sources: Arc::clone(self.sources),
            limits: self.limits.clone(),
            settings: self.settings.clone(),
        };
        Claim {
            name: draft.name.clone(),
            text: draft.text.clone(),
            test: Box::new(test),
            place: draft.place.clone(),
        }
    }

    fn stage(&self, draft: &StageDraft) -> StageDeclaration {
        let tell =
            self.modules[&draft.file].get(&draft.slot).expect("a module keeps the functions of its stages");
        let story = FunctionStage {
            name: draft.name.clone(),
            tell,
            sources: Arc::clone(self.sources),
            limits: self.limits.clone(),
            settings: self.settings.clone(),
        };
        StageDeclaration { name: draft.name.clone(), story: Box::new(story), place: draft.place.clone() }
    }
}
