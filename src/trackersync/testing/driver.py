"""What a connector's test supplies to ``ConnectorContract``: a tracker to be worked on from outside the connector.

The driver is the people of that tracker and the weather between us and it. It works on a stand-in, a double or a real
tracker with throw-away items; the contract never asks how.
"""

from __future__ import annotations

from typing import Protocol

from trackersync.connector import Connector, Facts, ItemRef


class TrackerDriver(Protocol):
    """One tracker, empty at first, in which the contract does what people do and makes go wrong what can.

    Every test gets a fresh one. It closes the connectors it made, and what they were given, when its fixture ends.
    """

    @property
    def account(self) -> str:
        """The name by which ``probe`` must say who we are."""

    @property
    def person(self) -> str:
        """The account under which ``edit`` does what it does, as a history names it."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which the credential leaves: the token, and whatever encoding of it is sent."""

    @property
    def stages(self) -> tuple[Facts, ...]:
        """Three or more states a stage can be in, each with all facts it fixes, the first for new items.

        Each but the first can be reached from the first by one change. Of shared facts only values that are ours.
        """

    @property
    def path(self) -> tuple[Facts, ...]:
        """States that lead one to the next, three or more, each of them a single hop from the one before only.

        Empty where the connector walks no paths, and refuses a change that has one.
        """

    @property
    def write_requests(self) -> int:
        """How many requests that change something it takes from ``stages[0]`` to ``stages[1]``."""

    @property
    def owners(self) -> tuple[str, ...]:
        """Two accounts that may own an item; empty where the tracker knows no owners."""

    @property
    def stranger(self) -> str:
        """An account that may not own an item, best one whose id begins that of another; empty where anybody may."""

    @property
    def foreign(self) -> Facts:
        """Values that are nobody's business but the tracker's people's, to be found as they were: ``labels: bug``."""

    @property
    def ghost(self) -> ItemRef:
        """A ref of the right form under which nothing ever was."""

    @property
    def bulk(self) -> int:
        """How many items it takes to make a whole read three pages long or longer."""

    def connector(self) -> Connector:
        """A new connector to this tracker, which has nothing in common with the others but the tracker."""

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        """Make an item, as a person; ten seconds or more after whatever happened last."""

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        """Give facts other values, whole, as a person; ten seconds or more after whatever happened last."""

    def delete(self, ref: ItemRef) -> None:
        """Delete an item, as a person."""

    def written(self) -> int:
        """How many requests of ours so far could have changed something."""

    # Trouble. Each lasts for the one request it names, or where it says so until ``mend``.

    def fail_next(self, *, skip: int = 0) -> None:
        """Break the connection before the next request that writes is done, after letting ``skip`` of them pass."""

    def lose_next_answer(self) -> None:
        """Let the next request that writes be done, and its answer be lost."""

    def ignore_next(self) -> None:
        """Let the tracker say yes to the next request that writes, and do nothing."""

    def refuse_next(self, *, skip: int = 0) -> None:
        """Let the tracker forbid the next request that writes, after letting ``skip`` of them pass.

        Best in words that repeat the credential.
        """

    def break_listing(self, after_pages: int) -> None:
        """Until ``mend``: listings show that many pages more, then no usable answer, however often it is asked."""

    def revoke(self, *, skip: int = 0) -> None:
        """Until ``mend``: refuse the credential, for all requests, or with ``skip`` for writes after that many of them.

        Best in words that repeat it, as a proxy's error page does.
        """

    def mend(self) -> None:
        """Take back all trouble that is left."""
