"""sgamesolver's side: reads a question from standard input, follows the logit branch of a random stochastic game to its limit,
prints JSON.

A question is {"states": 20, "players": 2, "actions": 5, "discount": 0.95, "seed": 1}; so is the default. Every player has
that many actions in every state; payoffs and transitions are those of sgamesolver's own `SGame.random_game`, payoffs between
0 and 1. They are printed too, so that another program can solve the same game: `payoffs` by state, player and profile of
actions, `transitions` by state, profile and next state; and the `precision` at which sgamesolver stopped."""

import json
import sys
from importlib.metadata import version

import numpy
import sgamesolver

from measure import repeated

DEFAULT = {"states": 20, "players": 2, "actions": 5, "discount": 0.95, "seed": 1}


def random_game(question):
    return sgamesolver.SGame.random_game(
        question["states"], question["players"], question["actions"], delta=question["discount"], seed=question["seed"]
    )


def solved(game):
    homotopy = sgamesolver.homotopy.QRE(game)
    homotopy.solver_setup()
    homotopy.solver.verbose = 0
    homotopy.solve()
    return homotopy.equilibrium


def timed(question):
    """The game, its equilibrium at the end of the branch, and what the solving took."""
    game = random_game(question)
    equilibrium, took = repeated(lambda: solved(game))
    if equilibrium is None:
        return {"took": took, "strategies": None}
    return {
        "took": took,
        "discount": question["discount"],
        "precision": float(equilibrium.homotopy_parameter),
        "strategies": equilibrium.strategies.tolist(),
        "largest_gain": float(numpy.nanmax(game.check_equilibrium(equilibrium.strategies))),
        "payoffs": game.u.tolist(),
        "transitions": game.phi.tolist(),
    }


if __name__ == "__main__":
    given = sys.stdin.read().strip()
    question = {**DEFAULT, **(json.loads(given) if given else {})}
    print(json.dumps({"program": "sgamesolver", "version": version("sgamesolver"), **timed(question)}))
