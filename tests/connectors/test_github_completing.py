"""Items completed with facts that issues do not show: the same whichever way they come, or no item at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from github_doubles import Clock, Open, opened, served, shop, stage_change

from trackersync.connector import Facts, Lately, RejectedError, These
from trackersync.sandbox import GitHub
from trackersync_github.wire import Issue


class Weather:
    """A supplement: what the weather is on each issue, changed without a trace in the issue."""

    def __init__(self) -> None:
        self.now: dict[int, str] = {}
        self.changed: set[int] = set()
        self.broken = False
        self.asked: list[tuple[int, ...]] = []

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        if self.broken:
            raise RejectedError("the weather is closed to this token")
        self.asked.append(tuple(issue.number for issue in issues))
        return {issue.number: {"weather": (self.now.get(issue.number, "fair"),)} for issue in issues}

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        return tuple(self.changed)


@pytest.fixture
def model() -> GitHub:
    clock = Clock()
    model = shop(clock)
    for number in range(3):
        model.create(f"Issue {number}", labels=["stage: idea"])
        clock.time += timedelta(minutes=5)
    return model


def with_weather(it: Open, weather: Weather) -> None:
    it.github._completing.supplements = (weather,)


def lately(pages: Sequence[object]) -> Lately:
    return Lately({page.container: page.cursor for page in pages if page.cursor is not None})  # type: ignore[attr-defined]


async def test_an_item_shows_the_same_facts_whichever_way_it_comes(model: GitHub) -> None:
    weather = Weather()
    async with opened(served(model)) as it:
        with_weather(it, weather)
        listed = await it.items()
        looked = [await it.item(item.ref) for item in listed]
        written = await it.github.apply(stage_change(listed[0], "stage: build"))
        assert looked == listed
        assert {item.facts["weather"] for item in listed} == {("fair",)}
        assert written == await it.item(listed[0].ref)


async def test_what_changed_beside_an_issue_is_shown_by_the_next_read(model: GitHub) -> None:
    weather = Weather()
    async with opened(served(model)) as it:
        with_weather(it, weather)
        pages = await it.pages()
        weather.now[2] = "rain"
        weather.changed = {2}
        pages = await it.pages(lately(pages))
    shown = {item.key: item.facts["weather"] for page in pages for item in page.items}
    assert shown["acme/shop#2"] == ("rain",)
    assert [page.complete for page in pages][-1:] == [True]
    assert {page.container for page in pages} == {"acme/shop"}


async def test_items_are_asked_for_together(model: GitHub) -> None:
    weather = Weather()
    async with opened(served(model)) as it:
        with_weather(it, weather)
        items = await it.items()
        weather.asked.clear()
        await it.items(These(tuple(item.ref for item in items)))
    assert sorted(weather.asked) == [(1, 2, 3)]


async def test_a_supplement_that_cannot_be_read_makes_no_items(model: GitHub) -> None:
    weather = Weather()
    async with opened(served(model)) as it:
        with_weather(it, weather)
        pages = await it.pages()
        weather.broken = True
        model.edit(1, labels=["bug"], by="ada-l")
        seen, error = await it.until_error(lately(pages))
    assert [item for page in seen for item in page.items] == []
    assert not any(page.complete for page in seen)
    assert "closed to this token" in str(error)
    assert error.containers == ("acme/shop",)
