//! Unfolding: telling a story along every history, into a game.

use std::sync::Arc;

use counterplay_game::expression::Expressions;

use crate::problem::Problem;
use crate::story::change::{Change, ToldChange};
use crate::story::limits::Limits;
use crate::story::state::StateValue;
use crate::story::telling::{Retelling, Story, Telling};
use crate::story::unfolded::{State, Unfolded};
use crate::watch::{Stage, Watch};

/// Tells `story` along every history, with `changes` made to it that all players know of.
///
/// # Errors
/// What is wrong with the story, or the limit that it met.
pub fn unfold(
    story: &dyn Story,
    players: &[String],
    expressions: &Expressions,
    changes: &[Change],
    limits: Limits,
    watch: &dyn Watch,
) -> Result<Unfolded, Problem> {
    let changes = ToldChange::to_all(changes);
    let how = Retelling { changes: &changes, ..Retelling::default() };
    unfold_retold(story, players, expressions, how, limits, watch)
}

/// As [`unfold`], with players who do not know of all changes.
///
/// # Errors
/// As [`unfold`], and if such a player comes into a situation for which it has no rule.
///
/// # Panics
/// Never: every branch of every event is told before the tree is finished.
pub fn unfold_retold(
    story: &dyn Story,
    players: &[String],
    expressions: &Expressions,
    how: Retelling<'_>,
    limits: Limits,
    watch: &dyn Watch,
) -> Result<Unfolded, Problem> {
    let beginning = unfold_state(story, &[], players, expressions, how, limits, watch)?;
    Ok(Unfolded { states: vec![beginning], stages: Vec::new() })
}

/// The game of one state of a story that may hand over to one of `stages`. It is given as that of the beginning, and what follows
/// its ends is left open.
///
/// # Errors
/// As [`unfold_retold`].
///
/// # Panics
/// Never: every branch of every event is told before the tree is finished.
pub fn unfold_state(
    story: &dyn Story,
    stages: &[String],
    players: &[String],
    expressions: &Expressions,
    how: Retelling<'_>,
    limits: Limits,
    watch: &dyn Watch,
) -> Result<State, Problem> {
    let mut telling = Telling::new(stages, players, expressions.clone(), how, limits);
    let mut histories = 0;
    loop {
        telling.begin_history();
        let told = story.tell(&mut telling);
        if told.is_err() && telling.given_up {
            continue;
        }
        told?;
        telling.finish_history()?;
        histories += 1;
        if histories % 1024 == 0 {
            watch.advance(Stage::Unfold, histories, None);
            if watch.cancelled() {
                return Err(Problem::new("stopped"));
            }
        }
        if !telling.step() {
            break;
        }
        if histories >= limits.histories {
            return Err(Problem::new(format!("the story has more than {} histories", limits.histories))
                .hint("raise the setting `max_histories`, or give the players coarser choices"));
        }
    }
    telling.check_changes_used()?;
    let text = |id| telling.builder.texts.get(id).to_owned();
    let impossible = telling.impossible.iter().map(|(event, label)| (text(*event), text(*label))).collect();
    let numbers = telling.builder.numbers().expect("every branch of every frame was told");
    let after_removal = telling.after_removal.iter().map(|node| numbers[node.index()]).collect();
    let game = telling.builder.finish(telling.expressions).expect("every branch of every frame was told");
    let onward = vec![None; game.end_count()];
    let (game, endings) = (Arc::new(game), telling.endings);
    Ok(State {
        stage: None,
        value: StateValue::Tuple(Vec::new()),
        game,
        endings,
        impossible,
        after_removal,
        onward,
    })
}
