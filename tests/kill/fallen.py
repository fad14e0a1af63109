"""Where a kill fell, by what the sandbox had been asked and what a copy of the store says.

The store itself is left as the kill left it: the next run is the first to open it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trackersync.store import open_store
from trackersync.testing.tracker import BOT

from .history import History
from .judge import expect
from .watch import Phase

STORE = "trackersync.db"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: where it was aimed, where it fell by the sandbox's log and the journal, and what it cut in two.

    ``cut``: of a change that was intended and not answered, whether it had taken effect in the tracker.
    """

    aim: Phase
    fell: str
    cut: str = ""


def fallen(history: History, folder: Path, aim: Phase, start: datetime, before: int) -> Kill:
    """Say where a kill fell.

    Args:
        history: what the stand-ins saw.
        folder: where the store is.
        aim: where it was aimed.
        start: when the killed process was started.
        before: the number of the latest run before it.
    """
    asked = history.requests(start)
    with _copy(folder) as file:
        if file is None:
            return Kill(aim, "opening")
        with open_store(str(file)) as store:
            run = next(iter(store.runs(1)), None)
            run = run if run is not None and run.id > before else None
            entries = store.journal(run=run.id) if run else ()
            seen = [store.freshness(tracker) for tracker in ("github", "jira")]
            planned = len(store.planned(run.id)) if run else 0
    if run is not None and run.ended is not None:
        return Kill(aim, "ended")
    if not entries:
        if not asked:
            return Kill(aim, "opening")
        return Kill(aim, "planning" if all(at is not None and at >= start for at in seen) else "observing")
    unanswered = [entry for entry in entries if entry.receipt is None]
    if not unanswered:
        return Kill(aim, "writing", "between two changes") if len(entries) < planned else Kill(aim, "settling")
    ours = [edit for edit in history.edits() if edit.by == BOT]
    effects = sum(
        any(edit.ref == entry.change.ref and edit.at >= entry.intended for edit in ours) for entry in unanswered
    )
    return Kill(aim, "writing", "written and unanswered" if effects else "intended and not written")


def newest_run(folder: Path) -> int:
    """The number of the latest run; 0 where there was none."""
    with _copy(folder) as file:
        if file is None:
            return 0
        with open_store(str(file)) as store:
            return max((run.id for run in store.runs(1)), default=0)


@contextmanager
def _copy(folder: Path) -> Iterator[Path | None]:
    """A copy of the store as the killed program left it, sound by SQLite's own check; None where there is none."""
    database = folder / STORE
    if not database.exists():
        yield None
        return
    copies = folder / "copy"
    copies.mkdir()
    for suffix in ("", "-wal"):
        if database.with_name(database.name + suffix).exists():
            shutil.copy(database.with_name(database.name + suffix), copies)
    connection = sqlite3.connect(copies / database.name)
    sound = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    expect(sound == [("ok",)], 4, "the store is damaged", sound)
    try:
        yield copies / database.name
    finally:
        shutil.rmtree(copies)
