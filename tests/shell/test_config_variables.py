"""Variables that set nothing, or not what they should, are named; each value is told of the variable that gave it."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import ENVIRON, REGISTRY, SOUND, written

from trackersync.config import load
from trackersync.config.holding import held
from trackersync.errors import ConfigError

LIMITS = 'did you mean "TRACKERSYNC_LIMITS__CHANGES"?'
NO_JSON = "this is not the JSON it should be"
ONLY_JSON = "correct it, or set single keys by variables"
MISTAKES = {
    # by variable, its value, the message and the hint
    "TRACKERSYNC_LIMIT__CHANGES": ("5", 'there is no section "limit"', LIMITS),
    "trackersync_limit__changes": ("5", 'there is no section "limit"', LIMITS),
    "TRACKERSYNC_ZZZ__A": ("5", 'there is no section "zzz"', "unset it: trackersync reads no such variable"),
    "TRACKERSYNC_STOR": ("x.db", 'there is no key "stor"', 'did you mean "TRACKERSYNC_STORE"?'),
    "TRACKERSYNC_SOTRE": ("x.db", 'there is no key "sotre"', 'did you mean "TRACKERSYNC_STORE"?'),
    "TRACKERSYNC_LIMITS_CHANGES": ("5", 'there is no key "limits_changes"', LIMITS),
    "TRACKERSYNC_TRACKERS__GITLAB__TOKEN": ("sesame", 'there is no tracker "gitlab"', 'did you mean "github"?'),
    "TRACKERSYNC_TRACKERS": ("{sesame", NO_JSON, ONLY_JSON),
    "TRACKERSYNC_LIMITS": ("sesame", NO_JSON, ONLY_JSON),
    "TRACKERSYNC_CHECK__SELECT": ("[sesame", NO_JSON, ONLY_JSON),
    "TRACKERSYNC_SYNC__STAGE": ("{sesame", NO_JSON, ONLY_JSON),
    "TRACKERSYNC_TRACKERS__GITHUB": ("{sesame", NO_JSON, ONLY_JSON),
    "TRACKERSYNC_TRACKERS__JIRA": ("sesame", "a mapping is needed here", "write it as JSON"),
    "TRACKERSYNC_RULES__NO_OWNER": ("{sesame", NO_JSON, ONLY_JSON),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_variable_is_named_and_its_value_is_not(tmp_path: Path, name: str) -> None:
    value, message, hint = MISTAKES[name]
    written(tmp_path, SOUND)
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON | {name: value})
    assert [(one.file, one.message, one.hint) for one in caught.value.problems] == [(name, message, hint)]
    assert "sesame" not in repr(caught.value.problems)


FOREIGN = ("TRACKERSYNC_CONFIG", "TRACKERSYNC_EMULATE", "TRACKERSYNC_GITHUB_TOKEN", "TRACKERSYNC_JIRA", "TRACKERSYNC_")


@pytest.mark.parametrize("name", FOREIGN)
def test_what_may_be_another_programs_is_let_be(tmp_path: Path, name: str) -> None:
    written(tmp_path, SOUND)
    found = load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON | {name: "x", "TRACKERSYNC_LIMIT__CHANGES": ""})
    assert found.settings.limits.changes == 500


def test_a_tracker_that_no_variable_reaches(tmp_path: Path) -> None:
    written(
        tmp_path,
        SOUND.replace("  github:\n", "  my-Hub:\n")
        .replace("github: ada-l", "my-Hub: a")
        .replace("github: grace-h", "my-Hub: g"),
    )
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON | {"TRACKERSYNC_TRACKERS__MY_HUB__TOKEN": "x"})
    (one,) = caught.value.problems
    assert (one.message, one.hint[:14]) == ('there is no tracker "my_hub"', 'write "my-Hub"')


def test_a_tracker_of_variables_alone(tmp_path: Path) -> None:
    written(tmp_path, SOUND)
    other = '{"connector": "github", "token": "x", "repositories": ["a/b"], "stages": {"done": {"state": "closed"}}}'
    found = load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON | {"TRACKERSYNC_TRACKERS__OTHER": other})
    assert list(found.trackers) == ["github", "jira", "other"]


def test_only_what_stands_in_a_variables_json_is_told_of_it(tmp_path: Path) -> None:
    written(tmp_path, SOUND + "rules: {no-owner: warning, many-owners: off}\n")
    mapping = '{"github": {"repositories": ["acme/other"], "stages": {"done": {"reason": "completed"}}}}'
    environ = {"TRACKERSYNC_TRACKERS": mapping, "TRACKERSYNC_RULES": '{"no-owner": {"severity": "error"}}'}
    found = {one.key: one.source for one in held(load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON | environ))}
    assert {key for key, source in found.items() if source == "TRACKERSYNC_TRACKERS"} == {
        "trackers.github.repositories",
        "trackers.github.stages.done",
    }
    assert found["trackers.github.url"] == "trackersync.yaml:5"
    assert found["trackers.jira.token"] == "trackersync.yaml:17"
    assert (found["rules.no-owner"], found["rules.many-owners"]) == ("TRACKERSYNC_RULES", "trackersync.yaml:30")
