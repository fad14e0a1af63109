"""``trackersync preview``: what a changed configuration would do, told from the store alone."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Every, Form, FormatName, Quiet, Store
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.errors import ConfigError

if TYPE_CHECKING:
    from trackersync.config import Configuration
    from trackersync.pipeline.preview import Foreseen
    from trackersync.report.text.preview import Told

Step = tuple[str, str]
"""A command, and what it does."""

New = Annotated[
    Path | None, typer.Option("--config", metavar="NEW", help="The changed configuration. Default: as for `check`.")
]
Against = Annotated[
    Path | None, typer.Option("--against", metavar="OLD", help="The present configuration. Default: as for `check`.")
]


def preview(
    config: New = None,
    against: Against = None,
    store: Store = None,
    form: Form = FormatName.text,
    every: Every = False,
    quiet: Quiet = False,
) -> None:
    """Show what a changed mapping, process or policy would do: stages, findings and plan, before and after.

    Judges what was last read and sends nothing; the store stays as it is.

    Example: trackersync preview --config new.yaml
    """
    common = Common(config, store, form.value, every, quiet)
    with troubles(common.format):
        tell(common, against, *judge(common, against))
        raise typer.Exit(Exit.FINE)


def judge(common: Common, against: Path | None) -> tuple[Configuration, Configuration, Foreseen]:
    """The present configuration and the changed one, and what the change would do; says nothing yet.

    Args:
        common: what every command shares; its configuration is the changed one.
        against: the present one, where it is not where it is always found.

    Raises:
        ConfigError: one of the two is missing or has mistakes.
        StoreError: there is no store to judge by.
    """
    from trackersync.pipeline.preview import foreseen

    if common.config is None and against is None:
        raise ConfigError(
            "a preview needs two configurations: the present one and a changed one",
            next_step="trackersync preview --config NEW    (or --against OLD, where the file was changed in place)",
        )
    old = _present(common, against)
    new = configured(Common(common.config, None, common.format))
    if common.config is None and common.store is None:
        # An earlier version is compared with, which may lie anywhere: the store is where the file in place says.
        old = replace(old, store=new.store)
    return old, new, foreseen(old, new)


def told_of(old: Configuration, new: Configuration, found: Foreseen) -> Told:
    """What a report says besides the two judgements."""
    from trackersync.report.text.preview import Told

    changed = tuple((one.part, one.words) for one in found.changed)
    return Told(old.name, new.name, changed, found.decides, found.unread, found.partly, found.now)


def tell(common: Common, against: Path | None, old: Configuration, new: Configuration, found: Foreseen) -> None:
    """Say what the change would do."""
    from trackersync.report.preview import preview_record
    from trackersync.report.text.preview import preview_screen
    from trackersync.report.text.screen import Screen

    told = told_of(old, new, found)
    if common.format == "json":
        emit(preview_record(found.preview, told))
    elif not common.quiet or not found.preview.alike:
        screen = Screen.on(sys.stdout)
        preview_screen(screen, found.preview, told, every=common.every)
        screen.next(*_steps(common, against, old, new, found))


def _present(common: Common, against: Path | None) -> Configuration:
    """The configuration to compare with; it is the one whose store is read. Raises ``ConfigError``."""
    if against is not None and not against.is_file():
        raise ConfigError(f"there is no configuration file {against}", next_step="check the path given with --against")
    try:
        return configured(Common(against, common.store, common.format))
    except ConfigError as error:
        if against is None and not error.problems:
            raise ConfigError(str(error), next_step="name the present configuration with --against OLD") from error
        raise


def _steps(common: Common, against: Path | None, old: Configuration, new: Configuration, found: Foreseen) -> list[Step]:
    """What can be done next, in the order it is to be done, with the file that is then the present one."""
    if found.preview.alike and not found.changed and not found.unread:
        return []
    steps: list[Step] = []
    file, there = against, common.store
    if common.config is None:
        # It was changed in place, and is found as always.
        file = None
    elif _instead(old, new):
        new_file, old_file = shlex.quote(new.name), shlex.quote(old.name)
        steps.append((f"cp {old_file} {old_file}.bak && cp {new_file} {old_file}", "take the changed one"))
    else:
        file = common.config
    options = [f"--config {shlex.quote(str(file))}"] if file is not None else []
    options += [f"--store {shlex.quote(there)}"] if there else []
    if found.unread or found.partly:
        steps.append((" ".join(["trackersync check", *options]), "then: reads what was not read yet"))
    elif not found.preview.alike:
        does = "then: what would be written, as the trackers are by now"
        steps.append((" ".join(["trackersync plan", *options]), does))
    return steps


def _instead(old: Configuration, new: Configuration) -> bool:
    """Whether the changed file can take the other's place: it stands alone, beside it, and means the same store."""
    alone = not new.origin.folders
    beside = old.file != new.file and old.file.parent == new.file.parent
    return alone and beside and old.store == new.store
