"""Configurations made of several files: what is laid over what, what paths are relative to, whose mistake it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from config_samples import ENVIRON, REGISTRY, pointed, written

from trackersync.config import Configuration, load
from trackersync.config.including import DEEPEST
from trackersync.errors import ConfigError

COMPANY = """\
delivery: kanban
limits: {changes: 100, share: 10%}
rules: {no-owner: warning, many-owners: off}
check: {ignore: [unlinked-task]}
trackers:
  github:
    connector: github
    repositories: [acme/all]
    token: ${GITHUB_TOKEN}
    stages:
      ready: {labels: [ready]}
      done: {state: closed, reason: completed}
people: [{name: ada-l, github: ada-l}, {name: grace-h, github: grace-h}]
"""


def loaded(folder: Path, name: str = "trackersync.yaml", environ: dict[str, str] = ENVIRON) -> Configuration:
    return load(Path(name), registry=REGISTRY, folder=folder, environ=environ)


def problems(folder: Path, name: str = "trackersync.yaml") -> list[tuple[str, int, int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, name)
    return [(one.file, one.line, one.column, one.where, one.message) for one in caught.value.problems]


LAID = {
    # name: (under, over, what holds)
    "mappings are joined": ("{a: 1, b: {c: 1, d: 1}}", "{b: {d: 2}}", "{a: 1, b: {c: 1, d: 2}}"),
    "a list is taken whole": ("{a: [1, 2, 3]}", "{a: [4]}", "{a: [4]}"),
    "a list of mappings too": ("{people: [{name: a}]}", "{people: [{email: b}]}", "{people: [{email: b}]}"),
    "a word over a list": ("{a: [1]}", "{a: b}", "{a: b}"),
    "a mapping over a list": ("{people: [{name: a}]}", "{people: {file: f}}", "{people: {file: f}}"),
    "null takes away": ("{a: 1, b: {c: 1, d: 1}}", "{a: null, b: {c: null}}", "{b: {d: 1}}"),
    "null of what is not there stays": ("{a: 1}", "{b: null}", "{a: 1, b: null}"),
    "null below what is not there stays": ("{a: 1}", "{b: {c: null}}", "{a: 1, b: {c: null}}"),
    "an empty mapping takes nothing away": ("{a: {b: 1}}", "{a: {}}", "{a: {b: 1}}"),
    "an empty list does": ("{a: [1]}", "{a: []}", "{a: []}"),
    "stages by stage": (
        "{trackers: {t: {stages: {x: {labels: a, state: open}, y: {labels: b}}}}}",
        "{trackers: {t: {stages: {x: {labels: c}}}}}",
        "{trackers: {t: {stages: {x: {labels: c}, y: {labels: b}}}}}",
    ),
    "outcomes by stage": (
        "{trackers: {t: {outcomes: {x: {pulls: merged}}}}}",
        "{trackers: {t: {outcomes: {x: {released: published}}}}}",
        "{trackers: {t: {outcomes: {x: {released: published}}}}}",
    ),
    "a rule's stages are no tracker's": (
        "{rules: {r: {stages: {x: {limit: 1, severity: note}}}}}",
        "{rules: {r: {stages: {x: {limit: 2}}}}}",
        "{rules: {r: {stages: {x: {limit: 2, severity: note}}}}}",
    ),
    "the include of the lower file is no part of it": ("{include: [], a: 1}", "{b: 1}", "{a: 1, b: 1}"),
}


@pytest.mark.parametrize(("under", "over", "holds"), LAID.values(), ids=LAID)
def test_what_is_laid_over_what(under: str, over: str, holds: str) -> None:
    from trackersync.config.document import read  # noqa: PLC0415 - what `load` is made of
    from trackersync.config.including import laid  # noqa: PLC0415 - as above

    whole = laid(read(over, "over"), read(under, "under"))
    assert whole.value == yaml.safe_load(holds)
    assert whole.values.keys() == read(holds, "holds").values.keys(), "and every place is one of what holds"


def test_a_team_lies_over_its_company(tmp_path: Path) -> None:
    written(tmp_path, COMPANY, "company.yaml")
    team = "include: ../company.yaml\nlimits: {share: 30%}\nrules: {no-owner: note}\n"
    team += "trackers: {github: {repositories: [acme/pay], stages: {ready: {labels: [next]}}}}\n"
    written(tmp_path, team, "teams/pay.yaml")
    found = loaded(tmp_path, "teams/pay.yaml")

    assert found.process.name == "kanban"
    assert (found.settings.limits.changes, found.settings.limits.share) == (100, 0.3)
    assert found.trackers["github"].repositories == ["acme/pay"]
    assert [(rule.stage, dict(rule.when)) for rule in found.rules["github"]] == [
        ("ready", {"labels": ("next",)}),
        ("done", {"state": ("closed",), "reason": ("completed",)}),
    ]
    assert found.settings.rules == {"no-owner": "note", "many-owners": False}
    assert len(found.people) == 2
    assert found.name == "teams/pay.yaml"
    assert found.origin.source(("limits", "share")) == "teams/pay.yaml:2"
    assert found.origin.source(("limits", "changes")) == "company.yaml:2"


def test_a_later_file_lies_over_an_earlier_one_and_files_include_files(tmp_path: Path) -> None:
    written(tmp_path, COMPANY + "include: deep/one.yaml\n", "company.yaml")
    written(tmp_path, "limits: {changes: 1, adoptions: 1, undone: 1}\n", "deep/one.yaml")
    written(tmp_path, "limits: {adoptions: 2, window: 2 h}\n", "two.yaml")
    written(tmp_path, "include: [company.yaml, two.yaml]\nlimits: {window: 3 h}\n")
    limits = loaded(tmp_path).settings.limits.model_dump(mode="json")
    assert limits == {"changes": 100, "share": 0.1, "adoptions": 2, "window": "PT3H", "undone": 1}


def test_a_file_may_be_included_by_two(tmp_path: Path) -> None:
    written(tmp_path, COMPANY, "company.yaml")
    for name in ("one.yaml", "two.yaml"):
        written(tmp_path, "include: company.yaml\n", name)
    written(tmp_path, "include: [one.yaml, two.yaml]\n")
    assert loaded(tmp_path).settings.limits.changes == 100


def test_a_path_is_relative_to_the_file_that_wrote_it(tmp_path: Path) -> None:
    process = "stages: {ready: {category: backlog}, done: {category: done}}\n"
    company = COMPANY.replace("token: ${GITHUB_TOKEN}", "token_file: secret").replace("kanban", "./flow.yaml")
    company = company[: company.index("people:")] + "people: {file: people.csv}\nstore: memory.db\n"
    written(tmp_path, company, "shared/company.yaml")
    written(tmp_path, process, "shared/flow.yaml")
    written(tmp_path, "the-company's", "shared/secret")
    written(tmp_path, "name,github\nada-l,ada-l\n", "shared/people.csv")
    written(tmp_path, "include: ../shared/company.yaml\n", "team/plain.yaml")
    plain = loaded(tmp_path, "team/plain.yaml")
    assert plain.process.name == "flow"
    assert plain.trackers["github"].token.get_secret_value() == "the-company's"
    assert [one.name for one in plain.people] == ["ada-l"]
    assert plain.store.get_secret_value() == f"sqlite:///{tmp_path}/shared/memory.db"

    written(tmp_path, "the-team's", "team/secret")
    own = "include: ../shared/company.yaml\nstore: memory.db\ntrackers: {github: {token_file: secret}}\n"
    written(tmp_path, own, "team/own.yaml")
    found = loaded(tmp_path, "team/own.yaml")
    assert found.trackers["github"].token.get_secret_value() == "the-team's"
    assert found.store.get_secret_value() == f"sqlite:///{tmp_path}/team/memory.db"
    assert found.process.name == "flow"

    by_variable = loaded(tmp_path, "team/plain.yaml", ENVIRON | {"TRACKERSYNC_STORE": "of-the-variable.db"})
    assert by_variable.store.get_secret_value() == f"sqlite:///{tmp_path}/team/of-the-variable.db"


def test_a_secret_of_an_included_file_is_one(tmp_path: Path) -> None:
    written(tmp_path, COMPANY.replace("${GITHUB_TOKEN}", "ghp_sesame0123456789"), "company.yaml")
    written(tmp_path, "include: company.yaml\n")
    found = loaded(tmp_path)
    assert found.trackers["github"].token.get_secret_value() == "ghp_sesame0123456789"
    assert "sesame" not in repr(found)


def test_null_takes_a_key_away(tmp_path: Path) -> None:
    written(tmp_path, COMPANY, "company.yaml")
    written(tmp_path, "own-token\n", "secret")
    over = "include: company.yaml\npeople: null\nrules: {no-owner: null}\nlimits: {share: ~}\n"
    over += "trackers: {github: {token: null, token_file: secret, stages: {ready: null}}}\n"
    written(tmp_path, over)
    found = loaded(tmp_path)
    assert (found.people, found.settings.limits.share) == ((), 0.2)
    assert found.settings.rules == {"many-owners": False}
    assert found.trackers["github"].token.get_secret_value() == "own-token"
    assert [rule.stage for rule in found.rules["github"]] == ["done"]


def test_the_fingerprint_follows_what_holds(tmp_path: Path) -> None:
    written(tmp_path, COMPANY, "company.yaml")
    whole = loaded(tmp_path, "company.yaml").fingerprint
    written(tmp_path, "include: company.yaml\n")
    assert loaded(tmp_path).fingerprint == whole
    written(tmp_path, "include: company.yaml\ntrackers: {github: {stages: {ready: {labels: [next]}}}}\n")
    changed = loaded(tmp_path).fingerprint
    assert changed != whole
    written(tmp_path, COMPANY.replace("[ready]", "[next]"), "company.yaml")
    assert loaded(tmp_path).fingerprint == loaded(tmp_path, "company.yaml").fingerprint == changed


def test_what_is_replaced_needs_no_variable(tmp_path: Path) -> None:
    written(tmp_path, COMPANY.replace("GITHUB_TOKEN", "COMPANY_TOKEN"), "company.yaml")
    written(tmp_path, "include: company.yaml\ntrackers: {github: {token: '${GITHUB_TOKEN}'}}\n")
    assert loaded(tmp_path).trackers["github"].token.get_secret_value() == ENVIRON["GITHUB_TOKEN"]
    written(tmp_path, "include: company.yaml\n")
    assert problems(tmp_path) == [
        ("company.yaml", 9, 12, "trackers.github.token", "environment variable COMPANY_TOKEN is not set")
    ]


def test_a_variable_lies_over_all_files(tmp_path: Path) -> None:
    written(tmp_path, COMPANY, "company.yaml")
    written(tmp_path, "include: company.yaml\nlimits: {changes: 7}\n")
    environ = ENVIRON | {"TRACKERSYNC_LIMITS__CHANGES": "9"}
    found = loaded(tmp_path, environ=environ)
    assert found.settings.limits.changes == 9
    assert found.origin.source(("limits", "changes")) == "TRACKERSYNC_LIMITS__CHANGES"


WRONG = {
    # name: (company.yaml, trackersync.yaml; the place is marked in one of them; where, message)
    "an unknown key below": (
        COMPANY.replace("share", "«shares»"), "include: company.yaml\n", "limits", 'unknown key "shares"',
    ),
    "an unknown key above": (
        COMPANY, "include: company.yaml\nlimits: {«shares»: 1}\n", "limits", 'unknown key "shares"',
    ),
    "an unknown key at the top, below": (
        COMPANY + "«linkz»: []\n", "include: company.yaml\n", "", 'unknown key "linkz"',
    ),
    "a stage that only the team's process lacks": (
        COMPANY.replace("ready: ", "«ready»: "), "include: company.yaml\ndelivery: delivery\n",
        "trackers.github.stages", '`delivery` has no stage "ready"',
    ),
    "a value of a list that is taken whole": (
        COMPANY, 'include: company.yaml\ntrackers: {github: {aliases: [https://a.example, «"nowhere"»]}}\n',
        "trackers.github.aliases[1]", "this is no URL",
    ),
    "a key that stands twice, below": (
        COMPANY + "«links»: []\n".replace("links", "limits"), "include: company.yaml\n",
        "", '"limits" stands here twice',
    ),
    "no YAML below": (
        "limits: {a: 1}«}»\n", "include: company.yaml\n", "",
        "this is not YAML: something follows where the value has ended",
    ),
    "nothing below": ("«#» nothing\n", "include: company.yaml\n", "", "nothing is configured here"),
    "a file that is not there": (
        COMPANY, "include: [company.yaml, «compny.yaml»]\n", "include[1]",
        "the included file compny.yaml does not exist",
    ),
    "a folder": (COMPANY, "include: «.»\n", "include", "the included file . cannot be read: Is a directory"),
    "itself": (
        COMPANY, "include: [company.yaml, «trackersync.yaml»]\n", "include[1]",
        "this includes itself: trackersync.yaml → trackersync.yaml",
    ),
    "each other": (
        COMPANY + "include: «trackersync.yaml»\n", "include: company.yaml\n", "include",
        "this includes itself: trackersync.yaml → company.yaml → trackersync.yaml",
    ),
    "no name": (COMPANY, "include: [company.yaml, «7»]\n", "include[1]", "the name of a file is needed here"),
    "a mapping": (
        COMPANY, "include: «{»file: company.yaml}\nlimits: {}\n", "include", "the name of a file is needed here",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("company", "team", "where", "message"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_shown_in_its_own_file(tmp_path: Path, company: str, team: str, where: str, message: str) -> None:
    texts = {"company.yaml": company, "trackersync.yaml": team}
    for name, text in texts.items():
        plain, line, column, _ = pointed(text) if "«" in text else (text, 0, 0, 0)
        written(tmp_path, plain, name)
        if line:
            spot = (name, line, column)
    assert (*spot, where, message) in problems(tmp_path)


def test_all_mistakes_of_all_files_at_once_and_in_order(tmp_path: Path) -> None:
    written(tmp_path, COMPANY.replace("share", "shares").replace("ada-l, github", "ada-l, gitub"), "z/company.yaml")
    written(tmp_path, "limits: {undon: 1}\n", "a.yaml")
    written(tmp_path, "include: [z/company.yaml, a.yaml]\nlimits: {change: 1}\n")
    assert [(file, line) for file, line, *_ in problems(tmp_path)] == [
        ("trackersync.yaml", 2),
        ("z/company.yaml", 2),
        ("z/company.yaml", 13),
        ("a.yaml", 1),
    ]


UNREAD = {
    "a file that is not there": ("gone.yaml", ("trackersync.yaml", 1)),
    "a file that is no YAML": ("broken.yaml", ("broken.yaml", 2)),
    "a file that says nothing": ("empty.yaml", ("empty.yaml", 1)),
}


@pytest.mark.parametrize(("name", "spot"), UNREAD.values(), ids=UNREAD)
def test_of_what_could_not_be_read_nothing_is_missed(tmp_path: Path, name: str, spot: tuple[str, int]) -> None:
    written(tmp_path, "limits: {a: 1\n", "broken.yaml")
    written(tmp_path, "", "empty.yaml")
    written(tmp_path, f"include: {name}\nsync: {{stage: {{authority: code}}}}\n")
    assert [(file, line) for file, line, *_ in problems(tmp_path)] == [spot]


def test_a_long_chain_ends(tmp_path: Path) -> None:
    for depth in range(DEEPEST + 1):
        written(tmp_path, f"include: {depth + 1}.yaml\n", f"{depth}.yaml")
    written(tmp_path, COMPANY, f"{DEEPEST + 1}.yaml")
    assert ("9.yaml", 1, 10, "include", "files are included too deeply or too often") in problems(tmp_path, "0.yaml")
    assert loaded(tmp_path, "2.yaml").process.name == "kanban"


def test_files_that_multiply_end(tmp_path: Path) -> None:
    for depth in range(7):
        name = f"{depth + 1}.yaml"
        written(tmp_path, f"include: [{name}, {name}, {name}]\n", f"{depth}.yaml")
    written(tmp_path, COMPANY, "7.yaml")
    assert any(message == "files are included too deeply or too often" for *_, message in problems(tmp_path, "0.yaml"))


def test_no_variable_includes(tmp_path: Path) -> None:
    written(tmp_path, COMPANY)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, environ=ENVIRON | {"TRACKERSYNC_INCLUDE": "other.yaml"})
    assert [(one.file, one.message) for one in caught.value.problems] == [
        ("TRACKERSYNC_INCLUDE", "only a file includes files")
    ]


def test_a_process_and_people_of_an_included_file_have_their_mistakes_shown(tmp_path: Path) -> None:
    written(tmp_path, "stages: {ready: {category: backlock}, done: {category: done}}\n", "shared/flow.yaml")
    written(tmp_path, "name,github\n,ada-l\n", "shared/people.csv")
    company = COMPANY[: COMPANY.index("people:")].replace("kanban", "./flow.yaml") + "people: {file: ./people.csv}\n"
    written(tmp_path, company, "shared/company.yaml")
    written(tmp_path, "include: shared/company.yaml\n")
    assert [(file, line) for file, line, *_ in problems(tmp_path)] == [
        ("shared/flow.yaml", 1),
        ("shared/people.csv", 2),
    ]
    written(tmp_path, "include: shared/company.yaml\nlinkz: []\n")
    with pytest.raises(ConfigError, match=r"^trackersync.yaml, shared/flow.yaml and shared/people.csv have 3 problems"):
        loaded(tmp_path)


LISTS = {
    # name: (variable, text, what holds)
    "of a section": ("TRACKERSYNC_CHECK__IGNORE", "no-owner, many-owners", ["no-owner", "many-owners"]),
    "one word": ("TRACKERSYNC_CHECK__IGNORE", "no-owner", ["no-owner"]),
    "as JSON": ("TRACKERSYNC_CHECK__IGNORE", '["no-owner"]', ["no-owner"]),
    "that may be absent": ("TRACKERSYNC_CHECK__SELECT", "no-owner,many-owners", ["no-owner", "many-owners"]),
    "of a tracker": ("TRACKERSYNC_TRACKERS__GITHUB__REPOSITORIES", "acme/a, acme/b", ["acme/a", "acme/b"]),
    "of a tracker, one": ("TRACKERSYNC_TRACKERS__GITHUB__REPOSITORIES", "acme/a", ["acme/a"]),
    "of a tracker, as JSON": ("TRACKERSYNC_TRACKERS__GITHUB__REPOSITORIES", '["acme/a"]', ["acme/a"]),
    "of words there are": ("TRACKERSYNC_TRACKERS__GITHUB__WRITES", "stage,owners", ("stage", "owners")),
    "none": ("TRACKERSYNC_TRACKERS__GITHUB__WRITES", "none", ()),
}


@pytest.mark.parametrize(("name", "text", "holds"), LISTS.values(), ids=LISTS)
def test_a_list_in_a_variable(tmp_path: Path, name: str, text: str, holds: object) -> None:
    written(tmp_path, COMPANY)
    found = loaded(tmp_path, environ=ENVIRON | {name: text})
    section, *_, key = (word.casefold() for word in name.removeprefix("TRACKERSYNC_").split("__"))
    part = found.trackers["github"] if section == "trackers" else getattr(found.settings, section)
    assert getattr(part, key) == holds


def test_a_secret_file_named_by_a_variable(tmp_path: Path) -> None:
    written(tmp_path, COMPANY.replace("    token: ${GITHUB_TOKEN}\n", ""))
    written(tmp_path, "from-a-file\n", "secrets/github")
    found = loaded(tmp_path, environ={"TRACKERSYNC_TRACKERS__GITHUB__TOKEN_FILE": "secrets/github"})
    assert found.trackers["github"].token.get_secret_value() == "from-a-file"
