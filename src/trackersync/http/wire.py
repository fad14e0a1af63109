"""What is asked again, when, and what an answer is worth: the connector's ``Wire``.

One ``HttpWire`` per tracker and run keeps the promises of ``connector.Wire`` for every connector at once: what may be
repeated is repeated (tenacity) and nothing else; waits honour what the tracker asks; writes go one at a time; a fact
the configuration does not allow never leaves.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

import httpx
from pydantic import SecretStr
from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from trackersync.connector import Answer, AuthError, Clock, RejectedError, UnavailableError
from trackersync.http import breaks, rates
from trackersync.http.exchange import Kind, Line, Log, Request

ATTEMPTS = 4
BUDGET = 60.0
"""Seconds one request may spend waiting; a longer wait is handed back as ``UnavailableError.retry_after``."""

_TIMES = ("", "once", "twice", "three times", "four times")


class SystemClock:
    """The real time, and real waiting."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Counters:
    """What a run cost: requests sent by kind (repeats and redirects included), and the waits between attempts."""

    requests: dict[Kind, int] = field(default_factory=lambda: {"read": 0, "write": 0})
    waits: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class _Refused:
    """An attempt that another may mend.

    Attributes:
        did: what the tracker did, as a verb: ``answered 503``.
        because: the reason, where the verb does not tell it.
        asked: the seconds the tracker asks us to wait.
    """

    did: str
    because: str = ""
    asked: float | None = None


class HttpWire:
    """Implements ``connector.Wire`` over one ``httpx.AsyncClient``.

    Args:
        tracker: its name in the configuration, for sentences.
        base_url: where the API answers; a path prefix (``/api/v3``, ``/jira``) is kept.
        authorization: gives the ``Authorization`` header's value, None for no credential. Asked for every request,
            since tokens of an App live an hour.
        headers: sent with every request.
        clock: the time, and waiting.
        writes: the facts that may be written; any other is refused before it leaves.
        pace: seconds between the starts of two writes.
        in_flight: how many requests may be under way at once.
        timeout: seconds to wait for a whole answer; connecting has 5 of its own.
        transport: instead of the network, in tests.
        counters: where to count; its own by default.
        log: told of every exchange, for ``--verbose``.
        chance: gives random numbers from 0 to 1, to spread waits.
        budget: seconds one request may spend waiting in all.

    Raises:
        ConfigError: ``base_url`` is not an address to send requests to.
    """

    def __init__(
        self,
        tracker: str,
        base_url: str,
        authorization: Callable[[], Awaitable[SecretStr | None]],
        headers: Mapping[str, str],
        clock: Clock,
        *,
        writes: Collection[str] = (),
        pace: float = 0.0,
        in_flight: int = 8,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
        counters: Counters | None = None,
        log: Log | None = None,
        chance: Callable[[], float] = random.random,
        budget: float = BUDGET,
    ) -> None:
        self.tracker = tracker
        self.counters = counters or Counters()
        self._clock = clock
        self._writes = frozenset(writes)
        self._pace = pace
        self._slots = asyncio.Semaphore(in_flight)
        self._one_write = asyncio.Lock()
        self._chance = chance
        self._budget = budget
        self._last_write: datetime | None = None
        self._closed_until: datetime | None = None
        self._line = Line(
            tracker, base_url, authorization, headers, timeout=timeout, sent=self._sent, transport=transport, log=log
        )

    async def __aenter__(self) -> Self:
        """Nothing to prepare: connections are opened when first needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    async def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request that changes nothing; see ``connector.Wire.read``.

        Raises:
            AuthError: 401.
            RejectedError: ``path`` or a redirect leads to another origin; nothing was sent there.
            UnavailableError: no usable answer after four attempts, or within the wait we may spend.
        """
        return await self._ask(Request("read", method, self._line.inside(path), params, json, headers))

    async def write(
        self,
        method: str,
        path: str,
        *,
        fact: str,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        creates: bool = False,
    ) -> Answer:
        """Send a request that changes ``fact``, one at a time and in step; see ``connector.Wire.write``.

        It is sent again only when the tracker refused it for rate, or when no connection came about.

        Raises:
            AuthError: 401.
            RejectedError: the fact may not be written here, or ``path`` leads to another origin; nothing was sent.
            UnavailableError: not done; or with ``in_doubt``, sent and without a clear answer.
        """
        request = Request("write", method, self._line.inside(path), params, json, creates=creates)
        if fact not in self._writes:
            allowed = ", ".join(sorted(self._writes)) or "none"
            raise RejectedError(
                f"{self.tracker}: {fact} may not be written: `writes` of this tracker is {allowed}. "
                f"Nothing was sent ({request.words})."
            )
        async with self._one_write:
            return await self._ask(request)

    def count(self, kind: Kind, requests: int = 1) -> None:
        """Count requests a client library sent past this wire; the next write keeps its distance from theirs too."""
        self.counters.requests[kind] += requests
        if kind == "write" and requests:
            self._last_write = self._clock.now()

    async def admit(self, kind: Kind, *, creates: bool = False) -> None:
        """Let a request of a client library pass; see ``connector.Wire.admit``."""
        if kind == "write":
            await self._keep_pace()
        self.count(kind)

    # Attempts, and what each is worth.

    async def _ask(self, request: Request) -> Answer:
        began = self._clock.now()
        attempts = AsyncRetrying(
            sleep=self._wait,
            stop=self._enough,
            wait=self._delay,
            retry=retry_if_result(lambda outcome: isinstance(outcome, _Refused)),
            retry_error_callback=_last_outcome,
        )
        outcome: Answer | _Refused = await attempts(self._attempt, request)
        if isinstance(outcome, Answer):
            return outcome
        took = (self._clock.now() - began).total_seconds()
        raise self._gave_up(outcome, request, attempts.statistics["attempt_number"], took)

    async def _attempt(self, request: Request) -> Answer | _Refused:
        if (closed := self._closed_for()) > 0:
            return _Refused("is closed to us", "its rate limit is used up", closed)
        if request.kind == "write":
            await self._keep_pace()
        async with self._slots:
            try:
                answer = await self._line.exchange(request)
            except (httpx.HTTPError, TimeoutError) as error:
                return self._broken(request, error)
        return self._judged(request, answer)

    def _judged(self, request: Request, answer: Answer) -> Answer | _Refused:
        """Decide what an answer is worth: hand it on, ask again, or stop."""
        if answer.status == 401:
            raise AuthError(
                f"{self.tracker}: {self._line.place} does not accept the credential (401 on {answer.request}). Check "
                f"that `token` of tracker {self.tracker} is set, neither expired nor revoked, and meant for this host."
            )
        now = self._clock.now()
        asked = rates.asked_wait(answer.status, answer.headers, now)
        if rates.refused_for_rate(answer.status, answer.headers, answer.body):
            if asked is not None and rates.concerns_all(answer.headers):
                self._closed_until = now + timedelta(seconds=asked)
            return _Refused(f"answered {answer.status}", "its rate limit is used up", asked)
        if answer.status < 500:
            return answer
        if request.kind == "write":
            raise self._in_doubt(f"answered {answer.status} to {answer.request}", asked)
        return _Refused(f"answered {answer.status}", asked=asked)

    def _broken(self, request: Request, error: breaks.Break) -> _Refused:
        """Decide what a broken connection means for this request."""
        reason = breaks.reason(error)
        if breaks.never_sent(error):
            refused = _Refused("could not be reached", reason)
            if breaks.hopeless(error):
                raise self._gave_up(refused, request, 1, 0.0) from error
            return refused
        if request.kind == "write":
            raise self._in_doubt(f"gave no whole answer to {request.words}: {reason}") from error
        return _Refused("gave no whole answer", reason)

    # Waiting.

    async def _wait(self, seconds: float) -> None:
        self.counters.waits += 1
        self.counters.waited += seconds
        await self._clock.sleep(seconds)

    def _delay(self, state: RetryCallState) -> float:
        refused = _last_outcome(state)
        if isinstance(refused, _Refused) and refused.asked is not None:
            return refused.asked
        return rates.backoff(state.attempt_number, self._chance())

    def _enough(self, state: RetryCallState) -> bool:
        """Whether to stop without sleeping: tenacity's ``stop_before_delay``, by the waits of the clock we are given.

        The library's own reads the machine's clock, so a test's clock, or a laptop that slept, would mislead it.
        """
        return state.attempt_number >= ATTEMPTS or state.idle_for + state.upcoming_sleep > self._budget

    def _closed_for(self) -> float:
        """The seconds for which the tracker has closed itself to every request of ours."""
        if self._closed_until is None:
            return 0.0
        return (self._closed_until - self._clock.now()).total_seconds()

    async def _keep_pace(self) -> None:
        if self._last_write is not None:
            left = self._pace - (self._clock.now() - self._last_write).total_seconds()
            if left > 0:
                # A clock that was set back must not make us wait for as long.
                await self._clock.sleep(min(left, self._pace))
        self._last_write = self._clock.now()

    def _sent(self, kind: Kind) -> None:
        self.counters.requests[kind] += 1

    # Sentences.

    def _gave_up(self, refused: _Refused, request: Request, attempts: int, took: float) -> UnavailableError:
        often = f" {_TIMES[attempts]} in {rates.spoken(took)}" if attempts > 1 else ""
        because = f": {refused.because}" if refused.because else ""
        asks = f"; it asks for {rates.spoken(refused.asked)}" if refused.asked else ""
        return UnavailableError(
            f"{self._line.place} {refused.did}{often}{because}{asks} ({request.words})", retry_after=refused.asked
        )

    def _in_doubt(self, what: str, asked: float | None = None) -> UnavailableError:
        return UnavailableError(
            f"{self._line.place} {what}; the write may have taken effect or not, so look before writing again",
            retry_after=asked,
            in_doubt=True,
        )


def _last_outcome(state: RetryCallState) -> Answer | _Refused:
    """What the last attempt came to. An attempt that raised never gets here: only refusals are repeated."""
    if state.outcome is None:
        raise AssertionError("tenacity asks only after an attempt")
    outcome: Answer | _Refused = state.outcome.result()
    return outcome
