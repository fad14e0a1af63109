"""What a connector is asked for, and what it answers: scopes in, pages out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from trackersync.core.model import Absence, Account, Item, ItemRef, Named
from trackersync.errors import TrackersyncError


@dataclass(frozen=True, slots=True)
class Lately:
    """Everything in each container from its cursor on; a container without a cursor is read whole.

    Attributes:
        cursors: container to the last cursor a committed page of it carried.
        only: look at these containers and no other; empty for all. What a webhook says where it names no item, before
            the cursors are known.
    """

    cursors: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()

    def wanted(self, containers: Iterable[str]) -> tuple[str, ...]:
        """Those of some containers that are to be looked at, in their order."""
        return tuple(name for name in containers if not self.only or name in self.only)


@dataclass(frozen=True, slots=True)
class These:
    """Just these items, by id."""

    refs: tuple[ItemRef, ...]


Scope = Lately | These


@dataclass(frozen=True, slots=True)
class Page:
    """Some items as observed, and how far the read of one container has come.

    Attributes:
        items: in no promised order; the same item may come twice, the later one is the truer.
        accounts: the people seen on them.
        container: the repository or project this page is of; empty for ``These``.
        cursor: what ``Lately`` needs to go on after this page; None where there is none to give yet.
        complete: this container has now been read to its end.
        missing: refs that were asked for and are not there.
        moved: refs that were asked for and go on under another ref, which is among ``items``: at GitHub an issue that
            was transferred to another configured repository. Links, bases and journal follow.
        expected: how many items the container is thought to hold, for the progress bar; None where unknown.
        named: ids of values seen on the items, and what they are called now.
    """

    items: tuple[Item, ...]
    accounts: tuple[Account, ...] = ()
    container: str = ""
    cursor: str | None = None
    complete: bool = False
    missing: Mapping[ItemRef, Absence] = field(default_factory=dict)
    moved: Mapping[ItemRef, ItemRef] = field(default_factory=dict)
    expected: int | None = None
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """Who we are, what we may do, what is missing and how to get it.

    Attributes:
        account: the name the tracker knows us by.
        containers: the configured repositories or projects that can be read.
        missing: sentences, each naming a missing right or container and its remedy.
        id: the account as histories and owners name it; empty where that is ``account``.
    """

    account: str
    containers: tuple[str, ...]
    missing: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The containers there are, where the configuration gives patterns and not names.

    Attributes:
        names: those to be looked at, each as it is called now.
        aside: those that are deliberately not: excluded, archived, or no more configured. What was read there goes out
            of scope; any other that is suddenly not found is an alarm.
        trouble: why not all could be listed; its ``containers`` are the patterns whose containers are not known now.
    """

    names: tuple[str, ...]
    aside: Container[str] = frozenset()
    trouble: TrackersyncError | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery as received: raw body and headers (names in lower case)."""

    headers: Mapping[str, str]
    body: bytes
