"""What is left alone: pauses, marks, what was taken back, and what others undo again and again."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from world import NOON, bo, gh, ji, task, terms

from trackersync.core.model import OWNERS, STAGE, Change, Facts
from trackersync.core.rest import Rests, marked, quarrels, unmoved
from trackersync.core.terms import native_of
from trackersync.core.told import Move, Pause, Pauses, TakenBack

PAIR = (gh("stage: build", owners="ada-l"), ji("In Progress", owners="ada-l"))
REF = PAIR[0].ref
BUILD: Facts = {"labels": ("stage: build", "bug"), "state": ("open",)}
VERIFY: Facts = {"labels": ("bug", "stage: verify"), "state": ("open",)}
OURS = {"labels": ("stage: build", "stage: verify")}


def wrote(minute: float, after: str = "stage: verify") -> tuple[Change, object]:
    change = Change(REF, "acme/shop#17", STAGE, "labels", {"labels": ()}, {"labels": (after,)}, "why", OURS)
    return change, NOON + timedelta(minutes=minute)


def move(minute: float, before: Facts = VERIFY, after: Facts = BUILD) -> Move:
    at = NOON + timedelta(minutes=minute)
    return Move(REF, at, at, before, after)


def times(writes: list[tuple[Change, object]], moves: list[Move], resumed: float | None = None, often: int = 3) -> int:
    since = {} if resumed is None else {REF: NOON + timedelta(minutes=resumed)}
    found = quarrels(writes, moves, often, since)  # type: ignore[arg-type]
    return found[REF, STAGE].times if found else 0


THREE = [wrote(0), wrote(10), wrote(20)]
BACK = [move(1), move(11), move(21)]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(times(THREE, BACK), 3, id="three times, each undone within a minute"),
        pytest.param(times(THREE[:2], BACK[:2]), 0, id="twice is no quarrel"),
        pytest.param(times(THREE[:2], BACK[:2], often=2), 2, id="unless two are enough"),
        pytest.param(times([*THREE, wrote(30)], BACK), 0, id="the last one stands"),
        pytest.param(times(THREE, [move(1), move(11), move(300)]), 0, id="hours later it is somebody's move"),
        pytest.param(times([wrote(0), wrote(10, "stage: build"), wrote(20)], BACK), 0, id="we wrote something else in between"),
        pytest.param(times(THREE, BACK, resumed=5), 0, id="counted anew since somebody said resume"),
        pytest.param(times(THREE, []), 0, id="nobody undid anything"),
        pytest.param(times(THREE, [move(minute, VERIFY, {**VERIFY, "labels": ("stage: verify",)}) for minute in (1, 11, 21)]), 0, id="another label went"),
        pytest.param(times(THREE, [replace(one, ref=PAIR[1].ref) for one in BACK]), 0, id="another item"),
        pytest.param(times([wrote(n * 10) for n in range(6)], [move(n * 10 + 1) for n in range(6)]), 6, id="six times"),
        pytest.param(times([wrote(-20), *THREE], BACK), 3, id="the first one stood"),
    ],
)  # fmt: skip
def test_what_others_undo(got: int, expected: int) -> None:
    assert got == expected


def test_a_quarrel_says_how_soon() -> None:
    found = quarrels(THREE, [move(1), move(14), move(20.5)], 3, {})  # type: ignore[arg-type]
    assert found[REF, STAGE].within == timedelta(minutes=4)


def test_a_task_rests_when_it_is_paused_or_marked() -> None:
    paused = Rests(Pauses((Pause("task", "t1", NOON, "release freeze"), Pause("tracker", "jira", NOON))))
    assert paused.task(task(*PAIR), terms()) == "the task is paused: release freeze"
    assert paused.write(PAIR[1], STAGE) == "jira is paused"
    assert paused.write(PAIR[0], STAGE) is None
    ended = Rests(Pauses((Pause("task", "t1", NOON, "", NOON), Pause("tracker", "jira", NOON, "", NOON))))
    assert (ended.task(task(*PAIR), terms()), ended.write(PAIR[1], STAGE)) == (None, None)

    frozen = replace(
        terms(), hands_off={"github": {"labels": ("Frozen",)}, "jira": {"status": ("Waiting for vendor",)}}
    )
    assert marked(gh("frozen"), frozen) == 'labels "frozen"'
    assert marked(ji("waiting for vendor"), frozen) == 'status "waiting for vendor"'
    assert marked(gh("stage: build"), frozen) is None
    assert Rests().task(task(gh("frozen"), PAIR[1]), frozen) == 'hands off: acme/shop#17 shows labels "frozen"'


@pytest.mark.parametrize(
    ("now", "rests"),
    [
        pytest.param(PAIR, True, id="as it was"),
        pytest.param((gh("stage: build", "bug", owners="ada-l"), PAIR[1]), True, id="a foreign label is no move"),
        pytest.param((gh("stage: verify", owners="ada-l"), PAIR[1]), False, id="moved on one side"),
        pytest.param((PAIR[0], ji("In Review", owners="ada-l")), False, id="moved on the other"),
        pytest.param((PAIR[0],), True, id="an item is out of sight"),
        pytest.param((*PAIR, bo("build", owners="ada-l")), False, id="an item came"),
        pytest.param((PAIR[0], ji("In Progress", owners="grace-h")), True, id="the other field is no matter"),
    ],
)
def test_what_was_taken_back_rests_until_somebody_moves_it(now: tuple[object, ...], *, rests: bool) -> None:
    taken = TakenBack("t1", STAGE, tuple((item.ref, native_of(item, STAGE, terms())) for item in PAIR), 7)
    assert unmoved(task(*now), taken, terms()) is rests  # type: ignore[arg-type]
    why = Rests(taken_back={("t1", STAGE): taken}).field(task(*now), STAGE, terms())  # type: ignore[arg-type]
    assert (why is not None) is rests
    assert Rests(taken_back={("t1", STAGE): taken}).field(task(*PAIR), OWNERS, terms()) is None
