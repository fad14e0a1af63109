"""The promise itself: what a connector is given, what a plugin says beforehand, and what it must do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import SecretStr

from trackersync.connector.asked import Page, Probe, Scope
from trackersync.connector.limits import RateLimits
from trackersync.connector.settings import TrackerSettings
from trackersync.core.examination import Check
from trackersync.core.model import Capacity, Change, Facts, Item, Vocabulary

SDK = 1
"""The version of this promise. A plugin built for another one is refused with a sentence."""


# What a connector is given.


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, headers (names in lower case) and the raw body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: str
    """Method and path, for error sentences; never holds a secret."""
    moved: str = ""
    """The path that answered in the end, where a redirect was followed: at GitHub an issue that was transferred."""


class Wire(Protocol):
    """HTTP to one tracker. Time-outs, retries, budgets, redaction and counters are its business.

    ``path`` is relative to the tracker's base URL, or an absolute URL of the same origin (a ``Link: next``); any other
    origin is refused, so that a token goes nowhere else. 401 raises ``AuthError``; a rate limit, a 5xx or silence is
    retried and then raises ``UnavailableError``; a redirect to the same origin is followed for reads; every other
    status is the caller's to translate.
    """

    async def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request that changes nothing. May be repeated.

        Args:
            method: HTTP's.
            path: relative to the tracker's base URL.
            params: the query.
            json: the body: a question in GraphQL is a POST, and changes nothing all the same.
            headers: sent besides the usual ones: ``If-None-Match``, so that 304 comes where nothing has changed.
        """

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
        """Send a request that changes ``fact``. Never repeated once it may have arrived.

        Args:
            method: HTTP's.
            path: relative to the tracker's base URL.
            fact: what it changes; ``writes`` of the configuration must allow it.
            params: the query.
            json: the body.
            creates: it makes content that people are told of (a comment, an issue, a label), of which GitHub allows
                fewer.

        Raises:
            RejectedError: the configuration's ``writes`` does not allow this fact on this tracker.
            UnavailableError: with ``in_doubt`` when the answer was lost after sending.
        """

    def admit(self, kind: Literal["read", "write"], *, creates: bool = False) -> AbstractAsyncContextManager[None]:
        """The turn of a request that a client library sends past this wire, which counts it.

        Entered when the request fits the tracker's limits, and a write when no other is under way; to be left when it
        has its answer, since what the tracker counts is only then known to be counted. An ``UnavailableError`` that
        leaves it with a ``retry_after`` holds back everybody else too. Nothing else may be sent within.

        Args:
            kind: whether it changes anything.
            creates: see ``write``.

        Raises:
            UnavailableError: the limits allow it only after longer than we may wait; nothing was sent.
        """

    async def authorization(self) -> SecretStr | None:
        """The ``Authorization`` header's value as it is now, for a client library's request past this wire."""


@runtime_checkable
class Renewing(Protocol):
    """Optional, of what gives the ``Authorization`` header: a credential that may be revoked and got anew."""

    async def renew(self, refused: SecretStr) -> bool:
        """The tracker answered 401 to this value: whether it is worth asking for another and sending once more."""


class Clock(Protocol):
    """The time, and waiting; a test hands in its own."""

    def now(self) -> datetime:
        """The present moment, UTC, aware."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """What an entry point of ``trackersync.connectors`` names: all that trackersync needs before it opens a connection.

    Attributes:
        sdk: the version of this promise it was built for.
        settings: the model of its part of the configuration.
        vocabulary: the places a stage can live.
        writes: facts it can set, and how many values each may hold.
        create: makes the connector from its name, settings, wire and clock.
        authorization: from settings to a function that gives the ``Authorization`` header's value when asked.
        headers: from settings to what is sent with every request.
        addresses: from settings to the addresses under which the tracker's pages are found, the canonical one first.
        containers: from settings to the configured repositories or projects.
        pace: seconds between two writes that the vendor advises.
        in_flight: how many requests may be under way at once.
        credentials: keys of the settings that name a credential; one of them is needed.
        history: its connector is a ``Historian``, so that `latest` can decide.
        words: from settings to what an item shows by default in a stage, by the stage's key: what a family of labels
            with a common prefix says without being written out. None: nothing.
        limits: from settings to what the vendor allows those who share a credential.
        containers_key: the key of the settings that names the repositories or projects: ``repositories``.
        example: a name that such a key may hold: ``acme/shop``. Settings that hold it make a connector that can be
            asked what there is.
        room: from settings to the facts that hold another number of values than ``writes`` says, as the configuration
            has it.
        identity: from settings to what names those whose requests the vendor counts together, where the token does not:
            one that is another every hour. Empty: the token does.
        surroundings: from settings and the process's environment to what the credential cannot do where this runs, as
            far as that can be said before anything is asked: a workflow's own token.
    """

    sdk: int
    settings: type[TrackerSettings]
    vocabulary: Vocabulary
    writes: Mapping[str, Capacity]
    create: Callable[[str, Any, Wire, Clock], Connector]
    authorization: Callable[[Any], Callable[[], Awaitable[SecretStr | None]]]
    addresses: Callable[[Any], tuple[str, ...]]
    containers: Callable[[Any], tuple[str, ...]]
    headers: Callable[[Any], Mapping[str, str]] = field(default=lambda _: {})
    pace: float = 0.0
    in_flight: int = 8
    credentials: tuple[str, ...] = ("token", "token_file")
    history: bool = False
    words: Callable[[Any], Callable[[str], Facts] | None] = field(default=lambda _: None)
    limits: Callable[[Any], RateLimits] = field(default=lambda _: RateLimits())
    identity: Callable[[Any], str] = field(default=lambda _: "")
    room: Callable[[Any], Mapping[str, Capacity]] = field(default=lambda _: {})
    surroundings: Callable[[Any, Mapping[str, str]], tuple[Check, ...]] = field(default=lambda _, __: ())
    containers_key: str = ""
    example: str = ""

    def capacity(self, fact: str, settings: TrackerSettings) -> Capacity:
        """How many values a fact may hold under a configuration.

        Raises:
            KeyError: it cannot be set.
        """
        return self.room(settings).get(fact, self.writes[fact])


# The promise itself.


class Connector(Protocol):
    """One tracker, seen as items whose facts can be observed and changed. Knows nothing of stages."""

    tracker: str
    """Its name in the configuration."""
    writes: Mapping[str, Capacity]
    """The facts it can set, and how many values each may hold."""
    vocabulary: Vocabulary
    """The places a stage can live here."""

    async def probe(self) -> Probe:
        """Say who we are, what we may do, what is missing and how to get it.

        Raises:
            AuthError: the tracker does not know us (an anonymous 200 is not success).
            UnavailableError: it did not answer.
        """

    def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield what the scope names, page by page. Never a complete page after an error.

        Raises:
            AuthError, UnavailableError: the listing stops here; what was yielded stands.
            NotFoundError: a configured repository or project does not exist or is hidden.
        """

    async def apply(self, change: Change) -> Item:
        """Look, compare with ``before``, write, read back; return the item as the tracker now shows it.

        An item that already shows ``after`` is returned without a write. A ``path`` is walked hop by hop, with a look
        before each. An item that stands on a hop shows neither ``before`` nor ``after``: the next plan goes on from
        there, so what stops a path on the way is told, and never passes for applied.

        Raises:
            StaleError: it shows neither ``before`` nor ``after``, and nothing was changed; or somebody moved it off a
                hop, and nothing more was.
            NotFoundError: it is gone or hidden.
            RejectedError: the tracker forbids it, or dropped it without a word; ``partly`` after the first hop. Or it
                has a ``path``, and this connector walks none.
            UnavailableError: not done, or with ``in_doubt`` perhaps done.
        """

    async def aclose(self) -> None:
        """Release what it holds."""
