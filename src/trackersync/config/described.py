"""The JSON schema of ``trackersync.yaml`` and of process files, made from the models, for editors that complete.

It knows what one file alone can know. A file may be a layer over another (``include``), so no key is required and every
key may be ``null``; any value may be, or hold, ``${VAR}``. What needs the process or another key, ``load`` says.

Draft 2020-12: https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any, Protocol

from pydantic import BaseModel, SecretStr
from pydantic.json_schema import GenerateJsonSchema

from trackersync.config.loosened import VARIABLE, loosened, nullable, wording
from trackersync.config.process import ProcessFile
from trackersync.config.rule_entries import entry_of
from trackersync.config.settings import Settings
from trackersync.config.stage_rules import SET
from trackersync.config.trackers import Connectors
from trackersync.connector import Plugin, TrackerSettings, Vocabulary
from trackersync.core.diagnose import RULES, AnyRule
from trackersync.core.model import LINKS, Matcher
from trackersync.core.spans import spelled
from trackersync.errors import ConfigError

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
FILE = "trackersync.schema.json"
"""What the schema's file is called, here and beside a configuration."""
WIDE = 118
_DONE = frozenset({"tracker", "variable"})
_MEMBERS = frozenset({"PersonEntry", "SilenceEntry"})
"""Members of lists, which are taken whole: what they need must stand in them."""
_LEVELS = ["error", "warning", "note", "off", "on", False, True]


class Installed(Connectors, Protocol):
    """The connectors there are, by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every connector's name."""


def schema_text(schema: Mapping[str, Any]) -> str:
    """A schema as its file holds it: what fits on a line stands on one."""
    return f"{_written(schema, 0)}\n"


def _written(node: object, indent: int, before: int = 0) -> str:
    line = json.dumps(node, ensure_ascii=False)
    if indent + before + len(line) <= WIDE or not isinstance(node, dict | list) or not node:
        return line
    inner = " " * (indent + 2)
    if isinstance(node, dict):
        rows = [f"{inner}{json.dumps(key)}: {_written(one, indent + 2, len(key) + 4)}" for key, one in node.items()]
    else:
        rows = [f"{inner}{_written(one, indent + 2)}" for one in node]
    begin, end = "{}" if isinstance(node, dict) else "[]"
    return f"{begin}\n" + ",\n".join(rows) + f"\n{' ' * indent}{end}"


def schema(registry: Installed, rules: Iterable[AnyRule] = RULES) -> Schema:
    """The schema of ``trackersync.yaml``.

    Args:
        registry: the connectors, whose settings are described; a tracker of another one may hold anything.
        rules: the rules of check.
    """
    defs: Schema = {"variable": {"description": "An environment variable's value.", **VARIABLE}}
    top = generated(Settings, defs)
    properties = top["properties"]
    plugins = plugins_of(registry)
    for name, plugin in plugins.items():
        defs[f"tracker.{name}"] = _tracker(name, plugin, defs)
    anything = generated(TrackerSettings, defs)
    anything["properties"]["writes"] |= _writes(plugins.values())
    defs["tracker"] = loosened({**anything, "additionalProperties": True})
    properties["trackers"] |= {
        "propertyNames": {"pattern": r"^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$"},
        "additionalProperties": _branches(plugins),
    }
    properties["rules"] |= _rules(rules, defs, projects=True)
    return _whole(top, defs, "configuration", "trackersync.yaml: what trackersync is told of a team's trackers.")


def process_schema(rules: Iterable[AnyRule] = RULES) -> Schema:
    """The schema of a delivery process's file."""
    defs: Schema = {"variable": {"description": "An environment variable's value.", **VARIABLE}}
    top = generated(ProcessFile, defs)
    top["properties"]["rules"] |= _rules(rules, defs, projects=False)
    return _whole(top, defs, "process", "A delivery process: its stages in order, each with its category.")


def plugins_of(registry: Installed) -> dict[str, Plugin]:
    """The connectors that can be loaded; one that cannot is told of where it is used."""
    found = {}
    for name in registry.names:
        try:
            found[name] = registry.plugin(name)
        except ConfigError:
            continue
    return found


def _whole(top: Schema, defs: Schema, what: str, description: str) -> Schema:
    head = {"$schema": DRAFT, "$id": f"urn:trackersync:{what}", "title": description.partition(":")[0]}
    shaped = {key: value for key, value in loosened(top).items() if key not in {"title", "description"}}
    done = {name: one if "." in name or name in _DONE else loosened(one) for name, one in sorted(defs.items())}
    for name in _MEMBERS & done.keys():
        done[name]["required"] = defs[name]["required"]
    return {**head, "description": description, **shaped, "$defs": done}


class _Described(GenerateJsonSchema):
    """Pydantic's schema with defaults as a configuration writes them, and titles only where a type has one."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  # pydantic's own
        return False

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401  # pydantic's own
        if isinstance(dft, timedelta):
            return spelled(dft)
        return dft.get_secret_value() if isinstance(dft, SecretStr) else super().encode_default(dft)


def generated(model: type[BaseModel], defs: Schema) -> Schema:
    """A model's schema; the models in it are put among ``defs``."""
    made = model.model_json_schema(schema_generator=_Described)
    for name, one in made.pop("$defs", {}).items():
        one.pop("title", None)
        if defs.setdefault(name, one) != one:
            raise ValueError(f"two models are called {name}")
    made.pop("title", None)
    return made


def _tracker(name: str, plugin: Plugin, defs: Schema) -> Schema:
    """The settings of one connector, with the words of its vocabulary."""
    made = generated(plugin.settings, defs)
    properties, vocabulary = made["properties"], plugin.vocabulary
    properties["connector"] = {"const": name, "description": properties["connector"]["description"]}
    properties["writes"] |= _writes([plugin])
    places = [matcher.key for matcher in vocabulary.matchers if not matcher.condition]
    properties["precedence"] |= _listed({"enum": places})
    properties["hands_off"] |= {
        "properties": {one.key: _values(one.values) for one in (*vocabulary.matchers, *vocabulary.marks)},
        "additionalProperties": False,
    }
    told = {one.fact for one in vocabulary.matchers if one.condition or one.evidence}
    facts = sorted(({one.fact for one in vocabulary.matchers} | (set(plugin.writes) - {"owners"})) - told)
    shown = f"tracker.{name}.shown"
    defs[shown] = loosened({"properties": _shown(vocabulary)})
    for key, settable in (("stages", facts), ("outcomes", None)):
        properties[key] |= {"additionalProperties": {"$ref": f"#/$defs/tracker.{name}.{key}"}}
        defs[f"tracker.{name}.{key}"] = _entry(vocabulary, shown, settable)
    return dict(loosened(made))


def _shown(vocabulary: Vocabulary) -> Schema:
    """By matcher's key, the values it may name."""
    return {one.key: {"description": matches(one), **_values(one.values)} for one in vocabulary.matchers}


def matches(matcher: Matcher) -> str:
    """What a word of `stages` is for."""
    if matcher.condition:
        return f"Of which items this speaks: those that show one of these as `{matcher.fact}`."
    only = " It is only read, and no write brings it about." if matcher.evidence else ""
    return f"The item shows one of these as `{matcher.fact}`.{only}"


def _entry(vocabulary: Vocabulary, shown: str, settable: list[str] | None) -> Schema:
    """What stands below a stage: a mapping of matchers, or a list of such mappings."""
    properties: Schema = {one.key: {"$ref": f"#/$defs/{shown}/properties/{one.key}"} for one in vocabulary.matchers}
    if settable is not None:
        properties[SET] = {
            "description": "What is written along, by fact, and not matched.",
            "type": "object",
            "properties": {fact: {"type": "string", "minLength": 1} for fact in settable},
            "additionalProperties": False,
        }
    places = [{"required": [one.key]} for one in vocabulary.matchers if not one.condition]
    entry = {"type": "object", "properties": properties, "additionalProperties": False, "anyOf": places}
    several = {"type": "array", "items": entry, "minItems": 1}
    return {"anyOf": [entry, several, {"type": "null"}]}


def _values(values: tuple[str, ...] | None) -> Schema:
    return _listed({"type": "string", "minLength": 1} if values is None else wording(values))


def _listed(one: Schema) -> Schema:
    """One of these, or a list of them."""
    return {"anyOf": [one, {"type": "array", "items": deepcopy(one), "minItems": 1}]}


def _writes(plugins: Iterable[Plugin]) -> Schema:
    words = ["stage", "owners", *([LINKS] if any(LINKS in plugin.writes for plugin in plugins) else [])]
    several = {"type": "array", "items": {"enum": words}}
    return {"type": None, "items": None, "title": "word or list", "anyOf": [{"enum": [*words, "none"]}, several]}


def _branches(plugins: Iterable[str]) -> Schema:
    """A tracker's settings by its connector."""
    names = list(plugins)

    def told(connector: Schema) -> Schema:
        return {"properties": {"connector": connector}, "required": ["connector"]}

    known = [{"if": told({"const": name}), "then": {"$ref": f"#/$defs/tracker.{name}"}} for name in names]
    other = {"if": told({"enum": names}), "else": {"$ref": "#/$defs/tracker"}}
    about = {"description": "Which connector reads it, or a plug-in's name.", "examples": names}
    return {"type": "object", "properties": {"connector": about}, "allOf": [*known, other]}


def _rules(rules: Iterable[AnyRule], defs: Schema, *, projects: bool) -> Schema:
    """By rule, its severity, or a mapping of its severity and settings, again by stage and by project."""
    found: Schema = {}
    for rule in rules:
        model = generated(entry_of(rule, projects=False), {})
        name = f"rule.{rule.name}"
        own = {key: nullable(loosened(one)) for key, one in model["properties"].items() if key != "stages"}
        own["severity"] = {"description": own["severity"]["description"], "$ref": "#/$defs/rule.severity"}
        same = {key: {"$ref": f"#/$defs/{name}.stage/anyOf/1/properties/{key}"} for key in own}
        stages = {"stages": _by(f"{name}.stage", "The same in some stages.")}
        defs[f"{name}.stage"] = _ruled(own)
        defs[name] = _ruled(same | stages)
        if projects:
            defs[f"{name}.project"] = defs[name]
            some = _by(f"{name}.project", "The same of some repositories and projects, by pattern.")
            defs[name] = _ruled(same | stages | {"projects": some})
        defs[name] = {"description": rule.summary, **defs[name]}
        found[rule.name] = {"$ref": f"#/$defs/{name}"}
    level = {"enum": [*_LEVELS, None]}
    defs["rule.severity"] = {"title": "severity", "anyOf": [level, {"$ref": "#/$defs/variable"}]}
    return {"properties": found, "additionalProperties": False}


def _ruled(properties: Schema) -> Schema:
    entry = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"anyOf": [{"$ref": "#/$defs/rule.severity"}, entry]}


def _by(name: str, description: str) -> Schema:
    one = {"$ref": f"#/$defs/{name}"}
    return {"description": description, "type": ["object", "null"], "additionalProperties": one}
