"""GitHub's GraphQL API behind the wire: what was asked for, or an error named by the caller's next move.

GraphQL answers 200 to nearly everything and tells trouble in the body (GraphQL API, "Forming calls", "Rate limits and
query limits"): an answer may hold some of the data and errors for the rest. What is missing there must never pass for
what is not there, so an answer with an error raises, unless the caller says that it can tell gaps.

Questions are sent as reads, although they are POSTs: they change nothing, so the wire may repeat them. Changes are
sent as writes and never repeated once they may have arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from trackersync.connector import Answer, NotFoundError, RejectedError, UnavailableError, Wire, decode
from trackersync_github.wire import ABSENT, refused

T = TypeVar("T")

_FORBIDDEN = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES", "UNPROCESSABLE"})
_UNKNOWN = frozenset({"undefinedField", "undefinedType", "argumentNotAccepted"})
"""``extensions.code`` of a question that the host's schema has no word for: an older Enterprise Server."""


class UnservedError(RejectedError):
    """The host has no GraphQL API, or one that does not know what was asked: go another way, or do without."""


def endpoint(url: str) -> str:
    """Where GraphQL answers, from the address of the REST API.

    ``https://api.github.com/graphql``; of an Enterprise Server, whose REST API is at ``/api/v3``, ``/api/graphql``
    (Enterprise Server, "Forming calls with GraphQL"); of anything else ``/graphql`` below the address.
    """
    url = url.rstrip("/")
    path = urlsplit(url).path
    return f"{url.removesuffix('/v3')}/graphql" if path.endswith("/api/v3") else f"{url}/graphql"


class _Extensions(msgspec.Struct, frozen=True):
    code: str = ""


class _Fault(msgspec.Struct, frozen=True):
    message: str = ""
    type: str = ""
    extensions: _Extensions | None = None

    @property
    def code(self) -> str:
        return "" if self.extensions is None else self.extensions.code


class _Reply(msgspec.Struct, frozen=True):
    data: dict[str, Any] | None = None
    errors: list[_Fault] = []


class GraphQL:
    """Asks one host's GraphQL API.

    Args:
        wire: to GitHub.
        url: the address of its REST API, as configured.
        anonymous: there is no credential, without which GraphQL answers nobody; so it is not asked.
    """

    def __init__(self, wire: Wire, url: str, *, anonymous: bool = False) -> None:
        self._wire = wire
        self._anonymous = anonymous
        self._endpoint = endpoint(url)

    async def ask(self, query: str, variables: Mapping[str, Any], *, gaps: bool = False) -> dict[str, Any]:
        """What a query gives: the value of ``data``.

        Args:
            query: a constant with variables; nothing is ever written into its text.
            variables: by name, without ``$``.
            gaps: what is not found, or may not be seen, comes as null among the rest instead of raising: for many
                things asked for at once, each of which may be gone.

        Raises:
            NotFoundError: something that was asked for is gone, or hidden from this token.
            RejectedError: the token may not see it; GitHub's words name the scope that is missing.
            UnservedError: the host has no GraphQL, or none that knows the question.
            UnavailableError: no usable answer, or only some of the data.
        """
        if self._anonymous:
            raise UnservedError(f"{_named(query)} was not asked: GitHub's GraphQL answers nobody without a token")
        answer = await self._wire.read("POST", self._endpoint, json={"query": query, "variables": dict(variables)})
        return _data(answer, _named(query), gaps=gaps)

    async def change(
        self, fact: str, mutation: str, variables: Mapping[str, Any], *, creates: bool = False
    ) -> dict[str, Any]:
        """Send a mutation of ``fact`` (see ``connector.Wire.write``), and give what it shows afterwards.

        Raises:
            NotFoundError, RejectedError, UnservedError: nothing was written.
            UnavailableError: not done; or with ``in_doubt``, perhaps done.
        """
        json = {"query": mutation, "variables": dict(variables)}
        answer = await self._wire.write("POST", self._endpoint, fact=fact, json=json, creates=creates)
        try:
            return _data(answer, _named(mutation), gaps=False)
        except UnavailableError as error:
            raise UnavailableError(str(error), retry_after=error.retry_after, in_doubt=True) from error


def shaped(data: object, shape: type[T], doing: str) -> T:
    """A part of an answer as a value.

    Raises:
        UnavailableError: it has another shape, so nothing in it can be believed.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise UnavailableError(f"GitHub's GraphQL answered {doing} in an unknown shape: {error}") from error


def _named(text: str) -> str:
    """A query's own name, for sentences: ``query Board($owner: …`` is ``Board``."""
    return text.split("{", 1)[0].split("(", 1)[0].rsplit(maxsplit=1)[-1]


def _data(answer: Answer, doing: str, *, gaps: bool) -> dict[str, Any]:
    if answer.status in ABSENT:
        raise UnservedError(f"GitHub answered {answer.status} on {answer.request}: this host serves no GraphQL")
    if answer.status != 200:
        raise refused(answer, f"asking GraphQL for {doing}")
    reply = decode(answer, _Reply)
    serious = [fault for fault in reply.errors if not (gaps and fault.type in {"NOT_FOUND", "FORBIDDEN"})]
    if serious:
        raise _error(serious, doing)
    if reply.data is None:
        raise UnavailableError(f"GitHub's GraphQL gave nothing on {doing}")
    return reply.data


def _error(faults: Sequence[_Fault], doing: str) -> NotFoundError | RejectedError | UnavailableError:
    """One error for those of an answer: what cannot be known now before what is refused, and that before what is gone.

    By the ``type`` and ``code`` that GitHub gives, never by its words.
    """
    words = "; ".join(dict.fromkeys(" ".join(fault.message.split())[:300] for fault in faults))
    said = f"GitHub's GraphQL refused {doing} ({words})"
    if any(fault.code in _UNKNOWN for fault in faults):
        return UnservedError(f"{said}: this host does not know what was asked")
    if all(fault.type == "NOT_FOUND" for fault in faults):
        return NotFoundError(f"{said}: it is gone, or hidden from this token")
    if all(fault.type in _FORBIDDEN or fault.type == "NOT_FOUND" or fault.code for fault in faults):
        return RejectedError(f"{said}; give the token the right it names")
    return UnavailableError(f"GitHub's GraphQL gave no whole answer on {doing} ({words})")
