"""Servers that stand in for GitHub and know issues and labels only, whatever they say of all the rest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from github_doubles import opened, served, shop

from trackersync.connector import Check, Grade, UnavailableError
from trackersync.sandbox import GitHub

KNOWN = re.compile(r"^/repos/acme/\w+(/(issues|labels)(/.*)?)?$")
ABSENT = pytest.mark.parametrize("status", [404, 405, 410, 501])


def bare(
    model: GitHub, *others: GitHub, status: int, known: re.Pattern[str] = KNOWN
) -> tuple[httpx.MockTransport, list[str]]:
    """A server that answers a status to all that it does not know, and what was asked of that."""
    inner, asked = served(model, *others), list[str]()

    async def answered(request: httpx.Request) -> httpx.Response:
        if known.search(request.url.path):
            return await inner.handle_async_request(request)
        asked.append(f"{request.method} {request.url.path}")
        return httpx.Response(status, json={"message": "no such thing"})

    return httpx.MockTransport(answered), asked


async def checks_of(transport: httpx.AsyncBaseTransport, **settings: Any) -> list[Check]:  # noqa: ANN401  # settings
    async with opened(transport, **settings) as it:
        return [check async for check in it.github.examine({"labels": ("stage: build",)})]


@ABSENT
async def test_it_is_examined_all_the_same_and_does_not_say_who_we_are(status: int) -> None:
    transport, asked = bare(shop(), status=status)
    checks = await checks_of(transport, writes=["stage"])

    assert checks[0] == Check("who we are", Grade.NOTE, "this server does not say who we are (GET /user)")
    assert [check.name for check in checks[1:]] == ["acme/shop", "budget", "webhooks"]
    assert not [check for check in checks if check.grade in {Grade.WARNING, Grade.ERROR}]
    assert len(asked) == len(set(asked)), "what is not there is asked for once"


@ABSENT
async def test_it_is_probed_and_surveyed(status: int) -> None:
    transport, asked = bare(shop(), status=status)
    async with opened(transport, writes=["stage"]) as it:
        probe, survey = await it.github.probe(), await it.github.survey()

    assert (probe.account, probe.containers, probe.missing) == ("", ("acme/shop",), ())
    assert len(survey.signs) == 5
    assert survey.remarks == ("this server tells nothing of boards (Projects v2)",)
    # A question for boards by repository, and one by owner, both go side by side.
    assert len([one for one in asked if one != "POST /graphql"]) == len({*asked} - {"POST /graphql"})


@ABSENT
async def test_that_nobody_can_be_asked_about_is_a_warning_where_owners_are_written(status: int) -> None:
    transport, _ = bare(shop(), status=status)
    (lack,) = [check for check in await checks_of(transport) if check.grade is Grade.WARNING]

    assert lack.said.startswith(f"this server does not say who can be assigned ({status} on ")


@ABSENT
async def test_repositories_of_an_owner_are_listed_though_it_does_not_say_who_we_are(status: int) -> None:
    known = re.compile(rf"{KNOWN.pattern}|^/orgs/acme/repos$")
    transport, asked = bare(shop(), status=status, known=known)
    async with opened(transport, repositories=["acme/*"]) as it:
        found = await it.github.discover()

    assert found.names == ("acme/shop",)
    assert asked == ["GET /user"]


async def test_a_server_that_is_down_is_no_server_that_knows_little() -> None:
    transport, _ = bare(shop(), status=503)
    with pytest.raises(UnavailableError, match="answered 503") as caught:
        await checks_of(transport)

    assert caught.value.passing


def slow(inner: httpx.ASGITransport, most: list[int]) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    now = 0

    async def counted(request: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 1
        most[0] = max(most[0], now)
        await asyncio.sleep(0.002)
        try:
            return await inner.handle_async_request(request)
        finally:
            now -= 1

    return counted


async def test_many_repositories_are_looked_at_side_by_side_in_the_order_given() -> None:
    models = [shop(repository=f"acme/r{n}") for n in range(20)]
    most, settings = [0], {"repositories": [one.repository for one in models], "evidence": []}
    async with opened(httpx.MockTransport(slow(served(*models), most)), **settings) as it:
        probe = await it.github.probe()

    assert probe.containers == tuple(f"acme/r{n}" for n in range(20))
    assert 4 < most[0] <= 8
