"""What every command shares: open the configuration, run the road, and turn every named trouble into a sentence."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import typer

from trackersync.cli.exits import Exit
from trackersync.errors import AuthError, ConfigError, StoreError, TrackersyncError, UnavailableError
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from trackersync.config import Configuration
    from trackersync.core.diagnose import Rulebook
    from trackersync.core.outcome import Outcome
    from trackersync.core.terms import Terms
    from trackersync.pipeline import Order

_UNSEEN = re.compile(r"[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Letters that nobody sees and that turn what stands beside them around: they would command a terminal."""
Format = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Common:
    """The options that most commands share."""

    config: Path | None
    store: str | None
    format: Format
    every: bool = False
    quiet: bool = False
    verbose: bool = False


def configured(common: Common) -> Configuration:
    """The configuration these options name. Raises ``ConfigError``."""
    from trackersync.config import load
    from trackersync.registry import discover, rules

    return load(common.config, registry=discover(), rules=rules(), store=common.store)


def recall(configuration: Configuration, rulebook: Rulebook) -> Outcome:
    """What the store holds, diagnosed by these rules; sends nothing."""
    from trackersync.core.outcome import Outcome
    from trackersync.pipeline.diagnosing import remember
    from trackersync.pipeline.recall import recalled

    with recalled(configuration, rulebook=rulebook) as found:
        if all(look.since is None for look in found.world.looks.values()) and not found.world.tasks:
            raise ConfigError(
                "nothing was read yet that could be judged", next_step="trackersync check    reads the trackers"
            )
        return Outcome(found.world, before=remember(found.session, found.world), offline=True)


def walk(
    common: Common, configuration: Configuration, order: Order, rulebook: Rulebook | None = None
) -> tuple[Outcome, Terms]:
    """Run the road once, with progress on a terminal; Ctrl-C and SIGTERM end it in order.

    ``rulebook`` are the rules, where they are others than the configuration's.
    """
    from trackersync.cli.progress import Bars, Lines
    from trackersync.pipeline import run_once
    from trackersync.pipeline.opening import opened

    bars = Bars() if common.format == "text" and not common.quiet and sys.stderr.isatty() else None
    lines = Lines() if common.verbose else None

    async def run() -> tuple[Outcome, Terms]:
        task = asyncio.current_task()
        if task is not None and sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with bars or nullcontext():
            log, told = _log if common.verbose else None, None if common.quiet else waiting
            async with opened(configuration, progress=bars or lines, log=log, waiting=told) as session:
                ruled = session if rulebook is None else replace(session, rulebook=rulebook)
                return await run_once(ruled, order), session.refreshed().terms

    return asyncio.run(run())


def _log(method: str, path: str, status: int, milliseconds: float, request: str) -> None:
    """One request on standard error, for ``--verbose``."""
    print(f"  {method} {path} {status or 'no answer'} {milliseconds:.0f} ms {request}".rstrip(), file=sys.stderr)


def waiting(sentence: str) -> None:
    """For whom this run waits, on standard error."""
    print(sentence, file=sys.stderr)


def containers(configuration: Configuration) -> dict[str, tuple[str, ...]]:
    """Tracker to its configured repositories or projects."""
    return {name: plugin.containers(configuration.trackers[name]) for name, plugin in configuration.plugins.items()}


def emit(record: dict[str, Any]) -> None:
    """JSON for machines, on standard output."""
    text = json.dumps(record, indent=2, ensure_ascii=False)
    sys.stdout.write(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


@contextmanager
def troubles(form: Format = "text") -> Iterator[None]:
    """Every named trouble ends in a sentence and an exit code, never in a traceback."""
    try:
        yield
    except ConfigError as error:
        _config_trouble(error, form)
    except StoreError as error:
        _say(str(error), form, Exit.USAGE, error.written or "Nothing was written to any tracker.")
    except (AuthError, UnavailableError) as error:
        _say(str(error), form, Exit.UNREACHABLE, "Nothing was written to any tracker.")
    except TrackersyncError as error:
        _say(str(error), form, Exit.UNREACHABLE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say("Stopped. Nothing was written to any tracker.", form, Exit.INTERRUPTED)


def _say(message: str, form: Format, code: Exit, after: str = "") -> NoReturn:
    if form == "json":
        emit({"error": {"message": message, "exit": int(code)}})
    else:
        screen = Screen.on(sys.stderr)
        screen.say(message)
        if after:
            screen.say(after)
    raise typer.Exit(code)


def _config_trouble(error: ConfigError, form: Format) -> NoReturn:
    from trackersync.config.excerpt import excerpt, place

    if form == "json":
        problems = [
            {"file": p.file, "line": p.line, "column": p.column, "where": p.where, "message": p.message, "hint": p.hint}
            for p in error.problems
        ]
        record = {"message": str(error), "exit": int(Exit.USAGE), "problems": problems, "next": error.next_step}
        emit({"error": record})
        raise typer.Exit(Exit.USAGE)
    screen = Screen.on(sys.stderr)
    screen.say((str(error), "bold"))
    for problem in error.problems:
        screen.blank()
        where = f"{problem.where}: " if problem.where else ""
        screen.say(f"{place(problem)}   {where}{problem.message}")
        for line in excerpt(problem, _source(problem.file)):
            screen.say(line)
    if error.next_step:
        screen.next((error.next_step, ""))
    raise typer.Exit(Exit.USAGE)


def _source(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
