//! Which layout a table of actors has, and in which columns what stands.

use counterplay::problem::Problem;

use super::table::{Cell, Row};

/// The layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// KTAB's.
    Ktab,
    /// Scholz's.
    Scholz,
}

/// Where what stands.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    pub(super) title: Option<String>,
    pub(super) name: usize,
    pub(super) capability: usize,
    /// The columns of position and salience, by dimension.
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) dimensions: Vec<String>,
    /// How many columns are named.
    pub(super) columns: usize,
    /// The first row with an actor.
    pub(super) body: usize,
    /// How many actors and dimensions KTAB's first line says there are, and where it says so.
    counts: Option<[(usize, Cell); 2]>,
}

/// What a column holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Name,
    Description,
    Capability,
    Position,
    Salience,
}

const LAYOUTS: &str = "the columns are either `Actor,Description,Power` and then position and salience for each dimension, \
    as KTAB has them, or `Name,Capability,Position,Salience` in any order";

impl Role {
    fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let one_of = |words: &[&str]| words.contains(&name.as_str());
        if one_of(&["actor", "actors", "name", "actor name", "player", "stakeholder"]) {
            Some(Self::Name)
        } else if one_of(&["description", "desc", "desc."]) {
            Some(Self::Description)
        } else if one_of(&["capability", "capabilities", "power", "influence", "clout", "resources"]) {
            Some(Self::Capability)
        } else if name.ends_with("salience") || name.starts_with("sal") {
            Some(Self::Salience)
        } else if name.ends_with("position") || name.starts_with("pos") || name.starts_with("pstn") {
            Some(Self::Position)
        } else {
            None
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Capability => "capability",
            Self::Position => "position",
            Self::Salience => "salience",
        }
    }
}

impl Plan {
    /// The plan of a table.
    pub(super) fn of(file: &str, rows: &[Row]) -> Result<Self, Problem> {
        let Some(first) = rows.first() else {
            return Err(Problem::new(format!("`{file}` is empty")).hint(LAYOUTS));
        };
        let counts = counts(first).filter(|_| rows.get(1).is_none_or(names_columns));
        if counts.is_none()
            && let Some(wrong) = wrong_first_line(first, rows.get(1))
        {
            return Err(wrong);
        }
        let at = usize::from(counts.is_some());
        let Some(head) = rows.get(at) else {
            return Err(first
                .cell(0)
                .problem("no line that names the columns follows".to_owned())
                .hint(LAYOUTS));
        };
        let roles: Vec<Option<Role>> = head.cells.iter().map(|cell| Role::of(&cell.text)).collect();
        let mut plan = if counts.is_some() || roles.get(1) == Some(&Some(Role::Description)) {
            Self::ktab(head)?
        } else {
            Self::scholz(head, &roles)?
        };
        plan.title = counts.is_some().then(|| title(first)).flatten();
        plan.counts = counts;
        plan.body = at + 1;
        Ok(plan)
    }

    fn ktab(head: &Row) -> Result<Self, Problem> {
        const BEFORE: usize = 3;
        let pairs = head.cells.len().saturating_sub(BEFORE);
        if pairs == 0 || pairs % 2 == 1 {
            let last = head.cell(head.cells.len() - 1);
            let wrong = format!(
                "after name, description and power {pairs} columns follow, and not two for each dimension"
            );
            return Err(last.problem(wrong).hint(LAYOUTS));
        }
        let pairs: Vec<(usize, usize)> =
            (0..pairs / 2).map(|d| (BEFORE + 2 * d, BEFORE + 2 * d + 1)).collect();
        let swapped = pairs.iter().find(|pair| {
            let role = |column: usize| Role::of(&head.cell(column).text);
            role(pair.0) == Some(Role::Salience) || role(pair.1) == Some(Role::Position)
        });
        if let Some(pair) = swapped {
            return Err(head
                .cell(pair.0)
                .problem("the position comes before the salience".to_owned())
                .hint(LAYOUTS));
        }
        let dimensions = pairs.iter().map(|pair| dimension(&head.cell(pair.0).text)).collect();
        Ok(Self {
            layout: Layout::Ktab,
            title: None,
            name: 0,
            capability: 2,
            columns: BEFORE + 2 * pairs.len(),
            pairs,
            dimensions,
            body: 0,
            counts: None,
        })
    }

    fn scholz(head: &Row, roles: &[Option<Role>]) -> Result<Self, Problem> {
        if let [only] = head.cells.as_slice()
            && only.text.contains([';', '\t'])
        {
            return Err(only
                .problem("the fields are not separated by commas".to_owned())
                .hint("save the table as CSV with commas between the fields"));
        }
        if roles.iter().all(Option::is_none) {
            return Err(names_nothing(head, "the first line does not name the columns"));
        }
        let column = |role: Role| -> Result<usize, Problem> {
            let mut found =
                roles.iter().enumerate().filter(|(_, known)| **known == Some(role)).map(|(at, _)| at);
            let Some(column) = found.next() else {
                let missing = format!("no column is the {} of an actor", role.word());
                return Err(head.cell(0).problem(missing).hint(LAYOUTS));
            };
            found.next().map_or(Ok(column), |again| {
                let twice = format!("a second column is the {} of an actor", role.word());
                Err(head.cell(again).problem(twice).hint(LAYOUTS))
            })
        };
        let (name, capability) = (column(Role::Name)?, column(Role::Capability)?);
        let pair = (column(Role::Position)?, column(Role::Salience)?);
        Ok(Self {
            layout: Layout::Scholz,
            title: None,
            name,
            capability,
            pairs: vec![pair],
            dimensions: vec![dimension(&head.cell(pair.0).text)],
            columns: head.cells.len(),
            body: 0,
            counts: None,
        })
    }

    /// Whether KTAB's first line is there.
    pub(super) fn has_counts(&self) -> bool {
        self.counts.is_some()
    }

    /// Where KTAB's first line says other numbers of actors or dimensions than there are.
    pub(super) fn wrong_counts(&self, actors: usize) -> Vec<Problem> {
        let Some([said_actors, said_dimensions]) = &self.counts else { return Vec::new() };
        let mut problems = Vec::new();
        for ((said, cell), there, what) in
            [(said_actors, actors, "actors"), (said_dimensions, self.pairs.len(), "dimensions")]
        {
            if *said != there {
                problems
                    .push(cell.problem(format!("the first line says {said} {what}, and there are {there}")));
            }
        }
        problems
    }

    /// Whether saliences are in percent: under KTAB's first line they are, and else if one of them is above 1.
    pub(super) fn percent(&self, body: &[Row]) -> bool {
        let above_one = |row: &Row| {
            let saliences = self.pairs.iter().map(|pair| row.cell(pair.1).text.parse::<f64>());
            saliences.flatten().any(|salience| salience > 1.0)
        };
        self.counts.is_some() || body.iter().any(above_one)
    }
}

/// The numbers of actors and dimensions that KTAB's first line says, if the line is one. Further fields may follow, as the 0
/// and the commas in KTAB's own examples.
fn counts(row: &Row) -> Option<[(usize, Cell); 2]> {
    let count = |column: usize| {
        let cell = row.cells.get(column)?;
        Some((cell.text.parse().ok()?, cell.clone()))
    };
    Some([count(2)?, count(3)?])
}

fn names_nothing(row: &Row, what: &str) -> Problem {
    row.cell(0).problem(what.to_owned()).hint(LAYOUTS)
}

/// Whether a line names the columns of a table.
fn names_columns(row: &Row) -> bool {
    Role::of(&row.cell(0).text) == Some(Role::Name)
}

/// What is wrong with the first two lines where the first one names no columns: it is meant to be KTAB's if it states its
/// numbers, or if the second line names the columns.
fn wrong_first_line(first: &Row, second: Option<&Row>) -> Option<Problem> {
    let second = second?;
    if first.cells.iter().any(|cell| Role::of(&cell.text).is_some()) {
        return None;
    }
    // A line of four numbers may as well be an actor of a table without names of columns.
    if counts(first).is_some() && counts(second).is_none_or(|_| first.cell(4).text == "0") {
        return Some(names_nothing(second, "the line after the first does not name the columns"));
    }
    if !names_columns(second) {
        return None;
    }
    let (column, what) = [(2, "actors"), (3, "dimensions")]
        .into_iter()
        .find(|(column, _)| first.cell(*column).text.parse::<usize>().is_err())?;
    let cell = first.cell(column);
    let wrong = if cell.text.is_empty() {
        format!("the line before the names of the columns does not say how many {what} there are")
    } else {
        format!("`{}` is not the number of {what}", cell.text)
    };
    let hint = "before the names of the columns KTAB has the scenario's name, its description, the number of actors and that \
        of dimensions; a name or description with a comma in it stands in quotes; the line may be left out";
    Some(cell.problem(wrong).hint(hint))
}

fn title(row: &Row) -> Option<String> {
    let parts: Vec<&str> =
        [0, 1].iter().map(|&at| row.cell(at).text.as_str()).filter(|t| !t.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}

/// The name of a dimension, from that of its positions: `Policy` from `Policy Position`.
fn dimension(column: &str) -> String {
    let words = ["position", "pstn", "pos"];
    let lower = column.to_lowercase();
    let named = words.iter().find_map(|word| {
        let rest = lower.strip_suffix(word)?.trim_end();
        // Lower case may take other bytes than the letters it is of.
        (!rest.is_empty()).then(|| column.chars().take(rest.chars().count()).collect::<String>())
    });
    named.unwrap_or_else(|| column.to_owned())
}
