"""Who should own a task.

Owners are sets of persons, and trackers hold different numbers of them. An item agrees when it shows the desired set's
projection onto its capacity, so Jira's one assignee agrees with GitHub's two when he is among them. A side that moved
says who came and who went; those two differences are applied to the set that was agreed, so that a tracker with room
for one never removes an owner it could not have shown. An item whose owners are all unknown to us takes no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackersync.core.merge import Agreed, Desired, Disputed, Policy, Side, Unclear, Verdict, winner
from trackersync.core.model import OWNERS, Capacity, Facts, Item, ItemRef
from trackersync.core.people import Directory, Holders


@dataclass(frozen=True, slots=True)
class _Owned:
    """One item's owners: who it shows, who it showed in base, and how many it can hold."""

    side: Side
    holders: Holders
    past: tuple[frozenset[str], ...]
    room: int

    def shows(self, wanted: frozenset[str]) -> bool:
        """Whether it shows the wanted set's projection: all of it, or as many of it as fit."""
        known = frozenset(self.holders.known)
        return known == wanted or (known <= wanted and bool(known) and len(known) >= self.room)


def merge_owners(
    items: Sequence[Item],
    people: Directory,
    capacities: Mapping[str, Capacity],
    bases: Mapping[ItemRef, tuple[Facts, ...]],
    policy: Policy,
) -> Verdict:
    """Decide the owners of one task.

    Args:
        items: its items, at most one per tracker.
        people: the identity map.
        capacities: tracker to how many owners an item holds there.
        bases: for items that have one, every native state they may show by our doing alone.
        policy: ``sync.owners``.
    """
    owned = [_owned(item, people, capacities[item.ref.tracker], bases.get(item.ref, ())) for item in items]
    if len(items) == 1:
        return Agreed(people_of(owned[0].holders))
    stranger = next((one for one in owned if one.holders.strangers and not one.holders.known), None)
    known = [one for one in owned if one.holders.known or not one.holders.strangers]
    if stranger is not None and len(known) < 2:
        who = " and ".join(stranger.holders.strangers)
        return Unclear(stranger.side.ref, f"its owner {who} is nobody we know: add the account to people")
    return _decide(known, policy, people)


def people_of(holders: Holders) -> tuple[str, ...]:
    """Everybody an item shows as owner, strangers by their account."""
    return (*holders.known, *holders.strangers)


def _owned(item: Item, people: Directory, capacity: Capacity, base: tuple[Facts, ...]) -> _Owned:
    tracker = item.ref.tracker
    holders = people.holders(tracker, item.facts.get(OWNERS, ()))
    past = tuple(frozenset(people.holders(tracker, native.get(OWNERS, ())).known) for native in base)
    moved = bool(past) and frozenset(holders.known) not in past
    says = " + ".join(people_of(holders)) or "nobody"
    room = max(0, capacity.most - len(holders.strangers))
    return _Owned(Side(item.ref, says, holders.known, moved, bool(base)), holders, past, room)


def _decide(owned: list[_Owned], policy: Policy, people: Directory) -> Verdict:
    agreed = _witnessed(owned)
    if agreed is not None:
        return Agreed(tuple(people.ranked(agreed)))
    sides = [one.side for one in owned]
    by_ref = {one.side.ref: one for one in owned}
    met = all(side.met for side in sides) and any(side.moved for side in sides)
    naming = sides if met else [side for side in sides if side.value]
    empty = [side for side in sides if side not in naming]

    def agree(some: Sequence[Side]) -> bool:
        return _witnessed([by_ref[side.ref] for side in some]) is not None

    if empty and agree(naming):
        wanted = _witnessed([by_ref[side.ref] for side in naming]) or frozenset()
        because = f"{_names(empty)} names nobody, {_names(naming)} does"
        return _desired(owned, wanted, people, because, adoption=True)
    win = winner(naming, policy, agree, lambda _: None, "changed")
    if isinstance(win, Disputed):
        return win
    wanted = _wanted(by_ref[win.side.ref], owned) if met else frozenset(win.side.value)
    return _desired(owned, wanted, people, win.because, adoption=win.adoption, overruled=win.overruled)


def _desired(
    owned: list[_Owned],
    wanted: frozenset[str],
    people: Directory,
    because: str,
    *,
    adoption: bool,
    overruled: tuple[ItemRef, ...] = (),
) -> Verdict:
    targets = tuple(one.side.ref for one in owned if not one.shows(wanted))
    return Desired(tuple(people.ranked(wanted)), targets, because, adoption, overruled)


def _wanted(winner_: _Owned, owned: list[_Owned]) -> frozenset[str]:
    """The agreed set with the winner's difference applied; the winner's own set where others changed as well."""
    now = frozenset(winner_.holders.known)
    movers = [one for one in owned if one.side.moved]
    if movers != [winner_]:
        agreeing = [frozenset(one.holders.known) for one in movers if now <= frozenset(one.holders.known)]
        return max((now, *agreeing), key=len)
    was = winner_.past[0]
    before = max((frozenset(one.holders.known) for one in owned if one is not winner_), key=len, default=was)
    return (before - (was - now)) | (now - was)


def _witnessed(owned: Sequence[_Owned]) -> frozenset[str] | None:
    """The set that some side shows whole and every other agrees with, or None."""
    candidates = sorted((frozenset(one.holders.known) for one in owned), key=len, reverse=True)
    return next((wanted for wanted in candidates if all(one.shows(wanted) for one in owned)), None)


def _names(sides: Sequence[Side]) -> str:
    return " and ".join(dict.fromkeys(side.tracker for side in sides))
