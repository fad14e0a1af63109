"""A configuration with every key there is, each with what it is for: the models' own words, and values that load.

What cannot stand beside what is chosen already, such as a second kind of credential, is a comment. Which that is, is
tried, so that the example is sound by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as File
from textwrap import wrap
from typing import Any

from trackersync.config.described import FILE, Installed, plugins_of
from trackersync.config.document import Document
from trackersync.config.including import INCLUDE
from trackersync.config.keys import MEMBER, NAME, TRACKERS, Key, flow, keys
from trackersync.config.origin import Origin
from trackersync.config.process import process
from trackersync.config.trackers import tracker
from trackersync.connector import Plugin

WIDE = 110
_SHOWN = ("precedence", "hands_off", "stages", "outcomes")
_GLUE = "\xa0"
HEAD = f"""\
# yaml-language-server: $schema=../{FILE}
#
# Every key there is, with a value that may stand there. A real file needs few of them: what is left out has its
# default. A commented key cannot stand beside one above it. Made from the code by `trackersync config --example`;
# what files, variables and secrets have to do with each other is in docs/configuration.md.
"""


def example(registry: Installed) -> str:
    """The text of the example."""
    all_ = keys(registry)
    lines = HEAD.splitlines()
    for key in (one for one in all_ if len(one.path) == 1):
        lines += ["", *said(key, 0)]
        below = [one for one in all_ if one.path[:1] == key.path and one is not key]
        if key.path == (TRACKERS,):
            lines.append("trackers:")
            for name, plugin in plugins_of(registry).items():
                lines += _tracker(name, plugin, below, registry)
        elif key.section and not key.examples:
            lines += [f"{key.path[0]}:", *_section(below, key.path, 2)]
        else:
            lines += [line for one in below for line in said(one, 0, f"  `{one.path[-1]}`: ")]
            # No file lies beside the example.
            lines += _valued(key.path[0], key.examples[0], "# " if key.path == (INCLUDE,) else "")
    return "\n".join(lines) + "\n"


def said(key: Key, indent: int, before: str = "") -> Iterator[str]:
    """What a key is for, as comments."""
    words = key.description.rstrip(".") + "."
    if key.default and not key.section and key.default not in words:
        words += f" By default `{key.default.replace(' ', _GLUE)}`."
    for line in wrap(before + words, WIDE - indent, break_long_words=False, break_on_hyphens=False):
        yield f"{' ' * indent}# {line.replace(_GLUE, ' ')}"


def _section(below: Iterable[Key], path: tuple[str, ...], indent: int) -> Iterator[str]:
    """The keys of a section, and the sections in it."""
    some = list(below)
    for key in (one for one in some if one.path[:-1] == path):
        yield from said(key, indent)
        deeper = [one for one in some if one.path[: len(key.path)] == key.path and one is not key]
        if deeper and MEMBER not in deeper[0].path:
            yield f"{' ' * indent}{key.path[-1]}:"
            yield from _section(deeper, key.path, indent + 2)
        else:
            yield f"{' ' * indent}{key.path[-1]}: {flow(key.examples[0])}"


def _tracker(name: str, plugin: Plugin, below: Iterable[Key], registry: Installed) -> Iterator[str]:
    """A tracker with every key of its connector."""
    documented: dict[tuple[str, ...], Key] = {}
    for key in below:
        if key.connector in ("", name):
            documented[key.path] = key
    tops = [documented[TRACKERS, NAME, field] for field in plugin.settings.model_fields]
    part = _chosen(name, tops, documented.values(), registry)
    yield f"  {name}:"
    for key in tops:
        yield from said(key, 4)
        word, stands = key.path[-1], key.path[-1] in part
        mark, deeper = "" if stands else "# ", [one for one in documented.values() if one.path[:-1] == key.path]
        if not deeper:
            yield from _valued(word, part.get(word, _samples(key, name)[0]), f"    {mark}")
            continue
        yield f"    {mark}{word}:"
        for one in deeper:
            yield from said(one, 6) if stands else said(one, 4, "  ")
            yield f"    {mark}  {one.path[-1]}: {flow(_samples(one, name)[0])}"


def _valued(word: str, value: object, before: str) -> Iterator[str]:
    """A key with its value; a mapping of mappings has a line for each."""
    if isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()):
        yield f"{before}{word}:"
        yield from (f"{before}  {key}: {flow(one)}" for key, one in value.items())
    else:
        yield f"{before}{word}: {flow(value)}"


def _chosen(name: str, tops: list[Key], all_: Iterable[Key], registry: Installed) -> dict[str, Any]:
    """By key, a value for each of as many keys as can stand beside each other: needed ones, then in their order."""
    part = {key.path[-1]: _samples(key, name)[0] for key in tops if key.needed}
    faults = _judge(name, registry)
    nested: dict[str, dict[str, Any]] = {}
    for key in all_:
        if len(key.path) == 4:
            nested.setdefault(key.path[2], {})[key.path[3]] = _samples(key, name)[0]
    # What an issue shows can only stand where it is read.
    for key in sorted(tops, key=lambda one: one.path[-1] in _SHOWN):
        word = key.path[-1]
        for value in [nested[word]] if word in nested else _samples(key, name):
            if word not in part and faults({**part, word: value}) <= faults(part):
                part[word] = value
    return part


def _samples(key: Key, connector: str) -> list[Any]:
    """A key's values, the one that names the connector first."""
    return sorted(key.examples, key=lambda value: connector.upper() not in str(value).upper())


def _judge(name: str, registry: Installed) -> Callable[[Mapping[str, Any]], set[tuple[object, str]]]:
    """What is wrong with a tracker's part."""
    nowhere, stages = Origin(Document("", None, {}, {}, {})), process("delivery")

    def faults(part: Mapping[str, Any]) -> set[tuple[object, str]]:
        found = tracker(name, part, registry, stages, beside=lambda _: File(), origin=nowhere)
        return {(one.path, one.message) for one in found.faults}

    return faults
