"""What the stand-in answers, and what the connector sends, is as GitHub describes it, in both versions of its API.

The description is a package, so this needs nothing beside the checkout. Every path that the stand-in has is asked for
once, and every kind of request that the connector makes; a path that is added and not asked for here is a failure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest

from github_apps import CLIENT, keys, registered
from github_schemas import UNDESCRIBED, VERSIONS, Described, shape
from trackersync.sandbox import GitHub, github_app, shop
from trackersync.sandbox.github.app import _MORE, _ROUTES
from trackersync.sandbox.github.boards import IssueField
from trackersync.sandbox.github.render import issue_id
from trackersync.sandbox.github.rights import Credential

if TYPE_CHECKING:
    from conftest import Watch

pytestmark = pytest.mark.xdist_group("schemas")

REPO = "/repos/acme/shop"
BOARDS = ("/orgs/acme/projectsV2/7", "/users/ada-l/projectsV2/3")

BY_ID = ("/repositories/{id:int}", "/repositories/{id:int}/issues")
"""The same repository by its id, as redirects and links have it; not described, and answered by the same code."""


@dataclass
class World:
    """A stand-in with something of everything, and requests to it that are judged."""

    github: GitHub
    version: str

    def __post_init__(self) -> None:
        """Fill it."""
        notes = GitHub("ada-l/notes", clock=self.github.clock)
        self.described = Described(github_app(self.github, notes))
        hub, code = self.github.hub, self.github.code
        hub.users.add("ada-l")
        hub.credentials["installed"] = Credential("", permissions={"issues": "write"}, owner="acme")
        hub.credentials["mine"] = Credential("ada-l")
        app = registered(self.github)
        self.installation = app.install("acme").id
        app.install("ada-l")
        for owner, number, kind in (("acme", 7, "organization"), ("ada-l", 3, "user")):
            self.github.boards.add(owner, number, "Todo", "Doing", kind=kind).put(9, "Todo")
        self.github.issue_types = ["Bug", "Feature"]
        self.github.issue_fields = [IssueField(71, "Phase", ("Design", "Build"))]
        self.github.milestones[1] = "Spring"
        self.github.edit(9, type="Bug", fields=((71, "Design"),), milestone=1)
        self.github.edit(8, state="closed", reason="duplicate")
        self.github.ties.nest(14, 9)
        self.github.ties.block(9, by=28)
        code.files[".github/CODEOWNERS"] = "* @ada-l\n"
        code.teams["acme/web"] = ("ada-l",)
        self.pull = code.open_pull("Fix", closes=[9])
        self.merged = code.merge(code.open_pull("Another").number)
        code.release("v1")
        code.deploy()

    async def ask(self, method: str, path: str, body: object = None, *, token: str = "good", status: int = 200) -> Any:  # noqa: ANN401  # JSON
        headers = {"authorization": f"Bearer {token}", "x-github-api-version": self.version}
        transport = httpx.ASGITransport(app=self.described)
        async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as client:
            answer = await client.request(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


@pytest.fixture(params=sorted(VERSIONS))
def world(request: pytest.FixtureRequest, watch: Watch) -> World:
    github = GitHub(clock=watch)
    shop.fill_github(github)
    return World(github, request.param)


def signed() -> str:
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": CLIENT}, keys()[0], algorithm="RS256")


async def everything(world: World) -> None:
    """Ask for every path once, in an order in which each has something to answer."""
    ask, head = world.ask, world.merged.oid
    for path in (
        "/user", "/users/ada-l", "/rate_limit", "/meta", REPO, "/orgs/acme/repos", "/users/acme/repos",
        f"{REPO}/issues?state=all&per_page=100&sort=updated&direction=asc&since=2020-01-01T00:00:00Z",
        f"{REPO}/issues/8", f"{REPO}/issues/9", f"{REPO}/issues/9/labels", f"{REPO}/issues/9/events",
        f"{REPO}/issues/8/timeline", f"{REPO}/assignees", f"{REPO}/labels", f"{REPO}/labels/bug",
        f"{REPO}/issue-types", f"{REPO}/milestones?state=all", "/orgs/acme/issue-fields",
        f"{REPO}/issues/9/issue-field-values", f"{REPO}/issues/14/parent", f"{REPO}/issues/9/sub_issues",
        f"{REPO}/issues/9/dependencies/blocked_by", f"{REPO}/issues/28/dependencies/blocking",
        f"{REPO}/compare/{head}...main", f"{REPO}/commits/main", f"{REPO}/releases", f"{REPO}/pulls",
        f"{REPO}/deployments", f"{REPO}/contents/.github/CODEOWNERS", "/orgs/acme/teams/web/members",
        f"/repositories/{world.github.repository_id}/issues/9",
    ):  # fmt: skip
        await ask("GET", path)
    await ask("GET", f"{REPO}/assignees/ada-l", status=204)
    await ask("GET", "/user/repos?affiliation=owner", token="mine")
    everybodys = "affiliation=owner,collaborator,organization_member&sort=pushed&direction=desc"
    await ask("GET", f"/user/repos?{everybodys}", token="mine")
    await ask("GET", "/installation/repositories", token="installed")
    for path in ("/app", f"/app/installations/{world.installation}", "/orgs/acme/installation",
                 "/users/ada-l/installation", f"{REPO}/installation"):  # fmt: skip
        await ask("GET", path, token=signed())
    await ask("POST", f"/app/installations/{world.installation}/access_tokens", token=signed(), status=201)
    await ask("POST", f"{REPO}/labels", {"name": "new", "color": "1d76db", "description": "Why"}, status=201)
    made = await ask("POST", f"{REPO}/issues", {"title": "A", "labels": ["bug"], "assignees": ["ada-l"]}, status=201)
    issue = f"{REPO}/issues/{made['number']}"
    await ask("PATCH", issue, {"state": "closed", "state_reason": "not_planned"})
    await ask("PATCH", issue, {"state": "open", "type": "Bug", "milestone": 1, "labels": ["bug"], "assignees": []})
    await ask("POST", f"{issue}/labels", {"labels": ["new"]})
    await ask("PUT", f"{issue}/labels", {"labels": ["new", "bug"]})
    await ask("DELETE", f"{issue}/labels/bug")
    await ask("DELETE", f"{issue}/labels", status=204)
    await ask("POST", f"{issue}/assignees", {"assignees": ["ada-l"]}, status=201)
    await ask("DELETE", f"{issue}/assignees", {"assignees": ["ada-l"]})
    await ask("POST", f"{issue}/sub_issues", {"sub_issue_id": issue_id(world.github, 26)}, status=201)
    await ask("POST", f"{issue}/dependencies/blocked_by", {"issue_id": issue_id(world.github, 26)}, status=201)
    values = f"{issue}/issue-field-values"
    await ask("POST", values, {"issue_field_values": [{"field_id": 71, "value": "Build"}]})
    await ask("DELETE", f"{values}/71", status=204)
    for place in (f"{REPO}/hooks", "/orgs/acme/hooks"):
        config = {"url": "https://sync.acme.example", "content_type": "json", "insecure_ssl": "0", "secret": "sesame"}
        hook = await ask("POST", place, {"name": "web", "config": config, "events": ["issues"]}, status=201)
        await ask("GET", place)
        await ask("GET", f"{place}/{hook['id']}")
        world.github.hub.deliver(hook["id"], 202)
        (one,) = await ask("GET", f"{place}/{hook['id']}/deliveries?per_page=1")
        await ask("POST", f"{place}/{hook['id']}/deliveries/{one['id']}/attempts", status=202)
        await ask("POST", f"{place}/{hook['id']}/pings", status=204)
        await ask("PATCH", f"{place}/{hook['id']}", {"config": config, "events": ["label"], "active": True})
        await ask("DELETE", f"{place}/{hook['id']}", status=204)
    for board in BOARDS:
        await ask("GET", board)
        status = next(one for one in await ask("GET", f"{board}/fields") if one["name"] == "Status")
        (card, *_) = await ask("GET", f"{board}/items?fields={status['id']}&per_page=100")
        await ask("POST", f"{board}/items", {"type": "Issue", "id": issue_id(world.github, 14)}, status=201)
        await ask("GET", f"{board}/items/{card['id']}?fields={status['id']}")
        choice = {"fields": [{"id": status["id"], "value": status["options"][1]["id"]}]}
        await ask("PATCH", f"{board}/items/{card['id']}", choice)


async def test_every_path_of_the_stand_in_answers_as_github_describes(world: World) -> None:
    await everything(world)
    assert not world.described.wrong, "\n".join(world.described.wrong)

    mine = {(method, path) for method, path, _ in (*_ROUTES, *_MORE) if path not in {*UNDESCRIBED, *BY_ID}}
    seen = {(method, its) for _, method, its in world.described.seen}
    unseen = {(method, path) for method, path in mine if (method, shape(path)) not in seen}
    assert not unseen, (
        f"the stand-in has paths that are held against no description: {sorted(unseen)}. Ask for each in `everything`, "
        "or say under UNDESCRIBED why GitHub's description does not have it."
    )
    assert {version for version, *_ in world.described.seen} == {world.version}
