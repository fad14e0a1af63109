"""Which items are the same work: at most one per tracker.

The evidence, strongest first: stored; a remote link of ours, which names the other item by its id; an explicit
``links`` rule; a key leading the title; the first URL of the other
tracker in the body; a sole bare key. A mention elsewhere is only a candidate and links nothing. An item makes one claim
per other tracker, its strongest. Claims of equal strength that would put two items of one tracker into a task are a
tie; a claim on a task that already has an item of that tracker is an extra. Neither is linked, so neither is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from trackersync.core.address import Address, Place
from trackersync.core.model import LINKS, Item, ItemRef
from trackersync.core.remote import RemoteLink

STORED, REMOTE, EXPLICIT, TITLE, URL, BARE = range(6)
LEADING = re.compile(r"^\s*[\[(]?\s*([\w.-]+(?:/[\w.-]+)?[-#]\d+)(?![\w-])")
_TOKENS = re.compile(r"[\w./#-]+")
_KEY = re.compile(r"[A-Za-z][\w./-]*[-#]\d+")


@dataclass(frozen=True, slots=True)
class Link:
    """Items found to be the same work, and why."""

    refs: tuple[ItemRef, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Items whose claims are equally strong and cannot all be true: none is linked, beyond what already was."""

    refs: tuple[ItemRef, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Extra:
    """An item that claims a task which already has an item of its tracker."""

    ref: ItemRef
    claimed: ItemRef
    reason: str


@dataclass(frozen=True, slots=True)
class Links:
    """The outcome: every new link, and what could not be linked."""

    made: tuple[Link, ...] = ()
    ties: tuple[Tie, ...] = ()
    extras: tuple[Extra, ...] = ()
    unmatched: tuple[str, ...] = ()
    """Keys of explicit pairs that name no item, or several."""


@dataclass(frozen=True, slots=True)
class _Claim:
    rank: int
    by: ItemRef
    on: ItemRef
    reason: str


def link(
    items: Iterable[Item],
    stored: Mapping[ItemRef, str],
    addresses: Iterable[Address],
    explicit: Iterable[tuple[str, str]] = (),
    apart: Collection[frozenset[ItemRef]] = (),
) -> Links:
    """Find the links that the items' own texts and the configuration claim, beyond those already stored.

    Args:
        items: every present item of every tracker.
        stored: ref to the task it belongs to, for linked items.
        addresses: one per tracker.
        explicit: pairs of keys that the configuration links.
        apart: pairs that a person took apart: no evidence joins them again, but for the configuration's own word.
    """
    places = [Place(address) for address in addresses]
    present = list(items)
    by_key: dict[str, list[Item]] = defaultdict(list)
    for item in present:
        by_key[item.key.casefold()].append(item)
    pairs = tuple(explicit)
    named = _named(pairs, present, by_key)
    claims = _explicit(pairs, named)
    groups = _Groups(stored, set(apart) - {frozenset((claim.by, claim.on)) for claim in claims})
    if len(places) > 1:
        claims += _remote(present, places, groups)
        claims += [
            claim
            for item in present
            for place in places
            if place.tracker != item.ref.tracker and not groups.has(item.ref, place.tracker)
            for claim in _claim(item, place, by_key)
        ]
    unmatched = tuple(dict.fromkeys(key for pair in pairs for key in pair if key not in named))
    return replace(_settle(claims, groups), unmatched=unmatched)


def keys_in(text: str) -> list[str]:
    """The words of a text that look like an item's key (``SHOP-42``, ``acme/shop#17``), in order; some are none.

    Words first, then their form: bodies are long, and a pattern that looks for keys in running text tries every word
    from every letter.
    """
    likely = [word for word in text.split() if "-" in word or "#" in word]
    tokens = [token for word in likely for token in _TOKENS.findall(word)]
    words = [word for token in tokens for word in ((token,) if "#" in token else token.split("/"))]
    return [bare for word in words if _KEY.fullmatch(bare := word.strip("./-#"))]


def _claim(item: Item, place: Place, by_key: Mapping[str, list[Item]]) -> list[_Claim]:
    """The strongest claim an item's own text makes on an item of another tracker."""

    def known(key: str) -> Item | None:
        return next((other for other in by_key.get(key.casefold(), ()) if other.ref.tracker == place.tracker), None)

    if (leading := LEADING.match(item.title)) and (other := known(leading[1])):
        return [_Claim(TITLE, item.ref, other.ref, f'"{other.key}" leads the title of {item.key}')]
    for url in item.urls:
        if key := place.key(url):
            # The first URL decides. Where it names an item we do not see, weaker evidence would only be a guess.
            found = known(key)
            reason = f"the first {place.tracker} URL in {item.key} names {key}"
            return [_Claim(URL, item.ref, found.ref, reason)] if found else []
    bare = {other.ref: other for key in (*keys_in(item.title), *item.keys) if (other := known(key))}
    if len(bare) == 1:
        (other,) = bare.values()
        return [_Claim(BARE, item.ref, other.ref, f'"{other.key}" is the only {place.tracker} key in {item.key}')]
    return []


def _remote(items: Iterable[Item], places: Iterable[Place], groups: _Groups) -> list[_Claim]:
    """The claims of remote links: they name an item by its tracker's address and by its id, which no rename changes."""
    items = list(items)
    linked = [item for item in items if item.facts.get(LINKS)]
    by_ref = {item.ref: item for item in items} if linked else {}
    return [
        _Claim(REMOTE, item.ref, other.ref, f"a remote link of {item.key} names {other.key}")
        for item in linked
        for text in item.facts[LINKS]
        if (remote := RemoteLink.parse(text)) is not None
        for place in places
        if place.tracker != item.ref.tracker and not groups.has(item.ref, place.tracker) and place.at(remote.system)
        if (other := by_ref.get(ItemRef(place.tracker, remote.item))) is not None
    ]


def _named(
    pairs: Iterable[tuple[str, str]], items: Iterable[Item], by_key: Mapping[str, list[Item]]
) -> dict[str, list[Item]]:
    """The items that the keys of explicit pairs name; a repository's owner may be left out while no other is meant."""
    keys = {key for pair in pairs for key in pair}
    short: dict[str, list[Item]] = defaultdict(list)
    for item in items if keys else ():
        short[item.key.casefold().rpartition("/")[2]].append(item)
    found = {}
    for key in keys:
        exact, alike = by_key.get(key.casefold(), []), short.get(key.casefold(), [])
        if exact or len(alike) == 1:
            found[key] = exact or alike
    return found


def _explicit(pairs: Iterable[tuple[str, str]], named: Mapping[str, list[Item]]) -> list[_Claim]:
    return [
        _Claim(EXPLICIT, by.ref, on.ref, f"links: [{left}, {right}]")
        for left, right in pairs
        for one in named.get(left, ())
        for other in named.get(right, ())
        if one.ref.tracker != other.ref.tracker
        # Either side may turn out to be the extra one.
        for by, on in ((one, other), (other, one))
    ]


class _Groups:
    """Items joined so far: a group is the refs of one task. An item that is in none stands alone."""

    def __init__(self, stored: Mapping[ItemRef, str], apart: Collection[frozenset[ItemRef]]) -> None:
        self._apart = apart
        members: dict[str, set[ItemRef]] = defaultdict(set)
        for ref, task in stored.items():
            members[task].add(ref)
        self._of: dict[ItemRef, set[ItemRef]] = {ref: group for group in members.values() for ref in group}

    def of(self, ref: ItemRef) -> set[ItemRef]:
        group = self._of.get(ref)
        if group is None:
            group = self._of[ref] = {ref}
        return group

    def has(self, ref: ItemRef, tracker: str) -> bool:
        group = self._of.get(ref)
        return ref.tracker == tracker if group is None else any(member.tracker == tracker for member in group)

    def fits(self, refs: Iterable[ItemRef]) -> bool:
        """Whether these groups together hold at most one item per tracker, and no pair that was taken apart."""
        members = set().union(*(self.of(ref) for ref in refs))
        return len({member.tracker for member in members}) == len(members) and not any(
            pair <= members for pair in self._apart
        )

    def join(self, refs: Iterable[ItemRef]) -> tuple[ItemRef, ...]:
        members = set().union(*(self.of(ref) for ref in refs))
        for member in members:
            self._of[member] = members
        return tuple(sorted(members))


def _settle(claims: list[_Claim], groups: _Groups) -> Links:
    """Take the claims strength by strength; within one strength, what hangs together is joined whole or not at all."""
    made: list[Link] = []
    ties: list[Tie] = []
    extras: list[Extra] = []
    tied: set[ItemRef] = set()
    pairs = {(claim.by, claim.on) for claim in claims}
    # Two items that name each other are surer than one that names another.
    steps: dict[tuple[int, bool], list[_Claim]] = defaultdict(list)
    for claim in claims:
        steps[claim.rank, (claim.on, claim.by) not in pairs].append(claim)
    for _, step in sorted(steps.items()):
        open_claims = []
        for claim in step:
            if groups.has(claim.by, claim.on.tracker) or claim.by in tied:
                continue
            if len(groups.of(claim.on)) > 1 and groups.has(claim.on, claim.by.tracker):
                extras.append(Extra(claim.by, claim.on, claim.reason))
            elif claim.on not in tied and groups.fits((claim.by, claim.on)):
                open_claims.append(claim)
        for cluster in _clusters(open_claims, groups):
            refs = {ref for claim in cluster for ref in (claim.by, claim.on)}
            if groups.fits(refs):
                made.append(Link(groups.join(refs), cluster[0].reason))
            else:
                tied.update(refs)
                members = tuple(sorted(set().union(*(groups.of(ref) for ref in refs))))
                ties.append(Tie(members, "; ".join(dict.fromkeys(claim.reason for claim in cluster))))
    return Links(tuple(made), tuple(ties), tuple(extras))


def _clusters(claims: list[_Claim], groups: _Groups) -> list[list[_Claim]]:
    """Claims that hang together through the groups they touch (union-find over group identity)."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for claim in claims:
        parent[root(id(groups.of(claim.by)))] = root(id(groups.of(claim.on)))
    clusters: dict[int, list[_Claim]] = defaultdict(list)
    for claim in claims:
        clusters[root(id(groups.of(claim.by)))].append(claim)
    return list(clusters.values())
