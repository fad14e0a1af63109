"""Webhooks by PyGithub: ours as it should be, others' left alone, and the secret nowhere to be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from github_doubles import Open, opened
from pydantic import SecretStr

from trackersync.connector import AuthError, Hooking, NotFoundError, RejectedError, These, UnavailableError
from trackersync.sandbox import Options, Sandbox, answer, drop, moments, running
from trackersync.sandbox.faults import Fault
from trackersync.sandbox.github.notices import Delivered
from trackersync.sandbox.github.rights import Credential
from trackersync.sandbox.sent import Sent
from trackersync_github import GithubSettings
from trackersync_github.hooks import Hooks, wanted_events
from trackersync_github.library import Library

URL = "https://sync.acme.example/hooks/github"
SECRET = SecretStr("It's a Secret to Everybody")
PLACES = ("acme/shop", "acme")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as shop:
        yield shop


@pytest.fixture
async def hooks(sandbox: Sandbox) -> AsyncIterator[Hooks]:
    settings = GithubSettings.model_validate(
        {"connector": "github", "url": sandbox.github_url, "repositories": ["acme/shop"], "token": "ghp_good"}
    )
    async with opened(None, url=sandbox.github_url, token="ghp_good") as it:
        yield Hooks(Library("github", settings, it.wire))


def stored(sandbox: Sandbox, place: str) -> list[dict[str, Any]]:
    key = str(sandbox.github.repository_id) if "/" in place else place
    return list(sandbox.github.hub.hooks.get(key, {}).values())


@pytest.mark.parametrize("place", PLACES)
async def test_ours_is_created_with_events_secret_and_json(sandbox: Sandbox, hooks: Hooks, place: str) -> None:
    made = await hooks.ensure(place, URL, SECRET)

    (hook,) = stored(sandbox, place)
    assert hook["config"] == {
        "url": URL, "content_type": "json", "insecure_ssl": "0", "secret": SECRET.get_secret_value(),
    }  # fmt: skip
    assert (hook["id"], hook["active"], tuple(hook["events"])) == (made.id, True, made.events)
    assert (made.url, made.signed) == (URL, True)
    assert "issues" in made.events
    assert await hooks.present(place) == (made,)


@pytest.mark.parametrize("place", PLACES)
async def test_twice_equals_once_and_the_secret_stays(sandbox: Sandbox, hooks: Hooks, place: str) -> None:
    """GitHub removes a secret that an update leaves out."""
    first = await hooks.ensure(place, URL, SECRET)
    assert await hooks.ensure(place, URL, SECRET) == first
    (hook,) = stored(sandbox, place)
    assert hook["config"]["secret"] == SECRET.get_secret_value()


async def test_one_that_differs_is_changed(sandbox: Sandbox, hooks: Hooks) -> None:
    first = await hooks.ensure("acme/shop", URL, SECRET, ["issues", "label"], active=False)
    assert (first.events, first.active) == (("issues", "label"), False)
    second = await hooks.ensure("acme/shop", URL, SecretStr("another"), ["issues"])

    assert (second.id, second.events, second.active) == (first.id, ("issues",), True)
    assert [hook["config"]["secret"] for hook in stored(sandbox, "acme/shop")] == ["another"]


async def test_others_are_left_alone(sandbox: Sandbox, hooks: Hooks) -> None:
    theirs = await hooks.ensure("acme/shop", "https://ci.acme.example", SECRET, ["push"])
    await hooks.ensure("acme/shop", URL, SECRET)

    assert await hooks.remove("acme/shop", URL) == 1
    assert await hooks.remove("acme/shop", URL) == 0
    assert await hooks.present("acme/shop") == (theirs,)
    assert len(stored(sandbox, "acme/shop")) == 1


async def test_a_second_one_to_our_address_goes(sandbox: Sandbox, hooks: Hooks) -> None:
    first = await hooks.ensure("acme/shop", URL, SECRET, ["label"])
    sandbox.github.hub.hooks[str(sandbox.github.repository_id)][7] = {
        "id": 7, "active": True, "events": ["issues"], "config": {"url": URL},
    }  # fmt: skip
    made = await hooks.ensure("acme/shop", URL, SECRET, ["issues", "label"])

    assert (made.id, made.events) == (first.id, ("issues", "label"))
    assert len(stored(sandbox, "acme/shop")) == 1


async def test_a_webhook_without_a_secret_is_not_made(sandbox: Sandbox, hooks: Hooks) -> None:
    with pytest.raises(RejectedError, match="needs a secret"):
        await hooks.ensure("acme/shop", URL, SecretStr(""))
    assert sandbox.github.requests == []


def test_the_events_are_those_that_the_configuration_makes_use_of() -> None:
    def events(*, organization: bool, **more: Any) -> set[str]:  # noqa: ANN401  # settings
        settings = GithubSettings.model_validate({"connector": "github", "repositories": ["acme/shop"]} | more)
        return set(wanted_events(settings, organization=organization))

    plain = events(organization=False)
    assert {"issues", "issue_comment", "label", "milestone", "sub_issues", "issue_dependencies", "repository"} == plain
    evidence = ("pulls", "releases", "deployments")
    assert events(organization=False, evidence=evidence) - plain == {"pull_request", "release", "deployment_status"}
    project = {"owner": "acme", "number": 5}
    assert events(organization=True, project=project) - plain == {"projects_v2_item"}
    assert events(organization=False, project=project) == plain


FAULTS = [
    ("no right", answer(403, "{}", {"x-accepted-github-permissions": "repository_hooks=read"}), RejectedError),
    ("hidden", answer(404, "{}"), NotFoundError),
    ("connection lost", drop(), UnavailableError),
    ("502", answer(502, "<html>"), UnavailableError),
    ("credential", answer(401, "{}"), AuthError),
]


@pytest.mark.parametrize(("fault", "kind"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_goes_wrong_is_ours_to_name_and_a_post_is_sent_once(
    sandbox: Sandbox,
    hooks: Hooks,
    fault: Fault,
    kind: type[Exception],
    method: str,
) -> None:
    sandbox.github.faults.add(fault, method=method, path="/hooks$", times=99)
    with pytest.raises(kind) as caught:
        await hooks.ensure("acme/shop", URL, SECRET)

    assert sum(request.method == method for request in sandbox.github.requests) == 1
    assert SECRET.get_secret_value() not in f"{caught.value}{caught.value.__cause__}{hooks!r}"
    assert caught.value.__cause__ is None
    if method == "GET" and kind in {RejectedError, NotFoundError}:
        assert "Webhooks: read and write" in str(caught.value)


async def test_a_token_without_the_right_is_told_its_name(sandbox: Sandbox, hooks: Hooks) -> None:
    sandbox.github.hub.credentials["ghp_good"] = Credential("acme-bot", permissions={"issues": "write"})
    with pytest.raises(RejectedError, match="repository_hooks=read"):
        await hooks.ensure("acme/shop", URL, SECRET)
    sandbox.github.hub.credentials["ghp_good"] = Credential("acme-bot", permissions={"repository_hooks": "read"})
    with pytest.raises(RejectedError, match="repository_hooks=write"):
        await hooks.ensure("acme/shop", URL, SECRET)


async def test_every_request_is_counted(sandbox: Sandbox, hooks: Hooks) -> None:
    await hooks.ensure("acme/shop", URL, SECRET)
    await hooks.ensure("acme/shop", URL, SECRET)
    await hooks.remove("acme/shop", URL)
    requests = hooks.library.wire.counters.requests  # type: ignore[attr-defined]  # the wire that counts

    assert requests == {"read": sandbox.github.reads, "write": sandbox.github.writes} == {"read": 3, "write": 3}


# As the connector offers it.


@pytest.fixture
async def site(sandbox: Sandbox) -> AsyncIterator[Open]:
    keys = {"repositories": ["acme/*"], "webhook_secrets": [SECRET.get_secret_value()]}
    async with opened(None, url=sandbox.github_url, token="ghp_good", besides=("webhooks",), **keys) as it:
        yield it


async def test_every_repository_that_a_pattern_finds_has_its_own_or_its_owner_has_one(site: Open) -> None:
    assert isinstance(site.github, Hooking)
    assert [place.name for place in await site.github.hook_places()] == ["acme/shop"]
    (owner,) = await site.github.hook_places(wide=True)
    assert (owner.name, owner.covers) == ("acme", ("acme/shop",))
    made = await site.github.ensure_hook(owner, URL)
    assert (made.place, made.sound, made.signed) == ("acme", True, True)


async def test_what_it_lacks_and_what_came_of_it_are_told(sandbox: Sandbox, site: Open) -> None:
    (place,) = await site.github.hook_places()
    await site.github.ensure_hook(place, URL)
    (hook,) = stored(sandbox, "acme/shop")
    hook["events"].remove("label")
    (told,) = await site.github.hooks(place, URL)
    assert (told.lacking, told.last, told.answer, told.failing) == (("label",), None, None, False)
    sandbox.github.hub.deliver(hook["id"], 0, "timed out")
    (told,) = await site.github.hooks(place, URL)
    assert (told.answer, told.failing) == (0, True)
    # Of others it is not asked.
    assert (await site.github.hooks(place))[0].answer is None
    hook["events"] = ["*"]
    assert (await site.github.hooks(place))[0].sound


async def test_only_what_failed_lately_and_never_arrived_is_delivered_again(sandbox: Sandbox, site: Open) -> None:
    (place,) = await site.github.hook_places()
    hook = await site.github.ensure_hook(place, URL)
    notices, number, now = sandbox.github.hub.notices, int(hook.id), moments.seconds(sandbox.github.clock())
    sent = [Sent({"x-github-delivery": f"guid-{at}", "x-github-event": "issues"}, b"{}") for at in range(4)]
    rows = [(now, 503, 0), (now, 202, 1), (now, 503, 1), (now, 0, 2), (now - 90_000, 503, 3)]
    notices.delivered[number] = [
        Delivered(at, code, "", number * 10 + place, "issues", sent[which])
        for place, (at, code, which) in enumerate(rows, 1)
    ]
    since = sandbox.github.clock() - timedelta(days=1)
    assert await site.github.redeliver(place, hook, since) == 2
    asked = [one.path.rsplit("/", 2)[1] for one in sandbox.github.requests if one.path.endswith("/attempts")]
    assert asked == [str(number * 10 + 4), str(number * 10 + 1)]


async def test_a_404_on_removing_is_no_success_while_it_is_still_there(sandbox: Sandbox, site: Open) -> None:
    """Who may see webhooks and not delete them is told 404, as who comes too late is."""
    (place,) = await site.github.hook_places()
    await site.github.ensure_hook(place, URL)
    sandbox.github.faults.add(answer(404, "{}"), method="DELETE")
    with pytest.raises(NotFoundError, match="Webhooks: read and write"):
        await site.github.remove_hooks(place, URL)
    assert len(stored(sandbox, "acme/shop")) == 1


async def test_an_address_that_github_does_not_take_has_its_cure(sandbox: Sandbox, site: Open) -> None:
    (place,) = await site.github.hook_places()
    sandbox.github.faults.add(answer(422, "{}"), method="POST", path="hooks$")
    with pytest.raises(RejectedError, match="public addresses only"):
        await site.github.ensure_hook(place, URL)


async def test_our_own_delivery_is_believed_and_asks_for_nothing(site: Open) -> None:
    greeting = site.github.greeting()
    site.github.verify(greeting)
    assert site.github.scope_of(greeting) == These(())
    assert site.github.delivery_id(greeting) != site.github.delivery_id(site.github.greeting())
