//! How it went: the timeline, what players believed, how they play, the tree, and a process stage by stage.

use counterplay_analysis::{Analysis, PlayPoint, TreeNode};

use super::{Field, Table, spread, spread_of};

/// The timeline: each action that was open at each step.
pub(super) fn timeline(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "timeline",
        "an action at a step of what happened",
        &[
            ("*step", "the step, from 1"),
            ("event", "the event"),
            ("occurrence", "which occurrence of it, from 1"),
            ("player", "who decided; empty for chance"),
            ("*action", "the action"),
            ("happened", "whether the record says that this happened"),
            ("foreseen", "its probability as play foresaw it, given the record up to here, 0 to 1"),
            ("given_record", "its probability given the whole record, 0 to 1"),
            ("about_probability", "after this step, the probability of what the case is about, 0 to 1"),
            ("about_low", "5% quantile over the posterior"),
            ("about_high", "95% quantile over the posterior"),
            ("about_error", "Monte Carlo standard error of the mean"),
        ],
    );
    for (index, step) in analysis.timeline.iter().enumerate() {
        for (action, foreseen) in &step.foreseen {
            let given = step.given_record.iter().find(|(name, _)| name == action);
            table.add(
                [Field::Whole(index + 1), Field::text(&step.event), Field::Whole(step.occurrence)]
                    .into_iter()
                    .chain([step.player.as_deref().unwrap_or_default(), action].map(Field::text))
                    .chain([Field::Truth(step.recorded && step.action == *action), (*foreseen).into()])
                    .chain([Field::from(given.map_or(0.0, |g| g.1))])
                    .chain(spread(&step.about_probability)),
            );
        }
    }
    table
}

/// What each player expected, and believed of what it had not seen.
pub(super) fn beliefs(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "beliefs",
        "what a player believed of an event that it had not seen, when the story came to another",
        &[
            ("*at", "the event that the story had come to; empty at its end"),
            ("*player", "the player"),
            ("*event", "the event that it had not seen; empty for its expected payoff"),
            ("*label", "what that event may have turned out as; empty for the expected payoff"),
            ("value", "posterior mean of its belief, 0 to 1, or of its expected payoff, in points"),
            ("low", "5% quantile over the posterior"),
            ("high", "95% quantile over the posterior"),
            ("error", "Monte Carlo standard error of the mean"),
        ],
    );
    for moment in &analysis.questions.expectations {
        for view in &moment.views {
            let mut add = |event: &str, label: &str, value| {
                let key = [&moment.event, &view.player, event, label].map(Field::text);
                table.add(key.into_iter().chain(spread(value)));
            };
            add("", "", &view.payoff);
            for (event, labels) in &view.beliefs {
                for (label, belief) in labels {
                    add(event, label, belief);
                }
            }
        }
    }
    table
}

/// Play at the posterior mean.
pub(super) fn play(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "play",
        "an action at an information set, at the posterior mean",
        &[
            ("*set", "the information set, from 1"),
            ("stage", "the stage of a process; empty for a story that ends"),
            ("state", "its state"),
            ("player", "who decides"),
            ("event", "the event"),
            ("knows", "what the player knows, as `event: label; ...`"),
            ("reach_probability", "the probability that the information set is reached, 0 to 1"),
            ("*action", "the action"),
            ("probability", "its probability, 0 to 1"),
        ],
    );
    let mut set = 0;
    let mut add = |stage: &str, state: &str, point: &PlayPoint| {
        set += 1;
        let knows: Vec<String> =
            point.knows.iter().map(|(event, label)| format!("{event}: {label}")).collect();
        for (action, probability) in &point.actions {
            table.add(
                [Field::Whole(set)]
                    .into_iter()
                    .chain([stage, state, &point.player, &point.event, &knows.join("; ")].map(Field::text))
                    .chain([point.reach_probability.into(), Field::text(action), (*probability).into()]),
            );
        }
    };
    match &analysis.process {
        Some(process) => {
            for state in &process.states {
                state.play.iter().for_each(|point| add(&state.stage, &state.state, point));
            }
        }
        None => analysis.play.points.iter().for_each(|point| add("", "", point)),
    }
    table
}

/// The drawn tree.
pub(super) fn tree(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "tree",
        "a node of the tree as it is drawn, at the posterior mean",
        &[
            ("*node", "the node, from 1 in depth-first order"),
            ("parent", "the node before it; missing for the first"),
            ("action", "the action or label that leads to it; empty for the first"),
            ("probability", "that action's probability, 0 to 1"),
            ("event", "the event here; empty at an end and where branches are left out"),
            ("player", "who decides; empty for chance and at an end"),
            ("reach_probability", "the probability that it is reached, 0 to 1"),
            ("about_probability", "the probability of what the case is about from here on, 0 to 1"),
            ("histories", "histories below it"),
            ("on_record", "whether the recorded history may pass here"),
            ("outcomes", "at an end, the outcomes as `outcome: value; ...`"),
        ],
    );
    add_nodes(&mut table, &analysis.tree, None, "", 1.0);
    table
}

fn add_nodes(table: &mut Table, node: &TreeNode, parent: Option<usize>, action: &str, probability: f64) {
    let own = table.rows.len() + 1;
    let outcomes: Vec<String> = node.outcomes.iter().map(|o| format!("{}: {}", o.outcome, o.value)).collect();
    table.add(
        [Field::Whole(own), parent.map_or(Field::Missing, Field::Whole), Field::text(action)]
            .into_iter()
            .chain([probability.into(), Field::text(&node.event)])
            .chain([Field::text(node.player.as_deref().unwrap_or_default())])
            .chain([node.reach_probability, node.about_probability].map(Field::from))
            .chain([Field::Whole(node.histories), Field::Truth(node.on_record)])
            .chain([Field::Text(outcomes.join("; "))]),
    );
    for branch in &node.branches {
        add_nodes(table, &branch.node, Some(own), &branch.action, branch.probability);
    }
}

/// A process, stage by stage.
pub(super) fn stages(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "stages",
        "a value of an outcome, or the mean of a number, in a stage of a process",
        &[
            ("*what_if", "the what-if; empty for the world as it was"),
            ("*outcome", "the outcome or measured quantity"),
            ("*stage", "how many stages were handed over before, from 0"),
            ("*value", "the value; empty for the mean of a number"),
            ("stated", "the probability that it is stated by then, 0 to 1"),
            ("probability", "the value's probability, 0 to 1; missing for the mean"),
            ("mean", "posterior mean of the mean, in its own unit; missing for a value"),
            ("low", "5% quantile of the mean over the posterior"),
            ("high", "95% quantile of the mean over the posterior"),
            ("error", "Monte Carlo standard error of the mean"),
        ],
    );
    let series = analysis.process.iter().flat_map(|process| &process.series);
    for world in series {
        let what_if = world.what_if.as_deref().unwrap_or_default();
        for outcome in &world.outcomes {
            for point in &outcome.points {
                let mut add = |value: &str, probability: Field, mean: [Field; 4]| {
                    let key =
                        [Field::text(what_if), Field::text(&outcome.outcome), Field::Whole(point.stage)];
                    let about = [Field::text(value), point.stated.into(), probability];
                    table.add(key.into_iter().chain(about).chain(mean));
                };
                if let Some(mean) = &point.mean {
                    add("", Field::Missing, spread(mean));
                }
                for (value, probability) in &point.values {
                    add(value, (*probability).into(), spread_of(None));
                }
            }
        }
    }
    table
}
