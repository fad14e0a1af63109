"""A sound configuration: what is found, filled in, overridden and compiled."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from config_samples import ENVIRON, GITHUB, JIRA, REGISTRY, SOUND, written
from pydantic import SecretStr

from github_apps import keys
from trackersync.config import Configuration, load, shipped
from trackersync.core.mapping import StageRule
from trackersync.core.model import Person
from trackersync.errors import ConfigError
from trackersync.registry import Registry

LEAST = """\
trackers:
  github:
    connector: github
    repositories: [acme/shop]
    token: ${GITHUB_TOKEN}
"""


def loaded(folder: Path, text: str = SOUND, environ: dict[str, str] = ENVIRON) -> Configuration:
    written(folder, text)
    return load(registry=REGISTRY, folder=folder, environ=environ)


def test_it_is_compiled_for_the_core(tmp_path: Path) -> None:
    found = loaded(tmp_path)

    assert found.file == tmp_path / "trackersync.yaml"
    assert found.process.name == "delivery"
    assert dict(found.plugins) == {"github": GITHUB, "jira": JIRA}
    assert found.rules["github"] == (
        StageRule("idea", {"labels": ("stage: idea",)}, {}),
        StageRule("build", {"labels": ("stage: build",)}, {}),
        StageRule("done", {"state": ("closed",), "reason": ("completed",)}, {}),
    )
    assert found.rules["jira"] == (
        StageRule("idea", {"status": ("Backlog", "To Do")}, {}),
        StageRule("build", {"status": ("In Progress",)}, {}),
        StageRule("verify", {"status": ("In Progress",)}, {}),
        StageRule("done", {"status": ("Done",)}, {"resolution": ("Done",)}),
    )
    assert found.people == (
        Person("ada-l", {"github": ("ada-l",), "jira": ("u1",)}, None, ("engineer",)),
        Person("grace-h", {"github": ("grace-h",), "jira": ("u2", "u3")}, "grace-h@acme.example",
               ("engineer", "QA tester")),
    )  # fmt: skip
    assert found.links == (("SHOP-42", "acme/shop#17"),)
    assert found.trackers["jira"].projects == ["SHOP"]
    assert found.trackers["jira"].token == SecretStr(ENVIRON["JIRA_TOKEN"])
    assert found.settings.trackers == dict(found.trackers)


LIMITS = {"changes": 500, "share": 0.2, "adoptions": 5000, "window": timedelta(days=1), "undone": 3}


def test_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, LEAST)
    settings = found.settings
    assert (settings.delivery, settings.sync.stage.authority, settings.sync.stage.adopt) == (
        "delivery",
        "changed",
        "ask",
    )
    assert settings.sync.owners.model_dump() == {
        "authority": "changed",
        "adopt": "ask",
        "direction": "both",
        "finished": False,
    }
    assert settings.limits.model_dump() == LIMITS
    assert settings.journal.keep == timedelta(days=90)
    assert (found.people, found.links, dict(found.rules)) == ((), (), {"github": ()})
    assert found.trackers["github"].writes == ("stage", "owners")
    assert found.store.get_secret_value() == f"sqlite:///{tmp_path / 'trackersync.db'}"


def test_nothing_of_it_can_be_changed(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.links = ()
    with pytest.raises(TypeError):
        found.rules["jira"] = ()
    with pytest.raises(ValueError, match="frozen"):
        found.settings.delivery = "kanban"


WRITES = {
    "none": ("none", ()),
    "a single word": ("owners", ("owners",)),
    "a list": ("[stage]", ("stage",)),
    "an empty list": ("[]", ()),
}


@pytest.mark.parametrize(("written_as", "meant"), WRITES.values(), ids=WRITES)
def test_what_may_be_written(tmp_path: Path, written_as: str, meant: object) -> None:
    assert loaded(tmp_path, f"{LEAST}    writes: {written_as}\n").trackers["github"].writes == meant


SHARES = {"per cent": ("20%", 0.2), "with a space": ("12.5 %", 0.125), "a part": ("0.3", 0.3), "all": ("1", 1.0)}


@pytest.mark.parametrize(("written_as", "meant"), SHARES.values(), ids=SHARES)
def test_a_share(tmp_path: Path, written_as: str, meant: object) -> None:
    assert loaded(tmp_path, f"{LEAST}limits: {{share: {written_as}}}\n").settings.limits.share == pytest.approx(meant)


STORES = {
    # name: (text, what is meant, in a folder named FOLDER)
    "a relative file": ("sqlite:///a/b.db", "sqlite:///FOLDER/a/b.db"),
    "a path": ("a/b.db", "sqlite:///FOLDER/a/b.db"),
    "an absolute file": ("sqlite:////var/b.db", "sqlite:////var/b.db"),
    "options": ("sqlite:///b.db?mode=ro", "sqlite:///FOLDER/b.db?mode=ro"),
    "memory": ("sqlite://", "sqlite://"),
    "memory by name": ("'sqlite:///:memory:'", "sqlite:///:memory:"),
    "PostgreSQL": ("postgresql+psycopg://u@h/db", "postgresql+psycopg://u@h/db"),
}


@pytest.mark.parametrize(("text", "meant"), STORES.values(), ids=STORES)
def test_a_store_stands_beside_the_file(tmp_path: Path, text: str, meant: object) -> None:
    folder = tmp_path / "deep"
    written(folder, f"{LEAST}store: {text}\n")
    found = load(folder / "trackersync.yaml", registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert found.store.get_secret_value() == meant.replace("FOLDER", str(folder))


def test_a_store_from_the_command_line_wins_and_stands_where_it_was_typed(tmp_path: Path) -> None:
    written(tmp_path / "deep", f"{LEAST}store: sqlite:///file.db\n")
    environ = ENVIRON | {"TRACKERSYNC_STORE": "sqlite:///variable.db"}
    file = tmp_path / "deep" / "trackersync.yaml"
    by_option = load(file, registry=REGISTRY, folder=tmp_path, environ=environ, store="sqlite:///option.db")
    by_variable = load(file, registry=REGISTRY, folder=tmp_path, environ=environ)
    assert by_option.store.get_secret_value() == f"sqlite:///{tmp_path}/option.db"
    assert by_variable.store.get_secret_value() == f"sqlite:///{tmp_path}/deep/variable.db"


def test_variables_override_the_file_key_by_key(tmp_path: Path) -> None:
    environ = ENVIRON | {
        "TRACKERSYNC_LIMITS__CHANGES": "7",
        "TRACKERSYNC_SYNC__STAGE__AUTHORITY": "github",
        "TRACKERSYNC_TRACKERS__GITHUB__WRITES": "none",
        "TRACKERSYNC_DELIVERY": "",
        "TRACKERSYNC_GITHUB_TOKEN": "is nobody's setting",
    }
    found = loaded(tmp_path, environ=environ)
    assert found.settings.limits.model_dump() == LIMITS | {"changes": 7}
    assert found.settings.sync.stage.model_dump() == {"authority": "github", "adopt": "ask", "direction": "both"}
    assert found.trackers["github"].writes == ()
    assert found.trackers["jira"].writes == ("stage", "owners")
    assert found.process.name == "delivery"


def test_the_process_environment_is_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "from-outside")
    written(tmp_path, LEAST)
    assert load(registry=REGISTRY).trackers["github"].token == SecretStr("from-outside")


def test_the_second_place_to_look(tmp_path: Path) -> None:
    written(tmp_path, LEAST, ".github/trackersync.yaml")
    assert load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON).file == tmp_path / ".github" / "trackersync.yaml"
    written(tmp_path, LEAST)
    assert load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON).file == tmp_path / "trackersync.yaml"


def test_anchors_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = """\
trackers:
  one: &both
    connector: github
    repositories: &shop [acme/shop]
    token: ${GITHUB_TOKEN}
    stages: {build: {labels: [b]}}
  two:
    <<: *both
    repositories: [acme/pay]
  three:
    <<: [{writes: none}, *both]
"""
    found = loaded(tmp_path, text)
    assert [part.repositories for part in found.trackers.values()] == [["acme/shop"], ["acme/pay"], ["acme/shop"]]
    assert [len(part.writes) for part in found.trackers.values()] == [2, 2, 0]
    assert found.rules["one"] == found.rules["three"]


def test_a_mistake_in_what_is_merged_is_shown_where_it_was_written(tmp_path: Path) -> None:
    text = (
        "trackers:\n"
        "  one: &both\n"
        "    connector: github\n"
        "    repositories: acme/shop\n"
        "    token: ${GITHUB_TOKEN}\n"
        "  two: {<<: *both, repositories: [acme/pay]}\n"
        "  three: {<<: *both}\n"
    )
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert [(one.where, one.line, one.column) for one in caught.value.problems] == [
        ("trackers.one.repositories", 4, 19),
        ("trackers.three.repositories", 4, 19),
    ]


def test_variables_are_expanded_in_values_only(tmp_path: Path) -> None:
    text = LEAST + "    stages:\n      build: {labels: ['${KIND}: $${x} ${KIND}', plain]}  # ${UNSET}\n"
    text += "people: [{name: '${KIND}', '${KIND}': a}]\n"
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, environ=ENVIRON | {"KIND": "github"})
    assert [one.message for one in caught.value.problems] == [
        '"${KIND}" is neither a tracker nor one of name, email, roles'
    ]

    found = loaded(tmp_path, text.replace("'${KIND}': a", "github: a"), environ=ENVIRON | {"KIND": "stage"})
    assert found.rules["github"][0].when == {"labels": ("stage: ${x} stage", "plain")}
    assert found.people[0].name == "stage"


def test_a_stage_may_have_several_rules_and_words_in_any_case(tmp_path: Path) -> None:
    text = LEAST + "    stages:\n      done: [{state: Closed, reason: COMPLETED}, {labels: shipped}]\n"
    assert loaded(tmp_path, text).rules["github"] == (
        StageRule("done", {"state": ("closed",), "reason": ("completed",)}, {}),
        StageRule("done", {"labels": ("shipped",)}, {}),
    )


def test_stages_with_a_space(tmp_path: Path) -> None:
    text = "delivery: kanban\n" + LEAST + "    stages:\n      in progress: {labels: [in progress]}\n"
    assert loaded(tmp_path, text).rules["github"][0].stage == "in progress"


HOSTS = {
    "127.0.0.1": "http://127.0.0.1:41731",
    "all of 127.0.0.0/8": "http://127.9.9.9",
    "localhost": "http://localhost:8080/api",
    "IPv6": "http://[::1]:8080",
    "https anywhere": "https://tracker.example:8443/jira",
}


@pytest.mark.parametrize("url", HOSTS.values(), ids=HOSTS)
def test_any_host_and_port(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f"{LEAST}    url: {url}\n").trackers["github"].url == url


def test_roles_take_the_spelling_of_the_process_and_others_are_kept(tmp_path: Path) -> None:
    text = LEAST + "people: [{name: ada-l, roles: [ENGINEER, qa tester, gardener]}]\n"
    assert loaded(tmp_path, text).people[0].roles == ("engineer", "QA tester", "gardener")


SAME = {
    "limits": SOUND.replace("500", "5"),
    "the store": SOUND + "store: sqlite:///other.db\n",
    "comments": SOUND + "# later\n",
    "a longer wait": SOUND.replace("    connector: jira", "    connector: jira\n    timeout: 60\n    pace: 3"),
}
OTHER = {
    "a rule": SOUND.replace("[In Progress]}\n      verify", "[Doing]}\n      verify"),
    "what is set": SOUND.replace("resolution: Done", "resolution: Fixed"),
    "a policy": SOUND.replace("adopt: ask", "adopt: furthest"),
    "what may be written": SOUND.replace("    connector: jira", "    connector: jira\n    writes: none"),
    "a person": SOUND.replace("[u1]", "[u9]"),
    "a container": SOUND.replace("[SHOP]", "[SHOP, PAY]"),
    "an address": SOUND.replace("acme.atlassian.net", "other.atlassian.net"),
    "an alias": SOUND.replace("    connector: jira", "    connector: jira\n    aliases: [https://jira.acme.example]"),
    "the process": SOUND.replace("delivery: delivery", "delivery: own.yaml"),
}
PROCESS = """\
stages:
  idea: {category: backlog}
  verify: {category: started}
  build: {category: started}
  done: {category: done}
"""


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_a_fingerprint_stays_while_nothing_decisive_changes(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).fingerprint == loaded(tmp_path).fingerprint
    assert loaded(tmp_path, environ=dict.fromkeys(ENVIRON, "another")).fingerprint == loaded(tmp_path).fingerprint


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_a_fingerprint_tells_a_changed_mapping(tmp_path: Path, text: str) -> None:
    written(tmp_path, PROCESS, "own.yaml")
    before = loaded(tmp_path).fingerprint
    after = loaded(tmp_path, text).fingerprint
    assert before != after
    assert len(after) == 16
    assert int(after, 16) >= 0


def test_a_fingerprint_does_not_depend_on_the_order_of_trackers(tmp_path: Path) -> None:
    head, _, rest = SOUND.partition("  github:\n")
    github, _, rest = rest.partition("  jira:\n")
    jira, _, tail = rest.partition("sync:")
    turned = f"{head}  jira:\n{jira}  github:\n{github}sync:{tail}"
    assert list(loaded(tmp_path, turned).rules) == ["jira", "github"]
    assert loaded(tmp_path, turned).fingerprint == loaded(tmp_path).fingerprint


EXAMPLES = sorted(entry.name for entry in (shipped() / "examples").iterdir() if entry.name.endswith(".yaml"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shipped_examples_are_sound(tmp_path: Path, name: str) -> None:
    from trackersync_github import connector as github  # noqa: PLC0415 - only this test needs them
    from trackersync_jira import connector as jira  # noqa: PLC0415 - as above

    text = (shipped() / "examples" / name).read_text("utf-8").replace("/run/secrets", str(tmp_path))
    for secret in ("github", "jira"):
        written(tmp_path, "sesame\n", secret)
    written(tmp_path, keys()[0], "app.pem")
    written(tmp_path, "name,email,roles,jira,code\nada-l,,developer;product owner,u1,ada-l\n", "people.csv")
    written(tmp_path, text)
    registry = Registry({"github": lambda: github, "jira": lambda: jira})
    found = load(registry=registry, folder=tmp_path, environ=ENVIRON | {"WEBHOOK_SECRET": "sesame"})
    assert all(found.rules.values())
    assert all(part.token is not None or getattr(part, "app", None) for part in found.trackers.values())


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("24 h", 86_400), ("30min", 1_800), ("7 d", 604_800), ("2 w", 1_209_600), ("1.5 h", 5_400)],
)
def test_spans_of_time(tmp_path: Path, written: str, seconds: int) -> None:
    found = loaded(tmp_path, LEAST + f"limits: {{window: {written}}}\njournal: {{keep: {written}}}\n")
    assert found.settings.limits.window == found.settings.journal.keep == timedelta(seconds=seconds)


@pytest.mark.parametrize("word", ["off", '"off"', "both", "jira"])
def test_a_field_goes_both_ways_one_way_or_not_at_all(tmp_path: Path, word: str) -> None:
    found = loaded(tmp_path, SOUND.replace("adopt: ask}", f"adopt: ask}}\n  owners: {{direction: {word}}}"))
    assert found.settings.sync.owners.direction == word.strip('"')


def test_a_direction_that_is_both_leaves_the_fingerprint_of_earlier_versions(tmp_path: Path) -> None:
    plain = loaded(tmp_path)
    said, one_way = (
        loaded(tmp_path, SOUND.replace("adopt: ask}", f"adopt: ask, direction: {word}}}")) for word in ("both", "jira")
    )
    assert plain.fingerprint == said.fingerprint != one_way.fingerprint


def test_hands_off_names_what_an_item_shows(tmp_path: Path) -> None:
    marks = "hands_off: {statuses: Waiting, resolutions: [frozen]}"
    found = loaded(tmp_path, SOUND.replace("projects: [SHOP]", f"projects: [SHOP]\n    {marks}"))
    assert found.hands_off == {"jira": {"status": ("Waiting",), "resolution": ("frozen",)}}
    assert found.fingerprint != loaded(tmp_path).fingerprint
