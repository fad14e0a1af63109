"""Every key there is, as its model documents it: what the reference page, the example and `trackersync config` show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, SecretStr

from trackersync.config.described import Installed, Schema, generated, plugins_of
from trackersync.config.settings import Settings
from trackersync.config.stage_rules import SET
from trackersync.connector import TrackerSettings, Vocabulary
from trackersync.core.nearest import did_you_mean
from trackersync.core.spans import spelled
from trackersync.errors import ConfigError

NAME, MEMBER, KEY = "NAME", "[]", "KEY"
"""What stands in a path for a tracker's name, for each member of a list, and for each key of a mapping."""
TRACKERS = "trackers"
_TYPES = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "array": "list",
    "object": "mapping",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        path: its name and those above it: ``("trackers", NAME, "app", "client_id")``.
        takes: in words, what may stand there.
        default: as a configuration writes it; empty where there is none.
        needed: it has no default and must stand there.
        description: what it is for.
        examples: values it may have.
        connector: the connector whose trackers have it; empty: every one's, or no tracker's.
        section: there are keys below it.
    """

    path: tuple[str, ...]
    takes: str
    default: str
    needed: bool
    description: str
    examples: tuple[Any, ...]
    connector: str = ""
    section: bool = False

    @property
    def name(self) -> str:
        """``trackers.NAME.app.client_id``, ``people[].name``."""
        return ".".join(self.path).replace(f".{MEMBER}", MEMBER)


def keys(registry: Installed) -> tuple[Key, ...]:
    """Every key of a configuration, in the order of the models.

    Below ``trackers``, those of every tracker come first, then each connector's own; a key that a connector documents
    anew stands among its own as well.
    """
    found: list[Key] = []
    for key in _below(Settings, ()):
        found.append(key)
        if key.path == (TRACKERS,):
            found += _below(TrackerSettings, (TRACKERS, NAME))
            for name, plugin in plugins_of(registry).items():
                found += _own(name, plugin.settings)
    return tuple(found)


def of_model(model: type[BaseModel]) -> tuple[Key, ...]:
    """Every key of a model of another file: a delivery process."""
    return tuple(_below(model, ()))


def _own(connector: str, settings: type[BaseModel]) -> Iterator[Key]:
    for name in settings.model_fields:
        usual, own = TrackerSettings.model_fields.get(name), settings.model_fields[name]
        if usual is None or (usual.description, usual.default) != (own.description, own.default):
            yield from _below(settings, (TRACKERS, NAME), connector, only=name)


def _below(model: type[BaseModel], path: tuple[str, ...], connector: str = "", only: str = "") -> Iterator[Key]:
    shapes = _shapes(model)
    for name, field in model.model_fields.items():
        if only and name != only:
            continue
        nested = tuple(models_of(field.annotation))
        here = (*path, name)
        yield Key(
            here,
            _takes(shapes[name]) if name != "writes" else "`none`, word or list",
            written(field.get_default(call_default_factory=True), part="part of" in _takes(shapes[name]))
            if not field.is_required() and not nested
            else "",
            field.is_required(),
            field.description or "",
            tuple(field.examples or ()),
            connector,
            bool(nested) or name == TRACKERS,
        )
        for inner in nested:
            member = MEMBER if _in(field.annotation, inner, list) else KEY if _in(field.annotation, inner, dict) else ""
            yield from _below(inner, (*here, member) if member else here, connector)


@cache
def _shapes(model: type[BaseModel]) -> Schema:
    """By key, its schema."""
    return dict(generated(model, {})["properties"])


def models_of(annotation: object) -> Iterator[type[BaseModel]]:
    """The models in a field's type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_of(inner)


def _in(annotation: object, model: type[BaseModel], kind: type) -> bool:
    """Whether a type holds a model in a list, or in a mapping."""
    if get_origin(annotation) is kind and model in models_of(annotation):
        return True
    return any(_in(inner, model, kind) for inner in get_args(annotation))


def _takes(node: Mapping[str, Any]) -> str:
    """A shape in words."""
    if "title" in node:
        return str(node["title"])
    if "$ref" in node:
        return "mapping"
    if "enum" in node:
        return ", ".join(f"`{word}`" for word in node["enum"])
    some = node.get("anyOf") or node.get("oneOf")
    if some:
        words = [_takes(one) for one in some if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    return _TYPES.get(str(node.get("type")), "anything")


def written(value: object, *, part: bool = False) -> str:
    """A value as a configuration writes it; what is empty or nothing, as nothing."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if value is None or value in ("", (), [], {}):
        return ""
    if part and isinstance(value, float):
        return f"{value:.0%}"
    return flow(value)


def flow(value: object) -> str:
    """A value as YAML on one line."""
    plain = _plain(value)
    text = yaml.safe_dump(plain, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").replace("'off'", "off")


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return spelled(value)
    if isinstance(value, SecretStr):
        return "•••"
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def fitting(key: Key, vocabulary: Vocabulary) -> tuple[Any, ...]:
    """A key's examples that are in the words of one connector, if it has any of these."""
    words = {one.key for one in (*vocabulary.matchers, *vocabulary.marks)} | {SET}
    return tuple(one for one in key.examples if _words(key, one) <= words) or key.examples


def _words(key: Key, value: Any) -> set[str]:  # noqa: ANN401  # an example is any YAML
    if key.path[-1] in {"stages", "outcomes"}:
        return {word for entry in value.values() for word in entry}
    return set(value) if key.path[-1] == "precedence" else set()


@dataclass(frozen=True, slots=True)
class There:
    """What a name in a key's path may be, where that is known; empty where nothing is known of it.

    Attributes:
        connectors: by tracker's name, its connector.
        stages: of the delivery process.
        rules: of check.
    """

    connectors: Mapping[str, str]
    stages: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def named(all_: Sequence[Key], name: str, there: There) -> tuple[Key, tuple[str, ...]]:
    """The key of this name, and the path that was meant: of a tracker by its name, of an entry of a mapping by its own.

    Args:
        all_: every key.
        name: ``limits.share``, ``trackers.jira.projects``, ``trackers.NAME.stages.build``, or just ``share``.
        there: which trackers, stages and rules there are.

    Raises:
        ConfigError: there is none; ``next_step`` has the nearest.
    """
    words = tuple(part for part in name.replace(MEMBER, f".{MEMBER}").split(".") if part)
    installed = {one.connector for one in all_}
    if words[:1] == (TRACKERS,) and there.connectors and not {NAME, *installed}.intersection(words[1:2]):
        _known("tracker", words[1:2], tuple(there.connectors))
    found = _exactly(all_, words, there.connectors)
    if found is not None:
        key, path = found
        kind, entries = ("rule", there.rules) if key.path[0] == "rules" else ("stage", there.stages)
        if key.path[-1] in {"rules", "stages", "outcomes"}:
            _known(kind, path[len(key.path) :][:1], entries)
    if found is None:
        ends = [one for one in all_ if one.path[-len(words) :] == words]
        if len({one.path for one in ends}) != 1:
            known = list(dict.fromkeys(one.name for one in (ends or all_)))
            hint = did_you_mean(name, known) or "trackersync config --all    every key there is"
            raise ConfigError(f'there is no key "{name}"', next_step=hint)
        found = ends[-1], ends[-1].path
    return found


def _known(kind: str, words: tuple[str, ...], known: Sequence[str]) -> None:
    """Make sure that a word is one of those there are, where these are known. Raises ``ConfigError``."""
    for word in words:
        if known and word not in known:
            raise ConfigError(f'there is no {kind} "{word}"', next_step=did_you_mean(word, known, "there are"))


def _exactly(
    all_: Sequence[Key], words: tuple[str, ...], connectors: Mapping[str, str]
) -> tuple[Key, tuple[str, ...]] | None:
    """The most special key that a path leads to; the rest of the path may name an entry of a mapping."""
    general, connector = words, ""
    if words[:1] == (TRACKERS,) and len(words) > 1:
        general = (TRACKERS, NAME, *words[2:])
        connector = connectors.get(words[1], words[1])
    for length in range(len(general), 0, -1):
        for one in reversed(all_):
            if one.path == general[:length] and one.connector in (
                "",
                connector,
                *([one.connector] * (words == general)),
            ):
                free = length == len(general) or (one.takes == "mapping" and not one.section)
                return (one, words) if free else None
    return None
