"""Who changed what of an issue, and when, as GitHub's issue events tell it; and the traps on the way."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from github_doubles import API, Clock, opened, scripted, served, shop, stage_change
from msgspec import convert

from trackersync.connector import Event, ItemRef
from trackersync.errors import NotFoundError, RejectedError, UnavailableError
from trackersync.sandbox.github.model import BOT
from trackersync_github.history import MOST_PAGES, Row, events_of

PLACE = ItemRef("github", "681273514/1")
ADA = {"login": "ada-l", "id": 1, "type": "User"}
GRACE = {"login": "grace-h", "id": 2, "type": "User"}
AT = "2026-03-05T12:00:00Z"


def told(event: str, **members: Any) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:  # noqa: ANN401  # JSON
    """Each fact that an event changes: who, which, what came, what went."""
    row = convert({"id": 7, "event": event, "created_at": AT, "actor": ADA, **members}, Row)
    return [(one.by, one.fact, one.added, one.removed) for one in events_of(row)]


@pytest.mark.parametrize(
    ("event", "members", "changed"),
    [
        ("labeled", {"label": {"name": "bug", "color": "f00"}}, [("ada-l", "labels", ("bug",), ())]),
        ("unlabeled", {"label": {"name": "bug", "color": "f00"}}, [("ada-l", "labels", (), ("bug",))]),
        ("milestoned", {"milestone": {"title": "1.0"}}, [("ada-l", "milestone", ("1.0",), ())]),
        ("demilestoned", {"milestone": {"title": "1.0"}}, [("ada-l", "milestone", (), ("1.0",))]),
        ("issue_type_added", {"issue_type": {"name": "Bug"}}, [("ada-l", "type", ("Bug",), ())]),
        (
            "issue_type_changed", {"issue_type": {"name": "Bug"}, "prev_issue_type": {"name": "Task"}},
            [("ada-l", "type", ("Bug",), ("Task",))],
        ),
        ("issue_type_removed", {"prev_issue_type": {"name": "Task"}}, [("ada-l", "type", (), ("Task",))]),
        (
            "closed", {"state_reason": "not_planned"},
            [("ada-l", "state", ("closed",), ("open",)), ("ada-l", "reason", ("not_planned",), ())],
        ),
        ("closed", {"state_reason": None}, [("ada-l", "state", ("closed",), ("open",))]),
        ("closed", {"commit_id": "6dcb09b"}, [("ada-l", "state", ("closed",), ("open",))]),
        ("reopened", {}, [("ada-l", "state", ("open",), ("closed",))]),
        # Of these two GitHub's `actor` is the assignee, and has stayed so for the sake of old callers.
        ("assigned", {"assignee": ADA, "assigner": GRACE}, [("grace-h", "owners", ("ada-l",), ())]),
        ("unassigned", {"assignee": ADA, "assigner": GRACE}, [("grace-h", "owners", (), ("ada-l",))]),
        ("assigned", {"assignee": ADA, "assigner": None}, [("ada-l", "owners", ("ada-l",), ())]),
        # Accounts that were deleted.
        ("labeled", {"actor": None, "label": {"name": "bug"}}, [("", "labels", ("bug",), ())]),
        ("assigned", {"assignee": None, "assigner": GRACE}, []),
        ("labeled", {"label": {"name": None}}, []),
        # What changes no fact.
        ("merged", {"commit_id": "6dcb09b"}, []),
        ("renamed", {"rename": {"from": "a", "to": "b"}}, []),
        ("mentioned", {}, []),
        ("an_event_of_the_year_after_next", {"surprise": 3.5}, []),
    ],
)  # fmt: skip
def test_what_an_event_changes(event: str, members: dict[str, Any], changed: list[Any]) -> None:
    assert told(event, **members) == changed


async def test_the_history_of_an_issue_from_its_beginning() -> None:
    clock = Clock()
    model = shop(clock)
    model.milestones[1] = "1.0"
    number = model.create("A task", labels=["bug", "stage: idea"], by="ada-l").number
    clock.time = clock.time.replace(hour=13)
    model.edit(number, by="grace-h", labels=["bug", "stage: build"], assignees=["alan-t"])
    clock.time = clock.time.replace(hour=14)
    model.edit(number, by="alan-t", state="closed", reason="not_planned", milestone=1)
    async with opened(served(model), clock=clock) as open_:
        events = await open_.github.history(PLACE)
        assert open_.sent[1] == 0
    assert [(one.at.hour, one.by, one.fact, *one.added, *(f"-{value}" for value in one.removed)) for one in events] == [
        (12, "ada-l", "labels", "bug"),
        (12, "ada-l", "labels", "stage: idea"),
        (13, "grace-h", "labels", "stage: build"),
        (13, "grace-h", "labels", "-stage: idea"),
        (13, "grace-h", "owners", "alan-t"),
        (14, "alan-t", "state", "closed", "-open"),
        (14, "alan-t", "reason", "not_planned"),
        (14, "alan-t", "milestone", "1.0"),
    ]


async def test_our_own_writes_bear_our_account() -> None:
    model = shop()
    model.create("A task", labels=["stage: idea"])
    async with opened(served(model)) as open_:
        item = await open_.item(PLACE)
        await open_.github.apply(stage_change(item, "stage: build"))
        last = (await open_.github.history(PLACE))[-1]
    assert (last.by, last.removed) == (BOT, ("stage: idea",))


async def test_every_page_is_read_by_its_link_verbatim() -> None:
    model = shop()
    number = model.create("A task").number
    for n in range(130):
        model.edit(number, by="ada-l", labels=["bug"] if n % 2 == 0 else [])
    async with opened(served(model)) as open_:
        events = await open_.github.history(PLACE)
        assert open_.sent[0] == 3, "the repository's name, and two pages"
    assert len(events) == 130
    assert len({one.id for one in events}) == 130


async def test_a_history_is_told_in_order_whatever_order_it_comes_in() -> None:
    rows = [
        {"id": 12, "event": "labeled", "created_at": "2026-03-05T12:00:05Z", "actor": ADA, "label": {"name": "b"}},
        {"id": 9, "event": "labeled", "created_at": "2026-03-05T12:00:00Z", "actor": ADA, "label": {"name": "a"}},
        {"id": 10, "event": "unlabeled", "created_at": "2026-03-05T12:00:00Z", "actor": ADA, "label": {"name": "a"}},
    ]
    async with opened(scripted(lambda request: _answer(request, 200, rows))) as open_:
        events = await open_.github.history(PLACE)
    assert [one.id for one in events] == ["9-labels", "10-labels", "12-labels"]


def _answer(request: httpx.Request, status: int, body: object, **headers: str) -> httpx.Response:
    if request.url.path == "/repos/acme/shop":
        return httpx.Response(200, json={"id": 681_273_514, "full_name": "acme/shop"})
    return httpx.Response(status, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotFoundError), (410, NotFoundError), (403, RejectedError), (422, RejectedError), (418, RejectedError)],
)
async def test_a_refusal_is_named_by_what_to_do_next(status: int, error: type[Exception]) -> None:
    async with opened(scripted(lambda request: _answer(request, status, {"message": "No"}))) as open_:
        with pytest.raises(error, match=r"on reading the history of acme/shop#1"):
            await open_.github.history(PLACE)


async def test_no_usable_answer_is_no_history() -> None:
    async with opened(scripted(lambda request: _answer(request, 200, {"events": []}))) as open_:
        with pytest.raises(UnavailableError):
            await open_.github.history(PLACE)


async def test_a_repository_that_is_not_configured_has_no_history() -> None:
    async with opened(served(shop())) as open_:
        with pytest.raises(NotFoundError, match="not configured"):
            await open_.github.history(ItemRef("github", "5/1"))
        with pytest.raises(NotFoundError, match="names no GitHub issue"):
            await open_.github.history(ItemRef("github", "SHOP-42"))


async def test_links_that_lead_in_a_circle_come_to_an_end() -> None:
    link = f'<{API}/repositories/681273514/issues/1/events?page=2>; rel="next"'
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return _answer(request, 200, [], link=link)

    async with opened(scripted(answer)) as open_:
        with pytest.raises(RejectedError, match=r"more events than are read .*100 pages"):
            await open_.github.history(PLACE)
    assert asked <= MOST_PAGES + 3


async def test_an_issue_that_was_transferred_goes_on_with_its_history() -> None:
    """A redirect is followed for reads; the events there are this issue's too."""
    rows = [{"id": 9, "event": "labeled", "created_at": AT, "actor": ADA, "label": {"name": "a"}}]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/repos/acme/shop/issues/1/events"):
            return httpx.Response(301, headers={"location": f"{API}/repositories/5/issues/9/events"})
        return _answer(request, 200, rows)

    async with opened(scripted(answer)) as open_:
        (event,) = await open_.github.history(PLACE)
    assert event == Event("9-labels", event.at, "ada-l", "labels", ("a",))
