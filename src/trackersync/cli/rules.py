"""``trackersync rules``: the rules of check as they hold here; from the configuration alone, nothing is sent."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Config
from trackersync.cli.running import Common, configured, containers, emit, troubles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackersync.config import Configuration
    from trackersync.core.diagnose import AnyRule, Rulebook

KEY = "SHOP-42"
"""A task's key where no configuration tells how they look."""


class RulesForm(StrEnum):
    """How ``rules`` answers."""

    text = "text"
    json = "json"
    markdown = "markdown"


def rules(
    name: Annotated[
        str | None, typer.Argument(help="A rule, to see all of it; or a family: ownership.", show_default=False)
    ] = None,
    config: Config = None,
    form: Annotated[
        RulesForm, typer.Option("--format", help="text for people, json for machines, markdown as documentation.")
    ] = RulesForm.text,
) -> None:
    """List the rules of `check` as they hold here; or show one: what it finds, why it matters, how to silence it.

    Without a configuration, and as markdown, as they ship. Example: trackersync rules no-owner
    """
    with troubles("json" if form is RulesForm.json else "text"):
        _tell(Common(config, None, "text"), name, form)
        raise typer.Exit(Exit.FINE)


def _tell(common: Common, name: str | None, form: RulesForm) -> None:
    import sys
    from datetime import UTC, datetime, timedelta

    from trackersync.report.rules import Entry, entries, named, rule_record, rule_section, rules_page, rules_record
    from trackersync.report.text.rules import rule_screen, rules_screen
    from trackersync.report.text.screen import Screen

    configuration = None if form is RulesForm.markdown else _configuration(common)
    book = _rulebook(configuration)
    all_ = entries(book, _unmet(configuration, book.rules) if configuration else ())
    found = named(all_, name) if name is not None else all_
    if form is RulesForm.json:
        emit(rule_record(found) if isinstance(found, Entry) else rules_record(found))
    elif form is RulesForm.markdown:
        typer.echo(rule_section(found) if isinstance(found, Entry) else rules_page(found), nl=isinstance(found, Entry))
    else:
        screen = Screen.on(sys.stdout)
        until = (datetime.now(UTC) + timedelta(days=30)).date()
        steps = (
            rule_screen(screen, found, _key(configuration), until)
            if isinstance(found, Entry)
            else rules_screen(screen, found)
        )
        named_ = f" --config {shlex.quote(str(common.config))}" if common.config else ""
        screen.next(*((f"{step}{named_}", does) for step, does in steps))


def _configuration(common: Common) -> Configuration | None:
    """The configuration that is named or lies here; None where there is none."""
    from trackersync.config import NAMES

    if common.config is None and not any(Path(known).is_file() for known in NAMES):
        return None
    return configured(common)


def _rulebook(configuration: Configuration | None) -> Rulebook:
    """The rules as they hold; without a configuration as they ship."""
    from trackersync.core.diagnose import Rulebook
    from trackersync.registry import rules as installed

    return configuration.rulebook if configuration is not None else Rulebook(installed())


def _unmet(configuration: Configuration, rules: Iterable[AnyRule]) -> frozenset[str]:
    """What rules need that neither a tracker nor the configuration itself has."""
    places = [*configuration.trackers.values(), configuration.settings]
    needs = {rule.needs for rule in rules if rule.needs}
    return frozenset(need for need in needs if not any(_has(place, need) for place in places))


def _has(place: object, need: str) -> bool:
    """Whether settings have what ``evidence: [relations]`` or ``outcomes`` says; any other words are taken as there."""
    import yaml

    try:
        wanted: Any = yaml.safe_load(need)
    except yaml.YAMLError:
        return True
    if isinstance(wanted, str) and wanted.isidentifier():
        return bool(getattr(place, wanted, None))
    if not isinstance(wanted, dict):
        return True
    return all(_covers(getattr(place, str(key), None), value) for key, value in wanted.items())


def _covers(there: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return isinstance(there, (tuple, list, set, frozenset)) and set(wanted) <= set(there)
    return there == wanted


def _key(configuration: Configuration | None) -> str:
    """The key of a task as this team's look."""
    names = [name for some in containers(configuration).values() for name in some] if configuration else []
    plain = next((name for name in names if not set(name) & set("*?[!")), None)
    if plain is None:
        return KEY
    return f"{plain}#42" if "/" in plain else f"{plain}-42"
