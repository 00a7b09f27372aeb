//! The texts of a scenario, and places in them.
//!
//! A text is rewritten a little before it is run (see [`rewrite`](crate::text::rewrite)), by insertions that hold no
//! line break. A [`SourceText`] knows them, so that every place is told in the text as its author wrote it.

use std::collections::BTreeMap;

use starlark::codemap::FileSpan;

use counterplay::problem::Place;

/// A piece of text put in before a byte of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Insertion {
    /// The byte of the original before which it stands.
    pub(crate) at: usize,
    /// What is put in.
    pub(crate) text: String,
}

/// One file of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct SourceText {
    pub(crate) name: String,
    pub(crate) text: String,
    insertions: Vec<Insertion>,
    /// Calls that tell of events: the event's name, and the bytes of the call.
    events: Vec<(String, usize, usize)>,
    /// Whether values can be held where nothing shows them, as by functions within functions.
    hides_values: bool,
}

impl SourceText {
    /// A file as it was written.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            insertions: Vec::new(),
            events: Vec::new(),
            hides_values: false,
        }
    }

    /// The same with insertions, which are put in order; those at the same byte keep theirs.
    pub(crate) fn with_insertions(mut self, mut insertions: Vec<Insertion>) -> Self {
        insertions.sort_by_key(|i| i.at);
        self.insertions = insertions;
        self
    }

    /// The same with the calls that tell of events: the event's name, and the bytes of the call.
    pub(crate) fn with_events(mut self, events: Vec<(String, usize, usize)>) -> Self {
        self.events = events;
        self
    }

    /// The same, with or without values that nothing shows.
    pub(crate) fn with_hidden_values(mut self, hides_values: bool) -> Self {
        self.hides_values = hides_values;
        self
    }

    /// The text that is run.
    pub(crate) fn rewritten(&self) -> String {
        let mut rewritten = String::with_capacity(self.text.len() + 16 * self.insertions.len());
        let mut from = 0;
        for insertion in &self.insertions {
            rewritten.push_str(&self.text[from..insertion.at]);
            rewritten.push_str(&insertion.text);
            from = insertion.at;
        }
        rewritten.push_str(&self.text[from..]);
        rewritten
    }

    /// The byte of the original that a byte of the rewritten text stands for.
    fn original(&self, rewritten: usize) -> usize {
        let mut inserted = 0;
        for insertion in &self.insertions {
            let begin = insertion.at + inserted;
            if rewritten <= begin {
                break;
            }
            if rewritten < begin + insertion.text.len() {
                return insertion.at;
            }
            inserted += insertion.text.len();
        }
        rewritten - inserted
    }

    /// The place of these bytes of the original.
    pub(crate) fn place(&self, begin: usize, end: usize) -> Place {
        let begin = begin.min(self.text.len());
        let end = end.clamp(begin, self.text.len());
        let before = &self.text[..begin];
        let line_begin = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[begin..].find('\n').map_or(self.text.len(), |at| begin + at);
        let marked = self.text[begin..end.min(line_end)].trim_end();
        Place {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: self.text[line_begin..begin].chars().count() + 1,
            width: marked.chars().count().max(1),
            text: self.text[line_begin..line_end].trim_end().to_owned(),
        }
    }
}

/// The files of a scenario that have been read so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(BTreeMap<String, SourceText>);

impl Sources {
    pub(crate) fn add(&mut self, source: SourceText) {
        self.0.insert(source.name.clone(), source);
    }

    /// Whether values can be held where nothing shows them, as by functions within functions.
    pub(crate) fn hides_values(&self) -> bool {
        self.0.values().any(|source| source.hides_values)
    }

    /// The bytes of the original that a span of the text that is run stands for.
    fn original(&self, span: &FileSpan) -> Option<(&SourceText, usize, usize)> {
        let source = self.0.get(span.filename())?;
        let (begin, end) = (span.span.begin().get() as usize, span.span.end().get() as usize);
        Some((source, source.original(begin), source.original(end)))
    }

    /// Where a span is.
    pub(crate) fn place(&self, span: &FileSpan) -> Option<Place> {
        let (source, begin, end) = self.original(span)?;
        Some(source.place(begin, end))
    }

    /// The innermost place in the scenario where an error arose.
    pub(crate) fn place_of_error(&self, error: &starlark::Error) -> Option<Place> {
        if let Some(place) = error.span().and_then(|span| self.place(span)) {
            return Some(place);
        }
        let frames = error.call_stack().clone().into_frames();
        frames.iter().rev().find_map(|frame| self.place(frame.location.as_ref()?))
    }

    /// Where an event of this name is told of.
    pub(crate) fn place_of_event(&self, name: &str) -> Option<Place> {
        self.0.values().find_map(|source| {
            let (_, begin, end) = source.events.iter().find(|e| e.0 == name)?;
            Some(source.place(*begin, *end))
        })
    }

    /// What a span says, on one line.
    pub(crate) fn words(&self, span: &FileSpan) -> Option<String> {
        let (source, begin, end) = self.original(span)?;
        let lines = source.text.get(begin..end)?.lines();
        let parts: Vec<&str> =
            lines.map(|line| without_comment(line).trim()).filter(|l| !l.is_empty()).collect();
        Some(joined(&parts))
    }
}

/// A line without the comment at its end. A `#` within quotes is no comment.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return &line[..at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    line
}

/// Lines joined by spaces, except after an opening and before a closing bracket.
fn joined(parts: &[&str]) -> String {
    let mut words = String::new();
    for part in parts {
        let tight = words.is_empty() || words.ends_with(['(', '[', '{']) || part.starts_with([')', ']', '}']);
        if !tight {
            words.push(' ');
        } else if part.starts_with([')', ']', '}']) && words.ends_with(',') {
            words.pop();
        }
        words.push_str(part);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_in_the_text_as_it_was_written() {
        let insertions = vec![Insertion { at: 3, text: "<<".into() }, Insertion { at: 4, text: ">>".into() }];
        let source = SourceText::new("a", "if x:\n  y = 1").with_insertions(insertions);
        assert_eq!(source.rewritten(), "if <<x>>:\n  y = 1");
        let mapped: Vec<usize> = (0..12).map(|r| source.original(r)).collect();
        assert_eq!(mapped, [0, 1, 2, 3, 3, 3, 4, 4, 4, 5, 6, 7]);
        let place = source.place(8, 9);
        assert_eq!((place.line, place.column, place.width, place.text.as_str()), (2, 3, 1, "  y = 1"));
    }

    #[test]
    fn words_on_several_lines_are_joined() {
        assert_eq!(joined(&["do({", "\"a\": 1,", "})"]), "do({\"a\": 1})");
        assert_eq!(without_comment("x = \"#\"  # y"), "x = \"#\"  ");
    }
}
