"""Several repositories at one stand-in: who lists them, who sees them, what they are called, and an App's tokens."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest

from github_apps import CLIENT, keys, registered
from trackersync.sandbox import GitHub, github_app
from trackersync.sandbox.github.rights import Credential

if TYPE_CHECKING:
    from conftest import Watch

NAMES = ("acme/shop", "acme/pay", "acme/hr", "ada-l/notes")


@dataclass
class Site:
    """A client and the repositories it finds."""

    client: httpx.AsyncClient
    models: dict[str, GitHub]

    @property
    def main(self) -> GitHub:
        return self.models["acme/shop"]

    async def get(self, path: str, token: str = "good", **query: str | int) -> httpx.Response:
        return await self.client.get(path, params=query or None, headers={"authorization": f"Bearer {token}"})

    async def names(self, path: str, token: str = "good", **query: str | int) -> list[str]:
        answer = await self.get(path, token, **query)
        assert answer.status_code == 200, answer.text
        rows = answer.json()
        return [row["full_name"] for row in (rows if isinstance(rows, list) else rows["repositories"])]


@pytest.fixture
async def site(watch: Watch) -> AsyncIterator[Site]:
    models = {name: GitHub(name, clock=watch) for name in NAMES}
    main, *others = models.values()
    transport = httpx.ASGITransport(app=github_app(main, *others))
    main.hub.users.add("ada-l")
    models["acme/hr"].private = True
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test") as client:
        yield Site(client, models)


def signed(**claims: Any) -> str:  # noqa: ANN401  # a JWT's claims
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": CLIENT, **claims}, keys()[0], algorithm="RS256")


# Which repositories there are.


async def test_each_has_an_id_and_issues_of_its_own(site: Site) -> None:
    for number, (name, model) in enumerate(site.models.items()):
        for _ in range(number + 1):
            model.create(f"In {name}")
    ids = {model.repository_id for model in site.models.values()}
    assert len(ids) == 4
    for number, (name, model) in enumerate(site.models.items()):
        by_name = (await site.get(f"/repos/{name}/issues")).json()
        assert len(by_name) == number + 1
        assert {row["title"] for row in by_name} == {f"In {name}"}
        assert (await site.get(f"/repositories/{model.repository_id}/issues")).json() == by_name
    assert (await site.get("/repos/acme/none")).status_code == 404
    assert (await site.get("/repositories/1")).status_code == 404


async def test_owners_list_theirs(site: Site) -> None:
    assert await site.names("/orgs/acme/repos") == ["acme/shop", "acme/pay", "acme/hr"]
    assert await site.names("/orgs/ACME/repos", direction="desc") == ["acme/hr", "acme/pay", "acme/shop"]
    assert (await site.get("/orgs/ada-l/repos")).status_code == 404
    assert await site.names("/users/ada-l/repos") == ["ada-l/notes"]
    assert await site.names("/users/acme/repos") == ["acme/shop", "acme/pay"], "public ones"
    assert (await site.get("/users/nobody/repos")).status_code == 404
    site.main.hub.credentials["hers"] = Credential("ada-l", scopes=frozenset({"repo"}))
    assert await site.names("/user/repos", "hers", affiliation="owner") == ["ada-l/notes"]
    assert (await site.get("/user", "hers")).headers["x-oauth-scopes"] == "repo"


async def test_pages_are_linked_with_the_same_question(site: Site) -> None:
    answer = await site.get("/orgs/acme/repos", per_page=2, sort="created", direction="asc")
    assert [row["name"] for row in answer.json()] == ["shop", "pay"]
    following = answer.links["next"]["url"]
    assert "sort=created" in following
    assert [row["name"] for row in (await site.get(following)).json()] == ["hr"]


@pytest.mark.parametrize("path", ["/orgs/acme/repos?visibility=all", "/orgs/acme/repos?sort=pushed", "/user/repos"])
async def test_what_it_does_not_serve_is_refused(site: Site, path: str) -> None:
    assert (await site.get(path)).status_code == 422


# Names, archives.


async def test_a_former_name_redirects_to_the_id_and_a_write_keeps_its_method(site: Site) -> None:
    site.main.create("One")
    site.main.rename("globex/store")
    for path in ("", "/issues/1", "/issues?state=all"):
        answer = await site.get(f"/repos/acme/shop{path}")
        assert (answer.status_code, answer.headers["location"]) == (
            301, f"http://github.test/repositories/{site.main.repository_id}{path}",
        )  # fmt: skip
        assert (await site.get(answer.headers["location"])).status_code == 200
    moved = await site.client.post(
        "/repos/acme/shop/issues/1/labels", json={"labels": ["x"]}, headers={"authorization": "Bearer good"},
        follow_redirects=True,
    )  # fmt: skip
    assert (moved.history[0].status_code, moved.status_code) == (307, 200)
    assert site.main.issue(1).labels == ("x",)
    assert (await site.get("/repos/globex/store")).json()["full_name"] == "globex/store"


async def test_an_archived_one_is_read_only_and_one_without_issues_lists_none(site: Site) -> None:
    site.main.create("One")
    site.main.archived = True
    assert (await site.get("/repos/acme/shop/issues/1")).status_code == 200
    assert (await site.get("/repos/acme/shop")).json()["archived"] is True
    refused = await site.client.patch(
        "/repos/acme/shop/issues/1", json={"state": "closed"}, headers={"authorization": "Bearer good"}
    )
    assert (refused.status_code, refused.json()["message"]) == (403, "Repository was archived so is read-only.")
    site.models["acme/pay"].has_issues = False
    assert (await site.get("/repos/acme/pay/issues")).status_code == 410


# Tokens.


async def test_a_registered_token_may_do_what_it_says(site: Site) -> None:
    site.main.hub.credentials["fine"] = Credential("bot", permissions={"issues": "read"}, repositories=frozenset())
    assert (await site.get("/repos/acme/shop/issues", "fine")).status_code == 200
    assert (await site.get("/repos/acme/hr", "fine")).status_code == 404, "private, and not among its own"
    refused = await site.client.post(
        "/repos/acme/shop/issues", json={"title": "x"}, headers={"authorization": "Bearer fine"}
    )
    assert refused.status_code == 403
    assert refused.headers["x-accepted-github-permissions"] == "issues=write"
    assert refused.json()["message"] == "Resource not accessible by personal access token"


async def test_an_apps_token_sees_what_it_was_given_until_it_expires(site: Site, watch: Watch) -> None:
    app = registered(site.main)
    made = app.install("acme", {"issues": "read"}, "acme/shop", "acme/hr")
    headers = {"authorization": f"Bearer {signed()}"}
    shown = (await site.client.get("/orgs/acme/installation", headers=headers)).json()
    assert (shown["id"], shown["app_slug"], shown["permissions"]) == (made.id, app.slug, {"issues": "read"})
    assert (await site.client.get("/app", headers=headers)).json()["slug"] == app.slug
    for path in (f"/app/installations/{made.id}", "/repos/acme/shop/installation"):
        assert (await site.client.get(path, headers=headers)).json() == shown
    for path in ("/users/acme/installation", "/repos/acme/pay/installation", "/app/installations/1"):
        assert (await site.client.get(path, headers=headers)).status_code == 404
    answer = await site.client.post(f"/app/installations/{made.id}/access_tokens", json={}, headers=headers)
    token = answer.json()["token"]

    assert answer.status_code == 201
    assert await site.names("/installation/repositories", token) == ["acme/shop", "acme/hr"]
    assert (await site.get("/repos/acme/hr", token)).status_code == 200
    assert (await site.get("/user", token)).status_code == 403
    assert (await site.get("/installation/repositories")).status_code == 403
    watch.pass_by(minutes=61)
    assert (await site.get("/repos/acme/hr", token)).status_code == 401
    assert answer.json()["expires_at"] == (watch.now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"},
        {"exp": NOW - 10},
        {"iat": NOW + 3600, "exp": NOW + 3900},
        {"iat": NOW - 60, "exp": NOW + 1200},
    ],
)
async def test_a_jwt_that_github_would_not_take_is_refused(site: Site, claims: dict[str, Any]) -> None:
    registered(site.main).install("acme")
    answer = await site.client.get("/orgs/acme/installation", headers={"authorization": f"Bearer {signed(**claims)}"})
    assert answer.status_code == 401


async def test_a_jwt_of_another_key_is_refused(site: Site) -> None:
    registered(site.main).install("acme")
    for token in ("good", f"{signed()[:-8]}AAAAAAAA"):
        assert (await site.get("/orgs/acme/installation", token)).status_code == 401
