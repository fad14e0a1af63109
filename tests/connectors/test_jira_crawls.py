"""Crawls of a project that people edit meanwhile: what the reader knows afterwards is how it is, row for row.

Sixteen seeds for each flavour, four hundred issues each, three edits after every page: statuses, labels, owners,
titles, deletions, moves to elsewhere, new issues, often many within one second. After the next incremental read no row
may be stale. What is deleted or moved away no search shows; it is found by asking for what a whole read missed.

Data Center's seconds may hold more than a page. Cloud's do not here: whether its tokens, which are then all there is,
are proof against edits is not documented, and the stand-in's are not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, many, opened, within

from trackersync.connector import Absence, Item, ItemRef, Lately, Page, These
from trackersync.sandbox import moments
from trackersync.sandbox.jira.model import Issue, Jira, User
from trackersync.sandbox.shop import workflow

ROWS, EDITS, FEW = 400, 3, range(8)
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PEOPLE = ("ada-l", "grace-h", "alan-t")
Row = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Title, status, labels, owners: what must not be stale."""


@dataclass
class Clock:
    """The site's time."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time


def lived_in(chance: random.Random, clock: Clock, *, cloud: bool) -> Jira:
    """A project with a past: at Data Center with seconds in which more was edited than a page holds."""
    model = Jira({"SHOP": workflow(), "OPS": workflow()}, clock=clock)
    model.welcome(User(name, name, name) for name in PEOPLE)
    when = moments.milliseconds(NOON - timedelta(days=9))
    issues, bulk = [], chance.randrange(ROWS)
    for number in range(1, ROWS + 1):
        together = not cloud and bulk <= number < bulk + 230
        when += chance.choice((0, 1)) if together else chance.choice((0, 1, 1_000, 7_000, 600_000))
        issues.append(Issue(10_000 + number, f"SHOP-{number}", f"Task {number}", "Backlog", when, when))
    chance.shuffle(issues)
    model.fill(issues)
    return model


@dataclass
class People:
    """Who edits while the reader reads."""

    model: Jira
    clock: Clock
    chance: random.Random
    steps: tuple[float, ...]
    edits: int = 0
    away: dict[int, Absence] = field(default_factory=dict)

    def __call__(self) -> None:
        for _ in range(EDITS):
            self.clock.time += timedelta(seconds=self.chance.choice(self.steps))
            self.edits += 1
            self._edit(self.chance.choice([i.key for i in self.model.issues.values() if i.project == "SHOP"]))

    def delete(self, key: str) -> None:
        self.away[self.model.issue(key).id] = Absence.HIDDEN
        self.model.delete(key)

    def move(self, key: str) -> None:
        issue = self.model.issue(key)
        now = max(moments.milliseconds(self.clock()), issue.updated + 1)
        self.model.put(replace(issue, key=f"OPS-{issue.number}", updated=now))
        self.away[issue.id] = Absence.OUT_OF_SCOPE

    def _edit(self, key: str) -> None:
        model, chance = self.model, self.chance
        match chance.randrange(10):
            case 0:
                self.delete(key)
            case 1:
                self.move(key)
            case 2:
                model.create(f"New {self.edits}", "SHOP", by="grace-h")
            case 3 | 4 | 5:
                model.edit(key, status=chance.choice(("Design", "In Progress", "In Review")), by="ada-l")
            case 6:
                model.edit(key, assignee=chance.choice(PEOPLE), by="ada-l")
            case _:
                model.edit(key, labels=[f"l{self.edits}"], summary=f"Edited {self.edits}", by="grace-h")


class Watched(httpx.AsyncBaseTransport):
    """The stand-in; while ``people`` are there they edit after each page of a search."""

    def __init__(self, model: Jira) -> None:
        self.inner = within(model)
        self.people: Callable[[], object] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        await answer.aread()
        if self.people is not None and request.url.path.endswith(("/search", "/search/jql")):
            self.people()
        return answer


class Known:
    """What a reader knows: of each issue the latest state it was shown, as the store keeps it."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.cursor = ""

    def note(self, pages: list[Page]) -> None:
        for page in pages:
            self.cursor = page.cursor or self.cursor
            for item in page.items:
                number = int(item.ref.id)
                if number not in self.items or item.updated >= self.items[number].updated:
                    self.items[number] = item

    def stale(self, model: Jira) -> list[str]:
        """The issues there are that are known otherwise than they are, or not at all."""
        known = {number: row_of(item) for number, item in self.items.items()}
        ours = [issue for issue in model.issues.values() if issue.project == "SHOP"]
        return [issue.key for issue in ours if known.get(issue.id) != truth(issue)]


def row_of(item: Item) -> Row:
    return item.title, item.facts["status"][0], item.facts["labels"], item.facts["owners"]


def truth(issue: Issue) -> Row:
    return issue.summary, issue.status, issue.labels, (issue.assignee,) if issue.assignee else ()


@pytest.mark.parametrize("first", [0, 8], ids=["0-7", "8-15"])
@pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
async def test_no_row_is_stale_after_the_next_incremental_read(flavour: dict[str, Any], first: int) -> None:
    for seed in (first + few for few in FEW):
        clock, chance = Clock(), random.Random(seed)  # noqa: S311  # a seed, no secret
        model = lived_in(chance, clock, cloud=("email" in flavour))
        people = People(model, clock, chance, steps=chance.choice(((0,), (0, 0, 1), (0, 1, 90))))
        watched, known = Watched(model), Known()
        async with opened(transport=watched, **flavour) as at:
            watched.people = people
            known.note(await at.pages())
            watched.people = None
            known.note(await at.pages(Lately({"SHOP": known.cursor})))
            assert known.stale(model) == [], f"seed {seed}"

            people.delete(next(issue.key for issue in model.issues.values() if issue.project == "SHOP"))
            whole = {int(item.ref.id) for item in await at.items()}
            absent = sorted(known.items.keys() - whole)
            looks = await at.pages(These(tuple(ItemRef("jira", str(number)) for number in absent)))
        missing = {int(ref.id): why for page in looks for ref, why in page.missing.items()}
        assert missing == {number: people.away[number] for number in absent}, f"seed {seed}"
        assert people.edits >= EDITS * ROWS // 100


@pytest.mark.parametrize("edits", [1, 9, 15, 60])
async def test_a_robot_at_work_within_a_full_second_hides_nothing_of_it(edits: int) -> None:
    """What it edits leaves the second, and those behind move up, past the place where the next page begins."""
    model = many(300, together=True)
    touched = iter(sorted(model.issues.values(), key=lambda issue: (issue.updated, issue.id)))

    class Robot:
        """At work after the first pages."""

        rounds = 0

        def __call__(self) -> None:
            self.rounds += 1
            for _ in range(edits if self.rounds <= 3 else 0):
                model.edit(next(touched).key, labels=["robot"], by="grace-h")

    watched = Watched(model)
    watched.people = Robot()
    async with opened(transport=watched, **DATA_CENTER) as at:
        seen = {item.key for item in await at.items()}

    assert seen == set(model.keys)
