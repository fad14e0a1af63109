"""Webhooks of Jira: ours as it should be on every Jira, others' left alone, and the secret nowhere to be seen."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, Open, opened

from trackersync.connector import Hook, Hooking, NotFoundError, RejectedError
from trackersync.sandbox import Jira, answer, jira_app
from trackersync.sandbox.jira.premises import Hook as There
from trackersync.sandbox.shop import workflow
from trackersync_jira import JiraSettings
from trackersync_jira.hooks import EVENTS, NEWER, OLDER, query_of
from trackersync_jira.listener import Deliveries

URL = "https://sync.acme.example/webhooks/jira"
SECRET = "It's a Secret to Everybody"
SIGNED: dict[str, Any] = {"webhook_secrets": [SECRET], "writes": [], "besides": ("webhooks",)}
JIRAS = pytest.mark.parametrize(
    ("flavour", "old", "path"),
    [
        pytest.param(CLOUD, False, OLDER, id="Cloud"),
        pytest.param(DATA_CENTER, False, NEWER, id="Data Center 10"),
        pytest.param(DATA_CENTER, True, OLDER, id="Data Center 9"),
    ],
)


@pytest.fixture
def jira() -> Jira:
    model = Jira({"SHOP": workflow()})
    model.premises.administrator = True
    return model


async def ensured(it: Open) -> Hook:
    (place,) = await it.jira.hook_places()
    return await it.jira.ensure_hook(place, URL)


@JIRAS
async def test_ours_is_made_once_where_this_jira_has_them(
    jira: Jira, flavour: dict[str, Any], old: bool, path: str
) -> None:
    jira.premises.old_hooks = old
    theirs = There("theirs", "https://ci.acme.example", secret="theirs")
    jira.premises.hooks.append(theirs)
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **flavour, **SIGNED) as it:
        assert isinstance(it.jira, Hooking)
        made = await ensured(it)
        assert await ensured(it) == made
        (place,) = await it.jira.hook_places()
        assert [one.url for one in await it.jira.hooks(place)] == ["https://ci.acme.example", URL]
        assert (made.place, made.sound, made.signed, made.about) == (place.name, True, None, 'project in ("SHOP")')
    (_, ours) = jira.premises.hooks
    assert (ours.secret, ours.enabled, ours.events, ours.jql) == (SECRET, True, EVENTS, 'project in ("SHOP")')
    assert jira.premises.hooks[0] == theirs
    assert {one.path for one in jira.requests if one.kind == "write"} == {path, f"{path}/2"}


@JIRAS
async def test_a_second_one_of_ours_goes(jira: Jira, flavour: dict[str, Any], old: bool, path: str) -> None:
    del path
    jira.premises.old_hooks = old
    jira.premises.hooks += [There("a", URL, id=1), There("b", URL, id=2)]
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **flavour, **SIGNED) as it:
        await ensured(it)
        assert [(one.id, one.secret) for one in jira.premises.hooks] == [(1, SECRET)]
        (place,) = await it.jira.hook_places()
        assert [await it.jira.remove_hooks(place, URL) for _ in range(2)] == [1, 0]
    assert jira.premises.hooks == []


async def test_what_it_lacks_is_told(jira: Jira) -> None:
    jira.premises.hooks.append(There("ours", URL, events=EVENTS[1:], jql='project = "PAY"'))
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **CLOUD, **SIGNED) as it:
        (place,) = await it.jira.hook_places()
        (hook,) = await it.jira.hooks(place)
    assert hook.lacking == (EVENTS[0], "project SHOP")
    assert not hook.sound


@pytest.mark.parametrize("secrets", [[], [""]], ids=["none", "an empty one"])
async def test_without_a_secret_nothing_is_sent(jira: Jira, secrets: list[str]) -> None:
    keys = {**SIGNED, "webhook_secrets": secrets}
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **CLOUD, **keys) as it:
        with pytest.raises(RejectedError, match="no secret to sign with"):
            await ensured(it)
        with pytest.raises(RejectedError, match="no secret to sign with"):
            it.jira.greeting()
    assert jira.requests == []


async def test_writes_that_allow_no_webhooks_allow_none(jira: Jira) -> None:
    keys = {**SIGNED, "besides": ()}
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **CLOUD, **keys) as it:
        with pytest.raises(RejectedError, match="webhooks may not be written"):
            await ensured(it)
    assert jira.premises.hooks == []


@pytest.mark.parametrize(
    ("status", "path", "kind", "said"),
    [
        (403, "webhook", RejectedError, '"Administer Jira"'),
        (404, "webhook", NotFoundError, "does not show webhooks"),
    ],
)
async def test_what_is_not_allowed_is_named(
    jira: Jira, status: int, path: str, kind: type[Exception], said: str
) -> None:
    jira.faults.add(answer(status, "{}"), path=path, times=9)
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **DATA_CENTER, **SIGNED) as it:
        with pytest.raises(kind, match=said):
            await ensured(it)


async def test_a_refusal_never_quotes_the_secret(jira: Jira) -> None:
    jira.faults.add(answer(400, json.dumps({"errorMessages": [f"bad: {SECRET}"]})), method="POST", path="webhook")
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **CLOUD, **SIGNED) as it:
        with pytest.raises(RejectedError) as refusal:
            await ensured(it)
    assert SECRET not in str(refusal.value)
    assert "(secret)" in str(refusal.value)


async def test_our_own_delivery_is_believed_and_asks_for_nothing(jira: Jira) -> None:
    settings = JiraSettings.model_validate(
        {
            "connector": "jira",
            "url": "https://jira.acme.example",
            "projects": ["SHOP"],
            "token": "t",
            "webhook_secrets": [SECRET],
        }
    )
    async with opened(transport=httpx.ASGITransport(jira_app(jira)), **CLOUD, **SIGNED) as it:
        greeting = it.jira.greeting()
    listener = Deliveries("jira", settings)
    listener.verify(greeting)
    assert listener.scope_of(greeting).refs == ()  # type: ignore[union-attr]  # These
    assert listener.delivery_id(greeting)


def test_the_filter_names_every_project_and_takes_none_for_a_word_of_the_language() -> None:
    settings = JiraSettings.model_validate(
        {"connector": "jira", "url": "https://jira.acme.example", "projects": ["SHOP", "AND"], "token": "t",
         "jql": "issuetype != Epic"}
    )  # fmt: skip
    assert query_of(settings) == 'project in ("SHOP", "AND")'
