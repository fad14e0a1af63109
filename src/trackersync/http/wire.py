"""What is asked again, when, and what an answer is worth: the connector's ``Wire``.

One ``HttpWire`` per tracker and run keeps the promises of ``connector.Wire`` for every connector at once: what may be
repeated is repeated (tenacity) and nothing else; waits honour what the tracker asks; every request waits for its turn
in the budget, which it shares with all who have the same credential; a fact the configuration does not allow never
leaves.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Self

import httpx
from pydantic import SecretStr
from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from trackersync.connector import Answer, AuthError, Clock, RejectedError, UnavailableError
from trackersync.http import breaks, rates, troubles
from trackersync.http.budget import Budget
from trackersync.http.counters import Counters
from trackersync.http.errand import BUDGET, Errand, Told, TooLongError
from trackersync.http.exchange import Kind, Line, Log, Request
from trackersync.http.reach import trouble
from trackersync.http.troubles import Refused

ATTEMPTS = 4
NOT_IMPLEMENTED = 501
"""Nothing was done, and asked again it will say the same (RFC 9110, 15.6.2), so it is the caller's, as 404 is."""


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
        pace: seconds between the starts of two writes, of all who share the budget.
        in_flight: how many requests may be under way at once.
        timeout: seconds to wait for a whole answer; connecting has 5 of its own.
        transport: instead of the network, in tests.
        counters: where to count; its own by default.
        log: told of every exchange, for ``--verbose``.
        chance: gives random numbers from 0 to 1, to spread waits.
        budget: the limits, shared with all who have the same host and credential; its own and without any by default.
        patience: seconds one request may wait for the tracker's limits.
        waiting: told of every wait as it begins, with the reason and the seconds.
        heard: told that something was answered, whatever it was.

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
        budget: Budget | None = None,
        patience: float = BUDGET,
        waiting: Told | None = None,
        heard: Callable[[], None] | None = None,
    ) -> None:
        self.tracker = tracker
        self.counters = counters or Counters()
        self._clock = clock
        self._writes = frozenset(writes)
        self._pace = pace
        self._places = asyncio.Semaphore(in_flight)
        self._chance = chance
        self._budget = budget or Budget(clock)
        self._patience = patience
        self._waiting = waiting
        self._heard = heard or (lambda: None)
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
        return await self._ask(request)

    async def authorization(self) -> SecretStr | None:
        """The ``Authorization`` header's value as it is now; see ``connector.Wire.authorization``."""
        return await self._line.authorization()

    @asynccontextmanager
    async def admit(self, kind: Kind, *, creates: bool = False) -> AsyncIterator[None]:
        """The turn of a client library's request; see ``connector.Wire.admit``.

        Raises:
            UnavailableError: the limits allow it only after longer than we may wait; nothing was sent.
        """
        try:
            async with self._budget.turn(self._errand(kind, "", creates=creates), self._places):
                self.counters.requests[kind] += 1
                yield
                self._heard()
        except TooLongError as wait:
            raise self._impatient(wait, "a request of a client library") from None
        except UnavailableError as error:
            if error.retry_after is not None:
                self._budget.close(error.retry_after)
            raise

    # Attempts, and what each is worth.

    async def _ask(self, request: Request) -> Answer:
        began = self._budget.now()
        errand = self._errand(request.kind, request.url.path, creates=request.creates, request=request.words)
        attempts = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=partial(self._enough, errand),
            wait=self._delay,
            before_sleep=partial(self._pause, errand),
            retry=retry_if_result(lambda outcome: isinstance(outcome, Refused)),
            retry_error_callback=_last_outcome,
        )
        try:
            outcome: Answer | Refused = await attempts(self._attempt, request, errand)
        except TooLongError as wait:
            raise self._impatient(wait, request.words) from None
        if isinstance(outcome, Answer):
            return outcome
        took = (self._budget.now() - began).total_seconds()
        raise troubles.gave_up(self._line.place, outcome, request.words, attempts.statistics["attempt_number"], took)

    async def _attempt(self, request: Request, errand: Errand) -> Answer | Refused:
        try:
            answer = await self._line.exchange(request, partial(self._budget.turn, errand, self._places))
        except (httpx.HTTPError, TimeoutError) as error:
            return self._broken(request, error)
        self._heard()
        if answer.status == 401 and await self._line.authorization() is None:
            raise troubles.unsigned(self._line.place, self.tracker, answer.request)
        return self._judged(request, answer, errand)

    def _judged(self, request: Request, answer: Answer, errand: Errand) -> Answer | Refused:
        """Decide what an answer is worth: hand it on, ask again, or stop."""
        if answer.status == 401:
            raise AuthError(
                f"{self.tracker}: {self._line.place} does not accept the credential (401 on {answer.request}). Check "
                f"that `token` of tracker {self.tracker} is set, neither expired nor revoked, and meant for this host."
            )
        now = rates.told_time(answer.headers, self._clock.now())
        veiled = answer.status == 200 and errand.resource in self._budget.limits.veiled
        inside = rates.veiled_refusal(answer.headers, answer.body) if veiled else ""
        if inside or rates.refused_for_rate(answer.status, answer.headers, answer.body):
            return self._limited(answer, errand, now, primary=inside == "primary")
        self._budget.passed(errand)
        if answer.status < 500 or answer.status == NOT_IMPLEMENTED:
            return answer
        asked = rates.asked_wait(answer.status, answer.headers, now)
        if request.kind == "write":
            raise troubles.in_doubt(self._line.place, f"answered {answer.status} to {answer.request}", asked)
        return Refused(f"answered {answer.status}", asked=asked)

    def _limited(self, answer: Answer, errand: Errand, now: datetime, *, primary: bool) -> Refused:
        """Refused for rate, so nothing was done: wait as long as it asks, and hold back all whom it concerns."""
        limits, headers = self._budget.limits, answer.headers
        asked = rates.asked_wait(answer.status, headers, now, primary=primary)
        if asked is None and (answer.status != 429 or limits.silent):
            asked = self._budget.strike(errand)
        elif asked is not None and not self._known(headers, primary=primary):
            self._budget.close(asked)
        elif asked is not None:
            self._budget.close_for(errand, headers.get("ratelimit-reason", ""), asked)
        said = "refused" if answer.status == 200 else f"answered {answer.status}"
        return Refused(said, self._budget.because(errand.resource), asked, rated=True)

    def _known(self, headers: Mapping[str, str], *, primary: bool) -> bool:
        """Whether others need not be held back: it concerns them not, or the budget counts down that part by itself."""
        counted = self._budget.limits.counted and rates.concerns_resource(headers, primary=primary)
        return counted or not rates.concerns_all(headers)

    def _broken(self, request: Request, error: breaks.Break) -> Refused:
        """Decide what a broken connection means for this request."""
        if breaks.never_sent(error):
            why, remedy = trouble(str(request.url), error)
            refused = Refused("could not be reached", why, remedy=remedy)
            if breaks.hopeless(error):
                raise troubles.gave_up(self._line.place, refused, request.words) from error
            return refused
        reason = breaks.reason(error)
        if request.kind == "write":
            raise troubles.in_doubt(self._line.place, f"gave no whole answer to {request.words}: {reason}") from error
        return Refused("gave no whole answer", reason)

    # Waiting.

    def _errand(self, kind: Kind, path: str, *, creates: bool, request: str = "") -> Errand:
        resource = self._budget.limits.resource(path)
        return Errand(kind, resource, creates, self._pace, self._patience, self._told, request)

    def _delay(self, state: RetryCallState) -> float:
        refused = _last_outcome(state)
        if isinstance(refused, Refused) and refused.asked is not None:
            return refused.asked
        return rates.backoff(state.attempt_number, self._chance())

    def _enough(self, errand: Errand, state: RetryCallState) -> bool:
        """Whether to stop without sleeping: tenacity's ``stop_before_delay``, by the waits of the clock we are given.

        The library's own reads the machine's clock, so a test's clock, or a laptop that slept, would mislead it.
        """
        if state.attempt_number >= ATTEMPTS:
            return True
        refused = _last_outcome(state)
        rated = isinstance(refused, Refused) and refused.rated
        return state.upcoming_sleep > (errand.patience if rated else errand.failing)

    def _pause(self, errand: Errand, state: RetryCallState) -> None:
        """Tell of the wait before the next attempt, and take it off what may be waited."""
        refused = _last_outcome(state)
        if isinstance(refused, Refused) and refused.rated:
            errand.wait(refused.because, state.upcoming_sleep)
        elif isinstance(refused, Refused):
            errand.failing -= state.upcoming_sleep
            self._told(f"it {refused.did}", state.upcoming_sleep)

    def _impatient(self, wait: TooLongError, words: str) -> UnavailableError:
        return troubles.impatient(self._line.place, self.tracker, wait, self._patience, words)

    def _told(self, because: str, seconds: float) -> None:
        self.counters.waits += 1
        self.counters.waited += seconds
        if self._waiting is not None:
            self._waiting(because, seconds)

    def _sent(self, kind: Kind) -> None:
        self.counters.requests[kind] += 1


def _last_outcome(state: RetryCallState) -> Answer | Refused:
    """What the last attempt came to. An attempt that raised never gets here: only refusals are repeated."""
    if state.outcome is None:
        raise AssertionError("tenacity asks only after an attempt")
    outcome: Answer | Refused = state.outcome.result()
    return outcome
