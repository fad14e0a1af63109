"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trackersync.core.model import Change, FieldName, ItemRef

Command = Literal["check", "plan", "sync", "apply", "resolve", "undo"]


@dataclass(frozen=True, slots=True)
class Take:
    """Settle conflicts: take what one tracker says.

    Attributes:
        tracker: whose word is taken.
        field: of this field only; None for both.
        key: of the task with an item of this key only; None for every open conflict.
    """

    tracker: str
    field: FieldName | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do.

    Attributes:
        command: how far down the road to go: ``check`` ends after diagnose, ``plan`` after guard.
        only: this run decides and writes only the tasks with an item of this key, repository or project; several with
            commas between them. None: all.
        yes: answers the question of a first run or a changed mapping; never lifts a limit.
        approve: the digest of the one plan that may pass whatever holds it.
        full: read everything, not only what changed.
        exactly: the changes of a saved plan: do these, as far as they still hold.
        skip_stale: of a saved plan, do what still holds although some of it does not.
        take: for ``resolve``, the conflicts to settle.
        undo: for ``undo``, the run to take back.
        dry: stop after ``guard``, as ``plan`` does.
        attend: look at these items and what is linked with them, by id, and at nothing else: what a service does when
            it was told of an edit. None: at whatever changed.
    """

    command: Command
    only: str | None = None
    yes: bool = False
    approve: str | None = None
    full: bool = False
    exactly: tuple[Change, ...] | None = None
    skip_stale: bool = False
    take: Take | None = None
    undo: int | None = None
    dry: bool = False
    attend: tuple[ItemRef, ...] | None = None

    @property
    def reads(self) -> bool:
        """Whether it writes to no tracker: it needs no turn, and leaves no run in the journal."""
        return self.dry or self.command in ("check", "plan")

    @property
    def narrow(self) -> bool:
        """Whether it decides of some tasks and not of all."""
        return self.only is not None or self.attend is not None

    @property
    def asks(self) -> bool:
        """Whether it shows its plan first and writes nothing before a person has said yes to it."""
        return self.take is not None or self.undo is not None
