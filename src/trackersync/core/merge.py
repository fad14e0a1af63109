"""What a field of a task should be, from what its items show and what they showed when they last agreed.

Three values meet here: **base** (every native state an item may show by our doing alone), **observed** and, as the
outcome, **desired**. A side *moved* when it shows something not in its base. One side moved: its value is desired.
Several moved and disagree: a conflict, or the named authority decides. Without a base it is first contact, and
``adopt`` decides. An assumed stage never wins; a person unknown to us never clears or replaces anyone.

``stage`` and ``owners`` differ in what it means to agree (``merge_stage``, ``merge_owners``); who wins is one function
for both, and it stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from trackersync.core.model import ItemRef


@dataclass(frozen=True, slots=True)
class Policy:
    """How a field is decided.

    Attributes:
        authority: who wins later: ``changed``, ``latest``, ``ask``, or a tracker's name.
        adopt: who wins at first contact: ``ask``, ``latest``, ``furthest``, or ``authority``.
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
    def timed(self) -> bool:
        """Whether it may take the times of edits to decide."""
        return "latest" in (self.authority, self.adopt)

    @property
    def source(self) -> str | None:
        """The one tracker the field comes from, where it goes one way."""
        return None if self.direction in ("both", "off") else self.direction


@dataclass(frozen=True, slots=True)
class LastEdit:
    """When people last changed what an item says of a field, by its tracker's own history.

    Attributes:
        at: when, UTC.
        by: who, by the name people call them; empty where the history does not say.
    """

    at: datetime
    by: str = ""


LastEdits = Mapping[ItemRef, LastEdit]
"""Of one field, by item; an item whose history does not tell is left out."""

TIE = timedelta(seconds=1)
"""Two edits that are closer than this bear the same moment: some trackers count whole seconds."""


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
    *,
    edits: LastEdits = MappingProxyType({}),
) -> Win | Disputed:
    """Say who decides among sides that disagree.

    Args:
        sides: those that state a value.
        policy: the field's.
        agree: tells whether given sides can live with one value.
        furthest: the side that is furthest in the process, or None where that decides nothing.
        verb: what a side has done that shows something else than its base: ``moved``, ``changed``.
        edits: when each side's field was last changed; what ``latest`` compares.
    """
    authority = next((side for side in sides if side.tracker == policy.authority), None)
    movers = [side for side in sides if side.moved]
    if policy.authority == "ask" and all(side.met for side in sides):
        return disputed(sides, "sync asks before it decides (authority: ask)")
    if not all(side.met for side in sides) or (not movers and authority is None):
        return _first_contact(sides, policy, authority, agree, furthest, edits=edits)
    if authority is not None:
        overruled = tuple(side.ref for side in movers if side is not authority and not agree([side, authority]))
        return Win(authority, f"{authority.tracker} is the authority", overruled=overruled)
    if agree(movers):
        return Win(movers[0], f"only {_names(movers)} had {verb}")
    because = f"{_names(movers)} {'both' if len(movers) == 2 else 'all'} {verb} since they last agreed"
    if policy.authority == "latest":
        latest = _latest(movers, agree, edits)
        return latest if isinstance(latest, Win) else disputed(sides, f"{because}, {latest} (authority: latest)")
    return disputed(sides, because)


def _first_contact(
    sides: Sequence[Side],
    policy: Policy,
    authority: Side | None,
    agree: Callable[[Sequence[Side]], bool],
    furthest: Callable[[Sequence[Side]], Side | None],
    *,
    edits: LastEdits,
) -> Win | Disputed:
    """Let ``adopt`` decide. A side with a base may have moved meanwhile: that is never lost without a word."""
    movers = [side for side in sides if side.moved]
    moved = {side.ref for side in movers}
    if policy.adopt == "authority" and authority is not None:
        overruled = tuple(side.ref for side in movers if side is not authority and not agree([side, authority]))
        return Win(authority, f"{authority.tracker} is the authority", adoption=True, overruled=overruled)
    if policy.adopt == "furthest" and (side := furthest(sides)) is not None:
        lost = [mover for mover in movers if not agree([mover, side])]
        if lost:
            return disputed(sides, f"{side.tracker} is further, but {_names(lost)} moved before they first agreed")
        return Win(side, f"{side.tracker} is further", adoption=True)
    because = "met without a move" if all(side.met for side in sides) else "first met"
    because += ", and they say different things"
    if policy.adopt == "latest":
        latest = _latest(sides, agree, edits)
        if isinstance(latest, Win):
            return replace(latest, adoption=True, overruled=tuple(ref for ref in latest.overruled if ref in moved))
        because += f", {latest}".replace(", at", ", both set at")
    return disputed(sides, f"{because} (adopt: {policy.adopt})")


def _latest(sides: Sequence[Side], agree: Callable[[Sequence[Side]], bool], edits: LastEdits) -> Win | str:
    """The side that people edited last, and whose edits that takes back; or why that is not known."""
    untold = [side for side in sides if side.ref not in edits]
    if untold:
        return f"and no history tells when in {_names(untold)}"
    ranked = sorted(sides, key=lambda side: edits[side.ref].at)
    last = ranked[-1]
    at = edits[last.ref].at
    if not agree([side for side in sides if at - edits[side.ref].at < TIE]):
        return "at the same moment"
    others = tuple(side.ref for side in sides if not agree([side, last]))
    return Win(last, f"latest edit: {_edit(last, [edits[side.ref] for side in sides], edits)}", overruled=others)


def _edit(side: Side, every: Sequence[LastEdit], edits: LastEdits) -> str:
    """Who edited when, in UTC, since a plan must read the same everywhere; with the day where the days differ."""
    edit = edits[side.ref]
    day = "" if len({one.at.date() for one in every}) == 1 else f"{edit.at:%Y-%m-%d} "
    return f"{edit.by or side.tracker}, {day}{edit.at:%H:%M} UTC"


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
