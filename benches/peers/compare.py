"""Asks Counterplay and its peers the same questions about the same files, checks that the answers agree, and prints a
table. Called by `run`, which installs and builds what is needed."""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import report

HERE = Path(__file__).parent
PRECISION = 10.0
ITERATIONS = 1000
CRISES = ["crisis-2-2-2.efg", "crisis-2-5-3.efg"]

# The largest difference between two probabilities at the same logit equilibrium: we solve to 1e-11 in logits, and
# Gambit follows the branch to a precision that is 10 to about 1e-11.
PLAY_TOLERANCE = 1e-9
# The same sum over the same tree, in another order.
NASH_CONV_TOLERANCE = 1e-12
# We go along the branch to the precision at which sgamesolver takes it to have converged. It keeps within 1e-7 of the branch,
# in logarithms of probabilities.
STOCHASTIC_TOLERANCE = 1e-5


class OutOfTime(Exception):
    """A program took longer than the limit."""


@dataclass
class Row:
    """One comparison: what each side took, and how the check of the answers ended."""

    what: str
    size: str
    ours: dict
    peer: str
    theirs: dict | None
    agrees: bool | None
    check: str


class Programs:
    def __init__(self, arguments):
        self.ours_path, self.limit = arguments.ours, arguments.limit

    def ours(self, *arguments):
        return self.answer([self.ours_path, *map(str, arguments)], None)

    def peer(self, name, question):
        """The answer of a peer, whose virtual environment is its own: their dependencies need not agree."""
        python = HERE / f".venv-{name}" / "bin" / "python"
        return self.answer([str(python), str(HERE / f"with_{name}.py")], question)

    def answer(self, command, question):
        text = None if question is None else json.dumps(question)
        try:
            done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, timeout=self.limit)
        except subprocess.TimeoutExpired:
            raise OutOfTime from None
        if done.returncode != 0:
            sys.exit(f"failed with {done.returncode}: {' '.join(command)}")
        return json.loads(done.stdout)


def quantal(programs, file):
    ours = programs.ours("quantal", file, PRECISION)
    what = f"logit equilibrium at λ = {PRECISION:g}, {file.stem}"
    size = f"{ours['nodes']:,} nodes"
    question = {"task": "quantal", "file": str(file), "precision": PRECISION, "sets": ours["play"]}
    try:
        theirs = programs.peer("gambit", question)
    except OutOfTime:
        return Row(what, size, ours["took"], "pygambit", None, None, "not checked: out of time")
    pairs = [(set_["probabilities"], odds) for set_, odds in zip(ours["play"], theirs["play"], strict=True)]
    apart = max(abs(p - q) for mine, odds in pairs for p, q in zip(mine, odds, strict=True))
    check = f"play differs by {apart:.0e}, may by {PLAY_TOLERANCE:.0e}"
    return Row(what, size, ours["took"], peer_name(theirs), theirs["took"], apart <= PLAY_TOLERANCE, check)


def regret(programs, file, game, ours, peer, name):
    """Two checks. Both programs find the same NashConv for our play. And the values of the two averages differ by no
    more than the sum of their NashConvs, as they must in a zero-sum game."""
    question = {"game": game, "iterations": ITERATIONS, "sets": ours["play"]}
    what = f"CFR+, {ITERATIONS:,} iterations, " + ("leduc_poker" if game == "leduc_poker" else file.name)
    size = f"{ours['nodes']:,} nodes"
    try:
        theirs = programs.peer(peer, question)
    except OutOfTime:
        return Row(what, size, ours["took"], name, None, None, "not checked: out of time")
    judged = abs(ours["nash_conv"] - theirs["nash_conv_of_ours"])
    apart, bound = abs(ours["value"] - theirs["value"]), ours["nash_conv"] + theirs["nash_conv"]
    check = (
        f"NashConv {ours['nash_conv']:.2e}, {theirs['nash_conv']:.2e}; of our play, it differs by {judged:.0e}, "
        f"may by {NASH_CONV_TOLERANCE:.0e}; values differ by {apart:.0e}, may by {bound:.0e}"
    )
    agrees = judged <= NASH_CONV_TOLERANCE and apart <= bound
    return Row(what, size, ours["took"], peer_name(theirs), theirs["took"], agrees, check)


def stochastic(programs, folder):
    """The same random stochastic game, which the peer draws."""
    theirs = programs.peer("sgamesolver", {})
    if theirs["strategies"] is None:
        sys.exit("sgamesolver reached no equilibrium")
    file = folder / "stochastic.json"
    file.write_text(json.dumps({key: theirs[key] for key in ("discount", "precision", "payoffs", "transitions")}))
    ours = programs.ours("markov", file)
    pairs = zip(numbers(ours["strategies"]), numbers(theirs["strategies"]), strict=True)
    apart = max(abs(p - q) for p, q in pairs)
    check = f"play differs by {apart:.0e}, may by {STOCHASTIC_TOLERANCE:.0e}"
    what = f"logit branch to λ = {theirs['precision']:.3g}, random stochastic game, discount {theirs['discount']:g}"
    size = f"{ours['states']} states, 2 players, 5 actions"
    return Row(what, size, ours["took"], peer_name(theirs), theirs["took"], apart <= STOCHASTIC_TOLERANCE, check)


def numbers(nested):
    return [x for inner in nested for x in numbers(inner)] if isinstance(nested, list) else [nested]


def readable(programs, files):
    """The files that Gambit reads, and a line for each that it refuses."""
    read, notes = [], []
    for file in files:
        refusal = programs.peer("gambit", {"task": "read", "file": str(file)})["refusal"]
        if refusal is None:
            read.append(file)
        else:
            notes.append(f"Left out, as pygambit does not read it: {file.parent.parent.name} ({refusal}).")
    return read, notes


def all_and_one(programs, what, files):
    """All extreme equilibria, which have to be the same fractions; and one, which has to be among those that the other
    side found. Seconds of several files are added up."""
    answers = {}
    for task in ("all", "one"):
        for file in files:
            mine = programs.ours(task, file)
            question = {"task": task, "file": str(file)}
            answers.setdefault(task, []).append((mine, programs.peer("gambit", question)))
    found = [(exact(mine), exact(theirs)) for mine, theirs in answers["all"]]
    single = [(exact(mine), exact(theirs)) for mine, theirs in answers["one"]]
    count = sum(len(mine) for mine, _ in found)
    size = f"{count} equilibria"
    same = all(mine == theirs for mine, theirs in found)
    among = all(
        len(mine) == len(theirs) == 1 and mine <= all_theirs and theirs <= all_mine
        for (mine, theirs), (all_mine, all_theirs) in zip(single, found, strict=True)
    )
    return [
        row_of_sums(f"all equilibria, {what}", size, answers["all"], same, "the same fractions"),
        row_of_sums(f"one equilibrium, {what}", size, answers["one"], among, "each among the other's"),
    ]


def row_of_sums(what, size, answers, agrees, check):
    ours = report.total([mine["took"] for mine, _ in answers])
    theirs = report.total([theirs["took"] for _, theirs in answers])
    said = check if agrees else f"NOT {check}"
    return Row(what, size, ours, peer_name(answers[0][1]), theirs, agrees, said)


def exact(answer):
    return {tuple(tuple(map(Fraction, mixed)) for mixed in profile) for profile in answer["equilibria"]}


def peer_name(answer):
    return f"{answer['program']} {answer['version']}"


def two_player_games(catalog):
    def players(file):
        # The first line ends with the players' names in braces, or the text before the strategies does.
        text = file.read_text()
        return text[text.index("{") : text.index("}")].count('"') // 2

    return [file for file in sorted(catalog.glob("*/*/game.nfg")) if players(file) == 2]


def rows(programs, arguments, notes):
    peers, games = arguments.peers, arguments.games
    if "open_spiel" in peers or "liteefg" in peers:
        leduc = games / "leduc.efg"
        ours = programs.ours("regret", leduc, ITERATIONS)
        if "open_spiel" in peers:
            for game in (f"efg_game(filename={leduc})", "leduc_poker"):
                yield regret(programs, leduc, game, ours, "open_spiel", "OpenSpiel")
        if "liteefg" in peers:
            yield regret(programs, leduc, "leduc_poker", ours, "liteefg", "LiteEFG")
    if "gambit" in peers:
        catalog, refused = readable(programs, two_player_games(arguments.catalog))
        notes.extend(refused)
        yield from all_and_one(programs, f"{len(catalog)} games of the catalog", catalog)
        for file in sorted(games.glob("random-*.nfg")):
            yield from all_and_one(programs, file.stem, [file])
        for name in CRISES:
            yield quantal(programs, games / name)
    if "sgamesolver" in peers:
        yield stochastic(programs, games)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True, help="the program `peers` (an example of counterplay-equilibrium)")
    parser.add_argument("--games", type=Path, required=True, help="the folder of generated games")
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds that a program may take for one question")
    parser.add_argument("--peers", nargs="+", default=["open_spiel", "liteefg", "gambit", "sgamesolver"])
    parser.add_argument("--readme", type=Path, help="where to put the table, between its marks")
    arguments = parser.parse_args()
    programs = Programs(arguments)
    done, notes = [], []
    for row in rows(programs, arguments, notes):
        done.append(row)
        print(report.sentence(row), file=sys.stderr, flush=True)
    table = report.page(done, notes, arguments.limit)
    print(table)
    if arguments.readme:
        report.put_into(arguments.readme, table)
    if any(row.agrees is False for row in done):
        sys.exit("answers do not agree")


if __name__ == "__main__":
    main()
