"""What `probe` says is missing: each thing the configuration needs, by the right that GitHub itself names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from github_doubles import TOKEN, Open, opened, served, shop

from github_apps import app, registered
from trackersync.connector import AuthError, Probe
from trackersync.sandbox import GitHub, Options, Sandbox, running
from trackersync.sandbox.github.boards import IssueField
from trackersync.sandbox.github.rights import Credential

PROJECT = {"owner": "acme", "number": 5}
ALL = {
    "issues": "write",
    "pull_requests": "read",
    "contents": "read",
    "deployments": "read",
    "organization_projects": "write",
    "issue_fields": "read",
}
EVERYTHING: Mapping[str, Any] = {
    "project": PROJECT,
    "field": "Stage",
    "evidence": ("pulls", "releases", "deployments"),
    "stages": {"build": {"type": "Task"}, "idea": [{"board": "Idea"}, {"labels": ["x"]}]},
}


def whole(model: GitHub) -> GitHub:
    """A repository whose owner has a board, types of issues and fields."""
    model.issue_types = ["Task"]
    model.issue_fields = [IssueField(7, "Stage", ("Idea", "Build"))]
    model.boards.add("acme", 5, "Idea", "Build")
    return model


async def probed(model: GitHub, *others: GitHub, **settings: Any) -> Probe:  # noqa: ANN401  # settings
    async with opened(served(model, *others), **settings) as it:
        return await it.github.probe()


def granted(model: GitHub, **rights: Any) -> GitHub:  # noqa: ANN401  # a credential's members
    model.hub.credentials[TOKEN] = Credential(**{"login": "acme-bot", **rights})
    return model


# Fine-grained tokens, by reading.


async def test_where_nothing_is_missing_nothing_is_said() -> None:
    model = granted(whole(shop()), permissions=ALL)
    probe = await probed(model, **EVERYTHING)

    assert (probe.account, probe.containers, probe.missing) == ("acme-bot", ("acme/shop",), ())
    assert model.writes == 0, "nothing that could have changed anything"


@pytest.mark.parametrize(
    ("right", "what"),
    [
        ("issues", "the issues of acme/shop"),
        ("pull_requests", "the pull requests of acme/shop"),
        ("contents", "the commits and releases of acme/shop"),
        ("deployments", "the deployments of acme/shop"),
        ("organization_projects", "the project 5 of acme"),
        ("issue_fields", "the issue fields of acme"),
    ],
)
async def test_a_permission_that_is_missing_is_named_as_github_names_it(right: str, what: str) -> None:
    model = granted(whole(shop()), permissions={name: level for name, level in ALL.items() if name != right})
    probe = await probed(model, **EVERYTHING)

    (sentence,) = probe.missing
    assert sentence.startswith(f"{what} cannot be read: GitHub answered 403")
    assert f"Give the token the permission {right}=read" in sentence
    assert model.writes == 0


async def test_what_is_not_configured_is_not_asked_for() -> None:
    model = granted(shop(), permissions={"issues": "write"})
    assert (await probed(model)).missing == ()
    assert [request.path for request in model.requests] == [
        "/user", "/repos/acme/shop", "/repos/acme/shop/issues", "/repos/acme/shop/assignees",
    ]  # fmt: skip


async def test_permissions_are_asked_once_for_an_owner() -> None:
    models = [shop(repository=f"acme/r{n}") for n in range(5)]
    granted(models[0], permissions={})
    probe = await probed(*models, repositories=[model.repository for model in models])

    assert len(probe.containers) == 5
    assert len(probe.missing) == 1


# Classic tokens, by scopes.


@pytest.mark.parametrize(
    ("scopes", "private", "more", "lacking"),
    [
        ({"repo"}, True, {}, ()),
        ({"public_repo"}, False, {}, ()),
        (set(), False, {}, ("public_repo",)),
        (set(), False, {"writes": ()}, ()),
        ({"repo"}, True, {"project": PROJECT}, ("project",)),
        ({"repo", "read:project"}, True, {"project": PROJECT}, ("project",)),
        ({"repo", "read:project"}, True, {"project": PROJECT, "writes": ()}, ()),
        ({"repo"}, True, {"project": PROJECT, "writes": ()}, ("read:project",)),
        ({"repo", "project"}, True, {"project": PROJECT}, ()),
    ],
)
async def test_a_scope_that_is_missing_is_named(
    scopes: set[str],
    private: bool,
    more: dict[str, Any],
    lacking: tuple[str, ...],  # a table
) -> None:
    model = granted(whole(shop()), scopes=frozenset(scopes))
    model.private = private
    probe = await probed(model, **more)

    assert [sentence.split()[5] for sentence in probe.missing] == list(lacking), probe.missing
    assert all("lacks the scope" in sentence for sentence in probe.missing)


async def test_a_private_repository_without_the_scope_is_not_found() -> None:
    model = granted(shop(), scopes=frozenset({"public_repo"}))
    model.private = True
    probe = await probed(model)

    assert probe.containers == ()
    assert probe.missing[0].startswith("acme/shop cannot be read: GitHub answered 404")


# Roles, and what repositories are.


async def test_what_a_repository_is_is_said_with_what_to_do() -> None:
    models = [shop(repository=name) for name in ("acme/shop", "acme/old", "acme/code", "acme/seen")]
    models[1].archived = True
    models[2].has_issues = False
    models[3].push = False
    names = [model.repository for model in models]
    models[0].rename("acme/store")
    probe = await probed(*models, repositories=[*names, "acme/gone"])

    assert probe.containers == ("acme/shop", "acme/old", "acme/seen")
    said = {sentence.split()[0]: sentence for sentence in probe.missing}
    assert "is called acme/store now" in said["acme/shop"]
    assert "is archived: it is read" in said["acme/old"]
    assert "issues switched off" in said["acme/code"]
    assert "role triage" in said["acme/seen"]
    assert "cannot be read" in said["acme/gone"]
    assert len(probe.missing) == 5


async def test_patterns_are_probed_with_the_list_alone() -> None:
    models = [shop(repository=f"acme/r{n:02}") for n in range(30)]
    models[7].push = False
    probe = await probed(*models, repositories=["acme/*"])

    assert len(probe.containers) == 30
    assert [sentence.split()[0] for sentence in probe.missing] == ["acme/r07"]
    assert len(models[0].requests) == 4, "who we are, the list, and of one its issues and who can be assigned"


async def test_a_pattern_that_finds_nothing_is_said() -> None:
    probe = await probed(shop(), repositories=["acme/nothing-*"])
    assert probe.containers == ()
    assert "finds no repository" in probe.missing[0]


async def test_an_owner_that_cannot_be_listed_is_said() -> None:
    probe = await probed(shop(), repositories=["acme/*", "globex/*"])
    assert probe.containers == ("acme/shop",)
    assert "the repositories of globex are not known" in probe.missing[0]


# The token of GitHub Actions.


async def test_the_token_of_actions_is_told_what_it_cannot_reach() -> None:
    models = [whole(shop()), shop(repository="acme/pay")]
    models[1].private = True
    models[0].hub.credentials[TOKEN] = Credential(
        permissions={"issues": "write"}, owner="acme", repositories=frozenset({"acme/shop"})
    )
    probe = await probed(*models, repositories=["acme/shop", "acme/pay"], project=PROJECT)

    assert (probe.account, probe.containers) == ("an app's installation", ("acme/shop",))
    assert [sentence.split(" cannot")[0] for sentence in probe.missing] == ["acme/pay", "the project 5 of acme"]
    assert all("GITHUB_TOKEN of GitHub Actions" in sentence for sentence in probe.missing)


# Apps.


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as both:
        whole(both.github)
        registered(both.github)
        yield both


async def of_app(sandbox: Sandbox, permissions: Mapping[str, str], **more: Any) -> Probe:  # noqa: ANN401  # settings
    assert sandbox.github.hub.app is not None
    sandbox.github.hub.app.install("acme", permissions)
    async with opened(None, url=sandbox.github_url, **app(), **more) as it:
        found: Open = it
        return await found.github.probe()


async def test_an_app_is_known_by_its_bot_and_its_permissions(sandbox: Sandbox) -> None:
    probe = await of_app(sandbox, ALL, **EVERYTHING)
    assert (probe.account, probe.containers, probe.missing) == ("acme-sync[bot]", ("acme/shop",), ())
    assert sandbox.github.writes == 0


async def test_what_an_app_may_not_write_is_said_without_trying(sandbox: Sandbox) -> None:
    probe = await of_app(sandbox, {"issues": "read", "organization_projects": "read"}, project=PROJECT)

    assert [sentence.split(". ")[0] for sentence in probe.missing] == [
        "the App lacks the permission issues: write for the issues of acme/shop (it has read)",
        "the App lacks the permission organization_projects: write for the project 5 of acme (it has read)",
    ]
    assert (await of_app(sandbox, {"issues": "read"}, writes=())).missing == ()


async def test_a_users_board_is_out_of_an_apps_reach(sandbox: Sandbox) -> None:
    probe = await of_app(sandbox, ALL, project={**PROJECT, "kind": "user"})
    assert "no App reaches" in probe.missing[0]


async def test_an_app_that_is_nowhere_installed_has_no_identity(sandbox: Sandbox) -> None:
    async with opened(None, url=sandbox.github_url, **app()) as it:
        with pytest.raises(AuthError, match="not installed there"):
            await it.github.probe()
