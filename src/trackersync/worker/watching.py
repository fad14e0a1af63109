"""What the store knows and a scrape shows: asked for beside the scrape, so that a slow store keeps nobody waiting.

A scrape has the store asked anew where what is known is older than ``FRESH`` seconds, and waits ``PATIENCE`` for it;
what has not come by then is shown by the next one, and the last known values meanwhile. ``trackersync_store_up`` and
``trackersync_store_asked_timestamp_seconds`` tell which.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from trackersync.connector import Clock
from trackersync.errors import StoreError
from trackersync.store import Freshness, Kept, Store
from trackersync.store.inbox import State
from trackersync.store.subjects import Standing

Kind = Literal["read", "write"]
Key = TypeVar("Key", bound=tuple[str, ...])

FRESH: Final = 5.0
"""Seconds for which what the store said is good."""
PATIENCE: Final = 1.0
"""Seconds that a scrape waits for the store."""
DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)

FOUND: Final = "findings by rule"
"""Under this name the store remembers what the last check found: of many processes one runs it, and all show it."""

_counts = msgspec.json.Decoder(dict[str, int])
_log = logging.getLogger("trackersync.metrics")


@dataclass(frozen=True, slots=True)
class Picture:
    """What a store said at a moment."""

    at: datetime
    inbox: Mapping[tuple[str, State], int] = field(default_factory=dict)
    inbox_since: datetime | None = None
    queue: Mapping[tuple[str, Standing], tuple[int, datetime]] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    timeliness: Mapping[str, Freshness] = field(default_factory=dict)
    jobs: Mapping[str, Kept] = field(default_factory=dict)
    found: Mapping[str, int] | None = None


def picture(store: Store, now: datetime) -> Picture:
    """Ask a store; each question goes by an index, and by what waits rather than by all there ever was.

    Raises:
        StoreError: it cannot be read.
    """
    return Picture(
        now,
        store.deliveries(),
        store.unsorted_since(),
        store.queue(),
        store.missed(now - DAY),
        store.timeliness(now - MONTH),
        store.kept(),
        None if (found := store.remembered(FOUND)) is None else _counts.decode(found),
    )


class Watch(Collector):
    """Shows what a store knows, and how many requests were sent.

    Args:
        clock: the time.
        patience: seconds that a scrape waits for the store.
    """

    def __init__(self, clock: Clock, patience: float = PATIENCE) -> None:
        self._clock, self._patience = clock, patience
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._picture: Picture | None = None
        self._up = True
        self._asking: threading.Thread | None = None
        self._sources: list[Mapping[str, Mapping[Kind, int]]] = []
        self._before: dict[tuple[str, str], int] = {}
        self._fresh: Mapping[str, float] = {}
        self._share: float | None = None
        self._succeeded: dict[str, datetime] = {}
        self._found: dict[str, int] = {}

    def follow(self, store: Store, requests: Mapping[str, Mapping[Kind, int]]) -> None:
        """Go over to other counters, and to this store. What the counters before said stays counted."""
        with self._lock:
            if store is not self._store:
                self._store, self._picture = store, None
            self._sources.append(requests)
            # The one before may still be counted into, until what it had under way is done; those before it are not.
            while len(self._sources) > 2:
                _add(self._before, self._sources.pop(0))

    def aim(self, fresh: Mapping[str, float], share: float) -> None:
        """The freshness objective from now on."""
        with self._lock:
            self._fresh, self._share = dict(fresh), share

    def found(self, by_rule: Mapping[str, int]) -> None:
        """What the last check found, from now on; also by whoever else asks this store."""
        with self._lock:
            self._find(by_rule)
            store = self._store
        if store is not None:
            try:
                store.remember(FOUND, msgspec.json.encode(by_rule).decode())
            except StoreError as error:  # the check itself went well, and the next one will be remembered
                _log.warning("%s", error)

    def _find(self, by_rule: Mapping[str, int]) -> None:
        """A rule that is not named any more finds nothing, and shows that."""
        self._found = dict.fromkeys(self._found, 0) | dict(by_rule)

    def collect(self) -> Iterable[Metric]:
        """What is known; see ``prometheus_client``."""
        self._refresh()
        with self._lock:
            known, up = self._picture, self._up
            trackers = sorted(set(self._sources[-1])) if self._sources else []
            sent = dict(self._before)
            for source in self._sources:
                _add(sent, source)
            fresh, share, watched = dict(self._fresh), self._share, self._store is not None
            succeeded, found = dict(self._succeeded), {(rule,): number for rule, number in self._found.items()}
        requests = CounterMetricFamily(
            "trackersync_requests", "Requests sent to a tracker, repeats included.", labels=("tracker", "kind")
        )
        for (tracker, kind), number in sorted(sent.items()):
            requests.add_metric((tracker, kind), number)
        yield requests
        yield _gauge("findings", "Findings of the last check, by rule.", found, "rule")
        yield from _objective(fresh, share)
        if watched:
            yield _gauge("store_up", "Whether the store answered in time when it was asked last.", {(): int(up)})
        if known is not None:
            yield from self._known(known, trackers, succeeded)

    def _known(self, known: Picture, trackers: Iterable[str], succeeded: Mapping[str, datetime]) -> Iterable[Metric]:
        now, trackers = self._clock.now(), list(trackers)
        yield _gauge("store_asked_timestamp_seconds", "When the store was asked last.", {(): known.at.timestamp()})
        both: tuple[State, ...] = ("waiting", "aside")
        inbox = {(tracker, state): 0 for tracker in trackers for state in both} | dict(known.inbox)
        yield _gauge("inbox_deliveries", "Deliveries that nobody has read yet, or can.", inbox, "tracker", "state")
        age = _age(known.inbox_since, now)
        yield _gauge("inbox_age_seconds", "How long the delivery has waited that has waited longest.", {(): age})
        all_three: tuple[Standing, ...] = ("due", "held", "aside")
        states = [(tracker, state) for tracker in trackers for state in all_three]
        number = dict.fromkeys(states, 0) | {key: count for key, (count, _) in known.queue.items()}
        yield _gauge("looks_due", "Looks that are to be taken, are held, or are set aside.", number, "tracker", "state")
        ages = dict.fromkeys(states, 0.0) | {key: _age(since, now) for key, (_, since) in known.queue.items()}
        yield _gauge(
            "looks_due_age_seconds", "How long the look waits that was asked for first.", ages, "tracker", "state"
        )
        missed = {(tracker,): known.missed.get(tracker, 0) for tracker in {*trackers, *known.missed}}
        yield _gauge("missed_changes", "Changes of the last 24 hours that no delivery told of.", missed, "tracker")
        ratio = {(name,): one.timely / one.edits for name, one in known.timeliness.items() if one.edits}
        yield _gauge(
            "freshness_ratio", "The part of the edits of 30 days that was reflected within `fresh`.", ratio, "tracker"
        )
        ended = {(name,): int(bool(one.outcome)) for name, one in known.jobs.items() if one.ended is not None}
        yield _gauge("job_failing", "Whether a job's last run was not all it should be.", ended, "job")
        times = {(name,): at.timestamp() for name, at in succeeded.items()}
        yield _gauge("job_last_success_timestamp_seconds", "When a job last ended as it should.", times, "job")

    # Asking.

    def _refresh(self) -> None:
        """Have the store asked, and wait a little for it."""
        now = self._clock.now()
        with self._lock:
            store, known = self._store, self._picture
            if store is None or (self._up and known is not None and abs((now - known.at).total_seconds()) < FRESH):
                return
            if self._asking is None:
                self._asking = threading.Thread(target=self._ask, args=(store,), name="trackersync:watch", daemon=True)
                self._asking.start()
            asking = self._asking
        asking.join(self._patience)
        if asking.is_alive():
            with self._lock:
                self._up = False

    def _ask(self, store: Store) -> None:
        try:
            new = picture(store, self._clock.now())
        except Exception as error:  # noqa: BLE001 - whatever it is, a scrape shows that it is so and does not fail
            _log.debug("the store could not be asked for the metrics: %s", error)
            with self._lock:
                self._up, self._asking = False, None
        else:
            with self._lock:
                self._asking = None
                if store is self._store:
                    self._picture, self._up = new, True
                    if new.found is not None:
                        self._find(new.found)
                    for name, one in new.jobs.items():
                        if one.ended is not None and not one.outcome:
                            self._succeeded[name] = one.ended


def _objective(fresh: Mapping[str, float], share: float | None) -> Iterable[Metric]:
    if share is not None:
        limits = {(tracker,): seconds for tracker, seconds in fresh.items()}
        yield _gauge("freshness_objective_seconds", "A tracker's `fresh`.", limits, "tracker")
        yield _gauge("freshness_objective_ratio", "The configured `service.objective`.", {(): share})


def _gauge(name: str, says: str, values: Mapping[Key, float], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"trackersync_{name}", says, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _add(total: dict[tuple[str, str], int], source: Mapping[str, Mapping[Kind, int]]) -> None:
    for tracker, kinds in source.items():
        for kind, number in kinds.items():
            total[tracker, kind] = total.get((tracker, kind), 0) + number
