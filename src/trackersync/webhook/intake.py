"""A delivery's way in: its body within limits, its signature, the inbox, and only then an answer.

Nothing of it is parsed here, and nobody is asked. Which event it is, and whether that is any of ours, is read when the
inbox is sorted; so an event that nobody has heard of is accepted like any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final
from uuid import uuid4

from starlette.types import Receive, Scope, Send

from trackersync.connector import BadSignatureError, Clock, Delivery, Heeding, Listener
from trackersync.store import Received
from trackersync.webhook import answers
from trackersync.webhook.answers import Answer
from trackersync.webhook.committing import GroupCommit
from trackersync.webhook.front import headers_of
from trackersync.webhook.limits import Limits
from trackersync.webhook.seldom import Seldom
from trackersync.worker.metrics import DeliveryOutcome, Metrics

LONGEST_ID: Final = 200
"""Characters of a delivery's id; GitHub's and Jira's have fewer than 80."""
_AT_ONCE: Final = 256 * 1024
"""Bytes whose signature takes less time than to ask a thread for it."""
_STORED: Final = frozenset({"content-type", "user-agent", "x-github-event", "x-github-delivery"})
_STORED_TOO: Final = ("x-github-hook-", "x-atlassian-webhook-")

_log = logging.getLogger("trackersync.webhook")


class _RefusedError(Exception):
    """A body that is not read to its end."""

    def __init__(self, outcome: DeliveryOutcome | None, answer: Answer) -> None:
        super().__init__(outcome)
        self.outcome, self.answer = outcome, answer


class Intake:
    """The ASGI endpoint of ``POST /webhooks/{tracker}``.

    Args:
        listeners: by tracker, who tells a genuine delivery; asked for each, since they change.
        commit: puts it into the inbox.
        clock: when it came.
        metrics: told how each ended.
        limits: on bodies.
    """

    def __init__(
        self,
        listeners: Callable[[], Mapping[str, Listener]],
        commit: GroupCommit,
        clock: Clock,
        metrics: Metrics,
        limits: Limits,
    ) -> None:
        self._listeners, self._commit, self._clock, self._metrics = listeners, commit, clock, metrics
        self._limits = limits
        self._held = 0
        self._seldom = Seldom()
        self._reading: set[asyncio.Timeout] = set()
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery in; see ASGI."""
        answer = await self._answered(scope, receive)
        await answer(scope, receive, send)

    def stop(self) -> None:
        """Wait no longer for bodies than a stop may take."""
        self._stopping = True
        until = asyncio.get_running_loop().time() + self._limits.stop_seconds
        for patience in self._reading:
            patience.reschedule(min(until, patience.when() or until))

    async def _answered(self, scope: Scope, receive: Receive) -> Answer:
        tracker: str = scope["path_params"]["tracker"]
        listeners = self._listeners()
        listener = listeners.get(tracker)
        if listener is None:
            # Where nobody is known yet it may be known soon, and Jira does not repeat what was answered with 404.
            return answers.UNKNOWN if listeners else answers.UNAVAILABLE
        body = bytearray()
        try:
            await self._read(headers_of(scope), receive, body)
            delivery = Delivery(headers_of(scope), bytes(body))
            return await self._genuine(tracker, listener, delivery, scope)
        except _RefusedError as refused:
            if refused.outcome is not None:
                self._metrics.delivery(tracker, refused.outcome)
            return refused.answer
        finally:
            self._held -= len(body)

    # The body.

    async def _read(self, headers: Mapping[str, str], receive: Receive, body: bytearray) -> None:
        """Read a body, no further than it may go."""
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise _RefusedError("malformed", answers.ENCODED)
        if int(headers.get("content-length", "0")) > self._limits.body:
            raise _RefusedError("too large", answers.TOO_LARGE)
        seconds = self._limits.stop_seconds if self._stopping else self._limits.body_seconds
        try:
            async with asyncio.timeout(seconds) as patience:
                self._reading.add(patience)
                try:
                    while await self._more(receive, body):
                        pass
                finally:
                    self._reading.discard(patience)
        except TimeoutError:
            if self._stopping:
                raise _RefusedError("unavailable", answers.UNAVAILABLE) from None
            raise _RefusedError("slow", answers.SLOW) from None

    async def _more(self, receive: Receive, body: bytearray) -> bool:
        """Read the next piece of a body; whether there is more behind it."""
        message = await receive()
        if message["type"] != "http.request":
            # Gone before all of it was here: nobody hears the answer.
            raise _RefusedError(None, answers.SLOW)
        piece: bytes = message.get("body", b"")
        self._held += len(piece)
        body += piece
        if len(body) > self._limits.body:
            raise _RefusedError("too large", answers.TOO_LARGE)
        if self._held > self._limits.held and len(body) > self._limits.small:
            raise _RefusedError("unavailable", answers.UNAVAILABLE)
        return bool(message.get("more_body", False))

    # What it is.

    async def _genuine(self, tracker: str, listener: Listener, delivery: Delivery, scope: Scope) -> Answer:
        try:
            if len(delivery.body) > _AT_ONCE:
                await asyncio.to_thread(listener.verify, delivery)
            else:
                listener.verify(delivery)
            name = listener.delivery_id(delivery)
        except BadSignatureError as error:
            self._metrics.delivery(tracker, "unsigned")
            self._seldom.refused(tracker, scope.get("client"), str(error))
            return answers.UNSIGNED
        except Exception as error:  # noqa: BLE001 - a fault of a plug-in's; its sender is to try again
            self._metrics.delivery(tracker, "unavailable")
            why = f"{tracker}: a webhook delivery could not be verified: {type(error).__name__}"
            self._seldom.refused(tracker, scope.get("client"), why)
            return answers.UNAVAILABLE
        # One without an id may be an automation rule's, whose bodies are alike each time: it is never taken for one
        # that came before, since a look too many does no harm and one too few would.
        known = 0 < len(name) <= LONGEST_ID
        received = Received(
            tracker, name if known else uuid4().hex, self._clock.now(), _stored(listener, delivery), delivery.body
        )
        return answers.ACCEPTED if await self._commit.take_in(received) else answers.UNAVAILABLE


def _stored(listener: Listener, delivery: Delivery) -> dict[str, str]:
    """The headers that say what it is; no signature, and no secret that a tracker sends in a header of its own."""
    heeded = listener.heeded if isinstance(listener, Heeding) else ()
    return {
        name: value
        for name, value in delivery.headers.items()
        if name in _STORED or name.startswith(_STORED_TOO) or name in heeded
    }
