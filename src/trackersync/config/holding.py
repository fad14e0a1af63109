"""What a configuration holds, key by key, and which file, variable or option says so; with no credential in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from trackersync.config.document import shown
from trackersync.config.excerpt import masked
from trackersync.config.faults import Path, dotted, secret_path
from trackersync.config.keys import MEMBER, NAME, TRACKERS, Key
from trackersync.config.load import Configuration
from trackersync.core.masking import MASK, masked_address

DEFAULT = "default"
_WORDS = frozenset({"on", "off"})
"""What YAML 1.1 reads as true and false, and a reader of a rule or a direction does not."""
_ENTRIES = frozenset({"stages", "outcomes"})


@dataclass(frozen=True, slots=True)
class Held:
    """A key that says something here.

    Attributes:
        key: dotted: ``trackers.github.stages.build``.
        value: as written: texts that hold a variable before it is expanded, credentials as ``•••``.
        source: ``trackersync.yaml:38``, a variable, an option, or ``default``.
    """

    key: str
    value: Any
    source: str


def held(configuration: Configuration) -> tuple[Held, ...]:
    """Everything that is written somewhere, in the order of the files."""
    return tuple(_held(configuration, configuration.written, ()))


def left(configuration: Configuration, keys: Sequence[Key]) -> tuple[Held, ...]:
    """Every other key of this configuration with its default; None where it has none."""
    connectors = {name: part.connector for name, part in configuration.trackers.items()}
    here = {one.key for one in held(configuration)}
    found: dict[str, Held] = {}
    for key in keys:
        if key.section or key.needed or MEMBER in key.path or key.path[:2] == ("people", "file"):
            continue
        trackers = connectors if NAME in key.path else {"": key.connector}
        for name, connector in trackers.items():
            where = ".".join(key.path).replace(NAME, name)
            whole = any(one == where or one.startswith((f"{where}.", f"{where}[")) for one in here)
            above = any(where.startswith(f"{one}.") for one in here)
            if key.connector in ("", connector) and not whole and not above:
                found[where] = Held(where, key.default or None, DEFAULT)
    return tuple(found.values())


def at(configuration: Configuration, path: Path) -> Held | None:
    """What stands at a path; None where nothing does."""
    value: Any = configuration.written
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    origin = configuration.origin
    source = origin.overriding(path) or origin.source(path)
    return Held(dotted(path), told(configuration, value, path), source)


def _held(configuration: Configuration, value: Any, path: Path) -> Iterator[Held]:  # noqa: ANN401  # any YAML
    if isinstance(value, Mapping) and value and not _whole(path):
        for key, one in value.items():
            yield from _held(configuration, one, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value) and not _whole(path):
        for place, one in enumerate(value):
            yield from _held(configuration, one, (*path, place))
    else:
        origin = configuration.origin
        # Of what is shown whole, a variable may decide a part only: that is what is looked for.
        yield Held(dotted(path), told(configuration, value, path), origin.within(path) or origin.source(path))


def _whole(path: Path) -> bool:
    """What is one thing to a reader: a stage's entry, a person, a silence, a rule."""
    if path[:1] == (TRACKERS,):
        return len(path) > 3 and (path[2] in _ENTRIES or len(path) > 4)
    return len(path) == 2 and path[0] in {"people", "silence", "rules"}


def told(configuration: Configuration, value: Any, path: Path) -> Any:  # noqa: ANN401  # any YAML
    """A value as it may be shown."""
    if isinstance(value, Mapping):
        return {key: told(configuration, one, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [told(configuration, one, (*path, place)) for place, one in enumerate(value)]
    origin = configuration.origin
    if isinstance(value, bool) and origin.document.written.get(path) in _WORDS:
        return origin.document.written[path]
    if not isinstance(value, str | SecretStr):
        return MASK if secret_path(path) and not isinstance(value, bool) and value is not None else value
    if origin.overriding(path):
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
    else:
        text = shown(origin.document, path)
    if path == ("store",):
        return masked_address(text)
    return MASK if secret_path(path) and origin.overriding(path) else masked(text)
