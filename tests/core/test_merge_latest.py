"""`latest` among several trackers: who is latest, who agrees, who is not told; and what the reason says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import DELIVERY, MAPS, NOON, PEOPLE, ROOM, bases, bo, gh, ji, task, terms, told

from trackersync.core.decide import decide, untimed
from trackersync.core.merge import LastEdit, Policy
from trackersync.core.merge_owners import merge_owners
from trackersync.core.merge_stage import merge_stage
from trackersync.core.model import OWNERS, STAGE, Item
from trackersync.core.plan import make_plan

WAS = (gh("stage: idea"), ji("To Do"), bo("idea"))
HUB, JIRA, BOARD = gh("stage: build"), ji("Done", "Done"), bo("release")


def edits(**seconds: float | None) -> dict[str, LastEdit]:
    """By tracker, when its field was edited last; None where no history tells."""
    return {
        tracker: LastEdit(NOON + timedelta(seconds=after), "ada-l")
        for tracker, after in seconds.items()
        if after is not None
    }


def of(now: tuple[Item, ...], found: Mapping[str, LastEdit]) -> dict[object, LastEdit]:
    return {item.ref: found[item.ref.tracker] for item in now if item.ref.tracker in found}


ALL = "github build (stage: build), jira done (Done, Done), board release (release)"

MOVED = "github and jira and board all moved since they last agreed"


@pytest.mark.parametrize(
    ("now", "found", "verdict"),
    [
        pytest.param(
            (HUB, JIRA, BOARD), edits(github=0, jira=60, board=120),
            "github jira := release; latest edit: ada-l, 12:02 UTC; overrules github; overrules jira",
            id="the last of three",
        ),
        pytest.param(
            (HUB, JIRA, BOARD), edits(github=0, jira=60, board=60.9),
            f"conflict: {ALL}; {MOVED}, at the same moment (authority: latest)", id="two within a second",
        ),
        pytest.param(
            (HUB, JIRA, BOARD), edits(github=0, jira=60, board=61),
            "github jira := release; latest edit: ada-l, 12:01 UTC; overrules github; overrules jira",
            id="a second apart",
        ),
        pytest.param(
            (HUB, ji("In Progress"), BOARD), edits(github=60, jira=60.5, board=0),
            "board := build; latest edit: ada-l, 12:01 UTC; overrules board", id="two at once that agree",
        ),
        pytest.param(
            (HUB, JIRA, BOARD), edits(github=0, jira=60, board=None),
            f"conflict: {ALL}; {MOVED}, and no history tells when in board (authority: latest)", id="one not told",
        ),
        pytest.param(
            (HUB, JIRA, bo("idea")), edits(github=60, jira=0, board=900),
            "jira board := build; latest edit: ada-l, 12:01 UTC; overrules jira", id="who did not move has no say",
        ),
        pytest.param(
            (HUB, ji("To Do"), bo("idea")), {}, "jira board := build; only github had moved", id="one alone"
        ),
        pytest.param(
            (HUB, JIRA, bo("idea")), {**edits(jira=0), "github": LastEdit(NOON + timedelta(days=1), "")},
            "jira board := build; latest edit: github, 2026-03-06 12:00 UTC; overrules jira",
            id="on another day, by nobody that is told",
        ),
    ],
)  # fmt: skip
def test_the_latest_stage(now: tuple[Item, ...], found: Mapping[str, LastEdit], verdict: str) -> None:
    past = bases(STAGE, WAS)
    made = merge_stage(now, MAPS, past, Policy("latest", "ask"), DELIVERY, edits=of(now, found))  # type: ignore[arg-type]
    assert told(made) == verdict


def test_the_latest_owners_are_all_there_are() -> None:
    was = (gh(owners="ada-l grace-h"), bo("idea", owners="ada-l grace-h"))
    now = (gh(owners="ada-l alan-t"), bo("idea", owners="grace-h"))
    made = merge_owners(
        now, PEOPLE, ROOM, bases(OWNERS, was), Policy("latest", "ask"), edits=of(now, edits(github=0, board=60))  # type: ignore[arg-type]
    )  # fmt: skip
    assert told(made) == "github := grace-h; latest edit: ada-l, 12:01 UTC; overrules github"


def test_only_items_in_dispute_under_latest_are_asked_about() -> None:
    now = (HUB, JIRA)
    past = {(ref, STAGE): base for ref, base in bases(STAGE, WAS).items()}
    latest = terms("latest", owners=Policy("changed", "ask"))
    assert untimed(decide(task(*now), past, latest), latest) == {HUB.ref, JIRA.ref}
    changed = terms("changed")
    assert untimed(decide(task(*now), past, changed), changed) == frozenset()
    agreed = (HUB, ji("In Progress"))
    assert untimed(decide(task(*agreed), past, latest), latest) == frozenset()


@pytest.mark.parametrize(("authority", "adopt"), [("latest", "ask"), ("changed", "latest")])
def test_who_overrules_is_named(authority: str, adopt: str) -> None:
    """Also at first contact, where one item had been in agreement before and moved since."""
    now = (HUB, BOARD)
    known = (WAS[0], WAS[2]) if authority == "latest" else WAS[2:]
    past = {(ref, STAGE): base for ref, base in bases(STAGE, known).items()}
    timed = {(HUB.ref, STAGE): LastEdit(at(60)), (BOARD.ref, STAGE): LastEdit(at(0))}
    decision = decide(replace(task(*now), edits=timed), past, terms(authority, adopt))
    (overruled,) = make_plan([decision], terms(authority, adopt), {}, {}).overruled
    assert (overruled.key, overruled.authority) == ("CARD-5", "latest")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
