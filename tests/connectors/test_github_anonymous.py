"""Reading public repositories without a credential: nothing is asked that needs one, and what is not shown says so."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from github_doubles import API, Clock, opened, scripted, served, shop, stage_change
from pydantic import ValidationError

from trackersync.connector import AuthError, NotFoundError, RejectedError, UnavailableError
from trackersync.http import HttpWire
from trackersync.http.budget import Budget
from trackersync.sandbox import GitHub, answer
from trackersync_github import GithubSettings, connector

NOBODY: dict[str, Any] = {"token": None, "anonymous": True}


def filled(*names: str) -> tuple[GitHub, ...]:
    models = tuple(shop(repository=name) for name in names)
    for model in models:
        model.create("A", labels=["stage: build"], assignees=["ada-l"])
        model.create("B")
    return models


def settings(**more: object) -> GithubSettings:
    return GithubSettings.model_validate({"connector": "github", "repositories": ["acme/shop"], **NOBODY} | more)


async def test_a_public_repository_is_read_whole_and_nothing_is_asked_that_needs_a_credential() -> None:
    (model,) = filled("acme/shop")
    async with opened(served(model), **NOBODY) as it:
        items = await it.items()
        history = await it.github.history(items[0].ref)
        item = await it.item(items[0].ref)
        probe = await it.github.probe()

    assert [one.key for one in items] == ["acme/shop#1", "acme/shop#2"]
    assert item.facts["owners"] == ("ada-l",)
    assert [event.fact for event in history]
    assert (probe.account, probe.containers, probe.missing) == ("", ("acme/shop",), ())
    assert {request.status for request in model.requests} == {200}


async def test_patterns_find_what_is_public_of_an_organisation_and_of_a_user() -> None:
    models = filled("acme/shop", "acme/secret", "ada-l/notes")
    models[0].hub.users.add("ada-l")
    models[1].private = True
    async with opened(served(*models), repositories=["acme/*", "ada-l/*"], **NOBODY) as it:
        assert (await it.github.discover()).names == ("acme/shop", "ada-l/notes")
    assert "/user" not in {request.path for request in models[0].requests}


@pytest.mark.parametrize("named", ["acme/secret", "acme/nowhere"])
async def test_what_is_private_is_as_good_as_not_there_and_says_what_to_do(named: str) -> None:
    model, secret = filled("acme/shop", "acme/secret")
    secret.private = True
    async with opened(served(model, secret), repositories=["acme/shop", named], **NOBODY) as it:
        seen, error = await it.until_error()
        probe = await it.github.probe()

    assert [item.key for page in seen for item in page.items] == ["acme/shop#1", "acme/shop#2"]
    assert isinstance(error, NotFoundError)
    assert f"{named} does not exist, or is private" in str(error)
    assert "set a token" in str(error)
    assert "this token" not in str(error)
    (said,) = probe.missing
    assert "set a token" in said
    assert "fine-grained" not in said


async def test_an_address_that_is_not_the_api_s_is_told_to_nobody_too() -> None:
    async with opened(scripted(lambda _: httpx.Response(404, text="<html>")), **NOBODY) as it:
        _, error = await it.until_error()
    assert "the `url` of GitHub Enterprise Server ends in /api/v3" in str(error)
    assert "this token" not in str(error)


async def test_patterns_that_find_nothing_public_say_so() -> None:
    (secret,) = filled("acme/secret")
    secret.private = True
    async with opened(served(secret), repositories=["acme/*"], **NOBODY) as it:
        with pytest.raises(NotFoundError, match="without a token no others are shown"):
            await it.github.discover()


async def test_blockers_are_told_as_far_as_issues_tell_of_them() -> None:
    (model,) = filled("acme/shop")
    model.ties.block(1, by=2)
    async with opened(served(model), evidence=("relations", "checklist"), **NOBODY) as it:
        facts = (await it.items())[0].facts
    assert (facts["blocked"], facts["blockers"]) == (("open",), ())
    assert "/graphql" not in {request.path for request in model.requests}


async def test_who_is_in_a_team_is_not_asked() -> None:
    (model,) = filled("acme/shop")
    model.code.files[".github/CODEOWNERS"] = "* @grace-h @acme/web\n"
    async with opened(served(model), codeowners=True, **NOBODY) as it:
        items = await it.items()
        found = await it.github.candidates(items[1:])
    assert [one.account for one in found[items[1].ref]] == ["grace-h"]
    assert not [request for request in model.requests if "/teams/" in request.path]


async def test_nothing_is_written() -> None:
    (model,) = filled("acme/shop")
    async with opened(served(model), **NOBODY) as it:
        item = (await it.items())[0]
        with pytest.raises(RejectedError, match=r"may not be written: `writes` of tracker github is none"):
            await it.github.apply(stage_change(item, "stage: verify"))
    assert model.writes == 0


async def test_a_server_that_shows_nothing_to_nobody_says_that_there_is_no_credential() -> None:
    (model,) = filled("acme/shop")
    model.faults.add(answer(401, '{"message": "Must authenticate to access this API."}'), times=9)
    async with opened(served(model), **NOBODY) as it:
        _, error = await it.until_error()
    assert isinstance(error, AuthError)
    assert "wants a credential (401 on GET /repos/acme/shop), and there is none" in str(error)
    assert "does not accept" not in str(error)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"project": {"owner": "acme", "number": 5}}, "does not show `project` without a credential"),
        ({"field": "Phase"}, "does not show `field`"),
        ({"evidence": ["checklist", "pulls"]}, r"does not show `evidence: \[pulls\]`"),
        ({"app": {"client_id": "Iv23", "private_key_file": "key.pem"}}, "does not show `app`"),
        ({"token": "ghp_x"}, "is without a credential"),
        ({"writes": ["stage"]}, "nothing can be written without a credential"),
    ],
)
def test_what_needs_a_credential_cannot_be_configured(more: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(**more)


def test_what_needs_none_can() -> None:
    assert settings(evidence=["relations", "checklist"], codeowners=True, writes=[]).writes == ()


# Sixty requests an hour.


async def test_when_the_hour_is_used_up_the_wait_says_that_a_token_would_help() -> None:
    (model,) = filled("acme/shop")
    model.hub.unsigned_hourly = 2
    clock, told = Clock(), []
    limits = connector.limits(settings())
    async with HttpWire(
        "github", API, connector.authorization(settings()), {}, clock, transport=served(model),
        budget=Budget(clock, limits), patience=60.0, waiting=lambda because, _: told.append(because),
    ) as wire:  # fmt: skip
        for _ in range(2):
            await wire.read("GET", "/repos/acme/shop")
        # Costs nothing, so it is answered all the same.
        assert (await wire.read("GET", "/rate_limit")).status == 200
        with pytest.raises(UnavailableError) as caught:
            await wire.read("GET", "/repos/acme/shop")
    assert "all 2 requests (core) are used up until" in str(caught.value)
    assert "without a token GitHub allows 60 an hour; set `token` and it is 5,000" in str(caught.value)


def test_a_wait_with_a_token_says_nothing_of_tokens() -> None:
    signed = GithubSettings.model_validate({"connector": "github", "repositories": ["acme/shop"], "token": "ghp_x"})
    assert connector.limits(signed).remedy == ""
    assert connector.limits(settings()).remedy
    assert connector.identity(settings()) == "", "all who are nobody share what their address is allowed"
