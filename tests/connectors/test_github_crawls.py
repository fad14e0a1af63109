"""Crawls of a repository that people edit meanwhile: what the reader knows afterwards is how it is, row for row.

Two hundred seeds, about a thousand issues each, three edits after every page: labels, closing, reopening, titles,
deletions, transfers to elsewhere, new issues, sometimes many within one second. After the next incremental read no row
may be stale. The same crawl by page number leaves stale rows behind, which shows that the edits are such as matter.

What is deleted or transferred no listing shows; it is found by the next whole read, and by asking for what that missed.

The stand-in's own list is asked, without the web server before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
import pytest
from github_doubles import API, NOON, STAGES, Clock, Open, opened, shop

from trackersync.connector import Absence, Item, ItemRef, Lately, Page, These, decode
from trackersync.sandbox import GitHub
from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import RefusalError
from trackersync.sandbox.github.listing import listed
from trackersync.sandbox.github.model import Issue
from trackersync_github.wire import Issue as Shown
from trackersync_github.wire import item_of

SEEDS = range(200)
ROWS = 1_000
EDITS = 3
LIST = "/repos/acme/shop/issues"
Row = tuple[str, tuple[str, ...], tuple[str, ...], str, str | None]
"""Title, labels, owners, state and reason: what must not be stale."""


def lived_in(chance: random.Random, clock: Clock) -> GitHub:
    """A repository with a past: some seconds in which more was edited than a page holds, pull requests in between."""
    model = shop(clock)
    second = int((NOON - timedelta(days=9)).timestamp())
    issues = []
    bulk = chance.randrange(ROWS)
    for number in range(1, ROWS + 1):
        if not bulk <= number < bulk + 130:
            second += chance.choice((0, 0, 1, 7, 600))
        issues.append(
            Issue(number, f"Issue {number}", second, second, labels=("stage: idea",), pull=chance.random() < 0.1)
        )
    chance.shuffle(issues)
    model.fill(issues)
    return model


@dataclass
class People:
    """Who edits while the reader reads."""

    model: GitHub
    clock: Clock
    chance: random.Random
    steps: tuple[int, ...] = (0, 0, 1)
    edits: int = 0
    away: dict[int, Absence] = field(default_factory=dict)

    def __call__(self, times: int = EDITS) -> None:
        for _ in range(times):
            self.clock.time += timedelta(seconds=self.chance.choice(self.steps))
            self.edits += 1
            self._edit(self.chance.choice(list(self.model.issues)))

    def delete(self, number: int) -> None:
        self.model.delete(number)
        self.away[number] = Absence.GONE

    def transfer(self, number: int) -> None:
        self.model.transfer(number, f"{API}/repos/other/thing/issues/{number}")
        self.away[number] = Absence.MOVED

    def _edit(self, number: int) -> None:
        model, chance = self.model, self.chance
        match chance.randrange(12):
            case 0:
                self.delete(number)
            case 1:
                self.transfer(number)
            case 2:
                model.create(f"New {self.edits}", labels=["stage: idea"], by="grace-h")
            case 3 | 4:
                model.edit(number, state="closed", reason=chance.choice(("completed", "not_planned")), by="ada-l")
            case 5:
                model.edit(number, state="open", by="ada-l")
            case 6:
                model.edit(number, assignees=chance.sample(("ada-l", "grace-h", "alan-t"), 2), by="ada-l")
            case _:
                model.edit(number, labels=[chance.choice(STAGES)], title=f"Edited {self.edits}", by="grace-h")


@dataclass
class Server:
    """The stand-in's list and single issues as a transport; ``after`` happens once each page has been sent.

    ``strict`` reads ``since`` as "after", which is how GitHub's REST documentation words it.
    """

    model: GitHub
    strict: bool = False
    after: Callable[[], object] = lambda: None
    statuses: list[int] = field(default_factory=list)
    _rendered: dict[Issue, msgspec.Raw] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        model, path = self.model, request.url.path
        if path == "/repos/acme/shop":
            return httpx.Response(200, json={"id": model.repository_id, "full_name": "acme/shop"})
        if path != LIST:
            return self._single(path)
        response = self._list(request)
        self.statuses.append(response.status_code)
        self.after()
        return response

    def _list(self, request: httpx.Request) -> httpx.Response:
        query = dict(parse_qsl(request.url.query.decode()))
        if self.strict and "since" in query:
            later = datetime.fromisoformat(query["since"]) + timedelta(seconds=1)
            query["since"] = later.strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            page = listed(self.model, query)
        except RefusalError as refusal:
            return httpx.Response(refusal.status, json=refusal.body)
        body = msgspec.json.encode([self._shown(issue) for issue in page.issues])
        headers = {"date": self.model.clock().strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if page.next_query is not None:
            asked = dict(parse_qsl(request.url.query.decode()))
            following = dict(parse_qsl(page.next_query)) | {name: asked[name] for name in ("since",) if name in asked}
            headers["link"] = f'<{API}{LIST}?{urlencode(following)}>; rel="next"'
        headers["etag"] = f'W/"{hash((body, headers.get("link"))) & 0xFFFFFFFFFFFF:x}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return httpx.Response(304, headers=headers)
        return httpx.Response(200, headers=headers | {"content-type": "application/json"}, content=body)

    def _single(self, path: str) -> httpx.Response:
        number = int(path.rpartition("/")[2])
        if not path.startswith(LIST):
            # Where it went, this token may not look.
            return httpx.Response(404, json={"message": "Not Found"})
        if number in self.model.gone:
            return httpx.Response(410, json={"message": "This issue was deleted"})
        if number in self.model.moved:
            return httpx.Response(301, headers={"location": self.model.moved[number]})
        return httpx.Response(200, content=msgspec.json.encode(self._shown(self.model.issues[number])))

    def _shown(self, issue: Issue) -> msgspec.Raw:
        if issue not in self._rendered:
            shown = render.issue(self.model, issue, API, render.WITHOUT_ASSIGNEE)
            self._rendered[issue] = msgspec.Raw(msgspec.json.encode(shown))
        return self._rendered[issue]


class Known:
    """What a reader knows: of each issue the latest state it was shown, as the store keeps it."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.cursors: dict[str, str] = {}

    async def read(self, it: Open, scope: Lately) -> list[Page]:
        pages = []
        async for page in it.github.observe(scope):
            pages.append(page)
            self.note(page)
        return pages

    def note(self, page: Page) -> None:
        if page.cursor is not None:
            self.cursors[page.container] = page.cursor
        for item in page.items:
            number = number_of(item.ref)
            if number not in self.items or item.updated >= self.items[number].updated:
                self.items[number] = item

    def stale(self, model: GitHub) -> list[int]:
        """The issues there are that are known otherwise than they are, or not at all."""
        known = {number: row_of(item) for number, item in self.items.items()}
        return [n for n, issue in model.issues.items() if not issue.pull and known.get(n) != truth(issue)]


def number_of(ref: ItemRef) -> int:
    return int(ref.id.partition("/")[2])


def row_of(item: Item) -> Row:
    (state,) = item.facts["state"]
    return item.title, item.facts["labels"], item.facts["owners"], state, next(iter(item.facts["reason"]), None)


def truth(issue: Issue) -> Row:
    return issue.title, issue.labels, issue.assignees, issue.state, issue.reason


def scene(seed: int) -> tuple[Clock, Server, People, random.Random]:
    """The same repository and people for the same seed; every other server reads ``since`` as "after"."""
    clock, chance = Clock(), random.Random(seed)  # noqa: S311  # a seed, no secret
    model = lived_in(chance, clock)
    # Some weeks are quiet, in some a robot edits everything within one second.
    people = People(model, clock, chance, steps=chance.choice(((0,), (0, 0, 1), (0, 1, 90))))
    return clock, Server(model, strict=seed % 2 == 1), people, chance


@pytest.mark.parametrize("seeds", [SEEDS[at : at + 20] for at in range(0, len(SEEDS), 20)], ids=lambda few: str(few[0]))
async def test_no_row_is_stale_after_the_next_incremental_read(seeds: range) -> None:
    for seed in seeds:
        clock, server, people, _ = scene(seed)
        known = Known()
        async with opened(httpx.MockTransport(server), clock=clock) as it:
            server.after = people
            pages = await known.read(it, Lately())
            assert people.edits >= EDITS * ROWS // 100
            server.after = lambda: None
            assert pages[-1].complete
            news = await known.read(it, Lately(known.cursors))

        assert news[-1].complete
        assert known.stale(server.model) == [], f"seed {seed}"


@pytest.mark.parametrize("seed", SEEDS[::20])
async def test_what_no_listing_shows_is_found_by_a_whole_read_and_by_asking(seed: int) -> None:
    clock, server, people, _ = scene(seed)
    known = Known()
    async with opened(httpx.MockTransport(server), clock=clock) as it:
        server.after = people
        await known.read(it, Lately())
        server.after = lambda: None
        people.delete(min(known.items.keys() & server.model.issues))
        people.transfer(min(known.items.keys() & server.model.issues))
        await known.read(it, Lately(known.cursors))
        whole = {number_of(item.ref) for page in await known.read(it, Lately()) for item in page.items}
        absent = sorted(known.items.keys() - whole)
        looks = await it.pages(These(tuple(known.items[number].ref for number in absent)))

    missing = {number_of(ref): why for page in looks for ref, why in page.missing.items()}
    assert missing == {number: people.away[number] for number in absent}
    assert {Absence.GONE, Absence.MOVED} <= set(missing.values())
    for number in missing:
        del known.items[number]
    assert known.items.keys() == {number for number, issue in server.model.issues.items() if not issue.pull}


@pytest.mark.parametrize("seed", SEEDS[::10])
async def test_an_answer_that_nothing_changed_never_hides_an_edit(seed: int) -> None:
    """Read after read, edited before, meanwhile, or not at all, and often within the second of the last row seen."""
    clock, server, people, chance = scene(seed)
    known, free = Known(), 0
    async with opened(httpx.MockTransport(server), clock=clock) as it:
        await known.read(it, Lately())
        for _ in range(40):
            before, meanwhile = chance.choice((0, 0, 1, 3)), chance.choice((0, 0, 0, 2))
            people(before)
            server.after = (lambda: people(2)) if meanwhile else (lambda: None)
            server.statuses.clear()
            await known.read(it, Lately(known.cursors))
            free += server.statuses == [304]
            server.after = lambda: None
            if not meanwhile:
                assert known.stale(server.model) == []
        await known.read(it, Lately(known.cursors))

    assert known.stale(server.model) == []
    assert free, "no read was free"


# What it would be like by page number.


async def by_page_number(server: Server, known: Known, since: datetime | None = None) -> None:
    """The way it must not be done: page after page, oldest first, while the list moves."""
    query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": 100}
    if since is not None:
        query["since"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    async with opened(httpx.MockTransport(server)) as it:
        for number in range(1, 60):
            rows = decode(await it.wire.read("GET", LIST, params=query | {"page": number}), list[Shown])
            issues = [row for row in rows if not row.is_pull_request]
            known.note(Page(tuple(item_of(row, "github", server.model.repository_id, "acme/shop") for row in issues)))
            if len(rows) < 100:
                return


async def test_by_page_number_rows_would_be_stale() -> None:
    stale = 0
    for seed in SEEDS[::10]:
        _, server, people, _ = scene(seed)
        known = Known()
        server.after = people
        await by_page_number(server, known)
        server.after = lambda: None
        latest = max(item.updated for item in known.items.values())
        await by_page_number(server, known, latest - timedelta(minutes=2))
        stale += len(known.stale(server.model))
    assert stale > 100, "these edits would do no harm to anyone"
