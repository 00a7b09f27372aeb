//! Trees of our own as exact extensive forms.

use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::{Expressions, ParameterId};
use counterplay_game::extensive::{ExtensiveForm, Malformed};
use counterplay_game::gambit::{read_efg, write_efg};
use counterplay_game::id::{EventId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};

/// Chance makes Ann strong with the probability that is the parameter; Ann knows, Bo does not.
fn signalling() -> Game {
    let mut builder = TreeBuilder::new(vec!["Ann".into(), "Bo".into()]);
    let mut expressions = Expressions::new();
    let p = expressions.parameter(ParameterId::new(0));
    let one = expressions.constant(1.0);
    let q = expressions.subtract(one, p);
    let [strength, strong, weak, act, on, off] =
        ["strength", "strong", "weak", "act", "on", "off"].map(|t| builder.texts.intern(t));
    let chance = builder.chance(&[(strong, p), (weak, q)]);
    let event = builder.event(strength, 1);
    let root = builder.add(None, Kind::Chance(chance), event);
    let answer = builder.texts.intern("answer");
    let (act_event, answer_event) = (builder.event(act, 1), builder.event(answer, 1));
    for (branch, label) in [strong, weak].into_iter().enumerate() {
        let knows = builder.knowledge.after(Knowledge::nothing(), strength, label);
        // Bo's information set is met before Ann's second one, so that the order of the file is another.
        let ann = builder.info_set(PlayerId::new(0), act, knows, &[on, off]).unwrap();
        let bo = builder.info_set(PlayerId::new(1), answer, Knowledge::nothing(), &[on, off]).unwrap();
        let first = builder.add(Some((root, branch)), Kind::Decision(ann), act_event);
        for act in 0..2 {
            let second = builder.add(Some((first, act)), Kind::Decision(bo), answer_event);
            for reply in 0..2 {
                let payoff = expressions.constant((4 * branch + 2 * act + reply) as f64 / 10.0);
                let end = builder.end(End { payoffs: vec![payoff, p], tag: 0 });
                builder.add(Some((second, reply)), Kind::End(end), EventId::new(0));
            }
        }
    }
    builder.finish(expressions).unwrap()
}

#[test]
fn a_tree_at_a_point_is_written_with_short_decimals_and_knowledge() {
    let game = signalling();
    let form = ExtensiveForm::of_game(&game, &game.at(&game.expressions().evaluate(&[0.3]))).unwrap();
    let text = write_efg(&form);
    assert_eq!(
        text,
        "EFG 2 R \"\" { \"Ann\" \"Bo\" }\n\"\"\n\n\
         c \"\" 1 \"strength\" { \"strong\" 0.3 \"weak\" 0.7 } 0\n\
         p \"\" 1 1 \"act (strength = strong)\" { \"on\" \"off\" } 0\n\
         p \"\" 2 1 \"answer\" { \"on\" \"off\" } 0\n\
         t \"\" 1 \"\" { 0, 0.3 }\n\
         t \"\" 2 \"\" { 0.1, 0.3 }\n\
         p \"\" 2 1 \"answer\" { \"on\" \"off\" } 0\n\
         t \"\" 3 \"\" { 0.2, 0.3 }\n\
         t \"\" 4 \"\" { 0.3, 0.3 }\n\
         p \"\" 1 2 \"act (strength = weak)\" { \"on\" \"off\" } 0\n\
         p \"\" 2 1 \"answer\" { \"on\" \"off\" } 0\n\
         t \"\" 5 \"\" { 0.4, 0.3 }\n\
         t \"\" 6 \"\" { 0.5, 0.3 }\n\
         p \"\" 2 1 \"answer\" { \"on\" \"off\" } 0\n\
         t \"\" 7 \"\" { 0.6, 0.3 }\n\
         t \"\" 8 \"\" { 0.7, 0.3 }\n"
    );
    assert_eq!(read_efg(&text), Ok(form));
}

#[test]
fn probabilities_that_rounding_keeps_from_one_sum_to_one_exactly() {
    let game = signalling();
    for p in [1.0 / 3.0, 0.1 + 0.2, 1e-17, 0.999_999_999_999_999_9] {
        let numbers = game.at(&game.expressions().evaluate(&[p]));
        let form = ExtensiveForm::of_game(&game, &numbers).unwrap();
        assert_eq!(read_efg(&write_efg(&form)), Ok(form));
    }
}

#[test]
fn what_is_no_number_or_no_probability_is_refused() {
    let game = signalling();
    let at = |p: f64| ExtensiveForm::of_game(&game, &game.at(&game.expressions().evaluate(&[p])));
    assert_eq!(at(1.5), Err(Malformed::Probabilities { number: 1 }));
    assert_eq!(at(f64::NAN), Err(Malformed::Probabilities { number: 1 }));
    let mut numbers = game.at(&game.expressions().evaluate(&[0.5]));
    numbers.payoffs[3] = f64::INFINITY;
    assert_eq!(ExtensiveForm::of_game(&game, &numbers), Err(Malformed::Number));
    numbers.payoffs[3] = 1e305;
    assert_eq!(ExtensiveForm::of_game(&game, &numbers), Err(Malformed::Number));
}
