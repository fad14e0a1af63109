"""What PyGithub does for us, over real HTTP: its traps stay shut, its errors become ours, its requests are counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from github_doubles import TOKEN, opened, stage_change
from pydantic import SecretStr

from trackersync.connector import AuthError, ItemRef, RejectedError, UnavailableError
from trackersync.sandbox import Options, Sandbox, answer, drop, running
from trackersync.sandbox.faults import Fault
from trackersync_github import GithubSettings
from trackersync_github.library import opened as library

NEW = "stage: never seen"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as shop:
        yield shop


def made(sandbox: Sandbox) -> list[str]:
    return [
        request.path
        for request in sandbox.github.requests
        if (request.method, request.path[-7:]) == ("POST", "/labels")
    ]


def seventeen(sandbox: Sandbox) -> ItemRef:
    return ItemRef("github", f"{sandbox.github.repository_id}/17")


# Creating a label.


async def test_a_missing_label_is_created_before_it_is_added(sandbox: Sandbox) -> None:
    async with opened(None, url=sandbox.github_url) as it:
        item = await it.item(seventeen(sandbox))
        shown = await it.github.apply(stage_change(item, NEW))

        assert NEW in shown.facts["labels"]
        assert made(sandbox) == ["/repos/acme/shop/labels", "/repos/acme/shop/issues/17/labels"]
        assert it.sent == (sandbox.github.reads, sandbox.github.writes), "PyGithub's requests are counted too"


async def test_a_label_someone_creates_at_the_same_moment_is_fine(sandbox: Sandbox) -> None:
    def meanwhile(request: object) -> Fault | None:
        if getattr(request, "method", "") == "POST":
            sandbox.github.add_label(NEW.upper())
        return None

    async with opened(None, url=sandbox.github_url) as it:
        item = await it.item(seventeen(sandbox))
        sandbox.github.faults.decide = meanwhile
        await it.github.apply(stage_change(item, NEW))

    assert NEW.upper() in sandbox.github.issue(17).labels


ONCE = [
    ("connection lost", drop(), UnavailableError, "no usable answer"),
    ("502", answer(502, "<html>"), UnavailableError, "502"),
    ("503", answer(503, "{}"), UnavailableError, "503"),
    ("429", answer(429, "{}", {"retry-after": "7"}), UnavailableError, "429"),
    ("secondary", answer(403, '{"message": "You have exceeded a secondary rate limit"}'), UnavailableError, "403"),
    ("no right", answer(403, '{"message": "no"}', {"x-accepted-github-permissions": "issues=write"}), RejectedError,
     "issues=write"),
    ("not taken", answer(422, '{"errors": [{"code": "invalid", "field": "name"}]}'), RejectedError, "422"),
    ("not taken, in words", answer(422, '{"errors": ["no"]}'), RejectedError, "422"),
    ("credential", answer(401, '{"message": "Bad credentials"}'), AuthError, "revoked"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "kind", "words"), [case[1:] for case in ONCE], ids=[case[0] for case in ONCE])
async def test_a_label_is_posted_once_whatever_comes_back(
    sandbox: Sandbox, fault: Fault, kind: type[Exception], words: str
) -> None:
    """By default PyGithub posts up to eleven times, and sleeps for a minute on a rate limit."""
    sandbox.github.faults.add(fault, method="POST", path="^/repos/acme/shop/labels$", times=99)
    began = time.monotonic()
    async with opened(None, url=sandbox.github_url) as it:
        item = await it.item(seventeen(sandbox))
        with pytest.raises(kind, match=words) as caught:
            await it.github.apply(stage_change(item, NEW))

    assert made(sandbox) == ["/repos/acme/shop/labels"]
    assert "creating the label stage: never seen in acme/shop" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None, "the library keeps headers and body in its exceptions"
    assert not getattr(caught.value, "in_doubt", False), "nothing of the issue was touched"
    assert sandbox.github.issue(17).labels == ("bug", "checkout", "stage: idea")
    assert time.monotonic() - began < 10


async def test_the_pauses_of_the_library_are_off(sandbox: Sandbox) -> None:
    """By default it pauses 0.25 s between two requests of a client and 1 s between two writes; the wire keeps pace."""
    settings = GithubSettings.model_validate(
        {"connector": "github", "url": sandbox.github_url, "repositories": ["acme/shop"], "token": TOKEN}
    )

    def ask() -> float:
        began = time.monotonic()
        with library(settings, SecretStr(f"Bearer {TOKEN}")) as github:
            for number in range(4):
                github.get_repo("acme/shop").create_label(f"{NEW} {number}", "ededed")
        return time.monotonic() - began

    assert await asyncio.to_thread(ask) < 0.7


# Probing.


async def test_who_we_are_and_what_we_may(sandbox: Sandbox) -> None:
    async with opened(None, url=sandbox.github_url) as it:
        probe = await it.github.probe()

        assert (probe.account, probe.containers, probe.missing) == ("acme-bot", ("acme/shop",), ())
        assert it.sent == (sandbox.github.reads, 0) == (4, 0), "who we are, the repository, its issues, its people"


async def test_what_is_missing_is_named_with_its_remedy(sandbox: Sandbox) -> None:
    sandbox.github.push = False
    async with opened(None, url=sandbox.github_url, repositories=["acme/shop", "acme/gone"]) as it:
        probe = await it.github.probe()

    assert probe.containers == ("acme/shop",)
    assert [sentence.partition(" ")[0] for sentence in probe.missing] == ["acme/shop", "acme/gone"]
    assert "triage" in probe.missing[0]
    assert "404" in probe.missing[1]


async def test_a_tracker_we_only_read_needs_no_right_to_write(sandbox: Sandbox) -> None:
    sandbox.github.push = False
    async with opened(None, url=sandbox.github_url, writes=()) as it:
        assert (await it.github.probe()).missing == ()


async def test_a_renamed_repository_is_told(sandbox: Sandbox) -> None:
    sandbox.github.rename("acme/store")
    async with opened(None, url=sandbox.github_url) as it:
        assert (await it.github.probe()).missing == (
            "acme/shop is called acme/store now; correct it under `repositories`.",
        )


async def test_a_repository_without_issues_is_told(sandbox: Sandbox) -> None:
    body = '{"id": 681273514, "full_name": "acme/shop", "has_issues": false, "permissions": {"triage": true}}'
    sandbox.github.faults.add(answer(200, body), path="^/repos/acme/shop$")
    async with opened(None, url=sandbox.github_url) as it:
        probe = await it.github.probe()

    assert probe.containers == ()
    assert "issues switched off" in probe.missing[0]


async def test_an_apps_token_belongs_to_no_user_and_is_good(sandbox: Sandbox) -> None:
    sandbox.github.faults.add(answer(403, '{"message": "Resource not accessible by integration"}'), path="^/user$")
    body = '{"id": 681273514, "full_name": "acme/shop", "has_issues": true}'
    sandbox.github.faults.add(answer(200, body), path="^/repos/acme/shop$")
    async with opened(None, url=sandbox.github_url) as it:
        probe = await it.github.probe()

    assert (probe.account, probe.missing) == ("an app's installation", ())


async def test_a_refused_token_is_named_and_not_shown(sandbox: Sandbox) -> None:
    async with opened(None, url=sandbox.github_url, token="ghs_revoked_1") as it:
        with pytest.raises(AuthError, match="neither expired nor revoked") as caught:
            await it.github.probe()

    assert "ghs_revoked_1" not in str(caught.value)


async def test_no_token_is_no_identity(sandbox: Sandbox) -> None:
    async with opened(None, url=sandbox.github_url, token=None) as it:
        with pytest.raises(AuthError, match="set `token`"):
            await it.github.probe()

    assert sandbox.github.requests == []


UNUSABLE = [
    ("a page for people", answer(200, "<html>Sign in</html>", {"content-type": "text/html"})),
    ("cut short", answer(200, '{"login": "acme-')),
    ("another API", answer(200, '{"hello": "world"}')),
    ("connection lost", drop()),
    ("500", answer(500, "{}")),
]


@pytest.mark.parametrize("fault", [case[1] for case in UNUSABLE], ids=[case[0] for case in UNUSABLE])
async def test_an_answer_that_cannot_be_used_is_no_identity(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.github.faults.add(fault, path="^/user$", times=9)
    async with opened(None, url=sandbox.github_url) as it:
        with pytest.raises(UnavailableError) as caught:
            await it.github.probe()

    assert TOKEN not in str(caught.value)


async def test_a_host_that_does_not_answer_is_named() -> None:
    async with opened(None, url="http://127.0.0.1:9") as it:
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9 could not be reached"):
            await it.github.probe()
