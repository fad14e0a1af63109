"""What every command shares: open the configuration, run the road, and turn every named trouble into a sentence."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import typer

from trackersync.cli.ending import drop_output
from trackersync.cli.exits import Exit
from trackersync.cli.stopping import listen_no_more, standing
from trackersync.core.masking import masked_addresses
from trackersync.errors import AuthError, ConfigError, StoreBusyError, StoreError, TrackersyncError, UnavailableError
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
    from trackersync.cli.progress import Bars, Lines, drawable
    from trackersync.pipeline import run_once
    from trackersync.pipeline.opening import opened

    # With --verbose every request has a line of its own, which says more than one that moves.
    drawn = common.format == "text" and not common.quiet and not common.verbose and drawable()
    bars = Bars(configuration.trackers) if drawn else None
    lines = Lines() if common.verbose else None

    async def run() -> tuple[Outcome, Terms]:
        task = asyncio.current_task()
        if task is not None and sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, _once(task))
        with bars or nullcontext():
            log, told = log_request if common.verbose else None, None if common.quiet else waiting
            async with opened(configuration, progress=bars or lines, log=log, waiting=told) as session:
                ruled = session if rulebook is None else replace(session, rulebook=rulebook)
                outcome = await run_once(ruled, order)
                # Said at once: from here on it would be untrue that nothing was written.
                standing.done = _done(common, outcome)
                return outcome, session.refreshed().terms

    # asyncio leaves a signal that it listened to as the system has it.
    before = signal.getsignal(signal.SIGTERM)
    try:
        return asyncio.run(run())
    finally:
        if sys.platform != "win32" and signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
            signal.signal(signal.SIGTERM, before)


def named(common: Common) -> list[str]:
    """The options that named the configuration and the store, as they can be pasted behind a command."""
    return [
        *([f"--config {shlex.quote(str(common.config))}"] if common.config else []),
        *([f"--store {shlex.quote(common.store)}"] if common.store else []),
    ]


def _done(common: Common, outcome: Outcome) -> str:
    """What there is to say of a run that has ended, to who stops what comes after it."""
    if outcome.run is None:
        return ""
    tells = masked_addresses(" ".join(["trackersync", "runs", str(outcome.run), *named(common)]))
    if outcome.interrupted:
        return f"Run {outcome.run} was stopped while it wrote; {tells} tells what is written."
    return f"Run {outcome.run} is done; {tells} tells what it wrote."


def _once(task: asyncio.Task[Any]) -> Callable[[], None]:
    """Stop a run at the first signal; by a second what was written would be left unsaid, and it is ending already."""

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
        listen_no_more()
        task.cancel()

    return stop


def log_request(method: str, path: str, status: int, milliseconds: float, request: str) -> None:
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
    # A pipe that cannot show every letter (Windows: cp1252) gets them escaped, and nothing is lost.
    utf = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(record, indent=2, ensure_ascii=not utf)
    standing.answering = True
    sys.stdout.write(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


@contextmanager
def troubles(form: Format = "text") -> Iterator[None]:
    """Every named trouble ends in a sentence and an exit code, never in a traceback."""
    standing.begin()
    try:
        yield
    except ConfigError as error:
        _config_trouble(error, form)
    except StoreBusyError as error:
        _say(str(error), form, Exit.BUSY, "Nothing was written to any tracker.")
    except StoreError as error:
        _say(str(error), form, Exit.USAGE, error.written or "Nothing was written to any tracker.")
    except (AuthError, UnavailableError) as error:
        _say(str(error), form, Exit.UNREACHABLE, "Nothing was written to any tracker.")
    except TrackersyncError as error:
        _say(str(error), form, Exit.UNREACHABLE)
    except (KeyboardInterrupt, asyncio.CancelledError, typer.Abort):
        _stopped(form)


def _stopped(form: Format) -> NoReturn:
    """Say what is so; where an answer has begun, on standard error, for a second one would spoil it."""
    if form == "json" and not standing.answering:
        _say(standing.sentence(), form, Exit.INTERRUPTED)
    # Perhaps it was stopped because nobody reads what it prints: the rest would be waited for.
    drop_output()
    _say(standing.sentence(), "text", Exit.INTERRUPTED)


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
