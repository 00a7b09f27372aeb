//! Tables of actors with capability, positions and salience, in the layouts that analysts have them in.
//!
//! KTAB's: an optional line with the name of the scenario, its description, the numbers of actors and of dimensions, after which further
//! fields may follow; a line that names the columns; then for each actor name, description, power, and position and salience in percent for each dimension. Scholz's: a line
//! that names the columns, among them a name, a capability, a position and a salience in any order; salience in percent or in shares.

mod layout;
mod table;

use std::path::Path;

use counterplay::problem::{Problem, Problems};
use counterplay_analysis::printable::{NameFault, fault_in_name, nfc, one_line};
use counterplay_collective::spatial::{Actor, Actors, NotActors};

use crate::failure::Failure;
use crate::read_file::bytes_of;
pub(crate) use layout::Layout;
use layout::Plan;
use table::{Cell, Row, rows};

/// A file larger than this is not read.
const MOST_BYTES: u64 = 16 << 20;

/// What a table of actors says.
#[derive(Clone, Debug)]
pub(crate) struct ActorsFile {
    /// What the decision is about, if the table says it.
    pub(crate) title: Option<String>,
    /// The layout that the table was found to be in.
    pub(crate) layout: Layout,
    /// Whether saliences are stated in percent, and not in shares.
    pub(crate) percent: bool,
    /// The actors' names, in the order of the table.
    pub(crate) names: Vec<String>,
    /// The dimensions' names.
    pub(crate) dimensions: Vec<String>,
    /// The actors.
    pub(crate) actors: Actors,
    /// What its author should look at again.
    pub(crate) warning: Option<String>,
}

/// What the model asks of the table beyond being one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Demands {
    /// Positions lie on this scale.
    pub(crate) scale: Option<(f64, f64)>,
    /// Every actor has some salience.
    pub(crate) attention: bool,
}

impl ActorsFile {
    /// Reads a table.
    pub(crate) fn read(path: &Path, demands: Demands) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let bytes = bytes_of(path, MOST_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new(format!("the text of `{shown}` is not UTF-8"))
                .hint("save the table as CSV with the encoding UTF-8")
        })?;
        Ok(parsed(&shown, text.trim_start_matches('\u{feff}'), demands)?)
    }
}

fn parsed(file: &str, text: &str, demands: Demands) -> Result<ActorsFile, Problems> {
    let all = rows(file, text)?;
    let plan = Plan::of(file, &all)?;
    let body = &all[plan.body..];
    let mut problems = plan.wrong_counts(body.len());
    let percent = plan.percent(body);
    let reader = RowReader { plan: &plan, percent, demands };
    let (mut names, mut list) = (Vec::new(), Vec::new());
    for row in body {
        match reader.actor(row) {
            Ok((name, actor)) => {
                if let Some(twice) = twice(&names, &name) {
                    problems.push(twice);
                }
                names.push(name);
                list.push(actor);
            }
            Err(more) => problems.extend(more),
        }
    }
    if let Some(problems) = Problems::new(problems) {
        return Err(problems);
    }
    let names: Vec<String> = names.into_iter().map(|name| name.text).collect();
    let actors = Actors::new(list).map_err(|why| not_actors(file, &plan, why))?;
    let warning = share_among_percentages(&plan, body).filter(|_| percent && !plan.has_counts());
    Ok(ActorsFile {
        warning,
        title: plan.title.map(|title| one_line(&title).into_owned()),
        layout: plan.layout,
        percent,
        names,
        dimensions: plan.dimensions.iter().map(|name| one_line(name).into_owned()).collect(),
        actors,
    })
}

/// What remains to be wrong with a list whose numbers are all in their ranges.
fn not_actors(file: &str, plan: &Plan, why: NotActors) -> Problem {
    match why {
        NotActors::TooFew => Problem::new(format!("`{file}` has fewer than two actors"))
            .hint("each line after the one that names the columns is an actor"),
        NotActors::Weightless(dimension) => Problem::new(format!(
            "in `{file}` nobody has any weight on `{}`: capability times salience is 0 for every actor",
            plan.dimensions[dimension]
        ))
        .hint("somebody has to be able to do something, and to care"),
        other => Problem::new(format!("`{file}`: {other}")),
    }
}

fn twice(known: &[Cell], name: &Cell) -> Option<Problem> {
    let first = known.iter().find(|known| known.text.to_lowercase() == name.text.to_lowercase())?;
    let line = first.place.line;
    Some(name.problem(format!("there is an actor `{}` already, on line {line}", first.text)))
}

/// How to read the line of an actor.
struct RowReader<'a> {
    plan: &'a Plan,
    percent: bool,
    demands: Demands,
}

impl RowReader<'_> {
    fn actor(&self, row: &Row) -> Result<(Cell, Actor), Vec<Problem>> {
        let mut problems = Vec::new();
        if row.cells.len() > self.plan.columns {
            let extra = &row.cells[self.plan.columns];
            problems.push(
                extra
                    .problem(format!(
                        "the line has {} fields, and the columns named are {}",
                        row.cells.len(),
                        self.plan.columns
                    ))
                    .hint("a field with a comma in it stands in quotes"),
            );
            return Err(problems);
        }
        let mut name = row.cell(self.plan.name).clone();
        name.text = nfc(&name.text).into_owned();
        match fault_in_name(&name.text) {
            Some(NameFault::Empty) => problems.push(name.problem("this actor has no name".to_owned())),
            Some(fault) => problems.push(name.problem(format!("the name `{}` {fault}", name.text))),
            None => {}
        }
        let mut take = |number: Result<f64, Problem>| number.map_err(|p| problems.push(p)).unwrap_or(0.0);
        let capability = take(self.capability(row, &name.text));
        let pairs = &self.plan.pairs;
        let position = pairs.iter().map(|pair| take(self.position(row, &name.text, pair.0))).collect();
        let salience: Vec<f64> = pairs.iter().map(|pair| take(salience(row, &name.text, pair.1))).collect();
        if problems.is_empty() {
            problems.extend(self.attention(row, &name.text, &salience));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let unit = if self.percent { 100.0 } else { 1.0 };
        let salience = salience.into_iter().map(|s| s / unit).collect();
        Ok((name, Actor { capability, position, salience }))
    }

    fn capability(&self, row: &Row, name: &str) -> Result<f64, Problem> {
        let cell = row.cell(self.plan.capability);
        let number = cell.number(&format!("capability of `{name}`"))?;
        if number < 0.0 {
            return Err(cell.problem(format!("the capability of `{name}` is negative")).hint(
                "opposition is a matter of position; capability is how much an actor can bring to bear",
            ));
        }
        Ok(number)
    }

    fn position(&self, row: &Row, name: &str, column: usize) -> Result<f64, Problem> {
        let cell = row.cell(column);
        let number = cell.number(&format!("position of `{name}`"))?;
        match self.demands.scale {
            Some((low, high)) if !(low..=high).contains(&number) => Err(cell
                .problem(format!("the position of `{name}` is outside the scale from {low} to {high}"))
                .hint("say on which scale the positions are, such as `--scale 0..10`")),
            _ => Ok(number),
        }
    }

    /// What is wrong with the saliences of an actor together.
    fn attention(&self, row: &Row, name: &str, salience: &[f64]) -> Option<Problem> {
        // Percentages with decimals sum to a hundred only within rounding.
        const ROUNDING: f64 = 1e-9;
        let whole = if self.percent { 100.0 } else { 1.0 };
        let sum: f64 = salience.iter().sum();
        let (_, last) = self.plan.pairs.last()?;
        let cell = row.cell(*last);
        if salience.len() > 1 && sum > whole * (1.0 + ROUNDING) {
            return Some(
                cell.problem(format!("the saliences of `{name}` sum to {sum}, more than {whole}"))
                    .hint("the saliences of an actor are shares of all its attention"),
            );
        }
        (self.demands.attention && sum == 0.0).then(|| {
            cell.problem(format!(
                "`{name}` has no salience in any dimension, so that no position is nearer to it"
            ))
            .hint("leave out who does not care, or give a small salience")
        })
    }
}

/// A warning, where a table of percentages has one that looks like a share.
fn share_among_percentages(plan: &Plan, body: &[Row]) -> Option<String> {
    let column = plan.pairs[0].1;
    let looks_like_one = |row: &&Row| {
        row.cell(column).text.parse::<f64>().is_ok_and(|salience| salience > 0.0 && salience < 1.0)
    };
    let row = body.iter().find(looks_like_one)?;
    let (name, cell) = (row.cell(plan.name), row.cell(column));
    Some(format!(
        "warning: line {}: the salience of `{}` is read as {} percent, since others are above 1: \
         are there shares among percentages?",
        cell.place.line, name.text, cell.text
    ))
}

fn salience(row: &Row, name: &str, column: usize) -> Result<f64, Problem> {
    let cell = row.cell(column);
    let number = cell.number(&format!("salience of `{name}`"))?;
    if number < 0.0 {
        return Err(cell
            .problem(format!("the salience of `{name}` is negative"))
            .hint("one that does not care has a salience of 0"));
    }
    if number > 100.0 {
        return Err(cell
            .problem(format!("the salience of `{name}` is over 100"))
            .hint("salience is a share of an actor's attention: 0 to 100 percent, or 0 to 1"));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KTAB: &str = "\u{20}Sample ,\"A, described\",2,2,\nActor,Description,Power,Tax Position,Tax Salience,Date Pstn,Date Sal,\n\
        A one,first, 102.5, 75.79, 49.53,  6.37,  5.91,\nB, , 53,82,30,73.5,21\n";

    fn read(text: &str) -> Result<ActorsFile, String> {
        parsed("t.csv", text, Demands::default()).map_err(|problems| problems.to_string())
    }

    #[test]
    fn ktabs_layout_is_read_with_and_without_its_first_line() {
        let whole = read(KTAB).unwrap();
        assert_eq!((whole.layout, whole.percent), (Layout::Ktab, true));
        assert_eq!(whole.title.as_deref(), Some("Sample: A, described"));
        assert_eq!(
            (whole.names, whole.dimensions),
            (vec!["A one".to_owned(), "B".to_owned()], vec!["Tax".to_owned(), "Date".to_owned()])
        );
        assert_eq!(whole.actors.list()[0].position, [75.79, 6.37]);
        assert!((whole.actors.list()[1].salience[1] - 0.21).abs() < 1e-15);
        let (_, rest) = KTAB.split_once('\n').unwrap();
        assert_eq!(read(rest).unwrap().actors, whole.actors);
    }

    #[test]
    fn ktabs_first_line_may_have_further_fields() {
        let whole = read(KTAB).unwrap();
        for fields in ["2,2", "2,2,0", "2,2,0,,,,", "2,2,,,", "2,2,0,1,x\r"] {
            let read = read(&KTAB.replacen("2,2,", fields, 1)).unwrap();
            assert_eq!(
                (read.layout, read.percent, &read.title),
                (Layout::Ktab, true, &whole.title),
                "{fields}"
            );
            assert_eq!((&read.names, &read.actors), (&whole.names, &whole.actors), "{fields}");
        }
        // One dimension, and three.
        let one =
            "\"A, b\",,2,1,0,\r\nActor,Description,Power,Position,Salience\r\nA,,1,2,30\r\nB,,1,7,40,\r\n";
        assert_eq!(read(one).unwrap().actors.list()[1].position, [7.0]);
        let three = "Both,Six issues,2,3,0,,,,\nActor,Description,Influence,D0 Position,D0 Salience,D1 Position,D1 Salience,\
            D2 Position,D2 Salience\nA1,one,99.98,50,8,62.5,10,62.5,8.2\nA2,two,79.79,60,16.53,72.5,11.15,72.5,8\n";
        assert_eq!(read(three).unwrap().dimensions, ["D0", "D1", "D2"]);
    }

    #[test]
    fn a_wrong_first_line_is_told_where_it_is_wrong() {
        let (_, rest) = KTAB.split_once('\n').unwrap();
        for (first, place, said) in [
            ("S,d,2,3,0", "t.csv:1:7", "the first line says 3 dimensions, and there are 2"),
            ("S,d,5,2,0,,", "t.csv:1:5", "the first line says 5 actors, and there are 2"),
            ("S,d,two,2,0", "t.csv:1:5", "`two` is not the number of actors"),
            ("S,d,2,2.5", "t.csv:1:7", "`2.5` is not the number of dimensions"),
            // A comma in the description, not quoted.
            ("S,all, that,2,2", "t.csv:1:8", "`that` is not the number of actors"),
            ("S,d,2", "t.csv:1:6", "does not say how many dimensions there are"),
            ("S,d", "t.csv:1:4", "does not say how many actors there are"),
        ] {
            let told = read(&format!("{first}\n{rest}")).unwrap_err();
            assert!(told.contains(said) && told.contains(&format!("--> {place}\n")), "{first}: {told}");
        }
        // Columns that are not named, under KTAB's first line.
        let told = read("S,d,2,2,0\nx,y,1,2,3,4,5\nz,y,1,2,3,4,5\n").unwrap_err();
        assert!(told.contains("the line after the first does not name the columns"), "{told}");
        assert!(told.contains("--> t.csv:2:1\n"), "{told}");
    }

    #[test]
    fn scholzs_layout_is_read_in_any_order_of_its_columns() {
        let read = read("Salience,Actor,Note,Position,Clout\n80,A,x,4,8\n\n 100,\"B, C\",,7,16\n").unwrap();
        assert_eq!((read.layout, read.percent), (Layout::Scholz, true));
        assert_eq!(read.names, ["A", "B, C"]);
        assert_eq!(
            read.actors.list()[1],
            Actor { capability: 16.0, position: vec![7.0], salience: vec![1.0] }
        );
    }

    #[test]
    fn saliences_of_at_most_one_are_shares() {
        let read = read("Name,Capability,Position,Salience\nA,1,0,0.8\nB,1,10,1\n").unwrap();
        assert!(!read.percent);
        assert_eq!(read.actors.list()[0].salience, [0.8]);
    }

    #[test]
    fn whatever_is_put_into_a_table_it_is_read_or_refused_with_a_place_in_it() {
        let scholz = "Name,Capability,Position,Salience\nA,1,0,80\nB,2.5,10,40\n";
        for table in [KTAB, scholz] {
            for (at, _) in table.char_indices() {
                for put in ["\"", ",", "\n", "x", "-", "\0", "é", "\r\n", "1e99", ";"] {
                    let text = format!("{}{put}{}", &table[..at], &table[at..]);
                    let Err(problems) = parsed("t.csv", &text, Demands::default()) else { continue };
                    for place in problems.list().iter().filter_map(|problem| problem.place.as_ref()) {
                        assert_eq!(text.lines().nth(place.line - 1), Some(place.text.as_str()));
                        assert!(place.column <= place.text.chars().count() + 1, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_its_place() {
        let told = read("Name,Capability,Position,Salience\nA,-1,x,101\nA,1,2,3\n").unwrap_err();
        assert_eq!(told.matches("error: ").count(), 3, "{told}");
        assert!(told.contains("--> t.csv:2:3\n"), "{told}");
        assert!(told.contains("--> t.csv:2:8\n  |\n2 | A,-1,x,101\n"), "{told}");
    }
}
