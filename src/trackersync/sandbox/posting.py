"""The stand-ins' webhooks on their way: signed bodies, posted to where a hook was registered, and what goes wrong then.

A hook registered over HTTP (as `trackersync hooks install` does) at an address on loopback is told of every edit, a
person's and a caller's alike. By itself nothing is lost. What may go wrong is set on the post, and drawn from a seed in
the order of the edits, so that the same edits lose the same deliveries whatever the threads do::

    with running(Options()) as sandbox:
        sandbox.post.trouble(lose=0.3, double=0.2, shuffle=50, seed=7)
        sandbox.github.edit(17, labels=["stage: build"], by="ada-l")
        sandbox.post.drain()                        # until everything has been answered
        print(sandbox.post.lost, sandbox.post.answers)

Neither stand-in tries again what was answered badly: GitHub does not, and Jira only after minutes.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from random import Random
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackersync.sandbox.sent import Sent

_LINGER: Final = 0.2
"""Seconds after which nothing more is expected that could overtake what waits."""
_TIMEOUT: Final = 10.0
"""Seconds that a receiver has to answer, as GitHub gives it."""


@dataclass(slots=True)
class Posting:
    """One delivery, and what became of it.

    Attributes:
        tracker: whose: ``github`` or ``jira``.
        about: the issue, as people call it: ``acme/shop#17`` or ``SHOP-17``; empty where it is about none.
        event: what it says has happened.
        url: where it goes.
        sent: its headers and body.
        lost: it is never sent.
        answers: what it was answered, once for each time it was sent; 0 for no answer.
    """

    tracker: str
    about: str
    event: str
    url: str
    sent: Sent
    lost: bool = False
    answers: list[int] = field(default_factory=list)


@dataclass(order=True, slots=True)
class _Waiting:
    place: float
    number: int
    after: float = field(compare=False)
    posting: Posting = field(compare=False)
    told: Callable[[int], object] | None = field(compare=False)


class Post:
    """Brings deliveries to their receivers, by a few threads that start with the first one.

    Args:
        abreast: how many deliveries are under way at once; with one, they arrive in the order in which they leave.
    """

    def __init__(self, abreast: int = 4) -> None:
        self.made: list[Posting] = []
        self._abreast = abreast
        self._lose = self._double = self._delay = 0.0
        self._shuffle = 0
        self._random = Random(0)  # noqa: S311  # a test's dice
        self._waiting: list[_Waiting] = []
        self._number = self._busy = self._hurried = 0
        self._latest = 0.0
        self._closed = False
        self._threads: list[Thread] = []
        self._changed = Condition()

    def trouble(
        self, *, lose: float = 0.0, double: float = 0.0, shuffle: int = 0, delay: float = 0.0, seed: int = 0
    ) -> None:
        """Say what goes wrong from now on; without arguments nothing does.

        Args:
            lose: the part of the deliveries that is never sent.
            double: the part that is sent twice.
            shuffle: how many later deliveries may overtake one.
            delay: the seconds that one may wait at most before it leaves.
            seed: of the dice.
        """
        with self._changed:
            self._lose, self._double, self._shuffle, self._delay = lose, double, shuffle, delay
            self._random = Random(seed)  # noqa: S311  # a test's dice

    @property
    def lost(self) -> list[Posting]:
        """The deliveries that were never sent."""
        return [one for one in self.made if one.lost]

    @property
    def answers(self) -> Counter[int]:
        """How often each status was answered; 0 stands for no answer."""
        return Counter(status for one in self.made for status in one.answers)

    def send(self, posting: Posting, told: Callable[[int], object] | None = None, *, sure: bool = False) -> None:
        """Take a delivery in; it leaves by and by.

        Args:
            posting: the delivery, to an address on loopback.
            told: is told each answer, in a thread of the post's.
            sure: nothing goes wrong with it: somebody asked for it by name.
        """
        if not reachable(posting.url):
            raise ValueError("the sandbox posts to loopback only")
        with self._changed:
            self.made.append(posting)
            # All dice are cast for each, so that one kind of trouble does not change another's.
            lost, doubled = self._random.random() < self._lose, self._random.random() < self._double
            places = [self._random.random() for _ in range(4)]
            if lost and not sure:
                posting.lost = True
                return
            for place, wait in (places[:2], places[2:])[: 2 if doubled and not sure else 1]:
                self._number += 1
                ahead, later = (0.0, 0.0) if sure else (place * self._shuffle, wait * self._delay)
                self._latest = time.monotonic()
                waiting = _Waiting(self._number + ahead, self._number, self._latest + later, posting, told)
                heapq.heappush(self._waiting, waiting)
            while len(self._threads) < self._abreast and not self._closed:
                self._threads.append(Thread(target=self._carry, name="sandbox:post", daemon=True))
                self._threads[-1].start()
            self._changed.notify()

    def drain(self, seconds: float = 30.0) -> bool:
        """Wait until everything that is under way has been answered; False where that took too long."""
        until = time.monotonic() + seconds
        with self._changed:
            self._hurried += 1
            self._changed.notify_all()
            try:
                while (self._waiting or self._busy) and time.monotonic() < until:
                    self._changed.wait(0.05)
                return not self._waiting and not self._busy
            finally:
                self._hurried -= 1

    def close(self) -> None:
        """Send nothing more, and end the threads."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_TIMEOUT)

    def _carry(self) -> None:
        lines: dict[str, HTTPConnection] = {}
        while (taken := self._take()) is not None:
            status = _posted(lines, taken.posting)
            taken.posting.answers.append(status)
            if taken.told is not None:
                taken.told(status)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
        for line in lines.values():
            line.close()

    def _take(self) -> _Waiting | None:
        with self._changed:
            while not self._closed:
                wait = self._wait()
                if wait == 0:
                    self._busy += 1
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait)
            return None

    def _wait(self) -> float | None:
        """Seconds until the first one may leave; None until something comes."""
        if not self._waiting:
            return None
        now = time.monotonic()
        full = len(self._waiting) > self._shuffle or self._hurried > 0
        lingering = 0.0 if full else self._latest + _LINGER - now
        return max(0.0, self._waiting[0].after - now, lingering)


def reachable(url: str) -> bool:
    """Whether an address is on this machine: nothing is ever posted anywhere else."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(parts.hostname).is_loopback
    return False


def _posted(lines: dict[str, HTTPConnection], posting: Posting) -> int:
    """What a receiver answers; 0 where it does not. A connection that was closed in between is opened anew, once."""
    parts = urlsplit(posting.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
    for fresh in (parts.netloc not in lines, True):
        line = lines.setdefault(parts.netloc, HTTPConnection(parts.netloc, timeout=_TIMEOUT))
        try:
            line.request("POST", path, posting.sent.body, dict(posting.sent.headers))
            answer = line.getresponse()
            answer.read()
        except (OSError, HTTPException):
            line.close()
            del lines[parts.netloc]
            if fresh:
                return 0
            continue
        if answer.will_close:
            lines.pop(parts.netloc).close()
        return answer.status
    return 0
