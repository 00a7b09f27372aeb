//! Scenarios made to exhaust something: each is read or refused, and does not bring the process down.

use std::fmt::Write as _;

use counterplay::check::check;
use counterplay::problem::Problem;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_language::{Files, ReadLimits, read};

const HEAD: &str = "scenario(\"A test\", players = [\"A\"])\nprecision(\"precision\", point(1))\n";
const PLAY: &str =
    "\ndef play(g):\n    g.choose(\"A\", \"offer\", [1, 2])\n    g.end(payoffs = {\"A\": 0})\n";

fn problems(top: &str, play: &str) -> Vec<Problem> {
    match read("bounds", &Files::of_scenario(format!("{HEAD}{top}\n{play}")), &ReadLimits::default()) {
        Ok(scenario) => check(&scenario, Limits::default(), &Unwatched).problems,
        Err(error) => error.problems().to_vec(),
    }
}

fn accepted(top: &str) {
    let problems = problems(top, PLAY);
    assert!(problems.is_empty(), "{}: {}", &top[..top.len().min(60)], problems[0].message);
}

fn refused(top: &str) {
    assert!(!problems(top, PLAY).is_empty(), "{}", &top[..top.len().min(60)]);
}

#[test]
fn what_is_as_deep_as_allowed_fits_on_the_stack() {
    accepted(&format!("x = {}1{}", "[".repeat(199), "]".repeat(199)));
    accepted(&format!("x = 1{}", " + 1".repeat(740)));
    accepted(&format!("x = {}1", "-".repeat(1400)));
    accepted(&format!("x = {}1", "not ".repeat(1400)));
    accepted(&format!("x = {}1", "lambda: ".repeat(700)));
    accepted(&format!("x = {}1", "1 if True else ".repeat(340)));
    accepted(&format!("x = True{}", " and True".repeat(700)));
    accepted(&format!("x = \"a\"{}", ".strip()".repeat(370)));
    accepted(&format!("l = [0]\nx = l{}", "[:]".repeat(700)));
    accepted(&format!("if False:\n    pass\n{}", "elif False:\n    pass\n".repeat(90)));
    let mut nested = String::new();
    for depth in 0..95 {
        writeln!(nested, "{}if True:", " ".repeat(depth)).unwrap();
    }
    accepted(&format!("{nested}{}pass", " ".repeat(95)));
    accepted(&format!("x = {}1{}", "[".repeat(150), ", 1 + 1 + 1 + 1]".repeat(150)));
}

#[test]
fn functions_may_wait_for_each_other_as_deep_as_allowed() {
    accepted("def f(n):\n    return 0 if n == 0 else f(n - 1)\nx = f(95)");
    accepted("def f(n):\n    return 0 if n == 0 else max([n], key = lambda n: f(n - 1))\nx = f(20)");
    refused("def f(n):\n    return min([n], key = f)\nx = f(1)");
    refused("def f(n):\n    return sorted([n], key = f)\nx = f(1)");
    for key in ["min", "sorted"] {
        let play = format!("def f(n):\n    return {key}([n], key = f)\ndef play(g):\n    f(1)\n");
        assert_eq!(problems("", &play)[0].message, "functions call each other more than 100 deep");
    }
}

#[test]
fn values_nested_without_end_are_refused() {
    refused("l = []\nfor i in range(100000):\n    l = [l]");
    refused("l = []\nfor i in range(100000):\n    l = [l]\nx = str(l)");
    refused("l = {}\nfor i in range(100000):\n    l = {1: l}");
    refused(
        "def deep():\n    l = []\n    for i in range(100000):\n        l = [l]\n    return str(l)\nx = deep()",
    );
    refused(
        "def deep():\n    l, m = (), ()\n    for i in range(20000):\n        l, m = (l,), (m,)\n    return l == m\nx = deep()",
    );
    refused(
        "def deep():\n    l, m = (), ()\n    for i in range(5000):\n        l, m = (l, l), (m, m)\n    return l == m\nx = deep()",
    );
}

#[test]
fn what_grows_out_of_little_is_refused() {
    for grow in [
        "s = s + s",
        "s += s",
        "s = s * 2",
        "s *= 2",
        "s = \"%s%s\" % (s, s)",
        "s = \"{}{}\".format(s, s)",
        "s = s.join([s, s])",
        "s = s.replace(\"a\", \"aaaa\")",
        "s = \"\".join([s, s])",
        "s = str([s, s])",
    ] {
        refused(&format!(
            "def f():\n    s = \"aa\"\n    for i in range(80):\n        {grow}\n    return s\nx = f()"
        ));
    }
    for grow in ["l = l + l", "l += l", "l = l * 2", "l.extend(l)", "l = [l] * 2 + l + l"] {
        refused(&format!(
            "def f():\n    l = [1, 2]\n    for i in range(80):\n        {grow}\n    return len(l)\nx = f()"
        ));
    }
    for grow in ["n = n * n", "n *= n", "n = n << 60", "n <<= 60"] {
        refused(&format!(
            "def f():\n    n = 3\n    for i in range(80):\n        {grow}\n    return n\nx = f()"
        ));
    }
}

#[test]
fn line_ends_and_letters_of_all_kinds_are_read() {
    let text = format!("{HEAD}{PLAY}").replace('\n', "\r\n");
    let scenario =
        read("crlf", &Files::of_scenario(text), &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"));
    assert!(check(&scenario, Limits::default(), &Unwatched).problems.is_empty());
    let problems = problems("n = \"Müller, 東京\" + 1", PLAY);
    let place = problems[0].place.clone().unwrap();
    assert_eq!((place.line, place.column, place.width), (3, 5, 16));
}
