"""What a connector may do besides: each protocol is kept by those trackers that can."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from trackersync.connector.asked import Delivery, Discovery, Scope
from trackersync.connector.surveyed import Container, Survey
from trackersync.core.examination import Check
from trackersync.core.model import Candidate, Event, Facts, Item, ItemRef, Named, Workflow


@runtime_checkable
class Listener(Protocol):
    """A tracker that sends webhooks."""

    def verify(self, delivery: Delivery) -> None:
        """Check the signature over the raw body; needs nothing but the delivery.

        Raises:
            BadSignatureError: it is unsigned or badly signed; the sentence holds neither signature nor secret.
        """

    def delivery_id(self, delivery: Delivery) -> str:
        """The delivery's own id, the same each time it is sent again; empty where it bears none.

        Read before the signature is believed, and from the headers alone.
        """

    def scope_of(self, delivery: Delivery) -> Scope:
        """After it is safely stored: the items to look at again; ``These(())`` where it concerns none of ours.

        Asks the tracker nothing. A delivery is a hint: it never says how an item looks, only that one may have changed.

        Raises:
            BadDeliveryError: it is not what the tracker sends; the sentence holds nothing of what it says.
        """


@runtime_checkable
class Heeding(Protocol):
    """A listener whose ``scope_of`` reads headers besides those that GitHub's and Jira's deliveries are told by.

    A delivery waits in the store until it is read; only headers that say what it is are kept, so that no secret is.
    """

    heeded: Collection[str]
    """Names of headers, in lower case; none that holds a signature or a secret."""


@runtime_checkable
class Routed(Protocol):
    """A tracker whose items move along a workflow."""

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        """The transitions that leave the item's status as we may make them now, and as many more as are shown.

        What is answered is remembered for all items that are alike in ``Vocabulary.workflows``, so that a graph that
        the tracker never shows whole gets known by and by; core finds the path.

        Args:
            item: as observed.
            needs: what transitions seen before are known to need: ``Workflow.held`` says what of it the item holds.

        Raises:
            NotFoundError: it is gone or hidden.
        """


@runtime_checkable
class Naming(Protocol):
    """A tracker whose values have ids, so that they may be configured by them, and renamed."""

    async def names(self) -> tuple[Named, ...]:
        """Every value of a fact that has an id, as it is called now."""


@runtime_checkable
class Discovering(Protocol):
    """A tracker whose containers may be named by patterns, or renamed."""

    async def discover(self) -> Discovery:
        """The containers there are now.

        Raises:
            AuthError, UnavailableError: they cannot be listed, so nothing is known of any.
        """


@runtime_checkable
class Historian(Protocol):
    """A tracker that tells who changed what, and when."""

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        """Every change of the facts a stage or an owner can live in, oldest first.

        Raises:
            NotFoundError: the item is gone or hidden.
            RejectedError: it may not be asked by us: not asked again until the item has changed.
            AuthError, UnavailableError: it cannot be asked now.
        """


@runtime_checkable
class Chronicler(Historian, Protocol):
    """A historian that tells of many items with fewer requests than of each by itself."""

    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        """By item, what ``history`` tells; an item that is left out is to be asked for by itself, and says why then.

        Raises:
            AuthError, UnavailableError: it cannot be asked now.
        """


@runtime_checkable
class Advising(Protocol):
    """A tracker that knows who could own an item that nobody owns."""

    async def candidates(self, items: Sequence[Item]) -> Mapping[ItemRef, tuple[Candidate, ...]]:
        """By item, who could own it, the likeliest first; an item of which nothing is known may be absent.

        Raises:
            AuthError, UnavailableError: it cannot be asked now.
        """


@runtime_checkable
class Offering(Protocol):
    """A tracker that tells what its credential shows, before anybody has said what to look at."""

    async def offered(self) -> tuple[Container, ...]:
        """Every repository or project that the credential shows, those first in which something happened lately.

        Asked of a connector whose settings name ``Plugin.example`` in place of repositories or projects.

        Raises:
            AuthError, UnavailableError: they cannot be listed.
        """


@runtime_checkable
class Surveying(Protocol):
    """A tracker that tells what stages could be told by, so that a mapping can be proposed."""

    async def survey(self) -> Survey:
        """Every value in which a stage may live in the configured repositories or projects, and their boards.

        What may not be seen is left out, with a remark.

        Raises:
            NotFoundError: a configured repository or project does not exist or is hidden.
            AuthError, UnavailableError: it cannot be asked.
        """


@runtime_checkable
class Examining(Protocol):
    """A tracker that tells how well it is set up for us, so that trouble is seen before it comes."""

    def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        """Who we are, when the credential ends, what we may and need not do, whether what is named exists, webhooks.

        Reads only. What cannot be asked is a check that says so, and never an error of the whole. Every check comes as
        soon as it is made, so that what is known is told when the rest is not waited for any longer.

        Args:
            named: by fact, the values that the configuration names: its statuses, labels, columns.
            shown: by fact, the values that issues were seen to show: they exist, whatever the tracker lists.

        Raises:
            AuthError: the tracker does not know us.
            UnavailableError: it did not answer.
        """
