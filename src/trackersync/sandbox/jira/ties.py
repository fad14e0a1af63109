"""How issues are tied to each other and to what is outside: the types of links there are, and remote links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LinkType:
    """A type of links: what is true of the one they lead to, and of the one they come from."""

    id: str
    name: str
    inward: str
    outward: str


def usual() -> dict[str, LinkType]:
    """The types that a new site has; administrators rename them and add others."""
    types = (
        LinkType("10000", "Blocks", "is blocked by", "blocks"),
        LinkType("10001", "Cloners", "is cloned by", "clones"),
        LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
        LinkType("10003", "Relates", "relates to", "relates to"),
    )
    return {kind.name: kind for kind in types}


def number_of(key: str, kind: str, other: str, *, inward: bool = False) -> str:
    """The id of a link, which both of its ends show."""
    ends = (other, key) if inward else (key, other)
    return str(100_000 + crc32("|".join((kind, *ends)).encode()) % 900_000)


@dataclass(slots=True)
class Ties:
    """What ties issues, as state.

    Attributes:
        types: by name, the types of links.
        remote: by an issue's id, its remote links by their own ids, as they were sent.
        may_link: whether the caller has the permission "Link issues".
        enabled: whether the administrators have issue linking switched on.
        touches: whether a link that comes or goes counts as an edit of its issue; Atlassian does not say.
    """

    types: dict[str, LinkType] = field(default_factory=usual)
    remote: dict[int, dict[int, JsonObject]] = field(default_factory=dict)
    may_link: bool = True
    enabled: bool = True
    touches: bool = True
    _last: int = 10_000

    def put(self, issue: int, body: JsonObject) -> tuple[int, bool]:
        """Place a remote link, or put it in the place of the issue's link of the same global id, whole.

        Returns:
            Its id, and whether it is new.
        """
        links = self.remote.setdefault(issue, {})
        name = body.get("globalId")
        known = next((number for number, link in links.items() if name and link.get("globalId") == name), None)
        if known is None:
            self._last += 1
        number = self._last if known is None else known
        links[number] = body
        return number, known is None
