//! How long a bibliography becomes when its abbreviations are written out and its cross-references followed. Both are
//! followed by recursion, and both can lead back to where they began or double at every step, so they are counted first.

use std::collections::HashMap;
use std::ops::Range;

use biblatex::{Bibliography, Entry, Field, RawBibliography, RawChunk};

use counterplay::problem::Problem;

/// The most bytes that a bibliography has with everything written out.
const MOST_BYTES: usize = 8 << 20;

/// The longest chain of abbreviations, or of cross-references.
const LONGEST_CHAIN: usize = 50;

/// What is wrong, with the bytes of the text where it is.
pub(crate) type Refusal = Box<(Problem, Range<usize>)>;

/// Checks the abbreviations: those of `@string`.
///
/// # Errors
/// If one leads back to itself, or if too much comes out.
pub(crate) fn check_abbreviations(raw: &RawBibliography<'_>) -> Result<(), Refusal> {
    let fields = raw.abbreviations.iter().map(|pair| (pair.key.v, &pair.value.v)).collect();
    let mut lengths = Lengths { fields, known: HashMap::new(), open: Vec::new() };
    let mut whole = 0;
    for entry in &raw.entries {
        for pair in &entry.v.fields {
            whole += lengths.of_field(&pair.value.v)?;
            if whole > MOST_BYTES {
                return Err(Box::new((too_long(), entry.v.key.span.clone())));
            }
        }
    }
    Ok(())
}

fn too_long() -> Problem {
    Problem::new(format!(
        "the bibliography becomes longer than {} MiB when its abbreviations and cross-references are written out",
        MOST_BYTES >> 20
    ))
    .hint("do abbreviations hold each other many times over?")
}

/// The lengths of abbreviations once they are written out.
struct Lengths<'a> {
    fields: HashMap<&'a str, &'a Field<'a>>,
    known: HashMap<&'a str, usize>,
    /// Those that are being written out.
    open: Vec<&'a str>,
}

impl<'a> Lengths<'a> {
    fn of_field(&mut self, field: &'a Field<'a>) -> Result<usize, Refusal> {
        let mut length = 0_usize;
        for piece in field {
            length = length.saturating_add(match &piece.v {
                RawChunk::Normal(text) => text.len() + 1,
                RawChunk::Abbreviation(name) => self.of(name, &piece.span)?,
            });
        }
        Ok(length)
    }

    fn of(&mut self, name: &'a str, span: &Range<usize>) -> Result<usize, Refusal> {
        // An abbreviation that is not there is told by the parser; the names of months are short.
        let Some(field) = self.fields.get(name).copied() else { return Ok(name.len()) };
        if let Some(length) = self.known.get(name) {
            return Ok(*length);
        }
        if self.open.contains(&name) {
            let problem = Problem::new(format!("the abbreviation `{name}` is written with itself"));
            return Err(Box::new((problem.hint("give one of the two another name"), span.clone())));
        }
        if self.open.len() >= LONGEST_CHAIN {
            let problem = format!("abbreviations hold each other more than {LONGEST_CHAIN} deep here");
            return Err(Box::new((Problem::new(problem), span.clone())));
        }
        self.open.push(name);
        let length = self.of_field(field)?;
        self.open.pop();
        self.known.insert(name, length);
        Ok(length)
    }
}

/// The fields by which an entry takes over those of others.
const REFERENCES: [&str; 2] = ["crossref", "xdata"];

/// What stands in the names of these fields while nothing is to be taken over.
const SET_ASIDE: [&str; 2] = ["crossref set aside", "xdata set aside"];

/// Checks the cross-references, once the abbreviations have been checked.
///
/// # Errors
/// If one leads back to its own entry, or if too much comes out.
pub(crate) fn check_references(raw: &RawBibliography<'_>) -> Result<(), Refusal> {
    let mut apart = raw.clone();
    let mut any = false;
    for pair in apart.entries.iter_mut().flat_map(|entry| &mut entry.v.fields) {
        if let Some(at) = REFERENCES.iter().position(|name| pair.key.v.eq_ignore_ascii_case(name)) {
            pair.key.v = SET_ASIDE[at];
            any = true;
        }
    }
    // What is wrong besides is told by the parser.
    let Ok(bibliography) = Bibliography::from_raw(apart) else { return Ok(()) };
    if !any {
        return Ok(());
    }
    let mut lengths = TakenOver { bibliography: &bibliography, known: HashMap::new(), open: Vec::new() };
    let mut whole = 0_usize;
    for (entry, place) in bibliography.iter().zip(&raw.entries) {
        let span = || place.v.key.span.clone();
        whole = whole.saturating_add(lengths.of(entry).map_err(|problem| Box::new((problem, span())))?);
        if whole > MOST_BYTES {
            return Err(Box::new((too_long(), span())));
        }
    }
    Ok(())
}

/// The lengths of entries with all that they take over.
struct TakenOver<'a> {
    bibliography: &'a Bibliography,
    known: HashMap<&'a str, usize>,
    open: Vec<&'a str>,
}

impl<'a> TakenOver<'a> {
    fn of(&mut self, entry: &'a Entry) -> Result<usize, Problem> {
        if let Some(length) = self.known.get(entry.key.as_str()) {
            return Ok(*length);
        }
        if self.open.contains(&entry.key.as_str()) {
            return Err(Problem::new(format!("the entry `{}` takes over what it says itself", entry.key))
                .hint("its `crossref` or `xdata` leads back to it"));
        }
        if self.open.len() >= LONGEST_CHAIN {
            return Err(Problem::new(format!("cross-references go more than {LONGEST_CHAIN} deep here")));
        }
        self.open.push(&entry.key);
        let mut length: usize = entry.fields.values().flatten().map(|chunk| chunk.v.get().len() + 32).sum();
        for key in references(entry) {
            if let Some(other) = self.bibliography.get(&key) {
                length = length.saturating_add(self.of(other)?);
            }
        }
        self.open.pop();
        self.known.insert(&entry.key, length);
        Ok(length)
    }
}

/// The keys of the entries that this one takes over.
fn references(entry: &Entry) -> Vec<String> {
    let [one, several] = SET_ASIDE;
    let mut keys: Vec<String> = entry.get_as::<String>(one).into_iter().collect();
    keys.extend(entry.get_as::<Vec<String>>(several).unwrap_or_default());
    keys
}
