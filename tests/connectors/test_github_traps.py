"""Traps of PyGithub and of GitHub: for each a test that fails if we fall in.

PyGithub (2.10, measured)

* a POST is sent up to eleven times after a 5xx or a lost connection:
  ``test_github_library.py::test_a_label_is_posted_once_whatever_comes_back``
* 0.25 s between requests, 1 s between writes: ``test_github_library.py::test_the_pauses_of_the_library_are_off``
* pages of 30, and 100 only where asked for: ``test_every_list_is_asked_for_in_full_pages``
* a look at the repository before each use of it, and one for every member that is not there yet:
  ``test_creating_a_label_costs_one_request_of_the_librarys``
* 429 without ``Retry-After`` is an error like any other, and a primary limit puts it to sleep for an hour:
  ``test_a_limit_that_meets_the_library_is_try_later_at_once``
* a PATCH is never repeated, not even where GitHub says when: ``test_a_closing_that_was_refused_for_rate_is_sent_again``
* threads that share a client get each other's answers: ``test_every_call_of_the_library_has_a_client_of_its_own``
* whatever GraphQL says is a 400: ``test_github_graphql.py::test_trouble_is_named_by_the_next_move``
* ``rate`` and the singular ``assignee`` are gone from version 2026-03-10:
  ``test_both_versions_of_the_api_show_the_same`` and ``test_github_pure.py::test_the_singular_assignee_is_never_read``

GitHub

* what the token has no right to is dropped in silence:
  ``test_github_writing.py::test_what_github_drops_without_a_word_is_noticed``,
  ``test_github_fields.py::test_what_github_drops_without_push_is_noticed``,
  ``test_github_fields.py::test_a_field_that_is_dropped_without_a_word_is_noticed``,
  ``test_github_board.py::test_a_move_that_is_dropped_without_a_word_is_noticed``
* people who cannot be assigned are left out of a 201: ``test_someone_left_out_of_the_answer_is_noticed``, and before
  that ``test_github_writing.py::test_someone_who_cannot_be_assigned_is_named_before_anything_is_written``; where they
  are sent with a PATCH, 422 refuses it whole: ``test_no_write_replaces_or_clears_what_others_own``
* a set that is sent replaces the set, and ``[]`` clears it; entries that are objects may become suggestions:
  ``test_no_write_replaces_or_clears_what_others_own``
* page numbers over a list that moves lose rows: ``test_github_crawls.py``
* page numbers are refused where a list is large: ``test_where_page_numbers_are_refused_everything_is_read``
* a reason without a change of state is ignored: ``test_github_pure.py::test_what_github_has_no_way_to_write``
* taking away a label that is not there is 404:
  ``test_github_writing.py::test_a_label_that_was_taken_away_already_is_fine``
* ``since`` may mean "at" or "after": ``test_github_crawls.py``, every other seed
* 301 for what was transferred, 410 for what was deleted: ``test_github_reading.py::test_why_an_item_is_not_there``
* a link to another host would take the token there: ``test_github_reading.py::test_an_answer_that_cannot_be_used``
* a pull request's ``id`` in the list is not the pull request's: ``test_an_item_goes_by_its_number_and_not_by_any_id``
* what is no JSON, or no UTF-8: ``test_an_answer_that_is_no_text_is_try_later``
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from github import Github
from github_board_doubles import PROJECT, boarded, to
from github_doubles import NOON, STAGES, Clock, opened, owner_change, row, scripted, served, shop, stage_change

from trackersync.connector import Item, ItemRef, RejectedError, UnavailableError
from trackersync.sandbox import GitHub, Options, Sandbox, answer, running
from trackersync.sandbox.faults import Fault, Request


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as shop:
        yield shop


def test_every_test_that_is_named_above_exists() -> None:
    here = Path(__file__)
    named = re.findall(r"``(?:(test_\w+\.py)::)?(test_\w+)``", __doc__ or "")
    missing = [
        (file, test)
        for file, test in named
        if f"def {test}(" not in (here.parent / (file or here.name)).read_text(encoding="utf-8")
    ]
    assert len(named) >= 20
    assert missing == []


class Recording(httpx.AsyncBaseTransport):
    """Passes requests on, and keeps them with their bodies."""

    def __init__(self, model: GitHub) -> None:
        self._inner = served(model)
        self.requests: list[httpx.Request] = []
        self.lists: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        if request.method == "GET" and body.startswith(b"["):
            self.lists.append(request)
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    @property
    def writes(self) -> list[httpx.Request]:
        return [one for one in self.requests if one.method != "GET"]


# PyGithub.


async def test_creating_a_label_costs_one_request_of_the_librarys(sandbox: Sandbox) -> None:
    """``get_repo`` asks for the repository unless told not to, and what it gives asks again for what it lacks."""
    new = "stage: never seen"
    async with opened(None, url=sandbox.github_url) as it:
        item = await it.item(ItemRef("github", f"{sandbox.github.repository_id}/17"))
        sandbox.github.requests.clear()
        await it.github.apply(stage_change(item, new))

    asked = [(request.method, request.path) for request in sandbox.github.requests]
    first = asked.index(("POST", "/repos/acme/shop/labels"))
    assert asked[first - 1 : first + 2] == [
        ("GET", f"/repos/acme/shop/labels/{new}"),
        ("POST", "/repos/acme/shop/labels"),
        ("POST", "/repos/acme/shop/issues/17/labels"),
    ]


HOUR = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3600)}
LIMITS = [
    ("429, and no word of how long", answer(429, '{"message": "Too many requests"}')),
    ("429, and an hour by the clock", answer(429, '{"message": "Too many requests"}', HOUR)),
    ("429, and a moment", answer(429, "", {"retry-after": "1"})),
    ("the primary limit", answer(403, '{"message": "API rate limit exceeded for user ID 1."}', HOUR)),
    ("a secondary limit", answer(403, '{"message": "You have exceeded a secondary rate limit."}')),
    ("503, and a minute", answer(503, "", {"retry-after": "60"})),
]


@pytest.mark.parametrize("fault", [case[1] for case in LIMITS], ids=[case[0] for case in LIMITS])
async def test_a_limit_that_meets_the_library_is_try_later_at_once(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.github.faults.add(fault, method="POST", path="^/repos/acme/shop/labels$", times=99)
    began = time.monotonic()
    async with opened(None, url=sandbox.github_url) as it:
        item = await it.item(ItemRef("github", f"{sandbox.github.repository_id}/17"))
        with pytest.raises(UnavailableError):
            await it.github.apply(stage_change(item, "stage: never seen"))

    assert time.monotonic() - began < 5
    posted = [one for one in sandbox.github.requests if (one.method, one.path) == ("POST", "/repos/acme/shop/labels")]
    assert len(posted) == 1
    assert sandbox.github.issue(17).labels == ("bug", "checkout", "stage: idea")


async def test_every_call_of_the_library_has_a_client_of_its_own(sandbox: Sandbox) -> None:
    """With a shared client an answer now and then goes to another thread: too seldom to be seen by waiting for it."""
    names = [f"label {number}" for number in range(24)]
    for name in names:
        sandbox.github.add_label(name)
    # Kept, so that no two can have the same place in memory one after the other.
    clients: list[Github] = []

    def ask(name: str) -> Callable[[Github], str]:
        def look(github: Github) -> str:
            clients.append(github)
            return github.get_repo("acme/shop").get_label(name).name

        return look

    async with opened(None, url=sandbox.github_url) as it:
        library = it.github._library
        found = await asyncio.gather(*(library.call("read", f"looking at {name}", ask(name)) for name in names))

    assert found == names
    assert len({id(client) for client in clients}) == len({id(client.requester) for client in clients}) == len(names)


async def test_a_closing_that_was_refused_for_rate_is_sent_again() -> None:
    clock = Clock()
    model = shop(clock)
    model.create("An issue", labels=["stage: idea"])
    model.faults.add(answer(403, '{"message": "secondary rate limit"}', {"retry-after": "7"}), method="PATCH")
    async with opened(served(model), clock=clock) as it:
        item = await it.item(ItemRef("github", f"{model.repository_id}/1"))
        await it.github.apply(stage_change(item, None, state=("closed",), reason=("not_planned",)))

    assert (model.issue(1).state, model.issue(1).reason, model.issue(1).labels) == ("closed", "not_planned", ())
    assert [request.method for request in model.requests].count("PATCH") == 2
    assert clock.time - NOON >= timedelta(seconds=7)


async def test_both_versions_of_the_api_show_the_same() -> None:
    """And nobody asks for the budget, whose ``rate`` only the older one has: every answer tells it."""
    shown: list[list[Item]] = []
    for version in ("2022-11-28", "2026-03-10"):
        clock = Clock()
        model = shop(clock)
        model.create("An issue", assignees=["ada-l", "grace-h"], labels=["bug"])
        model.create("Another", assignees=["alan-t"])
        transport = Recording(model)
        async with opened(transport, clock=clock, api_version=version) as it:
            items = await it.items()
            items += [await it.github.apply(owner_change(item, "grace-h")) for item in items]
            shown.append(items)
        assert {request.headers["x-github-api-version"] for request in transport.requests} == {version}
        assert not [request for request in transport.requests if "rate_limit" in request.url.path]
    assert shown[0] == shown[1]
    owners = [item.facts["owners"] for item in shown[0]]
    assert owners == [("ada-l", "grace-h"), ("alan-t",), ("grace-h",), ("grace-h",)]


WHOLE = ("/issue-types", "/issue-fields")
"""Lists that GitHub gives as a whole (OpenAPI description: they have no ``per_page``)."""


async def test_every_list_is_asked_for_in_full_pages() -> None:
    """GitHub gives 30 rows where nobody says how many: more than three times the requests."""
    model, _ = boarded()
    transport = Recording(model)
    async with opened(transport, repositories=["acme/shop"], project=PROJECT | {"add": True}, field="Phase") as it:
        for item in await it.items():
            await it.github.history(item.ref)
            await it.github.apply(to(item, type=("Feature",), milestone=("v130",), board=("Done",)))
    sizes = {
        one.url.path: parse_qs(one.url.query.decode()).get("per_page", ["30"])[0]
        for one in transport.lists
        if not one.url.path.endswith(WHOLE)
    }
    assert len(sizes) >= 4, sizes
    assert set(sizes.values()) == {"100"}, sizes


# GitHub.


async def test_someone_left_out_of_the_answer_is_noticed() -> None:
    """They could be assigned when we asked, and not any more when we wrote: 201, without them."""
    model = shop(Clock())
    model.create("An issue", assignees=["ada-l"])

    def leaves(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/assignees"):
            model.assignable.pop("grace-h", None)

    async with opened(served(model)) as it:
        item = await it.item(ItemRef("github", f"{model.repository_id}/1"))
        model.faults.decide = leaves
        with pytest.raises(RejectedError, match="dropped it without a word") as caught:
            await it.github.apply(owner_change(item, "grace-h"))

    assert not caught.value.partly
    assert model.issue(1).assignees == ("ada-l",), "nobody is taken off for someone who did not come"


STORY: list[dict[str, tuple[str, ...]]] = [
    {"labels": ("stage: build",)},
    {"labels": ("stage: verify",), "board": ("In Review",)},
    {"labels": ()},
    {"owners": ("ada-l", "grace-h")},
    {"owners": ("alan-t",)},
    {"owners": ()},
    {"type": ("Feature",), "milestone": ("v2",), "field": ("Build",)},
    {"type": (), "milestone": (), "field": ()},
    {"board": ()},
    {"labels": ("stage: build",)},
    {"labels": (), "state": ("closed",), "reason": ("completed",)},
    {"labels": ("stage: idea",), "state": ("open",)},
    {"state": ("closed",), "reason": ("not_planned",)},
]


def inside(value: Any) -> Iterator[Any]:  # noqa: ANN401  # JSON
    """A JSON value and all values in it."""
    yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from inside(inner)


async def test_no_write_replaces_or_clears_what_others_own() -> None:
    """Every kind of write there is: one value at a time, by name, and never the set as a whole."""
    model, _ = boarded()
    model.create("Bare")
    transport = Recording(model)
    async with opened(transport, project=PROJECT | {"add": True}, field="Phase") as it:
        for number in (1, 4):
            item = await it.item(ItemRef("github", f"{model.repository_id}/{number}"))
            for wanted in STORY:
                item = await it.github.apply(
                    owner_change(item, *wanted["owners"]) if "owners" in wanted else to(item, **wanted)
                )
                assert {fact: item.facts[fact] for fact in wanted if fact != "labels"} == {
                    fact: values for fact, values in wanted.items() if fact != "labels"
                }
    assert (model.issue(1).labels, model.issue(4).labels) == (("bug", "stage: idea"), ("stage: idea",))
    assert {request.method for request in transport.writes} == {"POST", "PATCH", "DELETE"}

    for request in transport.writes:
        told = f"{request.method} {request.url.path} {request.content.decode()}"
        body = json.loads(request.content or b"null")
        assert not (request.method == "DELETE" and request.url.path.endswith(("/labels", "/issue-field-values"))), told
        for value in inside(body):
            if isinstance(value, dict):
                assert not {"suggest", "rationale", "confidence"} & value.keys(), told
            assert value != [], told
        if request.method == "PATCH" and "/issues/" in request.url.path:
            assert not {"labels", "assignees", "assignee", "issue_field_values"} & body.keys(), told
        for name in ("labels", "assignees"):
            if isinstance(body, dict) and name in body:
                assert all(isinstance(value, str) for value in body[name]), told


async def test_where_page_numbers_are_refused_everything_is_read() -> None:
    """GitHub refuses ``page`` for large lists, and for some that are not large; its own links go on by cursor."""
    clock = Clock()
    model = shop(clock)
    for number in range(1, 421):
        model.create(f"Issue {number}", labels=STAGES[:1])
        # More of them in one second than a page holds.
        clock.time += timedelta(seconds=0 if 100 <= number < 250 else 1)
    inner = served(model)
    refused: list[str] = []

    async def large(request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.url.query.decode())
        if "page" in query and "after" not in query:
            refused.append(str(request.url))
            message = "Pagination with the page parameter is not supported for large datasets"
            return httpx.Response(422, json={"message": message})
        response = await inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    async with opened(httpx.MockTransport(large), clock=clock) as it:
        items = await it.items()

    assert {int(item.key.rpartition("#")[2]) for item in items} == set(range(1, 421))
    assert refused == []


async def test_an_item_goes_by_its_number_and_not_by_any_id() -> None:
    """The list's ``id`` of a pull request is an issue's id; what GitHub calls the pull request's id is another."""
    pull = row(2, NOON, id=9001, pull_request={"url": "https://api.github.test/repos/acme/shop/pulls/2"})
    rows = [row(1, NOON), pull | {"updated_at": "2026-03-05T11:00:00Z"}]

    def server(request: httpx.Request) -> httpx.Response:
        listing = request.url.path.endswith("/issues")
        return httpx.Response(200, json=rows if listing else {"id": 681, "full_name": "acme/shop"})

    async with opened(scripted(server), pull_requests=True) as it:
        assert sorted(item.ref.id for item in await it.items()) == ["681/1", "681/2"]


@pytest.mark.parametrize("body", [b'[{"title": "\xff"}]', b"[" * 100_000, b'[{"x": ' + b"[" * 100_000], ids=len)
async def test_an_answer_that_is_no_text_is_try_later(body: bytes) -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issues"):
            return httpx.Response(200, content=body, headers={"content-type": "application/json"})
        return httpx.Response(200, json={"id": 681, "full_name": "acme/shop"})

    async with opened(scripted(server)) as it:
        pages, error = await it.until_error()
    assert isinstance(error, UnavailableError)
    assert "JSON was due" in str(error)
    assert not any(page.complete for page in pages)
