"""Bugs to plant: each is a mistake that a program like this makes easily, and made here or elsewhere.

None is made by changing our own code: a bug is another store, another connector, or other terms, put where the session
takes them. Each docstring says who makes the mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from trackersync.connector import (
    Account,
    Facts,
)
from trackersync.core.people import Directory
from trackersync.core.reading import Reading
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.testing import Trouble

from .history import Planted
from .planted_connectors import (
    Blind,
    BlindRetry,
    CursorRunsAhead,
    EchoByName,
    FirstHopAsDone,
    Greedy,
    HalfAsDone,
    Insistent,
    OneOwner,
    PartsForgotten,
    TakenAsDone,
    TransferIsDeletion,
)
from .planted_stores import (
    ForgetsRefusals,
    HastyBase,
    HopsForgotten,
    NeverArrived,
    NeverNarrowed,
    NoIntent,
    NotWidened,
    NoWindow,
    OwnClock,
    ShortIsDeleted,
    StaleWins,
    Trusting,
)
from .weather import Mood


class _Instead:
    """Something in place of another, which answers whatever is not said below."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class StrangersAreNobody(_Instead):
    """Whoever maps accounts to people and drops those that are not on the list."""

    def name(self, tracker: str, account: str) -> str:
        return cast(Directory, self._inner).name(tracker, account) or ""

    def meeting(self, accounts: Iterable[Account], trackers: Iterable[str]) -> StrangersAreNobody:
        return StrangersAreNobody(cast(Directory, self._inner).meeting(accounts, trackers))


class AssumedIsStated(_Instead):
    """Whoever takes an issue without a label for one in the first column."""

    def read(self, facts: Facts) -> Reading:
        reading = cast(StageMap, self._inner).read(facts)
        return replace(reading, kind="stated") if reading.kind == "assumed" else reading


def _clears_strangers(terms: Terms) -> Terms:
    return replace(terms, people=cast(Directory, StrangersAreNobody(terms.people)))


def _assumes(terms: Terms) -> Terms:
    return replace(terms, maps={name: cast(StageMap, AssumedIsStated(one)) for name, one in terms.maps.items()})


def _roomy(terms: Terms) -> Terms:
    """Whoever takes an assignee for all the owners there are."""
    most = max(terms.capacities.values(), key=lambda capacity: capacity.most)
    return replace(terms, capacities=dict.fromkeys(terms.capacities, most))


SUNNY = Mood({}, 0.0, edits=2, bursts=(4, 7), focus=1.0, steady=True)
"""People work on one task, and nothing fails."""
LOSSY = replace(
    SUNNY,
    rates={
        ("apply", Trouble.LOST_ANSWER): 0.2,
        ("apply", Trouble.HALF_DONE): 0.3,
        ("apply", Trouble.CRASH_HALF): 0.1,
    },
    edits=1,
    alone=True,
)
"""One person at one item; every other write is lost or left half done."""
LATE = replace(SUNNY, rates={("observe", Trouble.LAGGING): 0.3, ("page", Trouble.OVERTAKEN): 0.4}, edits=1)
"""Listings show things as they were."""
BROKEN = replace(SUNNY, rates={("page", Trouble.LOST_REQUEST): 0.3, ("page", Trouble.CRASH_AFTER): 0.1}, focus=0.3)
"""Listings break off."""
THIN = replace(SUNNY, rates={("observe", Trouble.SHORT): 0.6}, steady=False)
"""Listings leave items out."""
STUBBORN = replace(SUNNY, alone=True, spells=0.3, ways=("stubborn",))
"""One person at one item; workflows refuse hops that they show."""
BUGS: Mapping[str, Planted] = {
    "no intent before a write": Planted(store=NoIntent),
    "a lost answer taken as done": Planted(far=TakenAsDone),
    "a lost answer taken as not done, and nobody looks": Planted(store=NeverArrived, mood=LOSSY),
    "a POST repeated blindly": Planted(far=BlindRetry),
    "written without comparing": Planted(near=Blind),
    "base not widened before a write": Planted(store=NotWidened, mood=LOSSY),
    "base widened by all but the hops": Planted(store=HopsForgotten, mood=LOSSY, winding=True),
    "base not narrowed after a write": Planted(store=NeverNarrowed),
    "base follows every page": Planted(store=HastyBase),
    "all labels set, not only ours": Planted(near=Greedy),
    "a label twice": Planted(near=Insistent),
    "an owner whom nobody knows is cleared": Planted(terms=_clears_strangers, mood=SUNNY),
    "a second owner deleted": Planted(near=OneOwner),
    "one assignee taken for all owners": Planted(terms=_roomy),
    "an echo told by the account's name": Planted(near=EchoByName),
    "half a write taken as done": Planted(far=HalfAsDone),
    "the first hop taken as done": Planted(near=FirstHopAsDone, winding=True),
    "half a refusal taken as none": Planted(far=PartsForgotten, mood=STUBBORN, winding=True),
    "a tracker that shows nothing is believed": Planted(store=Trusting),
    "a short page taken for deletion": Planted(store=ShortIsDeleted, mood=THIN),
    "a transfer taken for deletion": Planted(near=TransferIsDeletion),
    "a late page over what was read back": Planted(store=StaleWins, mood=LATE),
    "the machine's clock over the tracker's": Planted(store=OwnClock),
    "the cursor runs ahead": Planted(near=CursorRunsAhead, mood=BROKEN),
    "an assumed stage wins": Planted(terms=_assumes, mood=SUNNY),
    "a refused change planned for ever": Planted(store=ForgetsRefusals),
    "limits without a window": Planted(store=NoWindow),
}
"""Every bug by name."""
