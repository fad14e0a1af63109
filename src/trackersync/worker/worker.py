"""What there is to do for a service: sort deliveries, take looks that are due, run what is scheduled.

Everything ends in looks: a delivery, a timer and a person's edit make looks due, and each look at an item is the same
``run_once`` as everywhere. What is due stays in the store until it was done, so a look that is killed, fails or is done
twice loses nothing and does no harm. An engine drives all of it; see ``engine``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trackersync.connector import BadDeliveryError, Delivery, Listener, These
from trackersync.core.outcome import Look
from trackersync.errors import BusyError, StoreError
from trackersync.pipeline import Order, run_once
from trackersync.pipeline.looking import look_at_all, look_for_news
from trackersync.pipeline.session import Session
from trackersync.store import Ask, Delivered, Due, Sorted, Subject
from trackersync.store.narrow import companions
from trackersync.worker.jobs import Jobs
from trackersync.worker.journaling import run_id
from trackersync.worker.metrics import Metrics
from trackersync.worker.timing import Timing
from trackersync.worker.verdict import Said, Verdict, called, failed, judged

SORTED_AT_ONCE = 25
"""Deliveries that are read in one transaction."""
BUSY = timedelta(milliseconds=250)
"""When to try again what somebody else is at work on."""
DECIDED = "decided"
"""Under this name the store remembers for which configuration all tasks have been decided."""

_PEACE = 15.0
"""Seconds for which a tracker that did not answer is asked nothing."""
_LONGEST_PEACE = 300.0
_TIDY = 86_400.0
"""Seconds after which what is kept for long enough goes, whether or not everything is read anew."""

_log = logging.getLogger("trackersync.worker")


@dataclass(frozen=True, slots=True)
class Aims:
    """What the configuration says of the work.

    Attributes:
        tries: after so many failures in a row a look is set aside.
        fresh: by tracker, the seconds within which an edit is to be reflected.
        keep: how long the ids of deliveries are remembered.
    """

    tries: int
    fresh: Mapping[str, float]
    keep: timedelta


class Worker:
    """Implements ``engine.Work`` on one opened configuration.

    Args:
        session: with connectors, claims and a shared turn.
        aims: the configuration's.
        jobs: the schedule.
        metrics: told of everything.
    """

    def __init__(self, session: Session, aims: Aims, jobs: Jobs, metrics: Metrics) -> None:
        self._session, self._aims, self._jobs, self._metrics = session, aims, jobs, metrics
        self._timing = Timing(session, aims.fresh, metrics)
        self._down: dict[str, float] = {}
        self._tidied = time.monotonic()
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def _alone(self) -> Session:
        """The session as one run has it: what a run notes for itself is not the others'."""
        return replace(self._session, asked={}, diagnosed={})

    # Deliveries.

    async def sort(self) -> int:
        """Read what waits in the inbox; see ``engine.Work.sort``."""
        store = self._session.store
        waiting = store.unsorted(SORTED_AT_ONCE)
        if waiting:
            with self._at_work():
                store.sort([self._read(one) for one in waiting], self._session.clock.now())
            await asyncio.sleep(0)
        return len(waiting)

    def _read(self, delivered: Delivered) -> Sorted:
        received, number = delivered.received, delivered.number
        connector = self._session.connectors.get(received.tracker)
        if not isinstance(connector, Listener):
            return self._unread(delivered, f"no tracker is named {received.tracker} now that sends deliveries")
        try:
            scope = connector.scope_of(Delivery(received.headers, received.body))
        except BadDeliveryError as error:
            return self._unread(delivered, str(error))
        except Exception as error:  # noqa: BLE001 - whatever a body does to a plug-in, the next one is to be read
            return self._unread(delivered, f"{received.tracker}: it could not be read: {type(error).__name__}")
        if isinstance(scope, These):
            asks = tuple(Ask(Subject(ref.tracker, "item", ref.id)) for ref in scope.refs)
        else:
            asks = tuple(Ask(Subject(received.tracker, "news", name), name) for name in scope.only or ("",))
        if not asks:
            self._metrics.delivery(received.tracker, "ignored")
        return Sorted(number, asks)

    def _unread(self, delivered: Delivered, why: str) -> Sorted:
        self._metrics.delivery(delivered.received.tracker, "malformed")
        # By its number: the id is a word of the sender's.
        _log.warning("delivery %d of %s is set aside: %s", delivered.number, delivered.received.tracker, why)
        return Sorted(delivered.number, (), why)

    # Looks.

    async def look(self, subject: Subject) -> None:
        """Take a look that is due; see ``engine.Work.look``."""
        store, clock = self._session.store, self._session.clock
        due = store.due_look(subject)
        now = clock.now()
        if due is None or due.state != "due" or due.at > now:
            return
        if subject.tracker not in self._session.connectors:
            store.put_off(due, "aside", f"no tracker is named {subject.tracker} now", now, failed=False)
            return
        involved = {subject.tracker}
        if subject.kind == "item":
            involved |= {ref.tracker for ref in companions(store, (subject.ref,))}
        if (left := max(self._down.get(name, 0.0) for name in involved) - time.monotonic()) > 0:
            store.put_off(due, "due", due.why, now + timedelta(seconds=left), failed=False)
            return
        begun = time.monotonic()
        with self._at_work(), run_id(tracker=subject.tracker, subject=subject.name):
            try:
                verdict = await (self._news(due) if subject.kind == "news" else self._item(due))
            except BusyError:
                verdict = Verdict("busy", "due", "", BUSY)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of ours, or of a plug-in
                # One that cannot be looked at must not keep the others from being looked at.
                _log.exception("the look at %s failed", called(due))
                verdict = failed(due, f"{type(error).__name__}: {error}", self._aims.tries)
            became = self._settle(due, verdict, now=clock.now(), begun=now)
        self._metrics.look(subject.tracker, became, time.monotonic() - begun)

    async def _news(self, due: Due) -> Verdict:
        tracker, container = due.subject.tracker, due.subject.name
        whole = not self._session.complete(tracker)
        look = await look_for_news(self._session, tracker, container, counts=not due.told)
        if whole and self._session.complete(tracker):
            # Read to its end for the first time: what is to be done is decided at once, and not item by item.
            await self.decide_all(full=False)
        self._note_down([look])
        return judged(due, (look,), None, self._aims.tries)

    async def _item(self, due: Due) -> Verdict:
        order = Order("sync", attend=(due.subject.ref,))
        outcome = await run_once(self._alone, order)
        looks = tuple(outcome.world.looks.values())
        asked = {item.ref.tracker for task in outcome.world.tasks for item in task.items}
        self._note_down(look for look in looks if look.failure is not None or look.tracker in asked)
        if outcome.plan is not None:
            told = [(change, got) for change, got in zip(outcome.plan.changes, outcome.receipts, strict=False) if got]
            self._metrics.changes(told)
        verdict = judged(due, looks, outcome, self._aims.tries)
        self._timing.looked(due, outcome, verdict.outcome)
        return verdict

    def _settle(self, due: Due, verdict: Verdict, *, now: datetime, begun: datetime) -> Said:
        """Remember what became of a look; in a word, what that is."""
        store = self._session.store
        if verdict.state is None:
            return verdict.outcome if store.done(due, begun) else "again"
        store.put_off(due, verdict.state, verdict.why, now + verdict.after, failed=verdict.failed)
        if verdict.state == "aside":
            _log.error("%s is set aside after %d tries: %s", called(due), due.tries + 1, verdict.why)
        elif verdict.state == "held":
            _log.warning("%s is held: %s", called(due), verdict.why)
        return verdict.outcome

    def _note_down(self, looks: Iterable[Look]) -> None:
        """A tracker that could not be used is left in peace for a while; one that could is up again."""
        for look in looks:
            if look.failure is None:
                if self._down.pop(look.tracker, None) is not None:
                    _log.warning("%s can be used again", look.tracker, extra={"tracker": look.tracker})
            elif look.down:
                if look.tracker not in self._down:  # once, and not for each look that waits for it
                    _log.error("%s", look.failure, extra={"tracker": look.tracker})
                wait = getattr(look.failure, "retry_after", None) or _PEACE
                self._down[look.tracker] = time.monotonic() + min(wait, _LONGEST_PEACE)

    # The schedule.

    async def tick(self) -> None:
        """Run the jobs that are due; see ``engine.Work.tick``."""
        with self._at_work():
            self._session.store.ripen(self._session.clock.now())
            await self._jobs.run_due(self._job)

    async def _job(self, name: str) -> str:
        begun = time.monotonic()
        with run_id(job=name):
            try:
                said = await {"sync": self._sync, "full_scan": self._full_scan, "check": self._check}[name]()
            except Exception:
                self._metrics.job(name, "failed", time.monotonic() - begun)
                raise
        self._metrics.job(name, "done", time.monotonic() - begun)
        return said

    async def _sync(self) -> str:
        if self._session.store.remembered(DECIDED) != self._session.terms.fingerprint:
            await self.decide_all(full=False)
        self.owe_news()
        if time.monotonic() - self._tidied > _TIDY:
            self._tidy()
        return ""

    def _tidy(self) -> None:
        self._tidied = time.monotonic()
        self._session.store.tidy(self._session.clock.now(), self._session.keep, self._aims.keep)

    def owe_news(self) -> None:
        """Make a look at the news of every tracker due."""
        trackers = self._session.connectors
        self._session.store.owe(
            (Ask(Subject(tracker, "news", ""), tracker) for tracker in trackers), self._session.clock.now()
        )

    async def _full_scan(self) -> str:
        await self.decide_all(full=True)
        self._tidy()
        return ""

    async def _check(self) -> str:
        outcome = await run_once(self._alone, Order("check"))
        counts: dict[str, int] = {}
        for finding in outcome.world.findings:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
        self._metrics.findings(counts)
        self._note_down(outcome.world.looks.values())
        return "; ".join(str(failure) for failure in outcome.failures)

    async def decide_all(self, *, full: bool) -> None:
        """Read what changed, or everything, and decide every task anew: what is to be done becomes due."""
        looked = await look_at_all(self._alone, full=full)
        self._note_down(looked.looks.values())
        if all(look.failure is None for look in looked.looks.values()):
            self._session.store.remember(DECIDED, self._session.terms.fingerprint)

    # One configuration after another.

    async def begin(self) -> None:
        """Look for what happened before this worker began; decide everything where that was never done.

        Raises:
            StoreError: the store cannot be used.
        """
        store, terms = self._session.store, self._session.terms
        store.renew_mentions()  # else the first look at an item would be the one to wait for it
        known = all(self._session.complete(tracker) for tracker in self._session.connectors)
        if known and store.remembered(DECIDED) == terms.fingerprint:
            self.owe_news()
        else:
            await self.decide_all(full=False)

    async def retire(self) -> None:
        """Begin no more jobs, and wait until nothing of this configuration is under way."""
        self._jobs.retire()
        await self._idle.wait()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._users += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()
