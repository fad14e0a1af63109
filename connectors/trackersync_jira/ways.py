"""What one Jira turned out to be like while it was read: remembered for a run, so that nothing is found out twice.

Jira documents what is asked here first; the rest is for servers that behave like Jira and are not quite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import IntEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class Form(IntEnum):
    """How a bound is written, the best first."""

    MILLISECONDS = 0
    MINUTES = 1
    NUMBERS = 2
    """Not at all: what is left are page numbers."""

    @property
    def step(self) -> int:
        """The milliseconds between two bounds that differ."""
        return 60_000 if self is Form.MINUTES else 1_000


@dataclass(slots=True)
class Ways:
    """How a server wants to be asked.

    Attributes:
        form: how bounds on ``updated`` are written.
        tried: whether it has answered a bound in this form, so that a later refusal has another reason.
        zone: the time zone of our account; None while it is not known.
        keys: by id, the keys of the issues seen.
        keyed: whether it knows issues by their keys only.
        asked: whether that was asked.
        singly: whether it gives issues one by one only, though it is read as Cloud.
    """

    form: Form = Form.MILLISECONDS
    tried: bool = False
    zone: tzinfo | None = None
    keys: dict[str, str] = field(default_factory=dict)
    keyed: bool = False
    asked: bool = False
    singly: bool = False

    def address(self, issue_id: str) -> str:
        """By what to ask for an issue: its id, which stays when it is moved, wherever the server knows it."""
        return self.keys.get(issue_id, issue_id) if self.keyed else issue_id


def zone_of(name: str | None) -> tzinfo | None:
    """A time zone as Jira names it, ``Europe/Berlin``; None for one that is not known here."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
