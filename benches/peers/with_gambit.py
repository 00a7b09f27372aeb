"""Gambit's side, through pygambit: reads a question from standard input, solves it from its file, prints JSON.

A question is {"task": "quantal", "file": ..., "precision": ..., "sets": [{"branches": [...]}, ...]}, or one with the
task "all", "one" or "read". `sets` names information sets by the branches that lead from the root to their first node."""

import json
import sys
from importlib.metadata import version

import pygambit

from measure import repeated


def quantal(question):
    game = pygambit.read_efg(question["file"])
    found, took = repeated(lambda: pygambit.qre.logit_solve_lambda(game, question["precision"])[0])
    places, place = [], 0
    for player in game.players:
        for info_set in player.infosets:
            count = len(list(info_set.actions))
            places.append((info_set, range(place, place + count)))
            place += count
    assert place == len(found)
    play = []
    for asked in question["sets"]:
        at = info_set_after(game, asked["branches"])
        play.append(next([found[k] for k in span] for info_set, span in places if info_set == at))
    return {"took": took, "play": play}


def info_set_after(game, branches):
    node = game.root
    for branch in branches:
        node = list(node.children)[branch]
    return node.infoset


def read(question):
    """Whether Gambit reads the file at all, and if not what it says."""
    try:
        pygambit.read_nfg(question["file"])
    except ValueError as refusal:
        return {"refusal": str(refusal)}
    return {"refusal": None}


def all_equilibria(question):
    return strategic(question, lambda game: pygambit.nash.enummixed_solve(game))


def one_equilibrium(question):
    return strategic(question, lambda game: pygambit.nash.lcp_solve(game, stop_after=1))


def strategic(question, solve):
    """Equilibria as exact fractions, by player and strategy."""
    game = pygambit.read_nfg(question["file"])
    found, took = repeated(lambda: solve(game))
    equilibria = [
        [[str(profile[strategy]) for strategy in player.strategies] for player in game.players]
        for profile in found.equilibria
    ]
    return {"took": took, "equilibria": equilibria}


if __name__ == "__main__":
    question = json.load(sys.stdin)
    tasks = {"quantal": quantal, "all": all_equilibria, "one": one_equilibrium, "read": read}
    answer = tasks[question["task"]](question)
    print(json.dumps({"program": "pygambit", "version": version("pygambit"), **answer}))
