"""Gather what the store remembers into plain values to be told: a task's story, runs, conflicts, how things stand.

Reads the store and sends nothing. What is said of it, and how, is ``core.story``'s and ``report``'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import takewhile

from trackersync.core import words
from trackersync.core.journal import Clash, Run, Wrote
from trackersync.core.model import Absence, Change, FieldName, ItemRef
from trackersync.core.status import ChangeTold, Dispute, Doubt, Fresh, Rest, RunTold, Status
from trackersync.core.story import Known, Ruled, Story, tell
from trackersync.core.story.head import base_of
from trackersync.core.story.waits import ending
from trackersync.core.terms import Task
from trackersync.core.told import Settlement
from trackersync.errors import ConfigError
from trackersync.pipeline.ran import Ran
from trackersync.pipeline.recall import Recalled
from trackersync.pipeline.world import named_task
from trackersync.report.names import Keys
from trackersync.store import Place, Rejection, Ruling, Waiting, task_id

LATELY = timedelta(days=7)
"""Settled conflicts are listed for so long."""
ROUTE = "route:"
"""How the key of a refusal begins that no tracker spoke: its workflow has no way there."""
RECENT = 20
"""Among so many runs, those that never ended are looked for."""
OPEN = ("killed", "under way")
"""The states of runs that have not ended. The first one that has, has read back what those before it left in doubt."""


class Telling:
    """What a store remembers, ready to be told."""

    def __init__(self, recalled: Recalled) -> None:
        """Learn how items are called."""
        self._recalled = recalled
        self._session = recalled.session
        self._store = recalled.session.store
        self._terms = recalled.session.terms
        rank = {tracker: place for place, tracker in enumerate(self.trackers)}
        self._tasks = tuple(
            replace(task, items=tuple(sorted(task.items, key=lambda item: rank[item.ref.tracker])))
            for task in recalled.world.tasks
        )
        self._task_of = {item.ref: task for task in self._tasks for item in task.items}
        self._keys = Keys(item for task in self._tasks for item in task.items)
        self._ran = Ran(self._store, self._terms, self._session.clock)

    @property
    def now(self) -> datetime:
        """The moment of telling."""
        return self._session.clock.now()

    @property
    def trackers(self) -> tuple[str, ...]:
        """The configured trackers, the one with the least room for owners first, as a task's keys stand."""
        return tuple(sorted(self._terms.maps, key=lambda tracker: self._terms.room(tracker).most))

    # One task.

    def story(self, name: str) -> Story:
        """The story of the task that a key names, also of one whose items are gone.

        Raises:
            ConfigError: nothing is called so; the sentence has what was probably meant.
        """
        return tell(self.known(self._named(name)), self._terms)

    def known(self, task: Task) -> Known:
        """All that is remembered of a task."""
        store = self._store
        reasons, made = store.reasons(task.id), store.links_made(task.id)
        here = {item.ref for item in task.items}
        gone = {
            ref: why
            for ref, why in self._missing.items()
            if ref not in here and (ref in reasons or task.id == task_id((ref,)))
        }
        absent = tuple((store.item(ref), why) for ref, why in gone.items())
        # What a tracker told that is not configured any more cannot be read as stages or people.
        refs = tuple(ref for ref in (*here, *gone) if ref.tracker in self.trackers)
        return Known(
            task=task,
            names={item.ref: self._keys.short(item.key) for item in (*task.items, *(item for item, _ in absent))},
            now=self.now,
            bases=self._recalled.bases,
            absent=absent,
            links={ref: (reason, made.get(ref)) for ref, reason in reasons.items()},
            moves=store.moves(refs),
            pasts=store.histories(refs),
            writes=self._ran.wrote(store.journal(refs=refs)),
            clashes=tuple(_clash(one) for one in map(self._here, store.conflicts(task=task.id)) if one.conflict.sides),
            rulings=tuple(
                Ruled(one.run, one.at, one.overruled)
                for one in self._overruled
                if one.overruled.task == task.id and one.overruled.ref.tracker in self.trackers
            ),
            rests=self._recalled.world.rests,
            settlements=self._settlements,
            refused={place: _refusal(place[0], no) for place, no in self._rejections.items() if place[0] in here},
            findings=tuple(finding for finding in self._recalled.world.findings if finding.task == task.id),
            seen={tracker: store.freshness(tracker) for tracker in self.trackers},
        )

    def _named(self, name: str) -> Task:
        """The task with an item of this key; where none is there, one with an item that was."""
        try:
            return named_task(self._tasks, name)
        except ConfigError:
            found = self._gone(name)
            if found is None:
                raise
            return found

    def _gone(self, name: str) -> Task | None:
        wanted = name.strip().casefold()
        asked = (ref for ref, why in self._store.missing().items() if why is not Absence.OUT_OF_SCOPE)
        for item in map(self._store.item, asked):
            if wanted in (item.key.casefold(), item.key.rpartition("/")[2].casefold()):
                linked = self._store.links().get(item.ref, task_id((item.ref,)))
                return next((task for task in self._tasks if task.id == linked), Task(linked, ()))
        return None

    # Runs.

    def runs(self, most: int | None) -> tuple[Run, ...]:
        """The runs, latest first; at most ``most``."""
        return tuple(map(self._ran.told, self._store.runs(most)))

    def run(self, number: int) -> RunTold:
        """One run with all that it planned.

        Raises:
            ConfigError: there is none of this number.
        """
        stored = self._store.run(number)
        if stored is None:
            latest = next(iter(self._store.runs(1)), None)
            known = f"the latest is run {latest.id}" if latest else "none has been made on this store"
            raise ConfigError(f"there is no run {number}; {known}", next_step="trackersync runs")
        written = {(one.change.ref, one.change.field): one for one in self._ran.wrote(self._store.journal(run=number))}
        planned = {(change.ref, change.field): change for change in self._store.planned(number)}
        places = dict.fromkeys((*planned, *written))
        told = [self._told(written[p].change if p in written else planned[p], written.get(p)) for p in places]
        return RunTold(self._ran.told(stored), tuple(told))

    def _told(self, change: Change, wrote: Wrote | None) -> ChangeTold:
        readable = change.ref.tracker in self.trackers
        return ChangeTold(
            task=self._called(change.ref, change.key),
            field=change.field,
            step=words.step(change, self._terms) if readable else "not configured any more",
            native=words.native_step(change, self._terms) if readable else "",
            because=change.because,
            wrote=wrote,
        )

    # What waits.

    def disputes(self) -> tuple[Dispute, ...]:
        """The conflicts that wait for a person, oldest first."""
        return self._disputes(self._store.conflicts())

    def settled(self) -> tuple[Dispute, ...]:
        """The conflicts settled lately, latest first."""
        since = self.now - LATELY
        waiting = self._store.conflicts(settled_since=since)
        return tuple(sorted(self._disputes(waiting), key=lambda one: one.settled or one.since, reverse=True))

    def _disputes(self, waiting: Iterable[Waiting]) -> tuple[Dispute, ...]:
        return tuple(self._dispute(one) for one in map(self._here, waiting) if one.conflict.sides)

    def _here(self, waiting: Waiting) -> Waiting:
        """A conflict without the sides of trackers that are not configured any more."""
        sides = tuple(side for side in waiting.conflict.sides if side.ref.tracker in self.trackers)
        return replace(waiting, conflict=replace(waiting.conflict, sides=sides))

    # What every task asks for, read once.

    @cached_property
    def _missing(self) -> Mapping[ItemRef, Absence]:
        return self._store.missing()

    @cached_property
    def _overruled(self) -> tuple[Ruling, ...]:
        return self._store.overruled()

    @cached_property
    def _settlements(self) -> Mapping[tuple[str, FieldName], Settlement]:
        return self._store.settlements()

    @cached_property
    def _rejections(self) -> Mapping[Place, Rejection]:
        return self._store.rejections()

    def _dispute(self, waiting: Waiting) -> Dispute:
        conflict = waiting.conflict
        sides = sorted(conflict.sides, key=lambda side: self.trackers.index(side.ref.tracker))
        first = sides[0]
        task = self._task_of.get(first.ref) or Task(conflict.task, ())
        says = {side.ref.tracker: side.says for side in sides}
        end = ""
        if waiting.settled is not None:
            end = ending(_clash(waiting), waiting.settled, self.known(task), self._terms)
            says = {
                item.ref.tracker: words.says(item.ref.tracker, conflict.field, item.facts, self._terms)
                for item in task.items
            }
        return Dispute(
            task=self._called(first.ref, first.key),
            field=conflict.field,
            says=says,
            base=base_of(conflict.field, task.items, self._recalled.bases, self._terms),
            because=conflict.because,
            since=waiting.since,
            settled=waiting.settled,
            ending=end,
        )

    def _called(self, ref: ItemRef, key: str) -> tuple[str, ...]:
        """The keys of an item's task, its own first."""
        task = self._task_of.get(ref)
        others = [item.key for item in task.items if item.ref != ref] if task else []
        return tuple(map(self._keys.short, (key, *others)))

    def called(self, ref: ItemRef) -> str | None:
        """A task by its items' keys, by one of its items; None where nobody knows that."""
        task = self._task_of.get(ref)
        return self._keys.task(item.key for item in task.items) if task else None

    def status(self) -> Status:
        """How things stand."""
        runs = self.runs(RECENT)
        return Status(
            now=self.now,
            trackers=tuple(map(self._fresh, self.trackers)),
            last=next(iter(runs), None),
            killed=tuple(run for run in takewhile(lambda run: run.state in OPEN, runs) if run.state == "killed"),
            holder=self._store.holder() or "",
            doubts=tuple(
                Doubt(self._called(one.change.ref, one.change.key), one)
                for one in self._ran.wrote(self._store.in_doubt())
            ),
            disputes=self.disputes(),
            rests=tuple(Rest(self._paused(pause.kind, pause.name), pause) for pause in self._store.pauses().open),
        )

    def _fresh(self, tracker: str) -> Fresh:
        return Fresh(
            tracker=tracker,
            containers=self._session.containers[tracker],
            items=sum(ref.tracker == tracker for ref in self._task_of),
            as_of=self._store.freshness(tracker),
            complete=self._session.complete(tracker),
        )

    def _paused(self, kind: str, name: str) -> str:
        task = next((task for task in self._tasks if task.id == name), None) if kind == "task" else None
        return self._keys.task(item.key for item in task.items) if task else name


def _refusal(ref: ItemRef, no: Rejection) -> str:
    """Why a change is not tried again: the tracker's words, or what its workflow does not allow."""
    said = no.message.removeprefix("refused before: ")
    return said if no.key.startswith(ROUTE) and said == no.message else f"{ref.tracker} refused it: {said}"


def _clash(waiting: Waiting) -> Clash:
    return Clash(waiting.conflict, waiting.since, waiting.settled)
