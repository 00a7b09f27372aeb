"""OpenSpiel's side, through pyspiel (its solvers in C++): reads a question from standard input, prints JSON.

A question is {"game": ..., "iterations": ..., "sets": [{"labels": [...], "actions": [...], "probabilities": [...]},
...]}, where `game` is a name that `pyspiel.load_game` knows, and `sets` holds our play, which is judged here too."""

import json
import sys
from importlib.metadata import version

import pyspiel

from measure import repeated

# What our file calls the actions of leduc_poker. Cards are numbered alike, suit after suit.
LEDUC_POKER = {"fold": "Fold", "call": "Call", "raise": "Raise"}


def solver_after(game, iterations):
    """The solver, which must live as long as the average policy that refers to it."""
    solver = pyspiel.CFRPlusSolver(game)
    for _ in range(iterations):
        solver.evaluate_and_update_policy()
    return solver


def named(state, label):
    """The action that our file calls `label`: by its name, or at chance events by the number of the card."""
    if state.is_chance_node():
        wanted = {label, f"Chance outcome:{label}"}
    else:
        wanted = {label, LEDUC_POKER[label]}
    found = [a for a in state.legal_actions() if state.action_to_string(state.current_player(), a) in wanted]
    if len(found) != 1:
        names = [state.action_to_string(state.current_player(), a) for a in state.legal_actions()]
        raise ValueError(f"`{label}` is not one of {names}")
    return found[0]


def ours_as_policy(game, sets):
    """Our play as OpenSpiel's policy: its information state, and the probabilities of its actions."""
    table = {}
    for at in sets:
        state = game.new_initial_state()
        for label in at["labels"]:
            state.apply_action(named(state, label))
        odds = [(named(state, label), p) for label, p in zip(at["actions"], at["probabilities"])]
        table[state.information_state_string()] = sorted(odds)
    assert len(table) == len(sets), "two information sets have become one"
    return table


def value(game, policy):
    return pyspiel.expected_returns(game.new_initial_state(), policy, -1, True)[0]


def answer(question):
    game = pyspiel.load_game(question["game"])
    solver, took = repeated(lambda: solver_after(game, question["iterations"]))
    average = solver.average_policy()
    return {
        "took": took,
        "nash_conv": pyspiel.nash_conv(game, average),
        "value": value(game, average),
        "nash_conv_of_ours": pyspiel.nash_conv(game, ours_as_policy(game, question["sets"])),
    }


if __name__ == "__main__":
    found = answer(json.load(sys.stdin))
    print(json.dumps({"program": "OpenSpiel", "version": version("open_spiel"), **found}))
