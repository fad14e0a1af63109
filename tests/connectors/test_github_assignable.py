"""Whom a host calls assignable: GitHub is believed, and a host that lacks the path is not mistaken for it."""

from __future__ import annotations

import httpx
import pytest
from github_doubles import Clock, opened, owner_change, served, shop

from trackersync.connector import ItemRef, RejectedError
from trackersync.sandbox import GitHub


class Bare(httpx.AsyncBaseTransport):
    """A host without ``/assignees``: it answers 404 to every question about who can be assigned."""

    def __init__(self, model: GitHub) -> None:
        self.inner = served(model)
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.strip("/").split("/")
        if parts[3:4] == ["assignees"]:
            self.asked.append(request.url.path)
            return httpx.Response(404, json={"message": "Not Found"})
        return await self.inner.handle_async_request(request)


def issues(clock: Clock, *owners: tuple[str, ...]) -> GitHub:
    model = shop(clock)
    for number, mine in enumerate(owners, start=1):
        model.create(f"Issue {number}", assignees=mine)
    return model


def ref(model: GitHub, number: int) -> ItemRef:
    return ItemRef("github", f"{model.repository_id}/{number}")


async def test_owners_are_written_where_nobody_says_who_can_be() -> None:
    clock = Clock()
    model = issues(clock, (), ("grace-h",))
    host = Bare(model)
    async with opened(host, clock=clock) as it:
        for number in (1, 2):
            shown = await it.github.apply(owner_change(await it.item(ref(model, number)), "ada-l"))
            assert shown.facts["owners"] == ("ada-l",)
    assert [model.issue(number).assignees for number in (1, 2)] == [("ada-l",), ("ada-l",)]
    assert host.asked == ["/repos/acme/shop/assignees/ada-l", "/repos/acme/shop/assignees"], "once for a repository"


async def test_an_owner_that_is_left_out_there_is_seen_from_the_answer() -> None:
    clock = Clock()
    model = issues(clock, ("grace-h",))
    async with opened(Bare(model), clock=clock) as it:
        item = await it.item(ref(model, 1))
        with pytest.raises(RejectedError, match=r"dropped it without a word .*, or that account has none\."):
            await it.github.apply(owner_change(item, "stranger"))
    assert model.issue(1).assignees == ("grace-h",), "nobody was taken away for one who did not come"


async def test_a_list_that_is_forbidden_stops_the_write() -> None:
    """Nothing is known then, and nothing is sent."""
    clock = Clock()
    model = issues(clock, ())

    def forbid(request: httpx.Request) -> httpx.Response | None:
        refused = {"/repos/acme/shop/assignees": 403, "/repos/acme/shop/assignees/ada-l": 404}.get(request.url.path)
        return None if refused is None else httpx.Response(refused, json={"message": "No"})

    class Forbidding(Bare):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return forbid(request) or await self.inner.handle_async_request(request)

    async with opened(Forbidding(model), clock=clock) as it:
        item = await it.item(ref(model, 1))
        with pytest.raises(RejectedError, match=r"403 .* on asking who can be assigned in acme/shop"):
            await it.github.apply(owner_change(item, "ada-l"))
    assert model.writes == 0


async def test_it_is_said_before_the_first_write() -> None:
    clock = Clock()
    model = issues(clock)
    async with opened(Bare(model), clock=clock) as it:
        (said,) = (await it.github.probe()).missing
        assert said.startswith("this server does not say who can be assigned (404 on /repos/acme/shop/assignees")
    for writes in ((), ("stage",)):
        async with opened(Bare(model), clock=clock, writes=writes) as it:
            assert (await it.github.probe()).missing == ()
