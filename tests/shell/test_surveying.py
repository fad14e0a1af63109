"""What trackers show of themselves, counted; how issues move; and a board that tells what no label does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from product import TOKENS, invoke
from trackersync.connector import NotFoundError, Sign, Survey, UnavailableError
from trackersync.core.model import Event, Item, ItemRef
from trackersync.pipeline.surveying import FEW, elsewhere, moves, over, sightings
from trackersync.sandbox import GitHub, Options, running
from trackersync_github.vocabulary import VOCABULARY as GITHUB
from trackersync_jira.vocabulary import VOCABULARY as JIRA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trackersync.core.model import Facts

AT = datetime(2026, 3, 5, tzinfo=UTC)


def item(number: int, facts: Facts, tracker: str = "jira") -> Item:
    """An issue; the higher its number, the later it was changed."""
    updated = AT.replace(minute=number % 60, hour=number // 60)
    return Item(ItemRef(tracker, str(number)), f"X-{number}", "", "", "X", AT, updated, facts)


def status(name: str, category: str = "new") -> Facts:
    """What an issue of Jira shows."""
    return {"status": (name,), "category": (category,)}


def test_values_are_counted_whether_listed_or_shown() -> None:
    survey = Survey((Sign("statuses", "Open", "backlog", 0), Sign("statuses", "Never", "started", 1)))
    items = [item(1, status("open")), item(2, status("OPEN", "done")), item(3, status("Odd")), item(4, {})]
    found = {one.value: (one.category, one.rank, one.open, one.all) for one in sightings(survey, items, JIRA)}
    assert found == {"Open": ("backlog", 0, 1, 2), "Never": ("started", 1, 0, 0), "Odd": ("", None, 1, 1)}


def test_a_tracker_that_cannot_be_surveyed_is_seen_by_its_issues() -> None:
    items = [
        item(1, {"labels": ("bug", "wip"), "state": ("open",)}),
        item(2, {"labels": ("bug",), "state": ("closed",)}),
    ]
    found = {(one.place, one.value): (one.open, one.all) for one in sightings(None, items, GITHUB)}
    # Neither open and closed, which every issue shows, nor places that count only where they are named.
    assert found == {("labels", "bug"): (1, 2), ("labels", "wip"): (1, 1)}


def test_optional_places_count_where_they_are_listed() -> None:
    facts = {"board": ("Doing",), "type": ("Bug",), "state": ("open",)}
    found = [one.place for one in sightings(None, [item(1, facts)], GITHUB, (Sign("board", "Doing"),))]
    assert found == ["board"]


@pytest.mark.parametrize(
    ("facts", "vocabulary", "ended"),
    [
        ({"state": ("closed",)}, GITHUB, True),
        ({"state": ("open",)}, GITHUB, False),
        (status("Done", "done"), JIRA, True),
        (status("Done", "new"), JIRA, False),
        ({}, JIRA, False),
    ],
)
def test_what_is_over(facts: Facts, vocabulary: object, ended: bool) -> None:
    assert over(item(1, facts), vocabulary) is ended  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("urls", "found"),
    [
        pytest.param(["https://issues.apache.org/jira/browse/X-1"], {"https://issues.apache.org/jira": 1}, id="new"),
        pytest.param(["https://x.test/browse/X-1", "https://x.test/browse/X-2"], {"https://x.test": 1}, id="two"),
        pytest.param(["https://jira.acme.example/browse/X-1"], {}, id="its own"),
        pytest.param(["https://jira.acme.example.x/browse/X-1"], {"https://jira.acme.example.x": 1}, id="like it"),
        pytest.param(["https://x.example/browse/Y-1"], {}, id="another project"),
        pytest.param(["https://x.example/browse/", "x", "https://", "http://x.example"], {}, id="no issue"),
    ],
)
def test_addresses_that_nobody_has_named(urls: list[str], found: dict[str, int]) -> None:
    items = [replace(item(1, {}, "github"), urls=tuple(urls))]
    assert elsewhere(items, ["https://jira.acme.example"], ["X"], JIRA) == found


class OneByOne:
    """A tracker that tells of one issue with one request."""

    def __init__(self, pasts: Mapping[str, Sequence[Event]] = {}, trouble: Exception | None = None) -> None:
        """Know these histories by item's id."""
        self.pasts, self.trouble = pasts, trouble
        self.asked: list[str] = []

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        """What happened to an item."""
        self.asked.append(ref.id)
        if self.trouble is not None:
            raise self.trouble
        return tuple(self.pasts.get(ref.id, ()))


class Together(OneByOne):
    """One that tells of many at once."""

    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        """What happened to these items."""
        return {ref: await self.history(ref) for ref in refs}


def moved(source: str, target: str, fact: str = "status") -> Event:
    """A change of a status."""
    return Event(f"{source}{target}", AT, "ada-l", fact, (target,), (source,))


PASTS = {"1": [moved("Open", "Odd"), moved("x", "y", "owners")], "2": [moved("Odd", "Done")]}


@pytest.mark.parametrize("kind", [OneByOne, Together])
def test_moves_are_those_of_the_status(kind: type[OneByOne]) -> None:
    items = [item(1, status("Odd")), item(2, status("Done"))]
    told = asyncio.run(moves(kind(PASTS), JIRA, items, ["odd"]))  # type: ignore[arg-type]
    assert sorted(told) == [("Odd", "Done"), ("Open", "Odd")]


def test_those_in_doubt_are_asked_first_and_not_all_are() -> None:
    tracker = OneByOne()
    items = [item(number, status("Odd" if number == 7 else "Open")) for number in range(FEW + 20)]
    assert asyncio.run(moves(tracker, JIRA, items, ["Odd"])) == ()  # type: ignore[arg-type]
    assert (len(tracker.asked), tracker.asked[0], tracker.asked[1]) == (FEW, "7", str(FEW + 19))


@pytest.mark.parametrize("kind", [OneByOne, Together])
@pytest.mark.parametrize("trouble", [UnavailableError("down"), NotFoundError("gone")], ids=["down", "gone"])
def test_histories_are_a_help_that_can_be_done_without(kind: type[OneByOne], trouble: Exception) -> None:
    assert asyncio.run(moves(kind(PASTS, trouble), JIRA, [item(1, status("Odd"))])) == ()  # type: ignore[arg-type]


def test_labels_do_not_move_along_a_workflow() -> None:
    tracker = OneByOne(PASTS)
    assert asyncio.run(moves(tracker, GITHUB, [item(1, {})])) == ()  # type: ignore[arg-type]
    assert asyncio.run(moves(object(), JIRA, [item(1, {})])) == ()  # type: ignore[arg-type]
    assert tracker.asked == []


def test_a_board_tells_the_stage_where_no_label_does(folder: Path) -> None:
    plain = GitHub("acme/plain")
    for number in range(1, 4):
        plain.create(f"Issue {number}", labels=["bug"])
    with running(Options(), plain) as sandbox:
        board = sandbox.github.boards.add("acme", 7, "Todo", "Doing", "In Review", "Done").link("acme/plain")
        board.put(1, "Todo", repository="acme/plain")
        board.put(2, "Doing", repository="acme/plain")
        record = invoke("init", "acme/plain", "--github-url", sandbox.github_url, "--format", "json").record
        tracker = yaml.safe_load((folder / "trackersync.yaml").read_text(encoding="utf-8"))["trackers"]["github"]
        without = invoke(
            "init", "acme/plain", "--github-url", sandbox.github_url, "--board", "none", "--force", "--format", "json"
        ).record
        again = invoke("check", "--fail-on", "never")
    assert tracker["project"] == {"owner": "acme", "number": 7, "kind": "organization", "field": "Status"}
    assert tracker["precedence"] == ["board", "labels"]
    assert tracker["stages"]["in progress"] == {"board": ["Doing"]}
    assert record["trackers"][0]["open"]["stated"] == 2
    assert without["trackers"][0]["open"]["stated"] == 0
    assert again.code == 0, again.said
    assert not [token for token in TOKENS.values() if token in again.said]
