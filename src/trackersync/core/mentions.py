"""By which words items name others, and are named: so that whom an item may be linked with is found by an index.

Every claim that ``link`` can make is a word here. A word may be here that claims nothing: it costs a look, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from trackersync.core.address import Address, Place
from trackersync.core.link import LEADING, keys_in
from trackersync.core.model import LINKS, Item, ItemRef
from trackersync.core.remote import RemoteLink

LONGEST = 255
"""Characters of a word at most: no tracker's key is longer, and a database's index holds no text of any length."""


@dataclass(frozen=True, slots=True)
class Mentioning:
    """How the words of an item are told.

    Attributes:
        words: of an item, all by which it may name an item of another tracker.
        digest: of what the words depend on besides the item; words of different digests do not go together.
    """

    words: Callable[[Item], frozenset[str]]
    digest: str

    @classmethod
    def by(cls, addresses: Iterable[Address]) -> Mentioning:
        """As the trackers' addresses and the forms of their URLs tell it."""
        addresses = tuple(addresses)
        places = tuple(map(Place, addresses))
        forms = [(one.tracker, one.bases, [(f.pattern, f.key) for f in one.vocabulary.url_forms]) for one in addresses]
        return cls(lambda item: words(item, places), sha256(repr((_FORM, forms)).encode()).hexdigest())


def words(item: Item, places: Iterable[Place]) -> frozenset[str]:
    """Every word by which ``link`` could make an item claim another: keys in small letters, and ids."""
    found = {*item.keys, *keys_in(item.title)}
    if leading := LEADING.match(item.title):
        found.add(leading[1])
    remote = [link for text in item.facts.get(LINKS, ()) if (link := RemoteLink.parse(text)) is not None]
    ids = set()
    for place in places:
        if place.tracker != item.ref.tracker:
            found |= {key for url in item.urls if (key := place.key(url))}
            ids |= {id_word(ItemRef(place.tracker, link.item)) for link in remote if place.at(link.system)}
    return frozenset(word for word in {*(key.casefold() for key in found), *ids} if len(word) <= LONGEST)


def id_word(ref: ItemRef) -> str:
    """The word that names an item by its id; no key has a blank in it."""
    return f"{ref.tracker} {ref.id}"


_FORM = 1
"""Counts up whenever ``words`` tells other words of the same item."""
