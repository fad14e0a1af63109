"""What a vendor allows those who share one credential: data that a plug-in gives, kept by the wire's budget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

CORE = "core"
"""The part of an API that whatever belongs to no other part is counted for; GitHub's word."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many points within so many seconds, counted back from every moment.

    Attributes:
        words: what it is, for people: ``900 points a minute``.
        points: how many.
        seconds: how far back is counted.
        read: what a request costs that changes nothing.
        write: what one costs that changes something.
        creates: what it costs besides, where it makes content that people are told of.
        resources: the parts of the API whose requests are counted together; every part where empty.
        per: patterns of whole requests, ``PUT /rest/api/3/issue/10001``. What the groups of the first that matches
            hold names what a request is counted for, an issue or an endpoint, each of which has these points for
            itself; a request that none matches is not counted. Where empty, all are counted together.
        reason: the value of the header ``ratelimit-reason`` in a refusal that says that this allowance is used up, for
            what the refused request is counted for and for nothing else.
    """

    words: str
    points: int
    seconds: float
    read: int = 0
    write: int = 0
    creates: int = 0
    resources: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    reason: str = ""

    def counted_for(self, request: str) -> tuple[str, ...] | None:
        """What a request is counted for, ``PUT /rest/api/3/issue/10001``; None where it is not counted here."""
        if not self.per:
            return ()
        matches = (re.fullmatch(pattern, request) for pattern in self.per)
        match = next((match for match in matches if match is not None), None)
        return None if match is None else tuple(group or "" for group in match.groups())

    def cost(self, kind: Literal["read", "write"], resource: str, *, creates: bool) -> int:
        """The points of one request; never more than there are, since it could then never be sent."""
        if self.resources and resource not in self.resources:
            return 0
        cost = self.read if kind == "read" else self.write + (self.creates if creates else 0)
        return min(cost, self.points)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of one tracker for all who share a credential there. By default there are none that are known.

    Attributes:
        concurrent: requests under way at once; 0: as many as we like.
        allowances: the rolling windows.
        resources: patterns of whole paths, each with the part of the API ("resource") that it belongs to; a path that
            none of them matches belongs to ``core``.
        counted: every answer tells, in the headers ``x-ratelimit-limit``, ``-remaining``, ``-reset`` and ``-resource``,
            how many requests are left until when, so that the last one is never overrun.
        silent: seconds to wait after a refusal for rate that names no time, doubled by each that follows; 0: as after
            any failure.
        veiled: resources that may refuse for rate with a 200 and errors in the body, as GraphQL does.
        remedy: what people can do who have too few requests, told with each wait for the count; empty for nothing.
    """

    concurrent: int = 0
    allowances: tuple[Allowance, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    counted: bool = False
    silent: float = 0.0
    veiled: frozenset[str] = frozenset()
    remedy: str = ""

    def resource(self, path: str) -> str:
        """The part of the API that a path belongs to."""
        return next((name for pattern, name in self.resources if re.fullmatch(pattern, path)), CORE)
