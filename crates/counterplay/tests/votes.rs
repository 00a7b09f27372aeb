//! Votes: the rules, the chances against enumeration of what every member may do, and what changes to a vote do.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Dice, History, analysed, answer, conditional, many_replays, probability, scenario, told};
use counterplay::story::vote::{Base, Rule, Tally, Threshold};

/// The histories of a scenario in which everything is known.
fn histories(declared: &str, play: &str) -> Vec<History> {
    let play: String = play.lines().fold(String::new(), |text, line| text + "    " + line + "\n");
    told(&scenario(&format!(
        "scenario(\"A vote\", players = [\"A\", \"B\", \"C\"])\n{declared}\nprecision(\"precision\", point(1))\n\
         def play(g):\n{play}    g.pay(\"A\", 0)\n"
    )))
}

fn share(all: &[History], event: &str, label: &str) -> f64 {
    conditional(all, |h| h.is(event, label), |_| true)
}

#[test]
fn a_tie_fails_and_who_counts_is_as_the_rule_says() {
    let tally = |ayes, noes, abstaining, absent| Tally { ayes, noes, abstaining, absent };
    let passes = |threshold, base, tally| Rule { threshold, base }.passes(tally);
    for base in [Base::AllMembers, Base::ThosePresent, Base::VotesCast] {
        assert!(!passes(Threshold::Majority, base, tally(5, 5, 0, 0)));
        assert!(passes(Threshold::Majority, base, tally(6, 5, 0, 0)));
        assert!(passes(Threshold::AtLeast(2.0 / 3.0), base, tally(6, 3, 0, 0)), "two thirds, exactly");
        assert!(!passes(Threshold::AtLeast(2.0 / 3.0), base, tally(5, 3, 0, 0)));
    }
    let split = tally(5, 3, 2, 1);
    assert!(!passes(Threshold::Majority, Base::AllMembers, split), "5 of 11");
    assert!(!passes(Threshold::Majority, Base::ThosePresent, split), "5 of 10");
    assert!(passes(Threshold::Majority, Base::VotesCast, split), "5 of 8");
    assert!(
        passes(Threshold::Votes(5), Base::AllMembers, split)
            && !passes(Threshold::Votes(6), Base::AllMembers, split)
    );
    for threshold in [Threshold::Majority, Threshold::AtLeast(0.1)] {
        assert!(
            !passes(threshold, Base::VotesCast, tally(0, 0, 4, 3)),
            "where no vote is cast, nothing passes"
        );
    }
}

/// The votes of each member: for, against, abstain, absent, with their chances.
type Member = [f64; 4];

/// The chance of each tally, member by member.
fn by_enumeration(members: &[Member]) -> Vec<(Tally, f64)> {
    let mut all = vec![(Tally::default(), 1.0)];
    for member in members {
        let mut next: Vec<(Tally, f64)> = Vec::new();
        for (tally, p) in all {
            for (index, q) in member.iter().enumerate() {
                let mut tally = tally;
                let counts = [&mut tally.ayes, &mut tally.noes, &mut tally.abstaining, &mut tally.absent];
                *counts.into_iter().nth(index).unwrap() += 1;
                next.push((tally, p * q));
            }
        }
        // Only to keep the list short: what every member may do is still gone through.
        next.sort_by_key(|n| n.0);
        next.dedup_by(|b, a| {
            if a.0 == b.0 {
                a.1 += b.1;
                true
            } else {
                false
            }
        });
        all = next;
    }
    all
}

#[test]
fn the_chance_of_a_result_is_that_of_all_ways_in_which_members_can_vote() {
    let mut dice = Dice::new(7);
    let bases = [
        ("all members", Base::AllMembers),
        ("those present", Base::ThosePresent),
        ("votes cast", Base::VotesCast),
    ];
    for round in 0..12 {
        let p: Vec<f64> = (0..6).map(|_| 0.3 * dice.uniform()).collect();
        let (of, base) = bases[round % 3];
        let (threshold, words) = match round % 4 {
            0 if base == Base::AllMembers => (Threshold::Votes(6), "6"),
            1 => (Threshold::AtLeast(0.6), "0.6"),
            _ => (Threshold::Majority, "\"majority\""),
        };
        let of = if words == "6" { String::new() } else { format!(", of = \"{of}\"") };
        let declared: Vec<String> =
            p.iter().enumerate().map(|(i, p)| format!("p{i} = param(\"p{i}\", point({p}))\n")).collect();
        let declared = declared.concat();
        let call = |more: &str| {
            format!(
                "g.vote(\"motion\", {{\"A\": 4, \"B\": 3, \"C\": 2}}, {words}{of}, bound = {{\"A\": \"yes\", \"B\": \"no\", \
                 \"C\": \"abstain\"}}, defect = {{\"A\": {{\"no\": p0, \"absent\": p1}}, \"B\": p2, \"C\": {{\"yes\": p3, \
                 \"no\": p4, \"absent\": p5}}}}{more})"
            )
        };
        let a = [1.0 - p[0] - p[1], p[0], 0.0, p[1]];
        let (b, c) = ([p[2], 1.0 - p[2], 0.0, 0.0], [p[3], p[4], 1.0 - p[3] - p[4] - p[5], p[5]]);
        let members = [vec![a; 4], vec![b; 3], vec![c; 2]].concat();
        let tallies = by_enumeration(&members);
        let rule = Rule { threshold, base };
        let expected: f64 = tallies.iter().filter(|t| rule.passes(t.0)).map(|t| t.1).sum();
        let found = share(&histories(&declared, &call("")), "motion", "passed");
        assert!((found - expected).abs() < 1e-13, "{words} of {of}: {found} is not {expected}");

        let drawn = histories(&declared, &call(", draw_tally = True"));
        assert!((share(&drawn, "motion", "passed") - expected).abs() < 1e-13);
        for (tally, p) in tallies {
            assert!((share(&drawn, "motion: tally", &tally.words()) - p).abs() < 1e-13, "{}", tally.words());
        }
    }
}

/// A chamber of 113 in which members of both large blocs break ranks, against the recursion over single members.
#[test]
fn the_chance_in_a_large_chamber_is_exact_down_to_its_tail() {
    for (loose, threshold) in [(0.02, 57), (0.3, 61), (0.001, 62)] {
        let declared = format!("p = param(\"p\", point({loose}))");
        let call = format!(
            "g.vote(\"motion\", {{\"A\": 54, \"B\": 51, \"C\": 8}}, {threshold}, bound = {{\"A\": \"yes\", \"B\": \"no\", \
             \"C\": \"yes\"}}, defect = {{\"A\": p, \"B\": p / 2}})"
        );
        let all = histories(&declared, &call);
        let mut ayes = vec![1.0];
        for member in 0..113 {
            let p = if member < 54 {
                1.0 - loose
            } else if member < 105 {
                loose / 2.0
            } else {
                1.0
            };
            let mut next = vec![0.0; ayes.len() + 1];
            for (n, q) in ayes.iter().enumerate() {
                next[n] += q * (1.0 - p);
                next[n + 1] += q * p;
            }
            ayes = next;
        }
        let passes: f64 = ayes[threshold..].iter().sum();
        let fails: f64 = ayes[..threshold].iter().sum();
        for (label, expected) in [("passed", passes), ("failed", fails)] {
            let found = share(&all, "motion", label);
            assert!((found / expected - 1.0).abs() < 1e-11, "{label} at {loose}: {found} is not {expected}");
        }
    }
}

/// A result can be forced, foreseen or not, also where the votes rule it out.
#[test]
fn a_result_can_be_forced_and_a_vote_forbidden_or_removed() {
    let text = r#"
scenario("A vote", players = ["A", "B", "C"], about = {"motion": "passed"})
precision("precision", point(2))
def play(g):
    vote = g.vote("motion", {"A": 3, "B": 2, "C": 2}, "majority", of = "those present", bound = {"C": "no"})
    g.pay("A", 1 if vote.votes["A"] == "yes" else 0)
    g.outcome("motion", vote.result)
    g.outcome("second motion", g.vote("second motion", {"A": 3, "B": 2}, 3, bound = {"A": "no", "B": "yes"}, defect = {"A": 0.1}).result)
    g.outcome("for and against", (vote.tally["for"], vote.tally["against"], vote.tally["absent"]))
record({"motion: A": "no", "motion": "failed", "second motion": "failed"})
what_if("carried, foreseen", do({"motion": "passed"}), foreseen_by = ALL)
what_if("carried by surprise", do({"motion": "passed"}))
what_if("a stray vote", do({"second motion": "passed"}))
what_if("A may not be against", forbid("motion: A", "no"), do({"motion: B": "no"}))
what_if("A is away", remove("motion: A"), do({"motion: B": "yes"}))
what_if("all for it", do({"motion: A": "yes", "motion: B": "yes"}))
"#;
    let analysis = analysed(&scenario(text), &many_replays());
    let of =
        |name: &str, outcome: &str, value: &str| probability(&answer(&analysis, name).world, outcome, value);
    assert_eq!(of("carried, foreseen", "motion", "passed"), 1.0);
    assert_eq!(of("carried by surprise", "motion", "passed"), 1.0);
    assert_eq!(of("a stray vote", "second motion", "passed"), 1.0);
    assert_eq!(of("A may not be against", "for and against", "(3, 4, 0)"), 1.0);
    assert_eq!(of("A is away", "for and against", "(2, 2, 3)"), 1.0);
    assert_eq!(of("A is away", "motion", "failed"), 1.0, "a tie of those present fails");
    assert_eq!(of("all for it", "motion", "passed"), 1.0);
}

/// In a roll call the last bloc knows how the others voted; in a vote together it does not.
#[test]
fn a_roll_call_is_heard_by_the_blocs_that_follow() {
    let text = |order: &str| {
        format!(
            r#"
scenario("A vote", players = ["A", "B", "C"])
precision("precision", point(6))
def play(g):
    vote = g.vote("motion", {{"A": 1, "B": 1}}, 1, order = "{order}", votes_seen_by = NOBODY)
    g.pay("A", 0)
    g.pay("B", 1 if vote.votes["A"] == vote.votes["B"] else 0)
"#
        )
    };
    let agree = |order: &str| {
        let all = told(&scenario(&text(order)));
        conditional(&all, |h| h.label("motion: A") == h.label("motion: B"), |_| true)
    };
    assert!((agree("together") - 0.5).abs() < 1e-9);
    assert!((agree("roll call") - 1.0 / (1.0 + (-6.0_f64).exp())).abs() < 1e-9);
}

/// Five states with populations in millions; three of them and 65% of 295 have to be for it.
const STATES: [(&str, f64); 5] = [("DE", 83.0), ("FR", 68.0), ("IT", 59.0), ("ES", 48.0), ("PL", 37.0)];

/// A vote of the five states, each bound to its vote.
fn council(yes: [bool; 5], rest: &str) -> String {
    let part = |of: &dyn Fn(usize) -> String| {
        let all: Vec<String> = (0..5).map(|i| format!("\"{}\": {}", STATES[i].0, of(i))).collect();
        format!("{{{}}}", all.join(", "))
    };
    let (seats, weights) = (part(&|_| "1".to_owned()), part(&|i| STATES[i].1.to_string()));
    let bound = part(&|i| if yes[i] { "\"yes\"" } else { "\"no\"" }.to_owned());
    let rest = rest.replace("WEIGHTS", &weights);
    format!("g.vote(\"council\", {seats}, 3, bound = {bound}, {rest})")
}

#[test]
fn a_motion_that_has_to_meet_two_rules_passes_with_the_coalitions_that_meet_both() {
    let rules = "also = [{\"weights\": WEIGHTS, \"threshold\": 0.65}]";
    let blocking = "also = [{\"weights\": WEIGHTS, \"threshold\": 0.65, \"against_below\": 2}]";
    let mut swings = [0; 5];
    let wins = |yes: [bool; 5]| {
        let states = yes.iter().filter(|y| **y).count();
        let people: f64 = (0..5).filter(|&i| yes[i]).map(|i| STATES[i].1).sum();
        (states >= 3 && people >= 0.65 * 295.0, states >= 4 || states >= 3 && people >= 0.65 * 295.0)
    };
    for coalition in 0..32u32 {
        let yes: [bool; 5] = std::array::from_fn(|i| coalition >> i & 1 == 1);
        let passed = |rest: &str| share(&histories("", &council(yes, rest)), "council", "passed");
        let (both, either) = wins(yes);
        assert_eq!(passed(rules), f64::from(u8::from(both)), "{yes:?}");
        assert_eq!(passed(blocking), f64::from(u8::from(either)), "{yes:?}");
        for i in (0..5).filter(|&i| yes[i] && both) {
            let mut without = yes;
            without[i] = false;
            swings[i] += u32::from(!wins(without).0);
        }
    }
    // As counted by hand over the 32 coalitions.
    assert_eq!(swings, [6, 6, 4, 4, 2]);
}

#[test]
fn chances_under_two_rules_are_summed_over_which_members_break_ranks() {
    let p = 0.2;
    let defect = STATES.map(|s| format!("\"{}\": p", s.0)).join(", ");
    let rest = format!("also = [{{\"weights\": WEIGHTS, \"threshold\": 192}}], defect = {{{defect}}}");
    let declared = format!("p = param(\"p\", point({p}))");
    let found =
        share(&histories(&declared, &council([true, true, true, false, false], &rest)), "council", "passed");
    let mut expected = 0.0;
    for coalition in 0..32u32 {
        let yes = |i: usize| coalition >> i & 1 == 1;
        let people: f64 = (0..5).filter(|&i| yes(i)).map(|i| STATES[i].1).sum();
        if coalition.count_ones() >= 3 && people >= 192.0 {
            let chance = |i: usize| if yes(i) == (i < 3) { 1.0 - p } else { p };
            expected += (0..5).map(chance).product::<f64>();
        }
    }
    assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
}
