"""The store and the last run as ``doctor`` looks at them: nothing is made, brought up to date or locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trackersync.config import Configuration
from trackersync.config.scheduling import expected, schedule_of
from trackersync.connector import Clock
from trackersync.core.examination import Check, Grade
from trackersync.core.model import Facts, Severity
from trackersync.core.quiet import Quiet, quiet
from trackersync.core.schedule import heard, next_moment, next_run
from trackersync.errors import StoreError
from trackersync.pipeline.opening import session_on
from trackersync.pipeline.session import Session
from trackersync.report.names import ago, clean, count
from trackersync.report.quiet import REMEDY, quiet_words
from trackersync.report.times import when
from trackersync.store import Run, Store, open_store
from trackersync.store.checkup import Checkup, check_up, is_there
from trackersync.store.schema import HEAD

SMALL = 20_000_000
"""Bytes; a larger store takes longer than a moment to be looked over, so it is only opened."""
SOON = 2.0
"""Seconds to wait for a lock."""
LATELY = 20
"""So many of the last runs tell what a run usually takes."""
_GRADES = {Severity.NOTE: Grade.NOTE, Severity.WARNING: Grade.WARNING, Severity.ERROR: Grade.ERROR}


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the store remembers, as far as it can be read.

    Attributes:
        session: what the configuration decides with what the store knows; None where it cannot be read, or there is
            none.
        store: the checks of the store itself.
        last: the checks of the last run and of the schedule; none where the store cannot be read.
        runs: the last runs, latest first.
        unread: why the store tells nothing, and what to do about it; empty where it does.
    """

    session: Session | None
    store: tuple[Check, ...]
    last: tuple[Check, ...] = ()
    runs: Sequence[Run] = field(default=())
    unread: tuple[str, str] = ("", "")

    def requests(self, tracker: str) -> tuple[int, ...]:
        """By run, how many requests a tracker was sent; of runs that came to their end."""
        done = (run.summary.get("requests", {}).get(tracker) for run in self.runs if run.ended is not None)
        return tuple(sum(kinds.values()) for kinds in done if isinstance(kinds, Mapping) and sum(kinds.values()))

    def shown(self, tracker: str) -> Facts:
        """By fact, every value that a tracker's items were last seen to show in a place of a stage."""
        if self.session is None:
            return {}
        places = {matcher.fact for matcher in self.session.terms.maps[tracker].vocabulary.matchers}
        found: dict[str, dict[str, None]] = {fact: {} for fact in places}
        for item in self.session.store.items(tracker):
            for fact in places:
                found[fact].update(dict.fromkeys(item.facts.get(fact, ())))
        return {fact: tuple(values) for fact, values in found.items()}


@contextmanager
def upkeep(configuration: Configuration, clock: Clock) -> Iterator[Upkeep]:
    """Open what the store remembers, to be read only; whatever is wrong with it is a check, and never an error."""
    now = clock.now()
    try:
        if not is_there(configuration.store, wait=SOON):
            said = "there is none yet; the first check or sync makes it"
            check = Check("store", Grade.NOTE, said, "trackersync check")
            yield Upkeep(None, (check,), unread=("not read yet", "trackersync check"))
            return
        found = check_up(configuration.store, now, wait=SOON, most=SMALL)
    except StoreError as error:
        said, remedy = _split(str(error))
        unread = ("not known: the store cannot be read", remedy)
        yield Upkeep(None, (Check("store", Grade.ERROR, said, remedy),), unread=unread)
        return
    damaged = [remark for remark in found.remarks if remark.severity is Severity.ERROR]
    if damaged or found.stats.schema != HEAD:
        why = "not known: the store is damaged" if damaged else "not known: the store is of an earlier version"
        remedy = damaged[0].next_step if damaged else "trackersync store migrate"
        yield Upkeep(None, _store(found, now), unread=(why, remedy))
        return
    with closing(open_store(configuration.store, wait=SOON, read_only=True)) as store:
        yield _read(configuration, store, found, clock)


def _read(configuration: Configuration, store: Store, found: Checkup, clock: Clock) -> Upkeep:
    now, runs = clock.now(), store.runs(LATELY)
    doubts = len(store.in_doubt())
    return Upkeep(
        session_on(configuration, store, clock),
        _store(found, now, doubts),
        (_last(runs, found.holder, now), *_scheduled(configuration, store, now), *_quiet(configuration, store, now)),
        runs,
    )


def quiet_for(configuration: Configuration, store: Store, now: datetime) -> Quiet | None:
    """Whether nothing ran for too long where somebody else's scheduler is to start it; None: it was not so.

    A run that writes is remembered by itself, and one that only reads by how fresh it left a tracker. Where a service
    runs, its own schedule tells.

    Args:
        configuration: sound and compiled.
        store: open, as the runs before left it.
        now: the present moment.
    """
    if store.kept():
        return None
    begun = [run.begun for run in store.runs(1)]
    read = [at for tracker in configuration.trackers if (at := store.freshness(tracker)) is not None]
    job = "sync" if begun else "check"
    return quiet(max((*begun, *read), default=None), now, expected(configuration, job))


def _quiet(configuration: Configuration, store: Store, now: datetime) -> Iterator[Check]:
    if (found := quiet_for(configuration, store, now)) is not None:
        yield Check("schedule", Grade.WARNING, quiet_words(found, now), REMEDY)


def _scheduled(configuration: Configuration, store: Store, now: datetime) -> Iterator[Check]:
    """When a service ran its jobs, where one ever did: a warning where two moments went by with nobody there."""
    kept, schedule = store.kept(), schedule_of(configuration)
    told, late = [], []
    for name, when_due in schedule.jobs.items():
        if name not in kept or when_due is None:
            continue
        one = kept[name]
        running = heard(one, now)
        begun = f"{ago(now - one.begun)} ago" if one.begun else "not yet"
        first = next_moment(when_due, one.slot, one.slot)
        second = None if first is None else next_moment(when_due, first, one.slot)
        if second is not None and second <= now and not running:
            late.append(f"{name} last {begun}, due since {when(first or second, now)}")
        coming = next_run(schedule, one, now, alive=running)
        told.append(f"{name} {begun}" + (f", next {when(coming, now)}" if coming and coming > now else ""))
    if late:
        yield Check("schedule", Grade.WARNING, "; ".join(late), "trackersync serve, which runs the schedule")
    elif told:
        yield Check("schedule", Grade.GOOD, "; ".join(told))


def _store(found: Checkup, now: datetime, doubts: int | None = None) -> tuple[Check, ...]:
    size = found.stats.bytes
    told = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    kind = "sqlite" if found.file else "postgresql"
    said = [f"{kind} {_short(found.name)}, schema {found.stats.schema or 'none'}, {told}"]
    if doubts is not None:
        said.append("nothing in doubt" if not doubts else f"{count(doubts, 'change')} in doubt")
    if found.file:
        said.append(f"backed up {when(found.backup[1], now)}" if found.backup else "no backup beside it")
        said += [] if found.whole else ["large, so it was not looked over: trackersync store check"]
    checks = [Check("store", Grade.GOOD, "; ".join(said))]
    checks += [Check("store", _GRADES[one.severity], one.sentence, one.next_step) for one in found.remarks]
    return tuple(checks)


def _last(runs: Sequence[Run], holder: str | None, now: datetime) -> Check:
    """How the last run ended."""
    if not runs:
        return Check("last run", Grade.NOTE, "none yet: nothing was ever written from here", "trackersync plan")
    run = runs[0]
    said = f"run {run.id} ({run.command}), {ago(now - run.begun)} ago"
    if run.ended is None:
        if holder is not None and run.place and run.place in holder:
            return Check("last run", Grade.NOTE, f"{said}, is under way")
        remedy = "trackersync sync, which reads back what it may have left in doubt"
        return Check("last run", Grade.WARNING, f"{said}, never ended", remedy)
    state = str(run.summary.get("state", "done"))
    troubles = [clean(str(one)) for one in (run.summary.get("why"), *run.summary.get("failures", ())) if one]
    if state == "done" and not troubles:
        outcomes = run.summary.get("outcomes", {})
        applied, planned = outcomes.get("applied", 0), sum(outcomes.values())
        did = f"{applied:,} of {count(planned, 'change')} applied" if planned else "nothing to do"
        return Check("last run", Grade.GOOD, f"{said}: {did}")
    grade = Grade.NOTE if state in ("held", "refused") and not troubles else Grade.WARNING
    ended = "not complete" if state == "done" else state
    return Check("last run", grade, ": ".join([f"{said}, {ended}", *troubles[:1]]), f"trackersync runs {run.id}")


def _short(name: str) -> str:
    """A file as one says it here."""
    file, here = Path(name), Path.cwd()
    return str(file.relative_to(here)) if file.is_absolute() and file.is_relative_to(here) else name


def _split(sentence: str) -> tuple[str, str]:
    """A sentence of an error, and what to do, which stands after it."""
    said, _, remedy = sentence.partition(". ")
    return said.rstrip("."), remedy.rstrip(".")
