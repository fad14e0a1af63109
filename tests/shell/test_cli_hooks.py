"""``trackersync hooks``: what is at the trackers afterwards, what is said, and what it ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from receiving import Receiver, receiving

from product import Ran, invoke
from trackersync.sandbox import Options, Sandbox, answer, running
from trackersync.sandbox.github.rights import Credential
from trackersync.sandbox.jira.premises import Hook
from trackersync_github import GithubSettings
from trackersync_github.listener import Deliveries as OfGithub
from trackersync_jira import JiraSettings
from trackersync_jira.listener import Deliveries as OfJira

SECRET = "It's a Secret to Everybody"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    receiver.status = 202
    receiver.got.clear()
    with running(Options()) as both:
        both.jira.premises.administrator = True
        yield both


class World:
    """Both trackers, a receiver, and a configuration for them in a folder."""

    def __init__(self, folder: Path, sandbox: Sandbox, receiver: Receiver) -> None:
        self.sandbox, self.receiver, self.file = sandbox, receiver, folder / "trackersync.yaml"
        self.settings: dict[str, Any] = {
            "trackers": {
                "code": {"connector": "github", "url": sandbox.github_url, "repositories": ["acme/shop"],
                         "token": "${GITHUB_TOKEN}", "writes": "none", "webhook_secrets": [SECRET]},
                "desk": {"connector": "jira", "url": sandbox.jira_url, "projects": ["SHOP"], "writes": "none",
                         "email": "bot@acme.example", "token": "${JIRA_TOKEN}", "deployment": "cloud",
                         "webhook_secrets": [SECRET]},
            },
            "service": {"address": receiver.url},
        }  # fmt: skip

    def typed(self, *words: str) -> Ran:
        self.file.write_text(yaml.safe_dump(self.settings), encoding="utf-8")
        told = invoke("hooks", *words)
        assert SECRET not in told.out + told.err
        return told

    @property
    def github(self) -> list[dict[str, Any]]:
        return list(self.sandbox.github.hub.hooks.get(str(self.sandbox.github.repository_id), {}).values())

    @property
    def jira(self) -> list[Hook]:
        return self.sandbox.jira.premises.hooks

    def genuine(self) -> None:
        """Every delivery that came is believed by who listens."""
        settings = {name: {**one, "writes": []} for name, one in self.settings["trackers"].items()}
        code, desk = GithubSettings.model_validate(settings["code"]), JiraSettings.model_validate(settings["desk"])
        for delivery in self.receiver.at("code"):
            OfGithub("code", code, lambda number, name: name).verify(delivery)
        for delivery in self.receiver.at("desk"):
            OfJira("desk", desk).verify(delivery)


@pytest.fixture
def world(folder: Path, sandbox: Sandbox, receiver: Receiver) -> World:
    return World(folder, sandbox, receiver)


def test_installed_once_they_tell_of_edits_and_twice_equals_once(world: World) -> None:
    dry = world.typed("install", "--dry-run")
    assert (dry.code, dry.said.count("would be created"), world.github, world.jira) == (0, 2, [], [])
    first = world.typed("install")
    assert (first.code, first.said.count("created:")) == (0, 2)
    (code,), (desk,) = world.github, world.jira
    assert (code["config"]["url"], code["config"]["secret"]) == (f"{world.receiver.url}/webhooks/code", SECRET)
    assert (desk.url, desk.secret, desk.jql) == (f"{world.receiver.url}/webhooks/desk", SECRET, 'project in ("SHOP")')

    again = world.typed("install")
    assert (again.code, again.said.count("as it was")) == (0, 2)
    assert [one["id"] for one in world.github] == [code["id"]]
    assert world.jira == [desk]

    world.sandbox.post.drain()
    world.receiver.got.clear()
    world.sandbox.github.edit(9, labels=["bug"], by="ada-l")
    world.sandbox.jira.edit("SHOP-42", status="Done", by="ada-l")
    assert world.sandbox.post.drain()
    assert world.receiver.at("code")
    assert len(world.receiver.at("desk")) == 1
    world.genuine()


def test_only_the_named_tracker_is_asked(world: World) -> None:
    assert world.typed("install", "desk").code == 0
    assert (world.github, len(world.jira), world.sandbox.github.requests) == ([], 1, [])


@pytest.mark.parametrize(
    ("deployment", "old"), [("cloud", True), ("data center", False), ("data center", True)],
    ids=["Cloud", "Data Center 10", "Data Center 9"],
)  # fmt: skip
def test_every_jira_has_its_own_way(world: World, deployment: str, old: bool) -> None:
    desk = world.settings["trackers"]["desk"] | {"deployment": deployment}
    if deployment == "data center":
        del desk["email"]
    world.settings["trackers"] = {"desk": desk}
    world.sandbox.jira.premises.old_hooks = old
    assert world.typed("install").code == 0
    (made,) = world.jira
    assert (made.secret, made.jql, made.enabled) == (SECRET, 'project in ("SHOP")', True)
    world.sandbox.jira.premises.hooks = [replace(made, enabled=False, events=("jira:issue_updated",), secret="")]
    assert "changed" in world.typed("install").said
    assert world.jira == [made]
    assert world.typed("list").code == 0
    assert world.typed("remove", "--yes").code == 0
    assert world.jira == []


def test_what_lacks_something_is_listed_and_mended(world: World) -> None:
    world.typed("install")
    (hook,) = world.github
    hook["events"].remove("sub_issues")
    world.sandbox.jira.premises.hooks = [replace(world.jira[0], enabled=False)]
    listed = world.typed("list")
    assert listed.code == 1
    assert "it does not tell of sub_issues" in listed.said
    assert "it is switched off" in listed.said
    assert world.typed("install").said.count("changed") == 2
    assert world.typed("list").code == 0


def test_a_project_that_came_later_is_missed(world: World) -> None:
    world.typed("install", "desk")
    world.sandbox.jira.premises.hooks = [replace(world.jira[0], jql='project in ("PAY")')]
    assert "it does not tell of project SHOP" in world.typed("list", "desk").said
    # A query of somebody's own making is left to him.
    world.sandbox.jira.premises.hooks = [replace(world.jira[0], jql="labels = sync")]
    assert world.typed("list", "desk").code == 0


def test_others_are_seen_left_alone_and_not_quoted(world: World) -> None:
    theirs = Hook("chat", "https://chat.example/hook?token=hush-hush-1", secret="theirs")
    world.jira.append(theirs)
    config = {"url": "https://ci.example/hush-hush-2", "secret": "theirs", "content_type": "json"}
    key = str(world.sandbox.github.repository_id)
    world.sandbox.github.hub.hooks[key] = {1: {"id": 1, "active": True, "events": ["push"], "config": config}}
    world.typed("install")
    for told in (world.typed("list"), world.typed("list", "--format", "json")):
        assert "https://chat.example" in told.out
        assert "https://ci.example" in told.out
        assert "hush" not in told.out
    assert world.typed("remove", "--yes").code == 0
    assert world.jira == [theirs]
    assert [one["id"] for one in world.github] == [1]


def test_nothing_is_removed_without_an_answer(world: World) -> None:
    world.typed("install")
    told = world.typed("remove")
    assert (told.code, len(world.github), len(world.jira)) == (2, 1, 1)
    assert "--yes" in told.said
    assert world.typed("remove", "--dry-run").said.count("would be removed") == 2
    assert len(world.github) == 1


# What is in the way.


def test_without_a_secret_nothing_is_made_and_a_sentence_says_how(world: World) -> None:
    del world.settings["trackers"]["code"]["webhook_secrets"]
    told = world.typed("install")
    assert (told.code, world.github, len(world.jira)) == (2, [], 1)
    assert "openssl rand -hex 32" in told.said


@pytest.mark.parametrize("address", [None, "sync.acme.example", "https://", "https://u:p@a.example", "https://a/?b=1"])
def test_without_an_address_nobody_is_asked(world: World, address: str | None) -> None:
    world.settings["service"]["address"] = address
    told = world.typed("list")
    assert told.code == 2
    assert "service.address" in told.said
    assert "u:p" not in told.said
    assert world.sandbox.github.requests == []


def test_a_tracker_that_is_not_there_is_named(world: World) -> None:
    told = world.typed("list", "dsk")
    assert told.code == 2
    assert 'did you mean "desk"?' in told.said


@pytest.mark.parametrize("readable", [False, True], ids=["may not see them", "may see and not make them"])
def test_a_right_that_is_lacking_is_named_and_the_others_go_on(
    world: World, readable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    permissions = {"issues": "write", "metadata": "read"} | ({"repository_hooks": "read"} if readable else {})
    world.sandbox.github.hub.credentials["ghp_few"] = Credential(login="ada-l", permissions=permissions)
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_few")
    told = world.typed("install")
    assert (world.github, len(world.jira)) == ([], 1)
    assert told.code == 5
    assert "Webhooks: read and write" in told.said
    assert "/acme/shop/settings/hooks" in told.said
    assert world.typed("install", "code").code == 4


def test_whoever_is_no_administrator_of_jira_is_told_how_by_hand(world: World) -> None:
    world.sandbox.jira.premises.administrator = False
    told = world.typed("install", "desk")
    assert told.code == 4
    assert '"Administer Jira"' in told.said
    assert "/plugins/servlet/webhooks" in told.said
    assert 'project in ("SHOP")' in told.said


def test_a_refusal_that_quotes_the_secret_is_said_without_it(world: World) -> None:
    body = json.dumps({"errorMessages": [f"secret {SECRET} is too short"]})
    world.sandbox.jira.faults.add(answer(400, body), method="POST", path="webhook")
    told = world.typed("install", "desk")
    assert told.code == 4
    assert "(secret)" in told.said


def test_a_tracker_that_does_not_know_us_does_not_stop_the_other(world: World) -> None:
    world.settings["trackers"]["desk"]["token"] = "expired"
    told = world.typed("install")
    assert (told.code, len(world.github), world.jira) == (4, 1, [])


# Owners.


def test_an_organisation_tells_of_all_its_repositories(world: World) -> None:
    told = world.typed("install", "code", "--organization")
    assert (told.code, world.github) == (0, [])
    (hook,) = world.sandbox.github.hub.hooks["acme"].values()
    assert hook["config"]["url"] == f"{world.receiver.url}/webhooks/code"
    assert "told of by the webhook of acme" in world.typed("install", "code").said
    assert (world.github, world.typed("list", "code").code) == ([], 0)
    assert world.typed("test", "code").code == 0
    assert world.typed("remove", "code", "--yes").code == 0
    assert world.sandbox.github.hub.hooks["acme"] == {}


# Whether they arrive.


def test_a_ping_and_a_delivery_of_our_own_arrive(world: World) -> None:
    world.typed("install")
    world.sandbox.post.drain()
    world.receiver.got.clear()
    told = world.typed("test")
    assert told.code == 0
    assert "a ping arrived: answered 202" in told.said
    assert [len(world.receiver.at(one)) for one in ("code", "desk")] == [1, 1]
    world.genuine()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(401, "another secret is set there", id="another secret"),
        pytest.param(307, "write the address it leads to", id="a redirect, which is not followed"),
        pytest.param(503, "/readyz", id="not ready"),
    ],
)
def test_an_answer_that_is_none_of_ours_has_its_cure(world: World, status: int, said: str) -> None:
    world.typed("install")
    world.sandbox.post.drain()
    world.receiver.status = status
    told = world.typed("test")
    assert told.code == 1
    assert f"a ping was answered {status}" in told.said
    assert f"a signed delivery was answered {status}" in told.said
    assert said in told.said


def test_a_delivery_that_was_not_taken_is_listed(world: World) -> None:
    world.receiver.status = 401
    world.typed("install", "code")
    world.sandbox.post.drain()
    listed = world.typed("list", "code")
    assert listed.code == 1
    assert "answered 401" in listed.said


def test_where_nobody_listens_that_is_said(world: World) -> None:
    world.settings["service"]["address"] = "http://127.0.0.1:9"
    told = world.typed("test", "desk")
    assert told.code == 1
    assert "none that delivers to us" in told.said
    assert "start what should listen there" in told.said


def test_what_failed_is_delivered_once_more_and_once_only(world: World) -> None:
    world.typed("install")
    world.sandbox.post.drain()
    world.receiver.status = 503
    world.sandbox.github.edit(9, title="Missed", by="ada-l")
    world.sandbox.post.drain()
    (missed,) = world.receiver.at("code")[-1:]
    world.receiver.status = 202
    world.receiver.got.clear()
    assert "1 delivered once more" in world.typed("redeliver").said
    world.sandbox.post.drain()
    assert [one.headers["x-github-delivery"] for one in world.receiver.at("code")] == [
        missed.headers["x-github-delivery"]
    ]
    assert "nothing failed" in world.typed("redeliver").said


# Doctor.


def test_doctor_says_how_webhooks_are_made_where_a_service_waits_for_them(world: World) -> None:
    world.typed("list")
    assert "trackersync hooks install code" in invoke("doctor").said
    del world.settings["service"]
    world.file.write_text(yaml.safe_dump(world.settings), encoding="utf-8")
    assert "hooks install" not in invoke("doctor").said
