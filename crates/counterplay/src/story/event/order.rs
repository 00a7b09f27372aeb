//! Telling two events that follow each other in the other order.
//!
//! A story is code: it says what its second event is only once it knows how the first turned out. So before the second
//! can be decided first, the story is told once for each way in which the first can turn out, up to the second, and
//! given up there. Only if the second is the same in all of these can it be decided first.

use super::call::LayerResult;
use crate::problem::Problem;
use crate::story::progress::Draft;
use crate::story::progress::EventResult;
use crate::story::progress::{Ahead, Call, Lookahead, Looking};
use crate::story::telling::Telling;
use crate::story::terms::EventName;
use crate::story::terms::{EventSoFar, Seen};
use counterplay_game::id::TextId;

impl Telling<'_> {
    /// What the layer of a change of order makes of a call.
    pub(super) fn reorder(
        &mut self,
        layer: usize,
        call: Call,
        first: &EventName,
        second: &EventName,
    ) -> Result<LayerResult, Problem> {
        if let Some(at) = self.ahead.iter().position(|a| a.layer == layer && a.id == call.id) {
            return Ok(LayerResult::Done(self.ahead.remove(at).turned));
        }
        if let Some(looking) = self.looking.iter().position(|l| l.layer == layer) {
            return Err(self.look(looking, call, second));
        }
        let changes = self.changes;
        if !self.is(call.id, first) || !self.holds(&changes[layer].change, Some(call.id)) {
            return Ok(LayerResult::On(call));
        }
        check_in_turn(&call, first)?;
        let known = self.lookahead(layer);
        let labels = call.draft.labels();
        let way = self.lookaheads[known].ways;
        let Some(&(value, branch)) = labels.get(way) else {
            return self.in_other_order(layer, known, call);
        };
        let label = self.builder.texts.get(value).to_owned();
        self.looking.push(Looking {
            layer,
            first: first.to_string(),
            second: second.to_string(),
            way,
            label,
        });
        self.happened.push(EventSoFar { event: call.id, name: call.name, value, seen: Seen::NOBODY });
        let turned = EventResult { branch, index: self.happened.len() - 1, view: Seen::NOBODY };
        Ok(LayerResult::Done(Some(turned)))
    }

    fn in_other_order(&mut self, layer: usize, known: usize, call: Call) -> Result<LayerResult, Problem> {
        self.changes_used[layer] = true;
        let second = self.lookaheads[known].second.clone();
        let second =
            second.ok_or_else(|| Problem::new("an event that can turn out in no way has no order"))?;
        let (id, name) = (second.id, second.name);
        let turned = self.pass(layer + 1, second)?;
        let first = self.pass(layer + 1, call)?;
        self.ahead.push(Ahead { layer, id, name, turned });
        Ok(LayerResult::Done(first))
    }

    /// The number of what was found out at the present place.
    fn lookahead(&mut self, layer: usize) -> usize {
        let position = self.position;
        let others = self.looking.iter().filter(|l| l.layer != layer);
        let under: Vec<(usize, usize)> = others.map(|l| (l.layer, l.way)).collect();
        let same = |l: &Lookahead| l.layer == layer && l.position == position && l.under == under;
        self.lookaheads.iter().position(same).unwrap_or_else(|| {
            self.lookaheads.push(Lookahead { layer, position, under, ways: 0, second: None });
            self.lookaheads.len() - 1
        })
    }

    /// Notes what follows the first event, and gives up this telling; the problem is real unless it is given up.
    fn look(&mut self, looking: usize, call: Call, second: &EventName) -> Problem {
        let looking = self.looking[looking].clone();
        if !self.is(call.id, second) {
            return does_not_follow(&looking, &format!("`{}` does", self.name_of(call.id)));
        }
        if let Err(problem) = check_in_turn(&call, second) {
            return problem;
        }
        let known = self.lookahead(looking.layer);
        if let Some(before) = self.lookaheads[known].second.clone()
            && before != call
        {
            return self.hangs_on_first(&looking, &before, &call);
        }
        let known = &mut self.lookaheads[known];
        known.second = Some(call);
        known.ways += 1;
        self.given_up = true;
        Problem::new("the telling is given up: what follows is known now")
    }

    /// Refuses a history that ends, or reveals something, where a second event is looked for.
    pub(crate) fn check_not_looking(&self, instead: &str) -> Result<(), Problem> {
        self.looking.first().map_or(Ok(()), |looking| Err(does_not_follow(looking, instead)))
    }

    fn hangs_on_first(&self, looking: &Looking, before: &Call, now: &Call) -> Problem {
        let Looking { first, second, label, .. } = looking;
        let labels = |call: &Call| {
            let label = |l: &(TextId, usize)| format!("`{}`", self.builder.texts.get(l.0));
            call.draft.labels().iter().map(label).collect::<Vec<_>>().join(", ")
        };
        let what = if before.mover != now.mover {
            "who decides it".to_owned()
        } else if before.draft.labels() != now.draft.labels() {
            format!("what it can be ({} or {})", labels(before), labels(now))
        } else if matches!(now.draft, Draft::Chance { .. }) && before.draft != now.draft {
            "its probabilities".to_owned()
        } else {
            "who sees it".to_owned()
        };
        Problem::new(format!(
            "`{first}` and `{second}` cannot be swapped: {what} at `{second}` depends on how `{first}` turns out, \
             as after `{label}`"
        ))
        .hint("what is decided first cannot depend on what is decided after it")
    }
}

/// The second event does not come right after the first.
fn does_not_follow(looking: &Looking, instead: &str) -> Problem {
    let Looking { first, second, label, .. } = looking;
    Problem::new(format!(
        "`{first}` and `{second}` cannot be swapped: after `{first}` = `{label}`, `{second}` does not follow; {instead}"
    ))
    .hint("two events can be swapped where the second comes right after the first, however that turns out")
}

/// Refuses an event that is decided together with others.
fn check_in_turn(call: &Call, event: &EventName) -> Result<(), Problem> {
    if call.at_once {
        return Ok(());
    }
    Err(Problem::new(format!(
        "`{event}` is decided at the same time as others, so it has no place in an order"
    ))
    .hint("only events that are decided one after the other can be swapped"))
}
