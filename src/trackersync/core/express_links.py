"""The links by which a task's items show each other: what a tracker's item is to carry, and what is to be taken off.

Links follow no direction and no authority: they say what is one task, and nobody else says it otherwise. A link that
somebody took off is not put back; one that the item shows and that leads to no item we see is left where it is, since
absence is not deletion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from trackersync.core.address import Address, same_address
from trackersync.core.expect import fold
from trackersync.core.link import Links
from trackersync.core.model import LINKS, Change, Facts, Item, ItemRef, LeftAlone
from trackersync.core.plan import Plan, Refused, attempt, ordered
from trackersync.core.remote import LONGEST, RemoteLink
from trackersync.core.rest import Rests
from trackersync.core.terms import Bases, Task, Terms


@dataclass(frozen=True, slots=True)
class Linking:
    """What must be known to say which links an item is to carry.

    Attributes:
        terms: the configuration's decisions.
        addresses: where each tracker is found, the canonical address first.
        tasks: every task there is.
        links: what was linked just now, and what could not be.
        complete: every tracker has been read to its end once, so that what is not linked is known not to be.
        bases: what was written before.
        refused: changes that a tracker refused before.
        rests: what people, trackers and quarrels want left alone.
    """

    terms: Terms
    addresses: Collection[Address]
    tasks: tuple[Task, ...]
    links: Links
    complete: bool
    bases: Bases
    refused: Refused
    rests: Rests

    @property
    def present(self) -> frozenset[ItemRef]:
        """The items that are known to be there, and to belong where they are."""
        if not self.complete:
            return frozenset()
        return frozenset(item.ref for task in self.tasks for item in task.items)

    @property
    def contested(self) -> frozenset[ItemRef]:
        """The items whose links contradict each other: a person settles it, so they lose none."""
        ties = (ref for tie in self.links.ties for ref in tie.refs)
        return frozenset((*ties, *(extra.ref for extra in self.links.extras)))

    def place(self, system: str) -> Address | None:
        """The tracker that is found at an address."""
        return next((one for one in self.addresses if any(same_address(system, base) for base in one.bases)), None)


def with_links(plan: Plan, tasks: Iterable[Task], linking: Linking) -> Plan:
    """A plan with the links of these tasks' items, in the trackers whose ``writes`` names them."""
    trackers = {name for name, fields in linking.terms.writes.items() if LINKS in fields}
    if not trackers:
        return plan
    present, contested = linking.present, linking.contested
    made = [
        one
        for task in tasks
        for item in task.items
        if item.ref.tracker in trackers
        for one in _expressed(task, item, linking, frozenset() if item.ref in contested else present)
    ]
    changes = [one for one in made if isinstance(one, Change)]
    left = [one for one in made if isinstance(one, LeftAlone)]
    return replace(plan, changes=ordered([*plan.changes, *changes]), left_alone=ordered([*plan.left_alone, *left]))


def _expressed(task: Task, item: Item, linking: Linking, present: Collection[ItemRef]) -> Iterator[Change | LeftAlone]:
    """The change that makes an item carry its task's links, and what is not written and why."""
    shown = item.facts.get(LINKS, ())
    wanted, untold = _wanted(task, item, linking)
    yield from (LeftAlone(task.id, item.ref, item.key, LINKS, because) for because in untold)
    kept = [text for text in shown if _stays(text, task, linking, present)]
    after = tuple(dict.fromkeys((*kept, *(link.text for link in wanted))))
    if fold(after) == fold(shown):
        return
    change = Change(
        ref=item.ref,
        key=item.key,
        field=LINKS,
        fact=LINKS,
        before={LINKS: shown},
        after={LINKS: after},
        because=_because(task, item, shown, after),
        ours={LINKS: tuple(dict.fromkeys((*shown, *after)))},
    )
    known, words = linking.refused.get((item.ref, LINKS), ("", ""))
    why = (
        linking.rests.task(task, linking.terms)
        or linking.rests.field(task, LINKS, linking.terms)
        or linking.rests.write(item, LINKS)
        or (f"refused before: {words}" if known == attempt(change, item, linking.terms) else None)
    )
    yield change if why is None else LeftAlone(task.id, item.ref, item.key, LINKS, why)


def _wanted(task: Task, item: Item, linking: Linking) -> tuple[list[RemoteLink], list[str]]:
    """The links to the task's other items, and why some are not put there."""
    bases = {address.tracker: address.bases[0] for address in linking.addresses if address.bases}
    written = linking.bases.get((item.ref, LINKS), ())
    here = _names(item.facts.get(LINKS, ()))
    found, untold = [], []
    for other in task.items:
        if other.ref == item.ref or other.ref.tracker not in bases:
            continue
        link = RemoteLink.to(bases[other.ref.tracker], other.ref.id, other.url, other.key)
        if len(link.global_id) > LONGEST:
            untold.append(f"the name of its link to {other.key} would be longer than {LONGEST} characters")
        elif link.global_id not in here and written and all(link.global_id in _of(native) for native in written):
            untold.append(f"somebody took its link to {other.key} off")
        else:
            found.append(link)
    return found, untold


def _stays(text: str, task: Task, linking: Linking, present: Collection[ItemRef]) -> bool:
    """Whether a link that an item shows is none to take off: it leads to nothing that we know to be elsewhere."""
    link = RemoteLink.parse(text)
    place = linking.place(link.system) if link is not None else None
    if link is None or place is None:
        return True
    if any(other.ref.tracker == place.tracker for other in task.items):
        # A task has one item in a tracker, whose link is wanted as it is now.
        return False
    return ItemRef(place.tracker, link.item) not in present


def _because(task: Task, item: Item, shown: tuple[str, ...], after: tuple[str, ...]) -> str:
    others = " and ".join(other.key for other in task.items if other.ref != item.ref)
    if not _names(after) - _names(shown) and _names(shown) - _names(after):
        return f"unlinked: {item.key} and what it links to are not one task"
    if _names(after) == _names(shown):
        return f"linked: {others} is called or found otherwise now"
    return f"linked: {item.key} and {others} are one task"


def _of(native: Facts) -> frozenset[str]:
    return _names(native.get(LINKS, ()))


def _names(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(link.global_id for text in texts if (link := RemoteLink.parse(text)) is not None)
