"""LiteEFG's side (its CFR+, computed in C++ on one thread): reads a question from standard input, prints JSON.

The question is that of `with_open_spiel.py`: LiteEFG reads a game of OpenSpiel's, which judges both averages here too."""

import contextlib
import json
import os
import sys
import tempfile
from importlib.metadata import version

# LiteEFG keeps what it makes of a game below the home directory, where it need not be left: this one is removed at
# the end.
home = tempfile.TemporaryDirectory()
os.environ["HOME"] = home.name

import LiteEFG
import pyspiel
from LiteEFG.baselines import CFRplus

from measure import repeated
from with_open_spiel import ours_as_policy, value

# The average over the iterates, weighted by their numbers, that CFR+ is about.
AVERAGE = "linear-avg-iterate"


def solver_after(game, iterations):
    """The environment and the graph after so many iterations."""
    with contextlib.redirect_stdout(sys.stderr):
        graph = CFRplus.graph()
        environment = LiteEFG.OpenSpielEnv(game, traverse_type="Enumerate")
        environment.set_graph(graph)
    for _ in range(iterations):
        graph.update_graph(environment)
        environment.update_strategy(graph.current_strategy())
    return environment, graph


def answer(question):
    LiteEFG.set_threads(1)
    game = pyspiel.load_game(question["game"])
    # The first environment writes the game to a file, which later ones read: as little is timed as can be.
    solver_after(game, 1)
    (environment, graph), took = repeated(lambda: solver_after(game, question["iterations"]))
    average, _ = environment.get_strategy(graph.current_strategy(), AVERAGE)
    table = as_policy(average)
    return {
        "took": took,
        "nash_conv": pyspiel.nash_conv(game, table),
        "value": value(game, pyspiel.TabularPolicy(table)),
        "nash_conv_of_ours": pyspiel.nash_conv(game, ours_as_policy(game, question["sets"])),
    }


def as_policy(tabular):
    """A table of OpenSpiel's Python side as that of its C++ side."""
    table = {}
    for key, index in tabular.state_lookup.items():
        odds, legal = tabular.action_probability_array[index], tabular.legal_actions_mask[index]
        table[key] = [(action, float(p)) for action, p in enumerate(odds) if legal[action]]
    return table


if __name__ == "__main__":
    found = answer(json.load(sys.stdin))
    print(json.dumps({"program": "LiteEFG", "version": version("LiteEFG"), **found}))
