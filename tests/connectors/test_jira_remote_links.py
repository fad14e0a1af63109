"""Writing links to other trackers' items onto Jira's issues: once, whole, and nothing that is not ours."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from jira_doubles import FLAVOURS, Open, change, look, opened, to, within

from trackersync.connector import Change, Item, NotFoundError, RejectedError, RemoteLink, StaleError, UnavailableError
from trackersync.errors import TrackersyncError
from trackersync.sandbox import answer
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.shop import workflow

LINKS = {"writes": ["stage", "owners", "links"]}
SEVENTEEN = RemoteLink.to("https://github.com", "1/17", "https://github.com/acme/shop/issues/17", "acme/shop#17")
RENAMED = RemoteLink.to("https://github.com", "1/17", "https://github.com/acme/store/issues/17", "acme/store#17")
EIGHTEEN = RemoteLink.to("https://github.com", "1/18", "https://github.com/acme/shop/issues/18", "acme/shop#18")
FOREIGN = [
    {"object": {"url": "https://wiki.example", "title": "No global id"}},
    {
        "globalId": "appId=456&pageId=123",
        "application": {"type": "com.atlassian.confluence", "name": "Wiki"},
        "relationship": "mentioned in",
        "object": {"url": "https://wiki.example/1", "title": "Minutes", "summary": "s", "status": {"resolved": True}},
    },
]


@pytest.fixture
def model() -> Jira:
    model = Jira({"SHOP": workflow()})
    issue = model.create("One")
    model.create("Two")
    for link in FOREIGN:
        model.ties.put(issue.id, json.loads(json.dumps(link)))
    return model


def remote(model: Jira, key: str = "SHOP-1") -> list[dict[str, Any]]:
    return list(model.ties.remote.get(model.issue(key).id, {}).values())


def ours(model: Jira) -> dict[str, str]:
    """Our links: global id and title."""
    assert remote(model)[: len(FOREIGN)] == FOREIGN
    return {link["globalId"]: link["object"]["title"] for link in remote(model)[len(FOREIGN) :]}


def linking(item: Item, *links: RemoteLink) -> Change:
    before, after = item.facts["links"], tuple(link.text for link in links)
    mine = {"links": tuple(dict.fromkeys((*before, *after)))}
    return change(item, "links", {"links": after}, fact="links", ours=mine)


async def one(at: Open, model: Jira) -> Item:
    return await look(at, model, "SHOP-1")


def sent(model: Jira) -> list[str]:
    """What was sent that could have changed something."""
    writes = (request for request in model.requests if request.kind == "write")
    return [f"{request.method} {request.path.rpartition('/')[2]}" for request in writes]


@FLAVOURS
async def test_a_link_is_one_request_with_a_global_id_and_in_every_look(model: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(model), **LINKS, **flavour) as at:
        shown = await at.jira.apply(linking(await one(at, model), SEVENTEEN))
        assert shown.facts["links"] == (SEVENTEEN.text,)
        assert await one(at, model) == shown
        listed = {item.key: item for item in await at.items()}

    # The library's `add_remote_link` asks for application links each time; its `add_simple_link` sends no global id.
    assert sent(model) == ["POST remotelink"]
    assert not [request for request in model.requests if "application" in request.path.casefold()]
    assert (listed["SHOP-1"], listed["SHOP-2"].facts["links"]) == (shown, ())
    assert ours(model) == {"system=https://github.com&item=1/17": "acme/shop#17"}


@FLAVOURS
async def test_twice_is_once_and_a_rename_updates_it_whole(model: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(model), **LINKS, **flavour) as at:
        first = linking(await one(at, model), SEVENTEEN)
        await at.jira.apply(first)
        await at.jira.apply(first)
        assert sent(model) == ["POST remotelink"]
        await at.jira.apply(linking(await one(at, model), RENAMED))

    assert ours(model) == {"system=https://github.com&item=1/17": "acme/store#17"}
    # An update sets to null what it leaves out.
    assert remote(model)[-1] == {
        "globalId": "system=https://github.com&item=1/17",
        "application": {"type": "trackersync", "name": "trackersync"},
        "relationship": "is the same task as",
        "object": {"url": "https://github.com/acme/store/issues/17", "title": "acme/store#17"},
    }


@FLAVOURS
async def test_links_are_taken_off_by_their_global_id(model: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(model), **LINKS, **flavour) as at:
        await at.jira.apply(linking(await one(at, model), SEVENTEEN))
        await at.jira.apply(linking(await one(at, model), EIGHTEEN))
        assert ours(model) == {EIGHTEEN.global_id: "acme/shop#18"}
        shown = await at.jira.apply(linking(await one(at, model)))

    assert (shown.facts["links"], ours(model)) == ((), {})


async def test_what_somebody_changed_meanwhile_is_stale(model: Jira) -> None:
    async with opened(transport=within(model), **LINKS) as at:
        planned = linking(await one(at, model), SEVENTEEN, EIGHTEEN)
        theirs = {"globalId": SEVENTEEN.global_id, "object": {"url": SEVENTEEN.url, "title": SEVENTEEN.title}}
        model.ties.put(model.issue("SHOP-1").id, theirs)
        with pytest.raises(StaleError):
            await at.jira.apply(planned)
    assert sent(model) == []


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_lost_answer_is_in_doubt_and_made_good_by_the_same_change(model: Jira, arrives: bool) -> None:
    transport = Losing(within(model), "POST", arrives=arrives)
    async with opened(transport=transport, **LINKS) as at:
        planned = linking(await one(at, model), SEVENTEEN)
        with pytest.raises(UnavailableError) as caught:
            await at.jira.apply(planned)
        assert caught.value.in_doubt
        assert bool(ours(model)) == arrives
        await at.jira.apply(planned)
    assert ours(model) == {SEVENTEEN.global_id: "acme/shop#17"}


async def test_a_change_that_was_cut_between_its_requests_is_planned_from_where_it_is(model: Jira) -> None:
    async with opened(transport=within(model), **LINKS) as at:
        await at.jira.apply(linking(await one(at, model), SEVENTEEN))
    transport = Losing(within(model), "DELETE", arrives=False)
    async with opened(transport=transport, **LINKS) as at:
        with pytest.raises(UnavailableError):
            await at.jira.apply(linking(await one(at, model), EIGHTEEN))
        half = await one(at, model)
        assert half.facts["links"] == (SEVENTEEN.text, EIGHTEEN.text)
        await at.jira.apply(linking(half, EIGHTEEN))
    assert ours(model) == {EIGHTEEN.global_id: "acme/shop#18"}


@FLAVOURS
async def test_who_may_not_link_is_told_which_permission(model: Jira, flavour: dict[str, Any]) -> None:
    model.ties.may_link = False
    async with opened(transport=within(model), **LINKS, **flavour) as at:
        with pytest.raises(RejectedError, match='"Link issues"'):
            await at.jira.apply(linking(await one(at, model), SEVENTEEN))
        model.ties.enabled = False
        with pytest.raises(NotFoundError, match=r"issue linking is switched on in Jira; or leave links out"):
            await at.items()


@pytest.mark.parametrize("status", [404, 409])
async def test_what_stops_after_the_first_link_is_in_doubt(model: Jira, status: int) -> None:
    model.faults.add(answer(status), method="POST", path="/remotelink$", skip=1)
    async with opened(transport=within(model), **LINKS) as at:
        with pytest.raises(UnavailableError, match="Others of its links were written before") as caught:
            await at.jira.apply(linking(await one(at, model), SEVENTEEN, EIGHTEEN))
    assert caught.value.in_doubt
    assert set(ours(model)) == {SEVENTEEN.global_id}


@FLAVOURS
async def test_links_hidden_of_one_issue_hide_no_other(model: Jira, flavour: dict[str, Any]) -> None:
    hidden = f"/issue/{model.issue('SHOP-1').id}/remotelink$"
    settings = answer(200, '{"issueLinkingEnabled": true}')
    model.faults.add(answer(403, '{"errorMessages": ["Hidden."]}'), path=hidden, times=9)
    model.faults.add(settings, path="/configuration$", times=9)
    async with opened(transport=within(model), **LINKS, **flavour) as at:
        listed = {item.key: item for item in await at.items()}
        assert listed["SHOP-2"].facts["links"] == ()
        # Not shown is not empty.
        assert "links" not in listed["SHOP-1"].facts
        assert await one(at, model) == listed["SHOP-1"]
        assert (await at.jira.apply(to(listed["SHOP-1"], "To Do"))).facts["status"] == ("To Do",)
        blind = replace(listed["SHOP-1"], facts={**listed["SHOP-1"].facts, "links": ()})
        with pytest.raises(RejectedError, match="does not show its links"):
            await at.jira.apply(linking(blind, SEVENTEEN))
    assert ours(model) == {}


async def test_links_hidden_of_every_issue_are_a_trouble(model: Jira) -> None:
    model.faults.add(answer(403), path="/remotelink$", times=9)
    async with opened(transport=within(model), **LINKS) as at:
        with pytest.raises(TrackersyncError, match="does not show its links"):
            await at.items()


async def test_another_field_s_change_shows_the_links_too(model: Jira) -> None:
    """Else the item would look as if its links had gone, and they would be planned anew."""
    async with opened(transport=within(model), **LINKS) as at:
        await at.jira.apply(linking(await one(at, model), SEVENTEEN))
        shown = await at.jira.apply(to(await one(at, model), "To Do"))
        assert shown == await one(at, model)
    assert shown.facts["links"] == (SEVENTEEN.text,)


async def test_links_that_are_not_wanted_are_neither_read_nor_let_through(model: Jira) -> None:
    async with opened(transport=within(model)) as at:
        item = await one(at, model)
        assert "links" not in item.facts
        assert not [request for request in model.requests if "remotelink" in request.path]
        after = {"links": (SEVENTEEN.text,)}
        planned = Change(item.ref, item.key, "links", "links", {"links": ()}, after, "a test says so", after)
        with pytest.raises(RejectedError, match="links may not be written"):
            await at.jira.apply(planned)
    assert ours(model) == {}


class Losing(httpx.AsyncBaseTransport):
    """Loses the answer to the first request of a method to the remote links, or the request itself."""

    def __init__(self, inner: httpx.AsyncBaseTransport, method: str, *, arrives: bool) -> None:
        self._inner, self._method, self._arrives = inner, method, arrives
        self._lost = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._lost or request.method != self._method or not request.url.path.endswith("/remotelink"):
            return await self._inner.handle_async_request(request)
        self._lost = True
        if self._arrives:
            await self._inner.handle_async_request(request)
        raise httpx.ReadTimeout("lost", request=request)
