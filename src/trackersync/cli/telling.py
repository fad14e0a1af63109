"""The commands that tell what was, and send nothing: ``explain``, ``runs``, ``status`` and ``conflicts``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.options import Config, Every, Form, FormatName, Store
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from trackersync.pipeline.telling import Telling

LATEST = 20
"""So many runs are listed, unless all are asked for."""

Requests = Annotated[bool, typer.Option("--verbose", "-v", help="The requests of our writes, with the vendor's ids.")]


def explain(
    key: Annotated[str, typer.Argument(help="Any key of the task: SHOP-42, shop#17, acme/shop#17.")],
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    verbose: Requests = False,
) -> None:
    """Tell a task's story: what moved where and when, which rule decided, what was written, what came back.

    Reads only what is remembered; sends nothing. Example: trackersync explain SHOP-42
    """
    common = Common(config, store, form.value, verbose=verbose)
    with _remembered(common) as telling:
        from trackersync.report.story import story_record
        from trackersync.report.text.story import story_screen

        story = telling.story(key)
        if common.format == "json":
            emit(story_record(story))
        else:
            _draw(common, lambda screen: story_screen(screen, story, verbose=verbose))


def runs(
    run: Annotated[int | None, typer.Argument(min=1, max=2**63 - 1, help="One run, with all that it planned.")] = None,
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    every: Every = False,
    verbose: Requests = False,
) -> None:
    """List the runs, latest first; or show one: its changes, what became of them, why it was held.

    Reads only what is remembered; sends nothing. Example: trackersync runs 2
    """
    common = Common(config, store, form.value, every, verbose=verbose)
    with _remembered(common) as telling:
        from trackersync.report.runs import run_record, runs_record
        from trackersync.report.text.runs import run_screen, runs_screen

        if run is None:
            listed = telling.runs(None if every else LATEST)
            if common.format == "json":
                emit(runs_record(listed))
            else:
                runs_screen(Screen.on(sys.stdout), listed, telling.now)
            return
        told = telling.run(run)
        if common.format == "json":
            emit(run_record(told))
        else:
            _draw(common, lambda screen: run_screen(screen, told, telling.now, every=every, verbose=verbose))


def status(config: Config = None, store: Store = None, form: Form = FormatName.text) -> None:
    """Say how fresh each tracker's picture is, what is in doubt, what waits and how long; and how a service does.

    Reads only what is remembered; sends nothing. Example: trackersync status
    """
    common = Common(config, store, form.value)
    with troubles(common.format):
        from trackersync.pipeline.recall import recalled
        from trackersync.pipeline.serving import served
        from trackersync.pipeline.telling import Telling
        from trackersync.pipeline.upkeep import quiet_for
        from trackersync.report.status import status_record
        from trackersync.report.text.status import status_screen

        configuration = configured(common)
        with recalled(configuration) as memory:
            telling = Telling(memory)
            service = served(configuration, memory.session.store, telling.now, telling.called)
            quiet = quiet_for(configuration, memory.session.store, telling.now)
            told = replace(telling.status(), served=service, quiet=quiet)
        if common.format == "json":
            emit(status_record(told))
        else:
            _draw(common, lambda screen: status_screen(screen, told))


def conflicts(config: Config = None, store: Store = None, form: Form = FormatName.text, every: Every = False) -> None:
    """List what waits for a person to settle, who says what, and what was settled lately.

    Reads only what is remembered; sends nothing. Example: trackersync conflicts
    """
    common = Common(config, store, form.value, every)
    with _remembered(common) as telling:
        from trackersync.report.conflicts import conflicts_record
        from trackersync.report.text.conflicts import conflicts_screen

        waiting, settled = telling.disputes(), telling.settled()
        if common.format == "json":
            emit(conflicts_record(waiting, settled))
        else:
            _draw(
                common,
                lambda screen: conflicts_screen(screen, waiting, settled, telling.trackers, telling.now, every=every),
            )


@contextmanager
def _remembered(common: Common) -> Iterator[Telling]:
    """What the store of a configuration remembers; every trouble is told as by any command."""
    with troubles(common.format):
        from trackersync.pipeline.recall import recalled
        from trackersync.pipeline.telling import Telling

        with recalled(configured(common)) as memory:
            yield Telling(memory)


def _draw(common: Common, screen_of: Callable[[Screen], list[tuple[str, str]]]) -> None:
    """Draw a screen, and its next commands with the options that named the configuration and the store."""
    screen = Screen.on(sys.stdout)
    steps = screen_of(screen)
    named = [f"--config {common.config}"] if common.config else []
    named += [f"--store {common.store}"] if common.store else []
    screen.next(*((" ".join([command, *named]), does) for command, does in steps))
