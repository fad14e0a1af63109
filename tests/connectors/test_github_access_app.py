"""A GitHub App's credential over real HTTP: got once for all, renewed in time, and never shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from github_doubles import Clock, opened
from pydantic import SecretStr
from starlette.routing import Mount

from github_apps import CLIENT, app, keys, registered
from trackersync.connector import AuthError, ItemRef, UnavailableError
from trackersync.sandbox import GitHub, Options, Sandbox, answer, drop, github_app, running
from trackersync.sandbox.github.hub import Installation
from trackersync.sandbox.server import _serving
from trackersync_github import GithubSettings
from trackersync_github.app import AppCredential, authorization

PATH = "access_tokens$"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with running(Options(), GitHub("acme/pay")) as both:
        both.github.clock = clock
        registered(both.github)
        yield both


@pytest.fixture
def installation(sandbox: Sandbox) -> Installation:
    assert sandbox.github.hub.app is not None
    return sandbox.github.hub.app.install("acme")


def settings(sandbox: Sandbox, *, repositories: tuple[str, ...] = ("acme/shop",), **more: object) -> GithubSettings:
    return GithubSettings.model_validate(
        {"connector": "github", "url": sandbox.github_url, "repositories": list(repositories)} | app(**more)
    )


def credential(sandbox: Sandbox, clock: Clock, **more: object) -> AppCredential:
    found = settings(sandbox, **more)  # type: ignore[arg-type]  # what the settings take
    assert found.app is not None
    return AppCredential(found, found.app, clock.now)


def given(sandbox: Sandbox) -> int:
    assert sandbox.github.hub.app is not None
    return sandbox.github.hub.app.given


# Getting a token.


async def test_the_installation_is_found_and_its_token_is_a_bearer_token(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    value = (await credential(sandbox, clock)()).get_secret_value()

    kind, _, token = value.partition(" ")
    assert (kind, given(sandbox)) == ("Bearer", 1)
    assert sandbox.github.hub.credentials[token].permissions == installation.permissions
    assert [request.path for request in sandbox.github.requests] == [
        "/repos/acme/shop/installation",
        f"/app/installations/{installation.id}/access_tokens",
    ]


@pytest.mark.parametrize("kind", ["organisation", "user"])
async def test_where_only_a_pattern_is_given_the_owner_tells_the_installation(
    sandbox: Sandbox, installation: Installation, clock: Clock, kind: str
) -> None:
    del installation
    if kind == "user":
        sandbox.github.hub.users.add("acme")
    await credential(sandbox, clock, repositories=("acme/*",))()

    paths = [request.path for request in sandbox.github.requests[:-1]]
    assert paths == ["/orgs/acme/installation", *(["/users/acme/installation"] if kind == "user" else [])]


async def test_an_installation_that_is_given_is_not_looked_up(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    await credential(sandbox, clock, installation=installation.id)()
    assert len(sandbox.github.requests) == 1


async def test_an_older_servers_app_id_signs_as_well(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    assert await credential(sandbox, clock, client_id=314_159)()


async def test_hundreds_of_requests_at_once_get_one_token(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    values = await asyncio.gather(*(it() for _ in range(300)))

    assert len(set(values)) == given(sandbox) == 1


# Renewing it.


async def test_a_token_is_renewed_some_minutes_before_its_end_once_for_all(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    first = await it()
    clock.time += timedelta(minutes=54, seconds=59)
    assert await it() == first

    clock.time += timedelta(seconds=2)
    values = await asyncio.gather(*(it() for _ in range(300)))
    assert len({*values, first}) == given(sandbox) == 2


async def test_a_machine_whose_clock_is_wrong_gets_no_token_for_every_request(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    """By its own clock the token would be dead on arrival; by GitHub's it lives an hour."""
    del installation
    wrong = Clock()
    wrong.time = clock.time + timedelta(hours=9)
    it = credential(sandbox, wrong)
    assert await it() == await it()
    wrong.time += timedelta(hours=1)
    await it()
    assert given(sandbox) == 2


async def test_while_a_renewal_fails_the_old_token_serves_to_its_end(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    first = await it()
    clock.time += timedelta(minutes=56)
    sandbox.github.faults.add(answer(502), path=PATH, times=2)
    assert await it() == first
    assert await it() == first, "not asked again at once"
    assert len(sandbox.github.faults) == 1

    clock.time += timedelta(minutes=5)
    with pytest.raises(UnavailableError, match="502 on getting a token"):
        await it()
    assert await it() != first


async def test_a_token_that_was_revoked_early_is_renewed_once(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    async with opened(None, url=sandbox.github_url, clock=clock, authorization=it, **app()) as hub:
        await hub.items()
        token = (await it()).get_secret_value().partition(" ")[2]
        clock.time += timedelta(minutes=10)
        sandbox.github.hub.revoke(token)

        assert len(await asyncio.gather(*(hub.item(ItemRef("github", f"681273514/{n}")) for n in range(1, 20)))) == 19
        assert given(sandbox) == 2


async def test_a_fresh_token_that_is_refused_is_no_matter_of_another_one(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    sandbox.github.faults.add(answer(401, '{"message": "Bad credentials"}'), path="^/repos/acme/shop$", times=9)
    async with opened(None, url=sandbox.github_url, clock=clock, authorization=it, **app()) as hub:
        with pytest.raises(AuthError, match="does not accept the credential"):
            await hub.pages()

    assert given(sandbox) == 1
    assert sum(request.path == "/repos/acme/shop" for request in sandbox.github.requests) == 1


# What is wrong.


async def test_an_app_that_is_not_installed_there_is_told_where_to_go(sandbox: Sandbox, clock: Clock) -> None:
    with pytest.raises(AuthError, match="not installed there"):
        await credential(sandbox, clock)()


async def test_a_suspended_installation_is_named(sandbox: Sandbox, clock: Clock) -> None:
    assert sandbox.github.hub.app is not None
    sandbox.github.hub.app.install("acme", suspended=True)
    with pytest.raises(AuthError, match="See whether acme suspended it"):
        await credential(sandbox, clock)()


async def test_a_wrong_client_id_is_named(sandbox: Sandbox, installation: Installation, clock: Clock) -> None:
    del installation
    with pytest.raises(AuthError, match=r"401 .*Check `app.client_id`") as caught:
        await credential(sandbox, clock, client_id="Iv23liAnotherApp")()

    assert caught.value.__cause__ is None, "the library keeps headers and body in its exceptions"


async def test_a_clock_that_is_off_is_named(sandbox: Sandbox, installation: Installation, clock: Clock) -> None:
    del installation
    hub = sandbox.github.hub
    assert hub.app is not None
    hub.app.clock = lambda: datetime.now(UTC) - timedelta(hours=2)
    clock.time = datetime.now(UTC) - timedelta(hours=2)
    with pytest.raises(AuthError, match=r"clock is \+7[12]\d\d s off GitHub's"):
        await credential(sandbox, clock)()


async def test_a_clock_that_is_a_little_off_does_no_harm(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    """GitHub, "Generating a JSON Web Token": `iat` 60 seconds in the past, to protect against clock drift."""
    del installation
    hub = sandbox.github.hub
    assert hub.app is not None
    for seconds in (-50, 50):
        hub.app.clock = lambda seconds=seconds: datetime.now(UTC) + timedelta(seconds=seconds)  # type: ignore[misc]  # bound now
        assert await credential(sandbox, clock)()


@pytest.mark.parametrize(
    "fault", [drop(), answer(503), answer(201, '{"token": ""}'), answer(201, "<html>"), answer(429)]
)
async def test_no_usable_answer_is_for_later_and_asked_once(
    sandbox: Sandbox, installation: Installation, clock: Clock, fault: object
) -> None:
    del installation
    sandbox.github.faults.add(fault, path=PATH, times=9)  # type: ignore[arg-type]  # a fault
    with pytest.raises(UnavailableError):
        await credential(sandbox, clock)()

    assert len(sandbox.github.faults) == 1
    assert sum(request.path.endswith("access_tokens") for request in sandbox.github.requests) == 1


async def test_a_key_that_was_never_read_is_named(sandbox: Sandbox, clock: Clock) -> None:
    part = {"client_id": CLIENT, "private_key_file": "key.pem"}
    found = GithubSettings.model_validate(
        {"connector": "github", "url": sandbox.github_url, "repositories": ["acme/shop"], "app": part}
    )
    assert found.app is not None
    with pytest.raises(AuthError, match="private_key_file"):
        await AppCredential(found, found.app, clock.now)()


# Secrets.


async def test_a_long_token_that_an_error_page_repeats_is_not_shown(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    """Since April 2026 an installation's token may be some hundred characters long."""
    del installation
    assert sandbox.github.hub.app is not None
    sandbox.github.hub.app.long = True
    it = credential(sandbox, clock)
    token = (await it()).get_secret_value().partition(" ")[2]
    assert len(token) > 500
    page = f'{{"message": "no: {token}"}}'
    sandbox.github.faults.add(answer(404, page), path="^/repos/acme/shop$", times=9)
    async with opened(None, url=sandbox.github_url, clock=clock, authorization=it, **app()) as hub:
        _, error = await hub.until_error()

    assert "404" in str(error)
    assert token not in str(error)
    assert "(credential)" in str(error)


async def test_nothing_that_can_be_printed_holds_a_secret(
    sandbox: Sandbox, installation: Installation, clock: Clock
) -> None:
    del installation
    it = credential(sandbox, clock)
    value = await it()
    found = settings(sandbox)
    shown = f"{it!r} {vars(it)!r} {value!r} {found!r} {found.model_dump_json()}"

    assert value.get_secret_value() not in shown
    assert value.get_secret_value().partition(" ")[2] not in shown
    assert keys()[0].splitlines()[5] not in shown


async def test_a_plain_token_is_a_bearer_token_of_whatever_form() -> None:
    for token in ("ghp_x", "github_pat_11AA", "ghs_1", f"ghs_12_{'x' * 900}"):
        part = {"connector": "github", "repositories": ["acme/shop"], "token": token}
        assert await authorization(GithubSettings.model_validate(part))() == SecretStr(f"Bearer {token}")


async def test_pygithub_bears_the_same_credential(sandbox: Sandbox, clock: Clock) -> None:
    """A token that may write issues creates a label; PyGithub without it would be refused."""
    assert sandbox.github.hub.app is not None
    sandbox.github.hub.app.install("acme", {"issues": "write", "metadata": "read"})
    it = credential(sandbox, clock)
    async with opened(None, url=sandbox.github_url, clock=clock, authorization=it, **app()) as hub:
        await hub.github._library.create_label("acme/shop", "stage: new")  # the part that is tested

    assert "stage: new" in sandbox.github.labels.values()
    assert given(sandbox) == 1


async def test_an_enterprise_servers_api_is_below_its_prefix(clock: Clock) -> None:
    """Everything goes to ``/api/v3``: as the App, as its installation, by PyGithub and by the wire."""
    model = GitHub("acme/shop", clock=clock)
    model.create("One")
    registered(model).install("acme")
    with _serving(Mount("/api/v3", github_app(model)), 0) as url:
        at = f"{url}/api/v3"
        found = GithubSettings.model_validate(
            {"connector": "github", "url": at, "repositories": ["acme/shop"]} | app(client_id=314_159)
        )
        assert found.app is not None
        it = AppCredential(found, found.app, clock.now)
        async with opened(None, url=at, clock=clock, authorization=it, **app(client_id=314_159)) as hub:
            assert [item.key for item in await hub.items()] == ["acme/shop#1"]
            await hub.github._library.create_label("acme/shop", "stage: new")
            assert (await hub.github.probe()).missing == ()

    assert "stage: new" in model.labels.values()
    assert {request.path[:8] for request in model.requests} == {"/api/v3/"}
