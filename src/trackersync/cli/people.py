"""``trackersync people``: who is who across the trackers, told from the store alone."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Config, Every, Form, FormatName, Store
from trackersync.cli.running import Common, configured, emit, troubles

if TYPE_CHECKING:
    from trackersync.config import Configuration


def people(
    name: Annotated[
        str | None, typer.Argument(help="A person, a login or an account's id, to see all of it.", show_default=False)
    ] = None,
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    every: Every = False,
) -> None:
    """Say who is who: whom an account belongs to and why, whom it could be, and how much open work each has.

    Tells what was last read and sends nothing. Example: trackersync people ada-l
    """
    common = Common(config, store, form.value, every)
    with troubles(common.format):
        _tell(common, name)
        raise typer.Exit(Exit.FINE)


def _tell(common: Common, name: str | None) -> None:
    import sys
    from datetime import UTC, datetime

    from trackersync.pipeline.recall import recalled
    from trackersync.report.people import only, people_record, roster_of
    from trackersync.report.text.people import lines, one_screen, people_screen
    from trackersync.report.text.screen import Screen

    configuration = configured(common)
    with recalled(configuration) as found:
        roster = roster_of(found.session.terms.people.identity, found.world)
    if name is not None:
        roster = only(roster, name)
    file, header = _written(configuration)
    if common.format == "json":
        emit(people_record(roster, every_task=name is not None, header=header))
        return
    screen, now = Screen.on(sys.stdout), datetime.now(UTC)
    if name is not None:
        one_screen(screen, roster, now)
    else:
        people_screen(screen, roster, now, every=common.every)
    lines(screen, roster, file, header, every=common.every or name is not None)
    steps = []
    if any(at is None for at in roster.read.values()):
        steps.append(("trackersync check", f"reads {' and '.join(roster.read)} into the store"))
    elif name is None and roster.known:
        steps.append((f"trackersync people {shlex.quote(roster.known[0].name)}", "one of them, with the open tasks"))
    screen.next(*((f"{step}{_named(common)}", does) for step, does in steps))


def _written(configuration: Configuration) -> tuple[str, list[str] | None]:
    """Where the people are configured: the file, and its columns where it is a table."""
    import csv

    from trackersync.config.settings import PeopleFile

    people = configuration.settings.people
    if not isinstance(people, PeopleFile):
        return configuration.file.name, None
    with (configuration.file.parent / people.file).open(encoding="utf-8-sig", newline="") as table:
        header = next((cells for cells in csv.reader(table) if any(cell.strip() for cell in cells)), [])
    return people.file, [cell.strip() for cell in header]


def _named(common: Common) -> str:
    """The options that named the configuration and the store, for commands that can be pasted."""
    options = {"--config": common.config, "--store": common.store}
    return "".join(f" {option} {shlex.quote(str(value))}" for option, value in options.items() if value)
