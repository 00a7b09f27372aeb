//! The bibliography of a scenario: `sources.bib`, in the BibLaTeX format.
//!
//! ```
//! let text = "@article{smith2019, author = {Smith, Ann and Wu, Bo}, title = {Two readings}, journal = {IO}, year = 2019}";
//! let sources = counterplay_language::bibliography::read("sources.bib", text)?;
//! assert_eq!(sources[0].author, "Ann Smith and Bo Wu");
//! assert_eq!(sources[0].place, "IO");
//! # Ok::<(), counterplay::problem::Problems>(())
//! ```

mod expansion;

use biblatex::{Bibliography, ChunksExt, Entry, ParseError, ParseErrorKind, Person, RawBibliography, Token};

use counterplay::problem::{Place, Problem, Problems};
use counterplay_analysis::Source;

const MAX_BYTES: usize = 1 << 20;
const MAX_BRACES: usize = 100;

/// Fields that say where something appeared, the best first.
const PLACES: [&str; 9] = [
    "journaltitle",
    "journal",
    "booktitle",
    "howpublished",
    "publisher",
    "organization",
    "institution",
    "school",
    "type",
];

/// Reads a bibliography. `file` is its name, for places.
///
/// # Errors
/// If the text is not a bibliography, or a key stands twice.
pub fn read(file: &str, text: &str) -> Result<Vec<Source>, Problems> {
    check_size(file, text)?;
    let wrong = |error: ParseError| {
        Problem::new(in_words(&error.kind)).at(Some(place(file, text, error.span.start, error.span.end)))
    };
    let refused = |refusal: expansion::Refusal| {
        let (problem, span) = *refusal;
        problem.at(Some(place(file, text, span.start, span.end)))
    };
    let raw = RawBibliography::parse(text).map_err(wrong)?;
    expansion::check_abbreviations(&raw).map_err(refused)?;
    expansion::check_references(&raw).map_err(refused)?;
    let bibliography = Bibliography::from_raw(raw).map_err(wrong)?;
    Ok(bibliography.iter().map(source).collect())
}

/// The parser recurses into braces, so their depth is bounded.
fn check_size(file: &str, text: &str) -> Result<(), Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(format!("`{file}` is larger than 1 MiB")));
    }
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACES {
            let problem = Problem::new(format!("more than {MAX_BRACES} braces are open here"));
            return Err(problem.at(Some(place(file, text, at, at + 1))));
        }
    }
    Ok(())
}

fn in_words(kind: &ParseErrorKind) -> String {
    match kind {
        ParseErrorKind::DuplicateKey(key) => format!("the key `{key}` stands twice"),
        ParseErrorKind::UnknownAbbreviation(word) => {
            format!("`{word}` is neither a number nor in braces or quotation marks")
        }
        ParseErrorKind::Expected(token) => format!("{} is missing here", sign(*token)),
        ParseErrorKind::Unexpected(token) => format!("{} is out of place here", sign(*token)),
        ParseErrorKind::UnexpectedEof => "the file ends within an entry".to_owned(),
        ParseErrorKind::MalformedCommand => "a TeX command is malformed".to_owned(),
        other => other.to_string(),
    }
}

fn sign(token: Token) -> &'static str {
    match token {
        Token::Identifier => "a name",
        Token::OpeningBrace => "`{`",
        Token::ClosingBrace => "`}`",
        Token::Comma => "`,`",
        Token::QuotationMark => "`\"`",
        Token::Equals => "`=`",
        Token::DecimalPoint => "`.`",
    }
}

/// The place of some bytes.
fn place(file: &str, text: &str, begin: usize, end: usize) -> Place {
    let mut begin = begin.min(text.len());
    while !text.is_char_boundary(begin) {
        begin -= 1;
    }
    let line_begin = text[..begin].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_begin..].lines().next().unwrap_or_default();
    let column = text[line_begin..begin].chars().count() + 1;
    Place {
        file: file.to_owned(),
        line: text[..begin].matches('\n').count() + 1,
        column,
        width: (end.saturating_sub(begin)).clamp(1, line.chars().count().saturating_sub(column - 1).max(1)),
        text: line.to_owned(),
    }
}

fn source(entry: &Entry) -> Source {
    let field = |name: &str| entry.get(name).map(ChunksExt::format_verbatim).unwrap_or_default();
    let authors = entry.author().unwrap_or_default();
    let place = PLACES.iter().map(|name| field(name)).find(|text| !text.is_empty());
    Source {
        key: entry.key.clone(),
        author: if authors.is_empty() { field("organization") } else { names(&authors) },
        title: field("title"),
        date: if field("date").is_empty() { field("year") } else { field("date") },
        place: place.unwrap_or_default(),
        url: field("url"),
    }
}

fn names(authors: &[Person]) -> String {
    let full = |p: &Person| {
        let parts = [&p.given_name, &p.prefix, &p.name, &p.suffix];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    };
    let mut names: Vec<String> = authors.iter().map(full).collect();
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let problems = read("sources.bib", "@misc{a, title = {A}}\n@misc{a, title = {B}}").unwrap_err();
        assert_eq!(problems.list()[0].message, "the key `a` stands twice");
        let problems = read("sources.bib", "@misc{a, title = {A}}\n@misc{b, title {B}}").unwrap_err();
        assert_eq!(problems.list()[0].place.as_ref().map(|p| p.line), Some(2));
        assert!(read("sources.bib", &format!("@misc{{a, title = {}", "{".repeat(100_000))).is_err());
    }

    fn refusal(text: &str) -> String {
        read("sources.bib", text).unwrap_err().list()[0].message.clone()
    }

    #[test]
    fn abbreviations_that_hold_themselves_are_refused() {
        let used = "@misc{k, title = a}";
        assert_eq!(
            refusal(&format!("@string{{a = a}}{used}")),
            "the abbreviation `a` is written with itself"
        );
        let round = format!("@string{{a = {{x}} # b}}@string{{b = c}}@string{{c = a}}{used}");
        assert_eq!(refusal(&round), "the abbreviation `a` is written with itself");
        let chain: Vec<String> = (0..20_000).map(|i| format!("@string{{s{i}=s{}}}", i + 1)).collect();
        assert!(refusal(&(chain.concat() + "@misc{k, title = s0}")).contains("more than 50 deep"));
    }

    #[test]
    fn abbreviations_that_double_are_refused() {
        let double = |i: usize| format!("@string{{s{i} = s{} # s{}}}\n", i - 1, i - 1);
        let text = "@string{s0 = {word}}".to_owned() + &(1..40).map(double).collect::<String>();
        assert!(refusal(&format!("{text}@misc{{k, title = s39}}")).contains("longer than 8 MiB"));
        // What nothing uses is not written out.
        assert!(read("s", &text).unwrap().is_empty());
    }

    #[test]
    fn abbreviations_and_months_are_written_out() {
        let sources =
            read("s", "@string{io = {International}}@misc{k, journal = io # { Organization}, date = mar}")
                .unwrap();
        assert_eq!(
            (sources[0].place.as_str(), sources[0].date.as_str()),
            ("International Organization", "March")
        );
    }

    #[test]
    fn cross_references_that_lead_back_are_refused() {
        let own = refusal("@misc{a, crossref = {a}, title = {A}}");
        assert_eq!(own, "the entry `a` takes over what it says itself");
        let round = "@string{n = {a}}@misc{a, CrossRef = {b}}@misc{b, xdata = {c,d}}@misc{c, ids = {z}}@misc{d, crossref = n}";
        assert!(refusal(round).ends_with("takes over what it says itself"));
        assert!(refusal("@misc{a, ids = {z}, crossref = {z}}").ends_with("takes over what it says itself"));
        let sources =
            read("s", "@inbook{a, crossref = {b}, title = {A}}@book{b, title = {B}, publisher = {P}}")
                .unwrap();
        assert_eq!(sources[0].place, "B");
    }

    #[test]
    fn cross_references_that_double_are_refused() {
        let double = |i: usize| {
            format!(
                "@xdata{{k{i}, xdata = {{k{}, j{}}}}}@xdata{{j{i}, xdata = {{k{}, j{}}}}}",
                i + 1,
                i + 1,
                i + 1,
                i + 1
            )
        };
        let text =
            (0..40).map(double).collect::<String>() + "@xdata{k40, title = {A}}@xdata{j40, title = {A}}";
        assert!(refusal(&text).contains("longer than 8 MiB"));
    }

    #[test]
    fn an_organisation_in_double_braces_keeps_its_name() {
        let sources =
            read("s", "@misc{c, author = {{Arms Control Association}}, title = {{T}}, year = 2019}").unwrap();
        assert_eq!(sources[0].author, "Arms Control Association");
        assert_eq!((sources[0].title.as_str(), sources[0].date.as_str()), ("T", "2019"));
    }
}
