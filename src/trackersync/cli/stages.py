"""The command ``stages``: the delivery process, as it is or as another file has it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Config, Form, FormatName
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.report.text.screen import Screen


def stages(
    name: Annotated[str | None, typer.Argument(help="A stage or a phase, to see all of it.")] = None,
    config: Config = None,
    delivery: Annotated[
        str | None, typer.Option(metavar="PRESET|FILE", help="Another process than the configuration's.")
    ] = None,
    form: Form = FormatName.text,
) -> None:
    """Show the delivery process: its stages with role and outcome; one stage; or one phase beside the other.

    Example: trackersync stages deployment
    """
    with troubles(form.value):
        raise typer.Exit(_shown(Common(config, None, form.value), name, delivery))


def _shown(common: Common, name: str | None, delivery: str | None) -> Exit:
    """Show the configuration's delivery process, or the one named."""
    from trackersync.config import NAMES
    from trackersync.config import process as process_of
    from trackersync.registry import rules as installed_rules
    from trackersync.report.stages import stages_json, stages_text

    if delivery is None and (common.config is not None or any(Path(known).is_file() for known in NAMES)):
        process = configured(common).process
    else:
        process = process_of(delivery or "delivery", Path.cwd(), installed_rules())
    if common.format == "json":
        emit(stages_json(process, name))
    else:
        Screen.on(sys.stdout).draw(stages_text(process, name))
    return Exit.FINE
