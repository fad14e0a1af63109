"""What holds a plan back until a person says yes."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from datetime import timedelta

import pytest
from world import gh

from trackersync.core.guard import NOTHING, Limits, Shrunk, Spent, guard, shrunk
from trackersync.core.model import STAGE, Change
from trackersync.core.plan import Plan

LIMITS = Limits(changes=10, share=0.2, adoptions=20)
GONE = Shrunk("jira", "SHOP", 0, 44)


def plan(changes: int = 0, adoptions: int = 0) -> Plan:
    def change(number: int, *, adoption: bool) -> Change:
        one = gh(number=number)
        return Change(one.ref, one.key, STAGE, "labels", {"labels": ()}, {"labels": ("x",)}, "why", adoption=adoption)

    return Plan(tuple(change(number, adoption=number < adoptions) for number in range(changes + adoptions)))


def held(
    changes: int = 0,
    adoptions: int = 0,
    *,
    tasks: int = 1000,
    touched: int | None = None,
    approved: bool = True,
    changed: bool = False,
    emptied: tuple[Shrunk, ...] = (),
    limits: Limits = LIMITS,
    spent: Spent = NOTHING,
) -> str:
    holds = guard(
        plan(changes, adoptions),
        limits,
        tasks=tasks,
        touched=frozenset(f"t{n}" for n in range(changes + adoptions if touched is None else touched)),
        spent=spent,
        approved=approved,
        changed=changed,
        emptied=emptied,
    )
    return "; ".join(f"{hold.kind} {hold.name}" for hold in holds)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(held(), "", id="nothing to write"),
        pytest.param(held(3), "", id="a few changes"),
        pytest.param(held(10), "", id="as many as allowed"),
        pytest.param(held(11), "limit limits.changes", id="one more"),
        pytest.param(held(0, 20), "", id="as many adoptions as allowed"),
        pytest.param(held(0, 21), "limit limits.adoptions", id="one adoption more"),
        pytest.param(held(10, 20), "", id="adoptions are counted apart"),
        pytest.param(held(11, 21), "limit limits.changes; limit limits.adoptions", id="both limits"),
        pytest.param(held(9, tasks=48), "", id="20 % of 48 tasks are 9"),
        pytest.param(held(10, tasks=48), "limit limits.share", id="10 are more"),
        pytest.param(held(5, tasks=6), "", id="a share never allows fewer than 5"),
        pytest.param(held(6, tasks=6), "limit limits.share", id="6 of 6 tasks"),
        pytest.param(held(10, tasks=6, touched=5), "", id="several changes of a task are one task"),
        pytest.param(held(5, tasks=0), "", id="no tasks at all"),
        pytest.param(held(3, spent=Spent(7)), "", id="what the window still allows"),
        pytest.param(held(4, spent=Spent(7)), "limit limits.changes", id="more than the window still allows"),
        pytest.param(held(0, spent=Spent(99, 99)), "", id="nothing to write is never held, however much was written"),
        pytest.param(held(0, 5, spent=Spent(10, 16)), "limit limits.adoptions", id="adoptions of the window"),
        pytest.param(held(1, spent=Spent(10, 99)), "limit limits.changes", id="changes do not count as adoptions"),
        pytest.param(held(5, tasks=48, spent=Spent(4, 0, frozenset({"a", "b", "c", "d"}))), "", id="9 tasks within the window"),
        pytest.param(held(6, tasks=48, spent=Spent(4, 0, frozenset({"a", "b", "c", "d"}))), "limit limits.share", id="10 tasks within the window"),
        pytest.param(held(6, tasks=48, spent=Spent(6, 0, frozenset(f"t{n}" for n in range(6)))), "limit limits.changes", id="the same tasks again are no more tasks"),
        pytest.param(held(29, tasks=100, limits=Limits(99, 0.29, 99)), "", id="29 % of 100 tasks are 29"),
        pytest.param(held(1, approved=False), "question first run", id="a first run"),
        pytest.param(held(1, approved=False, changed=True), "question changed mapping", id="a changed configuration"),
        pytest.param(held(approved=False), "", id="a first run that writes nothing"),
        pytest.param(held(12, tasks=48, approved=False), "question first run; limit limits.changes; limit limits.share", id="the question before the limits"),
        pytest.param(held(emptied=(GONE,)), "alarm emptied tracker", id="an emptied tracker, even with nothing to write"),
        pytest.param(held(1, approved=False, emptied=(GONE,)), "alarm emptied tracker; question first run", id="the alarm before all"),
    ],
)  # fmt: skip
def test_what_holds_a_plan(got: str, expected: str) -> None:
    assert got == expected


def test_a_hold_says_its_numbers() -> None:
    holds = guard(
        plan(1200, 21),
        LIMITS,
        tasks=48,
        touched=frozenset(map(str, range(12))),
        approved=False,
        changed=True,
        emptied=(GONE,),
    )
    assert [hold.sentence for hold in holds] == [
        "jira shows 0 of the 44 items SHOP showed before; absence is not deletion. Most often the account lost the right to see it.",
        "this configuration has not written before; its stages, people or policies are others now",
        "1,200 changes; 10 are allowed",
        "21 first-contact changes; 20 are allowed",
        "12 of 48 tasks (25 %) would change; 20 % allows 9",
    ]


def test_a_hold_says_what_the_window_has_seen() -> None:
    spent = Spent(480, 7, frozenset(map(str, range(7))))
    limits = Limits(500, 0.2, 20, timedelta(days=1))
    holds = guard(plan(21, 14), limits, tasks=48, touched=frozenset(map(str, range(4, 10))), spent=spent, approved=True)
    assert [hold.sentence for hold in holds] == [
        "501 changes within 24 h, 480 of them written already; 500 are allowed",
        "21 first-contact changes within 24 h, 7 of them written already; 20 are allowed",
        "10 of 48 tasks (21 %) would change within 24 h, 7 of them written already; 20 % allows 9",
    ]


@pytest.mark.parametrize(
    ("now", "before", "emptied"),
    [
        pytest.param(44, 44, False, id="all there"),
        pytest.param(30, 44, False, id="fewer"),
        pytest.param(5, 44, False, id="few, but more than a tenth"),
        pytest.param(4, 44, True, id="almost nothing"),
        pytest.param(4, 40, True, id="a tenth"),
        pytest.param(0, 44, True, id="nothing"),
        pytest.param(0, 1, True, id="the only one gone"),
        pytest.param(0, 0, False, id="empty before"),
        pytest.param(7, 0, False, id="new"),
    ],
)
def test_a_tracker_that_suddenly_shows_almost_nothing(now: int, before: int, *, emptied: bool) -> None:
    found = shrunk({("jira", "SHOP"): now, ("github", "acme/shop"): 42}, {("jira", "SHOP"): before})
    assert bool(found) is emptied
    assert all(gone == Shrunk("jira", "SHOP", now, before) for gone in found)


def test_a_container_that_is_not_counted_any_more_is_emptied_too() -> None:
    assert shrunk({}, {("jira", "SHOP"): 44, ("jira", "OPS"): 3}) == (
        Shrunk("jira", "OPS", 0, 3),
        Shrunk("jira", "SHOP", 0, 44),
    )
