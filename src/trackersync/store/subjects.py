"""What is to be looked at, who asks for it, and the engine that is told of it: the values of ``dues``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import Connection

from trackersync.core.model import ItemRef

Kind = Literal["item", "news"]
Standing = Literal["due", "held", "aside"]


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What is to be looked at: an item by its id, or the news of a repository or project by its name.

    The news of all of a tracker's repositories or projects, and of which there are, have an empty name.
    """

    tracker: str
    kind: Kind
    name: str

    @property
    def ref(self) -> ItemRef:
        """The item."""
        return ItemRef(self.tracker, self.name)


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks for a look at a subject, in a repository or project as far as it is known."""

    subject: Subject
    container: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A look that is due.

    Attributes:
        subject: what is to be looked at.
        container: where it is, if that is known.
        wanted: how often it was asked for.
        told: how often by a delivery.
        since: when the first of those asked who have had no answer yet.
        turn: whose turn it is; the lowest is next.
        state: ``due``; ``held`` while the guard holds what it would write; ``aside`` after too many failures.
        tries: how often in a row it failed.
        why: why it is held or aside, or how the last try failed.
        at: not to be looked at before.
    """

    subject: Subject
    container: str
    wanted: int
    told: int
    since: datetime
    turn: int
    state: Standing
    tries: int
    why: str
    at: datetime


class Dispatch(Protocol):
    """The engine that drives the work: told what there is to do, in the transaction that says so."""

    def received(self, connection: Connection) -> None:
        """Deliveries came into the inbox."""

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Looks became due, or are due again."""

    def committed(self) -> None:
        """The transaction has ended well: what it told of is there to be seen."""


class Nobody:
    """No engine: what is due waits in the store until one looks."""

    def received(self, connection: Connection) -> None:
        """Say nothing."""

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Say nothing."""

    def committed(self) -> None:
        """Say nothing."""
