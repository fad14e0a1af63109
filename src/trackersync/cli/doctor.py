"""``trackersync doctor``: everything that could be wrong with the set-up, each trouble with its cure."""

from __future__ import annotations

import re
import shlex
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import PRECEDENCE, Exit
from trackersync.cli.options import Config, Form, FormatName, Quiet, Store, Verbose
from trackersync.cli.running import Common, configured, emit, log_request, troubles
from trackersync.core.examination import Examination, Grade, worst
from trackersync.errors import ConfigError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from trackersync.config import Configuration
    from trackersync.core.examination import Check


_COMMAND = re.compile(r"(?:^|(?<=: ))trackersync(?: [a-z][a-z-]*)+(?![\w-])")
"""A command of ours in a remedy, without its options: at the beginning, or after what it is for."""


def doctor(
    config: Config = None,
    store: Store = None,
    tracker: Annotated[
        str | None, typer.Option("--tracker", metavar="NAME", help="Examine this tracker and nothing else.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors do.")] = False,
    form: Form = FormatName.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Examine the set-up: configuration, trackers, credentials, permissions, mapping, people, store.

    Reads only. Ends with 0 unless a check is an error: 2 for the configuration, 4 for a tracker or its credential, else
    1. Example: trackersync doctor --tracker jira
    """
    common = Common(config, store, form.value, quiet=quiet, verbose=verbose)
    with troubles(common.format):
        raise typer.Exit(_tell(common, tracker, strict=strict))


def _tell(common: Common, tracker: str | None, *, strict: bool) -> Exit:
    import asyncio
    import sys
    from datetime import UTC, datetime

    from trackersync.cli.progress import Lines
    from trackersync.pipeline.examining import examined
    from trackersync.report.doctor import doctor_record
    from trackersync.report.text.doctor import TROUBLE, doctor_screen
    from trackersync.report.text.screen import Screen

    configuration = configured(common)
    if tracker is not None and tracker not in configuration.trackers:
        raise _unknown(tracker, configuration)
    with _busy(common, configuration, tracker):
        log, lines = (log_request, Lines()) if common.verbose else (None, None)
        examination = _pasted(asyncio.run(examined(configuration, only=tracker, log=log, progress=lines)), common)
    code, now = exit_of(examination, strict=strict), datetime.now(UTC)
    if common.format == "json":
        emit(doctor_record(examination, configuration.name, now, code))
    elif not common.quiet or any(check.grade in TROUBLE for check in examination.checks):
        grades = TROUBLE if common.quiet else frozenset(Grade)
        doctor_screen(Screen.on(sys.stdout), examination, configuration.name, now, grades=grades)
    return code


def exit_of(examination: Examination, *, strict: bool) -> Exit:
    """What an examination ends with: by where the errors are, with ``strict`` also the warnings."""
    bad = {Grade.ERROR, Grade.WARNING} if strict else {Grade.ERROR}
    codes = {
        Exit.UNREACHABLE if section.tracker else Exit.USAGE if section.name == "configuration" else Exit.FINDINGS
        for section in examination.sections
        if worst(section.checks) in bad
    }
    return next((code for code in PRECEDENCE if code in codes), Exit.FINE)


def _pasted(examination: Examination, common: Common) -> Examination:
    """The same with commands that can be pasted: with the options that named the configuration and the store."""
    from trackersync.core.masking import masked_address

    options = {"--config": common.config, "--store": common.store}
    named = "".join(
        f" {option} {shlex.quote(masked_address(str(value)))}" for option, value in options.items() if value
    )

    def whole(check: Check) -> Check:
        return replace(check, remedy=_COMMAND.sub(lambda found: found[0] + named, check.remedy))

    return Examination(
        tuple(replace(section, checks=tuple(map(whole, section.checks))) for section in examination.sections)
    )


def _unknown(tracker: str, configuration: Configuration) -> ConfigError:
    from trackersync.core.nearest import did_you_mean

    hint = did_you_mean(tracker, configuration.trackers, "there are")
    return ConfigError(f'--tracker: no tracker is called "{tracker}"', next_step=hint)


def _busy(common: Common, configuration: Configuration, tracker: str | None) -> AbstractContextManager[object]:
    """A sign of life on a terminal, since a tracker that hangs is waited for."""
    import sys

    if common.format != "text" or common.quiet or common.verbose or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    asked = tracker or " and ".join(configuration.trackers)
    return Console(stderr=True).status(f"examining {asked}")
