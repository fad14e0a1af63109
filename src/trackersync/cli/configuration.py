"""``trackersync config``: the configuration as it holds, one key explained, and all that is made of the models."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Config, Form, FormatName, Store
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackersync.config import Configuration
    from trackersync.config.holding import Held
    from trackersync.config.keys import Key, There
    from trackersync.report.configuration import Explained, Line

_BY_WORD = 2
"""Blanks before a key in an example."""


def config(
    key: Annotated[
        str | None, typer.Argument(help="A key, to see what it is for: limits.share.", show_default=False)
    ] = None,
    config: Config = None,
    store: Store = None,
    every: Annotated[bool, typer.Option("--all", help="Every key, also those left at their default.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON schema, for editors that complete.")] = False,
    process_schema: Annotated[
        bool, typer.Option("--process-schema", help="The JSON schema of a delivery process.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="A configuration with every key in it.")] = False,
    reference: Annotated[bool, typer.Option("--reference", help="The reference page, in Markdown.")] = False,
    form: Form = FormatName.text,
) -> None:
    """Show the configuration as it holds, and which file or variable says so; or explain one key.

    Reads the files alone and sends nothing. Example: trackersync config limits.share
    """
    with troubles(form.value):
        made = [name for name, asked in zip(_MADE, (schema, process_schema, example, reference), strict=True) if asked]
        if made:
            _print(made, asked_more=key is not None or every)
        else:
            _tell(Common(config, store, form.value, every), key)
        raise typer.Exit(Exit.FINE)


_MADE = ("--schema", "--process-schema", "--example", "--reference")


def _print(made: Sequence[str], *, asked_more: bool) -> None:
    """One of the texts that are made of the models; none of them depends on a configuration."""
    from trackersync.config.described import process_schema, schema, schema_text
    from trackersync.config.example import example
    from trackersync.config.reference import reference
    from trackersync.registry import discover, rules

    if len(made) > 1 or asked_more:
        raise ConfigError(f"{made[0]} is printed by itself", next_step=f"trackersync config {made[0]}")
    text = {
        "--schema": lambda: schema_text(schema(discover(), rules())),
        "--process-schema": lambda: schema_text(process_schema(rules())),
        "--example": lambda: example(discover()),
        "--reference": lambda: reference(discover()),
    }[made[0]]()
    typer.echo(text, nl=False)


def _tell(common: Common, name: str | None) -> None:
    from trackersync.config.holding import held, left
    from trackersync.config.keys import keys
    from trackersync.registry import discover
    from trackersync.report.configuration import holding_record
    from trackersync.report.names import count
    from trackersync.report.text.configuration import holding_screen
    from trackersync.report.text.screen import Screen

    all_ = keys(discover())
    if name is not None:
        _explain(common, all_, name)
        return
    found = configured(common)
    lines = [_line(one) for one in (*held(found), *(left(found, all_) if common.every else ()))]
    files = [found.name, *found.origin.folders]
    if common.format == "json":
        emit(holding_record(files, lines))
        return
    screen = Screen.on(sys.stdout)
    people = [count(len(found.people), "person").replace("persons", "people")] if found.people else []
    trackers, stages = count(len(found.trackers), "tracker"), count(len(found.process.stages), "stage")
    holding_screen(screen, [", ".join(files), trackers, f"{stages} of `{found.process.name}`", *people, "sound"], lines)
    named = f" --config {shlex.quote(str(common.config))}" if common.config else ""
    steps = [(f"trackersync config limits.share{named}", "what one key is for")]
    if not common.every:
        steps.append((f"trackersync config --all{named}", "defaults too"))
    screen.next(*steps)


def _explain(common: Common, all_: Sequence[Key], name: str) -> None:
    from trackersync.config import NAMES
    from trackersync.config.keys import named
    from trackersync.report.configuration import key_record
    from trackersync.report.text.configuration import key_screen
    from trackersync.report.text.screen import Screen

    found: Configuration | None = None
    try:
        found = configured(common)
    except ConfigError:
        # What a key is for is asked while the file is being mended, or before there is one.
        if common.config is not None and not common.config.is_file():
            raise
    key, path = named(all_, name, _there(found))
    one = _explained(all_, key, path, found)
    if common.format == "json":
        emit(key_record(one))
        return
    screen = Screen.on(sys.stdout)
    key_screen(screen, one)
    named_ = f" --config {shlex.quote(str(common.config))}" if common.config else ""
    steps = [(f"trackersync config{named_}", "what holds here")] if found else []
    if key.path == ("rules",):
        steps = [(f"trackersync rules {path[1]}" if len(path) > 1 else "trackersync rules", "what can be set of it")]
    elif found is None:
        there = common.config is not None or any(Path(known).is_file() for known in NAMES)
        steps = [("trackersync config --example", "a configuration with every key in it")]
        if there:
            steps.insert(0, (f"trackersync config{named_}", "what is wrong with the configuration"))
    screen.next(*steps)


def _there(found: Configuration | None) -> There:
    """What names are known: of trackers and stages, where a configuration was read."""
    from trackersync.config.keys import There
    from trackersync.registry import rules

    names = tuple(rule.name for rule in rules())
    if found is None:
        return There({}, rules=names)
    connectors = {name: part.connector for name, part in found.trackers.items()}
    return There(connectors, tuple(stage.key for stage in found.process.stages), names)


def _explained(all_: Sequence[Key], key: Key, path: tuple[str, ...], found: Configuration | None) -> Explained:
    from trackersync.config.holding import at
    from trackersync.config.keys import MEMBER, NAME, TRACKERS, fitting
    from trackersync.report.configuration import Explained

    paths = [path]
    if NAME in path and found is not None:
        parts = found.trackers.items()
        paths = [(TRACKERS, one, *path[2:]) for one, part in parts if key.connector in ("", part.connector)]
    here: list[Held] = [one for some in paths if found is not None and (one := at(found, some)) is not None]
    below = [one for one in all_ if len(one.path) > len(key.path) and one.path[: len(key.path)] == key.path]
    least = min((len(one.path) for one in below), default=0)
    settable = path != ("include",) and MEMBER not in path and not key.section and not any(" " in word for word in path)
    plugin = found.plugins.get(path[1]) if found is not None and path[0] == TRACKERS and path[1:] else None
    return Explained(
        ".".join(path).replace(f".{MEMBER}", MEMBER),
        key.takes,
        key.connector,
        key.description,
        key.default,
        key.needed,
        "TRACKERSYNC_" + "__".join(path).upper().replace("-", "_") if settable else "",
        [_line(one) for one in here],
        [(one.name, one.description) for one in below if len(one.path) <= least + 1] if key.section else [],
        _example(key, path, fitting(key, plugin.vocabulary) if plugin else key.examples),
    )


def _example(key: Key, path: tuple[str, ...], examples: Sequence[Any]) -> str:
    """A key's example where it stands in a configuration; of a member of a list, the list."""
    from trackersync.config.keys import KEY, MEMBER, flow

    if not examples:
        return ""
    words = [word for word in path[: len(key.path)] if word != KEY]
    lines, indent = list[str](), 0
    for word in words[:-1]:
        if word == MEMBER:
            lines.append(" " * indent + "- " + f"{words[-1]}: {flow(examples[0])}")
            return "\n".join(lines)
        lines.append(f"{' ' * indent}{word}:")
        indent += _BY_WORD
    lines.append(f"{' ' * indent}{words[-1]}: {flow(examples[0])}")
    return "\n".join(lines)


def _line(one: Held) -> Line:
    from trackersync.config.keys import flow
    from trackersync.report.configuration import Line

    value: Any = one.value
    text = value if isinstance(value, str) else "" if value is None else flow(value)
    return Line(one.key, text, value, one.source)
