"""From a person's edit to the item that shows it: delivery, signature, scope, look. Against the stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jira_doubles import CLOUD, FLAVOURS, opened, within

from trackersync.connector import BadSignatureError, Delivery, ItemRef, These
from trackersync.sandbox import Jira
from trackersync.sandbox.jira.deliveries import Webhook
from trackersync.sandbox.jira.model import User
from trackersync.sandbox.sent import Sent
from trackersync.sandbox.shop import ACCOUNTS, workflow

SECRET = "sesame"
OURS = {"webhook_secrets": [SECRET]}


def received(sent: Sent) -> Delivery:
    return Delivery(sent.headers, sent.body)


def said(sent: Sent) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(sent.body)
    return body


def lively() -> Jira:
    model = Jira({"SHOP": workflow()})
    model.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
    model.named(model.resolutions, "Done")
    model.create("First", by="ada-l", labels=["bug"], description="Text.")
    model.create("Second", by="ada-l")
    return model


def place(model: Jira, key: str) -> These:
    return These((ItemRef("jira", str(model.issue(key).id)),))


EDITS: list[tuple[str, dict[str, Any], str, dict[str, tuple[str, ...]]]] = [
    ("the status", {"status": "In Progress"}, "issue_generic", {"status": ("In Progress",)}),
    ("the end", {"status": "Done", "resolution": "Done"}, "issue_generic",
     {"status": ("Done",), "resolution": ("Done",)}),
    ("labels", {"labels": ["bug", "urgent"]}, "issue_updated", {"labels": ("bug", "urgent")}),
    ("the title", {"summary": "Größer"}, "issue_updated", {}),
    ("all at once", {"summary": "All", "labels": [], "status": "Support"}, "issue_generic",
     {"labels": (), "status": ("Support",)}),
]  # fmt: skip


@FLAVOURS
@pytest.mark.parametrize(("edit", "kind", "shown"), [case[1:] for case in EDITS], ids=[case[0] for case in EDITS])
async def test_a_persons_edit_is_seen_by_way_of_its_delivery(
    edit: dict[str, Any], kind: str, shown: dict[str, tuple[str, ...]], flavour: dict[str, Any]
) -> None:
    model = lively()
    model.edit("SHOP-1", by="ada-l", **edit)
    sent = Webhook(model, SECRET, cloud=("email" in flavour)).edited(model.edits[-1])
    assert (said(sent)["webhookEvent"], said(sent)["issue_event_type_name"]) == ("jira:issue_updated", kind)
    async with opened(transport=within(model), **flavour, **OURS) as it:
        it.jira.verify(received(sent))
        scope = it.jira.scope_of(received(sent))
        assert scope == place(model, "SHOP-1")
        (item,) = await it.items(scope)
    assert item.title == model.issue("SHOP-1").summary
    assert {fact: item.facts[fact] for fact in shown} == shown


@FLAVOURS
async def test_an_assignment_is_seen_by_way_of_its_delivery(flavour: dict[str, Any]) -> None:
    model = lively()
    model.edit("SHOP-1", by="ada-l", assignee=ACCOUNTS["grace-h"])
    sent = Webhook(model, SECRET, cloud=("email" in flavour)).edited(model.edits[-1])
    (change,) = said(sent)["changelog"]["items"]
    assert said(sent)["issue_event_type_name"] == "issue_assigned"
    # People by account id on Cloud; by key on Data Center, which has no ids of fields.
    grace = model.users[ACCOUNTS["grace-h"]]
    assert (change["to"], "fieldId" in change) == (
        (grace.account_id, True) if "email" in flavour else (grace.key, False)
    )
    async with opened(transport=within(model), **flavour, **OURS) as it:
        (item,) = await it.items(it.jira.scope_of(received(sent)))
    assert item.facts["owners"] == (ACCOUNTS["grace-h"] if "email" in flavour else "grace-h",)


@FLAVOURS
async def test_whatever_else_happens_to_an_issue_names_it(flavour: dict[str, Any]) -> None:
    model = lively()
    hook = Webhook(model, SECRET, cloud=("email" in flavour))
    one, two = model.issue("SHOP-1"), model.issue("SHOP-2")
    told = {
        "created": (hook.created(two), place(model, "SHOP-2")),
        "comment": (hook.commented(one, "grace-h", "Hm."), place(model, "SHOP-1")),
        "comment gone": (hook.commented(one, "grace-h", "Hm.", "deleted"), place(model, "SHOP-1")),
        "link": (hook.linked(one, two), These(place(model, "SHOP-1").refs + place(model, "SHOP-2").refs)),
    }
    async with opened(transport=within(model), **flavour, **OURS) as it:
        for what, (sent, scope) in told.items():
            it.jira.verify(received(sent))
            assert it.jira.scope_of(received(sent)) == scope, what
            assert {item.ref for item in await it.items(scope)} == set(scope.refs)


@FLAVOURS
async def test_an_issue_that_was_deleted_is_missing(flavour: dict[str, Any]) -> None:
    model = lively()
    sent = Webhook(model, SECRET, cloud=("email" in flavour)).deleted(model.issue("SHOP-2"), "ada-l")
    model.delete("SHOP-2")
    async with opened(transport=within(model), **flavour, **OURS) as it:
        (page,) = await it.pages(it.jira.scope_of(received(sent)))
    assert (page.items, len(page.missing)) == ((), 1)


async def test_the_order_and_number_of_deliveries_do_not_matter() -> None:
    """Late, doubled, in the wrong order: the look shows how it is, not how a delivery says it was."""
    model = lively()
    hook = Webhook(model, SECRET)
    model.edit("SHOP-1", status="In Progress", by="ada-l")
    model.edit("SHOP-1", status="In Review", by="ada-l")
    late = [received(hook.edited(edit)) for edit in reversed(model.edits[-2:])]
    async with opened(transport=within(model), **CLOUD, **OURS) as it:
        for delivery in (*late, *late):
            (item,) = await it.items(it.jira.scope_of(delivery))
            assert item.facts["status"] == ("In Review",)


def test_a_delivery_has_an_identifier_of_its_own() -> None:
    hook = Webhook(lively(), SECRET)
    sent = [hook.sent("user_created", {"user": {}}) for _ in range(3)]
    assert len({one.headers["x-atlassian-webhook-identifier"] for one in sent}) == 3
    assert [name for one in sent for name in one.headers if name != name.lower()] == []


def untouched(sent: Sent) -> Sent:
    return sent


def touched(sent: Sent) -> Sent:
    return Sent(sent.headers, sent.body.replace(b"First", b"Worst"))


@pytest.mark.parametrize("header", ["", "X-Acme-Token"], ids=["signed", "by header"])
@pytest.mark.parametrize(
    ("secret", "change", "genuine"),
    [(SECRET, untouched, True), (SECRET, touched, False), ("guessed", untouched, False), ("", untouched, False)],
)
async def test_only_what_bears_the_secret_is_let_in(
    secret: str, change: Callable[[Sent], Sent], genuine: bool, header: str
) -> None:
    model = lively()
    model.edit("SHOP-1", labels=[], by="ada-l")
    sent = change(Webhook(model, secret, header=header).edited(model.edits[-1]))
    # A secret in a header says nothing of the body: only HTTPS keeps that as it was.
    genuine = genuine or (change is touched and bool(header))
    async with opened(transport=within(model), **CLOUD, **OURS, webhook_header="X-Acme-Token") as it:
        if genuine:
            it.jira.verify(received(sent))
        else:
            with pytest.raises(BadSignatureError):
                it.jira.verify(received(sent))
        assert (it.reads, it.writes) == (0, 0)
