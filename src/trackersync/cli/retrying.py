"""The command ``retry``: what a service holds or has set aside is due again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.options import Config, Form, FormatName, Store
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.report.text.screen import Screen


def retry(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK", help="Any keys of tasks; without one, everything, and deliveries too."),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Be done with the deliveries that could not be read, instead.")
    ] = False,
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
) -> None:
    """Have a service try again what it holds or has set aside; `trackersync status` shows that with its reasons.

    What is tried is guarded as ever. Sends nothing by itself. Example: trackersync retry SHOP-42
    """
    common = Common(config, store, form.value)
    with troubles(common.format):
        from trackersync.errors import ConfigError
        from trackersync.pipeline import serving
        from trackersync.pipeline.recall import recalled

        if drop and tasks:
            raise ConfigError("--drop is about deliveries, and not about tasks", next_step="trackersync retry --drop")
        # Without the store's turn: a service has it while it is at work, and each of this is one transaction.
        with recalled(configured(common)) as memory:
            said = serving.drop(memory) if drop else serving.retry(memory, tasks or ())
        if common.format == "json":
            emit({"done": said.done, "sentence": said.sentence})
        else:
            Screen.on(sys.stdout).say(said.sentence)
        raise typer.Exit(Exit.FINE)
