"""One request on its way through the budget: what it is counted for, and how long it may still wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from trackersync.http.exchange import Kind
from trackersync.http.window import MARGIN

Told = Callable[[str, float], None]
"""Told of a wait when it begins: why, and how many seconds."""

BUDGET = 60.0
"""Seconds one request may spend waiting after failures."""


class TooLongError(Exception):
    """The limits allow a request only after longer than it may wait.

    Attributes:
        because: which limit.
        seconds: how long it would be.
    """

    def __init__(self, because: str, seconds: float) -> None:
        super().__init__(because)
        self.because = because
        self.seconds = seconds


@dataclass(slots=True)
class Errand:
    """One request on its way, with every attempt at it.

    Attributes:
        kind: whether it changes anything.
        resource: the part of the API it is counted for.
        creates: it makes content that people are told of.
        pace: the least distance in seconds from the write before it.
        patience: the seconds it may still wait for the tracker's limits.
        told: of its waits.
        request: method and path, by which it is counted for an issue or an endpoint; empty where nobody knows.
        failing: the seconds it may still wait after failures that are no limit.
        sent: when it was last sent.
    """

    kind: Kind
    resource: str
    creates: bool
    pace: float
    patience: float
    told: Told
    request: str = ""
    failing: float = BUDGET
    sent: datetime | None = None

    def wait(self, because: str, seconds: float) -> None:
        """Take a wait off its patience, and tell.

        Raises:
            TooLongError: it may not wait for so long.
        """
        if seconds - MARGIN > self.patience:
            raise TooLongError(because, seconds)
        self.patience = max(0.0, self.patience - seconds)
        self.told(because, seconds)
