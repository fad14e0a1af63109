"""`trackersync config`: what holds, who says so, and what a key is for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from config_samples import written

from product import invoke
from trackersync.config import load, shipped
from trackersync.config.plain import plain_secrets
from trackersync.registry import Registry
from trackersync_github import connector as github
from trackersync_jira import connector as jira

COMPANY = """\
limits: {changes: 100, share: 10%}
rules: {no-owner: off}
trackers:
  github:
    connector: github
    token: ghp_sesame0123456789
    repositories: [acme/all]
    stages: {build: {labels: [b]}, done: {state: closed}}
people: [{name: ada-l, github: ada-l}]
store: postgresql://bot:opensesame@db.example/sync
"""
TEAM = """\
include: company.yaml
trackers: {github: {repositories: [acme/pay], webhook_secrets: ["${HOOK}"]}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written(tmp_path, COMPANY, "company.yaml")
    written(tmp_path, TEAM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOK", "hooksesame")
    return tmp_path


HELD = {
    "limits.changes": (100, "company.yaml:1"),
    "limits.share": ("10%", "company.yaml:1"),
    "rules.no-owner": ("off", "company.yaml:2"),
    "trackers.github.repositories": (["acme/pay"], "trackersync.yaml:2"),
    "trackers.github.token": ("•••", "company.yaml:6"),
    "trackers.github.webhook_secrets": (["${HOOK}"], "trackersync.yaml:2"),
    "trackers.github.stages.build": ({"labels": ["b"]}, "company.yaml:8"),
    "trackers.github.stages.done": ({"state": "closed"}, "company.yaml:8"),
    "people[0]": ({"name": "ada-l", "github": "ada-l"}, "company.yaml:9"),
    "store": ("postgresql://•••@db.example/sync", "company.yaml:10"),
    "include": ("company.yaml", "trackersync.yaml:1"),
}


def test_what_holds_and_which_file_says_so(folder: Path) -> None:
    found = {one["key"]: (one["value"], one["source"]) for one in invoke("config", "--format", "json").record["keys"]}
    assert found == HELD | {"trackers.github.connector": ("github", "company.yaml:5")}
    assert folder.is_dir()


def test_no_secret_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKERSYNC_TRACKERS__GITHUB__TOKEN", "variablesesame")
    monkeypatch.setenv("TRACKERSYNC_TRACKERS__GITHUB__APP", '{"private_key": "keysesame"}')
    for words in ([], ["--all"], ["--format", "json"], ["token"], ["store"], ["trackers.github.webhook_secrets"]):
        assert "sesame" not in invoke("config", *words).said, words
    monkeypatch.delenv("TRACKERSYNC_TRACKERS__GITHUB__APP")
    shown = invoke("config", "trackers.github.token")
    assert "•••" in shown.out
    assert "TRACKERSYNC_TRACKERS__GITHUB__TOKEN" in shown.out
    assert folder.is_dir()


STORES = {
    "postgresql+psycopg://h/x?user=me&password=sesame": "postgresql+psycopg://h/x?user=me&password=•••",
    "postgresql+psycopg://me:p%40ss%2Fw0rd@h/x": "postgresql+psycopg://•••@h/x",
    "postgresql+psycopg://me:a/sesame@h/x": "postgresql+psycopg://•••@h/x",
    "sqlite:////tmp/me@work/x.db": "sqlite:////tmp/me@work/x.db",
}


@pytest.mark.parametrize("address", STORES)
@pytest.mark.parametrize("by", ["a file", "a variable", "an option"])
def test_a_store_is_shown_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(
        tmp_path, COMPANY.replace("postgresql://bot:opensesame@db.example/sync", address if by == "a file" else "x.db")
    )
    if by == "a variable":
        monkeypatch.setenv("TRACKERSYNC_STORE", address)
    option = ["--store", address] if by == "an option" else []
    (store,) = (one for one in invoke("config", *option, "--format", "json").record["keys"] if one["key"] == "store")
    assert store["value"] == STORES[address]
    assert "sesame" not in invoke("config", *option).said


PLAIN = {
    "postgresql://me:pw@h/x": True,
    "postgresql://h/x?user=me&password=pw": True,
    "postgresql://${ME}:pw@h/x": True,
    "postgresql://me:${PW}@h/x": False,
    "postgresql://h/x?password=${PW}": False,
    "postgresql://h/x?passfile=/run/secrets/pg": False,
    "postgresql://me@h/x": False,
    "sqlite:///me:a@work.db": False,
}


@pytest.mark.parametrize(("address", "plain"), PLAIN.items(), ids=PLAIN)
def test_a_stores_password_in_plain_text(tmp_path: Path, address: str, plain: bool) -> None:
    written(tmp_path, COMPANY.replace("postgresql://bot:opensesame@db.example/sync", address))
    registry = Registry({"github": lambda: github})
    found = load(registry=registry, folder=tmp_path, environ={"ME": "me", "PW": "pw"})
    assert ("store" in dict(plain_secrets(found))) is plain


def test_a_password_that_a_driver_would_take_for_a_host_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, COMPANY.replace("bot:opensesame", "bot:o@pen/sesame"))
    found = invoke("config")
    assert (found.code, "write / in a user or password as %2F, and @ as %40" in found.said) == (2, True)
    assert ("sesame" in found.said, "o@pen" in found.said) == (False, False)
    found = invoke("store", "check", "--store", "postgresql://bot:o@pen/sesame@h/x")
    assert (found.code, "sesame" in found.said, "Write / there as %2F" in found.said) == (2, False, True)


def test_secrets_in_a_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKERSYNC_TRACKERS__GITHUB__WEBHOOK_SECRETS", "sesame1, sesame2")
    registry = Registry({"github": lambda: github})
    part = load(registry=registry, folder=folder).trackers["github"]
    assert [one.get_secret_value() for one in getattr(part, "webhook_secrets")] == ["sesame1", "sesame2"]  # noqa: B009
    assert "sesame" not in invoke("config").said


def test_the_screen(folder: Path) -> None:
    found = invoke("config")
    lines = [" ".join(line.split()) for line in found.out.splitlines()]
    assert lines[0] == "trackersync.yaml, company.yaml 1 tracker 13 stages of `delivery` 1 person sound"
    assert "trackers.github" in lines
    assert "repositories [acme/pay] trackersync.yaml:2" in lines
    assert "changes 100 company.yaml:1" in lines
    assert "undone 3 default" not in lines
    assert "undone 3 default" in [" ".join(line.split()) for line in invoke("config", "--all").out.splitlines()]
    assert folder.is_dir()


def test_everything_is_told_once(folder: Path) -> None:
    keys = [one["key"] for one in invoke("config", "--all", "--format", "json").record["keys"]]
    assert len(keys) == len(set(keys))
    assert {"limits.undone", "sync.stage.adopt", "trackers.github.pace", "check.select", "delivery"} <= set(keys)
    assert not [key for key in keys if "NAME" in key or "jql" in key or "[]" in key]
    assert folder.is_dir()


def test_a_variable_and_an_option_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKERSYNC_LIMITS__CHANGES", "7")
    record = invoke("config", "--store", "sqlite:///x.db", "--format", "json").record
    found = {one["key"]: (one["source"], one["line"]) for one in record["keys"]}
    assert found["limits.changes"] == ("TRACKERSYNC_LIMITS__CHANGES", None)
    assert found["store"] == ("--store", None)
    assert folder.is_dir()


def test_one_key(folder: Path) -> None:
    record = invoke("config", "limits.share", "--format", "json").record
    assert (record["key"], record["takes"], record["default"]) == ("limits.share", "part of the whole", "20%")
    assert record["variable"] == "TRACKERSYNC_LIMITS__SHARE"
    assert [(one["value"], one["file"], one["line"]) for one in record["here"]] == [("10%", "company.yaml", 1)]
    assert record["example"] == "limits:\n  share: 10%"
    told = invoke("config", "limits.share").said
    assert "The part of all tasks that may change unasked" in told
    assert "10% company.yaml:1" in told
    assert folder.is_dir()


def test_an_entry_of_a_mapping(folder: Path) -> None:
    (here,) = invoke("config", "trackers.github.stages.done", "--format", "json").record["here"]
    assert here["value"] == {"state": "closed"}
    assert "trackersync rules no-owner" in invoke("config", "rules.no-owner").out
    assert folder.is_dir()


def test_a_key_that_there_is_not(folder: Path) -> None:
    found = invoke("config", "limits.shar")
    assert (found.code, 'did you mean "limits.share"?' in found.said) == (2, True)
    assert folder.is_dir()


def test_no_variable_includes_a_file(folder: Path) -> None:
    assert invoke("config", "include", "--format", "json").record["variable"] is None
    assert invoke("config", "delivery", "--format", "json").record["variable"] == "TRACKERSYNC_DELIVERY"
    assert folder.is_dir()


NAMES = {
    # key: what is said where there is none; None where there is one
    "rules.no-ownr": 'there is no rule "no-ownr"',
    "rules.xyz": 'there is no rule "xyz"',
    "rules.no-owner.severity": None,
    "trackers.githb.token": 'there is no tracker "githb"',
    "trackers.nosuch.token": 'there is no tracker "nosuch"',
    "trackers.NAME.token": None,
    "trackers.github.token": None,
    "trackers.github.stages.biuld": 'there is no stage "biuld"',
    "trackers.github.outcomes.biuld": 'there is no stage "biuld"',
    "trackers.NAME.stages.verify": None,
    "trackers.github.hands_off.labels": None,
}


@pytest.mark.parametrize(("key", "said"), NAMES.items(), ids=NAMES)
def test_a_name_in_a_key(folder: Path, key: str, said: str | None) -> None:
    found = invoke("config", key)
    assert (found.code, said is None or said in found.said) == (0 if said is None else 2, True), found.said
    assert folder.is_dir()


def test_a_stage_of_another_process(folder: Path) -> None:
    written(folder, COMPANY + "delivery: kanban\n")
    found = invoke("config", "trackers.github.stages.idea")
    assert (found.code, "there is no stage" in found.said) == (0, False)  # the file has a mistake: no stage is known
    written(folder, COMPANY.replace("build: {labels: [b]}, ", "") + "delivery: kanban\n")
    found = invoke("config", "trackers.github.stages.build")
    assert (found.code, 'there is no stage "build"' in found.said) == (2, True)


def test_a_key_is_explained_while_the_file_is_mended(folder: Path) -> None:
    written(folder, TEAM + "limits: {shares: 1}\n")
    assert invoke("config").code == 2
    found = invoke("config", "limits.share")
    assert found.code == 0
    assert "what is wrong with the configuration" in found.said


def test_a_key_is_explained_before_there_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "By stage, what an item shows" in invoke("config", "trackers.github.stages").said
    assert invoke("config").code == 2
    assert invoke("config", "limits.share", "--config", "gone.yaml").code == 2


def test_two_texts_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("config", "--schema", "--example").code == 2


def test_stages_looks_at_the_rules_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    process = "stages: {build: {category: started}, done: {category: done}}\nrules: {no-ownr: off}\n"
    written(tmp_path, process, "flow.yaml")
    found = invoke("stages", "--delivery", "flow.yaml")
    assert found.code == 2
    assert 'flow.yaml:2:9 rules: there is no rule "no-ownr"' in found.said
    written(tmp_path, process.replace("ownr", "owner"), "flow.yaml")
    assert invoke("stages", "--delivery", "flow.yaml").code == 0


@pytest.mark.parametrize("team", ["checkout", "search"])
def test_the_teams_of_the_example_are_sound(tmp_path: Path, team: str) -> None:
    shutil.copytree(str(shipped() / "examples" / "teams"), tmp_path, dirs_exist_ok=True)
    registry = Registry({"github": lambda: github, "jira": lambda: jira})
    environ = {"GITHUB_TOKEN": "x", "JIRA_TOKEN": "y"}
    found = load(Path(f"{team}.yaml"), registry=registry, folder=tmp_path, environ=environ)
    assert found.process.name == "kanban"
    assert len(found.people) == 2
    assert found.settings.limits.changes == 200
    assert found.settings.limits.share == {"checkout": 0.1, "search": 0.2}[team]
    assert {rule.stage: dict(rule.when) for rule in found.rules["github"]}["review"] == {
        "labels": ({"checkout": "needs review", "search": "review"}[team],)
    }
