"""``trackersync store``: look it over, copy it, bring it up to date, move it. Needs no tracker, and sends nothing."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.help import Commands
from trackersync.cli.options import Config, Form, FormatName, Store
from trackersync.cli.running import Common, configured, emit, troubles
from trackersync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pydantic import SecretStr

    from trackersync.store.checkup import Checkup

store = typer.Typer(
    name="store",
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=Commands,
    help="Look after the store: what is remembered between runs. With --store, no configuration is read.",
)


@store.command()
def check(config: Config = None, url: Store = None, form: Form = FormatName.text) -> None:
    """Look the store over, and change nothing: its pages, its rows, and whether they contradict each other.

    Ends with 0 if it is sound, 1 if something has to be mended, 2 if it cannot be used at all.
    Example: trackersync store check --format json
    """
    from datetime import UTC, datetime

    with troubles(form.value):
        from trackersync.store.checkup import check_up

        found = check_up(_store(config, url), datetime.now(UTC))
        if form is FormatName.json:
            emit(_record(found))
        else:
            _draw(found, _named(config, url))
        raise typer.Exit(Exit.FINE if found.sound else Exit.FINDINGS)


@store.command()
def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="Default: trackersync-YYYYMMDD-HHMMSS.db beside the store.", show_default=False),
    ] = None,
    config: Config = None,
    url: Store = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")] = False,
    form: Form = FormatName.text,
) -> None:
    """Copy the store while others go on writing to it, and make sure of the copy.

    To put it back, stop every trackersync, remove the store with its -wal and -shm, and give the copy its name.
    Example: trackersync store backup backups/monday.db
    """
    from datetime import UTC, datetime

    with troubles(form.value):
        from trackersync.store.care import backup as copy

        where, now = _store(config, url), datetime.now(UTC)
        _only_a_file(where, now)
        made = copy(where, file, now, force=force)
        if form is FormatName.json:
            emit({"file": str(made.file), "bytes": made.bytes, "rows": made.rows})
        else:
            _say(f"backup     {made.file}    {_size(made.bytes)}, {made.rows:,} rows, read again and whole")


@store.command()
def migrate(
    config: Config = None,
    url: Store = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    form: Form = FormatName.text,
) -> None:
    """Bring an older store up to date, with a copy made first.

    Every other command does the same when it opens the store, without the copy. Ends with 0 if it is up to date, 2 if
    it cannot be, 75 if another run holds it. Example: trackersync store migrate
    """
    from datetime import UTC, datetime

    with troubles(form.value):
        from trackersync.store.care import migrate as bring_up
        from trackersync.store.care import server_command

        where, now = _store(config, url), datetime.now(UTC)
        text = form is FormatName.text
        done = bring_up(where, now, dry_run=dry_run, waiting=_wait if text else None)
        due = done.was != done.now
        if not text:
            copy = None if done.backup is None else str(done.backup.file)
            emit({"from": done.was, "to": done.now, "migrated": due and not dry_run, "backup": copy})
        elif not due:
            _say(f"schema     {done.now} already: nothing to do.")
        else:
            if done.backup is not None:
                _say(f"backup     {done.backup.file}    {_size(done.backup.bytes)}, {done.backup.rows:,} rows")
            _say(f"schema     {done.was or 'none'} → {done.now}{', not done: --dry-run' if dry_run else ''}")
            if dry_run:
                by_hand = server_command(where, now)
                _next(
                    *([(by_hand, "a copy first")] if by_hand else []),
                    (f"trackersync store migrate{_named(config, url)}", "do it"),
                )


@store.command()
def move(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            envvar="TRACKERSYNC_MOVE_TO",
            help="Where it goes: postgresql://USER@HOST/NAME, or a file. An address with a password is better given "
            "in the environment, where no list of processes shows it.",
        ),
    ],
    config: Config = None,
    url: Store = None,
    form: Form = FormatName.text,
) -> None:
    """Copy all that the store remembers into another database, and make sure of it.

    Stop every service first. The store stays as it is; an older one is brought up to date, with a copy made first. The
    database must have no store yet, and has none if this is stopped. Ends with 0 if it was done, 2 if it could not be,
    75 if another run holds one of them. Example: trackersync store move --to postgresql://sync@db.acme.example/trackersync
    """
    from datetime import UTC, datetime

    with troubles(form.value):
        from trackersync.config.address import store_beside
        from trackersync.core.masking import passwords
        from trackersync.store.moving import move as carry

        where, there = _store(config, url), store_beside(to, Path.cwd())
        text = form is FormatName.text
        with _counting(shown=text) as progress:
            done = carry(where, there, datetime.now(UTC), waiting=_wait if text else None, progress=progress)
        if not text:
            copy = None if done.backup is None else str(done.backup.file)
            emit({"from": done.was, "to": done.now, "rows": done.rows, "backup": copy})
            return
        if done.backup is not None:
            _say(f"backup     {done.backup.file}    {_size(done.backup.bytes)}, {done.backup.rows:,} rows")
        _say(f"moved      {done.was} → {done.now}    {done.rows:,} rows, read again and the same")
        if not passwords(there):
            _say(f"           Write into the configuration:  store: {there}")
        else:
            _say("           Write into the configuration:  store: ${TRACKERSYNC_STORE_URL}")
            _say("           and put the address, as it was given here, into that variable.")
        _say(f"           {done.was} stays as it is; nothing reads it from then on.")


@contextmanager
def _counting(*, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, where that is a terminal."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("rows", total=None)
        yield lambda done, every: bars.update(bar, completed=done, total=every)


def _store(config: Path | None, url: str | None) -> str | SecretStr:
    """The address of the store: as given, else the configuration's."""
    if url is None:
        return configured(Common(config, None, "text")).store
    from trackersync.config.address import store_beside

    return store_beside(url, Path.cwd())


def _only_a_file(where: str | SecretStr, now: datetime) -> None:
    """A server has its own tools, which know more than we do: say which, and that nothing was copied."""
    from trackersync.store.care import server_command

    command = server_command(where, now)
    if command is not None:
        raise ConfigError(
            "this store is on PostgreSQL, whose own program copies it; no backup was made", next_step=command
        )


def _record(found: Checkup) -> dict[str, object]:
    return {
        "store": found.name,
        "schema": found.stats.schema,
        "expected_schema": found.head,
        "bytes": found.stats.bytes,
        "rows": dict(found.stats.rows),
        "in_use_by": found.holder,
        "backup": None if found.backup is None else {"file": found.backup[0], "at": found.backup[1].isoformat()},
        "sound": found.sound,
        "remarks": [
            {"severity": remark.severity.value, "message": remark.sentence, "next": remark.next_step}
            for remark in found.remarks
        ],
    }


def _draw(found: Checkup, named: str) -> None:
    import sys

    from trackersync.report.text.screen import GOOD, MARKS, Screen

    screen = Screen.on(sys.stdout)
    backed_up = f"backed up {found.backup[1]:%d %b %Y %H:%M}" if found.backup else "no backup beside it"
    screen.phrases(
        f"store      {found.name}", f"schema {found.stats.schema or 'none'}", _size(found.stats.bytes), backed_up
    )
    rows = [f"{table} {number:,}" for table, number in found.stats.rows.items() if number]
    if rows:
        screen.phrases("rows     ", *rows)
    if found.holder is not None:
        screen.say(f"in use by  {found.holder}")
    screen.blank()
    for remark in found.remarks:
        screen.say("  ", MARKS[remark.severity], f" {remark.sentence}")
        if remark.next_step:
            step = remark.next_step + (named if remark.next_step.startswith("trackersync") else "")
            screen.say(f"    → {step}")
    if found.sound:
        screen.say("  ", GOOD, " sound: every page and row can be read, and nothing contradicts anything else")
    if found.backup is None:
        screen.next((f"trackersync store backup{named}", "a copy, while others go on writing"))


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 1e6 else f"{max(1, round(number / 1e3))} kB"


def _named(config: Path | None, url: str | None) -> str:
    """The options that named the store, for commands that can be pasted."""
    import shlex

    named = "" if config is None else f" --config {shlex.quote(str(config))}"
    return named if url is None else f"{named} --store {shlex.quote(url)}"


def _say(sentence: str) -> None:
    import sys

    from trackersync.report.text.screen import Screen

    Screen.on(sys.stdout).say(sentence)


def _next(*steps: tuple[str, str]) -> None:
    import sys

    from trackersync.report.text.screen import Screen

    Screen.on(sys.stdout).next(*steps)


def _wait(sentence: str) -> None:
    import sys

    from trackersync.report.text.screen import Screen

    Screen.on(sys.stderr).say(sentence)
