"""What a service counts, in the form that Prometheus reads.

Every instance has a registry of its own. Labels come from closed sets, but for the names of trackers and rules, which
come from the configuration; so no sender and no tracker can make them grow. What is known from the store is asked for
in ``watching``, where a slow store keeps no scrape waiting.
https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric

from trackersync import __version__
from trackersync.connector import Clock
from trackersync.core.model import Change, Receipt
from trackersync.http import SystemClock
from trackersync.store import Store
from trackersync.worker.watching import PATIENCE, Kind, Watch

DeliveryOutcome = Literal[
    "accepted", "duplicate", "unsigned", "too large", "slow", "malformed", "unavailable", "ignored"
]
LookOutcome = Literal["done", "again", "held", "failed", "aside", "busy"]

REFLECTED: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds: from what nobody notices to what nobody forgives."""
LOOKS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Seconds a look takes; most of it is waiting for the trackers."""

_REASONS: Final = (
    ("it could not be reached", "unreachable"),
    ("it gave no whole answer", "no answer"),
    ("it answered", "errors"),
    ("it ", "other"),
)
"""How the wire's reasons begin, and what they are counted as; every other reason names a limit of the tracker's."""
REASONS: Final = ("limits", "unreachable", "no answer", "errors", "other")


class Metrics:
    """Counts, from whichever thread, and shows what was counted.

    Args:
        clock: the time; the machine's by default.
        patience: seconds that a scrape waits for the store.
    """

    content_type: str = CONTENT_TYPE_PLAIN_0_0_4
    """Of the exposition."""

    def __init__(self, clock: Clock | None = None, patience: float = PATIENCE) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._watch = Watch(clock or SystemClock(), patience)
        self._registry.register(self._watch)
        here = self._registry
        self._deliveries = Counter(
            "trackersync_deliveries",
            "Webhook deliveries by what became of them; ignored ones, and some malformed ones, were accepted before.",
            ("tracker", "outcome"),
            registry=here,
        )
        self._looks = Counter(
            "trackersync_looks", "Looks taken, by what became of them.", ("tracker", "outcome"), registry=here
        )
        self._took = Histogram(
            "trackersync_look_seconds", "How long looks took.", ("tracker",), buckets=LOOKS, registry=here
        )
        self._reflected = Histogram(
            "trackersync_reflected_seconds",
            "From an edit in this tracker until the others showed it.",
            ("tracker",),
            buckets=REFLECTED,
            registry=here,
        )
        self._timely = Counter(
            "trackersync_reflected_timely",
            "Edits in this tracker that were reflected within its `fresh`.",
            ("tracker",),
            registry=here,
        )
        self._changes = Counter(
            "trackersync_changes", "Changes by what became of them.", ("tracker", "field", "outcome"), registry=here
        )
        self._waits = Counter(
            "trackersync_waits_seconds",
            "Seconds that requests were made to wait, by reason.",
            ("tracker", "reason"),
            registry=here,
        )
        self._jobs = Counter(
            "trackersync_jobs", "Scheduled jobs that ended here, by how.", ("job", "outcome"), registry=here
        )
        self._job_took = Histogram(
            "trackersync_job_seconds",
            "How long scheduled jobs took.",
            ("job",),
            buckets=(1, 5, 15, 60, 300, 1800, 7200),
            registry=here,
        )
        self._sound = Gauge(
            "trackersync_config_last_reload_successful",
            "1 unless the configuration that was read last was refused, so that an earlier one holds.",
            registry=here,
        )
        self._sound.set(1)
        Info("trackersync_build", "What runs here.", registry=here).info(
            {"version": __version__, "python": platform.python_version()}
        )
        ProcessCollector(registry=self._registry)

    # What happened.

    def delivery(self, tracker: str, outcome: DeliveryOutcome, number: int = 1) -> None:
        """Count deliveries to a configured tracker's address; never ask for one by a name that a sender chose."""
        self._deliveries.labels(tracker, _label(outcome)).inc(number)

    def look(self, tracker: str, outcome: LookOutcome, seconds: float) -> None:
        """Count a look that was taken, and how long it took."""
        self._looks.labels(tracker, outcome).inc()
        self._took.labels(tracker).observe(seconds)

    def reflected(self, tracker: str, seconds: float, timely: bool) -> None:
        """Count an edit of a tracker that the others show by now.

        Args:
            tracker: where it was made.
            seconds: from the edit until then.
            timely: whether that was within the tracker's `fresh`.
        """
        self._reflected.labels(tracker).observe(max(0.0, seconds))
        self._timely.labels(tracker).inc(int(timely))

    def changes(self, receipts: Sequence[tuple[Change, Receipt]]) -> None:
        """Count what was written, and what could not be."""
        for change, receipt in receipts:
            self._changes.labels(change.ref.tracker, change.field, _label(receipt.outcome)).inc()

    def waited(self, tracker: str, reason: str, seconds: float) -> None:
        """Count a wait of a request.

        Args:
            tracker: that is waited for.
            reason: as the wire says it, in a sentence; counted as one of ``REASONS``.
            seconds: how long.
        """
        self._waits.labels(tracker, _label(reason_of(reason))).inc(max(0.0, seconds))

    def reloaded(self, *, sound: bool) -> None:
        """Show whether the configuration that was read again holds now, or an earlier one does."""
        self._sound.set(int(sound))

    def findings(self, by_rule: Mapping[str, int]) -> None:
        """Show what the last check found; a rule that is not named finds nothing any more. The store remembers it."""
        self._watch.found(by_rule)

    def job(self, name: str, outcome: Literal["done", "failed"], seconds: float) -> None:
        """Count a job of the schedule that has ended in this process."""
        self._jobs.labels(name, outcome).inc()
        self._job_took.labels(name).observe(seconds)

    # What is so.

    def watch(self, store: Store, requests: Mapping[str, Mapping[Kind, int]]) -> None:
        """Show from now on what this store knows, and what these counters say; called again when they are replaced.

        Args:
            store: asked when the metrics are.
            requests: by tracker, the requests sent since they were made, by kind; read and never written.
        """
        self._watch.follow(store, requests)
        for tracker in requests:  # from zero on, so that the first of them is seen to be one more
            for outcome in get_args(DeliveryOutcome):
                self._deliveries.labels(tracker, _label(outcome))
            for look in get_args(LookOutcome):
                self._looks.labels(tracker, look)
            for reason in REASONS:
                self._waits.labels(tracker, _label(reason))
            self._reflected.labels(tracker)
            self._timely.labels(tracker)

    def aim(self, fresh: Mapping[str, float], share: float) -> None:
        """Show the freshness objective.

        Args:
            fresh: by tracker, the seconds within which an edit is to be reflected.
            share: the part of the edits for which that is to be so, from 0 to 1.
        """
        self._watch.aim(fresh, share)

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it. Waits for the store no longer than ``patience``; never fails."""
        return generate_latest(_Plain(self._registry))


class _Plain(CollectorRegistry):
    """A registry without the moments of creation, which the plain format has no place for but further series."""

    def __init__(self, whole: CollectorRegistry) -> None:
        super().__init__(auto_describe=False)
        self._whole = whole

    def collect(self) -> Iterable[Metric]:
        """All the rest; see ``prometheus_client``."""
        for family in self._whole.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family


def reason_of(sentence: str) -> str:
    """Which of ``REASONS`` a wait's reason is; a failure begins with what the tracker did, a limit anyhow."""
    return next((reason for start, reason in _REASONS if sentence.startswith(start)), "limits")


def _label(word: str) -> str:
    return str(word).replace(" ", "_")
