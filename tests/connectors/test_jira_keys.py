"""A Data Center that knows issues by their keys alone, as some stand-ins do: that is not taken for deletion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from jira_doubles import DATA_CENTER, HERE, MYSELF, change, opened, raw, ref

from trackersync.connector import Absence, Lately, NotFoundError, These


@dataclass
class ByKey:
    """Three issues; ``ids`` are those it knows by id too."""

    ids: tuple[int, ...] = ()
    owner: str | None = None
    asked: list[str] = field(default_factory=list)
    numbers: tuple[int, ...] = (1, 2, 3)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/rest/api/2")
        self.asked.append(f"{request.method} {path}")
        if path == "/search":
            since = "updated >=" in request.url.params["jql"]
            rows = [self.shown(number) for number in self.numbers if not since or number == 3]
            return httpx.Response(200, json={"issues": rows, "total": len(rows)})
        if path.startswith("/issue/"):
            return self.issue(request, path.split("/")[2])
        if path == "/user/assignable/search":
            return httpx.Response(404, json={"detail": "Not Found"})
        if path == "/user":
            known = request.url.params["username"] == "grace-h"
            return httpx.Response(200 if known else 404, json={"name": "grace-h", "active": True})
        return httpx.Response(200, json=MYSELF | {"key": "SHOP"})

    def shown(self, number: int) -> dict[str, Any]:
        return raw(number, f"2026-03-0{number}T09:00:00.000+0000", assignee=self.owner and {"name": self.owner})

    def issue(self, request: httpx.Request, name: str) -> httpx.Response:
        known = {f"SHOP-{n}": n for n in self.numbers} | {str(10_000 + n): n for n in self.numbers if n in self.ids}
        if name not in known:
            return httpx.Response(404, json={"errorMessages": ["Issue Does Not Exist"]})
        if request.method == "PUT":
            self.owner = "grace-h"
            return httpx.Response(204)
        return httpx.Response(200, json=self.shown(known[name]))


async def test_what_was_not_seen_in_this_run_is_found_by_the_keys_of_its_project() -> None:
    world = ByKey()
    async with opened(transport=httpx.MockTransport(world), **DATA_CENTER) as at:
        await at.pages(Lately({"SHOP": "1772600000000"}))
        (page,) = await at.pages(These((ref(1), ref(2), ref(9))))

    assert [item.key for item in page.items] == ["SHOP-1", "SHOP-2"]
    assert page.missing == {ref(9): Absence.HIDDEN}


async def test_an_issue_is_changed_under_its_key_and_whoever_exists_may_be_tried() -> None:
    """That server lists nobody who is assignable either."""
    world = ByKey()
    async with opened(transport=httpx.MockTransport(world), writes=["owners"], **DATA_CENTER) as at:
        item = await at.jira.apply(change(HERE, "owners", {"owners": ("grace-h",)}))
        assert item.facts["owners"] == ("grace-h",)
        assert "PUT /issue/SHOP-1/assignee" in world.asked


async def test_another_issue_under_the_old_key_is_not_this_one() -> None:
    """A key is no name for ever: only the id says that it is the same issue."""
    world = ByKey()
    async with opened(transport=httpx.MockTransport(world), writes=["owners"], **DATA_CENTER) as at:
        with pytest.raises(NotFoundError):
            await at.jira.apply(change(HERE, "owners", {"owners": ("grace-h",)}, ref=ref(7)))
    assert not [one for one in world.asked if one.startswith("PUT")]


async def test_a_jira_that_knows_ids_is_asked_once_and_its_projects_are_not_read_through() -> None:
    world = ByKey(ids=(1, 2, 3))
    async with opened(transport=httpx.MockTransport(world), **DATA_CENTER) as at:
        await at.pages(Lately({"SHOP": "1772600000000"}))
        world.asked.clear()
        for _ in range(2):
            (page,) = await at.pages(These((ref(1), ref(9))))

    assert page.missing == {ref(9): Absence.HIDDEN}
    assert not [one for one in world.asked if one.endswith("/search")]
    assert [one.rpartition("/")[2] for one in world.asked].count("10003") == 1
