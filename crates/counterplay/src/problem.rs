//! What is wrong with an input, told to a person.

use std::fmt;

use counterplay_analysis::printable::{message, one_line};

/// Where in a text something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as its reader named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters it covers on that line; at least 1.
    pub width: usize,
    /// The line itself.
    pub text: String,
}

impl Place {
    /// The line, or the part of a very long one that lies around the place, and how many characters of it stand
    /// before the place.
    fn shown(&self) -> (String, usize) {
        const MOST: usize = 160;
        const BEFORE: usize = 60;
        let (before, count) = (self.column.saturating_sub(1), self.text.chars().count());
        if count <= MOST {
            return (self.text.clone(), before);
        }
        let skipped = if before > MOST / 2 { before - BEFORE } else { 0 };
        let part: String = self.text.chars().skip(skipped).take(MOST).collect();
        let left = if skipped > 0 { "..." } else { "" };
        let right = if skipped + MOST < count { "..." } else { "" };
        (format!("{left}{part}{right}"), before - skipped + left.len())
    }
}

/// One thing that is wrong: a message in the words of the scenario, a place, and a hint. It is told with a line for each: whatever of
/// the scenario is quoted stays on its line, and is cut if it is too long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// Where, if it is at one place.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a place or a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same at a place, unless it has one already.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = self.place.or(place);
        self
    }

    /// The same, said of a variant of the scenario.
    #[must_use]
    pub fn in_variant(mut self, name: &str) -> Self {
        self.message = format!("in the variant `{name}`: {}", self.message);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", message(&self.message))?;
        if let Some(place) = &self.place {
            let gutter = " ".repeat(place.line.to_string().len());
            let (text, before) = place.shown();
            let text = one_line(&text);
            let width = place.width.min(text.chars().count().saturating_sub(before)).max(1);
            let (margin, marks) = (" ".repeat(before), "^".repeat(width));
            write!(f, "\n{gutter}--> {}:{}:{}", one_line(&place.file), place.line, place.column)?;
            write!(f, "\n{gutter} |\n{} | {text}\n{gutter} | {margin}{marks}", place.line)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", message(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// All that is wrong with an input; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// These problems in the order of their places; `None` if there are none.
    pub fn new(mut problems: Vec<Problem>) -> Option<Self> {
        problems.sort();
        problems.dedup();
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// The problems.
    pub fn list(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Hints list at most this many words.
const MOST_LISTED: usize = 12;

/// The words nearest to `word` among `known`, for a hint; empty if nothing is near.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .map(|k| (edit_distance(&lower, &k.to_lowercase()), k))
        // A word of which nothing is left is not near.
        .filter(|(distance, k)| *distance <= k.chars().count().max(3) / 3 && *distance < k.chars().count())
        .min()
        .map(|(_, k)| k)
}

/// A hint that names the nearest of `known`, or lists them.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let all: Vec<String> = known.map(|k| format!("`{k}`")).collect();
    match all.as_slice() {
        [] => "there are none".into(),
        [one] => format!("there is only {one}"),
        few if few.len() <= MOST_LISTED => format!("there are {}", few.join(", ")),
        many => format!("there are {} and {} more", many[..MOST_LISTED].join(", "), many.len() - MOST_LISTED),
    }
}

/// Levenshtein's distance.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
