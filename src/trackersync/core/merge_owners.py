"""Who should own a task.

Owners are sets of persons, and trackers hold different numbers of them. An item agrees when it shows the desired set's
projection onto its capacity, so Jira's one assignee agrees with GitHub's two when he is among them. A side that moved
says who came and who went; those two differences are applied to the set that was agreed, so that a tracker with room
for one never removes an owner it could not have shown. An item whose owners are all unknown to us takes no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from trackersync.core.merge import Agreed, Desired, Disputed, LastEdits, Policy, Side, Unclear, Verdict, settled, winner
from trackersync.core.model import OWNERS, Capacity, Facts, Item, ItemRef
from trackersync.core.people import Directory, Holders


@dataclass(frozen=True, slots=True)
class _Owned:
    """One item's owners: whom it shows, whom it showed in base, and how many it can hold."""

    side: Side
    holders: Holders
    known: frozenset[str]
    past: tuple[frozenset[str], ...]
    room: int

    @property
    def lasting(self) -> frozenset[str]:
        """Whom it surely showed in base: while a write is in doubt, only those that every state of it shows."""
        return frozenset.intersection(*self.past) if self.past else frozenset()

    @property
    def gone(self) -> frozenset[str]:
        """Whom a person took off since base: of all that any state of it showed, those who are not there any more."""
        return frozenset[str]().union(*self.past) - self.known if self.side.moved else frozenset()

    def shows(self, wanted: frozenset[str]) -> bool:
        """Whether it shows the wanted set's projection: all of it, or as many of it as fit."""
        known = self.known
        return known == wanted or (known <= wanted and len(known) >= self.room)


_NONE = Capacity(0)
"""Of a tracker that cannot be told who owns an item: what it shows counts, what it lacks does not."""


def merge_owners(
    items: Sequence[Item],
    people: Directory,
    capacities: Mapping[str, Capacity],
    bases: Mapping[ItemRef, tuple[Facts, ...]],
    policy: Policy,
    *,
    take: ItemRef | None = None,
    edits: LastEdits = MappingProxyType({}),
) -> Verdict:
    """Decide the owners of one task.

    Args:
        items: its items, at most one per tracker.
        people: the identity map.
        capacities: tracker to how many owners an item holds there.
        bases: for items that have one, every native state they may show by our doing alone.
        policy: ``sync.owners``.
        take: the item whose word a person settled for.
        edits: when people last changed it, for the items whose history tells.
    """
    shown = [people.holders(item.ref.tracker, item.facts.get(OWNERS, ())) for item in items]
    if not any(holders.strangers for holders in shown) and len({frozenset(holders.known) for holders in shown}) == 1:
        return Agreed(tuple(people.ranked(shown[0].known)) if len(items) > 1 else shown[0].known)
    owned = [_owned(item, people, capacities.get(item.ref.tracker, _NONE), bases.get(item.ref, ())) for item in items]
    owned = [one for one in owned if one.room or not one.holders.nobody]
    if len(owned) < 2:
        return Agreed(people_of(owned[0].holders) if owned else ())
    stranger = next((one for one in owned if one.holders.strangers and not one.holders.known), None)
    known = [one for one in owned if one.holders.known or not one.holders.strangers]
    if stranger is not None and len(known) < 2:
        who = " and ".join(stranger.holders.strangers)
        return Unclear(stranger.side.ref, f"its owner {who} is nobody we know: add the account to people")
    return _decide(known, policy, people, take, edits)


def people_of(holders: Holders) -> tuple[str, ...]:
    """Everybody an item shows as owner, strangers by their account."""
    return (*holders.known, *holders.strangers)


def _owned(item: Item, people: Directory, capacity: Capacity, base: tuple[Facts, ...]) -> _Owned:
    tracker = item.ref.tracker
    holders = people.holders(tracker, item.facts.get(OWNERS, ()))
    known = frozenset(holders.known)
    past = tuple(frozenset(people.holders(tracker, native.get(OWNERS, ())).known) for native in base)
    moved = bool(past) and known not in past
    says = " + ".join(people_of(holders)) or "nobody"
    room = max(0, capacity.most - len(holders.strangers))
    return _Owned(Side(item.ref, says, holders.known, moved, bool(base)), holders, known, past, room)


def _decide(owned: list[_Owned], policy: Policy, people: Directory, take: ItemRef | None, edits: LastEdits) -> Verdict:
    agreed = _witnessed(owned)
    if agreed is not None:
        return Agreed(tuple(people.ranked(agreed)))
    sides = [one.side for one in owned]
    if (chosen := settled(sides, take, OWNERS)) is not None:
        # All of it and nothing else: who says "take jira's" has seen whom that takes off.
        return _desired(owned, frozenset(chosen.side.value), people, chosen.because, adoption=False)
    by_ref = {one.side.ref: one for one in owned}
    met = all(side.met for side in sides) and any(side.moved for side in sides)
    # Without a base an empty side was never asked; one that was emptied since base says so.
    naming = sides if met else [side for side in sides if side.value or side.moved]
    empty = [side for side in sides if side not in naming]

    def agree(some: Sequence[Side]) -> bool:
        return _witnessed([by_ref[side.ref] for side in some]) is not None

    if empty and agree(naming):
        wanted = _witnessed([by_ref[side.ref] for side in naming]) or frozenset()
        because = f"{_they(empty, 'names', 'name')} nobody, {_they(naming, 'does', 'do')}"
        return _desired(owned, wanted, people, because, adoption=True)
    win = winner(naming, policy, agree, lambda _: None, "changed", edits=edits)
    if isinstance(win, Disputed):
        return win
    deciding = [one for one in owned if one.side is win.side or (one.side.moved and agree([one.side, win.side]))]
    wanted = _wanted(owned, deciding, people) if met else frozenset(win.side.value)
    desired = _desired(owned, wanted, people, win.because, adoption=win.adoption, overruled=win.overruled)
    # One who cleared a tracker of little room is shown the next owner there: the move is theirs all the same.
    moved = {one.side.ref for one in deciding if one.side.moved}
    return replace(desired, tidied=tuple(ref for ref in desired.targets if ref in moved))


def _desired(
    owned: list[_Owned],
    wanted: frozenset[str],
    people: Directory,
    because: str,
    *,
    adoption: bool,
    overruled: tuple[ItemRef, ...] = (),
) -> Desired:
    targets = tuple(one.side.ref for one in owned if not one.shows(wanted))
    return Desired(tuple(people.ranked(wanted)), targets, because, adoption, overruled)


def _wanted(owned: Sequence[_Owned], deciding: Sequence[_Owned], people: Directory) -> frozenset[str]:
    """The set that was agreed, less whom the deciding sides took off, with all whom they show.

    Each item showed what it has room for of the set that was agreed, so all of them together tell that set. A side that
    moved and has room for everybody has said who is left, also of those it took off again before base could follow.
    """
    agreed = frozenset[str]().union(*(one.lasting if one.side.moved else one.known for one in owned))
    gone = frozenset[str]().union(*(one.gone for one in deciding))
    whole = [one for one in deciding if one.side.moved and all(len(other.known) <= one.room for other in owned)]
    sure = frozenset[str]().union(*(one.lasting for one in owned if not one.side.moved))
    for one in whole:
        gone |= {name for name in sure - one.known if people.accounts(name, one.side.tracker)}
    return (agreed - gone).union(*(one.known for one in deciding))


def _witnessed(owned: Sequence[_Owned]) -> frozenset[str] | None:
    """The set that some side shows whole and every other agrees with, or None."""
    candidates = sorted({one.known for one in owned}, key=lambda known: (-len(known), sorted(known)))
    return next((wanted for wanted in candidates if all(one.shows(wanted) for one in owned)), None)


def _they(sides: Sequence[Side], one: str, several: str) -> str:
    return f"{' and '.join(side.tracker for side in sides)} {one if len(sides) == 1 else several}"
