"""Several places of a stage in one tracker: which is believed, which disagree, and what is written where."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, GITHUB, MAPS, NOON, gh, ji, labelled, rule, stage_verdict, told

from trackersync.core.express import express_stage, passing
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Item, ItemRef, Matcher
from trackersync.core.stages import StageMap

EVERYWHERE = replace(
    GITHUB,
    matchers=(
        *GITHUB.matchers,
        Matcher("board", "board", optional=True),
        Matcher("type", "type", optional=True),
        Matcher("pulls", "pulls", shared=True, optional=True, evidence=True),
    ),
)
COLUMNS = (rule("idea", board="Todo"), rule("build", board=("Doing", "Fixing")), rule("verify", board="In Review"))
BOTH = (*COLUMNS, *labelled("idea", "build", "verify"))
DONE = rule("done", {"board": "Done"}, state="closed", reason="completed")


def places(*rules: StageRule, precedence: tuple[str, ...] = ()) -> StageMap:
    return StageMap("github", DELIVERY, EVERYWHERE, rules or BOTH, precedence)


def facts(*labels: str, board: str = "", state: str = "open", **more: str) -> Facts:
    reason = ("completed",) if state == "closed" else ()
    shown = {fact: (value,) if value else () for fact, value in more.items()}
    return {"labels": labels, "state": (state,), "reason": reason, "board": (board,) if board else (), **shown}


def item(shown: Facts) -> Item:
    return Item(ItemRef("github", "1"), "acme/shop#1", "u", "t", "acme/shop", NOON, NOON, shown)


BOARD_FIRST, LABELS_FIRST = ("board", "labels"), ("labels", "board")


@pytest.mark.parametrize(
    ("precedence", "shown", "expected"),
    [
        pytest.param((), facts("stage: build", board="Doing"), "stated: build", id="places that agree"),
        pytest.param((), facts("stage: build"), "stated: build", id="a label alone"),
        pytest.param((), facts(board="fixing"), "stated: build", id="a column alone, in any case"),
        pytest.param((), facts("stage: idea", board="Doing"), "clash: idea build", id="places that disagree"),
        pytest.param(BOARD_FIRST, facts("stage: idea", board="Doing"), "stated: build", id="the board decides"),
        pytest.param(LABELS_FIRST, facts("stage: idea", board="Doing"), "stated: idea", id="the label decides"),
        pytest.param(("board",), facts("stage: idea", board="Doing"), "stated: build", id="a place that is not listed comes after"),
        pytest.param(("type",), facts("stage: idea", board="Doing"), "clash: idea build", id="a place that says nothing decides nothing"),
        pytest.param(BOARD_FIRST, facts("stage: idea"), "stated: idea", id="an empty board leaves it to the label"),
        pytest.param(BOARD_FIRST, facts("stage: idea", board="Parked"), "stated: idea", id="so does a column nobody mapped"),
        pytest.param(BOARD_FIRST, facts("stage: idea", "stage: build"), "clash: idea build", id="two labels clash all the same"),
        pytest.param(BOARD_FIRST, facts("stage: idea", "stage: build", board="In Review"), "stated: verify", id="unless the board decides"),
        pytest.param(BOARD_FIRST, facts(), "assumed: idea", id="nothing anywhere"),
        pytest.param(BOARD_FIRST, facts("stage: build", board="Doing", state="closed"), "stated: done", id="closed outranks every place"),
        pytest.param((), facts("stage: idea", board="Doing", state="closed"), "stated: done", id="and every clash"),
    ],
)  # fmt: skip
def test_which_place_is_believed(precedence: tuple[str, ...], shown: Facts, expected: str) -> None:
    reading = places(precedence=precedence).read(shown)
    first = tuple(dict.fromkeys(stage for stage in reading.stages if stage in {"idea", "build", "verify", "done"}))
    assert f"{reading.kind}: {' '.join(first)}" == expected


def test_places_that_disagree_are_both_named() -> None:
    reading = places().read(facts("stage: idea", board="Doing"))
    assert reading.says == "stage: idea + Doing"
    assert [value for value, _ in reading.parts] == ["Doing", "stage: idea"]


def test_one_word_in_two_places_is_two_claims() -> None:
    stages = places(rule("verify", labels="Review"), rule("build", board="Review"))
    reading = stages.read(facts("Review", board="Review"))
    assert reading.kind == "clash"
    assert [value for value, _ in reading.parts] == ["Review", "Review"]
    assert stages.read(facts(board="Review")).first == "build"
    assert stages.read(facts("Review")).first == "verify"


def test_more_specific_rules_outrank_places_that_disagree() -> None:
    stages = places(rule("idea", board="Todo"), rule("build", labels="wip", type="Bug"))
    assert stages.read(facts("wip", board="Todo", type="Bug")).first == "build"
    assert stages.read(facts("wip", board="Todo", type="Feature")).first == "idea"


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        (labelled("idea"), ("labels", "state", "reason")),
        (COLUMNS, ("labels", "state", "reason", "board")),
        ((rule("build", {"type": "Task"}, labels="wip"),), ("labels", "state", "reason", "type")),
        ((rule("build", pulls="open"),), ("labels", "state", "reason", "pulls")),
    ],
)
def test_an_optional_place_counts_only_where_a_stage_is_mapped_to_it(
    rules: tuple[StageRule, ...], names: tuple[str, ...]
) -> None:
    stages = places(*rules)
    shown = facts("x", board="Doing", type="Bug", pulls="open")
    assert tuple(stages.native(shown)) == names
    # What is no place is neither expected nor compared: somebody else may move it as they like.
    change = express_stage(item(shown), places(*labelled("build")), ["build"], None, "", adoption=False)
    assert not isinstance(change, str)
    assert set(change.before) == {"labels", "state", "reason"}


# Writing.


@pytest.mark.parametrize(
    ("rules", "precedence", "shown", "after"),
    [
        pytest.param(COLUMNS, (), facts(board="Todo"), {"board": ("Doing",)}, id="a column, the first one that means it"),
        pytest.param(BOTH, (), facts("stage: idea"), {"labels": (), "board": ("Doing",)}, id="the word that stands first, and the old label off"),
        pytest.param(BOTH, BOARD_FIRST, facts("stage: idea", board="Todo"), {"labels": (), "board": ("Doing",)}, id="with the place that is believed"),
        pytest.param((*labelled("idea", "build"), *COLUMNS), BOARD_FIRST, facts(board="Todo"), {"board": ("Doing",)}, id="not a label that would not be believed"),
        pytest.param((*labelled("idea", "build"), *COLUMNS), LABELS_FIRST, facts(board="Todo"), {"labels": ("stage: build",)}, id="but one that would"),
        pytest.param(
            (rule("build", {"labels": "stage: build"}, board="Doing"), rule("idea", {"labels": "stage: idea"}, board="Todo")), (),
            facts("stage: idea", "bug", board="Todo"), {"labels": ("stage: build",), "board": ("Doing",)}, id="both, where the label is set along",
        ),
    ],
)  # fmt: skip
def test_what_is_written_where(
    rules: tuple[StageRule, ...], precedence: tuple[str, ...], shown: Facts, after: Facts
) -> None:
    stages = places(*rules, precedence=precedence)
    change = express_stage(item(shown), stages, ["build"], None, "", adoption=False)
    assert not isinstance(change, str), change
    assert change.after == after
    assert stages.read({**shown, **after}).first == "build"


def test_closing_moves_the_card_along_where_that_is_set() -> None:
    stages = places(*COLUMNS, DONE)
    change = express_stage(item(facts(board="Doing")), stages, ["done"], None, "", adoption=False)
    assert not isinstance(change, str)
    assert change.after == {"state": ("closed",), "reason": ("completed",), "board": ("Done",)}


def test_evidence_is_believed_where_it_comes_first_and_never_written() -> None:
    rules = (rule("build", pulls="open"), *labelled("idea", "verify"))
    stages = places(*rules, precedence=("pulls", "labels"))
    assert stages.read(facts("stage: idea", pulls="open")).stages == ("build",)
    assert stages.words("build") == ({"labels": ("stage: idea",), "state": ("open",)},)
    assert all("pulls" not in word for stage in DELIVERY.stages for word in stages.words(stage.key))
    refused = express_stage(item(facts("stage: idea", pulls="open")), stages, ["verify"], None, "", adoption=False)
    assert isinstance(refused, str)
    assert "which has no other word for verify there" in refused


@pytest.mark.parametrize("of", ["idea", "build", "verify", "done"])
@pytest.mark.parametrize("precedence", [(), BOARD_FIRST])
def test_every_step_of_a_change_of_many_places_is_in_what_base_holds(of: str, precedence: tuple[str, ...]) -> None:
    rules = (
        *(rule(key, {"labels": f"stage: {key}", "type": key}, board=column) for key, column in (("idea", "Todo"), ("build", "Doing"), ("verify", "In Review"))),
        DONE,
    )  # fmt: skip
    stages = places(*rules, precedence=precedence)
    shown = facts("stage: design", "stage: idea", "bug", board="Parked", type="Bug")
    change = express_stage(item(shown), stages, [of], None, "", adoption=False)
    assert not isinstance(change, str)
    passed = passing(item(shown), change, stages.native(shown), stages.vocabulary.follows)
    state = dict(shown)
    # As the connector writes: the new label, the card, the type, the state, and last the old labels.
    ways = [("labels", (*state["labels"], *change.after.get("labels", ())))]
    ways += [(fact, change.after[fact]) for fact in ("board", "type") if fact in change.after]
    for fact, values in ways:
        state[fact] = values
        assert any(_same(state, native) for native in passed), (fact, state)
    if "state" in change.after:
        state |= {fact: change.after[fact] for fact in ("state", "reason") if fact in change.after}
        assert any(_same(state, native) for native in passed), state
    state["labels"] = (*change.after.get("labels", ("stage: idea",)), "stage: design", "bug")
    assert any(_same(state, native) for native in passed), state


@pytest.mark.parametrize(
    ("now", "was", "jira", "expected"),
    [
        pytest.param(("stage: idea", "Doing"), [("stage: idea", "Todo")], "Backlog", "github jira := build", id="a person moved the card"),
        pytest.param(("stage: build", "Todo"), [("stage: idea", "Todo")], "Backlog", "github jira := build", id="a person set the label"),
        pytest.param(("stage: build", "In Review"), [("stage: idea", "Todo")], "Backlog", "left alone: github", id="both, and each otherwise"),
        pytest.param(
            ("stage: build", "Todo"), [(label, column) for label in ("stage: idea", "stage: build") for column in ("Todo", "Doing")],
            "In Progress", "github := build", id="our own write stopped after the label",
        ),
        pytest.param(("stage: idea", "Doing"), [("stage: idea", "Doing")], "Backlog", "github := idea", id="a clash that was there before is nobody's move"),
    ],
)  # fmt: skip
def test_of_places_that_disagree_the_one_not_in_base_is_where_a_person_moved_it(
    now: tuple[str, str], was: list[tuple[str, str]], jira: str, expected: str
) -> None:
    def shown(label: str, column: str) -> Item:
        issue = gh(label)
        return replace(issue, facts={**issue.facts, "board": (column,)})

    past = [*(shown(*one) for one in was), ji("Backlog")]
    verdict = stage_verdict([shown(*now), ji(jira)], past, maps={**MAPS, "github": places()})
    assert told(verdict).startswith(expected)


def _same(state: Facts, native: Facts) -> bool:
    return all(set(values) == set(state[fact]) for fact, values in native.items())
