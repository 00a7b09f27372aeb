//! Numbers for actions that are named: probabilities of a profile, and counts.

use std::collections::BTreeMap;

use counterplay_game::id::InfoSetId;
use serde::Deserialize;

use super::written_number::number;
use crate::commands::solve::table::action_names;
use crate::game_file::{Form, GameFile};
use crate::names::did_you_mean;

/// A probability with the name of its action and where that stands.
struct Labelled {
    name: String,
    probability: f64,
    place: String,
}

/// The numbers of a text with a line for each action, as in `Alice: King: Raise = 1/3`; `what` each is called: a probability, say.
pub(in crate::commands) fn of_lines(file: &GameFile, text: &str, what: &str) -> Result<Vec<f64>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let labelled = lines.map(|(at, line)| {
        let place = format!("line {}: ", at + 1);
        let (name, probability) = split(line.trim(), what).map_err(|why| format!("{place}{why}"))?;
        Ok(Labelled { name: name.to_owned(), probability, place })
    });
    placed(file, labelled.collect::<Result<_, String>>()?, what)
}

/// A line as its name and its number: what follows the last `=`, or else the last blank or comma.
fn split<'a>(line: &'a str, what: &str) -> Result<(&'a str, f64), String> {
    let separator = |c: char| c == '=' || c == ',' || c.is_whitespace();
    let Some(at) = line.rfind(separator) else {
        return Err(format!("`{line}` states no {what}; write `PLAYER: INFORMATION SET: ACTION = {what}`"));
    };
    let (name, value) = line.split_at(at);
    let name = name.trim_end_matches(separator);
    let unquoted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    Ok((unquoted, number(value.trim_start_matches(separator))?))
}

/// What is read of the JSON that `solve` and `certify` write.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    equilibria: Vec<WrittenProfile>,
    /// Those of a profile; in what `solve` finds of a game it is how many there are.
    #[serde(default)]
    information_sets: serde_json::Value,
}

#[derive(Deserialize)]
struct WrittenProfile {
    information_sets: Vec<WrittenSet>,
}

#[derive(Deserialize)]
struct WrittenSet {
    player: String,
    name: String,
    actions: Vec<WrittenAction>,
}

#[derive(Deserialize)]
struct WrittenAction {
    label: String,
    probability: f64,
    exact: Option<String>,
}

/// The probabilities of a profile as `solve --json` and `certify --json` write it.
pub(super) fn of_json(file: &GameFile, text: &str) -> Result<Vec<f64>, String> {
    let written: Written = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let sets = match (written.information_sets, written.equilibria) {
        (sets, equilibria) if equilibria.is_empty() && sets.is_array() => {
            serde_json::from_value(sets).map_err(|e| e.to_string())?
        }
        (_, equilibria) => {
            let count = equilibria.len();
            let only = (count == 1).then(|| equilibria.into_iter().next()).flatten();
            only.ok_or_else(|| {
                format!("{count} equilibria are stated: pick one, as by `jq '.equilibria[0]'`")
            })?
            .information_sets
        }
    };
    let mut labelled = Vec::new();
    for set in sets {
        for action in set.actions {
            let probability = action.exact.as_deref().map_or(Ok(action.probability), number)?;
            let name = format!("{}: {}: {}", set.player, set.name, action.label);
            labelled.push(Labelled { name, probability, place: String::new() });
        }
    }
    placed(file, labelled, "probability")
}

/// Each number put where its name belongs.
fn placed(file: &GameFile, labelled: Vec<Labelled>, what: &str) -> Result<Vec<f64>, String> {
    let names = Names::of(file);
    let mut play: Vec<Option<f64>> = vec![None; file.game.action_count()];
    for Labelled { name, probability, place } in labelled {
        let action = names.action(&name).map_err(|why| format!("{place}{why}"))?;
        if play[action].replace(probability).is_some() {
            return Err(format!("{place}`{}` is stated twice", names.shown[action]));
        }
    }
    let missing: Vec<usize> = (0..play.len()).filter(|&action| play[action].is_none()).collect();
    match missing.as_slice() {
        [] => Ok(play.into_iter().flatten().collect()),
        [first] => Err(format!("no {what} is stated for `{}`", names.shown[*first])),
        [first, rest @ ..] => {
            Err(format!("no {what} is stated for `{}` and {} other actions", names.shown[*first], rest.len()))
        }
    }
}

/// The names of a game's actions.
struct Names {
    /// As the program shows them, action by action.
    shown: Vec<String>,
    /// The actions with each name that the program shows.
    own: BTreeMap<String, Vec<usize>>,
    /// The actions with each other name: labels that the program had to change, and numbers.
    other: BTreeMap<String, Vec<usize>>,
}

impl Names {
    fn of(file: &GameFile) -> Self {
        let shown: Vec<String> = action_names(&file.game).into_iter().map(|parts| parts.join(": ")).collect();
        let (mut own, mut other) = (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::<_, Vec<usize>>::new());
        for (action, name) in shown.iter().enumerate() {
            own.entry(plain(name)).or_default().push(action);
        }
        for set in file.game.info_set_ids() {
            for (action, name) in other_names(file, set) {
                other.entry(plain(&name)).or_default().push(action);
            }
        }
        Self { shown, own, other }
    }

    /// The action that a name means.
    fn action(&self, name: &str) -> Result<usize, String> {
        let (name, stated) = (plain(name), name.trim());
        match self.own.get(&name).or_else(|| self.other.get(&name)).map(Vec::as_slice) {
            Some([action]) => Ok(*action),
            Some(several) => Err(format!(
                "`{stated}` may mean {} actions: use numbers, as in `1: 2: 1` for the first action at information set 2 of player 1",
                several.len()
            )),
            None => {
                let hint = did_you_mean(stated, self.shown.iter().take(8).map(String::as_str));
                Err(format!("there is no action `{stated}`; {hint}"))
            }
        }
    }
}

/// A name with single blanks, and none around colons.
fn plain(name: &str) -> String {
    let parts: Vec<String> =
        name.split(':').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    parts.join(":")
}

/// What else the actions at an information set can be called: by the file's labels, where these tell them apart, and by
/// numbers, where nothing has these for a name. An information set that is its player's only one need not be named.
fn other_names(file: &GameFile, set: InfoSetId) -> Vec<(usize, String)> {
    let game = &file.game;
    let player = game.info_set(set).player;
    let first = game.members(set)[0];
    let own_sets: Vec<InfoSetId> =
        game.info_set_ids().filter(|other| game.info_set(*other).player == player).collect();
    let shown_sets: Vec<String> =
        own_sets.iter().map(|s| game.event_name(game.event_id(game.members(*s)[0]))).collect();
    let written = InFile::of(file, set, &own_sets);

    let players = with_number(game.players(), player.index());
    let mut sets = vec![game.event_name(game.event_id(first))];
    sets.extend(written.label.into_iter().filter(|label| !shown_sets.contains(label)));
    let number = written.number.to_string();
    if !shown_sets.contains(&number) && !written.labels.contains(&number) {
        sets.push(number);
    }
    let labels: Vec<String> = game.labels(first).map(|label| game.text(label).to_owned()).collect();
    let mut names = Vec::new();
    for (k, action) in game.actions(set).enumerate() {
        for label in with_number(&labels, k) {
            for player in &players {
                names.extend(sets.iter().map(|set| (action, format!("{player}: {set}: {label}"))));
                if own_sets.len() == 1 {
                    names.push((action, format!("{player}: {label}")));
                }
            }
        }
    }
    names
}

/// The name at an index, and its number from 1 where no name is that.
fn with_number(names: &[String], index: usize) -> Vec<String> {
    let number = (index + 1).to_string();
    if names.contains(&number) { vec![names[index].clone()] } else { vec![names[index].clone(), number] }
}

/// How the file itself calls an information set.
struct InFile {
    /// Its label, if no other information set of its player has it.
    label: Option<String>,
    number: u32,
    /// The labels of all information sets of its player.
    labels: Vec<String>,
}

impl InFile {
    fn of(file: &GameFile, set: InfoSetId, own: &[InfoSetId]) -> Self {
        let Form::Extensive(form) = &file.form else {
            return Self { label: None, number: 1, labels: Vec::new() };
        };
        let sets = form.info_sets();
        let labels: Vec<String> = own.iter().map(|s| sets[s.index()].label.clone()).collect();
        let label = sets[set.index()].label.clone();
        let alone = !label.is_empty() && labels.iter().filter(|other| **other == label).count() == 1;
        Self { label: alone.then_some(label), number: sets[set.index()].number, labels }
    }
}
