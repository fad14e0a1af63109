"""What is made of the models: the schema, the reference page, the example; and that each key is documented once."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import config_samples
import pytest
import test_config
import test_config_mistakes
import yaml
from config_samples import SOUND
from jsonschema import Draft202012Validator
from pydantic import BaseModel, SecretStr
from test_documentation import blocks
from typer.testing import CliRunner

from product import CHECKOUT
from trackersync.cli.app import app
from trackersync.config import load, presets, shipped
from trackersync.config.described import process_schema, schema, schema_text
from trackersync.config.document import read
from trackersync.config.example import example
from trackersync.config.keys import There, keys, models_of, named
from trackersync.config.process import ProcessFile
from trackersync.config.reference import reference
from trackersync.config.rule_entries import entry_of
from trackersync.config.settings import Settings
from trackersync.core.diagnose import RULES
from trackersync.errors import ConfigError
from trackersync.registry import Registry
from trackersync_github import connector as github
from trackersync_jira import connector as jira

REGISTRY = Registry({"github": lambda: github, "jira": lambda: jira})
SCHEMA, EXAMPLE, KEYS = schema(REGISTRY), example(REGISTRY), keys(REGISTRY)
VALID = Draft202012Validator(SCHEMA)
PROCESS = Draft202012Validator(process_schema())
MADE = {
    "config/trackersync.schema.json": ("--schema", lambda: schema_text(SCHEMA)),
    "config/process.schema.json": ("--process-schema", lambda: schema_text(process_schema())),
    "config/examples/all-keys.yaml": ("--example", lambda: EXAMPLE),
    "docs/configuration.md": ("--reference", lambda: reference(REGISTRY)),
}


def plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def faults(text: str, validator: Draft202012Validator = VALID) -> list[str]:
    """What the schema says of a text, read as the program reads it, with variables unexpanded."""
    value = plain(read(text, "").value)
    return [f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(value)]


@pytest.mark.parametrize(("file", "made"), [(file, made) for file, (_, made) in MADE.items()], ids=list(MADE))
def test_the_file_is_what_the_code_says(file: str, made: Callable[[], str]) -> None:
    option = MADE[file][0]
    assert (CHECKOUT / file).read_text("utf-8") == made(), f"trackersync config {option} > {file}"


@pytest.mark.parametrize("option", [option for option, _ in MADE.values()])
def test_the_command_prints_it(option: str) -> None:
    file = next(file for file, (one, _) in MADE.items() if one == option)
    found = CliRunner().invoke(app, ["config", option])
    assert (found.exit_code, found.stdout) == (0, (CHECKOUT / file).read_text("utf-8"))


def test_the_schemas_are_schemas() -> None:
    for one in (SCHEMA, process_schema()):
        Draft202012Validator.check_schema(one)
        assert one["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert one["$id"].startswith("urn:trackersync:")
        for ref in set(re.findall(r'"#/([^"]+)"', json.dumps(one))):
            inner: Any = one
            for part in ref.split("/"):
                inner = inner[int(part)] if isinstance(inner, list) else inner[part]


# Every key is documented, once.


def models() -> dict[str, type[BaseModel]]:
    """Every model of a configuration, of its trackers, of its rules, and of a process."""
    found: dict[str, type[BaseModel]] = {}

    def walk(model: type[BaseModel]) -> None:
        if found.setdefault(f"{model.__module__}.{model.__name__}", model) is model:
            for field in model.model_fields.values():
                for inner in models_of(field.annotation):
                    if f"{inner.__module__}.{inner.__name__}" not in found:
                        walk(inner)

    for one in (Settings, ProcessFile, github.settings, jira.settings):
        walk(one)
    for rule in RULES:
        found[rule.name] = entry_of(rule, projects=True)
    return found


MODELS = models()


@pytest.mark.parametrize("name", MODELS)
def test_every_key_is_described_and_has_an_example(name: str) -> None:
    model = MODELS[name]
    bare = [key for key, field in model.model_fields.items() if not (field.description or "").strip()]
    assert not bare, "say what it is for in its Field(description=…)"
    if name not in {rule.name for rule in RULES}:
        sections = {key for key, field in model.model_fields.items() if list(models_of(field.annotation))}
        assert not [key for key, field in model.model_fields.items() if not field.examples and key not in sections]
    assert not re.search(r"^\s*(Attributes|Args):", model.__doc__ or "", re.MULTILINE), "its keys stand there twice"


@pytest.mark.parametrize("name", MODELS)
def test_every_model_refuses_what_it_does_not_know(name: str) -> None:
    model = MODELS[name]
    if model.__name__ == "PersonEntry":
        return  # its other keys are trackers' names, which `persons` checks
    assert model.model_config.get("extra") == "forbid"


def test_every_mapping_of_the_schema_is_closed_or_says_what_it_holds() -> None:
    open_ones = {"$defs.tracker"}

    def walk(node: object, path: str) -> None:
        if isinstance(node, list):
            for place, one in enumerate(node):
                walk(one, f"{path}[{place}]")
        elif isinstance(node, dict):
            if "properties" in node and "object" in str(node.get("type")) and path not in open_ones:
                assert "additionalProperties" in node or "allOf" in node, path
                assert node.get("additionalProperties") is not True, path
            for key, one in node.items():
                if key not in {"examples", "default", "if"}:
                    walk(one, f"{path}.{key}".removeprefix("."))

    walk(SCHEMA, "")


def test_each_example_value_of_a_key_is_one_that_the_schema_takes() -> None:
    part = yaml.safe_load(EXAMPLE)
    assert len(faults(yaml.safe_dump(part))) == 0
    known = {one.path[-1] for one in KEYS if one.path[0] not in {"people", "silence"}}
    stands = set(re.findall(r"^\s*(?:# )?\s*([a-z_]+):", EXAMPLE, re.MULTILINE))
    assert known <= stands


# What loads is taken.

LOADED = {
    **{f"example {name}": text for name, text in (
        (entry.name, entry.read_text("utf-8")) for entry in (shipped() / "examples").iterdir()
        if entry.name.endswith(".yaml")
    )},
    **{f"team {entry.name}": entry.read_text("utf-8") for entry in (shipped() / "examples" / "teams").iterdir()
       if entry.name.endswith(".yaml")},
    "the sample": SOUND,
    **{f"one that keeps the fingerprint, {name}": text for name, text in test_config.SAME.items()},
    **{f"one that changes it, {name}": text for name, text in test_config.OTHER.items()},
    "the readme": blocks(CHECKOUT / "README.md")[0],
}  # fmt: skip
SHORT = {
    # name: what stands in the tracker, and at the top
    "nothing may be written": ("writes: none", ""),
    "one thing": ("writes: owners", ""),
    "a share in per cent": ("", "limits: {share: 20%}"),
    "a share with a space": ("", "limits: {share: '12.5 %'}"),
    "a share as a part": ("", "limits: {share: 0.2}"),
    "spans": ("patience: 30 min", "limits: {window: 24 h}"),
    "a rule that is off": ("", "rules: {no-owner: off, many-owners: warning}"),
    "a rule that is off, in YAML 1.2": ("", "rules: {no-owner: 'off'}"),
    "a rule by stage": ("", "rules: {no-owner: {severity: error, stages: {build: off}, projects: {acme/*: note}}}"),
    "a direction that is off": ("", "sync: {stage: {direction: off}}"),
    "a word for a list": ("hands_off: {labels: frozen}", "check: {ignore: no-owner}"),
    "a word in another case": ("stages: {done: {state: Closed}}", ""),
    "several entries of a stage": ("stages: {done: [{state: closed}, {labels: [shipped]}]}", ""),
    "an entry with what is set": ("stages: {done: {labels: done, set: {state: closed}}}", ""),
    "a variable for a number": ("timeout: '${TIMEOUT}'", "limits: {changes: '${CHANGES}', share: '${SHARE}'}"),
    "a variable for true or false": ("archived: '${ARCHIVED}'", "journal: {history: '${HISTORY}'}"),
    "a variable for a word": ("project: {owner: '${OWNER}', number: '${NUMBER}', kind: '${KIND}'}", ""),
    "a variable in a text": ("url: '${SCHEME}://api.github.com'", "store: 'postgresql://u:${PW}@h/db'"),
    "a variable for a day": ("", "silence: [{rules: no-owner, reason: x, until: '${DAY}'}]"),
    "a variable for a severity": ("", "rules: {no-owner: '${LEVEL}'}"),
    "a quoted number": ("pace: '2'", "limits: {changes: '500'}"),
    "null takes away": ("token: null\n    writes: ~", "people: null\nlimits: {share: null}\nrules: {no-owner: null}"),
    "people in a file": ("", "people: {file: people.csv}"),
    "days of the week": ("", "calendar: {weekend: [Friday, sat]}"),
    "an include": ("", "include: [a.yaml, b.yaml]"),
    "an App": ("app: {client_id: x, private_key_file: y}", ""),
}
LAYERS = {
    "a team's layer": "include: company.yaml\ntrackers: {code: {repositories: [acme/a], stages: {x: {labels: y}}}}\n",
    "a company's layer": "delivery: kanban\nlimits: {changes: 5}\n",
    "another connector": "trackers: {hub: {connector: gitlab, groups: [acme], anything: {at: all}}}\n",
    "nothing at all": "{}\n",
}


@pytest.mark.parametrize("text", LOADED.values(), ids=LOADED)
def test_what_loads_is_taken(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(("part", "top"), SHORT.values(), ids=SHORT)
def test_short_forms_and_variables_are_taken(part: str, top: str) -> None:
    text = f"trackers:\n  code:\n    connector: github\n    repositories: acme/shop\n    {part}\n{top}\n"
    assert faults(text) == []


@pytest.mark.parametrize("text", LAYERS.values(), ids=LAYERS)
def test_a_layer_is_taken(text: str) -> None:
    assert faults(text) == []


def test_what_the_tests_of_loading_write_is_taken() -> None:
    """Every YAML in the tests of the configuration that is written as a constant and has trackers."""
    taken = 0
    for file in sorted(Path(config_samples.__file__).parent.glob("test_config*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "connector: " in node.value:
                if file.name in {"test_config_mistakes.py", "test_config_schema.py", "test_config_include.py"}:
                    continue
                document = read(node.value, "")
                if isinstance(document.value, dict) and not document.faults and "trackers" in document.value:
                    taken += 1
                    assert faults(node.value) == [], (file.name, node.lineno)
    assert taken >= 3


@pytest.mark.parametrize("name", presets())
def test_the_processes_are_taken(name: str) -> None:
    assert faults((shipped() / f"{name}.yaml").read_text("utf-8"), PROCESS) == []


# What does not load is refused, where one file alone can know.

KNOWN = {
    # what stands in the tracker, or at the top; and the place that is refused
    "an unknown key": ("", "linkz: []", "$"),
    "an unknown key of a section": ("", "limits: {shares: 1}", "$.limits"),
    "an unknown key two levels down": ("", "sync: {stage: {adapt: ask}}", "$.sync"),
    "an unknown key of a tracker": ("aliasses: []", "", "$.trackers.code"),
    "another connector's key": ("projects: [SHOP]", "", "$.trackers.code"),
    "an unknown key of a part of a tracker": ("labels: {colour: 1d76db, color: x}", "", "$.trackers.code.labels"),
    "an unknown matcher": ("stages: {build: {label: x}}", "", "$.trackers.code.stages.build"),
    "another tracker's matcher": ("stages: {build: {statuses: [x]}}", "", "$.trackers.code.stages.build"),
    "a value that a matcher never has": ("stages: {build: {state: shut}}", "", "$.trackers.code.stages.build"),
    "nothing matched": ("stages: {build: {}}", "", "$.trackers.code.stages.build"),
    "an unknown fact that is set": ("stages: {build: {labels: x, set: {status: y}}}", "",
                                    "$.trackers.code.stages.build"),
    "what is set in an outcome": ("outcomes: {build: {labels: x, set: {labels: y}}}", "",
                                  "$.trackers.code.outcomes.build"),
    "text for a stage": ("stages: {build: open}", "", "$.trackers.code.stages.build"),
    "a word for writes": ("writes: [stages]", "", "$.trackers.code.writes"),
    "links, where there is no place for them": ("writes: [links]", "", "$.trackers.code.writes"),
    "a precedence of what is no place": ("precedence: [lables]", "", "$.trackers.code.precedence"),
    "a span without a unit": ("", "limits: {window: 24}", "$.limits"),
    "a share above all": ("", "limits: {share: 120%}", "$.limits"),
    "a negative number": ("", "limits: {changes: -1}", "$.limits"),
    "text for a number": ("", "limits: {changes: many}", "$.limits"),
    "text for true or false": ("archived: maybe", "", "$.trackers.code.archived"),
    "a number for text": ("field: 7", "", "$.trackers.code.field"),
    "no address": ("url: api.github.com", "", "$.trackers.code.url"),
    "three secrets": ("webhook_secrets: [a, b, c]", "", "$.trackers.code.webhook_secrets"),
    "an unknown rule": ("", "rules: {no-ownr: off}", "$.rules"),
    "an unknown severity": ("", "rules: {no-owner: fatal}", "$.rules['no-owner']"),
    "an unknown setting of a rule": ("", "rules: {no-owner: {limit: 3}}", "$.rules['no-owner']"),
    "projects below projects": ("", "rules: {no-owner: {projects: {a: {projects: {b: off}}}}}", "$.rules['no-owner']"),
    "a silence without a reason": ("", "silence: [{rules: no-owner, until: 2030-01-01}]", "$.silence[0]"),
    "a day that is none": ("", "silence: [{rules: no-owner, reason: x, until: soon}]", "$.silence[0].until"),
    "no day of the week": ("", "calendar: {weekend: [holiday]}", "$.calendar"),
    "a person without a name": ("", "people: [{github: ada-l}]", "$.people"),
    "a person who is no mapping": ("", "people: [ada-l]", "$.people"),
    "a list for a mapping": ("", "sync: [stage]", "$.sync"),
    "a tracker that is no mapping": ("", "trackers: {jira: https://x.example}", "$.trackers.jira"),
}  # fmt: skip


@pytest.mark.parametrize(("part", "top", "where"), KNOWN.values(), ids=KNOWN)
def test_a_mistake_that_one_file_can_know_is_refused(tmp_path: Path, part: str, top: str, where: str) -> None:
    tracker = f"\n    connector: github\n    repositories: [acme/shop]\n    token: x\n    {part}\n"
    text = f"{top}\n" if top.startswith("trackers") else f"trackers:\n  code:{tracker}{top}\n"
    found = faults(text)
    assert found, "the schema takes it"
    assert all(one.startswith(where) for one in found), found
    with pytest.raises(ConfigError):
        load(config_samples.written(tmp_path, text), registry=REGISTRY, environ={})


UNKNOWABLE = {
    # mistakes of test_config_mistakes that need the process, another key, or what the team means
    "a stage the process lacks",
}


def test_of_the_mistakes_that_loading_knows_the_schema_knows_many() -> None:
    texts = {name: config_samples.pointed(row[0])[0] for name, row in test_config_mistakes.ONE.items()}
    real = {name: text for name, text in texts.items() if isinstance(read(text, "").value, dict)}
    seen = [name for name, text in real.items() if faults(text)]
    assert UNKNOWABLE.isdisjoint(seen)
    assert len(seen) >= len(real) * 0.4, sorted(real.keys() - set(seen))


# One key, looked up.

LOOKED = {
    # what is typed: the key that is meant, the connector it is of
    "limits.share": ("limits.share", ""),
    "share": ("limits.share", ""),
    "trackers.jira.projects": ("trackers.NAME.projects", "jira"),
    "trackers.code.repositories": ("trackers.NAME.repositories", "github"),
    "trackers.NAME.token": ("trackers.NAME.token", ""),
    "trackers.code.url": ("trackers.NAME.url", "github"),
    "trackers.tickets.url": ("trackers.NAME.url", ""),
    "trackers.code.labels.prefix": ("trackers.NAME.labels.prefix", "github"),
    "trackers.code.stages.in progress": ("trackers.NAME.stages", ""),
    "rules.no-owner": ("rules", ""),
    "people[].name": ("people[].name", ""),
    "sync.stage": ("sync.stage", ""),
}
NONE = {
    "limits.shar": 'did you mean "limits.share"?',
    "trackers.code.projects": 'did you mean "trackers.NAME.projects"?',
    "limits.share.deep": "",
    "field": "",
}


@pytest.mark.parametrize(("typed", "meant"), LOOKED.items(), ids=list(LOOKED))
def test_a_key_is_found(typed: str, meant: tuple[str, str]) -> None:
    found, _ = named(KEYS, typed, There({"code": "github", "tickets": "jira"}))
    assert (found.name, found.connector) == meant


@pytest.mark.parametrize(("typed", "hint"), NONE.items(), ids=list(NONE))
def test_a_key_that_there_is_not(typed: str, hint: str) -> None:
    with pytest.raises(ConfigError, match="there is no key") as caught:
        named(KEYS, typed, There({"code": "github", "tickets": "jira"}))
    assert hint in (caught.value.next_step or "")
