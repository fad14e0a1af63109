"""Every kind of request that the connector sends is one that GitHub describes, in both versions of its API.

Over real HTTP, since the client library sends some of them; what they come to is other tests' business. In both
directions, so that it is also seen that the answers on which the connector's own tests rest are GitHub's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from github_board_doubles import PROJECT, boarded, to
from github_doubles import Open, opened, owner_change, stage_change
from pydantic import SecretStr

from github_apps import app, registered
from github_schemas import VERSIONS, Described, faults
from trackersync.sandbox import GitHub, github_app
from trackersync.sandbox.server import _serving
from trackersync_github import GithubSettings
from trackersync_github.hooks import Hooks
from trackersync_github.library import Library

pytestmark = pytest.mark.xdist_group("schemas")

ISSUE = "/repos/{}/{}/issues/{}"


@dataclass
class Site:
    """A repository with a board and all else, at an address, and what has been asked there."""

    model: GitHub
    described: Described
    url: str
    version: str

    @asynccontextmanager
    async def opened(self, **settings: Any) -> AsyncIterator[Open]:  # noqa: ANN401  # whatever the settings take
        async with opened(None, url=self.url, api_version=self.version, **{"token": "ghp_good"} | settings) as it:
            yield it

    def asked(self) -> set[tuple[str, str]]:
        """The operations so far, once it is sure that nothing about them was wrong."""
        assert not self.described.wrong, "\n".join(self.described.wrong)
        assert {version for version, *_ in self.described.seen} == {self.version}
        return {(method, path) for _, method, path in self.described.seen}


@pytest.fixture(params=sorted(VERSIONS))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    model, _ = boarded(issues=4)
    described = Described(github_app(model))
    with _serving(described, 0) as url:
        yield Site(model, described, url, request.param)


async def test_labels_states_and_owners(site: Site) -> None:
    async with site.opened() as it:
        item = (await it.items())[0]
        for label in ("stage: build", "stage: quite new"):
            item = await it.github.apply(stage_change(item, label))
        item = await it.github.apply(owner_change(item, "ada-l", "grace-h"))
        item = await it.github.apply(owner_change(item, "grace-h"))
        for state, reason in (("closed", "completed"), ("open", "reopened"), ("closed", "not_planned")):
            facts = {"state": (state,)} | ({"reason": (reason,)} if state == "closed" else {})
            item = await it.github.apply(to(item, **facts))
        assert (item.facts["owners"], item.facts["reason"]) == (("grace-h",), ("not_planned",))
    assert {
        ("PATCH", ISSUE),
        ("POST", f"{ISSUE}/labels"),
        ("DELETE", f"{ISSUE}/labels/{{}}"),
        ("POST", f"{ISSUE}/assignees"),
        ("DELETE", f"{ISSUE}/assignees"),
        ("GET", "/repos/{}/{}/assignees/{}"),
        ("POST", "/repos/{}/{}/labels"),
    } <= site.asked()


async def test_fields_types_milestones_and_duplicates(site: Site) -> None:
    async with site.opened(field="Phase") as it:
        item, other, *_ = await it.items()
        site.model.duplicates[2] = 1
        await it.github.apply(to(other, state=("closed",), reason=("duplicate",)))
        for facts in ({"field": ("Build",)}, {"type": ("Bug",)}, {"milestone": ("v120",)}):
            item = await it.github.apply(to(item, **facts))
        for fact in ("field", "type", "milestone"):
            item = await it.github.apply(to(item, **{fact: ()}))
    assert {
        ("PATCH", ISSUE),
        ("POST", f"{ISSUE}/issue-field-values"),
        ("DELETE", f"{ISSUE}/issue-field-values/{{}}"),
        ("GET", "/orgs/{}/issue-fields"),
        ("GET", "/repos/{}/{}/issue-types"),
        ("GET", "/repos/{}/{}/milestones"),
    } <= site.asked()


@pytest.mark.parametrize("kind", ["organization", "user"])
async def test_cards_are_added_and_moved(site: Site, kind: str) -> None:
    project = dict(PROJECT, kind=kind, add=True)
    if kind == "user":
        project |= {"owner": "ada-l", "number": 3}
        site.model.hub.users.add("ada-l")
        site.model.boards.add("ada-l", 3, "Todo", "Doing", kind="user")
    async with site.opened(project=project) as it:
        items = await it.items()
        for item in (items[0], items[3]):
            moved = await it.github.apply(to(item, board=("Doing",)))
            assert (await it.github.apply(to(moved, board=()))).facts["board"] == ()
    board = "/orgs/{}/projectsV2/{}" if kind == "organization" else "/users/{}/projectsV2/{}"
    assert {("POST", f"{board}/items"), ("PATCH", f"{board}/items/{{}}"), ("GET", f"{board}/fields")} <= site.asked()


async def test_all_that_is_read(site: Site) -> None:
    code = site.model.code
    site.model.ties.nest(2, 1)
    site.model.ties.block(1, by=3)
    code.files[".github/CODEOWNERS"] = "* @ada-l\n/web @acme/web\n"
    code.teams["acme/web"] = ("grace-h",)
    code.merge(code.open_pull("Fix", closes=[1], files=["web/a.py"]).number)
    code.release("v1")
    code.deploy()
    evidence = ["relations", "pulls", "releases", "deployments", "checklist"]
    more = {"evidence": evidence, "codeowners": True, "pull_requests": True}
    async with site.opened(repositories=["acme/*"], project=PROJECT, field="Phase", **more) as it:
        assert not (await it.github.probe()).missing
        items = await it.items()
        await it.github.history(items[0].ref)
        await it.github.candidates(items)
    async with site.opened(repositories=["acme/shop", "ada-l/*"]) as it:
        await it.github.probe()
    assert {
        ("GET", "/user"),
        ("GET", "/orgs/{}/repos"),
        ("GET", "/users/{}/repos"),
        ("GET", "/repos/{}/{}/issues"),
        ("GET", f"{ISSUE}/events"),
        ("GET", "/repos/{}/{}/releases"),
        ("GET", "/repos/{}/{}/contents/{}"),
    } <= site.asked()


async def test_what_a_newcomer_and_a_doctor_ask(site: Site) -> None:
    site.model.hub.hooks["acme"] = {
        7: {"id": 7, "active": True, "events": ["*"], "config": {"url": "https://x.example"}}
    }
    site.model.hub.deliver(7, 202)
    async with site.opened(project=PROJECT, field="Phase") as it:
        assert await it.github.offered()
        assert (await it.github.survey()).boards
        checks = [
            check
            async for check in it.github.examine({"labels": ("stage: build",), "board": ("Todo",), "field": ("Build",)})
        ]
        assert {check.grade for check in checks} == {"good"}
    async with site.opened(token=None, anonymous=True) as it:
        assert await it.items()
        assert (await it.github.survey()).signs
        assert [check async for check in it.github.examine({})]
    assert {
        ("GET", "/user/repos"),
        ("GET", "/rate_limit"),
        ("GET", "/repos/{}/{}/labels"),
        ("GET", "/repos/{}/{}/hooks"),
        ("GET", "/orgs/{}/hooks/{}/deliveries"),
    } <= site.asked()


async def test_webhooks(site: Site) -> None:
    settings = GithubSettings.model_validate(
        {"connector": "github", "url": site.url, "repositories": ["acme/shop"], "token": "ghp_good"}
        | {"api_version": site.version}
    )
    async with site.opened() as it:
        hooks = Hooks(Library("github", settings, it.wire))
        for place in ("acme/shop", "acme"):
            for secret in ("old", "new"):
                made = await hooks.ensure(place, "https://sync.acme.example/github", SecretStr(secret))
            await hooks.ping(place, made.id)
            await hooks.remove(place, "https://sync.acme.example/github")
    for path in ("/repos/{}/{}/hooks", "/orgs/{}/hooks"):
        one = f"{path}/{{}}"
        asked = {("GET", path), ("POST", path), ("PATCH", one), ("DELETE", one), ("POST", f"{one}/pings")}
        assert asked <= site.asked()


async def test_a_github_app(site: Site) -> None:
    registered(site.model).install("acme", {"issues": "write", "metadata": "read"})
    async with site.opened(**app(), repositories=["acme/*"]) as it:
        assert (await it.github.probe()).account.endswith("[bot]")
        assert await it.items()
    assert {
        ("POST", "/app/installations/{}/access_tokens"),
        ("GET", "/installation/repositories"),
    } <= site.asked()


@pytest.mark.parametrize(
    ("place", "part", "raw", "said"),
    [
        (("POST", f"{ISSUE}/labels"), "body", b'{"labels": [5]}', "Input should be a valid string"),
        (("POST", f"{ISSUE}/assignees"), "body", b'{"assignee": "ada-l"}', "Extra inputs are not permitted"),
        (("PATCH", ISSUE), "body", b'{"state": "done"}', "Input should be 'open' or 'closed'"),
        (("PATCH", ISSUE), "body", b'{"state_reason": "wontfix"}', "Input should be 'completed'"),
        (("POST", "/repos/{}/{}/labels"), "body", b'{"color": "1d76db"}', "name: Field required"),
        (("PATCH", "/orgs/{}/projectsV2/{}/items/{}"), "body", b'{"fields": [{"value": "x"}]}', "id: Field required"),
        (("GET", "/repos/{}/{}/issues"), "answer", b'[{"id": "5"}]', "0.id: Input should be a valid integer"),
        (("GET", ISSUE), "answer", b"{}", "number: Field required"),
    ],
)
@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_what_is_not_as_described_is_seen(
    version: str, place: tuple[str, str], part: str, raw: bytes, said: str
) -> None:
    assert any(said in fault for fault in faults(version, *place, part, raw))
