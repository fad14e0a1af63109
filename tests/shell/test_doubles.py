"""The doubles do what they say: transfers, doubled requests, late and mixed-up pages, a machine's clock set wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from trackersync.connector import Absence, Change, ItemRef, Lately, NotFoundError, Page, These
from trackersync.testing import (
    GITHUB_LIKE,
    JIRA_LIKE,
    FaultyConnector,
    MachineClock,
    MemoryConnector,
    MemoryTracker,
    Scripted,
    Trouble,
    VirtualClock,
)


def hub(clock: VirtualClock | None = None) -> MemoryTracker:
    return MemoryTracker("hub", GITHUB_LIKE, ("acme/shop", "acme/pay"), clock or VirtualClock())


async def pages(connector: MemoryConnector | FaultyConnector, *refs: ItemRef) -> list[Page]:
    return [page async for page in connector.observe(These(refs) if refs else Lately())]


async def test_a_transferred_issue_goes_on_under_another_ref() -> None:
    tracker = hub()
    old = tracker.create("A task", labels="bug")
    between, new = (tracker.transfer(tracker.whereabouts(old), name) for name in ("acme/pay", "acme/shop"))
    assert len({old, between, new}) == 3
    (page,) = await pages(MemoryConnector(tracker), old, between)
    assert page.moved == {old: new, between: new}
    assert {(item.ref, item.key, item.facts["labels"]) for item in page.items} == {(new, "acme/shop#2", ("bug",))}
    assert [item.ref for page in await pages(MemoryConnector(tracker)) for item in page.items] == [new]
    with pytest.raises(NotFoundError):
        await MemoryConnector(tracker).apply(
            Change(old, "acme/shop#1", "stage", "labels", {"labels": ()}, {"labels": ("x",)}, "why", {"labels": ("x",)})
        )


async def test_an_issue_transferred_to_where_we_do_not_look_has_moved() -> None:
    tracker = hub()
    old = tracker.create("A task")
    tracker.transfer(old, "acme/attic")
    (page,) = await pages(MemoryConnector(tracker), old)
    assert (page.missing, page.moved, page.items) == ({old: Absence.MOVED}, {}, ())


async def test_a_moved_jira_issue_keeps_its_ref_and_changes_its_key() -> None:
    tracker = MemoryTracker("jira", JIRA_LIKE, ("SHOP", "PAY"), VirtualClock())
    ref = tracker.create("A task")
    assert tracker.transfer(ref, "PAY") == ref
    (page,) = await pages(MemoryConnector(tracker), ref)
    assert [item.key for item in page.items] == ["PAY-1"]
    tracker.transfer(ref, "ATTIC")
    (page,) = await pages(MemoryConnector(tracker), ref)
    assert page.missing == {ref: Absence.OUT_OF_SCOPE}


async def test_a_request_done_twice_leaves_what_it_leaves_when_done_once() -> None:
    tracker = hub()
    tracker.doubles = True
    ref = tracker.create("A task", labels=("bug", "stage: idea"))
    ours = {"labels": ("stage: idea", "stage: build")}
    change = Change(
        ref, "", "stage", "labels", {"labels": ours["labels"][:1]}, {"labels": ours["labels"][1:]}, "", ours
    )
    shown = await MemoryConnector(tracker).apply(change)
    assert shown.facts["labels"] == ("bug", "stage: build")


def troubled(trouble: Trouble, step: str, tracker: MemoryTracker) -> tuple[FaultyConnector, Scripted]:
    faults = Scripted()
    faults.arm(trouble, "observe" if step == "observe" else "page")
    return FaultyConnector(MemoryConnector(tracker, page=2), faults), faults


def titles(some: Sequence[Page]) -> list[str]:
    return ["+".join(item.title for item in page.items) for page in some]


@pytest.mark.parametrize(
    ("trouble", "step", "expected"),
    [
        pytest.param(Trouble.TWICE, "page", ["A+B", "A+B", "C", "X+Y"], id="twice"),
        pytest.param(Trouble.SHUFFLED, "observe", ["X+Y", "A+B", "C"], id="one container among another"),
        pytest.param(Trouble.SHORT, "observe", ["B", "", "Y"], id="short"),
    ],
)
async def test_pages_come_as_they_come(trouble: Trouble, step: str, expected: list[str]) -> None:
    tracker = hub()
    for title in "ABC":
        tracker.create(title)
    for title in "XY":
        tracker.create(title, container="acme/pay")
    seen = await pages(troubled(trouble, step, tracker)[0])
    assert titles(seen) == expected
    if trouble is Trouble.SHORT:
        assert {page.cursor for page in seen} == {None}, "what was left out is read again"


async def test_an_older_page_comes_after_a_newer_one() -> None:
    tracker, faults = hub(), Scripted()
    ref = tracker.create("A task")
    connector = FaultyConnector(MemoryConnector(tracker), faults)
    await pages(connector)
    tracker.clock.advance(60)  # type: ignore[attr-defined]
    tracker.edit(ref, labels="bug")
    faults.arm(Trouble.OVERTAKEN, "page")
    first, late, *_ = await pages(connector)
    assert [page.items[0].facts["labels"] for page in (first, late)] == [("bug",), ()]
    assert (late.cursor, late.complete) == (None, False)


def test_the_machines_clock_is_set_wrong_and_the_worlds_goes_on() -> None:
    world = VirtualClock()
    machine, begun = MachineClock(world), world.now()
    machine.jump(-3600)
    world.advance(60)
    assert (world.now() - begun, machine.now() - begun) == (timedelta(seconds=60), timedelta(seconds=-3540))
