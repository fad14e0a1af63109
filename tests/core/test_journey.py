"""Since when a task is where it is: as histories tell, and as far back as may be claimed where they do not."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import DELIVERY, GITHUB, NOON, gh, github_map, ji, labelled, rule, terms

from trackersync.core.diagnose import Known, case_of
from trackersync.core.diagnose.journey import never_in, since
from trackersync.core.history import Past
from trackersync.core.model import Event, Item, Matcher
from trackersync.core.terms import Task, Terms

Told = tuple[Item, Past | None]


def at(days: float) -> datetime:
    return NOON - timedelta(days=days)


def seen(item: Item, *words: str, updated: float = 3, upto: float | None = None, owed: bool = False) -> Told:
    """An item made 90 days ago, and its history: ``10 status Backlog > In Review``."""
    events = []
    for word in words:
        days, fact, change = word.split(" ", 2)
        went, _, came = (part.strip() for part in change.partition(">"))
        events.append(Event(word, at(float(days)), "?u", fact, (came,) if came else (), (went,) if went else ()))
    item = replace(item, created=at(90), updated=at(updated))
    return item, Past(tuple(events), NOON, at(updated if upto is None else upto), owed)


def silent(item: Item, updated: float = 3) -> Told:
    """An item whose history was not read."""
    return replace(item, created=at(90), updated=at(updated)), None


def came(*told: Told, of: Terms | None = None) -> tuple[float, bool] | None:
    task = Task("t1", tuple(item for item, _ in told))
    known = Known(pasts={item.ref: past for item, past in told if past is not None})
    found = since(case_of(task, of or terms(), known))
    return None if found is None else ((NOON - found.at) / timedelta(days=1), found.exact)


BUILD, REVIEW = ji("In Progress"), ji("In Review")
TO_REVIEW = "20 status In Progress > In Review"
SWAP = ("12 labels stage: build >", "12 labels > stage: verify")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([silent(BUILD)], (3, False), id="no history: at least since its last change"),
        pytest.param([silent(BUILD, 9), silent(gh("stage: build"), 5)], (5, False), id="the one that changed last"),
        pytest.param([seen(REVIEW, TO_REVIEW)], (20, True), id="a step"),
        pytest.param([seen(REVIEW, "30 status Backlog > In Progress", TO_REVIEW)], (20, True), id="the last of two"),
        pytest.param([seen(BUILD)], (90, True), id="never moved: since it was made"),
        pytest.param([seen(REVIEW, TO_REVIEW, owed=True)], (3, False), id="it moved since, and was not read again"),
        pytest.param([seen(REVIEW, "20 status Backlog > In Progress")], (3, False), id="a history that does not lead here"),
        pytest.param([seen(REVIEW, TO_REVIEW, updated=1, upto=9)], (20, True), id="talked about since"),
        pytest.param([seen(ji("To Do"), "20 status Backlog > To Do")], (90, True), id="two words of one stage"),
        pytest.param([seen(REVIEW, "30 status In Review > Backlog", TO_REVIEW)], (20, True), id="a hole before the last step"),
        pytest.param([seen(REVIEW, TO_REVIEW), seen(gh("stage: verify"), *SWAP)], (12, True), id="the task came with the later one"),
        pytest.param([seen(BUILD), seen(gh("stage: verify"), *SWAP)], (90, True), id="the one behind holds it where it is"),
        pytest.param([seen(ji("Backlog"), "5 status In Progress > Backlog"), seen(gh("stage: verify"), *SWAP)], (5, True), id="sent back on one side"),
        pytest.param([seen(REVIEW, "2 status In Progress > In Review"), silent(gh("stage: verify"), 40)], (2, True), id="one moved, the other is old and untold"),
        pytest.param([seen(REVIEW, TO_REVIEW), silent(gh("stage: verify"), 8)], (8, False), id="before its last change the untold one may have been anywhere"),
        pytest.param([seen(ji("Waiting"), "20 status In Progress > Waiting")], None, id="in no stage"),
    ],
)  # fmt: skip
def test_since_when_a_task_is_in_its_stage(told: list[Told], expected: tuple[float, bool] | None) -> None:
    assert came(*told) == expected


def test_a_task_was_there_before_its_second_item_was_made() -> None:
    issue, past = seen(gh())
    assert came(seen(BUILD), (replace(issue, created=at(4)), past)) == (90, True)


def test_a_history_may_begin_before_its_item_was_made_here() -> None:
    """As that of an issue that was moved from another project."""
    moved, past = seen(REVIEW, TO_REVIEW)
    assert came((replace(moved, created=at(5)), past), seen(gh("stage: verify"))) == (90, True)


@pytest.mark.parametrize(
    ("fact", "value", "events", "expected"),
    [
        pytest.param("board", "Building", (), None, id="a card moves and the issue is not touched"),
        pytest.param("pulls", "open", (), None, id="nor by a pull request"),
        pytest.param("board", "Building", ("20 board > Building",), (20, True), id="unless its history tells of it"),
        pytest.param("board", "Elsewhere", (), None, id="whatever it says there"),
    ],
)  # fmt: skip
def test_what_moves_without_the_issue_tells_no_time(
    fact: str, value: str, events: tuple[str, ...], expected: tuple[float, bool] | None
) -> None:
    more = (
        Matcher("board", "board", optional=True),
        Matcher("pulls", "pulls", shared=True, optional=True, evidence=True),
    )
    vocabulary = replace(GITHUB, matchers=(*GITHUB.matchers, *more))
    rules = (*labelled("idea"), rule("build", board="Building"), rule("build", pulls="open"))
    of = terms(maps={"github": type(github_map())("github", DELIVERY, vocabulary, rules)})
    item = replace(gh(), facts={**gh().facts, fact: (value,)})
    assert came(seen(item, *events) if events else silent(item), of=of) == expected
    assert came(silent(gh("stage: idea")), of=of) == (3, False)


@pytest.mark.parametrize(
    ("told", "denied"),
    [
        pytest.param([seen(REVIEW, "20 status Backlog > In Review")], True, id="its history tells"),
        pytest.param([seen(REVIEW, "30 status Backlog > In Progress", TO_REVIEW)], False, id="it was"),
        pytest.param([silent(REVIEW)], False, id="not told"),
        pytest.param([seen(REVIEW, "30 status In Progress > Backlog", TO_REVIEW)], False, id="a hole"),
        pytest.param([seen(REVIEW, "20 status Backlog > In Review"), silent(gh("stage: verify"))], True, id="beside one that is not told"),
        pytest.param([seen(REVIEW, "20 status Backlog > In Review"), seen(gh("stage: verify"), *SWAP)], False, id="the other was"),
    ],
)  # fmt: skip
def test_whether_a_task_never_was_in_build(told: list[Told], denied: bool) -> None:
    known = Known(pasts={item.ref: past for item, past in told if past is not None})
    assert never_in(case_of(Task("t1", tuple(item for item, _ in told)), terms(), known), "build") is denied
