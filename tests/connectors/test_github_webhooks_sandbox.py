"""From a person's edit to the item that shows it: delivery, signature, scope, look. Against the stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import httpx
import pytest
from github_doubles import Clock, opened, scripted, served, shop

from trackersync.connector import BadSignatureError, Delivery, ItemRef, Lately, These
from trackersync.sandbox import GitHub
from trackersync.sandbox.github.deliveries import Webhook
from trackersync.sandbox.sent import Sent

SECRET = "sesame"


def received(sent: Sent) -> Delivery:
    return Delivery(sent.headers, sent.body)


def lively() -> GitHub:
    model = shop(Clock())
    model.milestones[1] = "1.0"
    model.create("First", "Text.", labels=["bug"], assignees=["alan-t"], milestone=1)
    model.create("Second")
    return model


EDITS: list[tuple[str, dict[str, Any], list[str], dict[str, tuple[str, ...]]]] = [
    ("labels", {"labels": ["stage: build", "urgent"]}, ["labeled", "labeled", "unlabeled"],
     {"labels": ("stage: build", "urgent")}),
    ("people", {"assignees": ["ada-l", "grace-h"]}, ["assigned", "assigned", "unassigned"],
     {"owners": ("ada-l", "grace-h")}),
    ("closing", {"state": "closed", "reason": "not_planned"}, ["closed"],
     {"state": ("closed",), "reason": ("not_planned",)}),
    ("the milestone", {"milestone": None}, ["demilestoned"], {"milestone": ()}),
    ("the title", {"title": "Größer"}, ["edited"], {}),
    ("all at once", {"title": "All", "labels": [], "assignees": [], "state": "closed"},
     ["edited", "unlabeled", "unassigned", "closed"], {"labels": (), "owners": (), "state": ("closed",)}),
]  # fmt: skip


@pytest.mark.parametrize("content", ["json", "form"])
@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
@pytest.mark.parametrize(("edit", "actions", "shown"), [case[1:] for case in EDITS], ids=[case[0] for case in EDITS])
async def test_a_persons_edit_is_seen_by_way_of_its_delivery(
    edit: dict[str, Any],
    actions: list[str],
    shown: dict[str, tuple[str, ...]],
    version: str,
    content: Literal["json", "form"],
) -> None:
    model = lively()
    hook = Webhook(model, SECRET, content=content, version=version)
    model.edit(1, by="ada-l", **edit)
    deliveries = [received(sent) for sent in hook.edited(model.edits[-1])]
    assert len(deliveries) == len(actions)
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        for delivery in deliveries:
            it.github.verify(delivery)
            scope = it.github.scope_of(delivery)
            assert scope == These((ItemRef("github", f"{model.repository_id}/1"),))
            (item,) = await it.items(scope)
            assert item.title == model.issue(1).title
            assert {fact: item.facts[fact] for fact in shown} == shown


async def test_the_order_and_number_of_deliveries_do_not_matter() -> None:
    """Late, doubled, in the wrong order: the look shows how it is, not how a delivery says it was."""
    model = lively()
    hook = Webhook(model, SECRET)
    model.edit(1, labels=["stage: build"], by="ada-l")
    model.edit(1, labels=["stage: verify"], by="ada-l")
    late = [received(sent) for edit in reversed(model.edits[-2:]) for sent in hook.edited(edit)]
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        for delivery in (*late, *late):
            (item,) = await it.items(it.github.scope_of(delivery))
            assert item.facts["labels"] == ("stage: verify",)


async def test_an_issue_that_was_opened_is_found() -> None:
    model = lively()
    delivery = received(Webhook(model, SECRET).opened(model.create("Third", by="grace-h")))
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        assert [item.title for item in await it.items(it.github.scope_of(delivery))] == ["Third"]


async def test_an_issue_that_was_deleted_is_missing() -> None:
    model = lively()
    delivery = received(Webhook(model, SECRET).deleted(model.issue(2), "ada-l"))
    model.delete(2)
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        (page,) = await it.pages(it.github.scope_of(delivery))
    assert (page.items, [str(why) for why in page.missing.values()]) == ((), ["gone"])


def untouched(sent: Sent) -> Sent:
    return sent


def touched(sent: Sent) -> Sent:
    return Sent(sent.headers, sent.body.replace(b"First", b"Worst"))


@pytest.mark.parametrize(
    ("secret", "change", "genuine"),
    [(SECRET, untouched, True), (SECRET, touched, False), ("guessed", untouched, False), ("", untouched, False)],
)
async def test_only_what_the_webhook_signed_is_let_in(
    secret: str, change: Callable[[Sent], Sent], genuine: bool
) -> None:
    model = lively()
    model.edit(1, labels=[], by="ada-l")
    (sent,) = Webhook(model, secret).edited(model.edits[-1])
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        if genuine:
            it.github.verify(received(change(sent)))
        else:
            with pytest.raises(BadSignatureError):
                it.github.verify(received(change(sent)))
        assert it.sent == (0, 0)


async def test_a_ping_names_nothing() -> None:
    model = lively()
    ping = received(Webhook(model, SECRET).ping())
    async with opened(served(model), webhook_secrets=[SECRET]) as it:
        it.github.verify(ping)
        assert it.github.scope_of(ping) == These(())
        assert await it.pages(it.github.scope_of(ping)) == []


def renamed(model: GitHub) -> httpx.MockTransport:
    """The repository under its new name; what asks for the old one is sent on."""
    inner = served(model)

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/repos/acme/shop"):
            path = str(request.url).replace("/repos/acme/shop", "/repos/acme/store")
            return httpx.Response(301, headers={"location": path})
        response = await inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    return httpx.MockTransport(answer)


async def test_a_renamed_repository_is_known_by_its_id() -> None:
    """Once an answer told the id, it does not matter what the repository is called in a delivery."""
    model = lively()
    hook = Webhook(model, SECRET)
    model.name = "store"
    new = received(hook.opened(model.issue(1)))
    there = {"id": model.repository_id, "full_name": "acme/store"}
    label = received(hook.sent("label", {"action": "edited", "repository": there}))
    async with opened(renamed(model), webhook_secrets=[SECRET]) as it:
        assert it.github.scope_of(label) == it.github.scope_of(new) == These(())
        await it.pages()
        assert it.github.scope_of(label) == Lately(only=("acme/shop",))
        assert [item.key for item in await it.items(it.github.scope_of(new))] == ["acme/store#1"]


async def test_a_repository_that_was_put_aside_may_be_found_again() -> None:
    """Archived, it was left out by the pattern; the delivery that it is archived no more must not be left out too."""
    store = {"id": 5, "full_name": "acme/store", "archived": True, "has_issues": True}
    shop_ = {"id": 6, "full_name": "acme/shop", "archived": False, "has_issues": True}

    def answer(request: httpx.Request) -> httpx.Response:
        found = {"/user": {"login": "ada-l"}, "/orgs/acme/repos": [store, shop_]}
        return httpx.Response(200, json=found.get(request.url.path, []))

    hook = Webhook(lively(), SECRET)
    async with opened(scripted(answer), repositories=["acme/*"]) as it:
        await it.github.discover()
        label = received(hook.sent("label", {"action": "edited", "repository": store}))
        again = received(hook.sent("repository", {"action": "unarchived", "repository": store}))
        assert it.github.scope_of(label) == These(())
        assert it.github.scope_of(again) == Lately()
