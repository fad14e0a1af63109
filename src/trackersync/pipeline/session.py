"""What a run works with: the open connectors, the store, the clock, and all that the configuration decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, Protocol

from trackersync.connector import Clock, Connector
from trackersync.core.address import Address
from trackersync.core.diagnose import RULES, Diagnosis, Rulebook
from trackersync.core.guard import Limits
from trackersync.core.model import Change, ItemRef, Receipt
from trackersync.core.naming import in_present_names
from trackersync.core.terms import Terms
from trackersync.store import Store

PATTERN = frozenset("*?[!")
"""Letters of a pattern, which no repository's or project's name has."""

Kind = Literal["read", "write"]


class Progress(Protocol):
    """Told how a run comes along; the command line draws it, everybody else is silent."""

    def observed(self, tracker: str, container: str, items: int, expected: int | None) -> None:
        """So many items of a container have been read, of so many expected where that is known."""

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """One change has its receipt."""

    def waiting(self, tracker: str, reason: str, seconds: float) -> None:
        """A request waits for so long, before it is sent or sent again; the reason names the limit."""


def _free(_: Collection[ItemRef]) -> AbstractContextManager[bool]:
    return nullcontext(True)


class Silence:
    """A progress that nobody watches."""

    def observed(self, tracker: str, container: str, items: int, expected: int | None) -> None:
        """Say nothing."""

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """Say nothing."""

    def waiting(self, tracker: str, reason: str, seconds: float) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """One opened configuration.

    Attributes:
        terms: what the configuration decides for the core.
        limits: the guard's.
        links: pairs of keys the configuration links.
        containers: tracker to its configured repositories or projects.
        addresses: where each tracker's own pages are found.
        connectors: by tracker.
        store: what is remembered between runs.
        clock: the time.
        requests: tracker to the requests sent so far, by kind; the wires count into it.
        progress: told how the run comes along.
        undone: how often in a row others may undo a write before its field rests; 0: for ever.
        keep: how long past runs are remembered.
        history: who moved what is read from the trackers' own history, for what has changed.
        full_scan: tracker to how often everything is read anew; never, for one that is not named.
        turn: entered while a run may write, so that only one does; given the command.
        claim: takes items for as long as a look at them lasts; False where somebody else has one of them.
        serves: looks of a service are taken beside this, so what is in doubt may be under way in one of them.
        place: the process and machine this is, for whoever waits for it.
        configured: the terms in the words of the configuration, once ``terms`` are in the present names of trackers.
        rulebook: the rules of check, as they hold.
        diagnosed: under ``last``, the diagnosis of the last look, to be renewed by the next.
        asked: the trackers that this run has asked for all their names, and whether they told.
    """

    terms: Terms
    limits: Limits
    links: tuple[tuple[str, str], ...]
    containers: Mapping[str, tuple[str, ...]]
    addresses: tuple[Address, ...]
    connectors: Mapping[str, Connector]
    store: Store
    clock: Clock
    requests: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)
    progress: Progress = field(default_factory=Silence)
    undone: int = 3
    keep: timedelta = timedelta(days=90)
    history: bool = True
    full_scan: Mapping[str, timedelta] = field(default_factory=dict)
    turn: Callable[[str], AbstractAsyncContextManager[object]] = nullcontext
    claim: Callable[[Collection[ItemRef]], AbstractContextManager[bool]] = _free
    serves: bool = False
    place: str = ""
    configured: Terms | None = None
    rulebook: Rulebook = field(default_factory=lambda: Rulebook(RULES))
    diagnosed: dict[str, Diagnosis] = field(default_factory=dict)
    asked: dict[str, bool] = field(default_factory=dict)

    def complete(self, tracker: str) -> bool:
        """Whether every repository or project of a tracker has been read to its end once.

        Where the configuration gives patterns, the store knows what was found by them.
        """
        known = self.store.complete(tracker)
        named = [name for name in self.containers[tracker] if not PATTERN.intersection(name)]
        return bool(known) and all(known.values()) and all(known.get(name, False) for name in named)

    def refreshed(self) -> Session:
        """This session with the people that the accounts seen by now tell, and in the names that hold now."""
        configured = self.configured or self.terms
        terms = in_present_names(configured, {tracker: self.store.names(tracker) for tracker in configured.maps})
        people = self.terms.people.meeting(self.store.accounts(), self.terms.maps)
        return replace(self, terms=replace(terms, people=people), configured=configured)
