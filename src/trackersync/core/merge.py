"""What a field of a task should be, from what its items show and what they showed when they last agreed.

Three values meet here: **base** (every native state an item may show by our doing alone), **observed** and, as the
outcome, **desired**. A side *moved* when it shows something not in its base. One side moved: its value is desired.
Several moved and disagree: a conflict, or the named authority decides. Without a base it is first contact, and
``adopt`` decides. An assumed stage never wins; a person unknown to us never clears or replaces anyone.

``stage`` and ``owners`` differ in what it means to agree (``merge_stage``, ``merge_owners``); who wins is one function
for both, and it stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trackersync.core.model import ItemRef


@dataclass(frozen=True, slots=True)
class Policy:
    """How a field is decided.

    Attributes:
        authority: who wins later: ``changed``, ``ask``, or a tracker's name.
        adopt: who wins at first contact.
        direction: ``both``; ``off``, so that the field is neither decided nor written; or the name of the one tracker
            the field comes from: its word counts, and it is never written.
    """

    authority: str
    adopt: str
    direction: str = "both"

    @property
    def off(self) -> bool:
        """Whether the field is not kept in step at all."""
        return self.direction == "off"

    @property
    def source(self) -> str | None:
        """The one tracker the field comes from, where it goes one way."""
        return None if self.direction in ("both", "off") else self.direction


@dataclass(frozen=True, slots=True)
class Agreed:
    """All items that say anything agree: nothing to write, and base may advance to what they show.

    ``value`` is empty when nobody says anything.
    """

    value: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desired:
    """One value is wanted everywhere.

    Attributes:
        value: stages any of which will do, in process order; or the names of the owners.
        targets: the items that do not show it yet.
        because: which side moved, or which policy decided, in words.
        adoption: decided at first contact.
        overruled: items whose person's move a named authority takes back.
        tidied: targets that moved to this value themselves and do not show it well: too many words for it, or too few.
    """

    value: tuple[str, ...]
    targets: tuple[ItemRef, ...]
    because: str
    adoption: bool = False
    overruled: tuple[ItemRef, ...] = ()
    tidied: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Disputed:
    """Nobody may win by himself: a conflict, with what each of these items says."""

    sides: tuple[tuple[ItemRef, str], ...]
    because: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """An item whose own statement cannot be used; the field is left alone, and why."""

    ref: ItemRef
    because: str


Verdict = Agreed | Desired | Disputed | Unclear


@dataclass(frozen=True, slots=True)
class Side:
    """One item's part in a decision about a field.

    Attributes:
        ref: the item.
        says: its statement in words.
        value: the stages it may be in, or the names of its owners.
        moved: it shows something not in its base.
        met: it has a base, so it has been in agreement, or was written, before.
    """

    ref: ItemRef
    says: str
    value: tuple[str, ...]
    moved: bool
    met: bool

    @property
    def tracker(self) -> str:
        """The name of its tracker."""
        return self.ref.tracker


@dataclass(frozen=True, slots=True)
class Win:
    """The side that decides, and why."""

    side: Side
    because: str
    adoption: bool = False
    overruled: tuple[ItemRef, ...] = ()


def winner(
    sides: Sequence[Side],
    policy: Policy,
    agree: Callable[[Sequence[Side]], bool],
    furthest: Callable[[Sequence[Side]], Side | None],
    verb: str,
) -> Win | Disputed:
    """Say who decides among sides that disagree.

    Args:
        sides: those that state a value.
        policy: the field's.
        agree: tells whether given sides can live with one value.
        furthest: the side that is furthest in the process, or None where that decides nothing.
        verb: what a side has done that shows something else than its base: ``moved``, ``changed``.
    """
    authority = next((side for side in sides if side.tracker == policy.authority), None)
    movers = [side for side in sides if side.moved]
    if policy.authority == "ask" and all(side.met for side in sides):
        return disputed(sides, "sync asks before it decides (authority: ask)")
    if not all(side.met for side in sides) or (not movers and authority is None):
        return _first_contact(sides, policy, authority, agree, furthest)
    if authority is not None:
        overruled = tuple(side.ref for side in movers if side is not authority and not agree([side, authority]))
        return Win(authority, f"{authority.tracker} is the authority", overruled=overruled)
    if agree(movers):
        return Win(movers[0], f"only {_names(movers)} had {verb}")
    every = "both" if len(movers) == 2 else "all"
    return disputed(sides, f"{_names(movers)} {every} {verb} since they last agreed")


def _first_contact(
    sides: Sequence[Side],
    policy: Policy,
    authority: Side | None,
    agree: Callable[[Sequence[Side]], bool],
    furthest: Callable[[Sequence[Side]], Side | None],
) -> Win | Disputed:
    """Let ``adopt`` decide. A side with a base may have moved meanwhile: that is never lost without a word."""
    movers = [side for side in sides if side.moved]
    if policy.adopt == "authority" and authority is not None:
        overruled = tuple(side.ref for side in movers if side is not authority and not agree([side, authority]))
        return Win(authority, f"{authority.tracker} is the authority", adoption=True, overruled=overruled)
    if policy.adopt == "furthest" and (side := furthest(sides)) is not None:
        lost = [mover for mover in movers if not agree([mover, side])]
        if lost:
            return disputed(sides, f"{side.tracker} is further, but {_names(lost)} moved before they first agreed")
        return Win(side, f"{side.tracker} is further", adoption=True)
    since = "met without a move" if all(side.met for side in sides) else "first met"
    return disputed(sides, f"{since}, and they say different things (adopt: {policy.adopt})")


def settled(sides: Sequence[Side], take: ItemRef | None, field: str) -> Win | None:
    """The side that a person settled for, while nobody else has moved since; see ``core.told.Settlement``."""
    side = next((side for side in sides if side.ref == take), None)
    if side is None or any(other.moved for other in sides if other is not side):
        return None
    return Win(side, f"settled by you: {side.tracker}'s {field}")


def _names(sides: Sequence[Side]) -> str:
    return " and ".join(dict.fromkeys(side.tracker for side in sides))


def disputed(sides: Sequence[Side], because: str) -> Disputed:
    """A conflict among these sides."""
    return Disputed(tuple((side.ref, side.says) for side in sides), because)
